"""Fits the order of a question's candidates (`rag/data/rank.json`): a listwise softmax over `rag.rank.FEATURES`.

The loss of a question is the negative logarithm of the probability that the softmax gives to the clauses its row
expects, together; questions whose expected clause was not found are left out. Figures are those of leaving one corpus
out at a time, because an order that is fitted to a policy's wording must hold for another policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.rows import title_matches
from rag.found import RetrievedClause
from rag.judge import JUDGED
from rag.rank import FEATURES, rank_features
from training.labelled import Asked

STRENGTH = 3.0
"""Of the L2 penalty on standardised weights."""
STEPS = 300

FloatMatrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """One question: features of its candidates (n, d), in the order found, and which of them its row expects (n,)."""

    values: FloatMatrix
    expected: npt.NDArray[np.bool_]


def candidates_of(asked: Asked) -> Candidates | None:
    """A question's candidates; None where it is not to be answered, or no expected clause was found beside others."""
    items = asked.items[:JUDGED]
    expected = np.array([is_expected(item, asked.row.clauses) for item in items])
    if not expected.any() or expected.all():
        return None
    values = rank_features(items, asked.read.question, asked.subject, asked.read.lens.scale)
    return Candidates(np.array(values, dtype=np.float64), expected)


def is_expected(item: RetrievedClause, clauses: Sequence[tuple[str, str]]) -> bool:
    """Whether a row expects the clause, or an item that the clause introduces."""
    lead = f"{item.clause.path}." if item.clause.text.rstrip().endswith(("：", ":")) else None
    return any(
        title_matches(title, item.facts.title)
        and (path == item.clause.path or (lead is not None and path.startswith(lead)))
        for title, path in clauses
    )


def fit(examples: Sequence[Candidates]) -> FloatMatrix:
    """Weights (d,) for features as they are."""
    from scipy.optimize import minimize

    spread = np.vstack([example.values for example in examples]).std(axis=0) + 1e-6

    def loss(weights: FloatMatrix) -> tuple[float, FloatMatrix]:
        total, slope = 0.5 * STRENGTH * float(weights @ weights), STRENGTH * weights
        for example in examples:
            values = example.values / spread
            share = _softmax(values @ weights)
            right = share[example.expected]
            total -= float(np.log(right.sum()))
            slope = slope + share @ values - (right / right.sum()) @ values[example.expected]
        return total, slope

    found = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x / spread)


def _softmax(scores: FloatMatrix) -> FloatMatrix:
    odds = np.exp(scores - scores.max())
    return np.asarray(odds / odds.sum())


def first_right(examples: Sequence[Candidates], weights: FloatMatrix) -> float:
    """Share (0..1) of questions whose likeliest candidate is one that their row expects."""
    return float(np.mean([example.expected[int(np.argmax(example.values @ weights))] for example in examples]))


def report(corpora: Mapping[str, Sequence[Candidates]]) -> dict[str, Any]:
    """The fit with its figures, as `rag/data/rank.json` holds it, from the questions of each corpus."""
    left_out: dict[str, Any] = {}
    for name, held in corpora.items():
        others = [example for other, own in corpora.items() if other != name for example in own]
        if others and held:
            found = sum(example.expected[0] for example in held) / len(held)
            right = first_right(held, fit(others))
            left_out[name] = {"questions": len(held), "retrieval": round(float(found), 4), "right": round(right, 4)}
    weights = fit([example for own in corpora.values() for example in own])
    return {
        "weights": {name: round(float(value), 4) for name, value in zip(FEATURES, weights, strict=True)},
        "left_out": left_out,
    }
