"""Answers written by a language model from numbered clauses, every sentence checked before it is shown.

Nothing here is needed for the default answers. `ChatGenerator.from_settings` gives None while no model is set.
"""

from rag.generate.check import verify_sentence
from rag.generate.contract import (
    Check,
    Code,
    Generated,
    GenerationFailed,
    NumberedClause,
    Request,
    Sentence,
)
from rag.generate.generator import ChatGenerator

__all__ = [
    "ChatGenerator",
    "Check",
    "Code",
    "Generated",
    "GenerationFailed",
    "NumberedClause",
    "Request",
    "Sentence",
    "verify_sentence",
]
