"""Clauses that say the same for several years, or in several documents, in the order of their validity.

Nothing is left out, and clauses that say something of their own keep their place: only the places that such clauses
hold are dealt out anew. An expired policy that has no successor therefore stays where it was found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache

from index.models import PolicyFacts, PolicyId, Status
from rag.found import RetrievedClause
from rag.titles import family, title_years

SAME_FAMILY = 0.5
"""Share of character pairs, 0..1, from which two clauses of one family of titles say the same."""
SAME_TEXT = 0.85
"""Share from which two clauses of any policies do."""
COMPARED = 30
"""Clauses at the head of the list that are compared with one another."""

_ORDER = (
    Status.IN_FORCE,
    Status.UNKNOWN,
    Status.NOT_YET_EFFECTIVE,
    Status.PERIOD_ENDED,
    Status.EXPIRED,
    Status.DRAFT,
)
_Preference = tuple[bool, int, int]


def preference(facts: PolicyFacts, as_of: date, years: Collection[int] = ()) -> _Preference:
    """Sort key of a policy among its equals: for a year named, then in force on `as_of`, then the latest."""
    other_year = bool(years) and not set(title_years(facts)) & set(years)
    latest = facts.effective_on or facts.issued_on
    if latest is None:
        latest = date(max(title_years(facts), default=1), 1, 1)
    return other_year, _ORDER.index(facts.status(as_of)), -latest.toordinal()


def by_validity(found: Sequence[RetrievedClause], as_of: date, years: Collection[int] = ()) -> list[RetrievedClause]:
    """`found` with clauses that say the same in the order of `preference`, each group on the places it held."""
    ordered = list(found)
    for group in _groups(found[:COMPARED]):
        members = sorted((found[at] for at in group), key=lambda item: preference(item.facts, as_of, years))
        for at, item in zip(group, members, strict=True):
            ordered[at] = item
    return ordered


def policies_by_validity(
    policies: Iterable[PolicyId], facts: dict[PolicyId, PolicyFacts], as_of: date, years: Collection[int] = ()
) -> tuple[PolicyId, ...]:
    """Policies in their order, but those of one family by `preference`, at the place of the first of them."""
    families: dict[str, list[PolicyId]] = {}
    for policy_id in policies:
        families.setdefault(family(facts[policy_id].title), []).append(policy_id)
    return tuple(
        policy_id
        for members in families.values()
        for policy_id in sorted(members, key=lambda one: preference(facts[one], as_of, years))
    )


def without_superseded(
    found: Sequence[RetrievedClause], as_of: date, years: Collection[int] = ()
) -> list[RetrievedClause]:
    """`found` without clauses of editions that another edition of the policy takes the place of.

    Of the editions found, the one for the year named stays, else the one in force on `as_of`, else the latest; all
    that are for a year named stay where several are named. A clause named by its number always stays.
    """
    best: dict[str, list[PolicyFacts]] = {}
    for item in found:
        members = best.setdefault(family(item.facts.title), [])
        if item.facts not in members:
            members.append(item.facts)
    kept: list[PolicyFacts] = []
    for members in best.values():
        asked = [facts for facts in members if set(title_years(facts)) & set(years)]
        first = min(asked or members, key=lambda facts: preference(facts, as_of, years))
        kept += asked if len(years) > 1 and asked else [first]
    return [item for item in found if item.named or item.facts in kept]


def _groups(found: Sequence[RetrievedClause]) -> list[list[int]]:
    """Places of clauses that say the same, ascending; a clause is in one group at most, with the best it is like."""
    groups: list[list[int]] = []
    for at, item in enumerate(found):
        others = (group for group in groups if found[group[0]].policy_id != item.policy_id)
        home = next((group for group in others if _alike(found[group[0]], item)), None)
        if home is None:
            groups.append([at])
        elif all(found[other].policy_id != item.policy_id for other in home):
            home.append(at)
    return [group for group in groups if len(group) > 1]


def _alike(one: RetrievedClause, other: RetrievedClause) -> bool:
    likeness = _likeness(one.clause.text, other.clause.text)
    if likeness < SAME_FAMILY:
        return False
    return likeness >= (SAME_FAMILY if family(one.facts.title) == family(other.facts.title) else SAME_TEXT)


# Clauses that one question finds together are found together by others.
@lru_cache(maxsize=65536)
def _likeness(one: str, other: str) -> float:
    """Share (0..1) of the character pairs of two texts that both have (Jaccard)."""
    left, right = _pairs(one), _pairs(other)
    common = len(left & right)
    return common / max(1, len(left) + len(right) - common)


@lru_cache(maxsize=2048)
def _pairs(text: str) -> frozenset[str]:
    """Character pairs, with every number alike: editions differ in their figures."""
    plain = re.sub(r"\d+(?:\.\d+)?", "0", re.sub(r"\s", "", text))
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))
