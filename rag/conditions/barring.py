"""How policies word that somebody gets nothing, or need not fulfil a requirement: sentences, lists, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.models import Clause, PolicyId
from rag.verify import Quote

_GIVE = (
    r"给予|予以|支持|补助|补贴|奖励|资助|贴息|扶持|享受|发放|受理|拨付|安排|奖补|支付|纳入|兑现|抵扣|认[定可]|考虑|"
    r"列入|计算|计入"
)
_GRANTS = r"资助|奖励|补贴|补助|奖补|贴息|扶持|支持|优惠"
_OUT = re.compile(
    rf"不适用(?:于|本\w{{2,4}}|前款|该\w{{1,2}}|第\w{{1,3}}条)?|不予(?:{_GIVE})|不再(?:单独|另行|重复)?(?:给予|支持|补助|补贴|奖励|资助|享受|发放|受理|适用)"
    r"|不另(?:行)?(?:奖励|补贴|补助|支持)|不(?:享受|计[入算]|奖励|补助|补贴|资助|支持|贴息|纳入|列入|发放|兑现|拨付|受理|作为|列为|算入)"
    r"|不得以[^，。；]{1,14}?(?:申[请报领]|领取|享受)|不得(?:参评|参加|申报|申请|申领|领取|享受|推荐|列入|纳入|作为|使用|用于)|不[能可](?:申报|申请|申领|享受|参评|使用|领取)"
    r"|不(?:在|属于)[^，。；]{0,12}(?:之列|范围|对象)|除外|不包括|不含(?!本数)|视为(?:自动)?放弃|停止(?:享受|发放)"
    r"|(?:取消|不受理)[^，。；]{0,10}(?:资格|申[请报领])"
    rf"|(?:^|(?<=[，。；]))(?:取消|停止(?!享受|发放)|废止)(?:对)?(?P<ended>[^，,。；]{{2,24}}?)的?(?:{_GRANTS})(?:政策|项目|事项)?(?=[，,。；]|$)"
)
_STACKS = re.compile(r"重复|叠加|从高|就高|同时享受|本数")
_FREED = re.compile(
    r"不受(?P<from>[^，。；]{1,24}?)(?:的)?限制|不作(?P<other>[^，。；]{1,12}?)要求"
    r"|可以?不(?:具备|要求|提供|受)(?P<without>[^，。；]{2,16})|不影响(?P<still>[^，。；]{2,30})"
    r"|(?:仍|仍然|照常|继续)(?:可以?|能)(?P<kept>[^，。；]{2,30})"
)
_OF_ITEMS = re.compile(r"第[\d一二三四五六七八九十、和至]+[项条款]|(?:前款|上述|本条)")
_SINCE = re.compile(r"本\w{2}(?:出台|施行|实施|印发|发布)(?:之日)?(?:以?后|起)")
_ONLY = re.compile(r"^(?P<who>[^，。；]{2,30}?)(?:仅|只)(?:可以?|能|限)(?:申[请报领]|享受)?(?P<only>[^，。；]{2,20})")
_NEVER = (
    r"不予|不得|不再|不能|不可|不纳入|不列入|不计入|不属于|不享受|"
    r"不(?:支持|补[助贴]|奖励|资助|受理|适用|发放|兑现)|取消|除外"
)
_LIST = re.compile(
    rf"(?:以下|下列|如下)[^:：。，,；;]{{0,14}}(?:之一)?的?[^:：。]{{0,24}}(?:{_NEVER})[^:：。]{{0,20}}[:：]"
)
_HEADING = re.compile(r"负面清单|(?:不予|不得|不能|不可|不享受|不支持|不受理|禁止)[^，。:：]{0,14}$")
_MARK = re.compile(r"(?:^|(?<=[；;。:：\n]))\s*(?:[（(]?\d{1,2}[）).．、]|[（(][一二三四五六七八九十]{1,2}[）)])")
_GENERAL = re.compile(
    r"本(?:办法|政策|措施|规定|细则|意见|条例|方案|公告|通知|须知|规程|条款|条)|(?:扶持|支持|奖补|补贴|补助|发放)(?:范围|对象)"
)
_VERBAL = re.compile(r"已|享受|取得|获得|列入|存在|因|被|有|用于|从|未|在|符合|参加|申[请报]|由|对|将|与|以")
"""Begins what somebody did: a list behind it is one."""
_STEPS = re.compile(
    r"^(?:对)?(?P<things>[^，,的]{2,}[、和与及][^，,的]{2,})的(?P<acts>[^，,的]{2,}?)(?:环节|阶段|行为|活动|费用|支出|过程|情形)$"
)
_ITEM_END = re.compile("[；;。\n]")


@dataclass(frozen=True, slots=True)
class Freed:
    """A waiver: whom it is for, and what need not be met.

    Attributes:
        premises: the whole words, and each of the alternatives in them.
        of_items: the requirement is named by its number (第1、2项), which no question repeats.
    """

    premises: tuple[str, ...]
    matter: str
    of_items: bool


@dataclass(frozen=True, slots=True)
class Only:
    """Who may have one thing alone, and so nothing else (仅可申报展会补贴)."""

    who: list[str]
    matter: str


def shuts_out(text: str) -> bool:
    """Whether a sentence shuts somebody out or frees from a requirement; sums that do not add up are not meant."""
    return bool(_OUT.search(text) or _FREED.search(text)) and not _STACKS.search(text)


def is_general(text: str) -> bool:
    """Whether a text speaks of the policy as a whole (本办法, 扶持范围)."""
    return _GENERAL.search(text) is not None


def names_items(text: str) -> bool:
    """Whether a text names other rules by their numbers (不享受第1、3、6条待遇)."""
    return re.search(r"第[\d（(一二三四五六七八九十、和至）)]+[项条款]", text) is not None


def freed_in(part: str) -> Freed | None:
    """The waiver that a part of a sentence states."""
    match = _FREED.search(part)
    if match is None:
        return None
    matter = next((match[name] for name in ("from", "other", "without") if match[name]), "")
    # 年度亏损不影响申报: what goes on is no requirement; the premise says it all.
    of_items = bool(match["still"] or match["kept"] or _OF_ITEMS.search(matter))
    premise = _SINCE.sub("", part[: match.start()])
    return Freed((premise, *(one for one in premise.split("、") if len(one) > 2)), matter, of_items)


def only_for(part: str) -> Only | None:
    """Who may have one thing alone by a part of a sentence."""
    match = _ONLY.search(part)
    if match is None or re.search(r"\d|[一两二三四五]次", part):
        return None
    return Only(_members(match["who"]) or [match["who"]], match["only"])


def shut_out_by(part: str, *, near: bool = True) -> list[str] | None:
    """Alternatives of those whom a part of a sentence shuts out; None where it shuts out nobody.

    Args:
        near: the part stands beside the rule that is asked about; elsewhere sums that do not add up are not meant.
    """
    out = _OUT.search(part)
    if out is None or (_STACKS.search(part) and not near):
        return None
    if out[0] in ("不包括", "不含"):
        return _members(re.split("[）)]", part[out.end() :])[0])
    if out["ended"]:
        return [out["ended"]]
    if out[0].startswith("不适用于"):
        return _members(part[out.end() :])
    return _members(re.sub(r"(?:的)?[，,]?$", "", part[: out.start()]))


def ended_in(text: str) -> str:
    """What a sentence says to be given no more (取消国内授权资助: 国内授权); "" where it ends nothing."""
    out = _OUT.search(text)
    return (out["ended"] or "") if out is not None else ""


def _members(who: str) -> list[str]:
    """Alternatives of those who are shut out; a list inside a clause (已享受甲、乙贴息的贷款) is one."""
    steps = _STEPS.match(who)
    if steps is not None:
        # 专利、商标的申请和授权环节: each thing at each step; the thing alone is not shut out.
        things, acts = (re.split("[、和与及]", steps[name]) for name in ("things", "acts"))
        return [f"{thing}{act}" for thing in things for act in acts if thing and act]
    parts = re.split(r"或者?(?![许])|以及|[，,]", who)
    flat = [part for part in parts if "的" in part.rstrip("的") and ("、" not in part or _VERBAL.match(part))]
    flat += [one for part in parts if part not in flat for one in re.split(r"[、和与]", part)]
    return [part.strip() for part in flat if len(part.strip()) > 1 and not _GENERAL.fullmatch(part.strip())]


def listed_in(text: str) -> re.Match[str] | None:
    """The words by which a text announces a list of those who get nothing."""
    return _LIST.search(text)


def barred_items(clauses: Sequence[Clause], policy_id: PolicyId) -> Iterator[tuple[Quote | None, tuple[Quote, ...]]]:
    """Lists of those who get nothing: the words that announce each, None where a heading does, and its items."""
    for clause in clauses:
        announced = listed_in(clause.text)
        if announced is not None:
            start = max(clause.text.rfind(mark, 0, announced.start()) for mark in "。\n") + 1
            lead = Quote(policy_id, clause, start, announced.end())
            inline = _inline(clause, announced.end(), policy_id)
            yield lead, (*inline, *_below(clause, clauses, policy_id))
        elif _under_heading(clause):
            start = len(clause.heading or "")
            yield None, tuple(_inline(clause, start, policy_id))


def _under_heading(clause: Clause) -> bool:
    """Whether a clause's own heading, or the one right above it, announces who gets nothing."""
    own = clause.heading or ""
    above = clause.trail[-1] if clause.trail else ""
    return any(_HEADING.search(heading.strip("。:： ")) for heading in (own, above))


