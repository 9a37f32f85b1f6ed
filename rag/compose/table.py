"""Rows of a table in a clause, said as sentences: 省级：评价得分85分以上，奖励金额80万元."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.verify import Quote, Statement

_CELL = "\t"
_UNIT = re.compile(r"^(.+?)[（(](?:单位[：:])?([^（）()]{1,6})[)）]$")
_BOUND = re.compile(r"最高|最低|上限|下限|封顶|不超过|不低于|不少于|至少")
_FIGURE = re.compile(r"[^\d]{0,12}\d[\d.,]*[^\d\s]{1,6}")
_POINTS_DOWN = re.compile(r"下表|附表")
_MOST = 8
_NUMBER = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table with the row that names its columns; `header` is the row itself where that is quoted.

    `units` tells whether units are taken from the names of columns to the figures: 奖励金额80万元.
    """

    header: Quote
    row: Quote
    units: bool = True


def rows(quote: Quote) -> list[Row]:
    """The rows that a quote touches, without the one that names the columns; none where it is no table.

    All rows of a table where only the names of its columns are quoted.
    """
    text = quote.clause.text
    if _CELL not in text[quote.start : quote.end]:
        return []
    found: list[Row] = []
    named: list[Row] = []
    header: Quote | None = None
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        own = Quote(quote.policy_id, quote.clause, start, end)
        if _CELL not in line:
            header = None
        elif header is None:
            header = own
        elif _overlap(own, quote):
            found.append(Row(header, own))
        elif _overlap(header, quote):
            named.append(Row(header, own, units=False))
        start = end + 1
    return found or named or [Row(quote, quote)]


def without_heads(quotes: Sequence[Quote]) -> list[Quote]:
    """The quotes without rows that name the columns of another one's row: alone they would stand for every row."""
    return [
        quote
        for quote in quotes
        if not any(row.row in quotes and row.row != quote for row in rows(quote) if row.header == quote)
    ]


def announced(quote: Quote) -> list[Quote]:
    """The rows of the table that a sentence announces (按下表给予补贴), the first that follows; [] for none.

    None of a table of more than eight rows, which is no answer.
    """
    if not _POINTS_DOWN.search(quote.text) or _CELL in quote.text:
        return []
    text, at = quote.clause.text, quote.end
    found: list[Quote] = []
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if _CELL in text[at:stop]:
            found.append(Quote(quote.policy_id, quote.clause, at, stop))
        elif found:
            break
        at = stop + 1
    return found[1:] if len(found) <= _MOST + 1 else []


def _overlap(one: Quote, other: Quote) -> bool:
    return one.start < other.end and other.start < one.end


def row_statement(row: Row) -> Statement:
    """What a row says, each cell behind the name of its column, with the units that the names carry."""
    cells = [cell.strip() for cell in row.row.text.split(_CELL)]
    names = [name.strip() for name in row.header.text.split(_CELL)]
    if row.header == row.row or len(cells) != len(names):
        return Statement(f"{'，'.join(cell for cell in cells if cell)}。", tuple(dict.fromkeys((row.header, row.row))))
    said: list[str] = []
    derived: list[str] = []
    for name, cell in zip(names[1:], cells[1:], strict=True):
        unit = _UNIT.match(name)
        if row.units and unit is not None and _NUMBER.fullmatch(cell):
            derived.append(f"{cell}{unit[2]}")
            said.append(f"{unit[1]}{derived[-1]}")
        elif cell:
            said.append(f"{name}{cell}")
            # 最高 stands in the name of the column, which is quoted beside the cell.
            derived += [cell] if _BOUND.search(name) and _FIGURE.fullmatch(cell) else []
    return Statement(f"{cells[0]}：{'，'.join(said)}。", (row.header, row.row), derived=tuple(derived))
