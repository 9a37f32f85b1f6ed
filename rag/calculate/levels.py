"""Sums over several things, differences between levels, the larger of two ways, a level that rises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.quantities import Kind
from rag.benefit_at import BenefitAt
from rag.calculate.case import Case
from rag.calculate.fit import level_conflict, levels, likeness, rank, scores, tells_apart
from rag.calculate.pay import Missing, Payment, firm_limit, pay
from rag.calculate.rule import Rule, Scope
from rag.calculate.said import as_said, things_said
from rag.calculate.tiers import tier_name
from rag.calculate.wording import MONEY, amount, pays, verb
from rag.calculate.worked import Worked, distinct
from rag.situation import Counted, Received

_FIRMS = re.compile(r"[家户](?!庭)|企业|公司|厂")
_LEAD = re.compile(r"^(?:对于?)?(?:新|当年)?(?:经?认定的|获评|获得|评定为|评为|认定为|列入|创建为)")
_LONGEST_NAME = 24
_PAIR = 2
_NO_LEVEL = (-1, "")


@dataclass(frozen=True, slots=True)
class Part:
    """Some things that one rule pays for."""

    rule: Rule
    number: int
    each: Decimal


def name(rule: Rule) -> str:
    """The beneficiary in few words: 国家级示范园区."""
    if rule.sizes is not None:
        return tier_name(rule)
    words = rule.benefit.beneficiary
    inner = re.search(r"[（(]([^（()）]{2,20})[)）]$", words)
    if inner:
        words = inner[1]
    elif len(words) > _LONGEST_NAME and re.search("[，,]", words):
        words = re.split("[，,]", words)[-1]
    return (_LEAD.sub("", words) or words).removesuffix("的")[:_LONGEST_NAME]


def fixed(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that pay a sum by the thing: an amount or a ceiling, no share."""
    return [rule for rule in rules if rule.rate is None and (rule.amount is not None or rule.cap is not None)]


def _each(rule: Rule) -> Decimal:
    return rule.amount if rule.amount is not None else rule.cap or Decimal(0)


def best_for(thing: str, rules: Sequence[Rule], case: Case) -> Rule | None:
    """The rule that is about `thing`; the whole question tells rules apart where `thing` does not."""
    fitting = [rule for rule in rules if not level_conflict(thing, rule.benefit.beneficiary)]
    if levels(thing):
        fitting = [rule for rule in fitting if levels(thing) & levels(rule.benefit.beneficiary)] or fitting
    else:
        own = [rule for rule in fitting if not level_conflict(case.text, rule.benefit.beneficiary)]
        fitting = own or fitting
    if not fitting:
        return None
    by_thing = scores([rule.words for rule in fitting], thing)
    by_text = scores([rule.words for rule in fitting], case.text)
    found = max(range(len(fitting)), key=lambda at: (by_thing[at] + by_text[at] / 4, -at))
    return fitting[found]


def things(case: Case, rules: Sequence[Rule]) -> list[Counted]:
    """What is counted; single things where several titles are said to be held."""
    said = [one for one in case.counted if best_for(one.thing + one.said, rules, case)]
    taken = [(at, at + len(one.said)) for one in said if (at := case.text.find(one.said)) >= 0]
    for at, one in things_said(case.text):
        free = not any(start <= at < end for start, end in taken) and not any(one.thing == two.thing for two in said)
        if free and _is_thing(one.thing, rules):
            said.append(one)
    if said or not case.wants_total:
        return said
    held = [Counted(1, words, words) for words in case.situation.held if _is_thing(words, rules)]
    held = list({id(best_for(one.thing, rules, case)): one for one in held}.values())
    if len(held) >= _PAIR:
        return held
    named = list(case.question.levels)
    return [Counted(1, level, level) for level in named] if len(named) >= _PAIR else []


def _is_thing(words: str, rules: Sequence[Rule]) -> bool:
    return any(
        likeness(words, rule.benefit.beneficiary) > 0 and not level_conflict(words, rule.benefit.beneficiary)
        for rule in rules
    )


def summed(rules: Sequence[Rule], case: Case) -> Worked | None:
    """What several things get together; None where fewer than two are counted."""
    options = [rule for rule in fixed(rules) if rule.sizes is None or rule.amount is not None]
    counted = things(case, options)
    parts: list[Part] = []
    for one in counted:
        rule = best_for(one.thing + one.said, options, case)
        if rule is not None and not _is_size(one, rule):
            parts.append(Part(rule, one.number, _each(rule)))
    rules_used = {id(part.rule) for part in parts}
    if sum(part.number for part in parts) < _PAIR or (len(rules_used) == 1 and parts[0].rule.per is not None):
        return None
    if len(rules_used) > 1 and all(part.number == 1 for part in parts) and any(p.rule.higher_only for p in parts):
        return _highest(parts)
    return _together(parts, counted, case)


