"""What staff do with policies: files are read, put right, indexed, replaced and taken out, in the background."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.build import Options, add, remove
from index.corrections import checked_facts
from index.errors import PolicyQAError
from index.ingest import file_digest
from index.isolated import parse_isolated
from index.merge import normalised_title
from index.models import Edition, EditionKind, Policy, PolicyFacts, PolicyId
from index.parse import corrected
from index.parts import Parts
from index.settings import Settings
from index.store import IndexReader
from index.store.manifest import Manifest
from web.service import AnswerService
from web.staff.uploads import Upload, Uploads, UploadState
from web.staff.work import Attempt, Job, Jobs

READERS = 2
"""Files that are read at the same time."""

PENDING_LIMIT = 200
"""Files that may wait to be indexed."""

_STEPS = {"读取文件": "read", "计算向量": "embed"}
"""Steps of a build by their names in the texts of the pages."""

_STOPPED = "服务器在收录这个文件时停止了,没有收录。请再次收录。"
_NOT_INDEXED = "没有收录,请稍后再试。"


@dataclass(frozen=True, slots=True)
class Held:
    """A policy of the index; `uploads` are the uploaded files among its editions."""

    policy: Policy
    uploads: tuple[Upload, ...]


class PolicyDesk:
    """The policies as staff work on them. Thread-safe; one change of the index at a time."""

    def __init__(self, settings: Settings, service: AnswerService) -> None:
        self._settings = settings
        self._service = service
        self._lock = threading.Lock()
        self._recovered = False
        self._kept: tuple[str, list[Policy]] | None = None
        # Spelled as the manifest spells the files of the index.
        self.uploads = Uploads(Path(os.path.normpath(settings.uploads_dir.absolute())))
        self.readers = Jobs(workers=READERS)
        self.writer = Jobs()

    def recover(self) -> None:
        """Once: bring uploads that a stopped server has left on the way into a clear state."""
        with self._lock:
            if self._recovered:
                return
            self._recovered = True
        self.uploads.drop_partial()
        paths = self._indexed_paths()
        for upload in [*self.uploads.indexed(), *self.uploads.pending()]:
            if upload.state is UploadState.INDEXING and self.uploads.path(upload) in paths:
                self.uploads.update(upload, state=UploadState.INDEXED)
            elif upload.state is UploadState.INDEXING:
                self.uploads.back(upload, _STOPPED)
            elif upload.state is UploadState.READING:
                self.read(upload)

    def held(self) -> list[Held]:
        """Policies of the index in its order.

        Raises:
            PolicyQAError: there is no usable index.
        """
        reader = self._service.reader()
        by_hash: dict[str, list[Upload]] = {}
        uploads = {self.uploads.path(upload): upload for upload in self.uploads.indexed()}
        for record in reader.manifest.files:
            upload = uploads.get(Path(record.path))
            if upload is not None:
                by_hash.setdefault(record.sha256, []).append(upload)
        return [
            Held(policy, tuple(one for edition in policy.editions for one in by_hash.get(edition.sha256, ())))
            for policy in self._policies(reader)
        ]

    def _policies(self, reader: IndexReader) -> list[Policy]:
        """The policies without their text, read once from each generation of the index."""
        kept = self._kept
        if kept is None or kept[0] != reader.name:
            kept = self._kept = (reader.name, [_without_text(policy) for policy in reader.policies()])
        return kept[1]

    def same(self, upload: Upload, facts: PolicyFacts) -> list[Policy]:
        """Indexed policies with the number or the title of an upload, but for the one that it is itself."""
        try:
            held = self.held()
        except PolicyQAError:
            return []
        title = normalised_title(facts.title)
        return [
            one.policy
            for one in held
            if upload.id not in {own.id for own in one.uploads}
            and one.policy.facts.draft == facts.draft
            and (
                _equal(one.policy.facts.doc_number, facts.doc_number)
                or normalised_title(one.policy.facts.title) == title
            )
        ]

    def read(self, upload: Upload) -> Job:
        """Read an upload in the background."""
        return self.readers.submit(upload.by, lambda _: self._read(upload))

    def _read(self, upload: Upload) -> None:
        with Attempt() as attempt:
            edition = parse_isolated(self.uploads.path(upload), corrected=False)
            self.uploads.keep_edition(upload, edition)
            ready = UploadState.INDEXED if upload.state is UploadState.INDEXED else UploadState.READY
            self.uploads.update(upload, state=ready, problem="")
        if attempt.problem:
            self.uploads.update(upload, state=UploadState.FAILED, problem=attempt.problem)

    def correct(self, upload: Upload, edition: Edition, said: Mapping[str, Any]) -> Upload:
        """Keep what differs from what was read as corrections.

        Raises:
            ValueError: what was said is of the wrong form or contradicts itself; one line for each mistake.
        """
        wanted = _all_checked(said)
        facts, kind = with_read(edition)
        read = {**facts, "edition": kind}
        corrections = {name: said[name] for name, value in wanted.items() if value != read.get(name)}
        return self.uploads.update(upload, corrections=corrections)

    def index(self, upload: Upload, by: str, *, replacing: PolicyId | None) -> Job:
        """Index an upload in the background, in the place of a policy where one is named."""
        return self.writer.submit(by, lambda job: self._index(job, upload, replacing))

    def _index(self, job: Job, upload: Upload, replacing: PolicyId | None) -> dict[str, Any]:
        was_indexed = upload.state is UploadState.INDEXED
        path = self.uploads.to_index(upload)
        done, problem = False, _NOT_INDEXED
        try:
            report = add([path], settings=self._settings, replacing=replacing, options=self._options(job))
            self.uploads.update(upload, state=UploadState.INDEXED, problem="")
            self._retire_others(report.manifest)
            done = True
        except (PolicyQAError, ValueError) as error:
            problem = str(error)
            raise
        finally:
            if not done and was_indexed:
                self.uploads.update(upload, state=UploadState.INDEXED, problem=problem)
            elif not done:
                self.uploads.back(upload, problem)
        return {"upload": upload.id, "seconds": round(report.seconds, 1), "policies": report.manifest.counts.policies}

    def remove(self, policy: PolicyId, by: str) -> Job:
        """Take a policy out of the index in the background; its uploaded files are set aside."""
        return self.writer.submit(by, lambda job: self._remove(job, policy))

    def _remove(self, job: Job, policy: PolicyId) -> dict[str, Any]:
        report = remove(policy, settings=self._settings, options=self._options(job))
        self._retire_others(report.manifest)
        return {"policies": report.manifest.counts.policies}

    def _retire_others(self, manifest: Manifest) -> None:
        """Set the uploads aside that the index does not hold any more, so that a rebuild leaves them out."""
        kept = {Path(record.path) for record in manifest.files}
        for upload in self.uploads.indexed():
            if upload.state is UploadState.INDEXED and self.uploads.path(upload) not in kept:
                self.uploads.retire(upload)

    def _options(self, job: Job) -> Options:
        """Steps that embed with the model that answers questions, and parse no file in this process.

        A second model would double the memory, and a hostile file must not end the server.
        """
        parts = replace(
            Parts.installed(), load=self._edition, load_embeddings=lambda _: self._service.engine().embeddings
        )

        def tell(step: str, count: int, total: int) -> None:
            job.tell(_STEPS.get(step, ""), count, total)

        return Options(parts=parts, on_progress=tell, on_wait=lambda: job.tell("wait", 0, 0))

    def _edition(self, path: Path) -> Edition:
        """The edition of a file, from what was read when it came, where it is an upload."""
        upload = self.uploads.get(path.parent.name) if path.parent.parent == self.uploads.root else None
        read = self.uploads.edition(upload) if upload is not None else None
        if upload is None or read is None:
            return parse_isolated(path)
        return corrected(read, upload.stated, sha256=file_digest(path))

    def _indexed_paths(self) -> set[Path]:
        try:
            files = self._service.reader().manifest.files
        except PolicyQAError:
            return set()
        return {Path(record.path) for record in files if record.error is None}


def _without_text(policy: Policy) -> Policy:
    return replace(policy, editions=tuple(replace(one, clauses=(), benefits=()) for one in policy.editions))


def with_read(edition: Edition) -> tuple[dict[str, Any], EditionKind]:
    """What was read, by the names of corrections."""
    names = ("title", "doc_number", "issuers", "level", "region", "issued_on", "effective_on", "expires_on", "period")
    return {name: getattr(edition.facts, name) for name in (*names, "draft")}, edition.kind


def _all_checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """Every fact in its type; the mistakes of all of them in one error."""
    checked: dict[str, Any] = {}
    problems = []
    for name, value in said.items():
        try:
            checked |= checked_facts({name: value})
        except ValueError as error:
            problems.append(str(error))
    first = checked.get("effective_on") or checked.get("issued_on")
    last = checked.get("expires_on")
    if first is not None and last is not None and last < first:
        problems.append(f"“有效期至”({last})早于施行或印发的日期({first})。")
    if problems:
        raise ValueError("\n".join(problems))
    return checked


def _equal(first: str | None, second: str | None) -> bool:
    return first is not None and second is not None and "".join(first.split()) == "".join(second.split())
