"""Command line of the write path: `python -m index build | add | remove | status | list | parse`.

Results go to stdout, diagnostics to stderr. Exit codes: 0 success, 1 failure (also where some files were
skipped), 2 caller's mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click

from index import build as operations
from index.build import BuildReport, Options
from index.console import FAILURE, SUCCESS, checked_settings, run
from index.parts import Parts
from index.present import edition_lines, edition_object, manifest_lines, manifest_object, policy_line, policy_object
from index.previous import Previous

_PATH = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """建立和维护政策索引。"""


@cli.command()
@click.argument("sources", nargs=-1, type=_PATH, metavar="[SOURCE …]")
@click.option("--if-stale", is_flag=True, help="来源没有变化时不重建;保留 add 和 remove 的结果。")
@click.option("--full", is_flag=True, help="全部文件重新读取、解析和计算向量。")
@click.pass_obj
def build(parts: Parts | None, sources: tuple[Path, ...], if_stale: bool, full: bool) -> int:
    """由文件或文件夹建立索引,默认为 corpus/、policies/ 和工作台上传的文件。

    索引恰好包含来源中的文件;此前用 add、remove 做的改动不保留,除非使用 --if-stale。
    """
    settings = checked_settings()
    named = operations.default_sources if if_stale else operations.project_sources
    chosen = list(sources) or named(settings)
    if if_stale and not full and not operations.is_stale(settings, chosen, parts=parts):
        click.echo("索引已是最新。")
        return SUCCESS
    report = operations.build(chosen, settings=settings, keep_edits=if_stale, options=_options(parts, full=full))
    return _show(report)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="FILE …")
@click.pass_obj
def add(parts: Parts | None, files: tuple[Path, ...]) -> int:
    """把文件加入现有索引。"""
    return _show(operations.add(files, settings=checked_settings(), options=_options(parts)))


@cli.command()
@click.argument("policy", metavar="POLICY")
@click.pass_obj
def remove(parts: Parts | None, policy: str) -> int:
    """从索引中移除一份政策(编号、文号或标题中的文字)。

    来源文件夹中的文件不会删除;下一次不带 --if-stale 的 build 会重新收录它。
    """
    return _show(operations.remove(policy, settings=checked_settings(), options=_options(parts)))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def status(parts: Parts | None, as_json: bool) -> int:
    """显示索引的内容、模型和是否需要更新。"""
    settings = checked_settings()
    previous = Previous.open(settings.index_dir)
    previous.close()
    sources = operations.default_sources(settings)
    stale = operations.is_stale(settings, sources, parts=parts)
    if as_json:
        _echo_json(manifest_object(previous.manifest, generation=previous.name, stale=stale))
    else:
        _echo_lines(manifest_lines(previous.manifest, generation=previous.name, stale=stale))
    return SUCCESS


@cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def list_policies(as_json: bool) -> int:
    """列出索引中的政策,效力状态以今天为准。"""
    previous = Previous.open(checked_settings().index_dir)
    policies = previous.policies()
    previous.close()
    today = date.today()
    if as_json:
        _echo_json([policy_object(policy, today) for policy in policies])
    else:
        _echo_lines(policy_line(policy, today) for policy in policies)
    return SUCCESS


@cli.command()
@click.argument("file", type=_PATH, metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def parse(parts: Parts | None, file: Path, as_json: bool) -> int:
    """解析一个文件并显示结果;不需要索引和模型。"""
    if not file.is_file():
        raise ValueError(f"文件“{file}”不存在或不是文件。")
    steps = parts or Parts.installed()
    edition = steps.parse(steps.read(file))
    if as_json:
        _echo_json(edition_object(edition))
    else:
        _echo_lines(edition_lines(edition))
        _warn(f"{file.name}:{warning}" for warning in edition.warnings)
    return SUCCESS


def main(arguments: Sequence[str] | None = None, *, parts: Parts | None = None) -> int:
    """Run one command and return its exit code; expected errors become one Chinese line on stderr.

    Args:
        arguments: words of the command line, those of the process by default.
        parts: steps of the write path, the installed ones by default.
    """
    return run(cli, arguments, program="python -m index", obj=parts, interrupted="已中断,索引保持原样。")


def _options(parts: Parts | None, *, full: bool = False) -> Options:
    def on_wait() -> None:
        click.echo("另一个进程正在更新索引,等待它结束……", err=True)

    return Options(parts=parts, full=full, progress=True, on_wait=on_wait)


def _show(report: BuildReport) -> int:
    """Print the outcome of a run; skipped files make it a failure."""
    _warn(f"{name}:{warning}" for name, warning in report.warnings)
    _warn(str(failure) for failure in report.failures)
    counts = report.manifest.counts
    click.echo(
        f"索引已更新:{counts.policies} 份政策,{counts.clauses} 条,{counts.chunks} 个分块;"
        f"读取 {len(report.read)} 个文件,计算 {report.embedded} 个向量,用时 {report.seconds:.1f} 秒。"
    )
    if report.failures:
        click.echo(f"有 {len(report.failures)} 个文件未能收录,其余已收录。", err=True)
        return FAILURE
    return SUCCESS


def _warn(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
