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
from pydantic import ValidationError

from index import build as operations
from index.build import BuildFailedError, BuildReport, Options
from index.errors import PolicyQAError
from index.parts import Parts
from index.present import edition_lines, edition_object, manifest_lines, manifest_object, policy_line, policy_object
from index.previous import Previous
from index.settings import Settings, get_settings

SUCCESS, FAILURE, CALLERS_MISTAKE, INTERRUPTED = 0, 1, 2, 130

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
    """由文件或文件夹建立索引,默认为 corpus/ 和 policies/。

    索引恰好包含来源中的文件;此前用 add、remove 做的改动不保留,除非使用 --if-stale。
    """
    settings = _settings()
    chosen = list(sources) or (operations.default_sources(settings) if if_stale else operations.project_sources())
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
    return _show(operations.add(files, settings=_settings(), options=_options(parts)))


@cli.command()
@click.argument("policy", metavar="POLICY")
@click.pass_obj
def remove(parts: Parts | None, policy: str) -> int:
    """从索引中移除一份政策(编号、文号或标题中的文字)。

    来源文件夹中的文件不会删除;下一次不带 --if-stale 的 build 会重新收录它。
    """
    return _show(operations.remove(policy, settings=_settings(), options=_options(parts)))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@click.pass_obj
def status(parts: Parts | None, as_json: bool) -> int:
    """显示索引的内容、模型和是否需要更新。"""
    settings = _settings()
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
    previous = Previous.open(_settings().index_dir)
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
    try:
        return int(cli.main(arguments, prog_name="python -m index", standalone_mode=False, obj=parts) or SUCCESS)
    except click.UsageError as error:
        return _fail(_usage_message(error), CALLERS_MISTAKE)
    except click.Abort:
        return _fail("已中断,索引保持原样。", INTERRUPTED)
    except BuildFailedError as error:
        _warn(str(failure) for failure in error.failures)
        return _fail(str(error), FAILURE)
    except PolicyQAError as error:
        return _fail(str(error), FAILURE)
    except ValueError as error:
        return _fail(str(error), CALLERS_MISTAKE)
    except OSError as error:
        return _fail(f"无法读写“{error.filename}”:{error.strerror}。请检查路径、权限和磁盘空间。", FAILURE)


def _fail(message: str, code: int) -> int:
    click.echo(f"错误:{' '.join(message.split())}", err=True)
    return code


def _usage_message(error: click.UsageError) -> str:
    usage = "用 `python -m index --help` 查看用法。"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}。{usage}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"没有命令 {error.command_name}。{usage}"
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if error.param is not None and error.ctx is not None else ""
        return f"缺少参数 {name}。{usage}"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return f"没有给出命令。{usage}"
    return f"命令或参数不正确({error.format_message()})。{usage}"


def _settings() -> Settings:
    try:
        return get_settings()
    except ValidationError as error:
        names = "、".join(_setting_name(problem["loc"]) for problem in error.errors())
        reasons = ";".join(str(problem.get("ctx", {}).get("error", "")) for problem in error.errors()).strip(";")
        detail = f"({reasons})" if reasons else ""
        raise ValueError(f"设置 {names} 的值不正确{detail},请检查环境变量和 .env 文件。") from None


def _setting_name(location: Iterable[int | str]) -> str:
    return f"POLICYQA_{'_'.join(str(part) for part in location)}".upper()


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
