"""Example questions made from the policies themselves, for the chat page and for refusals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice, zip_longest

from index.models import Benefit, Policy, Status
from index.store import IndexReader
from rag.places import region_names
from rag.terms import content_terms
from rag.validity import validity_sentence

POLICY_LIMIT = 12
"""Policies that examples are taken from."""
EXAMPLE_KINDS = {"amount": "多少？", "target": "是什么？", "validity": "还有效吗？", "content": "有哪些规定？"}
"""What an example asks for, by how it ends."""
POOL = 12
"""Questions of one policy that the nearest to a question are chosen from."""

_ATTAINED = re.compile(
    r"^(?:对|经)?(?:新)?(?:获?认定|获?评定|获评|评选|评|列入|入选|创建|获得|获批)(?:为|的)?(?=[\u4e00-\u9fffA-Z\d“])"
)
_NAME = re.compile(r"^[\u4e00-\u9fff“”A-Z0-9]{3,16}$")
_SHARED = re.compile(
    r"国家级、省级([\u4e00-\u9fff“”]{3,14}?)(?:的)?[,，][^。；;]{0,14}分别给予\d[^。；;]{0,24}?(资助|奖励|补助|补贴)"
)
_EVERYWHERE = frozenset(("总体要求", "指导思想", "基本原则", "总则", "附则", "保障措施"))
_NOISE = re.compile(
    r"给予|予以|按照|分别|一次性|达到|超过|突破|首次|每[年新1一]|其中|同一|最高|由|[^目]的|标准$|情形|下列|以上|以下|不少于|满[\d一二三]|第[一二三四五六七八九十]+条"
)
_GOAL = re.compile(r"目标|指标")
_HEADING_NUMBER = re.compile(r"^(?:第[^ 　]{1,8}[章节]|[一二三四五六七八九十]+、|[(（][^)）]{1,4}[)）])[\s　]*")
_HEADING_LIMIT = 14
_TITLE_LIMIT = 24
_PAUSE = re.compile("[,，、;；]")
_NEAR = 2
"""Character pairs that an example must share with a question to be offered before the others."""


def example_questions(reader: IndexReader, *, limit: int = 4, near: str = "") -> list[str]:
    """Up to `limit` questions that the index answers.

    Args:
        reader: an index snapshot.
        limit: most questions.
        near: a question; those of policies for a place it names come first, of these and of the rest the ones that
            share most words with it, then from different policies, those in force first.
    """
    policies = [reader.policy(policy_id) for policy_id in islice(reader.facts(), POLICY_LIMIT)]
    today = date.today()
    policies.sort(key=lambda policy: policy.facts.status(today) is not Status.IN_FORCE)
    here, elsewhere = _spread(policies, near, limit, here=True), _spread(policies, near, limit, here=False)
    ordered = [*_nearest(here, near), *here, *_nearest(elsewhere, near), *elsewhere]
    return list(islice(dict.fromkeys(ordered), limit))


def _spread(policies: Sequence[Policy], near: str, limit: int, *, here: bool) -> list[str]:
    """Questions of the policies for a place that `near` names, or of the others, by turns."""
    chosen = [policy for policy in policies if _is_for_place(policy, near) is here]
    columns = [list(islice(dict.fromkeys(_questions(policy)), max(limit, POOL))) for policy in chosen]
    columns.sort(key=lambda questions: not any("多少" in question for question in questions))
    return [question for row in zip_longest(*columns) for question in row if question is not None]


def _is_for_place(policy: Policy, text: str) -> bool:
    region = policy.facts.region
    return bool(text and region) and any(name in text for name in region_names(region or "")[-1:])


def _nearest(questions: Iterable[str], near: str) -> list[str]:
    """The questions that share most character pairs with `near`, best first; those with too few left out."""
    wanted = _pairs(near)
    shared = [(len(_pairs(question) & wanted), question) for question in questions]
    best = sorted((pair for pair in shared if pair[0] >= _NEAR), key=lambda pair: -pair[0])
    return [question for _, question in best]


def _pairs(text: str) -> set[str]:
    words = re.sub(r"多少|什么|哪些|规定|资助|奖励|补助|补贴|[\W_]", " ", text)
    return {words[at : at + 2] for at in range(len(words) - 1) if " " not in words[at : at + 2]}


def _questions(policy: Policy) -> Iterator[str]:
    """Questions of one policy: amounts first, then goals, then its validity, then headings."""
    clauses = policy.best.clauses
    for benefit in policy.best.benefits:
        name = _named(benefit)
        if name:
            yield f"{name}的{benefit.kind}是多少？" if name.endswith("奖") else f"{name}{benefit.kind}多少？"
    for clause in clauses:
        for match in _SHARED.finditer(clause.text):
            yield f"国家级{match[1]}{match[2]}多少？"
    name = _short_title(policy.facts.title)
    for clause in clauses:
        goal = _GOAL.search(clause.heading or "")
        if goal is not None and name:
            yield f"{name}的{goal[0]}是什么？"
    if len(policy.facts.title) <= _TITLE_LIMIT and validity_sentence(clauses) is not None:
        yield f"{policy.facts.title}现在还有效吗？"
    for clause in clauses:
        heading = _HEADING_NUMBER.sub("", clause.heading or "").strip("。:： ")
        ends = clause.text[len(clause.heading or "") :][:1] in ("\n", "。") or (clause.heading or "").endswith("。")
        if ends and 4 <= len(heading) <= _HEADING_LIMIT and not _PAUSE.search(heading) and _names_subject(heading):
            yield f"{heading}有哪些规定？"


def _names_subject(heading: str) -> bool:
    """Whether a heading says what it is about: 申报条件 and 总体要求 stand in every policy."""
    return heading not in _EVERYWHERE and any(not term.weak for term in content_terms(heading))


def _named(benefit: Benefit) -> str:
    """What a person calls the beneficiary of an amount: 国家级绿色工厂; "" for one that is no plain name."""
    if benefit.amount is None or (benefit.base and not benefit.base.startswith("每")):
        return ""
    plain = _ATTAINED.sub("", re.sub(r"(?:的(?:企业|单位|项目)?)$", "", benefit.beneficiary.strip("，,。；; ")))
    return plain if _NAME.match(plain) and not _NOISE.search(plain) else ""


def _short_title(title: str) -> str:
    """What a person calls a policy: its subject, without issuer, kind of document and years."""
    plain = re.sub(r"[（(][^（）()]*[）)]", "", title).replace("“", "").replace("”", "")
    plain = re.sub(r"^.*?关于(?:印发)?", "", plain)
    plain = re.sub(
        r"(?:的)?(?:实施方案|行动方案|行动计划|若干意见|实施意见|实施细则|若干措施|若干政策|办法|通知|规定)$", "", plain
    )
    return plain if 4 <= len(plain) <= 18 else ""
