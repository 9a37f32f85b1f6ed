"""ASGI middleware in front of everything below /staff: a session for all but the login, own pages for all changes."""

from __future__ import annotations

import logging
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from fastapi.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.staff.sessions import COOKIE, Sessions
from web.texts import LANGUAGES, Texts, load_texts

logger = logging.getLogger(__name__)

ROOT = "/staff"
LOGIN = f"{ROOT}/login"
ACCOUNT = "policyqa.account"
"""Key of the ASGI scope under which requests carry the name of the account."""

_SAFE = ("GET", "HEAD", "OPTIONS")


class StaffGuard:
    """Answers what must not go further; everything else of the application passes untouched."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        texts = _texts_below(scope["path"]) if scope["type"] in ("http", "websocket") else None
        if texts is None:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope.get("method", "GET") not in _SAFE and not same_origin(headers):
            await JSONResponse({"error": texts("staff.foreign")}, 403)(scope, receive, send)
            return
        token = _token(headers)
        name = self._sessions.name(token) if token else None
        if name is None and scope["path"] != texts.path(LOGIN):
            await self._refuse(scope, receive, send, texts, headers, expired=bool(token))
            return
        await self._app({**scope, ACCOUNT: name}, receive, send)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, texts: Texts, headers: dict[str, str], *, expired: bool
    ) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        why = "expired" if expired else "needed"
        login = f"{texts.path(LOGIN)}?why={why}&next={quote(_address(scope), safe='')}"
        if scope["method"] in _SAFE and "text/html" in headers.get("accept", ""):
            await RedirectResponse(login, 303)(scope, receive, send)
            return
        await JSONResponse({"error": texts(f"staff.{why}"), "login": texts.path(LOGIN)}, 401)(scope, receive, send)


def same_origin(headers: dict[str, str]) -> bool:
    """Whether the request comes from a page of this host; browsers send Origin, or at least Referer, with changes."""
    said = headers.get("origin") or headers.get("referer", "")
    return bool(said) and urlsplit(said).netloc == headers.get("host")


def safe_next(address: str, texts: Texts) -> str:
    """`address` where it is a page of the desk, else the desk: a login must not lead elsewhere."""
    parts = urlsplit(address)
    inside = not parts.scheme and not parts.netloc and _texts_below(parts.path) is not None
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    login = parts.path in {load_texts(language).path(LOGIN) for language in LANGUAGES}
    return address if inside and plain and not login else texts.path(f"{ROOT}/")


def account(scope: Scope) -> str:
    """The account of a request that the guard has let through."""
    return str(scope[ACCOUNT])


def _texts_below(path: str) -> Texts | None:
    """The words of the desk's language where `path` is below it, in any spelling that a router might take for it."""
    parts = [part for part in path.lower().split("/") if part]
    for language in LANGUAGES:
        texts = load_texts(language)
        root = texts.path(ROOT).split("/")[1:]
        if parts[: len(root)] == root:
            return texts
    return None


def _address(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


def _token(headers: dict[str, str]) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie is not None else ""
