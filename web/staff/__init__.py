"""The staff desk (工作台), behind a login."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware

from index.settings import Settings
from web.service import AnswerService
from web.staff import login, policies
from web.staff.accounts import Accounts
from web.staff.desk import PolicyDesk
from web.staff.guard import StaffGuard
from web.staff.lockout import Lockout
from web.staff.sessions import Sessions
from web.texts import LANGUAGES, load_texts


def install(app: FastAPI, settings: Settings, service: AnswerService) -> None:
    """Add login, desk and their endpoints under /staff (and /en/staff), behind a guard for all of them."""
    sessions = Sessions(settings.staff_session_minutes * 60)
    accounts, lockout = Accounts.from_settings(settings), Lockout()
    desk = PolicyDesk(settings, service)
    # The innermost: what it refuses still gets the headers and limits of the others.
    app.user_middleware.append(Middleware(StaffGuard, sessions=sessions))
    for texts in map(load_texts, LANGUAGES):
        app.include_router(login.router(accounts, sessions, lockout, texts))
        app.include_router(policies.router(desk, texts))
