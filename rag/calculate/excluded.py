"""Parts of a base that do not count: 二手设备不计入投资额, 不含土地费用, 二手设备按发票金额的50%计入."""

from __future__ import annotations

import re
from decimal import Decimal

from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.fit import pairs
from rag.calculate.rule import Rule
from rag.calculate.said import PART_OF, segment
from rag.calculate.wording import MONEY, amount, rate
from rag.situation import Measure

_NOT_COUNTED = re.compile(
    r"(?:^|[。；;，,（(\n])(?P<what>[^。；;，,（()）\n]{2,24}?)(?:的[^。；;，,（()）的\n]{1,8})?"
    r"(?:均|一律|都)?(?:不(?:计入|纳入|列入|算入)|按(?:照)?[^。；;，,]{0,8}?的?(?P<share>\d+(?:\.\d+)?[%％])计入)"
)
_WITHOUT = re.compile(r"[（(](?:不含|不包括|扣除)(?P<what>[^（()）]{2,16})[)）]")
_PARTS = re.compile(r"[、和及与或]|(?<=设备)(?=租)")
_LEAD = re.compile(r"^(?:购置|购买|使用|采购|租用)")
_NAMED = 0.6
_TWO = 2


def without_excluded(rule: Rule, case: Case, measure: Measure) -> tuple[Decimal, str] | None:
    """What of `measure` counts, with the arithmetic; None where the question names no part of it that does not."""
    for what, share in _excluded(rule):
        for other in case.measures:
            if other is measure or other.kind is not Kind.AMOUNT or other.unit != MONEY or other.value >= measure.value:
                continue
            own = segment(case.text, other)
            if not _is_of(what, other.metric or own) or not (PART_OF.search(own) or len(_sums(case)) == _TWO):
                continue
            rest = measure.value - other.value * (1 - share)
            less = amount(other.value) if share == 0 else f"{amount(other.value)} × {rate(1 - share)}"
            return rest, f"{amount(measure.value)} − {less} = {amount(rest)}"
    return None


def counts_for_less(rule: Rule, case: Case) -> tuple[Measure, ...]:
    """The amounts of the question that are for parts that do not count, or count for a share only."""
    named = [what for what, _ in _excluded(rule)]
    sums = _sums(case)
    return tuple(one for one in sums if len(sums) > 1 and any(_is_of(what, one.metric) for what in named))


def _sums(case: Case) -> list[Measure]:
    return [one for one in case.measures if one.kind is Kind.AMOUNT and one.unit == MONEY]


def _is_of(what: str, said: str) -> bool:
    own = pairs(what)
    return bool(own) and len(own & pairs(said)) / len(own) >= _NAMED


def _excluded(rule: Rule) -> list[tuple[str, Decimal]]:
    """What does not count, with the share it counts for."""
    clauses = (rule.source.clause.text, *(clause.text for clause in rule.source.also))
    found: list[tuple[str, Decimal]] = []
    for text in clauses:
        for match in _NOT_COUNTED.finditer(text):
            share = Decimal((match["share"] or "0").rstrip("%％")) / 100
            found += [(_LEAD.sub("", part), share) for part in _PARTS.split(match["what"])]
        found += [(part, Decimal(0)) for match in _WITHOUT.finditer(text) for part in _PARTS.split(match["what"])]
    return [(what, share) for what, share in found if len(what) > 1]
