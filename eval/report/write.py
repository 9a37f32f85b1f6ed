"""Write the reports of a run into its folder."""

from __future__ import annotations

from pathlib import Path

from eval.metrics.summary import Summary, summarise
from eval.report.markdown import render_markdown
from eval.report.page import render_html
from eval.runs import HTML_FILE, MARKDOWN_FILE, Run, write_whole


def write_reports(folder: Path, run: Run) -> Summary:
    """Write `report.html` and `report.md`; gives the figures they show."""
    summary = summarise(run)
    write_whole(folder / HTML_FILE, render_html(run, summary))
    write_whole(folder / MARKDOWN_FILE, render_markdown(run, summary))
    return summary
