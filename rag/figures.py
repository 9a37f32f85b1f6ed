"""Single figures of a Chinese text by value, for highlighting and counting: a thin layer over `index.quantities`.

A range and a list give one figure a number (3—5年: 3年, 5年), a date one for the year, month and day. 1亿元 and
10000万元 are one amount, 15% and 百分之十五 one rate; a difference of rates (3个百分点) is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from index.quantities import Kind, Quantity, quantities

MONEY, RATE, PLAIN = "元", "rate", ""
_POINTS = "个百分点"
_PART_OF_DATE = re.compile(r"(\d+)([年月日])")
_SECOND_NUMBER = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿百][^—–~至到\-－～]*$")


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


@lru_cache(maxsize=8192)
def figures(text: str) -> tuple[Figure, ...]:
    """Figures of `text` in order. Chinese numerals without a unit are words (一带一路, 三农), not figures."""
    return tuple(figure for quantity in quantities(text) for figure in _figures(text, quantity))


def _figures(text: str, quantity: Quantity) -> Iterator[Figure]:
    if quantity.kind is Kind.DATE:
        for match in _PART_OF_DATE.finditer(text, quantity.start, quantity.end):
            yield Figure(Decimal(match[1]), match[2], *match.span())
        return
    unit = _unit(quantity)
    if quantity.upper is None:
        yield Figure(quantity.value, unit, quantity.start, quantity.end)
        return
    second = _SECOND_NUMBER.search(text[quantity.start : quantity.end])
    middle = quantity.start + (second.start() if second else 0)
    first_end = len(text[:middle].rstrip("—–-~～至到－")) if second else quantity.end
    yield Figure(quantity.value, unit, quantity.start, max(first_end, quantity.start + 1))
    yield Figure(quantity.upper, unit, middle, quantity.end)


def _unit(quantity: Quantity) -> str:
    if quantity.kind is Kind.RATE:
        return RATE
    return {Kind.POINTS: _POINTS, Kind.RATIO: "比"}.get(quantity.kind, quantity.unit)
