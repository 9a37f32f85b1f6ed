"""Which calculation a question asks for, and its result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from index.quantities import Kind, quantities
from rag.benefit_at import BenefitAt
from rag.calculate import brackets, inverse, levels, measured, stages, sums, tiers
from rag.calculate.case import Case, exceeding
from rag.calculate.changes import belongs, changed
from rag.calculate.denial import unsettled
from rag.calculate.fit import has_none, level_conflict, named, names_whole, scores, tells_apart
from rag.calculate.fit import levels as levels_in
from rag.calculate.instalments import stage_paid
from rag.calculate.outcome import paid
from rag.calculate.payment import Payment
from rag.calculate.promotion import promoted
from rag.calculate.reading import read_rule
from rag.calculate.rule import Change, Rule
from rag.calculate.said import stated
from rag.calculate.single import below_bound, bounding, single
from rag.calculate.units import is_time, spellings
from rag.calculate.wording import MONEY
from rag.calculate.worked import Worked, distinct

LEFT_IN = "您说的其中"
"""How a note begins on a part of a size that was left in."""
_CLOSE = 0.6
"""Share of the best rule's fit that another one needs to be an alternative."""
_CLEAR = 0.1
_PART = re.compile(r"(?:其中|里头|里面|当中|里边)[^,，。;；\d]{0,12}$")
_SIZES = frozenset((Kind.AMOUNT, Kind.COUNT))
_OF_KIND = re.compile(r"的?[那这](?:一?[种类档个级款]|样)$")
_UNIT_ASKED = (
    r"(?:每(?:一)?|(?<![\d一二三四五六七八九十第])一)个?(?:{units})(?:地|车|产品)?"
    r"[^,，。\d一二三四五六七八九十]{{0,6}}(?:多少|几)"
)
if TYPE_CHECKING:
    from rag.understand import Question


def work_out(question: Question, benefits: Sequence[BenefitAt], beside: Sequence[BenefitAt] = ()) -> tuple[Worked, ...]:
    """Calculations the question asks for, best first; () where nothing is to be computed.

    Args:
        question: with its situation.
        benefits: those that are about the question's subject.
        beside: others of their clauses and of the clauses beside, which may change them, be another stage or level of
            theirs, or pay for another thing that the question counts.
    """
    case = Case.from_question(question)
    rules = [rule for rule in map(read_rule, benefits) if rule.valued]
    near = [rule for rule in map(read_rule, beside) if rule.valued]
    base = _base(rules, near, case)
    base = _with_tiers(_renamed(base, near, case), near, case)
    if not base or _asks_unit(base, case):
        return ()
    changing = [*rules, *(rule for rule in near if _attached(rule, base))]
    changes = [rule for rule in changing if rule.change is not Change.NONE and rule not in base]
    others = [rule for rule in near if rule.change is Change.NONE and rule not in base and not _is_denied(rule, case)]
    passed = [rule for rule in rules if rule.change is Change.NONE and rule not in base and not _is_denied(rule, case)]
    found = _for_range(base, changes, case) or _worked(base, changes, case, others, passed)
    if found is None or unsettled(found, [*rules, *near], case):
        return ()
    return (_checked(_with_unused(_with_stage(found, base, case), case), case),)


def _with_unused(found: Worked, case: Case) -> Worked:
    """`found` with a word on a part of a size (其中二手设备600万) that it leaves as it is: nobody may overlook that."""
    told = [one for one in quantities(case.text) if one.kind in _SIZES and _PART.search(case.text[: one.start])]
    figures = {one.value for one in quantities(found.formula)}
    unused = [case.text[one.start : one.end] for one in told if one.value not in figures and not is_time(one.unit)]
    if not found.formula or not unused:
        return found
    note = f"{LEFT_IN}{'、'.join(unused)}算不算进去?上面没有另外扣减。"
    return replace(found, notes=(*found.notes, note))


