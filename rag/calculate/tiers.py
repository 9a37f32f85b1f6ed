"""Tiers by size: which one is reached, what is still missing, and what was received before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from index.quantities import Comparison, Kind
from rag.benefit_at import BenefitAt
from rag.calculate.case import Case, exceeding
from rag.calculate.changes import changed, total
from rag.calculate.fit import likeness
from rag.calculate.outcome import capped, conditions, incomplete, paid
from rag.calculate.pay import pay
from rag.calculate.payment import Missing, Payment
from rag.calculate.portions import unclear
from rag.calculate.rule import Bound, Rule, Sizes
from rag.calculate.said import as_said
from rag.calculate.spread import spread
from rag.calculate.wording import MONEY, amount, pays, points, rate, size, verb
from rag.calculate.worked import Worked, distinct
from rag.situation import Measure

NEXT_TIER = "再往上是"
"""What a note on the next tier begins with."""
_SEVERAL = 2
DENIED = "按文件不能享受"
"""How a sentence begins that denies a benefit for a size."""
_VERB = re.compile(r"^(?:首次|已经)?(?:达到|突破|超过|超|破|过|到)了?")
_FROM = {Comparison.AT_LEAST: "{}以上", Comparison.MORE_THAN: "超过{}"}
_UP_TO = {Comparison.LESS_THAN: "不足{}", Comparison.AT_MOST: "{}以下"}
_OPS = {Comparison.AT_LEAST: "≥", Comparison.MORE_THAN: ">", Comparison.AT_MOST: "≤", Comparison.LESS_THAN: "<"}
_SAID_OPS = {
    Comparison.AT_LEAST: "达到",
    Comparison.MORE_THAN: "超过",
    Comparison.AT_MOST: "不超过",
    Comparison.LESS_THAN: "低于",
}


@dataclass(frozen=True, slots=True)
class Tiers:
    """Rules for sizes of one metric, lowest first; at least one."""

    rules: tuple[Rule, ...]

    @property
    def sizes(self) -> Sizes:
        """The sizes of the lowest tier."""
        return _sizes(self.rules[0])

    @property
    def graded(self) -> bool:
        """Whether the bounds differ; rules under one bound are alternatives, no tiers."""
        bounds = {(_end(_sizes(rule).low), _end(_sizes(rule).high)) for rule in self.rules}
        return len(bounds) == len(self.rules) > 1

    def reached(self, value: Decimal) -> Rule | None:
        """The highest tier that `value` lies in."""
        return next((rule for rule in reversed(self.rules) if _sizes(rule).hold(value)), None)

    def above(self, value: Decimal) -> Rule | None:
        """The lowest tier above `value`."""
        for rule in self.rules:
            low = _sizes(rule).low
            if low is not None and not low.holds(value):
                return rule
        return None


def _sizes(rule: Rule) -> Sizes:
    if rule.sizes is None:
        raise ValueError(f"not a tier: {rule.benefit.quote}")
    return rule.sizes


def families(rules: Sequence[Rule]) -> list[Tiers]:
    """Rules with a bound, joined where they bound the same metric in one clause or under one parent."""
    found: list[list[Rule]] = []
    for rule in sorted(rules, key=_open_below):
        if rule.sizes is None:
            continue
        for family in found:
            if alike(family[0], rule):
                family.append(rule)
                break
        else:
            found.append([rule])
    return [_ordered(family) for family in found]


def _open_below(rule: Rule) -> bool:
    return rule.sizes is not None and rule.sizes.low is None


def _ordered(family: Sequence[Rule]) -> Tiers:
    """Lowest first; where all tiers are open below (不超过), the narrowest is the highest."""
    if all(_open_below(rule) for rule in family):
        return Tiers(tuple(sorted(family, key=lambda rule: _end(_sizes(rule).high), reverse=True)))
    return Tiers(tuple(sorted(family, key=lambda rule: _end(_sizes(rule).low))))


def _end(bound: Bound | None) -> Decimal:
    return bound.value if bound is not None else Decimal(0)


def alike(one: Rule, other: Rule) -> bool:
    """Whether two rules with bounds are tiers of one: the same metric, in one clause or one list."""
    mine, yours = _sizes(one), _sizes(other)
    if one.source.policy_id != other.source.policy_id or (mine.kind, mine.unit) != (yours.kind, yours.unit):
        return False
    here, there = one.benefit.path, other.benefit.path
    near = here == there or here.rpartition(".")[0] == there.rpartition(".")[0] != ""
    return near and (mine.metric == yours.metric or likeness(mine.metric, yours.metric) >= 0.5)


def by_size(tiers: Tiers, case: Case, changes: Sequence[Rule] = ()) -> Worked | None:
    """What the size said pays; None where no size of this metric is said."""
    base = tiers.rules[0].benefit.base or ""
    measure = case.size_for(tiers.sizes, base=base)
    if measure is None:
        return None
    rule = tiers.reached(exceeding(measure))
    if rule is None:
        return _not_reached(tiers, measure)
    if unclear(rule, changes, case):
        return None
    result = changed(rule, changes, case)
    parts = spread(rule, result, changes, case)
    if parts is not None:
        return parts
    payment = pay(result.rule, case)
    if isinstance(payment, Missing):
        return incomplete(payment, case)
    notes, also = _place_notes(tiers, rule, measure)
    notes = (*notes, *result.notes, *conditions(rule, case, skip=measure))
    if case.received and rule.amount is not None and not result.added:
        return replace(_after_received(tiers, payment, measure, case, notes), nearby=also)
    if not payment.formula:
        formula = f"{_compared(rule, measure)},对应{amount(payment.value)}"
        payment = replace(payment, formula=formula, kind="tier")
        notes = (*notes, *_first_time(rule, case))
    return replace(paid(total(payment, result), case, notes=notes, also=result.sources), nearby=also)


def _compared(rule: Rule, measure: Measure) -> str:
    sizes = _sizes(rule)
    if exceeding(measure) != measure.value:
        return measure.said
    said = size(measure.value, sizes.kind, sizes.unit or measure.unit)
    ends = [bound for bound in (sizes.low, sizes.high) if bound is not None]
    return ",".join(f"{said} {_OPS[bound.op]} {size(bound.value, sizes.kind, sizes.unit)}" for bound in ends)


def bound_words(rule: Rule) -> str:
    """The bound of a tier as it is written."""
    sizes = _sizes(rule)
    bound = sizes.low or sizes.high
    return size(bound.value, sizes.kind, sizes.unit) if bound else ""


def _place_notes(tiers: Tiers, rule: Rule, measure: Measure) -> tuple[tuple[str, ...], tuple[BenefitAt, ...]]:
    """Which tier is reached and the next one, with the clause of the latter where it is another."""
    if len(tiers.rules) < _SEVERAL:
        return (), ()
    notes = [f"{_said(measure)}{_place(rule)}。"]
    above = tiers.above(exceeding(measure))
    if above is None or above is rule:
        return tuple(notes), ()
    worth = f",{_worth(above)}" if above.valued else ""
    notes.append(f"{NEXT_TIER}{tier_name(above)}{worth}。")
    return tuple(notes), () if above.benefit.path == rule.benefit.path else (above.source,)


def _said(measure: Measure) -> str:
    """What was said, without its verb: 达到200亿元 is followed by one of its own."""
    return _VERB.sub("", measure.said) or measure.said


def _place(rule: Rule) -> str:
    """达到500亿元档 / 属于超过3亿元的档次."""
    name = tier_name(rule)
    return f"达到{name}" if name.endswith("元档") else f"属于{name}"


def tier_name(rule: Rule) -> str:
    """500亿元档, 超过20000平方米的档次, 200万元以上、不足1000万元的档次."""
    sizes = _sizes(rule)
    if sizes.low and sizes.high:
        low, high = (size(bound.value, sizes.kind, sizes.unit) for bound in (sizes.low, sizes.high))
        names = _FROM.get(sizes.low.op, "{}以上").format(low), _UP_TO.get(sizes.high.op, "{}以下").format(high)
        return f"{'、'.join(names)}的档次"
    bound = sizes.low or sizes.high
    if bound is not None and bound.op is not Comparison.AT_LEAST:
        return f"{_SAID_OPS[bound.op]}{bound_words(rule)}的档次"
    return f"{bound_words(rule)}档"


def _worth(rule: Rule) -> str:
    if rule.per is not None and rule.amount is not None:
        return f"{rule.per.words}{amount(rule.amount)}"
    if rule.rate is not None:
        return f"比例{rate(rule.rate)}{capped(rule)}"
    value = rule.amount if rule.amount is not None else rule.cap
    return "" if value is None else f"{verb(rule.benefit.kind)}{amount(value)}"


def _first_time(rule: Rule, case: Case) -> tuple[str, ...]:
    if "首次" in rule.benefit.beneficiary + rule.benefit.quote and case.situation.first_time is not True:
        return ("前提:这一规模是首次达到。",)
    return ()


def _not_reached(tiers: Tiers, measure: Measure) -> Worked:
    """Below the lowest tier, or outside the only one."""
    sizes = tiers.sizes
    said = size(measure.value, sizes.kind, sizes.unit)
    lowest = tiers.rules[0]
    bound = _failing(lowest, measure.value)
    if bound is None:
        return _outside(tiers, measure)
    wanted = size(bound.value, sizes.kind, sizes.unit)
    many = "最低档" if len(tiers.rules) > 1 else "门槛"
    if bound.op in (Comparison.AT_LEAST, Comparison.MORE_THAN):
        lacking = bound.value - measure.value
        less = points(lacking) if sizes.kind is Kind.RATE else size(lacking, sizes.kind, sizes.unit)
        if lacking == 0:
            sentence = f"{DENIED}:文件要求超过{wanted},正好{said}不算超过。"
            formula = f"{said} = {wanted}"
        else:
            sentence = f"{DENIED}:{said}未达到{many}{wanted},还差{less}。"
            formula = f"{wanted} − {said} = {less}"
    else:
        sentence = f"{DENIED}:文件要求{_SAID_OPS[bound.op]}{wanted},{said}不符合。"
        formula = f"{said} {'=' if bound.value == measure.value else '>'} {wanted}"
    worth = _worth(lowest)
    notes = (f"达到{wanted}的,{worth}。",) if worth and bound.op is Comparison.AT_LEAST else ()
    return Worked(formula, amount(Decimal(0)), Decimal(0), MONEY, sentence, notes, (lowest.source,), "gap")


def _failing(rule: Rule, value: Decimal) -> Bound | None:
    sizes = _sizes(rule)
    return next((bound for bound in (sizes.low, sizes.high) if bound is not None and not bound.holds(value)), None)


def _outside(tiers: Tiers, measure: Measure) -> Worked:
    said = size(measure.value, tiers.sizes.kind, tiers.sizes.unit)
    return Worked(
        said, amount(Decimal(0)), Decimal(0), MONEY, f"文件列出的各档都不包括{said}。", (),
        tuple(rule.source for rule in tiers.rules), "gap",
    )  # fmt: skip


def _after_received(tiers: Tiers, payment: Payment, measure: Measure, case: Case, notes: tuple[str, ...]) -> Worked:
    """The difference to what was received, where the text pays differences."""
    rule, due = payment.rule, payment.value
    before, assumed, sources = _received_value(tiers, case)
    if before is None:
        return incomplete(Missing(rule, "以前已领取的金额"), case)
    kind, said = rule.benefit.kind, (*notes, *assumed)
    source = distinct((rule.source, *sources))
    reached = f"{_compared(rule, measure)},对应{amount(due)}"
    if not rule.stepped:
        given = [one.amount for one in case.received if one.amount is not None]
        # A sum of what was received at several times is in no clause and in no question.
        parts = given if sum(given) == before else [before]
        got = "、".join(as_said(one, case.text) for one in parts)
        sentence = f"{pays(kind, amount(due), at_most=False)};文件没有写已领的{got}要不要扣除。"
        return Worked(reached, amount(due), due, MONEY, sentence, notes, source, "tier")
    if due <= before:
        formula = f"{reached};{amount(due)} ≤ {amount(before)}"
        sentence = "按文件这次不再补:已领的不低于这个档次的数额。"
        return Worked(formula, amount(Decimal(0)), Decimal(0), MONEY, sentence, said, source, "difference")
    rest = due - before
    formula = f"{amount(due)} − {amount(before)} = {amount(rest)}"
    first = f"{_said(measure)}{_place(rule)},标准是{amount(due)},进档只补差额。"
    sentence = f"{pays(kind, amount(rest), at_most=False)}。"
    return Worked(formula, amount(rest), rest, MONEY, sentence, (first, *said[1:]), source, "difference")


def _received_value(tiers: Tiers, case: Case) -> tuple[Decimal | None, tuple[str, ...], tuple[BenefitAt, ...]]:
    """What was received: the amounts said, else the amount of the tier named."""
    most = max((rule.amount for rule in tiers.rules if rule.amount is not None), default=Decimal(0))
    given = [one.amount for one in case.received if one.amount is not None]
    # 去年600万领了10万: what is more than any tier pays is a size.
    said = [value for value in given if value <= most or tiers.reached(value) is None]
    sizes = [one.threshold for one in case.received if one.threshold is not None]
    sizes += [value for value in given if value not in said]
    sizes = sizes or [one.value for one in case.earlier if one.kind is Kind.AMOUNT]
    named = [rule for rule in map(tiers.reached, sizes) if rule is not None and rule.amount is not None]
    highest = max(named, key=lambda rule: rule.amount or Decimal(0), default=None)
    sources = (highest.source,) if highest else ()
    if said:
        total = sum(said, Decimal(0))
        if highest is not None and highest.amount != total:
            worth = amount(highest.amount or Decimal(0))
            note = f"您说已领{amount(total)},文件里{tier_name(highest)}是{worth},这里按您说的扣减,请核对。"
            return total, (note,), sources
        return total, (), sources
    if highest is None or highest.amount is None:
        return None, (), ()
    return highest.amount, (f"{tier_name(highest)}的{amount(highest.amount)}按已经领取计算。",), sources
