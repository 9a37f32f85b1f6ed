"""A time in another unit: 24个月 for two years."""

from __future__ import annotations

from decimal import Decimal

from rag.calculate.units import same_unit
from rag.calculate.wording import number

_DAYS = Decimal(30)
"""Days of a month, where a text pays by the day and the question says months."""
_MONTHS = {"年": Decimal(12), "年度": Decimal(12), "季度": Decimal(3), "季": Decimal(3), "月": Decimal(1)}


def in_unit(value: Decimal, unit: str, wanted: str) -> tuple[Decimal | None, str]:
    """A time in another unit, with its words; None for what has no fixed length (days of a month)."""
    unit, wanted = ("月" if one == "个月" else one for one in (unit, wanted))
    if same_unit(unit, wanted):
        return value, f"{number(value)}{'个月' if unit == '月' else unit}"
    if wanted == "天" and unit in ("月", "年"):
        months = value * _MONTHS[unit]
        return months * _DAYS, f"{number(months)}个月 × {number(_DAYS)}天"
    if unit not in _MONTHS or wanted not in _MONTHS:
        return None, ""
    time = value * _MONTHS[unit] / _MONTHS[wanted]
    if time != time.to_integral_value():
        return None, ""
    return time, f"{number(time)}{'个月' if wanted == '月' else wanted}"
