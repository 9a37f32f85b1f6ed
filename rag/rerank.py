"""A second look at the best clauses: a cross-encoder reads question and clause together.

Over many pieces of text the bundled reranker (`index.embed.scorer`) is used where most of the best clauses are those of
norms, the kind of text that it was trained on: its score is added to that of the fusion.
`POLICYQA_RERANKER` names a sentence-transformers cross-encoder instead, by folder or by name, which orders the best
clauses by itself over any index; `none` switches both off.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.embed import scorer
from index.errors import MissingExtraError, ModelError
from index.offline import disable_telemetry
from rag.fuse import DEPTH
from rag.norms import norm_share

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from index.embed.openvino_engine import OpenVinoEncoder

logger = logging.getLogger(__name__)

FloatVector = npt.NDArray[np.float32]

OFF = "none"
RERANKED = 20
"""Clauses that a configured cross-encoder orders anew."""
BUNDLED_DEPTH = 16
"""Clauses that the bundled reranker sees: what it gains and costs with more and fewer is in docs/decisions.md."""
SHARE = 0.04
"""Of the bundled reranker's score beside the fused score (0..1), chosen on questions it was not trained on."""
NORMS = 0.6
"""Share of the best clauses that have to be those of norms for the bundled reranker to be used: it knows lay questions
on statutes, and costs a little elsewhere (see docs/decisions.md)."""

_FIRST = "首次上规的工业企业"
_BATCH = 16
_TOKENS = 512
_QUESTION = 60
"""Characters of a question that the bundled reranker reads: it has 96 tokens for question and clause."""


@runtime_checkable
class Reranker(Protocol):
    """Says how well passages answer a question."""

    def scores(self, question: str, passages: Sequence[str]) -> FloatVector:
        """Scores (n,) of any range, higher is better, in the order of `passages`."""


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranker and how it is used.

    Attributes:
        depth: best clauses that it sees.
        share: weight of its scores beside those of the fusion; None leaves the order to its scores alone.
        least: it is used over more pieces of text than this.
        norms: it is used where at least this share of the clauses it would see are those of norms.
    """

    reranker: Reranker
    depth: int = RERANKED
    share: float | None = None
    least: int = 0
    norms: float = 0.0

    def pays(self, titles: Sequence[str], *, pieces: int) -> bool:
        """Whether it is used over so many pieces, the best of which are of documents with these titles."""
        return pieces > self.least and norm_share(titles[: self.depth]) >= self.norms

    def prepare(self, *, pieces: int) -> None:
        """Load the reranker where it will be used over so many pieces: the first question need not wait for it."""
        if pieces > self.least:
            self.reranker.scores(_FIRST, [_FIRST])

    def order(self, question: str, passages: Sequence[str], fused: Sequence[float]) -> list[int]:
        """Positions of `passages`, best first; equal ones keep their order.

        Args:
            question: what is asked.
            passages: texts of the best clauses, at most `depth`.
            fused: their scores in the fusion.
        """
        scores = self.reranker.scores(question, passages)
        # One that cannot be loaded says nothing of any passage.
        scores = np.zeros_like(scores) if np.isnan(scores).all() else np.nan_to_num(scores, nan=-np.inf)
        if self.share is not None:
            scores = np.asarray(fused, dtype=np.float32) + self.share * scores
        order: list[int] = np.argsort(-scores, kind="stable").tolist()
        return order


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder. Thread-safe as far as PyTorch's inference is."""

    def __init__(self, model: CrossEncoder) -> None:
        self._model = model

    def scores(self, question: str, passages: Sequence[str]) -> FloatVector:
        """See `Reranker`; passages over 512 tokens are cut at the end."""
        if not passages:
            return np.empty(0, dtype=np.float32)
        pairs = [(question, passage) for passage in passages]
        found = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, dtype=np.float32).reshape(len(passages), -1)[:, -1]


class BundledReranker:
    """The bundled reranker, loaded with the first question that needs it. Thread-safe."""

    def __init__(self, models_dir: Path, file: Path = scorer.SHIPPED) -> None:
        self._models_dir = models_dir
        self._file = file
        self._lock = threading.Lock()
        self._encoder: OpenVinoEncoder | None = None
        self._unusable = False

    def scores(self, question: str, passages: Sequence[str]) -> FloatVector:
        """See `Reranker`; of a question 60 characters are read, of question and passage 96 tokens.

        Where the reranker cannot be loaded, the log says so once and all scores are NaN: nobody asked for it, and
        the fusion's order answers too.
        """
        encoder = self._loaded() if passages else None
        if encoder is None:
            return np.full(len(passages), np.nan, dtype=np.float32)
        texts = scorer.pair_texts(question[:_QUESTION], passages)
        return np.asarray(encoder.encode(texts)[:, 0], dtype=np.float32)

    def _loaded(self) -> OpenVinoEncoder | None:
        with self._lock:
            if self._encoder is None and not self._unusable:
                try:
                    self._encoder = scorer.load_scorer(self._models_dir, self._file)
                except (ModelError, MissingExtraError) as error:
                    self._unusable = True
                    logger.warning("随附的重排模型不可用,不重排:%s", error)
            return self._encoder


@lru_cache(maxsize=2)
def load_reranker(name: str, models_dir: Path) -> Reranking | None:
    """The reranker that `POLICYQA_RERANKER` asks for: the bundled one for "", None for "none", else a cross-encoder.

    Args:
        name: the setting; a folder or a model name for a cross-encoder.
        models_dir: where the bundled one is unpacked.

    Raises:
        ModelError: it is not on this machine, or is no cross-encoder.
        MissingExtraError: sentence-transformers is not installed.
    """
    wanted = name.strip()
    if wanted.lower() == OFF or (not wanted and not scorer.SHIPPED.is_file()):
        return None
    if not wanted:
        return Reranking(BundledReranker(models_dir), depth=BUNDLED_DEPTH, share=SHARE, least=DEPTH, norms=NORMS)
    disable_telemetry()
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        raise MissingExtraError(
            "没有安装 sentence-transformers,不能重排。", "请运行 pip install sentence-transformers。"
        ) from error
    try:
        model = CrossEncoder(wanted, device="cpu", max_length=_TOKENS)
    # What the library raises for a missing, damaged or unsuitable model.
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"重排模型“{name}”无法加载({type(error).__name__})。",
            "请检查 POLICYQA_RERANKER 写的模型名或文件夹;留空用随附的重排模型,none 为不用。",
        ) from error
    return Reranking(CrossEncoderReranker(model))
