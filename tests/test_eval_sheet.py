"""Question sets as workbooks: what staff type arrives, and what cannot be read is named by row and column."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from eval.cells import CATEGORY_NAMES, COLUMNS, STATUS_NAMES, WARNING_NAMES, CellError, cell_text, read_field, to_cells
from eval.form import ADOPT, EXAMPLE_ID, GUIDE, SHEET, write_workbook
from eval.rows import CATEGORIES, STATUSES, WARNING_CODES, Row, load_rows, row_from_object, save_rows
from eval.sheet import SheetError, export_xlsx, import_xlsx, read_workbook

SETS = Path(__file__).resolve().parents[1] / "eval" / "sets"
HEADINGS = list(COLUMNS.values())
CELLS = {
    "编号": "a-1",
    "类别": "金额",
    "问题": "省级绿色工厂补多少?",
    "提问日期": date(2026, 11, 21),
    "应有结果": "回答",
    "必须出现": "100万元",
    "应引条款": "若干意见 | 4.16",
}


def sheet_of(folder: Path, *rows: dict[str, object], headings=HEADINGS, edit=None) -> Path:
    """A workbook with one row per dict of heading and value; `edit` changes the sheet before it is saved."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    sheet.append(headings)
    for row in rows:
        sheet.append([row.get(heading) for heading in headings])
    if edit is not None:
        edit(sheet)
    path = folder / "set.xlsx"
    book.save(path)
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(SheetError) as caught:
        read_workbook(path)
    return list(caught.value.problems)


# --- round trip


@pytest.mark.parametrize("name", ["shipped", "shipped-heldout", "made"])
def test_a_set_is_the_same_after_export_and_import(tmp_path, name):
    jsonl, xlsx, back = SETS / f"{name}.jsonl", tmp_path / "set.xlsx", tmp_path / "back.jsonl"
    export_xlsx(jsonl, xlsx)
    assert import_xlsx(xlsx, back) == load_rows(jsonl)
    assert back.read_bytes() == jsonl.read_bytes()


