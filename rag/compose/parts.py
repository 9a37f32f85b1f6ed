"""Questions in parts: 展位费补几成?认证费又补几成? The first answer tells one part; what it leaves out is looked for.

A part that names no subject of its own is about that of the part before it (奖多少,要交哪些材料). A part is added only
where the answer does not cover it yet and the clauses found have what it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rag.asked import answers_want, gives
from rag.compose.draft import ANSWERED, Draft
from rag.found import Retrieval
from rag.subject import Subject
from rag.terms import folded
from rag.understand import Question, Want, wants_of
from rag.understand.segments import units_of, without_lead

PARTS = 3
"""Most parts that are looked at."""
COVERED = 0.6
"""Share of a part's subject from which on an answer is about it."""

_LOOSE = frozenset((Want.SUPPORT, Want.CHECK, Want.LIST, Want.DEFINITION))
"""Kinds of question that no form of words answers."""

_EACH = re.compile(r"各|分别|都")
_LISTS = re.compile(r"[、和与及跟]")

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
        _merge(draft, more)


def add_named(draft: Draft, question: Question, subject: Subject, drafting: Drafting) -> None:
    """Add to a list what the question names beside what the answer tells: 光伏、储能、充电桩各怎么补.

    Each name is looked for in the clauses that were found, and added where the policy of the answer has a rule for it.
    """
    asked = question.focus or question.text
    if draft.status != ANSWERED or not (Want.LIST in question.wants or _EACH.search(asked)):
        return
    policies = {quote.policy_id for quote in draft.quotes}
    added = 0
    for name in _names_listed(asked, subject):
        about = subject.part(name)
        if added == PARTS or not about.named or about.cover("\n".join(_told(draft))) >= COVERED:
            continue
        more = drafting(replace(question, focus=f"{name}{_asks(question)}"), about)
        if more is None or more.status != ANSWERED or about.cover("\n".join(_told(more))) < COVERED:
            continue
        if all(quote.policy_id in policies for quote in more.quotes):
            _merge(draft, more)
            added += 1


def about_alone(found: Retrieval, subject: Subject) -> Retrieval:
    """What was found, without the clauses that do not name a part of what was searched: found for the rest."""
    return replace(found, clauses=tuple(one for one in found.clauses if subject.cover(one.clause.text) >= COVERED))


def _names_listed(asked: str, subject: Subject) -> list[str]:
    """Phrases of the subject that the question lists, in its order: parted by 、, 和 or 与."""
    plain = folded(asked)
    found = [phrase for phrase in subject.phrases if _LISTS.search(_around(plain, phrase))]
    return sorted(found, key=plain.find) if len(found) > 1 else []


def _around(plain: str, phrase: str) -> str:
    """The characters beside a phrase."""
    at = plain.find(phrase)
    return f"{plain[max(0, at - 1) : at]}|{plain[at + len(phrase) : at + len(phrase) + 1]}" if at >= 0 else ""


def _asks(question: Question) -> str:
    return "奖励补助多少" if question.wants & {Want.AMOUNT, Want.SUPPORT} else "有哪些"


def _merge(draft: Draft, more: Draft) -> None:
    """Put another answer behind one, without what is said already."""
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
