"""From the clauses that were found to what is said: which kind of answer a question gets, and the last checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from index.models import Policy
from index.store import IndexReader
from rag import refuse
from rag.asked import pays, without_denied
from rag.by_figures import by_figures
from rag.compose.about_policy import draft_place, draft_policy, draft_shut_out
from rag.compose.arrange import arranged
from rag.compose.asks import add_asked
from rag.compose.by_kind import draft_judged
from rag.compose.checked import checked
from rag.compose.consequence import add_consequence, of_sum_alone
from rag.compose.draft import REFUSED, Composed, Draft
from rag.compose.leads import tell_items
from rag.compose.limits import reason_to_refuse
from rag.compose.money import NO_AMOUNT, draft_money
from rag.compose.naming import other_subject
from rag.compose.parts import about_alone, add_named, add_parts
from rag.compose.quoting import draft_named
from rag.compose.shared import draft_shared
from rag.compose.silent import doubt_left_open, doubt_unanswered
from rag.compose.validity import validity_lines
from rag.judge import Lens
from rag.retrieve import Retrieval
from rag.subject import Subject
from rag.understand import Question
from rag.validity import AnswerWarning, chinese_date, warnings_for
from rag.verify import Statement


def compose(reader: IndexReader, question: Question, found: Retrieval, lens: Lens, *, as_of: date) -> Composed:
    """The answer to `question` from the clauses that were found, on the day `as_of`."""
    reason = reason_to_refuse(reader, question, found)
    if reason is not None:
        return _refused(reason)
    question = of_sum_alone(replace(question, situation=replace(question.situation, day=as_of)))
    subject = subject_of(question, found, lens)
    draft = draft_named(reader, found, subject=subject) or draft_policy(reader, question, found, subject, as_of)
    if draft is None:
        drafting = draft_judged if subject.named else draft_place
        draft = drafting(reader, question, found, subject, lens, as_of)
    if draft is None:
        draft = draft_shut_out(reader, question, found, subject, as_of)
    if draft is None:
        draft = draft_shared(reader, question, found, as_of)
    if draft is None:
        draft = draft_money(reader, question, by_figures(reader, question, found.places))
    if draft is None and not subject.named:
        return _refused(refuse.no_subject(reader, question.text))
    if draft is None or not draft.quotes:
        return _refused(refuse.off_topic(reader, question.text))
    if pays(question):
        draft.tell_table(NO_AMOUNT)
    doubt_left_open(draft, question, subject)
    other = other_subject(reader, question, subject, draft)
    if other:
        return _refused(refuse.other_subject(reader, other, question.text))
    if not (found.policies or any(item.named for item in found.clauses)):
        tell_items(draft, reader, subject_of(replace(question, focus=question.text), found, lens), open_note=NO_AMOUNT)
        add_asked(draft, reader, question, lambda part: subject_of(part, found, lens))
        add_parts(
            draft,
            question,
            lambda part: subject_of(part, found, lens),
            lambda part, about: draft_judged(reader, part, found, about, lens, as_of),
        )
        add_named(
            draft,
            question,
            subject,
            lambda part, about: draft_judged(reader, part, about_alone(found, about), about, lens, as_of),
        )
    add_consequence(draft, reader, question)
    doubt_unanswered(draft, question, found, lens)
    _note_limits(draft, found)
    return _finish(reader, question, draft, as_of)


def _refused(text: str) -> Composed:
    return Composed(REFUSED, (Statement(text),))


def subject_of(question: Question, found: Retrieval, lens: Lens) -> Subject:
    """What is asked about, beside the places, document numbers and clause numbers that the question names."""
    references = question.references
    ignore = [place.name for place in found.places]
    ignore += [reference.said for reference in references.clauses]
    if found.policies:
        ignore += references.titles
    plain = without_denied(question.focus or question.text)
    for number in references.doc_numbers:
        plain = re.sub(rf"\S{{0,12}}?[\[(〔]\d{{4}}[\])〕]第?0*{number.partition(']')[2]}", " ", plain)
    return Subject.of(plain, lens.terms, ignore=ignore, names=lens.names)


def _note_limits(draft: Draft, found: Retrieval) -> None:
    """Say which of the places asked about the quotes are not about."""
    if found.foreign:
        draft.doubt(f"没有收录{'、'.join(place.name for place in found.foreign)}的规定,其他地方的规定是:")


def _finish(reader: IndexReader, question: Question, draft: Draft, as_of: date) -> Composed:
    """Numbered paragraphs with introductions, validity and warnings, after the check of their figures."""
    policy_ids = tuple(dict.fromkeys(quote.policy_id for quote in draft.quotes))
    policies = tuple(reader.policy(policy_id) for policy_id in policy_ids)
    closing = len(draft.paragraphs)
    statements = [
        *draft.statements,
        *validity_lines(policies, draft.quotes, closing, as_of, titled=draft.titled),
    ]
    allowed = [question.text, *(policy.facts.title for policy in policies), *_known_dates(policies, as_of)]
    facts = {policy.id: policy.facts for policy in policies}
    benefits = {policy.id: policy.best.benefits for policy in policies}
    kept, reasons = checked(statements, allowed, facts, benefits, as_of)
    warnings = list(warnings_for(policies, as_of, said="".join(statement.text for statement in kept)))
    warnings += [AnswerWarning("figure_rejected", "有一句话中的数字在条款里核对不上,没有显示。") for _ in reasons[:1]]
    if not any(statement.quotes for statement in kept):
        return _refused(refuse.off_topic(reader, question.text))
    ask_back = tuple(dict.fromkeys(draft.ask_back))
    shown = arranged(kept, draft.notes, policies, as_of, closing=closing)
    return Composed(draft.status, shown, policies, tuple(warnings), tuple(draft.calculations), ask_back, draft.offered)


def _known_dates(policies: Sequence[Policy], as_of: date) -> list[str]:
    """The day of the question, and days computed from what a policy says (有效期3年)."""
    days = [as_of]
    for policy in policies:
        facts = policy.facts
        days += [day for day in (facts.effective_on, facts.expires_on, facts.issued_on, facts.repealed_on) if day]
    return [chinese_date(day) for day in days]
