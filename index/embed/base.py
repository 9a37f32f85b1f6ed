"""The embedding contract: passages and questions to unit vectors, whatever engine computes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

FloatMatrix = npt.NDArray[np.float32]
"""Float32 array (n, d), one row per text."""

FloatVector = npt.NDArray[np.float32]
"""Float32 array (d,)."""


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Tells whether stored vectors fit a model: equal identities give equal vectors up to rounding.

    Attributes:
        name: model name as a person knows it; a local folder gives its last component.
        dimension: length d of a vector.
        revision: hash of what determines the vectors (weights, vocabulary, configuration); the same for every
            engine.
        adapter: name and hash of the adapter merged into the weights, None without one.
    """

    name: str
    dimension: int
    revision: str
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts put in front of what is embedded, from the model's own configuration; empty where it has none."""

    query: str = ""
    passage: str = ""


class Encoder(Protocol):
    """An engine with a model in it. Thread-safe."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> FloatMatrix:
        """Vectors (n, d) in the order of `texts`, prompts included in them.

        Texts over the model's maximum (512 tokens for the bundled one) are cut at the end. `progress` is told
        after each batch the number of texts done since the last call.
        """


class PolicyEmbeddings(Embeddings):
    """Embeds passages and questions with one model; a LangChain `Embeddings` for stores that want one.

    Vectors have length 1, so their dot product is the cosine. A text over the model's maximum length (512 tokens
    for the bundled model, about 800 Chinese characters) is cut: split long text before. The empty text has a
    vector too, the one of its prompt.
    """

    def __init__(self, encoder: Encoder, *, prompts: Prompts, identity: ModelIdentity) -> None:
        self._encoder = encoder
        self._prompts = prompts
        self._identity = identity

    @property
    def identity(self) -> ModelIdentity:
        """What the index manifest stores and compares."""
        return self._identity

    @property
    def dimension(self) -> int:
        """Length d of a vector."""
        return self._identity.dimension

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> FloatMatrix:
        """Unit vectors (n, d) of `texts` as passages, in their order.

        `progress` is told after each batch the number of texts done since the last call.
        """
        return self._encode(self._prompts.passage, texts, progress)

    def embed_question(self, text: str) -> FloatVector:
        """Unit vector (d,) of `text` as a question."""
        vector: FloatVector = self._encode(self._prompts.query, [text], None)[0]
        return vector

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `embed_passages`, as lists."""
        rows: list[list[float]] = self.embed_passages(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `embed_question`, as a list."""
        row: list[float] = self.embed_question(text).tolist()
        return row

    def _encode(self, prompt: str, texts: Sequence[str], progress: Callable[[int], None] | None) -> FloatMatrix:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        # A lone surrogate, as a broken extraction leaves it, is refused by every tokenizer.
        clean = [(prompt + text).encode("utf-8", "replace").decode() for text in texts]
        return unit_rows(self._encoder.encode(clean, progress))


def unit_rows(matrix: FloatMatrix) -> FloatMatrix:
    """Rows scaled to length 1; a row without a direction (zero, NaN) becomes the constant one."""
    rows = np.asarray(matrix, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    usable = np.isfinite(norms) & (norms > 0)
    scaled = np.divide(rows, norms, out=np.zeros_like(rows), where=usable)
    constant = np.float32(1 / math.sqrt(rows.shape[1]))
    unit: FloatMatrix = np.where(usable, scaled, constant)
    return unit
