"""Conditions of benefits in three values: what is read from a clause, and what a situation says of it."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from condition_pairs import OWN, PAIRS, QUALITY, Pair, amount, count, has, said, share
from condition_pairs_third import PAIRS_3, THIRD
from condition_pairs_unseen import TEXT, UNSEEN
from hypothesis import given
from hypothesis import strategies as st

from index.models import Benefit, Clause, Edition, SourceSpan
from index.parse import parse
from index.quantities import Kind, format_amount
from index.read import read_file
from rag.benefit_at import BenefitAt
from rag.conditions import (
    Condition,
    ConditionKind,
    Finding,
    Truth,
    conditions_of,
    eligibility,
    eligibility_from_sentence,
    general_clauses,
    judge_condition,
    overall,
    requirement_sheet,
    ruling,
)
from rag.conditions.metrics import metric_of
from rag.conditions.names import Likeness, compare, polarity
from rag.references import References
from rag.sentences import split_sentences
from rag.situation import Measure, Situation
from rag.understand import Question
from rag.verify import unsupported_figures

ROOT = Path(__file__).resolve().parents[1]
ALL = (*PAIRS, *UNSEEN, *PAIRS_3)


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """Parsed editions by source: a file, or one of the texts made up for the labels."""
    folder = tmp_path_factory.mktemp("clauses")

    @cache
    def parsed(source: str) -> Edition:
        made = {"own": OWN, "x": TEXT, "y": THIRD}.get(source)
        path = ROOT / source if source.startswith("corpus") else ROOT / "tests" / source
        if made is not None:
            path = folder / f"{source}.txt"
            path.write_text(made, encoding="utf-8")
        return parse(read_file(path))

    return parsed


def clauses_of(found: Edition) -> dict[str, Clause]:
    by_path: dict[str, Clause] = {}
    for clause in found.clauses:
        by_path.setdefault(clause.path, clause)
    return by_path


def read(found: Edition, path: str, words: str) -> tuple[Condition, ...]:
    benefit = next(b for b in found.benefits if b.path == path and words in b.beneficiary)
    return conditions_of(benefit, clauses_of(found)[path], also=general_clauses(benefit, found.clauses))


def asked(text: str, situation: Situation) -> Question:
    return Question(text, text, frozenset(), (), References(), situation=situation)


def at(found: Edition, path: str, *, words: str = "") -> list[BenefitAt]:
    by_path = clauses_of(found)
    return [
        BenefitAt("p", by_path[path], b)
        for b in found.benefits
        if b.path == path and words in f"{b.beneficiary}{b.quote}"
    ]


@pytest.mark.parametrize("pair", ALL, ids=lambda pair: f"{pair.source.split('/')[-1]}-{pair.path}-{pair.words}")
def test_a_labelled_pair_has_its_truth(edition, pair: Pair) -> None:
    conditions = read(edition(pair.source), pair.path, pair.words)
    findings = [judge_condition(condition, pair.situation) for condition in conditions]
    assert overall(findings) is pair.truth, [
        (c.name, f.truth, f.reason) for c, f in zip(conditions, findings, strict=True)
    ]


def test_there_are_labels_of_each_value_in_number() -> None:
    truths = [pair.truth for pair in ALL]
    assert len(truths) >= 60
    assert min(truths.count(truth) for truth in Truth) >= 20


def test_every_condition_quotes_its_clause_unbroken(edition) -> None:
    for source in dict.fromkeys(pair.source for pair in ALL):
        found = edition(source)
        by_path = clauses_of(found)
        for benefit in found.benefits:
            also = general_clauses(benefit, found.clauses)
            for condition in conditions_of(benefit, by_path[benefit.path], also=also):
                texts = [clause.text for clause in found.clauses if clause.path == condition.path]
                assert any(condition.text in text for text in texts), (source, condition)
                assert condition.text
                assert condition.question.endswith(("?", ")?"))


def test_a_beneficiary_is_split_into_its_parts(edition) -> None:
    kinds = [c.kind for c in read(edition("benefit_gold/danling-measures.txt"), "1.2", "1000万元")]
    assert kinds == [ConditionKind.SIZE, ConditionKind.SHARE, ConditionKind.INDUSTRY]


def test_a_range_excludes_its_upper_end_where_only_the_lower_one_is_included(edition) -> None:
    test = next(c.test for c in read(edition(QUALITY), "3.10", "5000万元") if c.test is not None)
    assert (test.value, test.op, test.upper, test.upper_op) == (Decimal(50_000_000), ">=", Decimal(100_000_000), "<")


def test_categories_joined_by_a_list_are_alternatives_and_stay_open_with_deng(edition) -> None:
    category = next(c for c in read(edition(QUALITY), "3.10", "工业强基") if c.options)
    assert [option.name for option in category.options] == ["“工业强基”", "战略性新兴产业"]
    assert category.open_list


def test_a_list_of_general_conditions_with_premises_is_read_with_its_items(edition) -> None:
    conditions = read(edition("documents/linjiang-manufacturing.txt"), "4", "50亿元")
    premises = [c.premise.name for c in conditions if c.premise is not None]
    assert len(premises) == 4
    assert any(c.kind is ConditionKind.EXCLUSION and c.negative for c in conditions)


def test_conditions_of_one_part_do_not_hold_for_another(edition) -> None:
    names = [c.name for c in read(edition("own"), "3.2", "有机")]
    assert not any("法人" in name for name in names)


def test_a_benefit_without_any_condition_is_unknown() -> None:
    assert overall(()) is Truth.UNKNOWN
    assert overall([Finding(Truth.UNKNOWN, "")] * 3) is Truth.UNKNOWN
    assert overall([Finding(Truth.UNKNOWN, "", applies=False)]) is Truth.UNKNOWN


def test_a_generic_beneficiary_still_has_something_to_be_said() -> None:
    clause = Clause("1", "1.", None, "企业给予50万元奖励。", "企业给予50万元奖励。", SourceSpan(0, 11))
    conditions = conditions_of(Benefit("1", "企业", "奖励", "企业给予50万元奖励", amount=500000.0), clause)
    assert len(conditions) == 1
    assert judge_condition(conditions[0], Situation()).truth is Truth.UNKNOWN


@given(st.sampled_from(Truth), st.lists(st.sampled_from(Truth), max_size=6))
def test_one_condition_that_fails_decides_and_one_that_is_open_prevents_a_yes(first: Truth, rest: list[Truth]) -> None:
    truth = overall([Finding(value, "") for value in (first, *rest)])
    assert (truth is Truth.FAILS) == (Truth.FAILS in (first, *rest))
    assert (truth is Truth.MEETS) == all(value is Truth.MEETS for value in (first, *rest))


@given(value=st.integers(1, 10**6), bound=st.integers(1, 10**6))
def test_a_bound_in_the_clause_decides_by_value_whatever_the_spelling(value: int, bound: int) -> None:
    text = f"设备投资达到{format_amount(bound * 100)}的项目，补助5%。"
    clause = Clause("1", "1.", None, text, text, SourceSpan(0, len(text)))
    benefit = Benefit("1", text.split("，")[0], "补助", text[:-1], rate=0.05)
    conditions = conditions_of(benefit, clause)
    found = [judge_condition(c, said(amount("设备投入", value * 100))) for c in conditions]
    assert overall(found) is (Truth.MEETS if value >= bound else Truth.FAILS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("营收", "年营业收入"),
        ("投资额", "实际投入"),
        ("员工", "职工人数"),
        ("研发费用", "研发投入"),
        ("从业人员", "员工总数"),
    ],
)
def test_words_of_one_meaning_measure_the_same(one: str, other: str) -> None:
    assert metric_of(one) == metric_of(other)


@pytest.mark.parametrize(
    ("asked_for", "held", "likeness"),
    [
        ("国家级孵化器", "省级孵化器", Likeness.LOWER),
        ("省级孵化器", "国家级孵化器", Likeness.HIGHER),
        ("省级孵化器", "孵化器", Likeness.LEVEL_UNSAID),
        ("国内首店", "省内首店", Likeness.LOWER),
        ("国家级首店", "国内首店", Likeness.NEAR),
        ("绿色矿山", "拟建绿色矿山", Likeness.NEAR),
        ("展会", "参加境外展会", Likeness.NEAR),
        ("技术改造项目", "技改项目", Likeness.SAME),
        ("绿色矿山", "智慧矿山", Likeness.NONE),
    ],
)
def test_a_name_that_only_resembles_settles_nothing(asked_for: str, held: str, likeness: Likeness) -> None:
    assert compare(asked_for, held) is likeness


def test_a_negation_is_told_from_its_fact() -> None:
    assert polarity("没有列入失信名单") == ("列入失信名单", True)
    assert polarity("列入失信名单") == ("列入失信名单", False)


# Answers.


def texts(answer) -> str:
    parts = [answer.verdict.text, *(line.text for line in answer.lines), *(note.text for note in answer.notes)]
    return "\n".join((*parts, *(back.text for back in answer.ask_back)))


def test_an_open_category_is_asked_for_with_both_outcomes(edition) -> None:
    benefits = at(edition(QUALITY), "3.10", words="技术改造")
    answer = eligibility(asked("技术改造设备和软件投入3000万元", said(amount("设备和软件投入", 3e7))), benefits)
    assert answer is not None
    assert answer.truth is Truth.UNKNOWN
    (back,) = answer.ask_back
    assert "2000万元,够" in back.outcomes[0]
    assert "5000万元,不够" in back.outcomes[1]
    assert "战略性新兴产业" in back.options


def test_a_denied_category_leaves_the_general_bound(edition) -> None:
    benefits = at(edition(QUALITY), "3.10", words="技术改造")
    situation = said(amount("设备和软件投入", 3e7), denied=("战略性新兴产业",))
    answer = eligibility(asked("技术改造设备和软件投入3000万元,不是战略性新兴产业", situation), benefits)
    assert answer is not None
    assert answer.truth is Truth.FAILS
    assert answer.verdict.text == "不够。设备和软件投入3000万元,低于一般项目的申报标准5000万元。"


def test_an_unknown_figure_is_asked_for_with_the_bound(edition) -> None:
    benefits = at(edition("documents/kunyang-ten-measures.txt"), "2")
    answer = eligibility(asked("设备更新能申请吗", Situation()), benefits)
    assert answer is not None
    assert answer.verdict.text == "能不能申请,要看设备投资。"
    assert answer.ask_back[0].outcomes == ("设备投资300万元(含)以上:可以申报", "不到:不够申报标准")


def test_an_unsaid_level_is_asked_for_with_what_each_level_gets(edition) -> None:
    benefits = at(edition(QUALITY), "4.16", words="绿色工厂")
    answer = eligibility(asked("我们是绿色工厂", has("绿色工厂")), benefits)
    assert answer is not None
    assert answer.ask_back[0].outcomes == ("国家级:符合(资助200万元)", "省级:符合(资助100万元)")


def test_another_scope_is_asked_for_not_refused(edition) -> None:
    answer = eligibility(asked("营收520亿元够吗", said(amount("营收", 52e9))), at(edition(QUALITY), "3.7"))
    assert answer is not None
    assert answer.truth is Truth.UNKNOWN
    assert answer.ask_back[0].question == "您说的营收520亿元,是制造业业务年营业收入吗?"


@pytest.mark.parametrize(("people", "truth"), [(8, Truth.FAILS), (12, Truth.UNKNOWN)])
def test_a_requirement_that_is_no_benefit_is_answered(edition, people: int, truth: Truth) -> None:
    clause = clauses_of(edition("documents/yuntai-subsidy.txt"))["2"]
    (sentence,) = split_sentences(clause)
    answer = eligibility_from_sentence(asked("员工", said(count("员工", people, "人"))), clause, sentence)
    assert answer is not None
    assert answer.truth is truth
    assert "10人" in answer.verdict.text


def test_a_goal_is_no_requirement(edition) -> None:
    clause = clauses_of(edition("documents/changhe-parts.txt"))["1.2"]
    answers = [eligibility_from_sentence(asked("", Situation()), clause, s) for s in split_sentences(clause)]
    assert answers == [None] * len(answers)


SITUATIONS = st.builds(
    Situation,
    measures=st.lists(
        st.sampled_from(("营收", "制造业营收", "设备和软件投入", "投入", "在杭制造业营收")).flatmap(
            lambda metric: st.integers(1, 10**8).map(
                lambda n: Measure(metric, Kind.AMOUNT, Decimal(n) * 1000, "元", format_amount(n * 1000))
            )
        ),
        max_size=2,
    ).map(tuple),
    held=st.lists(st.sampled_from(("绿色工厂", "省级绿色工厂", "战略性新兴产业", "国家级单项冠军")), max_size=2).map(
        tuple
    ),
    denied=st.lists(st.sampled_from(("战略性新兴产业", "绿色工厂")), max_size=1).map(tuple),
    first_time=st.sampled_from((None, True, False)),
)


@given(situation=SITUATIONS, path=st.sampled_from(("3.7", "3.9", "3.10", "4.16")))
def test_no_figure_is_said_that_neither_clause_nor_question_has(edition, situation: Situation, path: str) -> None:
    question = asked("、".join(f"{m.metric}{m.said}" for m in situation.measures) or "能申请吗", situation)
    answer = eligibility(question, at(edition(QUALITY), path))
    assert answer is not None
    for statement in (answer.verdict, *answer.lines, *answer.notes):
        assert statement.quotes
        assert not unsupported_figures(statement.text, [question.text, *(quote.text for quote in statement.quotes)])
    for back in answer.ask_back:
        assert not unsupported_figures(back.text, [question.text, *(quote.text for quote in back.quotes)])
    assert answer.truth is not Truth.MEETS or situation != Situation()


def test_a_share_of_another_whole_settles_nothing() -> None:
    text = "研发费用占营业收入比重不低于8%的企业，奖励10万元。"
    clause = Clause("1", "1.", None, text, text, SourceSpan(0, len(text)))
    benefit = Benefit("1", text.split("，")[0], "奖励", text[:-1], amount=1e5)
    (condition,) = conditions_of(benefit, clause)
    assert judge_condition(condition, said(share("研发费用占总成本比重", "0.09"))).truth is Truth.UNKNOWN
    assert judge_condition(condition, said(share("研发费用占营收的比例", "0.09"))).truth is Truth.MEETS


def test_the_level_asked_about_is_the_one_that_is_not_held(edition) -> None:
    question = Question(
        "省级绿色工厂能申请国家级的吗",
        "省级绿色工厂能申请国家级的吗",
        frozenset(),
        ("国家级", "省级"),
        References(),
        situation=has("省级绿色工厂"),
    )
    answer = eligibility(question, at(edition(QUALITY), "4.16", words="绿色工厂"))
    assert answer is not None
    assert answer.truth is Truth.FAILS
    assert answer.verdict.text == "不能,您有的是省级绿色工厂,文件要求的是国家级绿色工厂。"


def test_the_figure_that_names_the_bound_measures_nothing(edition) -> None:
    situation = said(amount("主营业务收入", 6.2e8), amount("主营业务收入", 5e8), held=("软件企业",), first_time=True)
    benefits = at(edition("documents/yuntai-subsidy.txt"), "1.1.2")
    answer = eligibility(asked("主营业务收入6.2亿,首次突破5亿", situation), benefits)
    assert answer is not None
    assert answer.truth is Truth.MEETS


# Whom a policy shuts out, what a question says beside its facts, what is required.

CARE = """澄湖市普惠托育补助办法
澄卫规〔2025〕3号
第一条　家政公司和早教培训机构不适用本办法。
第二条　申请补助的托育机构应当同时符合下列条件：
（一）托位数不少于40个；
（二）负责人年龄符合规定：甲类机构不超过60周岁，乙类机构不超过50周岁；
（三）没有婴幼儿伤害事故。
第三条　符合第二条规定的托育机构，年收托500人次以上的，按照下列标准补助：
（一）收托率达到六成的，补助5万元；
（二）配备专职医师的，补助8万元。
没有备案的托育机构，不予补助。
第四条　有下列情形之一的，不予补助：
（一）因消防问题被责令停业的；
（二）虚报人数的。
第五条　示范奖励不受托位数限制。
第六条　本办法自2025年5月1日起施行，有效期3年。
"""


@pytest.fixture(scope="module")
def care(tmp_path_factory) -> Edition:
    path = tmp_path_factory.mktemp("care") / "care.txt"
    path.write_text(CARE, encoding="utf-8")
    return parse(read_file(path))


@pytest.mark.parametrize(
    ("text", "path", "frees"),
    [
        ("我们是做早教培训的,托育补助能申请吗", "1", False),
        ("去年因为消防被责令停业过,还能补吗", "4.1", False),
        ("托位不够,示范奖励能拿吗", "5", True),
        ("我们没有备案,托育机构能补吗", "3.p2", False),
    ],
)
def test_the_sentence_that_names_what_is_said_decides(care, text: str, path: str, frees: bool) -> None:
    found = ruling(text, care.clauses, "p", at(care, "3.1"))
    assert found is not None
    assert (found.quotes[-1].clause.path, found.frees) == (path, frees)


@pytest.mark.parametrize(
    "text",
    [
        "我们不是早教培训机构,托育补助能申请吗",
        "托育补助能申请吗",
        "我们没有虚报人数,能补吗",
        "已经备案的托育机构能补吗",
    ],
)
def test_a_sentence_that_names_something_else_decides_nothing(care, text: str) -> None:
    assert ruling(text, care.clauses, "p", at(care, "3.1")) is None


def test_a_list_item_that_shuts_out_stands_behind_its_lead(care) -> None:
    found = ruling("因为消防被责令停业,能补吗", care.clauses, "p", ())
    assert found is not None
    assert [quote.text for quote in found.quotes] == [
        "有下列情形之一的，不予补助：",
        "因消防问题被责令停业的；",
    ]


def test_a_rule_that_refers_to_an_article_has_its_conditions(care) -> None:
    benefit = next(b for b in care.benefits if b.path.startswith("3"))
    paths = {clause.path for clause in general_clauses(benefit, care.clauses)}
    assert {"2", "2.1", "2.2", "2.3"} <= paths


@pytest.mark.parametrize(("kind", "years", "truth"), [("甲类", 55, None), ("乙类", 55, Truth.FAILS)])
def test_a_bound_for_a_class_holds_for_that_class(care, kind: str, years: int, truth: Truth | None) -> None:
    clause = clauses_of(care)["3.1"]
    benefit = next(b for b in care.benefits if b.path == "3.1")
    also = general_clauses(benefit, care.clauses)
    question = asked(f"我们是{kind}机构,负责人{years}岁,能补吗", said(count("", years, "岁")))
    answer = eligibility(question, [BenefitAt("p", clause, benefit, also)])
    assert answer is not None
    assert (answer.truth is Truth.FAILS) == (truth is Truth.FAILS)
    if truth is Truth.FAILS:
        assert answer.verdict.text.startswith("不能,")
        assert "50周岁" in answer.verdict.text


def test_the_list_of_conditions_is_told_whole(care) -> None:
    sheet = requirement_sheet(clauses_of(care)["2.3"], care.clauses, "p")
    assert sheet is not None
    assert [quote.clause.path for quote in sheet.quotes] == ["2", "2.1", "2.2", "2.3"]
    assert requirement_sheet(clauses_of(care)["4.1"], care.clauses, "p") is None


def test_a_figure_in_a_unit_of_its_own_is_what_the_rule_bounds() -> None:
    text = "按订单收购，年收购量500吨以上的，每吨补助60元。"
    clause = Clause("1", "1.", None, text, text, SourceSpan(0, len(text)))
    benefit = Benefit("1", "按订单收购，年收购量500吨以上的", "补助", text[:-1], amount=60.0, base="每吨")
    answer = eligibility(asked("一年收了450吨,能补吗", said(count("收", 450, "吨"))), [BenefitAt("p", clause, benefit)])
    assert answer is not None
    assert answer.verdict.text == "不能,您的年收购量450吨,低于要求的500吨。"


@pytest.mark.parametrize(
    ("text", "head"), [("够不够", "不够。"), ("能申请吗", "不能,"), ("算不算", "不算,"), ("符合吗", "不符合。")]
)
def test_the_verdict_takes_the_verb_of_the_question(text: str, head: str) -> None:
    words = "设备投资300万元以上的项目，补助5%。"
    clause = Clause("1", "1.", None, words, words, SourceSpan(0, len(words)))
    benefit = Benefit("1", "设备投资300万元以上的项目", "补助", words[:-1], rate=0.05)
    answer = eligibility(
        asked(f"设备投资200万,{text}", said(amount("设备投资", 2e6))), [BenefitAt("p", clause, benefit)]
    )
    assert answer is not None
    assert answer.verdict.text.startswith(head)


def test_a_bound_that_another_replaces_for_some_is_not_failed_for_them() -> None:
    text = "研发投入占营业收入的比重不低于5%，其中营业收入2亿元以上的企业不低于4%。"
    clause = Clause("1", "1.", None, text, text, SourceSpan(0, len(text)))
    (sentence,) = split_sentences(clause)
    ratio = share("研发投入占营业收入的比重", "0.045")
    truths = []
    for turnover in (3e8, 1e8):
        answer = eligibility_from_sentence(asked("", said(amount("营业收入", turnover), ratio)), clause, sentence)
        truths.append(answer.truth if answer is not None else None)
    assert truths == [Truth.MEETS, Truth.FAILS]
