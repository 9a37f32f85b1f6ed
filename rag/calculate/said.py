"""Numbers in the words of a question that no fact of the situation holds: things counted, a time, a sum wished for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Kind
from rag.calculate.units import general_unit, is_time, names
from rag.calculate.wording import amount
from rag.figures import MONEY, PLAIN, figures
from rag.situation import Counted, Measure
from rag.understand.measures import figures_of

_NUMERAL = r"\d{1,6}(?:\.\d+)?万?|[一二两三四五六七八九十百]{1,4}"
_STOP = re.compile(r"[,，;；。、!?？！]|(?:和|及|与|还有|加上)(?=\d|[一二两三四五六七八九十])")
_ORDINAL = re.compile(r"(?:[第前哪那这每任某另同]|[\d.]|[一二三四五六七八九十])$")
_WORDS = re.compile(r"次性|共|起|定|样|般|直|旦")
_YEARS = re.compile(rf"(?<![第\d])({_NUMERAL})年(?![度级前后底初]|内)")
_MONTHS = re.compile(rf"(?<![第\d])({_NUMERAL})个月")
_WISH = re.compile(r"(?:拿|领|给|补|奖|要)[^,，。投做]{0,6}$")
_EARLIER = re.compile(r"去年|上年|前年|上一年|原来|以前|之前|从$")
_LATER = re.compile(r"今年|本年|当年|现在|如今|目前")
_RISEN = re.compile(r"到|至|为")
PART_OF = re.compile(r"其中|里头|里面|当中|之中|内有|中有|里有|包括|包含|含")
"""Words before a part of what was said before them."""
_SEGMENT_ENDS = "，,。；;！!？?"
_CURRENCY = ("元", "块", "钱")
_LEAST_SUM = 10_000
_LONGEST_THING = 16
_NAME_BEFORE = re.compile(r"[\u4e00-\u9fff]{2,12}$")


def things_said(text: str) -> tuple[tuple[int, Counted], ...]:
    """Numbers with a measure word and what follows them, with their place: (4, Counted(2, "省级平台", …))."""
    found = []
    pattern = re.compile(rf"(?P<number>{_NUMERAL})(?P<unit>{names()})")
    for match in pattern.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if is_time(match["unit"]) or _ORDINAL.search(before) or _WORDS.match(after):
            continue
        number = _number(match["number"])
        stop = _STOP.search(after)
        thing = after[: stop.start() if stop else len(after)][:_LONGEST_THING]
        if not thing and general_unit(match["unit"]) and not match["number"][0].isdigit():  # 金奖一项、优秀奖两项
            named = _NAME_BEFORE.search(before)
            thing = named[0] if named else ""
        if number:
            found.append((match.start(), Counted(number, thing, match[0] + thing)))
    return tuple(found)


def years_said(text: str, *, longest: bool = False) -> Decimal | None:
    """A time in years: 三年, 18个月; None where there is none. The first one, or the `longest` in years."""
    if longest:
        found = [number for match in _YEARS.finditer(text) if 0 < (number := _number(match[1])) < _LONGEST_THING]
        return Decimal(max(found)) if found else None
    years, months = _YEARS.search(text), _MONTHS.search(text)
    if months:
        return Decimal(_number(months[1])) / 12
    return Decimal(_number(years[1])) if years and _number(years[1]) < _LONGEST_THING else None


def sums_said(text: str) -> tuple[tuple[Decimal, bool], ...]:
    """Sums of money in 元, each with whether it is one to be got (想拿2000万)."""
    return tuple(
        (one.value, bool(_WISH.search(text[: one.start])))
        for one in figures(text)
        if one.unit == MONEY or (one.unit == PLAIN and one.value >= _LEAST_SUM)
    )


def sizes_of_years(text: str) -> tuple[Measure, Measure] | None:
    """The sizes of an earlier and a later time, in this order; None where the text does not have just one of each.

    Amounts, else numbers of one unit, which the second one may leave out (去年3万标箱,今年4万).
    """
    plain = text.replace("人民币", "元")
    return _of_years(plain, Kind.AMOUNT) or _of_years(plain, Kind.COUNT)


def _of_years(plain: str, kind: Kind) -> tuple[Measure, Measure] | None:
    found: dict[bool, list[Measure]] = {True: [], False: []}
    start, last = 0, None
    for quantity in figures_of(plain):
        said = plain[quantity.start : quantity.end]
        bare = quantity.kind is Kind.AMOUNT and not said.endswith(_CURRENCY)
        if quantity.kind is not kind and not (kind is Kind.COUNT and bare and found[True]):
            continue
        if kind is Kind.COUNT and is_time(quantity.unit):
            continue
        between = plain[start : quantity.start]
        times = [(match.start(), True) for match in _EARLIER.finditer(between)]
        times += [(match.start(), False) for match in _LATER.finditer(between)]
        # The later figure of 从8000万涨到1亿 has no word of time of its own.
        earlier = max(times)[1] if times else False if last is True and _RISEN.search(between) else None
        if earlier is not None:
            unit = found[True][0].unit if bare and kind is Kind.COUNT else quantity.unit
            found[earlier].append(Measure("", kind, quantity.value, unit, said))
        start, last = quantity.end, earlier
    if len(found[True]) != 1 or len(found[False]) != 1:
        return None
    return found[True][0], found[False][0]


def segment(text: str, measure: Measure) -> str:
    """The part of the question between two marks that a size stands in."""
    found = re.search(rf"(?<![\d.]){re.escape(measure.said)}", text)
    at = found.start() if found else 0
    start = max(text.rfind(mark, 0, at) for mark in _SEGMENT_ENDS) + 1
    ends = [end for mark in _SEGMENT_ENDS if (end := text.find(mark, at)) >= 0]
    return text[start : min(ends, default=len(text))]


def as_said(value: Decimal, text: str) -> str:
    """An amount as the question writes it: 200万 where it leaves 元 out."""
    written = amount(value)
    short = written.removesuffix("元")
    return short if written not in text and short in text else written


def stated(words: str, sources: Iterable[str]) -> bool:
    """Whether every figure of `words` has its value in one of `sources`."""
    known = {figure.value for source in sources for figure in figures(source)}
    return all(figure.value in known for figure in figures(words))


def _number(numeral: str) -> int:
    if numeral[0].isdigit() and numeral[0].isascii():
        scale = 10_000 if numeral.endswith("万") else 1
        return int(Decimal(numeral.removesuffix("万")) * scale)
    try:
        return int(to_int(numeral.replace("两", "二")) or 0)
    except (KeyError, ValueError):
        return 0
