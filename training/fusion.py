"""Fits how far the search by meaning is trusted for a question (`rag.fuse.GATE`).

A listwise logistic regression over what both searches find: the weighted sum of the two scaled scores of the relevant
documents against that of all others of the same question (softmax over the list; Cao et al., "Learning to rank: from
pairwise approach to listwise approach", ICML 2007), the weight being a logistic function of the question's two
features. Collections count the same, whatever their number of questions. It has to be fitted on questions that the
model was not trained on: on others the search by meaning looks better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.retrieval import FOLDS, Searched, folds_of, recall
from rag.fuse import Gate, fuse, lead, scaled

LISTED = 150
"""Best documents of each search that a question's list holds."""
START = 8.0
"""Sharpness of the softmax that the fit begins with."""

Matrix = npt.NDArray[np.float64]
Answered = tuple[Sequence[Searched], Sequence[Mapping[int, int]]]
"""What both searches found for each question of a collection, and what is relevant to it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What both searches found for a question: scaled scores (n, 2) by meaning and by words, which are right, and the
    features of the gate (3,), the constant first.
    """

    scores: Matrix
    right: npt.NDArray[np.bool_]
    features: Matrix


@dataclass(frozen=True, slots=True)
class Fitted:
    """The gate fitted on all questions, and for each collection recall@10 of its questions with the gate of the other
    folds.
    """

    gate: Gate
    recall_at_10: tuple[float, ...]


def fitted_gate(collections: Sequence[Answered]) -> Fitted:
    """Fit the gate, and measure it by cross-validation.

    Raises:
        ValueError: no search found anything relevant.
    """
    lists = [[listed(one, wanted) for one, wanted in zip(*pair, strict=True)] for pair in collections]
    folds = [folds_of(len(one)) for one in lists]
    recalls: list[list[float]] = [[] for _ in collections]
    for at in range(FOLDS):
        others = [
            [one for one, fold in zip(group, own, strict=True) if fold != at]
            for group, own in zip(lists, folds, strict=True)
        ]
        found = gate(others)
        for (searches, relevant), own, kept in zip(collections, folds, recalls, strict=True):
            kept += [
                recall(fuse(one.dense, one.lexical, weight=found.share(one.dense, one.lexical)), wanted, 10)
                for one, wanted, fold in zip(searches, relevant, own, strict=True)
                if fold == at
            ]
    return Fitted(gate(lists), tuple(round(float(np.mean(one)), 4) for one in recalls))


def listed(found: Searched, wanted: Mapping[int, int]) -> Listed:
    """The list of one question."""
    meaning = scaled(found.dense, min(found.dense.values(), default=0.0))
    words = scaled(found.lexical, 0.0)
    rows = list(dict.fromkeys([*list(found.dense)[:LISTED], *list(found.lexical)[:LISTED]]))
    scores = [(meaning.get(row, 0.0), words.get(row, 0.0)) for row in rows]
    features = np.array([1.0, lead(found.lexical), max(found.dense.values(), default=0.0)])
    right = np.array([row in wanted for row in rows], bool)
    return Listed(np.array(scores, np.float64).reshape(-1, 2), right, features)


def gate(groups: Sequence[Sequence[Listed]]) -> Gate:
    """The gate that fits the lists of several collections best, two decimals."""
    import torch

    usable = [(one, 1 / len(group)) for group in groups for one in group if one.right.any()]
    if not usable:
        raise ValueError("两种检索都没有找到相关的文档,无法拟合。")
    weights = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    sharpness = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, sharpness], max_iter=80, line_search_fn="strong_wolfe")
    tensors = [
        (torch.from_numpy(one.scores), torch.from_numpy(one.right), torch.from_numpy(one.features), count)
        for one, count in usable
    ]

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        total = torch.zeros((), dtype=torch.float64)
        for scores, right, features, count in tensors:
            share = torch.sigmoid(features @ weights)
            fused = sharpness * (share * scores[:, 0] + (1 - share) * scores[:, 1])
            total = total - count * torch.log_softmax(fused, 0)[right].mean()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    constant, first, second = (round(float(value), 2) for value in weights.detach())
    return Gate(constant, first, second)
