"""The workbook of the matching page: complete, readable, and without a formula."""

from __future__ import annotations

import io

from library_case import ShelfService, client, hostile, shelf
from match_case import GROUP, ZH, found
from openpyxl import load_workbook

from web.match import router
from web.match.form import MatchForm
from web.match.result import result
from web.match.sheet import workbook


def sheets(data: bytes) -> dict[str, list[list[object]]]:
    book = load_workbook(io.BytesIO(data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}


def test_the_workbook_has_every_benefit_and_every_condition() -> None:
    web = client(router(ShelfService(shelf())))
    response = web.post("/page/match/xlsx", json=GROUP)
    assert "filename*=UTF-8''%E6%94%BF" in response.headers["content-disposition"]
    here = found(**GROUP)
    tables = sheets(response.content)
    heads, *rows = tables["匹配结果"]
    assert len(rows) == here.held
    first = dict(zip(heads, rows[0], strict=True))
    assert first["结果"] == "可以申报"
    assert first["金额(元)"] == 16_000_000
    assert first["算式"] == "2000万元 − 400万元 = 1600万元"
    assert first["条款"] == "三、(七)"
    assert len(tables["条件"]) - 1 == sum(len(row.checks) for row in here.rows())
    said = {row[0]: row[1] for row in tables["企业情况和合计"]}
    assert said["所在地"] == "杭州市"
    assert said["确定可得的金额合计(元)"] == here.total.value
    book = load_workbook(io.BytesIO(response.content))
    assert {sheet.freeze_panes for sheet in book.worksheets} == {"A2"}
    assert all(sheet.column_dimensions["C"].width or sheet.title != "匹配结果" for sheet in book.worksheets)


def test_no_text_becomes_a_formula(tmp_path) -> None:
    fields = {
        "name": '=HYPERLINK("http://evil.example")', "region": "@SUM(1)", "industry": "+1", "as_of": "2025-06-01",
        "answers": [{"question": "=1+1", "said": "-2\x0b\x00", "facts": ["=cmd|' /C calc'!A0"]}],
    }  # fmt: skip
    form = MatchForm.model_validate(fields)
    bad = hostile(tmp_path)
    data = workbook(result(form.profile(ZH), bad, form.day()), form)
    book = load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@"]
    assert len(risky) >= 3
    assert all(cell.quotePrefix for cell in risky)
    assert any("HYPERLINK" in str(cell.value) for cell in cells)
