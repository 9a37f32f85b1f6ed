"""BM25 over chunk texts, stored as numpy arrays and JSON beside the vectors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from index.store.tokens import tokenize

if TYPE_CHECKING:
    import bm25s

_NO_WORDS_FILE = "rows.txt"
"""Written in place of the arrays where no row has a word; holds the number of rows."""


class LexicalIndex:
    """A BM25 index (Lucene's variant, library `bm25s`); rows are chunk positions.

    Safe to search from several threads: nothing is written after construction.
    """

    def __init__(self, engine: bm25s.BM25 | None, *, rows: int) -> None:
        """`engine` is None where no row has a word."""
        self._engine = engine
        self.rows = rows

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Self:
        """Tokenise and index `texts`, one row each."""
        vocabulary: dict[str, int] = {}
        rows = [[vocabulary.setdefault(token, len(vocabulary)) for token in tokenize(text)] for text in texts]
        if not vocabulary:
            return cls(None, rows=len(rows))
        import bm25s

        engine = bm25s.BM25(method="lucene", backend="numpy")
        engine.index((rows, vocabulary), create_empty_token=False, show_progress=False)
        return cls(engine, rows=len(rows))

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Open what `save` wrote; the arrays are memory-mapped.

        Raises:
            OSError, ValueError: files are missing or damaged.
        """
        no_words = folder / _NO_WORDS_FILE
        if no_words.exists():
            return cls(None, rows=int(no_words.read_text(encoding="utf-8")))
        import bm25s

        engine = bm25s.BM25.load(folder, mmap=True, allow_pickle=False, backend="numpy", show_progress=False)
        return cls(engine, rows=int(engine.scores["num_docs"]))

    def save(self, folder: Path) -> None:
        """Write .npy arrays (no pickle) and JSON into the folder `folder`, made here."""
        folder.mkdir()
        if self._engine is None:
            (folder / _NO_WORDS_FILE).write_text(str(self.rows), encoding="utf-8")
        else:
            self._engine.save(folder, allow_pickle=False, show_progress=False)

    def search(self, text: str, k: int) -> list[tuple[int, float]]:
        """Best `k` rows with a score above 0 as (row, score), best first, ties in row order."""
        if self._engine is None or k < 1:
            return []
        known = self._engine.get_tokens_ids(tokenize(text))
        return top_rows(self._engine.get_scores_from_ids(known), k) if known else []


def top_rows(scores: npt.NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """Rows of the `k` highest positive `scores` (n,), best first; equal scores keep row order."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) > k:
        threshold = np.partition(scores[positive], -k)[-k]
        positive = positive[scores[positive] >= threshold]
    order = positive[np.argsort(-scores[positive], kind="stable")][:k]
    return [(int(row), float(scores[row])) for row in order]
