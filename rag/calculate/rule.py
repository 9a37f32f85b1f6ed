"""A benefit read for calculating: whether its figures are ceilings, what it is paid for, what changes another one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from index.models import Benefit
from index.quantities import Comparison, Kind
from rag.benefit_at import BenefitAt
from rag.calculate.units import Per

_EACH_YEAR = re.compile(r"每年|全年|(?<![一二两三四五\d])年度|一年(?!内)")

_SHORT = 16


class Change(StrEnum):
    """How a benefit changes the one it follows."""

    NONE = ""
    ADD = "再加"
    POINTS = "比例提高"
    RATE = "比例改为"
    TIMES = "上浮"
    CAP = "上限改为"
    STANDARD = "按标准的比例"


class Scope(StrEnum):
    """What a ceiling holds for."""

    ANY = ""
    ITEM = "单项"
    FIRM = "单个企业"


@dataclass(frozen=True, slots=True)
class Limit:
    """A ceiling in 元.

    Attributes:
        yearly: whether it holds for one year.
        words: the words that state it.
    """

    value: Decimal
    scope: Scope
    yearly: bool
    words: str

    @property
    def each_year(self) -> bool:
        """Whether the words say so: 每年最高80万元, but not 三年累计."""
        return _EACH_YEAR.search(self.words) is not None


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range of sizes."""

    op: Comparison
    value: Decimal

    def holds(self, size: Decimal) -> bool:
        """Whether `size` lies on the right side."""
        match self.op:
            case Comparison.AT_LEAST:
                return size >= self.value
            case Comparison.MORE_THAN:
                return size > self.value
            case Comparison.AT_MOST:
                return size <= self.value
            case _:
                return size < self.value


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes that a benefit is for.

    Attributes:
        metric: what is measured, without its unit.
        unit: "元", "" for shares, else a measure word.
        low, high: ends; one is None where the range is open.
    """

    metric: str
    kind: Kind
    unit: str
    low: Bound | None
    high: Bound | None

    def hold(self, size: Decimal) -> bool:
        """Whether `size` is one of them."""
        return all(bound is None or bound.holds(size) for bound in (self.low, self.high))


@dataclass(frozen=True, slots=True)
class Rule:
    """A benefit with what its words say about calculating.

    Attributes:
        amount, rate, cap: as in `Benefit`, exact.
        at_most: the amount or rate is an upper bound.
        per: what the amount is paid for; None for a fixed sum.
        cap_limit: `cap` with what it holds for.
        limits: further ceilings.
        share_limits: ceilings that are a share of another amount: (its name, the share).
        base_limit: ceiling on the base (每户贷款额度不超过100万元), in 元.
        counts: ceilings on numbers: (value, unit).
        things: the same with the words behind the unit: (2, 个, 展位).
        change: how it changes the benefit before it.
        stepped: a higher level pays only the difference.
        higher_only: of several, the highest is paid once.
        years: for how many years it is paid; 1 where the text states none.
        yearly: whether the amount is for one year.
    """

    source: BenefitAt
    amount: Decimal | None
    rate: Decimal | None
    cap: Decimal | None
    at_most: bool
    per: Per | None
    cap_limit: Limit | None
    limits: tuple[Limit, ...]
    base_limit: Decimal | None
    share_limits: tuple[tuple[str, Decimal], ...]
    counts: tuple[tuple[Decimal, str], ...]
    things: tuple[tuple[Decimal, str, str], ...]
    sizes: Sizes | None
    change: Change
    stepped: bool
    higher_only: bool
    years: int
    yearly: bool

    @property
    def benefit(self) -> Benefit:
        """The record it was read from."""
        return self.source.benefit

    @property
    def words(self) -> str:
        """What it is for, on which base, and short words that go with it (购房补贴)."""
        short = [part for part in (self.benefit.condition or "").split("；") if len(part) <= _SHORT]
        return " ".join([self.benefit.beneficiary, self.benefit.base or "", *short])

    @property
    def valued(self) -> bool:
        """Whether it states a figure to calculate with."""
        return self.amount is not None or self.rate is not None or self.cap is not None
