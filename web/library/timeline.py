"""Periods of validity as a picture: where each bar begins and ends, in percent of the picture's width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from index.models import PolicyFacts, PolicyId, Status
from web.cards import TONES
from web.library.shelf import Entry

_MOST_TICKS = 16
_FEW_TICKS = 6
"""Years written on a wide screen and on a phone."""
_STEPS = (1, 2, 5, 10, 20, 50)
_THINNEST = 0.6
"""Width in percent of a bar that is there at all."""

_NOT_STATED = (Status.UNKNOWN, Status.DRAFT)
"""Drawn as open: the days that are known are not those of validity."""


@dataclass(frozen=True, slots=True)
class Row:
    """One policy.

    Attributes:
        tone: class of the colour.
        x, width: the part that the text states, or that has passed, in percent; 0 wide where nothing is certain.
        open_x, open_width: the part that the text leaves open, 0 wide where there is none.
        start, end: the days as the text states them, None where it does not.
        dated: whether there is anything to draw.
    """

    policy_id: PolicyId
    title: str
    tone: str
    entry: Entry
    x: float
    width: float
    open_x: float
    open_width: float
    start: date | None
    end: date | None
    dated: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A year with its line; `minor` ones have no number on narrow screens."""

    year: int
    x: float
    minor: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture; `today` is the chosen day in percent."""

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    today: float
    as_of: date


def timeline(entries: Sequence[Entry], as_of: date) -> Timeline | None:
    """The periods of `entries`, earliest first; None where none of them states a day."""
    spans = {entry.policy.id: span(entry.facts) for entry in entries}
    days = [day for pair in spans.values() for day in pair if day is not None]
    if not days:
        return None
    first, last = date(min(*days, as_of).year, 1, 1), date(max(*days, as_of).year, 12, 31)

    def at(day: date) -> float:
        return round(100 * (day - first).days / ((last - first).days + 1), 2)

    def row(entry: Entry) -> Row:
        start, end = spans[entry.policy.id]
        x, until = at(start or first), at(end or max(start or as_of, as_of))
        stated = start is not None and entry.status not in _NOT_STATED
        open_from, open_until = (until if stated else x), (until if end is not None else 100.0)
        return Row(
            policy_id=entry.policy.id,
            title=entry.facts.title,
            tone=TONES[entry.status],
            entry=entry,
            x=x,
            width=max(until - x, _THINNEST) if stated else 0.0,
            open_x=min(open_from, 100 - _THINNEST),
            open_width=0.0 if stated and end is not None else max(open_until - open_from, _THINNEST),
            start=start,
            end=end,
            dated=start is not None or end is not None,
        )

    ordered = sorted(entries, key=lambda entry: (_first_day(spans[entry.policy.id]), entry.facts.title))
    return Timeline(tuple(row(entry) for entry in ordered), _ticks(first.year, last.year, at), at(as_of), as_of)


def span(facts: PolicyFacts) -> tuple[date | None, date | None]:
    """First and last day in force as the text has them; for a plan without days, those of its years."""
    start = facts.effective_on or facts.issued_on
    end = facts.repealed_on or facts.expires_on
    if facts.period is not None:
        start = start or date(facts.period[0], 1, 1)
        end = end or date(facts.period[1], 12, 31)
    return start, end


def _first_day(days: tuple[date | None, date | None]) -> date:
    return days[0] or days[1] or date.max


def _ticks(first: int, last: int, at: Callable[[date], float]) -> tuple[Tick, ...]:
    count = last - first + 1
    step = next((step for step in _STEPS if count / step <= _MOST_TICKS), _STEPS[-1])
    apart = -(-count // (step * _FEW_TICKS))
    years = range(first + -first % step, last + 1, step)
    return tuple(Tick(year, at(date(year, 1, 1)), number % apart != 0) for number, year in enumerate(years))
