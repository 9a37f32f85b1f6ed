"""Names of uploaded files as they may stand in the data folder."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

LONGEST = 180
"""Bytes of a name in UTF-8; file systems take 255, and names of files beside it are longer."""

_UNNAMED = "未命名"
_RESERVED = frozenset('<>:"|?*')
_SKIPPED_BEGINNINGS = (".", "~$", "readme")
"""Names that `index.read.discover` passes over in folders."""


def safe_name(said: str) -> str:
    """A name without folders, control characters and what a file system may refuse; never empty.

    The suffix stays, so that the reader can tell kinds of text apart.
    """
    last = said.replace("\\", "/").rsplit("/", 1)[-1]
    last = unicodedata.normalize("NFC", last.encode("utf-8", "ignore").decode("utf-8"))
    # Categories C: control and format characters, such as the one that turns the writing direction around.
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in _RESERVED)
    kept = " ".join(kept.split()).strip(". ") if kept.strip(". ") else ""
    suffix = PurePosixPath(kept).suffix if len(PurePosixPath(kept).suffix.encode()) <= 16 else ""
    stem = kept[: len(kept) - len(suffix)] if suffix else kept
    while len(f"{stem}{suffix}".encode()) > LONGEST:
        stem = stem[:-1]
    stem = stem.rstrip(". ") or _UNNAMED
    if stem.lower().startswith(_SKIPPED_BEGINNINGS):
        stem = f"{_UNNAMED}-{stem}"
    return f"{stem}{suffix}"
