"""Matches arranged for the page: groups, conditions with their marks, and the questions that would settle most."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from index.models import PolicyFacts, Status
from index.store import IndexReader
from rag.conditions import Condition, Finding, Truth
from rag.match import Checked, Match, Totals, match, totals
from rag.match.rank import LOCAL
from rag.profile import Profile
from web.match.answers import Question, question_of

GROUPS = ("meets", "open", "quiet", "fails", "ended", "elsewhere")
"""Outcomes: met; open; open and nothing known of them; ruled out; of policies that have ended; for other places."""

_FIRST = 5
"""Questions shown above the table."""

_SHOWN = 200
"""Rows of a group that are shown."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition as shown; `question` is None where nothing is to be asked."""

    check: Checked
    name: str
    question: Question | None

    @property
    def reason(self) -> str:
        """Why it is met, ruled out or open; "" where the question says it all."""
        finding = self.check.finding
        plain = self.question is not None and not finding.related and finding.reason.startswith("没有说明")
        return "" if plain else finding.reason


@dataclass(frozen=True, slots=True)
class Row:
    """One benefit as shown.

    Attributes:
        key: stable for one benefit of one index.
        place: the place the policy holds at, where it is not known whether the enterprise lies there.
        facts: of the policy.
    """

    key: str
    match: Match
    checks: tuple[Check, ...]
    place: str
    facts: PolicyFacts


@dataclass(frozen=True, slots=True)
class Group:
    """Benefits with one outcome; `name` is one of `GROUPS`."""

    name: str
    rows: tuple[Row, ...]

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that a page shows; a workbook has all of them."""
        return self.rows[:_SHOWN]

    @property
    def places(self) -> dict[str, int]:
        """How many benefits hold at which place, most first."""
        return dict(Counter(row.match.region or "" for row in self.rows).most_common())


@dataclass(frozen=True, slots=True)
class Pressing:
    """A question with the number of benefits that wait for it."""

    question: Question
    benefits: int


@dataclass(frozen=True, slots=True)
class Result:
    """Everything the page and the workbook show.

    Attributes:
        held: number of all benefits that were looked at.
        left_out: how many of them the choice of policies in force leaves out.
        corpus_version: of the index.
    """

    as_of: date
    profile: Profile
    groups: tuple[Group, ...]
    total: Totals
    first: tuple[Pressing, ...]
    held: int
    left_out: int
    corpus_version: str

    def rows(self) -> Iterable[Row]:
        """All benefits in the order of the groups."""
        return (row for group in self.groups for row in group.rows)


def result(
    profile: Profile, reader: IndexReader, day: date, *, in_force_only: bool = False, skipped: Iterable[str] = ()
) -> Result:
    """The benefits of every policy for one enterprise.

    Args:
        in_force_only: leave out policies that do not state that they hold on the day.
        skipped: texts of questions that the person could not answer; they are not put first again.
    """
    everything = match(profile, reader, as_of=day)
    found = [one for one in everything if not in_force_only or one.status is Status.IN_FORCE]
    facts = reader.facts()
    # The same general condition stands at many benefits.
    ask = cache(lambda condition, finding: question_of(condition, finding, profile, day))
    rows = _with_keys([_row(one, ask, facts[one.policy_id]) for one in found])
    return Result(
        as_of=day,
        profile=profile,
        groups=tuple(Group(name, tuple(row for row in rows if _group(row.match) == name)) for name in GROUPS),
        total=totals(found),
        first=_pressing(rows, frozenset(skipped)),
        held=len(everything),
        left_out=len(everything) - len(found),
        corpus_version=reader.manifest.corpus_version,
    )


def _row(one: Match, ask: Callable[[Condition, Finding], Question | None], facts: PolicyFacts) -> Row:
    asks = one.truth is Truth.UNKNOWN
    checks = tuple(
        Check(check, _name(check), ask(check.condition, check.finding) if asks else None)
        for check in one.checks
        if check.finding.applies
    )
    place = (facts.region or "") if one.region_fits is None and asks else ""
    text = f"{one.policy_id} {one.path} {one.beneficiary} {one.kind} {one.quote}"
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Row(key, one, checks, place, facts)


def _with_keys(rows: Sequence[Row]) -> list[Row]:
    """Rows with keys that are all different: one clause may state the same thing twice."""
    seen: Counter[str] = Counter()
    kept = []
    for row in rows:
        seen[row.key] += 1
        kept.append(replace(row, key=f"{row.key}-{seen[row.key]}") if seen[row.key] > 1 else row)
    return kept


def _name(check: Checked) -> str:
    condition = check.condition
    return f"没有{condition.name}" if condition.negative else condition.name


def _group(one: Match) -> str:
    if one.region_fits is False:
        return "elsewhere"
    if not one.in_force:
        return "ended"
    if one.truth is Truth.UNKNOWN:
        return "open" if _bearing(one) else "quiet"
    return "meets" if one.truth is Truth.MEETS else "fails"


def _bearing(one: Match) -> bool:
    """Whether the profile says anything of what the benefit itself asks."""
    return any(
        check.finding.truth is not Truth.UNKNOWN or check.finding.related
        for check in one.checks
        if check.path == one.path and check.condition.kind not in LOCAL
    )


def _pressing(rows: Sequence[Row], skipped: frozenset[str]) -> tuple[Pressing, ...]:
    """Questions that settle most: a benefit counts the more, the less else it waits for."""
    asked: dict[str, tuple[Question, float, int]] = {}
    for row in rows:
        if not row.match.in_force or row.match.truth is not Truth.UNKNOWN:
            continue
        waiting = {check.question.text: check.question for check in row.checks if check.question is not None}
        weight = (2.0 if _bearing(row.match) else 1.0) / max(1, len(waiting))
        for text, question in waiting.items():
            if text not in skipped and not question.place:
                _, score, count = asked.get(text, (question, 0.0, 0))
                asked[text] = (question, score + weight, count + 1)
    best = sorted(asked.values(), key=lambda one: -one[1])
    return tuple(Pressing(question, count) for question, _, count in best[:_FIRST])
