"""Fits the share of the search by meaning in the fusion (`rag.fuse.TUNED_DENSE_WEIGHT`).

A listwise logistic regression over what both searches find: the two scaled scores of the relevant documents against
those of all others of the same question (softmax over the list; Cao et al., "Learning to rank: from pairwise approach
to listwise approach", ICML 2007). The ratio of its two weights is the share. It has to be fitted on questions that the
model was not trained on: on others the search by meaning looks better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.retrieval import FOLDS, Searched, folds_of, recall
from rag.fuse import fuse, scaled

LISTED = 150
"""Best documents of each search that a question's list holds."""
RIDGE = 1e-3

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Listed:
    """What both searches found for a question: scaled scores (n, 2) by meaning and by words, and which are right."""

    scores: Matrix
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The share fitted on all questions, those of the folds, and recall@10 of questions with the share of the other
    folds."""

    share: float
    by_fold: tuple[float, ...]
    recall_at_10: float


def fitted_share(found: Sequence[Searched], relevant: Sequence[Mapping[int, int]]) -> Fitted:
    """Fit the share, and measure it by cross-validation.

    Raises:
        ValueError: no search found anything relevant.
    """
    lists = [listed(one, wanted) for one, wanted in zip(found, relevant, strict=True)]
    folds = folds_of(len(lists))
    shares = [share([one for one, fold in zip(lists, folds, strict=True) if fold != at]) for at in range(FOLDS)]
    recalls = [
        recall(fuse(one.dense, one.lexical, weight=shares[int(fold)]), wanted, 10)
        for one, wanted, fold in zip(found, relevant, folds, strict=True)
    ]
    return Fitted(share(lists), tuple(shares), float(np.mean(recalls)))


def listed(found: Searched, wanted: Mapping[int, int]) -> Listed:
    """The list of one question."""
    meaning = scaled(found.dense, min(found.dense.values(), default=0.0))
    words = scaled(found.lexical, 0.0)
    rows = list(dict.fromkeys([*list(found.dense)[:LISTED], *list(found.lexical)[:LISTED]]))
    scores = [(meaning.get(row, 0.0), words.get(row, 0.0)) for row in rows]
    return Listed(np.array(scores, np.float32).reshape(-1, 2), np.array([row in wanted for row in rows], bool))


def share(lists: Sequence[Listed]) -> float:
    """Share of the search by meaning, 0..1, two decimals."""
    import torch

    usable = [one for one in lists if one.right.any()]
    if not usable:
        raise ValueError("两种检索都没有找到相关的文档,无法拟合。")
    weights = torch.ones(2, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=60, line_search_fn="strong_wolfe")
    tensors = [(torch.from_numpy(one.scores), torch.from_numpy(one.right)) for one in usable]

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        terms = [-torch.log_softmax(scores @ weights, 0)[right].mean() for scores, right in tensors]
        total = torch.stack(terms).mean() + RIDGE * (weights**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    meaning, words = (max(0.0, float(value)) for value in weights.detach())
    return round(meaning / (meaning + words), 2) if meaning + words else 0.5
