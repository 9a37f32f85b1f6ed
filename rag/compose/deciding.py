"""Single sentences that decide a question: who is shut out or freed, two grants at once, money to be given back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.store import IndexReader
from rag.benefit_at import BenefitAt
from rag.choose import benefits_by_path
from rag.compose.consequence import FOLLOWS, asks_beside
from rag.compose.draft import Draft, one_line
from rag.conditions import Ruling, asks_together, ruling, together, what_follows, words_of
from rag.judge import Judged
from rag.select import rank_sentences
from rag.subject import Subject
from rag.understand import Question

WHETHER = re.compile(
    r"(?:能|可以|要|用|够|有|给|补|行|(?<![打核计预结决])算|符合|满足|享受|奖|领|拿|发|认|退|来得及|受理|报|申|得[了上去到])[^,。?]{0,16}(?:吗|(?<!什)[么幺]|嘛|没有?[?？]?$|没得|不[?？]?$)"
    r"|能不能|可不可以|够不够|算不算|行不行|给不给|补不补|认不认|退不退|能否|可否|是否(?:能|可以|符合|享受)|有没有(?:资格|份)"
)
_RETURNED = re.compile(r"退|收回|追回|要回|还回|追缴")


def asks_what_follows(question: Question) -> bool:
    """Whether a question asks what becomes of money that was granted."""
    return bool(FOLLOWS.search(question.text)) and not asks_beside(question.text)


def draft_decided(
    reader: IndexReader,
    question: Question,
    rules: Sequence[BenefitAt],
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
) -> Draft | None:
    """The sentence that decides the question, with the verdict in front; None where none does."""
    policy_id = rules[0].policy_id if rules else judged[0].item.policy_id
    clauses = reader.clauses(policy_id)
    draft = Draft()
    if asks_what_follows(question):
        told = what_follows(question.text, clauses, policy_id)
        if told is not None:
            head = "不收回," if told.kept and _RETURNED.search(question.text) else ""
            draft.say(f"{head}{one_line(told.quote)}", [told.quote])
            return draft
    if asks_together(question.text):
        both = together(question.text, clauses, policy_id, place=reader.facts()[policy_id].title)
        if both is not None:
            draft.say(f"{'可以' if both.allowed else '不能'},{one_line(both.quote)}", [both.quote])
            return draft
    return _ruled(reader, question, rules, judged, subject, as_of)


def _ruled(
    reader: IndexReader,
    question: Question,
    rules: Sequence[BenefitAt],
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
) -> Draft | None:
    """A sentence that shuts out, or frees, what the question names, in the policy it is about."""
    policy_id = rules[0].policy_id if rules else judged[0].item.policy_id
    about = rules or _relevant(reader, judged)
    best = [judged[0].item, *(one.item for one in rank_sentences(judged, question, subject, as_of)[:1])]
    likely = {item.clause.path for item in best if item.policy_id == policy_id}
    situation = question.situation
    found = ruling(question.text, reader.clauses(policy_id), policy_id, about, likely=likely, situation=situation)
    if found is None:
        return None
    draft = Draft()
    draft.say(f"{_head(question, found)},{one_line(found.quotes[0])}", found.quotes[:1])
    for quote in found.quotes[1:]:
        draft.say(one_line(quote), [quote], new=False)
    return draft


def _head(question: Question, found: Ruling) -> str:
    if found.frees:
        return "不影响"
    if not WHETHER.search(question.focus or question.text):
        return "不是"
    return words_of(question).no(None).replace("不符合", "不能")


def _relevant(reader: IndexReader, judged: Sequence[Judged]) -> list[BenefitAt]:
    """The benefits of the best clause."""
    item = judged[0].item
    own = benefits_by_path(reader, item.policy_id).get(item.clause.path, ())
    return [BenefitAt(item.policy_id, item.clause, benefit) for benefit in own]
