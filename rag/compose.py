"""Answers from the clauses' own sentences: quoted as they stand, each with its citation, checked before shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from index.models import Policy, PolicyId
from index.store import IndexReader
from rag import refuse
from rag.judge import UNSURE_BELOW, Judged, Lens, judge, relevance
from rag.places import unknown_districts
from rag.references import fold_number, unresolved_numbers
from rag.retrieve import Retrieval, RetrievedClause
from rag.select import answers_want, choose, complete, named_quotes, rank_sentences
from rag.sentences import split_sentences
from rag.terms import Term, content_terms
from rag.understand import Question, Want
from rag.validity import AnswerWarning, validity_sentence, warnings_for
from rag.verify import Quote, Statement, verified

ANSWERED, PARTIAL, REFUSED = "answered", "partial", "refused"

_SILENT = {
    Want.AMOUNT: "收录的条款没有写明金额或比例,最接近的规定是:",
    Want.VALIDITY: "收录的文字没有写明施行日期和有效期,相关的规定是:",
    Want.DEADLINE: "收录的条款没有写明申报时间,最接近的规定是:",
    Want.MATERIALS: "收录的条款没有写明申报材料,最接近的规定是:",
    Want.CONTACT: "收录的条款没有写明联系方式和办理地点,最接近的规定是:",
}
_UNSURE = "收录的文件没有直接写明这一点,最接近的规定是:"
_LONG = "条文较长,先摘录前面的部分:"
_WHICH = "收录的文件中不止一份有这一条,您问的是哪一份?"
_INTRODUCTION_SENTENCES = 2
_ASKED_POLICIES = 6


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said, before it gets markers and an id.

    Attributes:
        status: answered, partial or refused.
        statements: checked, in order.
        policies: quoted, in the order of their first quote.
        ask_back: questions to the user.
    """

    status: str
    statements: tuple[Statement, ...]
    policies: tuple[Policy, ...] = ()
    warnings: tuple[AnswerWarning, ...] = ()
    ask_back: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """Quotes with what is said in front of the first one."""

    quotes: list[Quote]
    notes: list[str] = field(default_factory=list)
    status: str = ANSWERED
    ask_back: tuple[str, ...] = ()

    def doubt(self, note: str) -> None:
        """Say why this is only part of an answer; the first reason is given."""
        self.status = PARTIAL
        if not self.notes:
            self.notes.append(note)


def compose(reader: IndexReader, question: Question, found: Retrieval, lens: Lens, *, as_of: date) -> Composed:
    """The answer to `question` from the clauses that were found, on the day `as_of`."""
    reason = _reason_to_refuse(reader, question, found)
    if reason is not None:
        return _refused(reason)
    terms = _subject_terms(question, found)
    draft = _draft_named(reader, found, terms) or _draft_policy(reader, question, found, terms)
    if draft is None:
        if not any(not term.weak for term in terms):
            return _refused(refuse.no_subject(reader))
        draft = _draft_sentences(reader, question, found, lens.terms.weights(terms), lens, as_of)
    if draft is None or not draft.quotes:
        return _refused(refuse.off_topic(reader))
    _note_limits(draft, question, found)
    return _finish(reader, question, draft, as_of)


def _refused(text: str) -> Composed:
    return Composed(REFUSED, (Statement(text),))


def _reason_to_refuse(reader: IndexReader, question: Question, found: Retrieval) -> str | None:
    """Why the question cannot be answered, whatever the clauses say; None where it may."""
    if not reader.facts():
        return refuse.no_policies()
    if found.foreign and len(found.foreign) == len(found.places):
        return refuse.other_place(reader, [place.name for place in found.foreign])
    if found.missing:
        titles = [reader.facts()[policy_id].title for policy_id in found.policies]
        said = [reference.said for reference in question.references.clauses]
        return refuse.unknown_clause(reader, said, titles)
    unknown = unresolved_numbers(question.references, reader.facts())
    if unknown and not found.policies and not _citing(found, unknown):
        return refuse.unknown_number(reader, unknown)
    return None


