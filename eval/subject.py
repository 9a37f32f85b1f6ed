"""What is evaluated: the app's own answer function and its retrieval, with the versions of everything behind them."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.rows import title_matches
from eval.runs import ClauseKey, ClauseText, Given
from index.settings import PROJECT_ROOT, Settings
from rag.understand import Turn

if TYPE_CHECKING:
    from rag.answer import AnswerEngine

_CODE = ("index", "rag")


class Subject(Protocol):
    """Answers and ranks. Thread-safe."""

    def answer(self, question: str, history: Sequence[Turn], as_of: date) -> tuple[Given, float]:
        """The answer, and the milliseconds it took."""

    def rank(self, question: str, history: Sequence[Turn]) -> tuple[ClauseKey, ...]:
        """Retrieved clauses, best first."""

    def versions(self) -> dict[str, Any]:
        """Models, versions and policies, as JSON; equal for equal answers."""

    def clauses(self, wanted: Iterable[tuple[str, str]]) -> tuple[ClauseText, ...]:
        """Clauses by (fragment of the policy's title, path), in the order of the index."""


class EngineSubject:
    """The answer engine, as the app uses it."""

    def __init__(self, engine: AnswerEngine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    @classmethod
    def from_settings(cls, settings: Settings) -> EngineSubject:
        """The engine with the configured model, warm: what is loaded with the first question is loaded.

        Raises:
            ModelError, MissingExtraError: the embedding model cannot be loaded.
            IndexMissingError, IndexMismatchError: there is no usable index.
        """
        from rag.answer import AnswerEngine

        engine = AnswerEngine.from_settings(settings)
        engine.warm_up()
        return cls(engine, settings)

    def answer(self, question: str, history: Sequence[Turn], as_of: date) -> tuple[Given, float]:
        """See `Subject`; raises what the engine raises."""
        answer = self._engine.answer(question, tuple(history), as_of)
        return Given.from_object(answer.to_object()), answer.latency_ms

    def rank(self, question: str, history: Sequence[Turn]) -> tuple[ClauseKey, ...]:
        """The clauses that the engine's retrieval gives the steps after it, each once."""
        found = self._engine.read(question, history).found
        return tuple(dict.fromkeys(item.key for item in found.clauses))

    def versions(self) -> dict[str, Any]:
        """See `Subject`.

        Raises:
            IndexMissingError, IndexMismatchError: there is no usable index.
        """
        reader = self._engine.reader()
        manifest = reader.manifest
        return {
            "settings": recorded_settings(self._settings),
            "embedding": asdict(self._engine.embeddings.identity),
            "corpus": manifest.corpus_version,
            "index": {
                "format": manifest.format_version,
                "parser": manifest.parser_version,
                "tokenizer": manifest.tokenizer,
                "counts": asdict(manifest.counts),
            },
            "prompts": tree_hash([PROJECT_ROOT / "prompts"]),
            **_program(),
            "policies": [
                {"id": policy_id, "title": facts.title, "doc_number": facts.doc_number}
                for policy_id, facts in reader.facts().items()
            ],
        }

    def clauses(self, wanted: Iterable[tuple[str, str]]) -> tuple[ClauseText, ...]:
        """See `Subject`."""
        pairs = set(wanted)
        reader = self._engine.reader()
        found = []
        for policy_id, facts in reader.facts().items():
            paths = {path for fragment, path in pairs if title_matches(fragment, facts.title)}
            for path in dict.fromkeys(clause.path for clause in reader.clauses(policy_id) if clause.path in paths):
                clause = reader.clause(policy_id, path)
                if clause is not None:
                    place = (policy_id, facts.title, facts.doc_number, path)
                    found.append(ClauseText(*place, clause.label, clause.written))
        return tuple(found)


def recorded_settings(settings: Settings) -> dict[str, Any]:
    """The settings that change answers, as JSON; of folders only their own name, and never a key or an address."""
    from rag.generate.model import shown_name

    recorded: dict[str, Any] = {
        "embedding_model": _name(settings.embedding_model),
        "embedding_engine": settings.embedding_engine,
        "chat_model": shown_name(settings.chat_model),
        "store": settings.store,
    }
    if settings.reranker.strip():
        recorded["reranker"] = _name(settings.reranker)
    if settings.chat_model.strip():
        recorded["chat_temperature"] = settings.chat_temperature
        recorded["chat_extra_body"] = json.loads(settings.chat_extra_body or "{}")
    return recorded


def _name(model: str) -> str:
    return Path(model).name if Path(model).is_dir() else model


@lru_cache(maxsize=1)
def _program() -> dict[str, str | None]:
    """The program as it is when first asked, which is what this process runs."""
    return {"code": tree_hash([PROJECT_ROOT / name for name in _CODE]), "commit": commit(PROJECT_ROOT)}


def tree_hash(folders: Iterable[Path]) -> str:
    """First 16 hex digits of the hash over names and contents of all files below `folders`, caches left out."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(folder.parent).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def commit(folder: Path) -> str | None:
    """The commit checked out in `folder`, None outside of git; `code` says whether files differ from it."""
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run([git, "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
