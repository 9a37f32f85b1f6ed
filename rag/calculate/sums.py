"""Sums over several things: titles counted, projects with an amount each, under the ceilings of an enterprise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.changes import changed
from rag.calculate.choices import best_for, each, fixed, name
from rag.calculate.fit import level_conflict, levels, likeness
from rag.calculate.pay import pay
from rag.calculate.payment import Missing, Payment, firm_limit
from rag.calculate.rule import Rule, Scope
from rag.calculate.said import things_said
from rag.calculate.wording import MONEY, amount, pays, pays_together, rate, verb
from rag.calculate.worked import Worked, distinct
from rag.situation import Counted, Measure

_FIRMS = re.compile(r"[家户](?!庭)|企业|公司|厂")
_PAIR = 2
_MANY = 10_000
_SPENT = re.compile(r"(?:花|付|交|支出|用掉?|缴)了?(?:大概|大约|差不多|共|总共|一共)*$")
_WHOLE = re.compile(r"总|合计|累计|共")
_NAMED = 0.5
_EACH_HAS = r"(?:各(?![种类级界地行])|[每单]个?[个项家场台件份张辆名人位艘幢栋间支套]|分别|都)[^,，。;；]{{0,12}}?{0}"
_EACH = re.compile(r"各[^,，。\d一]{0,3}(\d+|一)[个家项件台套]")


@dataclass(frozen=True, slots=True)
class Part:
    """Some things that one rule pays for."""

    rule: Rule
    number: int
    each: Decimal


def things(case: Case, rules: Sequence[Rule]) -> list[Counted]:
    """What is counted; single things where several titles are said to be held."""
    said = [one for one in case.counted if best_for(one.thing + one.said, rules, case)]
    taken = [(at, at + len(one.said)) for one in said if (at := case.text.find(one.said)) >= 0]
    for at, one in things_said(case.text):
        free = not any(start <= at < end for start, end in taken) and not any(one.thing == two.thing for two in said)
        if free and _is_thing(one.thing, rules):
            said.append(one)
    each_of = _EACH.search(case.text)
    named = [name(rule) for rule in rules if likeness(name(rule), case.text) >= _NAMED]
    if each_of and len(named) >= _PAIR and len({one.thing for one in said}) < _PAIR:
        number = int(each_of[1]) if each_of[1].isdigit() else 1
        return [Counted(number, words, words) for words in named]
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


def summed(rules: Sequence[Rule], changes: Sequence[Rule], case: Case, beside: Sequence[Rule] = ()) -> Worked | None:
    """What several things get together; None where fewer than two are counted.

    A thing that no rule of `rules` names may be paid for by one `beside`. Where a change belongs to one of the rules
    and may hold, nothing is summed here.
    """
    options = [rule for rule in fixed(rules) if rule.sizes is None or rule.amount is not None]
    near = [rule for rule in fixed(beside) if rule.per is not None]
    counted = things(case, [*options, *near])
    parts: list[Part] = []
    for one in counted:
        rule = _rule_for(one, options, near, case)
        if rule is not None and not _is_size(one, rule) and _is_paid_for(one, rule) and _goes_by_thing(one, rule):
            parts.append(Part(rule, one.number, each(rule)))
    if any(_alters(part.rule, changes, case) for part in parts):
        return _of_standard(parts, changes, case)
    rules_used = {id(part.rule) for part in parts}
    if sum(part.number for part in parts) < _PAIR or (len(rules_used) == 1 and parts[0].rule.per is not None):
        return None
    if len(rules_used) > 1 and all(part.number == 1 for part in parts) and any(p.rule.higher_only for p in parts):
        return _highest(parts)
    return _together(parts, counted, case)


def _of_standard(parts: Sequence[Part], changes: Sequence[Rule], case: Case) -> Worked | None:
    """The share of their sum where all parts are paid the same share of what they would get; None for other changes."""
    results = [changed(part.rule, changes, case) for part in parts]
    shares = {result.instead.rule.source.benefit.quote: result.instead.rule for result in results if result.instead}
    if len(shares) != 1 or any(not result.instead or result.added or result.steps for result in results):
        return None
    change = next(iter(shares.values()))
    share = change.rate or Decimal(0)
    plain = sum((part.each * part.number for part in parts), Decimal(0))
    left = " + ".join(f"{amount(part.each)} × {part.number}" for part in parts)
    value = plain * share
    formula = f"{left} = {amount(plain)};{amount(plain)} × {rate(share)} = {amount(value)}"
    sentence = f"{pays_together(parts[0].rule.benefit.kind, amount(value), at_most=False)}。"
    sources = distinct([*(part.rule.source for part in parts), change.source])
    return Worked(formula, amount(value), value, MONEY, sentence, results[0].notes[:1], sources, "sum")


def _alters(rule: Rule, changes: Sequence[Rule], case: Case) -> bool:
    result = changed(rule, changes, case)
    return bool(result.added or result.steps or result.instead or result.rule is not rule)


def _rule_for(counted: Counted, options: Sequence[Rule], near: Sequence[Rule], case: Case) -> Rule | None:
    """The rule for what is counted: of `near` only where it names the thing and none of `options` does as well."""
    words = counted.thing + counted.said
    chosen = best_for(words, options, case)
    other = best_for(words, near, case)
    if other is None:
        return chosen
    fits = likeness(counted.thing, other.benefit.beneficiary)
    known = likeness(counted.thing, chosen.benefit.beneficiary) if chosen is not None else 0.0
    return other if fits > known and fits >= _NAMED else chosen


def _is_paid_for(counted: Counted, rule: Rule) -> bool:
    """Whether the rule pays for the thing counted; 30个主播 are none of the 示范机构 that it names."""
    words = counted.thing + counted.said
    alike = likeness(counted.thing, rule.words) > 0 or levels(words) & levels(rule.benefit.beneficiary)
    return bool(alike) or rule.per is not None


def _goes_by_thing(counted: Counted, rule: Rule) -> bool:
    """Whether the rule's sum is for one thing: 总额不超过110万元 is for all of them, however many they are."""
    limit = rule.cap_limit
    words = "" if limit is None else limit.words or rule.benefit.quote
    whole = limit is not None and (limit.scope is Scope.FIRM or limit.yearly or bool(_WHOLE.search(words)))
    return counted.number == 1 or rule.amount is not None or not whole


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
    notes = [_each_words(part) for part in _unlike(parts)]
    value = plain
    limit = min((found for part in parts if (found := _limit(part.rule)) is not None), default=None)
    firms = any(_FIRMS.search(one.said) for one in counted)
    if limit is not None and plain > limit and not firms:
        formula += f",超过上限{amount(limit)},按{amount(limit)}计"
        notes.append(f"合计超过了上限{amount(limit)}。")
        value, at_most = limit, True
    if any(part.rule.higher_only for part in parts):
        notes.append("文件有从高不重复的规定,同类事项不能重复享受;这里按不同事项合计。")
    sentence = f"{pays_together(kind, amount(value), at_most=at_most)}。"
    sources = distinct(part.rule.source for part in parts)
    return Worked(formula, amount(value), value, MONEY, sentence, tuple(notes), sources, "sum")


