"""The answer engine behind the chat page: loaded in the background, its errors turned into sentences."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from index.errors import PolicyQAError
from index.settings import Settings
from rag.answer import Answer, AnswerEngine
from rag.examples import example_questions
from rag.understand import Turn
from web.render import Exchange

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the index holds, for the page's head; `problem` is a sentence for the user where it cannot be read."""

    policies: int = 0
    examples: tuple[str, ...] = ()
    problem: str = ""


class AnswerService:
    """Answers for the page. Thread-safe; the engine is loaded once, when it is first needed or by `warm_up`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._engine: AnswerEngine | None = None

    def engine(self) -> AnswerEngine:
        """The engine, loaded on the first call.

        Raises:
            PolicyQAError: the embedding model cannot be loaded.
        """
        with self._lock:
            if self._engine is None:
                self._engine = AnswerEngine.from_settings(self._settings)
            return self._engine

    def warm_up(self) -> threading.Thread:
        """Load model, dictionaries and index in the background; a failure is told with the first question."""

        def load() -> None:
            try:
                self.engine().warm_up()
            except PolicyQAError as error:
                logger.warning("%s", error)

        thread = threading.Thread(target=load, name="warm-up", daemon=True)
        thread.start()
        return thread

    def holdings(self, *, examples: int) -> Holdings:
        """Number of policies and up to `examples` example questions; needs no model."""
        from index.store import IndexReader

        try:
            reader = self._engine.reader() if self._engine is not None else IndexReader.open(self._settings)
            return Holdings(len(reader.facts()), tuple(example_questions(reader, limit=examples)))
        except PolicyQAError as error:
            return Holdings(problem=str(error))

    def ask(self, question: str, before: Sequence[Exchange], as_of: date | None) -> Iterator[Exchange]:
        """The exchange for one question as it grows, the finished one last; what a user can act on is a message."""
        history = [(exchange.question, exchange.answer.text if exchange.answer else "") for exchange in before]
        try:
            yield from self._exchanges(question, history, as_of)
        except (PolicyQAError, ValueError) as error:
            yield Exchange(question, message=str(error))

    def _exchanges(self, question: str, history: Sequence[Turn], as_of: date | None) -> Iterator[Exchange]:
        engine = self.engine()
        written: dict[int, str] = {}
        for event in engine.stream(question, history, as_of):
            if isinstance(event, Answer):
                known = engine.reader().facts()
                cited = dict.fromkeys(citation.policy_id for citation in event.citations)
                yield Exchange(question, event, facts={key: known[key] for key in cited if key in known})
            else:
                written[event.paragraph] = written.get(event.paragraph, "") + event.text
                yield Exchange(question, written="\n".join(written.values()))
