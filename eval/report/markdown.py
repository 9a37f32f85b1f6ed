"""The report as Markdown, for the terminal and for a repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.metrics.catalogue import HEADLINES, METRICS
from eval.metrics.summary import Case, Summary, given_statuses
from eval.report.page import headline, provenance
from eval.report.words import category_name, interval, milliseconds, percent, status_name, warning_name
from eval.rows import STATUSES
from eval.runs import Run

_LONGEST_ANSWER = 160


def render_markdown(run: Run, summary: Summary) -> str:
    """Headline, metrics, categories, statuses, failed steps, failing questions, versions."""
    parts = [
        "# 政策问答评测报告",
        headline(run, summary),
        "## 主要指标",
        _metrics(summary),
        "## 各类题目",
        _categories(summary),
        "## 回答状态",
        _confusion(summary),
        *(["## 错在哪一步", _steps(summary)] if summary.steps else []),
        *(["## 用时", _latency(summary)] if summary.latency() is not None else []),
        f"## 没有答对的题({len(summary.failing)})",
        "\n".join(_failing(case) for case in summary.failing) or "全部答对。",
        "## 版本",
        table(("项目", "内容"), provenance(run)),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are escaped."""
    lines = [head, ["---"] * len(head), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape(text: str) -> str:
    """`text` on one line, without a character that Markdown or HTML would read as markup."""
    line = " ".join(text.split()).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for char in "|`*_[]":
        line = line.replace(char, f"\\{char}")
    return line


def _metrics(summary: Summary) -> str:
    found = [(metric, summary.overall[metric.name]) for metric in METRICS if metric.name in summary.overall]
    rows = [(metric.title, percent(one.value), interval(one), str(one.n), metric.meaning) for metric, one in found]
    return table(("指标", "结果", "95% 区间", "题数", "含义"), rows)


def _categories(summary: Summary) -> str:
    shown = [metric for metric in HEADLINES if metric.name in ("correct", "facts", "citation_recall", "recall@5")]
    rows = []
    for category, found in summary.by_category.items():
        values = [percent(found[metric.name].value) if metric.name in found else "—" for metric in shown]
        rows.append([category_name(category), str(found["correct"].n), interval(found["correct"]), *values])
    return table(("类别", "题数", "答对率区间", *(metric.title for metric in shown)), rows)


def _confusion(summary: Summary) -> str:
    columns = given_statuses(summary)
    rows = [
        [status_name(expected), *(str(summary.confusion.get((expected, given), 0)) for given in columns)]
        for expected in STATUSES
    ]
    return table(("应有 \\ 实际", *map(status_name, columns)), rows)


def _steps(summary: Summary) -> str:
    return table(("环节", "题数"), [(str(step), str(count)) for step, count in summary.steps.items()])


def _latency(summary: Summary) -> str:
    latency = summary.latency()
    if latency is None:
        return ""
    shares = ",".join(f"{percent}% 的题在 {milliseconds(value)}内" for percent, value in latency.percentiles.items())
    return f"{shares};最长 {milliseconds(latency.longest)}。"


def _failing(case: Case) -> str:
    outcome = case.outcome
    row = outcome.row
    lines = [f"- **{escape(row.id)}**({category_name(row.category)},{case.step}):{escape(row.question)}"]
    if outcome.status != row.status:
        lines.append(f"  - 状态应为{status_name(row.status)},实际{status_name(outcome.status)}")
    missing = [fact for fact, found in outcome.facts if not found]
    if missing:
        lines.append(f"  - 没有说到:{escape('、'.join(missing))}")
    if outcome.forbidden:
        lines.append(f"  - 出现了:{escape('、'.join(outcome.forbidden))}")
    for expected in outcome.missing_clauses:
        rank = outcome.rank(expected)
        place = f"检索排第 {rank}" if rank is not None else "没有检索到"
        lines.append(f"  - 没有引用:{escape(expected[0])} 的 {escape(expected[1])}({place})")
    if outcome.missing_warnings:
        lines.append(f"  - 没有提示:{'、'.join(map(warning_name, outcome.missing_warnings))}")
    said = outcome.given.answer if outcome.given is not None else outcome.record.failed or ""
    lines.append(f"  - 回答:{escape(_shortened(said))}")
    return "\n".join(lines)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_ANSWER else f"{line[:_LONGEST_ANSWER]}……"
