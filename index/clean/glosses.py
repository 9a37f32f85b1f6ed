"""Pinyin glosses: readings in brackets that scraped pages glue after characters, 转(zhuan)型."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.clean.characters import HAN
from index.clean.mapped import MappedText

_MAX_BLANKS = 3  # a gloss may be cut by a line end, a blank or both
_S = rf"\s{{0,{_MAX_BLANKS}}}"
_LETTER = r"[A-Za-züÜāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ\u0300-\u030c]"
_GLOSS = re.compile(rf"{_S}[(（]({_S}{_LETTER}(?:{_S}{_LETTER}){{0,6}}[1-5]?{_S})[)）]")
_HAN_CHAR = re.compile(f"[{HAN}]")


def _plain(reading: str) -> str:
    """A syllable without tone marks, ü as v."""
    decomposed = unicodedata.normalize("NFD", reading.lower().replace("ü", "v").replace("u\u0308", "v"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char) and char.isalpha())
    return letters.replace("u:", "v")


@lru_cache(maxsize=8192)
def _readings(char: str) -> frozenset[str]:
    from pypinyin import Style, pinyin

    spelled = pinyin(char, style=Style.NORMAL, heteronym=True)[0]
    return frozenset(variant for reading in spelled for variant in (_plain(reading), reading.replace("v", "u")))


def _is_reading(letters: str, char: str) -> bool:
    bare = "".join(letters.split())
    if len(bare) > 1 and bare.isupper():  # 广域网(WAN), an abbreviation
        return False
    plain = _plain(bare)
    return plain in _readings(char) or plain.replace("v", "u") in _readings(char)


def remove_glosses(text: MappedText) -> MappedText:
    """Delete bracketed Latin letters that are a reading of the Han character before them.

    (市), AI×5G, IP and 广域网(WAN) stay. A gloss repeated after the same character goes as well. Line
    ends inside a gloss stay, so that the text keeps its lines.
    """
    spans: list[tuple[int, int]] = []
    for match in _GLOSS.finditer(text.text):
        before = match.start() - 1
        if spans and spans[-1][1] == match.start():
            before = spans[-1][0] - 1
        if before < 0 or not _HAN_CHAR.match(text.text[before]):
            continue
        if _is_reading(match.group(1), text.text[before]):
            start = spans.pop()[0] if spans and spans[-1][1] == match.start() else match.start()
            spans.append((start, match.end()))
    pieces = [
        (start + m.start(), start + m.end())
        for start, end in spans
        for m in re.finditer(r"[^\n\f]+", text.text[start:end])
    ]
    return text.without(pieces)
