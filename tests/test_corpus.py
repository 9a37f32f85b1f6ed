"""The digests that ship with the project: well-formed, and true to their originals clause by clause.

The originals are no part of the repository; tests that read them are skipped where ../shared is absent.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from figures import cited_documents, differences, figures, flatten, holds_pair, longest_copied_run, pairs, quoted_names
from hypothesis import given
from hypothesis import strategies as st

from index.models import Edition, EditionKind, Level, RawDocument
from index.parse import parse
from index.read import read_file

ROOT = Path(__file__).parents[1]
DIGESTS = sorted((ROOT / "corpus").glob("*.md"))
ORIGINALS = ROOT.parent / "shared" / "policies"
FIELDS = (
    "title",
    "doc_number",
    "issuers",
    "level",
    "region",
    "issued_on",
    "effective_on",
    "expires_on",
    "period",
    "edition",
)
STATED = FIELDS[1:-1]  # what an edition may leave unsaid; the title it always has
LONGEST_COPY = 24  # characters outside names

each_digest = pytest.mark.parametrize("path", DIGESTS, ids=lambda path: path.stem)


@cache
def raw(path: Path) -> RawDocument:
    return read_file(path)


@cache
def edition(path: Path) -> Edition:
    return parse(raw(path))


def plain(title: str) -> str:
    """A title without blanks and punctuation, which editions write differently."""
    return "".join(re.findall(r"\w", flatten(title)))


def body(text: str, heading: str | None) -> str:
    return text[len(heading or "") :]


@cache
def originals() -> dict[Path, list[Edition]]:
    """The original editions of every digest, found by title."""
    if not ORIGINALS.is_dir():
        pytest.skip("the originals (../shared/policies) are not on this machine")
    found: dict[Path, list[Edition]] = {path: [] for path in DIGESTS}
    titles = {plain(raw(path).metadata["title"]): path for path in DIGESTS}
    for path in sorted(ORIGINALS.iterdir()):
        digest = titles.get(plain(edition(path).facts.title))
        if digest is not None:
            found[digest].append(edition(path))
    return found


def clause_pairs(path: Path) -> list[tuple[str, str, str]]:
    """(path, original text, digest text) of every clause of every original edition, headings cut off both."""
    ours = {clause.path: clause for clause in edition(path).clauses}
    return [
        (clause.path, body(clause.text, clause.heading), body(ours[clause.path].text, ours[clause.path].heading))
        for original in originals()[path]
        for clause in original.clauses
        if clause.path in ours
    ]


def test_four_policies_ship_with_the_project():
    assert len(DIGESTS) == 4
    assert all(re.fullmatch(r"[a-z]+(?:-[a-z0-9]+)+", path.stem) for path in DIGESTS)


def test_the_documented_example_is_read_as_documented(tmp_path: Path):
    page = (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")
    example = re.search(r"^```markdown\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    file = tmp_path / "example-2025-industry.md"
    file.write_text(example[1], encoding="utf-8")
    assert tuple(read_file(file).metadata) == FIELDS
    assert [clause.path for clause in parse(read_file(file)).clauses] == ["0", "1", "2.1", "2.2.1", "2.2.2", "tail"]
    assert [name for name in FIELDS if f"| `{name}` |" not in page] == []


@each_digest
def test_front_matter_is_complete_and_typed(path: Path):
    facts = raw(path).metadata
    assert tuple(facts) == FIELDS
    assert facts["edition"] == EditionKind.DIGEST
    assert facts["level"] in list(Level)
    assert isinstance(facts["region"], str)
    assert facts["issuers"]
    assert all(isinstance(issuer, str) for issuer in facts["issuers"])
    assert facts["doc_number"] is None or re.fullmatch(r"[\u4e00-\u9fff]+〔\d{4}〕\d+号", facts["doc_number"])
    days = [facts[name] for name in ("issued_on", "effective_on", "expires_on") if facts[name] is not None]
    assert all(isinstance(day, date) and not isinstance(day, datetime) for day in days)
    assert days == sorted(days)
    if facts["period"] is not None:
        first, last = facts["period"]
        assert 2000 < first <= last < 2100


@each_digest
def test_title_is_the_first_heading(path: Path):
    heading = re.search(r"^# (.+)$", raw(path).text, re.MULTILINE)
    assert heading is not None
    assert heading[1] == raw(path).metadata["title"]


@each_digest
def test_the_parser_reads_the_front_matter(path: Path):
    facts, parsed = raw(path).metadata, edition(path)
    assert parsed.kind is EditionKind.DIGEST
    assert plain(parsed.facts.title) == plain(facts["title"])
    for name in STATED:
        stated = getattr(parsed.facts, name)
        assert (list(stated) if isinstance(stated, tuple) else stated) == facts[name], name


@each_digest
def test_every_paragraph_is_in_exactly_one_clause(path: Path):
    """A line that no clause holds could be neither found nor cited."""
    clauses = edition(path).clauses
    assert len({clause.path for clause in clauses}) == len(clauses)
    texts = [flatten(clause.text) for clause in clauses]
    content = raw(path).text[raw(path).body_start :]
    for line in re.findall(r"^(?!#).*[。；]$", content, re.MULTILINE):
        ordinal = re.match(r"（[一二三四五六七八九十]+）|\d+\.(?!\d)", line)
        paragraph = flatten(line[ordinal.end() :] if ordinal else line)
        assert sum(paragraph in text for text in texts) == 1, line


@each_digest
def test_a_changed_digit_is_noticed_wherever_it_stands(path: Path):
    """Guards the comparison itself: no figure of the corpus lies outside what it looks at."""
    for clause in edition(path).clauses:
        for digit in re.finditer(r"\d", clause.text):
            other = str((int(digit[0]) + 1) % 10)
            altered = clause.text[: digit.start()] + other + clause.text[digit.end() :]
            assert differences(clause.text, altered), f"{clause.path}: {altered[digit.start() - 8 : digit.end() + 8]}"


def test_every_original_has_a_digest_of_the_same_title():
    matched = {original.name for editions in originals().values() for original in editions}
    titles = {path.name: edition(path).facts.title for path in ORIGINALS.iterdir()}
    assert {name: title for name, title in titles.items() if name not in matched} == {}


@each_digest
def test_clauses_keep_the_numbering_of_the_original(path: Path):
    ours = [(clause.path, flatten(clause.heading or "")) for clause in edition(path).clauses]
    assert originals()[path]
    for original in originals()[path]:
        assert [(clause.path, flatten(clause.heading or "")) for clause in original.clauses] == ours


@each_digest
def test_every_clause_states_what_the_original_states_and_no_more(path: Path):
    compared = clause_pairs(path)
    assert compared
    found = {number: differences(original, digest) for number, original, digest in compared}
    assert {number: items for number, items in found.items() if items} == {}


@each_digest
def test_every_clause_is_in_its_own_words(path: Path):
    runs = {number: longest_copied_run(digest, original) for number, original, digest in clause_pairs(path)}
    assert {number: run for number, run in runs.items() if run[0] > LONGEST_COPY} == {}


@each_digest
def test_front_matter_is_what_the_originals_state(path: Path):
    """Every fact is stated by an original edition, and no edition states another one."""
    for name in STATED:
        stated = {getattr(original.facts, name) for original in originals()[path]} - {None, ()}
        ours = raw(path).metadata[name]
        expected = {tuple(ours) if isinstance(ours, list) else ours} - {None}
        assert stated == expected, name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1亿元", ["100000000元"]),
        ("10000万元", ["100000000元"]),
        ("一百万元", ["1000000元"]),
        ("百分之十五,15％", ["0.15%", "0.15%"]),
        ("２０２５ 年", ["2025年"]),
        ("3—5年", ["3年", "5年"]),
        ("1.2万家", ["12000家"]),
        ("超过300万平方米", ["多于3000000平方米"]),
        ("5亿元（含）以上", ["至少500000000元"]),
        ("不超过15%、最高300万元", ["至多0.15%", "至多3000000元"]),
        ("千亿级3个、营收超百亿", ["100000000000级", "3个", "多于10000000000"]),
        ("第一副组长,五大行动,二十二次", ["1第", "5大", "22次"]),
        ("“4286”和5G、4A级", ["4286", "5G", "4A"]),
        ("统一规划、一流企业、两化融合", []),
    ],
)
def test_figures_are_read_by_value_unit_and_bound(text: str, expected: list[str]):
    assert sorted(str(figure) for figure in figures(text).elements()) == sorted(expected)


@given(st.integers(1, 9999), st.sampled_from(["", " ", "\n"]))
def test_an_amount_is_the_same_in_every_unit_and_width(count: int, gap: str):
    wide = str(count).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    spellings = {f"{count}{gap}万元", f"{wide}万{gap}元", f"{count * 10_000}元", f"{count * 10_000:,}元"}
    assert len({tuple(figures(spelling).items()) for spelling in spellings}) == 1


def test_names_and_cited_documents_are_read():
    text = "实施“甲乙计划”,按照《某市办法》(某政办函〔2018〕64号)执行"
    assert quoted_names(text) == {"甲乙计划"}
    assert cited_documents(text) == {"《某市办法》", "某政办函〔2018〕64号"}


def test_amounts_shared_out_are_paired_in_order():
    original = "对国家级、省级中心分别给予1亿元和1500万元的资助"
    found = {(key, str(amount)) for key, amount in pairs(original)}
    assert found == {("国家级", "100000000元"), ("省级", "15000000元")}
    assert all(holds_pair("国家级资助1亿元,省级资助1500万元", *pair) for pair in pairs(original))
    assert differences(original, "国家级资助1500万元,省级资助1亿元") == [
        "国家级 no longer gets 100000000元",
        "省级 no longer gets 15000000元",
    ]


def test_a_copied_run_is_counted_across_punctuation_and_without_names():
    original = "对纳入培育库的企业,优先安排用地和用能指标,并支持甲公司、乙公司、丙公司开展合作。"
    assert longest_copied_run("企业优先安排用地、用能指标", original)[0] == len("企业优先安排用地")
    copied = "支持甲公司、乙公司、丙公司开展合作"
    assert longest_copied_run(copied, original) == (len(plain(copied)) - len("乙公司"), plain(copied))
