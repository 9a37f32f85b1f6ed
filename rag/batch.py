"""Rows of a question file, checked as a whole before the first one is answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rag.understand import Turn, check

_HISTORY: TypeAdapter[list[tuple[str, str]]] = TypeAdapter(list[tuple[str, str]])
_FIELDS = frozenset(("id", "question", "history", "as_of"))


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a file; `as_of` None is today."""

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    as_of: date | None = None


def read_rows(path: Path) -> list[Row]:
    """Rows of a JSON-lines file `{"id", "question", "history": [[user, assistant], …], "as_of"}`.

    Only `question` is needed; a row without id gets its line's number. Blank lines are skipped.

    Raises:
        ValueError: the file is missing or a row is wrong; the message names the line.
    """
    lines = _read_text(path).split("\n")
    return [_row(line, number, path.name) for number, line in enumerate(lines, start=1) if line.strip()]


def read_history(path: Path) -> tuple[Turn, ...]:
    """A conversation from a JSON file `[[user, assistant], …]`.

    Raises:
        ValueError: the file is missing or holds something else.
    """
    try:
        return _history(json.loads(_read_text(path)))
    except json.JSONDecodeError as error:
        raise ValueError(f"对话文件“{path.name}”不是 JSON(第 {error.lineno} 行)。") from None
    except _FormatError as error:
        raise ValueError(f"对话文件“{path.name}”:{error}") from None


def parse_day(text: str) -> date:
    """A day in the form YYYY-MM-DD.

    Raises:
        ValueError: it is in another form, or no day of the calendar.
    """
    try:
        if len(text) == len("YYYY-MM-DD"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"日期“{text}”不正确,请写成 2026-01-31 的样子。")


class _FormatError(ValueError):
    """A value of a row has the wrong form; the message says which."""


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"文件“{path}”不存在。") from None
    except IsADirectoryError:
        raise ValueError(f"“{path}”是文件夹,不是文件。") from None
    except UnicodeDecodeError:
        raise ValueError(f"文件“{path.name}”不是 UTF-8 编码。") from None


def _row(line: str, number: int, name: str) -> Row:
    where = f"文件“{name}”第 {number} 行"
    try:
        return _checked(json.loads(line), default_id=str(number))
    except json.JSONDecodeError:
        raise ValueError(f"{where}不是 JSON。") from None
    except ValueError as error:
        raise ValueError(f"{where}:{error}") from None


def _checked(value: object, *, default_id: str) -> Row:
    if not isinstance(value, dict):
        raise _FormatError("应为一个对象,含 question 等字段。")
    unknown = sorted(map(str, set(value) - _FIELDS))
    if unknown:
        raise _FormatError(f"有不认识的字段 {'、'.join(unknown)}。")
    row_id, question, as_of = value.get("id"), value.get("question"), value.get("as_of")
    if row_id is not None and not isinstance(row_id, str | int):
        raise _FormatError("id 应为文字或整数。")
    if not isinstance(question, str):
        raise _FormatError("缺少 question,或它不是文字。")
    if as_of is not None and not isinstance(as_of, str):
        raise _FormatError("as_of 应为 YYYY-MM-DD 的日期。")
    check(question)
    return Row(
        id=default_id if row_id is None else str(row_id),
        question=question,
        history=_history(value.get("history")),
        as_of=None if as_of is None else parse_day(as_of),
    )


def _history(value: Sequence[Any] | None) -> tuple[Turn, ...]:
    try:
        return tuple(_HISTORY.validate_python(value or []))
    except ValidationError:
        raise _FormatError("history 应为 [[用户的话, 回答], …]。") from None
