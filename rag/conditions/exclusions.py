"""Sentences of a policy that shut somebody out (不适用, 不予, 不在…之列) or free from a requirement (不受…限制).

They stand anywhere in a policy; the one that names what the question is about decides it. Not meant are sentences on
grants that do not add up (不重复享受), which say how much, not whether.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.models import Clause, ClausePath, PolicyId
from rag.benefit_at import BenefitAt
from rag.conditions.names import name_of, polarity
from rag.conditions.requiring import is_about_applicants, is_requirement, lists_conditions
from rag.sentences import split_sentences
from rag.terms import content_terms, presence, synonyms
from rag.verify import Quote

_GIVE = r"给予|予以|支持|补助|补贴|奖励|资助|贴息|扶持|享受|发放|受理|拨付|安排|奖补|支付|纳入"
_OUT = re.compile(
    rf"不适用(?:于|本\w{{2,4}}|前款|该\w{{1,2}})?|不予(?:{_GIVE}|受理|认定)|不再(?:单独|另行|重复)?(?:{_GIVE}|适用)"
    r"|不(?:享受|计入|奖励|补助|补贴|资助|支持|贴息|纳入|列入)|不得(?:参评|参加|申报|申请|申领|享受|推荐|列入|纳入)"
    r"|不能(?:申报|申请|享受|参评)|不(?:在|属于)[^，。；]{0,12}(?:之列|范围)|除外|不包括|不含(?!本数)"
)
_STACKS = re.compile(r"重复|叠加|从高|就高|同时享受|本数")
_FREED = re.compile(r"不受(?P<from>[^，。；]{1,24}?)(?:的)?限制|不作(?P<other>[^，。；]{1,12}?)要求")
_LIST = re.compile(
    r"(?:以下|下列|如下)(?:情形|情况|行为|条件)?(?:之一)?的?[^:：]{0,24}(?:不予|不得|不再|不能|不纳入|取消)[^:：]{0,20}[:：]"
)
_MARK = re.compile(r"(?:^|(?<=[；;。:：\n]))\s*(?:[（(]?\d{1,2}[）).．、]|[（(][一二三四五六七八九十]{1,2}[）)])")
_GENERAL = re.compile(r"本(?:办法|政策|措施|规定|细则|意见|条例|方案|公告|通知|条款|条)")
_FILLER = frozenset(
    [
        "受到",
        "情形",
        "情况",
        "行为",
        "之一",
        "发生",
        "存在",
        "属于",
        "列入",
        "被",
        "单位",
        "企业",
        "项目",
        "机构",
        "部门",
        "有关",
        "规定",
        "近两年",
        "近三年",
        "两年",
        "三年",
        "本人",
        "以及",
        "或者",
        "没有",
        "取得",
        "范围",
        "自有",
    ]
)
_PUNISHED = re.compile(r"被[^，,。;；?？]{0,8}?(?:罚|处分)|(?:罚|处分)[过了]")
"""被药监局罚过: the authority may stand inside the words."""
_ABSENT = re.compile(
    r"(?:^|(?<=[，,、；;且]))(?P<who>[^，,、；;。]{0,16}?)(?:没有|未发生|未曾|未(?=[处列纳被因受])|无(?![形线人偿锡]))(?P<what>[^，,；;。]{3,24})"
)
_SURE = 0.7
_HALF = 0.5
"""The same as `_ENOUGH` for what must not be, in the clause that most probably answers."""
_ENOUGH = 0.6
"""Share of the words that name who is shut out which a question must have."""
_SOME = 0.3
"""The same in the clause that most probably answers."""
_NUMBERED = re.compile("非[\u4e00-\u9fff]{2}|[一二三四五六七八九][手次线级型](?=[\u4e00-\u9fff])")
_PART = re.compile("[。；;\n]")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A sentence that decides a question.

    Attributes:
        quotes: the sentence, behind the lead that announces it where it is an item of a list.
        frees: it waives a requirement; else it shuts out.
        fit: share (0..1) of its naming words that the question has.
    """

    quotes: tuple[Quote, ...]
    frees: bool
    fit: float


