"""The fitted share of the search by meaning."""

from __future__ import annotations

import numpy as np
import pytest

from bench.retrieval import Searched
from rag.fuse import DENSE_WEIGHT, TUNED_DENSE_WEIGHT, dense_weight
from training.fusion import fitted_share, listed, share


def searched(right: str, seed: int) -> Searched:
    """Ten documents of which 0 is right; the search called `right` finds it, the other one orders by chance."""
    chance = np.random.default_rng(seed)
    good = {0: 0.9} | {row: 0.8 - row / 20 for row in range(1, 10)}
    order = chance.permutation(10).tolist()
    poor = {row: 0.9 - place / 20 for place, row in enumerate(order)}
    return Searched(good, poor) if right == "dense" else Searched(poor, good)


def lists(right: str) -> list[Searched]:
    return [searched(right, seed) for seed in range(30)]


def test_the_search_that_is_right_gets_the_weight() -> None:
    wanted = [{0: 1}] * 30
    assert fitted_share(lists("dense"), wanted).share > 0.8
    assert fitted_share(lists("lexical"), wanted).share < 0.3


def test_the_figure_is_that_of_the_folds_left_out() -> None:
    found = fitted_share(lists("dense"), [{0: 1}] * 30)
    assert len(found.by_fold) == 5
    assert found.recall_at_10 == 1.0


def test_a_list_holds_what_either_search_found() -> None:
    one = listed(Searched({1: 0.9, 2: 0.5}, {3: 4.0, 1: 2.0}), {3: 1})
    assert one.scores.tolist() == [[1.0, 0.5], [0.0, 0.0], [0.0, 1.0]]
    assert one.right.tolist() == [False, False, True]


def test_nothing_relevant_found_is_an_error() -> None:
    with pytest.raises(ValueError, match="没有找到相关"):
        share([listed(Searched({1: 0.9}, {}), {5: 1})])


def test_a_model_without_an_adapter_keeps_its_own_share() -> None:
    assert dense_weight(None, pieces=60_000) == DENSE_WEIGHT


def test_the_fitted_share_is_for_large_indexes_only() -> None:
    assert dense_weight("policy-1", pieces=60_000) == TUNED_DENSE_WEIGHT
    assert dense_weight("policy-1", pieces=200) == DENSE_WEIGHT