def _is_size(counted: Counted, rule: Rule) -> bool:
    """Whether what is counted is the size that the rule bounds (26间客房), not a number of grants."""
    sizes = rule.sizes
    return sizes is not None and sizes.kind is Kind.COUNT and sizes.unit in counted.said


def _together(parts: Sequence[Part], counted: Sequence[Counted], case: Case) -> Worked:
    plain = sum((part.each * part.number for part in parts), Decimal(0))
    alone = all(part.number == 1 for part in parts)
    left = " + ".join(amount(part.each) if alone else f"{amount(part.each)} × {part.number}" for part in parts)
    formula = f"{left} = {amount(plain)}"
    at_most = any(part.rule.at_most for part in parts)
    kind = parts[0].rule.benefit.kind
    notes = [f"{name(part.rule)}{verb(part.rule.benefit.kind)}{amount(part.each)}。" for part in _unlike(parts)]
    value = plain
    limit = min((found for part in parts if (found := _limit(part.rule)) is not None), default=None)
    firms = any(_FIRMS.search(one.said) for one in counted)
    if limit is not None and plain > limit and not firms:
        formula += f",超过上限{amount(limit)},按{amount(limit)}计"
        notes.append(f"合计超过了上限{amount(limit)}。")
        value, at_most = limit, True
    if any(part.rule.higher_only for part in parts):
        notes.append("文件有从高不重复的规定,同类事项不能重复享受;这里按不同事项合计。")
    sentence = f"{pays(kind, amount(value), at_most=at_most).replace('按文件', '按文件合计')}。"
    sources = distinct(part.rule.source for part in parts)
    return Worked(formula, amount(value), value, MONEY, sentence, tuple(notes), sources, "sum")


def _limit(rule: Rule) -> Decimal | None:
    # A ceiling that is itself what each thing gets is none for their sum.
    found = [limit for limit in rule.limits if limit.scope is Scope.FIRM]
    if rule.amount is not None and rule.cap_limit is not None and rule.cap_limit.scope is Scope.FIRM:
        found.append(rule.cap_limit)
    return min((limit.value for limit in found), default=None)


def _unlike(parts: Sequence[Part]) -> list[Part]:
    seen: dict[int, Part] = {}
    for part in parts:
        seen.setdefault(id(part.rule), part)
    return list(seen.values()) if len(seen) > 1 else []


def _highest(parts: Sequence[Part]) -> Worked:
    best = max(parts, key=lambda part: part.each)
    others = [part for part in parts if part is not best]
    formula = " > ".join(amount(part.each) for part in sorted(parts, key=lambda part: -part.each))
    notes = ["文件规定从高不重复,只按最高的那项。", *(f"{name(p.rule)}是{amount(p.each)}。" for p in others)]
    sentence = f"{pays(best.rule.benefit.kind, amount(best.each), at_most=best.rule.at_most)}。"
    sources = distinct(part.rule.source for part in parts)
    return Worked(formula, amount(best.each), best.each, MONEY, sentence, tuple(notes), sources, "larger")


def several_amounts(rules: Sequence[Rule], case: Case) -> Worked | None:
    """Several projects with an amount each, paid by one rule: each under its own ceiling, then added."""
    amounts = [one for one in case.measures if one.kind is Kind.AMOUNT]
    numbers = [one.number for one in case.counted]
    by_rate = [rule for rule in rules if rule.rate is not None]
    if not by_rate or not numbers or max(numbers) < _PAIR or not amounts:
        return None
    rule = best_for(case.text, by_rate, case) or by_rate[0]
    repeated = len(amounts) == 1 and re.search(r"各|每[个项家台场]|分别|都", case.text)
    if not repeated and len(amounts) != max(numbers):
        return None
    used = amounts * max(numbers) if repeated else amounts
    return _each_project(rule, used, case)


def _each_project(rule: Rule, used: Sequence, case: Case) -> Worked | None:  # type: ignore[type-arg]
    from dataclasses import replace

    payments: list[Payment] = []
    per_firm = rule.cap_limit is not None and rule.cap_limit.scope is Scope.FIRM
    single = replace(rule, cap=None, cap_limit=None) if per_firm else rule
    single = replace(single, limits=())
    for measure in used:
        payment = pay(single, replace(case, measures=(measure,)))
        if isinstance(payment, Missing):
            return None
        payments.append(payment)
    plain = sum((payment.value for payment in payments), Decimal(0))
    formula = ";".join(dict.fromkeys(payment.formula for payment in payments))
    formula += f";{' + '.join(amount(payment.value) for payment in payments)} = {amount(plain)}"
    limit = firm_limit(rule)
    value, at_most, notes = plain, any(payment.at_most for payment in payments), []
    if limit is not None and plain > limit.value and not any(_FIRMS.search(one.said) for one in case.counted):
        formula += f",超过上限{amount(limit.value)},按{amount(limit.value)}计"
        notes.append(f"合计超过了上限{amount(limit.value)}。")
        value, at_most = limit.value, True
    sentence = f"{pays(rule.benefit.kind, amount(value), at_most=at_most).replace('按文件', '按文件合计')}。"
    return Worked(formula, amount(value), value, MONEY, sentence, tuple(notes), (rule.source,), "sum")


