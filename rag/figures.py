"""Figures of a Chinese text by value: 1亿元, 10000万元 and 一亿元 are one amount, 15% and 百分之十五 one rate."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from index.parse.numerals import to_int

_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_ARABIC = r"\d+(?:,\d{3})*(?:\.\d+)?[十百千万亿]*"
_HAN = r"[〇零一二两三四五六七八九十百千万亿]+(?:点[〇零一二三四五六七八九]+[百千万亿]*)?"
_NUMBER = rf"(?:{_ARABIC}|{_HAN})"
_UNITS = (
    "个百分点|平方公里|平方米|个工作日|个月|万美元|美元|公里|小时|分钟|周岁|人次|元|%|‰|年|月|日|天|个|家|项|人|名|户|亩|吨|倍|档|类|次|号|条|款|"
    "件|位|届|座|台|套|期|批"
)
_GROUP = re.compile(
    rf"(?P<rate>百分之|千分之)?(?P<numbers>{_NUMBER}(?:[—–~至、-]{{1,2}}{_NUMBER})*)(?P<unit>{_UNITS})?"
)
_SINGLE = re.compile(_NUMBER)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_RATES = {"%": Decimal("0.01"), "‰": Decimal("0.001"), "百分之": Decimal("0.01"), "千分之": Decimal("0.001")}
MONEY, RATE, PLAIN = "元", "rate", ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit.

    Attributes:
        value: in the unit; amounts in 元, rates as fractions of 1.
        unit: "元", "rate" for a share, another measure word (家, 年), or "" for a bare number.
        start, end: where it stands in the text, unit included; not compared.
    """

    value: Decimal
    unit: str
    start: int = 0
    end: int = 0

    @property
    def key(self) -> tuple[Decimal, str]:
        """What makes two figures the same."""
        return (self.value.normalize(), self.unit)


def figures(text: str) -> tuple[Figure, ...]:
    """Figures of `text` in order. Chinese numerals without a unit are words (一带一路, 三农), not figures.

    In a range or a list (3—5年, 20、30万元) the last number's unit counts for all; 3—5 is not a subtraction.
    """
    plain = _same_length_fold(text)
    found: list[Figure] = []
    for group in _GROUP.finditer(plain):
        unit = group["unit"] or ""
        numbers = list(_SINGLE.finditer(group["numbers"]))
        if not unit and not group["rate"] and not any(char.isdigit() and char.isascii() for char in group["numbers"]):
            continue
        trailing = _trailing_scale(numbers[-1][0])
        for at, number in enumerate(numbers):
            value = _value(number[0])
            if value is None:
                continue
            last = at == len(numbers) - 1
            scale = 1 if last or _trailing_scale(number[0]) != 1 else trailing
            found.append(_figure(value * scale, unit, group["rate"], *_place(group, number, last=last)))
    return tuple(found)


def _place(group: re.Match[str], number: re.Match[str], *, last: bool) -> tuple[int, int]:
    offset = group.start("numbers")
    start = group.start() if number.start() == 0 else offset + number.start()
    return start, group.end() if last else offset + number.end()


def _figure(value: Decimal, unit: str, rate: str | None, start: int, end: int) -> Figure:
    factor = _RATES.get(rate or unit)
    if factor is not None:
        return Figure(value * factor, RATE, start, end)
    return Figure(value, unit, start, end)


def _same_length_fold(text: str) -> str:
    folded = (unicodedata.normalize("NFKC", char) for char in text)
    return "".join(new if len(new) == 1 else char for new, char in zip(folded, text, strict=True))


def _trailing_scale(number: str) -> int:
    """10,000 for 30万, 1 for 30: what an earlier number of the same list shares (20、30万元)."""
    match = re.fullmatch(r"[\d.,]+([十百千万亿]+)", number)
    scale = 1
    for char in match[1] if match else "":
        scale *= _SCALES[char]
    return scale


def _value(number: str) -> Decimal | None:
    """The value of 1500万, 2,000, 一百二十, 二〇二一, 三点五亿; None where it is no number."""
    arabic = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)([十百千万亿]*)", number)
    if arabic:
        return Decimal(arabic[1].replace(",", "")) * _trailing_scale(number)
    whole, _, fraction = number.partition("点")
    value = _han_value(whole)
    if value is None or not fraction:
        return value
    scale = 1
    while fraction[-1] in _SCALES:
        scale *= _SCALES[fraction[-1]]
        fraction = fraction[:-1]
    return (value + Decimal("0." + "".join(str(_DIGITS[char]) for char in fraction))) * scale


def _han_value(number: str) -> Decimal | None:
    if all(char in _DIGITS for char in number) and len(number) not in (1, 4):
        return None  # 一二, 三五: words or approximations
    # 百分之百, 千万元: a numeral that begins with its scale has one of it.
    whole = to_int(f"一{number}" if number[0] in "百千万亿" else number)
    return None if whole is None else Decimal(whole)
