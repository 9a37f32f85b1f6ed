"""One contract for every engine: OpenVINO and PyTorch, with the bundled model and with another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from index.embed import PolicyEmbeddings, load_embeddings
from index.embed.adapter import SHIPPED, stored_name
from index.embed.source import find_model
from index.errors import ModelError
from index.settings import Settings

TEXTS = (
    "对首次上规的工业企业,给予20万元的一次性奖励。",
    "国家级制造业单项冠军示范企业奖励100万元。",
    "本办法自2025年1月1日起施行,有效期至2027年12月31日。",
    "企業 100~200万元;Ａ类、ｂ类10～20万元",
    "第三条 本办法所称中小微企业,按照国家有关划型标准执行。" * 4,
    "",
    "x",
)
TINY_ALPHABET = sorted(set("".join(TEXTS)) | set("问:长"))


def tiny_model(folder: Path) -> Path:
    """A random BERT with the pooling of the first token, no normalisation, and a prompt for questions only."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {piece: at for at, piece in enumerate([*special, *TINY_ALPHABET])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    kind = "sentence_transformers.models"
    files: dict[str, Any] = {
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{kind}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{kind}.Pooling"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": 32,
            "pooling_mode_cls_token": True,
            "pooling_mode_mean_tokens": False,
        },
        "sentence_bert_config.json": {"max_seq_length": 64},
        "config_sentence_transformers.json": {"prompts": {"query": "问:", "document": ""}},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Case:
    """An engine with a model, and what sentence-transformers makes of the same model."""

    embeddings: PolicyEmbeddings
    reference: Any
    prompts: tuple[str, str]
    dimension: int

    def expected(self, texts: list[str]) -> np.ndarray:
        vectors = self.reference.encode(texts, prompt="", show_progress_bar=False)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def tiny_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tiny_model(tmp_path_factory.mktemp("tiny") / "tiny-bert")
    return {"embedding_model": str(folder), "model_cache": tmp_path_factory.mktemp("cache")}


@pytest.fixture(scope="module")
def reference(tiny_settings: dict[str, Any]) -> Callable[[str], Any]:
    """Loads "bundled" or "tiny" with sentence-transformers alone, once."""
    from sentence_transformers import SentenceTransformer

    @cache
    def load(model: str) -> SentenceTransformer:
        folder = find_model(Settings(**(tiny_settings if model == "tiny" else {}))).folder
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    return load


@pytest.fixture(scope="module")
def loaded(tiny_settings: dict[str, Any]) -> Callable[[str, str], PolicyEmbeddings]:
    """Loads a model on an engine, once."""

    @cache
    def load(model: str, engine: str) -> PolicyEmbeddings:
        return load_embeddings(Settings(embedding_engine=engine, **(tiny_settings if model == "tiny" else {})))

    return load


@pytest.fixture(scope="module", params=["bundled-openvino", "bundled-torch", "tiny-openvino", "tiny-torch"])
def case(
    request: pytest.FixtureRequest,
    reference: Callable[[str], Any],
    loaded: Callable[[str, str], PolicyEmbeddings],
) -> Case:
    model, engine = request.param.split("-")
    prompts = ("问:", "") if model == "tiny" else ("query: ", "passage: ")
    return Case(loaded(model, engine), reference(model), prompts, 32 if model == "tiny" else 384)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", left, right)


def test_passages_have_the_vectors_of_sentence_transformers_with_the_passage_prompt(case: Case) -> None:
    found = case.embeddings.embed_passages(TEXTS)
    assert found.shape == (len(TEXTS), case.dimension)
    assert found.dtype == np.float32
    assert cosines(found, case.expected([case.prompts[1] + text for text in TEXTS])).min() > 0.99999


def test_questions_have_the_vectors_of_sentence_transformers_with_the_query_prompt(case: Case) -> None:
    found = np.stack([case.embeddings.embed_question(text) for text in TEXTS])
    assert cosines(found, case.expected([case.prompts[0] + text for text in TEXTS])).min() > 0.99999


def test_the_two_prompts_give_two_vectors(case: Case) -> None:
    passage = case.embeddings.embed_passages(["首次上规奖励"])[0]
    assert float(passage @ case.embeddings.embed_question("首次上规奖励")) < 0.9999


def test_vectors_have_length_one(case: Case) -> None:
    vectors = case.embeddings.embed_passages([*TEXTS, "长" * 10_000])
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_a_text_over_the_maximum_is_cut_at_the_end(case: Case) -> None:
    start = "一次性奖励20万元" * 200
    longer, much_longer = case.embeddings.embed_passages([start, start + "有效期" * 3000])
    assert float(longer @ much_longer) > 0.99999