def ruling(
    asked: str,
    clauses: Sequence[Clause],
    policy_id: PolicyId,
    rules: Sequence[BenefitAt],
    *,
    likely: ClausePath | None = None,
) -> Ruling | None:
    """The sentence of a policy that shuts out or frees what the question names; None where none does.

    Args:
        asked: the question, in simplified characters.
        clauses: of the policy, in order.
        rules: benefits that the question is about; words they share with a sentence do not tell it apart.
        likely: the clause that answers most probably; of its sentences fewer words are asked for.
    """
    plain = _as_policies_say(asked)
    own = "".join(f"{at.benefit.beneficiary}{at.benefit.quote}" for at in rules)
    paths = [at.clause.path for at in rules if at.policy_id == policy_id]
    found = [*_sentences(plain, clauses, policy_id, own, paths, likely), *_items(plain, clauses, policy_id, own)]
    found += _absent(plain, clauses, policy_id, likely)
    return max(found, key=lambda one: one.fit, default=None)


def shuts_out(text: str) -> bool:
    """Whether a sentence shuts somebody out or frees from a requirement; sums that do not add up are not meant."""
    return bool(_OUT.search(text) or _FREED.search(text)) and not _STACKS.search(text)


def says(asked: str, named: str) -> bool:
    """Whether a question says that what `named` names is so: 老婆有一套房子 for 配偶自有住房."""
    return _covered(named, _as_policies_say(asked), "") >= _ENOUGH


def _as_policies_say(asked: str) -> str:
    """The question with the words of policies behind its everyday ones: 老婆配偶有房子住房."""
    pattern, others = _everyday()
    plain = pattern.sub(lambda match: match[0] + "".join(others[match[0]]), asked)
    return _PUNISHED.sub(lambda match: f"{match[0]}受到行政处罚", plain)


@lru_cache(maxsize=1)
def _everyday() -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    words = synonyms()
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True))), words


def _sentences(
    asked: str,
    clauses: Sequence[Clause],
    policy_id: PolicyId,
    own: str,
    paths: Sequence[str],
    likely: ClausePath | None,
) -> Iterator[Ruling]:
    for clause in clauses:
        near = any(_near(clause.path, path) for path in paths)
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if not (_OUT.search(text) or _FREED.search(text)) or _LIST.search(text):
                continue
            quote = Quote(policy_id, clause, sentence.start, sentence.end)
            for part in filter(None, _PART.split(text)):
                fit, frees = _fit(part, asked, own, near=near or clause.path == likely)
                if fit >= (_SOME if clause.path == likely else _ENOUGH):
                    yield Ruling((quote,), frees, fit + 0.1 * near)


def _near(path: str, rule: str) -> bool:
    """Whether a clause is the rule's own, or one beside it in the same article."""
    top = rule.rpartition(".")[0]
    return path in (rule, top) or (bool(top) and path.rpartition(".")[0] == top)


def _fit(part: str, asked: str, own: str, *, near: bool) -> tuple[float, bool]:
    """How far the question names whom a part of a sentence shuts out or frees, and whether it frees."""
    freed = _FREED.search(part)
    if freed is not None:
        matter = freed["from"] or freed["other"] or ""
        named = max(_covered(matter, asked, ""), _ENOUGH if matter[:2] in asked else 0.0)
        return min(named, _covered(part[: freed.start()], asked, "")), True
    out = _OUT.search(part)
    if out is None or (_STACKS.search(part) and not near):
        return 0.0, False
    if out[0].startswith("不适用于") or out[0] in ("不包括", "不含"):
        who = part[out.end() :]
    else:
        who = re.sub(r"(?:的)?[，,]?$", "", part[: out.start()])
    if not near and not _GENERAL.search(part) and _covered(who, asked, "") < 1.0:
        return 0.0, False
    return max((_covered(member, asked, own) for member in _members(who)), default=0.0), False


def _members(who: str) -> list[str]:
    """Alternatives of those who are shut out; a list inside a clause (已享受甲、乙贴息的贷款) is one."""
    parts = re.split(r"或者?(?![许])|以及|[，,]", who)
    flat = [part for part in parts if "的" in part.rstrip("的")]
    flat += [one for part in parts if part not in flat for one in re.split(r"[、和与]", part)]
    return [part.strip() for part in flat if len(part.strip()) > 1 and not _GENERAL.fullmatch(part.strip())]


