"""The library of policies (政策库): list, clause tree, validity over time; rendered on the server."""

from __future__ import annotations

from fastapi import APIRouter

from web.service import AnswerService


def router(service: AnswerService) -> APIRouter:
    """The pages over `service`, in every language."""
    return APIRouter(include_in_schema=False)
