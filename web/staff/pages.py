"""The frame of the desk's pages, and what their routes share."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse

from web.shell import page_html
from web.staff.guard import ROOT, account
from web.texts import Texts

FILES = ("staff.css", "staff.js")
SECTIONS = {"policies": f"{ROOT}/", "feedback": f"{ROOT}/feedback", "evaluation": f"{ROOT}/evaluation"}
"""Pages with a place in the desk's own bar."""

NO_STORE = {"Cache-Control": "no-store"}
_BODY_LIMIT = 1 << 20


def page(
    request: Request, template: str, texts: Texts, *, section: str, title: str, code: int = 200, **values: object
) -> HTMLResponse:
    """A page for the account that is signed in; browsers keep no copy."""
    html = page_html(
        template,
        "staff",
        texts,
        title=title,
        here=here(request, texts),
        files=FILES,
        section=section,
        sections=SECTIONS,
        account=account(request.scope),
        words=texts.part("staff"),
        **values,
    )
    return HTMLResponse(html, code, headers=NO_STORE)


def here(request: Request, texts: Texts) -> str:
    """Address of this page without language, for the language switch."""
    path = request.url.path.removeprefix(texts.path(ROOT))
    return f"{ROOT}{path}" + (f"?{request.url.query}" if request.url.query else "")


def problem(message: str, code: int = 400) -> JSONResponse:
    """A refusal that scripts show to the user."""
    return JSONResponse({"error": message}, code, headers=NO_STORE)


def done(**values: object) -> JSONResponse:
    """A success with what the script needs."""
    return JSONResponse(values, headers=NO_STORE)


async def body_of(request: Request, *, limit: int = _BODY_LIMIT) -> bytes:
    """The body of a request.

    Raises:
        ValueError: it is larger than `limit` bytes.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise ValueError("发送的内容太大。")
        parts.append(part)
    return b"".join(parts)


async def object_of(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries.

    Raises:
        ValueError: it is none, or too large.
    """
    try:
        value = json.loads(await body_of(request))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("发送的内容不是 JSON。") from None
    if not isinstance(value, dict):
        raise ValueError("发送的内容应为 JSON 对象。")
    return value
