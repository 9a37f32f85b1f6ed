"""Sentences of a clause: ranges of its text that tile it, so that a quote is always a piece of the clause."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from index.models import Clause

STATEMENT_LIMIT = 160
"""Longest sentence quoted whole, in characters; a longer one is quoted by its parts between semicolons."""

_OPEN = {"《": "》", "〈": "〉", "（": "）", "(": ")", "“": "”", "‘": "’", "「": "」", "『": "』", "[": "]", "【": "】"}
_CLOSE = frozenset(_OPEN.values())
_FULL_STOPS = frozenset("。！？!?\n")
_LINE_ENDS = frozenset("。！？!?；;：:”’）)》」』】]\n")
_SEMICOLONS = frozenset("；;")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A half-open range of `Clause.text` (and of `Clause.written`).

    Attributes:
        start, end: without blanks at the ends.
        stem: start of the whole sentence that this is a part of.
    """

    start: int
    end: int
    stem: int


def split_sentences(clause: Clause) -> tuple[Sentence, ...]:
    """Sentences of the clause in order, the heading left out where something follows it.

    Full stops, exclamation and question marks and line ends part sentences, but not inside brackets, book titles or
    quotes; a line end after a word or a comma is a wrap, but not beside a row of a table. A
    sentence over `STATEMENT_LIMIT` is parted at its semicolons too.
    """
    return _split(clause.text, len(clause.heading or ""))


@lru_cache(maxsize=4096)
def _split(text: str, heading_end: int) -> tuple[Sentence, ...]:
    stops, semicolons = _boundaries(text, heading_end=heading_end)
    found: list[Sentence] = []
    start = 0
    for end in [*stops, len(text)]:
        if end > start:
            inner = semicolons[bisect_right(semicolons, start) : bisect_right(semicolons, end - 1)]
            cuts = inner if end - start > STATEMENT_LIMIT else []
            found.extend(_tile(text, start, end, cuts))
        start = end
    # A heading may run into its sentence, （施行时间）本细则自…; only one that is all of a sentence is left out.
    if not heading_end:
        return tuple(found)
    body = [sentence for sentence in found if text[heading_end : sentence.end].strip("。.：: \n")]
    return tuple(body or found)


def _tile(text: str, start: int, end: int, cuts: list[int]) -> list[Sentence]:
    tiles = []
    stem, _ = _trim(text, start, end)
    for left, right in zip([start, *cuts], [*cuts, end], strict=True):
        first, last = _trim(text, left, right)
        if last > first:
            tiles.append(Sentence(first, last, stem))
    return tiles


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _ends_line(text: str, offset: int) -> bool:
    """Whether the line end at `offset` ends a sentence; a line cut inside a sentence goes on behind it."""
    before = text[:offset].rstrip()[-1:]
    return not before or before in _LINE_ENDS or _beside_row(text, offset)


def _beside_row(text: str, offset: int) -> bool:
    """Whether the line before or behind a line end is a row of a table, whose cells are parted by tabs."""
    start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset + 1)
    return "\t" in text[start : end if end >= 0 else len(text)]


def _boundaries(text: str, *, heading_end: int) -> tuple[list[int], list[int]]:
    """Offsets behind full stops and behind semicolons, outside brackets and quotes."""
    stops: list[int] = []
    semicolons: list[int] = []
    awaited: list[str] = []
    for offset, char in enumerate(text):
        if char == "\n":
            # A bracket that is left open must not swallow the rest of the clause.
            awaited.clear()
        elif char in _OPEN:
            awaited.append(_OPEN[char])
        elif char in _CLOSE and char in awaited:
            del awaited[awaited.index(char) :]
        if awaited:
            continue
        if char == "\n":
            if offset == heading_end or _ends_line(text, offset):
                stops.append(offset + 1)
        elif char in _FULL_STOPS and text[offset + 1 : offset + 2] not in _FULL_STOPS - {"\n"}:
            stops.append(offset + 1)
        elif char in _SEMICOLONS:
            semicolons.append(offset + 1)
    return stops, semicolons
