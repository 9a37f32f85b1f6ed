"""The web application: FastAPI with the API and the server-rendered pages, and the Gradio pages mounted on it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from index.settings import Settings
from web import api, chat, library, match, staff, talk
from web.protect import BodyLimit, SecurityHeaders
from web.service import AnswerService
from web.shell import FILES, PAGES, STATIC, gradio_options, page_html
from web.texts import LANGUAGES, Texts, load_texts

logger = logging.getLogger(__name__)


class OwnFiles(StaticFiles):
    """The pages' own files; a browser asks each time whether they have changed, as modules import one another."""

    def file_response(self, *args: Any, **options: Any) -> Response:  # noqa: ANN401 - the signature of the base class
        """The file, to be asked for again each time."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(settings: Settings) -> FastAPI:
    """Every page and endpoint over one answer service; the model is loaded in the background once it runs."""
    service = AnswerService(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # After the start: loading the model would hold the page up.
        service.warm_up()
        yield

    app = FastAPI(title="政策问答", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=lifespan)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.mount(FILES, OwnFiles(directory=STATIC), name="web")
    app.include_router(api.router(service))
    app.include_router(talk.router(service))
    app.include_router(library.router(service))
    app.include_router(match.router(service))
    _add_errors(app)
    _add_redirects(app)
    staff.install(app, settings, service)
    for language in reversed(LANGUAGES):
        _mount_pages(app, service, load_texts(language))
    return app


def _add_redirects(app: FastAPI) -> None:
    """To the address with the final slash, which a mounted page needs for its relative addresses."""
    for language in LANGUAGES:
        for path in {load_texts(language).path(page) for page in PAGES.values()}:
            if path.endswith("/") and path != "/":
                app.add_api_route(path.rstrip("/"), _to(path), include_in_schema=False)


def _to(path: str) -> Callable[[], RedirectResponse]:
    def redirect() -> RedirectResponse:
        return RedirectResponse(path)

    return redirect


def _mount_pages(app: FastAPI, service: AnswerService, texts: Texts) -> None:
    """The public Gradio pages of one language; the chat last, as it takes every path below it."""
    gr.mount_gradio_app(
        app,
        match.build_page(service, texts),
        texts.path(PAGES["match"]).rstrip("/"),
        **gradio_options(texts, *match.FILES),
    )
    gr.mount_gradio_app(
        app, chat.build_page(service, texts), texts.path("/").rstrip("/"), **gradio_options(texts, *chat.FILES)
    )
    # An address that nothing else takes ends in the chat's application, which knows only its own errors.
    mounted = app.routes[-1]
    if isinstance(mounted, Mount) and isinstance(mounted.app, FastAPI):
        mounted.app.add_exception_handler(404, _of_http)


def _add_errors(app: FastAPI) -> None:
    """Errors as JSON for the API and for scripts, as a page for people."""

    app.add_exception_handler(HTTPException, _of_http)

    @app.exception_handler(RequestValidationError)
    async def of_input(request: Request, error: RequestValidationError) -> Response:
        places = "、".join(dict.fromkeys(".".join(map(str, one["loc"][1:])) or "正文" for one in error.errors()))
        return _error(request, 422, _texts(request)("shell.bad_request", detail=places))

    @app.exception_handler(Exception)
    async def of_program(request: Request, error: Exception) -> Response:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _error(request, 500, _texts(request)("shell.server_error"))


def _of_http(request: Request, error: Exception) -> Response:
    """An error of the protocol; what a framework says of it in English is put into words of ours."""
    code, detail = (error.status_code, str(error.detail)) if isinstance(error, HTTPException) else (500, "")
    if detail.isascii():
        missing = _texts(request)("shell.not_found")
        place = f"{request.method} {request.url.path}"
        detail = missing if code == 404 else _texts(request)("shell.bad_request", detail=place)
    return _error(request, code, detail)


def _texts(request: Request) -> Texts:
    first = request.url.path.split("/")[1]
    return load_texts(first if first in LANGUAGES else LANGUAGES[0])


def _error(request: Request, code: int, detail: str) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": detail}, status_code=code)
    texts = _texts(request)
    missing = code == 404
    heading = texts("shell.not_found") if missing else detail
    hint = texts("shell.not_found_hint") if missing else ""
    return HTMLResponse(page_html("notice.html", "", texts, title=heading, heading=heading, hint=hint), code)
