"""Runs a model with sentence-transformers on PyTorch: the fall-back, and the reference of the converted graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed.base import FloatMatrix
from index.errors import MissingExtraError, ModelError
from index.offline import disable_telemetry

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 16


class TorchEncoder:
    """A sentence-transformers model in float32, on the GPU where there is one."""

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        # A model without a fixed dimension in its configuration tells it with its first vector.
        self._dimension = int(self._raw([""]).shape[1])

    @classmethod
    def from_folder(cls, folder: Path) -> TorchEncoder:
        """Load the model in `folder`.

        Raises:
            ModelError: the folder's files do not make a model.
            MissingExtraError: PyTorch or sentence-transformers is not installed.
        """
        return cls(load_sentence_transformer(folder, device=None))

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> FloatMatrix:
        """Vectors (n, d) in the order of `texts`; see `Encoder`."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        out = np.empty((len(texts), self._dimension), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            out[batch] = self._raw([texts[at] for at in batch])
            if progress is not None:
                progress(len(batch))
        return out

    def _raw(self, texts: Sequence[str]) -> FloatMatrix:
        # An empty prompt keeps the model's default prompt away; the caller has put the right one in front.
        vectors: FloatMatrix = self._model.encode(
            list(texts), prompt="", batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False
        )
        return vectors


def load_sentence_transformer(folder: Path, *, device: str | None) -> SentenceTransformer:
    """The `SentenceTransformer` in `folder`, in float32, without asking the hub; `device` None chooses.

    Raises:
        ModelError: the folder's files do not make a model.
        MissingExtraError: PyTorch or sentence-transformers is not installed.
    """
    disable_telemetry()
    for package in ("torch", "sentence_transformers"):
        if find_spec(package) is None:
            raise MissingExtraError(f"没有安装 {package}。", "请运行 pip install -r requirements.txt。")
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(
            str(folder), device=device, local_files_only=True, model_kwargs={"dtype": "float32"}
        ).eval()
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"嵌入模型文件夹 {folder} 无法加载({type(error).__name__}:{error})。",
            "请检查该文件夹是否完整,或重新下载该模型。",
        ) from error
