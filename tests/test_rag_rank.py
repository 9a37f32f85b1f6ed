"""The learned order of candidates, and what an answer tells beside the rule that was chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rag.rank
from index.models import Clause, PolicyFacts, SourceSpan
from rag.answering import Answering
from rag.asked import gives, is_aim
from rag.compose.draft import Draft
from rag.compose.provisos import add_provisos
from rag.found import RetrievedClause
from rag.judge import Lens, Scale
from rag.lexicon import Lexicon
from rag.rank import FEATURES, RankWeights, candidates, rank_features, rank_weights
from rag.retrieve import searched
from rag.subject import Subject
from rag.terms import Term, TermWeights, presence
from rag.understand import Want, understand
from rag.verify import Quote
from training.rank import Candidates, fit, report

FACTS = PolicyFacts("甲市促进产业发展办法")
SCALE = Scale(0.8, 0.9)
LENS = Lens(TermWeights([]), SCALE, Lexicon.from_texts([]))


def found(path: str, text: str, *, cosine: float, bm25: float = 1.0) -> RetrievedClause:
    clause = Clause(path, path, None, text, text, SourceSpan(0, len(text)))
    return RetrievedClause("p", FACTS, clause, cosine, 1, cosine, 1, bm25, context=FACTS.title)


def rows(question: str, items: list[RetrievedClause]) -> list[dict[str, float]]:
    weights = TermWeights([item.clause.text for item in items])
    values = rank_features(items, understand(question), Subject.of(question, weights), SCALE)
    return [dict(zip(FEATURES, row, strict=True)) for row in values]


def test_a_word_that_all_candidates_have_tells_nothing() -> None:
    items = [found("1", "直播基地奖励10万元。", cosine=0.9), found("2", "直播机构奖励20万元。", cosine=0.9)]
    base, agency = rows("直播机构奖励多少", items)
    assert agency["telling"] > 0.9 > 0.5 > base["telling"]


def test_features_are_relative_to_the_best_candidate() -> None:
    first, second = rows("奖励多少", [found("1", "奖励。", cosine=0.9, bm25=4), found("2", "补助。", cosine=0.85)])
    assert first["cosine_gap"] == 0
    assert second["cosine_gap"] == pytest.approx(-0.5)
    assert (first["bm25_share"], second["bm25_share"]) == (1.0, 0.25)


def test_scores_are_weighted_sums() -> None:
    assert RankWeights((2.0, 0.5)).scores([(0.0, 5.0), (1.0, -2.0), (0.5, 0.0)]) == [2.5, 1.0, 1.0]


def test_no_candidate_is_left_where_none_is_about_the_question() -> None:
    items = [found("1", "养老机构每张床位补助8000元。", cosine=0.78, bm25=0.0)]
    question = understand("红烧肉怎么做好吃")
    subject = Subject.of(question.text, TermWeights([items[0].clause.text]))
    assert candidates(items, question, subject, LENS, placed=False) == ()


def test_the_likeliest_candidate_comes_first_and_is_behind_nothing() -> None:
    items = [
        found("1", "直播基地建成的,奖励10万元。", cosine=0.93, bm25=2.0),
        found("2", "经认定的直播示范机构,奖励20万元。", cosine=0.97, bm25=6.0),
    ]
    question = understand("直播示范机构奖励多少")
    subject = Subject.of(question.text, TermWeights([item.clause.text for item in items]))
    order = candidates(items, question, subject, LENS, placed=False)
    assert [one.item.clause.path for one in order] == ["2", "1"]
    assert order[0].behind == 0 > order[1].behind


class _Likes:
    """A model for which a text answers as far as it has a word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.read: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        self.read += passages
        return np.array([4.0 if self.word in one else -4.0 for one in passages], dtype=np.float32)


def test_the_model_that_reads_both_decides_between_clauses_that_are_close() -> None:
    items = [
        found("1", "引进的直播机构,奖励10万元。", cosine=0.95, bm25=5.0),
        found("2", "首次认定的直播机构,奖励20万元。", cosine=0.95, bm25=5.0),
    ]
    question = understand("直播机构奖励多少")
    subject = Subject.of(question.text, TermWeights([item.clause.text for item in items]))
    for word, first in (("引进", "1"), ("认定", "2")):
        lens = replace(LENS, answering=Answering(_Likes(word)))
        order = candidates(items, question, subject, lens, placed=False)
        assert [one.item.clause.path for one in order][:1] == [first]
        assert order[0].behind == 0 > order[1].behind


def test_weights_for_other_features_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rank_weights.cache_clear()
    monkeypatch.setattr(rag.rank, "read_words", lambda _: json.dumps({"weights": {"other": 1.0}}))
    with pytest.raises(ValueError, match="training judge"):
        rank_weights()
    rank_weights.cache_clear()


