"""One run of the write path under the writer's lock, from source files to the switched generation."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from index.chunk import chunk_policy
from index.errors import IndexMismatchError, IndexMissingError, PolicyQAError
from index.ingest import Ingested, SourceFile, digest_or_empty, ingest, path_text, stored_edition
from index.models import Chunk, Edition, Policy, PolicyId
from index.parts import Parts
from index.previous import Previous
from index.select import select_policy
from index.settings import Settings
from index.store.database import ParsedFile
from index.store.generation import LOCK_TIMEOUT, current_name, remove_generations, writer_lock
from index.store.manifest import REBUILD, FileRecord, Manifest, identity_mapping
from index.store.vectors import FloatMatrix
from index.store.writer import Contents, write_generation

logger = logging.getLogger(__name__)

T = TypeVar("T")

Progress = Callable[[str, int, int], None]


class BuildFailedError(PolicyQAError):
    """No file could be indexed; the index stays as it was. `failures` tells why for each file."""

    def __init__(self, problem: str, remedy: str, failures: Sequence[PolicyQAError] = ()) -> None:
        super().__init__(problem, remedy)
        self.failures = tuple(failures)

    @property
    def details(self) -> tuple[str, ...]:
        """One line for each file."""
        return tuple(map(str, self.failures))


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """Outcome of a run.

    Attributes:
        manifest: of the generation that was written.
        read: names of the files that were read and parsed.
        failures: why files were skipped.
        warnings: (file name, Chinese sentence) of the files that were read.
        embedded: number of chunk texts that were embedded, the rest were taken over.
        seconds: wall-clock time.
    """

    manifest: Manifest
    read: tuple[str, ...]
    failures: tuple[PolicyQAError, ...]
    warnings: tuple[tuple[str, str], ...]
    embedded: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a run behaves, apart from what it indexes.

    Attributes:
        parts: the steps before the store, the installed ones by default.
        full: read, parse and embed everything again.
        progress: show progress bars on stderr where that is a terminal.
        on_progress: told the step (a Chinese name), how many of its items are done, and how many there are.
        lock_timeout: seconds to wait for another writer.
        on_wait: called once where there is another writer to wait for.
    """

    parts: Parts | None = None
    full: bool = False
    progress: bool = False
    on_progress: Progress | None = None
    lock_timeout: float = LOCK_TIMEOUT
    on_wait: Callable[[], None] | None = None


DEFAULT_OPTIONS = Options()


@dataclass(frozen=True, slots=True)
class Edits:
    """What `add` and `remove` did since the last build from sources."""

    added: tuple[FileRecord, ...] = ()
    removed: tuple[FileRecord, ...] = ()

    @classmethod
    def of(cls, manifest: Manifest) -> Edits:
        """The edits a manifest remembers."""
        return cls(tuple(record for record in manifest.files if record.added), manifest.removed)

    @property
    def removed_content(self) -> set[tuple[str, str]]:
        """(path, sha256) of the removed files; a changed file is another policy text and counts again."""
        return {(record.path, record.sha256) for record in self.removed}


@contextmanager
def run_on(settings: Settings, options: Options) -> Iterator[Run]:
    """A run that holds the writer's lock, after stray generations of killed runs are removed.

    Raises:
        IndexBusyError: another process is writing.
    """
    root = settings.index_dir
    started = time.monotonic()
    with writer_lock(root, timeout=options.lock_timeout, on_wait=options.on_wait):
        previous = Previous.open_if_usable(root)
        try:
            kept = _kept_names(root, previous)
            remove_generations(root, keep=set(kept))
            yield Run(settings, options, previous, switched_from=kept[0] if kept else None, started=started)
        finally:
            if previous is not None:
                previous.close()


def _kept_names(root: Path, previous: Previous | None) -> list[str]:
    """Names of the current generation and of the one before it, as far as they exist."""
    try:
        names = [current_name(root)]
    except IndexMissingError:
        return []
    # One of another format version cannot be opened here, but a program of that version may be serving it.
    before = previous.manifest.previous if previous is not None else None
    return [*names, before] if before else names


