"""Answers from the clauses that were judged to be about the subject, by the kind of question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.store import IndexReader
from rag.asked import asks_amount, asks_limit, gives, pays, states_limit
from rag.choose import choose_benefits, likely
from rag.compose.administrative import draft_administrative, quoting
from rag.compose.current import current_clauses
from rag.compose.draft import ANSWERED, Draft
from rag.compose.eligible import asks_whether, draft_eligible, wants_verdict
from rag.compose.excluded import draft_excluded
from rag.compose.fund import draft_fund
from rag.compose.limits import citing
from rag.compose.listed import draft_lead, with_section
from rag.compose.meant import ABOUT, asks_several, best_sentence, left_open, outbid
from rag.compose.money import draft_calculated, draft_money, draft_refund, draft_split
from rag.compose.provisos import add_provisos
from rag.compose.quoting import NEAR, NEAREST, NOT_STATED, draft_nearest, draft_policies, draft_sentences
from rag.compose.still import draft_still
from rag.compose.together import with_sums
from rag.compose.which import asks_of_whole, titled
from rag.counted_base import by_base
from rag.judge import Judged, Lens
from rag.rank import candidates
from rag.references import unresolved_numbers
from rag.retrieve import Retrieval, RetrievedClause
from rag.select import rank_sentences, transitional
from rag.subject import Subject
from rag.understand import Question, Want

_REFUND_CLAUSES = 3
"""Likeliest clauses in which what has to be paid back is looked for."""
_EXISTS = re.compile(
    r"有(?:没有)?[^,。?]{0,4}(?:奖励|奖金|补贴|补助|资助|扶持|支持|优惠|奖)[^,。?]{0,2}(?:吗|么|没|不)|有没有[^,。?]{0,6}[奖补]"
)
WHOLE = 0.8
"""Share of a question's subject that a policy's title covers when it asks for nothing else: 用能成本降低措施."""
MOSTLY = 0.6
"""Share of a question's subject that stands nowhere in the index when no rule can be about it: 上规的小企业有奖励吗."""


def draft_judged(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, lens: Lens, as_of: date
) -> Draft | None:
    """An answer from the relevant clauses; None where there are none."""
    items: Sequence[RetrievedClause] = current_clauses(question, found, as_of)
    numbers = unresolved_numbers(question.references, reader.facts())
    if numbers and not found.policies:
        items = citing(found, numbers)
    judged = candidates(items, question, subject, lens, placed=bool(found.places))
    if not judged:
        return None
    draft = draft_excluded(reader, question, judged, subject)
    likeliest = judged[0].item.policy_id
    before = transitional(question, likeliest, reader.clauses(likeliest), subject)
    if draft is None and before is not None:
        draft = quoting([before])
    draft = draft or _draft_kind(reader, question, judged, subject, lens, as_of)
    if wants_verdict(question) and Want.VALIDITY not in question.wants:
        add_provisos(draft, reader.clauses)
    exists = Want.AMOUNT not in question.wants and bool(_EXISTS.search(question.focus or question.text))
    if draft.status == ANSWERED and subject.strangeness >= MOSTLY and exists:
        # What is rewarded is what the question turns on; the words that it shares with a rule are beside the point.
        draft.doubt(NEAREST)
    if numbers and not found.policies:
        draft.doubt(f"没有收录{'、'.join(numbers)},下面的条款提到了它:")
    return draft


def _draft_kind(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, as_of: date
) -> Draft:
    """The answer by the kind of question."""
    if Want.VALIDITY in question.wants and Want.LIST not in question.wants:
        return draft_still(reader, question, judged, subject, lens, as_of)
    whole = titled(reader, subject, least=WHOLE) if asks_of_whole(question) else ()
    if whole and subject.strong:
        return draft_policies(reader, whole, as_of)
    calculated = _draft_worked(reader, question, judged, subject, lens)
    if calculated is not None:
        return calculated
    whether = asks_whether(question)
    missing = None if whether else draft_administrative(reader, question, judged, subject, lens, as_of)
    if missing is not None:
        choice = likely(choose_benefits(reader, judged, question, subject, lens.terms), judged)
        return with_sums(reader, question, choice, missing)
    if whether or pays(question) or question.wants & {Want.CONDITION, Want.CHECK, Want.LIST}:
        chosen = choose_benefits(reader, judged, question, subject, lens.terms)
        if not chosen.benefits and not chosen.other_levels:
            chosen = best_sentence(reader, question, judged, subject, as_of)
        choice = chosen if asks_several(question) else likely(chosen, judged)
        choice = with_section(reader, outbid(choice, question, judged, subject, as_of), question, judged)
        draft = (
            draft_fund(reader, question, judged, subject, as_of, better_than=choice.fit)
            or draft_lead(reader, question, judged, choice)
            or left_open(question, judged, subject, choice)
            or draft_eligible(reader, question, chosen, judged, subject, as_of)
        )
        if draft is None and (pays(question) or Want.CHECK in question.wants) and not _asks_condition(question):
            draft = draft_money(reader, question, choice)
        if draft is not None:
            return draft
        if asks_amount(question) and Want.GOAL not in question.wants:
            best = rank_sentences(judged, question, subject, as_of)[0]
            limited = asks_limit(question) and states_limit(best.text)
            given = gives(best.text) or gives(best.introduced) or limited
            if not given or subject.familiar.cover(f"{best.item.context}\n{best.text}") < ABOUT:
                note = NEAR if given else NOT_STATED[Want.AMOUNT]
                return draft_nearest(reader, question, judged, subject, as_of, note=note)
    return draft_sentences(reader, question, judged, subject, as_of)


def _draft_worked(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens
) -> Draft | None:
    """What can be worked out for the facts of the question; None where that is not all that it asks."""
    likeliest = [(one.item.policy_id, one.item.clause) for one in judged[:_REFUND_CLAUSES]]
    split = draft_split(question, likeliest)
    if split is not None or Want.AMOUNT not in question.wants:
        return split
    choice = choose_benefits(reader, judged, question, subject, lens.terms)
    calculated = draft_refund(question, likeliest) or draft_calculated(reader, question, choice)
    if calculated is not None or choice.benefits or choice.other_levels:
        return calculated
    return draft_calculated(reader, question, by_base(reader, judged, question, subject, lens.terms))


def _asks_condition(question: Question) -> bool:
    """Whether conditions are asked for, and no sum."""
    return Want.CONDITION in question.wants and Want.AMOUNT not in question.wants
