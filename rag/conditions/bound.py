"""One figure against one bound: whether they measure the same, and whether the figure lies within it."""

from __future__ import annotations

import re
from decimal import Decimal

from index.quantities import Comparison, Kind
from rag.conditions.ask import bound_words, value_words
from rag.conditions.derived import Derived
from rag.conditions.metrics import Scope, compare_scope, metric_of, same_concept
from rag.conditions.model import LOWER_OPS, Finding, Test, Truth
from rag.situation import Measure
from rag.verify.words import OWN_FACT, PAID_BEFORE

_HAVING = re.compile(r"^(?:拥有|具有|具备|持有|取得|获得)(?:的)?")
_VERB = re.compile(
    r"^(?:在本?[市区县省州]|拥有|具有|具备|持有|取得|获得|连续|(?:累计)?[缴交]纳|参保(?!人)|累计(?=[服从]))"
)
"""Begins a quantity that is worded as a deed: 您拥有专利2件."""
_MONTHS = {"年": 12, "个月": 1}
_UNIT_ALIKE = {"名": "人", "位": "人", "户": "家", "个": "家", "周岁": "岁", "平米": "平方米", "部": "台", "艘次": "艘"}
_PERSON = re.compile(r"(?:人|工|员|生|者|孩子?|儿|童|众|客)$")


def what_measured(test: Test) -> str:
    """What a bound is on."""
    return test.metric or "数额"


def _share(kind: Kind) -> bool:
    return kind in (Kind.RATE, Kind.POINTS)


def measures_same(test: Test, measure: Measure) -> bool:
    """Whether a measure is of what the test bounds, whatever the scope."""
    if comparable(test, measure) is None or not (test.metric and measure.metric):
        return False
    said = metric_of(measure.metric, share=_share(measure.kind))
    names = (test.metric, *test.accepted) if not _share(test.kind) else (test.metric,)
    return any(same_concept(metric_of(name, share=_share(test.kind)), said) for name in names)


def comparable(test: Test, measure: Measure) -> tuple[Decimal, Decimal | None] | None:
    """The measure's values in the unit of the test, None where they measure different things."""
    if measure.kind is test.kind and measure.unit == test.unit:
        return measure.value, measure.upper
    bare_amount = measure.kind is Kind.COUNT and not measure.unit and test.kind is Kind.AMOUNT and test.unit == "元"
    if bare_amount and measure.value >= 10_000:
        return measure.value, measure.upper
    if measure.kind is not Kind.COUNT or test.kind is not Kind.COUNT:
        return None
    if measure.unit in _MONTHS and test.unit in _MONTHS:
        factor = Decimal(_MONTHS[measure.unit]) / _MONTHS[test.unit]
        return measure.value * factor, measure.upper * factor if measure.upper is not None else None
    alike = _UNIT_ALIKE.get(measure.unit, measure.unit) == _UNIT_ALIKE.get(test.unit, test.unit)
    alike = alike or (test.unit == "人" and measure.unit == "个" and bool(_PERSON.search(measure.metric)))
    # 800吨标煤: the unit's own noun stands behind it.
    behind = test.unit.removeprefix(measure.unit) if measure.unit and test.unit.startswith(measure.unit) else ""
    named = behind and (behind[0] in measure.metric and behind[-1] in measure.metric)
    named = named or _own_noun(test, measure)
    alike = alike or bool(named or (behind and measure.metric and measure.metric in test.metric))
    return (measure.value, measure.upper) if alike or not measure.unit else None


def _own_noun(test: Test, measure: Measure) -> bool:
    """Whether the unit of a figure ends in the noun of what the bound is on: 15张床 for 床位20张."""
    own = measure.unit.removeprefix(test.unit) if test.unit and measure.unit.startswith(test.unit) else ""
    return bool(own) and own in test.metric


