"""The weights of the fusion: fitted on what both searches find, and used over many pieces only."""

from __future__ import annotations

import numpy as np
import pytest

from bench.retrieval import Searched
from rag.fuse import DENSE_WEIGHT, GATE, Gate, dense_weight, lead
from rag.norms import Norm, norm_of, norm_share, preferences
from training.fusion import Answered, Fitted, fitted_weights, listed, weights

WANTED = [{0: 1}] * 30
TITLES = dict.fromkeys(range(10), "溪陵市若干意见")


def searched(right: str, seed: int) -> Searched:
    """Ten documents of which 0 is right; the search called `right` finds it, the other one orders by chance."""
    chance = np.random.default_rng(seed)
    good = {0: 0.9} | {row: 0.8 - row / 20 for row in range(1, 10)}
    order = chance.permutation(10).tolist()
    poor = {row: 0.9 - place / 20 for place, row in enumerate(order)}
    return Searched(good, poor) if right == "dense" else Searched(poor, good)


def lists(right: str) -> list[Searched]:
    return [searched(right, seed) for seed in range(30)]


def fitted(*groups: list[Searched], titles: dict[int, str] = TITLES) -> Fitted:
    return fitted_weights([Answered(group, WANTED, titles) for group in groups])


def mean_share(found: Gate, group: list[Searched]) -> float:
    return float(np.mean([found.share(one.dense, one.lexical) for one in group]))


def test_the_search_that_is_right_gets_the_weight() -> None:
    meaning, words = lists("dense"), lists("lexical")
    assert mean_share(fitted(meaning).weights.gate, meaning) > 0.8
    assert mean_share(fitted(words).weights.gate, words) < 0.3


def test_two_kinds_of_questions_get_shares_of_their_own() -> None:
    # By words: the right document stands out far. By meaning: the words tell nothing.
    by_words = [Searched(one.dense, {**one.lexical, 0: 30.0}) for one in lists("lexical")]
    by_meaning = lists("dense")
    found = fitted(by_words, by_meaning)
    assert mean_share(found.weights.gate, by_words) < 0.4 < 0.6 < mean_share(found.weights.gate, by_meaning)
    assert min(found.recall_at_10) == 1.0


def test_a_list_holds_what_either_search_found() -> None:
    one = listed(Searched({1: 0.9, 2: 0.5}, {3: 4.0, 1: 2.0}), {3: 1}, {1: "公司法", 2: "通知", 3: "民法典第三条"})
    assert one.scores.tolist() == [[1.0, 0.5], [0.0, 0.0], [0.0, 1.0]]
    assert one.right.tolist() == [False, False, True]
    assert one.ranks.tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert one.features.tolist() == [1.0, 1.0, 0.9]


def test_nothing_relevant_found_is_an_error() -> None:
    with pytest.raises(ValueError, match="没有找到相关"):
        weights([[listed(Searched({1: 0.9}, {}), {5: 1}, {1: "通知"})]])


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


def test_the_rank_that_is_mostly_right_is_preferred_and_ranks_add_nothing_on_the_whole() -> None:
    # Row 0 is the article of a code, row 1 a regulation's; both searches err in a third of the questions.
    found, wanted = [], []
    for at in range(60):
        right = int(at % 5 == 0)
        near = {right: 0.6, 1 - right: 0.7} if at % 3 == 0 else {right: 0.7, 1 - right: 0.6}
        found.append(Searched({**near, 2: 0.1}, {row: 10 * score for row, score in near.items()}))
        wanted.append({right: 1})
    titles = {0: "民法典第一条", 1: "矿山安全条例第二条", 2: "溪陵市意见"}
    fit = fitted_weights([Answered(found, wanted, titles)]).weights
    assert fit.preference[Norm.CODE] > 0.015 > -0.015 > fit.preference[Norm.REGULATION]
    assert sum(fit.preference.values()) == pytest.approx(0, abs=0.03)
    even = Searched({0: 0.8, 1: 0.8, 2: 0.1}, {0: 5.0, 1: 5.0, 2: 0.1})
    assert next(iter(fit.order(even, titles))) == 0
    assert next(iter(fit.order(even, {0: titles[1], 1: titles[0], 2: titles[2]}))) == 1


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        ("中华人民共和国民法典第四十七条", Norm.CODE),
        ("公司法(2023年修订)第四条之一", Norm.LAW),
        ("城市居民委员会组织法", Norm.LAW),
        ("市场主体登记管理条例第3条", Norm.REGULATION),
        ("矿产资源法实施细则", Norm.REGULATION),
        ("食品生产经营监督检查管理办法", Norm.RULES),
        ("劳务派遣行政许可实施办法(试行)", Norm.RULES),
        ("最高人民法院关于适用《民法典》总则编若干问题的解释(二)第一条", Norm.JUDICIAL),
        ("人民检察院行政诉讼监督规则(试行)", Norm.JUDICIAL),
        ("溪陵市科技创新券管理办法", None),
        ("岑浦区促进服务业发展扶持办法", None),
        ("关于推动制造业高质量发展的若干意见", None),
        ("企业研发费用归集方法", None),
        ("", None),
    ],
)
def test_the_rank_of_a_norm_is_read_from_its_title(title: str, rank: Norm | None) -> None:
    assert norm_of(title) is rank


def test_documents_without_a_rank_get_nothing_added() -> None:
    found = preferences({1: "溪陵市若干意见", 2: "公司法", 3: "矿山安全条例"})
    assert set(found) == {2, 3}
    assert found[2] > 0 > found[3]
    assert norm_share(["溪陵市若干意见", "公司法"]) == 0.5
    assert norm_share([]) == 0.0
