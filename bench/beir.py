"""Reads retrieval benchmarks in the layout of BEIR: corpus and queries as JSON lines, relevance as a table.

corpus: `{"_id", "title", "text"}` a line, .jsonl or .jsonl.gz; queries: `{"_id", "text"}`; relevance: tab-separated
query-id, corpus-id, score with or without a header (or TREC's four columns). Documents of the same title and text are
one document: a method cannot tell them apart and is not asked to.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One document; ids of the files are not kept, so that no method can index them."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A benchmark.

    Attributes:
        questions: those with at least one relevant document, in the order of their file.
        relevant: for each question the rows of `documents` with their grades, above 0.
        absent: how many relevance judgements name a document that the corpus lacks; they cannot be found.
    """

    documents: tuple[Document, ...]
    questions: tuple[str, ...]
    relevant: tuple[Mapping[int, int], ...]
    absent: int


def read_collection(corpus: Path, queries: Path, qrels: Path, *, limit: int | None = None) -> Collection:
    """Read the three files; `limit` keeps the first questions.

    Raises:
        ValueError: a file is missing or not in the layout; the message names file and line.
    """
    documents, rows = _documents(corpus)
    grades = _qrels(qrels)
    questions: list[str] = []
    relevant: list[Mapping[int, int]] = []
    absent = 0
    seen: set[str] = set()
    for line, fields in read_objects(queries):
        query = _text(fields, "_id", queries, line)
        if query in seen:
            raise ValueError(f"文件“{queries.name}”第 {line} 行的编号 {query} 重复了。")
        seen.add(query)
        wanted = grades.get(query, {})
        if wanted and (limit is None or len(questions) < limit):
            known = {rows[document]: grade for document, grade in wanted.items() if document in rows}
            # Judgements of documents that are not there stay in the denominator, as rows that nothing has.
            missing = {-1 - at: 1 for at in range(sum(document not in rows for document in wanted))}
            questions.append(_text(fields, "text", queries, line))
            relevant.append({**known, **missing})
            absent += len(missing)
    if not questions:
        raise ValueError(f"“{qrels.name}”没有给“{queries.name}”中的任何问题标注相关文档,请检查编号是否对应。")
    return Collection(tuple(documents), tuple(questions), tuple(relevant), absent)


def _documents(path: Path) -> tuple[list[Document], dict[str, int]]:
    """Distinct documents, and the row of each id."""
    documents: dict[Document, int] = {}
    rows: dict[str, int] = {}
    for line, fields in read_objects(path):
        name = _text(fields, "_id", path, line)
        document = Document(str(fields.get("title") or ""), _text(fields, "text", path, line))
        row = documents.setdefault(document, len(documents))
        if rows.setdefault(name, row) != row:
            raise ValueError(f"文件“{path.name}”第 {line} 行:编号 {name} 已经用于另一篇文档。")
    if not documents:
        raise ValueError(f"文件“{path.name}”没有文档。")
    return list(documents), rows


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Grades above 0 by question id and document id."""
    grades: dict[str, dict[str, int]] = {}
    for line, text in _lines(path):
        cells = [cell.strip() for cell in text.split("\t")]
        if len(cells) == 1:
            cells = text.split()
        if len(cells) == 4:
            del cells[1]
        if len(cells) != 3:
            raise ValueError(
                f"文件“{path.name}”第 {line} 行有 {len(cells)} 列,应是用制表符分开的 query-id、corpus-id、score 三列。"
            )
        try:
            grade = int(float(cells[2]))
        except ValueError:
            if line == 1:
                continue
            raise ValueError(f"文件“{path.name}”第 {line} 行的 score 不是数字:{cells[2]}") from None
        if grade > 0:
            grades.setdefault(cells[0], {})[cells[1]] = grade
    return grades


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of every line that holds one, from .jsonl or .jsonl.gz.

    Raises:
        ValueError: the file is missing, or a line is no JSON object.
    """
    for line, text in _lines(path):
        try:
            fields = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"文件“{path.name}”第 {line} 行不是 JSON:{error.msg}。") from None
        if not isinstance(fields, dict):
            raise ValueError(f"文件“{path.name}”第 {line} 行不是 JSON 对象。")
        yield line, fields


def _text(fields: Mapping[str, Any], name: str, path: Path, line: int) -> str:
    value = fields.get(name)
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ValueError(f"文件“{path.name}”第 {line} 行没有“{name}”字段。")
    return str(value)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with something on them, counted from 1."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as stream:
            for line, text in enumerate(stream, start=1):
                if text.strip():
                    yield line, text.rstrip("\r\n")
    except FileNotFoundError:
        raise ValueError(f"找不到文件“{path}”。") from None
    except IsADirectoryError:
        raise ValueError(f"“{path}”是文件夹,应是文件。") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise ValueError(f"文件“{path.name}”不是完整的 gzip 文件。") from None
    except UnicodeDecodeError:
        raise ValueError(f"文件“{path.name}”不是 UTF-8 文本。") from None
