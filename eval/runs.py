"""A run folder: what was asked, what came back, and with which versions; the files and their types.

| file | content |
| --- | --- |
| `run.json` | the day, the models and the versions of corpus, index, prompts and code |
| `rows.jsonl` | the questions of the run, as they were asked |
| `answers.jsonl` | one `Record` a line, in the order of the questions once the run is complete |
| `clauses.json` | the clauses that were cited or expected, as the index has them |
| `metrics.json` | every metric with its interval, overall and by category |
| `TIMED_FILES` | everything that holds a time, and so differs between two equal runs |
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from eval.rows import Row, load_rows

RUN_FILE, ROWS_FILE, ANSWERS_FILE = "run.json", "rows.jsonl", "answers.jsonl"
CLAUSES_FILE, METRICS_FILE = "clauses.json", "metrics.json"
TIMES_FILE, HTML_FILE, MARKDOWN_FILE = "times.jsonl", "report.html", "report.md"
TIMED_FILES = (TIMES_FILE, HTML_FILE, MARKDOWN_FILE)

ClauseKey = tuple[str, str]
"""Policy id and clause path."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CitedPolicy:
    """The policy of a citation."""

    title: str
    doc_number: str | None


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation of an answer."""

    marker: str
    policy: CitedPolicy
    path: str
    label: str
    quote: str


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning of an answer."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Calculated:
    """One calculation of an answer, as it is shown."""

    formula: str
    result: str


@dataclass(frozen=True, slots=True)
class Given:
    """The answer that came back: the fields of the stable JSON form, times and random ids left out."""

    status: str
    answer: str
    citations: tuple[Cited, ...] = ()
    warnings: tuple[Warned, ...] = ()
    calculations: tuple[Calculated, ...] = ()
    ask_back: tuple[str, ...] = ()
    mode: str = ""

    @classmethod
    def from_object(cls, value: Mapping[str, Any]) -> Given:
        """An answer from its JSON form.

        Raises:
            ValueError: a field is missing or of the wrong form.
        """
        return TypeAdapter(cls).validate_python(value)


@dataclass(frozen=True, slots=True)
class Record:
    """What one question gave.

    Attributes:
        id: of the row.
        answer: None where the question failed.
        failed: the reason, a Chinese sentence; None where there is an answer.
        ranking: retrieved clauses, best first.
    """

    id: str
    answer: Given | None
    failed: str | None = None
    ranking: tuple[ClauseKey, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A clause as the index has it."""

    policy_id: str
    title: str
    doc_number: str | None
    path: str
    label: str
    text: str

    @property
    def key(self) -> ClauseKey:
        """Policy and path."""
        return (self.policy_id, self.path)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is measured.

    Attributes:
        info: content of `run.json`.
        records: by row id; rows that were not asked yet have none.
        times: milliseconds from the question to the answer, by row id.
        clauses: cited or expected ones.
    """

    name: str
    info: Mapping[str, Any]
    rows: tuple[Row, ...]
    records: Mapping[str, Record]
    times: Mapping[str, float]
    clauses: tuple[ClauseText, ...]

    @property
    def complete(self) -> bool:
        """Whether every question has been asked."""
        return all(row.id in self.records for row in self.rows)


def read_run(folder: Path) -> Run:
    """The run in `folder`.

    Raises:
        ValueError: there is none, or a file is damaged; the message is for the user.
    """
    info = read_info(folder)
    rows = tuple(load_rows(folder / ROWS_FILE))
    records = {record.id: record for record in read_records(folder)}
    clauses = _validated(TypeAdapter(tuple[ClauseText, ...]), folder / CLAUSES_FILE)
    return Run(folder.name, info, rows, records, read_times(folder), clauses)


def read_info(folder: Path) -> dict[str, Any]:
    """Content of `run.json`.

    Raises:
        ValueError: `folder` holds no run.
    """
    if not (folder / RUN_FILE).is_file():
        raise ValueError(f"“{folder}”不是评测运行的文件夹(没有 {RUN_FILE})。")
    return _validated(TypeAdapter(dict[str, Any]), folder / RUN_FILE)


def read_records(folder: Path) -> list[Record]:
    """Records written so far; a last line that a kill has cut short is left out.

    Raises:
        ValueError: another line is damaged.
    """
    adapter = TypeAdapter(Record)
    records = []
    for number, line in enumerate(whole_lines(folder / ANSWERS_FILE), start=1):
        try:
            records.append(adapter.validate_json(line))
        except ValidationError:
            raise ValueError(f"“{folder / ANSWERS_FILE}”第 {number} 行已损坏,请重新运行评测。") from None
    return records


def read_times(folder: Path) -> dict[str, float]:
    """Milliseconds by row id; the last one counts where a question was asked again.

    Raises:
        ValueError: a line is damaged.
    """
    times: dict[str, float] = {}
    for number, line in enumerate(whole_lines(folder / TIMES_FILE), start=1):
        try:
            item = json.loads(line)
            times[str(item["id"])] = float(item["latency_ms"])
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"“{folder / TIMES_FILE}”第 {number} 行已损坏,请重新运行评测。") from None
    return times


def whole_lines(path: Path) -> list[bytes]:
    """Lines of a file that end in a line end; none where there is no file."""
    if not path.is_file():
        return []
    return [line for line in path.read_bytes().split(b"\n")[:-1] if line.strip()]


def append_line(path: Path, value: object) -> None:
    """Append `value` as one line of JSON that is on the disk when this returns."""
    with path.open("ab") as file:
        file.write(to_line(value))
        file.flush()
        os.fsync(file.fileno())


def to_line(value: object) -> bytes:
    """`value` (a dataclass or JSON value) as one line of JSON."""
    return TypeAdapter(type(value)).dump_json(value) + b"\n"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a kill leaves the old content or the new one."""
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    partial.replace(path)


def write_json(path: Path, value: object) -> None:
    """Write `value` (dataclasses allowed) as indented JSON, keys in their order."""
    plain = TypeAdapter(type(value)).dump_python(value, mode="json")
    write_whole(path, json.dumps(plain, ensure_ascii=False, indent=1) + "\n")


def write_lines(path: Path, values: Iterable[object]) -> None:
    """Write one line of JSON per value."""
    write_whole(path, b"".join(to_line(value) for value in values))


def in_row_order(rows: Sequence[Row], records: Mapping[str, Record]) -> list[Record]:
    """Records in the order of their questions."""
    return [records[row.id] for row in rows if row.id in records]


def _validated(adapter: TypeAdapter[T], path: Path) -> T:
    try:
        return adapter.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ValueError(
            f"“{path.parent}”中的运行还没有完成,请先用 `python -m eval run --resume {path.parent}` 继续。"
        ) from None
    except ValidationError:
        raise ValueError(f"“{path}”已损坏,请重新运行评测。") from None
