"""Command line of the evaluation: `python -m eval run | report | compare | gate | check | import | export | propose`.

Results go to stdout, diagnostics to stderr. Exit codes: 0 success, 1 failure (also a gate that is not passed, or a set
with mistakes), 2 caller's mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import click

from eval import runner
from eval.compare import compare as compare_runs
from eval.compare import render as render_comparison
from eval.gate import BASELINE_FILE, judge, make_baseline, read_baseline, write_baseline
from eval.gate import render as render_judgement
from eval.policies import KnownPolicy, known_policies, read_policies
from eval.report.page import headline
from eval.report.write import write_reports
from eval.rows import row_to_object
from eval.runs import HTML_FILE, MARKDOWN_FILE, Run, read_info, read_run
from eval.subject import EngineSubject, Subject
from index.build import default_sources
from index.console import FAILURE, SUCCESS, checked_settings
from index.console import run as run_cli
from index.errors import IndexMismatchError, IndexMissingError
from index.models import Policy
from index.offline import disable_telemetry
from index.select import select_policy
from index.store import IndexReader
from rag.batch import parse_day

SHIPPED_SET = Path(__file__).parent / "sets" / "shipped.jsonl"

_PATH = click.Path(path_type=Path)
_USAGE = "用 `python -m eval --help` 查看用法。"

PROPOSED = 20
"""Questions proposed for a policy."""

_workers = click.option(
    "--workers", type=int, default=runner.WORKERS, show_default=True, metavar="N", help="同时提问几题。"
)
_limit = click.option(
    "--limit", type=float, default=runner.LIMIT_SECONDS, show_default=True, metavar="秒", help="每题的时限,超过算出错。"
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """评测政策问答:运行题集,看报告,比较两次运行,把关。"""


@cli.command()
@click.option("--set", "set_file", type=_PATH, metavar="FILE", help="题集,默认为随附的题集。")
@click.option("--out", type=_PATH, metavar="DIR", help="结果放在哪里,默认为数据文件夹的 runs/<时间>。")
@click.option("--resume", type=_PATH, metavar="DIR", help="继续一次中断的运行。")
@click.option("--as-of", metavar="YYYY-MM-DD", help="没有写日期的题目以哪一天为准,默认今天。")
@_workers
@_limit
@click.pass_obj
def run(
    subject: Subject | None,
    set_file: Path | None,
    out: Path | None,
    resume: Path | None,
    as_of: str | None,
    workers: int,
    limit: float,
) -> int:
    """把题集里的问题逐题提问,算出指标,写成报告。"""
    options = runner.Options(workers=workers, limit_seconds=limit, progress=True)
    if resume is not None and (set_file is not None or out is not None or as_of is not None):
        raise ValueError("--resume 沿用原来的题集、文件夹和日期,不能再给 --set、--out 或 --as-of。")
    if resume is not None:
        read_info(resume)  # before the model is loaded
        folder = resume
        finished = _proceed(folder, subject or EngineSubject.from_settings(checked_settings()), options)
    else:
        day = parse_day(as_of) if as_of is not None else date.today()
        folder, finished = _run_set(set_file or SHIPPED_SET, out, subject, day, options)
    summary = write_reports(folder, finished)
    click.echo((folder / MARKDOWN_FILE).read_text(encoding="utf-8"))
    _warn([headline(finished, summary), f"报告:{folder / HTML_FILE}"])
    return SUCCESS


def _run_set(
    set_file: Path, out: Path | None, subject: Subject | None, day: date, options: runner.Options
) -> tuple[Path, Run]:
    """A run of a set from its start; what can be wrong with the set is found before the model is loaded."""
    runner.check_start(set_file, out)
    settings = checked_settings()
    folder = out or _fresh_folder(settings.data_dir / "runs")
    tested = subject or EngineSubject.from_settings(settings)
    runner.start(folder, set_file, tested, as_of=day)
    return folder, _proceed(folder, tested, options)


def _proceed(folder: Path, subject: Subject, options: runner.Options) -> Run:
    try:
        return runner.proceed(folder, subject, options)
    except KeyboardInterrupt:
        _warn([f"已中断。用 `python -m eval run --resume {folder}` 继续。"])
        raise click.Abort from None


def _fresh_folder(parent: Path) -> Path:
    """A folder named by the time that does not exist yet."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    names = [stamp, *(f"{stamp}-{number}" for number in range(2, 100))]
    return next(parent / name for name in names if not (parent / name).exists())


@cli.command()
@click.argument("run_folder", type=_PATH, metavar="RUN")
def report(run_folder: Path) -> int:
    """由一次运行的记录重新写出报告,不再提问。"""
    finished = read_run(run_folder)
    write_reports(run_folder, finished)
    click.echo((run_folder / MARKDOWN_FILE).read_text(encoding="utf-8"))
    _warn([f"报告:{run_folder / HTML_FILE}"])
    return SUCCESS


@cli.command()
@click.argument("run_a", type=_PATH)
@click.argument("run_b", type=_PATH)
def compare(run_a: Path, run_b: Path) -> int:
    """比较两次运行:哪些题变好、变坏,是不是偶然波动。RUN_A 是之前的,RUN_B 是之后的。"""
    found = compare_runs(read_run(run_a), read_run(run_b))
    click.echo(render_comparison(found, before=str(run_a), after=str(run_b)))
    return SUCCESS


