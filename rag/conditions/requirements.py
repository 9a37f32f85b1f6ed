"""Conditions that sentences and lists of a clause set beside its benefit; those of a sentence that grants nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.models import Clause
from rag.conditions import ask
from rag.conditions.items import (
    alternatives,
    item_conditions,
    kind_and_others,
    read_requirement,
    source_of,
    with_exception,
)
from rag.conditions.model import Condition, ConditionKind
from rag.conditions.phrase import Source, read_phrase
from rag.conditions.pieces import bounds
from rag.conditions.requiring import (
    CALLED,
    DEFINES,
    GOAL,
    LIST,
    LISTS,
    OFFICIAL,
    PAYS,
    REQUIRES,
    is_about_applicants,
    is_requirement,
    quote_in,
    says_who_applies,
)
from rag.sentences import split_sentences

_METRIC_LEAD = re.compile(
    r"^(?P<metric>[^，。；:：]{2,30}?)(?:应当?|须)?(?:符合|达到|满足)(?:以下|下列|如下)(?:要求|标准|条件)[:：]$"
)
_ITEM_MARK = re.compile(
    r"[（(]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[）)]|(?:^|(?<=[；;。:：\n]))\s*\d{1,2}[.．、]|[①-⑩]"
)
_SOME = re.compile(r"^(?P<premise>[^，,；;]{3,30}?)的[\u4e00-\u9fff]{2,8}[，,](?P<rest>[^；;]+)$")
_OF_WHOLE = re.compile(r"(?P<op>不高于|不超过|不低于|不少于)[^，,；;\d]{2,10}?(?:总数|总额|总量|人数)的?(?=\d)")
_NO_ITEM = re.compile(r"其他(?:条件|情形|要求)|法律、?法规|^其中[:：]?$|材料")


def required_by(clause: Clause, quote: str, beneficiary: str) -> list[Condition]:
    """Conditions of the clause's sentences beside the one that `quote`, the benefit, stands in."""
    inline = _inline_list(clause)
    if inline:
        return inline
    found: list[Condition] = []
    says_who = is_about_applicants(clause)
    for sentence in split_sentences(clause):
        text = clause.text[sentence.start : sentence.end]
        if says_who and not quote_in(text, quote) and says_who_applies(text):
            found += read_requirement(text, source_of(clause, beneficiary))
            continue
        if quote_in(text, quote):
            continue
        if is_requirement(text):
            found += read_requirement(text, source_of(clause, beneficiary))
    return found


def _inline_list(clause: Clause) -> list[Condition]:
    """同时具备下列情形的，可以申领：（1）…；（2）… in one text."""
    match = LIST.search(clause.text) if LISTS.search(clause.text) else None
    if match is None or not clause.text[match.end() :].strip():
        return []
    if PAYS.search(clause.text[match.start() : match.end()]):
        return []
    body = clause.text[match.end() :].split("\n")
    text = "\n".join(line for line in body if line.strip())
    marks = list(_ITEM_MARK.finditer(text))
    if not marks:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.end() : end].strip(" \n；;。") for mark, end in zip(marks, ends, strict=True)]
    source = source_of(clause)
    kept = [item for item in items if not _NO_ITEM.search(item)]
    if match["not"]:
        return _as_list(match, [_barred(item, source) for item in kept], clause)
    return _as_list(match, [condition for item in kept for condition in item_conditions(item, source)], clause)


def required_by_list(lead: Clause, items: Sequence[Clause]) -> list[Condition]:
    """Conditions of the items that a lead announces (应当同时符合下列条件：), with the items below them."""
    match = LIST.search(lead.text)
    if match is None or not items:
        return []
    depth = lead.path.count(".") + 1
    found: list[Condition] = []
    for item in items:
        numbered = item.path.rpartition(".")[2].isdigit()
        if numbered and item.path.count(".") == depth and not _NO_ITEM.search(item.text.strip("；;。 ")):
            below = [other for other in items if other.path.startswith(f"{item.path}.")]
            found += [_barred(item.text, source_of(item))] if match["not"] else _item_with_items(item, below)
    return _as_list(match, found, lead)


def _barred(item: str, source: Source) -> Condition:
    """One case of a list of those that get nothing, whole: it bars only where all of it is so."""
    words = item.strip().rstrip("；;。").removesuffix("的")
    return Condition(source.locate(words), source.path, ConditionKind.OTHER, ask.about_exclusion(words), words)