def difference(rules: Sequence[Rule], case: Case) -> Worked | None:
    """How much one level pays more than another."""
    options = fixed(rules)
    chosen = _two_named(options, case)
    if chosen is None:
        return None
    high, low = sorted(chosen, key=_each, reverse=True)
    rest = _each(high) - _each(low)
    formula = f"{amount(_each(high))} − {amount(_each(low))} = {amount(rest)}"
    sentence = f"两者相差{amount(rest)}:{name(high)}{amount(_each(high))},{name(low)}{amount(_each(low))}。"
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
    options = [rule for rule in fixed(rules) if rule.sizes is None]
    if not case.received or not options:
        return None
    got = case.received[-1]
    lower = _lower(options, got, case)
    higher = _higher(options, lower, got, case)
    if higher is None or (lower is None and (got.amount is None or rank_level(higher) == _NO_LEVEL)):
        return None
    due = _each(higher)
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
    first = f"{name(higher)}的标准是{amount(due)},已领的{amount(before)}要扣除,只补差额。"
    return Worked(formula, amount(rest), rest, MONEY, sentence, (first, *notes), sources, "difference")


def _lower(options: Sequence[Rule], got: Received, case: Case) -> Rule | None:
    """The rule of what was received: by its title, else by its amount."""
    if got.title:
        rule = best_for(got.title, options, case)
        if rule is not None and levels(got.title) & levels(rule.benefit.beneficiary):
            return rule
    same = [rule for rule in options if got.amount is not None and _each(rule) == got.amount]
    worth = scores([rule.words for rule in same], case.text)
    if same:
        return same[max(range(len(same)), key=lambda at: worth[at])]
    # 省级的领了150万,现在评上国家级: of two levels named, the one that pays less was received.
    named = [rule for rule in options if rank_level(rule) in levels(case.text)]
    named = [rule for rule in named if _same_title(rule, named[0])]
    return min(named, key=_each) if len(named) >= _PAIR and not got.title else None


def _higher(options: Sequence[Rule], lower: Rule | None, got: Received, case: Case) -> Rule | None:
    """The rule of the level reached: named in the question, and not the one received."""
    floor = _each(lower) if lower is not None else got.amount or Decimal(0)
    rest = [rule for rule in options if rule is not lower and (_each(rule) > floor or lower is None)]
    said = levels(case.text) - (levels(got.title) or levels(lower.benefit.beneficiary if lower else ""))
    # A beneficiary may name the lower level in passing; its highest level counts.
    fitting = [rule for rule in rest if {rank_level(rule)} & said] or (rest if not said else [])
    if lower is not None:
        fitting = [rule for rule in fitting if _same_title(rule, lower)] or fitting
    worth = scores([rule.words for rule in fitting], case.text)
    return fitting[max(range(len(fitting)), key=lambda at: worth[at])] if fitting else None


def rank_level(rule: Rule) -> tuple[int, str]:
    """The level a rule is for: the last one its beneficiary names."""
    found = levels(rule.benefit.beneficiary)
    return min(found, key=lambda one: (one[0], rank(one[1])[1]), default=_NO_LEVEL)


def _same_title(one: Rule, other: Rule) -> bool:
    return likeness(one.benefit.beneficiary, other.benefit.beneficiary) >= 0.5


def _before(got: Received, lower: Rule | None) -> tuple[list[str], Decimal]:
    """What was received, and what has to be said about it."""
    if got.amount is None:
        value = _each(lower) if lower is not None else Decimal(0)
        return [f"已领的数额按文件里{name(lower)}的{amount(value)}计算。"] if lower else [], value
    if lower is not None and _each(lower) != got.amount:
        note = f"文件里{name(lower)}是{amount(_each(lower))},与您说的已领{amount(got.amount)}不一致,请核对。"
        return [note], got.amount
    return [], got.amount


def _without_rule(higher: Rule, due: Decimal, before: str, notes: list[str], sources: tuple[BenefitAt, ...]) -> Worked:
    """The text does not say whether what was received is deducted."""
    sentence = f"{name(higher)}的标准是{amount(due)};文件没有写已领的{before}要不要扣除。"
    said = (*notes, "能否再按全额领取,请向主管部门确认。")
    return Worked("", amount(due), due, MONEY, sentence, said, sources, "amount")
