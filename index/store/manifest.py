"""What a generation says about itself: its inputs, its embedding model, its format, its size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import IndexMismatchError
from index.store.codec import from_json, to_json
from index.store.tokens import TOKENIZER_VERSION

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FORMAT_VERSION = 1
"""Raised with every change of the files or tables of a generation."""

MANIFEST_FILE = "manifest.json"
REBUILD = "请运行 `python -m index build` 重新建立索引。"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One source file of a generation.

    Attributes:
        path: absolute path when it was read.
        sha256: of the file's bytes and its corrections; empty where it could not be read at all.
        added: it came by `add`, not from the sources of a build.
        error: Chinese sentence why the file was skipped, None where it is indexed.
    """

    path: str
    sha256: str
    added: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes of a generation; clauses and benefits are those of every edition."""

    policies: int
    editions: int
    clauses: int
    benefits: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Description of one generation.

    Attributes:
        created_at: ISO date and time, UTC.
        corpus_version: hash of all policies; equal for equal contents, whenever and wherever built.
        embedding_model: the setting the vectors were made with.
        embedding: identity of the model (name, dimension, revision, adapter).
        sources: absolute paths the last build was given.
        removed: files taken out by `remove`; see `index.build.build`.
        previous: name of the generation before this one, which is kept for readers that hold it.
    """

    format_version: int
    tokenizer: str
    parser_version: str
    created_at: str
    corpus_version: str
    embedding_model: str
    embedding: Mapping[str, Any]
    sources: tuple[str, ...]
    files: tuple[FileRecord, ...]
    removed: tuple[FileRecord, ...]
    counts: Counts
    previous: str | None = None

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self.embedding["dimension"])


def identity_mapping(identity: DataclassInstance) -> dict[str, Any]:
    """An embedding identity (a dataclass instance) as it stands in a manifest."""
    return asdict(identity)


def write_manifest(generation: Path, manifest: Manifest) -> None:
    """Write the manifest of `generation` (a folder)."""
    (generation / MANIFEST_FILE).write_text(to_json(manifest, indent=1), encoding="utf-8")


def read_manifest(generation: Path) -> Manifest:
    """Read the manifest of `generation` (a folder).

    Raises:
        FileNotFoundError: there is none.
        IndexMismatchError: it was written by another version of the program, or is damaged.
    """
    text = (generation / MANIFEST_FILE).read_bytes()
    try:
        version = json.loads(text)["format_version"]
        if version == FORMAT_VERSION:
            return from_json(Manifest, text)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexMismatchError(f"索引的清单文件已损坏({generation.name})。", REBUILD) from error
    raise IndexMismatchError(f"索引的格式版本是 {version},本程序使用的是 {FORMAT_VERSION}。", REBUILD)


def check_model(manifest: Manifest, *, model: str, identity: DataclassInstance | None = None) -> None:
    """Make sure that questions will be embedded and tokenised like the stored clauses.

    Args:
        manifest: of the stored index.
        model: the configured model (`Settings.embedding_model`).
        identity: of the loaded model (a dataclass instance), where it is loaded already.

    Raises:
        IndexMismatchError: they differ.
    """
    if manifest.embedding_model != model:
        problem = f"索引是用嵌入模型“{manifest.embedding_model}”建立的,当前设置的是“{model}”。"
        raise IndexMismatchError(problem, f"{REBUILD}或把 POLICYQA_EMBEDDING_MODEL 改回原值。")
    if manifest.tokenizer != TOKENIZER_VERSION:
        raise IndexMismatchError("索引的分词方式与本程序不同。", REBUILD)
    if identity is None:
        return
    stored, loaded = dict(manifest.embedding), identity_mapping(identity)
    if {**stored, "adapter": None} == {**loaded, "adapter": None} and stored.get("adapter") != loaded["adapter"]:
        was, now = (found["adapter"] or "无" for found in (stored, loaded))
        raise IndexMismatchError(
            f"索引用的适配器与现在的不同(索引:adapter={was};当前:adapter={now})。",
            f"{REBUILD}或者把 POLICYQA_ADAPTER 改回原值(none 为不用适配器)。",
        )
    if stored != loaded:
        changed = [key for key in loaded if stored.get(key) != loaded[key]]
        was = ",".join(f"{key}={stored.get(key)}" for key in changed)
        now = ",".join(f"{key}={loaded[key]}" for key in changed)
        raise IndexMismatchError(f"索引与当前嵌入模型不一致(索引:{was};当前:{now})。", REBUILD)
