"""Command line of the read path: `python -m rag ask` and `python -m rag match`.

Answers go to stdout, diagnostics to stderr. Exit codes: 0 success (a refusal is an answer too), 1 failure,
2 caller's mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.console import SUCCESS, checked_settings, run
from index.offline import disable_telemetry
from index.settings import Settings
from rag.batch import Row, parse_day, read_history, read_rows

if TYPE_CHECKING:
    from rag.answer import Answer

_PATH = click.Path(path_type=Path)
_USAGE = "用 `python -m rag --help` 查看用法。"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """根据已收录的政策回答问题,每句话注明出处。"""


@cli.command()
@click.argument("question", required=False, metavar="QUESTION")
@click.option("--history", type=_PATH, metavar="FILE", help="前面的对话,JSON 文件 [[用户的话, 回答], …]。")
@click.option("--as-of", metavar="YYYY-MM-DD", help="以哪一天为准,默认今天。")
@click.option("--batch", type=_PATH, metavar="FILE", help="一次回答多个问题,每行一个 JSON 对象;需要 --json。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def ask(question: str | None, history: Path | None, as_of: str | None, batch: Path | None, as_json: bool) -> int:
    """回答一个问题,或一个文件中的全部问题。"""
    rows = _batch_rows(question, history, as_of, batch, as_json) if batch is not None else None
    if rows is None:
        rows = [_single_row(question, history, as_of)]
    for text in _answers(rows, checked_settings(), as_json=as_json, keep_ids=batch is not None):
        click.echo(text)
    return SUCCESS


@cli.command("match")
@click.argument("profile", type=_PATH, metavar="PROFILE")
@click.option("--as-of", metavar="YYYY-MM-DD", help="以哪一天为准,默认用档案里的 as_of,否则今天。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def match_command(profile: Path, as_of: str | None, as_json: bool) -> int:
    """按企业档案(JSON 文件)列出可以申报的政策条款、还缺的条件和金额。"""
    from index.store import IndexReader
    from rag.match import match, match_lines, match_object
    from rag.profile import Profile

    enterprise = Profile.from_file(profile)
    day = parse_day(as_of) if as_of is not None else enterprise.as_of or date.today()
    found = match(enterprise, IndexReader.open(checked_settings()), as_of=day)
    if as_json:
        click.echo(json.dumps(match_object(found, as_of=day), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(match_lines(found, as_of=day)))
    return SUCCESS


def _single_row(question: str | None, history: Path | None, as_of: str | None) -> Row:
    from rag.understand import check

    if question is None:
        raise ValueError(f"请给出问题。{_USAGE}")
    check(question)
    turns = read_history(history) if history is not None else ()
    return Row("", question, turns, parse_day(as_of) if as_of is not None else None)


def _batch_rows(question: str | None, history: Path | None, as_of: str | None, batch: Path, as_json: bool) -> list[Row]:
    if question is not None or history is not None or as_of is not None:
        raise ValueError("--batch 的问题、对话和日期都写在文件里,不能再另外给出。")
    if not as_json:
        raise ValueError("--batch 需要和 --json 一起使用。")
    return read_rows(batch)


def _answers(rows: Sequence[Row], settings: Settings, *, as_json: bool, keep_ids: bool) -> Iterator[str]:
    """The answers as text, one at a time."""
    from rag.answer import AnswerEngine

    if not rows:
        return
    engine = AnswerEngine.from_settings(settings)
    for row in rows:
        answer = engine.answer(row.question, row.history, row.as_of)
        if keep_ids:
            answer = replace(answer, id=row.id)
        if as_json:
            indent = None if keep_ids else 2
            yield json.dumps(answer.to_object(), ensure_ascii=False, indent=indent)
        else:
            yield "\n".join(_lines(answer))


def _lines(answer: Answer) -> Iterator[str]:
    """An answer for a person: text, calculations, warnings, questions back, sources."""
    yield answer.text
    yield from (f"计算:{made.line}" for made in answer.calculations)
    yield from (f"⚠ {warning.message}" for warning in answer.warnings)
    yield from (asked if asked.startswith("请问") else f"请问:{asked}" for asked in answer.ask_back)
    for citation in answer.citations:
        number = f"({citation.doc_number})" if citation.doc_number else ""
        yield f"{citation.marker} 《{citation.title}》{number}{citation.label}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; expected errors become one Chinese line on stderr."""
    disable_telemetry()
    return run(cli, arguments, program="python -m rag")
