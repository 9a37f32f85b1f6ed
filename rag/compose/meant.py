"""Which benefits an answer tells, where others, a sentence of their clause, or other rules may be meant instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from index.store import IndexReader
from rag.asked import gives
from rag.choose import CLAUSES, Choice, stated_in
from rag.compose.draft import Draft
from rag.compose.money import NO_AMOUNT
from rag.compose.quoting import NEAREST
from rag.compose.silent import LEFT
from rag.compose.which import years_of
from rag.judge import Judged
from rag.select import asks_excluded, rank_sentences
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.understand import Question, Want
from rag.verify import Quote

LEFT_OPEN = 0.15
"""How much more of the subject a sentence that leaves things open must name than a benefit does."""
OUTBIDS = 0.1
"""How much more of the subject a sentence must name than the benefits chosen of its clause."""
ABOUT = 0.4
"""Share of a question's familiar subject that a clause covers when the rule of its best sentence is meant."""
_EDITIONS = 2


def asks_several(question: Question) -> bool:
    """Whether several rules are asked for: what there is, or what two editions that are named by their years say."""
    listed = Want.LIST in question.wants and not asks_excluded(question)
    return listed or len(years_of(question)) >= _EDITIONS


def outbid(choice: Choice, question: Question, judged: Sequence[Judged], subject: Subject, as_of: date) -> Choice:
    """No benefits where a sentence of their clause names more of the subject and gives a sum of its own.

    Its rule was not read as a benefit; the clause's words answer then.
    """
    if not choice.benefits or Want.LIST in question.wants:
        return choice
    best = rank_sentences(judged, question, subject, as_of)[0]
    first = choice.benefits[0]
    same = (best.item.policy_id, best.item.clause.path) == (first.policy_id, first.clause.path)
    if not same or not gives(best.text) or any(at.benefit.quote in best.text for at in choice.benefits):
        return choice
    familiar = subject.familiar
    told = max(familiar.cover(f"{at.benefit.beneficiary}{at.benefit.quote}") for at in choice.benefits)
    return Choice() if familiar.cover(best.text) > told + OUTBIDS else choice


def best_sentence(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, as_of: date
) -> Choice:
    """The benefits of the sentence that fits best, where it is about the subject."""
    best = rank_sentences(judged, question, subject.familiar, as_of)[0]
    around = f"{best.item.context}\n{best.item.clause.text}"
    if subject.familiar.cover(around) < ABOUT:
        return Choice()
    return stated_in(reader, best.item.policy_id, best.item.clause, best.sentence.start, best.sentence.end)


def left_open(question: Question, judged: Sequence[Judged], subject: Subject, choice: Choice) -> Draft | None:
    """A sentence that names the subject, as no benefit does, and leaves what is asked to other rules (另行制定)."""
    if not question.wants & {Want.AMOUNT, Want.CONDITION, Want.SUPPORT} or Want.LIST in question.wants:
        return None
    familiar = subject.familiar
    stated = max(
        (familiar.cover(f"{at.benefit.beneficiary}{at.benefit.base or ''}") for at in choice.benefits), default=0.0
    )
    best: tuple[float, Quote | None] = (max(stated + LEFT_OPEN, ABOUT), None)
    for one in judged[:CLAUSES]:
        for sentence in split_sentences(one.item.clause):
            text = one.item.clause.text[sentence.start : sentence.end]
            covered = familiar.cover(text) if LEFT.search(text) else 0.0
            if covered > best[0]:
                best = (covered, Quote(one.item.policy_id, one.item.clause, sentence.start, sentence.end))
    if best[1] is None:
        return None
    draft = Draft()
    draft.quote([best[1]])
    draft.doubt(NO_AMOUNT if Want.AMOUNT in question.wants else NEAREST)
    return draft
