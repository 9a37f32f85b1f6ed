"""Conditions of one requiring sentence or of one item of a list, whatever it joins: alternatives, premises, classes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from math import prod

from index.models import Clause
from rag.conditions import ask
from rag.conditions.locate import locate
from rag.conditions.metrics import metric_of
from rag.conditions.model import LOWER_OPS, Condition, ConditionKind
from rag.conditions.phrase import Source, read_phrase
from rag.conditions.pieces import bounds, either_or, list_members
from rag.conditions.requiring import MODAL, REQUIRES

_PREMISE = re.compile(r"^(?P<premise>[^，,。；]{3,40})的[，,](?P<rest>.+)$", re.S)
_COUNTED_BY = re.compile(
    r"(?:也|亦|还)?可以?(?:选择)?(?P<words>只?以(?P<metric>[^，,；;。]{2,24}?)(?:统计|计算|核算|口径))"
)
_EXCEPTION = re.compile(r"^(?P<own>.+?)[，,；;]其中[，,:：]?(?P<others>.+)$", re.S)
_EXCEPTED = re.compile(
    r"^(?P<premise>[^，,；;]{2,40}?)(?:的?(?:企业|单位|机构|项目|人员|人才))?的?[，,]?"
    r"(?P<rest>(?:不低于|不少于|不高于|不超过|不小于|须?达到)[^，,；;]+)$"
)
_OTHERS = re.compile(
    r"^(?P<own>[^，,；;]{6,}?)[，,；;](?:其他|其它|其余)(?:类型|类别|行业)?的?(?:企业|机构|单位|项目|园区|平台|主体)?的?[，,]?"
    r"(?P<rest>(?:应当?)?(?:不低于|不少于|须?达到|超过|在)[^，,；;]+)$"
)
_CLASSED_LEAD = re.compile(
    r"^(?P<metric>[^，,：:；;]{1,12}?)(?:应当?|须)?(?:符合|达到|满足)?(?:以下|下列|如下)?(?:规定|要求|标准|条件)?[：:](?P<rest>.+)$",
    re.S,
)
_ALL_LEAD = re.compile(r"^[^，。；;:：]{0,24}?(?:应当?|须|必须|需)?(?:同时|均)?(?:符合|具备|满足|达到)[:：]")
"""申请补贴的企业须同时满足: in front of requirements in one sentence."""
_MOST_PAIRS = 6
"""Alternatives joined out to pairs that are still said."""
_AGE = ("周岁", "岁")


def accepted_scopes(text: str) -> tuple[str, ...]:
    """Metrics that may be counted instead of the one named: 也可以只以在杭制造业营业收入统计."""
    return tuple(match["metric"] for match in _COUNTED_BY.finditer(text))


def source_of(clause: Clause, context: str = "", metric: str = "") -> Source:
    """Where the words of a clause's sentences and items stand."""
    return Source(
        path=clause.path,
        locate=partial(locate, texts=(clause.text,), quote=clause.text),
        metric=metric,
        context=context,
        accepted=accepted_scopes(clause.text),
    )


def read_requirement(text: str, source: Source) -> list[Condition]:
    """Conditions of one requiring sentence; the parts of 甲；也可以乙 are alternatives."""
    source = replace(source, locate=partial(locate, texts=(), quote=text.rstrip("。")))
    parts = [part.strip() for part in re.split("[；;]", _ALL_LEAD.sub("", text.rstrip("。"))) if part.strip()]
    groups: list[tuple[list[Condition], bool]] = []
    for part in parts:
        other = re.match(r"^(?:也可以?|亦可|或者?)", part)
        groups.append((_read_part(part, source), bool(other)))
    found: list[Condition] = []
    for conditions, is_other in groups:
        if is_other and found and conditions:
            found = [_either(found, conditions, text, source)]
        else:
            found += conditions
    return found


def _either(found: list[Condition], others: list[Condition], text: str, source: Source) -> Condition:
    options = (*found, *others)
    question = "是下列哪种情况:" + ";".join(option.name for option in options) + "?"
    first = next((option.question for option in options if option.test is not None), question)
    name = "或者".join(option.name for option in options)
    return Condition(source.locate(text.rstrip("。")), source.path, options[0].kind, first, name, options=options)


def _read_part(part: str, source: Source) -> list[Condition]:
    counted = _COUNTED_BY.search(part)
    if counted:
        words = counted["words"]
        return [
            Condition(source.locate(words), source.path, ConditionKind.OTHER, f"是不是{words}?", words)
        ]  # fmt: skip
    either = alternatives(part, source)
    if either:
        return either
    premise = _PREMISE.match(part)
    if premise and (bounds(premise["rest"]) or REQUIRES.search(premise["rest"])):
        return _with_premise(premise["premise"], premise["rest"], source)
    return list(read_phrase(_required_words(part), source))


def _required_words(part: str) -> str:
    """What stands behind 应当, 须, 适用于; the whole part where that says what is measured."""
    applies = re.search(r"适用于", part)
    if applies:
        return re.sub(r"^[^，,]*?适用于", "", part)
    match = re.match(rf"^(?P<subject>[^，,]*?[，,]?){MODAL}(?P<rest>.+)$", part)
    if match is None:
        return re.sub(r"^(?:申请|申报)[^，,]{0,12}?的?(?:企业|单位|机构|项目|主体)[，,]?", "", part)
    subject = re.sub(r"^.{0,16}?(?:企业|单位|机构|项目|主体|人)(?:的)?[，,]?", "", match["subject"]).rstrip("，,均")
    return f"{subject}{match['rest']}"


