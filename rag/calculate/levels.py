"""Differences between levels, the larger of two ways, a level that rises."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rag.benefit_at import BenefitAt
from rag.calculate.case import Case
from rag.calculate.choices import NO_LEVEL, best_for, each, fixed, name, rank_level
from rag.calculate.fit import levels, likeness, scores, tells_apart
from rag.calculate.pay import pay
from rag.calculate.payment import Missing, Payment
from rag.calculate.rule import Rule
from rag.calculate.said import as_said
from rag.calculate.wording import MONEY, amount, pays
from rag.calculate.worked import Worked, distinct
from rag.situation import Received

_PAIR = 2


def difference(rules: Sequence[Rule], case: Case) -> Worked | None:
    """How much one level pays more than another."""
    options = fixed(rules)
    chosen = _two_named(options, case)
    if chosen is None:
        return None
    high, low = sorted(chosen, key=each, reverse=True)
    rest = each(high) - each(low)
    formula = f"{amount(each(high))} − {amount(each(low))} = {amount(rest)}"
    sentence = f"两者相差{amount(rest)}:{name(high)}{amount(each(high))},{name(low)}{amount(each(low))}。"
    return Worked(formula, amount(rest), rest, MONEY, sentence, (), (high.source, low.source), "difference")


def _two_named(options: Sequence[Rule], case: Case) -> tuple[Rule, Rule] | None:
    """The two rules that the question compares: by size, by level, else by their words."""
    sizes = {one.value for one in (*case.measures, *case.earlier)}
    sized = [r for r in options if r.sizes and (r.sizes.low or r.sizes.high) and _bound(r) in sizes]
    if len(sized) == _PAIR:
        return sized[0], sized[1]
    said = levels(case.text)
    found: list[Rule] = []
    for level in sorted(said):
        having = [rule for rule in options if level in levels(rule.benefit.beneficiary) and rule not in found]
        if having:
            worth = scores([rule.words for rule in having], case.text)
            found.append(having[max(range(len(having)), key=lambda at: worth[at])])
    if len(found) == _PAIR:
        return found[0], found[1]
    if len(options) < _PAIR:
        return None
    worth = scores([rule.words for rule in options], case.text)
    order = sorted(range(len(options)), key=lambda at: -worth[at])
    first, second = options[order[0]], options[order[1]]
    # Both have to be named: the words that only one of them has stand in the question.
    alone = min(tells_apart(first.words, "", case.text), tells_apart(second.words, "", case.text))
    apart = abs(tells_apart(first.words, second.words, case.text))
    return (first, second) if alone > 0 and apart < alone else None


def _bound(rule: Rule) -> Decimal | None:
    if rule.sizes is None:
        return None
    end = rule.sizes.low or rule.sizes.high
    return end.value if end else None


def larger(rules: Sequence[Rule], case: Case) -> Worked | None:
    """Which of the rules pays more for the case; None where fewer than two can be computed."""
    payments = [payment for rule in rules if isinstance(payment := _paid_once(rule, case), Payment)]
    if len(payments) < _PAIR:
        return None
    ordered = sorted(payments, key=lambda one: -one.value)[:_PAIR]
    best, other = ordered
    formulas = [one.formula for one in ordered if one.formula]
    sign = "=" if best.value == other.value else ">"
    formulas.append(f"{amount(best.value)} {sign} {amount(other.value)}")
    if sign == "=":
        sentence = f"两种算法一样,都是{amount(best.value)}。"
    else:
        sentence = f"“{name(best.rule)}”更多,{pays(best.rule.benefit.kind, amount(best.value), at_most=best.at_most)}。"
    notes = [f"{name(other.rule)}是{amount(other.value)}。"]
    if best.rule.higher_only or other.rule.higher_only:
        notes.append("文件规定从高不重复,只能享受其中最高的那项。")
    sources = distinct(one.rule.source for one in ordered)
    return Worked(";".join(formulas), amount(best.value), best.value, MONEY, sentence, tuple(notes), sources, "larger")


def _paid_once(rule: Rule, case: Case) -> Payment | Missing:
    """The payment, for one thing where no number of them is said."""
    payment = pay(rule, case)
    if isinstance(payment, Missing) and rule.per is not None and rule.per.unit != MONEY:
        return pay(rule, case, number_of=1)
    return payment


def rising(rules: Sequence[Rule], case: Case) -> Worked | None:
    """What a higher level pays after a lower one was received."""
    options = [rule for rule in fixed(rules) if rule.sizes is None or "\t" in rule.benefit.quote]
    if not case.received or not options:
        return None
    got = case.received[-1]
    lower = _lower(options, got, case)
    higher = _higher(options, lower, got, case)
    if higher is None or (lower is None and (got.amount is None or rank_level(higher) == NO_LEVEL)):
        return None
    due = each(higher)
    notes, before = _before(got, lower)
    sources = distinct(rule.source for rule in (higher, lower) if rule is not None)
    if not higher.stepped:
        return _without_rule(higher, due, as_said(before, case.text), notes, sources)
    rest = max(due - before, Decimal(0))
    formula = f"{amount(due)} − {amount(before)} = {amount(due - before)}" if due > before else ""
    if not formula:
        formula = f"{amount(due)} ≤ {amount(before)}"
        sentence = "按文件这次不再补:已领的不低于这一级的数额。"
    else:
        sentence = f"{pays(higher.benefit.kind, amount(rest), at_most=higher.at_most)}。"
    first = f"{name(higher)}的标准是{amount(due)},减去已领的{as_said(before, case.text)}。"
    return Worked(formula, amount(rest), rest, MONEY, sentence, (first, *notes), sources, "difference")


def _lower(options: Sequence[Rule], got: Received, case: Case) -> Rule | None:
    """The rule of what was received: by its title, else by its amount."""
    if got.title:
        rule = best_for(got.title, options, case)
        if rule is not None and levels(got.title) & levels(rule.benefit.beneficiary):
            return rule
    same = [rule for rule in options if got.amount is not None and each(rule) == got.amount]
    worth = scores([rule.words for rule in same], case.text)
    if same:
        return same[max(range(len(same)), key=lambda at: worth[at])]
    # 省级的领了150万,现在评上国家级: of two levels named, the one that pays less was received.
    named = [rule for rule in options if rank_level(rule) in levels(case.text)]
    named = [rule for rule in named if _same_title(rule, named[0])]
    return min(named, key=each) if len(named) >= _PAIR and not got.title else None


def _higher(options: Sequence[Rule], lower: Rule | None, got: Received, case: Case) -> Rule | None:
    """The rule of the level reached: named in the question, and not the one received."""
    floor = each(lower) if lower is not None else got.amount or Decimal(0)
    rest = [rule for rule in options if rule is not lower and (each(rule) > floor or lower is None)]
    said = levels(case.text) - (levels(got.title) or levels(lower.benefit.beneficiary if lower else ""))
    said &= frozenset(level for rule in options for level in levels(rule.benefit.beneficiary))
    # A beneficiary may name the lower level in passing; its highest level counts.
    fitting = [rule for rule in rest if {rank_level(rule)} & said] or (rest if not said else [])
    if lower is not None:
        fitting = [rule for rule in fitting if _same_title(rule, lower)] or fitting
    worth = scores([rule.words for rule in fitting], case.text)
    return fitting[max(range(len(fitting)), key=lambda at: worth[at])] if fitting else None


def _same_title(one: Rule, other: Rule) -> bool:
    return likeness(one.benefit.beneficiary, other.benefit.beneficiary) >= 0.5


def _before(got: Received, lower: Rule | None) -> tuple[list[str], Decimal]:
    """What was received, and what has to be said about it."""
    if got.amount is None:
        value = each(lower) if lower is not None else Decimal(0)
        return [f"已领的数额按文件里{name(lower)}的{amount(value)}计算。"] if lower else [], value
    if lower is not None and each(lower) != got.amount:
        note = f"文件里{name(lower)}是{amount(each(lower))},与您说的已领{amount(got.amount)}不一致,请核对。"
        return [note], got.amount
    return [], got.amount


def _without_rule(higher: Rule, due: Decimal, before: str, notes: list[str], sources: tuple[BenefitAt, ...]) -> Worked:
    """The text does not say whether what was received is deducted."""
    sentence = f"{name(higher)}的标准是{amount(due)};文件没有写已领的{before}要不要扣除。"
    said = (*notes, "能否再按全额领取,请向主管部门确认。")
    return Worked("", amount(due), due, MONEY, sentence, said, sources, "amount")
