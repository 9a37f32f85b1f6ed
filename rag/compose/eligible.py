"""Answers on whether an enterprise is eligible: from the benefits chosen, else from a sentence with a requirement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from index.store import IndexReader
from rag.choose import Choice
from rag.compose.draft import Draft
from rag.conditions import Eligibility, Truth, eligibility, eligibility_from_sentence, general_clauses
from rag.judge import Judged
from rag.select import rank_sentences
from rag.subject import Subject
from rag.understand import Question, Want

_WHETHER = re.compile(
    r"(?:能|可以|够|有|还给|行|算|符合|满足|享受)[^,。?？]{0,16}(?:吗|么|嘛|没有?[?？]?$|不[?？]?$)|能不能|可不可以|够不够|算不算|行不行"
)
_HOW_MUCH = re.compile(r"多少|几[个万千百成钱]|多大")
_REQUIREMENTS = 3
"""Best sentences that are looked at for a requirement."""


def draft_eligible(
    reader: IndexReader,
    question: Question,
    choice: Choice,
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
) -> Draft | None:
    """The verdict on whether the enterprise is eligible, where that is asked."""
    said = question.situation
    asked = question.focus or question.text
    told = bool(said.measures or said.held or said.denied)
    whether = bool(_WHETHER.search(asked)) and told
    if _HOW_MUCH.search(asked) or not (whether or Want.CONDITION in question.wants):
        return None
    benefits = [
        replace(at, also=(*at.also, *general_clauses(at.benefit, reader.clauses(at.policy_id))))
        for at in choice.benefits
    ]
    found = eligibility(question, benefits) if benefits else None
    tested = any(at.benefit.threshold for at in choice.benefits)
    if found is None or (found.truth is Truth.UNKNOWN and not tested):
        found = _by_sentence(question, judged, subject, as_of) if told else None
    if found is None:
        return None
    draft = Draft()
    for number, statement in enumerate((found.verdict, *found.lines, *found.notes)):
        draft.say(statement.text, statement.quotes, derived=statement.derived, new=number > 0)
    draft.ask_back += [asked.text for asked in found.ask_back]
    return draft


def _by_sentence(question: Question, judged: Sequence[Judged], subject: Subject, as_of: date) -> Eligibility | None:
    """The verdict from a requirement that is no benefit's; None where the sentences that fit best settle nothing."""
    for scored in rank_sentences(judged, question, subject, as_of)[:_REQUIREMENTS]:
        item = scored.item
        found = eligibility_from_sentence(question, item.clause, scored.sentence, policy_id=item.policy_id)
        if found is not None and found.truth is not Truth.UNKNOWN:
            return found
    return None
