"""The answer engine: one question in, one checked answer with citations out."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.embed import PolicyEmbeddings, load_embeddings
from index.models import EditionKind, Policy, Status
from index.settings import Settings
from index.store import IndexHandle, IndexReader
from rag.compose import Composed, compose
from rag.judge import Lens
from rag.retrieve import Retrieval, retrieve
from rag.understand import Question, Turn, understand
from rag.validity import AnswerWarning
from rag.verify import Quote

logger = logging.getLogger(__name__)

COMPOSED = "composed"
"""Answer mode: from the clauses' own sentences, without a language model."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One quoted piece of a clause.

    Attributes:
        marker: as it stands in the answer's text, "[1]".
        quote: the source's words; a piece of the clause, unbroken.
        heading: the clause's own, None where it has none.
        trail: headings of the clause's ancestors, outermost first.
        status: of the policy on the day of the answer.
        edition: how close the quoted source is to the issued document.
    """

    marker: str
    title: str
    doc_number: str | None
    path: str
    label: str
    quote: str
    heading: str | None = None
    trail: tuple[str, ...] = ()
    status: Status = Status.UNKNOWN
    edition: EditionKind = EditionKind.ORIGINAL
    policy_id: str = ""


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation as it is shown; both are Chinese text."""

    formula: str
    result: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        status: "answered", "partial" (only what is nearest) or "refused".
        text: with markers; paragraphs are parted by line ends.
        as_of: the day it holds for.
        mode: how it was made.
        latency_ms: from the question to the answer.
    """

    id: str
    status: str
    text: str
    citations: tuple[Citation, ...]
    warnings: tuple[AnswerWarning, ...]
    calculations: tuple[Calculation, ...]
    ask_back: tuple[str, ...]
    mode: str
    latency_ms: float
    as_of: date

    def to_object(self) -> dict[str, Any]:
        """The answer as JSON, in the form that other programs rely on."""
        return {
            "id": self.id,
            "status": self.status,
            "answer": self.text,
            "citations": [_citation_object(citation) for citation in self.citations],
            "warnings": [{"code": warning.code, "message": warning.message} for warning in self.warnings],
            "calculations": [{"formula": made.formula, "result": made.result} for made in self.calculations],
            "ask_back": list(self.ask_back),
            "mode": self.mode,
            "latency_ms": round(self.latency_ms, 1),
        }


def _citation_object(citation: Citation) -> dict[str, Any]:
    return {
        "marker": citation.marker,
        "policy": {"title": citation.title, "doc_number": citation.doc_number},
        "path": citation.path,
        "label": citation.label,
        "quote": citation.quote,
    }


@dataclass(frozen=True, slots=True)
class Read:
    """A question understood, with what was found for it.

    Attributes:
        as_of: the day the answer is for: the one the question names, else the one that was given, else today.
    """

    reader: IndexReader
    lens: Lens
    question: Question
    found: Retrieval
    as_of: date


class AnswerEngine:
    """Answers questions from the current index; a new generation is picked up between two questions. Thread-safe."""

    def __init__(self, embeddings: PolicyEmbeddings, handle: IndexHandle) -> None:
        self._embeddings = embeddings
        self._handle = handle
        self._lock = threading.Lock()
        self._focused: tuple[str, Lens] | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> AnswerEngine:
        """An engine with the configured model; the index need not be there yet.

        Raises:
            ModelError, MissingExtraError: the embedding model cannot be loaded.
        """
        embeddings = load_embeddings(settings)
        return cls(embeddings, IndexHandle(settings, embeddings.identity))

    @property
    def embeddings(self) -> PolicyEmbeddings:
        """The model questions are embedded with."""
        return self._embeddings

    def reader(self) -> IndexReader:
        """The current index.

        Raises:
            IndexMissingError: no index has been built.
            IndexMismatchError: it was built with another model or program version, or is damaged.
        """
        return self._handle.current()

    def lens(self, reader: IndexReader) -> Lens:
        """Term weights and cosine scale of an index, measured once a generation."""
        focused = self._focused
        if focused is None or focused[0] != reader.name:
            with self._lock:
                if self._focused is None or self._focused[0] != reader.name:
                    self._focused = (reader.name, Lens.focus(reader, self._embeddings))
                focused = self._focused
        return focused[1]

    def read(self, question: str, history: Sequence[Turn] = (), as_of: date | None = None) -> Read:
        """A question understood, with the clauses found for it; see `answer` for arguments and errors."""
        reader = self.reader()
        lens = self.lens(reader)
        understood = understand(question, history, lexicon=lens.lexicon, today=as_of)
        day = understood.as_of or as_of or date.today()
        vector = self._embeddings.embed_question(understood.focus or understood.text)
        return Read(reader, lens, understood, retrieve(reader, understood, vector), day)

    def answer(self, question: str, history: Sequence[Turn] = (), as_of: date | None = None) -> Answer:
        """Answer one question.

        Args:
            question: as the person typed it.
            history: the conversation before, oldest first.
            as_of: the day the answer is for, today by default.

        Raises:
            ValueError: the question is empty or too long; the message is for the user.
            IndexMissingError, IndexMismatchError: see `reader`.
        """
        started = time.perf_counter()
        read = self.read(question, history, as_of)
        composed = compose(read.reader, read.question, read.found, read.lens, as_of=read.as_of)
        day = read.as_of
        text, citations = _with_markers(composed, day)
        latency = (time.perf_counter() - started) * 1000
        logger.info("answered in %.1f ms: %s, %d citations", latency, composed.status, len(citations))
        return Answer(
            id=secrets.token_hex(8),
            status=composed.status,
            text=text,
            citations=citations,
            warnings=composed.warnings,
            calculations=tuple(Calculation(one.formula, one.result) for one in composed.calculations),
            ask_back=composed.ask_back,
            mode=COMPOSED,
            latency_ms=latency,
            as_of=day,
        )


def _with_markers(composed: Composed, as_of: date) -> tuple[str, tuple[Citation, ...]]:
    """The text with a marker behind every statement; neighbouring sentences of a clause share one citation."""
    runs = _runs([quote for statement in composed.statements for quote in statement.quotes])
    paragraphs: dict[int, str] = {}
    for statement in composed.statements:
        markers = "".join(dict.fromkeys(_marker_of(quote, runs) for quote in statement.quotes))
        paragraphs[statement.paragraph] = f"{paragraphs.get(statement.paragraph, '')}{statement.text}{markers}"
    policies = {policy.id: policy for policy in composed.policies}
    citations = tuple(_citation(f"[{at}]", run, policies[run.policy_id], as_of) for at, run in enumerate(runs, start=1))
    return "\n".join(paragraphs.values()), citations


def _runs(quotes: Sequence[Quote]) -> list[Quote]:
    """Quotes in order, those that follow one another in a clause joined, each place once."""
    runs: list[Quote] = []
    for quote in quotes:
        last = runs[-1] if runs else None
        if any(_within(quote, run) for run in runs):
            continue
        if last is not None and _same_clause(last, quote) and _follows(last, quote):
            runs[-1] = Quote(last.policy_id, last.clause, last.start, quote.end)
        else:
            runs.append(quote)
    return runs


def _same_clause(one: Quote, other: Quote) -> bool:
    return one.policy_id == other.policy_id and one.clause.source == other.clause.source


def _within(quote: Quote, run: Quote) -> bool:
    return _same_clause(quote, run) and run.start <= quote.start and quote.end <= run.end


def _follows(one: Quote, other: Quote) -> bool:
    return one.end <= other.start and not one.clause.written[one.end : other.start].strip()


def _marker_of(quote: Quote, runs: Sequence[Quote]) -> str:
    return next(f"[{at}]" for at, run in enumerate(runs, start=1) if _within(quote, run))


def _citation(marker: str, quote: Quote, policy: Policy, as_of: date) -> Citation:
    return Citation(
        marker=marker,
        title=policy.facts.title,
        doc_number=policy.facts.doc_number,
        path=quote.clause.path,
        label=quote.clause.label,
        quote=quote.text,
        heading=quote.clause.heading,
        trail=quote.clause.trail,
        status=policy.facts.status(as_of),
        edition=policy.best.kind,
        policy_id=policy.id,
    )