def _each_words(part: Part) -> str:
    per = part.rule.per.words if part.rule.per is not None and part.rule.per.words.startswith("每") else ""
    per = "" if per in name(part.rule) else per
    return f"{name(part.rule)}{per}{verb(part.rule.benefit.kind)}{amount(part.each)}。"


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
    numbers = [one.number for one in case.counted] or [one.number for _, one in things_said(case.text)]
    by_rate = [rule for rule in rules if rule.rate is not None]
    if not by_rate or not numbers or max(numbers) < _PAIR or not amounts:
        return None
    rule = best_for(case.text, by_rate, case) or by_rate[0]
    told = any(len(amounts) == 1 and amounts[0].said in one.said for _, one in things_said(case.text))
    each_of = len(amounts) == 1 and _each_has(amounts[0], case.text)
    if len(amounts) == 1 and not each_of and _SPENT.search(case.text[: case.text.find(amounts[0].said)]):
        return _spent_together(rule, amounts[0], max(numbers), case)
    repeated = len(amounts) == 1 and (each_of or told)  # 两名年薪80万的: each has it
    if not repeated and (len(amounts) != max(numbers) or not case.counted):
        return None
    used = amounts * max(numbers) if repeated else amounts
    most = _most(rule, case)
    return _each_project(rule, used[:most], case, cut=len(used) > most)


def _each_has(measure: Measure, text: str) -> bool:
    """Whether an amount is said of each thing: 三个项目各投500万; not of 8个省都有队来打,成本180万."""
    return re.search(_EACH_HAS.format(re.escape(measure.said)), text) is not None


def _spent_together(rule: Rule, measure: Measure, number: int, case: Case) -> Worked | None:
    """2个展位花了7万: one sum for all, under the ceiling of one thing as often as there are things."""
    single = _one_project(rule)
    if single.cap is None or single.cap_limit is None or single.cap_limit.scope is not Scope.ITEM:
        return None
    most = min(number, _most(rule, case))
    whole = replace(single, cap=single.cap * most, cap_limit=replace(single.cap_limit, value=single.cap * most))
    payment = pay(whole, replace(case, measures=(measure,)))
    if isinstance(payment, Missing):
        return None
    formula = f"{amount(single.cap)} × {most} = {amount(single.cap * most)};{payment.formula}"
    limit = firm_limit(rule)
    if limit is not None and payment.value > limit.value:
        payment = replace(payment, value=limit.value, at_most=True)
        formula += f",超过上限{amount(limit.value)},按{amount(limit.value)}计"
    sentence = f"{pays_together(rule.benefit.kind, amount(payment.value), at_most=payment.at_most)}。"
    return Worked(formula, amount(payment.value), payment.value, MONEY, sentence, (), (rule.source,), "sum")


def _most(rule: Rule, case: Case) -> int:
    """How many of the things counted the rule pays for: 同一展会最多补2个展位."""
    things_counted = " ".join(one.said for one in case.counted)
    found = [
        int(value) for value, unit, thing in rule.things if unit in things_counted and thing and thing in things_counted
    ]
    return min(found, default=_MANY)


def _each_project(rule: Rule, used: Sequence[Measure], case: Case, *, cut: bool = False) -> Worked | None:
    """Each project under its own ceiling; the sum under that of the enterprise."""
    payments: list[Payment] = []
    single = _one_project(rule)
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
    if cut:
        notes.append(f"数量以{len(used)}个为限。")
    if limit is not None and plain > limit.value and not any(_FIRMS.search(one.said) for one in case.counted):
        formula += f",超过上限{amount(limit.value)},按{amount(limit.value)}计"
        notes.append(f"合计超过了上限{amount(limit.value)}。")
        value, at_most = limit.value, True
    sentence = f"{pays_together(rule.benefit.kind, amount(value), at_most=at_most)}。"
    return Worked(formula, amount(value), value, MONEY, sentence, tuple(notes), (rule.source,), "sum")


def _one_project(rule: Rule) -> Rule:
    """`rule` under the ceilings for one project only."""
    limits = [limit for limit in (rule.cap_limit, *rule.limits) if limit and limit.scope is not Scope.FIRM]
    lowest = min(limits, key=lambda limit: limit.value, default=None)
    return replace(rule, cap=lowest.value if lowest else None, cap_limit=lowest, limits=())
