"""Runs a converted model with OpenVINO; needs neither torch nor transformers.

Memory is kept small in four ways, measured on the bundled model (2 cores, AVX-512):

- The word embedding table, 82 % of the weights, is not part of the graph. The few rows that a batch needs are read
  from the file; mapped into memory, the table alone came to 200 MB of resident pages.
- OpenVINO packs the weights into its own layout, after which the mapped file is not read again; its pages are given
  back (80 MB).
- Weights are float32 in the file. From float16 the CPU plugin packs two layouts, for short and for long input (85 MB
  more), for no gain in speed.
- The tokenizer holds the part of the vocabulary that Chinese text can use (200 MB less): `index.embed.tokenize`.

Vectors are computed in float32 on every CPU: bfloat16, which OpenVINO takes by itself where the CPU has it, is 1.6
times as fast but moves vectors by 5e-4 with the batch they are in. Scores of a reranker, which are never stored, may
be computed in it.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.embed import graph
from index.embed.base import FloatMatrix
from index.embed.graph import GraphInfo
from index.embed.tokenize import PieceTokenizer, TokenIds
from index.errors import ModelError
from index.offline import disable_telemetry

if TYPE_CHECKING:
    import openvino as ov

IntMatrix = npt.NDArray[np.int64]

_TOKENS_PER_BATCH = 512
"""More does not go faster on a few cores, and takes more memory."""

_LENGTH_STEP = 8
"""Batch lengths are rounded up to this, because every new shape costs a few milliseconds of preparation."""

_MOST_THREADS = 4


class OpenVinoEncoder:
    """A converted model, ready to run. One inference at a time; callable from any thread."""

    def __init__(
        self,
        *,
        info: GraphInfo,
        tokenizer: PieceTokenizer,
        compiled: ov.CompiledModel,
        weights: mmap.mmap,
        words: WordTable | None,
    ) -> None:
        self._info = info
        self._tokenizer = tokenizer
        self._request = compiled.create_infer_request()
        self._output = compiled.output(0)
        self._weights = weights
        self._words = words
        self._lock = threading.Lock()

    @classmethod
    def from_folder(cls, folder: Path, *, half: bool = False) -> OpenVinoEncoder:
        """Load the graph in `folder`; `half` computes in bfloat16 where the CPU can.

        Raises:
            ModelError: the files are damaged.
        """
        disable_telemetry()
        try:
            info = GraphInfo.load(folder)
            tokenizer = PieceTokenizer.from_folder(folder, max_tokens=info.max_tokens)
            compiled, weights = _compile(folder, half=half)
            words = WordTable(folder / graph.WORDS) if (folder / graph.WORDS).is_file() else None
        # RuntimeError is what OpenVINO raises.
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise ModelError(
                f"转换后的模型 {folder} 无法读取({type(error).__name__})。", "请删除该文件夹后重新运行。"
            ) from error
        return cls(info=info, tokenizer=tokenizer, compiled=compiled, weights=weights, words=words)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._info.dimension

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> FloatMatrix:
        """Vectors (n, d) in the order of `texts`; see `Encoder`."""
        tokens = self._tokenizer.encode(texts)
        out = np.empty((len(tokens), self._info.dimension), dtype=np.float32)
        for batch in batches([len(ids) for ids in tokens]):
            out[batch] = self._infer([tokens[at] for at in batch])
            if progress is not None:
                progress(len(batch))
        _give_back(self._weights)
        return out

    def _infer(self, tokens: Sequence[TokenIds]) -> FloatMatrix:
        ids, mask = self._pad(tokens)
        inputs: dict[str, Any] = {graph.TOKENS_INPUT: ids, graph.MASK_INPUT: mask}
        with self._lock:
            if self._words is not None:
                inputs[graph.WORDS_INPUT] = self._words.rows(ids)
            vectors: FloatMatrix = self._request.infer(inputs)[self._output].copy()
        return vectors

    def _pad(self, tokens: Sequence[TokenIds]) -> tuple[IntMatrix, IntMatrix]:
        """Ids and attention mask, both (n, t)."""
        longest = max(map(len, tokens))
        width = min(-(-max(longest, 1) // _LENGTH_STEP) * _LENGTH_STEP, max(self._info.max_tokens, longest))
        ids = np.full((len(tokens), width), self._info.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(tokens):
            place = slice(0, len(text)) if self._info.pad_side == "right" else slice(width - len(text), width)
            ids[row, place] = text
            mask[row, place] = 1
        return ids, mask


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of `lengths` in batches of similar length, short ones first, each of a bounded number of tokens."""
    batch: list[int] = []
    for at in np.argsort(lengths, kind="stable").tolist():
        # Lengths ascend, so this one is the length of the whole batch.
        if batch and (len(batch) + 1) * lengths[at] > _TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


class WordTable:
    """Rows of a word embedding table on disk, read on demand. Not thread-safe."""

    def __init__(self, path: Path) -> None:
        # numpy reads the head of the file; its memory map is not used, see the module's docstring.
        table = np.load(path, mmap_mode="r")
        self._start = int(table.offset)
        self._type = table.dtype
        self._width = int(table.shape[1])
        self._file = path.open("rb", buffering=0)

    def rows(self, ids: IntMatrix) -> npt.NDArray[np.float32]:
        """Embeddings (n, t, width) of token ids (n, t)."""
        unique, places = np.unique(ids, return_inverse=True)
        size = self._width * self._type.itemsize
        raw = bytearray()
        for row in unique.tolist():
            self._file.seek(self._start + row * size)
            raw += self._file.read(size)
        table = np.frombuffer(raw, dtype=self._type).reshape(-1, self._width).astype(np.float32)
        found: npt.NDArray[np.float32] = table[places.reshape(ids.shape)]
        return found


def _compile(folder: Path, *, half: bool) -> tuple[ov.CompiledModel, mmap.mmap]:
    """The compiled graph of `folder`, and the memory map of its weights.

    There is no cache of compiled graphs: loading from one took as long (0.27 s) as compiling.
    """
    import openvino as ov

    with (folder / graph.WEIGHTS).open("rb") as stream:
        # Copy on write: OpenVINO's tensors insist on a writeable buffer, but nothing is written.
        weights = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    tensor = ov.Tensor(np.frombuffer(weights, dtype=np.uint8), shared_memory=True)
    core = ov.Core()
    model = core.read_model((folder / graph.GRAPH).read_bytes(), tensor)
    options = {
        "INFERENCE_PRECISION_HINT": "bf16" if half and _has_bfloat16(core) else "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": min(_usable_cpus(), _MOST_THREADS),
    }
    compiled = core.compile_model(model, "CPU", options)
    _give_back(weights)
    return compiled, weights


def _has_bfloat16(core: ov.Core) -> bool:
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _usable_cpus() -> int:
    """CPUs this process may use, which in a container are fewer than the machine has."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _give_back(weights: mmap.mmap) -> None:
    """Take the pages of the map out of memory; a later read gets them from the file again."""
    if hasattr(mmap, "MADV_DONTNEED"):
        weights.madvise(mmap.MADV_DONTNEED)
