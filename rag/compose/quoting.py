"""Answers in the clauses' own words: clauses a question names, a policy's opening, the sentences that fit best."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import islice

from index.models import PolicyId, Status
from index.store import IndexReader
from rag.asked import answers_want, asks_amount, figure_check, gives, states_money
from rag.calculate import work_out_sentence
from rag.compose.draft import PARTIAL, Draft, quote_of
from rag.compose.goals import goal_meant
from rag.compose.money import qualifying
from rag.judge import Judged
from rag.retrieve import Retrieval, RetrievedClause
from rag.select import Scored, choose, complete, lead_quotes, named_quotes, rank_sentences, whole_list
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.understand import Question, Want
from rag.verify import Quote

_LONG = "条文较长,先摘录前面的部分:"
_WHICH = "收录的文件中不止一份有这一条,您问的是哪一份?"
_ASKED_POLICIES = 6
_WHOLE_OF = 2
"""Policies up to which a clause that all of them have is quoted in full."""
_COMPUTED = 3
"""Best sentences that are calculated with."""
_INTRODUCTION_SENTENCES = 2
_INTRODUCED = 8
"""Benefits that are told of a policy that is named and nothing asked about."""
_BESIDE = 2
"""Clauses that are looked through for a deadline, a body or materials."""
_STATED_ONCE = frozenset((Want.MATERIALS, Want.CONTACT))
"""What a policy states in one place, for all its measures."""
_HANDED_IN = re.compile(
    r"(?:提交|提供|报送|准备|携带|出具|附上|附)[^。；]{0,40}(?:材料|证明|证书|合同|发票|名册|报告|清单|申请书|申请表|凭证)"
    r"|材料(?:包括|清单|如下|目录)|电话|地址|邮箱|网址|https?:|\d{3,4}-\d{7,8}"
)
NEAREST = "收录的文件没有直接写明这一点,最接近的规定是:"
NEAR = "没有找到和所问完全对应的规定,最接近的是:"
NOT_STATED = {
    Want.AMOUNT: "文件没有写明给多少,最接近的规定是:",
    Want.DEADLINE: "文件没有写明申报时间,最接近的规定是:",
    Want.MATERIALS: "文件没有写明申报材料,最接近的规定是:",
    Want.CONTACT: "文件没有写明联系方式和办理地点,最接近的规定是:",
    Want.PROCEDURE: "文件没有写明申报流程,最接近的规定是:",
    Want.PAYMENT: "文件没有写明怎样拨付和何时到账,最接近的规定是:",
    Want.BODY: "文件没有写明由哪个单位负责,最接近的规定是:",
    Want.WHEN: "文件没有写明时间,最接近的规定是:",
}
"""What is said in front of the nearest clause where it does not have what is asked."""
_WITH_CONDITIONS = frozenset((Want.AMOUNT, Want.SUPPORT, Want.CONDITION))
LEFT_TO_OTHERS = re.compile(r"另行(?:制定|规定|明确|公布|确定|发文)")
"""A sentence that leaves what it is about to rules that are still to come."""
_RULED = frozenset((Want.CONDITION, Want.AMOUNT, Want.SUPPORT, Want.PROCEDURE, Want.MATERIALS, Want.DEADLINE))
_AS_NEAR = 0.6
"""Share of the best sentence's terms that one on what is given must have to be quoted in its place."""
_ARRANGED = (Want.PAYMENT, Want.DEADLINE, Want.PROCEDURE)
"""Kinds of questions that words answer as well as figures: 分几次拨 by 立项时拨付50%，通过验收后拨付其余部分."""
_EXPLAINED = frozenset((Want.DEFINITION, Want.LIST))
_NO_FIGURE = "文件没有写明这个数,最接近的规定是:"


def draft_named(reader: IndexReader, found: Retrieval, *, subject: Subject) -> Draft | None:
    """The clauses that the question names by number."""
    named = [item for item in found.clauses if item.named]
    if not named:
        return None
    policies = tuple(dict.fromkeys(item.policy_id for item in named))
    if len(policies) > 1 and subject.named:
        # The other words of the question have put the policy they fit first.
        named = [item for item in named if item.policy_id == policies[0]]
        policies = policies[:1]
    if len(policies) > _WHOLE_OF:
        # The question back comes first: a sentence of each tells which is meant.
        named = list({item.policy_id: item for item in reversed(named)}.values())[::-1][:_ASKED_POLICIES]
        quotes, whole = [_opening(item) for item in named], True
    else:
        quotes, whole = named_quotes(named)
    draft = Draft()
    draft.quote(quotes)
    if len(policies) > 1:
        titles = tuple(f"《{reader.facts()[policy_id].title}》" for policy_id in policies[:_ASKED_POLICIES])
        draft.ask_back.append(f"{_WHICH}{'、'.join(titles)}")
        draft.offered[draft.ask_back[-1]] = titles
        draft.status = PARTIAL
    if not whole:
        draft.notes.append(_LONG)
    return draft


def _opening(item: RetrievedClause) -> Quote:
    """The first sentence of a clause."""
    first = split_sentences(item.clause)[0]
    return Quote(item.policy_id, item.clause, first.start, first.end)


