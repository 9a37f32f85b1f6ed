"""The generation before the one being built: what can be taken over from it."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.errors import IndexMismatchError, IndexMissingError
from index.models import Chunk, Policy
from index.store.database import Database, ParsedFile
from index.store.generation import current_name
from index.store.manifest import REBUILD, Manifest, read_manifest
from index.store.vectors import FloatMatrix, VectorIndex

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Previous:
    """A generation opened for taking over parses and vectors, whatever model it was built with."""

    generation: Path
    manifest: Manifest
    database: Database

    @classmethod
    def open(cls, root: Path) -> Previous:
        """Open the current generation under `root`. Without the writer's lock it may be deleted meanwhile.

        Raises:
            IndexMissingError: there is none.
            IndexMismatchError: another version of the program wrote it, or it is damaged.
        """
        generation = root / current_name(root)
        try:
            return cls(generation, read_manifest(generation), Database.open(generation))
        except (OSError, sqlite3.Error) as error:
            raise IndexMismatchError(f"索引文件缺失或已损坏({generation.name})。", REBUILD) from error

    @classmethod
    def open_if_usable(cls, root: Path) -> Previous | None:
        """Like `open`, but None where there is nothing to take over."""
        try:
            return cls.open(root)
        except (IndexMissingError, IndexMismatchError) as error:
            logger.info("nothing to take over: %s", error)
            return None

    def close(self) -> None:
        """Close its files."""
        self.database.close()

    @property
    def name(self) -> str:
        """Name of the generation's folder."""
        return self.generation.name

    def parsed_files(self) -> list[ParsedFile]:
        """Its indexed files, in index order."""
        return self.database.parsed_files()

    def find_parsed(self, sha256: str, name: str) -> ParsedFile | None:
        """Its parse of a file of this content and name."""
        return self.database.parsed_content(sha256=sha256, name=name)

    def policies(self) -> list[Policy]:
        """Its policies."""
        return [self.database.policy(policy_id) for policy_id in self.database.facts()]

    def take_vectors(self, chunks: Sequence[Chunk]) -> tuple[FloatMatrix, list[int]]:
        """Vectors of the chunks whose text it has already.

        Returns:
            A matrix (n, d) with a row for each chunk, and the ascending rows that are still to be filled.

        Raises:
            IndexMismatchError: its vectors are damaged.
        """
        rows = {_digest(text): row for row, text in enumerate(self.database.chunk_texts())}
        stored = self._vectors()
        if len(stored) < len(rows):
            raise IndexMismatchError(f"索引的向量文件不完整({self.name})。", REBUILD)
        wanted = [rows.get(_digest(chunk.text), -1) for chunk in chunks]
        vectors = np.zeros((len(chunks), self.manifest.dimension), dtype=np.float32)
        known = [at for at, row in enumerate(wanted) if row >= 0]
        if known:
            vectors[known] = stored[[wanted[at] for at in known]]
        return vectors, [at for at, row in enumerate(wanted) if row < 0]

    def _vectors(self) -> FloatMatrix:
        try:
            return VectorIndex.from_folder(self.generation).matrix()
        except RuntimeError as error:
            raise IndexMismatchError(f"索引的向量文件缺失或已损坏({self.name})。", REBUILD) from error


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
