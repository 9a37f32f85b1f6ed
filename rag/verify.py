"""The check that every answer passes: no figure that is not in the cited quote.

Figures compare by value (1亿元 = 10000万元, 百分之十五 = 15%). A bare number (4286, 1910) is supported by the same
number with any unit. A figure of the question may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from index.models import Clause, PolicyId
from rag.figures import PLAIN, Figure, figures


class FigureError(ValueError):
    """A sentence states a figure that its quotes do not have."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A piece of a clause: the half-open range of `Clause.written`."""

    policy_id: PolicyId
    clause: Clause
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words as the source writes them."""
        return self.clause.written[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and what it rests on.

    Attributes:
        text: without markers.
        quotes: empty for a sentence that states nothing (an introduction).
        paragraph: number of the paragraph it belongs to.
    """

    text: str
    quotes: tuple[Quote, ...] = field(default=())
    paragraph: int = 0


def unsupported_figures(text: str, sources: Iterable[str]) -> tuple[Figure, ...]:
    """Figures of `text` whose value none of `sources` has."""
    found = [figure for source in sources for figure in figures(source)]
    known = {figure.key for figure in found}
    values: set[Decimal] = {value for value, _ in known}
    return tuple(
        figure
        for figure in figures(text)
        if figure.key not in known and not (figure.unit == PLAIN and figure.key[0] in values)
    )


def check(statement: Statement, allowed: Sequence[str] = ()) -> None:
    """Make sure that a statement's figures stand in its quotes or in `allowed` (the question, policy titles).

    Raises:
        FigureError: a figure does not.
    """
    missing = unsupported_figures(statement.text, [*(quote.text for quote in statement.quotes), *allowed])
    if missing:
        said = "、".join(statement.text[figure.start : figure.end] for figure in missing)
        raise FigureError(f"句子中的 {said} 在引用的条款里没有:{statement.text}")


def verified(
    statements: Sequence[Statement], allowed: Sequence[str] = ()
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """The statements that pass `check`, and the reasons why the others do not."""
    kept: list[Statement] = []
    reasons: list[str] = []
    for statement in statements:
        try:
            check(statement, allowed)
        except FigureError as error:
            reasons.append(str(error))
        else:
            kept.append(statement)
    return tuple(kept), tuple(reasons)