def draft_policies(reader: IndexReader, policy_ids: Sequence[PolicyId], as_of: date) -> Draft:
    """What the policies that are named say first, and the first benefits they give.

    Of several editions those that are in force on `as_of`, where there are such.
    """
    held = [key for key in policy_ids if reader.facts()[key].status(as_of) is Status.IN_FORCE]
    policy_ids = held if held else policy_ids
    draft = Draft()
    for policy_id in policy_ids:
        first = next((clause for clause in reader.clauses(policy_id) if clause.text.strip()), None)
        if first is not None:
            sentences = split_sentences(first)[:_INTRODUCTION_SENTENCES]
            draft.quote(Quote(policy_id, first, sentence.start, sentence.end) for sentence in sentences)
        rules = {benefit.quote: benefit.path for benefit in reader.policy(policy_id).best.benefits}
        if rules and len(policy_ids) == 1:
            draft.notes.append(f"《{reader.facts()[policy_id].title}》的主要内容：")
        for words, path in islice(rules.items(), _INTRODUCED):
            clause = reader.clause(policy_id, path)
            if clause is not None:
                draft.quote([*lead_quotes(reader, policy_id, clause), quote_of(policy_id, clause, words)])
    return draft


def draft_sentences(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, as_of: date
) -> Draft:
    """The sentences that fit best; only the nearest where they do not have what is asked."""
    ranked = rank_sentences(judged, question, subject, as_of)
    draft = Draft()
    left = bool(ranked) and LEFT_TO_OTHERS.search(ranked[0].text) and not states_money(ranked[0].text)
    if left and question.wants & _RULED and Want.LIST not in question.wants:
        draft.doubt(NEAREST)
        draft.quote(complete(reader, ranked[:1]))
        return draft
    listed = whole_list(reader, ranked[0]) if Want.LIST in question.wants else []
    if listed:
        draft.quote(listed)
        return draft
    chosen = choose(ranked, question, subject)
    worked = _worked(draft, question, chosen)
    quotes = complete(reader, chosen)
    goal = goal_meant(quotes, question, subject) if not worked else ""
    if goal:
        draft.say(goal, quotes)
        return draft
    draft.quote(quotes)
    if worked:
        return draft
    if question.wants & _WITH_CONDITIONS:
        for place in dict.fromkeys((quote.policy_id, quote.clause.path) for quote in draft.quotes):
            draft.quote(qualifying(reader, place, draft.quotes))
    text = "".join(quote.clause.text[quote.start : quote.end] for quote in draft.quotes)
    asked = [want for want in NOT_STATED if want in question.wants]
    asked = [want for want in asked if want is not Want.AMOUNT or asks_amount(question)]
    if asked and not question.wants & _EXPLAINED and not any(answers_want(text, want) for want in asked):
        draft.doubt(NOT_STATED[asked[0]])
        return draft
    check = figure_check(question)
    arranged = any(want in question.wants and answers_want(text, want) for want in _ARRANGED)
    if check is not None and not check(text) and not arranged:
        draft.doubt(_NO_FIGURE)
    elif judged[0].unsure:
        draft.doubt(NEAREST)
    return draft


def _worked(draft: Draft, question: Question, chosen: Sequence[Scored]) -> bool:
    """What follows from a goal or a share for the quantities of the question, with its calculation."""
    for scored in chosen[:_COMPUTED]:
        worked = work_out_sentence(question, scored.text)
        if worked is not None and worked.complete:
            draft.say("".join((worked.sentence, *worked.notes)), [scored.quote], derived=worked.derived)
            if worked.formula:
                draft.calculations.append(worked)
            return True
    return False


def beside_quotes(
    reader: IndexReader, judged: Sequence[Judged], draft: Draft, want: Want, subject: Subject
) -> list[Quote]:
    """The sentence beside what is quoted that has what is asked, which seldom repeats the subject.

    Looked for in the quoted clause, then in the clauses of its policy that are relevant, then, for what a policy
    states in one place (materials, deadlines, contacts), in all its clauses, those that name the subject first.
    """
    quoted = draft.quotes[0]
    near = [(quoted.policy_id, quoted.clause)]
    near += [(one.item.policy_id, one.item.clause) for one in judged if one.item.policy_id == quoted.policy_id]
    near = near[:_BESIDE]
    if want in _STATED_ONCE:
        rest = [clause for clause in reader.clauses(quoted.policy_id) if all(clause is not one for _, one in near)]
        near += [(quoted.policy_id, one) for one in sorted(rest, key=lambda one: -subject.cover(one.text))]
    for number, (policy_id, clause) in enumerate(near):
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            # 申报材料获受理 names materials too, but says not which.
            if answers_want(text, want) and (number < _BESIDE or _HANDED_IN.search(text)):
                return [Quote(policy_id, clause, sentence.start, sentence.end)]
    return []


def draft_nearest(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, as_of: date, *, note: str
) -> Draft:
    """The sentence nearest to a question that the text does not answer."""
    ranked = rank_sentences(judged, question, subject, as_of)
    draft = Draft()
    draft.doubt(note)
    draft.quote(complete(reader, [_given(ranked)]))
    return draft


def _given(ranked: Sequence[Scored]) -> Scored:
    """The best sentence, or the one of its clause that says what is given: 奖励200万元 rather than 达到10家."""
    best = ranked[0]
    if gives(best.text):
        return best
    beside = [one for one in ranked if one.item.key == best.item.key and gives(one.text)]
    return next((one for one in beside if one.cover >= _AS_NEAR * best.cover), best)
