"""Clauses that a clause refers to in its own policy: 符合第三条规定的, 前条, 本条第(一)项, 附件1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from index.clean.characters import shape_of
from index.models import Clause
from index.parse.numerals import CN_NUMERAL, to_int
from index.store import IndexReader
from rag.found import RetrievedClause
from rag.references import ClauseReference, clause_references, resolve

LINKED_LIMIT = 8
"""Clauses given for one that refers to others."""

_NUMBER = rf"(?:\d{{1,2}}|{CN_NUMERAL})"
_OWN = re.compile(
    r"(?:本|该)(?:法|条例|办法|规定|细则|实施细则|规则|意见|实施意见|若干意见|政策|若干政策|措施|若干措施|通知|方案|实施方案|计划|行动计划|指南|文件)的?$"
)
_OTHERS = re.compile(r"(?:》|法典?|条例|办法|规定|细则|规则|决定|意见)(?:\([^()]{1,30}\)|[\[(]\d{4}[\])]\d+号)*的?$")
_JOINS = re.compile(r"[、,和及或至到~-]*(?:以及|或者)?")
_EARLIER_ARTICLE = re.compile(rf"前(?:({_NUMBER}))?条|上一条")
_EARLIER_PARAGRAPH = re.compile(rf"(?:前|上)(?:两|二|三)?款(?!第?\(?{_NUMBER})")
_ITEMS = re.compile(
    rf"(?:第|上述|前述|以上|本条|前款)(?:第?\({_NUMBER}\)(?:至|到|[、,和及])?)+项?|第{_NUMBER}(?:[、,和及至到]+第?{_NUMBER})*项"
)
_MORE_ITEMS = re.compile(rf"((?:[、,和及至到]+第?\(?{_NUMBER}\)?项?)+)(?<=项)")
_ATTACHMENT = re.compile(rf"附件({_NUMBER})?(?!:)")


def linked_clauses(
    reader: IndexReader, item: RetrievedClause, *, limit: int = LINKED_LIMIT
) -> tuple[RetrievedClause, ...]:
    """Clauses of the same policy that `item` refers to, in the order of its text, each once, itself left out."""
    clauses = reader.clauses(item.policy_id)
    text = shape_of(item.clause.text)
    targets = sorted(_targets(text, item.clause, clauses), key=lambda target: target[0])
    distinct = {clause.path: clause for _, clause in targets if clause.path != item.clause.path}
    found = (RetrievedClause(item.policy_id, item.facts, clause, item.score) for clause in distinct.values())
    return tuple(_with_context(reader, one) for one in islice(found, limit))


def _with_context(reader: IndexReader, item: RetrievedClause) -> RetrievedClause:
    return RetrievedClause(item.policy_id, item.facts, item.clause, item.score, context=context_of(reader, item))


def context_of(reader: IndexReader, item: RetrievedClause) -> str:
    """What stands in front of the clause's chunks: title, headings, lead texts."""
    try:
        return reader.chunk(f"{item.policy_id}#{item.clause.path}#0").context
    except KeyError:
        return "\n".join((item.facts.title, *item.clause.trail))


def _targets(text: str, clause: Clause, clauses: Sequence[Clause]) -> Iterator[tuple[int, Clause]]:
    """Offsets of references in `text`, with the clauses they stand for."""
    references = [one for one in clause_references(text) if one.style != "item"]
    for reference in _own(references, text):
        for one in (reference, *_further_items(reference, text)):
            yield from ((reference.start, hit.clause) for hit in resolve(one, clauses))
    taken = [range(one.start, one.start + len(one.said)) for one in references]
    for found in _ITEMS.finditer(text):
        if any(found.start() in span for span in taken):
            continue
        for number in _numbers(found[0]):
            yield from ((found.start(), target) for target in _sibling(clause, number, clauses))
    for found in _EARLIER_ARTICLE.finditer(text):
        count = (to_int(found[1]) if found[1] else 1) or 1
        yield from ((found.start(), target) for target in _earlier_articles(clause, clauses, count))
    for found in _EARLIER_PARAGRAPH.finditer(text):
        yield from ((found.start(), target) for target in _earlier_paragraphs(clause, clauses))
    for found in _ATTACHMENT.finditer(text):
        yield from ((found.start(), target) for target in _attachment(found[1], clauses))


def _own(references: Sequence[ClauseReference], text: str) -> Iterator[ClauseReference]:
    """References to articles and parts of the policy itself; those of another document are told by what is before."""
    end, foreign = -1, False
    for reference in references:
        before = text[: reference.start]
        joined = end >= 0 and _JOINS.fullmatch(text[end : reference.start]) is not None
        if not joined:
            foreign = bool(_OTHERS.search(before)) and not _OWN.search(before)
        end = reference.start + len(reference.said)
        if not foreign:
            yield reference


def _further_items(reference: ClauseReference, text: str) -> list[ClauseReference]:
    """Items that go on behind a reference: 第二条第一项至第三项, 第五条第(一)、(四)项."""
    found = _MORE_ITEMS.match(text, reference.start + len(reference.said))
    if found is None or len(reference.numbers) < 2:
        return []
    *above, first = reference.numbers
    numbers = _numbers(f"({first}){found[1]}")[1:]
    return [replace(reference, numbers=(*above, number)) for number in numbers]


def _numbers(text: str) -> list[int]:
    """Numbers of items; (一)至(三) gives all three."""
    found: list[int] = []
    for range_mark, written in re.findall(rf"(至|到)?第?\(?({_NUMBER})\)?", text):
        number = to_int(written)
        if number is None:
            continue
        if range_mark and found and number > found[-1]:
            found += range(found[-1] + 1, number)
        found.append(number)
    return found


def _sibling(clause: Clause, number: int, clauses: Sequence[Clause]) -> list[Clause]:
    """The item with this number nearest to `clause`: below it, beside it, then beside what lies above."""
    parts = clause.path.split(".")
    by_path = {one.path: one for one in reversed(clauses)}
    # 前款第(一)项 in the paragraph behind the items: 6.p2 says it of 6.1.
    wanted = (".".join((*parts[:depth], str(number))) for depth in range(len(parts), 0, -1))
    return next(([by_path[path]] for path in wanted if path in by_path), [])


def _article_of(path: str) -> str:
    """First component of a path, with the attachment's: 12.3 gives 12, a1.2.1 gives a1.2."""
    parts = path.split(".")
    return ".".join(parts[:2]) if parts[0].startswith("a") else parts[0]


def _earlier_articles(clause: Clause, clauses: Sequence[Clause], count: int) -> list[Clause]:
    """Clauses of the `count` articles before the one that `clause` belongs to."""
    articles = list(dict.fromkeys(_article_of(one.path) for one in clauses))
    own = _article_of(clause.path)
    at = articles.index(own) if own in articles else 0
    wanted = articles[max(0, at - count) : at]
    return [one for one in clauses if _article_of(one.path) in wanted and _article_of(one.path) != "0"]


def _earlier_paragraphs(clause: Clause, clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses of the same article that stand before `clause`, where it is a paragraph (款) of its own."""
    own = _article_of(clause.path)
    if not re.search(r"\.p\d", clause.path):
        return []
    return [one for one in clauses if _article_of(one.path) == own and one.source.start < clause.source.start]


def _attachment(written: str | None, clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses of an attachment; without a number, of the only one."""
    there = list(dict.fromkeys(one.path.split(".")[0] for one in clauses if re.match(r"a\d", one.path)))
    only = there[0] if len(there) == 1 else ""
    wanted = f"a{to_int(written)}" if written else only
    return [one for one in clauses if one.path.split(".")[0] == wanted]
