"""Pages and endpoints of the evaluation: sets, runs with progress, results, comparison."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from eval.compare import Change, Comparison, Verdict
from eval.compare import compare as compare_runs
from eval.metrics.bootstrap import Estimate
from eval.metrics.catalogue import HEADLINES, Metric
from eval.metrics.diagnose import Step
from eval.metrics.summary import Summary
from eval.report import charts
from eval.report.cards import card
from eval.report.page import provenance
from eval.report.words import interval, percent, points
from index.errors import PolicyQAError
from web.service import AnswerService
from web.staff.guard import ROOT, account
from web.staff.names import safe_name
from web.staff.pages import NO_STORE, body_of, done, object_of, page, problem
from web.staff.runs import EvaluationDesk
from web.staff.sets import SIZE_LIMIT, QuestionSets
from web.texts import Texts

_SHOWN_CASES = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TONES = {Verdict.BETTER: "good", Verdict.WORSE: "bad"}


@dataclass(frozen=True, slots=True)
class Line:
    """A metric in a table, with its picture."""

    metric: Metric
    estimate: Estimate
    strip: Markup


def router(desk: EvaluationDesk, sets: QuestionSets, service: AnswerService, texts: Texts) -> APIRouter:
    """The routes in one language."""
    routes = APIRouter(prefix=texts.path(f"{ROOT}/evaluation"), include_in_schema=False)
    _add_overview(routes, desk, sets, service, texts)
    _add_results(routes, desk, texts)
    _add_comparison(routes, desk, texts)
    _add_sets(routes, sets, texts)
    _add_runs(routes, desk, sets)
    return routes


def _add_overview(
    routes: APIRouter, desk: EvaluationDesk, sets: QuestionSets, service: AnswerService, texts: Texts
) -> None:
    @routes.get("", response_model=None)
    def evaluation(request: Request) -> Response:
        try:
            titles, said = [facts.title for facts in service.reader().facts().values()], ""
        except PolicyQAError as error:
            titles, said = [], str(error)
        # In this order: a run that ends in between is in both, and the page asks on; the other way it would be in none.
        current, history = desk.current(), desk.history()
        return page(
            request,
            "staff_evaluation.html",
            texts,
            section="evaluation",
            title=texts("staff.evaluation"),
            problem=said,
            sets=sets.all(titles),
            current=current,
            history=history,
            complete=[state for state in history if state.phase == "done"],
            percent=percent,
            quote=quote,
        )

    @routes.get("/current", response_model=None)
    def current() -> Response:
        state = desk.current()
        return done(running=None) if state is None else done(running=state.name, done=state.done, total=state.total)


def _add_results(routes: APIRouter, desk: EvaluationDesk, texts: Texts) -> None:
    @routes.get("/runs/{name}", response_model=None)
    def result(request: Request, name: str) -> Response:
        try:
            run, summary = desk.result(name)
        except ValueError as error:
            return _gone(request, texts, str(error))
        others = [state for state in desk.history() if state.phase == "done" and state.name != name]
        return page(
            request,
            "staff_run.html",
            texts,
            section="evaluation",
            title=f"{texts('staff.run')} {name}",
            run=run,
            state=desk.state(name),
            summary=summary,
            lines=_lines(summary),
            pictures=_pictures(summary, texts),
            steps=[(texts(f"staff.step_{step.name.lower()}"), count) for step, count in summary.steps.items()],
            step_name=_step_name(texts),
            cards=[card(case, run) for case in summary.failing[:_SHOWN_CASES]],
            others=others,
            provenance=provenance(run),
            percent=percent,
            interval=interval,
        )

    @routes.get("/runs/{name}/report", response_model=None)
    def report(request: Request, name: str) -> Response:
        try:
            path = desk.report(name)
        except ValueError as error:
            return _gone(request, texts, str(error))
        if path is None:
            return _gone(request, texts, "")
        return HTMLResponse(path.read_text(encoding="utf-8"), headers=NO_STORE)


def _add_comparison(routes: APIRouter, desk: EvaluationDesk, texts: Texts) -> None:
    @routes.get("/compare", response_model=None)
    def compare(request: Request, before: str = "", after: str = "") -> Response:
        try:
            found = compare_runs(desk.result(before)[0], desk.result(after)[0])
        except ValueError as error:
            return _gone(request, texts, str(error))
        return page(
            request,
            "staff_compare.html",
            texts,
            section="evaluation",
            title=texts("staff.compare"),
            before=desk.state(before),
            after=desk.state(after),
            found=found,
            changes=[_change(change, texts) for change in found.changes if change.metric.headline],
            right=[sum(pair[side].correct for pair in found.pairs) for side in (0, 1)],
            is_likely_chance=_is_likely_chance(found),
            p_value=_p_value(found),
            step_name=_step_name(texts),
        )


def _add_sets(routes: APIRouter, sets: QuestionSets, texts: Texts) -> None:
    @routes.post("/sets", response_model=None)
    async def add(request: Request, name: str) -> Response:
        """A question set (xlsx or jsonl), as the body; its name in the address."""
        try:
            data = await body_of(request, limit=SIZE_LIMIT)
            count = await run_in_threadpool(sets.add, name, data)
        except ValueError as error:
            return problem(str(error))
        return done(message=texts("staff.set_added", count=count))

    @routes.post("/sets/delete", response_model=None)
    async def delete(request: Request) -> Response:
        try:
            sets.delete(str((await object_of(request)).get("set", "")))
        except ValueError as error:
            return problem(str(error))
        return done()

    @routes.get("/sets/workbook", response_model=None)
    def workbook(set: str) -> Response:
        try:
            with tempfile.TemporaryDirectory(prefix="policyqa-set-") as folder:
                path = Path(folder) / "set.xlsx"
                sets.workbook(set, path)
                content = path.read_bytes()
        except ValueError as error:
            return problem(str(error))
        name = quote(f"{Path(safe_name(set)).stem}.xlsx")
        headers = {**NO_STORE, "Content-Disposition": f"attachment; filename=\"set.xlsx\"; filename*=UTF-8''{name}"}
        return Response(content, media_type=_XLSX, headers=headers)


def _add_runs(routes: APIRouter, desk: EvaluationDesk, sets: QuestionSets) -> None:
    @routes.post("/start", response_model=None)
    async def start(request: Request) -> Response:
        try:
            path = sets.path(str((await object_of(request)).get("set", "")))
            name = await run_in_threadpool(desk.start, path, account(request.scope))
        except (PolicyQAError, ValueError) as error:
            return problem(str(error), 409)
        return done(run=name)

    @routes.post("/stop", response_model=None)
    def stop() -> Response:
        desk.stop()
        return done()

    @routes.post("/runs/{name}/resume", response_model=None)
    def resume(request: Request, name: str) -> Response:
        try:
            desk.resume(name, account(request.scope))
        except (PolicyQAError, ValueError) as error:
            return problem(str(error), 409)
        return done()


def _gone(request: Request, texts: Texts, said: str) -> Response:
    title = texts("staff.gone")
    return page(request, "staff_gone.html", texts, section="evaluation", title=title, code=404, problem=said)


def _lines(summary: Summary) -> list[Line]:
    return [
        Line(
            metric,
            summary.overall[metric.name],
            # Drawn by this program from figures alone.
            Markup(charts.interval_strip(summary.overall[metric.name], lower_is_better=metric.lower_is_better)),
        )
        for metric in HEADLINES
        if metric.name in summary.overall
    ]


def _pictures(summary: Summary, texts: Texts) -> tuple[Markup, Markup]:
    """The plot of the categories for a window and for a telephone."""
    bars = [
        charts.Bar(texts(f"staff.category_{category}"), found["correct"])
        for category, found in summary.by_category.items()
    ]
    title, unit = texts("staff.by_category"), texts("staff.unit")
    wide, narrow = (charts.bars(bars, title=title, unit=unit, width=width) for width in (640, charts.NARROW))
    return Markup(wide), Markup(narrow)


def _step_name(texts: Texts) -> Any:  # noqa: ANN401 - a function for templates
    def name(step: Step | None) -> str:
        return texts(f"staff.step_{step.name.lower()}") if step is not None else texts("staff.right")

    return name


def _change(change: Change, texts: Texts) -> dict[str, str]:
    return {
        "name": change.metric.name,
        "before": percent(change.before),
        "after": percent(change.after),
        "difference": points(change.difference.value),
        "low": points(change.difference.low),
        "high": points(change.difference.high),
        "verdict": texts(f"staff.change_{change.verdict.name.lower()}"),
        "tone": _TONES.get(change.verdict, ""),
    }


def _p_value(found: Comparison) -> str:
    from eval.compare import chance

    return chance(found.p_correct)


def _is_likely_chance(found: Comparison) -> bool:
    from eval.compare import SIGNIFICANT

    return found.p_correct >= SIGNIFICANT
