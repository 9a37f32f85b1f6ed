"""Arithmetic on benefits and the facts of a question: tiers, shares, ceilings, sums, differences."""

from rag.calculate.sentence import work_out_sentence
from rag.calculate.work import standards_of, work_out
from rag.calculate.worked import Worked

__all__ = ["Worked", "standards_of", "work_out", "work_out_sentence"]
