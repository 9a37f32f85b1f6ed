"""Sentences that take something away from the rule they stand beside: exclusions and further conditions.

Whoever asks whether something is given must read them, whatever rule was quoted, and however the question words what
they name: the enterprise decides whether it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.models import Clause, PolicyId
from rag.compose.draft import Draft, holds
from rag.conditions.barring import shuts_out
from rag.sentences import split_sentences
from rag.verify import Quote

PROVISOS = 2
"""Most sentences that are added."""
_FURTHER = re.compile(r"不受[^。；]{1,16}限制|方可|方能|减半|一半|除外|停止(?:补|享|发|执)|视为|不予处罚|免予|从其规定")
_PARAGRAPH = re.compile(r"\.p\d+$")


def add_provisos(draft: Draft, clauses_of: Callable[[PolicyId], Sequence[Clause]]) -> None:
    """Quote the provisos of the clause that an answer rests on first, behind its words; nothing twice.

    Those of the paragraphs behind the items of its list too: 设立不满一年的企业,不受第(二)项限制.

    Args:
        draft: changed in place.
        clauses_of: gives the clauses of a policy.
    """
    if not draft.quotes:
        return
    first = draft.quotes[0]
    found: list[Quote] = []
    for clause in (first.clause, *_paragraphs_behind(clauses_of(first.policy_id), first.clause)):
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            quote = Quote(first.policy_id, clause, sentence.start, sentence.end)
            if (shuts_out(text) or _FURTHER.search(text)) and not any(holds(other, quote) for other in draft.quotes):
                found.append(quote)
    draft.quote(found[:PROVISOS])


def _paragraphs_behind(clauses: Sequence[Clause], first: Clause) -> list[Clause]:
    """The paragraphs behind the list that a clause introduces or is an item of."""
    above = {first.path, first.path.rpartition(".")[0]} - {""}
    behind = [one for one in clauses if _PARAGRAPH.search(one.path) and one.path != first.path]
    return [one for one in behind if one.path.rpartition(".")[0] in above]
