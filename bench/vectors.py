"""Vectors of many texts, kept on disk by content so that a benchmark that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from index.embed import FloatMatrix, PolicyEmbeddings

logger = logging.getLogger(__name__)

BATCH = 1024
"""Texts between two writes: about ten seconds of work that a kill can lose."""

_PATTERN = "batch-*.npz"


class VectorCache:
    """Vectors (d,) by text, in one folder for a model and a prompt; every batch is a file of hashes and vectors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows: dict[bytes, FloatMatrix] = {}

    @classmethod
    def from_folder(cls, root: Path, embeddings: PolicyEmbeddings, *, prompt: str) -> VectorCache:
        """Open or make the cache of a model under `root`; files that a full disk left damaged are left out.

        Args:
            prompt: "passage" or "query": the same text has another vector for each.
        """
        identity = embeddings.identity
        name = f"{identity.name.replace('/', '_')}-{identity.revision[:12]}-{prompt}"
        cache = cls(root / (f"{name}-{identity.adapter}" if identity.adapter else name))
        cache.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(cache.folder.glob(_PATTERN)):
            cache._load(path)
        return cache

    def __len__(self) -> int:
        """Number of texts known."""
        return len(self._rows)

    def vectors(
        self,
        texts: Sequence[str],
        embed: Callable[[Sequence[str]], FloatMatrix],
        *,
        progress: Callable[[int], object] | None = None,
    ) -> FloatMatrix:
        """Vectors (n, d) in the order of `texts`; those not known are computed by `embed` and kept.

        Args:
            progress: is told the number of texts done since the last call, known ones first.
        """
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if progress is not None:
            progress(len(set(keys)) - len(missing))
        # Texts of one length together waste no padding.
        queue = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(queue), BATCH):
            batch = queue[start : start + BATCH]
            self._add([key for key, _ in batch], embed([text for _, text in batch]))
            if progress is not None:
                progress(len(batch))
        return np.stack([self._rows[key] for key in keys])

    def _add(self, keys: Sequence[bytes], vectors: FloatMatrix) -> None:
        name = hashlib.sha256(b"".join(keys)).hexdigest()[:24]
        path = self.folder / f"batch-{name}.npz"
        pending = path.with_suffix(".tmp")
        with pending.open("wb") as stream:
            np.savez(stream, keys=np.frombuffer(b"".join(keys), dtype=np.uint8), vectors=vectors)
        pending.replace(path)
        self._rows.update(zip(keys, vectors, strict=True))

    def _load(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                keys, vectors = stored["keys"].tobytes(), stored["vectors"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            logger.warning("向量缓存文件 %s 已损坏,重新计算:%s", path.name, error)
            return
        size = len(keys) // len(vectors)
        self._rows.update((keys[at * size : (at + 1) * size], vector) for at, vector in enumerate(vectors))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:20]
