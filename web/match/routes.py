"""What the page asks of the server: what to offer, the result as HTML, the workbook, an example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from index.errors import PolicyQAError
from index.quantities import format_amount
from web.cards import TONES, library_link, status_text
from web.match.example import example
from web.match.form import FormError, MatchForm
from web.match.result import Result, result
from web.match.sheet import notes_of, workbook
from web.service import AnswerService
from web.shell import templates
from web.texts import Texts, load_texts

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_STORE = {"Cache-Control": "no-store"}


def router(service: AnswerService) -> APIRouter:
    """The routes over `service`; they serve the page alone and are not part of the API."""
    routes = APIRouter(prefix="/page/match", include_in_schema=False)

    @routes.get("/start")
    def start() -> Response:
        try:
            facts = service.reader().facts().values()
        except PolicyQAError as error:
            return JSONResponse({"problem": str(error), "regions": []}, headers=_NO_STORE)
        regions = sorted({one.region for one in facts if one.region})
        return JSONResponse({"problem": "", "regions": regions}, headers=_NO_STORE)

    @routes.get("/example")
    def made_up() -> Response:
        try:
            return JSONResponse(example(service.reader().policies(), date.today()), headers=_NO_STORE)
        except PolicyQAError as error:
            return JSONResponse({"error": str(error)}, 503)

    @routes.post("")
    def matched(form: MatchForm) -> Response:
        def shown(found: Result, texts: Texts) -> Response:
            return JSONResponse(_shown(found, form, texts), headers=_NO_STORE)

        return _over(service, form, shown)

    @routes.post("/xlsx")
    def download(form: MatchForm) -> Response:
        def file(found: Result, texts: Texts) -> Response:
            name = quote(f"政策匹配-{found.as_of.isoformat()}.xlsx")
            headers = {"Content-Disposition": f"attachment; filename=match.xlsx; filename*=UTF-8''{name}"}
            return Response(workbook(found, form), media_type=_XLSX, headers=headers)

        return _over(service, form, file)

    return routes


def _over(service: AnswerService, form: MatchForm, answer: Callable[[Result, Texts], Response]) -> Response:
    """What `answer` makes of the result; 422 with the fields that are wrong, 503 without an index."""
    texts = load_texts(form.language)
    skipped = [one.question for one in form.answers if not (one.facts or one.not_facts or one.figures)]
    try:
        profile = form.profile(texts)
        found = result(profile, service.reader(), form.day(), in_force_only=form.in_force_only, skipped=skipped)
    except FormError as error:
        return JSONResponse({"fields": error.fields}, 422)
    except PolicyQAError as error:
        return JSONResponse({"error": str(error)}, 503)
    return answer(found, texts)


def _shown(found: Result, form: MatchForm, texts: Texts) -> dict[str, object]:
    """The result as HTML, and a line that says what it comes to."""
    counts = {group.name: len(group.rows) for group in found.groups}
    total = format_amount(found.total.value) if found.total.counted else ""
    html = (
        templates()
        .get_template("match_result.html")
        .render(
            texts=texts,
            found=found,
            counts=counts,
            total=total,
            tones=TONES,
            answered={one.question: one.said for one in form.answers},
            notes_of=notes_of,
            status_words=lambda row: status_text(row.match.status, row.facts, texts),
            link=lambda row, path, words: library_link(
                row.match.policy_id, path, texts, quote=words, as_of=found.as_of
            ),
        )
    )
    said = texts("match.announce", meets=counts["meets"], open=counts["open"] + counts["quiet"])
    return {"html": html, "said": said}
