"""Answers without a language model: composed from clauses, benefits and arithmetic, checked before shown."""

from rag.compose.draft import ANSWERED, PARTIAL, REFUSED, Composed
from rag.compose.engine import compose

__all__ = ["ANSWERED", "PARTIAL", "REFUSED", "Composed", "compose"]
