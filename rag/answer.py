"""The answer engine: one question in, one checked answer with citations out."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from index.embed import PolicyEmbeddings, load_embeddings
from index.settings import Settings
from index.store import IndexHandle, IndexReader
from rag.answering import Answering
from rag.citing import Calculation, Citation, with_markers
from rag.compose import REFUSED, Composed, compose
from rag.compose.limits import reason_to_refuse
from rag.generate import ChatGenerator, Code, Generated, GenerationFailed, Request, Sentence
from rag.judge import Lens
from rag.known import KnownHere, load_known
from rag.rerank import Reranking, load_reranker
from rag.retrieve import Retrieval, regions_of, retrieve, searched
from rag.scope import EVERYTHING, Scope
from rag.understand import Question, Turn, understand
from rag.validity import ABOUT_POLICIES, AnswerWarning, warnings_for
from rag.widen import asks_to_compute, widened
from rag.written import Markers, cited_text, writing

logger = logging.getLogger(__name__)

COMPOSED = "composed"
"""Answer mode: from the clauses' own sentences, without a language model."""
_STANDS_IN = "这个回答由条款原文组成。"
_FIRST_QUESTION = "有哪些政策"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        status: "answered", "partial" (only what is nearest) or "refused".
        text: with markers; paragraphs are parted by line ends.
        as_of: the day it holds for.
        mode: how it was made.
        latency_ms: from the question to the answer.
        offered: answers to choose from, by the question in `ask_back`; not part of the JSON.
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
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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

    def __init__(
        self,
        embeddings: PolicyEmbeddings,
        handle: IndexHandle,
        generator: ChatGenerator | None = None,
        *,
        reranking: Reranking | None = None,
        known: KnownHere | None = None,
        answering: Answering | None = None,
    ) -> None:
        """`generator` writes the answers, None composes them; `reranking` orders the best clauses anew; `known` are
        questions that clauses are known to answer; `answering` reads clauses with the question."""
        self._embeddings = embeddings
        self._handle = handle
        self._generator = generator
        self._reranking = reranking
        self._known = known
        self._answering = answering
        self._lock = threading.Lock()
        self._focused: tuple[str, Lens] | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> AnswerEngine:
        """An engine with the configured models; the index need not be there yet.

        Raises:
            ModelError, MissingExtraError: the embedding model, the language model or the reranker cannot be loaded.
        """
        embeddings = load_embeddings(settings)
        generator = ChatGenerator.from_settings(settings)
        reranking = load_reranker(settings.reranker, settings.models_dir)
        questions = load_known(settings.known, embeddings.identity)
        known = KnownHere(questions) if questions is not None else None
        return cls(
            embeddings,
            IndexHandle(settings, embeddings.identity),
            generator,
            reranking=reranking,
            known=known,
            answering=Answering.shipped(settings.models_dir, settings.answering),
        )

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
                    self._focused = (reader.name, Lens.focus(reader, self._embeddings, self._answering))
                focused = self._focused
        return focused[1]

    def read(
        self, question: str, history: Sequence[Turn] = (), as_of: date | None = None, scope: Scope = EVERYTHING
    ) -> Read:
        """A question understood, with the clauses found for it; see `answer` for arguments and errors."""
        lens = self.lens(self.reader())
        return self._found(understand(question, history, lexicon=lens.lexicon, today=as_of), as_of, scope)

    def _found(self, understood: Question, as_of: date | None, scope: Scope) -> Read:
        """What is found for a question that has been understood."""
        whole = self.reader()
        lens = self.lens(whole)
        day = understood.as_of or as_of or date.today()
        reader = scope.of(whole, day)
        vector = self._embeddings.embed_question(searched(understood, regions_of(reader)))
        known = self._known.of(whole) if self._known is not None else None
        found = retrieve(reader, understood, vector, as_of=day, reranking=self._reranking, known=known)
        return Read(reader, lens, understood, found, day)

    def answer(
        self, question: str, history: Sequence[Turn] = (), as_of: date | None = None, scope: Scope = EVERYTHING
    ) -> Answer:
        """Answer one question.

        Args:
            question: as the person typed it.
            history: the conversation before, oldest first.
            as_of: the day the answer is for, today by default.
            scope: the policies it may rest on.

        Raises:
            ValueError: the question is empty or too long, or nothing is in scope; the message is for the user.
            IndexMissingError, IndexMismatchError: see `reader`.
        """
        *_, last = self.stream(question, history, as_of, scope)
        if not isinstance(last, Answer):
            raise TypeError("a stream ends with the answer")
        return last

    def stream(
        self, question: str, history: Sequence[Turn] = (), as_of: date | None = None, scope: Scope = EVERYTHING
    ) -> Iterator[Sentence | Answer]:
        """Answer one question; see `answer`.

        Yields:
            Checked sentences of a language model as they are complete, then the whole answer, which replaces them.
            Without a language model, or where nothing is to be written, the answer alone.
        """
        started = time.perf_counter()
        read, composed = self._composed(question, history, as_of, scope)
        if self._generator is None or composed.status == REFUSED:
            yield _answer(composed, read.as_of, started)
            return
        task = writing(read.reader, read.question, history, read.found.clauses, composed, as_of=read.as_of)
        markers = Markers()
        try:
            for event in self._generator.stream(task.request, task.check):
                if isinstance(event, Generated):
                    yield _written(event, task.request, composed, read, started)
                else:
                    yield replace(event, text=markers.renumber(event.text))
        except GenerationFailed as failed:
            logger.warning("%s", failed)
            yield _answer(_fallen_back(composed, _reason(failed)), read.as_of, started)

    def _composed(
        self, question: str, history: Sequence[Turn], as_of: date | None, scope: Scope
    ) -> tuple[Read, Composed]:
        """The composed answer; from a wider reading of the question where the first one finds nothing."""
        first = self.read(question, history, as_of, scope)
        composed = _compose(first)
        refused = composed.status == REFUSED
        if refused and reason_to_refuse(first.reader, first.question, first.found) is not None:
            return first, composed
        if not refused and not (asks_to_compute(first.question) and not composed.calculations):
            return first, composed
        lens = first.lens
        for wider in widened(first.question, history, lexicon=lens.lexicon, terms=lens.terms, today=as_of):
            read = self._found(wider, as_of, scope)
            again = _compose(read)
            if (refused and again.status != REFUSED) or _computes(again):
                return read, again
        return first, composed

    def warm_up(self) -> None:
        """Load what the first question would load; a language model is not asked.

        Raises:
            IndexMissingError, IndexMismatchError: see `reader`.
        """
        read = self.read(_FIRST_QUESTION)
        _compose(read)
        if self._reranking is not None:
            self._reranking.prepare(pieces=len(read.reader))


