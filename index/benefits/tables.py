"""Tables of benefits: a row for each level or tier, columns of amounts, shares and ceilings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from index.benefits.drafts import Lead
from index.benefits.marked import Span
from index.benefits.recipients import metric_of
from index.benefits.vocabulary import PERIOD, STRONG, STRONG_NOUN
from index.clean.characters import shape_of
from index.models import Benefit, Clause
from index.quantities import Comparison, Kind, Quantity, quantities

_PAID_HEAD = re.compile(rf"{STRONG}|奖|补|金额|标准|额度|资金|比例|最高|上限|限额|封顶")
_LIMIT_HEAD = re.compile(r"最高|上限|限额|封顶|不超过")
_NOT_PAID = re.compile(
    r"规模|产值|收入|投资|投入|利润|税|门槛|条件|要求|对象|类别|类型|等级|名称|方式|年限|时间|部门|依据|事项|项目$"
)
# 支持方式及标准 says what is paid, and 支持方式 beside a column of ceilings does.
_WAY_AND_SUM = re.compile(r"(?:方式|办法|措施|内容|条件)(?:及|和|与|、|/)?(?:标准|金额|额度|比例)$")
_WAY = re.compile(r"方式|办法|措施|标准|内容")
_UNIT = re.compile(r"\((?:单位[::])?(?:人民币)?(?P<unit>亿元|万元|元|%)(?:/(?P<per>[^()]*))?\)")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_BARE_ROW = re.compile(r"(?P<name>[^\d\s][^\t]*?[^\d\s.])(?P<numbers>\d+(?:\.\d+)?(?: \d+(?:\.\d+)?)*)")
_ITEM = re.compile(r"事项|名称|内容|政策|条款|方向")
_LONGEST_REMARK = 8
_PAIR = 2
_STATES = re.compile(rf"{STRONG}|[奖补](?=[^\u4e00-\u9fff])")
# 每个模型80万元, 训练投入的10%: what a cell pays for, or a share of.
_EACH_CELL = re.compile(r"(?P<each>每(?![年月家户]|个?(?:企业|单位))[^\d,，;；、]{1,8}?)(?:[奖补给资]\S{0,3}?)?(?=\d)")
_BASE_CELL = re.compile(r"按?照?(?P<base>[^\d,，;；、]{2,12}?)的(?=\d+(?:\.\d+)?%)")
# 每航次补贴: what an amount is paid for once; 每家, 每年 say who is paid and how often.
_EACH_HEAD = re.compile(rf"(?P<each>每(?![年月家户]|个?(?:企业|单位))[^,、最补奖资]{{1,6}}?)(?:{STRONG}|标准|金额)")
_ORDER = re.compile(r"序号|编号|No")


@dataclass(frozen=True, slots=True)
class Table:
    """The benefits of a table and its range in `Clause.text`.

    `prose` are cells that hold sentences, with what their row gives to them, and the ceiling in 元 of its own column.
    """

    span: Span
    benefits: list[Benefit] = field(default_factory=list)
    prose: list[tuple[Span, Lead, float | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    end: int

    @property
    def cells(self) -> list[str]:
        return [cell.strip() for cell in self.text.split("\t")]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The titles of a table, the columns that name beneficiaries, and those that pay."""

    titles: Sequence[str]
    keys: Sequence[int]
    paid: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Values:
    """What one row pays."""

    amount: Decimal | None = None
    rate: Decimal | None = None
    cap: Decimal | None = None


def read_table(clause: Clause, lead: Lead) -> Table | None:
    """The first table of benefits in `clause`, None where there is none.

    A table has a heading row with a column of amounts (奖励金额（万元）) and at least two rows. Columns are separated
    by tabs, or, where the source lost them, by the numbers themselves. `lead` is what the text before it announces.
    """
    lines = list(_lines(clause.text))
    for at, line in enumerate(lines):
        if len(lines) - at < 3 or not (_PAID_HEAD.search(shape_of(line.text)) or "\t" in line.text):
            continue
        read = _tabbed if "\t" in line.text else _squashed
        table = read(clause, line, lines[at + 1 :], lead)
        if table is not None and (table.benefits or table.prose):
            return table
    return None


