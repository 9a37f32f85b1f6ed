"""An OpenAI-compatible chat server on loopback whose behaviour a test chooses, faults included."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Exchange"], None]


@dataclass
class ChatServer:
    """The running server: what it was asked, and how often a client went away before the end."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)


class Exchange:
    """One request as a behaviour sees it."""

    def __init__(self, handler: BaseHTTPRequestHandler, server: ChatServer, body: dict[str, Any]) -> None:
        self._handler = handler
        self.server = server
        self.body = body
        self.number = len(server.requests)

    def head(self, status: int = 200, content_type: str = "text/event-stream", **headers: str) -> None:
        self._handler.send_response(status)
        for name, value in {"Content-Type": content_type, "Connection": "close", **headers}.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def raw(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def event(self, payload: object) -> None:
        self.raw(b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n")

    def text(self, text: str) -> None:
        self.event(chunk({"content": text}))

    def end(self, reason: str = "stop") -> None:
        self.event(chunk({}, reason))
        self.raw(b"data: [DONE]\n\n")

    def wait(self, seconds: float) -> None:
        self.server.closing.wait(seconds)

    def drip(self, data: bytes, pause: float, seconds: float) -> None:
        """Send `data` again and again, a `pause` apart."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.server.closing.is_set():
            self.raw(data)
            self.wait(pause)


def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def says(*pieces: str, reason: str = "stop") -> Behaviour:
    """Stream the pieces and end as a server does."""

    def behave(exchange: Exchange) -> None:
        exchange.head()
        exchange.event(chunk({"role": "assistant", "content": ""}))
        for piece in pieces:
            exchange.text(piece)
        exchange.end(reason)

    return behave


def spells(text: str) -> Behaviour:
    """Stream the text one character at a time."""
    return says(*text)


def fails(status: int, message: str = "no", **headers: str) -> Behaviour:
    """Refuse with an error object."""

    def behave(exchange: Exchange) -> None:
        exchange.head(status, "application/json", **headers)
        exchange.raw(json.dumps({"error": {"message": message, "type": "error"}}).encode())

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first behaviour for the first request, and so on; the last one for all that follow."""
    return lambda exchange: behaviours[min(exchange.number, len(behaviours)) - 1](exchange)


def replies(data: bytes, content_type: str = "text/event-stream") -> Behaviour:
    """Answer with these bytes, whatever they are."""

    def behave(exchange: Exchange) -> None:
        exchange.head(200, content_type)
        exchange.raw(data)

    return behave


def after(pieces: Sequence[str], then: Behaviour) -> Behaviour:
    """Stream the pieces, then misbehave; `then` finds the head sent."""

    def behave(exchange: Exchange) -> None:
        exchange.head()
        for piece in pieces:
            exchange.text(piece)
        then(exchange)

    return behave


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[ChatServer]:
    """A server on a free port of loopback; leaving ends it and all that it still waits for."""
    state = ChatServer("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.close_connection = True
            try:
                behaviour(Exchange(self, state, body))
            except (BrokenPipeError, ConnectionResetError):
                state.hung_up.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
