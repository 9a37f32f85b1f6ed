"""The text of one policy for reading: headings and clauses in order, contents, and the words that are marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.models import Clause, ClausePath

_PREVIEW = 16
_ENDS_SENTENCE = tuple("。．.；;：:，,")
_DEEPEST = 3
"""Steps of indentation at most."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of characters in one look."""

    text: str
    strong: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One heading, or one clause with its text.

    Attributes:
        path: of the clause, or of what the heading is over; "" for a heading that numbers nothing (第一章).
        anchor: id within the page.
        depth: steps of indentation, from 0.
        label: as a person cites it, "" for headings.
        heading: the words of a heading; of a clause its own heading, "" where it has none.
        paragraphs: text of a clause, each a row of segments; empty for headings.
        marked: whether it is the clause that was asked for.
        page: of the source file, None where it has none.
        title: the heading of a clause where it is a line of its own; `paragraphs` then begin behind it.
    """

    path: ClausePath
    anchor: str
    depth: int
    label: str
    heading: str
    paragraphs: tuple[tuple[Segment, ...], ...] = ()
    marked: bool = False
    page: int | None = None
    title: tuple[Segment, ...] = ()

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All of the clause's text."""
        return (*self.title, *(segment for row in self.paragraphs for segment in row))

    @property
    def level(self) -> int:
        """Level of the heading in the page, 2 to 5."""
        return min(self.depth, _DEEPEST) + 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the contents."""

    anchor: str
    text: str
    depth: int


def parts(clauses: Sequence[Clause], *, target: ClausePath = "", quote: str = "") -> tuple[Part, ...]:
    """Headings and clauses in the order of the document.

    Args:
        clauses: of one edition; headings that have no text of their own stand in their trails.
        target: path of the clause to mark; a path that only stands over others marks their heading.
        quote: words to mark in that clause, where they occur as they are.
    """
    return tuple(_parts(clauses, target, quote))


def _parts(clauses: Sequence[Clause], target: ClausePath, quote: str) -> Iterator[Part]:
    own = {clause.path for clause in clauses}
    shown: set[tuple[str, ...]] = set()
    anchors: dict[str, int] = {}
    for clause in clauses:
        steps = clause.path.split(".")
        # The last headings of the trail stand over the numbers of the path, those before are chapters.
        first = len(clause.trail) - (len(steps) - 1)
        for at, heading in enumerate(clause.trail):
            over = ".".join(steps[: at - first + 1]) if at >= first else ""
            until = clause.trail[: at + 1]
            if until in shown or over in own:
                continue
            shown.add(until)
            anchor = _anchor(over or f"h{len(shown)}", anchors)
            yield Part(over, anchor, min(at, _DEEPEST), "", heading, marked=bool(over) and over == target)
        is_target = clause.path == target
        title, rows = _text(clause, quote if is_target else "")
        yield Part(
            clause.path,
            _anchor(clause.path, anchors),
            min(len(clause.trail), _DEEPEST),
            clause.label,
            clause.written[: len(clause.heading or "")],
            rows,
            is_target,
            clause.source.page,
            title,
        )


def _anchor(name: str, taken: dict[str, int]) -> str:
    """`c-` and the name; a name that occurs again gets a number."""
    taken[name] = taken.get(name, 0) + 1
    return f"c-{name}" if taken[name] == 1 else f"c-{name}_{taken[name]}"


def _text(clause: Clause, quote: str) -> tuple[tuple[Segment, ...], tuple[tuple[Segment, ...], ...]]:
    """The heading where it is a line of its own, and the rest in paragraphs; in the characters of the source."""
    written, heading = clause.written, len(clause.heading or "")
    quoted = _span(clause, quote)
    alone = heading if heading and written[heading : heading + 1] not in _ENDS_SENTENCE else 0
    rows = []
    at = alone
    for line in written[alone:].split("\n"):
        rows.append(_segments(written, (at, at + len(line)), heading, quoted))
        at += len(line) + 1
    return _segments(written, (0, alone), 0, quoted), tuple(row for row in rows if row)


def _segments(written: str, part: tuple[int, int], strong_until: int, marked: tuple[int, int]) -> tuple[Segment, ...]:
    """A part of the text, cut where its look changes."""
    first, last = part
    cuts = sorted({first, last, *(cut for cut in (strong_until, *marked) if first < cut < last)})
    return tuple(Segment(written[a:b], b <= strong_until, marked[0] <= a and b <= marked[1]) for a, b in pairwise(cuts))


def _span(clause: Clause, quote: str) -> tuple[int, int]:
    """Where a quote stands in a clause; (0, 0) where it does not."""
    if quote:
        for text in (clause.written, clause.text):
            start = text.find(quote)
            if start >= 0:
                return start, start + len(quote)
    return 0, 0


def contents(found: Sequence[Part]) -> tuple[Entry, ...]:
    """Headings, clauses with a heading, and clauses of the outermost number."""
    return tuple(
        Entry(part.anchor, _entry_text(part), part.depth)
        for part in found
        if not part.label or part.heading or "." not in part.path
    )


def _entry_text(part: Part) -> str:
    if not part.label:
        return part.heading
    if part.heading:
        return f"{part.label}{'' if part.label.endswith('、') else ' '}{part.heading}"
    words = "".join(segment.text for segment in part.paragraphs[0]) if part.paragraphs else ""
    return f"{part.label} {words[:_PREVIEW]}{'…' if len(words) > _PREVIEW else ''}"
