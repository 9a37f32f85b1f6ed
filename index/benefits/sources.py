"""The clauses a benefit rests on beside its own: the lead above it, the paragraph that caps it."""

from __future__ import annotations

from collections.abc import Sequence

from index.models import Benefit, Clause, ClausePath
from index.quantities import Kind, quantities


def supporting_paths(benefit: Benefit, clauses: Sequence[Clause]) -> tuple[ClausePath, ...]:
    """Paths of the clauses to cite beside `benefit.path`, in the order of the text.

    These are the parent whose last sentence announces the items (按照下列标准给予资助:), and following paragraphs
    of the same article (path 3.p2) that state a ceiling the quote does not, or a condition of the benefit.
    """
    parent = benefit.path.rpartition(".")[0]
    found = [c.path for c in clauses if c.path == parent and c.text.rstrip().endswith(("：", ":"))]
    capped = benefit.cap is not None and not _states(benefit.quote, benefit.cap)
    words = [part for part in (benefit.condition or "").split("；") if part]
    for clause in clauses:
        if clause.path.startswith(f"{parent}.p") and clause.path != benefit.path:
            states = capped and benefit.cap is not None and _states(clause.text, benefit.cap)
            if states or any(part in clause.text for part in words):
                found.append(clause.path)
    return tuple(found)


def _states(text: str, amount: float) -> bool:
    """Whether an amount in `text` has this value; tables may hold the unit in their heading."""
    return any(float(q.upper or q.value) == amount for q in quantities(text) if q.kind is Kind.AMOUNT)
