"""Who or what gets nothing (哪些企业不能拿, 哪些项目享受不了): the list of a policy that says so, else its sentence.

Such a list seldom repeats what it is about, while the rules that pay name it in every line: the search finds those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from index.models import Clause, PolicyId
from index.store import IndexReader
from rag.compose.consequence import asks_beside
from rag.compose.draft import Draft
from rag.found import ClauseKey, RetrievedClause
from rag.judge import Judged
from rag.select import Scored, asks_excluded, complete
from rag.sentences import Sentence, split_sentences
from rag.subject import Subject
from rag.understand import Question, Want

_EXCLUDES = re.compile(
    r"不予|不得(?:享受|使用|申[请报领]|参评|列入|纳入|用于|重复)|不再|不享受|不适用|不(?:能|可)(?:享受|申[请报])|不支持|不奖|不补|不纳入|不属于|不在[^，。；]{0,10}范围|除外"
)
_WITHDRAWS = re.compile(r"取消|追回|追缴|收回|退回|退还|停止")
_COUNTED_IN = re.compile(r"不(?:得|能|可)?(?:计入|算入|算进|纳入|列入)|不包括|不算")
_ASKS_COUNTED = re.compile(r"(?:不能|不|没法)(?:算|计)|支出|费用|开支|花销")
_ASKS_BACK = re.compile(r"追回|退回|取消|收回|退还|要回|追缴|失去")
_CONSEQUENCE = re.compile(
    r"会?怎么?样$|会怎么?样|怎么(?:处理|处罚|办)|(?:什么|啥)(?:后果|影响|处罚)|(?:要不要|用不用|会不会)[^,。?]{0,4}(?:退|还|追|收)"
)
"""What comes of a deed: 拿了钱第三年搬走会怎样."""
_DEEDS = (
    (re.compile(r"搬|迁|走人|撤"), re.compile(r"迁|搬|转移|撤")),
    (re.compile(r"卖|转手|转让|转出"), re.compile(r"转让|转出|出售|处置|转租|变更用途")),
    (re.compile(r"造假|作假|骗|虚|假材料"), re.compile(r"虚假|作假|骗取|套取|隐瞒|不实")),
    (re.compile(r"挪用|挪去|别的用"), re.compile(r"挪用|截留|擅自|用途")),
    (re.compile(r"离职|走了|跳槽|离开"), re.compile(r"离职|离开|解除|终止")),
)
"""Deeds for which money is taken back, as questions and as policies name them."""
_SAME_DEED = 0.5
"""What a sentence counts more that names the deed of the question."""
_ASKS_WHICH = re.compile(r"哪|什么|几类|几种|谁|啥")
_STACKS = re.compile(r"重复|叠加|从高|就高|同时享受")
_LIST, _NEAR = 0.5, 0.5
"""What a list counts more than a sentence; what the relevance of a clause counts."""
_LEAST = 0.45


def asks_who_is_excluded(question: Question) -> bool:
    """Whether it is asked which ones get nothing, and not whether a certain one does."""
    asked = question.focus or question.text
    if asks_consequence(question):
        return True
    return (
        asks_excluded(question)
        and bool(_ASKS_WHICH.search(asked))
        and not question.wants & {Want.AMOUNT, Want.VALIDITY}
    )


def asks_consequence(question: Question) -> bool:
    """Whether it is asked what comes of a deed for which money is taken back."""
    asked = question.text
    named = any(deed.search(asked) for deed, _ in _DEEDS)
    return named and bool(_CONSEQUENCE.search(asked)) and not asks_beside(asked)


def draft_excluded(reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject) -> Draft | None:
    """The list or sentence of the likeliest policy that shuts out what is asked for; None where it has none."""
    relevance = {one.item.key: one.relevance for one in judged}
    return excluded_in(reader, question, judged[0].item, subject, relevance)


def excluded_in(
    reader: IndexReader,
    question: Question,
    item: RetrievedClause,
    subject: Subject,
    relevance: Mapping[ClauseKey, float],
) -> Draft | None:
    """The list or sentence that says who or what is shut out, in the policy of a clause that was found.

    Args:
        reader: an index snapshot.
        question: what is asked.
        item: any clause of the policy.
        subject: of the question.
        relevance: (0..1) of clauses that were judged.
    """
    if not asks_who_is_excluded(question):
        return None
    deeds = [named for deed, named in _DEEDS if asks_consequence(question) and deed.search(question.text)]
    pattern = _WITHDRAWS if deeds or _ASKS_BACK.search(question.focus or question.text) else _EXCLUDES
    if pattern is _EXCLUDES and _ASKS_COUNTED.search(question.focus or question.text):
        pattern = _COUNTED_IN
    known = {path: share for (policy_id, path), share in relevance.items() if policy_id == item.policy_id}
    best: tuple[float, Scored | None] = (_LEAST, None)
    for clause in reader.clauses(item.policy_id):
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if not pattern.search(text) or _STACKS.search(text):
                continue
            near = max((known[path] for path in _with_items(clause, known)), default=0.0)
            listed = _introduces(clause, sentence)
            items = _items(reader, item.policy_id, clause) if listed else ""
            own = subject.familiar.cover(f"{clause.heading or ''}{text}{items}")
            if deeds and not any(named.search(text) for named in deeds):
                continue
            score = own + _NEAR * near + _LIST * listed + (_SAME_DEED if deeds else 0.0)
            if score > best[0]:
                best = (score, Scored(replace(item, clause=clause, context=""), sentence, own, own))
    if best[1] is None:
        return None
    draft = Draft()
    draft.quote(complete(reader, [best[1]]))
    return draft


def _with_items(clause: Clause, paths: Iterable[str]) -> list[str]:
    """The path of a clause and of those of `paths` that are its items."""
    return [path for path in paths if path == clause.path or path.rpartition(".")[0] == clause.path]


def _items(reader: IndexReader, policy_id: PolicyId, clause: Clause) -> str:
    """The words of the items that a clause introduces: they name the subject where its lead does not."""
    below = f"{clause.path}."
    return "".join(one.text for one in reader.clauses(policy_id) if one.path.startswith(below))


def _introduces(clause: Clause, sentence: Sentence) -> bool:
    text = clause.text.rstrip()
    return text.endswith(("：", ":")) and sentence.end >= len(text)
