"""Real policy files, as found: what parsing and merging must find in them."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from index.merge import merge
from index.models import Clause, Edition, EditionKind, Level
from index.parse import parse
from index.present import edition_object
from index.read import read_file

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real documents is not here")

PLATFORMS = ["0", "1", "2", *(f"3.{i}" for i in range(1, 7)), *(f"4.{i}" for i in range(1, 5)), "tail"]
CARRIERS = [
    *("0", "1", "2.1", "2.2", "2.3", "2.4", "3"),
    *(f"4.{i}.{j}" for i in range(1, 6) for j in range(1, 4)),
    *(f"5.{i}" for i in range(1, 6)),
]
TOWNS = ["0", "1", "2"] + [
    f"{part}.{i}" for part, n in ((3, 4), (4, 3), (5, 2), (6, 3), (7, 5)) for i in range(1, n + 1)
]


def _run_on(*parts: tuple[int, int, int]) -> list[str]:
    return [path for part, a, b in parts for path in (str(part), *(f"{part}.{i}" for i in range(a, b + 1)))]


MANUFACTURING = ["0", *_run_on((1, 1, 4), (2, 5, 6), (3, 7, 12), (4, 13, 16), (5, 17, 19), (6, 20, 22)), "tail"]


@cache
def edition(number: int) -> Edition:
    """The edition of the `number`th policy file."""
    return parse(read_file(sorted((SHARED / "policies").glob("*.txt"))[number]))


@cache
def source(number: int) -> str:
    """Its text."""
    return sorted((SHARED / "policies").glob("*.txt"))[number].read_text(encoding="utf-8")


def by_path(number: int) -> dict[str, Clause]:
    return {clause.path: clause for clause in edition(number).clauses}


@pytest.mark.parametrize(
    ("number", "paths"), [(0, PLATFORMS), (1, MANUFACTURING), (2, TOWNS), (3, CARRIERS), (4, PLATFORMS)]
)
def test_clauses_carry_the_documents_own_numbers(number: int, paths: list[str]) -> None:
    assert [clause.path for clause in edition(number).clauses] == paths


def test_reprint_and_original_agree_on_dates_and_are_one_policy_with_the_same_texts() -> None:
    for number in (0, 4):
        facts = edition(number).facts
        assert (facts.issued_on, facts.effective_on) == (date(2022, 11, 16), date(2022, 12, 17))
        assert (facts.period, facts.level, facts.region) == ((2022, 2025), Level.CITY, "杭州市")
    [policy] = merge([edition(0), edition(4)])
    assert policy.facts.doc_number == "杭政办函〔2022〕69号"
    assert [e.kind for e in policy.editions] == [EditionKind.ORIGINAL, EditionKind.REPRINT]
    wide = str.maketrans("（）：；，！？［］", "():;,!?[]")
    texts = [
        {c.path: re.sub(r"\s", "", c.text).translate(wide) for c in e.clauses if c.path != "0"} for e in policy.editions
    ]
    assert texts[0] == texts[1]


def test_five_files_are_four_policies() -> None:
    policies = merge([edition(n) for n in range(5)])
    assert {(p.facts.doc_number, p.facts.issued_on) for p in policies} == {
        ("杭政办函〔2022〕69号", date(2022, 11, 16)),
        ("杭政办函〔2021〕25号", date(2021, 4, 25)),
        (None, date(2019, 4, 1)),
        (None, None),
    }


def test_one_paragraph_reprint_states_its_expiry_and_keeps_nothing_of_the_site() -> None:
    facts = edition(1).facts
    assert facts.doc_number is None
    assert facts.expires_on == date(2021, 12, 31)
    assert facts.issuers == ("中共杭州市委", "杭州市人民政府")
    kept = "".join(c.text for c in edition(1).clauses)
    assert not re.search(r"产业园区网|mail@|获取|热门阅读|删除", kept)
    assert kept.endswith("有关开发区分担。")
    assert "分别给予1亿元和1500万元的资助" in by_path(1)["2.5"].text


def test_traditional_page_loses_its_glosses_and_keeps_its_terms() -> None:
    facts = edition(2).facts
    assert (facts.doc_number, facts.issued_on, facts.period) == (
        "杭政办函〔2021〕25号",
        date(2021, 4, 25),
        (2021, 2023),
    )
    text = "".join(c.text for c in edition(2).clauses)
    assert not re.search(r"[(（][a-zü]+[)）]", text)
    assert all(term in text for term in ("1+N", "AI×5G", "IP", "4A", "县(市)"))
    assert "著重構建" in by_path(2)["3.4"].written
    assert "着重构建" in by_path(2)["3.4"].text


def test_district_plan_states_its_level_and_period() -> None:
    facts = edition(3).facts
    assert (facts.level, facts.region) == (Level.DISTRICT, "杭州市萧山区")
    assert (facts.issued_on, facts.period, facts.doc_number) == (date(2019, 4, 1), (2019, 2022), None)


@pytest.mark.parametrize("number", range(5))
def test_span_of_a_clause_gives_its_written_text(number: int) -> None:
    for clause in edition(number).clauses:
        span = source(number)[clause.source.start : clause.source.end]
        plain = re.sub(r"[(（][a-z]+[)）]", "", re.sub(r"\s", "", span))
        assert plain == re.sub(r"\s", "", clause.written)


def _regulations() -> list[Path]:
    return sorted((SHARED / "documents" / "regulations").glob("*.md")) if SHARED.is_dir() else []


def test_forty_regulations_are_there() -> None:
    assert len(_regulations()) == 40


@pytest.mark.parametrize("path", _regulations(), ids=lambda p: p.stem[:24])
def test_articles_are_consecutive_and_show_their_chapter(path: Path) -> None:
    raw = read_file(path)
    found = parse(raw)
    numbers = list(dict.fromkeys(int(c.path.split(".")[0]) for c in found.clauses if c.path[0].isdigit()))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == len(re.findall(r"(?m)^第[^\s条]{1,9} ?条", raw.text))
    chapters = len(re.findall(r"(?m)^##? ?第.{1,3}章", raw.text))
    assert len({c.trail[0] for c in found.clauses if c.trail and "章" in c.trail[0]}) == chapters
    assert all(c["heading"] for c in edition_object(found)["clauses"]) or chapters == 0 or "第二章" in raw.text


def test_items_of_articles_are_addressable() -> None:
    labels = {c.label for path in _regulations() for c in parse(read_file(path)).clauses}
    assert any(re.fullmatch(r"第.+条第\(.+\)项", label) for label in labels)
    assert any(re.fullmatch(r"第.+条第[二三]款第\(.+\)项", label) for label in labels)
    assert any(re.fullmatch(r"第.+条第[二三四]款", label) for label in labels)


def test_broken_pdf_font_is_repaired() -> None:
    [pdf] = (SHARED / "documents" / "pdf").glob("*.pdf")
    found = parse(read_file(pdf))
    items = [c for c in found.clauses if "." in c.path]
    assert [int(c.path.split(".")[1]) for c in items] == list(range(1, 16))
    assert len({c.path.split(".")[0] for c in items}) == 4
    assert found.facts.doc_number == "川办规〔2025〕6号"
    assert (found.facts.effective_on, found.facts.expires_on) == (date(2025, 5, 1), date(2027, 12, 31))
    text = "".join(c.text for c in found.clauses)
    assert not re.search(r"[\ua000-\ua4cf０-９]|\d \d|\d [\u4e00-\u9fff]|[\u4e00-\u9fff] \d", text)
    assert "5.5％" in text
    assert [c.source.page for c in items[:2]] == [2, 2]
