"""How a row's fields are written in the cells of a sheet, and read from what a person typed there.

Several entries stand one a line. Alternatives within a line are parted by “|” (or “｜”): “/” is no separator, because
it stands in figures (元/吨, 2026/1/31, 1/3). A “|”, line end or backslash inside an entry is written \\|, \\n, \\\\.
Blanks at the ends of lines and entries are dropped.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from eval.rows import Row

CATEGORY_NAMES = {
    "amount": "金额",
    "calculation": "计算",
    "eligibility": "资格条件",
    "validity": "时效",
    "target": "目标指标",
    "list": "列举",
    "follow-up": "追问",
    "robustness": "错字口语",
    "silent": "文件未写",
    "refuse": "应拒答",
    "injection": "诱导指令",
}
STATUS_NAMES = {"answered": "回答", "partial": "部分回答", "refused": "拒答"}
WARNING_NAMES = {
    "expired": "已失效",
    "period_ended": "规划期已满",
    "not_yet_effective": "尚未施行",
    "validity_unknown": "效力未载明",
    "draft": "征求意见稿",
    "figure_rejected": "数字核对不上",
    "model_unavailable": "语言模型没有回答",
    "digest_edition": "摘编本",
}

COLUMNS = {
    "id": "编号",
    "category": "类别",
    "question": "问题",
    "history": "之前的对话",
    "as_of": "提问日期",
    "status": "应有结果",
    "facts": "必须出现",
    "forbid": "不得出现",
    "clauses": "应引条款",
    "warn": "应有提示",
}
"""Field and column heading, in the order of the sheet."""

_SEPARATORS = "|｜"
_ESCAPED = re.compile(r"\\([\\|｜n])")
_PIECE = re.compile(r"(?:\\.|[^|｜\\]|\\$)+", re.DOTALL)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SPEAKER = re.compile(r"(问|答)\s*[:：]\s*(.*)", re.DOTALL)
_LISTED = re.compile(r"[、,，;；|｜\n]")
_DISPLAYED_WORDS = re.compile(r"\"[^\"]*[^\W\d_][^\"]*\"|[\u4e00-\u9fff]")


class CellError(ValueError):
    """A cell cannot be read; the message is a Chinese clause that says why."""


def to_cells(row: Row) -> dict[str, str | date | None]:
    """Cell contents by field; what `to_row` reads back."""
    return {
        "id": row.id,
        "category": CATEGORY_NAMES[row.category],
        "question": row.question.strip(),
        "history": "\n".join(f"问:{_line(asked)}\n答:{_line(said)}" for asked, said in row.history),
        "as_of": row.as_of,
        "status": STATUS_NAMES[row.status],
        "facts": "\n".join(" | ".join(map(_escape, group)) for group in row.facts),
        "forbid": "\n".join(map(_line, row.forbid)),
        "clauses": "\n".join(" | ".join(map(_escape, clause)) for clause in row.clauses),
        "warn": "、".join(WARNING_NAMES[code] for code in row.warn),
    }


def read_field(field: str, text: str) -> object:
    """The JSON value of a field from the text of its cell.

    Raises:
        CellError: it cannot be read as that field.
    """
    match field:
        case "category":
            return _code(text, CATEGORY_NAMES)
        case "status":
            return _code(text, STATUS_NAMES)
        case "warn":
            return list(dict.fromkeys(_code(name, WARNING_NAMES) for name in _LISTED.split(text) if name.strip()))
        case "as_of":
            return _day(text)
        case "history":
            return _turns(text)
        case "facts":
            return [_pieces(line) for line in _lines(text)]
        case "forbid":
            return [_unescape(line) for line in _lines(text)]
        case "clauses":
            return [_clause(line) for line in _lines(text)]
        case _:
            return text


def cell_text(value: object, number_format: str) -> str:
    """What a person sees in a cell, as text: 15% for 0.15 shown as a percentage, a day as 2026-01-31.

    Raises:
        CellError: the value is of a kind that has no plain text (a time, true/false, a unit that is only displayed).
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if isinstance(value, datetime):
        if value.time() != time():
            raise CellError("是带钟点的时间,请只写日期")
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CellError("不是文字、数字或日期,请改成文字")
    return _number_text(value, number_format)


def _number_text(value: float, number_format: str) -> str:
    if _DISPLAYED_WORDS.search(number_format):
        raise CellError("是数字,单位只是显示格式,程序读不到;请改成带单位的文字")
    if "%" in number_format:
        return f"{round(value * 100, 10):.15g}%"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _code(text: str, names: dict[str, str]) -> str:
    wanted = text.strip()
    for code, name in names.items():
        if wanted in (code, name):
            return code
    raise CellError(f"写的是“{wanted}”,只能是 {'、'.join(names.values())} 之一")


def _day(text: str) -> str:
    match = _DAY.fullmatch(text)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        pass
    raise CellError(f"写的是“{text}”,不是日期;请写成 2026-01-31 的样子")


def _turns(text: str) -> list[list[str]]:
    """Lines 问:… and 答:… in turn; a line without either goes on with the one before."""
    said: list[tuple[str, str]] = []
    for line in _lines(text):
        speaker = _SPEAKER.fullmatch(line)
        if speaker:
            said.append((speaker[1], _unescape(speaker[2])))
        elif said:
            said[-1] = (said[-1][0], f"{said[-1][1]}\n{_unescape(line)}")
        else:
            raise CellError("要以“问:”开头,下一行写“答:”")
    if len(said) % 2 or any(who != "问答"[at % 2] for at, (who, _) in enumerate(said)):
        raise CellError("“问:”和“答:”要一行隔一行、成对出现")
    if not all(words for _, words in said):
        raise CellError("“问:”或“答:”后面是空的")
    return [[asked[1], answered[1]] for asked, answered in zip(said[::2], said[1::2], strict=True)]


def _clause(line: str) -> list[str]:
    pieces = _pieces(line)
    if len(pieces) != 2:
        raise CellError(f"“{line}”应写成“文件标题中的一段 | 条款路径”,例如“促进办法 | 4.13”")
    return pieces


def _pieces(line: str) -> list[str]:
    pieces = [_unescape(piece.strip()) for piece in _PIECE.findall(line)]
    kept = [piece for piece in pieces if piece]
    if not kept:
        raise CellError(f"“{line}”里只有分隔符")
    return kept


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _escape(text: str) -> str:
    return re.sub(rf"([{_SEPARATORS}])", r"\\\1", _line(text))


def _line(text: str) -> str:
    """One entry on one line."""
    return text.strip().replace("\\", "\\\\").replace("\n", "\\n")


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)
