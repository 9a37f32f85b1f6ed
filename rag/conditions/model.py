"""What a benefit requires, as parts that can be checked one by one, and what a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from index.models import ClausePath
from index.quantities import Comparison, Kind

LOWER_OPS = (Comparison.AT_LEAST, Comparison.MORE_THAN)
"""Bounds that are to be reached."""


class Truth(StrEnum):
    """The three values of a check; what is not said is never taken for met."""

    MEETS = "符合"
    FAILS = "不符合"
    UNKNOWN = "还不清楚"


class ConditionKind(StrEnum):
    """What a condition is about."""

    TITLE = "title"
    LEVEL = "level"
    SIZE = "size"
    SHARE = "share"
    REGION = "region"
    INDUSTRY = "industry"
    FIRST_TIME = "first_time"
    REGISTRATION = "registration"
    EXCLUSION = "exclusion"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Test:
    """A bound on a quantity: 年营业收入首次达到500亿元.

    Attributes:
        metric: the words for what is measured, with their scope (在杭制造业营业收入占比).
        op, value, unit: the lower or only bound; amounts in 元, shares as fractions of 1, counts in `unit`.
        upper, upper_op: the other bound of a range (50万元以上不足200万元), else None.
        accepted: other scopes that the clause allows for the metric (也可以只以…统计), as words.
        context: words of the benefit around the metric; a scope that stands there goes without saying.
    """

    metric: str
    op: Comparison
    value: Decimal
    unit: str
    kind: Kind
    upper: Decimal | None = None
    upper_op: Comparison | None = None
    accepted: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing an enterprise or its project must be, have or have done.

    Attributes:
        text: words of the clause, unbroken.
        path: of the clause that `text` stands in.
        question: Chinese question to the user whose answer settles it.
        name: what must be the case, complete in itself where `text` is not (国家级孵化器 of 国家级、省级孵化器).
        level: certification level that the name has (国家级), None where it states none.
        test: the bound, for sizes and shares.
        negative: what must not be the case; `name` then says it positively (列入失信名单).
        options: alternatives, any one of which is enough; their own fields say what they are.
        open_list: `options` end in 等: there are others that the clause does not name.
        premise: the condition only holds for whom the premise does (营业收入不足2亿元的).
        exceptions: sub-items behind it may replace it (其中…), so that failing it is not final.
    """

    text: str
    path: ClausePath
    kind: ConditionKind
    question: str
    name: str
    level: str | None = None
    test: Test | None = None
    negative: bool = False
    options: tuple[Condition, ...] = ()
    open_list: bool = False
    premise: Condition | None = None
    exceptions: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of one condition gave.

    Attributes:
        reason: Chinese, for the user.
        applies: False where the condition's premise is not the enterprise's case.
        related: something that was said bears on the condition, even if it does not settle it.
        literal: for bounds, what the said figure would give if it were counted as the clause counts it.
        ask: the question that settles it, where that is another one than the condition's own.
    """

    truth: Truth
    reason: str
    applies: bool = True
    related: bool = False
    literal: Truth = Truth.UNKNOWN
    ask: str = ""
