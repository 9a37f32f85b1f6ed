"""The answer engine behind the pages: loaded in the background, shared by all of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from index.errors import PolicyQAError
from index.settings import Settings
from index.store import IndexReader
from rag.answer import Answer, AnswerEngine
from rag.examples import example_questions
from rag.generate import Sentence
from rag.scope import Scope
from rag.understand import Turn

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with what came before it."""

    question: str
    history: Sequence[Turn] = ()
    as_of: date | None = None
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the index holds, for the pages' heads; `problem` is a sentence for the user where it cannot be read."""

    policies: int = 0
    examples: tuple[str, ...] = ()
    problem: str = ""


class AnswerService:
    """Answers for the pages. Thread-safe; the engine is loaded once, when it is first needed or by `warm_up`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._engine: AnswerEngine | None = None

    def engine(self) -> AnswerEngine:
        """The engine, loaded on the first call.

        Raises:
            PolicyQAError: the embedding model cannot be loaded.
        """
        with self._lock:
            if self._engine is None:
                self._engine = AnswerEngine.from_settings(self.settings)
            return self._engine

    @property
    def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._engine is not None

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

    def reader(self) -> IndexReader:
        """The current index; waits for no model.

        Raises:
            IndexMissingError: no index has been built.
            IndexMismatchError: it was built with another model or program version, or is damaged.
        """
        engine = self._engine
        return engine.reader() if engine is not None else IndexReader.open(self.settings)

    def holdings(self, *, examples: int) -> Holdings:
        """Number of policies and up to `examples` example questions; needs no model."""
        try:
            reader = self.reader()
            return Holdings(len(reader.facts()), tuple(example_questions(reader, limit=examples)))
        except PolicyQAError as error:
            return Holdings(problem=str(error))

    def stream(self, asked: Asked) -> Iterator[Sentence | Answer]:
        """Checked sentences as a language model writes them, then the answer; see `AnswerEngine.stream`.

        Raises:
            ValueError: the question cannot be answered as it stands; the message is for the user.
            PolicyQAError: model or index cannot be used; so is this one.
        """
        yield from self.engine().stream(asked.question, asked.history, asked.as_of, asked.scope)
