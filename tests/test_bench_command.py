"""`python -m bench` finds and runs the modules with a `main`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import bench
from bench import __main__ as command


@pytest.fixture
def benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "quick.py").write_text(
        '"""Measures little.\n\nMore."""\nimport click\ndef main():\n    click.echo("ran")\n'
    )
    (tmp_path / "helper.py").write_text('"""No benchmark."""\nraise RuntimeError\n')
    (tmp_path / "_private.py").write_text("def main(): raise RuntimeError\n")
    monkeypatch.setattr(bench, "__path__", [str(tmp_path)])
    monkeypatch.setattr(command, "HERE", tmp_path)
    return tmp_path


def test_modules_with_a_main_are_listed_without_importing_them(benchmarks: Path) -> None:
    assert command.find_benchmarks(benchmarks) == {"quick": "Measures little."}
    listed = CliRunner().invoke(command.cli, ["--list"])
    assert listed.output.split() == ["quick", "Measures", "little."]


@pytest.mark.parametrize("arguments", [[], ["quick"]])
def test_a_benchmark_is_run_by_name_or_with_all_others(arguments: list[str], benchmarks: Path) -> None:
    done = CliRunner().invoke(command.cli, arguments)
    assert done.exit_code == 0
    assert done.stdout == "ran\n"


def test_an_unknown_name_is_the_callers_mistake_and_names_the_known_ones(benchmarks: Path) -> None:
    done = CliRunner().invoke(command.cli, ["helper"])
    assert done.exit_code == 2
    assert "没有名为 helper 的基准,可用:quick" in done.output
