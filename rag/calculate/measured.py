"""Sums over several sizes of one unit, each paid by a rule of its own: 2万平方米 of walls and 3000平方米 of windows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.changes import changed
from rag.calculate.choices import fixed
from rag.calculate.fit import level_conflict, levels, scores
from rag.calculate.pay import pay
from rag.calculate.payment import Missing, Payment, firm_limit
from rag.calculate.rule import Change, Rule
from rag.calculate.said import segment, things_said
from rag.calculate.units import same_unit
from rag.calculate.wording import GROWTH, MONEY, amount, pays_together, rate
from rag.calculate.worked import Worked, distinct
from rag.situation import Measure

_PAIR = 2
_EACH = re.compile(r"各|每|分别|都|均")


def several_sizes(
    rules: Sequence[Rule], beside: Sequence[Rule], changes: Sequence[Rule], case: Case
) -> tuple[bool, Worked | None]:
    """Whether the question gives several sizes of a unit that is paid for, and what they bring together.

    (True, None) where they are not told apart: then nothing can be worked out.
    """
    units = [rule.per.unit for rule in fixed(rules) if rule.per is not None and rule.per.unit != MONEY]
    for unit in dict.fromkeys(units):
        sizes = [one for one in case.measures if one.kind is Kind.COUNT and same_unit(one.unit, unit) and one.metric]
        options = [one for one in fixed([*rules, *beside]) if one.per is not None and same_unit(one.per.unit, unit)]
        if len(sizes) < _PAIR or len(options) < _PAIR:
            continue
        matched = _matched(sizes, options)
        return True, None if matched is None else _together(matched, changes, case)
    return False, None


def several_units(rules: Sequence[Rule], beside: Sequence[Rule], case: Case) -> Worked | None:
    """What rules that count different things bring together: 12 trains at so much each and 20 flights at so much.

    None unless a total is asked for and two units of measure each have one number and one rule.
    """
    options = [one for one in fixed([*rules, *beside]) if one.per is not None and not one.per.unit.endswith(MONEY)]
    units = dict.fromkeys(one.per.unit for one in options if one.per is not None and not one.per.by_time)
    if not case.wants_total or len(units) < _PAIR:
        return None
    matched: list[tuple[Measure, Rule]] = []
    for unit in units:
        sizes = [one for one in _counts(case) if same_unit(one.unit, unit)]
        paying = [one for one in options if one.per is not None and one.per.unit == unit]
        if len(sizes) != 1 or not paying:
            continue
        worth = scores([one.words for one in paying], case.text)
        best = paying[worth.index(max(worth))]
        if max(worth) > 0 and not any(size is sizes[0] for size, _ in matched):
            matched.append((sizes[0], best))
    named = {id(rule) for rule in rules}
    if len(matched) < _PAIR or not any(id(rule) in named for _, rule in matched):
        return None
    return _together(matched, (), case)


def _counts(case: Case) -> list[Measure]:
    """Numbers said with a unit of measure, each once."""
    found = [one for one in case.measures if one.kind is Kind.COUNT and one.unit]
    spans = [one.said for one in found]
    for _, one in things_said(case.text):
        unit = re.match(r"[\d.一二两三四五六七八九十百千万]+(?P<unit>.+)", one.said.removesuffix(one.thing))
        if unit is not None and not any(said in one.said or one.said in said for said in spans):
            found.append(Measure(one.thing, Kind.COUNT, Decimal(one.number), unit["unit"], one.said))
    return found


def several_shares(rules: Sequence[Rule], case: Case) -> Worked | None:
    """Several amounts, each of which is said to be for a rule of its own, at the rate of that rule.

    An amount said once for several levels (投入各800万) counts for each. None where they are not told apart.
    """
    amounts = [one for one in case.measures if one.kind is Kind.AMOUNT and one.unit == MONEY and one.upper is None]
    options = [rule for rule in rules if rule.rate is not None and rule.per is None]
    if not amounts or len(options) < _PAIR or not (case.wants_total or len(amounts) >= _PAIR):
        return None
    if len(amounts) == 1:
        return _for_each_level(amounts[0], options, case)
    named = _matched([replace(one, metric=_words_for(one, amounts, case)) for one in amounts], options)
    return None if named is None else _shares_together(named, case)


def graded_growth(rules: Sequence[Rule], case: Case) -> bool:
    """Whether a growth between two years is paid at one of several shares: 10%, from a ratio of 5% on 15%.

    Which one depends on a ratio that is not worked out here, and both together are paid to nobody.
    """
    shares = {rule.rate for rule in rules if rule.rate is not None and rule.per is None}
    grown = any(GROWTH.search(rule.benefit.quote) for rule in rules)
    clauses = {(rule.source.policy_id, rule.benefit.path) for rule in rules if rule.rate is not None}
    return grown and len(shares) >= _PAIR and len(clauses) == 1 and case.two_years() is not None


def _words_for(measure: Measure, amounts: Sequence[Measure], case: Case) -> str:
    """The words around an amount that are not around another one: 利息80万、评估费10万."""
    words = segment(case.text, measure)
    before, said, behind = words.partition(measure.said)
    for other in amounts:
        if other is not measure and other.said in before:
            before = before.partition(other.said)[2]
        elif other is not measure and other.said in behind:
            behind = ""
    return f"{before}{said}{behind}"


def _for_each_level(measure: Measure, options: Sequence[Rule], case: Case) -> Worked | None:
    """The amount for each of the levels that the question names, where it says that each has it."""
    said = levels(case.text)
    named = [rule for rule in options if levels(rule.benefit.beneficiary) & said]
    alike = {(rule.benefit.path, rule.benefit.quote) for rule in named}
    if len(named) < _PAIR or len(alike) != 1 or not _EACH.search(case.text):
        return None
    return _shares_together([(measure, rule) for rule in named], case)


def _shares_together(matched: Sequence[tuple[Measure, Rule]], case: Case) -> Worked | None:
    payments: list[Payment] = []
    for one, rule in matched:
        metric = one.metric if rule.benefit.kind == "贴息" else ""  # interest is told from a loan by its name
        payment = pay(rule, replace(case, measures=(replace(one, metric=metric),), earlier=()))
        if isinstance(payment, Missing):
            return None
        payments.append(payment)
    value = sum((one.value for one in payments), Decimal(0))
    formulas = [one.formula for one in payments]
    formulas.append(f"{' + '.join(amount(one.value) for one in payments)} = {amount(value)}")
    limits = [limit.value for _, rule in matched if (limit := firm_limit(rule)) is not None]
    # One ceiling for both; where each has its own, it was applied to its own payment.
    capped = len(limits) == len(matched) and len(set(limits)) == 1 and value > limits[0]
    if capped:
        formulas.append(f"{amount(value)} > {amount(min(limits))}")
        value = min(limits)
    at_most = capped or any(one.at_most for one in payments)
    sentence = f"{pays_together(payments[0].rule.benefit.kind, amount(value), at_most=at_most)}。"
    sources = distinct(one.rule.source for one in payments)
    return Worked(";".join(formulas), amount(value), value, MONEY, sentence, (), sources, "sum")


def _matched(sizes: Sequence[Measure], options: Sequence[Rule]) -> list[tuple[Measure, Rule]] | None:
    """Each size with the rule its words fit best; None where two go to one rule, or one to none."""
    found: list[tuple[Measure, Rule]] = []
    for one in sizes:
        fitting = [rule for rule in options if not level_conflict(one.metric, rule.benefit.beneficiary)]
        worth = scores([rule.words for rule in fitting], one.metric)
        best = max(worth, default=0.0)
        if best <= 0 or worth.count(best) > 1:
            return None
        found.append((one, fitting[worth.index(best)]))
    return found if len({id(rule) for _, rule in found}) == len(found) else None


def _together(matched: Sequence[tuple[Measure, Rule]], changes: Sequence[Rule], case: Case) -> Worked | None:
    payments: list[Payment] = []
    for one, rule in matched:
        payment = pay(replace(rule, cap=None, cap_limit=None, limits=()), replace(case, measures=(one,)))
        if isinstance(payment, Missing):
            return None
        payments.append(payment)
    value = sum((one.value for one in payments), Decimal(0))
    formulas = [one.formula for one in payments if one.formula]
    formulas.append(f"{' + '.join(amount(one.value) for one in payments)} = {amount(value)}")
    rule = payments[0].rule
    result = changed(rule, changes, case)
    uplift = [one for one in changes if one.change is Change.TIMES and one.source in result.sources]
    if (result.added or result.steps or result.instead) and len(uplift) != 1:
        return None
    for change in uplift:
        more = change.rate or Decimal(0)
        formulas.append(f"{amount(value)} × (1 + {rate(more)}) = {amount(value * (1 + more))}")
        value *= 1 + more
    limits = [limit.value for _, one in matched if (limit := one.cap_limit or firm_limit(one)) is not None]
    capped = bool(limits) and value > min(limits)
    if capped:
        formulas.append(f"{amount(value)} > {amount(min(limits))}")
        value = min(limits)
    sentence = f"{pays_together(rule.benefit.kind, amount(value), at_most=capped)}。"
    sources = distinct([*(one.source for _, one in matched), *(one.source for one in uplift)])
    return Worked(";".join(formulas), amount(value), value, MONEY, sentence, result.notes, sources, "sum")
