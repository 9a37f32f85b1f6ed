"""How measured times are summed up, the same in every benchmark of the page."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles


def summary(times: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile of times in ms, at least two."""
    cuts = quantiles(times, n=20, method="inclusive")
    return {"median_ms": round(cuts[9], 2), "p95_ms": round(cuts[18], 2)}
