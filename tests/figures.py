"""Figures, names and level-amount pairs of a Chinese clause, read without the project's own extractor.

The corpus tests compare a digest with its original through this module. It does not use the parser's or the
answerer's amount code, so an error there cannot hide one in the corpus. It knows figures by value and unit; it
does not know which noun a figure belongs to, except for the pairs of "A、B分别给予X、Y" (`pairs`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_UNITS = (
    "个百分点|平方公里|平方米|公里|分钟|小时|美元|元|%|年|月|日|天|个|家|项|人|名|户|亩|吨|倍|档"
    "|大|级|类|届|次|号|条|位|件|款|章|节|[A-Za-z]+"
)
_NAMING_UNITS = ("", "年", "月", "日", "号", "第")
_ARABIC = r"\d+(?:,\d{3})*(?:\.\d+)?[十百千万亿]*"
_NUMERAL = r"[〇零一二两三四五六七八九十百千万亿]+"
_NUMBER = rf"(?:{_ARABIC}|{_NUMERAL})"
_GROUP = re.compile(
    rf"(?P<ordinal>第)?(?P<percent>百分之)?(?P<numbers>{_NUMBER}(?:(?:—|–|-|~|至|、|和){_NUMBER})*)(?P<unit>{_UNITS})?"
)
_BOUNDS_BEFORE = (  # the longer spelling first: 不超过 ends with 超过
    ("至多", r"(?:不超过|不高于|不多于|最高|至多)$"),
    ("至少", r"(?:不低于|不少于|不小于|至少)$"),
    ("多于", r"(?:超过|超|突破|大于|高于)$"),
)
_BOUNDS_AFTER = (("至少", r"(?:\(含\))?以上"), ("至多", r"(?:\(含\))?(?:以下|以内)"), ("约", r"左右"))
_QUOTED_NAME = re.compile(r"“([^“”]{1,12})”")  # longer quotes are sentences, which a digest puts in its own words
_TITLE = re.compile(r"《[^《》]+》")
_DOC_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,9}[〔\[](?:19|20)\d{2}[〕\]]\d+号")
_MEMBER = re.compile(r"(?<=、)[^、,;:。()]{1,16}(?=、)")
_NAMES = (_TITLE, _DOC_NUMBER, _QUOTED_NAME, _MEMBER)
_WORD = re.compile(r"\w")
_AMOUNT = r"\d+(?:\.\d+)?[千万亿]*元"
_LEVEL = r"国家级|省级|市级|区级|国内|省内"
_SHARED_OUT = re.compile(rf"分别[^,;。\d]*?(?P<amounts>{_AMOUNT}(?:(?:、|和|及){_AMOUNT})+)")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number by value (1亿元 is 100000000元), its unit ("" for a bare one) and its bound (至少, 至多, 多于, 约)."""

    value: Decimal
    unit: str
    bound: str = ""

    def __str__(self) -> str:
        return f"{self.bound}{self.value.normalize():f}{self.unit}"


