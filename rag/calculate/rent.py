"""A share of a rent that is said by the unit: 1200 square metres at 50元 a month each, under the ceilings on both."""

from __future__ import annotations

import re
from decimal import Decimal

from index.quantities import Kind, quantities
from rag.calculate.case import Case
from rag.calculate.payment import Payment, under_cap
from rag.calculate.rule import Rule
from rag.calculate.units import same_unit
from rag.calculate.wording import amount, number, rate

RENT = re.compile(r"租金|房租|租赁费")
_AREA = "平方米"
_EACH_SAID = re.compile(
    r"(?:每|一)(?:个?(?P<front>月|天|日))?(?:每)?个?(?:平方米|平米|平方|平)(?:米)?(?:每|一)?个?(?P<back>月|天|日)?[^,，。;；\d]{0,6}"
    r"(?P<price>\d+(?:\.\d+)?)(?:元|块)"
)
_MOST_EACH = re.compile(
    r"(?:不超过|最高|上限|不高于)(?:为|是)?每平方米(?:每(?P<front>月|天|日))?(?P<price>\d+(?:\.\d+)?)元(?:[/／每]?(?P<back>月|天|日))?"
    r"|(?:不超过|最高|上限|不高于)(?:为|是)?(?P<other>\d+(?:\.\d+)?)元[/／每]平方米[·./／每]?(?P<time>月|天|日)?"
)
_WHOLE_YEAR = re.compile(r"一年|全年|每年|第[一二三四五12345]年|首年|头一?年")
_MONTHS = 12


def by_rent(rule: Rule, share: Decimal, case: Case) -> Payment | None:
    """The share of a monthly rent by the square metre; None where price, area or time are not said."""
    said = _EACH_SAID.search(case.text)
    areas = [one for one in case.measures if one.kind is Kind.COUNT and same_unit(one.unit, _AREA)]
    months = _months(case)
    if said is None or len(areas) != 1 or months is None or (said["front"] or said["back"]) in ("天", "日"):
        return None
    words = f"{rule.benefit.quote}；{rule.benefit.condition or ''}；{rule.source.clause.text}"
    each = Decimal(said["price"]) * share
    formulas = [f"{amount(Decimal(said['price']))} × {rate(share)} = {amount(each)}"]
    notes: list[str] = []
    most = _most(words)
    if most is not None and each > most:
        formulas.append(f"超过每平方米每月{amount(most)},按{amount(most)}计")
        each = most
    area, limits = areas[0].value, [value for value, unit in rule.counts if same_unit(unit, _AREA)]
    limits += _areas(words)
    if limits and area > min(limits):
        notes.append(f"面积以{number(min(limits))}平方米为限。")
        area = min(limits)
    plain = each * area * months
    formulas.append(f"{amount(each)} × {number(area)}平方米 × {number(months)}个月 = {amount(plain)}")
    return under_cap(Payment(rule, plain, ";".join(formulas), plain, rule.at_most, "per_unit", notes=tuple(notes)))


def _months(case: Case) -> Decimal | None:
    if _WHOLE_YEAR.search(case.text):
        return Decimal(_MONTHS)
    years = case.duration()
    return None if years is None else years * _MONTHS


def _most(words: str) -> Decimal | None:
    """The ceiling by square metre and month, in 元."""
    for match in _MOST_EACH.finditer(words):
        if (match["front"] or match["back"] or match["time"]) == "月":
            return Decimal(match["price"] or match["other"])
    return None


def _areas(words: str) -> list[Decimal]:
    """Ceilings on the area."""
    found = re.findall(r"面积[^,，。;；]{0,6}?(?:不超过|最高|上限|最多|最大)(?:为|是)?(\d+平方米)", words)
    return [one.value for text in found for one in quantities(text) if one.kind is Kind.COUNT]
