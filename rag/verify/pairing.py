"""Whether a figure of a sentence is the same figure, of the same subject, as one of the cited clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from index.quantities import Comparison, Kind, Quantity
from rag.verify.evidence import Allowed, Evidence
from rag.verify.models import ProblemKind
from rag.verify.readings import Reading, Role, per_units
from rag.verify.words import CORRECTED, DENIED, NOT_GIVEN, OWN_FACT, PAID_BEFORE, REACHED

MARGIN = 0.75
"""By how much the words around a figure must fit another figure of the clause better, to be called a wrong pair."""

_UP = (Comparison.AT_LEAST, Comparison.MORE_THAN)
_DOWN = (Comparison.AT_MOST, Comparison.LESS_THAN)
_MONEY = (Kind.AMOUNT, Kind.RATE, Kind.POINTS, Kind.RATIO)
_ALIKE_UNITS = (frozenset("人名位户个"), frozenset("家户个"), frozenset("项个件台套条座所届期次场款部门批"))
_MONTHS = {"年": 12, "个月": 1}
_REACHES = re.compile(r"(?:达到了?|达|实现|满)(?:约|人民币)?$")
_NEGATIVE = re.compile(r"不(?!超过|低于|少于|高于|足|同|含|限|断|得超)|无法|没有|未")
_PARTS = re.compile(r"[,;:。]")
_Fault = tuple[ProblemKind, str]


def same_figure(said: Quantity, found: Quantity) -> bool:
    """Whether two quantities are one figure by value and unit; a date may be said less exactly than it is found."""
    if Kind.DATE in (said.kind, found.kind):
        return said.kind is found.kind and _same_date(said, found)
    ends = (found.value, found.upper) if said.upper is None else (found.value,)
    factor = _factor(said, found)
    if factor is None:
        return False
    if said.upper is not None and said.upper * factor != found.upper:
        return False
    return any(end is not None and said.value * factor == end for end in ends)


def _same_date(said: Quantity, found: Quantity) -> bool:
    if said.value == found.value:
        return True
    precision = {"年": 10_000, "月": 100}.get(said.unit, 1)
    return said.unit != "日" and said.value // precision == found.value // precision


def _factor(said: Quantity, found: Quantity) -> Decimal | None:
    """What turns the unit said into the unit found; None where they measure different things."""
    bare = said.kind is Kind.COUNT and not said.unit
    if said.kind is found.kind and said.unit == found.unit:
        return Decimal(1)
    if bare and (found.kind is Kind.COUNT or found.unit == "元"):
        return Decimal(1)
    if said.kind is not Kind.COUNT or found.kind is not Kind.COUNT:
        return None
    if said.unit in _MONTHS and found.unit in _MONTHS:
        return Decimal(_MONTHS[said.unit]) / _MONTHS[found.unit]
    alike = any(said.unit in units and found.unit in units for units in _ALIKE_UNITS)
    return Decimal(1) if alike or not found.unit else None


def fault_of_figure(said: Reading, evidences: Sequence[Evidence], allowed: Allowed) -> _Fault | None:
    """Why the cited clauses do not support a figure; None where one does."""
    if any(same_figure(said.quantity, one) for one in allowed.results):
        return None
    faults: list[_Fault] = []
    for evidence in evidences:
        fault = _fault_in(said, evidence)
        if fault is None:
            return None
        if fault[0] is not ProblemKind.FIGURE:
            faults.append(fault)
    if _denied(said):
        return None
    in_question = any(_same_as_said(said.quantity, one) for one in allowed.question)
    if in_question and (_own_fact(said) or said.quantity.kind not in _MONEY):
        return None
    if not faults and any(same_figure(said.quantity, one) for one in allowed.operands):
        return None
    if faults:
        return faults[0]
    if in_question:
        return (ProblemKind.QUESTION, f"“{said.said}”只在问题中出现,引用的条款没有这个数字,不能当作政策给付的数额")
    return (ProblemKind.FIGURE, f"“{said.said}”在引用的条款里没有")


def _same_as_said(said: Quantity, asked: Quantity) -> bool:
    """Whether a figure repeats the question's; people leave 元 out there: 520亿."""
    return same_figure(said, asked) or same_figure(asked, said)


def _own_fact(said: Reading) -> bool:
    """Whether the part of the sentence speaks of the enterprise, with no giving between that and the figure."""
    if REACHED.match(said.after):
        return True
    found = [*OWN_FACT.finditer(said.before)]
    return bool(found) and not PAID_BEFORE.search(said.before[found[-1].end() :])


def _denied(said: Reading) -> bool:
    return bool(DENIED.search(said.before) or CORRECTED.match(said.after))


def _fault_in(said: Reading, evidence: Evidence) -> _Fault | None:
    """Why this clause does not support the figure; the fault of the candidate that comes nearest."""
    candidates = [one for one in evidence.readings if same_figure(said.quantity, one.quantity)]
    if not candidates:
        return (ProblemKind.FIGURE, "")
    faults: list[tuple[_Fault, Reading]] = []
    fitting: list[Reading] = []
    for found in candidates:
        fault = _fault_of_pair(said, found, evidence)
        if fault is None:
            fitting.append(found)
        else:
            faults.append((fault, found))
    if not fitting:
        return faults[0][0]
    places = {one.at for one in fitting}
    for fault, found in faults:
        if found.at in places:
            continue
        # The same value stands twice, and the words around are those of the one that is said wrongly.
        if _better_rival(said, fitting, [found], alike=True) is not None:
            return fault
    rival = _better_rival(said, fitting, evidence.others)
    if rival is None:
        return None
    return (ProblemKind.PAIRING, f"“{said.said}”不是句中所说对象的数字,条款中对应的是“{rival.said}”")


