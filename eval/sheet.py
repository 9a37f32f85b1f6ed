"""Question sets as Excel workbooks (xlsx) that staff fill in, and back.

The sheet “题目” has a heading row, an example row (编号 “示例”, never imported) and one question a row. Proposed
questions have one more column, 采用: only rows with 是 are imported.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.cells import COLUMNS, CellError, cell_text, read_field
from eval.form import ADOPT, EXAMPLE_ID, NOTE, SHEET, SheetError, write_workbook
from eval.rows import Row, load_rows, row_from_object, save_rows

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_YES = ("是", "采用", "√", "✓", "y", "yes", "1")
_NO = ("", "否", "不采用", "×", "n", "no", "0")
_NEEDED = ("category", "question", "status")


def export_xlsx(jsonl: Path, xlsx: Path) -> None:
    """Write a set as a workbook.

    Raises:
        ValueError: the set cannot be read, or a text cannot be written to a cell.
    """
    write_workbook(load_rows(jsonl), xlsx)


def import_xlsx(xlsx: Path, jsonl: Path) -> tuple[Row, ...]:
    """Write the questions of a workbook as a set; nothing is written where anything is wrong.

    Returns:
        The rows that were written.

    Raises:
        ValueError: the file is missing or no workbook; `SheetError` names every wrong cell by row and column.
    """
    rows = read_workbook(xlsx)
    partial = jsonl.with_name(f"{jsonl.name}.part")
    save_rows(rows, partial)
    partial.replace(jsonl)
    return rows


def read_workbook(xlsx: Path) -> tuple[Row, ...]:
    """The questions of a workbook, in order.

    Raises:
        ValueError: as in `import_xlsx`.
    """
    sheet = open_sheet(xlsx)
    headings = _headings(sheet, xlsx.name)
    reading = _Reading(sheet, headings)
    rows = tuple(reading.rows())
    problems = [*_merged(sheet), *reading.problems]
    if not problems and not rows:
        hint = f"没有一行的“{ADOPT}”是“是”。" if ADOPT in headings.values() else "没有题目。"
        problems = [f"“{sheet.title}”表里{hint}"]
    if problems:
        raise SheetError(xlsx.name, problems)
    return rows


def open_sheet(xlsx: Path) -> Worksheet:
    """The sheet with the questions: the one named 题目, else the first one.

    Raises:
        ValueError: the file is missing or no workbook.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if xlsx.is_dir():
        raise ValueError(f"“{xlsx}”是文件夹,不是表格。")
    try:
        book = load_workbook(xlsx)
    except FileNotFoundError:
        raise ValueError(f"表格“{xlsx}”不存在。") from None
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError):
        raise ValueError(f"“{xlsx.name}”不是能读的 xlsx 表格;请在 Excel 或 WPS 里另存为 xlsx,不要加密。") from None
    if not book.worksheets:
        raise ValueError(f"表格“{xlsx.name}”里没有工作表。")
    return next((sheet for sheet in book.worksheets if sheet.title.strip() == SHEET), book.worksheets[0])


def _headings(sheet: Worksheet, book: str) -> dict[int, str]:
    """Field, or 采用 or 备注, of each column that has a heading.

    Raises:
        SheetError: a heading is unknown, missing or stands twice.
    """
    from openpyxl.utils import get_column_letter

    fields = {heading: field for field, heading in COLUMNS.items()} | {field: field for field in COLUMNS}
    found: dict[int, str] = {}
    problems = []
    for column, cell in enumerate(next(sheet.iter_rows(max_row=1), ()), start=1):
        heading = "".join(str(cell.value).split()) if cell.value is not None else ""
        if not heading:
            continue
        name = heading if heading in (ADOPT, NOTE) else fields.get(heading)
        where = f"第 1 行 {get_column_letter(column)} 列的表头“{heading}”"
        if name is None:
            problems.append(f"{where}不认识;可用的表头是 {'、'.join([*COLUMNS.values(), ADOPT, NOTE])}。")
        elif name in found.values():
            problems.append(f"{where}重复。")
        else:
            found[column] = name
    problems += [f"第 1 行缺少表头“{COLUMNS[field]}”。" for field in _NEEDED if field not in found.values()]
    if problems:
        raise SheetError(book, problems)
    return found