def judge_measure(test: Test, measure: Measure) -> Finding:
    """One measured value against the bound; another scope than the one asked settles nothing."""
    value = comparable(test, measure)
    if value is None:
        return Finding(Truth.UNKNOWN, f"没有说明{what_measured(test)}")
    said = metric_of(measure.metric, share=_share(measure.kind))
    scopes = [
        compare_scope(metric_of(name, share=_share(test.kind)), said, context=test.context)
        for name in (test.metric, *(() if _share(test.kind) else test.accepted))
    ]
    truth = _truth(test, *value)
    # 社保交了8个月 does not say 连续.
    metric = measure.metric.removeprefix("连续")
    words = f"{metric}{value_words(measure.value, measure.unit or test.unit, test.kind)}"
    if isinstance(measure, Derived):
        # The figure that was worked out stands in no clause: those it was made of are said.
        if measure.alone:
            return Finding(truth, _reason(test, f"您说的是{measure.said}", truth))
        if measure.value == 0 and measure.upper is None:
            return Finding(truth, _reason(test, f"您没有{_HAVING.sub('', measure.metric)}", truth))
        of = "" if _VERB.match(measure.metric) else "的"
        return Finding(truth, _reason(test, f"您{of}{measure.metric}{measure.said}", truth))
    if measure.upper is not None:
        words = f"{measure.metric}{measure.said}"
    if _own_noun(test, measure):
        words = f"您有{measure.said}"
    # 到账300万元 alone could be what is paid.
    said_words = words
    if not OWN_FACT.search(words):
        words = f"您{words}" if _VERB.match(words) else f"您的{words}"
    if PAID_BEFORE.search(measure.metric) and measure.metric in words:
        # 研发强度2.2% has a word of paying (发) in front of the figure.
        words = f"{measure.metric}您说的是{words.rpartition(measure.metric)[2]}"
    if Scope.SAME in scopes:
        return Finding(truth, _reason(test, words, truth))
    top = value[1] if value[1] is not None else value[0]
    below = test.op in LOWER_OPS and not holds(test.op, top, test.value)
    if Scope.UNSAID in scopes and below and not _share(test.kind):
        # A part is no larger than the whole: whichever of the two was meant, it is not enough.
        return Finding(truth, _reason(test, words, truth))
    if metric_of(test.metric).concept is None and not _share(test.kind):
        # A metric that has no entry is known by its words; what else was said of it narrows nothing.
        return Finding(truth, _reason(test, words, truth))
    reason = f"您说的是{said_words},文件要求的是{what_measured(test)}{bound_words(test)},口径是否一致没有说明"
    return Finding(Truth.UNKNOWN, reason, related=True, literal=truth)


def _reason(test: Test, words: str, truth: Truth) -> str:
    if truth is Truth.MEETS:
        return f"{words},{bound_words(test)}" if test.upper is None else f"{words},在{bound_words(test)}的范围内"
    if truth is Truth.FAILS:
        return f"{words},文件要求{bound_words(test)}"
    return f"{words}是一个范围,不能确定是否{bound_words(test)}"


def _truth(test: Test, value: Decimal, upper: Decimal | None) -> Truth:
    ends = {_within(test, end) for end in (value, upper) if end is not None}
    if len(ends) > 1:
        return Truth.UNKNOWN
    return Truth.MEETS if ends == {True} else Truth.FAILS


def _within(test: Test, value: Decimal) -> bool:
    inside = holds(test.op, value, test.value)
    if test.upper is not None and test.upper_op is not None:
        inside = inside and holds(test.upper_op, value, test.upper)
    return inside


def holds(op: Comparison, value: Decimal, bound: Decimal) -> bool:
    """Whether `value` lies on the side of `bound` that `op` says."""
    match op:
        case Comparison.AT_LEAST:
            return value >= bound
        case Comparison.MORE_THAN:
            return value > bound
        case Comparison.AT_MOST:
            return value <= bound
        case _:
            return value < bound
