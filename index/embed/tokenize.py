"""Texts to token ids with the `tokenizers` library, holding in memory only the pieces that Chinese text can use.

XLM-RoBERTa's vocabulary, which the bundled model and bge-m3 share, has 250,000 pieces of a hundred languages; loaded
whole, it takes 280 MB and half a second. A Unigram model splits a text into pieces that occur in it, so pieces with a
character that the text does not have cannot matter. The slim tokenizer therefore has the pieces written in `HOME`
characters only (100,000 pieces, 60 MB), and gives the ids of the whole one, exactly, for every text without foreign
characters; a character is foreign where some piece of the vocabulary has it and it is not in `HOME`. The first text
with a foreign character loads the whole tokenizer.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.embed import graph
from index.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

TokenIds = npt.NDArray[np.int32]

HOME = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00BF),  # · ° ± §
    (0x00D7, 0x00D7),  # ×
    (0x2000, 0x2BFF),  # punctuation, currency, number forms, arrows, mathematical and enclosed signs; ▁ is here
    (0x3000, 0x303F),  # CJK punctuation
    (0x3200, 0x33FF),  # enclosed ideographs and units
    (0x3400, 0x4DBF),  # ideographs, extension A
    (0x4E00, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFE30, 0xFE4F),  # vertical forms
    (0xFF00, 0xFFEF),  # full-width forms
)
"""Code point ranges, both ends included, that Chinese official writing keeps to."""

_BATCH = 512
_FEWEST_PIECES = 50_000
"""Below this the whole vocabulary is small enough."""


@dataclass(frozen=True, slots=True)
class Slim:
    """The small tokenizer.

    Attributes:
        tokenizer: over the home pieces.
        ids: id in the small vocabulary -> id in the whole one, int32.
        foreign: characters that need the whole vocabulary.
    """

    tokenizer: Tokenizer
    ids: TokenIds
    foreign: frozenset[str]

    def covers(self, text: str) -> bool:
        """True where `text`, as it looks after normalisation, has no foreign character."""
        normalizer = self.tokenizer.normalizer
        return self.foreign.isdisjoint(normalizer.normalize_str(text) if normalizer is not None else text)


class PieceTokenizer:
    """The tokenizer of a converted model. Thread-safe."""

    def __init__(self, whole: Path, *, max_tokens: int, slim: Slim | None) -> None:
        self._path = whole
        self._max_tokens = max_tokens
        self._slim = slim
        self._whole: Tokenizer | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_folder(cls, folder: Path, *, max_tokens: int) -> PieceTokenizer:
        """Load the tokenizer in `folder`, cutting at `max_tokens` tokens (start and end marks counted).

        Raises:
            ModelError: a file is damaged.
        """
        slim = _load_slim(folder, max_tokens)
        found = cls(folder / graph.TOKENIZER, max_tokens=max_tokens, slim=slim)
        if slim is None:
            found._load_whole()
        return found

    @property
    def holds_whole(self) -> bool:
        """Whether the whole vocabulary is in memory."""
        return self._whole is not None

    def encode(self, texts: Sequence[str]) -> list[TokenIds]:
        """Token ids of every text, with start and end marks."""
        slim = self._slim
        home = [at for at, text in enumerate(texts) if slim is not None and slim.covers(text)]
        found: dict[int, TokenIds] = {}
        if slim is not None and home:
            small = _encode_all(slim.tokenizer, [texts[at] for at in home])
            found = {at: slim.ids[ids] for at, ids in zip(home, small, strict=True)}
        rest = [at for at in range(len(texts)) if at not in found]
        if rest:
            whole = _encode_all(self._load_whole(), [texts[at] for at in rest])
            found.update(zip(rest, whole, strict=True))
        return [found[at] for at in range(len(texts))]

    def _load_whole(self) -> Tokenizer:
        with self._lock:
            if self._whole is None:
                self._whole = _open(self._path, self._max_tokens)
            return self._whole


def write_slim(folder: Path) -> None:
    """Write the slim tokenizer beside the whole one in `folder`, where the whole one is a big Unigram model."""
    content = json.loads((folder / graph.TOKENIZER).read_text(encoding="utf-8"))
    model = content["model"]
    processor = content.get("post_processor") or {}
    if model.get("type") != "Unigram" or processor.get("type") != "TemplateProcessing":
        return
    pieces: list[tuple[str, float]] = model["vocab"]
    if len(pieces) < _FEWEST_PIECES or model.get("byte_fallback"):
        return
    kept = _kept_pieces(pieces, {token["content"] for token in content["added_tokens"]} | {pieces[model["unk_id"]][0]})
    places = {old: new for new, old in enumerate(kept)}
    content["model"] = {**model, "vocab": [pieces[old] for old in kept], "unk_id": places[model["unk_id"]]}
    for token in content["added_tokens"]:
        if token["id"] not in places:
            # A token outside the model's vocabulary gets the next free id.
            places[token["id"]] = len(kept)
            kept.append(token["id"])
        token["id"] = places[token["id"]]
    for token in processor["special_tokens"].values():
        token["ids"] = [places[old] for old in token["ids"]]
    home_characters = {character for old in kept if old < len(pieces) for character in pieces[old][0]}
    foreign = {character for piece, _score in pieces for character in piece} - home_characters
    _dump({**content, "truncation": None, "padding": None}, folder / graph.SLIM_TOKENIZER)
    _dump({"ids": kept, "foreign": "".join(sorted(foreign))}, folder / graph.SLIM_MAP)


def _kept_pieces(pieces: Sequence[tuple[str, float]], special: set[str]) -> list[int]:
    """Ids of the pieces of the slim vocabulary, ascending."""
    home = re.compile("[" + "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in HOME) + "]*")
    kept = [old for old, (piece, _score) in enumerate(pieces) if piece in special or home.fullmatch(piece)]
    # An unknown character costs the lowest score of the vocabulary and 10 more: the lowest has to be there.
    lowest = min(range(len(pieces)), key=lambda old: pieces[old][1])
    return sorted({*kept, lowest})


def _dump(content: object, path: Path) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _load_slim(folder: Path, max_tokens: int) -> Slim | None:
    if not (folder / graph.SLIM_MAP).is_file():
        return None
    try:
        content = json.loads((folder / graph.SLIM_MAP).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder / graph.SLIM_MAP) from error
    tokenizer = _open(folder / graph.SLIM_TOKENIZER, max_tokens)
    return Slim(tokenizer, np.array(content["ids"], dtype=np.int32), frozenset(content["foreign"]))


def _open(path: Path, max_tokens: int) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        # from_buffer raises ValueError where from_file raises a bare Exception.
        tokenizer = Tokenizer.from_buffer(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _damaged(path: Path) -> ModelError:
    return ModelError(f"分词器文件 {path} 无法读取。", f"请删除文件夹 {path.parent} 后重新运行。")


def _encode_all(tokenizer: Tokenizer, texts: Sequence[str]) -> list[TokenIds]:
    """Ids as arrays, some texts at a time: a list of ids takes ten times the memory."""
    if len(texts) == 1:
        # Without the thread pool that a batch starts.
        return [np.array(tokenizer.encode(texts[0]).ids, dtype=np.int32)]
    found: list[TokenIds] = []
    for start in range(0, len(texts), _BATCH):
        found.extend(_arrays(tokenizer.encode_batch_fast(list(texts[start : start + _BATCH]))))
    return found


def _arrays(encodings: Iterable[Encoding]) -> list[TokenIds]:
    return [np.array(encoding.ids, dtype=np.int32) for encoding in encodings]
