"""Labelled questions, asked over the documents they are about: what the fits in this package learn from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.rows import Row, load_rows
from index.build import build
from index.settings import Settings
from rag.answer import AnswerEngine, Read
from rag.compose.current import current_clauses
from rag.compose.engine import subject_of
from rag.compose.limits import reason_to_refuse
from rag.found import RetrievedClause
from rag.subject import Subject


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what retrieval found for it: the clauses of editions that are meant, best first."""

    row: Row
    read: Read
    subject: Subject
    items: tuple[RetrievedClause, ...]


def asked(
    corpus: Sequence[Path], sets: Sequence[Path], settings: Settings, *, further: Sequence[Row] = ()
) -> Iterator[Asked]:
    """Questions of sets, and `further` ones, over the documents of `corpus`, indexed in a folder of their own.

    What rules decide before (another city, a document number nobody has, a clause named by its number, no subject at
    all) teaches nothing and is left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(update={"data_dir": Path(folder), "model_cache": settings.models_dir})
        build(list(corpus), settings=own)
        engine = AnswerEngine.from_settings(own)
        for row in (*(row for path in sets for row in load_rows(path)), *further):
            read = engine.read(row.question, row.history, row.as_of)
            subject = subject_of(read.question, read.found, read.lens)
            named = any(item.named for item in read.found.clauses)
            if not subject.named or named or reason_to_refuse(read.reader, read.question, read.found):
                continue
            items = tuple(current_clauses(read.question, read.found, read.as_of))
            if items:
                yield Asked(row, read, subject, items)