# What a cell keeps: no control characters, no carriage returns, no blanks at the ends.
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1)
LINE = (
    WORDS | st.sampled_from(["|", "a|b", "｜", "\\", "\\|", "\\n", "=1+1", "-5", "@x", "+86", "问:", "答:x", "1/3"])
).map(str.strip)
TEXT = LINE.filter(lambda text: bool(text) and text != EXAMPLE_ID)
LONG_TEXT = st.lists(TEXT, min_size=1, max_size=2).map("\n".join)
ROWS = st.builds(
    Row,
    id=TEXT,
    category=st.sampled_from(CATEGORIES),
    question=LONG_TEXT,
    status=st.sampled_from(STATUSES),
    history=st.lists(st.tuples(LONG_TEXT, LONG_TEXT), max_size=2).map(tuple),
    as_of=st.none() | st.dates(min_value=date(1949, 10, 1), max_value=date(2100, 1, 1)),
    facts=st.lists(st.lists(LONG_TEXT, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple),
    forbid=st.lists(LONG_TEXT, max_size=2).map(tuple),
    clauses=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
    warn=st.lists(st.sampled_from(WARNING_CODES), max_size=2, unique=True).map(tuple),
)


@given(row=ROWS)
@settings(max_examples=300)
def test_any_row_is_the_same_after_its_cells_are_read(row):
    fields = {}
    for name, value in to_cells(row).items():
        text = cell_text(value, "General")
        if text:
            fields[name] = read_field(name, text)
    assert row_from_object(fields) == row


@given(rows=st.lists(ROWS, min_size=1, max_size=3, unique_by=lambda row: row.id).map(tuple))
@settings(max_examples=40)
def test_any_rows_are_the_same_after_a_workbook(tmp_path_factory, rows):
    xlsx = tmp_path_factory.mktemp("sheet") / "set.xlsx"
    write_workbook(rows, xlsx)
    assert read_workbook(xlsx) == rows


def test_text_that_looks_like_a_formula_is_written_as_text(tmp_path):
    row = Row("=1+1", "refuse", '=HYPERLINK("http://x","点")', "refused", forbid=("+1", "-2", "@a", "=A1"))
    write_workbook((row,), tmp_path / "set.xlsx")
    cells = [cell for cell in load_workbook(tmp_path / "set.xlsx")[SHEET][3] if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    assert read_workbook(tmp_path / "set.xlsx") == (row,)


# --- the form


def test_the_form_has_headings_choices_an_example_and_a_guide(tmp_path):
    write_workbook((), tmp_path / "form.xlsx")
    book = load_workbook(tmp_path / "form.xlsx")
    assert book.sheetnames == [SHEET, GUIDE]
    assert [cell.value for cell in book[SHEET][1]] == HEADINGS
    assert book[SHEET]["A2"].value == EXAMPLE_ID
    choices = {str(rule.sqref): rule.formula1 for rule in book[SHEET].data_validations.dataValidation}
    assert choices == {
        "B2:B2000": f'"{",".join(CATEGORY_NAMES.values())}"',
        "F2:F2000": f'"{",".join(STATUS_NAMES.values())}"',
    }
    guide = "\n".join(str(cells[0]) for cells in book[GUIDE].iter_rows(values_only=True))
    assert all(heading in guide for heading in (*HEADINGS, "|", *WARNING_NAMES.values()))


def test_the_names_of_the_sheet_cover_every_code():
    assert tuple(CATEGORY_NAMES) == CATEGORIES
    assert tuple(STATUS_NAMES) == STATUSES
    assert tuple(WARNING_NAMES) == WARNING_CODES


def test_an_empty_form_has_no_questions(tmp_path):
    write_workbook((), tmp_path / "form.xlsx")
    assert problems_of(tmp_path / "form.xlsx") == ["“题目”表里没有题目。"]


def test_what_cannot_stand_in_a_cell_is_named(tmp_path):
    rows = (
        Row("a", "refuse", "问\x07", "refused"),
        Row("b", "refuse", "长" * 40_000, "refused"),
        Row(EXAMPLE_ID, "refuse", "问", "refused"),
    )
    with pytest.raises(SheetError) as caught:
        write_workbook(rows, tmp_path / "set.xlsx")
    assert len(caught.value.problems) == 3
    assert "题目 a 的“问题”含有 Excel 不能保存的控制字符" in str(caught.value)
    assert "题目 b 的“问题”有 40000 字" in str(caught.value)
    assert not (tmp_path / "set.xlsx").exists()


# --- what staff type


def test_a_row_that_staff_typed_is_read(tmp_path):
    typed = {
        **CELLS,
        "之前的对话": "问：国家级呢\n答：200万元，\n见第十六条。\n问:谢谢\n答:不客气",
        "必须出现": " 100万元 ｜ 一百万元 \n\n 80元/吨 | 0.008万元/吨\n",
        "不得出现": "400万元\n1/3",
        "应引条款": "若干意见｜4.16\n若干意见|tail",
        "应有提示": "已失效、expired，摘编本",
    }
    row = read_workbook(sheet_of(tmp_path, typed))[0]
    assert row.history == (("国家级呢", "200万元，\n见第十六条。"), ("谢谢", "不客气"))
    assert row.facts == (("100万元", "一百万元"), ("80元/吨", "0.008万元/吨"))
    assert row.forbid == ("400万元", "1/3")
    assert row.clauses == (("若干意见", "4.16"), ("若干意见", "tail"))
    assert row.warn == ("expired", "digest_edition")
    assert row.as_of == date(2026, 11, 21)


@pytest.mark.parametrize(
    "day",
    [datetime(2026, 1, 5), "2026-01-05", "2026/1/5", "2026年1月5日", "2026.1.5", " 2026-1-5 "],
    ids=str,
)
def test_a_day_is_read_as_excel_keeps_it_and_as_it_is_typed(tmp_path, day):
    assert read_workbook(sheet_of(tmp_path, {**CELLS, "提问日期": day}))[0].as_of == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (4286, "General", "4286"),
        (3.5, "General", "3.5"),
        (100.0, "General", "100"),
        (0.15, "0%", "15%"),
        (0.055, "0.00%", "5.5%"),
        (1234567, "#,##0", "1234567"),
        (-2.5, "#,##0.00_);[Red](#,##0.00)", "-2.5"),
    ],
)
def test_a_number_is_read_as_it_is_shown(tmp_path, value, number_format, text):
    def edit(sheet):
        sheet["G2"].number_format = number_format

    path = sheet_of(tmp_path, {**CELLS, "必须出现": value}, edit=edit)
    assert read_workbook(path)[0].facts == ((text,),)


