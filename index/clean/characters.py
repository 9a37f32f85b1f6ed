"""Character-level repair: broken PDF fonts, width, blanks, traditional characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.clean.mapped import MappedText

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇"
CJK_PUNCTUATION = "，。、；：？！“”‘’（）《》〈〉【】〔〕「」『』—…·×％～"

# A PDF font without a ToUnicode table leaves two-byte GB 2312 codes to be read as code points: the
# comma, GB 0xA3AC, arrives as U+A3AC, a Yi syllable. Rows A1 and A3 hold punctuation and full-width ASCII.
_YI_FIRST, _YI_LAST = 0xA1A1, 0xA3FE
_YI_SHARE = 0.2  # more Yi letters than this against Han characters is a text in the Yi language

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\u0000-\u0008\u000e-\u001f\u007f]")
_PRIVATE_DECIMAL_POINT = re.compile("(?<=[0-9０-９])[ ]?([\ue000-\uf8ff\U000f0000-\U0010ffff])[ ]?(?=[0-9０-９])")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")

_BLANK_CHARACTERS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_BESIDE_BLANK = f"{HAN}{re.escape(CJK_PUNCTUATION)}"
_BLANKS = re.compile(
    rf"(?<=[{_BESIDE_BLANK}])[ ]+|[ ]+(?=[{_BESIDE_BLANK}])"
    r"|(?<=[0-9])[ ]+(?=[%,.:;)\]~])|(?<=[(\[])[ ]+|[ ]+(?=[)\]])|(?<=[,:;])[ ]+(?=[0-9(])"
    r"|(?<!\n[0-9]\.)(?<!\n[0-9][0-9]\.)(?<=[0-9]\.)[ ]+(?=[0-9])|(?<=[~+])[ ]+(?=[0-9])"
)
_TRADITIONAL_SHARE = 0.01


@lru_cache(maxsize=1)
def _width_table() -> dict[int, str]:
    """Full-width letters and digits to ASCII; every kind of blank to U+0020; «» to 《》."""
    table = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F) if chr(code).isalnum()}
    table.update({ord(blank): " " for blank in _BLANK_CHARACTERS})
    table.update({ord("«"): "《", ord("»"): "》", ord("\x0b"): "\n", ord("\x85"): "\n", ord("\u2028"): "\n"})
    table[ord("\u2029")] = "\n"
    return table


def _yi_table(text: str) -> dict[int, str]:
    """Yi letters of `text` that are misread GB 2312 punctuation, with what they stand for."""
    letters = {char for char in text if _YI_FIRST <= ord(char) <= _YI_LAST}
    if not letters:
        return {}
    han = sum("\u4e00" <= char <= "\u9fff" for char in text)
    if sum(char in letters for char in text) > _YI_SHARE * max(han, 1):
        return {}
    table = {}
    for char in letters:
        try:
            table[ord(char)] = ord(char).to_bytes(2, "big").decode("gb2312")
        except UnicodeDecodeError:
            continue
    # The same fonts set the full stop from the full-width row: 0xA3AE is ．, used for 。
    return {code: "。" if char == "．" else char for code, char in table.items()}


def repair_characters(text: MappedText) -> MappedText:
    """Undo what fonts and input methods did to single characters; one to one but for invisible ones."""
    point = {match.start(1) for match in _PRIVATE_DECIMAL_POINT.finditer(text.text)}
    if point:
        text = text.with_text("".join("." if i in point else char for i, char in enumerate(text.text)))
    text = text.without_matches(_INVISIBLE).without_matches(_PRIVATE)
    return text.translated(_yi_table(text.text)).translated(_width_table())


def remove_blanks(text: MappedText) -> MappedText:
    """Delete blanks that Chinese text does not have: beside Han characters, inside numbers and brackets.

    Blanks between two Latin words or two numbers stay, also behind the ordinal of an item (1. 2010年以前…); so do
    tabs (table cells) and line ends.
    """
    return text.without_matches(_BLANKS)


@lru_cache(maxsize=1)
def _to_simplified_converter():  # type: ignore[no-untyped-def]  # noqa: ANN202 - opencc has no stubs
    import opencc

    return opencc.OpenCC("tw2s")


@lru_cache(maxsize=8)
def simplify(text: str) -> str:
    """`text` in simplified characters, of the same length.

    Text with hardly a traditional character is left alone: in simplified documents such characters
    stand in names (於潜, 乾隆).
    """
    converter = _to_simplified_converter()
    converted: str = converter.convert(text)
    if len(converted) != len(text):
        converted = "".join(_first(converter.convert(char), char) for char in text)
    changed = sum(a != b for a, b in zip(text, converted, strict=True))
    han = sum("\u4e00" <= char <= "\u9fff" for char in text)
    return converted if changed > _TRADITIONAL_SHARE * max(han, 1) else text


def _first(converted: str, char: str) -> str:
    return converted if len(converted) == 1 else char


@lru_cache(maxsize=1)
def _shape_table() -> dict[int, str]:
    table = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)}
    table.update({ord(a): b for a, b in zip("“”‘’〔〕【】﹝﹞［］", "\"\"''[][][][]", strict=True)})
    table.update({ord("—"): "-", ord("－"): "-", ord("–"): "-", ord("―"): "-", ord("～"): "~", ord("〇"): "零"})
    return table


def shape_of(text: str) -> str:
    """`text` with punctuation in one width, same length: what structure patterns are matched on."""
    return text.translate(_shape_table())
