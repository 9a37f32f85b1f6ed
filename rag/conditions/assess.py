"""Benefits of one rule, each with its conditions and what is known of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.models import Clause, ClausePath, PolicyId
from index.quantities import quantities
from rag.benefit_at import BenefitAt
from rag.conditions.eased import with_eased
from rag.conditions.judge import judged, overall
from rag.conditions.known import known_of
from rag.conditions.model import Condition, ConditionKind, Finding, Truth
from rag.conditions.read import conditions_of
from rag.sentences import split_sentences
from rag.situation import Situation
from rag.verify import Quote

if TYPE_CHECKING:
    from rag.understand import Question

_MEASURED = (ConditionKind.SIZE, ConditionKind.SHARE)


@dataclass(frozen=True, slots=True)
class Assessed:
    """One benefit with its conditions, judged.

    Attributes:
        label: who it is for, short.
        checks: conditions with their findings.
    """

    at: BenefitAt
    label: str
    checks: tuple[tuple[Condition, Finding], ...]
    truth: Truth

    @property
    def open(self) -> tuple[tuple[Condition, Finding], ...]:
        """Conditions that are not settled."""
        return tuple((c, f) for c, f in self.checks if f.truth is Truth.UNKNOWN and f.applies)

    @property
    def failed(self) -> tuple[tuple[Condition, Finding], ...]:
        """Conditions that are not met."""
        return tuple((c, f) for c, f in self.checks if f.truth is Truth.FAILS and f.applies)

    def owns(self, condition: Condition) -> bool:
        """Whether a condition stands in the benefit's clause, or in a lead above it."""
        path = self.at.clause.path
        return condition.path == path or path.startswith(f"{condition.path}.")

    @property
    def size(self) -> tuple[Condition, Finding] | None:
        """The bound on a size or share in the words that say who benefits, None where there is none."""
        return next(((c, f) for c, f in self.checks if c.kind in _MEASURED and self.owns(c)), None)

    @property
    def category(self) -> tuple[Condition, Finding] | None:
        """The category that the benefit is for, where it names alternatives or one of a kind."""
        return next(((c, f) for c, f in self.checks if c.options and c.kind is ConditionKind.INDUSTRY), None)

    @property
    def outside(self) -> bool:
        """Whether the user has said not to belong to the category it is for; an open list (等) leaves that unsure."""
        if self.category is None:
            return False
        finding = self.category[1]
        return finding.truth is Truth.FAILS or (finding.truth is Truth.UNKNOWN and "不是" in finding.reason)

    @property
    def related(self) -> bool:
        """Whether something that was said bears on an open condition."""
        return any(f.related for _, f in self.checks)

    @property
    def settled(self) -> int:
        """Number of conditions that are known either way."""
        return sum(f.truth is not Truth.UNKNOWN for _, f in self.checks)


def assess(at: BenefitAt, situation: Situation, *, asked: str = "") -> Assessed:
    """A benefit against a situation.

    Args:
        asked: the question's text, for what it says beyond the situation.
    """
    conditions = conditions_of(at.benefit, at.clause, also=at.also)
    known = known_of(conditions, situation, asked)
    checks = with_eased(judged(conditions, known), (at.clause, *at.also), known, asked)
    return Assessed(at, _label(at), checks, overall(f for _, f in checks))


def assess_all(question: Question, benefits: Sequence[BenefitAt]) -> tuple[Assessed, ...]:
    """Benefits of the rule that the question's facts say most about; () where no condition was read."""
    found = [assess(at, question.situation, asked=question.text) for at in benefits]
    groups: dict[tuple[PolicyId, str], list[Assessed]] = {}
    for one in found:
        if one.checks:
            groups.setdefault((one.at.policy_id, list_path(one.at)), []).append(one)
    if not groups:
        return ()
    group = max(groups.values(), key=lambda group: max(one.settled + 0.5 * one.related for one in group))
    # 我们是省级的,能申请国家级的吗: asked about is the level that is not held.
    held = "、".join(question.situation.held)
    levels = [level for level in question.levels if level not in held] or question.levels
    asked_for = [one for one in group if _level(one) in levels]
    group = asked_for or group
    bearing = [one for one in group if one.settled or one.related]
    # What is said to be none of the categories shuts out the benefits for those alone.
    if bearing and all(one.outside for one in bearing):
        return tuple(group)
    return tuple(bearing or group)