def test_blank_rows_trailing_blanks_and_the_example_are_skipped(tmp_path):
    blank = {"问题": "  "}
    example = {**CELLS, "编号": EXAMPLE_ID, "类别": "随便"}
    last = {**CELLS, "编号": "a-2 ", "问题": "国家级呢?\r\n ", "类别": " 金额 "}
    rows = read_workbook(sheet_of(tmp_path, example, {}, CELLS, blank, {}, last, {}, blank))
    assert [(row.id, row.question) for row in rows] == [("a-1", CELLS["问题"]), ("a-2", "国家级呢?")]


def test_rows_without_an_id_are_numbered_by_category_and_row(tmp_path):
    unnumbered = {key: value for key, value in CELLS.items() if key != "编号"}
    assert [row.id for row in read_workbook(sheet_of(tmp_path, unnumbered, unnumbered))] == [
        "amount-row2",
        "amount-row3",
    ]


def test_columns_may_stand_in_another_order_with_notes_and_english_names(tmp_path):
    headings = ["备注", "问 题", "status", "类别"]
    row = {"备注": "=1+1", "问 题": "天气?", "status": "refused", "类别": "refuse"}
    assert read_workbook(sheet_of(tmp_path, row, headings=headings))[0] == Row(
        "refuse-row2", "refuse", "天气?", "refused"
    )


def test_only_what_is_adopted_is_imported(tmp_path):
    rows = [{**CELLS, "编号": f"a-{at}", ADOPT: said} for at, said in enumerate(["是", "否", None, "√", " Y "])]
    unread = {ADOPT: "否", "编号": "a-9", "类别": "随便", "问题": "=1"}
    path = sheet_of(tmp_path, *rows, unread, headings=[ADOPT, *HEADINGS])
    assert [row.id for row in read_workbook(path)] == ["a-0", "a-3", "a-4"]


def test_nothing_adopted_and_an_unclear_answer_are_named(tmp_path):
    headings = [ADOPT, *HEADINGS]
    assert problems_of(sheet_of(tmp_path, CELLS, headings=headings)) == ["“题目”表里没有一行的“采用”是“是”。"]
    unclear = sheet_of(tmp_path, {**CELLS, ADOPT: "也许"}, headings=headings)
    assert problems_of(unclear) == ["第 2 行“采用”列写的是“也许”,只能写“是”或“否”。"]