def _questions(*, seed: int, count: int = 40) -> list[Candidates]:
    """Questions whose expected candidate has the highest second feature."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        values = random.normal(size=(6, len(FEATURES)))
        expected = np.zeros(6, dtype=bool)
        expected[int(np.argmax(values[:, 1]))] = True
        made.append(Candidates(values, expected))
    return made


def test_the_fit_finds_the_feature_that_decides_and_is_the_same_twice() -> None:
    weights = fit(_questions(seed=0))
    assert int(np.argmax(np.abs(weights))) == 1
    assert weights.tolist() == fit(_questions(seed=0)).tolist()


def test_figures_of_the_fit_are_those_of_a_corpus_left_out() -> None:
    told = report({"one": _questions(seed=1), "two": _questions(seed=2)})
    assert tuple(told["weights"]) == FEATURES
    assert all(told["left_out"][name]["right"] > 0.9 for name in ("one", "two"))


def test_the_shipped_weights_are_for_these_features() -> None:
    assert len(rank_weights().weights) == len(FEATURES)


# What is searched


def test_a_place_where_policies_hold_is_not_searched() -> None:
    question = understand("沐川市的绿色工厂奖励多少")
    assert searched(question, ["沐川市"]) == "绿色工厂奖励多少"
    assert searched(question, ["泊宁市"]) == question.text


def test_a_question_of_a_place_alone_stays_as_it_is() -> None:
    assert searched(understand("沐川市"), ["沐川市"]) == "沐川市"


def test_a_word_across_two_words_of_a_text_is_not_present() -> None:
    assert presence("升规", "开展改造提升规划设计") == 0
    assert presence("升规", "首次升规的企业") == 1


def test_a_word_counts_as_unknown_where_the_index_has_it_across_two_words_only() -> None:
    weights = TermWeights(["开展改造提升规划设计"])
    assert weights.weight(Term("升规", weak=False)) == weights.weight(Term("宅基", weak=False))


# What is asked, and what a sentence gives


@pytest.mark.parametrize(
    "text",
    [
        "每年分别补助运营经费15万元、10万元、6万元。",
        "重度失能的每人每月400元。",
        "应当按照日万分之五支付违约金。",
        "县财政承担八成。",
    ],
)
def test_a_sum_that_is_given_is_told(text: str) -> None:
    assert gives(text)


@pytest.mark.parametrize(
    "text", ["到2022年，累计新增产业投资超过1800亿元。", "每年由市财政安排2000万元，用于保护和发展。"]
)
def test_a_goal_or_a_fund_gives_nothing(text: str) -> None:
    assert not gives(text)


def test_a_goal_that_says_what_is_given_is_no_aim() -> None:
    assert is_aim("到2022年产业投资超过1800亿元")
    assert not is_aim("到2025年建成的，每个补助15万元")


@pytest.mark.parametrize("text", ["收外县来的老人，运营补助还给吗", "我们公司现在还在异常名录里，能申请资金吗"])
def test_still_given_in_a_circumstance_does_not_ask_for_validity(text: str) -> None:
    assert Want.VALIDITY not in understand(text).wants


@pytest.mark.parametrize("text", ["创新中心的资助，现在还能申请吗", "2024年的办法还有效吗"])
def test_still_given_at_all_asks_for_validity(text: str) -> None:
    assert Want.VALIDITY in understand(text).wants


# What stands beside a rule


def _drafted(text: str, *, quoted: str) -> Draft:
    clause = Clause("5", "第五条", None, text, text, SourceSpan(0, len(text)))
    draft = Draft()
    draft.quote([Quote("p", clause, 0, len(quoted))])
    add_provisos(draft, lambda _: [clause])
    return draft


def test_a_proviso_of_the_clause_is_quoted_behind_its_rule() -> None:
    rule = "取得注册证的，每个奖励80万元。"
    draft = _drafted(f"{rule}体外诊断试剂不予奖励。每年组织一次评审。", quoted=rule)
    assert [quote.text for quote in draft.quotes] == [rule, "体外诊断试剂不予奖励。"]


def test_that_grants_do_not_add_up_is_no_proviso() -> None:
    rule = "取得注册证的，每个奖励80万元。"
    assert len(_drafted(f"{rule}同一事项不重复享受。", quoted=rule).quotes) == 1


def test_exported_data_files_hold_no_questions() -> None:
    stored = json.loads((Path(rag.rank.__file__).parent / "data" / "judge.json").read_text(encoding="utf-8"))
    assert "wrong" not in stored
