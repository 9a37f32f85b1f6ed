"""What matching reads of a policy once, whatever enterprise asks: its rules and conditions, what it says of stacking.

Reading the conditions out of the text takes most of the time of a match, and none of it depends on the enterprise, so
it is kept for as long as the reader lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

from index.benefits.sources import supporting_paths
from index.models import Benefit, Clause, ClausePath, Policy, PolicyId
from rag.benefit_at import BenefitAt
from rag.conditions import Condition, conditions_of, general_clauses
from rag.conditions.metrics import metric_of
from rag.conditions.names import name_of
from rag.sentences import split_sentences

_STACKING = re.compile(r"差额|补差|补足|从高|就高|不重复|不叠加|不得重复|可以?叠加|可同时享受")
GENERAL_STACKING = re.compile(r"(?:从高|就高|不重复|不得重复|不叠加)")
"""What holds for several benefits of one policy, or of several."""


class PolicyReader(Protocol):
    """What matching needs of an index reader; it hands out the same object for the same policy."""

    def policies(self) -> Sequence[Policy]:
        """Every policy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One benefit as the text states it.

    Attributes:
        labels: of the clauses that the conditions rest on, in their order.
        stacking: what its own sentence says of several benefits.
        rule: what tiers and levels of one rule have in common.
    """

    at: BenefitAt
    conditions: tuple[Condition, ...]
    labels: tuple[str, ...]
    stacking: tuple[str, ...]
    rule: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A policy with its rules, in the order of its benefits.

    Attributes:
        stacking: sentences about several benefits that hold for the whole policy.
    """

    policy: Policy
    rules: tuple[Rule, ...]
    stacking: tuple[str, ...]


_kept: WeakKeyDictionary[PolicyReader, dict[PolicyId, Prepared]] = WeakKeyDictionary()


def prepared(reader: PolicyReader) -> Iterator[Prepared]:
    """Every policy of `reader`, read; a second call for the same reader reads only what it does not know."""
    kept = _kept.setdefault(reader, {})
    for policy in reader.policies():
        known = kept.get(policy.id)
        if known is None or known.policy is not policy:
            # Two threads may read the same policy at once; either result is the same.
            known = kept[policy.id] = _prepare(policy)
        yield known


def _prepare(policy: Policy) -> Prepared:
    edition = policy.best
    clauses: dict[ClausePath, Clause] = {}
    for part in edition.clauses:
        clauses.setdefault(part.path, part)
    rules = []
    for benefit in edition.benefits:
        clause = clauses.get(benefit.path)
        if clause is not None:
            paths = supporting_paths(benefit, edition.clauses)
            at = BenefitAt(policy.id, clause, benefit, tuple(clauses[path] for path in paths if path in clauses))
            rules.append(_rule(at, clauses))
    return Prepared(policy, tuple(rules), _policy_stacking(edition.clauses))


def _rule(at: BenefitAt, clauses: dict[ClausePath, Clause]) -> Rule:
    also = tuple(dict.fromkeys((*at.also, *general_clauses(at.benefit, tuple(clauses.values())))))
    conditions = tuple(conditions_of(at.benefit, at.clause, also=also))
    labels = tuple(clauses[one.path].label if one.path in clauses else one.path for one in conditions)
    return Rule(at, conditions, labels, _own_stacking(at.benefit), _key(at, conditions))


def _policy_stacking(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """Sentences for the whole policy: 同一项目符合多项政策的，按照从高不重复的原则执行."""
    found = []
    for clause in clauses:
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if GENERAL_STACKING.search(text) and not re.search(r"\d", text):
                found.append(f"{text.rstrip('。')}({clause.label})")
    return tuple(found)


def _own_stacking(benefit: Benefit) -> tuple[str, ...]:
    parts = (benefit.condition or "").split("；")
    return tuple(part for part in parts if _STACKING.search(part))


def _key(at: BenefitAt, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """What tiers and levels of one rule have in common: the place, and what is measured or the title without level."""
    own = [condition for condition in conditions if condition.path == at.benefit.path]
    sized = next((c.test for c in own if c.test is not None), None)
    # Items of one list (1.首次突破1亿元的 2.首次突破5亿元的) share the clause that announces them.
    place = at.also[0].path if at.also else at.benefit.path
    if sized is not None:
        metric = metric_of(sized.metric)
        others = [condition.name for condition in own if condition.test is None]
        return (at.policy_id, place, metric.concept or sized.metric, *sorted(metric.scope), *others, at.benefit.kind)
    title = next((c for c in own if c.level is not None), None)
    if title is not None:
        return (at.policy_id, place, name_of(title.name).core)
    return (at.policy_id, at.benefit.path, at.benefit.beneficiary, at.benefit.quote)
