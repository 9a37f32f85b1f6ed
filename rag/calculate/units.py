"""What a unit amount is paid for: 每吨, 每新增100头, 每人每月, 每多增加1亿元."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from index.models import Benefit
from index.quantities import Kind, quantities

_SAME = (
    ("人", "名", "位"),
    ("平方米", "平米", "平方", "㎡"),
    ("立方米", "立方"),
    ("标准箱", "标箱", "箱"),
    ("千瓦时", "度"),
    ("个月", "月"),
    ("台", "套", "台套", "件套"),
    ("班", "班次", "航班"),
    ("架次", "架"),
    ("列", "班列", "趟"),
    ("天", "日"),
    ("吨", "吨标准煤"),
    ("公里", "千米"),
    ("户", "家"),
    ("张床", "床位", "张"),
)
_GENERAL = tuple("个家项件款种处座所套台间场次部条张支户辆")
_ANY = frozenset(("", *"个项件家种款"))
_TIME = frozenset({"年", "月", "季", "周", "天", "小时", "季度", "年度"})
_OTHER = (
    "立方米 公顷 亩 公斤 千克 千瓦 兆瓦 床位 张床 人次 车次 分钟 小时 课时 工作日 "
    "头 只 艘 架 届 期 批 集 篇 门 米 股 桩 站"
)
_NAMES = sorted(
    {*(name for names in _SAME for name in names), *_GENERAL, *_TIME, *_OTHER.split()}, key=len, reverse=True
)
_UNIT = "|".join(map(re.escape, _NAMES))
_EACH = re.compile(rf"每(?P<words>[^每,，;；。、]{{0,12}}?)(?P<unit>{_UNIT})(?!入)")
_EACH_MANY = re.compile(
    r"每(?P<words>[^每,，;；。、\d]{0,8}?)(?P<number>\d[\d.,]*[万亿千百]*)(?P<unit>元|[\u4e00-\u9fff]{1,3})"
)


@dataclass(frozen=True, slots=True)
class Per:
    """What one unit amount is paid for.

    Attributes:
        unit: measure word; "元" for steps of money.
        step: how many units one payment is for.
        time: a second unit of time (每人每月: 月), "" where there is none.
        words: as the text writes it.
    """

    unit: str
    step: Decimal
    time: str
    words: str

    @property
    def by_time(self) -> bool:
        """Paid by month or year alone."""
        return self.unit in _TIME


def read_per(benefit: Benefit) -> Per | None:
    """What the amount of `benefit` is paid for; None for a fixed sum."""
    if benefit.amount is None:
        return None
    base = benefit.base or ""
    if "每" in base:
        return _per(base)
    tail = re.search(r"每[^每]{0,16}$", benefit.beneficiary.rstrip("）)的后，, "))
    if tail and not re.match(r"每(?:年|家|户|个?企业)", tail[0]):
        return _per(tail[0])
    for quantity in quantities(benefit.quote):
        if quantity.kind is Kind.AMOUNT and quantity.value == Decimal(str(benefit.amount)) and quantity.per:
            return None if quantity.per in ("年", "家", "户", "企业", "个企业") else _per(f"每{quantity.per}")
    return None


def _per(words: str) -> Per | None:
    many = _EACH_MANY.search(words)
    if many:
        found = [q for q in quantities(many["number"] + many["unit"]) if q.kind in (Kind.AMOUNT, Kind.COUNT)]
        if found:
            return Per(found[0].unit, found[0].value, "", words)
    units = list(_EACH.finditer(words))
    if not units:
        rest = words.removeprefix("每").strip()
        return Per(rest, Decimal(1), "", words) if 0 < len(rest) <= 4 else None
    names = [_plain(match["unit"]) for match in units]
    first = next((name for name in names if name not in _TIME), names[0])
    time = next((name for name in names if name in _TIME and name != first), "")
    return Per(first, Decimal(1), time, words)


def _plain(unit: str) -> str:
    return "月" if unit == "个月" else unit


def same_unit(one: str, other: str) -> bool:
    """Whether two measure words count the same."""
    one, other = _plain(one), _plain(other)
    return one == other or any(one in names and other in names for names in _SAME)


_SCALES = {
    ("千瓦", "瓦"): 1_000,
    ("兆瓦", "千瓦"): 1_000,
    ("兆瓦", "瓦"): 1_000_000,
    ("公顷", "亩"): 15,
    ("吨", "公斤"): 1_000,
    ("小时", "分钟"): 60,
    ("公里", "米"): 1_000,
}


def scaled(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """`value` of `unit` in `wanted`, a smaller unit of the same measure; None where it is none."""
    if same_unit(unit, wanted):
        return value
    factor = _SCALES.get((unit, wanted))
    return None if factor is None else value * factor


def names() -> str:
    """Measure words as alternatives of a pattern, longer ones first."""
    return _UNIT


def spellings(unit: str) -> tuple[str, ...]:
    """Measure words that count the same as `unit`."""
    return next((names for names in _SAME if unit in names), (unit,))


def general_unit(unit: str) -> bool:
    """Whether a measure word counts things of any kind (个, 家, 项)."""
    return unit in _GENERAL or unit == ""


def counts_alike(one: str, other: str) -> bool:
    """Whether numbers in two measure words may be of the same things: 个 and 家 may, 张 (tickets) and 场 do not."""
    return general_unit(one) and general_unit(other) and (one in _ANY or other in _ANY)


def is_time(unit: str) -> bool:
    """Whether a measure word counts time."""
    return _plain(unit) in _TIME
