"""Text as the check compares it: half-width, without blanks and Markdown marks, with the place of every character."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from index.clean.characters import simplify

_DROPPED = re.compile(r"[\s\u200b\ufeff\u3000*`_#>●]|^[-•·]+|(?<=\n)[-•·]+")
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](0?[1-9]|1[0-2])[-/.](3[01]|[12]\d|0?[1-9])(?!\d)")
_CELL_OF_THREE = re.compile(r"(?<=\d)[\t|](?=\d{3}(?!\d))")
"""300|600 are two cells; 300,600 is one number."""
_DASHES = str.maketrans(
    dict.fromkeys("—–―−－", "-") | {"〇": "零", "∶": ":", "「": "“", "」": "”", "『": "“", "』": "”"}
)
# Marks between digits are part of the figure: 1.5 is not 15, and 3-5 is not 35.
_NOT_WORD = re.compile(r"(?<!\d)[^\w%‰]|[^\w%‰](?!\d)")
# Numbers of a document, and what stands in title marks, name a source: they are no figures of a statement.
DOC_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,14}?)?[\[(〔【]((?:19|20)\d{2})[\])〕】]第?0*(\d{1,5})号")
PHONE = re.compile(r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|400-?\d{3}-?\d{4}|\d{3,4}-\d{7,8}|\d{4}-\d{4})(?![\d年])")
TITLE = re.compile(r"《([^《》]{2,120})》")


@dataclass(frozen=True, slots=True)
class Plain:
    """Folded text; `offsets[i]` is the place of character i in the text it was made from."""

    text: str
    offsets: tuple[int, ...]


# Clauses and sentences come back within an answer and from one answer to the next.
@lru_cache(maxsize=2048)
def fold(text: str) -> Plain:
    """`text` without blanks, half-width, in simplified characters; cells of a table are parted like a sentence."""
    if "\t" in text or "|" in text:
        text = _CELL_OF_THREE.sub(";", text).replace("\n", "。").replace("\t", ",").replace("|", ",")
    dropped = {at for match in _DROPPED.finditer(text) for at in range(*match.span())}
    # A blank between digits, or letters, parts them: 2025 300万元 is not 2025300万元.
    kept = [at for at in range(len(text)) if at not in dropped or _parts_numbers(text, at)]
    chars = "".join(_half(text[at]) for at in kept)
    return Plain(simplify(chars).translate(_DASHES), tuple(kept))


def fold_said(text: str) -> str:
    """A sentence of an answer, folded; 2021-12-31 becomes 2021年12月31日."""
    dated = _ISO_DATE.sub(lambda match: f"{match[1]}年{int(match[2])}月{int(match[3])}日", text)
    return fold(dated).text


@lru_cache(maxsize=8192)
def _half(char: str) -> str:
    if char == "，":
        return ","
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _parts_numbers(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return text[at].isspace() and before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def letters(text: str) -> str:
    """Only the word characters of folded text: what verbatim means."""
    return letters_of(text).text


@lru_cache(maxsize=4096)
def letters_of(text: str) -> Plain:
    """`letters` with the place of each in `text`."""
    dropped = {match.start() for match in _NOT_WORD.finditer(text)}
    kept = tuple(at for at in range(len(text)) if at not in dropped)
    return Plain("".join(text[at].lower()[:1] for at in kept), kept)


def without_names(plain: str) -> str:
    """`plain` of the same length, with titles, document numbers and telephone numbers blanked out."""
    for pattern in (DOC_NUMBER, TITLE, PHONE):
        plain = pattern.sub(lambda match: "□" * len(match[0]), plain)
    return plain
