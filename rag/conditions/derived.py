"""Figures that follow from those a question gives: a share of two, growth between two years, how long ago it began.

20 of 80 employees are a share of 25%, 800万 and then 880万 a growth of 10%, and who was founded this year is not yet
one year old. Such a figure is compared with a bound, and never shown: only the figures it was made of are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from index.quantities import Kind, quantities
from rag.conditions.ask import value_words
from rag.conditions.metrics import metric_of
from rag.conditions.model import Condition, Test
from rag.conditions.said import FOUNDED
from rag.situation import Measure

_PEOPLE = ("人", "个", "名", "位")
_PAIR = 2
_SHARES = (Kind.RATE, Kind.POINTS)
_GROWS = re.compile(r"增长率?|增速|增幅|涨幅|增量比例|上涨")
_FALLS = re.compile(r"下降|减少|降低|裁")
_BEFORE, _AFTER = re.compile(r"去年|上一?年|前年|原来|以前|从"), re.compile(r"今年|本年|当年|现在|到了?")
_BEGUN = re.compile(r"成立|注册|登记|设立|开业|经营|运营|创办|存续")
_PART = re.compile(
    r"^(?P<part>.+?)占(?P<whole>.+?)(?:总数|总额|总量|总人数|总资产)?(?:的)?(?:比重|比例|比率|份额|占比|比)?$"
)
_SHARE_WORDS = re.compile(r"(?:所占)?(?:的)?(?:比重|比例|比率|份额|占比|占|率)$")
_HAN = re.compile("[\u4e00-\u9fff]")
_YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Derived(Measure):
    """A measure that was worked out; `said` has the figures it was made of."""


def derived_measures(tests: Sequence[Test], measures: Sequence[Measure], asked: str) -> tuple[Derived, ...]:
    """What `measures` and the words of a question give for bounds that none of them measures as it stands."""
    given = [measure for measure in measures if not measure.metric.startswith("此前")]
    found: list[Derived] = []
    for test in tests:
        found += _share_of(test, given, asked)
        found += _growth_of(test, given, asked)
        found += _age_of(test, given, asked)
    return tuple(dict.fromkeys(found))


def none_of(tests: Sequence[Test], denied: Sequence[str]) -> tuple[Derived, ...]:
    """That there is none of what bounds count, where that is denied: 没有发明专利 for 发明专利不少于1件."""
    found = []
    for test in tests:
        if test.kind is Kind.COUNT and test.unit not in ("年", "个月", "天", "岁", "周岁"):
            said = next((fact for fact in denied if len(fact) > 1 and test.metric.endswith(fact)), None)
            if said is not None:
                found.append(Derived(test.metric, test.kind, Decimal(0), test.unit, "没有"))
    return tuple(found)


def tests_of(conditions: Sequence[Condition]) -> list[Test]:
    """The bounds of conditions, of their alternatives and premises."""
    found: list[Test] = []
    for condition in conditions:
        parts = condition.options or (condition,)
        found += [one.test for one in parts if one.test is not None]
        if condition.premise is not None:
            found += tests_of([condition.premise])
    return found


def _share_of(test: Test, measures: Sequence[Measure], asked: str) -> Iterator[Derived]:
    """The part over the whole, where both are given in one unit: 研发人员占职工总数 from 8人 and 60人."""
    if test.kind not in _SHARES or _GROWS.search(test.metric) or any(one.kind in _SHARES for one in measures):
        return
    match = _PART.match(test.metric)
    part = match["part"] if match else _SHARE_WORDS.sub("", test.metric)
    whole = match["whole"] if match else ""
    counted = [*measures, *_counted(measures, asked)]
    pairs = [
        (one, other)
        for one in counted
        for other in counted
        if one is not other and (one.kind, one.unit) == (other.kind, other.unit) and 0 < one.value < other.value
    ]
    told = [pair for pair in pairs if _is_of(part, pair[0]) and (not whole or _is_of(whole, pair[1]))]
    alone = pairs if len(pairs) == 1 and _HAN.search(pairs[0][0].unit) and _shares_words(part, asked) else []
    for one, other in (told or alone)[:1]:
        yield _worked(test, one.value / other.value, f"按{_figure(one)}和{_figure(other)}计算")


def _counted(measures: Sequence[Measure], asked: str) -> list[Measure]:
    """People that are counted in a question beside its measures: 80个人里研发20个."""
    found = [one for one in quantities(asked) if one.kind is Kind.COUNT and one.unit in _PEOPLE and one.op is None]
    known = {(one.value, one.unit) for one in measures if one.unit in _PEOPLE}
    if len(found) != _PAIR or len(known) == _PAIR:
        return []
    return [Measure("", Kind.COUNT, one.value, "个", asked[one.start : one.end]) for one in found]


def _is_of(words: str, measure: Measure) -> bool:
    """Whether a measure is of what `words` name, and of nothing narrower."""
    asked, said = metric_of(words), metric_of(measure.metric)
    if asked.concept is None or said.concept is None:
        return len(measure.metric) > 1 and (measure.metric in words or words in measure.metric)
    if asked.concept != said.concept:
        return False
    return asked.scope == said.scope or _alike(asked.scope, said.scope)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and all(any(a in b or b in a for b in other) for a in one)


def _figure(measure: Measure) -> str:
    return value_words(measure.value, measure.unit, measure.kind)


def _shares_words(part: str, asked: str) -> bool:
    """Whether a question has a word of what is a part, if only in its short form: 文创 for 文化创意."""
    plain = re.sub(r"^(?:上一?年度?|其中|企业)|人员|收入|数量|人数", "", part)
    return any(plain[at : at + 2] in asked or _in_short(plain[at : at + 4], asked) for at in range(len(plain) - 1))


def _in_short(name: str, asked: str) -> bool:
    """Whether a question has the first characters of a name's two words: 技改 of 技术改造."""
    return len(name) == 4 and name[0] + name[2] in asked


