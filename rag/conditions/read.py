"""What a benefit requires, from its own words and from the sentences around it.

Read are: who benefits (the beneficiary with its level and threshold), sentences of the same clause that require
something (占比应不低于50%), and lists of conditions in other clauses that the caller names (同时符合下列条件).
Not read: definitions, what authorities must do, and conditions that another document sets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from index.models import Benefit, Clause
from index.quantities import Comparison, Kind, quantities
from rag.conditions import ask
from rag.conditions.items import accepted_scopes
from rag.conditions.locate import composed, locate
from rag.conditions.model import Condition, ConditionKind, Test
from rag.conditions.phrase import Source, first_time_of, read_phrase
from rag.conditions.requirements import required_by, required_by_list

_ANY_OF = re.compile(r"下列(?:情形|条件|情况|要求)之一")
_ALL_OF = re.compile(r"下列(?:全部)?(?:情形|条件|情况|要求)(?!之一)")
_ANNOUNCED = re.compile(
    r"^(?P<metric>[^，,]*?)(?P<first>首次)?(?P<verb>达到|突破|超过)?(?:下列|以下|一定)"
    r"(?:数额|规模|标准|档次|条件|要求|金额|额度|情形|情况|奖项|称号|荣誉)(?:之一)?(?:的|$)(?P<rest>.*)$"
)
_BY_REFERENCE = re.compile(
    r"^(?:对|凡)?(?:符合|具备|满足)(?:本\w{2})?第[零一二三四五六七八九十百\d]+条(?:规定|要求)?(?:的?条件)?的?"
)
"""符合第三条规定的: the conditions stand there."""
_NO_CONDITION = re.compile(
    r"差额|补差|从高|就高|不重复|按照|参照|标准|最高|不超过|未能逐一|分[一二三四五六七八九十\d]+年|兑现|发放|自担|承担|比例|上限|期限|"
    r"额度|不得超过|面积|元/|补贴|补助|奖励"
)


def conditions_of(benefit: Benefit, clause: Clause, *, also: Sequence[Clause] = ()) -> tuple[Condition, ...]:
    """What an enterprise must be or have for `benefit`, each part once, in the order of the text.

    Args:
        benefit: read from `clause`.
        also: further clauses that set conditions for it: the lead above, a list of general conditions with its items.
    """
    found = [*_of_beneficiary(benefit, clause, also), *required_by(clause, benefit.quote, benefit.beneficiary)]
    for lead in also:
        items = [item for item in also if item.path.startswith(f"{lead.path}.")]
        below = any(lead.path.startswith(f"{other.path}.") for other in also)
        if not below:
            found += required_by_list(lead, items) or required_by(lead, benefit.quote, benefit.beneficiary)
    return tuple(_each_once([_placed(condition, clause, also) for condition in found]))


def _placed(condition: Condition, clause: Clause, also: Sequence[Clause]) -> Condition:
    """The condition with the path of the clause that has its words: a lead states what its items share."""
    if condition.path != clause.path or condition.text in clause.text:
        return condition
    return next((replace(condition, path=other.path) for other in also if condition.text in other.text), condition)


def _each_once(found: Sequence[Condition]) -> list[Condition]:
    kept: dict[tuple[object, ...], Condition] = {}
    for condition in found:
        test = condition.test
        bound = (test.metric, test.op, test.value) if test is not None else condition.name
        kept.setdefault((condition.kind, bound, condition.negative, condition.premise is None), condition)
    return list(kept.values())


def _of_beneficiary(benefit: Benefit, clause: Clause, also: Sequence[Clause]) -> list[Condition]:
    """Conditions in the words that say who benefits."""
    texts = [clause.text, *(other.text for other in also)]
    stated = benefit.threshold or {}
    source = Source(
        path=clause.path,
        locate=partial(locate, texts=texts, quote=benefit.quote),
        metric=re.sub(r"（[^（）]*）$", "", str(stated.get("metric", ""))),
        context=f"{benefit.beneficiary}{_bracketed(str(stated.get('metric', '')), clause)}",
        accepted=accepted_scopes(clause.text),
    )
    parts = composed(benefit.beneficiary, texts)
    announced = next((match for part in parts if (match := _ANNOUNCED.match(part))), None)
    first = announced is not None and bool(announced["first"])
    if announced is not None and announced["metric"] and announced["verb"]:
        source = replace(source, metric=announced["metric"])
    found = [c for part in _with_levels(parts) for c in _of_part(part, source)]
    if first and not any(c.kind is ConditionKind.FIRST_TIME for c in found):
        found += [first_time_of(c, source) for c in found if c.kind is ConditionKind.SIZE]
    found += _options(benefit, clause, source)
    if stated and not any(_has_bound(c, Decimal(str(stated["value"]))) for c in found):
        found.append(_stated_at(_from_threshold(benefit, source), texts))
    if not found:
        # Whoever meets only the general conditions has not yet said to do what is paid for.
        name = benefit.beneficiary
        found.append(Condition(source.locate(name), clause.path, ConditionKind.OTHER, ask.about_fact(name), name))
    return found


def _stated_at(condition: Condition, texts: Sequence[str]) -> Condition:
    """The condition with the part of a sentence that has its figure, where its own words do not have it."""
    test = condition.test
    if test is None or any(q.value == test.value for q in quantities(condition.text)):
        return condition
    for text in texts:
        for found in quantities(text):
            if (found.value, found.unit) == (test.value, test.unit):
                start = max(text.rfind(mark, 0, found.start) for mark in "，,。；;\n") + 1
                ends = [at for mark in "，,。；;\n" if (at := text.find(mark, found.end)) >= 0]
                return replace(condition, text=text[start : min(ends, default=len(text))])
    return condition


def _has_bound(condition: Condition, value: Decimal) -> bool:
    tests = (condition.test, *(option.test for option in condition.options))
    return any(test is not None and value in (test.value, test.upper) for test in tests)


def _of_part(part: str, source: Source) -> list[Condition]:
    """Conditions of one part; what follows 获得下列奖项的 are alternatives."""
    part = _BY_REFERENCE.sub("", part)
    announced = _ANNOUNCED.match(part)
    if announced is None:
        return list(read_phrase(part, source))
    subject = "" if announced["verb"] else re.sub(r"(?:有|获得|取得|符合)$", "", announced["metric"])
    found = list(read_phrase(subject, source)) if subject else []
    rest = announced["rest"].lstrip("，,")
    options = read_phrase(rest, source) if rest else ()
    if len(options) < 2 or announced["verb"]:
        return [*found, *options]
    flat = tuple(option for c in options for option in (c.options or (c,)))
    opened = rest.rstrip("的").endswith("等") or any(c.open_list for c in options)
    question = ask.about_categories([option.name for option in flat], opened)
    kind = ConditionKind.OTHER
    return [*found, Condition(source.locate(rest), source.path, kind, question, rest, options=flat, open_list=opened)]


def _with_levels(parts: list[str]) -> list[str]:
    """Parts, a bare level joined to the part before it with a comma so that it is read as that part's level."""
    joined: list[str] = []
    for part in parts:
        bare = re.fullmatch(r"(?:(?:国家|省|市|区|县|国际)级|国内|省内|市内)(?:以上)?(?:认定)?的?", part)
        if bare and joined:
            joined[-1] = f"{joined[-1].rstrip('的')}，{part}"
        else:
            joined.append(part)
    return joined


