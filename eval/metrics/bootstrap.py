"""Intervals by bootstrap over questions, and paired tests between two runs.

- Percentile bootstrap: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
- Where all scores are 0 or all are 1 resampling shows no spread; the exact binomial limit takes its place (C. Clopper
  and E. Pearson, Biometrika 26, 1934): 40 right answers of 40 give 91–100 %, not 100–100 %.
- McNemar's test in its exact binomial form for right-or-wrong outcomes.
- Paired randomisation test for scores between 0 and 1 (M. Smucker, J. Allan and B. Carterette, "A comparison of
  statistical significance tests for information retrieval evaluation", CIKM 2007).

Everything is seeded: the same scores give the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
SWAPS = 5000
LEVEL = 0.95
SEED = 20261121

Score = float | None
"""What a question contributes to a metric, 0 to 1; None where the metric does not apply to it."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its interval.

    Attributes:
        value: mean of the scores, or difference of two means.
        low, high: ends of the interval at `LEVEL`.
        n: questions the metric applies to.
    """

    value: float
    low: float
    high: float
    n: int


def mean_interval(scores: Sequence[Score]) -> Estimate | None:
    """Mean of the scores that apply, with its interval; None where none applies."""
    values = np.array([score for score in scores if score is not None], dtype=np.float64)
    n = len(values)
    if n == 0:
        return None
    mean = float(values.mean())
    if mean in (0.0, 1.0):
        reach = 1 - ((1 - LEVEL) / 2) ** (1 / n)
        return Estimate(mean, max(0.0, mean - reach), min(1.0, mean + reach), n)
    low, high = _limits(_weights(n) @ values / n)
    return Estimate(mean, low, high, n)


def paired_difference(before: Sequence[Score], after: Sequence[Score]) -> Estimate | None:
    """Mean of `after` minus mean of `before` over the same questions, resampled together.

    A question may have a score on one side only (a precision applies where something was cited). None where one
    side has no score at all.

    Raises:
        ValueError: the lengths differ.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} scores cannot be paired with {len(after)}")
    pairs = [pair for pair in zip(before, after, strict=True) if pair != (None, None)]
    first, second = _column([a for a, _ in pairs]), _column([b for _, b in pairs])
    if np.isnan(first).all() or np.isnan(second).all():
        return None
    difference = float(np.nanmean(second) - np.nanmean(first))
    weights = _weights(len(pairs))
    spread = _resampled_means(weights, second) - _resampled_means(weights, first)
    low, high = _limits(spread[~np.isnan(spread)])
    return Estimate(difference, low, high, len(pairs))


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """Two-sided p value that as many questions turned wrong as turned right by chance; 1 where none turned.

    Raises:
        ValueError: the lengths differ.
    """
    worse = sum(a and not b for a, b in zip(before, after, strict=True))
    better = sum(b and not a for a, b in zip(before, after, strict=True))
    turned = worse + better
    tail = sum(math.comb(turned, count) for count in range(min(worse, better) + 1))
    return float(min(1.0, 2 * tail / 2**turned))


def randomisation_test(before: Sequence[Score], after: Sequence[Score]) -> float:
    """Two-sided p value of the difference of the two means, if it did not matter which run an answer came from.

    Swaps the two scores of each question at random; 1 where one side has no score at all.

    Raises:
        ValueError: the lengths differ.
    """
    observed = paired_difference(before, after)
    if observed is None:
        return 1.0
    first, second = _column(before), _column(after)
    swap = np.random.default_rng(SEED).random((SWAPS, len(first))) < 0.5
    spread = np.abs(_row_means(np.where(swap, first, second)) - _row_means(np.where(swap, second, first)))
    # Rounding must not part differences that are equal.
    at_least = np.count_nonzero(spread >= abs(observed.value) - 1e-9)
    return (int(at_least) + 1) / (SWAPS + 1)


def _row_means(matrix: _Floats) -> _Floats:
    """Means (n,) of the rows over what applies; 0 for a row where nothing does."""
    applies = ~np.isnan(matrix)
    counts = applies.sum(axis=1)
    sums = np.where(applies, matrix, 0.0).sum(axis=1)
    means: _Floats = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    return means


def _column(scores: Sequence[Score]) -> _Floats:
    return np.array([np.nan if score is None else score for score in scores], dtype=np.float64)


def _weights(n: int) -> _Floats:
    """How often each of `n` questions is drawn: (RESAMPLES, n), every row adds up to `n`."""
    return np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)


def _resampled_means(weights: _Floats, values: _Floats) -> _Floats:
    """Means (RESAMPLES,) of the values that apply; NaN where a resample has none."""
    applies = ~np.isnan(values)
    counts = weights @ applies
    sums = weights @ np.where(applies, values, 0.0)
    means: _Floats = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return means


def _limits(values: _Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