class Run:
    """The steps of one run; `previous` is the generation it starts from, if there is a usable one."""

    def __init__(
        self,
        settings: Settings,
        options: Options,
        previous: Previous | None,
        *,
        switched_from: str | None,
        started: float,
    ) -> None:
        self._switched_from = switched_from
        self._settings = settings
        self._options = options
        self._parts = options.parts or Parts.installed()
        self._previous = previous
        self._started = started

    def build(self, sources: Sequence[Path], *, keep_edits: bool) -> BuildReport:
        """Index exactly `sources` (absolute), with or without earlier edits."""
        edits = Edits.of(self._previous.manifest) if keep_edits and self._previous is not None else Edits()
        files = {path: SourceFile(path) for path in self._parts.discover(sources)}
        for record in edits.added:
            path = Path(record.path)
            if path.is_file():
                files.setdefault(path, SourceFile(path, added=True))
        result = self._ingest([file for file in files.values() if not _is_removed(file, edits)])
        for stored in self._stored_files():
            if keep_edits and stored.added and Path(stored.path) not in files:
                # It was added and its file is gone since: the index is the only place that has it.
                result.keep(stored, _required_edition(stored))
        if not result.editions:
            raise _nothing_indexed(sources, result)
        return self._write(result, sources=[path_text(source) for source in sources], removed=edits.removed)

    def add(self, files: Sequence[Path], *, replacing: str | None = None) -> BuildReport:
        """Index `files` (absolute) beside what is indexed, in the place of the policy that `replacing` names."""
        paths = self._parts.discover(files)
        named = {path_text(path) for path in paths}
        known = {record.path: record for record in self._records()}
        dropped = self._hashes_of(replacing) if replacing is not None else set()
        result = Ingested()
        again, gone = [], []
        for stored in self._stored_files():
            if stored.path in named:
                continue
            if stored.sha256 in dropped:
                gone.append(known[stored.path])
                continue
            if stored.parser_version != self._parts.parser_version and Path(stored.path).is_file():
                again.append(SourceFile(Path(stored.path), stored.added))
            else:
                result.keep(stored, _required_edition(stored))
        fresh = [SourceFile(path, path_text(path) not in known or known[path_text(path)].added) for path in paths]
        result.extend(self._ingest([*again, *fresh]))
        if not named & {stored.path for stored in result.parsed}:
            raise _nothing_indexed(files, result)
        ingested = {record.path for record in result.records}
        result.records += [record for record in known.values() if record.error and record.path not in ingested]
        removed = [record for record in (*self._removed(), *gone) if record.path not in named]
        return self._write(result, sources=self._sources(), removed=removed)

    def remove(self, policy: str) -> BuildReport:
        """Take out the one policy that `policy` names."""
        dropped = self._hashes_of(policy)
        result = Ingested()
        for stored in self._stored_files():
            if stored.sha256 not in dropped:
                result.keep(stored, _required_edition(stored))
        kept = {stored.path for stored in result.parsed}
        gone = [record for record in self._records() if record.error is None and record.path not in kept]
        result.records += [record for record in self._records() if record.error is not None]
        removed = [*self._removed(), *gone]
        return self._write(result, sources=self._sources(), removed=removed, trust_model=True)

    def _hashes_of(self, policy: str) -> set[str]:
        """Hashes of every file of the one policy that `policy` names."""
        # Opening again tells why there is none: missing, or of another version.
        previous = self._previous or Previous.open(self._settings.index_dir)
        policy_id = select_policy(previous.database.facts(), policy)
        hashes = {edition.sha256 for edition in previous.database.policy(policy_id).editions}
        return hashes | self._copies(policy_id, [_required_edition(stored) for stored in self._stored_files()], hashes)

    def _copies(self, policy_id: PolicyId, editions: Sequence[Edition], dropped: set[str]) -> set[str]:
        """Hashes of files that would bring a policy back, because merging had left them out as copies."""
        found: set[str] = set()
        while True:
            rest = [edition for edition in editions if edition.sha256 not in dropped | found]
            back = {e.sha256 for policy in self._merge(rest) if policy.id == policy_id for e in policy.editions}
            if not back:
                return found
            found |= back

    def _merge(self, editions: Sequence[Edition]) -> list[Policy]:
        return distinct_ids(self._parts.merge(editions))

    def _ingest(self, files: Sequence[SourceFile]) -> Ingested:
        previous = None if self._options.full else self._previous
        find = previous.find_parsed if previous is not None else _find_nothing
        return ingest(files, parts=self._parts, find=find, track=lambda items: self._track(items, "读取文件"))

    def _write(
        self,
        result: Ingested,
        *,
        sources: Sequence[str],
        removed: Sequence[FileRecord],
        trust_model: bool = False,
    ) -> BuildReport:
        policies = self._merge(result.editions)
        chunks = [chunk for policy in policies for chunk in chunk_policy(policy)]
        vectors, embedding, embedded = self._vectors(chunks, trust_model=trust_model)
        contents = Contents(
            policies=policies,
            chunks=chunks,
            vectors=vectors,
            parsed=result.parsed,
            files=result.records,
            removed=removed,
            sources=sources,
            parser_version=self._parts.parser_version,
            embedding_model=self._settings.embedding_model,
            embedding=embedding,
        )
        manifest = write_generation(self._settings.index_dir, contents, previous=self._switched_from)
        return self._report(manifest, result, embedded)

    def _report(self, manifest: Manifest, result: Ingested, embedded: int) -> BuildReport:
        read = set(result.read)
        warned = [(e.name, warning) for e in result.editions if e.name in read for warning in e.warnings]
        return BuildReport(
            manifest=manifest,
            read=tuple(result.read),
            failures=tuple(result.failures),
            warnings=tuple(warned),
            embedded=embedded,
            seconds=time.monotonic() - self._started,
        )

    def _vectors(self, chunks: Sequence[Chunk], *, trust_model: bool) -> tuple[FloatMatrix, Mapping[str, Any], int]:
        """Vectors of `chunks`, the identity of their model, and how many texts were embedded for them.

        With `trust_model` the model is not loaded where nothing is to be embedded and its setting is the same.
        """
        previous = None if self._options.full else self._previous
        if previous is not None and previous.manifest.embedding_model != self._settings.embedding_model:
            previous = None
        if trust_model and previous is not None:
            vectors, missing = previous.take_vectors(chunks)
            if not missing:
                return vectors, previous.manifest.embedding, 0
        embedder = self._parts.load_embeddings(self._settings)
        embedding = identity_mapping(embedder.identity)
        vectors, missing = self._taken_vectors(chunks, previous, embedding)
        if missing:
            texts = [chunks[at].text for at in missing]
            with progress_bar(len(texts), "计算向量", self._options) as advance:
                vectors[missing] = embedder.embed_passages(texts, progress=advance)
        return vectors, embedding, len(missing)

    def _taken_vectors(
        self, chunks: Sequence[Chunk], previous: Previous | None, embedding: Mapping[str, Any]
    ) -> tuple[FloatMatrix, list[int]]:
        if previous is not None and dict(previous.manifest.embedding) == dict(embedding):
            try:
                return previous.take_vectors(chunks)
            except IndexMismatchError as error:
                logger.warning("%s", error)
        empty = np.zeros((len(chunks), int(embedding["dimension"])), dtype=np.float32)
        return empty, list(range(len(chunks)))

    def _track(self, items: Sequence[T], title: str) -> Iterable[T]:
        with progress_bar(len(items), title, self._options) as advance:
            for item in items:
                yield item
                advance(1)

    def _records(self) -> tuple[FileRecord, ...]:
        return self._previous.manifest.files if self._previous is not None else ()

    def _removed(self) -> tuple[FileRecord, ...]:
        return self._previous.manifest.removed if self._previous is not None else ()

    def _sources(self) -> tuple[str, ...]:
        return self._previous.manifest.sources if self._previous is not None else ()

    def _stored_files(self) -> list[ParsedFile]:
        return self._previous.parsed_files() if self._previous is not None else []


