"""Lists and runs the benchmarks: every module of this package that defines `main()`."""

from __future__ import annotations

import ast
import importlib
import inspect
import time
from collections.abc import Mapping
from pathlib import Path

import click

from index.offline import disable_telemetry

HERE = Path(__file__).resolve().parent


def find_benchmarks(folder: Path) -> Mapping[str, str]:
    """Module name to the first line of its docstring, for the modules in `folder` with a `main`; imports nothing."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("[!_]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


@click.command(
    help="运行性能基准。不给名称时依次运行全部;只给一个名称时,它后面的选项交给这个基准。",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    add_help_option=False,
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.option("--list", "list_only", is_flag=True, help="只列出名称。")
@click.pass_context
def cli(context: click.Context, words: tuple[str, ...], *, list_only: bool) -> None:
    """Run the benchmarks called by `words`, or all of them, one after the other; exits with the worst of their codes.

    Words after a name from the first option on belong to that benchmark.
    """
    available = find_benchmarks(HERE)
    if list_only:
        for name, summary in available.items():
            click.echo(f"{name:16} {summary}")
        return
    if words[:1] == ("--help",):
        click.echo(context.get_help())
        return
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    names, options = words[:first], words[first:]
    unknown = [name for name in names if name not in available]
    if unknown:
        raise click.BadParameter(f"没有名为 {'、'.join(unknown)} 的基准,可用:{'、'.join(available) or '(无)'}")
    if options and len(names) != 1:
        raise click.UsageError(f"选项 {' '.join(options)} 要跟在一个基准的名称后面。")
    disable_telemetry()
    codes = [_run(name, available[name], list(options) if names else None) for name in names or available]
    context.exit(max(codes, default=0))


def _run(name: str, summary: str, options: list[str] | None) -> int:
    """Run one benchmark and return its exit code; `options` is None where all are run.

    Raises:
        click.UsageError: it takes no options, and there are some.
    """
    click.echo(f"== {name}: {summary}", err=True)
    started = time.perf_counter()
    main = importlib.import_module(f"bench.{name}").main
    takes_options = bool(inspect.signature(main).parameters)
    if options and not takes_options:
        raise click.UsageError(f"基准 {name} 没有选项。")
    code = main(options) if takes_options and options is not None else main()
    click.echo(f"== {name}: {time.perf_counter() - started:.1f} s", err=True)
    return int(code or 0)


if __name__ == "__main__":
    cli()
