"""Facts of a policy that a person has put right, kept in a file beside the source file.

`通知.pdf.facts.yaml` beside `通知.pdf` holds what was read wrong, in the words of front matter (docs/corpus.md), and
wins over what the document says. The source file stays as it was received; the digest that tells whether it has changed
covers both files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from index.errors import SourceFileError
from index.models import EditionKind, Level, PolicyFacts

SUFFIX = ".facts.yaml"

NAMES: Mapping[str, str] = {
    "title": "标题",
    "doc_number": "文号",
    "issuers": "发文机关",
    "level": "层级",
    "region": "地区",
    "issued_on": "印发日期",
    "effective_on": "施行日期",
    "expires_on": "有效期至",
    "repealed_on": "废止日期",
    "period": "规划期",
    "draft": "征求意见稿",
    "edition": "版本",
}
"""Facts that can be stated, with their Chinese names."""

_LONGEST = 300
_YEARS = range(1900, 2200)


def corrections_path(source: Path) -> Path:
    """Where the corrections of `source` lie, whether there are any or not."""
    return source.with_name(f"{source.name}{SUFFIX}")


def corrections_bytes(source: Path) -> bytes:
    """Content of the corrections file of `source`, empty where there is none.

    Raises:
        SourceFileError: it is there and cannot be read.
    """
    path = corrections_path(source)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise SourceFileError(path.name, "无法读取", f"请检查文件的权限({error.strerror})。") from error


def content_digest(source_digest: str, corrections: bytes) -> str:
    """Digest of a source file (hex) together with its corrections; its own where there are none."""
    if not corrections:
        return source_digest
    return hashlib.sha256(bytes.fromhex(source_digest) + corrections).hexdigest()


def write_corrections(source: Path, values: Mapping[str, Any]) -> None:
    """Keep `values` as the corrections of `source`; without values, take the file away.

    Raises:
        ValueError: a value is not of the form its fact has.
    """
    import yaml

    path = corrections_path(source)
    if not values:
        path.unlink(missing_ok=True)
        return
    plain = {name: _plain(value) for name, value in checked_facts(values).items()}
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    partial.replace(path)


def with_facts(facts: PolicyFacts, kind: EditionKind, stated: Mapping[str, Any]) -> tuple[PolicyFacts, EditionKind]:
    """`facts` and `kind` with what is stated (as `checked_facts` gives it) in their place."""
    known = {name: value for name, value in stated.items() if name != "edition"}
    return replace(facts, **known), stated.get("edition") or kind


def checked_facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """The facts among `values` in the types of `PolicyFacts`, and `edition`; other keys are left out.

    Raises:
        ValueError: a value is not of the form its fact has; the message is a Chinese sentence.
    """
    return {name: _READERS[name](values[name], title) for name, title in NAMES.items() if name in values}


def _text(value: object, title: str) -> str | None:
    # YAML reads a bare number or date as one.
    if value is not None and not isinstance(value, str | int | float | date):
        raise ValueError(f"“{title}”应为文字。")
    text = " ".join(str(value).split()) if value is not None else ""
    if len(text) > _LONGEST:
        raise ValueError(f"“{title}”太长,最多 {_LONGEST} 字。")
    return text or None


def _title(value: object, title: str) -> str:
    text = _text(value, title)
    if text is None:
        raise ValueError(f"“{title}”不能为空。")
    return text


def _texts(value: object, title: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ValueError(f"“{title}”应为名称的列表。")
    return tuple(_title(item, title) for item in value)


def _day(value: object, title: str) -> date | None:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise _wrong_day(value, title) from None
    if value is None or (isinstance(value, date) and value.year in _YEARS):
        return value
    raise _wrong_day(value, title)


def _wrong_day(value: object, title: str) -> ValueError:
    return ValueError(f"“{title}”是“{value}”,应写成 2026-01-31 的样子。")


def _period(value: object, title: str) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, list | tuple) and len(value) == 2 and all(str(year).isdecimal() for year in value):
        first, last = (int(year) for year in value)
        if first in _YEARS and last in _YEARS and first <= last:
            return first, last
    raise ValueError(f"“{title}”应为起止两个年份,如 [2021, 2025]。")


def _flag(value: object, title: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"“{title}”应为 true 或 false。")
    return value


def _level(value: object, title: str) -> Level | None:
    if value is None or value in [level.value for level in Level]:
        return Level(value) if value is not None else None
    raise ValueError(f"“{title}”是“{value}”,只能是 {'、'.join(level.value for level in Level)} 之一。")


def _edition(value: object, title: str) -> EditionKind | None:
    if value is None or value in [kind.value for kind in EditionKind]:
        return EditionKind(value) if value is not None else None
    raise ValueError(f"“{title}”是“{value}”,只能是 {'、'.join(kind.value for kind in EditionKind)} 之一。")


_READERS: Mapping[str, Callable[[object, str], Any]] = {
    "title": _title,
    "doc_number": _text,
    "issuers": _texts,
    "level": _level,
    "region": _text,
    "issued_on": _day,
    "effective_on": _day,
    "expires_on": _day,
    "repealed_on": _day,
    "period": _period,
    "draft": _flag,
    "edition": _edition,
}


def _plain(value: object) -> object:
    """A checked value as YAML writes it."""
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, Level | EditionKind) else value
