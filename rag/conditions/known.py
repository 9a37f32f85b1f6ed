"""What a question says beyond its situation: classes it names, and which bound a figure without words belongs to.

The situation keeps what was said in so many words. A question on one rule says more: 一年收了450吨 is measured by the
only bound of the rule that is in tonnes, and 48岁 by the only one on an age.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Kind
from rag.conditions.bound import comparable, measures_same
from rag.conditions.derived import derived_measures, none_of, tests_of
from rag.conditions.metrics import Scope, compare_scope, metric_of
from rag.conditions.model import LOWER_OPS, Condition, ConditionKind, Test
from rag.conditions.names import name_of
from rag.conditions.said import as_policies_say, says
from rag.situation import Measure, Situation
from rag.terms import content_terms, presence

_COMMON_UNITS = frozenset("元人名位家户个项件款次年月天日周万倍") | {"", "个月", "小时"}
"""Units that say little of what is counted."""
_TIMES = frozenset("年月天日周次") | {"个月", "小时"}
_CLASS = re.compile(r"^[A-Z甲乙丙丁一二三四五][类档]")
_WHEN = re.compile(r"上一?年度?|上年末?|本年度?|当年|年度|首次|实际|累计|合计|企业|单位|项目|数量|总数")
_BRANCH = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:业|业企业|类企业|企业)$")
"""金融业 for who says to be a 金融公司."""
_HOME = re.compile(r"[本我全](?:市|区|县|省|州)|(?<!境)[市区县省]内")
_DEEDS = (
    (re.compile(r"买[了的下过]?$|[采订]?购[了过]?$"), re.compile(r"采购|购置|购买|购入|买入")),
    (re.compile(r"卖[了出掉过]*$|销[了出]?$"), re.compile(r"销售|零售|出售")),
    (re.compile(r"投[了进下资入]*$"), re.compile(r"投资|投入")),
    (re.compile(r"[贷借][了到过款]*$"), re.compile(r"贷款|借款|融资")),
    (re.compile(r"[交缴][了过纳]*$"), re.compile(r"税收|纳税|缴税|实缴")),
    (re.compile(r"捐[了赠出]*$"), re.compile(r"捐赠|捐款")),
)
"""Verbs of dealings in money, with the nouns that policies have for the sums."""
_PEOPLE = frozenset("人名位")
_HEADS = re.compile(
    r"(?:(?P<whose>^|[我咱你]们|公司|企业|团队|厂|店|单位|合作社)(?:里|一?总?共|也?就|才|只|有|目前|现在|是|大概|大约|约|的)*)?"
    r"(?P<said>(?P<number>\d{1,5}|[一二两三四五六七八九十百]{1,4})[个名位口]?(?:人(?!次|均|才|民|士|员[费工])|员工|职工))"
    r"(?P<of>的[\u4e00-\u9fff]{0,4}(?:团队|公司|企业|厂|店|机构|单位|合作社))?"
)
"""How many people there are: 我们公司就25个人, 两个人的团队; not how many were hired or trained."""
_NEAR = 4
"""Characters in front of a sum that its verb stands in."""
_SHORT = 2
_ENOUGH = 0.6
"""Share of the words of what is done that a question must have to be about doing it."""


def known_of(conditions: Sequence[Condition], situation: Situation, asked: str) -> Situation:
    """The situation with what `asked` adds to it for these conditions."""
    held = [name for name in _names(conditions, asked) if name not in situation.denied]
    tests = tests_of(conditions)
    none = none_of(tests, situation.denied)
    lacking = {one.metric for one in none}
    given = _with_people(situation.measures, tests, asked)
    said = [_at_home(_of_deed(measure, tests, asked), tests, situation.region) for measure in given]
    measures = tuple(_attributed(measure, conditions, asked, lacking) for measure in said)
    derived = (*derived_measures(tests, situation.measures, asked, situation.day), *none)
    return replace(situation, held=tuple(dict.fromkeys((*situation.held, *held))), measures=(*measures, *derived))


def _names(conditions: Sequence[Condition], asked: str) -> Iterator[str]:
    """Classes and kinds of project that the question names, and what is done where it is about that."""
    for condition in conditions:
        premises = _flat([condition.premise] if condition.premise is not None else [])
        yield from (one.name for one in premises if one.test is None and _named(_BRANCH.sub("", one.name), asked))
        for one in (*_flat([condition]), *premises):
            grade = name_of(one.name).grade
            if grade and _CLASS.match(one.name) and _named(grade, asked):
                yield one.name
        if _is_said(condition, asked):
            yield condition.name


def _is_said(condition: Condition, asked: str) -> bool:
    """Whether the question is about a condition's project or deed, or says that what must not be is so."""
    if condition.negative:
        return condition.kind is ConditionKind.EXCLUSION and says(asked, condition.name)
    if condition.name.endswith("项目"):
        return mentions(asked, name_of(condition.name).core)
    return condition.kind is ConditionKind.OTHER and _is_about(condition.name, asked)


