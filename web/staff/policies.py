"""Pages and endpoints of the policies: list, upload, preview with corrections, indexing, replacing, removing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from index.errors import PolicyQAError
from index.models import Edition, EditionKind, Level, Policy, PolicyFacts, PolicyId
from index.read import MAX_BYTES, SUPPORTED_SUFFIXES
from web.protect import MEGABYTE, BodyTooLargeError
from web.shell import PAGES, templates
from web.staff.desk import PENDING_LIMIT, PolicyDesk
from web.staff.guard import ROOT, account
from web.staff.names import safe_name
from web.staff.pages import NO_STORE, done, object_of, page, problem
from web.staff.uploads import Upload, UploadState
from web.texts import Texts

logger = logging.getLogger(__name__)

SIZE_LIMIT = MAX_BYTES
"""Bytes of an uploaded file: what the reader takes."""

_FACTS = (
    *("title", "doc_number", "issuers", "level", "region", "issued_on", "effective_on", "expires_on", "period"),
    *("draft", "edition"),
)
_SHOWN_CLAUSES = 2000


def router(desk: PolicyDesk, texts: Texts) -> APIRouter:
    """The routes in one language."""
    routes = APIRouter(prefix=texts.path(ROOT), include_in_schema=False)
    _add_pages(routes, desk, texts)
    _add_upload(routes, desk, texts)
    _add_changes(routes, desk, texts)
    return routes


def _add_pages(routes: APIRouter, desk: PolicyDesk, texts: Texts) -> None:
    @routes.get("/", response_model=None)
    def policies(request: Request) -> Response:
        desk.recover()
        try:
            held, said = desk.held(), ""
        except PolicyQAError as error:
            held, said = [], str(error)
        return page(
            request,
            "staff_policies.html",
            texts,
            section="policies",
            title=texts("staff.policies"),
            held=held,
            problem=said,
            today=date.today(),
            pending=desk.uploads.pending(),
            limit=SIZE_LIMIT,
            megabytes=SIZE_LIMIT // MEGABYTE,
            suffixes=",".join(sorted(SUPPORTED_SUFFIXES)),
            library=texts.path(PAGES["library"]),
        )

    @routes.get("/uploads", response_model=None)
    def pending() -> Response:
        """The list of what waits to be indexed, as a piece of a page."""
        html = templates().get_template("staff_pending.html").render(texts=texts, pending=desk.uploads.pending())
        return HTMLResponse(html, headers=NO_STORE)

    @routes.get("/uploads/{upload_id}", response_model=None)
    def preview(request: Request, upload_id: str) -> Response:
        desk.recover()
        upload = desk.uploads.get(upload_id)
        if upload is None:
            return page(request, "staff_gone.html", texts, section="policies", title=texts("staff.gone"), code=404)
        edition = desk.uploads.edition(upload)
        if edition is None and upload.state in (UploadState.READY, UploadState.INDEXED):
            # Another version of the program has read it.
            desk.read(upload)
        return page(
            request,
            "staff_upload.html",
            texts,
            section="policies",
            title=upload.name,
            upload=upload,
            edition=edition,
            **(_preview(desk, upload, edition) if edition is not None else {}),
        )

    @routes.get("/jobs/{job_id}", response_model=None)
    def job(job_id: str) -> Response:
        found = desk.writer.get(job_id)
        return problem(texts("staff.job_gone"), 404) if found is None else done(**found.to_object())


def _preview(desk: PolicyDesk, upload: Upload, edition: Edition) -> dict[str, Any]:
    facts, kind = upload.facts(edition)
    same = desk.same(upload, facts)
    return {
        "facts": facts,
        "kind": kind,
        "kinds": list(EditionKind),
        "levels": list(Level),
        "corrected": set(upload.corrections or {}),
        "same": same,
        "replaced": _replaced(facts, same),
        "clauses": edition.clauses[:_SHOWN_CLAUSES],
        "today": date.today(),
    }


def _replaced(facts: PolicyFacts, same: Sequence[Policy]) -> PolicyId:
    """The policy that a file most likely takes the place of; one with another number is another policy."""
    numbers = (facts.doc_number, None) if facts.doc_number else None
    found = (policy.id for policy in same if numbers is None or policy.facts.doc_number in numbers)
    return next(found, "")


def _add_upload(routes: APIRouter, desk: PolicyDesk, texts: Texts) -> None:
    too_large = texts("staff.too_large", megabytes=SIZE_LIMIT // MEGABYTE)

    @routes.post("/uploads", response_model=None)
    async def receive(request: Request, name: str) -> Response:
        """One file, as the body; its name in the address."""
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > SIZE_LIMIT:
            return problem(too_large, 413)
        if len(desk.uploads.pending()) >= PENDING_LIMIT:
            return problem(texts("staff.too_many", count=PENDING_LIMIT), 409)
        try:
            upload, partial = await run_in_threadpool(desk.uploads.receive, safe_name(name), account(request.scope))
        except OSError as error:
            logger.exception("an upload cannot be stored")
            return problem(texts("staff.disk", reason=error.strerror or ""), 507)
        try:
            await _store(request, partial)
            upload = await run_in_threadpool(desk.uploads.arrived, upload)
        except (ClientDisconnect, BodyTooLargeError, _TooLargeError):
            desk.uploads.discard(upload)
            return problem(too_large, 413)
        except OSError as error:
            desk.uploads.discard(upload)
            logger.exception("an upload cannot be stored")
            return problem(texts("staff.disk", reason=error.strerror or ""), 507)
        desk.read(upload)
        return done(id=upload.id, name=upload.name)


class _TooLargeError(Exception):
    """More came than was declared and than may come."""


async def _store(request: Request, target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > SIZE_LIMIT:
                raise _TooLargeError
            await run_in_threadpool(file.write, part)


def _add_changes(routes: APIRouter, desk: PolicyDesk, texts: Texts) -> None:
    @routes.post("/uploads/{upload_id}/facts", response_model=None)
    async def correct(request: Request, upload_id: str) -> Response:
        try:
            body = await object_of(request)
            await run_in_threadpool(_corrected, desk, upload_id, body)
        except ValueError as error:
            return problem(str(error))
        return done()

    @routes.post("/uploads/{upload_id}/index", response_model=None)
    async def index(request: Request, upload_id: str) -> Response:
        try:
            body = await object_of(request)
            upload = await run_in_threadpool(_corrected, desk, upload_id, body)
        except ValueError as error:
            return problem(str(error))
        replacing = body.get("replacing")
        by = account(request.scope)
        job = desk.index(upload, by, replacing=replacing if isinstance(replacing, str) and replacing else None)
        return done(job=job.id)

    @routes.post("/uploads/{upload_id}/discard", response_model=None)
    def discard(upload_id: str) -> Response:
        upload = desk.uploads.get(upload_id)
        if upload is not None and upload.state in (UploadState.INDEXED, UploadState.INDEXING):
            return problem(texts("staff.is_indexed"), 409)
        if upload is not None:
            desk.uploads.discard(upload)
        return done()

    @routes.post("/policies/{policy_id}/remove", response_model=None)
    def remove(request: Request, policy_id: str) -> Response:
        return done(job=desk.remove(policy_id, account(request.scope)).id)


def _corrected(desk: PolicyDesk, upload_id: str, body: dict[str, Any]) -> Upload:
    """The upload with what the form says.

    Raises:
        ValueError: it cannot be corrected or indexed as it is.
    """
    upload = desk.uploads.get(upload_id)
    edition = desk.uploads.edition(upload) if upload is not None else None
    if upload is None or edition is None or upload.state not in (UploadState.READY, UploadState.INDEXED):
        raise ValueError("这个文件现在不能收录,请刷新页面看看它的状态。")
    said = body.get("facts")
    if not isinstance(said, dict):
        raise ValueError("没有收到政策的信息。")
    return desk.correct(upload, edition, {name: said[name] for name in _FACTS if name in said})
