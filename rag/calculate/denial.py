"""Whether it is certain that a size said keeps a benefit out of reach.

A wrong 不能享受 costs an enterprise more than an answer that leaves the sum open, so that it is told only where no
other figure of the question and no other rule of the policy speaks against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.quantities import Kind
from rag.calculate.case import Case, exceeding
from rag.calculate.fit import likeness
from rag.calculate.rule import Rule
from rag.calculate.single import bounding
from rag.calculate.tiers import DENIED
from rag.calculate.units import same_unit
from rag.calculate.worked import Worked
from rag.situation import Measure

_LOWERED = re.compile(
    r"(?:门槛|条件|标准|要求|限制)[^,，;；。\d]{0,8}(?:降|放宽|减|下调|调低|不受)|不受[^,，;；。]{0,12}限制"
)
_PART = re.compile(r"其中|里头|里面|当中|包括|含")


def unsettled(found: Worked, rules: Sequence[Rule], case: Case) -> bool:
    """Whether `found` denies a benefit, and something said or written speaks against that.

    Args:
        rules: those of the clauses that the question is about.
    """
    if not found.sentence.startswith(DENIED) or not found.benefits:
        return False
    rule = next((one for one in rules if one.source is found.benefits[0]), None)
    measure = bounding(rule, case) if rule is not None else None
    if rule is None or measure is None:
        return False
    return _lowered(rule, rules) or _within_another(rule, measure, rules) or _met_elsewhere(rule, measure, case)


def _lowered(rule: Rule, rules: Sequence[Rule]) -> bool:
    """Whether the clause lowers a bound for some: 其中小微企业,投资门槛降为100万元."""
    beside = (one.benefit.quote for one in rules if one.benefit.path == rule.benefit.path)
    return any(_LOWERED.search(text) for text in (rule.source.clause.text, *beside))


def _within_another(rule: Rule, measure: Measure, rules: Sequence[Rule]) -> bool:
    """Whether a bound of the same list holds, as it is written there: 单户担保金额500万元以下."""
    policy, parent = rule.source.policy_id, rule.benefit.path.rpartition(".")[0]
    near = [
        one
        for one in rules
        if one is not rule and one.source.policy_id == policy and one.benefit.path.rpartition(".")[0] == parent
    ]
    return any(_has_room(one, rule, measure) for one in near)


def _has_room(other: Rule, rule: Rule, measure: Measure) -> bool:
    """Whether `other` bounds the same size and holds for the one said, or bounds nothing and pays on the same base."""
    if rule.sizes is None or other.benefit.kind != rule.benefit.kind:
        return False
    if other.sizes is None:
        return other.rate is not None and other.benefit.base == rule.benefit.base is not None
    same = (other.sizes.kind, other.sizes.unit) == (rule.sizes.kind, rule.sizes.unit)
    return same and other.sizes.hold(exceeding(measure))


def _met_elsewhere(rule: Rule, measure: Measure, case: Case) -> bool:
    """Whether another figure of the question meets the bound and is no worse a reading of it; a part is no whole."""
    sizes = rule.sizes
    if sizes is None:
        return False
    if measure.value == 1 and measure.said[:1] in "一1" and sizes.kind is Kind.COUNT:
        return True  # 一家公司能拿多少: an article, and no number
    fit = likeness(case.words_of(measure), sizes.metric)
    others = [one for one in (*case.measures, *case.earlier) if one.said != measure.said and one.kind is measure.kind]
    if sizes.kind is Kind.COUNT:
        others = [one for one in others if same_unit(one.unit, sizes.unit)]
        if not same_unit(measure.unit, sizes.unit):
            return True  # 7个智能体 are no 100家 of paying customers
    part = _PART.search(measure.metric) is not None
    return any(
        sizes.hold(exceeding(one)) and (part or likeness(case.words_of(one), sizes.metric) >= fit) for one in others
    )
