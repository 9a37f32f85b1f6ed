"""Which labelled questions are kept from training: two folds that do not overlap, drawn by a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

FOLD_SIZE = 300
SEED = 20261122

Fold = Literal["a", "b"]


def held_out(questions: Sequence[str], fold: Fold, *, size: int = FOLD_SIZE) -> frozenset[str]:
    """The questions of a fold. Fold b is drawn from what fold a leaves, so that no question is in both.

    The draw depends on the questions alone, not on their order.

    Raises:
        ValueError: there are too few questions for two folds and something to train on.
    """
    distinct = sorted(set(questions))
    if len(distinct) <= 2 * size:
        raise ValueError(f"两折各留出 {size} 个问题,只有 {len(distinct)} 个问题不够用。")
    order = np.random.default_rng(SEED).permutation(len(distinct))
    start = 0 if fold == "a" else size
    return frozenset(distinct[at] for at in order[start : start + size])
