"""Verdicts on eligibility over invented policies: what decides stands in lists, waivers, annexes, other articles."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from functools import cache

import pytest
import rag_index
import verdict_cases
import verdict_cases_kept

from index.models import Clause, SourceSpan
from index.parse import parse
from index.read import read_file
from rag.answer import Answer, AnswerEngine
from rag.conditions import asks_together, missed_requirement, ruling, together, what_follows
from rag.conditions.fits import agrees
from rag.conditions.judge import judged
from rag.conditions.known import known_of
from rag.conditions.model import Truth
from rag.conditions.requirements import sentence_conditions
from rag.understand import Question, understand

TODAY = date(2026, 6, 1)
POLICIES = {**verdict_cases.POLICIES, **verdict_cases_kept.POLICIES}
CASES = (*verdict_cases.CASES, *verdict_cases_kept.CASES)
WRONG, RIGHT = 4, 40
"""Most verdicts that may be wrong, and fewest that must be right, of 72."""
_YES = re.compile(r"^(?:可以|够|算|符合|不影响)[。,，]")
_NO = re.compile(r"^(?:不能|不够|不算|不符合|不收回)[。,，]")


@pytest.fixture(scope="module")
def clauses(tmp_path_factory):
    """The clauses of a policy by its name."""
    folder = tmp_path_factory.mktemp("verdicts")

    @cache
    def parsed(name: str) -> tuple[Clause, ...]:
        path = folder / f"{name}.md"
        path.write_text(POLICIES[name], encoding="utf-8")
        return tuple(parse(read_file(path)).clauses)

    return parsed


def asked(text: str) -> Question:
    return understand(text, today=TODAY)


@pytest.mark.parametrize(
    ("policy", "question", "frees", "words"),
    [
        ("青年", "我是事业编的,沐江青年生活补贴能领不", False, "机关事业单位在编人员"),
        ("青年", "社保中间断了5个月,沐江青年补贴还受理吗", False, "社会保险断缴超过3个月的"),
        ("文创", "我们是个体户,雁池的文创房租补贴能申不", False, "仅可申报展会补贴"),
        ("机器人", "外协加工是找自己子公司做的,这笔支出算不算", False, "与关联方之间发生的采购、外协支出"),
        ("机器人", "今年3月刚成立,去年报表都没有,还能申请不", True, "不受第1、2项限制"),
        ("文创", "注册才8个月,营收只有90万,房租补贴可以报吗", True, "不作营业收入要求"),
        ("出口", "企业去年亏了,信保补助还给吗", True, "年度亏损不影响"),
        ("灯塔", "还没进铜陂灯塔工厂培育库,能直接申请灯塔工厂吗", False, "须先列入市灯塔工厂培育库"),
    ],
)
def test_the_sentence_that_shuts_out_or_frees_is_found_in_lists_and_under_headings(
    clauses, policy, question, frees, words
):
    said = asked(question)
    paths = [one.path for one in clauses(policy) if words in one.text]
    found = ruling(said.text, clauses(policy), "p", (), likely=paths, situation=said.situation)
    assert found is not None
    assert found.frees is frees
    assert any(words in quote.clause.text for quote in found.quotes)


@pytest.mark.parametrize(
    ("policy", "question"),
    [
        ("青年", "社保中间断了2个月,沐江青年补贴还受理吗"),
        ("文创", "我们是个体户,雁池的展会补贴能申不"),
        ("文创", "注册三年了,营收只有90万,房租补贴可以报吗"),
        ("灯塔", "已经进了铜陂灯塔工厂培育库,能申请灯塔工厂吗"),
    ],
)
def test_whoever_is_not_meant_is_neither_shut_out_nor_freed(clauses, policy, question):
    said = asked(question)
    assert ruling(said.text, clauses(policy), "p", (), situation=said.situation) is None


@pytest.mark.parametrize(
    ("requirement", "question", "truth"),
    [
        ("研发人员占职工总数的比例不低于30%。", "80个人里研发20个,能申请吗", Truth.FAILS),
        ("研发人员占职工总数的比例不低于30%。", "职工80人,研发人员28人,能申请吗", Truth.MEETS),
        ("年度出口额比上年增长15%以上。", "去年出口800万美元今年做到880万,有份吗", Truth.FAILS),
        ("申报单位成立满一年。", "今年4月才成立,可以申请吗", Truth.FAILS),
        ("发明专利不少于1件,或者其他知识产权不少于3件。", "没有发明专利,软件著作权有4件,够吗", Truth.MEETS),
        ("净利润不低于1000万元,或者列入国家级名录。", "净利润700万,够不够", Truth.UNKNOWN),
        ("纳税不低于1000万元,其中金融业不低于3000万元,农业不低于300万元。", "是金融公司,纳税1800万,够吗", Truth.FAILS),
    ],
)
def test_shares_growth_age_and_alternatives_follow_from_what_is_said(requirement, question, truth):
    said = asked(question)
    conditions = sentence_conditions(requirement, _clause(requirement))
    known = known_of(conditions, said.situation, said.text)
    truths = {finding.truth for _, finding in judged(conditions, known) if finding.applies}
    assert (Truth.FAILS if Truth.FAILS in truths else max(truths, key=lambda one: one is Truth.UNKNOWN)) is truth


def test_a_bound_that_no_figure_can_be_held_against_is_left_open():
    said = asked("社保断过,还能领吗")
    assert agrees("社会保险断缴超过3个月", said.situation, said.text) is None


def test_a_requirement_of_everybody_is_held_against_the_figures_wherever_it_stands(clauses):
    found = missed_requirement(asked("我家民宿有18间房,苇溪的民宿扶持能享受吗"), clauses("民宿"), "p")
    assert found is not None
    assert found.truth is Truth.FAILS
    assert "客房数量不超过14间" in found.verdict.quotes[0].text


@pytest.mark.parametrize(
    ("policy", "question", "allowed"),
    [
        ("出口", "桑港的展位补贴和海外仓补助我们想都拿,可以吗", True),
        ("灯塔", "链主和灯塔工厂都评上了,铜陂两份奖金能都要吗", False),
        ("民宿", "闲置农房盘活的补助领了,苇溪民宿改造补助还能再领吗", False),
    ],
)
def test_two_grants_at_once_are_decided_by_the_sentence_that_names_both(clauses, policy, question, allowed):
    text = asked(question).text
    title = POLICIES[policy].splitlines()[0].removeprefix("# ")
    assert asks_together(text)
    found = together(text, clauses(policy), "p", place=title)
    assert found is not None
    assert found.allowed is allowed


def test_what_becomes_of_a_grant_is_told_from_the_case_that_is_named(clauses):
    text = asked("拿了澄湖机器人的钱第三年想把公司搬去外地,会怎样").text
    found = what_follows(text, clauses("机器人"), "p")
    assert found is not None
    assert "全额退回" in found.quote.text
    assert what_follows(asked("今年评上了专精特新会怎样").text, clauses("机器人"), "p") is None


def test_a_short_lead_of_a_list_keeps_its_words(clauses):
    assert "下列支出不予支持：" in [one.text for one in clauses("机器人")]


def test_a_rule_on_who_alone_may_apply_is_no_heading(tmp_path):
    path = tmp_path / "listing.md"
    path.write_text(
        "# 临江市上市奖励办法\n\n1.1 完成股改。完成股改的，奖励50万元。\n\n"
        "1.2 只有入库企业才能申请1.1的奖励。子公司上市的，参照执行。\n",
        encoding="utf-8",
    )
    found = {one.path: one.heading for one in parse(read_file(path)).clauses}
    assert found["1.2"] is None


def _clause(text: str) -> Clause:
    return Clause("1", "第一条", None, text, text, SourceSpan(0, len(text), None))


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over(POLICIES, tmp_path_factory.mktemp("policies"))


def verdict(answer: Answer) -> str:
    text = re.sub(r"\\?\[\d+\\?\]", "", answer.text).strip()
    return "yes" if _YES.match(text) else "no" if _NO.match(text) else "open"


def test_verdicts_are_right_or_open_and_almost_never_wrong(engine):
    counted: Counter[str] = Counter()
    wrong = []
    for _, question, wanted, words in CASES:
        answer = engine.answer(question, (), TODAY)
        said = verdict(answer)
        cited = any(words in citation.quote.replace("\n", "") for citation in answer.citations)
        right = cited and said == (wanted if wanted in ("yes", "no") else "open")
        counted["right" if right else "open" if said == "open" or wanted == "told" else "other"] += 1
        if said != "open" and said != wanted:
            wrong.append(question)
    assert len(wrong) <= WRONG, wrong
    assert counted["right"] >= RIGHT, counted