def _with_people(measures: Sequence[Measure], tests: Sequence[Test], asked: str) -> Sequence[Measure]:
    """Measures with the people that are told without a noun (两个人的团队) under the only bound on people."""
    wanted = {test.metric: test for test in tests if test.unit in _PEOPLE}
    told = [one for one in measures if one.unit in _PEOPLE]
    if len(wanted) != 1 or any(one.metric for one in told):
        return measures
    (test,) = wanted.values()
    # 一个人 is said of anybody.
    found = [(number, match) for match in _HEADS.finditer(asked) if (number := to_int(match["number"]) or 0) > 1]
    if len(found) != 1 or not (found[0][1]["whose"] is not None or found[0][1]["of"]):
        return measures
    number, match = found[0]
    one = Measure(_plain(test), Kind.COUNT, Decimal(number), test.unit, match["said"])
    return (*(other for other in measures if other not in told), one)


def _at_home(measure: Measure, tests: Sequence[Test], region: str | None) -> Measure:
    """A figure counted in the policy's own place (在青屿交税) under the policy's word for that: 在本市交税."""
    place = re.match(rf"^在{re.escape(region)}[市区县省州]?的?(?=..)", measure.metric) if region else None
    if place is None:
        return measure
    rest = replace(measure, metric=measure.metric[place.end() :])
    home = next((match[0] for test in tests if measures_same(test, rest) and (match := _HOME.search(test.metric))), "")
    return replace(rest, metric=f"在{home}{rest.metric}" if home else rest.metric)


def _of_deed(measure: Measure, tests: Sequence[Test], asked: str) -> Measure:
    """A sum that only a verb names (买了150万) under the only bound on the same deed: 设备采购额."""
    at = asked.find(measure.said)
    if measure.metric or measure.kind is not Kind.AMOUNT or at < 0:
        return measure
    # A ceiling is on what is paid, not on what was done.
    sums = [test for test in tests if test.kind is Kind.AMOUNT and test.op in LOWER_OPS and test.metric]
    found = {
        test.metric: test
        for test in sums
        for verb, nouns in _DEEDS
        if verb.search(asked[max(0, at - _NEAR) : at]) and nouns.search(test.metric)
    }
    return replace(measure, metric=_plain(next(iter(found.values())))) if len(found) == 1 else measure


def _flat(conditions: Iterable[Condition]) -> list[Condition]:
    return [one for condition in conditions for one in (condition.options or (condition,))]


def _named(words: str, asked: str) -> bool:
    return re.search(rf"(?<!不是)(?<!非){re.escape(words)}", asked) is not None


def mentions(asked: str, core: str) -> bool:
    """Whether a question has a name, if only in its short form (技改 for 技术改造)."""
    if not asked or len(core) < 2:
        return False
    halves = "".join(core[at] for at in range(0, len(core), 2)) if len(core) == 4 else core
    return core in asked or halves in asked


def _is_about(name: str, asked: str) -> bool:
    """Whether the question is about doing what a condition names; several words have to be there."""
    terms = [term.text for term in content_terms(name) if not term.weak]
    if len(terms) < 2 or name_of(name).grade:
        return False
    said = as_policies_say(asked)
    return sum(presence(term, said) for term in terms) / len(terms) > _ENOUGH