def _citing(found: Retrieval, numbers: Sequence[str]) -> list[RetrievedClause]:
    """Clauses that cite one of the document numbers."""
    wanted = [fold_number(number) for number in numbers]
    return [item for item in found.clauses if any(number in fold_number(item.clause.text) for number in wanted)]


def _subject_terms(question: Question, found: Retrieval) -> tuple[Term, ...]:
    """Terms of the question beside the places, document numbers and clause numbers it names."""
    references = question.references
    ignore = [place.name for place in found.places]
    ignore += [reference.said for reference in references.clauses]
    if found.policies:
        ignore += references.titles
    plain = question.text
    for number in references.doc_numbers:
        plain = re.sub(rf"\S{{0,12}}?[\[(〔]\d{{4}}[\])〕]第?0*{number.partition(']')[2]}", " ", plain)
    return content_terms(plain, ignore=ignore)


def _draft_named(reader: IndexReader, found: Retrieval, terms: Sequence[Term]) -> _Draft | None:
    """The clauses that the question names by number."""
    named = [item for item in found.clauses if item.named]
    if not named:
        return None
    policies = tuple(dict.fromkeys(item.policy_id for item in named))
    if len(policies) > 1 and any(not term.weak for term in terms):
        # The other words of the question have put the policy they fit first.
        named = [item for item in named if item.policy_id == policies[0]]
        policies = policies[:1]
    quotes, whole = named_quotes(named)
    draft = _Draft(quotes)
    if len(policies) > 1:
        titles = [f"《{reader.facts()[policy_id].title}》" for policy_id in policies[:_ASKED_POLICIES]]
        draft.ask_back = (f"{_WHICH}{'、'.join(titles)}",)
        draft.status = PARTIAL
    if not whole:
        draft.notes.append(_LONG)
    return draft


def _draft_policy(reader: IndexReader, question: Question, found: Retrieval, terms: Sequence[Term]) -> _Draft | None:
    """What a policy says first, or on its validity, where the question names a policy and nothing else."""
    if not found.policies or any(not term.weak for term in terms):
        return None
    quotes: list[Quote] = []
    for policy_id in found.policies:
        clauses = reader.clauses(policy_id)
        stated = validity_sentence(clauses) if Want.VALIDITY in question.wants else None
        if stated is not None:
            quotes.append(Quote(policy_id, stated[0], stated[1].start, stated[1].end))
            continue
        first = next((clause for clause in clauses if clause.text.strip()), None)
        if first is not None:
            sentences = split_sentences(first)[:_INTRODUCTION_SENTENCES]
            quotes += [Quote(policy_id, first, sentence.start, sentence.end) for sentence in sentences]
    draft = _Draft(quotes)
    _note_silence(draft, question)
    return draft


def _draft_sentences(
    reader: IndexReader, question: Question, found: Retrieval, weights: dict[Term, float], lens: Lens, as_of: date
) -> _Draft | None:
    """The sentences that fit best; None where no clause is relevant."""
    items = found.clauses
    numbers = unresolved_numbers(question.references, reader.facts())
    if numbers and not found.policies:
        items = tuple(_citing(found, numbers))
    judged = judge(items, weights, lens.scale)
    if not judged:
        return None
    if Want.VALIDITY in question.wants:
        judged = _with_validity(reader, judged, weights, lens)
    chosen = choose(rank_sentences(judged, question, weights, as_of), question, weights)
    draft = _Draft(complete(reader, chosen))
    if numbers and not found.policies:
        draft.doubt(f"没有收录{'、'.join(numbers)},下面的条款提到了它:")
    _note_silence(draft, question)
    if judged[0].relevance < UNSURE_BELOW:
        draft.doubt(_UNSURE)
    return draft


