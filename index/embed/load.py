"""Loads the configured model with the best engine there is."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path

from index.embed.base import Encoder, ModelIdentity, PolicyEmbeddings
from index.embed.graph import ensure_graph, read_reason
from index.embed.openvino_engine import OpenVinoEncoder
from index.embed.source import ModelSource, find_model
from index.embed.torch_engine import TorchEncoder
from index.errors import MissingExtraError, ModelError
from index.offline import disable_telemetry
from index.settings import Settings

logger = logging.getLogger(__name__)

_USE_TORCH = "请把 POLICYQA_EMBEDDING_ENGINE 设为 auto 或 torch。"


def load_embeddings(settings: Settings) -> PolicyEmbeddings:
    """The embedding model of `settings`, ready to use.

    The first call unpacks and converts the bundled model (some 15 s, 500 MB under `settings.models_dir`); later
    ones load it in about a second.

    Raises:
        ModelError: the model is not on this machine, is damaged, or does not run on the engine asked for.
        MissingExtraError: a package it needs is not installed.
    """
    disable_telemetry()
    source = find_model(settings)
    encoder = _load_encoder(source, settings.embedding_engine)
    identity = ModelIdentity(
        name=source.name, dimension=encoder.dimension, revision=source.revision, adapter=source.adapter
    )
    return PolicyEmbeddings(encoder, prompts=source.prompts, identity=identity)


def _load_encoder(source: ModelSource, engine: str) -> Encoder:
    if engine == "torch":
        return TorchEncoder.from_folder(source.folder)
    if find_spec("openvino") is None:
        if engine == "openvino":
            raise MissingExtraError("没有安装 openvino。", f"请运行 pip install openvino,或者{_USE_TORCH[1:]}")
        return TorchEncoder.from_folder(source.folder)
    try:
        return OpenVinoEncoder.from_folder(_converted(source))
    except ModelError as error:
        if engine == "openvino":
            raise
        logger.warning("OpenVINO 不可用,改用 PyTorch:%s", error.problem)
        return TorchEncoder.from_folder(source.folder)


def _converted(source: ModelSource) -> Path:
    """Folder of the converted model.

    Raises:
        ModelError: there is none, and there cannot be one.
    """
    folder = ensure_graph(source.folder, source.work)
    reason = read_reason(folder)
    if reason is not None:
        raise ModelError(f"嵌入模型“{source.name}”不能转换为 OpenVINO 格式({reason})。", _USE_TORCH)
    return folder
