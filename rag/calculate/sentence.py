"""Arithmetic on a sentence that is no benefit: a goal, a share, a list of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.calculate.worked import Worked

if TYPE_CHECKING:
    from rag.understand import Question


def work_out_sentence(question: Question, sentence: str) -> Worked | None:
    """What follows from `sentence` for the quantities of the question; None where nothing is to be computed."""
    return None
