"""What becomes of money that was granted, asked beside how much is given: 每步多少,迁出去要退吗."""

from __future__ import annotations

import re
from dataclasses import replace

from index.store import IndexReader
from rag.compose.draft import ANSWERED, Draft, one_line
from rag.conditions import what_follows
from rag.understand import Question

FOLLOWS = re.compile(r"退|收回|追回|要回|还回|追缴|会怎么?样|怎么[办样处]|后果|受影响")
_HOW_MUCH = re.compile(r"多少|几[个万千百成钱步]|多大")


def asks_beside(text: str) -> bool:
    """Whether how much is given is asked in another part of a question than what becomes of it."""
    parts = re.split(r"[,，。;；?？!！]", text)
    follows = [part for part in parts if FOLLOWS.search(part)]
    return bool(follows) and any(_HOW_MUCH.search(part) for part in parts if part not in follows)


def of_sum_alone(question: Question) -> Question:
    """The question without the part on what becomes of the money, where it asks for a sum beside that."""
    if not asks_beside(question.text):
        return question
    asked = re.split(r"(?<=[,，。;；?？!！])", question.focus or question.text)
    rest = "".join(part for part in asked if not FOLLOWS.search(part))
    return replace(question, focus=rest) if rest.strip(",，。;；?？!！ ") else question


def add_consequence(draft: Draft, reader: IndexReader, question: Question) -> None:
    """Tell what becomes of money where that is asked beside what the answer is about."""
    if draft.status != ANSWERED or not draft.quotes or not asks_beside(question.text):
        return
    policy_id = draft.quotes[0].policy_id
    told = what_follows(question.text, reader.clauses(policy_id), policy_id)
    if told is not None and told.quote not in draft.quotes:
        draft.say(one_line(told.quote), [told.quote])
