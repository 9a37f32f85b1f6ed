"""The result as a workbook: benefits, their conditions, and what the enterprise said."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from rag.match import Match
from web.match.form import MatchForm
from web.match.result import Result, Row

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_CELL_LIMIT = 32_767
_GROUPS = {
    "meets": "可以申报",
    "open": "还要看条件",
    "quiet": "还要看条件",
    "fails": "不符合",
    "elsewhere": "不符合(适用于其他地区)",
    "ended": "已不在有效期内(仅供参考)",
}
_BENEFITS = {
    "序号": 6, "结果": 14, "对象": 34, "类别": 8, "金额或标准": 24, "金额(元)": 16, "算式": 28, "政策": 36,
    "文号": 20, "条款": 14, "政策效力": 12, "适用地区": 14, "还要回答": 36, "叠加和其他说明": 40, "原文": 60,
}  # fmt: skip
"""Headings of the first sheet with their widths in characters."""

_CONDITIONS = {
    "序号": 6,
    "对象": 34,
    "条件": 36,
    "结果": 10,
    "理由": 44,
    "条款": 18,
    "条款原文": 60,
    "要回答的问题": 36,
}
_SAID = {"项目": 24, "内容": 70}
_FIELDS = {
    "name": "企业名称", "region": "所在地", "industry": "行业或企业类型", "established_on": "成立日期",
    "employees": "从业人员", "output": "产值", "rd_amount": "研发投入", "rd_share": "研发投入占比",
    "first_time": "今年首次达到", "scope": "口径", "amount": "金额", "previous": "以前年度最高", "kind": "项目类型",
    "equipment_software": "设备和软件", "level": "级别", "year": "年份", "title": "名称", "threshold": "档次",
}  # fmt: skip
_LISTS = {"revenue": "营业收入", "investments": "投资项目", "titles": "称号和认定", "received": "已领取"}
_NOTICE = "结果由程序按条款原文对照得出,申报以主管部门解释为准。"


def workbook(result: Result, form: MatchForm) -> bytes:
    """The xlsx file; texts that begin like a formula stay texts."""
    from openpyxl import Workbook

    book = Workbook()
    grouped = [(row, group.name) for group in result.groups for row in group.rows]
    rows = [(number, row, group) for number, (row, group) in enumerate(grouped, start=1)]
    conditions = [cells for number, row, _ in rows for cells in _condition_cells(number, row)]
    benefits = book.worksheets[0]
    benefits.title = "匹配结果"
    _fill(benefits, _BENEFITS, [_benefit_cells(number, row, group) for number, row, group in rows])
    _fill(_sheet(book, "条件"), _CONDITIONS, conditions)
    _fill(_sheet(book, "企业情况和合计"), _SAID, list(_said_cells(result, form)))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(book: Workbook, title: str) -> Worksheet:
    return cast("Worksheet", book.create_sheet(title))


def _benefit_cells(number: int, row: Row, group: str) -> list[object]:
    one = row.match
    return [
        number, _GROUPS[group], one.beneficiary, one.kind, one.amount, one.value, one.formula, one.title,
        one.doc_number, one.label, one.status.value, one.region, "\n".join(one.ask), "\n".join(notes_of(one)),
        one.quote,
    ]  # fmt: skip


def notes_of(one: Match) -> tuple[str, ...]:
    """What must be known beside amount and conditions: notes, stacking, validity."""
    return tuple(dict.fromkeys((*one.notes, *one.stacking, *one.warnings)))


def _condition_cells(number: int, row: Row) -> Iterator[list[object]]:
    for shown in row.checks:
        check = shown.check
        asked = shown.question.text if shown.question is not None else ""
        yield [
            number, row.match.beneficiary, shown.name, check.finding.truth.value, check.finding.reason, check.label,
            check.condition.text, asked,
        ]  # fmt: skip


def _said_cells(result: Result, form: MatchForm) -> Iterator[list[object]]:
    for name, value in form.filled().items():
        if name in _FIELDS:
            yield [_FIELDS[name], value]
    for name, heading in _LISTS.items():
        for item in getattr(form, name):
            filled = item.filled()
            if filled:
                yield [heading, ";".join(f"{_FIELDS[key]}:{value}" for key, value in filled.items())]
    for answer in form.answers:
        yield [f"回答:{answer.question}", answer.said]
    yield ["以哪一天为准", result.as_of]
    yield ["确定可得的金额合计(元)", result.total.value if result.total.counted else "没有能确定的金额"]
    for note in result.total.notes:
        yield ["合计说明", note]
    yield ["政策库版本", result.corpus_version]
    yield ["生成时间", f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"]
    yield ["说明", _NOTICE]


def _fill(sheet: Worksheet, headings: dict[str, int], rows: Sequence[Sequence[object]]) -> None:
    """Headings, rows, and a layout to read them in: frozen head, filter, widths, wrapped lines."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, values in enumerate((list(headings), *rows), start=1):
        for column, value in enumerate(values, start=1):
            cell = cast("Cell", sheet.cell(number, column))
            _set(cell, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font = Font(bold=True)
                cell.fill = PatternFill("solid", fgColor="E6EEF9")
    for column, width in enumerate(headings.values(), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(rows) + 1}"


def _set(cell: Cell, value: object) -> None:
    """A number, a day, or a text that no program takes for a formula."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, int | Decimal):
        cell.value = value
        if isinstance(value, Decimal):
            cell.number_format = "#,##0.00" if value % 1 else "#,##0"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy-mm-dd"
    elif value:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_CELL_LIMIT]
        cell.data_type = "s"
        cell.quotePrefix = True