def _lines(text: str) -> Iterator[_Line]:
    for match in re.finditer(r"[^\n]+", text):
        yield _Line(match[0], *match.span())


def _tabbed(clause: Clause, head: _Line, rows: Sequence[_Line], lead: Lead) -> Table | None:
    """A table with cells; keys are the cells before the first column that pays."""
    titles = [shape_of(cell) for cell in head.cells]
    paid = _paying(titles, rows) or _stating(rows, len(titles))
    if not paid:
        return None
    columns = _Columns(titles, _keys(titles, paid[0]), paid)
    table = Table(Span(head.start, head.end))
    above: list[str] = []
    for row in rows:
        cells = row.cells
        if len(cells) != len(titles):
            break
        above = [cells[at] or (above[i] if i < len(above) else "") for i, at in enumerate(columns.keys)]
        table = replace(table, span=Span(head.start, row.end))
        prose = [at for at in paid if _is_prose(cells[at]) and not _value_and_ceiling(cells[at])]
        if prose:
            cap = _ceiling(columns, cells, prose)
            table.prose.extend((_cell_span(row, at), _named_lead(columns, cells, above, lead, at), cap) for at in prose)
        else:
            table.benefits.extend(_row_benefits(clause, Span(head.start, row.end), columns, cells, above, lead))
    return table


def _paying(titles: Sequence[str], rows: Sequence[_Line]) -> list[int]:
    """Columns whose titles say that they pay; beside ceilings alone, also the one that says in which way."""
    paid = [
        at
        for at, title in enumerate(titles)
        if _PAID_HEAD.search(title) and (not _NOT_PAID.search(title) or _WAY_AND_SUM.search(title))
    ]
    if paid and all(_LIMIT_HEAD.search(titles[at]) for at in paid):
        cells = [row.cells for row in rows if len(row.cells) == len(titles)]
        ways = [at for at, title in enumerate(titles) if _WAY.search(title) and at not in paid]
        paid += [at for at in ways if cells and sum(_says_sum(row[at]) for row in cells) * 2 > len(cells)]
    return sorted(paid)


def _says_sum(cell: str) -> bool:
    return any(one.kind in (Kind.AMOUNT, Kind.RATE) and one.op is None for one in quantities(cell))


def _ceiling(columns: _Columns, cells: Sequence[str], prose: Sequence[int]) -> float | None:
    """The ceiling that a column of its own gives to the sentences of a row."""
    limits = [at for at in columns.paid if at not in prose and _LIMIT_HEAD.search(columns.titles[at])]
    values = _row_values([(columns.titles[at], cells[at]) for at in limits])
    return _float(values.cap) if values is not None else None


def _keys(titles: Sequence[str], first: int) -> list[int]:
    """The columns that name the beneficiary: those before the first that pays, but for numbers and titles of items."""
    keys = [at for at in range(first) if not _ORDER.search(titles[at])]
    named = [at for at in keys if not _ITEM.search(titles[at])]
    return named or keys


def _is_prose(cell: str) -> bool:
    """Whether a cell says more than one value, so that it has to be read as a sentence."""
    found = [q for q in quantities(cell) if q.kind in (Kind.AMOUNT, Kind.RATE)]
    if len(found) == 1 and _STATES.search(shape_of(cell)):
        return True
    return len(found) > 1 or (len(found) == 1 and len(cell) - (found[0].end - found[0].start) > _LONGEST_REMARK)


def _cell_span(row: _Line, at: int) -> Span:
    start = row.start + sum(len(cell) + 1 for cell in row.text.split("\t")[:at])
    return Span(start, start + len(row.text.split("\t")[at]))


