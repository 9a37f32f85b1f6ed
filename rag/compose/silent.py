"""What a policy leaves open, though it speaks of the subject: left to other rules, to a notice, or without an end.

具体办法另行制定, 具体时间以申报通知为准 and 依照国家有关规定执行 name the matter and do not settle it: an answer that
quotes them says that the text leaves it open.
"""

from __future__ import annotations

import re

from rag.answering import doubtful, passage, told, window
from rag.asked import states_money
from rag.compose.deciding import WHETHER
from rag.compose.draft import ANSWERED, Draft, one_line
from rag.compose.money import OPEN
from rag.compose.quoting import NEAREST, NOT_STATED
from rag.found import ClauseKey, Retrieval
from rag.judge import Lens
from rag.rank import asked_of
from rag.subject import Subject
from rag.understand import Question, Want
from rag.unsaid import criteria_unsaid, period_unsaid
from rag.verify import Statement

_OPENLY = re.compile(r"多少|多大|多久|几|什么|哪|怎[么样]|如何|具体|何时")
"""What asks for a thing itself, and not whether there is one."""
_OTHERWISE = frozenset((Want.BODY, Want.LIST, Want.VALIDITY, Want.CHECK))
"""Kinds of question that such a sentence may answer: who settles it, what there is, whether it holds."""
_ONCE_FOR_ALL = frozenset((Want.VALIDITY, Want.PROCEDURE, Want.MATERIALS, Want.CONTACT))
"""What a policy says once for all it gives, without naming what is asked about; by its form, not by its words."""
_FIRST = (Want.DEADLINE, Want.PAYMENT, Want.MATERIALS, Want.PROCEDURE, Want.AMOUNT)
LEFT = re.compile(rf"{OPEN.pattern}|[按依参]照?《[^》]{{4,40}}》(?:的?规定|要求)?(?:执行|办理|认定|确定|落实)")
"""A sentence that leaves what it is about to another document: 生活待遇按照《…办法》执行."""
_PARTS = re.compile(r"[。；;\n]")


def doubt_unanswered(draft: Draft, question: Question, found: Retrieval, lens: Lens) -> None:
    """Say of an answer that it is the nearest clause only, where nothing of it, read with the question, answers.

    What was worked out, or follows from days, is none of a clause's own words.
    """
    if lens.answering is None or draft.status != ANSWERED or draft.calculations:
        return
    if found.policies or question.wants & _ONCE_FOR_ALL or any(item.named for item in found.clauses):
        return
    if draft.paragraphs and _is_verdict(draft.paragraphs[0][0], question):
        return
    asked, least = asked_of(question, found.clauses), doubtful()
    words: dict[ClauseKey, list[str]] = {}
    for quote in draft.quotes:
        words.setdefault((quote.policy_id, quote.clause.path), []).append(quote.text)
    items = {item.key: item for item in found.clauses if item.key in words}
    whole = [passage(item, asked) for item in items.values()]
    # Mostly read before, to put the clauses in order; their words as they are told only where that says no.
    if not whole or max(lens.answering.log_odds(asked, whole)) >= least:
        return
    texts = [told(item, window("".join(words[key]), asked)) for key, item in items.items()]
    if max(lens.answering.log_odds(asked, texts)) < least:
        draft.doubt(NEAREST)


def _is_verdict(first: Statement, question: Question) -> bool:
    """Whether an answer begins with what was decided (不能,关联方之间的交易不予奖励), and not in a clause's words.

    So do conditions put together from several clauses: 能不能申请,要看项目实际投入.
    """
    asked = question.focus or question.text
    decided = WHETHER.search(asked) is not None or Want.CONDITION in question.wants
    return decided and all(first.text != one_line(quote) for quote in first.quotes)


def leaves_open(text: str, subject: Subject) -> bool:
    """Whether the part of a text that is about the subject leaves it to other rules, and gives nothing itself."""
    parts = [part for part in _PARTS.split(text) if part.strip()]
    if not any(LEFT.search(part) for part in parts):
        return False
    familiar = subject.familiar
    best = max(parts, key=lambda part: familiar.cover(part))
    return bool(LEFT.search(best)) and not states_money(best)


def doubt_left_open(draft: Draft, question: Question, subject: Subject) -> None:
    """Say of an answer in a clause's words that the clause leaves open what is asked."""
    asked = question.focus or question.text
    if draft.status != ANSWERED or draft.calculations:
        return
    whole = "\n".join(quote.text for quote in draft.quotes)
    if period_unsaid(asked, question.wants, whole):
        draft.doubt(NOT_STATED[Want.PAYMENT])
    elif criteria_unsaid(asked, subject.phrases, whole):
        draft.doubt(NEAREST)
    if draft.status != ANSWERED or question.wants & _OTHERWISE or not _OPENLY.search(asked):
        return
    first = draft.paragraphs[0] if draft.paragraphs else []
    quotes = list(dict.fromkeys(quote for statement in first for quote in statement.quotes))
    if not quotes or not leaves_open("".join(quote.text for quote in quotes), subject):
        return
    draft.doubt(next((NOT_STATED[want] for want in _FIRST if want in question.wants), NEAREST))
