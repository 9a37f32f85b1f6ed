"""Write one complete generation and make it the current one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.models import Chunk, Policy
from index.store.codec import to_json
from index.store.database import ParsedFile, write_database
from index.store.generation import new_generation, publish, remove_generations
from index.store.lexical import LexicalIndex
from index.store.manifest import FORMAT_VERSION, Counts, FileRecord, Manifest, write_manifest
from index.store.tokens import TOKENIZER_VERSION
from index.store.vectors import FloatMatrix, VectorIndex

LEXICAL_FOLDER = "bm25"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything a generation holds; `vectors` (n, d) are the chunks' in their order."""

    policies: Sequence[Policy]
    chunks: Sequence[Chunk]
    vectors: FloatMatrix
    parsed: Sequence[ParsedFile]
    files: Sequence[FileRecord]
    removed: Sequence[FileRecord]
    sources: Sequence[str]
    parser_version: str
    embedding_model: str
    embedding: Mapping[str, Any]


def write_generation(root: Path, contents: Contents, *, previous: str | None) -> Manifest:
    """Write `contents` under `root`, switch to it, and delete all generations but it and `previous`.

    The writer's lock must be held.

    Raises:
        ValueError: there is not one vector of the model's dimension for each chunk.
    """
    manifest = describe(contents, previous=previous)
    if contents.vectors.shape != (len(contents.chunks), manifest.dimension):
        expected = (len(contents.chunks), manifest.dimension)
        raise ValueError(f"向量矩阵的形状是 {contents.vectors.shape},应为 {expected}")
    generation = new_generation(root)
    write_database(generation, policies=contents.policies, chunks=contents.chunks, parsed=contents.parsed)
    VectorIndex.from_matrix(contents.vectors).save(generation)
    LexicalIndex.from_texts(chunk.text for chunk in contents.chunks).save(generation / LEXICAL_FOLDER)
    write_manifest(generation, manifest)
    publish(generation)
    remove_generations(root, keep={generation.name} | ({previous} if previous else set()))
    return manifest


def describe(contents: Contents, *, previous: str | None) -> Manifest:
    """The manifest of a generation with these contents."""
    return Manifest(
        format_version=FORMAT_VERSION,
        tokenizer=TOKENIZER_VERSION,
        parser_version=contents.parser_version,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        corpus_version=corpus_version(contents.policies),
        embedding_model=contents.embedding_model,
        embedding=contents.embedding,
        sources=tuple(contents.sources),
        files=tuple(contents.files),
        removed=tuple(contents.removed),
        counts=count(contents.policies, contents.chunks),
        previous=previous,
    )


def count(policies: Sequence[Policy], chunks: Sequence[Chunk]) -> Counts:
    """Sizes, over every edition."""
    editions = [edition for policy in policies for edition in policy.editions]
    return Counts(
        policies=len(policies),
        editions=len(editions),
        clauses=sum(len(edition.clauses) for edition in editions),
        benefits=sum(len(edition.benefits) for edition in editions),
        chunks=len(chunks),
    )


def corpus_version(policies: Sequence[Policy]) -> str:
    """First 16 hex digits of a hash over all policies, independent of their order."""
    digest = hashlib.sha256()
    for policy in sorted(policies, key=lambda policy: policy.id):
        digest.update(to_json(policy).encode())
    return digest.hexdigest()[:16]
