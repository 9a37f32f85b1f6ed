"""The adapter: what training changed in the bundled model, small enough for the repository.

A safetensors file in float16. For a weight matrix W (out, in) it holds `<name>.up` (out, r) and `<name>.down` (r, in),
whose product is added to W (Hu et al., "LoRA: Low-rank adaptation of large language models", 2021); for a bias or a
LayerNorm `<name>.delta`, added as it is. The metadata say for which model it was made. The sum is formed once, when
the model folder is written: nothing is left to do at answering time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import ModelError

SHIPPED = Path(__file__).parent / "data" / "adapter.safetensors"
OFF = "none"
FORMAT = "1"

UP, DOWN, DELTA = ".up", ".down", ".delta"
_REMEDY = "请检查 POLICYQA_ADAPTER:不设为随附的适配器,none 为不用,或写适配器文件的路径。"

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Adapter:
    """A file that was read.

    Attributes:
        name: what the index manifest calls it: the name in the file, with the head of its hash.
        base: revision of the bundled model that it belongs to.
        metadata: what else the file says of itself.
    """

    name: str
    base: str
    tensors: Mapping[str, Array]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def merged(self, weights: Iterable[tuple[str, Array]]) -> Iterator[tuple[str, Array]]:
        """`weights` with their changes added, in their types.

        Raises:
            ModelError: the adapter changes a weight that is not there, or one of another shape.
        """
        left = set(self.tensors)
        for name, weight in weights:
            change = self._change(name)
            if change is None:
                yield name, weight
                continue
            left -= {name + ending for ending in (UP, DOWN, DELTA)}
            if change.shape != weight.shape:
                raise _unusable(self.name, f"{name} 的形状是 {change.shape},模型的是 {weight.shape}")
            else:
                yield name, (weight.astype(np.float32) + change).astype(weight.dtype)
        if left:
            raise _unusable(self.name, f"模型里没有 {min(left)} 所属的权重")

    def _change(self, name: str) -> npt.NDArray[np.float32] | None:
        """What is added to a weight, None for nothing."""
        if name + DELTA in self.tensors:
            return self.tensors[name + DELTA].astype(np.float32)
        if name + UP not in self.tensors or name + DOWN not in self.tensors:
            return None
        up, down = (self.tensors[name + ending].astype(np.float32) for ending in (UP, DOWN))
        if up.ndim != 2 or down.ndim != 2 or up.shape[1] != down.shape[0]:
            raise _unusable(self.name, f"{name} 的两个因子对不上")
        return up @ down


def configured_adapter(setting: str) -> Path | None:
    """File of the adapter that `POLICYQA_ADAPTER` names: the shipped one for "", None for "none".

    Raises:
        ModelError: the setting names a file that does not exist.
    """
    wanted = setting.strip()
    if wanted.lower() == OFF:
        return None
    if not wanted:
        return SHIPPED if SHIPPED.is_file() else None
    path = Path(wanted).expanduser()
    if not path.is_file():
        raise ModelError(f"找不到适配器文件“{wanted}”。", _REMEDY)
    return path


def read_adapter(path: Path, *, base: str, kind: str = FORMAT) -> Adapter:
    """The adapter in file `path`, for the bundled model of revision `base`.

    Args:
        path: a safetensors file.
        base: revision of the bundled model.
        kind: the format that the file must have; a reranker (`index.embed.scorer`) has another.

    Raises:
        ModelError: the file is no adapter, or one for another model.
    """
    with _opened(path) as stored:
        metadata = _metadata(stored, path, kind)
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a mapping
    if metadata.get("base") != base:
        raise ModelError(
            f"适配器“{path.name}”是为另一版随附模型训练的({metadata.get('base')},现在是 {base})。", _REMEDY
        )
    return Adapter(_name(metadata, path, tensors), base, tensors, metadata)


def stored_name(path: Path) -> str:
    """Name of the adapter in file `path`, see `Adapter`.

    Raises:
        ModelError: the file is no adapter.
    """
    with _opened(path) as stored:
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a mapping
        return _name(_metadata(stored, path), path, tensors)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as stored:
            yield stored
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        raise ModelError(f"适配器文件“{path.name}”无法读取({type(error).__name__})。", _REMEDY) from error


def _metadata(stored: Any, path: Path, kind: str = FORMAT) -> Mapping[str, str]:  # noqa: ANN401 - has no type
    found: Mapping[str, str] = stored.metadata() or {}
    if found.get("format") != kind:
        raise ModelError(f"文件“{path.name}”不是本程序的适配器。", _REMEDY)
    return found


def _name(metadata: Mapping[str, str], path: Path, tensors: Mapping[str, Array]) -> str:
    # Not the hash of the file: safetensors writes metadata in no fixed order.
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tensors[name].shape}".encode())
        digest.update(tensors[name].tobytes())
    name = re.sub(r"[^\w.-]+", "-", metadata.get("name") or path.stem)
    return f"{name}-{digest.hexdigest()[:8]}"


def _unusable(name: str, reason: str) -> ModelError:
    return ModelError(f"适配器“{name}”与随附模型不符({reason})。", _REMEDY)
