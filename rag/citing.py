"""Markers, citations and calculations: what a reader checks an answer by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.models import EditionKind, Policy, Status
from rag.compose import Composed
from rag.verify import Quote

_COMPARES = re.compile("[=≥≤<>≠,;，；]")


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation as it is shown; both are Chinese text."""

    formula: str
    result: str

    @property
    def line(self) -> str:
        """Both in one line: 400万元 − 200万元 = 200万元; what the formula already says is not said twice."""
        if not self.result or self.result in self.formula:
            return self.formula
        # A comparison that holds (10亿元 ≥ 10亿元) would be wrong with another sign of equality behind it.
        return f"{self.formula}{',得' if _COMPARES.search(self.formula) else ' = '}{self.result}"


@dataclass(frozen=True, slots=True)
class Citation:
    """One quoted piece of a clause.

    Attributes:
        marker: as it stands in the answer's text, "[1]".
        quote: the source's words; a piece of the clause, unbroken.
        heading: the clause's own, None where it has none.
        trail: headings of the clause's ancestors, outermost first.
        status: of the policy on the day of the answer.
        edition: how close the quoted source is to the issued document.
    """

    marker: str
    title: str
    doc_number: str | None
    path: str
    label: str
    quote: str
    heading: str | None = None
    trail: tuple[str, ...] = ()
    status: Status = Status.UNKNOWN
    edition: EditionKind = EditionKind.ORIGINAL
    policy_id: str = ""


def with_markers(composed: Composed, as_of: date) -> tuple[str, tuple[Citation, ...]]:
    """The text with a marker behind every statement; neighbouring sentences of a clause share one citation."""
    runs = _runs([quote for statement in composed.statements for quote in statement.quotes])
    paragraphs: dict[int, str] = {}
    for statement in composed.statements:
        markers = "".join(dict.fromkeys(_marker_of(quote, runs) for quote in statement.quotes))
        paragraphs[statement.paragraph] = f"{paragraphs.get(statement.paragraph, '')}{statement.text}{markers}"
    policies = {policy.id: policy for policy in composed.policies}
    citations = tuple(citation(f"[{at}]", run, policies[run.policy_id], as_of) for at, run in enumerate(runs, start=1))
    return "\n".join(paragraphs.values()), citations


def _runs(quotes: Sequence[Quote]) -> list[Quote]:
    """Quotes in order, those that follow one another in a clause joined, each place once."""
    runs: list[Quote] = []
    for quote in quotes:
        last = runs[-1] if runs else None
        if any(_within(quote, run) for run in runs):
            continue
        if last is not None and _same_clause(last, quote) and _follows(last, quote):
            runs[-1] = Quote(last.policy_id, last.clause, last.start, quote.end)
        else:
            runs.append(quote)
    return runs


def _same_clause(one: Quote, other: Quote) -> bool:
    return one.policy_id == other.policy_id and one.clause.source == other.clause.source


def _within(quote: Quote, run: Quote) -> bool:
    return _same_clause(quote, run) and run.start <= quote.start and quote.end <= run.end


def _follows(one: Quote, other: Quote) -> bool:
    return one.end <= other.start and not one.clause.written[one.end : other.start].strip()


def _marker_of(quote: Quote, runs: Sequence[Quote]) -> str:
    return next(f"[{at}]" for at, run in enumerate(runs, start=1) if _within(quote, run))


def citation(marker: str, quote: Quote, policy: Policy, as_of: date) -> Citation:
    """The citation behind a marker."""
    return Citation(
        marker=marker,
        title=policy.facts.title,
        doc_number=policy.facts.doc_number,
        path=quote.clause.path,
        label=quote.clause.label,
        quote=quote.text,
        heading=quote.clause.heading,
        trail=quote.clause.trail,
        status=policy.facts.status(as_of),
        edition=policy.best.kind,
        policy_id=policy.id,
    )
