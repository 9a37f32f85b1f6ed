"""A base of which a part is paid at another rate: 40% of the premiums, 55% of those for some markets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.fit import conflicting, contradicted, named, names_item
from rag.calculate.payment import Payment, under_cap
from rag.calculate.rule import Change, Rule
from rag.calculate.said import PART_OF, segment
from rag.calculate.wording import MONEY, amount, rate
from rag.situation import Measure

_TWO = 2


def in_portions(rule: Rule, changes: Sequence[Rule], case: Case) -> tuple[Payment, Rule] | None:
    """What both rates pay together, with the rule of the second one; None where the question has no such part."""
    if rule.rate is None:
        return None
    amounts = _amounts(rule, case)
    for change in changes:
        if change.change is not Change.RATE or change.rate is None or not _is_portion(change, rule):
            continue
        part = _part(change, rule, amounts, case)
        rest = _rest(part, amounts, case) if part is not None else None
        if part is None or rest is None:
            continue
        value = rest * rule.rate + part.value * change.rate
        formula = f"{amount(rest)} × {rate(rule.rate)} + {amount(part.value)} × {rate(change.rate)} = {amount(value)}"
        payment = Payment(rule, value, formula, value, rule.at_most, "share", measure=part)
        return under_cap(payment), change
    return None


def unclear(rule: Rule, changes: Sequence[Rule], case: Case) -> bool:
    """Whether the question names a part that another rate is for, and several amounts that do not tell its size."""
    if rule.rate is None or in_portions(rule, changes, case) is not None or len(_amounts(rule, case)) < _TWO:
        return False
    general = f"{rule.benefit.beneficiary} {rule.benefit.base or ''}"
    rates = [one for one in changes if one.change is Change.RATE and _is_portion(one, rule)]
    portions = [one for one in rates if not _fails(one, case)]
    return any(names_item(one.benefit.beneficiary, general, case.text) for one in portions)


def _fails(change: Rule, case: Case) -> bool:
    """Whether the bound of a change is missed by the size said."""
    measure = case.size_for(change.sizes) if change.sizes is not None else None
    return measure is not None and change.sizes is not None and not change.sizes.hold(measure.value)


def _is_portion(change: Rule, rule: Rule) -> bool:
    """Whether a change is for a part of the base of `rule`, in the same sentence."""
    if change.source.policy_id != rule.source.policy_id or change.benefit.path != rule.benefit.path:
        return False
    return change.benefit.quote in rule.benefit.quote or change.benefit.quote.startswith("其中")


def _amounts(rule: Rule, case: Case) -> list[Measure]:
    words = rule.benefit.base or ""
    alike = [one for one in case.measures if one.kind is Kind.AMOUNT and one.unit == MONEY and one.upper is None]
    return [one for one in alike if not conflicting(case.words_of(one), words)]


def _part(change: Rule, rule: Rule, amounts: Sequence[Measure], case: Case) -> Measure | None:
    """The amount in whose segment of the question the part is named."""
    own = change.benefit.beneficiary
    if named(case.situation.denied, own) or contradicted(own, case.text) or len(amounts) < _TWO:
        return None
    general = f"{rule.benefit.beneficiary} {rule.benefit.base or ''}"
    fitting = [one for one in amounts if names_item(own, general, segment(case.text, one))]
    return fitting[0] if len(fitting) == 1 else None


def _rest(part: Measure, amounts: Sequence[Measure], case: Case) -> Decimal | None:
    """What is left of the whole, or the other amount where the two are said side by side."""
    others = [one for one in amounts if one is not part]
    if len(others) != 1:
        return None
    other = others[0]
    if PART_OF.search(segment(case.text, part)) or _says_whole(case, other):
        return other.value - part.value if other.value > part.value else None
    return other.value


def _says_whole(case: Case, measure: Measure) -> bool:
    return bool(re.search(r"一共|总共|共|合计|总", segment(case.text, measure)))