def flatten(text: str) -> str:
    """`text` in NFKC form without blanks; line wraps, full-width digits and spacing make no difference."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def figures(text: str) -> Counter[Figure]:
    """All figures of `text`; a range such as 3—5年 counts as two figures that share the unit."""
    flat = flatten(text)
    found: Counter[Figure] = Counter()
    for match in _GROUP.finditer(flat):
        unit = _unit(match)
        bound = _bound(flat, match)
        for number in re.findall(_NUMBER, match["numbers"]):
            if unit or number[0].isdigit() or "亿" in number:  # 一流 and 统一 are words, 百亿 is a quantity
                found[Figure(_value(number) / (100 if unit == "%" else 1), unit, bound)] += 1
    return found


def quantities(found: Counter[Figure]) -> Counter[Figure]:
    """Those of `found` that measure something: amounts, rates, counts. Dates and the numbers of names do not."""
    return Counter({figure: n for figure, n in found.items() if figure.unit not in _NAMING_UNITS})


def quoted_names(text: str) -> set[str]:
    """Names in quotation marks, such as programmes, without their marks."""
    return set(_QUOTED_NAME.findall(_TITLE.sub("", flatten(text))))


def cited_documents(text: str) -> set[str]:
    """Titles in 《》 and document numbers, blanks removed."""
    flat = flatten(text)
    return {*_TITLE.findall(flat), *_DOC_NUMBER.findall(_TITLE.sub("", flat).replace("(", " "))}


def pairs(text: str) -> set[tuple[str, Figure]]:
    """(level or threshold, amount) for every "A、B分别给予X、Y" of `text`, in the order both are written."""
    found: set[tuple[str, Figure]] = set()
    for sentence in re.split(r"[;。]", flatten(text)):
        for match in _SHARED_OUT.finditer(sentence):
            amounts = [next(iter(figures(one))) for one in re.findall(_AMOUNT, match["amounts"])]
            keys = re.findall(rf"{_LEVEL}|{_AMOUNT}", sentence[: match.start()])[-len(amounts) :]
            if len(keys) == len(amounts):
                found |= set(zip(keys, amounts, strict=True))
    return found


def holds_pair(text: str, key: str, amount: Figure) -> bool:
    """True if some mention of `amount` in `text` has `key` as the nearest level or amount before it."""
    marks = re.findall(rf"{_LEVEL}|{_AMOUNT}", flatten(text))
    return any(before == key and amount in figures(mark) for before, mark in pairwise(marks))


def differences(original: str, digest: str) -> list[str]:
    """What one clause states and the other does not: figures, names, cited documents and pairs; empty if equal.

    Quantities must be mentioned equally often; dates and the numbers of names, which may be said again, once at least.
    """
    found: list[str] = []
    for verb, here, there in (("lacks", original, digest), ("adds", digest, original)):
        ours, theirs = figures(here), figures(there)
        unmatched = (set(ours) - set(theirs)) | set(quantities(ours) - quantities(theirs))
        names = quoted_names(here) - quoted_names(there) | cited_documents(here) - cited_documents(there)
        found += [f"{verb} {item}" for item in (*unmatched, *names)]
    misplaced = [(key, amount) for key, amount in pairs(original) if not holds_pair(digest, key, amount)]
    return sorted([*found, *(f"{key} no longer gets {amount}" for key, amount in misplaced)])


def longest_copied_run(text: str, original: str) -> tuple[int, str]:
    """The copied run of `text` that holds the most characters outside names, and how many those are.

    A run is a stretch of letters, digits and characters that stands in `original` as well; punctuation, blanks and
    character widths are ignored. Names have no other wording and do not count: titles in 《》, document numbers,
    names in quotation marks, and the inner members of an enumeration (between one 、 and the next).
    """
    flat = flatten(text)
    names = {at for pattern in _NAMES for match in pattern.finditer(flat) for at in range(*match.span())}
    kept = [at for at, character in enumerate(flat) if _WORD.match(character)]
    written = "".join(flat[at] for at in kept)
    source = "".join(_WORD.findall(flatten(original)))
    best, end = (0, ""), 0
    for start in range(len(written)):
        end = max(end, start)
        while end < len(written) and written[start : end + 1] in source:
            end += 1
        counted = sum(at not in names for at in kept[start:end])
        best = max(best, (counted, written[start:end]))
    return best


def _unit(match: re.Match[str]) -> str:
    if match["percent"]:
        return "%"
    if match["ordinal"]:
        return "第"
    return match["unit"] or ""


def _bound(flat: str, match: re.Match[str]) -> str:
    before, after = flat[max(0, match.start() - 4) : match.start()], flat[match.end() : match.end() + 6]
    for name, pattern in _BOUNDS_BEFORE:
        if re.search(pattern, before):
            return name
    return next((name for name, pattern in _BOUNDS_AFTER if re.match(pattern, after)), "")


def _value(number: str) -> Decimal:
    digits = re.match(r"[\d.,]+", number)
    if digits is None:
        return _numeral_value(number)
    value = Decimal(digits[0].replace(",", ""))
    for scale in number[digits.end() :]:
        value *= _SCALES[scale]
    return value


def _numeral_value(numeral: str) -> Decimal:
    """Value of Chinese digits: 二十二 is 22, 千亿 is 10¹¹, and a row of digits such as 二三 is read as written."""
    import cn2an

    written = numeral if numeral[0] not in _SCALES or numeral.startswith("十") else f"一{numeral}"
    return Decimal(cn2an.cn2an(written, "smart"))