def _with_stage(found: Worked, base: Sequence[Rule], case: Case) -> Worked:
    """A sum over several things with the part of it that is paid at the stage asked for (验收当年先给多少)."""
    rule = next((one for one in base if found.benefits and one.source is found.benefits[0]), None)
    if found.kind != "sum" or rule is None or len(found.benefits) != 1 or not found.complete:
        return found
    whole = Payment(rule, found.value, found.formula, found.value, False, "sum", unit=found.unit)
    part = stage_paid(whole, case)
    if part is None:
        return found
    return replace(part, sentence=f"{found.sentence}{part.sentence}", notes=found.notes)


def standards_of(
    question: Question, benefits: Sequence[BenefitAt], beside: Sequence[BenefitAt]
) -> tuple[BenefitAt, ...]:
    """The rules of `beside` that `benefits` pay a share of (按前款标准的40%); () where they state sums of their own."""
    rules = [rule for rule in map(read_rule, benefits) if rule.valued]
    if not rules or any(rule.change is not Change.STANDARD for rule in rules):
        return ()
    case = Case.from_question(question)
    return tuple(rule.source for rule in _base(rules, [rule for rule in map(read_rule, beside) if rule.valued], case))


def _base(rules: Sequence[Rule], near: Sequence[Rule], case: Case) -> list[Rule]:
    """The rules that stand for themselves; those that the changes belong to where only changes are chosen."""
    base = [rule for rule in rules if rule.change is Change.NONE and not _is_denied(rule, case)]
    if base or not rules:
        return base
    of_denied = [rule for rule in rules if rule.change is Change.NONE]
    if of_denied and any(rule.change is Change.STANDARD and belongs(rule, one) for rule in rules for one in of_denied):
        return of_denied  # 参与制定的,按前述标准的30%: they have not what is denied, but are paid a share of it
    changed_ones = [rule for rule in near if rule.change is Change.NONE and any(belongs(one, rule) for one in rules)]
    if changed_ones:
        return _ranked(changed_ones, case)
    if any(rule.change is Change.STANDARD for rule in rules):
        return []
    alone = [replace(rule, change=Change.NONE) for rule in rules]
    return [rule for rule in alone if not _is_denied(rule, case)]


def _attached(rule: Rule, base: Sequence[Rule]) -> bool:
    """Whether a rule beside stands in the clause of one of `base`, below it, or under the same lead."""
    path = rule.benefit.path
    for one in base:
        here = one.benefit.path
        parent = here.rpartition(".")[0]
        beside = path.rpartition(".")[0] == parent != ""
        led = any(lead.path == parent for lead in one.source.also) or path.rpartition(".")[2].startswith("p")
        if path == here or path.startswith(f"{here}.") or (beside and led):
            return True
    return False


def _renamed(base: Sequence[Rule], near: Sequence[Rule], case: Case) -> list[Rule]:
    """`base`, or the one rule of a clause that the question names by words that no other one of it has."""
    kept = list(base)
    if case.wants_total or case.wants_larger or case.wants_difference:
        return kept
    for path in {rule.benefit.path for rule in base}:
        here = [one for one in (*base, *near) if one.benefit.path == path and one.change is Change.NONE]
        named_ones = [one for one in here if not _is_denied(one, case) and _is_named(one, here, case)]
        if len(named_ones) == 1:
            kept = [*named_ones, *(one for one in kept if one.benefit.path != path)]
    return kept


def _is_named(rule: Rule, here: Sequence[Rule], case: Case) -> bool:
    others = " ".join(f"{one.words}" for one in here if one is not rule)
    return names_whole(rule.benefit.beneficiary, others, case.text)


def _with_tiers(base: Sequence[Rule], near: Sequence[Rule], case: Case) -> list[Rule]:
    """`base` with the other tiers of its rules, and in place of a rule whose bound fails the one beside that holds."""
    kept = list(base)
    for rule in base:
        measure = bounding(rule, case)
        fails = rule.sizes is not None and measure is not None and not rule.sizes.hold(exceeding(measure))
        for other in near:
            if other.change is not Change.NONE or other in kept:
                continue
            tier = rule.sizes is not None and other.sizes is not None and tiers.alike(rule, other)
            if tier and not level_conflict(rule.benefit.beneficiary, other.benefit.beneficiary):
                kept.append(other)
            elif fails and _instead(other, rule, case):
                kept = [other if one is rule else one for one in kept]
    return kept


