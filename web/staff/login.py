"""Login and logout of the desk: forms rendered on the server, which need no script."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from web.shell import page_html
from web.staff.accounts import Accounts
from web.staff.guard import ACCOUNT, LOGIN, ROOT, safe_next
from web.staff.lockout import FAILURES, Lockout
from web.staff.pages import NO_STORE, body_of
from web.staff.sessions import COOKIE, Sessions
from web.texts import Texts

_FORM_LIMIT = 16 << 10
_WHYS = ("needed", "expired", "left")


def router(accounts: Accounts, sessions: Sessions, lockout: Lockout, texts: Texts) -> APIRouter:
    """The routes in one language."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(texts.path(LOGIN), response_model=None)
    def form(request: Request, next: str = "", why: str = "") -> Response:
        if request.scope.get(ACCOUNT):
            return RedirectResponse(safe_next(next, texts), 303)
        said = texts(f"staff.{why}") if why in _WHYS else ""
        return _form(texts, accounts, next=next, said=said)

    @routes.post(texts.path(LOGIN), response_model=None)
    async def login(request: Request) -> Response:
        try:
            fields = parse_qs((await body_of(request, limit=_FORM_LIMIT)).decode("utf-8", "replace"))
        except ValueError:
            fields = {}
        name, password, target = (fields.get(key, [""])[0] for key in ("name", "password", "next"))
        address = request.client.host if request.client else ""
        keys = (f"name {name.casefold()[:100]}", f"address {address}")
        # Hashing takes a tenth of a second of a processor: not on the loop that serves everybody.
        right, minutes = await run_in_threadpool(lockout.attempt, keys, lambda: accounts.match(name, password))
        if not right:
            said = texts("staff.locked", minutes=minutes, failures=FAILURES) if minutes else texts("staff.wrong")
            return _form(texts, accounts, next=target, said=said, name=name, code=429 if minutes else 401)
        answer = RedirectResponse(safe_next(target, texts), 303, headers=NO_STORE)
        is_secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, sessions.open(name), httponly=True, samesite="strict", secure=is_secure, path="/")
        return answer

    @routes.post(texts.path(f"{ROOT}/logout"), response_model=None)
    def logout(request: Request) -> Response:
        sessions.close(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(f"{texts.path(LOGIN)}?why=left", 303, headers=NO_STORE)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    return routes


def _form(texts: Texts, accounts: Accounts, *, next: str, said: str, name: str = "", code: int = 200) -> HTMLResponse:
    html = page_html(
        "staff_login.html",
        "staff",
        texts,
        title=texts("staff.login"),
        here=LOGIN,
        files=("staff.css",),
        action=texts.path(LOGIN),
        next=safe_next(next, texts),
        said=said,
        wrong=code != 200,
        name=name[:64],
        can_login=bool(accounts.hashes),
    )
    return HTMLResponse(html, code, headers=NO_STORE)
