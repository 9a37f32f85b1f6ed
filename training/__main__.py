"""Command line of the training scripts: `python -m training judge …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from index.console import checked_settings, run
from index.offline import disable_telemetry
from training.commands import COMMANDS

_JUDGE = Path(__file__).resolve().parents[1] / "rag" / "data" / "judge.json"


@click.group()
def commands() -> None:
    """训练和校准。"""


@commands.command()
@click.option("--on", "pairs", multiple=True, required=True, help="文件夹=题集,例如 corpus=eval/sets/shipped.jsonl")
@click.option("--out", type=click.Path(path_type=Path), default=_JUDGE, help="写到哪个文件,默认是程序使用的那一份")
def judge(pairs: tuple[str, ...], out: Path) -> None:
    """用带标注的题目校准“条款是否切题”的判断。"""
    from training.judge import collect, report, write

    sets: dict[Path, list[Path]] = {}
    for pair in pairs:
        folder, found, questions = pair.partition("=")
        if not found or not Path(folder).exists() or not Path(questions).is_file():
            raise click.UsageError(f"“{pair}”不正确,请写成 文件夹=题集,两者都要存在。")
        sets.setdefault(Path(folder), []).append(Path(questions))
    settings = checked_settings()
    examples = [example for folder, files in sets.items() for example in collect([folder], files, settings)]
    result = report(examples)
    write(result, out)
    click.echo(json.dumps(result, ensure_ascii=False, indent=2))


for _command in COMMANDS:
    commands.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a training script; returns the exit code."""
    return run(commands, arguments, program="python -m training")


if __name__ == "__main__":
    disable_telemetry()
    sys.exit(main())
