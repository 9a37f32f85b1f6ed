"""Training data: folds, mined negatives, questions made by program, variants, the layout of epochs."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bench.beir import read_collection
from rag.known import fingerprint
from training import lay
from training.folds import held_out
from training.loss import PackedContrastiveLoss, PackedListwiseLoss, encoded, groups
from training.measure import ranks
from training.mine import Mined, alike, edition_name, rows_with_negatives
from training.questions import made_questions, questions_on
from training.rows import Row, read_rows, write_rows
from training.tune import Recipe, check_settings, laid_out
from training.variants import mistyped, passage_variant, question_variant

QUESTIONS = [f"第{at}个问题怎么办？" for at in range(40)]


@given(st.permutations(QUESTIONS))
def test_folds_do_not_overlap_and_do_not_depend_on_the_order(questions: list[str]) -> None:
    first, second = (held_out(questions, name, size=10) for name in ("a", "b"))
    assert len(first) == len(second) == 10
    assert not first & second
    assert first == held_out(QUESTIONS, "a", size=10)


def test_too_few_questions_for_two_folds_are_refused() -> None:
    with pytest.raises(ValueError, match="不够用"):
        held_out(QUESTIONS, "a", size=20)


@given(st.lists(st.integers(1, 600), max_size=60))
def test_groups_hold_every_text_once_and_a_bounded_number_of_tokens(lengths: list[int]) -> None:
    found = list(groups(lengths))
    assert sorted(at for group in found for at in group) == list(range(len(lengths)))
    assert all(len(group) == 1 or len(group) * max(lengths[at] for at in group) <= 2048 for group in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中华人民共和国刑法（2020年修正）第三条", "刑法第三条"),
        ("公司法(2018修正)第三条", "公司法第三条"),
        ("中华人民共和国公司法第三条", "公司法第三条"),
    ],
)
def test_editions_of_a_law_have_one_name(one: str, other: str) -> None:
    assert edition_name(one) == edition_name(other)
    assert edition_name(one) != edition_name("刑法第四条")


def mined() -> Mined:
    titles = ["甲法第一条", "甲法(2019年修正)第一条", "甲法第二条", "乙法第三条", "乙法第四条"]
    texts = [
        "用人单位应当按月支付工资。",
        "用人单位应当按月支付劳动报酬。",
        "用人单位拖欠工资的处以罚款。",
        "用人单位应当按月支付工资",
        "租赁房屋应当签订合同。",
    ]
    vectors = np.eye(5, 8, dtype=np.float32)
    return Mined.from_passages(titles, texts, vectors)


def test_negatives_are_neither_right_nor_other_editions_nor_copies() -> None:
    found = mined()
    question = np.ones((1, 8), np.float32) / np.sqrt(8)
    (row,) = rows_with_negatives(found, ["拖欠工资怎么办"], question, [{0: 1}])
    assert row.positive == found.texts[0]
    assert set(row.negatives) == {found.texts[2], found.texts[4]}


def test_a_right_passage_is_never_a_negative_of_its_question() -> None:
    found = mined()
    rows = list(rows_with_negatives(found, ["工资"], np.ones((1, 8), np.float32), [{0: 1, 2: 1, -1: 1}]))
    assert [row.positive for row in rows] == [found.texts[0], found.texts[2]]
    assert all(found.texts[0] not in row.negatives and found.texts[2] not in row.negatives for row in rows)
    assert rows[0].also == (found.texts[2],)


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_symmetric_and_full_for_the_same_text(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert alike(one, one) == 1.0
    assert 0 <= alike(one, other) <= 1


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "违反本法规定，未取得许可证从事经营活动的，由主管部门责令停止，处五万元以下罚款。",
            "未取得许可证从事经营活动",
        ),
        ("本办法所称小微园，是指集聚小微企业的园区。", "小微园"),
        ("申请设立分支机构，应当具备下列条件：(一)有固定场所；", "申请设立分支机构"),
        ("对首次上规的工业企业，给予20万元的一次性奖励。", "首次上规的工业企业"),
        ("有下列情形之一的，可以解除合同：(一)对方破产；", "可以解除合同"),
        ("申请人应当自收到通知之日起十五日内提交复核申请。", "提交复核申请"),
    ],
)
def test_a_clause_is_asked_about_what_it_states(text: str, asked: str) -> None:
    found = {question for seed in range(40) for question in questions_on(text, random.Random(seed), most=9)}
    assert any(asked in question for question in found)
    assert all(question.endswith("？") for question in found)


def test_a_clause_without_a_known_construction_is_not_asked_about() -> None:
    assert questions_on("为了加强管理，制定本办法。", random.Random(0)) == []


@given(
    st.text(alphabet="企业应当不得处罚的由部门给予奖励，。；：本法所称是指对第三条", max_size=60), st.integers(0, 99)
)
def test_made_questions_are_of_a_bounded_length_and_point_at_no_text(text: str, seed: int) -> None:
    for question in questions_on(text, random.Random(seed)):
        assert 5 <= len(question) <= 42
        assert "本法" not in question
        assert "第三条" not in question


def test_a_question_that_two_clauses_give_is_asked_of_neither() -> None:
    clause = "对首次上规的工业企业，给予20万元的一次性奖励。"
    passages = [f"甲市办法\n{clause}", f"乙市办法\n{clause}", "丙市办法\n租赁房屋的，由公安机关责令改正，处罚款。"]
    found = list(made_questions(passages, seed=1, limit=50))
    texts = [question for _, question in found]
    assert len(texts) == len(set(texts))
    assert list(made_questions(passages, seed=1, limit=50)) == found


@given(st.text(alphabet="企业工资怎么办？吗ab1", min_size=1, max_size=20), st.integers(0, 999))
def test_a_variant_of_no_share_is_the_question_itself(text: str, seed: int) -> None:
    assert question_variant(text, random.Random(seed), share=0) == text
    assert question_variant(text, random.Random(seed), share=1) == question_variant(text, random.Random(seed), share=1)


def test_a_mistyped_character_sounds_like_the_right_one() -> None:
    from pypinyin import lazy_pinyin

    for seed in range(20):
        text = mistyped("工资怎么算", random.Random(seed))
        assert len(text) == 5
        assert sum(a != b for a, b in zip(text, "工资怎么算", strict=True)) == 1
        assert lazy_pinyin(text) == lazy_pinyin("工资怎么算")
    assert mistyped("abc", random.Random(0)) == "abc"


def test_a_passage_loses_its_title_only_where_a_text_is_left() -> None:
    assert passage_variant("办法\n第一条 内容") == "第一条 内容"
    assert passage_variant("只有一行") == "只有一行"
    assert passage_variant("题目\n ") == "题目\n "


ROWS = [Row(f"问题{at}", f"条文{at}", (f"反例{at}", f"又一个{at}"), (f"也对{at}",)) for at in range(6)]


def test_every_epoch_shows_every_row_with_its_own_negatives() -> None:
    epochs = laid_out(ROWS, Recipe(epochs=3, negatives=2, varied=0))
    assert sorted(row.question for row in epochs.rows) == sorted(row.question for row in ROWS * 3)
    for row, shown in zip(epochs.rows, epochs.passages, strict=True):
        assert shown[0] == row.positive
        assert set(shown[1:]) == set(row.negatives)


def test_rows_without_enough_negatives_get_passages_of_others() -> None:
    rows = [Row("甲", "甲文"), Row("乙", "乙文", also=("甲文",)), Row("丙", "丙文")]
    epochs = laid_out(rows, Recipe(epochs=2, negatives=1, varied=0))
    for row, shown in zip(epochs.rows, epochs.passages, strict=True):
        assert shown[1] != row.positive
        assert shown[1] not in row.also


def test_a_question_with_many_right_passages_does_not_fill_an_epoch() -> None:
    rows = [Row("甲", f"文{at}") for at in range(20)] + [Row("乙", "另一文")]
    epochs = laid_out(rows, Recipe(epochs=1, per_question=4))
    assert sum(row.question == "甲" for row in epochs.rows) == 4


def test_the_same_settings_give_the_same_order() -> None:
    assert laid_out(ROWS, Recipe()) == laid_out(ROWS, Recipe())
    assert laid_out(ROWS, Recipe()).rows != laid_out(ROWS, Recipe(seed=8)).rows


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="没有训练数据"):
        laid_out([], Recipe())


def test_a_folder_with_another_run_is_refused(tmp_path: Path) -> None:
    check_settings(tmp_path / "run", Recipe(), QUESTIONS)
    check_settings(tmp_path / "run", Recipe(), QUESTIONS)
    with pytest.raises(ValueError, match=r"另一组设置.*--out"):
        check_settings(tmp_path / "run", Recipe(epochs=1), QUESTIONS)


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    assert write_rows(ROWS, tmp_path / "rows.jsonl") == len(ROWS)
    assert read_rows(tmp_path / "rows.jsonl") == ROWS


@pytest.mark.parametrize("line", ["{", "[]", '{"question": "甲"}', '{"question": 1, "positive": "乙"}'])
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"question": "甲", "positive": "乙"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"rows\.jsonl”第 2 行不是训练数据"):
        read_rows(path)


def test_ranks_count_ties_against_the_right_passage() -> None:
    scores = np.array([[0.9, 0.5, 0.5], [0.1, 0.2, 0.3], [1, 1, 1]], dtype=np.float32)
    assert ranks(scores, [(0,), (0, 1), (2,)]).tolist() == [1, 2, 3]


class Looked(torch.nn.Module):
    """A model whose embedding of a text is the row of its first token."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(table)

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"sentence_embedding": self.table[features["input_ids"][:, 0]]}


