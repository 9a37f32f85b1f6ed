"""The SQLite file of a generation: policies, editions, clauses, benefits, chunks and parsed files."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.models import (
    Benefit,
    Chunk,
    Clause,
    ClausePath,
    Edition,
    EditionKind,
    Policy,
    PolicyFacts,
    PolicyId,
    SourceSpan,
)
from index.store.codec import from_json, strings_from_json, strings_to_json, to_json

DATABASE_FILE = "store.sqlite"

_SCHEMA = """
CREATE TABLE policies (id TEXT PRIMARY KEY, position INTEGER NOT NULL, facts TEXT NOT NULL);
CREATE TABLE editions (
    policy_id TEXT NOT NULL, rank INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
    kind TEXT NOT NULL, facts TEXT NOT NULL, warnings TEXT NOT NULL,
    PRIMARY KEY (policy_id, rank)) WITHOUT ROWID;
CREATE TABLE clauses (
    policy_id TEXT NOT NULL, rank INTEGER NOT NULL, position INTEGER NOT NULL,
    path TEXT NOT NULL, label TEXT NOT NULL, heading TEXT, text TEXT NOT NULL, written TEXT,
    source_start INTEGER NOT NULL, source_end INTEGER NOT NULL, page INTEGER, trail TEXT NOT NULL,
    PRIMARY KEY (policy_id, rank, position));
CREATE TABLE benefits (
    policy_id TEXT NOT NULL, rank INTEGER NOT NULL, position INTEGER NOT NULL,
    path TEXT NOT NULL, benefit TEXT NOT NULL,
    PRIMARY KEY (policy_id, rank, position)) WITHOUT ROWID;
