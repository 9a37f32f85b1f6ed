"""The report as one self-contained HTML page: no script, font, style or picture is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from eval.metrics.bootstrap import Estimate, mean_interval
from eval.metrics.catalogue import HEADLINES, METRICS, Metric
from eval.metrics.diagnose import EXPLANATIONS
from eval.metrics.ranking import recall_at
from eval.metrics.summary import Case, Summary, given_statuses
from eval.report import charts
from eval.report.cards import card
from eval.report.words import category_name, interval, milliseconds, percent, status_name
from eval.rows import STATUSES
from eval.runs import Run

_TEMPLATES = Path(__file__).parent / "templates"
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A metric in a table."""

    metric: Metric
    estimate: Estimate
    strip: str


def render_html(run: Run, summary: Summary) -> str:
    """The page; everything that comes from questions, answers and policies is escaped."""
    return _template().render(
        run=run,
        summary=summary,
        headline=headline(run, summary),
        headlines=_lines(summary, summary.overall, HEADLINES),
        details=_lines(summary, summary.overall, tuple(metric for metric in METRICS if not metric.headline)),
        categories=_category_rows(summary),
        confusion=_confusion(summary),
        columns=[status_name(status) for status in given_statuses(summary)],
        steps=[(str(step), count, EXPLANATIONS[step]) for step, count in summary.steps.items()],
        plots=_plots(summary),
        cards=[card(case, run) for case in summary.failing],
        rows=[_row(case) for case in summary.cases],
        provenance=provenance(run),
        percent=percent,
        interval=interval,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def headline(run: Run, summary: Summary) -> str:
    """The run in two sentences."""
    correct = summary.overall["correct"]
    right = len(summary.cases) - len(summary.failing)
    text = f"共 {len(summary.cases)} 题,答对 {right} 题,答对率 {percent(correct.value)}"
    text += f"(95% 置信区间 {interval(correct)})。"
    if not run.complete:
        text = f"运行没有完成:{len(run.rows)} 题中只问了 {len(summary.cases)} 题。{text}"
    if summary.steps:
        worst = "、".join(f"{step} {count} 题" for step, count in list(summary.steps.items())[:3])
        text += f"没有答对的 {len(summary.failing)} 题中,最多的是:{worst}。"
    return text


def _lines(summary: Summary, found: Mapping[str, Estimate], metrics: tuple[Metric, ...]) -> list[Line]:
    return [
        Line(
            metric,
            found[metric.name],
            charts.interval_strip(found[metric.name], lower_is_better=metric.lower_is_better),
        )
        for metric in metrics
        if metric.name in found
    ]


def _category_rows(summary: Summary) -> list[dict[str, Any]]:
    rows = []
    for category, found in summary.by_category.items():
        latency = summary.latency(category)
        rows.append(
            {
                "name": category_name(category),
                "n": found["correct"].n,
                "metrics": [found.get(metric.name) for metric in HEADLINES],
                "latency": milliseconds(latency.percentiles[50]) if latency is not None else "",
            }
        )
    return rows


def _confusion(summary: Summary) -> list[dict[str, Any]]:
    """Rows of the table: the expected status, and for every given one how often, and as a share of the row."""
    rows = []
    for expected in STATUSES:
        counts = [summary.confusion.get((expected, given), 0) for given in given_statuses(summary)]
        total = sum(counts)
        cells = [
            {"count": count, "share": count / total if total else 0.0, "right": given == expected}
            for given, count in zip(given_statuses(summary), counts, strict=True)
        ]
        rows.append({"name": status_name(expected), "cells": cells, "total": total})
    return rows


def _plots(summary: Summary) -> dict[str, str]:
    """SVG by name, empty for a plot without data."""
    bars = [charts.Bar(category_name(category), found["correct"]) for category, found in summary.by_category.items()]
    plots = {"categories": charts.bars(bars, title="各类题目的答对率"), "retrieval": "", "latency": ""}
    plots["narrow"] = charts.bars(bars, title="各类题目的答对率", width=charts.NARROW)
    recalls = [(k, _recall(summary, k)) for k in range(1, _DEEPEST + 1)]
    known = [(k, estimate) for k, estimate in recalls if estimate is not None]
    if known:
        plots["retrieval"] = charts.curve(known, title="检索曲线")
    times = [case.outcome.latency_ms for case in summary.cases if case.outcome.latency_ms is not None]
    latency = summary.latency()
    if latency is not None:
        marks = [("一半 ≤", latency.percentiles[50]), ("95% ≤", latency.percentiles[95])]
        plots["latency"] = charts.histogram(times, marks, title="回答用时分布")
    return plots


def _recall(summary: Summary, k: int) -> Estimate | None:
    scores = [
        recall_at(k, case.outcome.matched_ranking, case.outcome.required) if case.outcome.row.clauses else None
        for case in summary.cases
    ]
    return mean_interval(scores)


def _row(case: Case) -> dict[str, Any]:
    outcome = case.outcome
    return {
        "id": outcome.row.id,
        "category": category_name(outcome.row.category),
        "question": outcome.row.question,
        "expected": status_name(outcome.row.status),
        "given": status_name(outcome.status),
        "step": str(case.step) if case.step is not None else "",
    }


def provenance(run: Run) -> list[tuple[str, str]]:
    """Names and values of what was run, for the end of a report."""
    info = run.info
    index = info.get("index", {})
    counts = index.get("counts", {})
    embedding = info.get("embedding", {})
    settings = info.get("settings", {})
    items = [
        ("题集", f"{info['set']['name']},{info['set']['rows']} 题(校验值 {info['set']['sha256']})"),
        ("没有写日期的题目以这一天为准", str(info["as_of"])),
        ("收录的政策", f"{counts.get('policies', '?')} 份,{counts.get('clauses', '?')} 条(版本 {info.get('corpus')})"),
        ("嵌入模型", f"{embedding.get('name')}(版本 {embedding.get('revision')})"),
        ("语言模型", str(settings.get("chat_model") or "没有使用:由条款原文组成回答")),
        ("索引", f"格式 {index.get('format')},解析 {index.get('parser')},分词 {index.get('tokenizer')}"),
        ("提示词", str(info.get("prompts"))),
        ("程序", f"{info.get('code')}(提交 {str(info.get('commit') or '未知')[:12]})"),
    ]
    return [(name, value) for name, value in items if value]
