"""What the command lines share: exit codes, and expected errors as one Chinese line on stderr."""

from __future__ import annotations

from collections.abc import Sequence

import click
from pydantic import ValidationError

from index.errors import PolicyQAError
from index.settings import Settings, get_settings

SUCCESS, FAILURE, CALLERS_MISTAKE, INTERRUPTED = 0, 1, 2, 130


def run(
    command: click.Command,
    arguments: Sequence[str] | None,
    *,
    program: str,
    obj: object = None,
    interrupted: str = "已中断。",
) -> int:
    """Run a command line and return its exit code.

    Args:
        arguments: words of the command line, those of the process by default.
        program: how the user starts it, "python -m index".
        obj: handed to the commands as `click.Context.obj`.
        interrupted: what Ctrl-C is answered with.
    """
    try:
        return int(command.main(arguments, prog_name=program, standalone_mode=False, obj=obj) or SUCCESS)
    except click.UsageError as error:
        return _fail(_usage_message(error, f"用 `{program} --help` 查看用法。"), CALLERS_MISTAKE)
    except click.Abort:
        return _fail(interrupted, INTERRUPTED)
    except PolicyQAError as error:
        for line in error.details:
            click.echo(line, err=True)
        return _fail(str(error), FAILURE)
    except ValueError as error:
        return _fail(str(error), CALLERS_MISTAKE)
    except OSError as error:
        return _fail(f"无法读写“{error.filename}”:{error.strerror}。请检查路径、权限和磁盘空间。", FAILURE)


def checked_settings() -> Settings:
    """The settings; raises ValueError naming the wrong ones in Chinese."""
    try:
        return get_settings()
    except ValidationError as error:
        names = "、".join(f"POLICYQA_{'_'.join(map(str, problem['loc']))}".upper() for problem in error.errors())
        reasons = ";".join(str(problem.get("ctx", {}).get("error", "")) for problem in error.errors()).strip(";")
        detail = f"({reasons})" if reasons else ""
        raise ValueError(f"设置 {names} 的值不正确{detail},请检查环境变量和 .env 文件。") from None


def _fail(message: str, code: int) -> int:
    click.echo(f"错误:{' '.join(message.split())}", err=True)
    return code


def _usage_message(error: click.UsageError, usage: str) -> str:
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
