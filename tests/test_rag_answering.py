"""The model that reads a clause with the question: what is read and kept, and what it does where it cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Clause, PolicyFacts, SourceSpan
from index.settings import Settings
from rag.answering import (
    FARTHEST,
    LIKELY,
    READ,
    SHIPPED,
    SHORT,
    SPEAKS,
    Answering,
    doubtful,
    ordered,
    passage,
    probability,
    raised,
    window,
)
from rag.found import RetrievedClause
from rag.rerank import BundledReranker

FACTS = PolicyFacts("甲市促进产业发展办法")
shipped = pytest.mark.skipif(not SHIPPED.is_file(), reason="没有随附的模型")


class Lengths:
    """Log odds that are the length of a text; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        self.asked.append((question, list(passages)))
        return np.array([len(one) for one in passages], dtype=np.float32)


def item(text: str) -> RetrievedClause:
    clause = Clause("1", "一", None, text, text, SourceSpan(0, len(text)))
    return RetrievedClause("p", FACTS, clause, 1.0, 1, 0.9, 1, 1.0, context=FACTS.title)


def test_a_pair_is_read_once() -> None:
    model = Lengths()
    answering = Answering(model)
    assert answering.log_odds("奖励多少", ["一", "一二", "一"]) == [1.0, 2.0, 1.0]
    assert answering.log_odds("奖励多少", ["一二三", "一二"]) == [3.0, 2.0]
    assert model.asked == [("奖励多少", ["一", "一二"]), ("奖励多少", ["一二三"])]


def test_another_question_is_read_anew() -> None:
    model = Lengths()
    answering = Answering(model)
    answering.log_odds("奖励多少", ["一"])
    answering.log_odds("什么条件", ["一"])
    assert [question for question, _ in model.asked] == ["奖励多少", "什么条件"]


def test_what_cannot_be_told_says_nothing() -> None:
    class Broken:
        def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
            return np.array([np.nan, np.inf], dtype=np.float32)

    odds = Answering(Broken()).log_odds("奖励多少", ["一", "二"])
    assert ordered([0.0, -0.5], dict(enumerate(odds))) == [0.0, -0.5]
    assert [raised(0.3, one) for one in odds] == pytest.approx([0.3, 0.3])
    assert min(odds) >= doubtful()


def test_a_model_that_cannot_be_loaded_says_nothing(tmp_path: Path) -> None:
    damaged = tmp_path / "answering.safetensors"
    damaged.write_bytes(b"no model")
    odds = Answering(BundledReranker(tmp_path, damaged)).log_odds("奖励多少", ["一", "二"])
    assert [raised(0.3, one) for one in odds] == pytest.approx([0.3, 0.3])


@given(st.lists(st.floats(-20, 5), min_size=1, max_size=12))
def test_clauses_that_are_far_behind_are_not_read_and_stay_behind(scores: list[float]) -> None:
    items = [item("奖励" * (at + 1)) for at in range(len(scores))]
    odds = Answering(Lengths()).read("奖励多少", items, scores)
    near = {at for at, score in enumerate(scores) if score >= max(scores) - LIKELY}
    assert set(odds) <= near
    assert len(odds) == min(READ, len(near))
    looked = ordered(scores, odds)
    assert all(looked[one] < max(looked) for one in range(len(scores)) if one not in near)


def test_less_is_read_of_what_the_judge_is_sure_of_and_is_known_as_the_whole() -> None:
    model = Lengths()
    answering = Answering(model)
    long = item("按设备投资额的百分之十给予奖励。" * 20)
    told = answering.read("奖励多少", [long], [0.0], sure=True)
    assert len(passage(long, "奖励多少", SHORT)) < len(passage(long, "奖励多少"))
    assert told[0] == len(passage(long, "奖励多少", SHORT))
    assert answering.log_odds("奖励多少", [passage(long, "奖励多少")]) == [told[0]]
    assert len(model.asked) == 1


SENTENCES = st.lists(
    st.text("奖励补助企业万元项目设备租金", min_size=1, max_size=30).map(lambda text: f"{text}。"), min_size=1
)


@given(SENTENCES, st.text("奖励补助企业万元项目", max_size=20))
def test_a_window_is_a_part_of_the_text_in_whole_sentences(sentences: list[str], question: str) -> None:
    text = "".join(sentences)
    part = window(text, question, 40)
    assert part in text
    assert part == text or len(part) <= max(40, *map(len, sentences))
    assert part.endswith("。")


def test_of_a_long_clause_the_part_that_is_asked_about_is_read() -> None:
    text = "支持平台建设。" * 30 + "对租用厂房的企业,按租金的30%补助。" + "加强组织领导。" * 30
    assert "租金的30%" in window(text, "厂房租金能补几成")


def test_without_reading_the_order_stays() -> None:
    assert ordered([0.0, -1.0], {}) == [0.0, -1.0]


@given(st.floats(0.001, 0.999), st.floats(-8, 8))
def test_reading_raises_relevance_and_never_lowers_it(judged: float, odds: float) -> None:
    found = raised(judged, odds)
    assert judged - 1e-6 <= found <= 1
    assert odds > SPEAKS or found == pytest.approx(judged, abs=1e-6)


def test_reading_alone_does_not_bring_in_what_shares_nothing_with_the_question() -> None:
    far, near = probability(FARTHEST - 0.5), probability(FARTHEST + 0.5)
    assert raised(far, 4.0) == far
    assert raised(near, 4.0) > 0.5


@pytest.mark.parametrize("odds", [-1e9, -3.0, 0.0, 3.0, 1e9])
def test_a_probability_is_one(odds: float) -> None:
    assert 0 <= probability(odds) <= 1
    assert (probability(odds) < 0.5) == (odds < 0)


def test_none_switches_it_off(tmp_path: Path) -> None:
    assert Answering.shipped(tmp_path, " None ") is None


@shipped
def test_the_clause_that_answers_is_told_from_one_on_the_same_subject() -> None:
    answering = Answering.shipped(Settings().models_dir)
    assert answering is not None
    right, other, none = answering.log_odds(
        "厂房租来的,一年能补几成房租",
        [
            "甲市支持企业发展若干措施\n三、降低用房成本\n对租用标准厂房的企业,按实际租金的30%给予补助,每年最高50万元。",
            "甲市支持企业发展若干措施\n三、降低用房成本\n对新建标准厂房的企业,每平方米补助100元,最高300万元。",
            "甲市支持企业发展若干措施\n六、附则\n本措施由市经济和信息化局负责解释,自2025年3月1日起施行。",
        ],
    )
    assert right > other > none
