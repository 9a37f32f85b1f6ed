"""Pages and endpoints of the users' judgements on answers: read, filter, mark, export, make questions of them."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from index.errors import PolicyQAError
from web.feedback import FeedbackStore, Noted, Reason, Verdict
from web.staff.guard import ROOT
from web.staff.pages import NO_STORE, done, object_of, page, problem
from web.staff.sets import QuestionSets
from web.texts import Texts

_SHOWN = 50
_CELL = 32_000
"""Characters that are written to a cell; the format takes 32,767."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which judgements are shown; empty is all."""

    verdict: str = ""
    reason: str = ""
    handled: str = ""

    @classmethod
    def of(cls, request: Request) -> Filter:
        """What the address asks for; what it does not know is left out."""
        allowed = {"verdict": get_args(Verdict), "reason": get_args(Reason), "handled": ("yes", "no")}
        said = {name: request.query_params.get(name, "") for name in allowed}
        return cls(**{name: value if value in allowed[name] else "" for name, value in said.items()})

    def fits(self, noted: Noted) -> bool:
        """Whether a judgement is shown."""
        handled = "yes" if noted.handled else "no"
        wanted = ((self.verdict, noted.verdict), (self.reason, noted.reason), (self.handled, handled))
        return all(not want or want == has for want, has in wanted)

    @property
    def query(self) -> str:
        """The filter as a query of an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True)
class Shown:
    """A judgement as the page shows it. The answer is what a browser has sent, so nothing in it is taken for granted.

    Attributes:
        citations: (marker, place, quote).
        warnings: messages.
    """

    noted: Noted
    text: str
    status: str
    citations: tuple[tuple[str, str, str], ...]
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, noted: Noted) -> Shown:
        """The texts of a judgement."""
        given = noted.answer
        citations = tuple(
            (_text(one.get("marker")), _place(one), _text(one.get("quote"))) for one in _objects(given.get("citations"))
        )
        warnings = tuple(_text(one.get("message")) for one in _objects(given.get("warnings")))
        return cls(noted, _text(given.get("answer")), _text(given.get("status")), citations, warnings)


def router(store: FeedbackStore, sets: QuestionSets, texts: Texts) -> APIRouter:
    """The routes in one language."""
    routes = APIRouter(prefix=texts.path(f"{ROOT}/feedback"), include_in_schema=False)
    _add_pages(routes, store, texts)
    _add_changes(routes, store, sets, texts)
    return routes


def _add_pages(routes: APIRouter, store: FeedbackStore, texts: Texts) -> None:
    @routes.get("", response_model=None)
    def feedback(request: Request) -> Response:
        wanted = Filter.of(request)
        try:
            every, said = store.all(), ""
        except PolicyQAError as error:
            every, said = [], str(error)
        chosen = [noted for noted in every if wanted.fits(noted)]
        at = _page_number(request, len(chosen))
        return page(
            request,
            "staff_feedback.html",
            texts,
            section="feedback",
            title=texts("staff.feedback"),
            problem=said,
            wanted=wanted,
            total=len(every),
            found=len(chosen),
            open=sum(not noted.handled for noted in every),
            verdicts=get_args(Verdict),
            reasons=[reason for reason in get_args(Reason) if reason],
            counts=Counter(noted.reason for noted in every if noted.verdict == "dislike"),
            items=[Shown.of(noted) for noted in chosen[at * _SHOWN : (at + 1) * _SHOWN]],
            at=at,
            pages=-(-len(chosen) // _SHOWN),
        )

    @routes.get("/export", response_model=None)
    def export(request: Request, format: str = "xlsx") -> Response:
        try:
            chosen = [noted for noted in store.all() if Filter.of(request).fits(noted)]
        except PolicyQAError as error:
            return problem(str(error), 503)
        if format == "jsonl":
            content, kind, suffix = _jsonl(chosen), "application/x-ndjson", "jsonl"
        else:
            content, kind, suffix = _workbook(chosen, texts), _XLSX, "xlsx"
        name = f"feedback-{datetime.now():%Y%m%d-%H%M}.{suffix}"
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=kind, headers=headers)


def _add_changes(routes: APIRouter, store: FeedbackStore, sets: QuestionSets, texts: Texts) -> None:
    # The id of an answer is what a browser has sent, so it goes in the body, where any characters may stand.
    @routes.post("/handled", response_model=None)
    async def handle(request: Request) -> Response:
        try:
            said = await object_of(request)
            is_known = await run_in_threadpool(
                store.handle, str(said.get("id", "")), handled=said.get("handled") is not False
            )
        except (PolicyQAError, ValueError) as error:
            return problem(str(error))
        return done() if is_known else problem(texts("staff.gone"), 404)

    @routes.post("/question", response_model=None)
    async def draft(request: Request) -> Response:
        try:
            answer_id = (await object_of(request)).get("id")
            every = await run_in_threadpool(store.all)
            noted = next((one for one in every if one.answer_id == answer_id), None)
            if noted is None:
                return problem(texts("staff.gone"), 404)
            is_new = await run_in_threadpool(sets.draft, noted)
        except (PolicyQAError, ValueError) as error:
            return problem(str(error))
        return done(message=texts("staff.drafted") if is_new else texts("staff.drafted_before"))


def _page_number(request: Request, count: int) -> int:
    """The page asked for, from 0, as far as there are any."""
    said = request.query_params.get("page", "")
    last = max(-(-count // _SHOWN) - 1, 0)
    return min(int(said), last) if said.isascii() and said.isdigit() and len(said) < 7 else 0


def _jsonl(chosen: Iterable[Noted]) -> bytes:
    lines = (json.dumps({**asdict(noted), "at": noted.at.isoformat()}, ensure_ascii=False) for noted in chosen)
    return "".join(f"{line}\n" for line in lines).encode()


def _workbook(chosen: Sequence[Noted], texts: Texts) -> bytes:
    """One row a judgement; every cell is text, so that nothing in it is taken for a formula."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    names = ("at", "verdict", "reason", "note", "question", "history", "answer", "cited", "as_of", "version", "handled")
    book = Workbook()
    sheet = book.worksheets[0]
    heading = [texts(f"staff.column_{name}") for name in names]
    for row, values in enumerate([heading, *(_cells(noted, texts) for noted in chosen)], 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_CELL]
            cell.data_type = "s"
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHIJK", (18, 10, 14, 30, 40, 30, 60, 50, 12, 14, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cells(noted: Noted, texts: Texts) -> list[str]:
    shown = Shown.of(noted)
    return [
        noted.at.isoformat(sep=" "),
        texts(f"staff.verdict_{noted.verdict}"),
        texts(f"chat.reason_{noted.reason}") if noted.reason else "",
        noted.note,
        noted.question,
        "\n".join(text for turn in noted.history for text in turn),
        shown.text,
        "\n".join(f"{marker} {place}:{quote}" for marker, place, quote in shown.citations),
        noted.as_of,
        noted.corpus_version,
        texts("staff.yes") if noted.handled else texts("staff.no"),
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _place(citation: dict[str, Any]) -> str:
    policy = citation.get("policy")
    title = _text(policy.get("title")) if isinstance(policy, dict) else ""
    return f"《{title}》{_text(citation.get('label'))}"
