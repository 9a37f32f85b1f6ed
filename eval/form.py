"""The workbook that staff fill in: a sheet of questions with drop-down lists and an example row, and a sheet 说明."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from eval.cells import (
    CATEGORY_NAMES,
    COLUMNS,
    STATUS_NAMES,
    WARNING_NAMES,
    to_cells,
)
from eval.rows import Row

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SHEET, GUIDE = "题目", "说明"
ADOPT, NOTE = "采用", "备注"
EXAMPLE_ID = "示例"

_WIDTHS = {
    "编号": 16,
    "类别": 12,
    "问题": 46,
    "之前的对话": 40,
    "提问日期": 12,
    "应有结果": 12,
    "必须出现": 30,
    "不得出现": 24,
    "应引条款": 40,
    "应有提示": 16,
    ADOPT: 8,
}
_ROOM = 2000
"""Rows that have drop-down lists, so that there is room for new questions."""
_CELL_LIMIT = 32_767
"""Characters a cell holds in Excel."""
_EXAMPLE = Row(
    id=EXAMPLE_ID,
    category="amount",
    question="省级绿色工厂补多少?(这一行是示例,导入时会跳过)",
    status="answered",
    as_of=date(2026, 1, 31),
    facts=(("100万元", "一百万元"),),
    forbid=("省级绿色工厂资助200万元",),
    clauses=(("制造业高质量发展的若干意见", "4.16"),),
    warn=("expired",),
)
_GUIDE = (
    "在“题目”表里一行写一道题;“示例”那一行只供参考,导入时跳过,空行也跳过。",
    "编号:可以不填,导入时按类别和行号自动编号;填写时不能重复。",
    f"类别:从下拉列表选,{'、'.join(CATEGORY_NAMES.values())}。",
    "问题:照企业真实的问法写。",
    "之前的对话:追问的题要填,一行“问:…”,下一行“答:…”,可以有几轮。",
    "提问日期:写 2026-01-31 这样的日期;空着表示运行评测的当天。",
    f"应有结果:从下拉列表选,{'、'.join(STATUS_NAMES.values())}。文件里有答案选“回答”;题目相关、但文件没有写选“部分回答”;"
    "不在收录范围选“拒答”。",
    "必须出现:答案里一定要有的内容,一行一条;同一条有几种写法时用“|”隔开(出现其中一种就算对)。"
    "金额、比例按数值比较,100万元和一百万元算同一个,不必写两遍。请带上单位。不要用“/”隔开。",
    "不得出现:答案里出现就算错的数字或说法,一行一条。正确的答案可能会一并引用的数字不要写在这里。",
    "应引条款:一行一条,写“文件标题中的一段 | 条款路径”。路径是条款序号:三、(一) 写 3.1,第十二条写 12,附则写 tail。"
    "每一条都必须引用;应有结果是“部分回答”时引用其中一条即可。",
    f"应有提示:用顿号隔开,可写 {'、'.join(WARNING_NAMES.values())}。",
    "采用:只有程序推荐的题目有这一列,要采用的写“是”,其余不导入。",
    "不要合并单元格,不要写公式,不要改表头。内容里要写“|”时写成“\\|”。",
)


class SheetError(ValueError):
    """A workbook cannot be imported or written.

    Attributes:
        problems: Chinese sentences, each naming row and column where it is about a cell.
    """

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"表格“{name}”有 {len(problems)} 处需要修改:{listed}")
        self.problems = tuple(problems)


def write_workbook(rows: Sequence[Row], xlsx: Path, *, proposals: bool = False) -> None:
    """Write rows as a workbook, with the column 采用 where they are proposals. No rows give an empty form.

    Raises:
        SheetError: a text cannot be written to a cell.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    headings = [*([ADOPT] if proposals else []), *COLUMNS.values()]
    sheet.append(headings)
    problems = [problem for row in (_EXAMPLE, *rows) for problem in _append(sheet, row, proposals=proposals)]
    problems += [f"编号“{EXAMPLE_ID}”留给示例行,请换一个编号。" for row in rows if row.id == EXAMPLE_ID]
    if problems:
        raise SheetError(xlsx.name, problems)
    _lay_out(sheet, headings)
    _write_guide(book)
    book.save(xlsx)


def _append(sheet: Worksheet, row: Row, *, proposals: bool) -> Iterator[str]:
    """Write one row below the others; yields what could not be written."""
    from openpyxl.cell.cell import MergedCell

    number = sheet.max_row + 1
    offset = 2 if proposals else 1
    for column, (field, value) in enumerate(to_cells(row).items(), start=offset):
        cell = sheet.cell(number, column)
        if isinstance(cell, MergedCell):
            continue
        if isinstance(value, str):
            problem = _set_text(cell, value)
            if problem:
                yield f"题目 {row.id} 的“{COLUMNS[field]}”{problem}。"
        elif value is not None:
            cell.value = value
            cell.number_format = "yyyy-mm-dd"


def _set_text(cell: Cell, text: str) -> str:
    """Write text that stays text, also where it begins with = + - or @; returns what is wrong, if anything."""
    from openpyxl.utils.exceptions import IllegalCharacterError

    if len(text) > _CELL_LIMIT:
        return f"有 {len(text)} 字,超过 Excel 单元格的上限"
    try:
        cell.value = text or None
    except IllegalCharacterError:
        return "含有 Excel 不能保存的控制字符"
    if text:
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = True
    return ""


def _lay_out(sheet: Worksheet, headings: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for at, heading in enumerate(headings, start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = _WIDTHS[heading]
        # Text columns keep 1/3 and 2026-1 as they are typed.
        sheet.column_dimensions[letter].number_format = "yyyy-mm-dd" if heading == COLUMNS["as_of"] else "@"
        sheet.cell(1, at).font = Font(bold=True)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[2]:
        cell.fill = PatternFill("solid", fgColor="EEEEEE")
    sheet.freeze_panes = "A2"
    choices = {
        COLUMNS["category"]: CATEGORY_NAMES.values(),
        COLUMNS["status"]: STATUS_NAMES.values(),
        ADOPT: ("是", "否"),
    }
    for at, heading in enumerate(headings, start=1):
        if heading in choices:
            _add_choices(sheet, get_column_letter(at), tuple(choices[heading]))


def _add_choices(sheet: Worksheet, letter: str, names: Sequence[str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    choices = DataValidation(type="list", formula1=f'"{",".join(names)}"', allow_blank=True, showErrorMessage=True)
    choices.error, choices.errorTitle = "请从下拉列表里选。", "不在列表里"
    choices.add(f"{letter}2:{letter}{max(_ROOM, sheet.max_row)}")
    sheet.add_data_validation(choices)


def _write_guide(book: Workbook) -> None:
    from openpyxl.styles import Alignment

    guide = book.create_sheet(GUIDE)
    guide.column_dimensions["A"].width = 110
    for number, line in enumerate(_GUIDE, start=1):
        cell = guide.cell(number, 1, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
