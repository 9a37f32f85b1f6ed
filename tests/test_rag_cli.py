"""`python -m rag ask`: arguments, batch files, exit codes and messages, over a stand-in for the engine."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from index.errors import IndexMissingError
from rag import cli
from rag.answer import Answer, AnswerEngine, Citation
from rag.validity import AnswerWarning


class EchoEngine:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[tuple[str, str], ...], date | None]] = []

    def answer(self, question, history=(), as_of=None) -> Answer:
        self.asked.append((question, tuple(history), as_of))
        citation = Citation("[1]", "甲市办法", "甲政〔2024〕1号", "3.1", "三、(一)", "原文。")
        warning = AnswerWarning("expired", "该文件已经失效。")
        day = as_of or date(2026, 1, 1)
        return Answer(
            "x", "answered", f"{question}[1]", (citation,), (warning,), (), ("投入多少?",), "composed", 1.25, day
        )


@pytest.fixture
def engine(monkeypatch) -> EchoEngine:
    made = EchoEngine()
    monkeypatch.setattr(AnswerEngine, "from_settings", classmethod(lambda cls, settings: made))
    return made


def rows(path: Path, *lines: object) -> Path:
    path.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), encoding="utf-8"
    )
    return path


def test_an_answer_is_printed_with_warnings_questions_back_and_sources(engine, capsys) -> None:
    assert cli.main(["ask", "绿色工厂奖多少"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "绿色工厂奖多少[1]",
        "⚠ 该文件已经失效。",
        "请问:投入多少?",
        "[1] 《甲市办法》(甲政〔2024〕1号)三、(一)",
    ]


def test_json_history_and_day_are_passed_on(engine, capsys, tmp_path) -> None:
    history = tmp_path / "h.json"
    history.write_text('[["前一问", "前一答"]]', encoding="utf-8")
    assert cli.main(["ask", "那省级呢", "--json", "--history", str(history), "--as-of", "2020-03-01"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == "那省级呢[1]"
    assert engine.asked == [("那省级呢", (("前一问", "前一答"),), date(2020, 3, 1))]


def test_a_batch_gives_one_object_a_line_in_order_with_the_rows_ids(engine, capsys, tmp_path) -> None:
    file = rows(
        tmp_path / "q.jsonl",
        {"id": "b", "question": "问二", "history": [["u", "a"]], "as_of": "2021-01-02"},
        "",
        {"id": 7, "question": "问一", "history": None, "as_of": None},
        {"question": "问三"},
    )
    assert cli.main(["ask", "--batch", str(file), "--json"]) == 0
    made = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["id"], one["answer"]) for one in made] == [("b", "问二[1]"), ("7", "问一[1]"), ("4", "问三[1]")]
    assert engine.asked[0] == ("问二", (("u", "a"),), date(2021, 1, 2))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "不是 JSON"),
        ([], "应为一个对象"),
        ({"id": "a"}, "缺少 question"),
        ({"question": 5}, "缺少 question"),
        ({"question": " "}, "问题是空的"),
        ({"question": "问" * 5001}, "问题太长"),
        ({"question": "问", "as_of": "2021-02-30"}, "日期“2021-02-30”不正确"),
        ({"question": "问", "as_of": 2021}, "as_of"),
        ({"question": "问", "history": [["u"]]}, "history"),
        ({"question": "问", "asof": "2021-01-01"}, "不认识的字段 asof"),
        ({"question": "问", "id": []}, "id"),
    ],
)
def test_a_bad_row_stops_the_batch_before_anything_is_answered(engine, capsys, tmp_path, bad, words: str) -> None:
    file = rows(tmp_path / "q.jsonl", {"question": "好的问题"}, bad)
    assert cli.main(["ask", "--batch", str(file), "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("错误:文件“q.jsonl”第 2 行")
    assert words in printed.err
    assert len(printed.err.splitlines()) == 1
    assert engine.asked == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask"], "请给出问题"),
        (["ask", "  "], "问题是空的"),
        (["ask", "问", "--as-of", "2026/1/1"], "日期“2026/1/1”不正确"),
        (["ask", "问", "--history", "none.json"], "“none.json”不存在"),
        (["ask", "--batch", "none.jsonl", "--json"], "“none.jsonl”不存在"),
        (["ask", "--batch", "x.jsonl"], "--json"),
        (["ask", "问", "--batch", "x.jsonl", "--json"], "不能再另外给出"),
        (["ask", "问", "--colour"], "没有选项 --colour"),
        (["tell"], "没有命令 tell"),
        ([], "没有给出命令"),
    ],
)
def test_a_callers_mistake_is_one_chinese_line_and_exit_code_2(engine, capsys, arguments, words: str) -> None:
    assert cli.main(arguments) == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


def test_a_missing_index_names_the_command_and_exits_with_1(monkeypatch, capsys) -> None:
    class NoIndex:
        def answer(self, *_: object) -> Answer:
            raise IndexMissingError("还没有建立索引。", "请先运行 `python -m index build`。")

    monkeypatch.setattr(AnswerEngine, "from_settings", classmethod(lambda cls, settings: NoIndex()))
    assert cli.main(["ask", "问"]) == 1
    assert capsys.readouterr().err == "错误:还没有建立索引。请先运行 `python -m index build`。\n"


def test_a_history_file_with_something_else_is_refused(engine, capsys, tmp_path) -> None:
    for text, words in [("{", "不是 JSON"), ('{"a": 1}', "history"), ("[[1, 2]]", "history")]:
        file = tmp_path / "h.json"
        file.write_text(text, encoding="utf-8")
        assert cli.main(["ask", "问", "--history", str(file)]) == 2
        assert words in capsys.readouterr().err
