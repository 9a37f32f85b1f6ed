"""A question as the report shows it: what was expected beside what came back, clause beside clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.metrics.diagnose import EXPLANATIONS
from eval.metrics.outcome import Expected, Outcome, fits
from eval.metrics.summary import Case
from eval.report.words import category_name, milliseconds, status_name, warning_name
from eval.rows import title_matches
from eval.runs import ClauseText, Given, Run
from rag.figures import figures

Segments = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is marked."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Something expected (or forbidden), and whether that is as it should be."""

    text: str
    ok: bool


@dataclass(frozen=True, slots=True)
class ClauseCard:
    """A clause in the comparison.

    Attributes:
        place: policy and label.
        note: where it was found, or what is wrong with it.
        ok: whether it is as it should be.
    """

    place: str
    note: str
    ok: bool
    segments: Segments


@dataclass(frozen=True, slots=True)
class Card:
    """One question in the report; lists are empty where nothing is expected."""

    case: Case
    category: str
    step: str
    explanation: str
    day: str
    status: Checked
    given_status: str
    facts: tuple[Checked, ...]
    forbidden: tuple[Checked, ...]
    warnings: tuple[Checked, ...]
    given_warnings: tuple[str, ...]
    latency: str
    expected_clauses: tuple[ClauseCard, ...]
    cited_clauses: tuple[ClauseCard, ...]

    @property
    def outcome(self) -> Outcome:
        """The row and what came back."""
        return self.case.outcome

    @property
    def given(self) -> Given | None:
        """The answer, None where the question failed."""
        return self.outcome.given


def card(case: Case, run: Run) -> Card:
    """How a question is shown."""
    outcome = case.outcome
    row = outcome.row
    given = outcome.given
    said = set(outcome.forbidden)
    return Card(
        case=case,
        category=category_name(row.category),
        step=str(case.step) if case.step is not None else "",
        explanation=EXPLANATIONS[case.step] if case.step is not None else "",
        day=str(row.as_of or run.info["as_of"]),
        status=Checked(status_name(row.status), outcome.status == row.status),
        given_status=status_name(outcome.status),
        facts=tuple(
            Checked(" / ".join(group), found) for group, (_, found) in zip(row.facts, outcome.facts, strict=True)
        ),
        forbidden=tuple(Checked(words, words not in said) for words in row.forbid),
        warnings=tuple(Checked(warning_name(code), code not in outcome.missing_warnings) for code in row.warn),
        given_warnings=tuple(warned.message for warned in given.warnings) if given is not None else (),
        latency=milliseconds(outcome.latency_ms) if outcome.latency_ms is not None else "",
        expected_clauses=tuple(_expected_card(outcome, expected, run.clauses) for expected in row.clauses),
        cited_clauses=_cited_cards(outcome),
    )


def _expected_card(outcome: Outcome, expected: Expected, clauses: Sequence[ClauseText]) -> ClauseCard:
    clause = next((clause for clause in clauses if fits(expected, clause.title, clause.path)), None)
    if clause is None:
        return ClauseCard(f"{expected[0]} {expected[1]}", "收录的文件里没有这一条,请核对题目。", False, ())
    cited = outcome.cited(expected)
    rank = outcome.rank(expected)
    found = f"检索排第 {rank}" if rank is not None else "没有检索到"
    spellings = [spelling for group in outcome.row.facts for spelling in group]
    place = f"《{clause.title}》{clause.label}"
    return ClauseCard(place, f"{'已引用' if cited else '没有引用'},{found}", cited, mark(clause.text, spellings))


def _cited_cards(outcome: Outcome) -> tuple[ClauseCard, ...]:
    """Cited clauses in the order of their first marker, each once, its quotes marked."""
    weighed = dict(outcome.weighed_citations)
    cards = []
    for first in {(cited.policy, cited.path): cited for cited in reversed(outcome.citations)}.values():
        same = [cited for cited in outcome.citations if (cited.policy, cited.path) == (first.policy, first.path)]
        markers = "".join(cited.marker for cited in same)
        quotes = [cited.quote for cited in same]
        text = outcome.text_of(first)
        note = _verdict([weighed.get(cited) for cited in same], outcome, first.policy.title)
        if any(quote not in text for quote in quotes):
            note += ";引文与条款原文不一致"
        place = f"{markers} 《{first.policy.title}》{first.label}"
        segments = mark(text, quotes) if text else tuple((quote, True) for quote in quotes)
        cards.append(
            (outcome.citations.index(first), ClauseCard(place, note, weighed.get(first) is not False, segments))
        )
    return tuple(made for _, made in sorted(cards, key=lambda item: item[0]))


def _verdict(weighed: Sequence[bool | None], outcome: Outcome, title: str) -> str:
    if any(weighed):
        return "应引用的条款"
    if all(wanted is None for wanted in weighed):
        return "有效期说明"
    if not outcome.row.clauses:
        return "题目没有指定条款"
    same = any(title_matches(fragment, title) for fragment, _ in outcome.row.clauses)
    return "同一文件的其他条款" if same else "别的文件的条款"


def mark(text: str, phrases: Iterable[str]) -> Segments:
    """`text` with every phrase marked, and every figure that has the value of a phrase's figure."""
    spans: list[tuple[int, int]] = []
    for phrase in phrases:
        spans += _occurrences(text, phrase)
        wanted = {figure.key for figure in figures(phrase)}
        if len(phrase) <= _FIGURE_PHRASE:
            spans += [(figure.start, figure.end) for figure in figures(text) if figure.key in wanted]
    return _cut(text, spans)


_FIGURE_PHRASE = 20
"""Longest phrase, in characters, whose figures are marked wherever they stand; a quote's are not."""


def _occurrences(text: str, phrase: str) -> list[tuple[int, int]]:
    found = []
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        found.append((start, start + len(phrase)))
        start = text.find(phrase, start + len(phrase))
    return found


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> Segments:
    """The pieces of `text` inside and outside of `spans`, which may overlap."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        start = max(start, at)
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return tuple((piece, marked) for piece, marked in [*pieces, (text[at:], False)] if piece)
