"""Arithmetic on benefits and the facts of a question: tiers, shares, ceilings, sums, differences."""

from rag.calculate.sentence import work_out_sentence
from rag.calculate.work import work_out
from rag.calculate.worked import Worked

__all__ = ["Worked", "work_out", "work_out_sentence"]