def _merged(sheet: Worksheet) -> list[str]:
    ranges = sorted(sheet.merged_cells.ranges, key=lambda area: (area.min_row, area.min_col))
    return [f"单元格 {area.coord} 是合并的;请取消合并,每一行各填各的。" for area in ranges]


@dataclass(slots=True)
class _Reading:
    """Reads the rows of a sheet and keeps what is wrong with them.

    Attributes:
        headings: column number and field.
        lines: row of the sheet by id, to name the row an id stands in first.
    """

    sheet: Worksheet
    headings: dict[int, str]
    problems: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Rows without a mistake; blank ones, the example and what is not adopted are skipped."""
        for number, cells in enumerate(self.sheet.iter_rows(min_row=2), start=2):
            line = _Line(number, cells, self.headings)
            if not line.filled or line.is_example or not self._adopted(line):
                continue
            row = self._row(line)
            if row is not None:
                yield row

    def _adopted(self, line: _Line) -> bool:
        """Whether the row is to be imported; sheets without the column 采用 are imported whole."""
        if ADOPT not in self.headings.values():
            return True
        said = line.shown(ADOPT).lower()
        if said not in (*_YES, *_NO):
            self._report(line.number, f"“{ADOPT}”列写的是“{said}”,只能写“是”或“否”")
        return said in _YES

    def _row(self, line: _Line) -> Row | None:
        before = len(self.problems)
        fields: dict[str, Any] = {}
        for name, cell in line.cells.items():
            if name in COLUMNS:
                self._read(line.number, name, cell, fields)
        for name in _NEEDED:
            if name not in fields and len(self.problems) == before:
                self._report(line.number, f"“{COLUMNS[name]}”列是空的")
        for letter in line.stray:
            self._report(line.number, f" {letter} 列没有表头,里面的内容不会导入;请删去,或放到有表头的列")
        if len(self.problems) > before:
            return None
        # 编号 may be left empty.
        fields.setdefault("id", f"{fields['category']}-row{line.number}")
        first = self.lines.setdefault(fields["id"], line.number)
        if first != line.number:
            self._report(line.number, f"“{COLUMNS['id']}”列的 {fields['id']} 与第 {first} 行重复")
            return None
        try:
            return row_from_object(fields)
        except ValueError as error:
            self._report(line.number, f":{str(error).rstrip('。')}")
            return None

    def _read(self, number: int, name: str, cell: Cell, fields: dict[str, Any]) -> None:
        try:
            text = _plain_text(cell)
            if text:
                fields[name] = read_field(name, text)
        except CellError as error:
            self._report(number, f"“{COLUMNS[name]}”列({cell.coordinate}){error}")

    def _report(self, number: int, problem: str) -> None:
        self.problems.append(f"第 {number} 行{problem}。")


class _Line:
    """One row of the sheet."""

    def __init__(self, number: int, cells: Sequence[Cell | MergedCell], headings: dict[int, str]) -> None:
        from openpyxl.cell.cell import MergedCell
        from openpyxl.utils import get_column_letter

        self.number = number
        self.cells: dict[str, Cell] = {}
        self.stray: list[str] = []
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, MergedCell):
                continue
            if column in headings:
                self.cells[headings[column]] = cell
            elif _shown(cell):
                self.stray.append(get_column_letter(column))

    @property
    def filled(self) -> bool:
        """Whether anything but 采用 is written in the row."""
        return any(_shown(cell) for name, cell in self.cells.items() if name in COLUMNS) or bool(self.stray)

    @property
    def is_example(self) -> bool:
        """Whether it is the example row of the form."""
        return self.shown("id") == EXAMPLE_ID

    def shown(self, name: str) -> str:
        """What stands in a column, roughly; empty where there is no such column."""
        return _shown(self.cells[name]) if name in self.cells else ""


def _shown(cell: Cell) -> str:
    return str(cell.value).strip() if cell.value is not None else ""


def _plain_text(cell: Cell) -> str:
    """Text of a cell.

    Raises:
        CellError: it holds a formula, an error value or a value without plain text.
    """
    if cell.data_type == "f":
        raise CellError("是公式,请改成文字(复制后“粘贴为数值”;要写以等号开头的文字,先把单元格设成文本格式)")
    if cell.data_type == "e":
        raise CellError(f"是错误值 {cell.value},请改正")
    return cell_text(cell.value, cell.number_format)
