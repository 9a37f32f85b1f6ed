"""Questions from the sum to the size: 要拿满300万元得投多少, 想拿2000万元要做到多少, 离下一档还差多少."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal

from rag.calculate.case import Case
from rag.calculate.rule import Rule
from rag.calculate.said import as_said, sums_said
from rag.calculate.tiers import Tiers, bound_words
from rag.calculate.wording import MONEY, amount, pays, rate, size
from rag.calculate.worked import Worked

_CENT = Decimal("0.01")


def size_for(rule: Rule, case: Case) -> Worked | None:
    """The size that pays a wanted sum by share or by unit; the ceiling where no sum is said."""
    wanted = _wanted(rule, case)
    if wanted is None:
        return None
    beyond = rule.cap is not None and wanted > rule.cap
    target = rule.cap if beyond and rule.cap is not None else wanted
    if rule.rate:
        needed = (target / rule.rate).quantize(_CENT, ROUND_UP)
        formula, unit = f"{amount(target)} ÷ {rate(rule.rate)} = {amount(needed)}", MONEY
        what = rule.benefit.base or "基数"
    elif rule.per is not None and rule.amount:
        needed = (target / rule.amount * rule.per.step).to_integral_value(ROUND_UP)
        unit = rule.per.unit
        formula = f"{amount(target)} ÷ {amount(rule.amount)} = {amount(needed, unit)}"
        what = ""
    else:
        return None
    notes = [f"文件规定的上限是{amount(rule.cap)},拿不到{as_said(wanted, case.text)}。"] if beyond and rule.cap else []
    if rule.at_most and rule.rate:
        notes.append(f"{rate(rule.rate)}是比例的上限,这是按最高比例算的;比例低于它时需要更多。")
    sentence = f"要拿到{amount(target)},{what}至少要{amount(needed, unit)}。"
    result = amount(needed, unit)
    return Worked(formula, result, needed, unit, sentence, tuple(notes), (rule.source,), "inverse")


def _wanted(rule: Rule, case: Case) -> Decimal | None:
    """The sum that is wanted: one said near 拿 or 领, else the ceiling."""
    wished = [value for value, wish in sums_said(case.text) if wish]
    if wished:
        return wished[0]
    if rule.cap is not None:
        return rule.cap
    return None


def tier_for(tiers: Tiers, case: Case) -> Worked | None:
    """The tier that pays a wanted sum."""
    sums = {value for value, _ in sums_said(case.text)}
    for rule in tiers.rules:
        value = rule.amount if rule.amount is not None else rule.cap
        if value in sums and rule.sizes is not None and rule.rate is None and value is not None:
            words = f"{rule.sizes.metric}{'超过' if rule.sizes.low and rule.sizes.low.op.value == '>' else '达到'}"
            sentence = f"要拿到{amount(value)},{words}{bound_words(rule)}。"
            bound = rule.sizes.low or rule.sizes.high
            worth = bound.value if bound else Decimal(0)
            return Worked("", bound_words(rule), worth, rule.sizes.unit, sentence, (), (rule.source,), "inverse")
    return None


def gap(families: Sequence[Tiers], case: Case) -> Worked | None:
    """How much is missing to the next tier, or to the tier named."""
    for tiers in families:
        measure = case.size_for(tiers.sizes)
        if measure is None or tiers.sizes.low is None:
            continue
        above = _named_above(tiers, case) or tiers.above(measure.value)
        if above is None or above.sizes is None or above.sizes.low is None:
            return _at_the_top(tiers, measure.value)
        return _missing(tiers, above, case)
    return None


def _named_above(tiers: Tiers, case: Case) -> Rule | None:
    """A tier that the question names beside the own size: 离1000亿还差多少."""
    sizes = sorted(
        one.value
        for one in (*case.measures, *case.earlier)
        if one.kind is tiers.sizes.kind and one.unit == tiers.sizes.unit
    )
    for rule in tiers.rules:
        if len(sizes) > 1 and rule.sizes and rule.sizes.low and rule.sizes.low.value == sizes[-1]:
            return rule
    return None


def _missing(tiers: Tiers, above: Rule, case: Case) -> Worked | None:
    sizes = tiers.sizes
    if above.sizes is None or above.sizes.low is None:
        return None
    target = above.sizes.low.value
    said = [
        one.value
        for one in (*case.measures, *case.earlier)
        if one.kind is sizes.kind and one.unit == (sizes.unit or one.unit) and one.value < target
    ]
    if not said:
        return None
    value = max(said)
    lacking = target - value
    words = [size(one, sizes.kind, sizes.unit) for one in (target, value, lacking)]
    formula = f"{words[0]} − {words[1]} = {words[2]}"
    more = "要超过它才行," if above.sizes.low.op.value == ">" else ""
    due = above.amount
    worth = f"到了{pays(above.benefit.kind, amount(due), at_most=False)}。" if due is not None else ""
    sentence = f"到{bound_words(above)}档还差{words[2]}。"
    notes = tuple(note for note in (more.rstrip(",") and f"文件写的是超过{words[0]}。", worth) if note)
    return Worked(formula, words[2], lacking, sizes.unit or MONEY, sentence, notes, (above.source,), "gap")


def _at_the_top(tiers: Tiers, value: Decimal) -> Worked:
    top = tiers.rules[-1]
    said = size(value, tiers.sizes.kind, tiers.sizes.unit)
    sentence = f"已经到最高档({bound_words(top)}),文件没有更高的档次。"
    return Worked(
        f"{said} ≥ {bound_words(top)}",
        bound_words(top),
        Decimal(0),
        tiers.sizes.unit,
        sentence,
        (),
        (top.source,),
        "gap",
    )
