"""A run in figures: every metric with its interval, by category, statuses, latency, failed steps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.metrics.bootstrap import Estimate, mean_interval
from eval.metrics.catalogue import METRICS, Scores, score
from eval.metrics.diagnose import Step, failed_step
from eval.metrics.outcome import FAILED, Outcome, outcomes
from eval.rows import CATEGORIES, STATUSES
from eval.runs import Run

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its scores; `step` is None where it was answered correctly."""

    outcome: Outcome
    scores: Scores
    step: Step | None

    @property
    def correct(self) -> bool:
        """Whether nothing is wrong."""
        return self.step is None


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the question to the answer; `percentiles` by percent."""

    n: int
    mean: float
    longest: float
    percentiles: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to.

    Attributes:
        cases: in the order of the rows.
        overall: by metric name; a metric that applies to no question is left out.
        by_category: the same for each category that has questions, in the order of `CATEGORIES`.
        confusion: how often (expected status, given status) occurred.
        steps: how often each step failed, most frequent first.
    """

    cases: tuple[Case, ...]
    overall: Mapping[str, Estimate]
    by_category: Mapping[str, Mapping[str, Estimate]]
    confusion: Mapping[tuple[str, str], int]
    steps: Mapping[Step, int]

    @property
    def failing(self) -> tuple[Case, ...]:
        """Questions that were not answered correctly."""
        return tuple(case for case in self.cases if not case.correct)

    def latency(self, category: str | None = None) -> Latency | None:
        """Times of the questions (of one category); None where none is known."""
        times = [
            case.outcome.latency_ms
            for case in self.cases
            if case.outcome.latency_ms is not None and category in (None, case.outcome.row.category)
        ]
        return latency_of(times) if times else None


def summarise(run: Run) -> Summary:
    """Figures of a run.

    Raises:
        ValueError: not one question has been asked.
    """
    cases = tuple(Case(outcome, score(outcome), failed_step(outcome)) for outcome in outcomes(run))
    if not cases:
        raise ValueError("这次运行还没有回答任何题目。")
    by_category = {
        category: estimates([case.scores for case in cases if case.outcome.row.category == category])
        for category in CATEGORIES
    }
    return Summary(
        cases=cases,
        overall=estimates([case.scores for case in cases]),
        by_category={category: found for category, found in by_category.items() if found},
        confusion=Counter((case.outcome.row.status, case.outcome.status) for case in cases),
        steps=dict(Counter(case.step for case in cases if case.step is not None).most_common()),
    )


def estimates(scores: Sequence[Scores]) -> dict[str, Estimate]:
    """Every metric that applies to at least one of the questions."""
    found = {metric.name: mean_interval([one[metric.name] for one in scores]) for metric in METRICS}
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def latency_of(times: Sequence[float]) -> Latency:
    """Distribution of times; percentiles by nearest rank, so each is a time that was measured.

    Raises:
        ValueError: there is none.
    """
    if not times:
        raise ValueError("there must be a time")
    ordered = sorted(times)
    ranks = {percent: ordered[math.ceil(percent / 100 * len(ordered)) - 1] for percent in PERCENTILES}
    return Latency(len(ordered), sum(ordered) / len(ordered), ordered[-1], ranks)


def given_statuses(summary: Summary) -> tuple[str, ...]:
    """Columns of the confusion table: the statuses, and "failed" where a question failed."""
    failed = any(given == FAILED for _, given in summary.confusion)
    return (*STATUSES, FAILED) if failed else STATUSES
