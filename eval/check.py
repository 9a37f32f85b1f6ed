"""Mistakes in a question set, each with its line and a Chinese sentence that says what to do.

What is checked without the policies: form, category, status, codes, repeated ids and questions, and fields that
contradict each other. With the policies also: that clauses exist, that every figure of a fact stands in a cited
clause, and that the warnings fit the policies' dates. Not checked: whether a question is sensible.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from eval.metrics.text import plain, says
from eval.policies import KnownPolicy, named_by
from eval.rows import Row, read_lines
from index.models import ClausePath, PolicyFacts, Status
from rag.figures import Figure, figures
from rag.understand import check as check_question

_STATUS_OF_CATEGORY = {"silent": "partial", "refuse": "refused"}
_CODES = {
    Status.EXPIRED: "expired",
    Status.PERIOD_ENDED: "period_ended",
    Status.NOT_YET_EFFECTIVE: "not_yet_effective",
    Status.UNKNOWN: "validity_unknown",
    Status.DRAFT: "draft",
}
"""Warning that goes with a status; a policy in force has none."""

_SHOWN_PATHS = 8

Key = tuple[Decimal, str]
"""Value and unit of a figure."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    Attributes:
        line: of the file, from 1; 0 where the whole file is meant.
        row_id: None where the line is no row.
        message: a Chinese sentence.
    """

    line: int
    row_id: str | None
    message: str

    def __str__(self) -> str:
        """The problem on one line."""
        where = f"第 {self.line} 行" if self.line else "文件"
        name = f"({self.row_id})" if self.row_id is not None else ""
        return f"{where}{name}:{self.message}"


def check_file(path: Path, *, clauses: Sequence[KnownPolicy] | None = None) -> list[Problem]:
    """Mistakes of a set, in the order of its lines; empty where it is right.

    Args:
        path: a JSON-lines file.
        clauses: the policies it is about (see `eval.policies`); None leaves out what needs them.

    Raises:
        ValueError: the file is missing or not UTF-8.
    """
    problems: list[Problem] = []
    seen: dict[Hashable, int] = {}
    for line in read_lines(path):
        if line.row is None:
            problems.append(Problem(line.number, None, line.mistake))
            continue
        row = line.row
        for key, name in ((f"id:{row.id}", "编号"), (_question_key(row), "题目")):
            if seen.setdefault(key, line.number) != line.number:
                problems.append(Problem(line.number, row.id, f"{name}与第 {seen[key]} 行重复。"))
        problems += [Problem(line.number, row.id, message) for message in check_row(row, clauses=clauses)]
    if not problems and not seen:
        problems.append(Problem(0, None, "评测集里没有题目。"))
    return problems


def _question_key(row: Row) -> Hashable:
    """The same question may be asked again on another day, or after another conversation."""
    return (plain(row.question), row.history, row.as_of)


def check_row(row: Row, *, clauses: Sequence[KnownPolicy] | None = None) -> list[str]:
    """Mistakes of one row; see `check_file`."""
    problems = [*_form(row), *_contradictions(row)]
    if clauses is None:
        return problems
    missing = list(_missing_clauses(row, clauses))
    if missing:
        return problems + missing
    return [*problems, *_unfounded_figures(row, clauses), *_warnings(row, clauses)]


def _form(row: Row) -> Iterator[str]:
    try:
        check_question(row.question)
    except ValueError as error:
        yield str(error)
    if row.status == "answered" and not row.facts:
        yield "status 是 answered,却没有 facts;请写出答案里必须有的内容。"
    if row.status == "answered" and not row.clauses and row.category != "validity":
        yield "status 是 answered,却没有 clauses;请写出应当引用的条款。"
    if row.status == "refused":
        for name, value in (("facts", row.facts), ("clauses", row.clauses), ("warn", row.warn)):
            if value:
                yield f"status 是 refused,不应有 {name}。"
    if row.category == "follow-up" and not row.history:
        yield "follow-up 的题要有 history(之前的对话)。"


def _contradictions(row: Row) -> Iterator[str]:
    expected = _STATUS_OF_CATEGORY.get(row.category)
    if expected is not None and row.status != expected:
        yield f"{row.category} 的题 status 应为 {expected},现在是 {row.status}。"
    if row.category == "calculation" and row.status == "answered" and not any(map(_has_figure, row.facts)):
        yield "calculation 的题,facts 里要有计算结果的数字。"
    for words in row.forbid:
        for group in row.facts:
            if any(says(spelling, words) for spelling in group):
                yield f"forbid 里的“{words}”也出现在 facts 的“{group[0]}”里,两者矛盾。"


def _has_figure(group: tuple[str, ...]) -> bool:
    return any(figures(plain(spelling)) for spelling in group)


def _missing_clauses(row: Row, known: Sequence[KnownPolicy]) -> Iterator[str]:
    for fragment, path in row.clauses:
        named = named_by(fragment, known)
        if not named:
            yield f"clauses 里的“{fragment}”不是任何一份已知文件的标题;请从标题里照抄一段。"
        elif len(named) > 1:
            titles = "、".join(f"《{policy.facts.title}》" for policy in named)
            yield f"clauses 里的“{fragment}”对应不止一份文件({titles}),请写得长一些。"
        elif named[0].clause(path) is None:
            yield _no_such_path(named[0], path)


def _no_such_path(policy: KnownPolicy, path: ClausePath) -> str:
    near = [known for known in policy.paths if known.split(".")[0] == path.split(".")[0]] or list(policy.paths)
    more = " 等" if len(near) > _SHOWN_PATHS else ""
    return f"《{policy.facts.title}》没有条款 {path};相近的路径有 {'、'.join(near[:_SHOWN_PATHS])}{more}。"


def _unfounded_figures(row: Row, known: Sequence[KnownPolicy]) -> Iterator[str]:
    """Figures of facts that no cited clause has; a calculation's result stands in none."""
    if row.category == "calculation":
        return
    sources = _figure_keys(row.question, *(asked for asked, _ in row.history), *_cited_texts(row, known))
    for group in row.facts:
        for spelling in group:
            absent = [_written(spelling, figure) for figure in figures(plain(spelling)) if not _found(figure, sources)]
            if absent:
                where = "引用的条款和问题" if row.clauses else "任何一份文件的标题和日期"
                yield f"facts 里的“{spelling}”:数字 {'、'.join(absent)} 不在{where}里;请核对数字或条款。"


