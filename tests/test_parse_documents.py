"""Facts and clauses of the documents in tests/documents, against gold written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from documents.gold import FACTS, GoldClause, GoldDocument, flat, load_documents, raw_document

from index.models import Clause, Edition
from index.parse import parse

DOCUMENTS = load_documents()
# What a warning about ordinals speaks of.
_NUMBERING_WORDS = ("编号", "序号", "重复", "连续", "缺少")
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)


def _comparable(value: Any) -> Any:
    """A fact as JSON has it, spelled without white space and wide punctuation."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return flat(value)
    if isinstance(value, list | tuple):
        return [_comparable(v) for v in value]
    return value


def _agrees(clause: Clause, gold: GoldClause) -> bool:
    text = flat(clause.text)
    return (
        gold.path in (None, clause.path)
        and (not gold.labels or flat(clause.label) in [flat(label) for label in gold.labels])
        and (gold.first is None or text.startswith(flat(gold.first)))
        and text.endswith(flat(gold.last))
        and gold.length in (None, len(text))
    )


def _brief(clause: Clause) -> str:
    text = flat(clause.text)
    return f"{clause.path} {clause.label} {text[:12]}…{text[-12:]} ({len(text)})"


def _without_absent_optional(document: GoldDocument, edition: Edition) -> list[GoldClause]:
    found = {clause.path for clause in edition.clauses}
    return [c for c in document.clauses if c.path not in document.facts["optional"] or c.path in found]


def _without_surplus_optional(document: GoldDocument, edition: Edition) -> list[Clause]:
    expected = {clause.path for clause in document.clauses}
    return [c for c in edition.clauses if c.path not in document.facts["optional"] or c.path in expected]


@every_document
@pytest.mark.parametrize("fact", FACTS)
def test_fact_is_the_documents_own(document: GoldDocument, fact: str) -> None:
    value = _comparable(getattr(parse(document.raw).facts, fact))
    assert value in [_comparable(v) for v in document.accepted(fact)]


@every_document
def test_paths_are_those_of_the_document_in_its_order(document: GoldDocument) -> None:
    edition = parse(document.raw)
    expected = [c.path for c in _without_absent_optional(document, edition)]
    found = [c.path for c in _without_surplus_optional(document, edition)]
    compared = [g if g is None else f for g, f in zip(expected, found, strict=False)] + found[len(expected) :]
    assert compared == expected


@every_document
def test_clauses_have_label_beginning_end_and_length_of_the_document(document: GoldDocument) -> None:
    edition = parse(document.raw)
    gold, found = _without_absent_optional(document, edition), _without_surplus_optional(document, edition)
    wrong = [(g, _brief(c)) for g, c in zip(gold, found, strict=False) if not _agrees(c, g)]
    assert wrong == []
    assert len(found) == len(gold)


@every_document
def test_paths_are_unique_where_the_document_repeats_no_number(document: GoldDocument) -> None:
    if document.facts["warnings"]:
        pytest.skip("the document itself repeats a number")
    paths = [clause.path for clause in parse(document.raw).clauses]
    assert len(set(paths)) == len(paths)


@every_document
def test_repealed_policies_are_named_and_no_other(document: GoldDocument) -> None:
    facts = parse(document.raw).facts
    named = [flat(r) for r in facts.repeals]
    for spellings in document.facts["repeals"]:
        assert any(flat(s) in r or r in flat(s) for s in spellings for r in named), spellings
    if not document.facts["repeals"]:
        assert named == []
    assert facts.repealed_on is None


@every_document
def test_numbering_mistakes_are_reported_and_sound_numbering_is_not(document: GoldDocument) -> None:
    warnings = [w for w in parse(document.raw).warnings if any(word in w for word in _NUMBERING_WORDS)]
    assert bool(warnings) is document.facts["warnings"]


def _numeral(number: int) -> str:
    """`number` below 10,000 as written in article headings: 一千零一, 九百九十九, 一百一十."""
    digits, units = "零一二三四五六七八九", ("", "十", "百", "千")
    out, pending_zero = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            out += ("零" if pending_zero else "") + digits[digit] + units[power]
            pending_zero = False
        else:
            pending_zero = bool(out)
    return out.removeprefix("一") if 10 <= number < 20 else out


def test_articles_past_a_thousand_are_numbered_on() -> None:
    articles = [f"第{_numeral(n)}条　编号为{n}的事项由市司法局办理。\n" for n in range(1, 1103)]
    edition = parse(raw_document("临江市法规汇编规定\n" + "".join(articles)))
    assert [clause.path for clause in edition.clauses] == [str(n) for n in range(1, 1103)]
    by_path = {clause.path: clause for clause in edition.clauses}
    for number, label in (
        (999, "第九百九十九条"),
        (1000, "第一千条"),
        (1001, "第一千零一条"),
        (1010, "第一千零一十条"),
    ):
        assert by_path[str(number)].label == label
        assert flat(by_path[str(number)].text) == f"编号为{number}的事项由市司法局办理。"


def test_article_that_begins_with_a_reference_is_an_article() -> None:
    text = "临江市人才住房办法\n第一条　本办法适用于引进的人才。\n第二条　第一条所称人才由市人才工作部门认定。\n"
    edition = parse(raw_document(text))
    assert [flat(clause.text) for clause in edition.clauses] == [
        flat("本办法适用于引进的人才。"),
        flat("第一条所称人才由市人才工作部门认定。"),
    ]


def test_period_of_an_expired_version_does_not_reach_the_next() -> None:
    by_name = {d.name: parse(d.raw).facts for d in DOCUMENTS if d.name.startswith("wanghu-growth")}
    old, new = by_name["wanghu-growth-2024"], by_name["wanghu-growth-2025"]
    assert old.status(date(2025, 6, 1)) == "已失效"
    assert new.status(date(2025, 6, 1)) == "有效"
    assert flat(old.title) != flat(new.title)
