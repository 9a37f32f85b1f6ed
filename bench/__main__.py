"""Lists and runs the benchmarks: every module of this package that defines `main()`."""

from __future__ import annotations

import ast
import importlib
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


@click.command(help="运行性能基准。不给名称时依次运行全部。")
@click.argument("names", nargs=-1)
@click.option("--list", "list_only", is_flag=True, help="只列出名称。")
def cli(names: tuple[str, ...], *, list_only: bool) -> None:
    """Run the benchmarks called `names`, or all of them, one after the other."""
    available = find_benchmarks(HERE)
    if list_only:
        for name, summary in available.items():
            click.echo(f"{name:16} {summary}")
        return
    unknown = [name for name in names if name not in available]
    if unknown:
        raise click.BadParameter(f"没有名为 {'、'.join(unknown)} 的基准,可用:{'、'.join(available) or '(无)'}")
    disable_telemetry()
    for name in names or available:
        click.echo(f"== {name}: {available[name]}", err=True)
        started = time.perf_counter()
        importlib.import_module(f"bench.{name}").main()
        click.echo(f"== {name}: {time.perf_counter() - started:.1f} s", err=True)


if __name__ == "__main__":
    cli()
