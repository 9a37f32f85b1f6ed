"""Uploaded policy files under the data folder, from their arrival until they are indexed or thrown away.

uploads/
├── .pending/<id>/     arrived, not indexed: hidden, so that a build passes over it
├── .removed/<id>/     taken out of the index; kept, never read again
└── <id>/              indexed, and found by a rebuild
    ├── 通知.docx                the file as it was received
    ├── 通知.docx.facts.yaml     facts put right by hand (index.corrections)
    ├── .upload.json             who, when, and how far it is
    └── .edition-….json          what this version of the parser read from it, corrections left aside
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from index.corrections import checked_facts, with_facts, write_corrections
from index.models import Edition, EditionKind, PolicyFacts
from index.parse import PARSER_VERSION
from index.store.codec import from_json, to_json

PENDING, REMOVED = ".pending", ".removed"
_ABOUT, _PARTIAL = ".upload.json", ".partial"
_EDITION = f".edition-{PARSER_VERSION}.json"
_ID = re.compile(r"[0-9a-f]{12}")


class UploadState(StrEnum):
    """How far an upload is."""

    READING = "reading"
    READY = "ready"
    FAILED = "failed"
    INDEXING = "indexing"
    INDEXED = "indexed"


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file.

    Attributes:
        name: of the file, safe to use.
        by: name of the account.
        at: when it came, ISO date and time, UTC.
        size: bytes.
        problem: Chinese sentence where it could not be read or indexed.
        corrections: facts put right, in the form of `index.corrections`.
    """

    id: str
    name: str
    by: str
    at: str
    size: int
    state: UploadState
    problem: str = ""
    corrections: dict[str, Any] | None = None

    @property
    def shown_size(self) -> str:
        """The size for people."""
        return f"{self.size / 2**20:.1f} MB" if self.size >= 2**20 else f"{self.size / 2**10:.1f} KB"

    @property
    def stated(self) -> dict[str, Any]:
        """The corrections in the types of `PolicyFacts`."""
        return checked_facts(self.corrections or {})

    def facts(self, edition: Edition) -> tuple[PolicyFacts, EditionKind]:
        """What was read, with the corrections in its place."""
        return with_facts(edition.facts, edition.kind, self.stated)


class Uploads:
    """The folder of uploads. Every change is one replaced file or one renamed folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def receive(self, name: str, by: str) -> tuple[Upload, Path]:
        """A new upload, and the file to write what arrives to; `arrived` completes it.

        Raises:
            OSError: the folder cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        upload = Upload(secrets.token_hex(6), name, by, now, 0, UploadState.READING)
        folder = self.root / PENDING / upload.id
        folder.mkdir(parents=True)
        return upload, folder / _PARTIAL

    def arrived(self, upload: Upload) -> Upload:
        """The file is complete."""
        folder = self.root / PENDING / upload.id
        (folder / _PARTIAL).replace(folder / upload.name)
        complete = replace(upload, size=(folder / upload.name).stat().st_size)
        self._write(folder, complete)
        return complete

    def get(self, upload_id: str) -> Upload | None:
        """The upload of an id, None where there is none."""
        folder = self.folder(upload_id)
        return _read(folder) if folder is not None else None

    def folder(self, upload_id: str) -> Path | None:
        """Where an upload lies, pending or indexed."""
        if not _ID.fullmatch(upload_id):
            return None
        places = (self.root / PENDING / upload_id, self.root / upload_id)
        return next((place for place in places if (place / _ABOUT).is_file()), None)

    def path(self, upload: Upload) -> Path:
        """The file itself.

        Raises:
            ValueError: it is gone.
        """
        folder = self.folder(upload.id)
        if folder is None:
            raise ValueError(f"上传的文件“{upload.name}”已经不在了,请重新上传。")
        return folder / upload.name

    def pending(self) -> list[Upload]:
        """What is not indexed, the latest first."""
        return sorted(self._all(self.root / PENDING), key=lambda upload: (upload.at, upload.id), reverse=True)

    def indexed(self) -> list[Upload]:
        """What has been handed to the index."""
        return self._all(self.root)

    def update(self, upload: Upload, **changes: Any) -> Upload:  # noqa: ANN401 - fields of `Upload`
        """The upload with some fields changed, written down."""
        changed = replace(upload, **changes)
        folder = self.folder(upload.id)
        if folder is not None:
            self._write(folder, changed)
        return changed

    def keep_edition(self, upload: Upload, edition: Edition) -> None:
        """Write down what was read."""
        self.path(upload).with_name(_EDITION).write_text(to_json(edition), encoding="utf-8")

    def edition(self, upload: Upload) -> Edition | None:
        """What was read; None where this version of the program has not read it."""
        try:
            return from_json(Edition, self.path(upload).with_name(_EDITION).read_bytes())
        except (OSError, ValueError):
            return None

    def to_index(self, upload: Upload) -> Path:
        """Put the file and its corrections where a build finds them; gives its path."""
        write_corrections(self.path(upload), upload.corrections or {})
        self.update(upload, state=UploadState.INDEXING, problem="")
        return self._move(upload, self.root / upload.id) / upload.name

    def back(self, upload: Upload, problem: str) -> None:
        """Take a file that was not indexed out of the way of builds."""
        self._move(upload, self.root / PENDING / upload.id)
        self.update(upload, state=UploadState.READY, problem=problem)

    def retire(self, upload: Upload) -> None:
        """Set a file aside that was taken out of the index."""
        folder = self.folder(upload.id)
        if folder is not None:
            (self.root / REMOVED).mkdir(parents=True, exist_ok=True)
            folder.replace(self.root / REMOVED / f"{upload.id}-{secrets.token_hex(3)}")

    def discard(self, upload: Upload) -> None:
        """Delete a file that was never indexed."""
        if _ID.fullmatch(upload.id):
            shutil.rmtree(self.root / PENDING / upload.id, ignore_errors=True)

    def drop_partial(self) -> None:
        """Delete what a stopped server has left half received."""
        for folder in (self.root / PENDING).glob("*"):
            if _ID.fullmatch(folder.name) and not (folder / _ABOUT).is_file():
                shutil.rmtree(folder, ignore_errors=True)

    def _move(self, upload: Upload, target: Path) -> Path:
        folder = self.folder(upload.id)
        if folder is not None and folder != target:
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.replace(target)
        return target

    def _all(self, parent: Path) -> list[Upload]:
        folders = (folder for folder in parent.glob("*") if _ID.fullmatch(folder.name))
        return [upload for folder in folders if (upload := _read(folder)) is not None]

    def _write(self, folder: Path, upload: Upload) -> None:
        partial = folder / f"{_ABOUT}.part"
        partial.write_text(json.dumps(asdict(upload), ensure_ascii=False, indent=1), encoding="utf-8")
        partial.replace(folder / _ABOUT)


def _read(folder: Path) -> Upload | None:
    try:
        value = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        return Upload(**{**value, "state": UploadState(value["state"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
