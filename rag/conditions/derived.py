"""Figures that follow from those a question gives: a share of two, growth between two years, how long ago it began.

20 of 80 employees are a share of 25%, 800万 and then 880万 a growth of 10%, and who was founded this year is not yet
one year old. Such a figure is compared with a bound, and never shown: only the figures it was made of are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Kind, quantities
from rag.conditions.ask import value_words
from rag.conditions.metrics import metric_of
from rag.conditions.model import LOWER_OPS, Condition, Test
from rag.conditions.said import FOUNDED
from rag.situation import Measure

_PEOPLE = ("人", "个", "名", "位")
_PAIR = 2
_SHARES = (Kind.RATE, Kind.POINTS)
_GROWS = re.compile(r"增长率?|增速|增幅|涨幅|增量比例|上涨")
_FALLS = re.compile(r"下降|减少|降低|裁")
_BEFORE, _AFTER = re.compile(r"去年|上一?年|前年|原来|以前|从"), re.compile(r"今年|本年|当年|现在|到了?")
_BEGUN = re.compile(r"成立|注册|登记|设立|开业|经营|运营|创办|存续")
_BEGINNINGS = (
    ("成立", "注册", "登记", "设立", "创办", "创立", "组建"),
    ("开业", "经营", "运营", "营业", "开张"),
    ("投产", "生产"),
)
"""Verbs of beginning, those that tell of the same day together."""
_VERBS = "|".join(verb for verbs in _BEGINNINGS for verb in verbs)
_SINCE = re.compile(
    rf"(?P<year>(?:19|20)\d\d)年(?:(?P<month>1[0-2]|0?[1-9])月)?(?:份|底|初)?(?:才|就|刚|开始|正式|在[^，,。]{{1,6}}?)*"
    rf"(?P<act>{_VERBS})的?|(?P<done>{_VERBS})(?:时间|日期)?(?:是|于|在|为)(?P<then>(?:19|20)\d\d)年(?:(?P<later>1[0-2]|0?[1-9])月)?"
)
_NTH = re.compile(
    r"(?P<what>毕业|成立|注册|开业|投产|入职|经营|运营)后?(?:的|到|是)?第(?P<number>\d{1,2}|[一二三四五六七八九十])(?:个)?年"
)
_PART = re.compile(
    r"^(?P<part>.+?)占(?P<whole>.+?)(?:总数|总额|总量|总人数|总资产)?(?:的)?(?:比重|比例|比率|份额|占比|比)?$"
)
_SHARE_WORDS = re.compile(r"(?:所占)?(?:的)?(?:比重|比例|比率|份额|占比|占|率)$")
_HAN = re.compile("[\u4e00-\u9fff]")
_YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Derived(Measure):
    """A measure that was worked out; `said` has the figures it was made of, and where `alone` is set says it all."""

    alone: bool = False


def derived_measures(
    tests: Sequence[Test], measures: Sequence[Measure], asked: str, day: date | None = None
) -> tuple[Derived, ...]:
    """What `measures` and the words of a question give for bounds that none of them measures as it stands.

    Args:
        day: the day of the question, from which ages are counted.
    """
    given = [measure for measure in measures if not measure.metric.startswith("此前")]
    found: list[Derived] = []
    for test in tests:
        found += _share_of(test, given, asked)
        found += _growth_of(test, given, asked)
        found += _age_of(test, given, asked)
        found += _since(test, given, asked, day)
        found += _nth_year(test, asked)
    return tuple(dict.fromkeys(found))


def tells_age(asked: str) -> bool:
    """Whether a question says in which year the enterprise was founded, registered or opened."""
    return _SINCE.search(asked) is not None


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
    if len(plain) == _PAIR and re.search(rf"{re.escape(plain[0])}[了掉过]", asked):
        return True  # 裁了4个 for 裁员率
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
    yield Derived(test.metric, Kind.COUNT, Decimal(0), test.unit, founded[0], upper=top / unit, alone=True)


def _since(test: Test, measures: Sequence[Measure], asked: str, day: date | None) -> Iterator[Derived]:
    """How long ago the enterprise was founded, from the year or month that is told: 2021年5月成立."""
    told = _SINCE.search(asked) if day is not None else None
    if told is None or day is None or test.kind is not Kind.COUNT or test.unit not in ("年", "个月"):
        return
    act = told["act"] or told["done"]
    alike = next(verbs for verbs in _BEGINNINGS if act in verbs)
    same = any(verb in test.metric for verb in alike)
    if not (same or _BEGUN.search(test.metric)) or any(one.unit in ("年", "个月", "天") for one in measures):
        return
    year, month = int(told["year"] or told["then"]), told["month"] or told["later"]
    # Of a year alone neither end is known.
    first, last = (int(month), int(month)) if month else (1, _YEAR_MONTHS)
    age = [(day.year - year) * _YEAR_MONTHS + day.month - one for one in (last, first)]
    if age[0] < 0:
        return
    unit = Decimal(1) if test.unit == "个月" else Decimal(_YEAR_MONTHS)
    # The day of the month is not told: a month counts as begun.
    low, high = Decimal(max(0, age[0] - 1)) / unit, Decimal(age[1]) / unit
    if not same and (test.op not in LOWER_OPS or high >= test.value):
        return  # nobody has been in business for longer than the enterprise exists, but perhaps for less
    yield Derived(test.metric, Kind.COUNT, low, test.unit, told[0].removesuffix("的"), upper=high, alone=True)


def _nth_year(test: Test, asked: str) -> Iterator[Derived]:
    """In which year of something one is: 毕业第4年 is more than three years after it, and no more than four."""
    told = _NTH.search(asked)
    number = to_int(told["number"]) if told is not None else None
    if told is None or number is None or test.unit != "年" or not test.metric.endswith(told["what"]):
        return
    yield Derived(test.metric, Kind.COUNT, Decimal(number - 1), "年", told[0], upper=Decimal(number), alone=True)


def _worked(test: Test, value: Decimal, said: str) -> Derived:
    return Derived(test.metric, test.kind, value, test.unit, said)
