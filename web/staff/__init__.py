"""The staff desk (工作台), behind a login."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware

from index.settings import Settings
from web.feedback import FeedbackStore
from web.service import AnswerService
from web.staff import evaluation, feedback, login, policies
from web.staff.accounts import Accounts
from web.staff.desk import PolicyDesk
from web.staff.guard import StaffGuard
from web.staff.lockout import Lockout
from web.staff.runs import EvaluationDesk
from web.staff.sessions import Sessions
from web.staff.sets import QuestionSets
from web.texts import LANGUAGES, load_texts

SETS_FOLDER = "question-sets"
"""Folder of the data folder with the question sets of staff."""


def install(app: FastAPI, settings: Settings, service: AnswerService) -> None:
    """Add login, desk and their endpoints under /staff (and /en/staff), behind a guard for all of them."""
    sessions = Sessions(settings.staff_session_minutes * 60)
    accounts, lockout = Accounts.from_settings(settings), Lockout()
    desk, runs = PolicyDesk(settings, service), EvaluationDesk(settings, service)
    sets, store = QuestionSets(settings.data_dir / SETS_FOLDER), FeedbackStore(settings)
    # The innermost: what it refuses still gets the headers and limits of the others.
    app.user_middleware.append(Middleware(StaffGuard, sessions=sessions))
    for texts in map(load_texts, LANGUAGES):
        app.include_router(login.router(accounts, sessions, lockout, texts))
        app.include_router(policies.router(desk, texts))
        app.include_router(feedback.router(store, sets, texts))
        app.include_router(evaluation.router(runs, sets, service, texts))
