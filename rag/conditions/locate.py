"""Where words stand in a clause: an unbroken piece of its text, whatever the line ends inside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.conditions.names import levels_of, name_of

_BLANK = re.compile(r"\s+")


def locate(words: str, *, texts: Sequence[str], quote: str) -> str:
    """The piece of one of `texts` that says `words`; `quote` (itself a piece) where the words were put together.

    A name that was put together from a list (国家级孵化器 of 国家级、省级孵化器) gives the piece from its level to
    its end, where both stand in `quote`.
    """
    for text in (quote, *texts):
        found = _squeezed(words, text)
        if found:
            return found
    return _spanning(words, quote) or quote


def _squeezed(words: str, text: str) -> str:
    """`words` in `text` where only blanks and line ends differ."""
    if words and words in text:
        return words
    wanted = _BLANK.sub("", words)
    places = [at for at, char in enumerate(text) if not char.isspace()]
    at = "".join(text[place] for place in places).find(wanted) if wanted else -1
    return text[places[at] : places[at + len(wanted) - 1] + 1] if at >= 0 else ""


def _spanning(words: str, text: str) -> str:
    level = next(iter(levels_of(words)), "")
    core = name_of(words).core
    if not core:
        return ""
    end = text.rfind(core)
    start = text.find(level) if level else end
    return text[start : end + len(core)] if 0 <= start <= end else ""


def composed(phrase: str, texts: Sequence[str]) -> list[str]:
    """Parts of a beneficiary that was put together from several places, `A（B）（C）` as A, B, C.

    Brackets that stand in a text themselves (首台（套）, 实际投入（设备和软件）) stay where they are.
    """
    squeezed = [_BLANK.sub("", text) for text in texts]
    parts: list[str] = []
    rest = phrase
    while match := re.search(r"（([^（）]*(?:（[^（）]*）[^（）]*)*)）$", rest):
        around = _BLANK.sub("", rest[max(0, match.start() - 2) : match.end()])
        if any(around in text for text in squeezed):
            break
        parts.insert(0, match[1])
        rest = rest[: match.start()]
    return [part for part in (rest, *parts) if part]
