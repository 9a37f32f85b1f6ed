"""Building, adding, removing: only what changed is done again, and a failed run changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date

import pytest
from index_fakes import CountingSteps, FakeEmbedder, FakeIdentity, write_policy

from index.build import BuildFailedError, Options, add, build, is_stale, remove
from index.errors import IndexMismatchError, IndexMissingError
from index.models import Policy, PolicyFacts
from index.settings import Settings
from index.store import IndexBusyError, IndexReader
from index.store.generation import writer_lock

ALPHA, BETA = "支持工业发展的意见", "支持科技创新的办法"


@pytest.fixture
def steps():
    return CountingSteps()


@pytest.fixture
def options(steps):
    return Options(parts=steps.parts())


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def folder(tmp_path):
    sources = tmp_path / "sources"
    write_policy(sources, "a.txt", ALPHA, ["技术改造奖励500万元。", "首台套奖励300万元。"], "杭政函〔2018〕99号")
    write_policy(sources, "b.txt", BETA, ["研发中心资助200万元。"])
    return sources


def titles(settings):
    return sorted(facts.title for facts in IndexReader.open(settings).facts().values())


def test_a_build_indexes_every_file_and_reports_it(settings, folder, options, steps):
    report = build([folder], settings=settings, options=options)
    assert titles(settings) == sorted([ALPHA, BETA])
    assert report.read == ("a.txt", "b.txt")
    assert (report.embedded, report.manifest.counts.chunks, report.manifest.counts.clauses) == (3, 3, 3)
    assert report.warnings == (("a.txt", "没有日期。"), ("b.txt", "没有日期。"))


def test_an_unchanged_build_neither_reads_nor_embeds(settings, folder, options, steps):
    first = build([folder], settings=settings, options=options)
    steps.read_names.clear()
    steps.embedder.embedded.clear()
    second = build([folder], settings=settings, options=options)
    assert (steps.read_names, steps.embedder.embedded) == ([], [])
    assert second.manifest.corpus_version == first.manifest.corpus_version


def test_only_the_changed_file_is_read_and_only_its_changed_clause_is_embedded(settings, folder, options, steps):
    build([folder], settings=settings, options=options)
    before = IndexReader.open(settings)
    steps.read_names.clear()
    steps.embedder.embedded.clear()
    write_policy(folder, "a.txt", ALPHA, ["技术改造奖励500万元。", "首台套奖励900万元。"], "杭政函〔2018〕99号")
    build([folder], settings=settings, options=options)
    assert steps.read_names == ["a.txt"]
    assert [text.splitlines()[-1] for text in steps.embedder.embedded] == ["首台套奖励900万元。"]
    after = IndexReader.open(settings)
    for chunk in after.chunks():
        assert after.dense_search(steps.embedder.embed_query(chunk.text), 1)[0].chunk_id == chunk.id
    kept = [chunk.id for chunk in before.chunks() if chunk.path == "1"]
    assert (before.vectors(kept) == after.vectors(kept)).all()


def test_a_file_that_moved_is_not_read_again(settings, folder, options, steps, tmp_path):
    build([folder], settings=settings, options=options)
    steps.read_names.clear()
    folder.rename(tmp_path / "elsewhere")
    build([tmp_path / "elsewhere"], settings=settings, options=options)
    assert steps.read_names == []


def test_another_parser_version_reads_all_files_again_but_embeds_nothing(settings, folder, steps):
    build([folder], settings=settings, options=Options(parts=steps.parts("fake/1")))
    steps.read_names.clear()
    steps.embedder.embedded.clear()
    build([folder], settings=settings, options=Options(parts=steps.parts("fake/2")))
    assert steps.read_names == ["a.txt", "b.txt"]
    assert steps.embedder.embedded == []


@pytest.mark.parametrize(
    "identity", [FakeIdentity(revision="2"), FakeIdentity(adapter="tuned"), FakeIdentity(dimension=8)]
)
def test_another_model_embeds_all_chunks_again(settings, folder, options, identity):
    build([folder], settings=settings, options=options)
    other = CountingSteps(FakeEmbedder(identity))
    report = build([folder], settings=settings, options=Options(parts=other.parts()))
    assert report.embedded == 3
    IndexReader.open(settings, identity)


def test_a_full_build_takes_nothing_over(settings, folder, options, steps):
    build([folder], settings=settings, options=options)
    report = build([folder], settings=settings, options=Options(parts=steps.parts(), full=True))
    assert (report.read, report.embedded) == (("a.txt", "b.txt"), 3)


def test_a_damaged_index_is_built_anew(settings, folder, options):
    build([folder], settings=settings, options=options)
    generation = settings.index_dir / IndexReader.open(settings).name
    (generation / "vectors.faiss").write_bytes(b"")
    with pytest.raises(IndexMismatchError, match="python -m index build"):
        IndexReader.open(settings)
    report = build([folder], settings=settings, options=options)
    assert report.embedded == 3
    assert len(IndexReader.open(settings)) == 3


def test_a_bad_file_is_reported_and_the_rest_is_indexed(settings, folder, options):
    (folder / "c.txt").write_text("损坏", encoding="utf-8")
    report = build([folder], settings=settings, options=options)
    assert [str(failure) for failure in report.failures] == ["文件“c.txt”已损坏。请换一个文件。"]
    assert titles(settings) == sorted([ALPHA, BETA])
    assert not is_stale(settings, [folder], parts=options.parts), "a file known to be bad is no reason to build again"


def test_where_every_file_is_bad_the_old_index_stays(settings, folder, options, tmp_path):
    build([folder], settings=settings, options=options)
    name = IndexReader.open(settings).name
    bad = tmp_path / "bad.txt"
    bad.write_text("损坏", encoding="utf-8")
    for attempt in (build, add):
        with pytest.raises(BuildFailedError, match="保持原样") as caught:
            attempt([bad], settings=settings, options=options)
        assert len(caught.value.failures) == 1
    assert IndexReader.open(settings).name == name


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are always Unicode here")
def test_a_file_whose_name_is_no_text_is_a_bad_file(settings, folder, options):
    (folder / os.fsdecode(b"\xff\xfe.txt")).write_text("办法\n第1条 奖励。", encoding="utf-8")
    report = build([folder], settings=settings, options=options)
    assert ["UTF-8" in str(failure) for failure in report.failures] == [True]
    assert titles(settings) == sorted([ALPHA, BETA])
    assert not is_stale(settings, [folder], parts=options.parts)


@pytest.mark.parametrize("days", [(date(2009, 1, 1), date(2021, 1, 1)), (None, date(2021, 1, 1)), (None, None)])
def test_two_policies_with_one_id_are_both_kept_and_can_be_removed_one_by_one(settings, folder, steps, days):
    def merge_apart(editions):
        """As for two wordings of one regulation: one title and number, so one id, but two policies."""
        by_name = {edition.name: edition for edition in editions}
        facts = {"a.txt": PolicyFacts("条例", effective_on=days[0]), "b.txt": PolicyFacts("条例", effective_on=days[1])}
        return [Policy("p1", facts[name], (edition,)) for name, edition in by_name.items()]

    options = Options(parts=replace(steps.parts(), merge=merge_apart))
    build([folder], settings=settings, options=options)
    reader = IndexReader.open(settings)
    ids = sorted(reader.facts())
    assert len(ids) == len(reader.policies()) == 2
    build([folder], settings=settings, options=options)
    assert sorted(IndexReader.open(settings).facts()) == ids, "ids are stable"
    remove(ids[0], settings=settings, options=options)
    assert len(IndexReader.open(settings).facts()) == 1


def test_an_empty_folder_and_a_missing_path_are_refused(settings, options, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BuildFailedError, match="没有找到"):
        build([tmp_path / "empty"], settings=settings, options=options)
    with pytest.raises(ValueError, match="不存在"):
        build([tmp_path / "nowhere"], settings=settings, options=options)
    with pytest.raises(IndexMissingError, match="python -m index build"):
        IndexReader.open(settings)


def test_a_failing_model_leaves_the_old_index(settings, folder, options, steps):
    build([folder], settings=settings, options=options)
    name = IndexReader.open(settings).name
    write_policy(folder, "c.txt", "第三份", ["奖励。"])

    def fail(texts, progress=None):
        raise RuntimeError("out of memory")

    steps.embedder.embed_passages = fail
    with pytest.raises(RuntimeError):
        build([folder], settings=settings, options=options)
    assert IndexReader.open(settings).name == name


def test_added_files_join_and_nothing_else_is_read(settings, folder, options, steps, tmp_path):
    build([folder], settings=settings, options=options)
    extra = write_policy(tmp_path / "more", "x.txt", "人才补贴细则", ["补贴3万元。"])
    steps.read_names.clear()
    steps.embedder.embedded.clear()
    report = add([extra], settings=settings, options=options)
    assert steps.read_names == ["x.txt"]
    assert report.embedded == len(steps.embedder.embedded) == 1
    assert titles(settings) == sorted([ALPHA, BETA, "人才补贴细则"])
    assert report.manifest.sources == (str(folder),)


def test_adding_a_changed_file_replaces_its_old_text(settings, folder, options):
    build([folder], settings=settings, options=options)
    write_policy(folder, "b.txt", BETA, ["研发中心资助800万元。"])
    add([folder / "b.txt"], settings=settings, options=options)
    texts = [chunk.text for chunk in IndexReader.open(settings).chunks()]
    assert any("800万元" in text for text in texts)
    assert not any("200万元" in text for text in texts)


def test_add_without_an_index_makes_one(settings, folder, options):
    add([folder / "a.txt"], settings=settings, options=options)
    assert titles(settings) == [ALPHA]


def test_an_added_file_survives_a_refresh_even_when_it_is_deleted_but_not_a_build(settings, folder, options, tmp_path):
    build([folder], settings=settings, options=options)
    extra = write_policy(tmp_path / "more", "x.txt", "人才补贴细则", ["补贴3万元。"])
    add([extra], settings=settings, options=options)
    assert not is_stale(settings, [folder], parts=options.parts)
    extra.unlink()
    assert not is_stale(settings, [folder], parts=options.parts)
    write_policy(folder, "c.txt", "第三份", ["奖励。"])
    build([folder], settings=settings, keep_edits=True, options=options)
    assert "人才补贴细则" in titles(settings)
    build([folder], settings=settings, options=options)
    assert "人才补贴细则" not in titles(settings)


@pytest.mark.parametrize("wanted", [ALPHA, "工业发展", "杭政函〔2018〕99号", "杭政函[2018]99号"])
def test_a_removed_policy_is_not_found_by_any_way(settings, folder, options, steps, wanted):
    build([folder], settings=settings, options=options)
    steps.loads = 0
    before = IndexReader.open(settings)
    gone = next(policy for policy in before.policies() if policy.facts.title == ALPHA)
    report = remove(wanted, settings=settings, options=options)
    assert (steps.loads, report.embedded) == (0, 0), "removing needs no model"
    reader = IndexReader.open(settings)
    question = "技术改造 首台套 奖励500万元"
    hits = reader.bm25_search(question, 10) + reader.dense_search(steps.embedder.embed_query(question), 10)
    assert hits
    assert not [hit for hit in hits if hit.chunk_id.startswith(gone.id)]
    with pytest.raises(KeyError):
        reader.policy(gone.id)
    with pytest.raises(KeyError):
        reader.chunk(f"{gone.id}#1#0")
    assert ALPHA not in titles(settings)
    assert len(before.policy(gone.id).best.clauses) == 2, "a reader that is open keeps its snapshot"


def test_removing_takes_out_every_edition_and_copy(settings, folder, options):
    write_policy(folder, "a-digest.txt", ALPHA, ["摘编:技术改造奖励500万元。"])
    (folder / "copy.txt").write_bytes((folder / "a.txt").read_bytes())
    build([folder], settings=settings, options=options)
    report = remove(ALPHA, settings=settings, options=options)
    assert titles(settings) == [BETA]
    assert len(report.manifest.removed) == 3


def test_a_removed_policy_stays_out_of_a_refresh_and_of_add_but_comes_back_with_a_build(
    settings, folder, options, tmp_path
):
    build([folder], settings=settings, options=options)
    remove(ALPHA, settings=settings, options=options)
    assert not is_stale(settings, [folder], parts=options.parts)
    add([write_policy(tmp_path / "more", "x.txt", "第三份", ["奖励。"])], settings=settings, options=options)
    write_policy(folder, "c.txt", "第四份", ["奖励。"])
    assert is_stale(settings, [folder], parts=options.parts)
    build([folder], settings=settings, keep_edits=True, options=options)
    assert titles(settings) == sorted([BETA, "第三份", "第四份"])
    build([folder], settings=settings, options=options)
    assert ALPHA in titles(settings)


def test_a_removed_policy_can_be_added_again(settings, folder, options):
    build([folder], settings=settings, options=options)
    remove(ALPHA, settings=settings, options=options)
    report = add([folder / "a.txt"], settings=settings, options=options)
    assert titles(settings) == sorted([ALPHA, BETA])
    assert report.manifest.removed == ()


def test_the_last_policy_can_be_removed(settings, folder, options, steps):
    build([folder], settings=settings, options=options)
    remove(ALPHA, settings=settings, options=options)
    remove(BETA, settings=settings, options=options)
    reader = IndexReader.open(settings)
    assert (reader.policies(), reader.bm25_search("奖励", 5)) == ([], [])
    assert reader.dense_search(steps.embedder.embed_query("奖励"), 5) == []


@pytest.mark.parametrize(("wanted", "told"), [("支持", "对应 2 份"), ("不存在的", "没有找到"), (" ", "请给出")])
def test_an_ambiguous_or_unknown_policy_is_refused_with_candidates(settings, folder, options, wanted, told):
    build([folder], settings=settings, options=options)
    with pytest.raises(ValueError, match=told) as caught:
        remove(wanted, settings=settings, options=options)
    if wanted.strip():
        assert ALPHA in str(caught.value)
        assert BETA in str(caught.value)
    assert titles(settings) == sorted([ALPHA, BETA])


def test_removing_without_an_index_says_how_to_build_one(settings, options):
    with pytest.raises(IndexMissingError, match="python -m index build"):
        remove("办法", settings=settings, options=options)


def test_staleness_follows_files_model_parser_and_sources(settings, folder, options, steps, tmp_path):
    assert is_stale(settings, [folder], parts=options.parts)
    build([folder], settings=settings, options=options)
    assert not is_stale(settings, [folder], parts=options.parts)
    assert is_stale(settings, [folder / "a.txt"], parts=options.parts)
    assert is_stale(settings, [folder], parts=steps.parts("fake/2"))
    other_model = Settings(data_dir=settings.data_dir, embedding_model="BAAI/bge-m3")
    assert is_stale(other_model, [folder], parts=options.parts)
    same_length = (folder / "b.txt").read_text(encoding="utf-8").replace("200", "900")
    (folder / "b.txt").write_text(same_length, encoding="utf-8")
    assert is_stale(settings, [folder], parts=options.parts)


def test_checking_for_staleness_is_cheap():
    """Nothing heavy may be imported for it: `make run` checks before every start."""
    code = "import sys, index.build; index.build.Parts.installed(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"torch", "faiss", "bm25s", "numba", "pandas", "transformers", "openvino", "langchain_core", "tqdm"}
    assert not heavy & set(loaded)


def test_a_second_builder_waits_for_the_first(settings, folder, options, steps):
    waited = threading.Event()
    waiting = Options(parts=options.parts, on_wait=waited.set)
    with writer_lock(settings.index_dir):
        builder = threading.Thread(target=build, args=([folder],), kwargs={"settings": settings, "options": waiting})
        builder.start()
        assert waited.wait(10)
        time.sleep(0.1)
        assert steps.read_names == []
    builder.join(30)
    assert titles(settings) == sorted([ALPHA, BETA])


def test_a_second_builder_gives_up_with_a_message(settings, folder, options):
    impatient = Options(parts=options.parts, lock_timeout=0.1)
    with writer_lock(settings.index_dir), pytest.raises(IndexBusyError, match="另一个进程正在更新索引"):
        build([folder], settings=settings, options=impatient)


def test_two_generations_are_kept(settings, folder, options):
    for amount in range(4):
        write_policy(folder, "a.txt", ALPHA, [f"奖励{amount}万元。"])
        report = build([folder], settings=settings, options=options)
    kept = {path.name for path in settings.index_dir.glob("gen-*")}
    assert kept == {IndexReader.open(settings).name, report.manifest.previous}
