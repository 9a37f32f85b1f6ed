"""How results are said: amounts, counts, shares and verbs in plain Chinese."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from index.quantities import Kind, format_amount, format_rate

MONEY = "元"
GROWTH = re.compile(r"增量|较上年|比上年|较上一年|比上一年|同比|新增|增长额|增加额")
"""Words of a base that is what one year has more than the one before."""
_CENT = Decimal("0.01")
_TEN_THOUSAND = Decimal(10_000)
_REWARD = re.compile(r"^奖励?$")
_VERBS = {"贷款": "可贷", "贷款额度": "可贷", "配套": "可获配套", "返还": "可返还", "贴息": "可贴息", "抵用": "可抵用"}


def decimal(value: float | int | Decimal) -> Decimal:
    """The decimal a person wrote: 0.15 is 15/100, not the nearest binary fraction."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def amount(value: Decimal, unit: str = MONEY) -> str:
    """A value as it is written: 1600万元, 800亩, 2.5万吨; amounts to the cent."""
    if unit == MONEY:
        return format_amount(_trim(value.quantize(_CENT, ROUND_HALF_UP)))
    if unit.endswith("元"):  # foreign currency
        return format_amount(_trim(value.quantize(_CENT, ROUND_HALF_UP))).removesuffix(MONEY) + unit
    return f"{number(value)}{unit}"


def number(value: Decimal) -> str:
    """A plain number; whole multiples of 10,000 from 100,000 on are written with 万."""
    if value >= 10 * _TEN_THOUSAND and value % _TEN_THOUSAND == 0:
        return f"{_plain(value / _TEN_THOUSAND)}万"
    return _plain(_trim(value.quantize(Decimal("0.0001"), ROUND_HALF_UP)))


def size(value: Decimal, kind: Kind, unit: str) -> str:
    """A quantity of any kind as it is written: an amount, a share, or a count with its unit."""
    if kind in (Kind.RATE, Kind.POINTS):
        return format_rate(value)
    return amount(value, unit)


def rate(value: Decimal) -> str:
    """A fraction of 1 as a percentage."""
    return format_rate(value)


def points(value: Decimal) -> str:
    """A difference of shares: 0.01 is 1个百分点."""
    return f"{_plain(value * 100)}个百分点"


def verb(kind: str) -> str:
    """The verb of a sentence on what an enterprise gets: 应奖励, 可获资助."""
    if _REWARD.search(kind):
        return "应奖励"
    if kind.startswith("奖"):  # 可获奖补 reads as 获奖
        return f"可以拿到{kind}"
    return _VERBS.get(kind, f"可获{kind}")


def pays(kind: str, value: str, *, at_most: bool) -> str:
    """按文件应奖励1600万元 / 按文件最多可获资助225万元."""
    return f"按文件{_paid(kind, value, at_most=at_most)}"


def pays_together(kind: str, value: str, *, at_most: bool) -> str:
    """一共应奖励8.4万元: a sum over several things."""
    return f"一共{_paid(kind, value, at_most=at_most)}"


def _paid(kind: str, value: str, *, at_most: bool) -> str:
    return f"最多{verb(kind).removeprefix('应')}{value}" if at_most else f"{verb(kind)}{value}"


def _trim(value: Decimal) -> Decimal:
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()


def _plain(value: Decimal) -> str:
    return f"{_trim(value):f}"