def _fault_of_pair(said: Reading, found: Reading, evidence: Evidence) -> _Fault | None:
    if {said.role, found.role} == {Role.PAID, Role.SIZE}:
        return (ProblemKind.PAIRING, f"“{said.said}”在条款里{'是门槛' if found.role is Role.SIZE else '是给付的数额'}")
    if said.quantity.kind is Kind.DATE:
        if said.dated and found.dated and said.dated is not found.dated:
            return (ProblemKind.DATE, f"“{said.said}”在文件里是{found.dated}日期,不是{said.dated}日期")
        return None
    if said.role is Role.PAID and bool(NOT_GIVEN.search(said.lead)) != bool(NOT_GIVEN.search(found.lead)):
        return (ProblemKind.POLARITY, f"“{said.said}”给与不给,与条款相反")
    if _bounds_differ(said, found):
        return (ProblemKind.BOUND, f"“{said.said}”的上下限与条款不同(最高、不超过、以上等)")
    if found.sentence and Role.SIZE not in (said.role, found.role):
        missing = said.per - per_units(evidence.context)
        if said.quantity.kind in _MONEY:
            missing |= found.per - per_units(said.sentence)
        if missing:
            units = "、".join(sorted(missing))
            return (ProblemKind.UNIT, f"“{said.said}”按什么计算(每{units})与条款不同")
    for family, words in said.marks.items():
        other = found.marks.get(family)
        if other and not other & words:
            return (
                ProblemKind.PAIRING,
                f"“{said.said}”在条款里属于{'、'.join(sorted(other))},不属于{'、'.join(sorted(words))}",
            )
    if said.years and found.years and not said.years & found.years:
        return (ProblemKind.DATE, f"“{said.said}”在条款里是{'、'.join(map(str, sorted(found.years)))}年的数字")
    return None


def _bounds_differ(said: Reading, found: Reading) -> bool:
    one, other = said.quantity, found.quantity
    if other.upper is not None and one.upper is None:
        low_end = one.value == other.value
        return not (said.capped is not False if not low_end else one.op in _UP or said.role is not Role.PAID)
    said_low, found_low = said.capped, found.capped
    if one.op in _UP and not said.capped:
        said_low = False
    if None not in (said_low, found_low) and said_low != found_low:
        return not _complement(said, found)
    said_up, found_up = one.op in _UP, other.op in _UP
    reaches = bool(_REACHES.search(said.before))
    if Role.PAID in (said.role, found.role):
        return (said_up and not reaches) != found_up and not (found_up and _REACHES.search(found.before))
    return said_up and not found_up and not reaches


def _complement(said: Reading, found: Reading) -> bool:
    """不足5000万元的不能申报 says what 5000万元以上的可以申报 says."""
    opposite = said.quantity.op in _DOWN and (found.quantity.op in _UP or found.role is Role.SIZE)
    opposite = opposite or (said.quantity.op in _UP and found.quantity.op in _DOWN)
    rest = ",".join(_PARTS.split(said.sentence.partition(said.said)[2])[:2])
    return opposite and bool(_NEGATIVE.search(rest))


def _better_rival(
    said: Reading, fitting: Sequence[Reading], others: Iterable[Reading], *, alike: bool = False
) -> Reading | None:
    """Another figure of the clause that the words around `said` fit better; None where there is none.

    The nearest layer of words that tells the figures apart decides.
    """
    rivals = [
        one for one in others if alike or (_comparable(said, one) and not same_figure(said.quantity, one.quantity))
    ]
    if not rivals:
        return None
    return next((rival for rival in rivals if _fits_better(said, rival, fitting)), None)


def _fits_better(said: Reading, rival: Reading, fitting: Sequence[Reading]) -> bool:
    key = "|".join(map(str, said.quantity.key))
    for lead in (_exclusive_lead, _lead):
        for layer in said.near:
            tokens = layer - {key}
            gains = [lead(tokens, rival, one) for one in fitting]
            if min(gains) < -MARGIN:
                return False
            if min(gains) > MARGIN and not any(layer <= frozenset().union(*one.near) for one in fitting):
                return True
    return False


def _exclusive_lead(tokens: frozenset[str], one: Reading, other: Reading) -> float:
    """How much better words fit `one` than `other`, by words that only one of them has.

    The words before the first of several subjects hold for all or for the first, which the text does not tell: they
    are looked at only where such words do not decide.
    """
    mine = (one.tokens[token] for token in tokens if token in one.tokens and token not in other.tokens)
    theirs = (other.tokens[token] for token in tokens if token in other.tokens and token not in one.tokens)
    return sum(mine) - sum(theirs)


def _lead(tokens: frozenset[str], one: Reading, other: Reading) -> float:
    """How much better words fit `one` than `other`, by how near they stand."""
    return sum(one.tokens.get(token, 0.0) - other.tokens.get(token, 0.0) for token in tokens)


def _comparable(said: Reading, other: Reading) -> bool:
    if said.quantity.kind in _MONEY:
        sizes = (said.role is Role.SIZE) + (other.role is Role.SIZE)
        # A ceiling taken for a fixed amount, or the other way round, is told by the bounds.
        limits = said.capped is not None and other.capped is not None and said.capped != other.capped
        return other.quantity.kind is said.quantity.kind and sizes != 1 and not limits
    # What a day is of is told by `dated` and `years`: the words stand behind it.
    if said.quantity.kind is Kind.DATE or not said.quantity.unit or said.quantity.unit in "月日":
        return False
    return other.quantity.kind is Kind.COUNT and other.quantity.unit == said.quantity.unit
