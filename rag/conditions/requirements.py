"""Sentences and lists that require something of whoever applies: 应当符合下列条件, 占比应不低于50%, 须在市内有固定场所.

What authorities must do (审核, 拨付), goals (到2027年达到…) and sums that are paid are no requirements.
"""

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
from rag.conditions.model import Condition, ConditionKind
from rag.conditions.phrase import Source, read_phrase
from rag.conditions.pieces import bounds, either_or, list_members
from rag.sentences import split_sentences

_MODAL = r"(?:应当|应(?!用|急|收|届|税|付|缴|对|链|地|变)|必须|须|需(?!求|要(?!符合|满足))|要求|方可|才能)"
_REQUIRES = re.compile(
    rf"{_MODAL}|不得(?!超过|高于|低于|少于)|本(?:办法|措施|政策|规定|细则|意见|条例|方案)适用于|同时(?:符合|具备|满足)|可以申[请报领]"
)
_APPLICANT = re.compile(
    r"申[请报领](?!流程|程序|时间|材料)|(?:企业|单位|机构|项目|主体|投资人|公司)(?=[^，。；]{0,24}(?:应|须|必须|需|不得|不低于|不少于|不超过|不高于))"
)
_OFFICIAL = re.compile(
    r"部门|(?:财政|主管|经信|科技|工信)局|人民政府|政府(?!性)|管委会|审核|评审|公示|拨付|工作日|受理(?!过)|印发|施行|负责|责令|追[回缴]|弄虚作假|骗取|"
    r"材料|罚款|违反|监督|检查|责任|承诺|归还|退回|资金管理|专款|申报表|名单由|牵头|预算"
)
_GOAL = re.compile(r"到20\d\d年|20\d\d年底?前|力争|目标|努力|争取|建成|培育.{0,12}(?:家|个)")
_PAYS = re.compile(
    r"(?:给予|予以|奖励|资助|补助|补贴|贴息|奖补|补偿|返还)[^，。；]{0,24}\d|\d[^，。；]{0,10}(?:奖励|补助|补贴|资助|补偿)|按[^，。；]{0,16}%"
)
_LIMIT = re.compile(
    r"(?:最高|不超过|不得超过|最多)[^，。；]{0,8}(?:元|%)|(?:补贴|补助|奖励|资助|贴息|补偿)[^，。；]{0,10}(?:不超过|最高|不得超过)"
)
_LISTS = re.compile("以下|下列|如下")
_LIST = re.compile(
    r"(?P<subject>[^。；]*?)(?P<modal>同时|应当|须|必须|均应)*(?:符合|具备|满足|具有|属于|有)?(?:以下|下列|如下)"
    r"(?:基本|全部|所有|各项)?(?:条件|要求|情形|情况|标准)(?P<any>之一)?(?P<not>[^:：]{0,12}(?:不予|不得|不能|不再|不纳入|除外))?[^:：]{0,16}[:：]"
)
_METRIC_LEAD = re.compile(
    r"^(?P<metric>[^，。；:：]{2,30}?)(?:应当?|须)?(?:符合|达到|满足)(?:以下|下列|如下)(?:要求|标准|条件)[:：]$"
)
_ITEM_MARK = re.compile(
    r"[（(]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[）)]|(?:^|(?<=[；;。:：\n]))\s*\d{1,2}[.．、]|[①-⑩]"
)
_NO_ITEM = re.compile(r"其他(?:条件|情形|要求)|法律、?法规|^其中[:：]?$|材料")
_PREMISE = re.compile(r"^(?P<premise>[^，,。；]{3,40})的[，,](?P<rest>.+)$", re.S)
_COUNTED_BY = re.compile(
    r"(?:也|亦|还)?可以?(?:选择)?(?P<words>只?以(?P<metric>[^，,；;。]{2,24}?)(?:统计|计算|核算|口径))"
)
_WHO = re.compile(
    r"(?:申[报请领]|享受|支持|扶持|补[助贴]|奖励|资助|基本|适用)(?:的)?(?:条件|对象|范围|资格|主体)$|(?:^|[、.．)）])(?:条件|对象|适用范围)$"
)
_WAIVES = re.compile(r"不受[^，。；]{1,24}限制|不作[^，。；]{0,8}要求|另行(?:制定|规定|明确|发文|公布)")
"""What frees from a requirement, or leaves it to other rules."""
_STACKS = re.compile(r"从高|就高|不重复|不得重复|不叠加")
_CLASSED_LEAD = re.compile(
    r"^(?P<metric>[^，,：:；;]{1,12}?)(?:应当?|须)?(?:符合|达到|满足)?(?:以下|下列|如下)?(?:规定|要求|标准|条件)?[：:](?P<rest>.+)$",
    re.S,
)
_EXCEPTION = re.compile(
    r"^(?P<own>.+?)[，,；;]其中[，,]?(?P<premise>[^，,；;]{3,40}?)(?:的?(?:企业|单位|机构|项目|人员|人才))?的?[，,]?"
    r"(?P<rest>(?:不低于|不少于|不高于|不超过|不小于|须?达到)[^，,；;]+)$"
)
_MOST_PAIRS = 6
"""Alternatives joined out to pairs that are still said."""
_AGE = ("周岁", "岁")
_DEFINES = re.compile(r"所称[^，,]{1,20}[，,](?=是指|指)|是指")


