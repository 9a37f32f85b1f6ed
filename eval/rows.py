"""Rows of a question set (评测集): the type, its JSON form, and the loader.

A set is a JSON-lines file, one object a line:
`{"id", "category", "question", "history": [[user, assistant], …], "as_of", "status", "facts": [[spelling, …], …],
"forbid": [figure or words, …], "clauses": [[policy title fragment, path], …], "warn": [code, …]}`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.clean.characters import simplify

CATEGORIES = (
    "amount",
    "calculation",
    "eligibility",
    "validity",
    "target",
    "list",
    "follow-up",
    "robustness",
    "silent",
    "refuse",
    "injection",
)
"""What a row tests, in the order of reports."""

STATUSES = ("answered", "partial", "refused")

WARNING_CODES = (
    "expired",
    "period_ended",
    "not_yet_effective",
    "validity_unknown",
    "draft",
    "figure_rejected",
    "model_unavailable",
    "digest_edition",
)

FIELDS = ("id", "category", "question", "history", "as_of", "status", "facts", "forbid", "clauses", "warn")
_NEEDED = ("id", "category", "question", "status")


@dataclass(frozen=True, slots=True)
class Row:
    """One question with what a right answer has.

    Attributes:
        id: unique in its set.
        category: one of `CATEGORIES`.
        history: the conversation before, oldest first, as (user, assistant).
        as_of: the day the question is asked; None is today.
        status: the answer's status, one of `STATUSES`.
        facts: groups of spellings; of every group at least one must occur. Figures count by value.
        forbid: figures or words that the answer must not assert.
        clauses: (title fragment, clause path) pairs that must be cited, each of them; where the status is
            "partial", one of them is enough, since more than one clause can be the nearest.
        warn: warning codes that must be present; others may be.
    """

    id: str
    category: str
    question: str
    status: str
    history: tuple[tuple[str, str], ...] = ()
    as_of: date | None = None
    facts: tuple[tuple[str, ...], ...] = ()
    forbid: tuple[str, ...] = ()
    clauses: tuple[tuple[str, str], ...] = ()
    warn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a set: its row, or the mistake that keeps it from being one."""

    number: int
    row: Row | None
    mistake: str = ""


def load_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a set, in order; blank lines are skipped.

    Raises:
        ValueError: the file is missing, or a line is wrong, or an id stands twice; the message names file, line
            and mistake.
    """
    rows: dict[str, Row] = {}
    for line in read_lines(path):
        where = f"评测集“{path.name}”第 {line.number} 行"
        if line.row is None:
            raise ValueError(f"{where}:{line.mistake}")
        if line.row.id in rows:
            raise ValueError(f"{where}:编号 {line.row.id} 重复。")
        rows[line.row.id] = line.row
    if not rows:
        raise ValueError(f"评测集“{path.name}”里没有题目。")
    return tuple(rows.values())


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of a set that is not blank, right or wrong.

    Raises:
        ValueError: the file is missing or not UTF-8.
    """
    for number, text in enumerate(_read_text(path).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            yield Line(number, row_from_object(json.loads(text)))
        except json.JSONDecodeError as error:
            yield Line(number, None, f"不是 JSON(第 {error.colno} 个字符处)。")
        except ValueError as error:
            yield Line(number, None, str(error))


def save_rows(rows: tuple[Row, ...], path: Path) -> None:
    """Write a set, one object a line; what `load_rows` gives back."""
    lines = [json.dumps(row_to_object(row), ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def row_to_object(row: Row) -> dict[str, Any]:
    """The row in its JSON form, with every field."""
    return {
        "id": row.id,
        "category": row.category,
        "question": row.question,
        "history": [list(turn) for turn in row.history],
        "as_of": None if row.as_of is None else row.as_of.isoformat(),
        "status": row.status,
        "facts": [list(group) for group in row.facts],
        "forbid": list(row.forbid),
        "clauses": [list(clause) for clause in row.clauses],
        "warn": list(row.warn),
    }


def row_from_object(value: object) -> Row:
    """A row from its JSON form.

    Raises:
        ValueError: a field is missing, unknown or of the wrong form; the message is a Chinese sentence.
    """
    if not isinstance(value, Mapping):
        raise ValueError("应为一个对象,含 id、category、question、status 等字段。")
    unknown = [str(name) for name in value if name not in FIELDS]
    if unknown:
        raise ValueError(f"有不认识的字段 {'、'.join(unknown)}。")
    for name in _NEEDED:
        if not isinstance(value.get(name), str) or not value[name].strip():
            raise ValueError(f"{name} 缺失、为空或不是文字。")
    return Row(
        id=value["id"],
        category=_one_of(value["category"], CATEGORIES, "category"),
        question=value["question"],
        status=_one_of(value["status"], STATUSES, "status"),
        history=_pairs(value.get("history"), "history", "[用户的话, 回答]"),
        as_of=_day(value.get("as_of")),
        facts=_groups(value.get("facts")),
        forbid=_texts(value.get("forbid"), "forbid"),
        clauses=_pairs(value.get("clauses"), "clauses", "[文件标题片段, 条款路径]"),
        warn=tuple(_one_of(code, WARNING_CODES, "warn") for code in _texts(value.get("warn"), "warn")),
    )


def title_matches(fragment: str, title: str) -> bool:
    """Whether a policy's title contains `fragment`; blanks, width and traditional characters make no difference."""
    return _folded(fragment) in _folded(title)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", simplify(text)).split()).replace("—", "-")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"评测集“{path}”不存在。") from None
    except IsADirectoryError:
        raise ValueError(f"“{path}”是文件夹,不是评测集文件。") from None
    except UnicodeDecodeError:
        raise ValueError(f"评测集“{path.name}”不是 UTF-8 编码。") from None


def _one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    if value not in allowed:
        raise ValueError(f"{name} 是“{value}”,只能是 {'、'.join(allowed)} 之一。")
    return value


def _day(value: object) -> date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"as_of 是“{value}”,应写成 2026-01-31 的样子。")


def _texts(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ValueError(f"{name} 应为文字的列表,不能有空的一项。")
    return tuple(value)


def _groups(value: object) -> tuple[tuple[str, ...], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(group, list) and group for group in value):
        raise ValueError("facts 应为列表的列表:每一组是同一事实的几种写法,不能有空组。")
    return tuple(_texts(group, "facts 的每一组") for group in value)


def _pairs(value: object, name: str, form: str) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError(f"{name} 应为 [{form}, …]。")
    pairs = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) and text for text in pair):
            raise ValueError(f"{name} 的每一项应为 {form},两个都是文字。")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)