def column(*ids: int, length: int = 2) -> dict[str, torch.Tensor]:
    tokens = torch.tensor([[token] * length for token in ids])
    return {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}


def test_the_loss_is_that_of_the_right_passage_among_all_of_the_batch() -> None:
    table = torch.eye(6)
    table[1] = table[0]
    rows = [Row("问甲", "甲"), Row("问乙", "乙")]
    loss = PackedContrastiveLoss(Looked(table), rows, [("甲", "丙"), ("乙", "丁")], temperature=1.0)
    # Question 0 has cosine 1 with its passage and 0 with three others; question 2 has 0 with all four.
    found = loss([column(0, 2, length=5), column(1, 3), column(4, 5)], torch.tensor([0, 1]))
    expected = (-math.log(math.e / (math.e + 3)) + math.log(4)) / 2
    assert float(found) == pytest.approx(expected, abs=1e-5)


def test_another_right_passage_does_not_count_as_wrong() -> None:
    rows = [Row("问甲", "甲", also=("乙",)), Row("问乙", "乙")]
    loss = PackedContrastiveLoss(Looked(torch.eye(6)), rows, [("甲", "丙"), ("乙", "丁")], temperature=1.0)
    found = loss([column(0, 2), column(1, 3), column(4, 5)], torch.tensor([0, 1]))
    assert float(found) == pytest.approx((math.log(3) + math.log(4)) / 2, abs=1e-5)


