"""Candidate questions: right by program on every document, and accepted or rejected in a workbook."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from eval.check import check_row
from eval.form import ADOPT, SHEET, SheetError, write_workbook
from eval.grants import Grant, grants
from eval.metrics.text import plain
from eval.policies import known_policies, read_policies
from eval.propose import propose
from eval.rows import Row
from eval.sheet import read_workbook
from index.models import Benefit, Clause, Edition, EditionKind, Policy, PolicyFacts, SourceSpan

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path
    for folder in (ROOT / "tests" / "documents", ROOT / "corpus")
    for path in folder.iterdir()
    if path.suffix in (".txt", ".md")
)
MOST = 500


def policy_of(*texts: str, benefits: tuple[Benefit, ...] = (), **facts) -> Policy:
    """A policy with one clause per text, at the paths 1, 2, …; a text “2.1=…” names its path."""
    clauses = []
    for at, text in enumerate(texts, start=1):
        path, found, rest = text.partition("=")
        text = rest if found else text
        clauses.append(Clause(path if found else str(at), str(at), None, text, text, SourceSpan(at, at)))
    about = PolicyFacts(**({"title": "青石市促进办法", "region": "青石市", "issued_on": date(2024, 1, 1)} | facts))
    return Policy("p1", about, (Edition("a.txt", "0", EditionKind.ORIGINAL, about, tuple(clauses), benefits),))


def asked(rows: list[Row], category: str) -> dict[str, tuple[str, ...]]:
    """First spellings of the facts by question."""
    return {row.question: tuple(group[0] for group in row.facts) for row in rows if row.category == category}


def document(name: str) -> Policy:
    return read_policies([ROOT / "tests" / "documents" / name])[0]


# --- over real shapes of documents


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_candidate_passes_the_check_and_is_asked_once(path):
    policy = read_policies([path])[0]
    rows = propose(policy, limit=MOST)
    known = known_policies([policy])
    assert [problem for row in rows for problem in check_row(row, clauses=known)] == []
    assert len({plain(row.question) for row in rows}) == len(rows) == len({row.id for row in rows})
    assert propose(policy, limit=MOST) == rows


def test_amounts_are_asked_by_level_with_their_own_figure():
    found = asked(propose(document("kunyang-ten-measures.txt"), limit=MOST), "amount")
    national = [facts for question, facts in found.items() if "国家级小巨人" in question]
    provincial = [facts for question, facts in found.items() if "省级专精特新" in question]
    assert (national, provincial) == ([("50万元",)], [("20万元",)])


def test_validity_is_asked_in_force_and_after_the_end():
    policy = document("longpu-one-line.txt")
    rows = [row for row in propose(policy, limit=MOST) if row.category == "validity"]
    assert [(row.as_of, row.warn) for row in rows] == [(date(2023, 10, 1), ()), (date(2026, 10, 1), ("expired",))]
    assert rows[0].facts == (("2023年10月1日",), ("2026年9月30日",))
    assert all(row.clauses == ((policy.facts.title, "tail"),) for row in rows)


def test_goals_of_a_plan_are_asked_one_by_one():
    found = asked(propose(document("changhe-parts.txt"), limit=MOST), "target")
    assert list(found.values()) == [("120个",), ("60条",), ("150家",)]
    assert all(question.startswith("到2027年,长禾市") for question in found)


def test_items_below_a_clause_are_asked_as_a_list():
    rows = [row for row in propose(document("qingshan-draft.txt"), limit=MOST) if row.category == "list"]
    assert [path for _, path in rows[0].clauses] == ["5.1", "5.2", "5.3"]
    assert rows[0].facts[0] == ("涉及国家秘密的数据",)
    assert rows[0].warn == ("draft",)


def test_a_policy_that_states_its_contact_is_not_asked_as_silent_on_it():
    silent = [row.question for row in propose(document("hengchuan-notice.txt"), limit=MOST) if row.status == "partial"]
    assert silent
    assert not any("电话" in question or "材料" in question for question in silent)


def test_another_city_is_one_the_policy_does_not_name():
    texts = ("国家级企业奖励50万元。", "省级企业奖励20万元。", "与宁波市和苏州市的企业合作。")
    rows = [row for row in propose(policy_of(*texts), limit=MOST) if row.category == "refuse"]
    assert rows
    assert all(row.status == "refused" and not row.facts for row in rows)
    assert not any("宁波" in row.question or "苏州" in row.question or "青石" in row.question for row in rows)


# --- rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("国家级平台资助100万元,省级平台资助50万元。", [("国家级平台", ("100万元",)), ("省级平台", ("50万元",))]),
        ("甲级、乙级民宿分别奖励30万元、20万元。", [("甲级民宿", ("30万元",)), ("乙级民宿", ("20万元",))]),
        (
            "产值达到10亿元、5亿元的企业,分别给予奖励80、40万元。",
            [("产值达到10亿元的企业", ("80万元",)), ("产值达到5亿元的企业", ("40万元",))],
        ),
        ("新建展馆的,按投资额的5%补助,最高500万元。", [("新建展馆", ("5%", "500万元"))]),
        ("技改项目按投入额资助,比例不超过15%,最高300万元。", [("技改项目", ("15%", "300万元"))]),
        ("经认定的双创平台,国家级的资助200万元。", [("经认定的双创平台国家级", ("200万元",))]),
        ("設備投資超過500萬元的項目,補助一百萬元。", [("设备投资超过500万元的项目", ("一百万元",))]),
        ("投资达到500万元以上的企业优先推荐。", []),
        ("不良贷款率控制在2%以内的银行给予补偿。", []),
        ("每年安排专项资金5000万元。", []),
        ("", []),
    ],
)
def test_grants_are_read_with_subject_figure_and_cap(text, expected):
    assert [(grant.subject, grant.figures) for grant in grants(text)] == expected


def test_a_question_with_two_answers_is_left_out():
    texts = ("示范企业奖励50万元。", "示范企业奖励30万元。", "领军企业奖励80万元。")
    assert asked(propose(policy_of(*texts), limit=MOST), "amount") == {"青石市领军企业奖励多少?": ("80万元",)}


def test_recorded_benefits_are_asked_before_what_the_text_reads_like():
    tiers = tuple(
        Benefit("1", "骨干企业", "奖励", "原文", condition=f"营收达到{size}亿元的", amount=amount)
        for size, amount in ((10, 1_000_000.0), (50, 3_000_000.0))
    )
    rate = Benefit("2", "数字化项目", "补助", "原文", condition="不超过50万元", rate=0.15, cap=500_000.0)
    nothing = Benefit("2", "其他项目", "支持", "原文")
    texts = ("骨干企业营收达到10亿元、50亿元的,奖励100万元、300万元。", "数字化项目按15%补助,不超过50万元。")
    policy = policy_of(*texts, benefits=(*tiers, rate, nothing))
    assert asked(propose(policy, limit=MOST), "amount") == {
        "青石市骨干企业,营收达到10亿元的,奖励多少?": ("100万元",),
        "青石市骨干企业,营收达到50亿元的,奖励多少?": ("300万元",),
        "青石市数字化项目补助多少,最高多少?": ("15%", "50万元"),
    }


def test_a_condition_that_gives_the_answer_away_is_left_out():
    capped, plain_one = (
        Benefit("1", "示范基地", "补助", "原文", condition=condition, amount=amount)
        for condition, amount in (("单个项目不超过60万元", 600_000.0), ("面积满一千平方米的", 200_000.0))
    )
    policy = policy_of("示范基地补助60万元,面积满一千平方米的补助20万元。", benefits=(capped, plain_one))
    assert asked(propose(policy, limit=MOST), "amount") == {
        "青石市示范基地补助多少?": ("60万元",),
        "青石市示范基地,面积满一千平方米的,补助多少?": ("20万元",),
    }


def test_a_benefit_whose_figure_its_clause_does_not_have_gives_no_candidate():
    wrong = Benefit("1", "骨干企业", "奖励", "原文", amount=2_000_000.0)
    assert asked(propose(policy_of("骨干企业奖励100万元。", benefits=(wrong,)), limit=MOST), "amount") == {}


def test_a_plan_known_only_by_the_years_of_its_title_has_ended_after_them():
    policy = policy_of("到2025年,建成基地10个。", title="青石市行动方案（2023—2025年）", period=(2023, 2025))
    rows = [row for row in propose(policy, limit=MOST) if row.category == "validity"]
    assert [(row.as_of, row.warn, row.facts) for row in rows] == [
        (date(2026, 1, 1), ("period_ended",), (("2025年",),)),
    ]


def test_a_limit_cuts_and_every_category_comes_early():
    policy = document("yunling-plan.txt")
    everything = propose(policy, limit=MOST)
    assert propose(policy, limit=4) == everything[:4]
    assert len({row.category for row in everything[:4]}) == 4


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(ValueError, match=f"现在是 {limit}"):
        propose(policy_of("企业奖励5万元。"), limit=limit)


def test_a_policy_without_clauses_has_no_candidates():
    assert propose(policy_of(), limit=5) == []


@given(st.text("国家级省企业的,，。;；:：、按奖励资助分别最高不超过达到10050万亿元%()【】\n", max_size=60))
def test_any_text_gives_grants_whose_figures_stand_in_it(text):
    for grant in grants(text):
        assert isinstance(grant, Grant)
        written = plain(text)
        assert all(re.sub(r"\D", "", figure) in re.sub(r"[^\d]", "", written) for figure in grant.figures)
        assert 3 <= len(grant.subject) <= 45


# --- accepting and rejecting


def test_only_accepted_candidates_become_a_set(tmp_path):
    rows = propose(document("xingze-front-matter.md"), limit=6)
    xlsx = tmp_path / "candidates.xlsx"
    write_workbook(rows, xlsx, proposals=True)
    with pytest.raises(SheetError, match="没有一行的“采用”是“是”"):
        read_workbook(xlsx)
    book = load_workbook(xlsx)
    sheet = book[SHEET]
    assert sheet["A1"].value == ADOPT
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation if rule.formula1 == '"是,否"'] == [
        "A2:A2000"
    ]
    sheet["A3"], sheet["A4"], sheet["A6"] = "是", "否", "是"
    sheet["D6"] = "改过的问法?"
    book.save(xlsx)
    assert read_workbook(xlsx) == (rows[0], replace(rows[3], question="改过的问法?"))
