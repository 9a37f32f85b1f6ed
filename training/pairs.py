"""An office's own questions: a workbook or a JSONL file of questions, each with the clause that answers it.

The clause is written as people cite it (《某办法》第十二条, or 某办法 三、(一)), or pasted from the policy's text.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.sheet import open_sheet
from index.chunk import chunk_policy
from index.errors import SourceFileError
from index.models import Clause, Edition, Policy, PolicyId
from index.parts import Parts
from rag.references import find_references, policies_named, resolve
from training.mine import alike

logger = logging.getLogger(__name__)

QUESTION_HEADS = ("问题", "question")
CLAUSE_HEADS = ("条款", "clause")
SHOWN_PROBLEMS = 10
ALIKE = 0.5
"""Share of common character pairs from which a pasted text is taken for the clause."""
_PASTED = 12
"""Shortest text that is looked for inside clauses."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a clause as it is embedded."""

    policy: PolicyId
    path: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, and the positions of the passages that answer it."""

    question: str
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """The policies of an office, cut into passages."""

    policies: Mapping[PolicyId, Policy]
    passages: tuple[Passage, ...]

    @classmethod
    def from_files(cls, sources: Sequence[Path]) -> Library:
        """Read policies from files and folders; files that cannot be read are logged and left out.

        Raises:
            ValueError: a path does not exist, or there is no policy in any of them.
        """
        parts = Parts.installed()
        policies = {policy.id: policy for policy in parts.merge(list(_editions(parts, sources)))}
        passages = [
            Passage(policy.id, chunk.path, policy.facts.title, chunk.text)
            for policy in policies.values()
            for chunk in chunk_policy(policy)
        ]
        if not passages:
            raise ValueError(f"“{'、'.join(map(str, sources))}”里没有政策文件。")
        return cls(policies, tuple(passages))

    def find(self, clause: str) -> tuple[int, ...]:
        """Positions of the passages of the clause that `clause` cites or repeats; empty where there is none."""
        keys = set(self._cited(clause)) or set(self._repeated(clause))
        return tuple(at for at, one in enumerate(self.passages) if (one.policy, one.path) in keys)

    def _cited(self, clause: str) -> Iterator[tuple[PolicyId, str]]:
        facts = {name: policy.facts for name, policy in self.policies.items()}
        named = policies_named(find_references(clause), facts)
        for reference in named.clauses:
            scope = named.scope(reference)
            for name in facts if scope is None and len(facts) == 1 else scope or ():
                found = [hit.clause.path for hit in resolve(reference, self.policies[name].best.clauses)]
                for path in found:
                    yield from ((name, one.path) for one in _with_items(path, self.policies[name].best.clauses))

    def _repeated(self, clause: str) -> Iterator[tuple[PolicyId, str]]:
        asked = _letters(clause)
        if len(asked) < _PASTED:
            return
        best: tuple[float, tuple[PolicyId, str] | None] = (ALIKE, None)
        for name, policy in self.policies.items():
            for one in policy.best.clauses:
                text = _letters(one.text)
                if text and (asked in text or (text in asked and len(text) >= _PASTED)):
                    yield name, one.path
                elif (score := alike(asked, text)) > best[0]:
                    best = (score, (name, one.path))
        if best[1] is not None:
            yield best[1]


def _editions(parts: Parts, sources: Sequence[Path]) -> Iterator[Edition]:
    for path in parts.discover(list(sources)):
        try:
            yield parts.parse(parts.read(path))
        except SourceFileError as error:
            logger.warning("跳过:%s", error)


def read_pairs(path: Path, library: Library) -> list[Pair]:
    """The pairs of a workbook (columns 问题 and 条款) or a JSONL file (`question` and `clause`).

    Raises:
        ValueError: the file cannot be read, or rows lack something or name clauses that are not there; the message
            names the rows.
    """
    written = list(_workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _lines(path))
    pairs, problems = [], []
    for row, question, clause in written:
        right = library.find(clause)
        if not question or not clause:
            problems.append(f"第 {row} 行缺少{'问题' if not question else '条款'}")
        elif not right:
            problems.append(f"第 {row} 行的条款在政策里找不到:{clause[:30]}")
        else:
            pairs.append(Pair(question, right))
    if problems:
        more = f";另有 {len(problems) - SHOWN_PROBLEMS} 行" if len(problems) > SHOWN_PROBLEMS else ""
        raise ValueError(
            f"“{path.name}”有 {len(problems)} 行要改:{';'.join(problems[:SHOWN_PROBLEMS])}{more}。"
            "条款写成《文件名》加条款号,或粘贴条款原文。"
        )
    return pairs


def _workbook(path: Path) -> Iterator[tuple[int, str, str]]:
    """Number, question and clause of the rows of a workbook that hold anything."""
    sheet = open_sheet(path)
    rows = sheet.iter_rows(values_only=True)
    heads = ["".join(str(value or "").split()).lower() for value in next(rows, ())]
    columns = []
    for wanted in (QUESTION_HEADS, CLAUSE_HEADS):
        found = [at for at, head in enumerate(heads) if head in wanted]
        if len(found) != 1:
            raise ValueError(
                f"“{path.name}”第 1 行要有一个表头“{wanted[0]}”,现在是:{'、'.join(filter(None, heads)) or '空'}。"
            )
        columns.append(found[0])
    for number, values in enumerate(rows, start=2):
        question, clause = (str(values[at] or "").strip() for at in columns)
        if question or clause:
            yield number, question, clause


def _lines(path: Path) -> Iterator[tuple[int, str, str]]:
    if not path.is_file():
        raise ValueError(f"找不到文件“{path}”。")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"“{path.name}”不是 UTF-8 文本;表格请存成 .xlsx。") from None
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            fields = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"“{path.name}”第 {number} 行不是 JSON:{error.msg}。") from None
        if not isinstance(fields, dict):
            raise ValueError(f"“{path.name}”第 {number} 行不是 JSON 对象。")
        yield number, str(fields.get("question") or "").strip(), str(fields.get("clause") or "").strip()


def _with_items(path: str, clauses: Sequence[Clause]) -> Iterator[Clause]:
    """The clause at `path`, and its items."""
    return (one for one in clauses if one.path == path or one.path.startswith(f"{path}."))


def _letters(text: str) -> str:
    """`text` without what editions write differently: blanks and punctuation."""
    return re.sub(r"[\W_]+", "", text)
