"""Retrieval figures of an embedding model on labelled questions over a small set of passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from index.embed import PolicyEmbeddings


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of questions with a right passage among the first ones, 0..1, and the mean reciprocal rank."""

    questions: int
    first: float
    first_five: float
    reciprocal_rank: float


def ranks(scores: npt.NDArray[np.float32], right: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """Rank (q,) of the best right passage of each question, from 1; `scores` (q, n). Ties count against it."""
    best = np.array([row[list(wanted)].max() for row, wanted in zip(scores, right, strict=True)])
    better = (scores > best[:, None]).sum(axis=1)
    ties = (scores == best[:, None]).sum(axis=1)
    return np.asarray(better + ties, dtype=np.int64)


def measured(
    embeddings: PolicyEmbeddings, questions: Sequence[str], passages: Sequence[str], right: Sequence[Sequence[int]]
) -> Measured:
    """Figures of exact search with `embeddings`; `right` holds positions in `passages`."""
    found = ranks(scored(embeddings, questions, passages), right)
    return Measured(len(found), float(np.mean(found == 1)), float(np.mean(found <= 5)), float(np.mean(1 / found)))


def scored(embeddings: PolicyEmbeddings, questions: Sequence[str], passages: Sequence[str]) -> npt.NDArray[np.float32]:
    """Cosines (q, n)."""
    asked = np.stack([embeddings.embed_question(text) for text in questions])
    return np.asarray(asked @ embeddings.embed_passages(passages).T, dtype=np.float32)
