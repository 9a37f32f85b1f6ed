"""Example questions made from the policies themselves, for the chat page and for refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, zip_longest

from index.models import Policy
from index.store import IndexReader
from rag.validity import validity_sentence

POLICY_LIMIT = 12
"""Policies that examples are taken from."""

_PAID = re.compile(
    r"(?:^|[,，。；：、的对按])(?:(?:经)?(?:新)?(?:认定|评定|获评|评为|列入|入选)(?:为)?的?)?"
    r"((?:国家级|省级|市级|国内|省内)?[\u4e00-\u9fff“”]{3,14}?)(?:的)?[,，]?(?:由[^,，。；]{2,10})?(?:一次性)?"
    r"(?:给予|予以)?(?:一次性)?(资助|奖励|补助|补贴)\d"
)
_SHARED = re.compile(
    r"国家级、省级([\u4e00-\u9fff“”]{3,14}?)(?:的)?[,，][^。；;]{0,14}分别给予\d[^。；;]{0,24}?(资助|奖励|补助|补贴)"
)
_EVERYWHERE = frozenset(("总体要求", "指导思想", "基本原则", "总则", "附则", "保障措施"))
_NOISE = re.compile(r"给予|予以|按照|分别|一次性|达到|超过|首次|每年|其中|同一|最高|由|的$|标准$|情形|下列|以上|以下")
_GOAL = re.compile(r"目标|指标")
_HEADING_NUMBER = re.compile(r"^(?:第[^ 　]{1,8}[章节]|[一二三四五六七八九十]+、|[(（][^)）]{1,4}[)）])[\s　]*")
_HEADING_LIMIT = 14
_TITLE_LIMIT = 24
_PAUSE = re.compile("[,，、;；]")


def example_questions(reader: IndexReader, *, limit: int = 4) -> list[str]:
    """Up to `limit` questions that the index answers, from different policies first."""
    policies = [reader.policy(policy_id) for policy_id in islice(reader.facts(), POLICY_LIMIT)]
    columns = [list(islice(_questions(policy), limit)) for policy in policies]
    columns.sort(key=lambda questions: not any("多少" in question for question in questions))
    rows = (question for row in zip_longest(*columns) for question in row if question is not None)
    return list(islice(dict.fromkeys(rows), limit))


def _questions(policy: Policy) -> Iterator[str]:
    """Questions of one policy: amounts first, then goals, then its validity, then headings."""
    clauses = policy.best.clauses
    for benefit in policy.best.benefits:
        if 3 <= len(benefit.beneficiary) <= _HEADING_LIMIT and benefit.amount is not None:
            yield f"{benefit.beneficiary}能拿多少{benefit.kind}?"
    for clause in clauses:
        for match in _PAID.finditer(clause.text):
            if not _NOISE.search(match[1]):
                yield f"{match[1].removeprefix('对')}{match[2]}多少?"
        for match in _SHARED.finditer(clause.text):
            yield f"国家级{match[1]}{match[2]}多少?"
    name = _short_title(policy.facts.title)
    for clause in clauses:
        goal = _GOAL.search(clause.heading or "")
        if goal is not None and name:
            yield f"{name}的{goal[0]}是什么?"
    if len(policy.facts.title) <= _TITLE_LIMIT and validity_sentence(clauses) is not None:
        yield f"{policy.facts.title}什么时候施行?"
    for clause in clauses:
        heading = _HEADING_NUMBER.sub("", clause.heading or "").strip("。:： ")
        ends = clause.text[len(clause.heading or "") :][:1] in ("\n", "。") or (clause.heading or "").endswith("。")
        if ends and 4 <= len(heading) <= _HEADING_LIMIT and heading not in _EVERYWHERE and not _PAUSE.search(heading):
            yield f"{heading}有哪些规定?"


def _short_title(title: str) -> str:
    """What a person calls a policy: its subject, without issuer, kind of document and years."""
    plain = re.sub(r"[（(][^（）()]*[）)]", "", title).replace("“", "").replace("”", "")
    plain = re.sub(r"^.*?关于(?:印发)?", "", plain)
    plain = re.sub(
        r"(?:的)?(?:实施方案|行动方案|行动计划|若干意见|实施意见|实施细则|若干措施|若干政策|办法|通知|规定)$", "", plain
    )
    return plain if 4 <= len(plain) <= 20 else ""
