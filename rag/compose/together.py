"""Answers to two things asked at once: how much there is, and how it is paid."""

from __future__ import annotations

from index.store import IndexReader
from rag.choose import Choice
from rag.compose.draft import ANSWERED, Draft
from rag.compose.money import draft_money
from rag.understand import Question, Want


def with_sums(reader: IndexReader, question: Question, choice: Choice, told: Draft) -> Draft:
    """What is told of how money is paid, behind the sums where these are asked for as well (一共多少,分几次给)."""
    if not {Want.AMOUNT, Want.PAYMENT} <= question.wants or told.status != ANSWERED or not choice.benefits:
        return told
    money = draft_money(reader, question, choice)
    policies = {quote.policy_id for draft in (money, told) if draft is not None for quote in draft.quotes}
    if money is None or money.status != ANSWERED or not money.quotes or len(policies) != 1:
        return told
    money.quote(told.quotes)
    money.drop_repeated()
    return money
