"""Arithmetic on a sentence that is no benefit: a share of a quantity, a sum of counts, a distance to a target."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from index.quantities import Comparison, Kind, Quantity, quantities
from rag.calculate.fit import likeness, pairs
from rag.calculate.units import names, same_unit
from rag.calculate.wording import MONEY, points, rate, size
from rag.calculate.worked import Worked
from rag.situation import Measure

if TYPE_CHECKING:
    from rag.understand import Question

_SUM = re.compile(r"一共|总共|合计|共计|加起来|加一起|加在一起|总计|总数|共(?:有|是|多少|几)|之和|相加")
_GAP = re.compile(r"还?差(?:多少|几)|还(?:要|需|得|缺)[^,，。]{0,10}?(?:多少|几)|缺口|距离?目标|离目标")
_PAYS = re.compile(r"奖励|奖补|补助|补贴|资助|贴息|补偿|返还|配套|给予")
_COMPARED = re.compile(
    r"(?<!最)(?:要)?(?:多|增加?|增长|提高|高|涨|上升|扩大)(?:了|出)?(?:多少|几)|比[^,，。]{2,14}?(?:多|高|增)|差(?:多少|几)|相差"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=年)")
_LIMITS = {
    Comparison.AT_LEAST: "至少",
    Comparison.MORE_THAN: "超过",
    Comparison.AT_MOST: "最多",
    Comparison.LESS_THAN: "低于",
}
_AFTER = {Comparison.AT_LEAST: "以上", Comparison.AT_MOST: "以下"}
_REMOTE_LOW = re.compile(r"(?:不低于|不少于|至少|不小于)[^,，;；。]{0,30}$")
_REMOTE_HIGH = re.compile(r"(?:不超过|不高于|最多|最高)[^,，;；。]{0,30}$")
_NEAR = 24
_PAIR = 2


def work_out_sentence(question: Question, sentence: str) -> Worked | None:
    """What follows from `sentence` for the quantities of the question; None where nothing is to be computed.

    The result has no benefits: the caller cites the clause the sentence stands in.
    """
    stated = [one for one in quantities(sentence) if one.kind is not Kind.DATE]
    measures = question.situation.measures
    if _COMPARED.search(question.text):
        found = _between_years(question.text, sentence, stated)
        if found is not None:
            return found
    if _SUM.search(question.text):
        return _sum(question.text, sentence, stated)
    if _GAP.search(question.text):
        found = _gap(question.text, sentence, stated, measures)
        if found is not None:
            return found
    return _share(sentence, stated, measures, question.text)


def _between_years(text: str, sentence: str, stated: Sequence[Quantity]) -> Worked | None:
    """How much a size of one year exceeds that of another: both years stand in question and sentence."""
    years = sorted(set(_YEAR.findall(text)))
    if len(years) != _PAIR:
        return None
    early, late = (_of_year(year, text, sentence, stated) for year in years)
    pairs_of = [(one, two) for one in early for two in late if (one.kind, one.unit) == (two.kind, two.unit)]
    if len(pairs_of) != 1 or pairs_of[0][1].value <= pairs_of[0][0].value:
        return None
    before, after = pairs_of[0]
    words = [size(one.value, one.kind, one.unit) for one in (after, before)]
    rest = after.value - before.value
    more = points(rest) if after.kind is Kind.RATE else size(rest, after.kind, after.unit)
    formula = f"{words[0]} − {words[1]} = {more}"
    said = f"{years[1]}年的{words[0]}比{years[0]}年的{words[1]}多{more}。"
    return Worked(formula, more, rest, MONEY if after.kind is Kind.AMOUNT else after.unit, said, (), (), "difference")


def _of_year(year: str, text: str, sentence: str, stated: Sequence[Quantity]) -> list[Quantity]:
    """The sizes stated behind a year, up to the next one, whose words the question names."""
    at = sentence.find(f"{year}年")
    if at < 0:
        return []
    following = _YEAR.search(sentence, at + len(year))
    end = following.start() if following else len(sentence)
    found = [one for one in stated if at <= one.start < end and one.kind in (Kind.AMOUNT, Kind.COUNT, Kind.RATE)]
    named = [one for one in found if _worth(sentence, one, text) > 0]
    best = max((_worth(sentence, one, text) for one in named), default=0.0)
    return [one for one in named if _worth(sentence, one, text) == best]


def _share(sentence: str, stated: Sequence[Quantity], measures: Sequence[Measure], text: str) -> Worked | None:
    """80%以上的新增用地 of 1000亩: 至少800亩."""
    if _PAYS.search(sentence):  # what a rule pays has conditions and ceilings: it is worked out from the benefit
        return None
    shares = [one for one in stated if one.kind is Kind.RATE]
    wholes = [one for one in measures if one.kind in (Kind.COUNT, Kind.AMOUNT) and one.unit not in ("年", "月", "个月")]
    if not shares or not wholes:
        return None
    share = max(shares, key=lambda one: _worth(sentence, one, text))
    if not pairs(_around(sentence, share)) & pairs(text):
        return None
    whole = max(wholes, key=lambda one: likeness(one.metric, sentence))
    if not _is_whole(whole, sentence, measures, text):
        return None
    value = whole.value * share.value
    if whole.unit in _WHOLE and value != value.to_integral_value():
        value = value.quantize(Decimal("0.1"))
    op = share.op or _remote(sentence, share)
    result = size(value, whole.kind, whole.unit)
    formula = f"{size(whole.value, whole.kind, whole.unit)} × {rate(share.value)} = {result}"
    sentence_said = f"{_LIMITS.get(op, '') if op else ''}{result}。"
    unit = MONEY if whole.kind is Kind.AMOUNT else whole.unit
    return Worked(formula, result, value, unit, sentence_said, (), (), "ratio_goal")


def _is_whole(whole: Measure, sentence: str, measures: Sequence[Measure], text: str) -> bool:
    """Whether a share of a quantity is asked for: what is counted is the same, and no share is held against the goal.

    营收超10亿的几家 asks for no share of 10亿; 研发强度2.2%,进得去吗 compares two shares.
    """
    if any(one.kind in (Kind.RATE, Kind.POINTS) for one in measures) or not _HOW_MANY.search(text):
        return False
    asked = re.search(rf"(?:多少|几)({names()})", text)
    if asked is not None and not same_unit(asked[1], whole.unit):
        return False
    return whole.kind is Kind.COUNT or likeness(whole.metric, sentence) > 0


_HOW_MANY = re.compile(r"多少|几|至少|最少|多大")
_WHOLE = frozenset("个家户人名项台辆条")


def _remote(sentence: str, share: Quantity) -> Comparison | None:
    """A bound that stands further in front: 不低于年度出让总量的30%."""
    before = sentence[: share.start]
    if _REMOTE_LOW.search(before):
        return Comparison.AT_LEAST
    return Comparison.AT_MOST if _REMOTE_HIGH.search(before) else None


def _around(sentence: str, quantity: Quantity) -> str:
    """The words beside a quantity, to the next mark."""
    before = re.split("[,，;；。、:：]", sentence[max(0, quantity.start - _NEAR) : quantity.start])[-1]
    after = re.split("[,，;；。、:：]", sentence[quantity.end : quantity.end + _NEAR])[0]
    return f"{before} {after}"


def _worth(sentence: str, quantity: Quantity, text: str) -> float:
    own, said = pairs(_around(sentence, quantity)), pairs(text)
    return len(own & said) / len(own) if own else 0.0


def _sum(text: str, sentence: str, stated: Sequence[Quantity]) -> Worked | None:
    """2个、3个、12个以上: 17个以上. Only the counts whose words the question names, all where it names none."""
    counts = [one for one in stated if one.kind in (Kind.COUNT, Kind.AMOUNT) and one.upper is None and one.unit != "年"]
    if not counts:
        return None
    asked = re.search(rf"(?:多少|几)({names()})", text)
    of_unit = [one for one in counts if asked and same_unit(one.unit, asked[1])]
    counts = of_unit if len(of_unit) >= _PAIR else counts
    unit, kind = counts[0].unit, counts[0].kind
    named = [one for one in counts if _worth(sentence, one, text) > 0]
    if len(named) >= _PAIR:
        unit, kind = named[0].unit, named[0].kind
        counts = named
    counts = [one for one in counts if same_unit(one.unit, unit) and one.kind is kind]
    if len(counts) < _PAIR or (kind is Kind.AMOUNT and _PAYS.search(sentence)):
        return None  # sums that a rule pays are for others each, or have ceilings: they are worked out from benefits
    value = sum((one.value for one in counts), Decimal(0))
    bounds = {one.op for one in counts if one.op in _AFTER}
    after = _AFTER[next(iter(bounds))] if len(bounds) == 1 else ""
    result = f"{size(value, kind, unit)}"
    formula = f"{' + '.join(size(one.value, kind, unit) for one in counts)} = {result}"
    shown_unit = MONEY if kind is Kind.AMOUNT else unit
    return Worked(formula, f"{result}{after}", value, shown_unit, f"合计{result}{after}。", (), (), "count_sum")


def _gap(text: str, sentence: str, stated: Sequence[Quantity], measures: Sequence[Measure]) -> Worked | None:
    """What is missing to a target: 120个 − 45个 = 75个."""
    for measure in measures:
        alike = [one for one in stated if one.kind is measure.kind and same_unit(one.unit, measure.unit)]
        if not alike:
            continue
        target = max(alike, key=lambda one: _worth(sentence, one, text))
        lacking = target.value - measure.value
        words = [size(one, measure.kind, measure.unit) for one in (target.value, measure.value)]
        if lacking <= 0:
            sign = "=" if lacking == 0 else ">"
            formula = f"{words[1]} {sign} {words[0]}"
            return Worked(formula, words[0], Decimal(0), measure.unit, f"已经达到{words[0]}的目标。", (), (), "gap")
        less = points(lacking) if measure.kind is Kind.RATE else size(lacking, measure.kind, measure.unit)
        formula = f"{words[0]} − {words[1]} = {less}"
        unit = MONEY if measure.kind is Kind.AMOUNT else measure.unit
        return Worked(formula, less, lacking, unit, f"离{words[0]}的目标还差{less}。", (), (), "gap")
    return None