def _as_list(match: re.Match[str], found: list[Condition], lead: Clause) -> list[Condition]:
    """All of them, any one of them (之一), or none of them (不予)."""
    if match["not"]:
        return [replace(condition, kind=ConditionKind.EXCLUSION, negative=True) for condition in found]
    if not match["any"] or len(found) < 2:
        return found
    names = [condition.name for condition in found]
    question = ask.about_categories(names, opened=False)
    return [Condition(match[0], lead.path, ConditionKind.OTHER, question, "、".join(names), options=tuple(found))]


def _item_with_items(item: Clause, below: Sequence[Clause]) -> list[Condition]:
    own = item.text.strip()
    lead = _METRIC_LEAD.match(own)
    if lead is not None:
        metric = lead["metric"]
        return [c for other in _top(below) for c in _measured_item(other, below, metric)]
    return item_conditions(own.strip("；;。"), source_of(item))


def _top(items: Sequence[Clause]) -> list[Clause]:
    depth = min((item.path.count(".") for item in items), default=0)
    return [item for item in items if item.path.count(".") == depth]


def _measured_item(item: Clause, below: Sequence[Clause], metric: str) -> list[Condition]:
    """营业收入不足2亿元的，比重不低于4%, with the exceptions that follow it (其中：…)."""
    own = item.text.strip().strip("；;。")
    exceptions = [other for other in below if other.path.startswith(f"{item.path}.")]
    plain = re.sub(r"[，,]?其中[:：]?$", "", own)
    found = [replace(c, exceptions=bool(exceptions)) for c in item_conditions(plain, source_of(item, metric=metric))]
    for other in exceptions:
        found += item_conditions(other.text.strip().strip("；;。"), source_of(other, metric=metric))
    return found


def sentence_conditions(text: str, clause: Clause) -> tuple[Condition, ...]:
    """What a sentence that grants nothing requires: 年产值不少于20亿元的链主企业, 从业人员10人以上.

    The part of the sentence that states a bound is read, with the parts joined to it by 、 and 且.
    """
    if DEFINES.search(text) is None and (GOAL.search(text) or OFFICIAL.search(text)):
        return ()
    source = source_of(clause)
    text = CALLED.sub("", text)
    plain = text.rstrip("。；; ")
    whole = not re.search("[；;]", plain)
    read = (
        (alternatives(plain, source) or with_exception(plain, source) or kind_and_others(plain, source))
        if whole
        else []
    )
    if read:
        return tuple(read)
    if REQUIRES.search(text) and is_requirement(text):
        return tuple(read_requirement(text, source))
    found: list[Condition] = []
    for part in re.split("[；;]", text.rstrip("。")):
        of_some = _of_some(part, source)
        found = _beside_those(found, of_some) if of_some else [*found, *_of_parts(part, source)]
    return tuple(found)


def _of_some(part: str, source: Source) -> list[Condition]:
    """参保30人以下的企业，裁员率不高于参保人数20%: the bound of a class, whose own bound is its premise."""
    match = _SOME.match(part.strip())
    if match is None or not bounds(match["premise"]):
        return []
    given = read_phrase(match["premise"], source)
    rest = _OF_WHOLE.sub(r"\g<op>", match["rest"])
    tests = [one for one in read_phrase(rest, source) if one.test is not None]
    if len(given) != 1 or given[0].test is None:
        return []
    return [replace(one, text=source.locate(match["rest"]), premise=given[0]) for one in tests]


def _beside_those(found: list[Condition], of_some: list[Condition]) -> list[Condition]:
    """Conditions with those of a class behind the ones that they replace."""
    kept: list[Condition] = []
    left = list(of_some)
    for condition in found:
        same = [one for one in left if _same_bound(condition, one)]
        kept += [replace(condition, exceptions=True), *same] if same else [condition]
        left = [one for one in left if one not in same]
    return [*kept, *left]


def _same_bound(one: Condition, other: Condition) -> bool:
    return one.test is not None and other.test is not None and one.test.metric == other.test.metric


def _of_parts(text: str, source: Source) -> list[Condition]:
    """Conditions of the parts of a sentence that state a bound."""
    found: list[Condition] = []
    for part in re.split("[，,]", text):
        either = alternatives(part, source)
        if either:
            found += either
        elif bounds(part):
            *others, last = re.split(r"且|并(?![购网轨表行联列])|、", part)
            if not bounds(last) or len(bounds(part)) == 1 < len([one for one in (*others, last) if bounds(one)]):
                others, last = [], part
            found += [c for c in read_phrase(last, source) if c.test is not None]
            found += [c for other in others for c in _joined(other, source)]
    return found


def _joined(words: str, source: Source) -> list[Condition]:
    """产业链带动能力强, joined by 且 to a bound: it is required too."""
    plain = re.sub(r"^(?:支持|鼓励|服务好|重点支持|对|引导)", "", words.strip())
    return list(read_phrase(plain, source)) if len(plain) >= 4 else []
