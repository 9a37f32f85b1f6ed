"""The list of policies: what an address limits it to, what is left, and how many there are of each kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from index.clean.characters import shape_of, simplify
from index.models import Clause, ClausePath, Level, Policy, PolicyFacts, Status

T = TypeVar("T")

STATUS_ORDER = (
    Status.IN_FORCE,
    Status.UNKNOWN,
    Status.NOT_YET_EFFECTIVE,
    Status.DRAFT,
    Status.PERIOD_ENDED,
    Status.EXPIRED,
)
"""What can be used comes first."""

TEXT_LIMIT = 100
PAGE_SIZE = 40
_PASSAGES = 3
_AROUND = 36
"""Characters shown before and behind a word that was searched for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is limited to; empty fields limit nothing.

    Attributes:
        as_of: the day the status is told for.
        region: a place; places within it count, too.
        text: words, divided by blanks, all of which a policy must have in title, number or clauses.
    """

    as_of: date
    status: Status | None = None
    level: Level | None = None
    region: str = ""
    text: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `text` as they are compared."""
        return tuple(dict.fromkeys(_folded(simplify(self.text)).split()))

    @property
    def limited(self) -> bool:
        """Whether anything is left out."""
        return bool(self.status or self.level or self.region or self.words)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a clause with a word that was searched for."""

    path: ClausePath
    label: str
    before: str
    word: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One policy of the list.

    Attributes:
        passages: some of the clauses that have the words, in the order of the text.
        clauses_found: how many clauses have them.
    """

    policy: Policy
    status: Status
    passages: tuple[Passage, ...] = ()
    clauses_found: int = 0

    @property
    def facts(self) -> PolicyFacts:
        """Facts of the policy."""
        return self.policy.facts


@dataclass(frozen=True, slots=True)
class Listing:
    """The policies that are wanted, and what a further choice would leave.

    Attributes:
        entries: what can be used first, then the latest.
        held: number of all policies.
        statuses, levels, regions: how many policies there are of each, the other limits as they are.
    """

    entries: tuple[Entry, ...]
    held: int
    statuses: Mapping[Status, int]
    levels: Mapping[Level, int]
    regions: Mapping[str, int]


def listing(policies: Sequence[Policy], wanted: Wanted) -> Listing:
    """The policies that `wanted` leaves."""
    return Listing(
        entries=tuple(sorted(_entries(policies, wanted), key=_order)),
        held=len(policies),
        statuses=_ordered(
            Counter(entry.status for entry in _entries(policies, replace(wanted, status=None))), STATUS_ORDER
        ),
        levels=_ordered(
            Counter(
                entry.facts.level for entry in _entries(policies, replace(wanted, level=None)) if entry.facts.level
            ),
            Level,
        ),
        regions=_regions(_entries(policies, replace(wanted, region=""))),
    )


def _entries(policies: Iterable[Policy], wanted: Wanted) -> list[Entry]:
    found = []
    words = wanted.words
    for policy in policies:
        facts = policy.facts
        status = facts.status(wanted.as_of)
        if wanted.status not in (None, status) or wanted.level not in (None, facts.level):
            continue
        if wanted.region and not (facts.region or "").startswith(wanted.region):
            continue
        if not words:
            found.append(Entry(policy, status))
        elif (entry := _with_words(policy, status, words)) is not None:
            found.append(entry)
    return found


def _with_words(policy: Policy, status: Status, words: Sequence[str]) -> Entry | None:
    """The policy with the clauses that have most of `words`; None where one of them is nowhere in it."""
    facts = policy.facts
    head = _folded(f"{simplify(facts.title)} {facts.doc_number or ''}")
    holding: list[tuple[int, Clause]] = []
    missing = {word for word in words if word not in head}
    for clause in policy.best.clauses:
        text = _folded(clause.text)
        has = [word for word in words if word in text]
        missing -= set(has)
        if has:
            holding.append((len(has), clause))
    if missing:
        return None
    most = max((count for count, _ in holding), default=0)
    best = [clause for count, clause in holding if count == most]
    return Entry(policy, status, tuple(_passage(clause, words) for clause in best[:_PASSAGES]), len(best))


def _passage(clause: Clause, words: Sequence[str]) -> Passage:
    text = _folded(clause.text)
    start, word = min((text.find(word), word) for word in words if word in text)
    end = start + len(word)
    written = re.sub(r"\s", " ", clause.written)
    before = written[max(0, start - _AROUND) : start]
    after = written[end : end + _AROUND]
    return Passage(
        clause.path,
        clause.label,
        f"{'…' if start > _AROUND else ''}{before}",
        written[start:end],
        f"{after}{'…' if end + _AROUND < len(written) else ''}",
    )


def _folded(text: str) -> str:
    """`text` for comparison, of the same length: one width, small letters."""
    return shape_of(text).lower()


def _order(entry: Entry) -> tuple[object, ...]:
    start = entry.facts.effective_on or entry.facts.issued_on
    return STATUS_ORDER.index(entry.status), -(start or date.min).toordinal(), entry.facts.title


def _ordered(counts: Mapping[T, int], order: Iterable[T]) -> dict[T, int]:
    return {key: counts[key] for key in order if counts.get(key)}


def _regions(entries: Sequence[Entry]) -> dict[str, int]:
    """Places with the number of policies of each and of the places within it, by name."""
    names = sorted({entry.facts.region for entry in entries if entry.facts.region})
    return {name: sum((entry.facts.region or "").startswith(name) for entry in entries) for name in names}


def related(policy: Policy, policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Policies of the same name for other years, the latest first."""
    name = _without_years(policy.facts.title)
    others = [
        other for other in policies if other.id != policy.id and name and _without_years(other.facts.title) == name
    ]
    return tuple(
        sorted(others, key=lambda one: one.facts.effective_on or one.facts.issued_on or date.min, reverse=True)
    )


def _without_years(title: str) -> str:
    plain = shape_of(simplify(title))
    years = r"(?:19|20)\d\d年?(?:度|版)?"
    return re.sub(rf"\(?{years}(?:[-~至]{{1,2}}{years})?\)?|[\s《》]", "", plain)


def repealed_by(policy: Policy, policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Policies that say they replace or repeal this one."""
    own = {name for name in (policy.facts.title, policy.facts.doc_number) if name}
    return tuple(other for other in policies if other.id != policy.id and own & set(other.facts.repeals))