def list_path(at: BenefitAt) -> ClausePath:
    """Path of the lead whose list the benefit is an item of, else of its own clause."""
    above = [
        o.path for o in at.also if at.clause.path.startswith(f"{o.path}.") and o.text.rstrip().endswith(("：", ":"))
    ]
    return max(above, key=len, default=at.clause.path)


def _level(one: Assessed) -> str | None:
    return next((c.level for c, _ in one.checks if c.level is not None and one.owns(c)), None)


def _label(at: BenefitAt) -> str:
    text = re.sub(r"（[^（）]*(?:的|级|含)[^（）]*）", "", at.benefit.beneficiary)
    return re.sub(r"[，,].*$", "", text).removesuffix("的") or at.benefit.beneficiary


def quote_of(condition: Condition, at: BenefitAt) -> Quote:
    """The words of a condition as a quote of the clause they stand in."""
    for clause in (at.clause, *at.also):
        if clause.path == condition.path:
            return quote_in(condition.text, clause, at.policy_id)
    return quote_in(at.benefit.quote, at.clause, at.policy_id)


def evidence_of(condition: Condition, at: BenefitAt) -> Quote:
    """The sentence that a condition stands in; its own words where the sentence has the bound's figure twice."""
    words = quote_of(condition, at)
    for sentence in split_sentences(words.clause):
        if sentence.start <= words.start and words.end <= sentence.end:
            text = words.clause.text[sentence.start : sentence.end]
            value = condition.test.value if condition.test is not None else None
            if value is not None and sum(q.value == value for q in quantities(text)) > 1:
                return words
            return Quote(words.policy_id, words.clause, sentence.start, sentence.end)
    return words


def quote_in(words: str, clause: Clause, policy_id: PolicyId) -> Quote:
    """`words` in a clause, the whole clause where they do not stand in it."""
    start = clause.text.find(words)
    if start < 0 or not words:
        return Quote(policy_id, clause, 0, len(clause.written))
    return Quote(policy_id, clause, start, start + len(words))


def ladder(group: Sequence[Assessed]) -> tuple[Assessed, ...]:
    """`group` without tiers that a higher tier also met makes idle; tiers ascend."""
    met = [one for one in group if one.truth is Truth.MEETS and one.size is not None]
    reached = met or [one for one in group if one.truth is Truth.UNKNOWN and _reached(one) and one.category is None]
    best = max(reached, key=_height, default=None)
    kept = [one for one in group if best is None or _height(one) == _height(best) or one not in reached]
    general = [one for one in kept if one.category is None and one.size is not None and one.truth is not Truth.MEETS]
    if any(one.category is not None for one in kept) and len(general) > 1:
        # Beside a category with a bound of its own, the lowest of the others is the one to pass.
        lowest = min(general, key=_height)
        kept = [_without_gap(one, general) for one in kept if one is lowest or one not in general]
    return tuple(sorted(kept, key=_height))


def _without_gap(one: Assessed, tiers: Sequence[Assessed]) -> Assessed:
    """A tier that stands for all of `tiers`, up to where the last of those that follow without a gap ends."""
    size = one.size
    if size is None or size[0].test is None or one not in tiers:
        return one
    tests = sorted((t.size[0].test for t in tiers if t.size and t.size[0].test), key=lambda test: test.value)
    end, end_op = size[0].test.upper, size[0].test.upper_op
    for test in tests:
        if test.value == end and test.metric == size[0].test.metric:
            end, end_op = test.upper, test.upper_op
    whole = replace(size[0], test=replace(size[0].test, upper=end, upper_op=end_op))
    return replace(one, checks=tuple((whole, f) if c is size[0] else (c, f) for c, f in one.checks))


def _reached(one: Assessed) -> bool:
    size = one.size
    return size is not None and Truth.MEETS in (size[1].truth, size[1].literal)


def _height(one: Assessed) -> float:
    size = one.size
    if size is None or size[0].test is None:
        return 0.0
    return float(size[0].test.value)
