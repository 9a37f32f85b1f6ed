"""The rule that a question's figures identify without any words: 200亿那档的800万."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from index.models import Benefit, ClausePath, PolicyId
from index.store import IndexReader
from rag.choose import Choice, benefit_at, benefits_by_path
from rag.places import Place, covers
from rag.understand import Question

MATCHING_FIGURES = 2
"""Figures of a question that identify a rule."""


def by_figures(reader: IndexReader, question: Question, places: Sequence[Place] = ()) -> Choice:
    """The tiers of the rule whose thresholds and amounts the question names, where exactly one rule has them.

    Only policies that hold at one of `places` are looked at, where any is named.
    """
    asked = question.amounts
    matches: list[tuple[int, PolicyId, ClausePath, str]] = []
    held = (
        policy_id
        for policy_id, facts in reader.facts().items()
        if not places or any(covers(facts, place) for place in places)
    )
    for policy_id in held if len(asked) >= MATCHING_FIGURES else ():
        for path, benefits in benefits_by_path(reader, policy_id).items():
            for quote in dict.fromkeys(benefit.quote for benefit in benefits):
                values = {value for benefit in benefits if benefit.quote == quote for value in _figures_of(benefit)}
                matches.append((len(asked & values), policy_id, path, quote))
    matches.sort(key=lambda match: -match[0])
    if not matches or matches[0][0] < MATCHING_FIGURES or (len(matches) > 1 and matches[1][0] == matches[0][0]):
        return Choice()
    _, policy_id, path, quote = matches[0]
    clause = reader.clause(policy_id, path)
    if clause is None:
        return Choice()
    found = [benefit for benefit in benefits_by_path(reader, policy_id)[path] if benefit.quote == quote]
    return Choice(tuple(benefit_at(reader, policy_id, clause, benefit) for benefit in found))


def _figures_of(benefit: Benefit) -> frozenset[Decimal]:
    """Amount, ceiling and threshold of a benefit."""
    threshold = (benefit.threshold or {}).get("value")
    values = (benefit.amount, benefit.cap, threshold)
    return frozenset(Decimal(str(value)) for value in values if value is not None)
