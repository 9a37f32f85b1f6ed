"""A subject of evaluation without model or index, and short ways to write rows, answers and runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eval.metrics.outcome import Outcome
from eval.rows import Row, title_matches
from eval.runs import Calculated, Cited, CitedPolicy, ClauseText, Given, Record, Run, Warned

TITLE = "关于支持示例产业发展的若干意见"
OTHER = "示例园区建设方案(2019-2022年)"
TITLES = {"p1": TITLE, "p2": OTHER}
DAY = date(2026, 11, 21)

CLAUSES = (
    ClauseText("p1", TITLE, None, "1", "一、", "国家级中心资助1亿元;省级中心资助1500万元。"),
    ClauseText("p1", TITLE, None, "2", "二、", "按项目投入资助15%,最高300万元。"),
    ClauseText("p1", TITLE, None, "tail", "附则", "本意见自2019年1月1日起施行,有效期至2021年12月31日。"),
    ClauseText("p2", OTHER, None, "1", "一、", "到2022年建成园区8个。"),
)
TEXTS = {(clause.title, clause.doc_number, clause.path): clause.text for clause in CLAUSES}


def row(row_id: str = "q1", **fields: Any) -> Row:
    return Row(
        **{"id": row_id, "category": "amount", "question": "国家级中心资助多少?", "status": "answered", **fields}
    )


def cite(path: str, quote: str | None = None, *, title: str = TITLE, marker: str = "[1]") -> Cited:
    clause = next(clause for clause in CLAUSES if (clause.title, clause.path) == (title, path))
    return Cited(marker, CitedPolicy(title, None), path, clause.label, clause.text if quote is None else quote)


def given(
    text: str,
    *citations: Cited,
    status: str = "answered",
    warn: Sequence[str] = (),
    calculations: Sequence[tuple[str, str]] = (),
) -> Given:
    warnings = tuple(Warned(code, f"提示:{code}") for code in warn)
    return Given(status, text, citations, warnings, tuple(Calculated(*made) for made in calculations), (), "composed")


def refusal(text: str = "没有收录,不能回答。") -> Given:
    return given(text, status="refused")


def outcome(of: Row, answer: Given | None, ranking: Sequence[tuple[str, str]] = ()) -> Outcome:
    record = Record(of.id, answer, None if answer is not None else "出错", tuple(ranking))
    return Outcome(of, record, TITLES, TEXTS, 12.0)


def run_of(*pairs: tuple[Row, Given | None], name: str = "run", info: Mapping[str, Any] | None = None) -> Run:
    """A complete run; every expected clause is ranked first."""
    records = {}
    for of, answer in pairs:
        ranking = tuple((key, path) for fragment, path in of.clauses for key in TITLES if fragment in TITLES[key])
        records[of.id] = Record(of.id, answer, None if answer is not None else "ValueError:出错", ranking)
    rows = tuple(of for of, _ in pairs)
    about = {"set": {"name": "set.jsonl", "rows": len(rows), "sha256": "0"}, "as_of": "2026-11-21", **VERSIONS}
    return Run(name, {**about, **(info or {})}, rows, records, dict.fromkeys(records, 20.0), CLAUSES)


VERSIONS: dict[str, Any] = {
    "settings": {"embedding_model": "fake"},
    "embedding": {"name": "fake", "revision": "1"},
    "corpus": "c1",
    "index": {"format": 1, "counts": {"policies": 2, "clauses": 4}},
    "prompts": "p",
    "code": "1",
    "commit": None,
    "policies": [{"id": key, "title": title, "doc_number": None} for key, title in TITLES.items()],
}


@dataclass
class FakeSubject:
    """Answers from a table, by question; a value that is an exception is raised, a number is slept (s)."""

    answers: Mapping[str, Given | Exception | float] = field(default_factory=dict)
    rankings: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    code: str = "1"

    def __post_init__(self) -> None:
        self.asked: list[tuple[str, date]] = []
        self._lock = threading.Lock()

    def answer(self, question: str, history: Sequence[tuple[str, str]], as_of: date) -> tuple[Given, float]:
        with self._lock:
            self.asked.append((question, as_of))
        found = self.answers.get(question, refusal())
        if isinstance(found, Exception):
            raise found
        if isinstance(found, int | float):
            time.sleep(found)
            found = refusal("迟到的回答。")
        return found, 5.0

    def rank(self, question: str, history: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return self.rankings.get(question, ())

    def versions(self) -> dict[str, Any]:
        return {**VERSIONS, "code": self.code}

    def clauses(self, wanted: Iterable[tuple[str, str]]) -> tuple[ClauseText, ...]:
        pairs = set(wanted)
        return tuple(
            clause
            for clause in CLAUSES
            if any(path == clause.path and title_matches(fragment, clause.title) for fragment, path in pairs)
        )
