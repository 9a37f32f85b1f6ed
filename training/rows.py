"""Training rows: a question, the passage that answers it, passages that do not, and others that do as well.

Files are JSON lines of `{"question", "positive", "negatives": […], "also": […]}`; passages as they are embedded
(policy title in front), without prompts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One question with one passage that answers it.

    Attributes:
        negatives: candidates that are close and wrong; training draws some of them in every epoch.
        also: other right passages, never taken for wrong ones.
    """

    question: str
    positive: str
    negatives: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def read_rows(path: Path) -> list[Row]:
    """Rows of a file that `write_rows` wrote.

    Raises:
        ValueError: the file is missing or a line is not a row; the message names file and line.
    """
    if not path.is_file():
        raise ValueError(f"找不到训练数据文件“{path}”。")
    rows = []
    with path.open(encoding="utf-8") as stream:
        for line, text in enumerate(stream, start=1):
            try:
                rows.append(_row(json.loads(text)))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"文件“{path.name}”第 {line} 行不是训练数据:{error}") from None
    return rows


def _row(fields: dict[str, object]) -> Row:
    question, positive = fields["question"], fields["positive"]
    lists = [fields.get(name) or [] for name in ("negatives", "also")]
    if not isinstance(question, str) or not isinstance(positive, str) or not all(isinstance(x, list) for x in lists):
        raise ValueError("question 和 positive 应是文本,negatives 和 also 应是列表")
    negatives, also = (tuple(map(str, texts)) for texts in lists if isinstance(texts, list))
    return Row(question, positive, negatives, also)


def write_rows(rows: Iterable[Row], path: Path) -> int:
    """Write `rows` to `path`; returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def questions_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The different questions of `rows`, in order."""
    return tuple(dict.fromkeys(row.question for row in rows))
