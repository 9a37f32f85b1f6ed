"""Judgements on answers (有帮助 / 有问题), kept in the data folder for staff."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from index.errors import PolicyQAError
from index.settings import Settings
from rag.understand import QUESTION_LIMIT

FILE = "feedback.sqlite3"
NOTE_LIMIT = 2000
_ANSWER_LIMIT = 400_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    answer_id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    question TEXT NOT NULL,
    history TEXT NOT NULL,
    answer TEXT NOT NULL,
    as_of TEXT NOT NULL,
    corpus_version TEXT NOT NULL,
    handled INTEGER NOT NULL DEFAULT 0
)
"""
_COLUMNS = "answer_id, at, verdict, reason, note, question, history, answer, as_of, corpus_version, handled"

Verdict = Literal["like", "dislike"]
Reason = Literal["", "wrong_figure", "wrong_clause", "missing", "refused", "outdated", "other"]


class FeedbackError(PolicyQAError):
    """The feedback file cannot be read or written."""


class Feedback(BaseModel):
    """A judgement on one answer, as the page sends it; a later one on the same answer replaces it."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    reason: Reason = ""
    note: str = Field(default="", max_length=NOTE_LIMIT)
    question: str = Field(min_length=1, max_length=2 * QUESTION_LIMIT)
    history: list[tuple[str, str]] = Field(default=[], max_length=200)
    answer: dict[str, Any]
    as_of: str = Field(default="", max_length=10)
    corpus_version: str = Field(default="", max_length=100)

    @field_validator("answer")
    @classmethod
    def _an_answer(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(value.get("id"), str) or not 1 <= len(value["id"]) <= 64:
            raise ValueError("answer 应为回答的对象,带有 id")
        if len(json.dumps(value, ensure_ascii=False)) > _ANSWER_LIMIT:
            raise ValueError("answer 太大")
        return value


@dataclass(frozen=True, slots=True)
class Noted:
    """A stored judgement; `at` is UTC, `handled` is set by staff."""

    answer_id: str
    at: datetime
    verdict: str
    reason: str
    note: str
    question: str
    history: tuple[tuple[str, str], ...]
    answer: dict[str, Any]
    as_of: str
    corpus_version: str
    handled: bool


class FeedbackStore:
    """The judgements of one data folder; safe for several processes."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.data_dir / FILE

    def add(self, feedback: Feedback) -> None:
        """Keep a judgement; the time is that of the server.

        Raises:
            FeedbackError: the file cannot be written.
        """
        row = (
            feedback.answer["id"],
            datetime.now(UTC).isoformat(timespec="seconds"),
            feedback.verdict,
            feedback.reason,
            feedback.note.strip(),
            feedback.question,
            json.dumps(feedback.history, ensure_ascii=False),
            json.dumps(feedback.answer, ensure_ascii=False),
            feedback.as_of,
            feedback.corpus_version,
            0,
        )
        with self._database() as database:
            database.execute(f"INSERT OR REPLACE INTO feedback ({_COLUMNS}) VALUES ({','.join('?' * len(row))})", row)

    def all(self, *, verdict: Verdict | None = None) -> list[Noted]:
        """Every judgement, or those of one kind, the latest first.

        Raises:
            FeedbackError: the file cannot be read.
        """
        if not self._path.exists():
            return []
        with self._database() as database:
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM feedback WHERE ? IS NULL OR verdict = ? ORDER BY at DESC, rowid DESC",
                (verdict, verdict),
            ).fetchall()
        return [_noted(row) for row in rows]

    def handle(self, answer_id: str, *, handled: bool = True) -> bool:
        """Mark a judgement as dealt with; False where there is none on this answer.

        Raises:
            FeedbackError: the file cannot be written.
        """
        with self._database() as database:
            changed = database.execute(
                "UPDATE feedback SET handled = ? WHERE answer_id = ?", (int(handled), answer_id)
            ).rowcount
        return changed > 0

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=10)) as database, database:
                database.execute(_SCHEMA)
                yield database
        except (OSError, sqlite3.Error) as error:
            raise FeedbackError(f"反馈文件“{FILE}”无法读写({error})。", "请检查数据文件夹的磁盘空间和权限。") from error


def _noted(row: tuple[Any, ...]) -> Noted:
    answer_id, at, verdict, reason, note, question, history, answer, as_of, version, handled = row
    turns = tuple((asked, said) for asked, said in json.loads(history))
    return Noted(
        answer_id, datetime.fromisoformat(at), verdict, reason, note, question, turns, json.loads(answer), as_of,
        version, bool(handled),
    )  # fmt: skip
