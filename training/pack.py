"""Packs what training changed into an adapter: the best low-rank part of each change that the size allows.

The change of every weight matrix is decomposed (SVD); of all singular values of all matrices those are kept that
explain most for the bytes they cost, so that a matrix that changed more gets a higher rank. Biases and LayerNorms are
kept whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embed.adapter import DELTA, DOWN, FORMAT, UP
from index.embed.scorer import DENSE, HEAD
from index.embed.scorer import FORMAT as SCORER_FORMAT

LIMIT = 9_500_000
"""Bytes of an adapter, a little under what a repository should carry (10 MB)."""
SCORER_LIMIT = 5_000_000
"""The same of a reranker, which has a third of the layers."""
_ITEM = 2

Matrix = npt.NDArray[np.float32]
Weights = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Packed:
    """Tensors of an adapter.

    Attributes:
        ranks: kept of each matrix.
        explained: share of the squared change that they hold, 0..1.
    """

    tensors: Mapping[str, npt.NDArray[np.float16]]
    ranks: Mapping[str, int]
    explained: float


def mean_change(base: Weights, tuned: Sequence[Weights]) -> dict[str, Matrix]:
    """What `tuned` models changed on average, by name, for weights that changed at all (averaged weights: Wortsman et
    al., "Model soups", ICML 2022).

    Raises:
        ValueError: the models do not have the same weights.
    """
    changes: dict[str, Matrix] = {}
    for name, weight in base.items():
        missing = [at for at, model in enumerate(tuned) if name not in model or model[name].shape != weight.shape]
        if missing:
            raise ValueError(f"模型 {missing[0] + 1} 与随附模型的权重不同:{name}")
        start = weight.astype(np.float32)
        change: Matrix = np.stack([model[name].astype(np.float32) - start for model in tuned]).mean(axis=0)
        if np.abs(change).max(initial=0) > 0:
            changes[name] = change
    if not changes:
        raise ValueError("训练没有改变任何权重。")
    return changes


def pack(changes: Mapping[str, Matrix], *, limit: int = LIMIT) -> Packed:
    """The adapter of at most `limit` bytes that comes nearest to `changes`.

    Raises:
        ValueError: the whole tensors alone are larger.
    """
    tensors: dict[str, npt.NDArray[np.float16]] = {}
    factors = {}
    for name, change in changes.items():
        if change.ndim == 2 and min(change.shape) > 1:
            factors[name] = np.linalg.svd(change, full_matrices=False)
        else:
            tensors[name + DELTA] = change.astype(np.float16)
    left = limit - sum(tensor.nbytes for tensor in tensors.values())
    if left < 0:
        raise ValueError(f"适配器放不进 {limit} 字节。")
    ranks = _ranks({name: parts[1] for name, parts in factors.items()}, {n: changes[n].shape for n in factors}, left)
    for name, (up, values, down) in factors.items():
        rank = ranks[name]
        root = np.sqrt(values[:rank])
        if rank:
            tensors[name + UP] = np.ascontiguousarray(up[:, :rank] * root, dtype=np.float16)
            tensors[name + DOWN] = np.ascontiguousarray(root[:, None] * down[:rank], dtype=np.float16)
    whole = sum(float((parts[1] ** 2).sum()) for parts in factors.values())
    kept = sum(float((parts[1][: ranks[name]] ** 2).sum()) for name, parts in factors.items())
    return Packed(tensors, ranks, kept / whole if whole else 1.0)


def _ranks(values: Mapping[str, Matrix], shapes: Mapping[str, tuple[int, ...]], limit: int) -> dict[str, int]:
    """How many singular values of each matrix to keep within `limit` bytes."""
    costs = {name: _ITEM * sum(shape) for name, shape in shapes.items()}
    worth = [(float(value) ** 2 / costs[name], name) for name, found in values.items() for value in found]
    ranks = dict.fromkeys(values, 0)
    for _, name in sorted(worth, reverse=True):
        if costs[name] <= limit:
            ranks[name] += 1
            limit -= costs[name]
    return ranks


def write_adapter(
    packed: Packed, path: Path, *, name: str, base: str, card: Mapping[str, Any], scorer: Scorer | None = None
) -> None:
    """Write the adapter file; `card` (data, settings, figures) goes into its metadata as JSON. With `scorer`, the file
    of a reranker.
    """
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": FORMAT, "name": name, "base": base, "card": json.dumps(card, ensure_ascii=False)}
    tensors = dict(packed.tensors)
    if scorer is not None:
        metadata |= {"format": SCORER_FORMAT, "layers": str(scorer.layers), "tokens": str(scorer.tokens)}
        tensors |= {HEAD + key: tensor.astype(np.float16) for key, tensor in scorer.head.items()}
    save_file(tensors, path, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Scorer:
    """What a reranker has beside the weights of its encoder.

    Attributes:
        head: tensors of the dense layers, by folder and name.
        tokens: length that question and passage are cut to.
    """

    head: Mapping[str, npt.NDArray[Any]]
    layers: int
    tokens: int


def read_scorer(folder: Path, *, tokens: int) -> Scorer:
    """Head and measures of the reranker that `training.tune` left in `folder`, trained on so many tokens.

    Raises:
        ValueError: there is none.
    """
    from safetensors.numpy import load_file

    config = folder / "config.json"
    heads = [folder / name / "model.safetensors" for name in DENSE]
    if not all(path.is_file() for path in (config, *heads)):
        raise ValueError(f"文件夹 {folder} 里没有训练好的重排模型。")
    layers = int(json.loads(config.read_text(encoding="utf-8"))["num_hidden_layers"])
    head = {
        f"{name}.{key}": tensor
        for name, path in zip(DENSE, heads, strict=True)
        for key, tensor in load_file(path).items()
    }
    return Scorer(head, layers, tokens)


def read_weights(folder: Path) -> dict[str, npt.NDArray[Any]]:
    """Weights of a sentence-transformers folder, without the word table, which training does not change.

    Raises:
        ValueError: there is no model in `folder`.
    """
    from safetensors import safe_open

    path = folder / "model.safetensors"
    if not path.is_file():
        raise ValueError(f"文件夹 {folder} 里没有 model.safetensors。")
    with safe_open(path, framework="numpy") as stored:
        names = [name for name in stored.keys() if "word_embeddings" not in name and "pooler" not in name]  # noqa: SIM118
        return {name: stored.get_tensor(name) for name in names}
