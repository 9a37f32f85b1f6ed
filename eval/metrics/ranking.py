"""Ranking metrics with binary relevance, from 0 to 1.

Definitions as in C. D. Manning, P. Raghavan and H. Schütze, "Introduction to Information Retrieval" (2008),
chapter 8; nDCG with the gain 1 / log2(rank + 1) of K. Järvelin and J. Kekäläinen, "Cumulated gain-based evaluation of
IR techniques" (ACM TOIS 20, 2002). They agree with `ranx` (tests/test_eval_metrics.py), which takes two seconds and
a compiler to import and is therefore no part of the run-time set.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence


def recall_at(k: int, ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Share of the relevant items among the first `k`.

    Raises:
        ValueError: nothing is relevant, or `k` is below 1.
    """
    _check(k, relevant)
    return len(set(ranking[:k]) & set(relevant)) / len(set(relevant))


def reciprocal_rank(ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """1 / rank of the first relevant item, 0 where none is ranked.

    Raises:
        ValueError: nothing is relevant.
    """
    _check(1, relevant)
    wanted = set(relevant)
    return next((1 / rank for rank, item in enumerate(ranking, start=1) if item in wanted), 0.0)


def ndcg_at(k: int, ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """Discounted gain of the first `k`, as a share of the best possible one.

    Raises:
        ValueError: nothing is relevant, or `k` is below 1.
    """
    _check(k, relevant)
    wanted = set(relevant)
    gain = sum(_discount(rank) for rank, item in enumerate(ranking[:k], start=1) if item in wanted)
    return gain / sum(_discount(rank) for rank in range(1, min(k, len(wanted)) + 1))


def _discount(rank: int) -> float:
    return 1 / math.log2(rank + 1)


def _check(k: int, relevant: Collection[Hashable]) -> None:
    if not relevant:
        raise ValueError("there must be a relevant item")
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
