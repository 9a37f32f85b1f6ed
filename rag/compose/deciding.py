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
from rag.conditions import (
    Ruling,
    Truth,
    asks_together,
    eligibility_from_sentence,
    ruling,
    together,
    what_follows,
    words_of,
)
from rag.conditions.barring import freed_in
from rag.judge import Judged
from rag.select import rank_sentences
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.understand import Question

WHETHER = re.compile(
    r"(?:能|可以|要|用|够|有|给|补|行|(?<![打核计预结决])算|符合|满足|享受|奖|领|拿|发|认|退|来得及|受理|报|申|得[了上去到])[^,。?]{0,16}(?:吗|(?<!什)[么幺]|嘛|没有?[?？]?$|没得|不[?？]?$)"
    r"|能不能|可不可以|够不够|算不算|行不行|给不给|补不补|认不认|退不退|能否|可否|是否(?:能|可以|符合|享受)|有没有(?:资格|份)"
)
_CASES = re.compile(
    r"^[^，,。：:]{0,16}?(?:下列|以下|如下)(?:情形|情况|行为)(?:之一)?的?(?P<who>[\u4e00-\u9fff]{0,8}?)[，,]?"
    r"(?P<out>(?:不予|不得|不再|不能|取消|收回|停止|当年|本年度)[^：:]*)[：:]$"
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
    missed = _missed_beside(question, found) if found.frees else None
    if missed is not None:
        return missed
    draft = Draft()
    joined = _case_of(found)
    if joined is not None:
        draft.say(f"{_head(question, found)},{joined}", found.quotes)
        return draft
    asks = "文件要求:" if found.requires else ""
    draft.say(f"{_head(question, found)},{asks}{one_line(found.quotes[0])}", found.quotes[:1])
    for quote in found.quotes[1:]:
        draft.say(one_line(quote), [quote], new=False)
    return draft


def _missed_beside(question: Question, found: Ruling) -> Draft | None:
    """A bound that a waiver's own clause sets, where the enterprise misses it: 不受第四条限制, but 不少于3人."""
    waiver = found.quotes[-1]
    freed = freed_in(waiver.text)
    if freed is None or not freed.of_items:
        return None  # it names the bound that is waived, which may be the one that is missed
    for sentence in split_sentences(waiver.clause):
        if sentence.start <= waiver.start < sentence.end:
            continue
        one = eligibility_from_sentence(question, waiver.clause, sentence, policy_id=waiver.policy_id)
        if one is not None and one.truth is Truth.FAILS and one.bears:
            draft = Draft()
            draft.say(one.verdict.text, one.verdict.quotes, derived=one.verdict.derived)
            return draft
    return None


def _case_of(found: Ruling) -> str | None:
    """One case of a list with what the list's lead says of it: 发生安全事故的机构,补助不予发放; None where they part.

    没有下列情形之一的 behind 不能 would read as if the enterprise could not have them.
    """
    lead = _CASES.match(one_line(found.quotes[0])) if len(found.quotes) == len(("lead", "item")) else None
    item = one_line(found.quotes[-1]).rstrip("；;。")
    if lead is None or not item.endswith("的"):
        return None
    only = "才" if found.frees else ""
    return f"{item}{lead['who']},{only}{lead['out']}。"


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
