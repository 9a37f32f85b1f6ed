"""Fits the logistic regression that tells whether a clause is about what was asked (`rag/data/judge.json`).

Questions with a label are asked over several corpora; a question's features are those of the clause that the
fit itself thinks best, so the fit is repeated until that choice settles. Probabilities are those of five-fold
cross-validation over questions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.judge import FEATURES, JUDGED, all_features
from training.labelled import Asked

FOLDS = 5
ROUNDS = 5
STRENGTH = 1.0
"""Inverse strength of the L2 penalty."""
REFUSED = "refused"
_AS_GOOD = 0.01

FloatMatrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: features of its best clauses (n, d), and whether the policies are about it."""

    id: str
    question: str
    values: FloatMatrix
    relevant: bool


def example_of(asked: Asked) -> Example:
    """A question with the features of its best clauses."""
    read = asked.read
    values = all_features(
        asked.items[:JUDGED], read.question, asked.subject, read.lens.scale, placed=bool(read.found.places)
    )
    row = asked.row
    return Example(row.id, row.question, np.array(values, dtype=np.float64), row.status != REFUSED)


def fit(examples: Sequence[Example]) -> tuple[FloatMatrix, float]:
    """Weights (d,) and bias; each question counts by its best clause, both labels count alike."""
    from sklearn.linear_model import LogisticRegression

    labels = np.array([example.relevant for example in examples])
    weights, bias = np.ones(len(FEATURES)), 0.0
    for _ in range(ROUNDS):
        rows = np.stack([example.values[int(np.argmax(example.values @ weights))] for example in examples])
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000).fit(rows, labels)
        weights, bias = model.coef_[0], float(model.intercept_[0])
    return weights, bias


def probabilities(examples: Sequence[Example], weights: FloatMatrix, bias: float) -> FloatMatrix:
    """Probability (n,) of each question's best clause."""
    odds = np.array([np.max(example.values @ weights) for example in examples]) + bias
    return np.asarray(1 / (1 + np.exp(-odds)))


def cross_validated(examples: Sequence[Example]) -> FloatMatrix:
    """Probability (n,) of each question from the folds it is not in."""
    order = np.random.default_rng(0).permutation(len(examples))
    result = np.zeros(len(examples))
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS].tolist())
        weights, bias = fit([example for at, example in enumerate(examples) if at not in held])
        chosen = sorted(held)
        result[chosen] = probabilities([examples[at] for at in chosen], weights, bias)
    return result


def thresholds(found: FloatMatrix, labels: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Where to refuse and where to be sure.

    Refusing loses a right answer, which the person notices and can ask for again; showing a clause for another
    subject is worse only where it passes as an answer. Hence the first is the threshold with the best balanced
    accuracy, and between it and the second (which 99% of the irrelevant questions stay below, at most 3% of the
    relevant ones reaching less) a clause is shown as the nearest one only.
    """
    candidates = np.unique(np.round(found, 3))
    balance = np.array([np.mean(found[labels] >= at) + np.mean(found[~labels] < at) for at in candidates])
    # Of thresholds that are as good as the best one, the lowest refuses the fewest questions that can be answered.
    refuse = float(candidates[int(np.argmax(balance >= balance.max() - _AS_GOOD))])
    sure = min(float(np.quantile(found[~labels], 0.99)), float(np.quantile(found[labels], 0.03)))
    return round(refuse, 3), round(max(refuse, sure), 3)


def report(examples: Sequence[Example]) -> dict[str, Any]:
    """The fit with its figures, as `rag/data/judge.json` holds it; questions on the wrong side under "wrong"."""
    labels = np.array([example.relevant for example in examples])
    found = cross_validated(examples)
    refuse, sure = thresholds(found, labels)
    weights, bias = fit(examples)
    wrong = [
        f"{p:.2f} {example.id} {example.question[:40]}"
        for example, p in zip(examples, found, strict=True)
        if (p >= refuse) != example.relevant
    ]
    return {
        "weights": {name: round(float(value), 4) for name, value in zip(FEATURES, weights, strict=True)},
        "bias": round(bias, 4),
        "refuse_below": refuse,
        "unsure_below": sure,
        "questions": {"relevant": int(labels.sum()), "irrelevant": int((~labels).sum())},
        "cross_validated": {
            "irrelevant_refused": round(float(np.mean(found[~labels] < refuse)), 4),
            "relevant_refused": round(float(np.mean(found[labels] < refuse)), 4),
        },
        "wrong": wrong,
    }


def write(result: dict[str, Any], path: Path) -> None:
    """Store a fit without its list of questions."""
    kept = {key: value for key, value in result.items() if key != "wrong"}
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
