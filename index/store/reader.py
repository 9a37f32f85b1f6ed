"""Read access to a stored index: an unchanging snapshot of one generation, and a handle on the current one."""

from __future__ import annotations

import copy
import sqlite3
import threading
import weakref
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.errors import IndexMismatchError
from index.models import Chunk, Clause, ClausePath, Policy, PolicyFacts, PolicyId
from index.settings import Settings
from index.store.database import Database
from index.store.generation import current_name
from index.store.lexical import LexicalIndex
from index.store.manifest import REBUILD, Manifest, check_model, read_manifest
from index.store.vectors import FloatMatrix, VectorIndex
from index.store.writer import LEXICAL_FOLDER

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_OPEN_ATTEMPTS = 20
"""How often opening starts again because a build has switched and cleaned up meanwhile."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; `score` is a cosine (dense, -1..1) or a BM25 score (above 0)."""

    chunk_id: str
    score: float


class IndexReader:
    """One generation, opened for reading.

    Never changes: a build that switches to another generation, and even deletes this one, leaves an open
    reader intact. Safe to use from several threads. Policies are loaded when they are asked for and kept.
    """

    def __init__(
        self, *, name: str, manifest: Manifest, database: Database, vectors: VectorIndex, lexical: LexicalIndex
    ) -> None:
        self.name = name
        self.manifest = manifest
        self._database = database
        self._vectors = vectors
        self._lexical = lexical
        keys = database.chunk_keys()
        self._chunk_ids = [chunk_id for chunk_id, _, _ in keys]
        self._owners = [policy_id for _, policy_id, _ in keys]
        self._positions = {chunk_id: position for position, chunk_id in enumerate(self._chunk_ids)}
        self._policies: dict[PolicyId, Policy] = {}
        self._clauses: dict[PolicyId, dict[ClausePath, Clause]] = {}
        self._facts: dict[PolicyId, PolicyFacts] | None = None
        self._only: frozenset[PolicyId] | None = None
        self._whole: IndexReader | None = None
        weakref.finalize(self, database.close)

    @classmethod
    def open(cls, settings: Settings, embeddings_identity: DataclassInstance | None = None) -> IndexReader:
        """Open the current generation.

        Args:
            settings: name the data folder and the embedding model.
            embeddings_identity: identity of the loaded model, compared with the stored one where given.

        Raises:
            IndexMissingError: no index has been built.
            IndexMismatchError: it was built with another model or program version, or is damaged.
        """
        root = settings.index_dir
        name = current_name(root)
        for _ in range(_OPEN_ATTEMPTS):
            try:
                return cls._open_generation(root / name, settings, embeddings_identity)
            except (OSError, sqlite3.Error, RuntimeError, ValueError) as error:
                failed, name = name, current_name(root)
                if name == failed:
                    raise IndexMismatchError(f"索引文件缺失或已损坏({failed})。", REBUILD) from error
        raise IndexMismatchError("索引正在被反复更新,无法打开。", "请稍后再试。")

    @classmethod
    def _open_generation(cls, generation: Path, settings: Settings, identity: DataclassInstance | None) -> IndexReader:
        manifest = read_manifest(generation)
        check_model(manifest, model=settings.embedding_model, identity=identity)
        vectors = VectorIndex.from_folder(generation)
        lexical = LexicalIndex.from_folder(generation / LEXICAL_FOLDER)
        database = Database.open(generation)
        reader = cls(name=generation.name, manifest=manifest, database=database, vectors=vectors, lexical=lexical)
        if (
            not len(reader) == vectors.rows == lexical.rows == manifest.counts.chunks
            or vectors.dimension != manifest.dimension
        ):
            raise ValueError("文件之间条数不一致")
        return reader

    def within(self, policies: Collection[PolicyId]) -> IndexReader:
        """The same generation as if it held these policies alone; costs nothing, statistics stay those of the whole."""
        view = copy.copy(self)
        view._only = frozenset(policies)
        view._whole = self  # the files are closed with the reader that opened them
        return view

    def __len__(self) -> int:
        """Number of chunks, those outside of a view included."""
        return len(self._chunk_ids)

    def facts(self) -> dict[PolicyId, PolicyFacts]:
        """Facts of every policy, without loading clauses; in the order of the build."""
        if self._facts is None:
            self._facts = self._database.facts()
        only = self._only
        return {key: facts for key, facts in self._facts.items() if only is None or key in only}

    def policies(self) -> list[Policy]:
        """Every policy with its editions, in the order of the build."""
        return [self.policy(policy_id) for policy_id in self.facts()]

    def policy(self, policy_id: PolicyId) -> Policy:
        """One policy.

        Raises:
            KeyError: there is no such policy.
        """
        # Two threads may load the same policy at once; either result is the same.
        if policy_id not in self._policies:
            self._policies[policy_id] = self._database.policy(policy_id)
        return self._policies[policy_id]

    def clauses(self, policy_id: PolicyId) -> tuple[Clause, ...]:
        """Clauses of the edition that is quoted, in document order.

        Raises:
            KeyError: there is no such policy.
        """
        return self.policy(policy_id).best.clauses

    def clause(self, policy_id: PolicyId, path: ClausePath) -> Clause | None:
        """One clause of the edition that is quoted, None where the policy has no such path.

        Raises:
            KeyError: there is no such policy.
        """
        if policy_id not in self._clauses:
            by_path: dict[ClausePath, Clause] = {}
            for clause in self.clauses(policy_id):
                by_path.setdefault(clause.path, clause)
            self._clauses[policy_id] = by_path
        return self._clauses[policy_id].get(path)

    def chunk(self, chunk_id: str) -> Chunk:
        """One chunk.

        Raises:
            KeyError: there is no such chunk.
        """
        return self._database.chunk(chunk_id)

    def chunks(self) -> list[Chunk]:
        """Every chunk in index order."""
        return self._database.chunks()

    def bm25_search(self, text: str, k: int) -> list[Hit]:
        """Best `k` chunks that share words or bigrams with `text`, best first; none may be found."""
        return self._hits(self._lexical.search(text, self._searched(k)), k)

    def dense_search(self, vector: npt.ArrayLike, k: int) -> list[Hit]:
        """Best `k` chunks by cosine to the unit vector `vector` (d,), best first.

        Raises:
            ValueError: `vector` has another length than the stored ones.
        """
        return self._hits(self._vectors.search(vector, self._searched(k)), k)

    def vectors(self, chunk_ids: list[str]) -> FloatMatrix:
        """Vectors (n, d) of chunks.

        Raises:
            KeyError: there is no such chunk.
        """
        rows = [self._vectors.vector(self._positions[chunk_id]) for chunk_id in chunk_ids]
        return np.stack(rows) if rows else np.empty((0, self._vectors.dimension), dtype=np.float32)

    def _searched(self, k: int) -> int:
        """How many to search for: in a view any number of the best may lie outside."""
        return k if self._only is None else len(self)

    def _hits(self, rows: list[tuple[int, float]], k: int) -> list[Hit]:
        if self._only is None:
            return [Hit(self._chunk_ids[row], score) for row, score in rows]
        hits = (Hit(self._chunk_ids[row], score) for row, score in rows if self._owners[row] in self._only)
        return list(islice(hits, k))


class IndexHandle:
    """The current reader, re-opened when a build has switched to another generation. Thread-safe."""

    def __init__(self, settings: Settings, embeddings_identity: DataclassInstance | None = None) -> None:
        self._settings = settings
        self._identity = embeddings_identity
        self._lock = threading.Lock()
        self._reader: IndexReader | None = None

    def current(self) -> IndexReader:
        """A reader of the current generation; costs one small file read where nothing has changed.

        Raises:
            IndexMissingError: no index has been built.
            IndexMismatchError: it was built with another model or program version, or is damaged.
        """
        name = current_name(self._settings.index_dir)
        reader = self._reader
        if reader is not None and reader.name == name:
            return reader
        with self._lock:
            if self._reader is None or self._reader.name != name:
                self._reader = IndexReader.open(self._settings, self._identity)
            return self._reader
