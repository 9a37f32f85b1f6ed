"""Rules that change another one: 再奖励3万元, 比例提高三个百分点, 上浮20%, 上限提高到20万元."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.parse.numerals import CN_NUMERAL, to_int
from rag.benefit_at import BenefitAt
from rag.calculate.case import Case
from rag.calculate.fit import names_item
from rag.calculate.holds import for_couples, general_words, holds
from rag.calculate.pay import pay
from rag.calculate.payment import Missing, Payment
from rag.calculate.rule import Change, Limit, Rule, Scope
from rag.calculate.said import things_said
from rag.calculate.wording import MONEY, amount, rate

_ARTICLE = re.compile(rf"(?P<across>前条|上一?条)|第(?P<number>\d{{1,3}}|{CN_NUMERAL})条")
_OF_ANOTHER = frozenset((Change.STANDARD, Change.TIMES, Change.POINTS, Change.RATE))
"""Changes that are nothing without the rule they change; 再补助 has a sum of its own, whatever article it names."""
_LONGEST = 60
_NEAR = 6


@dataclass(frozen=True, slots=True)
class Changed:
    """A rule after the changes that hold for the case.

    Attributes:
        added: payments on top.
        instead: the payment in place of the rule's own, computed from it.
        steps: arithmetic on the rate, before the payment's own.
        sources: the changes, to be cited.
        notes: which changes were applied, and which others exist.
    """

    rule: Rule
    added: tuple[Payment, ...] = ()
    steps: tuple[str, ...] = ()
    sources: tuple[BenefitAt, ...] = ()
    notes: tuple[str, ...] = ()
    instead: Payment | None = None


def changed(rule: Rule, changes: Sequence[Rule], case: Case) -> Changed:
    """`rule` after those of `changes` that belong to it and hold for the case; others of its own are noted."""
    result = Changed(rule)
    for change in changes:
        if not belongs(change, rule):
            continue
        if not holds(change, rule, case):
            quote = change.benefit.quote.strip("。；;：:")
            own = (_follows(change, rule) or change.change is Change.STANDARD) and quote not in rule.benefit.quote
            if own and len(quote) <= _LONGEST:
                sources = (*result.sources, change.source)
                result = replace(result, sources=sources, notes=(*result.notes, f"文件另有规定:{quote}。"))
            continue
        result = _apply(result, change, case)
    return result


def belongs(change: Rule, rule: Rule) -> bool:
    """Whether a change stands in the rule's clause, below it, or beside it."""
    if change.source.policy_id != rule.source.policy_id:
        return False
    here, there = rule.benefit.path, change.benefit.path
    parent = here.rpartition(".")[0]
    beside = parent == there.rpartition(".")[0] != ""
    near = here == there or there.startswith(f"{here}.") or beside or refers_to(change, here)
    if change.change is Change.STANDARD:  # 前款标准: what stands in the clause itself, or the items above a paragraph
        paragraph = beside and there.rpartition(".")[2].startswith("p")
        near = here == there or paragraph or refers_to(change, here)
    # 比例提高 changes a rate, 再奖励 any payment.
    wants_rate = change.change in (Change.POINTS, Change.RATE)
    return near and not (wants_rate and rule.rate is None)


def refers_to(change: Rule, path: str) -> bool:
    """Whether a change names the article that `path` is or stands in: 按前条标准上浮20%, 按第四条标准的一半."""
    match = _ARTICLE.search(change.benefit.quote) if change.change in _OF_ANOTHER else None
    ordinals, own = path.split("."), change.benefit.path.split(".")
    if match is None or len(ordinals) < len(own):
        return False
    if match["number"]:
        return str(to_int(match["number"])) in ordinals[: len(own)]
    before = own[-1].isdigit() and str(int(own[-1]) - 1) == ordinals[len(own) - 1]
    return before and (own[:-1] == ordinals[: len(own) - 1] or match["across"] is not None)


def _follows(change: Rule, rule: Rule) -> bool:
    """Whether a change stands right behind the sentence of the rule."""
    if change.benefit.path != rule.benefit.path:
        return False
    text = rule.source.clause.text
    start, end = text.find(change.benefit.quote), text.find(rule.benefit.quote) + len(rule.benefit.quote)
    return 0 <= start - end <= _NEAR