def test_the_empty_text_has_a_unit_vector(case: Case) -> None:
    assert np.linalg.norm(case.embeddings.embed_question("")) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["\ud800奖励", "\x00\x01", "\u3000", "\U0001f600" * 50, "<s></s><pad>"])
def test_a_strange_text_has_a_finite_unit_vector(case: Case, text: str) -> None:
    vector = case.embeddings.embed_passages([text])[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_batch_gives_the_vectors_of_single_texts_in_their_order(case: Case) -> None:
    texts = [text + str(at) for at in range(3) for text in TEXTS]
    together = case.embeddings.embed_passages(texts)
    alone = np.concatenate([case.embeddings.embed_passages([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-4


def test_no_texts_give_an_empty_matrix(case: Case) -> None:
    assert case.embeddings.embed_passages([]).shape == (0, case.dimension)


def test_progress_adds_up_to_the_number_of_texts(case: Case) -> None:
    told: list[int] = []
    case.embeddings.embed_passages(TEXTS * 4, progress=told.append)
    assert sum(told) == len(TEXTS) * 4
    assert len(told) > 1


def test_langchain_gets_the_same_vectors_as_lists(case: Case) -> None:
    assert isinstance(case.embeddings, Embeddings)
    documents = case.embeddings.embed_documents(list(TEXTS[:2]))
    assert all(type(value) is float for row in documents for value in row)
    assert np.allclose(documents, case.embeddings.embed_passages(TEXTS[:2]), atol=1e-6)
    assert np.allclose(case.embeddings.embed_query(TEXTS[0]), case.embeddings.embed_question(TEXTS[0]), atol=1e-6)


@pytest.mark.parametrize(("model", "dimension"), [("bundled", 384), ("tiny", 32)])
def test_identity_does_not_depend_on_the_engine(
    loaded: Callable[[str, str], PolicyEmbeddings], model: str, dimension: int
) -> None:
    one, other = (loaded(model, engine).identity for engine in ("openvino", "torch"))
    assert one == other
    adapter = stored_name(SHIPPED) if model == "bundled" else None
    assert (one.dimension, one.adapter) == (dimension, adapter)
    assert loaded(model, "openvino").dimension == dimension


def test_other_weights_give_another_identity(tiny_settings: dict[str, Any], tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    before = find_model(Settings(**tiny_settings))
    copy = tmp_path / "tiny-bert"
    copy.mkdir()
    for path in before.folder.rglob("*"):
        if path.is_file():
            (copy / path.relative_to(before.folder)).parent.mkdir(exist_ok=True)
            (copy / path.relative_to(before.folder)).write_bytes(path.read_bytes())
    settings = Settings(embedding_model=str(copy), model_cache=tmp_path / "cache")
    assert find_model(settings).revision == before.revision
    weights = load_file(copy / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] = weights["embeddings.LayerNorm.bias"] + 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert find_model(settings).revision != before.revision


def test_a_model_without_a_graph_runs_on_torch_and_says_why_openvino_does_not(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "奖": 1, "励": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    static = StaticEmbedding(tokenizer, embedding_weights=np.eye(3, 16, dtype=np.float32))
    SentenceTransformer(modules=[static], device="cpu").save(str(tmp_path / "static"))
    settings = {"embedding_model": str(tmp_path / "static"), "model_cache": tmp_path / "cache"}
    embeddings = load_embeddings(Settings(embedding_engine="auto", **settings))
    assert embeddings.embed_question("奖") == pytest.approx([0, 1, *[0] * 14], abs=1e-6)
    with pytest.raises(ModelError, match=r"不能转换为 OpenVINO 格式.*POLICYQA_EMBEDDING_ENGINE"):
        load_embeddings(Settings(embedding_engine="openvino", **settings))


@pytest.mark.parametrize("model", ["nobody/no-such-model", "no-such-model", "./no/such/folder", "not a name!"])
def test_a_model_that_is_not_here_is_a_chinese_error_with_the_remedy(model: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"本机没有嵌入模型.*POLICYQA_EMBEDDING_MODEL"):
        load_embeddings(Settings(embedding_model=model, model_cache=tmp_path))


def test_a_folder_that_holds_no_model_is_a_chinese_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"不是嵌入模型"):
        load_embeddings(Settings(embedding_model=str(tmp_path), model_cache=tmp_path / "cache"))


def test_a_model_folder_without_weights_is_a_chinese_error(tiny_settings: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    for name in ("config.json", "modules.json"):
        (tmp_path / "model" / name).write_bytes((Path(tiny_settings["embedding_model"]) / name).read_bytes())
    settings = {"embedding_model": str(tmp_path / "model"), "model_cache": tmp_path / "cache"}
    with pytest.raises(ModelError, match=r"无法加载"):
        load_embeddings(Settings(embedding_engine="torch", **settings))
