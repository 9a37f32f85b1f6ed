"""Source files to parsed editions; what is unchanged since the last build is neither read nor parsed again."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.corrections import content_digest, corrections_bytes
from index.errors import PolicyQAError, SourceFileError
from index.models import Edition
from index.parts import Parts
from index.store.codec import to_json
from index.store.database import ParsedFile
from index.store.manifest import FileRecord

logger = logging.getLogger(__name__)

FindParsed = Callable[[str, str], ParsedFile | None]
"""Stored parse of a file by its sha256 and name."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index; `added` means it came by `add`, not from the sources of a build."""

    path: Path
    added: bool = False


@dataclass(slots=True)
class Ingested:
    """Outcome for a list of files, in their order.

    Attributes:
        parsed: files with a stored form of their edition, `editions` are the same editions.
        records: one for every file, also for the skipped ones.
        failures: why files were skipped.
        read: names of the files that were read and parsed, not taken over.
    """

    parsed: list[ParsedFile] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    records: list[FileRecord] = field(default_factory=list)
    failures: list[PolicyQAError] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def keep(self, stored: ParsedFile, edition: Edition) -> None:
        """Take in one indexed file."""
        self.parsed.append(stored)
        self.editions.append(edition)
        self.records.append(FileRecord(stored.path, stored.sha256, stored.added))

    def extend(self, other: Ingested) -> None:
        """Append the outcome for further files."""
        self.parsed += other.parsed
        self.editions += other.editions
        self.records += other.records
        self.failures += other.failures
        self.read += other.read


def ingest(
    files: Sequence[SourceFile],
    *,
    parts: Parts,
    find: FindParsed,
    track: Callable[[Sequence[SourceFile]], Iterable[SourceFile]],
) -> Ingested:
    """Parse `files`, or take their parse over from the last generation.

    A file that cannot be read is recorded with its error and skipped.

    Args:
        files: in the order of the index.
        parts: the steps to run.
        find: looks up stored parses.
        track: wraps the iteration, for a progress bar.
    """
    result = Ingested()
    for file in track(files):
        digest = ""
        try:
            digest = file_digest(file.path)
            _check_name(file.path)
            stored, edition = _taken_over(file, digest, parts, find) or _parsed(file, parts, result)
        except PolicyQAError as error:
            logger.info("skipped %s: %s", file.path, error)
            result.failures.append(error)
            result.records.append(FileRecord(path_text(file.path), digest, file.added, str(error)))
        else:
            result.keep(stored, edition)
    return result


def path_text(path: Path) -> str:
    """A path as text that can be stored and printed; bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _check_name(path: Path) -> None:
    """Refuse a name whose bytes are no UTF-8: it could not be shown where the file is quoted."""
    if path_text(path) != str(path):
        raise SourceFileError(path_text(path), "的名称不是 UTF-8 编码", "请改名后再试。")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex, and of its corrections where it has any.

    Raises:
        SourceFileError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return content_digest(hashlib.file_digest(stream, "sha256").hexdigest(), corrections_bytes(path))
    except OSError as error:
        raise SourceFileError(path.name, "无法读取", f"请检查文件是否存在、是否有权限({error.strerror})。") from error


def digest_or_empty(path: Path) -> str:
    """The digest of a file, empty where it cannot be read (as its record says)."""
    try:
        return file_digest(path)
    except SourceFileError:
        return ""


def _taken_over(file: SourceFile, digest: str, parts: Parts, find: FindParsed) -> tuple[ParsedFile, Edition] | None:
    stored = find(digest, file.path.name)
    if stored is None or stored.parser_version != parts.parser_version:
        return None
    edition = stored_edition(stored)
    if edition is None:
        return None
    return _stored(file, digest, stored.parser_version, stored.edition_json), edition


def stored_edition(stored: ParsedFile) -> Edition | None:
    """The edition a generation keeps for a file, None where this version of the program cannot read it."""
    try:
        return stored.edition()
    except ValueError:
        logger.info("stored parse of %s does not fit this version", stored.path)
        return None


def _parsed(file: SourceFile, parts: Parts, result: Ingested) -> tuple[ParsedFile, Edition]:
    edition = parts.edition(file.path)
    try:
        text = to_json(edition)
    except ValueError as error:
        raise SourceFileError(file.path.name, "含有无法保存的字符", "请用 UTF-8 编码重新保存后再试。") from error
    result.read.append(file.path.name)
    return _stored(file, edition.sha256, parts.parser_version, text), edition


def _stored(file: SourceFile, digest: str, parser_version: str, edition_json: str) -> ParsedFile:
    return ParsedFile(
        path=path_text(file.path),
        name=file.path.name,
        sha256=digest,
        parser_version=parser_version,
        added=file.added,
        edition_json=edition_json,
    )