@cli.command()
@click.argument("run_folder", type=_PATH, metavar="[RUN]", required=False)
@click.option("--update", is_flag=True, help="用这次运行的结果更新基线文件,复核后提交。")
@click.option("--set", "set_file", type=_PATH, metavar="FILE", help="题集,默认为随附的题集。")
@click.option("--baseline", type=_PATH, default=BASELINE_FILE, metavar="FILE", help="基线文件,默认为随附的基线。")
@_workers
@click.pass_obj
def gate(
    subject: Subject | None, run_folder: Path | None, update: bool, set_file: Path | None, baseline: Path, workers: int
) -> int:
    """运行题集并与基线比较,有主要指标变差就失败(退出码 1);给出 RUN 时用已有的运行。"""
    if run_folder is not None and set_file is not None:
        raise ValueError("给出 RUN 时用的是它自己的题集,不能再给 --set。")
    recorded = None if update else read_baseline(baseline)
    if run_folder is None:
        options = runner.Options(workers=workers, progress=True)
        run_folder, finished = _run_set(set_file or SHIPPED_SET, None, subject, date.today(), options)
        write_reports(run_folder, finished)
    else:
        finished = read_run(run_folder)
    if recorded is None:
        write_baseline(make_baseline(finished), baseline)
        click.echo(f"基线已更新:{baseline}。请复核改动后提交。")
        return SUCCESS
    judgement = judge(finished, recorded)
    click.echo(render_judgement(judgement))
    _warn([f"报告:{run_folder / HTML_FILE}"])
    return SUCCESS if judgement.passed else FAILURE


@cli.command()
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE …")
@click.option("--policies", multiple=True, type=_PATH, metavar="SOURCE", help="对照这些文件或文件夹,默认对照索引。")
def check(files: tuple[Path, ...], policies: tuple[Path, ...]) -> int:
    """检查题集:格式、条款、数字和效力,逐行指出错误。"""
    from eval.check import check_file

    known = known_policies(read_policies(policies)) if policies else _indexed_policies()
    wrong = 0
    for file in files:
        problems = check_file(file, clauses=known)
        wrong += len(problems)
        for problem in problems:
            click.echo(f"{file}:{problem}")
    if wrong:
        _warn([f"共 {wrong} 处错误。"])
        return FAILURE
    click.echo("没有发现错误。")
    return SUCCESS


@cli.command("import")
@click.argument("xlsx", type=_PATH)
@click.argument("jsonl", type=_PATH)
def import_set(xlsx: Path, jsonl: Path) -> int:
    """把 Excel 表格里的题目变成题集文件;有一处错误就不写。"""
    from eval.form import SheetError
    from eval.sheet import import_xlsx

    try:
        rows = import_xlsx(xlsx, jsonl)
    except SheetError as error:
        _warn(error.problems)
        raise ValueError(f"表格“{xlsx.name}”有 {len(error.problems)} 处需要修改,没有导入。") from None
    click.echo(f"已导入 {len(rows)} 题:{jsonl}")
    return SUCCESS


@cli.command("export")
@click.argument("jsonl", type=_PATH)
@click.argument("xlsx", type=_PATH)
def export_set(jsonl: Path, xlsx: Path) -> int:
    """把题集文件变成 Excel 表格。"""
    from eval.sheet import export_xlsx

    export_xlsx(jsonl, xlsx)
    click.echo(f"已导出:{xlsx}")
    return SUCCESS


@cli.command()
@click.argument("policy", metavar="POLICY")
@click.option("--out", type=_PATH, metavar="XLSX", help="写成 Excel 表格供人挑选,默认以 JSON 逐行输出。")
@click.option("--limit", type=int, default=PROPOSED, show_default=True, metavar="N", help="最多几题。")
def propose(policy: str, out: Path | None, limit: int) -> int:
    """由一份已收录的政策(编号、文号或标题中的文字)或一个文件拟出题目,供人取舍。"""
    from eval.form import write_workbook
    from eval.propose import propose as propose_rows

    rows = propose_rows(_policy(policy), limit=limit)
    if not rows:
        raise ValueError(f"从“{policy}”里没有拟出题目。")
    if out is None:
        for row in rows:
            click.echo(json.dumps(row_to_object(row), ensure_ascii=False))
        return SUCCESS
    write_workbook(rows, out, proposals=True)
    click.echo(f"已拟出 {len(rows)} 题:{out}。在“采用”一栏填“是”,再用 `python -m eval import` 导入。")
    return SUCCESS


def _policy(text: str) -> Policy:
    """The policy in the file `text`, else the one of the index that `text` names."""
    if Path(text).is_file():
        return read_policies([Path(text)])[0]
    reader = IndexReader.open(checked_settings())
    return reader.policy(select_policy(reader.facts(), text))


def _indexed_policies() -> tuple[KnownPolicy, ...]:
    """The policies of the index, or of its sources where there is no usable index."""
    settings = checked_settings()
    try:
        return known_policies(IndexReader.open(settings).policies())
    except (IndexMissingError, IndexMismatchError):
        return known_policies(read_policies(default_sources(settings)))


def main(arguments: Sequence[str] | None = None, *, subject: Subject | None = None) -> int:
    """Run one command and return its exit code; expected errors become one Chinese line on stderr.

    Args:
        arguments: words of the command line, those of the process by default.
        subject: what is evaluated, the configured answer engine by default.
    """
    disable_telemetry()
    return run_cli(cli, arguments, program="python -m eval", obj=subject)


def _warn(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