def _cited_texts(row: Row, known: Sequence[KnownPolicy]) -> list[str]:
    """Cited clauses, titles and dates; without clauses those of every policy's facts."""
    if not row.clauses:
        return [_facts_text(policy.facts) for policy in known]
    texts = []
    for fragment, path in row.clauses:
        policy = named_by(fragment, known)[0]
        clause = policy.clause(path)
        headings = " ".join(clause.trail) if clause is not None else ""
        texts += [_facts_text(policy.facts), headings, clause.text if clause is not None else ""]
    return texts


def _facts_text(facts: PolicyFacts) -> str:
    days = (facts.issued_on, facts.effective_on, facts.expires_on)
    written = [f"{day.year}年{day.month}月{day.day}日" for day in days if day is not None]
    years = f"{facts.period[0]}年 {facts.period[1]}年" if facts.period is not None else ""
    return " ".join([facts.title, facts.doc_number or "", years, *written])


def _figure_keys(*texts: str) -> frozenset[Key]:
    # Texts are read one by one: two figures at their ends must not become one.
    return frozenset(figure.key for text in texts for figure in figures(plain(text)))


def _found(figure: Figure, sources: frozenset[Key]) -> bool:
    """Whether a source has the figure; one without a unit is found with any unit."""
    return figure.key in sources or (not figure.unit and any(value == figure.key[0] for value, _ in sources))


def _written(spelling: str, figure: Figure) -> str:
    return plain(spelling)[figure.start : figure.end]


def _warnings(row: Row, known: Sequence[KnownPolicy]) -> Iterator[str]:
    """Validity warnings that the policies' dates do not give, or that are not expected though they do."""
    if row.as_of is None or row.status == "refused":
        return
    cited = [named_by(fragment, known)[0] for fragment, _ in row.clauses]
    due = {code for policy in cited or known if (code := validity_code(policy.facts, row.as_of)) is not None}
    for code in row.warn:
        if code in _CODES.values() and code not in due:
            yield f"warn 里的 {code} 与文件在 {row.as_of.isoformat()} 的效力不符。"
    if cited and row.status == "answered":
        for code in sorted(due.difference(row.warn)):
            yield f"文件在 {row.as_of.isoformat()} 的效力要求 warn 里有 {code}。"


def validity_code(facts: PolicyFacts, as_of: date) -> str | None:
    """The warning code that a policy's status on a day asks for; None where it is in force."""
    return _CODES.get(facts.status(as_of))