class Meeting(torch.nn.Module):
    """A model that scores a pair by its tokens: 1 where the first two are one number apart, as a pair should be."""

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        ids = features["input_ids"]
        return {"sentence_embedding": (ids[:, -1:] - ids[:, :1] == 1).float()}


def test_the_listwise_loss_sets_each_question_against_its_own_passages() -> None:
    loss = PackedListwiseLoss(Meeting(), tokens=8)
    # Questions 10 and 20; 11 and 21 are right. The second column has the other question's passage, which is wrong here.
    found = loss([column(10, 20), column(11, 21), column(21, 11), column(5, 6)], torch.tensor([0, 1]))
    assert float(found) == pytest.approx(-math.log(math.e / (math.e + 2)), abs=1e-5)
    swapped = loss([column(10, 20), column(21, 11), column(11, 21), column(5, 6)], torch.tensor([0, 1]))
    assert float(swapped) == pytest.approx(-math.log(1 / (math.e + 2)), abs=1e-5)


def test_embeddings_come_back_in_the_order_of_the_texts() -> None:
    texts = [torch.tensor([at] * (1 + at * 7 % 5)) for at in range(6)]
    assert torch.equal(encoded(Looked(torch.eye(6)), texts), torch.eye(6))


def test_the_lay_questions_name_articles_by_title_and_words() -> None:
    rows = [json.loads(line) for line in lay.QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert len({row["question"] for row in rows}) == len(rows) > 3000
    assert all(row["articles"] and all(len(mark) == 16 for _, mark in row["articles"]) for row in rows)


def test_lay_questions_find_their_articles_by_their_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "第七条 借款人应当按照约定的期限返还借款。"
    rows = [
        {"question": "借了钱什么时候还？", "articles": [["某法第七条", fingerprint(text).hex()]]},
        {"question": "利息最多几成？", "articles": [["某法第九条", fingerprint("别的条文").hex()]]},
    ]
    asked, corpus, own = (tmp_path / name for name in ("asked.jsonl", "corpus.jsonl", "own.jsonl"))
    asked.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    article = {"_id": "x7", "title": "另一个题名", "text": text.partition(" ")[2]}
    corpus.write_text(json.dumps(article, ensure_ascii=False) + "\n", encoding="utf-8")
    own.write_text('{"_id": "1", "text": "多久还钱？"}', encoding="utf-8")
    labels = tmp_path / "own.tsv"
    labels.write_text("query-id\tcorpus-id\tscore\n1\tx7\t1", encoding="utf-8")
    monkeypatch.setattr(lay, "QUESTIONS", asked)
    written = lay.write_lay(corpus, tmp_path / "out", beside=(own, labels))
    assert (written.questions, written.missing) == (1, 1)
    found = read_collection(corpus, tmp_path / "out" / "queries.jsonl", tmp_path / "out" / "qrels.tsv")
    assert found.questions == ("多久还钱？", "借了钱什么时候还？")
    assert [dict(one) for one in found.relevant] == [{0: 1}, {0: 1}]
