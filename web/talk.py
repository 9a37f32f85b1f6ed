"""What the chat page asks of the server: answers as they come, examples, feedback and exports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from index.errors import PolicyQAError
from rag.answer import Answer
from rag.examples import EXAMPLE_KINDS
from rag.understand import QUESTION_LIMIT
from web import export, feedback
from web.api import AskRequest
from web.cards import TONES, cards_html, status_text
from web.events import Event, event_stream
from web.render import answer_html, paragraphs_html
from web.service import AnswerService, Asked
from web.texts import Texts, load_texts

EXAMPLES = 40
"""Questions that the examples of each kind are taken from."""
PER_KIND = 2

Language = Literal["zh", "en"]


class PageQuestion(AskRequest):
    """A question of the page, in the language its words are shown in."""

    language: Language = "zh"


class ExportRequest(BaseModel):
    """A conversation to be written to a file."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=200)
    format: Literal["md", "docx"]
    turns: list[export.Turn] = Field(min_length=1, max_length=500)


def router(service: AnswerService) -> APIRouter:
    """The routes over `service`; they serve the page alone and are not part of the API."""
    routes = APIRouter(prefix="/page", include_in_schema=False)

    @routes.get("/start")
    def start(language: Language = "zh") -> Response:
        return JSONResponse(_start(service, load_texts(language)), headers={"Cache-Control": "no-store"})

    @routes.post("/ask")
    def ask(body: PageQuestion) -> Response:
        return event_stream(_events(service, body.asked(), load_texts(body.language)))

    @routes.post("/feedback")
    def note(body: feedback.Feedback) -> Response:
        try:
            feedback.FeedbackStore(service.settings).add(body)
        except PolicyQAError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse({"noted": True}, 201)

    @routes.post("/export")
    def write(body: ExportRequest) -> Response:
        try:
            reader = service.reader()
        except PolicyQAError as error:
            return JSONResponse({"error": str(error)}, 503)
        return export.response(body.title, body.turns, body.format, reader)

    return routes


def _start(service: AnswerService, texts: Texts) -> dict[str, Any]:
    """What the page shows before the first question: examples, the policies to choose from, or what is wrong."""
    held = service.holdings(examples=EXAMPLES)
    if held.problem:
        return {"problem": held.problem, "examples": [], "policies": [], "question_limit": QUESTION_LIMIT}
    today = date.today()
    policies = [
        {
            "id": policy_id,
            "title": facts.title,
            "doc_number": facts.doc_number,
            "status": status_text(facts.status(today), facts, texts),
            "tone": TONES[facts.status(today)],
        }
        for policy_id, facts in service.reader().facts().items()
    ]
    return {
        "problem": "",
        "holdings": texts("shell.holdings", count=held.policies),
        "examples": _by_kind(held.examples),
        "policies": policies,
        "question_limit": QUESTION_LIMIT,
    }


def _by_kind(questions: Sequence[str]) -> list[dict[str, Any]]:
    """Kinds in the order of `EXAMPLE_KINDS`, with up to `PER_KIND` questions each."""
    kinds = {kind: [one for one in questions if one.endswith(end)] for kind, end in EXAMPLE_KINDS.items()}
    return [{"kind": kind, "questions": found[:PER_KIND]} for kind, found in kinds.items() if found]


def _events(service: AnswerService, asked: Asked, texts: Texts) -> Iterator[Event]:
    """What is written so far as HTML, then the answer with its HTML and cards."""
    written: dict[int, str] = {}
    for event in service.stream(asked):
        if isinstance(event, Answer):
            yield "answer", _shown(event, service, texts)
        else:
            written[event.paragraph] = written.get(event.paragraph, "") + event.text
            yield "written", {"html": paragraphs_html("\n".join(written.values()), texts)}


def _shown(answer: Answer, service: AnswerService, texts: Texts) -> dict[str, Any]:
    reader = service.reader()
    return {
        "answer": answer.to_object(),
        "as_of": answer.as_of.isoformat(),
        "corpus_version": reader.manifest.corpus_version,
        "policy_ids": [citation.policy_id for citation in answer.citations],
        "html": answer_html(answer, texts),
        "cards": cards_html(answer, reader, texts),
    }
