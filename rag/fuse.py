"""One score from two searches, by meaning and by words: a weighted sum of their scaled scores.

Cosines and BM25 scores are scaled to 0..1 for each question and added (convex combination; Bruch, Gai and Ingber, "An
analysis of fusion functions for hybrid retrieval", ACM TOIS 2023). BM25 has 0 as its lowest score; cosines have no
such end, every text is somewhat like every other, so that the last of the `DEPTH` best is taken for 0. Ranks alone
(reciprocal rank fusion) do not know how far apart two results are. Chosen by `python -m bench retrieval`, see
docs/decisions.md.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

DENSE_WEIGHT = 0.5
"""Share of the search by meaning, 0..1, for a model as it is, and over few pieces of text."""

SURE = 10
"""The best BM25 score is set against the one of this rank."""

DEPTH = 1000
"""Results of each search that are scaled."""

RRF_K = 60
"""Constant of reciprocal rank fusion, from its authors' paper."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Gate:
    """How far the search by meaning is trusted for one question, from what both searches found for it.

    Words are trusted where the best BM25 score stands out; the meaning where its best cosine is high, as it is for
    texts of the kind that the adapter was trained on. Weights of a logistic function, fitted by `python -m training
    fusion` on lay questions on statutes that the adapter was not trained on and on questions on policies, all over
    thousands of pieces of text.
    """

    constant: float
    lead: float
    cosine: float

    def share(self, dense: Mapping[K, float], lexical: Mapping[K, float]) -> float:
        """Share of the search by meaning, 0..1."""
        value = self.constant + self.lead * lead(lexical) + self.cosine * max(dense.values(), default=0.0)
        return 1 / (1 + math.exp(-value))


GATE = Gate(constant=-3.44, lead=-2.89, cosine=7.73)


def lead(lexical: Mapping[K, float]) -> float:
    """How far the best BM25 score stands out from the tenth, 0..1; 1 where there are fewer."""
    scores = sorted(lexical.values(), reverse=True)
    return (scores[0] - scores[SURE - 1]) / scores[0] if len(scores) >= SURE else 1.0


def large(adapter: str | None, *, pieces: int) -> bool:
    """Whether what was fitted over thousands of pieces is used: over so many, with a model that has an adapter."""
    return adapter is not None and pieces > DEPTH


def dense_weight(adapter: str | None, dense: Mapping[K, float], lexical: Mapping[K, float], *, pieces: int) -> float:
    """Share of the search by meaning for one question over so many pieces; `adapter` is that of the model, if any.

    Over a few policies (some hundred pieces) words tell near clauses apart and half is best for every question.
    """
    return GATE.share(dense, lexical) if large(adapter, pieces=pieces) else DENSE_WEIGHT


def fuse(
    dense: Mapping[K, float],
    lexical: Mapping[K, float],
    *,
    weight: float = DENSE_WEIGHT,
    floor: float | None = None,
    prior: Mapping[K, float] | None = None,
    known: Mapping[K, float] | None = None,
) -> dict[K, float]:
    """Scores of everything found by either search, best first; ties in the order of `dense`, then `lexical`.

    Scores are 0..1, and what `prior` and `known` add.

    Args:
        dense: cosines, best first.
        lexical: BM25 scores, above 0, best first.
        weight: share of `dense`, 0..1.
        floor: cosine that counts 0; the lowest of `dense` by default.
        prior: added to the scores of what is found, such as `rag.norms.preferences`; nothing for what it leaves out.
        known: added likewise, and brings in what neither search found; see `rag.known`.

    Raises:
        ValueError: `weight` is not in 0..1.
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"融合权重应在 0 和 1 之间,现在是 {weight}")
    lowest = min(dense.values(), default=0.0) if floor is None else floor
    meaning, words = scaled(dense, lowest), scaled(lexical, 0.0)
    if not words or not meaning:
        weight = 1.0 if meaning else 0.0
    prior, known = prior or {}, known or {}
    scores = {
        key: weight * meaning.get(key, 0.0)
        + (1 - weight) * words.get(key, 0.0)
        + prior.get(key, 0.0)
        + known.get(key, 0.0)
        for key in dict.fromkeys([*dense, *lexical, *known])
    }
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def scaled(scores: Mapping[K, float], floor: float) -> dict[K, float]:
    """Scores as shares of the way from `floor` to the best one, 0..1; 1 for all where they do not differ."""
    best = max(scores.values(), default=0.0)
    span = best - floor
    return {key: max(0.0, (score - floor) / span) if span > 0 else 1.0 for key, score in scores.items()}


def reciprocal_ranks(*lists: Mapping[K, float], k: int = RRF_K) -> dict[K, float]:
    """Reciprocal rank fusion: the sum of 1 / (k + rank) over `lists`, best first (Cormack, Clarke and Büttcher,
    "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009).
    """
    scores: dict[K, float] = {}
    for found in lists:
        for rank, key in enumerate(found, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (k + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))