def _with_premise(premise: str, rest: str, source: Source) -> list[Condition]:
    given = read_phrase(premise, source)
    found = read_phrase(_required_words(rest), source)
    return [replace(condition, premise=given[0]) if given else condition for condition in found]


def item_conditions(text: str, source: Source) -> list[Condition]:
    """Conditions of one item; what is measured may have been said by its lead."""
    either = alternatives(text, source)
    if either:
        return either
    premise = _PREMISE.match(text)
    if premise and bounds(premise["rest"]):
        return _with_premise(premise["premise"], premise["rest"], source)
    stated = bounds(text)
    excepted = with_exception(text, source)
    if excepted:
        return excepted
    apart = kind_and_others(text, source)
    if apart:
        return apart
    classed = _by_class(text, source)
    if classed:
        return classed
    if source.metric and len(stated) == 1 and metric_of(stated[0].metric).concept is None and stated[0].metric:
        kinds = read_phrase(stated[0].metric, source)
        bound = read_phrase(text.replace(stated[0].metric, "", 1), source)
        return [replace(condition, premise=kinds[0]) if kinds else condition for condition in bound]
    return list(read_phrase(_required_words(text), source))


def alternatives(text: str, source: Source) -> list[Condition]:
    """甲不低于…，或者乙不低于…且丙不低于…: 甲 or 乙, and 甲 or 丙; [] where no bounds stand on both sides."""
    sides = [item_conditions(part, source) for part in either_or(text)]
    if not sides or not all(sides) or prod(map(len, sides)) > _MOST_PAIRS:
        return []
    return [_either([first], list(others), text, source) for first, *others in product(*sides)]


def with_exception(text: str, source: Source) -> list[Condition]:
    """不低于5%，其中营业收入2亿元以上的企业不低于4%: the second bound replaces the first for whom it names."""
    match = _EXCEPTION.match(text)
    if match is None or not bounds(match["own"]):
        return []
    own = [condition for condition in item_conditions(match["own"], source) if condition.test is not None]
    whole = _EXCEPTED.match(match["others"])
    parts = [whole] if whole is not None else [_EXCEPTED.match(part) for part in re.split("[，,；;]", match["others"])]
    if len(own) != 1 or own[0].test is None:
        return []
    found = [replace(own[0], exceptions=True)]
    for part in parts:
        given = read_phrase(part["premise"], source) if part is not None else ()
        if part is None or not given:
            return []
        other = read_phrase(part["rest"], replace(source, metric=own[0].test.metric))
        found += [replace(condition, premise=given[0]) for condition in other]
    return found


def kind_and_others(text: str, source: Source) -> list[Condition]:
    """设计企业不低于30%，其他企业不低于15%: the lower bound is everybody's, the higher one of whom it names alone."""
    match = _OTHERS.match(text.rstrip("。；; "))
    if match is None or len(bounds(match["own"])) != 1:
        return []
    kind, *own = read_phrase(match["own"], source)
    if len(own) != 1 or kind.test is not None or own[0].test is None:
        return []
    test = own[0].test
    others = [one for one in read_phrase(match["rest"], replace(source, metric=test.metric)) if one.test is not None]
    if len(others) != 1 or others[0].test is None or others[0].test.op is not test.op or test.op not in LOWER_OPS:
        return []
    least = others[0] if others[0].test.value < test.value else None
    # Whoever is not of the kind may have a higher bound: it is left unsaid, since 其他 names nobody.
    return [*([least] if least is not None else []), replace(own[0], premise=kind)]


def _by_class(text: str, source: Source) -> list[Condition]:
    """年龄符合规定：甲类、乙类人员不超过50周岁，丙类人员不超过40周岁: a bound for each class, which is its premise."""
    lead = _CLASSED_LEAD.match(text)
    rest = lead["rest"] if lead else text
    parts = [part for part in re.split("[，,；;]", rest.rstrip("。")) if part.strip()]
    stated = [(part, bounds(part)) for part in parts]
    several = sum(bool(found) for _, found in stated) > 1
    aged = all(found[0].low.unit in _AGE for _, found in stated if found)
    if not several or not (lead or aged) or any(len(found) > 1 for _, found in stated):
        return []
    metric = lead["metric"] if lead else "年龄"
    found: list[Condition] = []
    for part, (bound, *_) in ((part, bound) for part, bound in stated if bound):
        classes = _classes(bound.metric)
        words = part.replace(bound.metric, metric, 1) if bound.metric else f"{metric}{part}"
        for condition in read_phrase(words, source):
            premise = _premise_of(classes, source) if classes else None
            found.append(replace(condition, text=source.locate(part.strip()), premise=premise))
    return found


def _classes(words: str) -> list[str]:
    """Names of a list of classes, each with the noun that only the last one has: 甲类、乙类人员."""
    members, _ = list_members(words) if words else ((), False)
    last = re.match(r"^(?P<grade>.{1,4}?[类级档])(?P<noun>.{2,})$", members[-1]) if members else None
    return [
        f"{member}{last['noun']}" if last and re.fullmatch(r".{1,4}[类级档]", member) else member for member in members
    ]


def _premise_of(names: Sequence[str], source: Source) -> Condition:
    """Being of one of the classes."""
    options = tuple(
        Condition(source.locate(name), source.path, ConditionKind.INDUSTRY, ask.about_category(name), name)
        for name in names
    )
    if len(options) == 1:
        return options[0]
    joined = "、".join(names)
    question = ask.about_categories(names, opened=False)
    return Condition(source.locate(names[0]), source.path, ConditionKind.INDUSTRY, question, joined, options=options)
