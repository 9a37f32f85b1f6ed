"""What one rule pays, as a record, and the ceilings over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from rag.calculate.rule import Limit, Rule, Scope
from rag.calculate.wording import MONEY, amount
from rag.situation import Measure


@dataclass(frozen=True, slots=True)
class Payment:
    """What one rule pays.

    Attributes:
        value: in `unit`, 元 or a foreign currency.
        formula: with its result; "" where nothing was computed.
        plain: the value before ceilings.
        at_most: an upper bound.
        capped: the ceiling that was reached.
        measure: the size it was computed from.
        kind: see `Worked`.
    """

    rule: Rule
    value: Decimal
    formula: str
    plain: Decimal
    at_most: bool
    kind: str
    capped: Limit | None = None
    measure: Measure | None = None
    notes: tuple[str, ...] = ()
    unit: str = MONEY


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that the rule needs: a short noun phrase."""

    rule: Rule
    what: str


def under_cap(payment: Payment) -> Payment:
    """The payment under the rule's ceilings, which the formula shows."""
    rule = payment.rule
    limits = [limit for limit in (rule.cap_limit, *rule.limits) if limit is not None]
    if not limits:
        return payment
    lowest = min(limits, key=lambda limit: limit.value)
    if payment.plain > lowest.value:
        formula = f"{payment.formula},超过上限{amount(lowest.value)},按{amount(lowest.value)}计"
        return replace(payment, value=lowest.value, formula=formula, kind="cap", capped=lowest, at_most=True)
    limit = rule.cap_limit or lowest
    return replace(payment, formula=f"{payment.formula},不超过上限{amount(limit.value)}")


def firm_limit(rule: Rule) -> Limit | None:
    """The ceiling that holds for all an enterprise gets, or gets in a year."""
    limits = [limit for limit in (rule.cap_limit, *rule.limits) if limit is not None and limit.scope is Scope.FIRM]
    return min(limits, key=lambda limit: limit.value) if limits else None


def limited_base(rule: Rule, value: Decimal) -> tuple[Decimal, bool]:
    """The base under the ceiling on it, and whether that was reached."""
    if rule.base_limit is not None and value > rule.base_limit:
        return rule.base_limit, True
    return value, False
