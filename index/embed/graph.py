"""The folder of a converted model, made by a child process: what is in it, and how it comes about.

graph.xml, graph.bin   encoder, pooling and normalisation in float32: (n, t) tokens -> (n, d) unit vectors
words.npy              word embedding table (vocabulary, width), cut out of the graph
tokenizer.json         for the `tokenizers` library
tokenizer-slim.json, tokenizer-slim-map.json   its part for Chinese text, see `index.embed.tokenize`
graph.json             `GraphInfo`
unconvertible.txt      instead of all these: why the model has to stay on PyTorch
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from index.embed.folders import building
from index.errors import ModelError
from index.settings import PROJECT_ROOT

logger = logging.getLogger(__name__)

GRAPH_FOLDER = "openvino-1"
"""Name of the folder under the model's own; the number is raised when the files change."""

GRAPH = "graph.xml"
WEIGHTS = "graph.bin"
WORDS = "words.npy"
TOKENIZER = "tokenizer.json"
SLIM_TOKENIZER = "tokenizer-slim.json"
SLIM_MAP = "tokenizer-slim-map.json"
UNCONVERTIBLE = "unconvertible.txt"
_INFO = "graph.json"

UNCONVERTIBLE_EXIT = 3
"""Exit code of the converter for a model that cannot be converted."""

_CONVERTER = "index.embed.convert"

TOKENS_INPUT = "input_ids"
MASK_INPUT = "attention_mask"
WORDS_INPUT = "word_embeddings"


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """What the engine must know beside the graph.

    Attributes:
        dimension: length of a vector; 1 for a score.
        max_tokens: longer token sequences are cut.
        pad_id, pad_side: how shorter ones are filled up.
    """

    dimension: int
    max_tokens: int
    pad_id: int
    pad_side: Literal["left", "right"]

    @property
    def gives_scores(self) -> bool:
        """Whether the graph scores texts (a reranker) instead of embedding them."""
        return self.dimension == 1

    def save(self, folder: Path) -> None:
        """Write the description into `folder`."""
        (folder / _INFO).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> GraphInfo:
        """Read the description in `folder`."""
        return cls(**json.loads((folder / _INFO).read_text(encoding="utf-8")))


def ensure_graph(model: Path, work: Path) -> Path:
    """Folder of the converted `model` under `work`, made in a child process if it is not there.

    The folder holds either a graph or the reason why there is none (`read_reason`).

    Raises:
        ModelError: the conversion failed for another reason than the model itself (memory, a broken install).
    """
    folder = work / GRAPH_FOLDER
    if folder.is_dir():
        return folder
    with building(folder) as temporary:
        if temporary is not None:
            logger.info("正在把嵌入模型转换为 OpenVINO 格式(仅首次):%s", folder)
            _convert_in_child(model, temporary)
    return folder


def read_reason(folder: Path) -> str | None:
    """Why `folder` holds no graph; None where it holds one."""
    path = folder / UNCONVERTIBLE
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _convert_in_child(model: Path, folder: Path) -> None:
    search_path = os.pathsep.join(filter(None, (str(PROJECT_ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", _CONVERTER, str(model.resolve()), str(folder.resolve())],
        env={**os.environ, "PYTHONPATH": search_path, "PYTHONIOENCODING": "utf-8"},
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    last = (done.stderr.strip().splitlines() or [""])[-1] or f"退出码 {done.returncode}"
    if done.returncode == UNCONVERTIBLE_EXIT:
        for path in folder.iterdir():
            path.unlink()
        (folder / UNCONVERTIBLE).write_text(last, encoding="utf-8")
    elif done.returncode != 0:
        raise ModelError(
            f"嵌入模型转换为 OpenVINO 格式失败({last})。", "请检查内存和磁盘空间,或设 POLICYQA_EMBEDDING_ENGINE=torch。"
        )
