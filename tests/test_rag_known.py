"""Known questions: fingerprints, what they add, the file, the index they are bound to, and the command."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import rag_index
import retrieval_index
from hypothesis import given
from hypothesis import strategies as st
from index_fakes import FakeEmbedder, FakeIdentity
from openpyxl import Workbook

from index.embed import load_embeddings
from index.errors import ModelError
from index.store import IndexReader
from rag.answer import AnswerEngine
from rag.fuse import fuse
from rag.known import Known, KnownHere, KnownQuestions, fingerprint, load_known, read_known, write_known
from rag.retrieve import retrieve, search
from rag.understand import understand
from training.__main__ import main
from training.known import effect, of_collection, of_office
from training.pairs import Library, Pair

IDENTITY = FakeIdentity()
DOCUMENTS = {
    "灯会": """松岭市灯会管理办法
第一条 举办灯会的单位，应当提前三十日向市文旅局备案。
第二条 灯会期间的用电，由供电公司保障。""",
    "工坊": """松岭市手工作坊扶持办法
第一条 对新设立的手工作坊，给予3万元的开办补助。
第二条 作坊租用闲置校舍的，免收第一年租金。""",
}
RENT = "作坊租用闲置校舍的，免收第一年租金。"


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


# Fingerprints


@pytest.mark.parametrize(
    "same",
    [
        "第五十九条 电力企业给对方造成损失的，应当赔偿。",
        "电力企业给对方造成损失的,应当赔偿",
        "第59条　电力企业给对方造成 损失的；应当赔偿\n",
    ],
)
def test_number_blanks_and_punctuation_do_not_change_a_fingerprint(same: str) -> None:
    assert fingerprint(same) == fingerprint("电力企业给对方造成损失的，应当赔偿。")


@given(st.text(alphabet="奖励补助万元企业0123456789", min_size=2, max_size=30), st.data())
def test_another_figure_is_another_clause(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    other = text[:at] + ("给" if text[at] != "给" else "予") + text[at + 1 :]
    assert fingerprint(text) != fingerprint(other)


# What is added


def test_a_clause_gets_what_the_likest_of_its_questions_gives() -> None:
    # Cosines with (1, 0): 1, .6 and 0, .533 in the mean; above it by .467 and .067.
    known = Known(np.stack([unit(1, 0), unit(0.6, 0.8), unit(0, 1)]), (("a",), ("a", "b"), ("c",)))
    assert known.preferences(unit(1, 0), apart=0.05, share=0.5) == pytest.approx(
        {"a": 0.5 * (1 - 1.6 / 3 - 0.05), "b": 0.5 * (0.6 - 1.6 / 3 - 0.05)}
    )
    assert known.preferences(unit(1, 0), apart=0.5, share=1) == {}


def test_without_questions_or_without_a_vector_nothing_is_added() -> None:
    empty = KnownQuestions.none().among([("a", "文字")])
    assert empty.preferences(unit(1, 0)) == {}
    assert Known(np.stack([unit(1, 0)]), (("a",),)).preferences(None) == {}


def test_what_is_known_comes_in_where_neither_search_found_it() -> None:
    found = fuse({"a": 0.9, "b": 0.5}, {"a": 3.0}, known={"c": 0.7, "b": 0.1})
    assert found == pytest.approx({"a": 1.0, "c": 0.7, "b": 0.1})
    assert list(found) == ["a", "c", "b"]


def test_questions_are_known_of_the_clauses_that_are_here_alone() -> None:
    known = KnownQuestions(
        np.stack([unit(1, 0), unit(0, 1)]),
        (frozenset({fingerprint("甲"), fingerprint("乙")}), frozenset({fingerprint("丙")})),
    )
    bound = known.among([(1, "乙。"), (2, "丁"), (3, "第三条 乙")])
    assert bound.keys == ((1, 3),)
    assert bound.vectors.tolist() == [[1.0, 0.0]]


# The file


def a_file(path: Path, identity: FakeIdentity = IDENTITY) -> Path:
    known = KnownQuestions(
        np.stack([unit(3, 4), unit(1, -1)]),
        (frozenset({fingerprint("甲"), fingerprint("乙")}), frozenset({fingerprint("丙")})),
    )
    write_known(known, path, identity=identity, card={"source": "试验"})
    return path


def test_a_file_gives_back_answers_and_nearly_the_vectors_and_holds_no_question(tmp_path: Path) -> None:
    found = read_known(a_file(tmp_path / "known.safetensors"), IDENTITY)
    assert found.answers == (frozenset({fingerprint("甲"), fingerprint("乙")}), frozenset({fingerprint("丙")}))
    assert np.allclose(found.vectors, np.stack([unit(3, 4), unit(1, -1)]), atol=0.01)
    assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1)


def test_a_file_of_another_model_missing_or_damaged_says_what_to_do(tmp_path: Path) -> None:
    path = a_file(tmp_path / "known.safetensors")
    with pytest.raises(ModelError, match="另一个嵌入模型或适配器") as told:
        load_known(str(path), FakeIdentity(adapter="other"))
    assert "python -m training known" in f"{told.value.remedy}"
    with pytest.raises(ModelError, match="找不到已知问法文件"):
        load_known(str(tmp_path / "absent"), IDENTITY)
    (tmp_path / "broken").write_bytes(path.read_bytes()[:40])
    with pytest.raises(ModelError, match="无法读取"):
        load_known(str(tmp_path / "broken"), IDENTITY)
    assert load_known("none", IDENTITY) is None


def test_the_shipped_questions_belong_to_the_shipped_model(tmp_path: Path) -> None:
    identity = load_embeddings(rag_index.settings(tmp_path)).identity
    shipped = load_known("", identity)
    assert shipped is not None
    assert len(shipped.answers) > 1000
    assert shipped.vectors.shape == (len(shipped.answers), identity.dimension)
    # A model without the adapter has other vectors.
    assert load_known("", FakeIdentity()) is None


# The index


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    folder = tmp_path_factory.mktemp("known")
    return retrieval_index.opened(folder / "data", retrieval_index.written(folder / "sources", DOCUMENTS))


def rent_known(question: str) -> KnownQuestions:
    return KnownQuestions(
        np.stack([FakeEmbedder()._vector(question), -FakeEmbedder()._vector(question)]),
        (frozenset({fingerprint(RENT)}), frozenset({fingerprint("举办灯会的单位，应当提前三十日向市文旅局备案。")})),
    )


def test_a_question_put_before_brings_its_clause_to_the_front(reader: IndexReader) -> None:
    asked = "房子的钱能不能免掉"
    vector = FakeEmbedder()._vector(asked)
    known = KnownHere(rent_known(asked)).of(reader)
    assert next(item.clause.text for item in search(reader, asked, vector, known=known)) == RENT
    assert retrieve(reader, understand(asked), vector, known=known).clauses[0].clause.text == RENT


def test_known_clauses_outside_what_is_allowed_stay_outside(reader: IndexReader) -> None:
    asked = "房子的钱能不能免掉"
    vector = FakeEmbedder()._vector(asked)
    known = KnownHere(rent_known(asked)).of(reader)
    lantern = next(key for key, facts in reader.facts().items() if "灯会" in facts.title)
    view = reader.within([lantern])
    assert {item.policy_id for item in search(view, asked, vector, known=known)} <= {lantern}
    found = search(reader, asked, vector, accept=lambda key: key[0] == lantern, known=known)
    assert {item.policy_id for item in found} <= {lantern}


def test_questions_are_bound_once_a_generation(reader: IndexReader) -> None:
    here = KnownHere(rent_known("房子的钱能免吗"))
    assert here.of(reader) is here.of(reader.within(list(reader.facts())))


# The command


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    for name, text in DOCUMENTS.items():
        (folder / f"{name}.txt").write_text(text.replace("\n", "\n\n"), encoding="utf-8")
    return folder


def test_an_offices_workbook_becomes_known_questions_that_its_engine_uses(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = rag_index.built(tmp_path / "data", [office])
    monkeypatch.setenv("POLICYQA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("POLICYQA_MODEL_CACHE", str(settings.models_dir))
    book = Workbook()
    for row in (
        ["问题", "条款"],
        ["老学堂空着,拿来干活要交房钱吗", "《松岭市手工作坊扶持办法》第二条"],
        ["开个小作坊给多少启动的钱", "《松岭市手工作坊扶持办法》第一条"],
        ["挂灯笼热闹几天要先跟谁打招呼", "《松岭市灯会管理办法》第一条"],
    ):
        book.active.append(row)
    book.save(tmp_path / "问题.xlsx")
    out = tmp_path / "known.safetensors"
    assert main(["known", "--questions", str(tmp_path / "问题.xlsx"), "--corpus", str(office), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert re.search(r"不用已知问法:排第一的 \d", told)
    assert "3 个问题" in told
    assert f"POLICYQA_KNOWN={out}" in told
    engine = AnswerEngine.from_settings(settings.model_copy(update={"known": str(out)}))
    found = engine.read("老学堂空着,拿来干活,房钱交不交").found.clauses[0]
    assert found.clause.text == RENT
    assert (
        found.score > AnswerEngine.from_settings(settings).read("老学堂空着,拿来干活,房钱交不交").found.clauses[0].score
    )


def test_the_effect_leaves_each_question_itself_out(office: Path, tmp_path: Path) -> None:
    embeddings = load_embeddings(rag_index.settings(tmp_path))
    library = Library.from_files([office])
    lantern, start = library.find("《松岭市灯会管理办法》第一条"), library.find("《松岭市手工作坊扶持办法》第一条")
    pairs = [Pair("挂灯笼要先跟谁打招呼", lantern), Pair("开个小作坊给多少启动的钱", start)]
    alone = effect(pairs, library, embeddings)
    # Two questions about two clauses: neither is known where it is asked itself, and the other one answers elsewhere.
    assert alone.known.first <= alone.without.first
    assert alone.without.questions == 2
    known = of_office(pairs, library, embeddings)
    assert known.answers == tuple(
        frozenset({fingerprint(text)})
        for text in ("举办灯会的单位，应当提前三十日向市文旅局备案。", "对新设立的手工作坊，给予3万元的开办补助。")
    )


def test_a_collections_questions_keep_the_words_of_all_that_answers_them(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"_id":"1","title":"电力法第一条","text":"甲"}\n{"_id":"2","title":"电力法第二条","text":"乙"}\n', "utf-8"
    )
    (tmp_path / "q.jsonl").write_text('{"_id":"a","text":"停电了怎么办"}\n', "utf-8")
    (tmp_path / "r.tsv").write_text("a\t1\t1\na\t2\t1\na\t3\t1\n", "utf-8")
    embeddings = load_embeddings(rag_index.settings(tmp_path))
    known = of_collection(tmp_path / "c.jsonl", tmp_path / "q.jsonl", tmp_path / "r.tsv", embeddings)
    assert known.answers == (frozenset({fingerprint("甲"), fingerprint("乙")}),)


def test_the_command_wants_one_kind_of_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["known", "--corpus", str(tmp_path)]) == 2
    assert "--questions" in capsys.readouterr().err
