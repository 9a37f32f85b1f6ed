"""The retrieval benchmark: its files, its vectors, its metrics, and its command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from index_fakes import FakeEmbedder

from bench import __main__ as command
from bench import retrieval
from bench.beir import Document, read_collection
from bench.naming import laws_of, measure_naming
from bench.vectors import BATCH, VectorCache
from rag.rerank import Reranking

DOCUMENTS = [
    {"_id": "d1", "title": "渔业法第一条", "text": "渔船停泊应当缴纳费用。"},
    {"_id": "d2", "title": "渔业法第二条", "text": "检验合格的渔船可以出海。"},
    {"_id": "d3", "title": "森林法第一条", "text": "采伐林木应当申请许可。"},
    {"_id": "d3-copy", "title": "森林法第一条", "text": "采伐林木应当申请许可。"},
]
QUESTIONS = [
    {"_id": "q1", "text": "渔船停泊要交钱吗"},
    {"_id": "q2", "text": "采伐林木要许可吗"},
    {"_id": "q3", "text": "没有标注"},
]


class Embeddings(FakeEmbedder):
    def embed_question(self, text):
        return self._vector(text)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = {
        "corpus": tmp_path / "corpus.jsonl",
        "queries": tmp_path / "queries.jsonl",
        "qrels": tmp_path / "qrels.tsv",
    }
    paths["corpus"].write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in DOCUMENTS), encoding="utf-8")
    paths["queries"].write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in QUESTIONS), encoding="utf-8")
    paths["qrels"].write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td3-copy\t2\n", encoding="utf-8")
    return paths


# Reading


def test_documents_of_one_text_are_one_document_and_ids_are_not_kept(files) -> None:
    collection = read_collection(**files)
    assert collection.documents == tuple(Document(one["title"], one["text"]) for one in DOCUMENTS[:3])
    assert collection.questions == ("渔船停泊要交钱吗", "采伐林木要许可吗")
    assert collection.relevant == ({0: 1}, {2: 2})
    assert collection.absent == 0


@pytest.mark.parametrize(
    "table", ["q1\td1\t1\nq2\td3\t2\n", "q1 0 d1 1\nq2 0 d3 2\n", "﻿query\tdoc\tscore\nq1\td1\t1\nq2\td3\t2.0"]
)
def test_relevance_is_read_with_and_without_a_header_and_in_trec_columns(files, table: str) -> None:
    files["qrels"].write_text(table, encoding="utf-8")
    assert read_collection(**files).relevant == ({0: 1}, {2: 2})


def test_a_packed_corpus_is_read_as_a_plain_one(files, tmp_path: Path) -> None:
    packed = tmp_path / "corpus.jsonl.gz"
    packed.write_bytes(gzip.compress(files["corpus"].read_bytes()))
    assert read_collection(**{**files, "corpus": packed}) == read_collection(**files)


def test_judgements_of_documents_that_are_not_there_stay_in_the_denominator(files) -> None:
    files["qrels"].write_text("q1\td1\t1\nq1\tgone\t1\n", encoding="utf-8")
    collection = read_collection(**files)
    assert collection.absent == 1
    assert retrieval.recall({0: 1.0, 1: 0.5}, collection.relevant[0], 10) == 0.5


def test_the_limit_keeps_the_first_questions(files) -> None:
    assert read_collection(**files, limit=1).questions == ("渔船停泊要交钱吗",)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("corpus", None, "找不到文件"),
        ("corpus", "", "没有文档"),
        ("corpus", "{", "第 1 行不是 JSON"),
        ("corpus", "[1]", "不是 JSON 对象"),
        ("corpus", '{"_id": "a"}', "第 1 行没有“text”字段"),
        ("corpus", '{"_id": "a", "text": "甲"}\n{"_id": "a", "text": "乙"}', "已经用于另一篇文档"),
        ("queries", '{"id": "a", "text": "甲"}', "没有“_id”字段"),
        ("queries", '{"_id": "a", "text": "甲"}\n{"_id": "a", "text": "乙"}', "重复了"),
        ("qrels", "q1\td1", "第 1 行有 2 列"),
        ("qrels", "a\tb\tscore\nq1\td1\tyes", "score 不是数字"),
        ("qrels", "q9\td1\t1", "没有给“queries.jsonl”中的任何问题标注"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_and_the_exit_code_is_two(files, name, text, message, capsys) -> None:
    if text is None:
        files[name].unlink()
    else:
        files[name].write_text(text, encoding="utf-8")
    words = [word for key, path in files.items() for word in (f"--{key}", str(path))]
    assert retrieval.main(words) == 2
    caught = capsys.readouterr()
    assert message in caught.err
    assert caught.out == ""


def test_a_damaged_archive_and_a_folder_are_clear_errors(files, tmp_path: Path) -> None:
    damaged = tmp_path / "c.jsonl.gz"
    damaged.write_bytes(b"no gzip")
    with pytest.raises(ValueError, match="gzip"):
        read_collection(**{**files, "corpus": damaged})
    with pytest.raises(ValueError, match="是文件夹"):
        read_collection(**{**files, "corpus": tmp_path})


# Vectors


def test_vectors_are_kept_by_content_and_computed_once(tmp_path: Path) -> None:
    embedder = Embeddings()
    texts = ["甲乙", "丙丁", "甲乙", "戊己庚"]
    told: list[int] = []
    first = VectorCache.from_folder(tmp_path, embedder, prompt="passage").vectors(
        texts, embedder.embed_passages, progress=told.append
    )
    assert sorted(embedder.embedded) == sorted(set(texts))
    assert told == [0, 3]
    again = VectorCache.from_folder(tmp_path, embedder, prompt="passage")
    assert len(again) == 3
    second = again.vectors([*texts, "辛壬"], embedder.embed_passages)
    assert embedder.embedded[3:] == ["辛壬"]
    assert np.array_equal(first, second[:4])
    assert np.array_equal(first[0], first[2])


def test_a_stopped_run_goes_on_after_its_last_batch(tmp_path: Path) -> None:
    embedder = Embeddings()
    texts = [f"第{at}段文字" for at in range(BATCH + 5)]

    def stops(batch):
        if embedder.embedded:
            raise KeyboardInterrupt
        return embedder.embed_passages(batch)

    with pytest.raises(KeyboardInterrupt):
        VectorCache.from_folder(tmp_path, embedder, prompt="passage").vectors(texts, stops)
    VectorCache.from_folder(tmp_path, embedder, prompt="passage").vectors(texts, embedder.embed_passages)
    assert sorted(embedder.embedded) == sorted(texts)


def test_a_damaged_batch_is_computed_again(tmp_path: Path) -> None:
    embedder = Embeddings()
    cache = VectorCache.from_folder(tmp_path, embedder, prompt="query")
    cache.vectors(["甲"], embedder.embed_passages)
    (stored,) = cache.folder.glob("*.npz")
    stored.write_bytes(stored.read_bytes()[:40])
    assert len(VectorCache.from_folder(tmp_path, embedder, prompt="query")) == 0


def test_prompts_and_models_have_folders_of_their_own(tmp_path: Path) -> None:
    folders = {VectorCache.from_folder(tmp_path, Embeddings(), prompt=prompt).folder for prompt in ("query", "passage")}
    assert len(folders) == 2


# Metrics


def test_metrics_of_a_hand_worked_ranking() -> None:
    rankings = [{5: 0.9, 1: 0.8, 7: 0.7}, {}, {2: 1.0}]
    values = retrieval.evaluated(rankings, [{1: 1, 9: 1}, {3: 1}, {2: 1}])
    assert values["recall@5"].tolist() == [0.5, 0.0, 1.0]
    assert values["mrr@10"].tolist() == [0.5, 0.0, 1.0]
    ideal = 1 + 1 / np.log2(3)
    assert values["ndcg@10"].tolist() == pytest.approx([(1 / np.log2(3)) / ideal, 0.0, 1.0])


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 30), unique=True, max_size=20), st.sets(st.integers(0, 30), min_size=1, max_size=4)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_library_agrees_with_the_recall_that_weights_are_fitted_by(cases) -> None:
    rankings = [{row: 1.0 / rank for rank, row in enumerate(rows, start=1)} for rows, _ in cases]
    relevant = [dict.fromkeys(wanted, 1) for _, wanted in cases]
    values = retrieval.evaluated(rankings, relevant)
    own = [retrieval.recall(ranking, wanted, 10) for ranking, wanted in zip(rankings, relevant, strict=True)]
    assert values["recall@10"].tolist() == pytest.approx(own)


def test_an_interval_holds_the_mean_and_narrows_with_the_number_of_questions() -> None:
    few, many = np.array([0.0, 1.0] * 10), np.array([0.0, 1.0] * 1000)
    (low, high), (inner_low, inner_high) = retrieval.interval(few), retrieval.interval(many)
    assert low < inner_low < 0.5 < inner_high < high
    assert retrieval.interval(np.ones(7)) == (1.0, 1.0)


def test_a_fitted_weight_is_chosen_without_the_questions_it_is_used_on() -> None:
    # Row 0 leads by meaning, row 1 by words; row 1 is right for all but one question.
    near = {0: 1.0, **dict.fromkeys(range(2, 13), 0.99), 20: 0.0}
    found = [retrieval.Searched(dict(near), {1: 5.0}) for _ in range(20)]
    rankings = retrieval.fitted(found, [{0: 1}] + [{1: 1}] * 19)
    assert all(1 in list(ranking)[:10] for ranking in rankings)
    assert set(retrieval.folds_of(20).tolist()) == set(range(5))


def test_a_document_counts_with_its_best_piece() -> None:
    pieces = retrieval.pieces_of([Document("甲", "句子。" * 200), Document("乙", "短。")])
    assert pieces.owners == (0, 0, 1)
    assert all(text.startswith("甲\n") for text in pieces.texts[:2])
    assert retrieval.by_document([(1, 0.9), (2, 0.8), (0, 0.7)], pieces.owners) == {0: 0.9, 1: 0.8}


# Naming an article


def test_laws_are_read_from_titles_and_both_names_of_a_law_are_one() -> None:
    laws = laws_of(
        [Document("中华人民共和国渔业法第二条", "甲"), Document("渔业法第二条之一", "乙"), Document("通知", "丙")]
    )
    assert list(laws.clauses) == ["渔业法"]
    assert [one.path for one in laws.clauses["渔业法"]] == ["2", "2-1"]


def test_every_article_of_made_up_laws_is_found_by_its_name() -> None:
    names = ("渔业法", "中华人民共和国森林法", "渔业法实施细则", "种子法", "畜禽种子管理办法")
    numbers = ("一", "十二", "二十", "一百零一", "一千零一", "三十条之二")
    documents = [
        Document(f"{name}第{number if '条' in number else number + '条'}", f"{name}{number}的内容。")
        for name in names
        for number in numbers
    ]
    naming = measure_naming(documents)
    assert naming is not None
    assert (naming.asked, naming.found_first, naming.failed) == (30, 30, ())


def test_a_corpus_without_article_numbers_is_not_asked_for_any() -> None:
    assert measure_naming([Document("新闻", "今天")] * 30) is None


# The whole


def test_the_whole_measures_every_method_against_the_named_baseline(files, tmp_path: Path) -> None:
    figures = retrieval.measure(read_collection(**files), Embeddings(), cache=tmp_path / "cache")
    assert set(figures["methods"]) == {"bm25", "dense", "rrf", "fused", "fused_fitted"}
    assert figures["baseline"] == "bm25"
    assert figures["methods"]["bm25"]["ratio"] == 1.0
    assert figures["methods"]["fused"]["recall@10"] == 1.0
    assert (figures["documents"], figures["questions"], figures["naming_an_article"]) == (3, 2, None)
    assert json.loads(json.dumps(figures)) is not None
    printed = retrieval.table(figures)
    assert "| fused | 1.0000 |" in printed
    assert "3 篇文档" in printed


def test_a_reranker_adds_a_method(files, tmp_path: Path) -> None:
    class Backwards:
        def scores(self, question, passages):
            return np.arange(len(passages), dtype=np.float32)

    figures = retrieval.measure(
        read_collection(**files), Embeddings(), cache=tmp_path, reranking=Reranking(Backwards())
    )
    assert figures["methods"]["reranked"]["mrr@10"] < figures["methods"]["fused"]["mrr@10"]
    assert figures["milliseconds"]["rerank"] >= 0


def test_a_reranker_for_more_pieces_is_left_out(files, tmp_path: Path) -> None:
    class Unused:
        def scores(self, question, passages):
            raise AssertionError(question)

    large = Reranking(Unused(), least=1000)
    figures = retrieval.measure(read_collection(**files), Embeddings(), cache=tmp_path, reranking=large)
    assert "reranked" not in figures["methods"]


def test_json_is_one_object_on_stdout_and_vectors_stay_in_the_cache(files, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("index.embed.load_embeddings", lambda settings: Embeddings())
    words = [word for key, path in files.items() for word in (f"--{key}", str(path))]
    assert retrieval.main([*words, "--cache", str(tmp_path / "kept"), "--limit", "1", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["questions"] == 1
    assert list((tmp_path / "kept").glob("*/batch-*.npz"))
    assert retrieval.main([*words, "--cache", str(tmp_path / "kept")]) == 0
    assert capsys.readouterr().out.startswith("| 方法 | recall@5 |")


def test_a_missing_option_is_the_callers_mistake(capsys) -> None:
    assert retrieval.main([]) == 2
    assert "--corpus" in capsys.readouterr().err


def test_among_all_benchmarks_it_is_passed_over(capsys) -> None:
    assert retrieval.main() == 0
    assert "跳过" in capsys.readouterr().err


# The command of all benchmarks


@pytest.fixture
def benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import bench

    (tmp_path / "plain_one.py").write_text('"""Plain."""\ndef main():\n    print("plain")\n')
    (tmp_path / "coded_one.py").write_text(
        '"""Coded."""\ndef main(arguments=None):\n    print(arguments)\n    return 3 if arguments else 0\n'
    )
    monkeypatch.setattr(bench, "__path__", [str(tmp_path)])
    monkeypatch.setattr(command, "HERE", tmp_path)


def test_options_behind_a_name_go_to_that_benchmark_and_its_code_is_returned(benchmarks) -> None:
    done = CliRunner().invoke(command.cli, ["coded_one", "--set", "x", "--json"])
    assert (done.stdout, done.exit_code) == ("['--set', 'x', '--json']\n", 3)
    assert CliRunner().invoke(command.cli, ["coded_one"]).stdout == "[]\n"
    assert CliRunner().invoke(command.cli, []).stdout == "None\nplain\n"


@pytest.mark.parametrize("words", [["plain_one", "--json"], ["plain_one", "coded_one", "--json"], ["--json"]])
def test_options_that_belong_to_no_benchmark_are_the_callers_mistake(benchmarks, words: list[str]) -> None:
    assert CliRunner().invoke(command.cli, words).exit_code == 2
