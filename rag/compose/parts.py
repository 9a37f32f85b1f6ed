"""Questions in parts: 展位费补几成?认证费又补几成? The first answer tells one part; what it leaves out is looked for.

A part that names no subject of its own is about that of the part before it (奖多少,要交哪些材料). A part is added only
where the answer does not cover it yet and the clauses found have what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rag.asked import answers_want, gives
from rag.compose.draft import ANSWERED, Draft
from rag.subject import Subject
from rag.understand import Question, Want, wants_of
from rag.understand.segments import units_of, without_lead

PARTS = 3
"""Most parts that are looked at."""
COVERED = 0.6
"""Share of a part's subject from which on an answer is about it."""

_LOOSE = frozenset((Want.SUPPORT, Want.CHECK, Want.LIST, Want.DEFINITION))
"""Kinds of question that no form of words answers."""

Drafting = Callable[[Question, Subject], Draft | None]
SubjectOf = Callable[[Question], Subject]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a question asks; `own` where it names its subject itself."""

    question: Question
    subject: Subject
    own: bool


def parts_of(question: Question, subject_of: SubjectOf) -> tuple[Part, ...]:
    """The parts of a question that asks several things; () for one thing."""
    asking = [unit for unit in units_of(question.text) if unit.asks and not unit.order and not unit.chatter]
    if not 1 < len(asking) <= PARTS:
        return ()
    found: list[Part] = []
    before = ""
    for unit in asking:
        focus = without_lead(unit.text)
        part = replace(question, text=focus, focus=focus, wants=wants_of(focus) or question.wants)
        subject = subject_of(part)
        own = subject.named
        if not own and before:
            part = replace(part, text=f"{before},{focus}", focus=f"{before},{focus}")
            subject = subject_of(part)
        elif own:
            before = focus
        if subject.named:
            found.append(Part(part, subject, own))
    return tuple(found) if len(found) > 1 else ()


def add_parts(draft: Draft, question: Question, subject_of: SubjectOf, drafting: Drafting) -> None:
    """Add to an answer the parts of the question that it does not cover."""
    if draft.status != ANSWERED:
        return
    policies = {quote.policy_id for quote in draft.quotes}
    for part in parts_of(question, subject_of):
        if _is_covered(draft, part):
            continue
        more = drafting(part.question, part.subject)
        if more is None or more.status != ANSWERED or not more.quotes or not _is_covered(more, part):
            continue
        if not part.own and not all(quote.policy_id in policies for quote in more.quotes):
            continue
        known = {statement.text for paragraph in draft.paragraphs for statement in paragraph}
        for paragraph in more.paragraphs:
            fresh = [statement for statement in paragraph if statement.text not in known]
            draft.paragraphs += [fresh] if fresh else []
        draft.calculations += [one for one in more.calculations if one not in draft.calculations]
        draft.ask_back += [asked for asked in more.ask_back if asked not in draft.ask_back]
        draft.offered |= more.offered


def _is_covered(draft: Draft, part: Part) -> bool:
    """Whether an answer is about the subject of a part, and has what it asks for."""
    told = "\n".join(_told(draft))
    wanted = part.question.wants - _LOOSE
    has = all(gives(told) if want is Want.AMOUNT else answers_want(told, want) for want in wanted)
    return has and part.subject.familiar.cover(told) >= COVERED


def _told(draft: Draft) -> Iterator[str]:
    for paragraph in draft.paragraphs:
        for statement in paragraph:
            yield statement.text
            yield from (quote.text for quote in statement.quotes)
