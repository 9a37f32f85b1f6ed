"""The project's verifier as the check of a generator."""

from __future__ import annotations

from collections.abc import Sequence

from rag.generate.contract import Request
from rag.verify import Source, check_text


def verify_sentence(
    sentence: str, request: Request, *, stated: str | None = None, derived: Sequence[str] | None = None
) -> str | None:
    """See `Check`: figures, pairs, dates, markers and words against the clauses that the sentence cites.

    The question's figures may be repeated as facts of the enterprise, those of calculations as results.

    Args:
        stated: the question with what earlier turns say of the enterprise; that of the request by default.
        derived: calculations whose last "=" has nothing but the result behind it; those of the request by default.
    """
    sources = [Source(one.number, one.clause, one.facts, one.benefits) for one in request.clauses]
    question = request.question if stated is None else stated
    calculations = request.calculations if derived is None else derived
    verdict = check_text(sentence, sources, question=question, calculations=calculations, as_of=request.as_of)
    return verdict.problems[0].message if verdict.problems else None
