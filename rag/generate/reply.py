"""One request to a chat model, as text that arrives in time or a failure that does.

The model runs on an event loop of its own thread, because only there can a read that is blocked be cancelled. The
caller reads a queue and never waits longer than the total time, whatever the server does.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from rag.generate.contract import Code, GenerationFailed
from rag.generate.errors import code_of, is_transient, retry_after, status_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from tenacity import AsyncRetrying, RetryCallState

logger = logging.getLogger(__name__)

_GRACE = 2.0
"""Seconds beyond the total time after which the caller gives up on the event loop itself."""
_BACKOFF = 0.4
_LONGEST_BACKOFF = 8.0
_STOP_KEYS = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_STOPPED = ("stop", "end_turn", "stop_sequence", "eos", "complete")
_lock = threading.Lock()
_running: list[asyncio.AbstractEventLoop] = []


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a request may take.

    Attributes:
        total: seconds for everything, waits between attempts included.
        silence: seconds until the first text of an attempt, and between two pieces of text.
        retries: attempts after the first one, before any text.
    """

    total: float
    silence: float
    retries: int


def _loop() -> asyncio.AbstractEventLoop:
    """The process's event loop for chat models; connections that are kept open belong to it."""
    with _lock:
        if not _running:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="chat-model", daemon=True).start()
            _running.append(loop)
        return _running[0]


class Reply:
    """A context manager around one request; iterating gives the pieces of text. Leaving it cancels the request."""

    def __init__(self, model: BaseChatModel, messages: Sequence[BaseMessage], limits: Limits) -> None:
        self._model = model
        self._messages = list(messages)
        self._limits = limits
        self._pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._future: Future[None] | None = None
        self._started = False
        self.complete = False
        """Whether the model said that its text is complete: the connection held, and the length was enough."""

    def __enter__(self) -> Reply:
        self._future = asyncio.run_coroutine_threadsafe(self._run(), _loop())
        self._future.add_done_callback(lambda _: self._pieces.put(None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._future is not None:
            self._future.cancel()

    def __iter__(self) -> Iterator[str]:
        """Pieces of text as they arrive.

        Raises:
            GenerationFailed: nothing arrived, or the time was up. A connection that is lost after the first text only
                leaves `complete` false.
        """
        deadline = time.monotonic() + self._limits.total + _GRACE
        while True:
            try:
                piece = self._pieces.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                raise GenerationFailed(Code.TIMEOUT) from None
            if piece is None:
                break
            yield piece
        self._conclude()

    def _conclude(self) -> None:
        if self._future is None or self._future.cancelled():
            raise GenerationFailed(Code.BAD_RESPONSE)
        error = self._future.exception()
        if error is None:
            return
        if isinstance(error, GenerationFailed):
            raise error
        code = code_of(error)
        logger.warning("chat model failed: %s, status %s: %s", type(error).__name__, status_of(error), code)
        if not self._started:
            raise GenerationFailed(code) from None
        self.complete = False

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(self._limits.total) as scope:
                async for attempt in self._attempts():
                    with attempt:
                        await self._read()
        except TimeoutError:
            if scope.expired():
                raise GenerationFailed(Code.TIMEOUT if self._started else Code.NO_RESPONSE) from None
            raise

    def _attempts(self) -> AsyncRetrying:
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_any, stop_before_delay

        return AsyncRetrying(
            retry=retry_if_exception(lambda error: not self._started and is_transient(error)),
            stop=stop_any(stop_after_attempt(self._limits.retries + 1), stop_before_delay(self._limits.total)),
            wait=_pause,
            reraise=True,
        )

    async def _read(self) -> None:
        """One attempt: text into the queue until the model ends or falls silent."""
        loop = asyncio.get_running_loop()
        stream = cast("AsyncGenerator[AIMessageChunk]", self._model.astream(self._messages))
        heard = loop.time()
        async with aclosing(stream) as chunks:
            while True:
                try:
                    async with asyncio.timeout_at(heard + self._limits.silence) as scope:
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    if not scope.expired():
                        raise
                    raise GenerationFailed(Code.TIMEOUT if self._started else Code.NO_RESPONSE) from None
                if self._take(chunk):
                    heard = loop.time()

    def _take(self, chunk: AIMessageChunk) -> bool:
        """Pass a chunk's text on; whether it had any."""
        metadata: dict[str, Any] = chunk.response_metadata
        reason = next((str(metadata[key]).lower() for key in _STOP_KEYS if metadata.get(key)), None)
        if reason is not None:
            self.complete = reason in _STOPPED
        text = str(chunk.text)
        if text:
            self._started = True
            self._pieces.put(text)
        return bool(text)


def _pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: what the server asks for, else exponential with jitter."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = retry_after(error)
    if asked is not None:
        return asked
    # Jitter keeps many clients from coming back at once; it needs no secrecy.
    longest: float = min(_BACKOFF * 2.0 ** (state.attempt_number - 1), _LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1)
