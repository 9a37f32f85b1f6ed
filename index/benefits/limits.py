"""Ceilings and limits that follow the statements they hold for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.benefits.drafts import Draft, Run
from index.benefits.marked import AMOUNT, Marked, Span
from index.benefits.vocabulary import (
    BASE_LIMIT,
    CAPPED_GRANT,
    CLASS_CEILING,
    LIMIT_ONLY,
    OTHER_LIMIT,
    PART_LIMIT,
    PERIOD_ONLY,
    RAISED_CEILING,
    RECIPIENT_LIMIT,
    SHARE_LIMIT,
    TOGETHER_LIMIT,
    UNCHANGED_CEILING,
    UNIT_MEASURE,
)
from index.quantities import Quantity

_COUNTED_PART = re.compile(r"每(?!家|户|个?企业|个?单位|个?机构)[^,¤]{0,6}#(?!#*内)")  # 每引进1人不超过10万元
_SLASH_MEASURE = re.compile(r"¤/(?!年|次|家|户|企业|个)[^/,]{1,4}")
_GENERAL = re.compile(r"单|同一|每|各|年度|累计|全年|合计")
_CONNECTIVE = re.compile(r"(?:但是?|[并而]?且|不过|同时|最终)(?=[^,])")
# 补贴不超过房屋总价的20%: behind amounts a share limits them.
_SHARE_CEILING = re.compile(
    r"(?:补[助贴]|奖励|资助|补偿|贴息|总额|合计|金额)[^,¤٪按]{0,8}(?:不得?超过|不得?高于)[^,¤٪]+的?٪+"
)
_SAID_OF_PAYING = ("每年", "年度")


def attach_limit(marked: Marked, unit: Span, sentence: Span, own: list[Draft], earlier: list[Draft]) -> bool:
    """Attach a ceiling (每户不超过5万元), a share (比例不超过15%) or a time (连续补助2年) to the statements it limits.

    Args:
        marked: the clause.
        unit: the part of a sentence that may be a limit.
        sentence: the sentence, which the quotes then include.
        own: the statements of the sentence so far.
        earlier: all statements of the clause so far.

    Returns:
        Whether the part is a limit, and nothing else.
    """
    if joined := _CONNECTIVE.match(marked.flat, unit.start, unit.end):
        unit = Span(joined.end(), unit.end)
    text = marked.flat[unit.start : unit.end]
    if own and not own[-1].valued and (match := SHARE_LIMIT.match(text)) and text[match.end()] != AMOUNT:
        _complete(marked, unit, match, own[-1])
        return True
    words = marked.text[unit.start : unit.end]
    if own and own[-1].valued and _SHARE_CEILING.fullmatch(text):
        for draft in own:
            draft.conditions.append(words)
        return True
    if own and PERIOD_ONLY.fullmatch(words):
        _last_for(own, words)
        return True
    if own and UNCHANGED_CEILING.fullmatch(text):
        return _keep_ceiling(own[-1], earlier, words)
    runs = [run for run in marked.runs_in(unit.start, unit.end) if run[0].unit == "元"]
    if own and runs and RAISED_CEILING.fullmatch(text):
        _limit(own[-1], runs[-1][-1:], words, general=True)
        return True
    granted = bool(own and own[-1].rates and not own[-1].caps and CAPPED_GRANT.fullmatch(text))
    if not granted and not LIMIT_ONLY.fullmatch(text):
        return _condition(text, words, own or earlier)
    if runs and len(runs[-1]) > 1 and _share_ceilings(runs[-1], own, words):
        return True
    targets = [draft for draft in own if draft.scales or draft is own[-1]]
    whole = bool(RECIPIENT_LIMIT.search(words))  # beside a ceiling of its own it is a condition
    targets = targets or [d for d in earlier if d.scales and (whole or not d.caps or _yields(d, words))]
    measured = bool(UNIT_MEASURE.search(text) or _SLASH_MEASURE.search(text) or _COUNTED_PART.match(text)) or not runs
    of_base = bool(BASE_LIMIT.search(text))
    together = not own and sum(bool(draft.caps) for draft in targets) > 1  # a ceiling over what has ceilings already
    for draft in targets:
        if together and draft.caps:
            _limit(draft, (), words, general=True)
            continue
        other = measured or (of_base and not draft.kind.startswith("贷款"))
        _limit(draft, () if other else runs[-1], words, general=bool(_GENERAL.match(text)))
        draft.end = max(draft.end, sentence.end)
    return bool(targets)


def _keep_ceiling(draft: Draft, earlier: list[Draft], words: str) -> bool:
    """每件补助0.15元,上限不变: the ceiling of the statement before."""
    capped = next((one for one in reversed(earlier) if one is not draft and one.caps), None)
    if capped is None or draft.caps or len(capped.caps) > 1:
        return False
    draft.caps, draft.cap_words, draft.start = capped.caps, words, min(draft.start, capped.start)
    return True


def _share_ceilings(run: Run, own: list[Draft], words: str) -> bool:
    """A list of ceilings (分别最高300万元、100万元) behind as many statements: one for each, in order.

    A single statement takes the whole list, to be paired with the levels it names; otherwise nothing can be paired
    and the words stay a condition.
    """
    open_to = [draft for draft in own if draft.scales and not draft.caps]
    if len(open_to) == 1:
        return False
    for at, draft in enumerate(open_to):
        if len(open_to) == len(run):
            _limit(draft, run[at : at + 1], words, general=False)
        else:
            _limit(draft, (), words, general=True)
    return bool(open_to)


def class_ceilings(marked: Marked, units: Sequence[Span], draft: Draft | None) -> tuple[list[Draft], int]:
    """`draft` once for each class that the next parts give a ceiling of its own, with the number of these parts.

    按费用的50%补助,国内维权最高10万元,海外维权最高60万元. Empty where fewer than two parts in a row do so.
    """
    if draft is None or not draft.rates or draft.caps:
        return [], 0
    found: list[Draft] = []
    for unit in units:
        match = CLASS_CEILING.fullmatch(marked.flat, unit.start, unit.end)
        if match is None or _GENERAL.match(match["name"]):
            break
        [run] = marked.runs_in(unit.start, unit.end)
        name = marked.text[match.start("name") : match.end("name")]
        found.append(replace(draft, caps=run, level=name, conditions=list(draft.conditions), who=list(draft.who)))
    if len(found) > 1 and len(draft.rates) == len(found):
        # 国家、省项目分别按1:1、1:0.5配套,国家项目最高500万元,省级项目最高200万元: paired with the levels it names.
        draft.caps = tuple(cap for one in found for cap in one.caps)
        return [draft], len(found)
    return (found, len(found)) if len(found) > 1 else ([], 0)


def ceiling_of(marked: Marked, unit: Span) -> Quantity | None:
    """The amount in 元 that `unit` states as a ceiling and nothing else, None where it does not."""
    text = marked.flat[unit.start : unit.end]
    if not LIMIT_ONLY.fullmatch(text) or UNIT_MEASURE.search(text) or BASE_LIMIT.search(text):
        return None
    return next((run[-1] for run in marked.runs_in(unit.start, unit.end) if run[0].unit == "元"), None)


def is_other_limit(text: str) -> bool:
    """Whether `text` limits something that is no amount: 累计不超过3年, 不超过贷款余额的3%."""
    return bool(OTHER_LIMIT.fullmatch(text) or TOGETHER_LIMIT.fullmatch(text))


def _limit(draft: Draft, run: Run, words: str, *, general: bool) -> None:
    """Set the ceiling of `draft`, or note `words` as a condition.

    单个证书不超过8万元 holds for a part; where 每家企业每年不超过40万元 follows, that is the ceiling of the whole.
    """
    if run and draft.cap_lent:
        draft.caps, draft.cap_lent = (), False
    if run and draft.caps and _yields(draft, words):
        draft.conditions.append(draft.cap_words)
        draft.caps = ()
    if run and not draft.caps:
        draft.caps, draft.cap_words = run, words
    elif (not run or general) and words not in draft.conditions:
        draft.conditions.append(words)


def _yields(draft: Draft, words: str) -> bool:
    """Whether the ceiling of `draft` is one for parts and `words` state one for whoever is paid."""
    return len(draft.caps) == 1 and bool(_part(draft.cap_words)) and bool(RECIPIENT_LIMIT.search(words))


def _part(words: str) -> re.Match[str] | None:
    """What a ceiling is one of: 展位 of 每个标准展位（9平方米）最高不超过3万元; None for one of whoever is paid."""
    bare = re.sub(r"[（(][^（()）]*[)）]", "", words)
    return None if RECIPIENT_LIMIT.search(bare) else PART_LIMIT.search(bare)


def _condition(text: str, words: str, targets: list[Draft]) -> bool:
    """单家银行年度补偿额不超过贷款余额的3%: a limit that is no amount is a condition.

    同一展会最多补4个展位 counts what a ceiling for parts holds for, so that ceiling is not one of the whole.
    """
    if not is_other_limit(text):
        return False
    for draft in targets:
        part = _part(draft.cap_words)
        if part and len(part["part"]) > 1 and part["part"][-2:] in words:
            draft.conditions.append(draft.cap_words)
            draft.caps, draft.cap_words = (), ""
        draft.conditions.append(words)
    return True


def _last_for(own: list[Draft], words: str) -> None:
    """连续补助2年 behind several amounts holds for all of them; it says more than 每年 beside the amount."""
    for draft in own:
        if draft.period is None or draft.period in _SAID_OF_PAYING:
            draft.period = words
        elif words not in draft.conditions:
            draft.conditions.append(words)


def _complete(marked: Marked, unit: Span, match: re.Match[str], draft: Draft) -> None:
    """按项目投入额资助,比例不超过15%: the share that the statement before it lacks."""
    at = unit.start + match.end()
    draft.rates = next(run for run in marked.runs_in(unit.start, unit.end) if run[0].start >= at)
    base = marked.text[unit.start + match.start("base") : unit.start + match.end("base")]
    draft.base = draft.base or base.removesuffix("的") or None
