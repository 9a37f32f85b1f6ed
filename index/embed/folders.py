"""Folders that are made as a whole or not at all, and the content hash of a model folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import ModelError

_HASHED_SUFFIXES = frozenset({".safetensors", ".bin", ".json", ".model", ".txt", ".jinja"})
_ENGINE_FOLDERS = frozenset({"onnx", "openvino"})


@contextmanager
def building(folder: Path) -> Iterator[Path | None]:
    """Build `folder` as a whole: yields an empty folder that takes its place when the block ends without error.

    A killed run leaves nothing under the final name, and a lock file beside it keeps processes that start
    together from doing the work twice: yields None where another process made `folder` while this one waited.

    Raises:
        ModelError: the disk refuses (no space, no permission).
    """
    from filelock import FileLock

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if folder.is_dir():
                yield None
                return
            for stale in folder.parent.glob(f".{folder.name}.*"):
                shutil.rmtree(stale, ignore_errors=True)
            temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
            try:
                yield temporary
                _make_readable(temporary)
                temporary.replace(folder)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"无法写入模型文件夹 {folder}({error.strerror or error})。",
            "请检查磁盘空间和写权限,或用 POLICYQA_MODEL_CACHE 指定另一个文件夹。",
        ) from error


def _make_readable(folder: Path) -> None:
    """Modes of an ordinary file: mkdtemp and safetensors allow the owner only, but a model cache is shared."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def safe_name(name: str) -> str:
    """`name` as a file name: BAAI/bge-m3 becomes BAAI--bge-m3."""
    return re.sub(r"[^\w.-]+", "-", name.replace("/", "--")).strip(".-") or "model"


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_revision(folder: Path, *, cache: Path) -> str:
    """Hash (12 hex digits) of the weights, vocabulary and configuration in a model folder.

    Where `folder` lies and what it is called do not count. Hashing gigabytes takes seconds, so the result is kept
    under `cache`, found again by the files' names, sizes and times.
    """
    files = _model_files(folder)
    stats = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in files]
    key = hashlib.sha256(json.dumps([str(folder.resolve()), stats]).encode()).hexdigest()[:32]
    kept = cache / "revisions" / key
    if kept.is_file():
        return kept.read_text(encoding="ascii")
    listing = json.dumps([(name, file_digest(path)) for name, path in files])
    revision = hashlib.sha256(listing.encode()).hexdigest()[:12]
    _write_whole(kept, revision)
    return revision


def _model_files(folder: Path) -> list[tuple[str, Path]]:
    """Relative name and path of every file that decides on the vectors, sorted."""
    found = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or parts[0] in _ENGINE_FOLDERS or path.suffix not in _HASHED_SUFFIXES or not path.is_file():
            continue
        found.append(("/".join(parts), path))
    return found


def _write_whole(path: Path, text: str) -> None:
    """Write and rename, so that a reader sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
    Path(temporary).replace(path)