def lists_conditions(text: str) -> bool:
    """Whether a text ends in the lead of a list of conditions to meet: 应当同时符合下列条件：."""
    match = _LIST.search(text) if _LISTS.search(text) else None
    if match is None or match["not"] or _PAYS.search(match[0]):
        return False
    return not text[match.end() :].strip()


def accepted_scopes(text: str) -> tuple[str, ...]:
    """Metrics that may be counted instead of the one named: 也可以只以在杭制造业营业收入统计."""
    return tuple(match["metric"] for match in _COUNTED_BY.finditer(text))


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
            found += read_requirement(text, _source(clause, beneficiary))
            continue
        if quote_in(text, quote):
            continue
        if is_requirement(text):
            found += read_requirement(text, _source(clause, beneficiary))
    return found


def says_who_applies(text: str) -> bool:
    """Whether a sentence under a heading such as 申报对象 is on whoever applies, not on payment or other rules."""
    if _OFFICIAL.search(text.replace("承诺", "")) or _PAYS.search(text) or _STACKS.search(text):
        return False
    return bool(bounds(text)) or not _WAIVES.search(text)


def quote_in(text: str, quote: str) -> bool:
    """Whether a sentence is the one that `quote` was taken from."""
    return bool(quote) and (text in quote or quote in text or quote[:24] in text)


def is_about_applicants(clause: Clause) -> bool:
    """Whether a clause's own or nearest heading announces who may apply: 申报对象, 申请条件."""
    own = re.sub(r"[（(）)【】\[\]\s。]", "", clause.heading or "")
    above = clause.trail[-1] if clause.trail else ""
    return any(_WHO.search(heading.strip("。 ")) for heading in (own, above))


def is_requirement(text: str) -> bool:
    """Whether a sentence requires something of whoever applies."""
    if _DEFINES.search(text) or _OFFICIAL.search(text) or _GOAL.search(text) or _PAYS.search(text):
        return False
    if not bounds(text) and _WAIVES.search(text):
        return False
    if _LIMIT.search(text) or _STACKS.search(text):
        return False
    stated = bool(bounds(text))
    if _REQUIRES.search(text):
        return stated or bool(_APPLICANT.search(text)) or "适用于" in text
    return stated and bool(_APPLICANT.search(text))


def _source(clause: Clause, context: str = "", metric: str = "") -> Source:
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
    parts = [part.strip() for part in re.split("[；;]", text.rstrip("。")) if part.strip()]
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
    premise = _PREMISE.match(part)
    if premise and (bounds(premise["rest"]) or _REQUIRES.search(premise["rest"])):
        return _with_premise(premise["premise"], premise["rest"], source)
    return list(read_phrase(_required_words(part), source))


def _required_words(part: str) -> str:
    """What stands behind 应当, 须, 适用于; the whole part where that says what is measured."""
    applies = re.search(r"适用于", part)
    if applies:
        return re.sub(r"^[^，,]*?适用于", "", part)
    match = re.match(rf"^(?P<subject>[^，,]*?[，,]?){_MODAL}(?P<rest>.+)$", part)
    if match is None:
        return re.sub(r"^(?:申请|申报)[^，,]{0,12}?的?(?:企业|单位|机构|项目|主体)[，,]?", "", part)
    subject = re.sub(r"^.{0,16}?(?:企业|单位|机构|项目|主体|人)(?:的)?[，,]?", "", match["subject"]).rstrip("，,均")
    return f"{subject}{match['rest']}"


def _with_premise(premise: str, rest: str, source: Source) -> list[Condition]:
    given = read_phrase(premise, source)
    found = read_phrase(_required_words(rest), source)
    return [replace(condition, premise=given[0]) if given else condition for condition in found]


def _inline_list(clause: Clause) -> list[Condition]:
    """同时具备下列情形的，可以申领：（1）…；（2）… in one text."""
    match = _LIST.search(clause.text) if _LISTS.search(clause.text) else None
    if match is None or not clause.text[match.end() :].strip():
        return []
    if _PAYS.search(clause.text[match.start() : match.end()]):
        return []
    body = clause.text[match.end() :].split("\n")
    text = "\n".join(line for line in body if line.strip())
    marks = list(_ITEM_MARK.finditer(text))
    if not marks:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.end() : end].strip(" \n；;。") for mark, end in zip(marks, ends, strict=True)]
    source = _source(clause)
    kept = [item for item in items if not _NO_ITEM.search(item)]
    if match["not"]:
        return _as_list(match, [_barred(item, source) for item in kept], clause)
    return _as_list(match, [condition for item in kept for condition in _item(item, source)], clause)


