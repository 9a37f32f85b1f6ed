"""What the rule that fits best pays, or what the outcomes are where several do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from index.quantities import Kind
from rag.calculate import portions, tiers
from rag.calculate.case import Case, exceeding
from rag.calculate.changes import Changed, changed, total
from rag.calculate.choices import NO_NAME, name
from rag.calculate.fit import levels
from rag.calculate.holds import for_couples
from rag.calculate.outcome import conditions, incomplete, paid
from rag.calculate.pay import pay
from rag.calculate.payment import Missing, Payment, firm_limit
from rag.calculate.rule import Rule
from rag.calculate.spread import spread
from rag.calculate.units import general_unit, same_unit
from rag.calculate.wording import MONEY, amount, pays
from rag.calculate.worked import Worked, distinct
from rag.situation import Measure

_LONGEST = 3
_FIRM_SIZES = frozenset("大中小微内外")


def single(rules: Sequence[Rule], pool: Sequence[Rule], changes: Sequence[Rule], case: Case) -> Worked | None:
    """What the best of `rules` pays, changes included; the alternatives where the words do not tell them apart.

    Where they need a fact that the question does not give, the one of `pool` beside them whose size it gives.
    """
    results = [(rule, changed(rule, changes, case)) for rule in rules]
    payments: list[Payment] = []
    missing: list[Missing] = []
    outside = [below_bound(rule, case) for rule, _ in results]
    if outside and all(outside):
        return outside[0]
    results = [one for one, below in zip(results, outside, strict=True) if below is None]
    for rule, result in results:
        if portions.unclear(rule, changes, case):
            return None
        parts = spread(rule, result, changes, case) if rule is results[0][0] else None
        if parts is not None:
            return parts
        payment = pay(result.rule, case)
        if isinstance(payment, Missing) and result.instead is not None:
            payment = pay(result.rule, case, number_of=1)
        if isinstance(payment, Missing):
            missing.append(payment)
        elif payment.formula or result.added or result.instead:
            payments.append(total(payment, result))
    if len(payments) > 1 and (_of_couple(results) or _same_clause(payments)):
        return None if _of_couple(results) else _open(payments, case)
    if payments:
        return _finished(payments[0], results, case)
    if (found := _given(results, pool, changes, case)) is not None:
        return found
    if missing and case.own and missing[0].rule is results[0][1].rule:
        return incomplete(missing[0], case)
    return None


def _of_couple(results: Sequence[tuple[Rule, Changed]]) -> bool:
    """Whether a share for the second of a couple is among what is added.

    One of them by each rule (一个博士一个硕士): the share is of the other's standard, not of one's own.
    """
    return any(for_couples(one.rule) for _, result in results for one in result.added)


def _open(payments: Sequence[Payment], case: Case) -> Worked | None:
    """The outcomes; None where of several amounts it is not said which rule each is for."""
    bases = [one for one in case.measures if one.kind is Kind.AMOUNT and one.unit == MONEY]
    shares = all(payment.rule.rate is not None for payment in payments)
    return None if shares and len(bases) > 1 else _alternatives(payments)


def _given(
    results: Sequence[tuple[Rule, Changed]], pool: Sequence[Rule], changes: Sequence[Rule], case: Case
) -> Worked | None:
    """What the one other rule of the clause pays whose size the question gives."""
    tried = [rule for rule, _ in results]
    if not tried or any(_titles(rule.benefit.beneficiary) & _titles(case.text) for rule in tried):
        return None
    path = tried[0].benefit.path
    others = [one for one in pool if one.benefit.path == path and all(one is not rule for rule in tried)]
    others = [one for one in others if _is_given(one, case) and below_bound(one, case) is None]
    if len(others) != 1:
        return None
    result = changed(others[0], changes, case)
    payment = pay(result.rule, case)
    if isinstance(payment, Missing) or not (payment.formula or result.added):
        return None
    return _finished(total(payment, result), [(others[0], result)], case)


def _titles(words: str) -> set[tuple[int, str]]:
    """Levels of titles that the words name; 小微 is a size, 列入清单的 a condition."""
    return {one for one in levels(words) if one[1] not in _FIRM_SIZES}


def _is_given(rule: Rule, case: Case) -> bool:
    """Whether the question gives the size that a rule bounds in things, or what it pays for by the unit."""
    if rule.sizes is not None and rule.sizes.kind is Kind.COUNT and bounding(rule, case) is not None:
        return True
    unit = rule.per.unit if rule.per is not None else ""
    return not general_unit(unit) and any(same_unit(one.unit, unit) for one in case.measures)


def below_bound(rule: Rule, case: Case) -> Worked | None:
    """A worked refusal where the size said lies outside the rule's bound."""
    if rule.sizes is None:
        return None
    measure = case.size_for(rule.sizes, base=rule.benefit.base or "")
    if measure is None or rule.sizes.hold(exceeding(measure)):
        return None
    return tiers.by_size(tiers.Tiers((rule,)), case)


def _same_clause(payments: Sequence[Payment]) -> bool:
    places = {(one.rule.source.policy_id, one.rule.benefit.path.rpartition(".")[0], one.kind) for one in payments}
    values = {one.value for one in payments}
    return len(places) < len(payments) and len(values) > 1


def _alternatives(payments: Sequence[Payment]) -> Worked | None:
    """Both outcomes, where the question does not say which rule applies."""
    shown = payments[:_LONGEST]
    names = [name(one.rule) for one in shown]
    if len(set(names)) < len(names) or NO_NAME in names:
        return None
    outcomes = ";".join(
        f"{said}的,{pays(one.rule.benefit.kind, amount(one.value, one.unit), at_most=one.at_most)}"
        for said, one in zip(names, shown, strict=True)
    )
    formula = ";".join(one.formula for one in shown)
    sources = distinct(one.rule.source for one in shown)
    asks = (f"属于哪一种:{'、'.join(names)}",)
    return Worked(formula, "", Decimal(0), MONEY, f"{outcomes}。", (), sources, shown[0].kind, False, asks)


def _finished(payment: Payment, results: Sequence[tuple[Rule, Changed]], case: Case) -> Worked:
    result = next(found for rule, found in results if rule.source is payment.rule.source)
    notes = conditions(payment.rule, case, skip=bounding(payment.rule, case))
    payment = _after_received(payment, case)
    return paid(payment, case, notes=(*result.notes, *notes), also=result.sources)


def bounding(rule: Rule, case: Case) -> Measure | None:
    """The size said that the rule's bound is about."""
    return None if rule.sizes is None else case.size_for(rule.sizes, base=rule.benefit.base or "")


def _after_received(payment: Payment, case: Case) -> Payment:
    """Under a ceiling for all an enterprise gets in a year, less what it got."""
    limit = firm_limit(payment.rule)
    before = sum((one.amount for one in case.received if one.amount is not None), Decimal(0))
    if limit is None or not before or payment.measure is None or payment.measure.value == before:
        return payment
    left = max(limit.value - before, Decimal(0))
    if payment.value <= left:
        return payment
    formula = f"{payment.formula};{amount(limit.value)} − {amount(before)} = {amount(left)}"
    note = f"上限{amount(limit.value)}之内已领{amount(before)},还剩{amount(left)}。"
    return replace(payment, value=left, formula=formula, notes=(*payment.notes, note), capped=None, at_most=True)
