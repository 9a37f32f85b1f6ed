"""The stored index: what is written is what is read, snapshots do not change, mismatches are named."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_fakes import CountingSteps, FakeIdentity, write_policy

from index.build import Options, build
from index.errors import IndexMismatchError, IndexMissingError
from index.models import Benefit, Chunk, Clause, Edition, EditionKind, Level, Policy, PolicyFacts, SourceSpan
from index.settings import Settings
from index.store import IndexHandle, IndexReader
from index.store.codec import from_json, to_json
from index.store.database import Database, write_database
from index.store.lexical import LexicalIndex, top_rows
from index.store.manifest import MANIFEST_FILE, Manifest
from index.store.tokens import tokenize

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = TEXT.filter(bool)
MAYBE_TEXT = st.none() | TEXT
DAYS = st.none() | st.dates()
AMOUNTS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
SPANS = st.builds(SourceSpan, st.integers(0, 9999), st.integers(0, 9999), st.none() | st.integers(1, 99))
CLAUSES = st.builds(Clause, TEXT, TEXT, MAYBE_TEXT, TEXT, TEXT, SPANS, st.lists(TEXT, max_size=3).map(tuple))
FACTS = st.builds(
    PolicyFacts,
    TEXT,
    doc_number=MAYBE_TEXT,
    issuers=st.lists(TEXT, max_size=3).map(tuple),
    level=st.none() | st.sampled_from(Level),
    region=MAYBE_TEXT,
    issued_on=DAYS,
    effective_on=DAYS,
    expires_on=DAYS,
    period=st.none() | st.tuples(st.integers(1900, 2100), st.integers(1900, 2100)),
    draft=st.booleans(),
    repealed_on=DAYS,
    repeals=st.lists(TEXT, max_size=2).map(tuple),
)
BENEFITS = st.builds(
    Benefit, TEXT, TEXT, TEXT, TEXT, MAYBE_TEXT, AMOUNTS, AMOUNTS, MAYBE_TEXT, AMOUNTS,
    st.none() | st.dictionaries(TEXT, PLAIN, max_size=3), MAYBE_TEXT,
)  # fmt: skip
EDITIONS = st.builds(
    Edition,
    TEXT,
    TEXT,
    st.sampled_from(EditionKind),
    FACTS,
    st.lists(CLAUSES, max_size=3).map(tuple),
    st.lists(BENEFITS, max_size=2).map(tuple),
    st.lists(TEXT, max_size=2).map(tuple),
)
POLICIES = st.builds(Policy, NAMES, FACTS, st.lists(EDITIONS, min_size=1, max_size=2).map(tuple))
CHUNKS = st.builds(Chunk, NAMES, TEXT, TEXT, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), TEXT, TEXT)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "数据 #1?%20")


@pytest.fixture
def folder(tmp_path):
    sources = tmp_path / "sources"
    write_policy(sources, "a.txt", "支持工业发展的意见", ["技术改造奖励500万元。", "隐形冠军企业奖励100万元。"])
    write_policy(sources, "b.txt", "支持科技创新的办法", ["研发中心资助200万元。"])
    return sources


@pytest.fixture
def steps():
    return CountingSteps()


@pytest.fixture
def reader(settings, folder, steps):
    build([folder], settings=settings, options=Options(parts=steps.parts()))
    return IndexReader.open(settings)


@given(POLICIES)
def test_json_of_a_policy_reads_back_equal(policy):
    assert from_json(Policy, to_json(policy)) == policy


@pytest.mark.parametrize(
    "text",
    [
        '{"start":1,"end":2,"page":null,"colour":1}',
        '{"start":"1","end":2,"page":null}',
        '{"start":1,"page":null}',
        "[1,2]",
        "{",
    ],
)
def test_json_that_does_not_fit_exactly_is_refused(text):
    with pytest.raises(ValueError, match="validation error"):
        from_json(SourceSpan, text)


@given(st.lists(POLICIES, max_size=3, unique_by=lambda p: p.id), st.lists(CHUNKS, max_size=3, unique_by=lambda c: c.id))
def test_a_database_reads_back_equal(tmp_path_factory, policies, chunks):
    folder = tmp_path_factory.mktemp("generation")
    write_database(folder, policies=policies, chunks=chunks, parsed=[])
    database = Database.open(folder)
    assert [database.policy(policy_id) for policy_id in database.facts()] == policies
    assert database.chunks() == chunks
    assert [database.chunk(chunk.id) for chunk in chunks] == chunks
    database.close()
    shutil.rmtree(folder)


def test_a_reader_answers_look_ups(reader):
    policy = next(p for p in reader.policies() if p.facts.title == "支持工业发展的意见")
    assert reader.policy(policy.id) == policy
    assert [clause.path for clause in reader.clauses(policy.id)] == ["1", "2"]
    clause = reader.clause(policy.id, "2")
    assert clause is not None
    assert clause.text == "隐形冠军企业奖励100万元。"
    assert reader.clause(policy.id, "99") is None
    chunk = reader.chunk(f"{policy.id}#2#0")
    assert chunk in reader.chunks()
    for unknown in (reader.policy, reader.clauses, reader.chunk):
        with pytest.raises(KeyError):
            unknown("nobody")


def test_searches_find_the_clause_that_says_it(reader, steps):
    by_words = reader.bm25_search("隐形冠军奖多少", 2)
    assert "隐形冠军" in reader.chunk(by_words[0].chunk_id).text
    assert by_words == sorted(by_words, key=lambda hit: -hit.score)
    text = reader.chunks()[-1].text
    nearest = reader.dense_search(steps.embedder.embed_query(text), 2)
    assert reader.chunk(nearest[0].chunk_id).text == text
    assert nearest[0].score == pytest.approx(1, abs=1e-5)
    assert len(reader.dense_search(steps.embedder.embed_query(text), 99)) == 3


@pytest.mark.parametrize("text", ["", "  ", "。？！", "zzzz 鼺鼺"])
def test_a_question_without_known_words_finds_nothing_by_words(reader, text):
    assert reader.bm25_search(text, 5) == []


def test_a_vector_of_another_length_is_refused(reader):
    with pytest.raises(ValueError, match="32 维"):
        reader.dense_search(np.ones(8, dtype=np.float32), 3)


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 50))
def test_best_rows_are_the_positive_ones_by_score_then_row(scores, k):
    expected = sorted(((row, float(score)) for row, score in enumerate(scores) if score), key=lambda r: (-r[1], r[0]))
    assert top_rows(np.array(scores, dtype=np.float32), k) == expected[:k]


def test_tokens_are_words_and_bigrams_in_one_writing():
    tokens = tokenize("给予“隐形冠军”ＡＩ企业５００万元")
    assert {"隐形", "形冠", "冠军", "ai", "500"} <= set(tokens)
    assert not {"“", "”", " "} & set(tokens)


def test_an_index_of_texts_without_words_can_be_saved_and_searched(tmp_path):
    LexicalIndex.from_texts(["。", ""]).save(tmp_path / "bm25")
    index = LexicalIndex.from_folder(tmp_path / "bm25")
    assert (index.rows, index.search("企业", 3)) == (2, [])


def test_a_lexical_index_without_its_files_does_not_open_as_an_empty_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        LexicalIndex.from_folder(tmp_path / "bm25")


def test_stored_files_hold_no_pickle(reader, settings):
    files = [path for path in (settings.index_dir / reader.name).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".sqlite", ".faiss", ".json", ".npy"}
    for path in files:
        data = path.read_bytes()
        # Protocol 2 and later start with this opcode; older ones have no header, but must load.
        assert not data.startswith(pickle.PROTO), path
        if path.suffix == ".npy":
            assert b"|O" not in data[:128], path
            np.load(path, allow_pickle=False)
        elif path.suffix == ".json":
            json.loads(data)
    with sqlite3.connect(settings.index_dir / reader.name / "store.sqlite") as connection:
        kinds = connection.execute("SELECT DISTINCT type FROM pragma_table_info('parsed')").fetchall()
    assert ("BLOB",) not in kinds


def test_without_an_index_the_message_says_how_to_build_one(settings):
    with pytest.raises(IndexMissingError, match="python -m index build"):
        IndexReader.open(settings)


def test_another_model_setting_is_named_with_the_command(reader, settings):
    other = Settings(data_dir=settings.data_dir, embedding_model="BAAI/bge-m3")
    with pytest.raises(IndexMismatchError, match=r"bundled.*bge-m3.*python -m index build"):
        IndexReader.open(other)


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        (FakeIdentity(dimension=8), "dimension=32.*dimension=8"),
        (FakeIdentity(revision="2"), "revision=1.*revision=2"),
        (FakeIdentity(adapter="tuned"), "adapter=无.*adapter=tuned"),
    ],
)
def test_another_model_identity_is_named_with_the_command(reader, settings, identity, told):
    with pytest.raises(IndexMismatchError, match=f"{told}.*python -m index build"):
        IndexReader.open(settings, identity)
    assert len(IndexReader.open(settings, FakeIdentity())) == 3


def edit_manifest(settings, reader, change):
    path = settings.index_dir / reader.name / MANIFEST_FILE
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.update(format_version=99), "格式版本是 99"),
        (lambda m: m.pop("counts"), "清单文件已损坏"),
        (lambda m: m.update(tokenizer="other"), "分词方式"),
        (lambda m: m["counts"].update(chunks=7), "缺失或已损坏"),
    ],
)
def test_another_format_or_a_damaged_manifest_is_named_with_the_command(reader, settings, change, told):
    edit_manifest(settings, reader, change)
    with pytest.raises(IndexMismatchError, match=f"{told}.*python -m index build"):
        IndexReader.open(settings)


@pytest.mark.parametrize("name", ["store.sqlite", "vectors.faiss", "bm25", "bm25/vocab.index.json", MANIFEST_FILE])
def test_a_missing_file_is_told_apart_from_a_missing_index(reader, settings, name):
    path = settings.index_dir / reader.name / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(IndexMismatchError, match="python -m index build"):
        IndexReader.open(settings)


def test_a_pointer_that_leaves_the_folder_is_refused(reader, settings):
    (settings.index_dir / "CURRENT").write_text("../../etc", encoding="utf-8")
    with pytest.raises(IndexMissingError, match="已损坏"):
        IndexReader.open(settings)


def test_a_reader_outlives_its_folder(reader, settings, steps):
    shutil.rmtree(settings.index_dir)
    assert reader.bm25_search("隐形冠军", 1)
    assert len(reader.chunks()) == len(reader.dense_search(steps.embedder.embed_query("企业"), 9)) == 3
    assert len(reader.policies()) == 2


def test_a_handle_keeps_its_reader_until_the_pointer_moves(reader, settings, folder, steps):
    handle = IndexHandle(settings)
    first = handle.current()
    assert handle.current() is first
    write_policy(folder, "c.txt", "第三份", ["奖励。"])
    build([folder], settings=settings, options=Options(parts=steps.parts()))
    assert handle.current() is not first
    assert (len(first), len(handle.current())) == (3, 4)


def test_opening_starts_again_where_the_generation_is_deleted_meanwhile(reader, settings, folder, steps, monkeypatch):
    """The pointer is read, then a build switches and cleans up before the files are opened."""
    overtaken = []
    opened = Database.open

    def overtake(generation):
        if not overtaken:
            overtaken.append(generation.name)
            write_policy(folder, "c.txt", "第三份", ["奖励。"])
            build([folder], settings=settings, options=Options(parts=steps.parts()))
            shutil.rmtree(generation)
        return opened(generation)

    monkeypatch.setattr("index.store.reader.Database.open", overtake)
    late = IndexReader.open(settings)
    assert overtaken == [reader.name]
    assert len(late) == 4


def test_threads_share_a_reader(reader):
    start = threading.Barrier(8)

    def ask(at):
        start.wait()
        found = []
        for _ in range(30):
            hit = reader.bm25_search("隐形冠军", 1)[0]
            found.append((reader.chunk(hit.chunk_id).text, len(reader.policies()), len(reader.chunks())))
        return found

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for found in pool.map(ask, range(8)) for answer in found]
    assert len(set(answers)) == 1


def test_the_manifest_describes_the_index(reader, folder):
    manifest: Manifest = reader.manifest
    assert (manifest.counts.policies, manifest.counts.chunks, manifest.dimension) == (2, 3, 32)
    assert manifest.sources == (str(folder),)
    assert [record.path for record in manifest.files] == [str(folder / "a.txt"), str(folder / "b.txt")]
    assert date.fromisoformat(manifest.created_at[:10])
