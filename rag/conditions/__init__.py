"""Conditions of benefits: what is required, whether it is met (three values), and answers about eligibility."""

from rag.conditions.back import AskBack
from rag.conditions.eligibility import Eligibility, eligibility, eligibility_from_sentence, missed_requirement
from rag.conditions.exclusions import Ruling, ended, ruling
from rag.conditions.follows import what_follows
from rag.conditions.general import general_clauses
from rag.conditions.judge import judge_condition, judged, overall
from rag.conditions.model import Condition, ConditionKind, Finding, Test, Truth
from rag.conditions.read import conditions_of
from rag.conditions.sheet import Sheet, requirement_sheet
from rag.conditions.stacking import asks_together, together
from rag.conditions.wording import words_of

__all__ = [
    "AskBack",
    "Condition",
    "ConditionKind",
    "Eligibility",
    "Finding",
    "Ruling",
    "Sheet",
    "Test",
    "Truth",
    "asks_together",
    "conditions_of",
    "eligibility",
    "eligibility_from_sentence",
    "ended",
    "general_clauses",
    "judge_condition",
    "judged",
    "missed_requirement",
    "overall",
    "requirement_sheet",
    "ruling",
    "together",
    "what_follows",
    "words_of",
]
