"""Answers that a language model writes: what it is told, how its sentences are checked, and what they cite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from index.models import Clause, ClausePath, Policy, PolicyId
from index.store import IndexReader
from rag.choose import benefits_by_path
from rag.citing import Calculation, Citation, citation
from rag.compose import Composed
from rag.compose.draft import quote_of
from rag.figures import figures
from rag.generate import Check, NumberedClause, Request, verify_sentence
from rag.generate.text import SentenceBuffer
from rag.retrieve import RetrievedClause
from rag.sentences import Sentence, split_sentences
from rag.understand import Question, Turn
from rag.verify import Quote

CLAUSES = 6
"""Most clauses that a model is given: those of the composed answer, then the best ones found."""
_MARKER = re.compile(r"\[(\d{1,3})\]")
"""[2024] is no marker: document numbers are written with such brackets, too."""

_Key = tuple[PolicyId, ClausePath]


@dataclass(frozen=True, slots=True)
class Writing:
    """One answer to be written.

    Attributes:
        request: what the model is told.
        check: of each of its sentences.
    """

    request: Request
    check: Check


def writing(
    reader: IndexReader,
    question: Question,
    history: Sequence[Turn],
    found: Sequence[RetrievedClause],
    composed: Composed,
    *,
    as_of: date,
) -> Writing:
    """The request for an answer to `question`, with the composed one as a draft."""
    clauses = _numbered(reader, found, composed)
    numbers = {(one.policy_id, one.clause.path): one.number for one in clauses}
    calculations = tuple(Calculation(one.formula, one.result).line for one in composed.calculations)
    bare = Request(question.asked, tuple(history), clauses, as_of, calculations, draft="")
    # Behind the result a formula may name a ceiling (= 15万元,不超过上限50万元): that figure is the clause's.
    derived = tuple(f"{one.formula} = {one.result}" for one in composed.calculations)
    check = partial(verify_sentence, stated=question.text, derived=derived)
    return Writing(replace(bare, draft=_draft(composed, numbers, lambda text: check(text, bare) is None)), check)


def _numbered(reader: IndexReader, found: Sequence[RetrievedClause], composed: Composed) -> tuple[NumberedClause, ...]:
    quoted = [(q.policy_id, q.clause) for statement in composed.statements for q in statement.quotes]
    wanted: dict[_Key, Clause] = {}
    for policy_id, clause in [*quoted, *((item.policy_id, item.clause) for item in found)]:
        if len(wanted) < CLAUSES or (policy_id, clause) in quoted:
            wanted.setdefault((policy_id, clause.path), clause)
    return tuple(
        NumberedClause(
            number, policy_id, reader.facts()[policy_id], clause, benefits_by_path(reader, policy_id).get(path, ())
        )
        for number, ((policy_id, path), clause) in enumerate(wanted.items(), start=1)
    )


def _draft(composed: Composed, numbers: dict[_Key, int], passes: Callable[[str], bool]) -> str:
    """The composed answer with the numbers of the request as markers, in every sentence."""
    lines: dict[int, str] = {}
    for statement in composed.statements:
        marks = tuple(dict.fromkeys(numbers[(quote.policy_id, quote.clause.path)] for quote in statement.quotes))
        marked = "".join(_marked(sentence, marks, passes) for sentence in _sentences(statement.text))
        lines[statement.paragraph] = lines.get(statement.paragraph, "") + marked
    return "\n".join(lines.values())


def _sentences(text: str) -> list[str]:
    buffer = SentenceBuffer()
    return [sentence for sentence in [*buffer.feed(text), *buffer.finish(complete=True)] if sentence]


def _marked(sentence: str, marks: Sequence[int], passes: Callable[[str], bool]) -> str:
    """`sentence` with the fewest of `marks` that it passes the check with, in front of its stop; else with all.

    A statement of several sentences rests on all its quotes together, and a marker that adds nothing is a fault.
    """
    fewer = [*((mark,) for mark in marks), *(marks[:end] for end in range(2, len(marks)))]
    written = (_with_marks(sentence, some) for some in fewer)
    return next(filter(passes, written), _with_marks(sentence, marks))


def _with_marks(sentence: str, marks: Sequence[int]) -> str:
    behind = "".join(f"[{number}]" for number in marks)
    return re.sub(r"([。！？]*)$", rf"{behind}\1", sentence, count=1)


class Markers:
    """Markers counted from 1 in the order they are shown, whatever numbers the clauses have in the request."""

    def __init__(self) -> None:
        self._shown: dict[int, int] = {}

    def renumber(self, text: str) -> str:
        """`text` with the markers that are shown; texts of one answer go through in their order."""
        return _MARKER.sub(lambda match: f"[{self._number(int(match[1]))}]", text)

    def _number(self, number: int) -> int:
        return self._shown.setdefault(number, len(self._shown) + 1)

    @property
    def numbers(self) -> tuple[tuple[int, int], ...]:
        """Number in the request and number shown, in the order they are shown."""
        return tuple(self._shown.items())


def cited_text(text: str, request: Request, policies: Iterable[Policy]) -> tuple[str, tuple[Citation, ...]]:
    """`text` with its markers counted from 1 in the order they stand, and what they cite."""
    by_number = {one.number: one for one in request.clauses}
    known = {policy.id: policy for policy in policies}
    markers = Markers()
    shown = markers.renumber(text)
    citations = tuple(
        citation(f"[{at}]", _support(by_number[number], text), known[by_number[number].policy_id], request.as_of)
        for number, at in markers.numbers
    )
    return shown, citations


def _support(numbered: NumberedClause, text: str) -> Quote:
    """The part of a clause that an answer rests on: the sentences it shares words or figures with, in one piece."""
    said = "".join(part for part in re.split(r"(?<=\])(?!\[)", text) if f"[{numbered.number}]" in part)
    said = _MARKER.sub("", said)
    pairs = {said[at : at + 2] for at in range(len(said) - 1)}
    clause = numbered.clause
    scored = [(_shared(clause.text[s.start : s.end], pairs), s) for s in split_sentences(clause)]
    best = max((score for score, _ in scored), default=0.0)
    touched = [sentence for score, sentence in scored if score and score >= best / 2]
    touched += _with_figures(said, clause, scored, touched)
    if not touched:
        return quote_of(numbered.policy_id, clause, clause.text)
    return Quote(numbered.policy_id, clause, min(s.start for s in touched), max(s.end for s in touched))


def _with_figures(
    said: str, clause: Clause, scored: Sequence[tuple[float, Sentence]], touched: Sequence[Sentence]
) -> list[Sentence]:
    """For each figure of `said` that `touched` lack, the sentence that has it and shares most words."""
    held = {figure.key for one in touched for figure in figures(clause.text[one.start : one.end])}
    found: list[Sentence] = []
    for wanted in {figure.key for figure in figures(said)} - held:
        having = [
            (score, one)
            for score, one in scored
            if wanted in {figure.key for figure in figures(clause.text[one.start : one.end])}
        ]
        found += [max(having, key=lambda pair: pair[0])[1]] if having else []
    return found


def _shared(sentence: str, pairs: set[str]) -> float:
    own = {sentence[at : at + 2] for at in range(len(sentence) - 1)}
    return len(own & pairs) / len(own) if own else 0.0