def _instead(other: Rule, rule: Rule, case: Case) -> bool:
    """Whether `other` pays on the same base in the same clause, and its bound, if any, is not missed."""
    same = other.benefit.path == rule.benefit.path and other.benefit.base == rule.benefit.base
    return same and other.rate is not None and rule.rate is not None and below_bound(other, case) is None


def _is_denied(rule: Rule, case: Case) -> bool:
    denied = [_OF_KIND.sub("", words) for words in case.situation.denied]
    return named(denied, rule.benefit.beneficiary) or has_none(rule.benefit.beneficiary, case.text)


def _asks_unit(rules: Sequence[Rule], case: Case) -> bool:
    """Whether the amount for one unit is asked for (一亩补多少), whatever numbers are said besides."""
    if case.wants_total:
        return False
    for rule in rules:
        if rule.per is not None and not rule.per.unit.endswith(MONEY):
            units = "|".join(re.escape(unit) for unit in spellings(rule.per.unit))
            if re.search(_UNIT_ASKED.format(units=units), case.text):
                return True
    return False


def _checked(worked: Worked, case: Case) -> Worked:
    """`worked` without notes that hold a figure of nowhere (a table writes 20 under 万元)."""
    cited = (*worked.benefits, *worked.nearby)
    clauses = [clause.text for one in cited for clause in (one.clause, *one.also)]
    sources = [*clauses, case.text, worked.formula, worked.result]
    return replace(worked, notes=tuple(note for note in worked.notes if stated(note, sources)))


def _worked(
    base: Sequence[Rule],
    changes: Sequence[Rule],
    case: Case,
    beside: Sequence[Rule] = (),
    passed: Sequence[Rule] = (),
) -> Worked | None:
    found = stages.all_stages(base, beside, case) or _compared(base, case)
    return found or _computed(base, changes, case, beside, passed)


def _for_range(base: Sequence[Rule], changes: Sequence[Rule], case: Case) -> Worked | None:
    """Both ends, where a size is said as a range (投3000万到5000万)."""
    wide = next((one for one in case.measures if one.upper is not None), None)
    if wide is None or wide.upper is None:
        return None
    ends = []
    for value in (wide.value, wide.upper):
        single = replace(wide, value=value, upper=None)
        measures = tuple(single if one is wide else one for one in case.measures)
        ends.append(_worked(base, changes, replace(case, measures=measures)))
    low, high = ends
    if low is None or high is None or not (low.complete and high.complete) or low.result == high.result:
        return low
    sentence = f"按您说的范围,在{low.result}到{high.result}之间。"
    notes = tuple(dict.fromkeys((*low.notes, *high.notes)))
    sources = distinct((*low.benefits, *high.benefits))
    result = f"{low.result}至{high.result}"
    return Worked(f"{low.formula};{high.formula}", result, low.value, low.unit, sentence, notes, sources, low.kind)


def _compared(rules: Sequence[Rule], case: Case) -> Worked | None:
    """Questions that set two figures against each other."""
    families = tiers.families(rules)
    if case.wants_inverse:
        for family in families:
            found = inverse.tier_for(family, case)
            if found is not None:
                return found
        for rule in _ranked(rules, case):
            found = inverse.size_for(rule, case)
            if found is not None:
                return found
    if case.wants_gap:
        found = inverse.gap(families, case)
        if found is not None:
            return found
    if case.wants_larger:
        found = levels.larger(_ranked(rules, case, close=0.0), case)
        if found is not None:
            return found
    if case.wants_difference and not case.received:
        return levels.difference(rules, case)
    return None


