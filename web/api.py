"""The API for other programs: ask, list policies, health; documented at /api/docs without any outside host."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from index.errors import PolicyQAError
from index.present import policy_object
from rag.answer import Answer
from rag.scope import Scope
from web.events import Event, event_stream
from web.service import AnswerService, Asked
from web.shell import FILES

HISTORY_LIMIT = 200
"""Turns of a conversation that a request may carry."""


class AskRequest(BaseModel):
    """A question; the fields are those of the command line."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="问题,最多 5000 字")
    history: list[tuple[str, str]] = Field(default=[], max_length=HISTORY_LIMIT, description="[[用户的话, 回答], …]")
    as_of: date | None = Field(default=None, description="以哪一天为准,默认今天")
    in_force_only: bool = Field(default=False, description="只看当天现行有效的政策")
    policies: list[str] | None = Field(default=None, max_length=1000, description="只看这些政策(/api/policies 的 id)")

    def asked(self) -> Asked:
        """The question as the service takes it."""
        chosen = frozenset(self.policies) if self.policies else None
        return Asked(self.question, tuple(self.history), self.as_of, Scope(chosen, self.in_force_only))


def router(service: AnswerService) -> APIRouter:
    """The routes over `service`."""
    routes = APIRouter(tags=["政策问答"])

    @routes.post("/api/ask", summary="提问", response_model=None)
    def ask(body: AskRequest, accept: Annotated[str, Header()] = "") -> Response:
        """JSON,或(Accept: text/event-stream)依次为 sentence、answer、error 事件。

        回答的对象与 `python -m rag ask --json` 相同。
        """
        if "text/event-stream" in accept:
            return event_stream(_events(service, body.asked()))
        try:
            *_, last = service.stream(body.asked())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        except PolicyQAError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse(last.to_object() if isinstance(last, Answer) else {})

    @routes.get("/api/policies", summary="政策清单", response_model=None)
    def policies(as_of: date | None = None) -> Response:
        """每份政策的标题、文号、机关、日期、当天的效力状态。"""
        try:
            held = service.reader().policies()
        except PolicyQAError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse([policy_object(policy, as_of or date.today()) for policy in held])

    @routes.get("/healthz", summary="运行状态", response_model=None)
    def health() -> Response:
        """200:可以回答;503:索引或模型还不能用,`problem` 说明原因。"""
        state = _state(service)
        return JSONResponse(state, 200 if state["status"] == "ok" else 503, headers={"Cache-Control": "no-store"})

    _add_docs(routes)
    return routes


def _events(service: AnswerService, asked: Asked) -> Iterator[Event]:
    for event in service.stream(asked):
        if isinstance(event, Answer):
            yield "answer", event.to_object()
        else:
            yield "sentence", {"paragraph": event.paragraph, "text": event.text}


def _state(service: AnswerService) -> dict[str, Any]:
    try:
        reader = service.reader()
    except PolicyQAError as error:
        return {"status": "unavailable", "problem": str(error)}
    held = {"policies": len(reader.facts()), "index": reader.name, "corpus_version": reader.manifest.corpus_version}
    return {"status": "ok" if service.ready else "starting", **held}


def _add_docs(routes: APIRouter) -> None:
    """Swagger UI from files of an installed package: FastAPI's own page loads them from a public host."""
    static = files("fastapi_offline") / "static"

    @routes.get("/api/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=str(request.app.openapi_url),
            title="政策问答 API",
            swagger_js_url="/api/docs/swagger-ui-bundle.js",
            swagger_css_url="/api/docs/swagger-ui.css",
            swagger_favicon_url=f"{FILES}/icon.svg",
        )

    @routes.get("/api/docs/{name}", include_in_schema=False)
    def docs_file(name: str) -> Response:
        if name not in ("swagger-ui-bundle.js", "swagger-ui.css"):
            return JSONResponse({"error": "没有这个文件。"}, 404)
        return FileResponse(str(static / name))
