"""Generations on disk: each index lives in its own folder, and one small file points at the current one.

    index/
    ├── CURRENT                      name of the current generation, switched by os.replace
    ├── build.lock                   held by the one process that writes
    └── gen-<UTC time>-<random>/     store.sqlite, vectors.faiss, bm25/, manifest.json

A build that is killed leaves a folder that nothing points at; the next build removes it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from index.errors import IndexMissingError, PolicyQAError
from index.store.manifest import REBUILD

CURRENT_FILE = "CURRENT"
LOCK_FILE = "build.lock"
LOCK_TIMEOUT = 600.0
"""Seconds a second builder waits for the first."""

_NAME = re.compile(r"gen-\d{8}T\d{6}-[0-9a-f]{8}")


class IndexBusyError(PolicyQAError):
    """Another process is writing the index."""


def current_name(root: Path) -> str:
    """Name of the current generation under `root`.

    Raises:
        IndexMissingError: no index has been built.
    """
    try:
        name = (root / CURRENT_FILE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissingError("还没有建立索引。", "请先运行 `python -m index build`。") from None
    if not _NAME.fullmatch(name):
        raise IndexMissingError(f"索引的指针文件 {CURRENT_FILE} 已损坏。", REBUILD)
    return name


def new_generation(root: Path) -> Path:
    """Make an empty generation folder; nothing points at it yet."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    generation = root / f"gen-{stamp}-{secrets.token_hex(4)}"
    generation.mkdir(parents=True)
    return generation


def publish(generation: Path) -> None:
    """Make a complete generation the current one.

    Everything is on the disk before the pointer moves, so a power cut leaves the old or the new index.
    """
    for folder, _, names in os.walk(generation):
        for name in names:
            _sync(Path(folder, name))
        _sync(Path(folder))
    root = generation.parent
    _sync(root)
    pending = root / f"{CURRENT_FILE}.tmp"
    pending.write_text(f"{generation.name}\n", encoding="utf-8")
    _sync(pending)
    pending.replace(root / CURRENT_FILE)
    _sync(root)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders for syncing.
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_generations(root: Path, *, keep: set[str]) -> None:
    """Delete generation folders not named in `keep`. Call with the writer's lock held."""
    for folder in root.glob("gen-*"):
        if folder.name not in keep and _NAME.fullmatch(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def writer_lock(
    root: Path, *, timeout: float = LOCK_TIMEOUT, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold the only right to write under `root`; the system frees it when the process dies.

    Args:
        root: folder of generations, made where it is missing.
        timeout: seconds to wait for another writer.
        on_wait: called once where there is another writer to wait for.

    Raises:
        IndexBusyError: another process still writes after `timeout`.
    """
    from filelock import FileLock, Timeout

    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if on_wait is not None:
            on_wait()
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            raise IndexBusyError("另一个进程正在更新索引。", "请等它结束后再试。") from None
    try:
        yield
    finally:
        lock.release()
