"""Which policies a question is about that names none outright: by subject, by place, year and kind of document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.models import PolicyId, Status
from index.store import IndexReader
from rag.kinds import beside, edition_meant, told
from rag.retrieve import Retrieval
from rag.subject import Subject
from rag.titles import title_years, years_in
from rag.understand import Question, Want

_KINDS = re.compile(r"[一二三四五六七八九十]+条|办法|意见|措施|方案|细则|规定|计划|条例")
_PARTICULAR = re.compile(
    r"多少|多久|多大|几[次个年天月家人档]|谁|吗|么[?？]?$(?<!什么)|能不能|可不可以|是否|怎样才|会不会|还是"
)
_EDITION_YEAR = re.compile(r"(?<!\d)(20\d\d)年?度?新?版")
_SHORT_YEAR = re.compile(r"(?<!\d)(2\d)(?=年?度?新?版|年的)")
BY_TITLE = 0.6
"""Share of a question's subject that a policy's title covers when the question is about the policy as a whole."""


def years_of(question: Question) -> tuple[int, ...]:
    """Years of editions that a question names, also in two digits (25年版); where it says 版, no other years."""
    named = tuple(dict.fromkeys(int(year) for year in _EDITION_YEAR.findall(question.text)))
    if named:
        return named
    short = (2000 + int(digits) for digits in _SHORT_YEAR.findall(question.text))
    return tuple(dict.fromkeys([*years_in(question.text), *short]))


def asks_of_whole(question: Question) -> bool:
    """Whether nothing of a policy is asked for in particular: no number, body or day, and no verdict."""
    asked = question.focus or question.text
    return not question.wants - {Want.SUPPORT} and _PARTICULAR.search(asked) is None


def of_place_and_kind(reader: IndexReader, question: Question, found: Retrieval) -> tuple[PolicyId, ...]:
    """The one policy of a place that a year or a kind of document tells: 某市2024年版的细则, 某区那十条."""
    here = {
        policy_id: facts
        for policy_id, facts in reader.facts().items()
        if any(place.name in (facts.region or "") for place in found.places)
    }
    asked = question.focus or question.text
    dated = {key: facts for key, facts in here.items() if set(years_of(question)) & set(title_years(facts))}
    policies = edition_meant(asked, dated) if dated else told(asked, here)
    # 某市二十条: what a policy is called need not stand in its title where the place has no other.
    if not policies and len(here) == 1 and _KINDS.search(asked):
        return tuple(here)
    return policies if len(policies) == 1 else ()


def held_at(reader: IndexReader, found: Retrieval, as_of: date) -> tuple[PolicyId, ...]:
    """The policies issued for the places named, those in force where there are such."""
    here = [
        (policy_id, facts.status(as_of))
        for policy_id, facts in reader.facts().items()
        if any(place.name in (facts.region or "") for place in found.places)
    ]
    held = tuple(policy_id for policy_id, status in here if status is Status.IN_FORCE)
    return held or tuple(policy_id for policy_id, _ in here)


def meant(reader: IndexReader, question: Question, policies: Sequence[PolicyId]) -> tuple[PolicyId, ...]:
    """Policies found, with another edition in their place where the question means that: 老办法, 试行办法."""
    facts = reader.facts()
    editions = edition_meant(question.focus or question.text, beside(policies, facts)) if len(policies) == 1 else ()
    return editions if len(editions) == 1 else tuple(policies)


def titled(reader: IndexReader, subject: Subject, *, least: float) -> tuple[PolicyId, ...]:
    """Policies whose title is what the question is about; those that fit best, where they fit well."""
    familiar = subject.familiar
    if not familiar.named:
        return ()
    fits = {policy_id: familiar.cover(facts.title) for policy_id, facts in reader.facts().items()}
    best = max(fits.values())
    return tuple(key for key, fit in fits.items() if best >= least and fit >= best - 0.05)
