"""Answers about a policy as a whole, or where a place stands for the subject."""

from __future__ import annotations

from datetime import date

from index.store import IndexReader
from rag.compose.by_kind import draft_judged
from rag.compose.draft import Draft
from rag.compose.excluded import excluded_in
from rag.compose.offices import draft_of_place
from rag.compose.quoting import draft_policies
from rag.compose.repeals import with_repeals
from rag.compose.validity import asks_when, draft_repealed, draft_validity
from rag.compose.which import BY_TITLE, held_at, meant, of_place_and_kind, titled
from rag.judge import Lens
from rag.retrieve import Retrieval
from rag.select import transitional
from rag.subject import Subject
from rag.understand import Question, Want

_BROADLY = frozenset((Want.SUPPORT, Want.LIST))


def draft_place(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, lens: Lens, as_of: date
) -> Draft | None:
    """An answer where a place stands for the subject: 某县的资金什么时候开始申报; None where none does.

    How to apply and whom it is for are looked for in the one policy of the place, which is told as a whole where
    nothing but support is asked for.
    """
    held = held_at(reader, found, as_of)
    draft = draft_of_place(reader, question, held, subject)
    if draft is not None or not held or not question.wants:
        return draft
    if question.wants <= _BROADLY:
        return draft_policies(reader, held, as_of) if len(held) == 1 else None
    return draft_judged(reader, question, found, subject, lens, as_of)


def draft_shut_out(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, as_of: date
) -> Draft | None:
    """Who gets nothing by the one policy of the place that is named: 什么情况会把钱追回去 has few words of a clause."""
    held = held_at(reader, found, as_of)
    item = next((one for one in found.clauses if one.policy_id in held), None)
    return excluded_in(reader, question, item, subject, {}) if item is not None and len(held) == 1 else None


def draft_policy(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, as_of: date
) -> Draft | None:
    """An answer on policies that the question names, where it asks for their validity or for nothing else."""
    if Want.VALIDITY in question.wants and Want.LIST not in question.wants:
        repealed = draft_repealed(reader, question, subject, as_of, least=BY_TITLE)
        if repealed is not None:
            return repealed
        policies = (
            found.policies or titled(reader, subject, least=BY_TITLE) or of_place_and_kind(reader, question, found)
        )
        policies = meant(reader, question, policies)
        asked = question.focus or question.text
        held = draft_validity(reader, policies, as_of, when=asks_when(asked), asked=asked) if policies else None
        if held is None:
            return None
        for policy_id in policies:
            before = transitional(question, policy_id, reader.clauses(policy_id), subject)
            held.quote([before] if before is not None else [])
        return with_repeals(reader, held, policies, as_of)
    if not found.policies:
        return None
    return None if subject.named else draft_policies(reader, found.policies, as_of)