def _growth_of(test: Test, measures: Sequence[Measure], asked: str) -> Iterator[Derived]:
    """From the figure of last year and that of this one."""
    if test.kind not in _SHARES or not _GROWS.search(test.metric) or any(one.kind in _SHARES for one in measures):
        return
    of = _GROWS.sub("", test.metric)
    for one in measures:
        for other in measures:
            same = one.metric == other.metric and one.kind is other.kind and one.value > 0
            if one is other or not same or not _is_of(_plain(of), replace(one, metric=_plain(one.metric))):
                continue
            earlier, later = asked.find(one.said), asked.find(other.said)
            before, after = asked[max(0, earlier - 12) : earlier], asked[max(0, later - 8) : later]
            # The figures of two years beside a share read as sums that are paid: they are not said again.
            if earlier < later and _BEFORE.search(before) and _AFTER.search(after):
                yield _worked(test, other.value / one.value - 1, "按去年和今年的数字计算")


def _plain(words: str) -> str:
    return re.sub(r"比?(?:上一?年度?|去年|同比|年度)|[额量]|较|的", "", words)


def _age_of(test: Test, measures: Sequence[Measure], asked: str) -> Iterator[Derived]:
    """Less than a year, where it began in this one."""
    founded = FOUNDED.search(asked)
    if founded is None or test.kind is not Kind.COUNT or test.unit not in ("年", "个月"):
        return
    if not _BEGUN.search(test.metric) or any(one.unit in ("年", "个月", "天") for one in measures):
        return
    top = Decimal(_YEAR_MONTHS - 1)
    unit = Decimal(1) if test.unit == "个月" else Decimal(_YEAR_MONTHS)
    yield Derived(test.metric, Kind.COUNT, Decimal(0), test.unit, founded[0], upper=top / unit)


def _worked(test: Test, value: Decimal, said: str) -> Derived:
    return Derived(test.metric, test.kind, value, test.unit, said)