def _items(asked: str, clauses: Sequence[Clause], policy_id: PolicyId, own: str) -> Iterator[Ruling]:
    """Items of a list that is announced by 有下列情形之一的，不予补贴."""
    for lead in clauses:
        announced = _LIST.search(lead.text)
        if announced is None:
            continue
        stated = Quote(policy_id, lead, _line_start(lead.text, announced.start()), announced.end())
        for start, end in _inline(lead.text, announced.end()):
            fit = _covered(lead.text[start:end], asked, own)
            if fit >= _ENOUGH:
                yield Ruling((stated, Quote(policy_id, lead, start, end)), False, fit)
        for item in clauses:
            if item.path.rpartition(".")[0] == lead.path and item.path.rpartition(".")[2].isdigit():
                fit = _covered(item.text, asked, own)
                if fit >= _ENOUGH:
                    yield Ruling((stated, Quote(policy_id, item, 0, len(item.text.rstrip()))), False, fit)


def _absent(asked: str, clauses: Sequence[Clause], policy_id: PolicyId, likely: ClausePath | None) -> Iterator[Ruling]:
    """What whoever applies must not have (无重大投诉), where the question says to have it."""
    for clause in clauses:
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if _OUT.search(text):
                continue
            applies = is_requirement(text) or is_about_applicants(clause) or _in_list(clause, clauses)
            if not applies:
                continue
            for match in _ABSENT.finditer(text):
                fit = _covered(f"{match['who'] or ''}{match['what']}", asked, "")
                if fit >= (_HALF if clause.path == likely else _SURE):
                    yield Ruling((Quote(policy_id, clause, sentence.start, sentence.end),), False, fit)


def _in_list(clause: Clause, clauses: Sequence[Clause]) -> bool:
    parent = clause.path.rpartition(".")[0]
    return any(other.path == parent and lists_conditions(other.text) for other in clauses)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind(mark, 0, at) for mark in "。\n") + 1


def _inline(text: str, start: int) -> Iterator[tuple[int, int]]:
    marks = list(_MARK.finditer(text, start))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        stop = text.find("。", mark.end(), end)
        yield mark.end(), stop + 1 if stop >= 0 else end


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    core = polarity(text)[0]
    words = [term.text for term in content_terms(core) if term.text not in _FILLER]
    # 二手, 一次性: a number word in front of a noun tells it apart.
    words += [word for word in _NUMBERED.findall(core) if not any(word in known for known in words)]
    grade = name_of(text).grade or next(iter(re.findall(r"[一二三四五六七八九]级", text)), None)
    return tuple(dict.fromkeys([*words, *([grade] if grade else [])]))


def _covered(named: str, asked: str, own: str) -> float:
    """Share of the words of `named` that `asked` has; of those that `own` does not have, where that is less."""
    words = _words(re.sub(r"(?:的)?(?:企业|单位|机构|项目)?$", "", named.strip("，,；;。、 \n")))
    if not words or len("".join(words)) < 2:
        return 0.0
    if _negated(words, asked) != polarity(named)[1]:
        return 0.0
    apart = [word for word in words if word not in own]
    if not apart:
        return 0.0
    shares = [sum(_present(word, asked) for word in some) / len(some) for some in (words, apart)]
    return min(shares)


def _present(word: str, asked: str) -> float:
    """How far a question has a word; a name of two words may have another one in its middle (二手加工设备)."""
    halves = (word[:2], word[2:])
    return 1.0 if len(word) == 4 and all(half in asked for half in halves) else presence(word, asked)


def _negated(words: Sequence[str], asked: str) -> bool:
    """Whether the question denies them: 不是劳务派遣单位, 没有拖欠工资."""
    said = next((word for word in words if word in asked), None)
    if said is None:
        return False
    before = asked[: asked.find(said)]
    return re.search(r"(?:不是|并非|不属于|没有?|从未|未曾?|无)[^，,。;；?？]{0,4}$", before) is not None