def _attributed(
    measure: Measure, conditions: Sequence[Condition], asked: str, lacking: Collection[str] = ()
) -> Measure:
    """A measure under the metric of the only bound it can be measured by; as it is where it has one, or several fit.

    Args:
        lacking: metrics of bounds on what the enterprise says to have none of.
    """
    tests = [one.test for one in _flat(conditions) if one.test is not None and one.test.metric not in lacking]
    if measure.metric.startswith("此前"):
        return measure
    telling = [test for test in tests if comparable(test, measure) is not None and test.unit not in _COMMON_UNITS]
    same = [test for test in tests if measures_same(test, measure)]
    loose = all(metric_of(test.metric).concept is None and _wider(test, measure) for test in same)
    if same and not telling and not loose:
        # 涨8%: too short a word to say back.
        short = len(measure.metric) <= _SHORT and len({test.metric for test in same}) == 1
        return replace(measure, metric=_plain(same[0])) if short and not _wider(same[0], measure) else measure
    own = [c.test for c in _flat(conditions) if c.test is not None and c.path == conditions[0].path]
    fitting = {test.metric: test for test in tests if _may_be(test, measure, asked)}
    nearest = {metric: test for metric, test in fitting.items() if test in own}
    fitting = dict(_told_apart(nearest or fitting, measure))
    if len(fitting) != 1:
        return measure
    (test,) = fitting.values()
    value = comparable(test, measure)
    if value is None:
        return measure
    converted = not measure.unit or test.kind is not measure.kind or test.unit == "人"
    if not converted:
        return replace(measure, metric=_plain(test))
    return replace(measure, metric=_plain(test), value=value[0], upper=value[1], unit=test.unit, kind=test.kind)


def _told_apart(fitting: Mapping[str, Test], measure: Measure) -> Mapping[str, Test]:
    """Of several bounds the one whose own words the measure has: 单机装备单价 for 单机装备卖70万."""
    if len(fitting) < 2:
        return fitting
    pairs = {metric: {metric[at : at + 2] for at in range(len(metric) - 1)} for metric in fitting}
    kept = {}
    said = as_policies_say(measure.metric)
    for metric, test in fitting.items():
        others = set().union(*(those for other, those in pairs.items() if other != metric))
        if any(pair in said for pair in pairs[metric] - others):
            kept[metric] = test
    return kept if len(kept) == 1 else fitting


def _plain(test: Test) -> str:
    """What a bound is on, without when it is counted."""
    return re.sub(r"^(?:上一?年度?|上年末?)(?=..)", "", test.metric)


def _wider(test: Test, measure: Measure) -> bool:
    """Whether the bound is on less than what was said (制造业营收 for 营收)."""
    share = measure.kind is not Kind.AMOUNT and measure.kind is not Kind.COUNT
    asked, said = metric_of(test.metric, share=share), metric_of(measure.metric, share=share)
    return compare_scope(asked, said, context=test.context) is not Scope.SAME


def _may_be(test: Test, measure: Measure, asked: str) -> bool:
    if comparable(test, measure) is None or (test.kind is not Kind.COUNT and not measure.metric):
        return False
    share = test.kind in (Kind.RATE, Kind.POINTS)
    said, wanted = metric_of(measure.metric, share=share).concept, metric_of(test.metric, share=share).concept
    if share and (wanted is not None or not measures_same(test, measure)):
        return False
    if test.unit not in _COMMON_UNITS:
        return True
    if said is not None and wanted is not None and said != wanted:
        return False
    if test.kind is Kind.COUNT and test.unit not in _TIMES and said is None and wanted is None:
        return True
    if test.unit in _TIMES:
        asked = f"{asked} {as_policies_say(measure.metric)}"  # 社保 for 社会保险; of a sum it would name too much
    core = _WHEN.sub(" ", test.metric)
    pairs = [core[at : at + 2] for at in range(len(core) - 1) if " " not in core[at : at + 2]]
    return any(pair in asked for pair in pairs)
