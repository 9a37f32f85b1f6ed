"""Other ways in which the same question is asked and the same passage is indexed, for training.

Questions: traditional characters, a mistyped character that sounds the same, a polite opening, no question mark.
Passages: without the title in front.
"""

from __future__ import annotations

import random
from collections import defaultdict
from functools import lru_cache

OPENINGS = ("请问", "我想问一下，", "想咨询一下，", "您好，", "麻烦问下")
_COMMON_FROM, _COMMON_TO = 0xB0, 0xD8
"""Rows of GB 2312 with the 3,755 characters in daily use."""


def question_variant(text: str, chance: random.Random, *, share: float) -> str:
    """`text`, with probability `share` each: in traditional characters, mistyped, with an opening, without its mark."""
    if chance.random() < share:
        text = mistyped(text, chance)
    if chance.random() < share:
        text = text.rstrip("?？。")
    if chance.random() < share:
        text = chance.choice(OPENINGS) + text
    if chance.random() < share:
        text = traditional(text)
    return text


def passage_variant(text: str) -> str:
    """A passage without its first line, the title; as it is where there is no other line."""
    _, found, body = text.partition("\n")
    return body if found and body.strip() else text


def traditional(text: str) -> str:
    """`text` in traditional characters."""
    converted: str = _converter().convert(text)
    return converted


def mistyped(text: str, chance: random.Random) -> str:
    """`text` with one character replaced by a common one of the same sound; as it is where none has any."""
    places = [at for at, character in enumerate(text) if _homophones().get(character)]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + chance.choice(_homophones()[text[at]]) + text[at + 1 :]


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]  # noqa: ANN202 - opencc has no stubs
    import opencc

    return opencc.OpenCC("s2t")


@lru_cache(maxsize=1)
def _homophones() -> dict[str, tuple[str, ...]]:
    """Common characters with the others that are read alike, tone aside."""
    from pypinyin import lazy_pinyin

    cells = (bytes((row, cell)) for row in range(_COMMON_FROM, _COMMON_TO) for cell in range(0xA1, 0xFF))
    characters = [text for cell in cells if (text := cell.decode("gb2312", "ignore"))]
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character in characters:
        by_sound[lazy_pinyin(character)[0]].append(character)
    return {
        character: tuple(other for other in group if other != character)
        for group in by_sound.values()
        for character in group
    }
