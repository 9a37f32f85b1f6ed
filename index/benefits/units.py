"""The parts of a sentence that can state a benefit each."""

from __future__ import annotations

import re

from index.benefits.marked import Marked, Span, trimmed
from index.benefits.vocabulary import CAP_WORD, GIVE, LEVEL, NOUNS, STRONG

_COMMA = re.compile(r"(?<!\d),|,(?!\d{3})")
_OWN_AWARD = re.compile(rf"(?:{GIVE}|按照?|{STRONG}|增加|奖|补|提高)[^、]*[¤٪∶‱]")
_LEVEL_LEFT = re.compile(rf"(?:{LEVEL})[^¤,、]{{0,14}}[¤٪]+$")
_LEVEL_RIGHT = re.compile(rf"[^¤,、]{{0,14}}?(?:{LEVEL})[^¤,、]{{0,14}}[¤٪]")
_PER_LEFT = re.compile(r"每[^¤,、]{1,4}¤+$|[^¤,、每]{2,14}¤+/[^¤,、]{1,4}$")
_PER_RIGHT = re.compile(r"[^¤,、]{1,14}每[^¤,、]{1,4}¤|[^¤,、每]{2,14}¤+/")
_KIND_LEFT = re.compile(rf"¤[^,、¤]{{0,6}}?(?:{STRONG}|{NOUNS})$")
_KIND_RIGHT = re.compile(rf"[^,、¤]{{0,8}}¤+[^,、¤]{{0,6}}?(?:{STRONG}|{NOUNS})")
_COUNTED_LEFT = re.compile(r"(?:不超过|最多|不多于|限)[^,、¤]{0,4}#+[^,、¤#]{0,8}$")
_CAPPED_RIGHT = re.compile(rf"(?:合计|累计|总额|金额|每[^,、¤]{{1,4}}|单[^,、¤]{{1,3}})?{CAP_WORD}¤")
_NAMED = re.compile(r"[^¤٪,、]{1,14}[¤٪]+$")
_GOVERNED = re.compile(rf"{GIVE}|按|最高|不超过|分别")
# Each pair says: the left part ends with a value of its own, or a limit, and so does the right one.
_PAIRS = (
    (_LEVEL_LEFT, _LEVEL_RIGHT),
    (_PER_LEFT, _PER_RIGHT),
    (_KIND_LEFT, _KIND_RIGHT),
    (_COUNTED_LEFT, _CAPPED_RIGHT),
)


def split_units(marked: Marked, span: Span, *, announced: bool) -> list[Span]:
    """The parts of a sentence: at commas, and at 、 or 和 where both sides state a benefit of their own.

    Args:
        marked: the clause.
        span: the sentence.
        announced: whether a lead says what for, so that 博士40万元、硕士15万元 are two benefits.
    """
    flat = marked.flat
    units: list[Span] = []
    start = span.start
    for match in [*_COMMA.finditer(flat, span.start, span.end), None]:
        end = match.start() if match else span.end
        units += _split_lists(flat, trimmed(flat, start, end), announced)
        start = match.end() if match else end
    return [unit for unit in units if unit.end > unit.start]


def _split_lists(flat: str, unit: Span, announced: bool) -> list[Span]:
    parts, start = [], unit.start
    for match in re.finditer(r"[、和]", flat[unit.start : unit.end]):
        at = unit.start + match.start()
        left, right = flat[start:at], flat[at + 1 : unit.end]
        apart = any(before.search(left) and after.match(right) for before, after in _PAIRS)
        if match[0] == "、":
            apart = apart or bool(_OWN_AWARD.search(left) and _OWN_AWARD.search(right))
            apart = apart or (announced and _named_pair(left, right.split("、")[0]))
        if apart:
            parts.append(Span(start, at))
            start = at + 1
    return [*parts, trimmed(flat, start, unit.end)]


def _named_pair(left: str, right: str) -> bool:
    """博士40万元、硕士15万元: names with a value and no verb."""
    return not _GOVERNED.search(left + right) and bool(_NAMED.fullmatch(left) and _NAMED.fullmatch(right))
