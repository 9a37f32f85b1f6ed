"""Build and change the stored index: discover -> read -> parse -> merge -> chunk -> embed -> write -> switch.

- `build` makes the index of exactly its sources. What `add` and `remove` did before is forgotten, unless
  `keep_edits` is set: then added files stay and removed files stay out as long as their content is the same.
- `add` puts files to the indexed ones; the rest is taken over as it is stored.
- `remove` takes out every edition of one policy; the manifest remembers it for `keep_edits`.

Each of them writes a whole generation beside the current one and switches at the end, so that a failed or
killed run leaves the index as it was. One process writes at a time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from index.errors import IndexMismatchError
from index.ingest import digest_or_empty, path_text
from index.parts import Parts
from index.previous import Previous
from index.run import DEFAULT_OPTIONS, BuildFailedError, BuildReport, Edits, Options, run_on
from index.settings import PROJECT_ROOT, Settings
from index.store.manifest import Manifest, check_model

__all__ = ["BuildFailedError", "BuildReport", "Options", "add", "build", "default_sources", "is_stale", "remove"]


def build(
    sources: Sequence[Path], *, settings: Settings, keep_edits: bool = False, options: Options = DEFAULT_OPTIONS
) -> BuildReport:
    """Make the index of `sources` (files and folders).

    Raises:
        ValueError: a source does not exist.
        BuildFailedError: not one file could be indexed.
        IndexBusyError: another process is writing.
    """
    with run_on(settings, options) as run:
        return run.build(_absolute(sources), keep_edits=keep_edits)


def add(
    files: Sequence[Path], *, settings: Settings, replacing: str | None = None, options: Options = DEFAULT_OPTIONS
) -> BuildReport:
    """Put `files` (or all files of folders) to the index; without an index, make one of them.

    With `replacing` (as `remove` takes it) they come in the place of that policy, in one step: the index holds the one
    or the other at any time.

    Raises:
        ValueError: a file does not exist, or no policy or several policies fit `replacing`.
        BuildFailedError: not one of `files` could be indexed.
        IndexMismatchError: the stored index cannot be extended; names the command to run.
        IndexBusyError: another process is writing.
    """
    with run_on(settings, options) as run:
        return run.add(_absolute(files), replacing=replacing)


def remove(policy: str, *, settings: Settings, options: Options = DEFAULT_OPTIONS) -> BuildReport:
    """Take out the policy that `policy` names by id, document number or part of the title.

    Raises:
        ValueError: no policy or several policies fit; the message lists candidates.
        IndexMissingError, IndexMismatchError: there is no usable index.
        IndexBusyError: another process is writing.
    """
    with run_on(settings, options) as run:
        return run.remove(policy)


def is_stale(settings: Settings, sources: Sequence[Path], *, parts: Parts | None = None) -> bool:
    """Whether `build(sources, keep_edits=True)` would change the index; reads files only to hash them.

    Raises:
        ValueError: a source does not exist.
    """
    previous = Previous.open_if_usable(settings.index_dir)
    if previous is None:
        return True
    previous.close()
    parts = parts or Parts.installed()
    manifest = previous.manifest
    try:
        check_model(manifest, model=settings.embedding_model)
    except IndexMismatchError:
        return True
    if _adapter_changed(manifest, settings):
        return True
    absolute = _absolute(sources)
    if manifest.parser_version != parts.parser_version or set(manifest.sources) != {
        path_text(path) for path in absolute
    }:
        return True
    edits = Edits.of(manifest)
    expected = {(path_text(path), digest_or_empty(path)) for path in parts.discover(absolute)}
    for record in edits.added:
        path = Path(record.path)
        expected.add((record.path, digest_or_empty(path) if path.is_file() else record.sha256))
    return expected - edits.removed_content != {(record.path, record.sha256) for record in manifest.files}


def _adapter_changed(manifest: Manifest, settings: Settings) -> bool:
    # The package of the models imports LangChain; only an index that is there pays for that.
    from index.embed.source import adapter_name
    from index.embed.unpack import BUNDLED_NAME

    bundled = manifest.embedding["name"] == BUNDLED_NAME
    return bundled and manifest.embedding.get("adapter") != adapter_name(settings)


def default_sources(settings: Settings) -> list[Path]:
    """What to build from where nothing is named: the sources of the stored index, else those of the project.

    Folders that do not exist are left out.
    """
    previous = Previous.open_if_usable(settings.index_dir)
    if previous is not None:
        previous.close()
        stored = [Path(source) for source in previous.manifest.sources if Path(source).exists()]
        if stored:
            return stored
    return project_sources(settings)


def project_sources(settings: Settings) -> list[Path]:
    """The project's own corpus/ and policies/ and what staff have uploaded, as far as they exist."""
    folders = (PROJECT_ROOT / "corpus", PROJECT_ROOT / "policies", settings.uploads_dir)
    return [folder for folder in folders if folder.is_dir()]


def _absolute(paths: Sequence[Path]) -> list[Path]:
    """Absolute paths without "..", symbolic links kept, so that a file has one spelling in the manifest."""
    return [Path(os.path.normpath(path.absolute())) for path in paths]
