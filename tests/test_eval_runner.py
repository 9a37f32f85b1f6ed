"""Runs are complete, repeatable, parallel, bounded in time, and can be taken up after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import DAY, TITLE, FakeSubject, cite, given, refusal, row

from eval import cli, runner
from eval.rows import Row, save_rows
from eval.runs import (
    ANSWERS_FILE,
    CLAUSES_FILE,
    ROWS_FILE,
    RUN_FILE,
    TIMED_FILES,
    TIMES_FILE,
    Run,
    read_run,
    whole_lines,
)
from index import console
from index.settings import Settings, get_settings

TESTS = Path(__file__).parent
EXPECTED = (("示例产业", "1"),)


def rows_of(count: int) -> tuple[Row, ...]:
    return tuple(row(f"q{at}", question=f"第{at}个问题", clauses=EXPECTED, facts=(("1亿元",),)) for at in range(count))


def subject_for(rows: Sequence[Row], **special: Any) -> FakeSubject:
    answers = {one.question: given("国家级中心资助1亿元[1]。", cite("1")) for one in rows}
    answers.update({f"第{at.removeprefix('q')}个问题": value for at, value in special.items()})
    return FakeSubject(answers, {one.question: (("p1", "1"), ("p2", "1")) for one in rows})


@pytest.fixture
def set_file(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    save_rows(rows_of(8), path)
    return path


def whole_run(folder: Path, set_file: Path, subject: FakeSubject, **options: Any) -> Run:
    runner.start(folder, set_file, subject, as_of=DAY)
    return runner.proceed(folder, subject, runner.Options(**options))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in TIMED_FILES}


# What a run does


def test_every_question_is_asked_once_on_its_own_day_or_the_day_of_the_run(tmp_path: Path) -> None:
    rows = (row("a", question="甲"), row("b", question="乙", as_of=date(2020, 3, 1)))
    save_rows(rows, tmp_path / "set.jsonl")
    subject = FakeSubject()
    run = whole_run(tmp_path / "run", tmp_path / "set.jsonl", subject)
    assert sorted(subject.asked) == [("乙", date(2020, 3, 1)), ("甲", DAY)]
    assert run.complete
    assert run.times == {"a": 5.0, "b": 5.0}


def test_two_runs_write_the_same_bytes_whatever_the_number_of_threads(tmp_path: Path, set_file: Path) -> None:
    special = {"q0": 0.05, "q3": ValueError("不行"), "q5": 0.02}
    whole_run(tmp_path / "one", set_file, subject_for(rows_of(8), **special), workers=1)
    whole_run(tmp_path / "four", set_file, subject_for(rows_of(8), **special), workers=4)
    assert contents(tmp_path / "one") == contents(tmp_path / "four")
    names = [json.loads(line)["id"] for line in whole_lines(tmp_path / "four" / ANSWERS_FILE)]
    assert names == [f"q{at}" for at in range(8)]


def test_no_file_but_the_timed_ones_holds_a_time(tmp_path: Path, set_file: Path) -> None:
    whole_run(tmp_path / "run", set_file, subject_for(rows_of(8)))
    text = b"".join(contents(tmp_path / "run").values()).decode()
    assert "latency" not in text
    assert str(tmp_path) not in text


def test_a_question_that_raises_is_recorded_with_the_reason_and_the_run_goes_on(tmp_path: Path, set_file: Path) -> None:
    run = whole_run(tmp_path / "run", set_file, subject_for(rows_of(8), q2=RuntimeError("坏了\n两行")))
    assert run.complete
    assert run.records["q2"].failed == "RuntimeError:坏了 两行"
    assert run.records["q2"].answer is None
    assert run.records["q3"].answer is not None


@pytest.mark.parametrize("stuck", [("q0",), ("q0", "q1", "q2")])
def test_a_question_over_its_time_fails_and_the_others_are_answered(
    stuck: Sequence[str], tmp_path: Path, set_file: Path
) -> None:
    subject = subject_for(rows_of(8), **dict.fromkeys(stuck, 3.0))
    started = time.perf_counter()
    run = whole_run(tmp_path / "run", set_file, subject, workers=2, limit_seconds=0.3)
    assert time.perf_counter() - started < 2.5
    assert [name for name, record in run.records.items() if record.failed] == list(stuck)
    assert run.records["q0"].failed == "超过每题 0.3 秒的时限。"


def test_an_answer_that_comes_too_late_is_not_recorded(tmp_path: Path, set_file: Path) -> None:
    subject = subject_for(rows_of(8), q0=0.4, q7=0.35)
    run = whole_run(tmp_path / "run", set_file, subject, workers=1, limit_seconds=0.2)
    lines = [json.loads(line) for line in whole_lines(tmp_path / "run" / ANSWERS_FILE)]
    assert [line["id"] for line in lines] == [f"q{at}" for at in range(8)]
    assert run.records["q0"].failed
    assert run.records["q7"].failed


def test_the_clauses_that_are_cited_or_expected_are_kept_with_their_text(tmp_path: Path, set_file: Path) -> None:
    cited = given("8个[1]。", cite("1", title="示例园区建设方案(2019-2022年)"))
    run = whole_run(tmp_path / "run", set_file, subject_for(rows_of(8), q1=cited))
    assert [clause.key for clause in run.clauses] == [("p1", "1"), ("p2", "1")]
    assert run.clauses[0].title == TITLE


@pytest.mark.parametrize("options", [{"workers": 0}, {"limit_seconds": 0}])
def test_impossible_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="应"):
        runner.Options(**options)


# Taking up a run

CHILD = """
import sys
from pathlib import Path
from eval_fakes import DAY
from test_eval_runner import rows_of, subject_for
from eval import runner
subject = subject_for(rows_of(8), **{f"q{at}": 0.15 for at in range(8)})
runner.start(Path(sys.argv[1]), Path(sys.argv[2]), subject, as_of=DAY)
runner.proceed(Path(sys.argv[1]), subject, runner.Options(workers=2))
"""


def test_a_run_killed_half_way_and_resumed_gives_the_same_report(tmp_path: Path, set_file: Path) -> None:
    special = {f"q{at}": 0.01 for at in range(8)}
    whole = tmp_path / "whole"
    whole_run(whole, set_file, subject_for(rows_of(8), **special))
    killed = tmp_path / "killed"
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    words = [sys.executable, "-c", CHILD, str(killed), str(set_file)]
    child = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": paths}, cwd=TESTS.parent)
    try:
        deadline = time.monotonic() + 60
        while len(whole_lines(killed / ANSWERS_FILE)) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=10)
    answered = len(whole_lines(killed / ANSWERS_FILE))
    assert 3 <= answered < 8
    subject = subject_for(rows_of(8), **special)
    runner.proceed(killed, subject)
    assert len(subject.asked) == 8 - answered
    assert contents(killed) == contents(whole)


def test_a_line_that_a_kill_has_cut_short_is_asked_again(tmp_path: Path, set_file: Path) -> None:
    folder = tmp_path / "run"
    whole_run(folder, set_file, subject_for(rows_of(8)))
    before = contents(folder)
    for name in (ANSWERS_FILE, TIMES_FILE):
        (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    subject = subject_for(rows_of(8))
    runner.proceed(folder, subject)
    assert subject.asked == [("第7个问题", DAY)]
    assert contents(folder) == before


def test_a_run_is_not_taken_up_with_another_version(tmp_path: Path, set_file: Path) -> None:
    whole_run(tmp_path / "run", set_file, subject_for(rows_of(8)))
    changed = subject_for(rows_of(8))
    changed.code = "2"
    with pytest.raises(ValueError, match="程序已经变化"):
        runner.proceed(tmp_path / "run", changed)


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path, set_file: Path) -> None:
    whole_run(tmp_path / "run", set_file, subject_for(rows_of(8)))
    with pytest.raises(ValueError, match="已经有一次运行"):
        runner.start(tmp_path / "run", set_file, subject_for(rows_of(8)), as_of=DAY)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (RUN_FILE, None, "不是评测运行的文件夹"),
        (RUN_FILE, b"[]", "已损坏"),
        (ANSWERS_FILE, b"{}\n", "第 1 行已损坏"),
        (TIMES_FILE, b"{}\n", "第 1 行已损坏"),
        (CLAUSES_FILE, None, "还没有完成"),
        (ROWS_FILE, None, "不存在"),
    ],
)
def test_what_is_wrong_with_a_run_folder_is_said(
    name: str, content: bytes | None, message: str, tmp_path: Path, set_file: Path
) -> None:
    whole_run(tmp_path / "run", set_file, subject_for(rows_of(8)))
    path = tmp_path / "run" / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_run(tmp_path / "run")


# The command


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = Settings(data_dir=tmp_path / "data", model_cache=get_settings().models_dir)
    monkeypatch.setattr(console, "get_settings", lambda: settings)
    return tmp_path / "data"


def test_run_prints_the_report_and_says_where_it_is(
    data_dir: Path, set_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "--set", str(set_file)], subject=subject_for(rows_of(8), q1=refusal())) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("# 政策问答评测报告")
    assert "共 8 题,答对 7 题,答对率 87.5%" in printed.out
    (folder,) = (data_dir / "runs").iterdir()
    assert str(folder / "report.html") in printed.err
    assert (folder / "report.html").is_file()


def test_run_resumes_and_report_is_written_again_from_the_records(
    tmp_path: Path, set_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    runner.start(folder, set_file, subject_for(rows_of(8)), as_of=DAY)
    assert cli.main(["run", "--resume", str(folder)], subject=subject_for(rows_of(8))) == 0
    first = capsys.readouterr().out
    page = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    assert cli.main(["report", str(folder)]) == 0
    assert capsys.readouterr().out == first
    assert (folder / "report.html").read_bytes() == page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--set", "missing.jsonl"], "不存在"),
        (["run", "--resume", "missing"], "不是评测运行的文件夹"),
        (["run", "--resume", "missing", "--set", "set.jsonl"], "--resume 沿用"),
        (["run", "--as-of", "2026/1/1"], "日期“2026/1/1”不正确"),
        (["run", "--workers", "0"], "1 或更大"),
        (["run", "--workers", "many"], "命令或参数不正确"),
        (["run", "--nothing"], "没有选项 --nothing"),
        (["fly"], "没有命令 fly"),
        (["compare", "missing"], "缺少参数"),
        (["compare", "missing", "missing"], "不是评测运行的文件夹"),
        ([], "没有给出命令"),
    ],
)
def test_a_callers_mistake_is_one_chinese_line(
    arguments: list[str], message: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments, subject=FakeSubject()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("错误:")
    assert message in line


def test_a_missing_index_is_a_failure_that_names_the_command(
    data_dir: Path, set_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "--set", str(set_file)]) == 1
    assert "python -m index build" in capsys.readouterr().err
    assert not (data_dir / "runs").exists()


def test_an_interrupted_run_says_how_to_go_on(
    tmp_path: Path, set_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "append_line", interrupted)
    folder = tmp_path / "run"
    assert cli.main(["run", "--set", str(set_file), "--out", str(folder)], subject=subject_for(rows_of(8))) == 130
    assert f"--resume {folder}" in capsys.readouterr().err


# The other commands

SETS = TESTS.parent / "eval" / "sets"
CORPUS = TESTS.parent / "corpus"


def test_the_shipped_set_has_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(SETS / "shipped.jsonl"), "--policies", str(CORPUS)]) == 0
    assert capsys.readouterr().out == "没有发现错误。\n"


def test_check_names_the_file_the_line_and_the_mistake_without_an_index(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "set.jsonl"
    clauses = (("推动制造业高质量发展的若干意见", "2.99"),)
    save_rows((row("a", facts=(("1亿元",),), clauses=clauses, warn=("expired",)),), path)
    assert cli.main(["check", str(path)]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{path}:第 1 行(a):")
    assert "没有条款 2.99" in printed.out
    assert printed.err == "共 1 处错误。\n"


def test_a_set_comes_back_from_the_sheet_as_it_was(tmp_path: Path) -> None:
    sheet, back = tmp_path / "set.xlsx", tmp_path / "back.jsonl"
    assert cli.main(["export", str(SETS / "shipped.jsonl"), str(sheet)]) == 0
    assert cli.main(["import", str(sheet), str(back)]) == 0
    assert back.read_bytes() == (SETS / "shipped.jsonl").read_bytes()


def test_a_wrong_cell_is_named_and_nothing_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from openpyxl import load_workbook

    sheet, back = tmp_path / "set.xlsx", tmp_path / "back.jsonl"
    cli.main(["export", str(SETS / "shipped.jsonl"), str(sheet)])
    book = load_workbook(sheet)
    book.worksheets[0]["B4"], book.worksheets[0]["C5"] = "胡写", None
    book.save(sheet)
    capsys.readouterr()
    assert cli.main(["import", str(sheet), str(back)]) == 2
    first, second, last = capsys.readouterr().err.splitlines()
    assert "第 4 行" in first
    assert "第 5 行" in second
    assert last == "错误:表格“set.xlsx”有 2 处需要修改,没有导入。"
    assert not back.exists()


def test_questions_are_proposed_for_a_file_and_pass_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = str(CORPUS / "hangzhou-manufacturing-quality.md")
    assert cli.main(["propose", policy, "--limit", "6"]) == 0
    proposed = tmp_path / "proposed.jsonl"
    proposed.write_text(capsys.readouterr().out, encoding="utf-8")
    assert len(proposed.read_text(encoding="utf-8").splitlines()) == 6
    assert cli.main(["check", str(proposed), "--policies", policy]) == 0
    assert cli.main(["propose", policy, "--out", str(tmp_path / "proposed.xlsx")]) == 0
    assert "在“采用”一栏填“是”" in capsys.readouterr().out
    assert (tmp_path / "proposed.xlsx").is_file()


def test_proposing_for_an_unknown_policy_needs_an_index(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["propose", "4286"]) == 1
    assert "python -m index build" in capsys.readouterr().err
