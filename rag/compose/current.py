"""Clauses that are the rules asked about: of the edition that is meant, and not the notes on a text."""

from __future__ import annotations

import re
from datetime import date

from index.models import in_attachment
from rag.compose.which import years_of
from rag.editions import without_superseded
from rag.found import Retrieval, RetrievedClause
from rag.understand import Question

_BACKGROUND_ASKED = re.compile(
    r"起草|背景|为什么|为啥|说明|解读|原来?的?(?:办法|政策)|过程|意见|依据|考虑|调研|相比|变化|修改|修订"
)
"""What the notes on a text answer: why it is drafted, and what has changed."""
_EXPLAINS = re.compile(r"(?:起草|编制|修订|制定)(?:情况)?的?说明|政策解读|主要内容说明|起草(?:背景|过程)")


def current_clauses(question: Question, found: Retrieval, as_of: date) -> list[RetrievedClause]:
    """The clauses found, of several editions of a policy those of the one that is meant, without notes on it."""
    clauses = without_superseded(found.clauses, as_of, years_of(question) or found.years)
    if _BACKGROUND_ASKED.search(question.focus or question.text):
        return clauses
    rules = [one for one in clauses if not _is_explanation(one)]
    return rules or clauses


def _is_explanation(item: RetrievedClause) -> bool:
    """Whether a clause stands in the notes on a text (起草说明, 政策解读), which tell of its rules and are none."""
    above = (*item.clause.trail, item.clause.heading or "", item.context)
    return in_attachment(item.clause.path) and any(_EXPLAINS.search(text) for text in above)
