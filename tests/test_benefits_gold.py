"""Benefits against gold lists made by hand before the extractor was run: recall, precision, and no wrong pairs.

The gold lists hold a path, keywords that all stand in the beneficiary, and the figures. A figure or threshold of
"any" is not compared: the text can be read in two ways. `base`, `period` and `condition` of a row are words that have
to stand there; rows marked optional may be found or not. `policies.json` is for the four policies of the corpus, in
their originals (no part of the repository) and in the digests; `regional.json` for a policy that is no part of the
repository either; `fresh*.json` for the documents beside them; `unseen.json`, `practice.json`, `blind.json`,
`third.json` and `fourth.json` for those in the folders of that name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from documents.gold import load_documents

from index.benefits import extract
from index.models import Benefit, Edition
from index.parse import parse
from index.read import read_file

ROOT = Path(__file__).resolve().parents[1]
GOLD = Path(__file__).parent / "benefit_gold"
SHARED = ROOT.parent / "shared"
ORIGINALS = SHARED / "policies"
BY_TITLE = {
    "加快新旧动能转换": "manufacturing",
    "特色小镇": "towns",
    "产业平台高质量发展": "platforms",
    "产业载体": "carriers",
}
Row = dict[str, Any]

needs_shared = pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the folder of real documents is not here")


@cache
def gold(name: str) -> dict[str, list[Row]]:
    return json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))


def edition(path: Path) -> Edition:
    return parse(read_file(path))


def policy_rows(found: Edition) -> list[Row]:
    key = next(key for title, key in BY_TITLE.items() if title in found.facts.title)
    return gold("policies")[key]


def same(found: float | None, wanted: float | None) -> bool:
    return found is wanted is None or (
        found is not None and wanted is not None and abs(found - wanted) <= 1e-9 * max(1.0, abs(wanted))
    )


def names(row: Row, benefit: Benefit) -> bool:
    return row["path"] == benefit.path and all(word in benefit.beneficiary for word in row["beneficiary"])


def pays(row: Row, benefit: Benefit) -> bool:
    figures = [figure for figure in ("amount", "rate", "cap") if row.get(figure) != "any"]
    return all(same(getattr(benefit, figure), row.get(figure)) for figure in figures)


def says(row: Row, benefit: Benefit) -> bool:
    """Whether base, period and condition hold the words that the row names for them, if it names any."""
    return (
        row.get("base", "") in (benefit.base or "")
        and row.get("period", "") in (benefit.period or "")
        and all(words in (benefit.condition or "") for words in row.get("condition", ()))
    )


def bounds(row: Row, benefit: Benefit) -> bool:
    wanted = row.get("threshold")
    if wanted == "any":
        return True
    if wanted is None or benefit.threshold is None:
        return wanted is None and benefit.threshold is None
    found = benefit.threshold
    return wanted["metric"] in found["metric"] and wanted["op"] == found["op"] and same(found["value"], wanted["value"])


class Score:
    """Hits, misses, surplus and wrong pairs over several documents."""

    def __init__(self) -> None:
        self.hits = 0
        self.missed: list[Row] = []
        self.surplus: list[Benefit] = []
        self.wrong_pairs: list[Benefit] = []

    def add(self, found: Iterable[Benefit], rows: Sequence[Row]) -> None:
        left = list(found)
        for row in (row for row in rows if not row.get("optional")):
            match = next((b for b in left if names(row, b) and pays(row, b) and bounds(row, b) and says(row, b)), None)
            if match is None:
                self.missed.append(row)
            else:
                left.remove(match)
                self.hits += 1
        for benefit in left:
            if any(row.get("optional") and row["path"] == benefit.path for row in rows):
                continue
            self.surplus.append(benefit)
            paid = benefit.amount is not None or benefit.rate is not None or benefit.cap is not None
            theirs = any(pays(row, benefit) and not names(row, benefit) for row in rows if row["path"] == benefit.path)
            if paid and theirs:
                self.wrong_pairs.append(benefit)

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + len(self.missed))

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + len(self.surplus))

    def check(self, least: float) -> None:
        assert not self.wrong_pairs
        assert self.recall >= least, self.missed
        assert self.precision >= least, self.surplus


def test_the_score_counts_misses_surplus_and_wrong_pairs() -> None:
    rows = [
        {"path": "1", "beneficiary": ["国家级"], "amount": 2},
        {"path": "1", "beneficiary": ["省级"], "amount": 1},
        {"path": "1", "beneficiary": ["市级"], "rate": 0.5},
    ]
    score = Score()
    found = [Benefit("1", who, "奖励", "", amount=amount) for who, amount in (("国家级", 2), ("省级", 2), ("县级", 9))]
    score.add(found, rows)
    assert (score.hits, len(score.missed), len(score.surplus)) == (1, 2, 2)
    assert [benefit.beneficiary for benefit in score.wrong_pairs] == ["省级"]
    assert (score.recall, score.precision) == (1 / 3, 1 / 3)


@needs_shared
def test_originals() -> None:
    score = Score()
    for path in sorted(ORIGINALS.glob("*.txt")):
        found = edition(path)
        score.add(extract(found.clauses, found.facts), policy_rows(found))
    score.check(0.95)


def test_digests() -> None:
    score = Score()
    for path in sorted((ROOT / "corpus").glob("*.md")):
        found = edition(path)
        score.add(extract(found.clauses, found.facts), policy_rows(found))
    assert score.hits >= 40
    score.check(0.95)


def test_documents_in_other_styles() -> None:
    score = Score()
    for document in load_documents():
        found = parse(document.raw)
        score.add(extract(found.clauses, found.facts), gold("documents").get(document.name, []))
    assert score.hits >= 60
    score.check(0.9)


@pytest.mark.parametrize("name", ["fresh", "fresh2", "fresh3", "fresh4"])
def test_guides_tables_and_lists(name: str) -> None:
    score = Score()
    for stem, rows in gold(name).items():
        found = edition(next(path for path in GOLD.glob(f"{stem}.*")))
        score.add(extract(found.clauses, found.facts), rows)
    score.check(0.9)


@pytest.mark.parametrize(("folder", "rows"), [("unseen", 110), ("practice", 60), ("blind", 150), ("fourth", 240)])
def test_policies_of_other_places_and_subjects(folder: str, rows: int) -> None:
    score = Score()
    for stem, wanted in gold(folder).items():
        found = edition(next((ROOT / "tests" / folder).glob(f"{stem}.*")))
        score.add(extract(found.clauses, found.facts), wanted)
    assert score.hits >= rows
    score.check(0.95)


def test_a_provincial_policy_from_pdf() -> None:
    files = sorted((SHARED / "documents" / "pdf").glob("*.pdf"))
    if not files:
        pytest.skip("the folder of real documents is not here")
    score = Score()
    found = edition(files[0])
    score.add(extract(found.clauses, found.facts), gold("regional")["sichuan-2025-6"])
    score.check(0.9)


def _all_editions() -> list[Edition]:
    own = [parse(document.raw) for document in load_documents()]
    folders = [*(ROOT / "corpus").glob("*.md"), *GOLD.glob("*.md"), *GOLD.glob("*.txt"), *ORIGINALS.glob("*.txt")]
    return [*own, *map(edition, sorted(folders))]


def test_every_quote_stands_in_its_clause_as_written() -> None:
    for found in _all_editions():
        clauses = {clause.path: clause for clause in found.clauses}
        for benefit in extract(found.clauses, found.facts):
            clause = clauses[benefit.path]
            at = clause.text.find(benefit.quote)
            assert at >= 0
            assert benefit.quote
            assert len(clause.written[at : at + len(benefit.quote)]) == len(benefit.quote)
            assert benefit.beneficiary


def test_regulations_state_no_amounts_and_no_fines() -> None:
    files = sorted((SHARED / "documents" / "regulations").glob("*.md"))
    if not files:
        pytest.skip("the folder of real documents is not here")
    editions = [edition(path) for path in files]
    found = [benefit for one in editions for benefit in extract(one.clauses, one.facts)]
    assert len(found) <= len(files) / 2
    assert not [benefit for benefit in found if benefit.amount is not None or benefit.cap is not None]
    assert not [benefit for benefit in found if "罚" in benefit.quote or "处分" in benefit.quote]
