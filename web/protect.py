"""ASGI middleware: security headers, and a limit on what a request may carry. Streams pass through unbuffered."""

from __future__ import annotations

import json
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1 << 20
BODY_LIMIT = 4 * MEGABYTE
"""Bytes of a request's body; a long conversation with its citations stays far below."""

UPLOAD_LIMIT = 64 * MEGABYTE
"""Bytes of a request's body where staff upload files."""

UPLOAD_PATHS = ("/staff/", "/en/staff/")
_TOO_LARGE = "发送的内容太大,请分开发送。"

# Gradio's pages have inline scripts and styles and compile templates; nothing may come from, or go to, another host.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """Adds the headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyTooLargeError(Exception):
    """The body grew past the limit while it was read."""


class BodyLimit:
    """Refuses bodies over the limit, by their declared length or, without one, as they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = UPLOAD_LIMIT if scope["path"].startswith(UPLOAD_PATHS) else BODY_LIMIT
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(send)
            return
        read, answered = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise BodyTooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            # FastAPI makes an answer of its own of what is raised while it reads: the refusal takes its place.
            if answered or read <= limit:
                answered = True
                await send(message)

        with suppress(BodyTooLargeError):
            await self._app(scope, counted, noted)
        if read > limit and not answered:
            await _refuse(send)


async def _refuse(send: Send) -> None:
    body = json.dumps({"error": _TOO_LARGE}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