def _computes(composed: Composed) -> bool:
    """Whether an answer has a calculation that nothing is missing for."""
    return bool(composed.calculations) and all(one.complete for one in composed.calculations)


def _compose(read: Read) -> Composed:
    return compose(read.reader, read.question, read.found, read.lens, as_of=read.as_of)


def _reason(failed: GenerationFailed) -> AnswerWarning:
    """What is said where there is no answer by the language model."""
    code = "figure_rejected" if failed.code is Code.UNVERIFIED else "model_unavailable"
    return AnswerWarning(code, f"{failed.message}{_STANDS_IN}")


def _fallen_back(composed: Composed, reason: AnswerWarning) -> Composed:
    """The composed answer where it stands in for the language model's."""
    return replace(composed, warnings=(*composed.warnings, reason))


def _answer(composed: Composed, day: date, started: float) -> Answer:
    text, citations = with_markers(composed, day)
    return _made(composed, text, citations, COMPOSED, day, started)


def _written(event: Generated, request: Request, composed: Composed, read: Read, started: float) -> Answer:
    """The answer of a language model; the composed one where the model's breaks off or cites nothing."""
    policies = [read.reader.policy(policy_id) for policy_id in dict.fromkeys(c.policy_id for c in request.clauses)]
    text, citations = cited_text(event.text, request, policies)
    if event.truncated or not citations:
        problem = "语言模型的回答没有写完。" if event.truncated else "语言模型的回答没有注明依据。"
        reason = AnswerWarning("model_unavailable", f"{problem}{_STANDS_IN}")
        return _answer(_fallen_back(composed, reason), read.as_of, started)
    shown = {one.policy_id for one in citations}
    if composed.calculations:
        # They are shown beside the text, so that their policies speak, too.
        shown |= {policy.id for policy in composed.policies}
    warnings = list(warnings_for([policy for policy in policies if policy.id in shown], read.as_of, said=text))
    warnings += [warning for warning in composed.warnings if warning.code not in ABOUT_POLICIES]
    if event.rejected:
        warnings.append(AnswerWarning("figure_rejected", "语言模型有的句子在条款里核对不上,没有显示。"))
    made = replace(composed, warnings=tuple(warnings))
    return _made(made, text, citations, event.model, read.as_of, started)


def _made(
    composed: Composed, text: str, citations: tuple[Citation, ...], mode: str, day: date, started: float
) -> Answer:
    latency = (time.perf_counter() - started) * 1000
    logger.info("answered in %.1f ms (%s): %s, %d citations", latency, mode, composed.status, len(citations))
    return Answer(
        id=secrets.token_hex(8),
        status=composed.status,
        text=text,
        citations=citations,
        warnings=composed.warnings,
        calculations=tuple(Calculation(one.formula, one.result) for one in composed.calculations),
        ask_back=composed.ask_back,
        offered=composed.offered,
        mode=mode,
        latency_ms=latency,
        as_of=day,
    )
