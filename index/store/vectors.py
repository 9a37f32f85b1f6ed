"""The vectors of a generation: an exact inner-product index of FAISS; row = chunk position."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import faiss

FloatMatrix = npt.NDArray[np.float32]

VECTORS_FILE = "vectors.faiss"


class VectorIndex:
    """Unit vectors (n, d), searched exhaustively; safe to search from several threads."""

    def __init__(self, engine: faiss.Index) -> None:
        self._engine = engine

    @classmethod
    def from_matrix(cls, vectors: FloatMatrix) -> Self:
        """Index the rows of `vectors` (n, d), n may be 0."""
        import faiss

        engine = faiss.IndexFlatIP(vectors.shape[1])
        engine.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(engine)

    @classmethod
    def from_folder(cls, generation: Path) -> Self:
        """Load what `save` wrote.

        Raises:
            RuntimeError: the file is missing or damaged (raised by FAISS).
        """
        import faiss

        return cls(faiss.read_index(str(generation / VECTORS_FILE)))

    def save(self, generation: Path) -> None:
        """Write the index into the folder `generation`."""
        import faiss

        faiss.write_index(self._engine, str(generation / VECTORS_FILE))

    @property
    def rows(self) -> int:
        """Number of vectors."""
        return int(self._engine.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._engine.d)

    def matrix(self) -> FloatMatrix:
        """All vectors (n, d)."""
        return np.asarray(self._engine.reconstruct_n(0, self.rows), dtype=np.float32)

    def vector(self, row: int) -> npt.NDArray[np.float32]:
        """One vector (d,)."""
        return np.asarray(self._engine.reconstruct(row), dtype=np.float32)

    def search(self, vector: npt.ArrayLike, k: int) -> list[tuple[int, float]]:
        """Best `k` rows as (row, cosine), best first.

        Raises:
            ValueError: `vector` has another length than the stored ones.
        """
        question = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        if question.shape[1] != self.dimension:
            raise ValueError(f"问题向量有 {question.shape[1]} 维,索引是 {self.dimension} 维")
        wanted = min(k, self.rows)
        if wanted < 1:
            return []
        scores, rows = self._engine.search(question, wanted)
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