def _computed(
    rules: Sequence[Rule], changes: Sequence[Rule], case: Case, beside: Sequence[Rule], passed: Sequence[Rule]
) -> Worked | None:
    """Questions for the sum itself; `passed` were chosen, and passed over for a rule whose words are named."""
    found = levels.rising([*rules, *_levels_of(rules, beside)], case) or promoted([*rules, *beside], case)
    if found is not None:
        return found
    found = sums.several_amounts(rules, case) or sums.summed(rules, changes, case, beside)
    if found is not None:
        return found
    if measured.graded_growth(rules, case):
        return None
    found = measured.several_units(rules, beside, case) or measured.several_shares([*rules, *beside], case)
    if found is not None:
        return found
    if (parts := brackets.progressive(_ranked(rules, case) if rules else (), [*beside, *rules], case)) is not None:
        return _by_parts(parts, [*rules, *beside], changes, case)
    several, found = measured.several_sizes(rules, beside, changes, case)
    if several:
        return found
    ranked = _ranked(rules, case)
    for family in tiers.families(_of_level(rules, case)):
        plain = family.rules[0].rate is None and family.rules[0].per is None
        if (family.graded or (plain and len(family.rules) == 1)) and any(rule in ranked for rule in family.rules):
            found = tiers.by_size(family, case, changes)
            if found is not None:
                return found
    return single(_told_apart(ranked, case), _of_level([*rules, *passed], case), changes, case)


def _by_parts(payment: Payment, rules: Sequence[Rule], changes: Sequence[Rule], case: Case) -> Worked:
    """The sum over the parts of a base, with the items of the list that it was read from."""
    result = changed(payment.rule, changes, case)
    for more in (one.rule for one in result.added if one.rule.change is Change.TIMES and one.rule.rate is not None):
        payment = brackets.raised(payment, more.rate or Decimal(0))
    path = payment.rule.benefit.path.rpartition(".")[0]
    items = [one for one in rules if one.rate is not None and path and one.benefit.path.rpartition(".")[0] == path]
    own = [one.source for one in items if one.source.policy_id == payment.rule.source.policy_id]
    return paid(payment, case, notes=result.notes, also=distinct([*own, *result.sources]))


def _levels_of(rules: Sequence[Rule], beside: Sequence[Rule]) -> list[Rule]:
    """Rules beside for other levels of what `rules` are for: they pay in the same way, in the same list."""
    return [other for other in beside if any(_is_level_of(other, rule) for rule in rules)]


def _is_level_of(other: Rule, rule: Rule) -> bool:
    if other.source.policy_id != rule.source.policy_id or other.benefit.kind != rule.benefit.kind:
        return False
    here, there = rule.benefit.path, other.benefit.path
    listed = here.rpartition(".")[0] == there.rpartition(".")[0] != "" and rule.source.also != ()
    return other.benefit.quote == rule.benefit.quote or "\t" in other.benefit.quote or listed


def _of_level(rules: Sequence[Rule], case: Case) -> list[Rule]:
    """Rules of the levels that the question names, or of none."""
    return [rule for rule in rules if not level_conflict(case.text, rule.benefit.beneficiary)] or list(rules)


def _ranked(rules: Sequence[Rule], case: Case, *, close: float = _CLOSE) -> list[Rule]:
    """Rules that fit the words of the question, best first; those of another level are left out."""
    said = levels_in(case.text)
    fitting = _of_level(rules, case)
    # Sums over sets differ in their last digits from one run to the next.
    found = [round(score, 9) for score in scores([rule.words for rule in fitting], case.text)]
    worth = dict(zip(map(id, fitting), found, strict=True))
    # A rule that names the level asked goes before one that names none.
    fitting.sort(key=lambda rule: (-bool(said & levels_in(rule.benefit.beneficiary)), -worth[id(rule)]))
    best = max(worth.values())
    return [rule for rule in fitting if worth[id(rule)] >= close * best]


def _told_apart(ranked: Sequence[Rule], case: Case) -> list[Rule]:
    """The rules that the question's words do not prefer another one to, best first."""
    kept: list[Rule] = []
    for rule in ranked:
        if not any(_preferred(other, rule, case) for other in ranked if other is not rule):
            kept.append(rule)
    return kept or list(ranked[:1])


def _preferred(one: Rule, other: Rule, case: Case) -> bool:
    """Whether the question speaks for `one` against `other`: by its level, else by words only one of them has."""
    said = levels_in(case.text)
    first, second = (bool(said & levels_in(rule.benefit.beneficiary)) for rule in (one, other))
    if first != second:
        return first
    return tells_apart(one.words, other.words, case.text) > _CLEAR