def _stating(rows: Sequence[_Line], width: int) -> list[int]:
    """Columns in which every cell says what is paid (按出口额的1%奖励), whatever their titles are."""
    cells = [row.cells for row in rows if len(row.cells) == width]
    columns = [at for at in range(1, width) if all(_STATES.search(shape_of(row[at])) for row in cells)]
    return columns if len(cells) > 1 and all(quantities(row[at]) for row in cells for at in columns) else []


def _named_lead(columns: _Columns, cells: Sequence[str], keys: Sequence[str], lead: Lead, at: int) -> Lead:
    """What the row and, where several columns pay, the title of column `at` give to a cell."""
    kinds = [STRONG_NOUN.search(shape_of(cell)) for cell in cells[: columns.paid[0]]]
    kind = next((match[0] for match in kinds if match), lead.kind)
    title = columns.titles[at]
    classed = len(columns.paid) > 1 and not _PAID_HEAD.search(title)
    topic = "，".join(key for key in (*keys, title if classed else "") if key)
    return Lead(kind, topic, None, None, _threshold([columns.titles[at] for at in columns.keys], keys))


def _row_benefits(
    clause: Clause, span: Span, columns: _Columns, cells: Sequence[str], keys: Sequence[str], lead: Lead
) -> Iterator[Benefit]:
    """One benefit for a row, or one for each column where several columns pay an amount of their own."""
    capped = any(_value_and_ceiling(cells[at]) for at in columns.paid)
    # 每平方米15元,最高6万元 beside 单户年度上限: the ceiling of the cell is the benefit's, the other one a condition.
    of_all = [at for at in columns.paid if capped and _LIMIT_HEAD.search(columns.titles[at])]
    paid = [(columns.titles[at], cells[at]) for at in columns.paid if at not in of_all]
    values = _row_values(paid)
    sets = [(paid, values)] if values else [([cell], _row_values([cell])) for cell in paid]
    titles = [columns.titles[at] for at in columns.keys]
    shown = {*columns.paid, *columns.keys} - {*of_all}
    rest = [f"{t}：{c}" for at, (t, c) in enumerate(zip(columns.titles, cells, strict=True)) if at not in shown and c]
    rest = [cell for cell in rest if not _ORDER.match(cell)]
    for part, value in sets:
        if value is None:
            continue
        head = "".join(title for title, _ in part)
        notes = [*rest, head] if len(sets) > 1 else rest
        benefit = _benefit(clause, span, lead, titles, keys, value)
        yield replace(_with_rest(benefit, _kind(head, lead), notes), base=_base(head, part, value))


def _base(head: str, part: Sequence[tuple[str, str]], value: _Values) -> str | None:
    """What is paid for once, or what a share is of, by the title or the cell itself."""
    unit, each = _UNIT.search(head), _EACH_HEAD.match(head)
    if unit and unit["per"]:
        return f"每{unit['per']}"
    if each and value.amount is not None:
        return each["each"]
    cells = [cell for title, cell in part if not _LIMIT_HEAD.search(title)]
    if value.amount is not None and (one := next(filter(None, map(_EACH_CELL.match, cells)), None)):
        return one["each"]
    if value.rate is not None and (one := next(filter(None, map(_BASE_CELL.match, cells)), None)):
        return one["base"]
    return None


def _row_values(cells: Sequence[tuple[str, str]]) -> _Values | None:
    """Amount, share and ceiling of one row; None where one of them comes twice or none comes."""
    amount = rate = cap = None
    read = [(title, value) for title, cell in cells for value in _cell_values(cell, title)]
    for title, value in read:
        limited = bool(_LIMIT_HEAD.search(title)) or value.op is Comparison.AT_MOST
        if value.kind is Kind.RATE and rate is None:
            rate = value.value
        elif value.kind is Kind.AMOUNT and (limited or value.upper is not None) and cap is None:
            cap = value.upper or value.value
        elif value.kind is Kind.AMOUNT and not limited and amount is None:
            amount = value.value
        else:
            return None
    return None if amount is None and rate is None and cap is None else _Values(amount, rate, cap)