def required_by_list(lead: Clause, items: Sequence[Clause]) -> list[Condition]:
    """Conditions of the items that a lead announces (应当同时符合下列条件：), with the items below them."""
    match = _LIST.search(lead.text)
    if match is None or not items:
        return []
    depth = lead.path.count(".") + 1
    found: list[Condition] = []
    for item in items:
        numbered = item.path.rpartition(".")[2].isdigit()
        if numbered and item.path.count(".") == depth and not _NO_ITEM.search(item.text.strip("；;。 ")):
            below = [other for other in items if other.path.startswith(f"{item.path}.")]
            found += [_barred(item.text, _source(item))] if match["not"] else _item_with_items(item, below)
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
    return _item(own.strip("；;。"), _source(item))


def _top(items: Sequence[Clause]) -> list[Clause]:
    depth = min((item.path.count(".") for item in items), default=0)
    return [item for item in items if item.path.count(".") == depth]


def _measured_item(item: Clause, below: Sequence[Clause], metric: str) -> list[Condition]:
    """营业收入不足2亿元的，比重不低于4%, with the exceptions that follow it (其中：…)."""
    own = item.text.strip().strip("；;。")
    exceptions = [other for other in below if other.path.startswith(f"{item.path}.")]
    plain = re.sub(r"[，,]?其中[:：]?$", "", own)
    found = [replace(c, exceptions=bool(exceptions)) for c in _item(plain, _source(item, metric=metric))]
    for other in exceptions:
        found += _item(other.text.strip().strip("；;。"), _source(other, metric=metric))
    return found


def _item(text: str, source: Source) -> list[Condition]:
    """Conditions of one item; what is measured may have been said by its lead."""
    alternatives = _alternatives(text, source)
    if alternatives:
        return alternatives
    premise = _PREMISE.match(text)
    if premise and bounds(premise["rest"]):
        return _with_premise(premise["premise"], premise["rest"], source)
    stated = bounds(text)
    excepted = _with_exception(text, source)
    if excepted:
        return excepted
    classed = _by_class(text, source)
    if classed:
        return classed
    if source.metric and len(stated) == 1 and metric_of(stated[0].metric).concept is None and stated[0].metric:
        kinds = read_phrase(stated[0].metric, source)
        bound = read_phrase(text.replace(stated[0].metric, "", 1), source)
        return [replace(condition, premise=kinds[0]) if kinds else condition for condition in bound]
    return list(read_phrase(_required_words(text), source))


def _alternatives(text: str, source: Source) -> list[Condition]:
    """甲不低于…，或者乙不低于…且丙不低于…: 甲 or 乙, and 甲 or 丙; [] where no bounds stand on both sides."""
    sides = [_item(part, source) for part in either_or(text)]
    if not sides or not all(sides) or prod(map(len, sides)) > _MOST_PAIRS:
        return []
    return [_either([first], list(others), text, source) for first, *others in product(*sides)]


def _with_exception(text: str, source: Source) -> list[Condition]:
    """不低于5%，其中营业收入2亿元以上的企业不低于4%: the second bound replaces the first for whom it names."""
    match = _EXCEPTION.match(text)
    if match is None or not bounds(match["own"]):
        return []
    own = [condition for condition in _item(match["own"], source) if condition.test is not None]
    given = read_phrase(match["premise"], source)
    if len(own) != 1 or own[0].test is None or not given:
        return []
    other = read_phrase(match["rest"], replace(source, metric=own[0].test.metric))
    return [replace(own[0], exceptions=True), *(replace(condition, premise=given[0]) for condition in other)]


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


def sentence_conditions(text: str, clause: Clause) -> tuple[Condition, ...]:
    """What a sentence that grants nothing requires: 年产值不少于20亿元的链主企业, 从业人员10人以上.

    The part of the sentence that states a bound is read, with the parts joined to it by 、 and 且.
    """
    if _DEFINES.search(text) is None and (_GOAL.search(text) or _OFFICIAL.search(text)):
        return ()
    source = _source(clause)
    read = _alternatives(text.rstrip("。；; "), source) or _with_exception(text.rstrip("。；; "), source)
    if read:
        return tuple(read)
    if _REQUIRES.search(text) and is_requirement(text):
        return tuple(read_requirement(text, source))
    found: list[Condition] = []
    for part in re.split("[，,；;]", text.rstrip("。")):
        if bounds(part):
            *others, last = re.split(r"且|并(?![购网轨表行联列])|、", part)
            if not bounds(last):
                others, last = [], part
            found += [c for c in read_phrase(last, source) if c.test is not None]
            found += [c for other in others for c in _joined(other, source)]
    return tuple(found)


def _joined(words: str, source: Source) -> list[Condition]:
    """产业链带动能力强, joined by 且 to a bound: it is required too."""
    plain = re.sub(r"^(?:支持|鼓励|服务好|重点支持|对|引导)", "", words.strip())
    return list(read_phrase(plain, source)) if len(plain) >= 4 else []
