"""Whether a measure still holds, with what it gives where that is asked too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.store import IndexReader
from rag.choose import choose_benefits
from rag.compose.draft import Draft, one_line
from rag.compose.meant import ABOUT
from rag.compose.money import draft_money
from rag.compose.validity import asks_when, draft_validity
from rag.compose.which import BY_TITLE
from rag.conditions import ended
from rag.judge import Judged, Lens
from rag.select import rank_sentences
from rag.subject import Subject
from rag.understand import Question

_STILL = re.compile(
    r"还有(?:钱|奖|补)|(?:奖励|补贴|补助|资助|奖|钱|扶持|支持)[^,。?？]{0,4}(?:还|现在)[^,。?？]{0,3}(?:有|给|发|奖|补)"
)


def draft_still(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, as_of: date
) -> Draft:
    """Whether the policy of a measure holds; with the measure itself where it is asked whether that is still given."""
    policy_id = judged[0].item.policy_id
    gone = ended(question.text, reader.clauses(policy_id), policy_id) if _STILL.search(question.text) else None
    if gone is not None:
        draft = Draft()
        draft.say(f"没有了,{one_line(gone)}", [gone])
        return draft
    best = rank_sentences(judged, question, subject, as_of)[0]
    measure = None if subject.cover(best.item.facts.title) >= BY_TITLE else best.quote
    when = asks_when(question.focus or question.text)
    draft = draft_validity(reader, [judged[0].item.policy_id], as_of, measure=measure, when=when)
    if _STILL.search(question.focus or question.text):
        given = draft_money(reader, question, choose_benefits(reader, judged, question, subject, lens.terms))
        if given is not None and given.quotes[0].policy_id == judged[0].item.policy_id:
            draft.paragraphs += given.paragraphs
        elif measure is not None and measure.policy_id == judged[0].item.policy_id and best.cover >= ABOUT:
            draft.quote([measure])
    return draft
