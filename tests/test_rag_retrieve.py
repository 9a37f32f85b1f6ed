"""Fusion, order by validity, places and names, the optional reranker."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rag_index
import retrieval_index
from hypothesis import given
from hypothesis import strategies as st
from index_fakes import FakeEmbedder

from index.errors import ModelError
from index.models import Clause, PolicyFacts, SourceSpan
from index.store import IndexReader
from rag.editions import by_validity, policies_by_validity
from rag.found import RetrievedClause
from rag.fuse import fuse, reciprocal_ranks
from rag.rerank import BundledReranker, CrossEncoderReranker, Reranking, load_reranker
from rag.retrieve import Retrieval, retrieve, search, searched
from rag.understand import understand

# Fusion


def test_scores_are_scaled_for_each_search_and_added() -> None:
    # Cosines 0.9, 0.8, 0.5 become 1, 0.75, 0; BM25 8 and 2 become 1 and 0.25.
    found = fuse({"a": 0.9, "b": 0.8, "c": 0.5}, {"b": 8.0, "d": 2.0}, weight=0.5)
    assert found == pytest.approx({"b": 0.875, "a": 0.5, "d": 0.125, "c": 0.0})
    assert list(found) == ["b", "a", "d", "c"]


def test_a_search_that_found_nothing_leaves_the_other_as_it_is() -> None:
    assert fuse({}, {"a": 4.0, "b": 1.0}) == {"a": 1.0, "b": 0.25}
    assert fuse({"a": 0.9, "b": 0.7}, {}) == {"a": 1.0, "b": 0.0}
    assert fuse({}, {}) == {}
    assert fuse({"a": 0.9}, {"a": 3.0}) == {"a": 1.0}


def test_a_weight_outside_its_range_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="融合权重"):
        fuse({"a": 1.0}, {}, weight=1.5)


def test_reciprocal_ranks_by_hand() -> None:
    found = reciprocal_ranks({"a": 9.0, "b": 8.0}, {"b": 3.0}, k=1)
    assert found == pytest.approx({"b": 1 / 3 + 1 / 2, "a": 1 / 2})
    assert list(found) == ["b", "a"]


_SCORES = st.dictionaries(st.integers(0, 30), st.floats(0.1, 50, allow_nan=False), max_size=12)


@given(_SCORES, _SCORES, st.floats(0, 1))
def test_fused_scores_are_shares_of_everything_found_in_order(dense, lexical, weight) -> None:
    ordered = [dict(sorted(one.items(), key=lambda item: -item[1])) for one in (dense, lexical)]
    found = fuse(*ordered, weight=weight)
    assert set(found) == set(dense) | set(lexical)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in found.values())
    assert list(found.values()) == sorted(found.values(), reverse=True)


@given(_SCORES, _SCORES, st.floats(0.5, 4))
def test_the_unit_of_the_scores_makes_no_difference(dense, lexical, factor) -> None:
    plain = fuse(dense, lexical)
    other = fuse(dense, {key: score * factor for key, score in lexical.items()})
    assert other == pytest.approx(plain)


# Order by validity

TODAY = date(2026, 11, 21)
TEXT = "对首次认定的示范农场,给予一次性奖励{}万元,由县农业农村局负责。"


def item(policy_id: str, title: str, text: str, score: float, **dates: date) -> RetrievedClause:
    clause = Clause("3", "第三条", None, text, text, SourceSpan(0, len(text)))
    return RetrievedClause(policy_id, PolicyFacts(title=title, **dates), clause, score)


OLD = item(
    "old",
    "云谷县农业奖励办法(2023版)",
    TEXT.format(30),
    0.9,
    effective_on=date(2023, 1, 1),
    expires_on=date(2025, 12, 31),
)
NEW = item("new", "云谷县农业奖励办法(2026版)", TEXT.format(20), 0.8, effective_on=date(2026, 1, 1))
OTHER = item("other", "云谷县林业奖励办法", "造林每亩补助五百元。", 0.85, effective_on=date(2022, 1, 1))


def order(found: list[RetrievedClause], as_of: date = TODAY, years: tuple[int, ...] = ()) -> list[str]:
    return [one.policy_id for one in by_validity(found, as_of, years)]


def test_of_clauses_that_say_the_same_the_one_in_force_comes_first() -> None:
    assert order([OLD, OTHER, NEW]) == ["new", "other", "old"]
    assert order([OLD, OTHER, NEW], date(2024, 5, 1)) == ["old", "other", "new"]
    assert order([NEW, OTHER, OLD], date(2024, 5, 1)) == ["old", "other", "new"]


def test_a_year_named_comes_before_validity() -> None:
    assert order([NEW, OLD], years=(2023,)) == ["old", "new"]
    assert order([OLD, NEW], years=(2019,)) == ["new", "old"]


def test_an_expired_policy_without_a_successor_keeps_its_place() -> None:
    assert order([OLD, OTHER]) == ["old", "other"]
    different = replace(NEW, clause=replace(NEW.clause, text="申请材料由乡镇初审后报县里,每年三月截止。"))
    assert order([OLD, different]) == ["old", "new"]


def test_near_copies_in_policies_of_other_names_count_as_the_same() -> None:
    copied = item("copy", "云谷县乡村振兴若干措施", TEXT.format(20), 0.7, effective_on=date(2026, 1, 1))
    assert order([OLD, copied]) == ["copy", "old"]


def test_of_two_expired_editions_the_later_comes_first() -> None:
    later = replace(
        OLD,
        policy_id="later",
        facts=replace(OLD.facts, title="云谷县农业奖励办法(2024版)", effective_on=date(2024, 1, 1)),
    )
    assert order([OLD, later]) == ["later", "old"]


def test_policies_of_one_family_are_ordered_and_others_keep_their_place() -> None:
    facts = {one.policy_id: one.facts for one in (OLD, OTHER, NEW)}
    assert policies_by_validity(("old", "other", "new"), facts, TODAY) == ("new", "old", "other")


@given(st.permutations(["old", "new", "other"]))
def test_ordering_loses_no_clause(order_in: list[str]) -> None:
    known = {one.policy_id: one for one in (OLD, NEW, OTHER)}
    assert sorted(order([known[name] for name in order_in])) == ["new", "old", "other"]


# Over the invented documents


@pytest.fixture(scope="module")
def invented(tmp_path_factory) -> IndexReader:
    return retrieval_index.opened(tmp_path_factory.mktemp("invented"), rag_index.INVENTED)


def ask(reader: IndexReader, text: str, **options) -> Retrieval:
    question = understand(text)
    vector = np.asarray(FakeEmbedder().embed_query(searched(question)), dtype=np.float32)
    return retrieve(reader, question, vector, **options)


def titles(found: Retrieval) -> list[str]:
    return [one.facts.title for one in found.clauses]


@pytest.mark.parametrize(
    ("question", "as_of", "year"),
    [
        ("望湖区首店奖励分哪几档", TODAY, "2025"),
        ("望湖区首店奖励分哪几档", date(2024, 6, 1), "2024"),
        ("望湖区2024年的首店奖励分哪几档", TODAY, "2024"),
        ("望湖区2025年首店奖励多少", date(2024, 6, 1), "2025"),
    ],
)
def test_editions_of_two_years_come_in_the_order_of_the_day(invented, question: str, as_of: date, year: str) -> None:
    found = ask(invented, question, as_of=as_of)
    editions = [title for title in titles(found) if "服务业提质增效" in title]
    assert year in titles(found)[0]
    assert len(set(editions)) == 2


def test_the_day_of_the_question_counts_where_no_other_is_given(invented) -> None:
    question = replace(understand("望湖区首店奖励分哪几档"), as_of=date(2024, 6, 1))
    assert "2024" in titles(retrieve(invented, question, None))[0]


def test_naming_a_policy_restricts_the_search_to_it(invented) -> None:
    found = ask(invented, "丰桥餐厨垃圾资源化利用规定里补贴怎么算")
    assert set(titles(found)) == {"丰桥市餐厨垃圾资源化利用规定"}
    assert len(found.policies) == 1


def test_editions_of_one_name_are_both_named_and_the_valid_one_first(invented) -> None:
    found = ask(invented, "《望湖区促进服务业提质增效若干政策》二、(二)", as_of=TODAY)
    named = [one for one in found.clauses if one.named]
    assert [one.clause.path for one in named] == ["2.2", "2.2"]
    assert ["2025" in one.facts.title for one in named] == [True, False]


def test_a_question_on_validity_gets_the_clause_that_states_it(invented) -> None:
    found = ask(invented, "临江市促进先进制造业高质量发展办法有效期到哪天")
    assert "11" in [one.clause.path for one in found.clauses[:2]]


def test_a_place_that_no_policy_covers_is_foreign(tmp_path: Path) -> None:
    local = [path for path in rag_index.INVENTED if path.name.startswith("wanghu")]
    found = ask(retrieval_index.opened(tmp_path, local), "宁波市的首店奖励多少")
    assert [place.name for place in found.foreign] == ["宁波"]


def test_what_asks_is_searched_instead_of_the_story(invented) -> None:
    question = replace(understand("首店奖励"), text="我们公司在外地。首店奖励", focus="首店奖励")
    assert searched(question) == "首店奖励"
    assert searched(replace(question, focus="")) == question.text
    story, plain = (retrieve(invented, one, None) for one in (question, understand("首店奖励")))
    assert [one.key for one in story.clauses] == [one.key for one in plain.clauses]


def test_the_limit_and_the_evidence_of_a_search(invented) -> None:
    found = ask(invented, "企业技术改造补助", limit=3)
    assert len(found.clauses) == 3
    assert all(one.context.startswith(one.facts.title[:5]) for one in found.clauses)
    for one in search(invented, "企业技术改造补助", None):
        assert (one.dense_rank, one.dense_score) == (None, None)
        assert one.bm25_rank is not None
        assert 0 <= one.score <= 1


def test_a_question_without_words_finds_nothing_by_words(invented) -> None:
    assert search(invented, "?!", None) == []


# The optional reranker


class LengthReranker:
    """Prefers short passages."""

    def scores(self, question, passages):
        return np.array([-len(passage) for passage in passages], dtype=np.float32)


def test_a_reranker_orders_the_best_clauses_and_loses_none(invented) -> None:
    plain, ranked = (
        ask(invented, "奖励", limit=50),
        ask(invented, "奖励", limit=50, reranking=Reranking(LengthReranker())),
    )
    assert {one.key for one in plain.clauses} == {one.key for one in ranked.clauses}
    lengths = [len(f"{one.context}\n{one.clause.text}") for one in ranked.clauses[:20]]
    assert sorted(lengths) == sorted(len(f"{one.context}\n{one.clause.text}") for one in plain.clauses[:20])
    assert lengths[0] == min(lengths)


def test_equal_and_undefined_scores_keep_the_order() -> None:
    class Fixed:
        def scores(self, question, passages):
            return np.array([0.5, np.nan, 0.5, 0.9], dtype=np.float32)

    assert Reranking(Fixed()).order("问", ["a", "b", "c", "d"], [0.0] * 4) == [3, 0, 2, 1]


def test_a_share_adds_the_scores_to_those_of_the_fusion() -> None:
    class Fixed:
        def scores(self, question, passages):
            return np.array([0.0, 2.0, 6.0], dtype=np.float32)

    assert Reranking(Fixed(), share=0.1).order("问", ["a", "b", "c"], [1.0, 0.9, 0.3]) == [1, 0, 2]
    assert Reranking(Fixed(), share=0.0).order("问", ["a", "b", "c"], [1.0, 0.9, 0.3]) == [0, 1, 2]


def test_a_reranker_is_used_over_more_pieces_than_it_says(invented) -> None:
    class Counting(LengthReranker):
        asked = 0

        def scores(self, question, passages):
            self.asked += 1
            return super().scores(question, passages)

    pieces, counting = len(invented), Counting()
    ask(invented, "奖励", reranking=Reranking(counting, least=pieces))
    assert counting.asked == 0
    ask(invented, "奖励", reranking=Reranking(counting, least=pieces - 1))
    assert counting.asked == 1
    Reranking(counting, least=pieces).prepare(pieces=pieces)
    assert counting.asked == 1
    Reranking(counting, least=pieces - 1).prepare(pieces=pieces)
    assert counting.asked == 2


def test_a_reranker_for_norms_is_used_where_the_best_clauses_are_those_of_norms(invented) -> None:
    class Refusing:
        def scores(self, question, passages):
            raise AssertionError(question)

    # The indexed policies are those of places.
    assert ask(invented, "奖励", reranking=Reranking(Refusing(), norms=0.1)).clauses
    with pytest.raises(AssertionError, match="奖励"):
        ask(invented, "奖励", reranking=Reranking(Refusing(), norms=0.0))
    mixed = Reranking(Refusing(), depth=4, norms=0.5)
    assert mixed.pays(["中小企业促进法", "公司法", "溪陵市办法", "溪陵市意见", "溪陵市意见"], pieces=1)
    assert not mixed.pays(["中小企业促进法", "溪陵市办法", "溪陵市办法", "某市意见", "公司法"], pieces=1)


def test_no_name_means_the_bundled_reranker_over_many_pieces_and_none_means_none(tmp_path: Path) -> None:
    chosen = load_reranker("  ", tmp_path)
    assert chosen is not None
    assert isinstance(chosen.reranker, BundledReranker)
    assert chosen.least >= 1000
    assert chosen.share is not None
    assert load_reranker("none", tmp_path) is None


def test_a_model_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"重排模型.*POLICYQA_RERANKER"):
        load_reranker(str(tmp_path / "absent"), tmp_path)


def test_a_saved_cross_encoder_is_loaded_and_gives_one_score_a_passage(tmp_path: Path) -> None:
    folder = _tiny_cross_encoder(tmp_path / "tiny")
    chosen = load_reranker(str(folder), tmp_path)
    assert chosen is not None
    assert chosen.least == 0
    reranker = chosen.reranker
    assert isinstance(reranker, CrossEncoderReranker)
    scores = reranker.scores("奖励多少", ["奖励一万元", "申请材料", "奖励一万元"])
    assert scores.shape == (3,)
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)
    assert scores[0] != pytest.approx(scores[1], abs=1e-9)
    assert reranker.scores("奖励多少", []).shape == (0,)


def _tiny_cross_encoder(folder: Path) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys("奖励多少一万元申请材料")]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=1,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