def _bracketed(metric: str, clause: Clause) -> str:
    """What brackets behind the metric add to it elsewhere in the clause: 实际投入（设备和软件）."""
    name = re.sub(r"（[^（）]*）$", "", metric)
    return "".join(re.findall(rf"{re.escape(name)}（([^（）]{{2,16}})）", clause.text)) if name else ""


def _options(benefit: Benefit, clause: Clause, source: Source) -> list[Condition]:
    """Items that follow 有下列情形之一的, which `Benefit.condition` keeps."""
    any_of = _ANY_OF.search(benefit.beneficiary)
    if not benefit.condition or not (any_of or _ALL_OF.search(benefit.beneficiary)):
        return []
    items = [item for item in benefit.condition.split("；") if item and not _NO_CONDITION.search(item)]
    found = [condition for item in items for condition in read_phrase(item, source)]
    if not any_of or len(found) < 2:
        return found
    names = [condition.name for condition in found]
    question = ask.about_categories(names, opened=False)
    kind = ConditionKind.OTHER
    return [Condition(benefit.quote, clause.path, kind, question, "、".join(names), options=tuple(found))]


def _from_threshold(benefit: Benefit, source: Source) -> Condition:
    """The bound as the index holds it, where the words that state it stand elsewhere (a table's heading)."""
    stated = dict(benefit.threshold or {})
    words = str(stated["metric"])
    unit = re.search(r"（([^（）]*)）$", words)
    op, value = Comparison(stated["op"]), Decimal(str(stated["value"]))
    if unit is not None:
        kind = Kind.AMOUNT if unit[1].endswith("元") else Kind.COUNT
    else:
        kind = Kind.RATE if value < 1 else Kind.AMOUNT
    unit_words = unit[1] if unit else "元" if kind is Kind.AMOUNT else ""
    project = re.match(r"^[^，,（]{2,12}?项目", benefit.beneficiary)
    metric = source.metric or words
    if project and "项目" not in metric:
        metric = f"{project[0]}{metric}"
    test = Test(metric, op, value, unit_words, kind, accepted=source.accepted, context=source.context)
    share = kind is Kind.RATE
    return replace(
        Condition(
            source.locate(benefit.beneficiary),
            benefit.path,
            ConditionKind.SHARE if share else ConditionKind.SIZE,
            ask.about_metric(test.metric, test),
            f"{test.metric}{ask.bound_words(test)}",
            test=test,
        )
    )
