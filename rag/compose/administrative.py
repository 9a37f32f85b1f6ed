"""Deadlines, materials, contacts and the like: told where a clause states them, else the nearest clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.store import IndexReader
from rag.asked import answers_want
from rag.choose import choose_benefits
from rag.compose.draft import ANSWERED, Draft
from rag.compose.money import draft_money
from rag.compose.offices import lacks_day, stated_in_policy, states
from rag.compose.quoting import NOT_STATED, beside_quotes, draft_nearest, draft_sentences
from rag.judge import Judged, Lens
from rag.subject import Subject
from rag.understand import Question, Want
from rag.verify import Quote

_ADMINISTRATIVE = (Want.DEADLINE, Want.MATERIALS, Want.CONTACT, Want.PROCEDURE, Want.PAYMENT, Want.BODY)
"""What policies often leave open; a clause on the money is then only the nearest one."""
_PAID_OUT = re.compile(
    r"到账|多久|拨付|兑现|兑付|什么时候(?:发|给|拨|到)|一次(?:性)?(?:发|给|拨|付)(?!多少|几)|分[几多一二三两\d]*(?:年|期|次|批)|怎么(?:发放|分到|分给|拨|给到)"
)

_SUM_ASKED = re.compile(r"(?:奖|补|资助|给|贴)[^,，。?？]{0,6}(?:多少|几[万成千百])(?!个)[^,，。?？]{0,2}[,，。?？]")
"""A sum, asked for in a part of its own: 增资奖多少,要什么材料."""


def draft_administrative(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, as_of: date
) -> Draft | None:
    """The nearest clause where deadlines, materials, contacts and the like are asked for and nothing states them."""
    for want in _ADMINISTRATIVE:
        if want not in question.wants or (want is Want.PAYMENT and not _PAID_OUT.search(question.focus)):
            continue
        draft = draft_sentences(reader, question, judged, subject, as_of)
        text = "".join(quote.clause.text[quote.start : quote.end] for quote in draft.quotes)
        asked = question.focus or question.text
        told = stated_in_policy(reader, judged[0].item.policy_id, want, subject, asked)
        answered = answers_want(text, want) and not lacks_day(text, want, asked)
        # 拨付 and 公示 stand in many sentences that tell nothing of how to apply.
        if told is not None and not (states(text, want) if want is Want.PROCEDURE else answered):
            return quoting([told], note=NOT_STATED[want] if lacks_day(told.text, want, asked) else "")
        if answered:
            with_sum = want is Want.PAYMENT or _SUM_ASKED.search(question.text) is not None
            return _with_sum(reader, question, judged, subject, lens, draft) if with_sum else draft
        beside = beside_quotes(reader, judged, draft, want, subject)
        if beside and not all(lacks_day(quote.text, want, asked) for quote in beside):
            return quoting([*draft.quotes, *beside])
        nearest = draft_nearest(reader, question, judged, subject, as_of, note=NOT_STATED[want])
        office = stated_in_policy(reader, judged[0].item.policy_id, Want.BODY, subject, asked)
        nearest.quote([office] if office is not None and want is Want.CONTACT else [])
        return nearest
    return None


def _with_sum(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, draft: Draft
) -> Draft:
    """How a sum is paid, behind the sum where that is asked too: 一共多少,分几次给."""
    if Want.AMOUNT not in question.wants:
        return draft
    money = draft_money(reader, question, choose_benefits(reader, judged, question, subject, lens.terms))
    if (
        money is None
        or money.status != ANSWERED
        or {one.policy_id for one in money.quotes} != {one.policy_id for one in draft.quotes}
    ):
        return draft
    said = {statement.text for statement in money.statements}
    fresh = [[one for one in paragraph if one.text not in said] for paragraph in draft.paragraphs]
    money.paragraphs += [paragraph for paragraph in fresh if paragraph]
    return money


def quoting(quotes: Sequence[Quote], *, note: str = "") -> Draft:
    """The quotes as they stand, with `note` where they are only part of an answer."""
    draft = Draft()
    draft.quote(quotes)
    if note:
        draft.doubt(note)
    return draft
