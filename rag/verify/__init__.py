"""The check that every answer passes: figures, pairs, dates, markers and words against the cited clauses."""

from rag.verify.check import check, check_sentence, check_text, unsupported_figures, verified
from rag.verify.models import FigureError, Problem, ProblemKind, Quote, Said, Source, Statement, Verdict
from rag.verify.split import split_answer

__all__ = [
    "FigureError",
    "Problem",
    "ProblemKind",
    "Quote",
    "Said",
    "Source",
    "Statement",
    "Verdict",
    "check",
    "check_sentence",
    "check_text",
    "split_answer",
    "unsupported_figures",
    "verified",
]
