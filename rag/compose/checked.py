"""The last check of an answer's statements, and what stands in for those that do not pass."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from index.models import Benefit, PolicyFacts, PolicyId
from rag.compose.draft import holds, one_line, spoken, supporting
from rag.compose.table import without_heads
from rag.figures import figures
from rag.sentences import split_sentences
from rag.verify import Quote, Statement, unsupported_figures, verified

logger = logging.getLogger(__name__)


def checked(
    statements: Sequence[Statement],
    allowed: Sequence[str],
    facts: Mapping[PolicyId, PolicyFacts],
    benefits: Mapping[PolicyId, Sequence[Benefit]],
    as_of: date,
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """The statements that pass the check; for one that does not, the words it rests on stand as they are."""
    kept: list[Statement] = []
    rejected: list[str] = []

    def passes(one: Statement) -> bool:
        return not verified([one], allowed, facts=facts, benefits=benefits, as_of=as_of)[1]

    for statement in statements:
        if any(statement.text == other.text and statement.quotes == other.quotes for other in kept):
            continue
        passed, reasons = verified([statement], allowed, facts=facts, benefits=benefits, as_of=as_of)
        if reasons and (grounded := _grounded(statement)) is not None:
            passed, reasons = verified([grounded], allowed, facts=facts, benefits=benefits, as_of=as_of)
        if len(statement.quotes) > 1 and passed == (statement,):
            passed = (_lean(statement, passes),)
        kept += passed
        if reasons:
            logger.warning("withheld: %s", reasons[0])
            if any(other.derived and other.paragraph == statement.paragraph for other in kept):
                # A note on a calculation that stands: the words of its rule follow in any case.
                continue
            shown = [
                quote for other in kept for quote in other.quotes if other.derived or one_line(quote)[:-1] in other.text
            ]
            quotes = [quote for quote in statement.quotes if not any(holds(other, quote) for other in shown)]
            quotes.sort(key=lambda quote: (quote.policy_id, quote.clause.source.start, quote.start))
            words = [words for quote in without_heads(quotes) for words in spoken(quote)]
            kept += [replace(one, paragraph=statement.paragraph) for one in words]
            rejected += reasons if not statement.quotes else ()
    return tuple(kept), tuple(rejected)


def _lean(statement: Statement, passes: Callable[[Statement], bool]) -> Statement:
    """A statement with the quotes that support it: what stands above or behind the rule is cited where it is spoken of.

    Those that share words with it; where these do not have its figures, all but those that have neither.
    """
    lean = supporting(statement)
    if passes(lean):
        return lean
    kept = statement
    for quote in statement.quotes[::-1]:
        fewer = replace(kept, quotes=tuple(other for other in kept.quotes if other != quote))
        if quote not in lean.quotes and fewer.quotes and passes(fewer):
            kept = fewer
    return kept


def _grounded(statement: Statement) -> Statement | None:
    """The statement with the sentences of its clauses that have the figures its quotes lack; None without any."""
    lacking = {figure.key for figure in unsupported_figures(statement.text, [quote.text for quote in statement.quotes])}
    added = [
        Quote(quote.policy_id, quote.clause, sentence.start, sentence.end)
        for quote in {(q.policy_id, q.clause.path): q for q in statement.quotes}.values()
        for sentence in split_sentences(quote.clause)
        if lacking & {figure.key for figure in figures(quote.clause.text[sentence.start : sentence.end])}
    ]
    return replace(statement, quotes=tuple(dict.fromkeys([*statement.quotes, *added]))) if added else None
