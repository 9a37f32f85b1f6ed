"""An office's own questions: the table, the clauses it names, and the errors of the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from training.__main__ import commands, main
from training.office import split
from training.pairs import Library, Pair, read_pairs

POLICY = """# 东湖市促进制造业发展办法

第一条 为了促进制造业发展，制定本办法。

第二条 对首次上规的工业企业，给予20万元的一次性奖励。

第三条 申请奖励的企业应当具备下列条件：

（一）在本市登记注册；

（二）近三年没有发生重大安全事故。

第四条 本办法自2025年1月1日起施行，有效期三年。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("policies")
    (folder / "办法.md").write_text(POLICY, encoding="utf-8")
    return Library.from_files([folder])


def workbook(path: Path, rows: list[list[str | None]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def texts(library: Library, found: tuple[int, ...]) -> str:
    return "".join(library.passages[at].text for at in found)


@pytest.mark.parametrize(
    "clause",
    [
        "《东湖市促进制造业发展办法》第二条",
        "东湖市促进制造业发展办法第2条",
        "第二条",
        "对首次上规的工业企业，给予20万元的一次性奖励。",
        "第二条 对首次上规的工业企业,给予 20 万元的一次性奖励",
    ],
)
def test_a_clause_is_found_by_its_number_and_by_its_text(library: Library, clause: str) -> None:
    found = texts(library, library.find(clause))
    assert "20万元" in found
    assert "有效期" not in found


def test_a_clause_with_items_brings_its_items(library: Library) -> None:
    found = texts(library, library.find("《东湖市促进制造业发展办法》第三条"))
    assert "登记注册" in found
    assert "安全事故" in found
    assert "登记注册" not in texts(library, library.find("《东湖市促进制造业发展办法》第三条第二项"))


@pytest.mark.parametrize("clause", ["", "第九条", "《西湖市办法》第二条", "奖励", "今天天气很好我们一起去公园散步吧"])
def test_what_names_no_clause_finds_none(library: Library, clause: str) -> None:
    assert library.find(clause) == ()


def test_a_workbook_and_a_jsonl_file_give_the_same_pairs(library: Library, tmp_path: Path) -> None:
    asked = [("第一次上规给多少钱", "第二条"), ("办法哪天到期", "第四条")]
    table = workbook(
        tmp_path / "q.xlsx", [["序号", "问题", "条款"], *[["1", *one] for one in asked], [None, None, None]]
    )
    lines = tmp_path / "q.jsonl"
    lines.write_text("\n".join(json.dumps({"question": q, "clause": c}) for q, c in asked), encoding="utf-8")
    assert read_pairs(table, library) == read_pairs(lines, library)
    assert [pair.question for pair in read_pairs(table, library)] == [question for question, _ in asked]


def test_rows_that_are_wrong_are_named_by_their_number(library: Library, tmp_path: Path) -> None:
    table = workbook(
        tmp_path / "q.xlsx", [["问题", "条款"], ["给多少", "第二条"], ["", "第二条"], ["问", ""], ["问", "第九十九条"]]
    )
    with pytest.raises(ValueError, match=r"有 3 行要改.*第 3 行缺少问题.*第 4 行缺少条款.*第 5 行的条款在政策里找不到"):
        read_pairs(table, library)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("q.xlsx", b"no workbook", "不是能读的 xlsx"),
        ("q.jsonl", b"{", "第 1 行不是 JSON"),
        ("q.jsonl", b"[1]", "第 1 行不是 JSON 对象"),
        ("q.jsonl", "问题".encode("gb18030"), "不是 UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_chinese_error(
    library: Library, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=told):
        read_pairs(tmp_path / name, library)


def test_a_workbook_without_the_two_heads_says_which_one_it_lacks(library: Library, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"要有一个表头“条款”.*问题、答案"):
        read_pairs(workbook(tmp_path / "q.xlsx", [["问题", "答案"], ["甲", "乙"]]), library)


def test_a_question_is_on_one_side_of_the_split_only() -> None:
    pairs = [Pair(f"问题{at % 30}", (at,)) for at in range(60)]
    training, held = split(pairs)
    assert len(training) + len(held) == 60
    assert len({pair.question for pair in held}) == 6
    assert not {pair.question for pair in training} & {pair.question for pair in held}


def test_too_few_questions_are_refused_before_anything_is_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "办法.md").write_text(POLICY, encoding="utf-8")
    table = workbook(tmp_path / "q.xlsx", [["问题", "条款"], ["给多少", "第二条"]])
    arguments = [
        "adapter",
        "--questions",
        str(table),
        "--corpus",
        str(tmp_path / "办法.md"),
        "--out",
        str(tmp_path / "o"),
    ]
    assert main(arguments) == 2
    assert "至少要有 20 个不同的问题,现在有 1 个" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(("missing", "told"), [("questions", "q.xlsx”不存在"), ("corpus", "不存在")])
def test_a_missing_file_is_a_callers_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str, told: str
) -> None:
    (tmp_path / "办法.md").write_text(POLICY, encoding="utf-8")
    corpus = tmp_path / ("没有.md" if missing == "corpus" else "办法.md")
    assert main(["adapter", "--questions", str(tmp_path / "q.xlsx"), "--corpus", str(corpus)]) == 2
    assert told in capsys.readouterr().err


def test_every_training_command_explains_itself() -> None:
    for name, command in commands.commands.items():
        result = CliRunner().invoke(commands, [name, "--help"])
        assert result.exit_code == 0
        assert command.help
