"""The gate of the fusion: fitted on what both searches find, and used over many pieces only."""

from __future__ import annotations

import numpy as np
import pytest

from bench.retrieval import Searched
from rag.fuse import DENSE_WEIGHT, GATE, Gate, dense_weight, lead
from training.fusion import fitted_gate, gate, listed

WANTED = [{0: 1}] * 30


def searched(right: str, seed: int) -> Searched:
    """Ten documents of which 0 is right; the search called `right` finds it, the other one orders by chance."""
    chance = np.random.default_rng(seed)
    good = {0: 0.9} | {row: 0.8 - row / 20 for row in range(1, 10)}
    order = chance.permutation(10).tolist()
    poor = {row: 0.9 - place / 20 for place, row in enumerate(order)}
    return Searched(good, poor) if right == "dense" else Searched(poor, good)


def lists(right: str) -> list[Searched]:
    return [searched(right, seed) for seed in range(30)]


def mean_share(found: Gate, group: list[Searched]) -> float:
    return float(np.mean([found.share(one.dense, one.lexical) for one in group]))


def test_the_search_that_is_right_gets_the_weight() -> None:
    meaning, words = lists("dense"), lists("lexical")
    assert mean_share(fitted_gate([(meaning, WANTED)]).gate, meaning) > 0.8
    assert mean_share(fitted_gate([(words, WANTED)]).gate, words) < 0.3


def test_two_kinds_of_questions_get_shares_of_their_own() -> None:
    # By words: the right document stands out far. By meaning: the words tell nothing.
    by_words = [Searched(one.dense, {**one.lexical, 0: 30.0}) for one in lists("lexical")]
    by_meaning = lists("dense")
    found = fitted_gate([(by_words, WANTED), (by_meaning, WANTED)])
    assert mean_share(found.gate, by_words) < 0.4 < 0.6 < mean_share(found.gate, by_meaning)
    assert min(found.recall_at_10) == 1.0


def test_a_list_holds_what_either_search_found() -> None:
    one = listed(Searched({1: 0.9, 2: 0.5}, {3: 4.0, 1: 2.0}), {3: 1})
    assert one.scores.tolist() == [[1.0, 0.5], [0.0, 0.0], [0.0, 1.0]]
    assert one.right.tolist() == [False, False, True]
    assert one.features.tolist() == [1.0, 1.0, 0.9]


def test_nothing_relevant_found_is_an_error() -> None:
    with pytest.raises(ValueError, match="没有找到相关"):
        gate([[listed(Searched({1: 0.9}, {}), {5: 1})]])


def test_the_lead_is_that_of_the_best_over_the_tenth() -> None:
    assert lead({row: 10.0 - row for row in range(10)}) == pytest.approx(0.9)
    assert lead(dict.fromkeys(range(12), 5.0)) == 0.0
    assert lead({1: 5.0}) == 1.0
    assert lead({}) == 1.0


def test_words_that_stand_out_take_weight_from_the_meaning_and_a_near_text_gives_it() -> None:
    flat, peak = ({row: 10.0 - slope * row for row in range(10)} for slope in (0.1, 1.0))
    assert GATE.share({1: 0.7}, peak) < GATE.share({1: 0.7}, flat)
    assert GATE.share({1: 0.6}, flat) < GATE.share({1: 0.8}, flat)


def test_half_is_the_share_without_an_adapter_and_over_few_pieces() -> None:
    dense, lexical = {1: 0.9}, dict.fromkeys(range(10), 10.0)
    assert dense_weight(None, dense, lexical, pieces=60_000) == DENSE_WEIGHT
    assert dense_weight("policy-1", dense, lexical, pieces=200) == DENSE_WEIGHT
    assert dense_weight("policy-1", dense, lexical, pieces=60_000) == GATE.share(dense, lexical) != DENSE_WEIGHT
