"""Find the source files under files and folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from index.corrections import SUFFIX as CORRECTIONS_SUFFIX

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})
# A browser saves the pictures and scripts of page.html in page_files/, Word in page.files/.
_COMPANION_SUFFIXES = ("_files", ".files")


def discover(sources: Sequence[Path]) -> list[Path]:
    """Every file named or lying under a named folder, sorted, without duplicates.

    Inside folders, hidden files and folders, office lock files (~$…), README*, corrections (`index.corrections`) and
    the companion folders of saved web pages are skipped. Files of unsupported formats are returned: reading them says
    what to do about them.

    Raises:
        ValueError: a source does not exist, or a folder cannot be listed.
    """
    found: set[Path] = set()
    for source in sources:
        if source.is_dir():
            found.update(_walk(source))
        elif source.exists():
            found.add(source)
        else:
            raise ValueError(f"来源“{source}”不存在,请检查路径。")
    return sorted(found)


def _walk(folder: Path) -> list[Path]:
    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_companion(name, names)]
        files += [Path(parent, name) for name in names if not _is_skipped(name)]
    return [path for path in files if path.is_file()]


def _refuse(error: OSError) -> None:
    raise ValueError(f"文件夹“{error.filename}”无法打开,请检查权限。") from error


def _is_skipped(name: str) -> bool:
    lowered = name.lower()
    is_companion = lowered in _SYSTEM_FILES or lowered.endswith(CORRECTIONS_SUFFIX)
    return is_companion or lowered.startswith((".", "~$", "readme"))


def _is_companion(folder: str, siblings: list[str]) -> bool:
    for suffix in _COMPANION_SUFFIXES:
        stem = folder.removesuffix(suffix)
        if stem != folder and any(f"{stem}{page}" in siblings for page in (".html", ".htm", ".doc", ".docx")):
            return True
    return False