CREATE TABLE chunks (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, policy_id TEXT NOT NULL, path TEXT NOT NULL,
    piece INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    context TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE parsed (
    path TEXT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, parser_version TEXT NOT NULL,
    added INTEGER NOT NULL, edition TEXT NOT NULL);
CREATE INDEX parsed_content ON parsed (sha256, name);
"""

_CHUNK_COLUMNS = 'id, policy_id, path, piece, start, "end", context, text'
_PARSED_COLUMNS = "path, name, sha256, parser_version, added, edition"


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A source file with its parsed edition as JSON, kept so that an unchanged file is not parsed again."""

    path: str
    name: str
    sha256: str
    parser_version: str
    added: bool
    edition_json: str

    def edition(self) -> Edition:
        """The parsed edition. Raises ValueError where it was written by another version."""
        return from_json(Edition, self.edition_json)


def write_database(
    generation: Path, *, policies: Sequence[Policy], chunks: Sequence[Chunk], parsed: Iterable[ParsedFile]
) -> None:
    """Write the SQLite file of the folder `generation`."""
    with closing(sqlite3.connect(generation / DATABASE_FILE)) as connection:
        # Nothing points at the folder yet and `publish` syncs it: a journal would only cost time.
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        with connection:
            for position, policy in enumerate(policies):
                _insert_policy(connection, position, policy)
            connection.executemany(
                f"INSERT INTO chunks (position, {_CHUNK_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((position, *_chunk_row(chunk)) for position, chunk in enumerate(chunks)),
            )
            connection.executemany(
                f"INSERT INTO parsed ({_PARSED_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
                ((f.path, f.name, f.sha256, f.parser_version, f.added, f.edition_json) for f in parsed),
            )


def _chunk_row(chunk: Chunk) -> tuple[Any, ...]:
    place = (chunk.id, chunk.policy_id, chunk.path, chunk.piece, chunk.start, chunk.end)
    return (*place, chunk.context, chunk.text)


def _insert_policy(connection: sqlite3.Connection, position: int, policy: Policy) -> None:
    connection.execute("INSERT INTO policies VALUES (?, ?, ?)", (policy.id, position, to_json(policy.facts)))
    for rank, edition in enumerate(policy.editions):
        key = (policy.id, rank)
        described = (edition.name, edition.sha256, edition.kind.value, to_json(edition.facts))
        connection.execute(
            "INSERT INTO editions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*key, *described, strings_to_json(edition.warnings)),
        )
        connection.executemany(
            "INSERT INTO clauses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*key, at, *_clause_row(clause)) for at, clause in enumerate(edition.clauses)),
        )
        connection.executemany(
            "INSERT INTO benefits VALUES (?, ?, ?, ?, ?)",
            ((*key, at, benefit.path, to_json(benefit)) for at, benefit in enumerate(edition.benefits)),
        )


def _clause_row(clause: Clause) -> tuple[Any, ...]:
    # Most sources are in simplified characters: what is written is then the text itself.
    written = None if clause.written == clause.text else clause.written
    source = clause.source
    text = (clause.path, clause.label, clause.heading, clause.text, written)
    return (*text, source.start, source.end, source.page, strings_to_json(clause.trail))


def _clause(row: Sequence[Any]) -> Clause:
    path, label, heading, text, written, start, end, page, trail = row
    source = SourceSpan(start=start, end=end, page=page)
    written = text if written is None else written
    return Clause(path, label, heading, text, written, source, strings_from_json(trail))


class Database:
    """Read access to the SQLite file of one generation; safe to use from several threads.

    The file never changes, so that it is opened without locks; it may be deleted while it is open.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, generation: Path) -> Database:
        """Open the file of the folder `generation`.

        Raises:
            sqlite3.Error: it is missing or damaged.
        """
        uri = f"{(generation / DATABASE_FILE).absolute().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        database = cls(connection)
        try:
            database.rows("SELECT count(*) FROM policies")
        except sqlite3.Error:
            connection.close()
            raise
        return database

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of an SQL query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def facts(self) -> dict[PolicyId, PolicyFacts]:
        """Facts of every policy in the order of the build, without loading clauses."""
        rows = self.rows("SELECT id, facts FROM policies ORDER BY position")
        return {policy_id: from_json(PolicyFacts, facts) for policy_id, facts in rows}

    def policy(self, policy_id: PolicyId) -> Policy:
        """One policy with all its editions.

        Raises:
            KeyError: there is no such policy.
        """
        rows = self.rows("SELECT facts FROM policies WHERE id = ?", (policy_id,))
        if not rows:
            raise KeyError(policy_id)
        query = "SELECT rank, name, sha256, kind, facts, warnings FROM editions WHERE policy_id = ? ORDER BY rank"
        editions = tuple(self._edition(policy_id, row) for row in self.rows(query, (policy_id,)))
        return Policy(policy_id, from_json(PolicyFacts, rows[0][0]), editions)

    def _edition(self, policy_id: PolicyId, row: Sequence[Any]) -> Edition:
        rank, name, sha256, kind, facts, warnings = row
        where = "WHERE policy_id = ? AND rank = ? ORDER BY position"
        columns = "path, label, heading, text, written, source_start, source_end, page, trail"
        clauses = self.rows(f"SELECT {columns} FROM clauses {where}", (policy_id, rank))
        benefits = self.rows(f"SELECT benefit FROM benefits {where}", (policy_id, rank))
        return Edition(
            name=name,
            sha256=sha256,
            kind=EditionKind(kind),
            facts=from_json(PolicyFacts, facts),
            clauses=tuple(_clause(clause) for clause in clauses),
            benefits=tuple(from_json(Benefit, benefit) for (benefit,) in benefits),
            warnings=strings_from_json(warnings),
        )

    def chunk_keys(self) -> list[tuple[str, PolicyId, ClausePath]]:
        """Id, policy and clause path of every chunk, by position."""
        return self.rows("SELECT id, policy_id, path FROM chunks ORDER BY position")

    def chunk(self, chunk_id: str) -> Chunk:
        """One chunk.

        Raises:
            KeyError: there is no such chunk.
        """
        rows = self.rows(f"SELECT {_CHUNK_COLUMNS} FROM chunks WHERE id = ?", (chunk_id,))
        if not rows:
            raise KeyError(chunk_id)
        return Chunk(*rows[0])

    def chunks(self) -> list[Chunk]:
        """Every chunk, by position."""
        return [Chunk(*row) for row in self.rows(f"SELECT {_CHUNK_COLUMNS} FROM chunks ORDER BY position")]

    def chunk_texts(self) -> Iterator[str]:
        """The text of every chunk, by position."""
        return (text for (text,) in self.rows("SELECT text FROM chunks ORDER BY position"))

    def parsed_files(self) -> list[ParsedFile]:
        """Every indexed source file, in the order of the build."""
        return [_parsed(row) for row in self.rows(f"SELECT {_PARSED_COLUMNS} FROM parsed ORDER BY rowid")]

    def parsed_content(self, *, sha256: str, name: str) -> ParsedFile | None:
        """A source file of this content and name, wherever it lay."""
        query = f"SELECT {_PARSED_COLUMNS} FROM parsed WHERE sha256 = ? AND name = ? LIMIT 1"
        rows = self.rows(query, (sha256, name))
        return _parsed(rows[0]) if rows else None


def _parsed(row: Sequence[Any]) -> ParsedFile:
    path, name, sha256, parser_version, added, edition = row
    return ParsedFile(path, name, sha256, parser_version, bool(added), edition)