def _apply(result: Changed, change: Rule, case: Case) -> Changed:
    rule, words = result.rule, change.benefit.quote.strip("。；;：:")
    noted = replace(result, sources=(*result.sources, change.source), notes=(*result.notes, f"依据:{words}。"))
    if change.change is Change.POINTS and rule.rate is not None and change.rate is not None:
        total = rule.rate + change.rate
        step = f"{rate(rule.rate)} + {rate(change.rate)} = {rate(total)}"
        return replace(noted, rule=_with_cap_of(change, replace(rule, rate=total)), steps=(*result.steps, step))
    if change.change is Change.RATE and change.rate is not None:
        return replace(noted, rule=_with_cap_of(change, replace(rule, rate=change.rate)))
    if change.change is Change.STANDARD and change.rate is not None:
        return _of_standard(noted, change, case)
    if change.change is Change.CAP and change.cap is not None:
        limit = Limit(change.cap, rule.cap_limit.scope if rule.cap_limit else Scope.ANY, False, words)
        return replace(noted, rule=replace(rule, cap=change.cap, cap_limit=limit))
    if change.change is Change.TIMES and change.rate is not None:
        return _times(noted, change, case)
    if change.change is Change.ADD:
        payment = pay(replace(change, sizes=change.sizes or rule.sizes), case, number_of=_number_of(change, rule, case))
        if not isinstance(payment, Missing):
            return replace(noted, added=(*result.added, payment))
    return result


def _with_cap_of(change: Rule, rule: Rule) -> Rule:
    """The changed rule under the ceiling that comes with the change (比例提高到40%,每年最高60万元), else its own."""
    if change.cap is None:
        return rule
    limits = tuple(limit for limit in change.limits if limit.value != rule.cap)
    return replace(rule, cap=change.cap, cap_limit=change.cap_limit, limits=limits)


def _number_of(change: Rule, rule: Rule, case: Case) -> int | None:
    """How many of the things counted a change is for (其中6个脱贫户); None where the question counts them not apart."""
    if change.per is None or change.per.unit == MONEY:
        return None
    for _, one in things_said(case.text):
        if names_item(change.benefit.beneficiary, general_words(rule), one.said):
            return one.number
    return None


def _of_standard(result: Changed, change: Rule, case: Case) -> Changed:
    """按前款标准的40%, 减半: a share of what the rule pays, in its place; on top of it for the second of a couple."""
    payment = pay(result.rule, case)
    if isinstance(payment, Missing) and result.rule.amount is not None:
        payment = pay(result.rule, case, number_of=1)  # where no number is said, what one of them gets
    if isinstance(payment, Missing) or change.rate is None:
        return result
    part = payment.value * change.rate
    formula = f"{amount(payment.value, payment.unit)} × {rate(change.rate)} = {amount(part, payment.unit)}"
    reduced = Payment(change, part, formula, part, payment.at_most, "uplift", unit=payment.unit)
    if for_couples(change):
        return replace(result, added=(*result.added, reduced))
    return replace(result, instead=reduced)


def _times(result: Changed, change: Rule, case: Case) -> Changed:
    """上浮20%: a share of what the rule pays, on top."""
    payment = pay(result.rule, case)
    if isinstance(payment, Missing) or change.rate is None:
        return result
    more = payment.value * change.rate
    formula = f"{amount(payment.value)} × {rate(change.rate)} = {amount(more)}"
    return replace(result, added=(*result.added, Payment(change, more, formula, more, payment.at_most, "uplift")))


def total(payment: Payment, result: Changed) -> Payment:
    """The payment of the changed rule with what is added on top."""
    if result.instead is not None:
        formula = ";".join(part for part in (payment.formula, result.instead.formula) if part)
        value = result.instead.value
        payment = replace(payment, value=value, plain=value, formula=formula, capped=None, kind="uplift")
    formulas = [*result.steps, payment.formula, *(one.formula for one in result.added)]
    value = payment.value + sum(one.value for one in result.added)
    if result.added:
        parts = " + ".join(amount(one.value) for one in (payment, *result.added))
        formulas.append(f"{parts} = {amount(value)}")
    if not result.steps and not result.added:
        return payment
    return replace(payment, value=value, formula=";".join(part for part in formulas if part), kind="uplift")
