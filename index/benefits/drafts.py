"""A benefit as it is being read, before lists are shared out over beneficiaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from index.benefits.marked import Span
from index.quantities import Quantity

Run = tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """What a sentence before a colon gives to the items behind it.

    Attributes:
        kind: the kind of benefit it announces, None where it announces none.
        topic: the beneficiaries it names, "" where it names none.
        metric: what the thresholds of the items measure.
        bound: the threshold that the announced beneficiaries have to meet.
        note: the announcing line itself, for the conditions (生活补贴（连续发3年）).
        period: for how long or how often is paid (一次性奖励:).
        each: what an amount of the items is paid for once (补助标准（每张床位）如下:).
        refuses: the items are cases in which nothing is paid (有下列情形之一的,不予补贴:).
    """

    kind: str | None = None
    topic: str = ""
    metric: str | None = None
    note: str | None = None
    bound: dict[str, object] | None = None
    period: str | None = None
    refuses: bool = False
    each: str | None = None


@dataclass(slots=True)
class Draft:
    """One statement of a benefit; its lists are not yet shared out.

    Attributes:
        start, end: the quote's range in `Marked.text`.
        who: the ranges that together name the beneficiary.
        between: the range from the end of `who` to the first value, where a list of levels may stand.
        level: the class within the beneficiaries that stands beside the value (给予国家级100万元).
        head: the noun that an earlier beneficiary of the sentence lends to 通过省级审定的.
        prefix: the modifier that it shares with the one before (2024年首次升规的).
        topic: beneficiaries taken from a lead, "" where `who` says enough.
        thresholds: runs of bounded quantities within `who`, in order.
        surplus: it pays more than one list of amounts or shares, which cannot be told apart.
        fixed_metric: `metric` was read from a phrase of its own, not from the words before the bound.
        share: a share stated in words: 1 for 同比例资助 and 全额承担, 0.5 for 减半奖励.
        floor: the bound below which nothing is paid (不足10人的不予补贴), as what has to be met.
        cap_words: what states the ceiling, "" where it was read with the value.
        cap_lent: the ceiling is that of the statement before, so one of its own takes its place.
        incomplete: stated without a value that has to follow (按项目投入额资助,比例不超过15%).
    """

    kind: str
    start: int
    end: int
    who: list[Span] = field(default_factory=list)
    between: Span = field(default_factory=lambda: Span(0, 0))
    level: str = ""
    head: str = ""
    prefix: str = ""
    topic: str = ""
    amounts: Run = ()
    rates: Run = ()
    caps: Run = ()
    base: str | None = None
    each: str | None = None
    thresholds: list[Run] = field(default_factory=list)
    metric: str | None = None
    conditions: list[str] = field(default_factory=list)
    period: str | None = None
    surplus: bool = False
    fixed_metric: bool = False
    bound: dict[str, object] | None = None
    incomplete: bool = False
    share: Decimal | None = None
    floor: Run = ()
    cap_words: str = ""
    cap_lent: bool = False

    @property
    def scales(self) -> bool:
        """Whether what is paid grows with something, so that a ceiling makes sense."""
        return bool(self.rates) or self.each is not None or self.incomplete or self.share is not None

    @property
    def valued(self) -> bool:
        """Whether it states an amount, a share or a ceiling."""
        return bool(self.amounts or self.rates or self.caps) or self.share is not None
