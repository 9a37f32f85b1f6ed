"""Sentences that take something away from the rule they stand beside: exclusions and further conditions.

Whoever asks whether something is given must read them, whatever rule was quoted, and however the question words what
they name: the enterprise decides whether it is meant.
"""

from __future__ import annotations

import re

from rag.compose.draft import Draft, holds
from rag.conditions.barring import shuts_out
from rag.sentences import split_sentences
from rag.verify import Quote

PROVISOS = 2
"""Most sentences that are added."""
_FURTHER = re.compile(r"方可|方能|减半|一半|除外|停止(?:补|享|发|执)|视为|不予处罚|免予|从其规定")


def add_provisos(draft: Draft) -> None:
    """Quote the provisos of the clause that an answer rests on first, behind its words; nothing twice."""
    if not draft.quotes:
        return
    first = draft.quotes[0]
    found: list[Quote] = []
    for sentence in split_sentences(first.clause):
        text = first.clause.text[sentence.start : sentence.end]
        quote = Quote(first.policy_id, first.clause, sentence.start, sentence.end)
        if (shuts_out(text) or _FURTHER.search(text)) and not any(holds(other, quote) for other in draft.quotes):
            found.append(quote)
    draft.quote(found[:PROVISOS])
