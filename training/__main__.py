"""Command line of the training scripts: `python -m training judge …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from index.console import checked_settings, run
from index.offline import disable_telemetry
from training.commands import COMMANDS, sets_by_folder

_DATA = Path(__file__).resolve().parents[1] / "rag" / "data"
_QUESTIONS = (
    "corpus=eval/sets/shipped.jsonl",
    "corpus=eval/sets/scope.jsonl",
    "tests/documents=eval/sets/made.jsonl",
    "tests/documents=eval/sets/scope-made.jsonl",
    "tests/unseen=eval/sets/unseen.jsonl",
    "tests/practice=eval/sets/practice.jsonl",
    "tests/blind=eval/sets/blind.jsonl",
    "tests/third=eval/sets/third.jsonl",
)
"""What is learned from; the sets `fourth` and `shipped-heldout` are kept out, to measure on."""


@click.group()
def commands() -> None:
    """训练和校准。"""


@commands.command()
@click.option(
    "--on", "pairs", multiple=True, help="文件夹=题集,例如 corpus=eval/sets/shipped.jsonl;默认是随附的训练题集"
)
@click.option("--out", type=click.Path(path_type=Path), default=_DATA, help="写到哪个文件夹,默认是程序读取的那一个")
def judge(pairs: tuple[str, ...], out: Path) -> None:
    """用带标注的题目校准“条款是否切题”和“哪一条在回答”这两个判断。"""
    from training import judge as relevance
    from training import rank
    from training.labelled import asked

    sets = sets_by_folder(pairs or _QUESTIONS)
    settings = checked_settings()
    examples: list[relevance.Example] = []
    corpora: dict[str, list[rank.Candidates]] = {}
    for folder_path, files in sets.items():
        for one in asked([folder_path], files, settings):
            examples.append(relevance.example_of(one))
            listed = rank.candidates_of(one)
            corpora.setdefault(folder_path.name, []).extend([listed] if listed is not None else [])
    fitted = relevance.report(examples)
    order = rank.report(corpora)
    out.mkdir(parents=True, exist_ok=True)
    relevance.write(fitted, out / "judge.json")
    relevance.write(order, out / "rank.json")
    click.echo(json.dumps({"judge": fitted, "rank": order}, ensure_ascii=False, indent=2))


for _command in COMMANDS:
    commands.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a training script; returns the exit code."""
    return run(commands, arguments, program="python -m training")


if __name__ == "__main__":
    disable_telemetry()
    sys.exit(main())
