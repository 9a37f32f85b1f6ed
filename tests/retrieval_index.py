"""Indexes for tests of retrieval: real parsing, cheap vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import rag_index
from index_fakes import FakeEmbedder

from index.build import Options, build
from index.parts import Parts
from index.store import IndexReader


def opened(data_dir: Path, sources: Sequence[Path]) -> IndexReader:
    """An index over `sources`; its vectors are bags of character pairs."""
    settings = rag_index.settings(data_dir)
    parts = replace(Parts.installed(), load_embeddings=lambda _: FakeEmbedder())
    build(list(sources), settings=settings, options=Options(parts=parts))
    return IndexReader.open(settings)


def written(folder: Path, documents: Mapping[str, str]) -> list[Path]:
    """The documents as text files, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.txt" for name in documents]
    for path, text in zip(paths, documents.values(), strict=True):
        path.write_text(text.strip() + "\n", encoding="utf-8")
    return paths