def _cell_values(cell: str, title: str) -> list[Quantity]:
    """The value of a cell, with the ceiling behind it if there is one; [] where it says more."""
    unit = _UNIT.search(title)
    text = f"{cell}{unit['unit']}" if unit and _NUMBER.fullmatch(cell) else cell
    found = [q for q in quantities(text) if q.kind in (Kind.AMOUNT, Kind.RATE)]
    return found if len(found) == 1 else _value_and_ceiling(cell)


def _value_and_ceiling(cell: str) -> list[Quantity]:
    """每平方米15元,最高80万元 as a value and its ceiling; [] for what says more or says it in a sentence."""
    parts = re.split("[,，;；。]", cell.rstrip("。；;"))
    if len(parts) != _PAIR or _STATES.search(shape_of(cell)):
        return []
    values = [[q for q in quantities(part) if q.kind in (Kind.AMOUNT, Kind.RATE)] for part in parts]
    if any(len(one) != 1 for one in values) or not _LIMIT_HEAD.search(parts[1]) or _LIMIT_HEAD.search(parts[0]):
        return []
    (value,), (ceiling,) = values
    if ceiling.kind is not Kind.AMOUNT or value.op is not None:
        return []
    return [value, replace(ceiling, op=Comparison.AT_MOST)]


def _kind(title: str, lead: Lead) -> str:
    noun = STRONG_NOUN.search(title)
    return noun[0] if noun else lead.kind or "奖励"


def _benefit(
    clause: Clause, span: Span, lead: Lead, titles: Sequence[str], keys: Sequence[str], values: _Values
) -> Benefit:
    own = "，".join(key for key in keys if key)
    name = f"{lead.topic}（{own}）" if lead.topic and own else own or lead.topic or clause.heading or ""
    return Benefit(
        path=clause.path,
        beneficiary=name,
        kind="",
        quote=clause.text[span.start : span.end],
        amount=_float(values.amount),
        rate=_float(values.rate),
        cap=_float(values.cap),
        threshold=_threshold(titles, keys),
    )


def _with_rest(benefit: Benefit, kind: str, rest: Sequence[str]) -> Benefit:
    """`benefit` with its kind and the cells that pay nothing as conditions."""
    period = PERIOD.search("；".join(rest))
    return replace(benefit, kind=kind, condition="；".join(rest) or None, period=period[0] if period else None)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _threshold(titles: Sequence[str], keys: Sequence[str]) -> dict[str, object] | None:
    """A key that is a bound (1亿元以上) under its column's title."""
    for title, key in zip(titles, keys, strict=False):
        for quantity in quantities(key):
            if quantity.op is not None or quantity.upper is not None:
                op = quantity.op or Comparison.AT_LEAST
                return {
                    "metric": metric_of(key[: quantity.start]) or _UNIT.sub("", title),
                    "op": op.value,
                    "value": float(quantity.value),
                }
    return None


def _squashed(clause: Clause, head: _Line, rows: Sequence[_Line], lead: Lead) -> Table | None:
    """Rows whose cells lost their separators: a name, then numbers; the first number is the amount."""
    title = shape_of(head.text)
    unit = _UNIT.search(title)
    if unit is None or unit["unit"] == "%" or len(_UNIT.findall(title)) != 1 or re.search(r"\d", title):
        return None
    matches = [_BARE_ROW.fullmatch(shape_of(row.text)) for row in rows]
    counts = {len(match["numbers"].split()) for match in matches if match}
    if not all(matches) or len(counts) != 1 or (counts != {1} and not title[unit.end() :]):
        return None
    found = []
    for row, match in zip(rows, matches, strict=True):
        if match is not None:
            [value] = quantities(f"{match['numbers'].split()[0]}{unit['unit']}")
            benefit = _benefit(clause, Span(head.start, row.end), lead, [], [match["name"]], _Values(value.value))
            found.append(_with_rest(benefit, _kind(title, lead), []))
    return Table(Span(head.start, rows[-1].end), found)
