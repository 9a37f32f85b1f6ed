"""A clause prepared for pattern matching: wraps removed, brackets masked, quantities replaced by signs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.clean.characters import shape_of
from index.models import Clause
from index.quantities import Comparison, Kind, Quantity, groups, quantities

MASK = "〓"
AMOUNT, SHARE, POINTS, RATIO, COUNT, DAY = "¤", "٪", "‱", "∶", "#", "†"
_SIGNS = {
    Kind.AMOUNT: AMOUNT,
    Kind.RATE: SHARE,
    Kind.POINTS: POINTS,
    Kind.RATIO: RATIO,
    Kind.COUNT: COUNT,
    Kind.DATE: DAY,
}
VALUE = f"[{AMOUNT}{SHARE}{POINTS}{RATIO}]"
ANY = f"[{AMOUNT}{SHARE}{POINTS}{RATIO}{COUNT}]"

_TITLE = re.compile(r"《[^《》]*》|[\u4e00-\u9fff]{2,9}\[(?:19|20)\d{2}\]第?\d+号")
_RESPONSIBLE = re.compile(r"[(\[](?:责任|牵头|配合|负责|实施)(?:单位|部门)[^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*[)\]]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WRAP_BEFORE = "、,，过到达至为按含"
_WRAPPED = re.compile(
    r"\n(?=\d+(?:\.\d+)?[十百千万亿]*(?:元|%|个|万|亿)|第[一二三四五六七八九十百\d]+条|[（(][一二三四五六七八九十\d]+[）)]项)"
)
_BULLETS = re.compile("[\u2022\u25a0-\u25ca\u25cc-\u27bf\U0001f300-\U0001faff]")  # ○ may be a zero
_MEASURED = re.compile(r"(?!以|元)([\u4e00-\u9fff])及?以上")
_SENTENCE_END = re.compile(r"[。;！？!?\n]")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of `Marked.text`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A clause's text for matching.

    Attributes:
        text: wraps removed; `plain` has the same length.
        plain: punctuation in one width, titles in 《》 and document numbers masked.
        flat: `plain` with what stands in brackets masked and quantities outside them replaced by signs.
        origin: for every character of `text`, its offset in `Clause.text`.
        runs: the quantities outside brackets, lists joined.
    """

    text: str
    plain: str
    flat: str
    origin: Sequence[int]
    runs: tuple[tuple[Quantity, ...], ...]

    def quote(self, clause: Clause, span: Span) -> str:
        """The characters of `Clause.text` from the first to the last character of `span`."""
        return clause.text[self.origin[span.start] : self.origin[span.end - 1] + 1]

    def index_of(self, at: int) -> int:
        """The first place of `text` that stands at or behind the offset `at` of `Clause.text`."""
        return bisect_left(self.origin, at)

    def runs_in(self, start: int, end: int) -> tuple[tuple[Quantity, ...], ...]:
        """The lists of quantities that lie within the range."""
        return tuple(run for run in self.runs if start <= run[0].start and run[-1].end <= end)


def mark(clause: Clause, *, only: Span | None = None, without: Span | None = None) -> Marked:
    """Prepare the text of one clause.

    What is not `only` (a cell) and what is `without` (a table) reads as blank; both ranges count characters of
    `Clause.text`.
    """
    wraps = {match.start() for match in re.finditer("\n", clause.text) if _is_wrap(clause, match.start())}
    kept = [at for at in range(len(clause.text)) if at not in wraps] if wraps else range(len(clause.text))
    text = "".join(clause.text[at] for at in kept) if wraps else clause.text
    plain = _masked(_TITLE, shape_of(text))
    plain = _BULLETS.sub("\n", plain)
    if only is not None or without is not None:
        inside, outside = only or Span(0, len(clause.text)), without or Span(0, 0)
        blank = [not inside.start <= at < inside.end or outside.start <= at < outside.end for at in kept]
        plain = "".join("\n" if out else char for char, out in zip(plain, blank, strict=True))
    plain = _RESPONSIBLE.sub(lambda match: "\n" * len(match[0]), plain)
    flat = plain
    for _ in range(3):  # brackets within brackets
        flat = _masked(_BRACKETS, flat)
    flat = re.sub(r"(?<=\d):(?=\d)", MASK, flat)
    found = tuple(q for q in quantities(_unmarked_commas(text, plain)) if flat[q.start] != MASK)
    characters = list(flat)
    for quantity in found:
        span = slice(quantity.start, quantity.end)
        characters[span] = _SIGNS[quantity.kind] * (quantity.end - quantity.start)
    return Marked(text, plain, "".join(characters), kept, groups(plain, _with_units(plain, found)))


def sentences(marked: Marked) -> list[Span]:
    """Sentences and the parts of sentences that ；separates, end marks excluded, blank ones left out."""
    spans = []
    start = 0
    for match in [*_SENTENCE_END.finditer(marked.flat), None]:
        end = match.start() if match else len(marked.flat)
        span = trimmed(marked.flat, start, end)
        if span.end > span.start:
            spans.append(span)
        start = match.end() if match else end
    return spans


def trimmed(flat: str, start: int, end: int) -> Span:
    """The range without blanks and separators at its ends."""
    while start < end and flat[start] in " \t,、:":
        start += 1
    while start < end and flat[end - 1] in " \t,、":
        end -= 1
    return Span(start, end)


def _is_wrap(clause: Clause, at: int) -> bool:
    """Whether the line end at `at` stands inside a sentence; one after a heading does not."""
    text = clause.text
    if at == len(clause.heading or ""):
        return False
    before = text[at - 1 : at]
    return bool(before) and (
        before in _WRAP_BEFORE or (before not in "。；;：:！？”）)" and bool(_WRAPPED.match(text, at)))
    )


def _masked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: MASK * len(match[0]), text)


def _with_units(plain: str, found: Sequence[Quantity]) -> list[Quantity]:
    """`found` with the measure words that no list of units knows where the text bounds them: 8000张以上."""
    return [
        replace(q, unit=match[1], op=Comparison.AT_LEAST)
        if q.kind is Kind.COUNT and not q.unit and q.op is None and (match := _MEASURED.match(plain, q.end))
        else q
        for q in found
    ]


def _unmarked_commas(text: str, plain: str) -> str:
    """`plain` with full-width commas as written, which never group digits."""
    characters = list(plain)
    for match in re.finditer("，", text):
        characters[match.start()] = "，" if characters[match.start()] == "," else characters[match.start()]
    return "".join(characters)
