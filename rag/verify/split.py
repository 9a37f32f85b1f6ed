"""Sentences of an answer with the markers that belong to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.verify.models import Said

_MARKERS = re.compile(r"(?:\s*[\[【［]\s*\d{1,3}(?:\s*[,，、;-]\s*\d{1,3})*\s*[\]】］])+")
_NUMBERS = re.compile(r"\d{1,3}")
_GROUP = re.compile(r"[\[【［]([^\[\]【】［］]*)[\]】］]")
_STOPS = frozenset("。！？!?\n")
_SEMICOLONS = frozenset("；;")
_OPEN = {"《": "》", "（": "）", "(": ")", "“": "”", "「": "」", "『": "』"}
_BULLET = re.compile(r"^\s*(?:[-*•·]\s+|\d{1,2}[.、)）]\s*(?!\d)|[(（][一二三四五六七八九十\d]+[)）]\s*|#+\s+|>\s*)")
_INTRODUCES = re.compile(r"[:：]\s*[*_]*$")
_QUALIFIED = re.compile(r"^\s*[^\w\s]*\s*$")


def split_answer(text: str) -> tuple[Said, ...]:
    """Sentences of `text` in order, blank ones left out.

    Full stops, question marks and line ends part sentences, not inside brackets, titles or quotes; a semicolon does
    where a marker stands beside it. A marker belongs to the sentence it ends, before or after the full stop. List
    items under an introduction that ends in a colon and carries markers take those over where they have none.
    """
    said: list[Said] = []
    inherited: tuple[int, ...] = ()
    for line_start, line in _lines(text):
        item = bool(_BULLET.match(line))
        if not item and line.strip():
            inherited = ()
        sentences = [_said(text, start, end) for start, end in _ranges(line, line_start)]
        for one in sentences:
            if not one.text:
                continue
            introduces = bool(_INTRODUCES.search(one.text))
            said.append(one if one.markers or not item else _with(one, inherited))
            if introduces and not item:
                inherited = one.markers
    return tuple(said)


def _with(said: Said, markers: tuple[int, ...]) -> Said:
    return Said(said.text, said.written, markers, said.start, said.end)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def _ranges(line: str, offset: int) -> list[tuple[int, int]]:
    """Ranges of the sentences of one line; markers behind a full stop belong to the sentence before."""
    found: list[tuple[int, int]] = []
    awaited: list[str] = []
    start = at = 0
    while at < len(line):
        char = line[at]
        if char in _OPEN:
            awaited.append(_OPEN[char])
        elif awaited and char == awaited[-1]:
            awaited.pop()
        at += 1
        stops = char in _STOPS or (char in _SEMICOLONS and _beside_marker(line, at))
        if stops and not (awaited and awaited[-1] in line[at:]):
            while at < len(line) and (line[at] in _STOPS or line[at] in "”」』*"):
                at += 1
            behind = _MARKERS.match(line, at)
            at = behind.end() if behind else at
            found.append((offset + start, offset + at))
            start = at
    if line[start:].strip():
        found.append((offset + start, offset + len(line)))
    return found


def _beside_marker(line: str, at: int) -> bool:
    """Whether a marker stands before or behind the semicolon that ends at `at`."""
    return bool(_MARKERS.match(line, at)) or bool(re.search(r"[\]】］]\s*$", line[: at - 1]))


def _said(answer: str, start: int, end: int) -> Said:
    written = answer[start:end]
    markers = [number for match in _MARKERS.finditer(written) for number in _numbers(match[0])]
    bare = _MARKERS.sub("", written)
    bare = _BULLET.sub("", bare).replace("**", "").replace("__", "").strip()
    if _QUALIFIED.match(bare):
        bare = ""
    return Said(bare, written, tuple(dict.fromkeys(markers)), start, end)


def _numbers(markers: str) -> Iterator[int]:
    """Numbers of [1][2], [1,2] and [1-3]."""
    for match in _GROUP.finditer(markers):
        for part in re.split(r"[,，、;]", match[1]):
            ends = [int(number) for number in _NUMBERS.findall(part)]
            yield from range(ends[0], ends[-1] + 1) if len(ends) == 2 and ends[0] <= ends[1] else ends
