"""Fits how far the search by meaning is trusted for a question (`rag.fuse.GATE`), and what a norm's rank adds
(`rag.norms.PREFERENCE`).

A listwise logistic regression over what both searches find: the weighted sum of the two scaled scores of the relevant
documents, with what their rank adds, against that of all others of the same question (softmax over the list; Cao et
al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007), the weight being a logistic function
of the question's two features. Ranks add nothing on the whole, so that they do not set norms above or below documents
without a rank. Collections count the same, whatever their number of questions. It has to be fitted on questions that
the model was not trained on: on others the search by meaning looks better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bench.retrieval import FOLDS, Searched, folds_of, recall
from rag.fuse import Gate, fuse, lead, scaled
from rag.norms import Norm, norm_of, preferences

if TYPE_CHECKING:
    import torch

LISTED = 150
"""Best documents of each search that a question's list holds."""
START = 8.0
"""Sharpness of the softmax that the fit begins with."""

PULL = 0.01
"""How hard what ranks add is pulled to 0."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answered:
    """A collection: what both searches found for each question, what is relevant to it, and the documents' titles."""

    found: Sequence[Searched]
    relevant: Sequence[Mapping[int, int]]
    titles: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """What both searches found for a question.

    Attributes:
        scores: scaled scores (n, 2) by meaning and by words.
        ranks: 1 for the rank of each document (n, number of ranks), all 0 where it has none.
        right: which are relevant (n,).
        features: those of the gate (3,), the constant first.
    """

    scores: Matrix
    ranks: Matrix
    right: npt.NDArray[np.bool_]
    features: Matrix


@dataclass(frozen=True, slots=True)
class Weights:
    """What is fitted."""

    gate: Gate
    preference: Mapping[Norm, float]

    def order(self, found: Searched, titles: Mapping[int, str]) -> dict[int, float]:
        """What both searches found, fused."""
        prior = preferences({row: titles[row] for row in (*found.dense, *found.lexical)}, self.preference)
        return fuse(found.dense, found.lexical, weight=self.gate.share(found.dense, found.lexical), prior=prior)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights fitted on all questions, and for each collection recall@10 with the weights of the other folds."""

    weights: Weights
    recall_at_10: tuple[float, ...]


def fitted_weights(collections: Sequence[Answered]) -> Fitted:
    """Fit the weights, and measure them by cross-validation.

    Raises:
        ValueError: no search found anything relevant.
    """
    lists = [
        [listed(found, wanted, one.titles) for found, wanted in zip(one.found, one.relevant, strict=True)]
        for one in collections
    ]
    folds = [folds_of(len(one)) for one in lists]
    recalls: list[list[float]] = [[] for _ in collections]
    for at in range(FOLDS):
        others = [
            [one for one, fold in zip(group, own, strict=True) if fold != at]
            for group, own in zip(lists, folds, strict=True)
        ]
        chosen = weights(others)
        for one, own, kept in zip(collections, folds, recalls, strict=True):
            kept += [
                recall(chosen.order(found, one.titles), wanted, 10)
                for found, wanted, fold in zip(one.found, one.relevant, own, strict=True)
                if fold == at
            ]
    return Fitted(weights(lists), tuple(round(float(np.mean(one)), 4) for one in recalls))


def listed(found: Searched, wanted: Mapping[int, int], titles: Mapping[int, str]) -> Listed:
    """The list of one question."""
    meaning = scaled(found.dense, min(found.dense.values(), default=0.0))
    words = scaled(found.lexical, 0.0)
    rows = list(dict.fromkeys([*list(found.dense)[:LISTED], *list(found.lexical)[:LISTED]]))
    scores = [(meaning.get(row, 0.0), words.get(row, 0.0)) for row in rows]
    norms = [norm_of(titles[row]) for row in rows]
    ranks = [[float(norm is rank) for rank in Norm] for norm in norms]
    features = np.array([1.0, lead(found.lexical), max(found.dense.values(), default=0.0)])
    right = np.array([row in wanted for row in rows], bool)
    return Listed(
        np.array(scores, np.float64).reshape(-1, 2), np.array(ranks, np.float64).reshape(-1, len(Norm)), right, features
    )


def weights(groups: Sequence[Sequence[Listed]]) -> Weights:
    """The weights that fit the lists of several collections best, two decimals."""
    import torch

    usable = [(one, 1 / len(group)) for group in groups for one in group if one.right.any()]
    if not usable:
        raise ValueError("两种检索都没有找到相关的文档,无法拟合。")
    gate = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    added = torch.zeros(len(Norm), dtype=torch.float64, requires_grad=True)
    sharpness = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([gate, added, sharpness], max_iter=80, line_search_fn="strong_wolfe")
    tensors = [(*_tensors(one), count) for one, count in usable]

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        total = PULL * (added**2).sum()
        for scores, ranks, right, features, count in tensors:
            share = torch.sigmoid(features @ gate)
            fused = share * scores[:, 0] + (1 - share) * scores[:, 1] + ranks @ (added - added.mean())
            total = total - count * torch.log_softmax(sharpness * fused, 0)[right].mean()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    constant, first, second = (round(float(value), 2) for value in gate.detach())
    ranked = (added - added.mean()).detach().tolist()
    return Weights(
        Gate(constant, first, second), {rank: round(value, 2) for rank, value in zip(Norm, ranked, strict=True)}
    )


def _tensors(one: Listed) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    import torch

    scores, ranks, right, features = map(torch.from_numpy, (one.scores, one.ranks, one.right, one.features))
    return scores, ranks, right, features
