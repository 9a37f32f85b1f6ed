"""Answers by a chat model: sentence by sentence, each checked before it is given out."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.settings import Settings
from rag.generate.contract import Check, Code, Generated, GenerationFailed, Request, Sentence
from rag.generate.form import SentenceKind, answers, fault_of_direct_answer, fault_of_form, kind_of, states_sum
from rag.generate.messages import build_messages
from rag.generate.model import load_chat_model, shown_name
from rag.generate.reply import Limits, Reply
from rag.generate.text import SentenceBuffer, ThinkFilter, with_plain_markers, without_list_mark
from rag.prompts import Prompts

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)

MAX_REJECTED_SHARE = 1 / 3
"""Largest share of the stating sentences that may be withheld from an answer that is still shown."""
ANSWER_LIMIT = 4_000
"""Longest answer, in characters."""
RAW_LIMIT = 60_000
"""Most characters read of a model, thinking included."""
_MOST_WITHHELD = 10
"""Withheld sentences after which no more is read."""
_REPEATS = 3
"""How often a sentence comes back before the model counts as looping."""


class ChatGenerator:
    """A configured chat model with its prompts and limits. Thread-safe: a request has its own state."""

    def __init__(self, model: BaseChatModel, *, name: str, prompts: Prompts, limits: Limits) -> None:
        self._model = model
        self._prompts = prompts
        self._limits = limits
        self.name = name

    @classmethod
    def from_settings(cls, settings: Settings) -> ChatGenerator | None:
        """The generator of POLICYQA_CHAT_MODEL; None where it is empty. A server is not contacted.

        Raises:
            ModelError: the name is wrong, or a local model cannot be loaded.
            MissingExtraError: the provider's package is not installed.
            PromptError: the prompt files are not right.
        """
        if not settings.chat_model.strip():
            return None
        prompts = Prompts.from_folder()
        limits = Limits(settings.chat_timeout, settings.chat_first_token_timeout, settings.chat_retries)
        name = shown_name(settings.chat_model)
        return cls(load_chat_model(settings), name=name, prompts=prompts, limits=limits)

    def generate(self, request: Request, check: Check) -> Generated:
        """The whole answer.

        Raises:
            GenerationFailed: there is none that may be shown.
        """
        for event in self.stream(request, check):
            if isinstance(event, Generated):
                return event
        raise GenerationFailed(Code.EMPTY)

    def stream(self, request: Request, check: Check) -> Iterator[Sentence | Generated]:
        """Checked sentences as they become complete, then the whole answer as the last event.

        Raises:
            GenerationFailed: with `shown` above 0 where sentences were given out, which are then to be replaced by
                the composed answer: the end of the text has shown that the whole cannot be trusted.
        """
        started = time.monotonic()
        reading = _Reading(request, check)
        try:
            with Reply(self._model, build_messages(request, self._prompts), self._limits) as reply:
                for piece in reply:
                    yield from reading.feed(piece)
                    if reading.stopped:
                        break
                yield from reading.finish(complete=reply.complete)
        except GenerationFailed as failed:
            raise reading.failure(failed.code) from None
        result = reading.result(self.name, time.monotonic() - started, complete=reply.complete)
        logger.info("%s: %d rejected, %.1f s", self.name, len(result.rejected), result.seconds)
        yield result


class _Reading:
    """What has been read of one answer."""

    def __init__(self, request: Request, check: Check) -> None:
        self._request = request
        self._check = check
        self._think = ThinkFilter()
        self._buffer = SentenceBuffer()
        self._shown: list[Sentence] = []
        self._rejected: list[tuple[str, str]] = []
        self._seen: dict[str, int] = {}
        self._answered = False
        """Whether a statement with an amount or share has passed; up to there it is the direct answer."""
        self._stating = 0
        self._withheld = 0
        self._paragraph = 0
        self._read = 0
        self._orphans = 0
        self.stopped = False
        """Whether no more is to be read: too long, or looping."""

    def feed(self, piece: str) -> Iterator[Sentence]:
        """The checked sentences that `piece` completes.

        Raises:
            GenerationFailed: the direct answer was rejected, or thinking was taken for the answer.
        """
        visible = self._think.feed(piece[: RAW_LIMIT - self._read])
        self._read += len(piece)
        if self._think.orphans != self._orphans:
            self._orphans = self._think.orphans
            self._restart()
        yield from self._judge(self._buffer.feed(visible))
        if self._buffer.overlong or self._read >= RAW_LIMIT:
            self.stopped = True

    def finish(self, *, complete: bool) -> Iterator[Sentence]:
        """The checked sentences that are left when no more text comes."""
        if self.stopped:
            return
        rest = self._buffer.feed(self._think.finish())
        yield from self._judge([*rest, *self._buffer.finish(complete=complete)])

    def result(self, model: str, seconds: float, *, complete: bool) -> Generated:
        """The answer.

        Raises:
            GenerationFailed: nothing is left, or too much was rejected.
        """
        if self._withheld > MAX_REJECTED_SHARE * self._stating:
            raise self.failure(Code.UNVERIFIED)
        if not answers([sentence.text for sentence in self._shown], self._request):
            raise self.failure(Code.EMPTY)
        return Generated(self._text(), tuple(self._rejected), model, seconds, self.stopped or not complete)

    def failure(self, code: Code) -> GenerationFailed:
        """The exception to raise, which says what has been shown up to here."""
        return GenerationFailed(code, shown=len(self._shown), rejected=tuple(self._rejected))

    def _restart(self) -> None:
        """Forget what turned out to be thinking, unless some of it has been shown."""
        self._buffer.clear()
        if self._shown:
            raise self.failure(Code.BAD_RESPONSE)
        self._rejected.clear()
        self._seen.clear()
        self._stating = self._withheld = 0
        self._answered = False

    def _judge(self, sentences: list[str]) -> Iterator[Sentence]:
        for written in sentences:
            if self.stopped:
                return
            if not written:
                self._paragraph += bool(self._shown)
                continue
            sentence = with_plain_markers(written)
            if not self._repeats(sentence) and self._passes(sentence):
                self._shown.append(Sentence(sentence, self._paragraph))
                self.stopped = self.stopped or sum(len(shown.text) for shown in self._shown) > ANSWER_LIMIT
                yield self._shown[-1]

    def _repeats(self, sentence: str) -> bool:
        times = self._seen.get(sentence, 0) + 1
        self._seen[sentence] = times
        self.stopped = self.stopped or times >= _REPEATS
        return times > 1

    def _passes(self, sentence: str) -> bool:
        """Whether a sentence may be shown; raises where it is the direct answer and may not."""
        stating = kind_of(sentence, self._request) is not SentenceKind.LEAD
        direct = stating and not self._answered
        reason = fault_of_form(sentence, self._request) or self._check(without_list_mark(sentence), self._request)
        if reason is None and direct:
            reason = fault_of_direct_answer(sentence, self._request)
            self._answered = states_sum(sentence)
        self._stating += stating
        if reason is None:
            return True
        self._rejected.append((sentence, reason))
        self._withheld += stating
        self.stopped = self.stopped or len(self._rejected) >= _MOST_WITHHELD
        logger.info("withheld a sentence: %s", reason)
        if direct and (self._stating == 1 or states_sum(sentence)):
            raise self.failure(Code.UNVERIFIED)
        return False

    def _text(self) -> str:
        paragraphs: dict[int, str] = {}
        for sentence in self._shown:
            paragraphs[sentence.paragraph] = paragraphs.get(sentence.paragraph, "") + sentence.text
        return "\n".join(paragraphs.values())
