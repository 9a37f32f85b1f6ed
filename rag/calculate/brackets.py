"""Shares that rise with the parts of one base: up to 500万元 8%, from there to 2000万元 10%, above that 12%."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from index.quantities import Kind, quantities
from rag.calculate.case import Case
from rag.calculate.payment import Payment, under_cap
from rag.calculate.rule import Rule, Sizes
from rag.calculate.wording import MONEY, amount, rate
from rag.situation import Measure

_ASIDE = re.compile(r"[（(][^（()）]{1,8}[)）]")
_AMOUNT = r"\d[\d,]*(?:\.\d+)?[亿万千百]*元?"
_PART = re.compile(
    rf"(?:(?P<from>{_AMOUNT})(?:以上)?(?:至|到|-|—|~|～|、|,|，)(?:不?超过|不足|低于)?(?P<to>{_AMOUNT})(?:以[下内])?"
    rf"|(?:不超过|不足|低于)(?P<most>{_AMOUNT})|(?P<below>{_AMOUNT})以[下内]"
    rf"|(?:超过|超出|高于)(?P<over>{_AMOUNT})(?:以上)?|(?P<above>{_AMOUNT})以上)的?部分"
    r"[^。；;%％\d]{0,16}?(?P<share>\d+(?:\.\d+)?[%％‰])"
)
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Bracket:
    """A part of a base, both ends in 元, the upper one None where it is open, and the share paid of it."""

    low: Decimal
    high: Decimal | None
    share: Decimal


def progressive(rules: Sequence[Rule], beside: Sequence[Rule], case: Case) -> Payment | None:
    """What all parts of the base said bring together; None where no rule is paid by parts of its base.

    The parts may stand in one sentence or in the items of a list, each a benefit of its own.
    """
    for rule in rules:
        if rule.rate is None:
            continue
        family = [one for one in (*rules, *beside) if one.rate is not None and _listed_with(one, rule)]
        brackets = _joined(dict.fromkeys(one.source.clause.text for one in (rule, *family)))
        measure = _base(rule, family, case) if brackets else None
        if measure is None or not any(one.share == rule.rate for one in brackets):
            continue
        if any(_missed(one.sizes, brackets, measure.value) for one in (rule, *family)):
            continue
        return _pay(rule, brackets, measure)
    return None


def _listed_with(one: Rule, rule: Rule) -> bool:
    """Whether two rules stand in one clause or one list of a policy."""
    if one.source.policy_id != rule.source.policy_id:
        return False
    here, there = rule.benefit.path, one.benefit.path
    return here == there or here.rpartition(".")[0] == there.rpartition(".")[0] != ""


def _joined(texts: Iterable[str]) -> tuple[Bracket, ...]:
    """The brackets of `texts`, lowest first; () unless they follow on each other from nothing."""
    found = sorted({one for text in texts for one in _read(text)}, key=lambda one: one.low)
    ends = [one.high for one in found]
    fits = len(found) >= _FEWEST and found[0].low == 0 and ends[:-1] == [one.low for one in found[1:]]
    return tuple(found) if fits else ()


def _read(text: str) -> list[Bracket]:
    brackets = []
    for match in _PART.finditer(_ASIDE.sub("", text)):
        low = _value(match["from"] or match["over"] or match["above"], match["to"])
        high = _value(match["to"] or match["most"] or match["below"], None)
        shares = [one.value for one in quantities(match["share"].replace("％", "%")) if one.kind is Kind.RATE]
        if shares:
            brackets.append(Bracket(low or Decimal(0), high, shares[0]))
    return brackets


def _value(words: str | None, other: str | None) -> Decimal | None:
    """An amount in 元; 500 of 500至2000万元 takes the unit of the other one."""
    if words is None:
        return None
    unit = re.sub(r"[\d,.]", "", other or "") if re.fullmatch(r"[\d,.]+", words) else ""
    found = [one.value for one in quantities(f"{words.removesuffix(MONEY)}{unit.removesuffix(MONEY)}{MONEY}")]
    return found[0] if found else None


def _base(rule: Rule, family: Sequence[Rule], case: Case) -> Measure | None:
    """The amount said that the parts are of."""
    amounts = [one for one in case.measures if one.kind is Kind.AMOUNT and one.unit == MONEY and one.upper is None]
    metrics = dict.fromkeys(one.sizes.metric for one in (rule, *family) if one.sizes is not None)
    for words in (*metrics, rule.benefit.base or "", rule.benefit.beneficiary):
        found = case.amount_for(words)
        if found in amounts:
            return found
    return amounts[0] if len(amounts) == 1 else None


def _missed(sizes: Sizes | None, brackets: Sequence[Bracket], value: Decimal) -> bool:
    """Whether the size is below what a rule asks for at all; the end of a part is no such bound."""
    if sizes is None or sizes.low is None or sizes.unit != MONEY:
        return False
    return all(sizes.low.value != one.low for one in brackets) and not sizes.low.holds(value)


def _pay(rule: Rule, brackets: Sequence[Bracket], measure: Measure) -> Payment:
    terms: list[str] = []
    plain = Decimal(0)
    for one in brackets:
        if measure.value <= one.low:
            break
        end = measure.value if one.high is None else min(one.high, measure.value)
        part = f"({amount(end)} − {amount(one.low)})" if one.low else amount(end)
        terms.append(f"{part} × {rate(one.share)}")
        plain += (end - one.low) * one.share
    formula = f"{' + '.join(terms)} = {amount(plain)}"
    shares = "、".join(rate(one.share) for one in brackets[: len(terms)])
    notes = (f"各部分的比例依次是{shares}。",) if len(terms) > 1 else ()
    return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "share", measure=measure, notes=notes))


def raised(payment: Payment, more: Decimal) -> Payment:
    """The sum over the parts, raised by a share of it (在分段补助的基础上上浮20%), under the same ceiling."""
    plain = payment.plain * (1 + more)
    head = re.split(",(?:不?超过上限)", payment.formula)[0]
    formula = f"{head};{amount(payment.plain)} × (1 + {rate(more)}) = {amount(plain)}"
    return under_cap(replace(payment, value=plain, plain=plain, formula=formula, capped=None))
