"""Which policies a question is about that names none outright: by subject, by place, year and kind of document."""

from __future__ import annotations

import re

from index.models import PolicyId
from index.store import IndexReader
from rag.retrieve import Retrieval
from rag.subject import Subject
from rag.titles import title_years, years_in
from rag.understand import Question

_KINDS = re.compile(r"[一二三四五六七八九十]+条|办法|意见|措施|方案|细则|规定|计划|条例")
_SHORT_YEAR = re.compile(r"(?<!\d)(2\d)(?=年?度?新?版|年的)")


def years_of(question: Question) -> tuple[int, ...]:
    """Years of editions that a question names, also in two digits (25年版)."""
    short = (2000 + int(digits) for digits in _SHORT_YEAR.findall(question.text))
    return tuple(dict.fromkeys([*years_in(question.text), *short]))


def of_place_and_kind(reader: IndexReader, question: Question, found: Retrieval) -> tuple[PolicyId, ...]:
    """The one policy of a place that a year or a kind of document tells: 某市2024年版的细则, 某区那十条."""
    years, kinds = set(years_of(question)), _KINDS.findall(question.focus or question.text)
    here = {
        policy_id: facts
        for policy_id, facts in reader.facts().items()
        if any(place.name in (facts.region or "") for place in found.places)
    }
    dated = [key for key, facts in here.items() if years & set(title_years(facts))]
    kind = [key for key, facts in here.items() if any(word in facts.title for word in kinds)]
    told = dated if years else kind
    return tuple(told) if len(told) == 1 else ()


def titled(reader: IndexReader, subject: Subject, *, least: float) -> tuple[PolicyId, ...]:
    """Policies whose title is what the question is about; those that fit best, where they fit well."""
    familiar = subject.familiar
    if not familiar.named:
        return ()
    fits = {policy_id: familiar.cover(facts.title) for policy_id, facts in reader.facts().items()}
    best = max(fits.values())
    return tuple(key for key, fit in fits.items() if best >= least and fit >= best - 0.05)