def _with_validity(
    reader: IndexReader, judged: tuple[Judged, ...], weights: dict[Term, float], lens: Lens
) -> tuple[Judged, ...]:
    """`judged` with the clause that states the validity of the best clause's policy, which shares few words."""
    best = judged[0]
    stated = validity_sentence(reader.clauses(best.item.policy_id))
    if stated is None or any(one.item.key == (best.item.policy_id, stated[0].path) for one in judged):
        return judged
    item = RetrievedClause(best.item.policy_id, best.item.facts, stated[0], 0.0)
    return (*judged, Judged(item, max(relevance(item, weights, lens.scale), best.relevance)))


def _note_silence(draft: _Draft, question: Question) -> None:
    for want, note in _SILENT.items():
        texts = (quote.clause.text[quote.start : quote.end] for quote in draft.quotes)
        if want in question.wants and not any(answers_want(text, want) for text in texts):
            draft.doubt(note)


def _note_limits(draft: _Draft, question: Question, found: Retrieval) -> None:
    """Say which of the places asked about the quotes are not about."""
    if found.foreign:
        draft.doubt(f"没有收录{'、'.join(place.name for place in found.foreign)}的规定,其他地方的规定是:")
    districts = () if found.policies else unknown_districts(question.text, found.places)
    unnamed = [name for name in districts if not any(name in quote.clause.text for quote in draft.quotes)]
    if unnamed:
        draft.doubt(f"收录的条款没有单独提到{'、'.join(unnamed)},可能适用的规定是:")


def _finish(reader: IndexReader, question: Question, draft: _Draft, as_of: date) -> Composed:
    """Statements with introductions, validity and warnings, after the check of their figures."""
    policy_ids = tuple(dict.fromkeys(quote.policy_id for quote in draft.quotes))
    policies = tuple(reader.policy(policy_id) for policy_id in policy_ids)
    statements = [*_statements(reader, draft, policy_ids), *_validity_lines(reader, draft, policies)]
    allowed = [question.text, *(policy.facts.title for policy in policies)]
    kept, reasons = verified(statements, allowed)
    warnings = list(warnings_for(policies, as_of))
    warnings += [AnswerWarning("figure_rejected", "有一句话中的数字在条款里核对不上,没有显示。") for _ in reasons[:1]]
    if not any(statement.quotes for statement in kept):
        return _refused(refuse.off_topic(reader))
    return Composed(draft.status, kept, policies, tuple(warnings), draft.ask_back)


def _statements(reader: IndexReader, draft: _Draft, policy_ids: Sequence[PolicyId]) -> list[Statement]:
    """One statement a quote; a clause begins a paragraph, a policy among several is named where it begins."""
    statements: list[Statement] = []
    paragraph = 0
    before: Quote | None = None
    for quote in draft.quotes:
        introduction = "".join(draft.notes) if before is None else ""
        if len(policy_ids) > 1 and (before is None or before.policy_id != quote.policy_id):
            introduction += f"《{reader.facts()[quote.policy_id].title}》:"
        if before is not None and before.clause is not quote.clause:
            paragraph += 1
        statements.append(Statement(introduction + _one_line(quote), (quote,), paragraph))
        before = quote
    return statements


def _one_line(quote: Quote) -> str:
    """The quote without the line ends inside it."""
    return quote.text.replace("\n", "")


def _validity_lines(reader: IndexReader, draft: _Draft, policies: Sequence[Policy]) -> list[Statement]:
    """For each policy the sentence that states its validity, unless it is quoted already."""
    lines = []
    paragraph = len(draft.quotes)
    for policy in policies:
        stated = validity_sentence(reader.clauses(policy.id))
        if stated is None:
            continue
        clause, sentence = stated
        quote = Quote(policy.id, clause, sentence.start, sentence.end)
        if any(other.clause is clause and other.start <= quote.start < other.end for other in draft.quotes):
            continue
        name = f"《{policy.facts.title}》" if len(policies) > 1 else ""
        paragraph += 1
        lines.append(Statement(f"{name}效力:{_one_line(quote)}", (quote,), paragraph))
    return lines