@contextmanager
def progress_bar(total: int, title: str, options: Options) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, silent where that is no terminal; yields the function that advances it."""
    from tqdm import tqdm

    told = options.on_progress
    with tqdm(total=total, desc=title, disable=None if options.progress else True, leave=False) as bar:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.update(count)
            if told is not None:
                told(title, done, total)

        if told is not None:
            told(title, done, total)
        yield advance


def distinct_ids(policies: Sequence[Policy]) -> list[Policy]:
    """The same policies; where several have one id, as two wordings of one regulation do, each gets its day.

    Policies that share even the day get the beginning of their quoted file's hash.
    """
    shared = Counter(policy.id for policy in policies)
    dated = [
        replace(policy, id=f"{policy.id}-{_day_of(policy)}") if shared[policy.id] > 1 else policy for policy in policies
    ]
    again = Counter(policy.id for policy in dated)
    return [
        replace(policy, id=f"{policy.id}-{policy.best.sha256[:8]}") if again[policy.id] > 1 else policy
        for policy in dated
    ]


def _day_of(policy: Policy) -> str:
    day = policy.facts.effective_on or policy.facts.issued_on
    return f"{day:%Y%m%d}" if day is not None else "undated"


def _is_removed(file: SourceFile, edits: Edits) -> bool:
    removed = {record.path for record in edits.removed}
    spelled = path_text(file.path)
    return spelled in removed and (spelled, digest_or_empty(file.path)) in edits.removed_content


def _find_nothing(sha256: str, name: str) -> ParsedFile | None:
    return None


def _required_edition(stored: ParsedFile) -> Edition:
    edition = stored_edition(stored)
    if edition is None:
        raise IndexMismatchError(f"索引中“{stored.name}”的内容是另一版本的程序写的。", REBUILD)
    return edition


def _nothing_indexed(sources: Sequence[Path], result: Ingested) -> BuildFailedError:
    if not result.failures:
        places = "、".join(path_text(source) for source in sources) or "没有来源文件夹"
        return BuildFailedError(f"没有找到可以收录的政策文件({places})。", "请放入文件后再试。")
    return BuildFailedError("没有一个文件可以收录,索引保持原样。", "请按上面的提示处理文件后再试。", result.failures)