def _below(lead: Clause, clauses: Sequence[Clause], policy_id: PolicyId) -> Iterator[Quote]:
    for item in clauses:
        parent, _, ordinal = item.path.rpartition(".")
        if parent == lead.path and ordinal.isdigit():
            yield Quote(policy_id, item, 0, len(item.text.rstrip()))


def _inline(clause: Clause, start: int, policy_id: PolicyId) -> Iterator[Quote]:
    """Items in the text behind `start`: numbered ones, else the parts between semicolons and full stops."""
    text = clause.text
    marks = list(_MARK.finditer(text, start))
    if marks:
        ends = [mark.start() for mark in marks[1:]] + [len(text)]
        ranges = [(mark.end(), end) for mark, end in zip(marks, ends, strict=True)]
        for begin, end in ranges:
            stop = text.find("。", begin, end)
            yield Quote(policy_id, clause, begin, stop + 1 if stop >= 0 else end)
        return
    begin = start
    for stop in [*(match.end() for match in _ITEM_END.finditer(text, start)), len(text)]:
        piece = text[begin:stop]
        if piece.strip("；;。 \n:："):
            shift = len(piece) - len(piece.lstrip(" \n。:："))
            yield Quote(policy_id, clause, begin + shift, begin + len(piece.rstrip()))
        begin = stop
