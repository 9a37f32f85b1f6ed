"""An optional second look at the best clauses: a cross-encoder reads question and clause together.

Off by default; `POLICYQA_RERANKER` names a sentence-transformers cross-encoder, by folder or by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.errors import MissingExtraError, ModelError
from index.offline import disable_telemetry

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

FloatVector = npt.NDArray[np.float32]

RERANKED = 20
"""Clauses that are ordered anew: a cross-encoder costs some tens of milliseconds a clause on a CPU."""

_BATCH = 16
_TOKENS = 512


@runtime_checkable
class Reranker(Protocol):
    """Says how well passages answer a question."""

    def scores(self, question: str, passages: Sequence[str]) -> FloatVector:
        """Scores (n,) of any range, higher is better, in the order of `passages`."""


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


@lru_cache(maxsize=2)
def load_reranker(name: str) -> Reranker | None:
    """The cross-encoder called `name`, a folder or a model name; None for the empty name.

    Raises:
        ModelError: it is not on this machine, or is no cross-encoder.
        MissingExtraError: sentence-transformers is not installed.
    """
    if not name.strip():
        return None
    disable_telemetry()
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        raise MissingExtraError(
            "没有安装 sentence-transformers,不能重排。", "请运行 pip install sentence-transformers。"
        ) from error
    try:
        model = CrossEncoder(name.strip(), device="cpu", max_length=_TOKENS)
    # What the library raises for a missing, damaged or unsuitable model.
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"重排模型“{name}”无法加载({type(error).__name__})。",
            "请检查 POLICYQA_RERANKER 写的模型名或文件夹,留空则不重排。",
        ) from error
    return CrossEncoderReranker(model)


def order_by(reranker: Reranker, question: str, passages: Sequence[str]) -> list[int]:
    """Positions of `passages`, best first; equal ones keep their order."""
    scores = np.nan_to_num(reranker.scores(question, passages), nan=-np.inf)
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order
