"""The staff desk (工作台), behind a login."""

from __future__ import annotations

from fastapi import FastAPI

from index.settings import Settings
from web.service import AnswerService


def install(app: FastAPI, settings: Settings, service: AnswerService) -> None:
    """Add login, desk and their endpoints under /staff (and /en/staff)."""
