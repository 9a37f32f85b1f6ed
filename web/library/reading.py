"""The text of one policy for reading: headings and clauses in order, contents, and the words that are marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.models import Clause, ClausePath

_PREVIEW = 16
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
        titled: whether the heading of a clause stands on a line of its own; `paragraphs` then begin behind it.
    """

    path: ClausePath
    anchor: str
    depth: int
    label: str
    heading: str
    paragraphs: tuple[tuple[Segment, ...], ...] = ()
    marked: bool = False
    page: int | None = None
    titled: bool = False

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
        rows = _paragraphs(clause, quote if is_target else "")
        titled = clause.heading is not None and clause.written.startswith(f"{clause.heading}\n")
        yield Part(
            clause.path,
            _anchor(clause.path, anchors),
            min(len(clause.trail), _DEEPEST),
            clause.label,
            clause.heading or "",
            rows[1:] if titled else rows,
            is_target,
            clause.source.page,
            titled,
        )


def _anchor(name: str, taken: dict[str, int]) -> str:
    """`c-` and the name; a name that occurs again gets a number."""
    taken[name] = taken.get(name, 0) + 1
    return f"c-{name}" if taken[name] == 1 else f"c-{name}_{taken[name]}"


def _paragraphs(clause: Clause, quote: str) -> tuple[tuple[Segment, ...], ...]:
    """The text in the characters of the source; its heading and the quote set off."""
    written = clause.written
    start, end = _span(clause, quote)
    heading = len(clause.heading or "")
    rows = []
    at = 0
    for line in written.split("\n"):
        cuts = sorted({at, at + len(line), *(cut for cut in (heading, start, end) if at < cut < at + len(line))})
        row = tuple(Segment(written[a:b], b <= heading, start <= a and b <= end) for a, b in pairwise(cuts) if a < b)
        at += len(line) + 1
        if row:
            rows.append(row)
    return tuple(rows)


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
