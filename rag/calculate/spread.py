"""Payments that are no single product: at two rates for two parts of the base, or in parts over years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.calculate import portions
from rag.calculate.case import Case
from rag.calculate.changes import Changed, total
from rag.calculate.instalments import asks_part, instalment, later_share, stage_paid
from rag.calculate.outcome import conditions, paid
from rag.calculate.pay import pay
from rag.calculate.payment import Missing
from rag.calculate.rule import Rule
from rag.calculate.wording import amount, rate
from rag.calculate.worked import Worked


def spread(rule: Rule, result: Changed, changes: Sequence[Rule], case: Case) -> Worked | None:
    """What `rule` pays in portions or instalments; None where the question asks for neither."""
    parted = portions.in_portions(rule, changes, case)
    if parted is not None:
        payment, change = parted
        return paid(payment, case, notes=conditions(rule, case, skip=payment.measure), also=(change.source,))
    whole = pay(result.rule, case)
    if isinstance(whole, Missing) and rule.per is not None and rule.per.unit == "人" and asks_part(case):
        whole = pay(result.rule, case, number_of=1)  # 每人12万元,分三年: what one of them gets in a year
    if isinstance(whole, Missing):
        return None
    half = later_share(rule, case)
    if half is not None:
        value = whole.value * half
        formula = f"{amount(whole.value)} × {rate(half)} = {amount(value)}"
        formula = ";".join(part for part in (whole.formula, formula) if part)
        reduced = replace(whole, value=value, plain=value, formula=formula, capped=None, kind="uplift")
        return paid(reduced, case, notes=conditions(rule, case, skip=whole.measure))
    sum_paid = total(whole, result)
    return instalment(sum_paid, case, notes=result.notes) or stage_paid(sum_paid, case)
