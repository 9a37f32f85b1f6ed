"""Right answers to try the check on: quotes, paraphrases of structured benefits, and answers written by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from index.benefits import supporting_paths
from index.models import Benefit, Clause, Edition
from index.parse import parse
from index.quantities import Kind, format_amount, format_rate, quantities
from index.read import read_file
from index.settings import PROJECT_ROOT
from rag.sentences import split_sentences
from rag.verify import Source

HAND_WRITTEN = Path(__file__).parent / "verify_answers.jsonl"
_FOLDERS = ("corpus", "tests/documents", "tests/benefit_gold", "tests/unseen")
_LONGEST_BENEFICIARY = 40
_BEFORE_CAP = re.compile(r"([^，,。；;\d]{0,16})(?:最高|最多|不超过|至多)")
_EACH = re.compile(r"每[家户个人]?每?年|每[月场人届期次件亩]|全年|年度|当年")


@dataclass(frozen=True, slots=True)
class Right:
    """A right answer.

    Attributes:
        document: path of the policy below the project.
        made: "quote", "template" or "hand".
        text: with markers.
        sources: what the markers stand for.
        derived: shown calculations.
    """

    document: str
    made: str
    text: str
    sources: tuple[Source, ...]
    question: str = ""
    derived: tuple[str, ...] = ()


@cache
def edition(document: str) -> Edition:
    """A policy, parsed once."""
    return parse(read_file(PROJECT_ROOT / document))


def documents() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Policies to tune on (the corpus, every second invented one), and policies held out (the others)."""
    found = [
        [str(path.relative_to(PROJECT_ROOT)) for path in sorted((PROJECT_ROOT / folder).glob("*")) if _is_policy(path)]
        for folder in _FOLDERS
    ]
    corpus, invented, gold, unseen = found
    return (*corpus, *invented[::2]), (*invented[1::2], *gold, *unseen)


def _is_policy(path: Path) -> bool:
    return path.suffix in (".md", ".txt")


def source(document: str, clause: Clause, marker: int = 1) -> Source:
    """`clause` as a source of an answer."""
    found = edition(document)
    benefits = tuple(one for one in found.benefits if one.path == clause.path)
    return Source(marker, clause, found.facts, benefits)


def right_answers(names: Sequence[str]) -> list[Right]:
    """All right answers over the policies `names`."""
    found = [answer for name in names for answer in (*_quotes(name), *_templates(name))]
    return [*found, *hand_written(names)]


def hand_written(names: Sequence[str]) -> Iterator[Right]:
    """The answers of `verify_answers.jsonl`: `paths` are the clauses that markers 1, 2, … stand for."""
    for line in HAND_WRITTEN.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["document"] in names:
            clauses = {clause.path: clause for clause in reversed(edition(row["document"]).clauses)}
            sources = [source(row["document"], clauses[path], at) for at, path in enumerate(row["paths"], start=1)]
            yield Right(
                row["document"], "hand", row["answer"], tuple(sources), row["question"], tuple(row.get("derived", ()))
            )


def _quotes(document: str) -> Iterator[Right]:
    """Sentences with figures, as they stand."""
    for clause in edition(document).clauses:
        for sentence in split_sentences(clause):
            text = clause.written[sentence.start : sentence.end].replace("\n", "").rstrip("。；;")
            if quantities(text) and "\t" not in text and len(text) < 160:
                yield Right(document, "quote", f"{text}[1]。", (source(document, clause),))


def _templates(document: str) -> Iterator[Right]:
    """Six wordings of every benefit with a subject and a figure, and a list of those that share a quote."""
    found = edition(document)
    clauses = {clause.path: clause for clause in reversed(found.clauses)}
    usable = [benefit for benefit in found.benefits if _usable(benefit)]
    for benefit in usable:
        paths = (benefit.path, *supporting_paths(benefit, found.clauses))
        sources = tuple(source(document, clauses[path]) for path in paths)
        for text in _wordings(benefit):
            yield Right(document, "template", text, sources)
    for (path, _), group in groupby(usable, key=lambda benefit: (benefit.path, benefit.quote)):
        members = [f"{_who(one)}{_what(one)}" for one in group]
        if len(members) > 1:
            yield Right(document, "template", f"{'，'.join(members)}[1]。", (source(document, clauses[path]),))


def _usable(benefit: Benefit) -> bool:
    values = {float(q.value) for q in quantities(benefit.quote) if q.kind is not Kind.COUNT}
    stated = [value for value in (benefit.amount, benefit.cap, benefit.rate) if value is not None]
    named = (
        3 < len(benefit.beneficiary) <= _LONGEST_BENEFICIARY and "/" not in benefit.quote and "\t" not in benefit.quote
    )
    named = named and not any(word in benefit.quote for word in ("百分点", "1:", "1∶", "提高"))
    return named and bool(stated) and all(any(abs(v - s) < 1e-9 for v in values) for s in stated)


def _who(benefit: Benefit) -> str:
    return benefit.beneficiary.rstrip("，,的")


def _what(benefit: Benefit) -> str:
    each = benefit.base if benefit.base and benefit.base.startswith("每") else ""
    yearly = re.search(r"每年(?:给予|奖励|补助|补贴|资助)?(?:企业)?\d", benefit.quote)
    each = each or ("每年" if yearly and not benefit.base else "")
    if benefit.amount is not None:
        return f"{benefit.kind}{each}{format_amount(benefit.amount)}"
    spells = [
        word
        for match in _BEFORE_CAP.finditer(benefit.quote)
        if any(float(q.value) == benefit.cap for q in quantities(benefit.quote[match.end() :])[:1])
        for word in _EACH.findall(match[1])
    ]
    limit = f"{''.join(dict.fromkeys(spells))}最高{format_amount(benefit.cap)}" if benefit.cap is not None else ""
    if benefit.rate is None:
        return f"{benefit.kind}{each}{limit}"
    front, sign, _ = benefit.quote.partition("%")
    below = "不超过" if sign and "不超过" in front[-14:] else ""
    of = f"{benefit.base}的" if benefit.base else ""
    share = f"按{of}{below}{format_rate(benefit.rate)}{benefit.kind}"
    return f"{share}，{limit}" if limit else share


def _wordings(benefit: Benefit) -> Iterator[str]:
    who, what = _who(benefit), _what(benefit)
    yield f"{who}，{what}[1]。"
    yield f"按文件规定，{who}可以享受：{what}。[1]"
    yield f"您问的是{who}，这一类{what}[1]。"
    yield f"- {who}：**{what}**[1]"
    yield f"对{who}，文件写的是{what}[1]；其他情况没有写明。"
    if benefit.amount is not None and what == f"{benefit.kind}{format_amount(benefit.amount)}":
        money = format_amount(benefit.amount)
        yield f"{who}能拿到{money}的{benefit.kind}[1]。"
        yield f"{benefit.kind}标准是 {money} ，对象是{who}[1]。"