# --- what cannot be read


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("问题", "=A1", "第 3 行“问题”列(C3)是公式"),
        ("必须出现", "#N/A", "第 3 行“必须出现”列(G3)是错误值 #N/A"),
        ("必须出现", True, "第 3 行“必须出现”列(G3)不是文字、数字或日期"),
        ("必须出现", "|", "第 3 行“必须出现”列(G3)“|”里只有分隔符"),
        ("类别", "钱", "第 3 行“类别”列(B3)写的是“钱”,只能是 金额、"),
        ("类别", None, "第 3 行“类别”列是空的"),
        ("问题", None, "第 3 行“问题”列是空的"),
        ("应有结果", "对", "第 3 行“应有结果”列(F3)写的是“对”"),
        ("提问日期", "明天", "第 3 行“提问日期”列(E3)写的是“明天”,不是日期"),
        ("提问日期", "2026-02-30", "不是日期"),
        ("提问日期", 46000, "写的是“46000”,不是日期"),
        ("提问日期", datetime(2026, 1, 5, 8, 30), "是带钟点的时间"),
        ("应引条款", "若干意见 4.16", "第 3 行“应引条款”列(I3)“若干意见 4.16”应写成"),
        ("应引条款", "a | b | c", "应写成"),
        ("应有提示", "过期", "第 3 行“应有提示”列(J3)写的是“过期”"),
        ("之前的对话", "你好", "要以“问:”开头"),
        ("之前的对话", "问:一\n问:二", "成对出现"),
        ("之前的对话", "问:一", "成对出现"),
        ("之前的对话", "问:\n答:二", "后面是空的"),
        ("编号", "a-1", "第 3 行“编号”列的 a-1 与第 2 行重复"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(tmp_path, column, value, words):
    problems = problems_of(sheet_of(tmp_path, CELLS, {**CELLS, "编号": "a-2", column: value}))
    assert len(problems) == 1
    assert words in problems[0]


def test_a_unit_that_is_only_displayed_is_named(tmp_path):
    def edit(sheet):
        sheet["G2"].number_format = '0"万元"'

    assert "单位只是显示格式" in problems_of(sheet_of(tmp_path, {**CELLS, "必须出现": 100}, edit=edit))[0]


def test_merged_cells_and_cells_without_a_heading_are_named(tmp_path):
    def edit(sheet):
        sheet.merge_cells("B2:B3")
        sheet["L2"] = "多写的"

    problems = problems_of(sheet_of(tmp_path, CELLS, {**CELLS, "编号": "a-2"}, edit=edit))
    assert any("单元格 B2:B3 是合并的" in problem for problem in problems)
    assert any("第 2 行 L 列没有表头" in problem for problem in problems)


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        (["编号", "类型", "问题", "应有结果", "类别"], "第 1 行 B 列的表头“类型”不认识"),
        (["编号", "类别", "类别", "问题", "应有结果"], "第 1 行 C 列的表头“类别”重复"),
        (["编号", "类别", "应有结果"], "第 1 行缺少表头“问题”"),
        ([], "第 1 行缺少表头“类别”"),
    ],
)
def test_wrong_headings_are_named(tmp_path, headings, words):
    assert any(words in problem for problem in problems_of(sheet_of(tmp_path, CELLS, headings=headings)))


def test_every_mistake_is_reported_at_once_and_nothing_is_written(tmp_path):
    path = sheet_of(tmp_path, {**CELLS, "类别": "钱"}, CELLS, {**CELLS, "编号": "a-2", "提问日期": "明天"})
    target = tmp_path / "set.jsonl"
    target.write_text("原有内容", encoding="utf-8")
    with pytest.raises(ValueError, match=r"表格“set\.xlsx”有 2 处需要修改:\n  第 2 行.*\n  第 4 行"):
        import_xlsx(path, target)
    assert target.read_text(encoding="utf-8") == "原有内容"
    assert [found.name for found in tmp_path.iterdir() if found.suffix == ".part"] == []


def zip_bytes() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.xlsx", b"a,b,c"),
        ("old.xls", b"\xd0\xcf\x11\xe0"),
        ("encrypted.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("word.xlsx", zip_bytes()),
        ("empty.xlsx", b""),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"“{re.escape(name)}”不是能读的 xlsx 表格"):
        read_workbook(tmp_path / name)


def test_a_missing_workbook_and_a_folder_are_named(tmp_path):
    with pytest.raises(ValueError, match="不存在"):
        read_workbook(tmp_path / "no.xlsx")
    with pytest.raises(ValueError, match="是文件夹"):
        read_workbook(tmp_path)


def test_the_sheet_with_the_questions_may_be_any_sheet(tmp_path):
    row = Row("a", "refuse", "天气?", "refused")
    write_workbook((row,), tmp_path / "set.xlsx")
    book = load_workbook(tmp_path / "set.xlsx")
    book.move_sheet(SHEET, offset=1)
    book.save(tmp_path / "moved.xlsx")
    assert read_workbook(tmp_path / "moved.xlsx") == (row,)


def test_an_import_replaces_a_set_as_a_whole(tmp_path):
    save_rows((Row("old", "refuse", "旧题?", "refused"),), tmp_path / "set.jsonl")
    import_xlsx(sheet_of(tmp_path, CELLS), tmp_path / "set.jsonl")
    assert [row.id for row in load_rows(tmp_path / "set.jsonl")] == ["a-1"]


def test_text_of_another_kind_has_no_plain_text():
    with pytest.raises(CellError, match="不是文字"):
        cell_text(datetime(2026, 1, 5).time(), "General")
