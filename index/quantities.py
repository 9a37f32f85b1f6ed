"""Quantities of Chinese policy text by value: amounts, shares, ratios, counts and dates, with their spans.

One value has many spellings: 1亿元, 10000万元, 一亿元. `quantities` reads them; `groups` joins the members of a
list; `format_amount` and `format_rate` write a value the usual way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from index.parse.numerals import to_int

_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_SCALE = "(?:[十百万亿]|千(?![瓦米克]))"
_ARABIC = rf"\d+(?:,\d{{3}}|，000)*(?:\.\d+)?{_SCALE}*(?:\d+(?:\.\d+)?{_SCALE}+)*"
_HAN = r"[零一二两三四五六七八九十百千万亿]+(?:点[零一二三四五六七八九]+[百千万亿]*)?"
_NUMBER = rf"(?:{_ARABIC}|{_HAN})"
_MONEY = "万?元|万?美元|万?欧元|万?港元|万?港币|万?日元|万?英镑"
_MEASURES = (  # longer names first: 吨 begins 吨标准煤
    "平方公里|平方千米|平方米|立方米|公顷|亩|公里|千米|米|吨标准煤|万?吨|立方|公斤|千克|千瓦时|兆瓦时|兆瓦|千瓦|标准箱|标箱|"
    "个?基点|床位|张床|人次|人月|架次|班次|车次|台次|件套|台套|课时|工作日|个工作日|周岁|岁|分钟|小时"
)
_COUNTERS = (
    "个月|年|月|天|日|周|个|家|户|人(?!民币)|名|位|项|件|台|套|条|列|架|辆|艘|座|间|栋|届|场|次|期|批|款|部|集|篇|倍|分|门|支|"
    "只|头|站|桩|度|趟|张"
)
_COUNTED = f"{_MEASURES}|{_COUNTERS}"
_UNIT = (
    r"(?P<points>个?百分点)|(?P<percent>%)|(?P<permille>‰)|(?P<tenths>成(?![立员为本果分品交绩效都长就功]))"
    rf"|(?P<money>{_MONEY})|(?P<unit>{_COUNTED})"
)
_BEFORE = r"(?P<share>百分之|千分之|万分之)?"
_JOIN = r"(?:\(含[^()]{0,4}\))?[-~至到]{1,2}"
_QUANTITY = re.compile(
    rf"(?P<lower>(?P<ordinal>第)?{_BEFORE}(?P<number>{_NUMBER})(?P<about>余|多)?(?:{_UNIT})?)"
    rf"(?:{_JOIN}(?P<upper>(?:百分之)?{_NUMBER})(?P<upper_unit>{_MONEY}|%|个?百分点|{_COUNTED})?)?"
)
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})年(?:(?P<month>1[0-2]|0?[1-9])月(?:(?P<day>3[01]|[12]\d|0?[1-9])日)?)?"
)
_RATIO = re.compile(r"(?<![\d:.])(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)(?![\d:.])")
_INCLUDED = re.compile(r"\((不)?含[^()]{0,4}\)")
_PER = re.compile(r"每([^\d每,、，补奖资贴给予再增加支按最高不超]{1,4})$")
_SLASH_PER = re.compile(r"/([\u4e00-\u9fff]{1,3}?)(?=[,、;。)·/]|$|以上|以下|的|给予|补|奖)")


class Kind(StrEnum):
    """What a quantity measures."""

    AMOUNT = "金额"
    RATE = "比例"
    POINTS = "百分点"
    RATIO = "比值"
    COUNT = "数量"
    DATE = "日期"


class Comparison(StrEnum):
    """How the text bounds a quantity."""

    AT_LEAST = ">="
    MORE_THAN = ">"
    AT_MOST = "<="
    LESS_THAN = "<"


_BOUNDS_BEFORE = (  # longer spellings first: 不超过 ends with 超过
    (
        Comparison.AT_LEAST,
        r"(?:不[得能可应宜]?低于|不[得能可应宜]?少于|不[得能可应宜]?小于|不短于|至少|达到了?|达|满|实现)",
    ),
    (
        Comparison.AT_MOST,
        r"(?:不[得能可应宜]?超过|不[得能可应宜]?高于|不[得能可应宜]?多于|不[得能可应宜]?大于|最高(?:可达|为)?|最多|至多"
        r"|控制在|上限[为是]?)",
    ),
    (Comparison.LESS_THAN, r"(?:不足|不满|未满|未达到?|达不到|低于|少于|小于|不到)"),
    (Comparison.MORE_THAN, r"(?:超过|超出|突破|高于|大于|多于|超)"),
)
_BOUND_BEFORE = re.compile("|".join(rf"(?P<b{i}>{words})" for i, (_, words) in enumerate(_BOUNDS_BEFORE)))
_WORDS_OF_BOUNDS = max(len(word) for _, words in _BOUNDS_BEFORE for word in words.split("|")) + 4
_UP_TO_HERE = re.compile(rf"(?:{_BOUND_BEFORE.pattern})(?:约|人民币|合计|累计)?$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it measures and how it is bounded.

    Attributes:
        value: amounts in 元 (or the foreign currency), shares as fractions of 1, a ratio a:b as b/a, counts in
            `unit`, dates as yyyymmdd with zeros for what is not stated. The lower end of a range.
        unit: "元", "美元", a measure word, "" where there is none.
        start, end: the span in the text, bounds and 每 excluded.
        upper: the upper end of a range (3—10万元), else None.
        op: the bound the text states, None where it states none; a range has none.
        per: what one is paid or counted for: 家 in 每家50万元, 年 in 50万元/年.
    """

    kind: Kind
    value: Decimal
    unit: str
    start: int
    end: int
    upper: Decimal | None = None
    op: Comparison | None = None
    per: str | None = None

    @property
    def key(self) -> tuple[Kind, Decimal, str]:
        """What makes two quantities the same figure."""
        return (self.kind, self.value.normalize(), self.unit)


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Quantities of `text` in the order they stand.

    Members of a list share the last one's unit, and its scale where they have none: 10、20、30万元. 15% is a rate,
    15个百分点 is a difference of rates and another kind. Numerals in words (一批, 三农, 第三条) are no quantities.
    """
    plain = _fold(text)
    special = {q.start: q for q in (*map(_ratio, _RATIO.finditer(plain)), *map(_date, _DATE.finditer(plain)))}
    found: list[Quantity] = []
    at = 0
    while match := _QUANTITY.search(plain, at):
        quantity = special.get(match.start()) or _quantity(plain, match)
        at = match.end() if quantity is None else quantity.end
        if quantity is not None:
            found.append(quantity)
    return _bounded(plain, _shared_units(plain, found))


def groups(text: str, found: Sequence[Quantity]) -> tuple[tuple[Quantity, ...], ...]:
    """`found` in runs of one kind that only 、, 和 or the like separates: the members of one list each.

    A bound in front of the first member (达到10亿元、5亿元) holds for all that state none.
    """
    plain = _fold(text)
    runs: list[list[Quantity]] = []
    for quantity in found:
        previous = runs[-1][-1] if runs else None
        if previous and previous.kind is quantity.kind and _separates(plain, previous, quantity):
            runs[-1].append(quantity)
        else:
            runs.append([quantity])
    return tuple(tuple(_with_shared_bound(plain, run)) for run in runs)


def format_amount(value: Decimal | float | int) -> str:
    """元 as people write them: 1亿元, 1500万元, 3000元. `quantities` reads the same value back."""
    amount = Decimal(str(value))
    for scale, name, least in ((100_000_000, "亿元", 1), (10_000, "万元", 1)):
        scaled = amount / scale
        if scaled >= least and scaled == round(scaled, 4):
            return f"{_digits(scaled)}{name}"
    return f"{_digits(amount)}元"


def format_rate(value: Decimal | float) -> str:
    """A fraction of 1 as a percentage: 0.15 is 15%."""
    return f"{_digits(Decimal(str(value)) * 100)}%"


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


@lru_cache(maxsize=1)
def _fold_table() -> dict[int, str]:
    table = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)}
    del table[ord("，")]  # a full-width comma never groups digits
    table.update({ord(dash): "-" for dash in "—–―－"})
    table.update({ord("～"): "~", ord("〇"): "零", ord("∶"): ":"})
    return table


def _fold(text: str) -> str:
    return text.translate(_fold_table())


def _date(match: re.Match[str]) -> Quantity:
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    unit = "日" if day else "月" if month else "年"
    return Quantity(Kind.DATE, Decimal(year * 10_000 + month * 100 + day), unit, *match.span())


def _ratio(match: re.Match[str]) -> Quantity:
    first, second = Decimal(match[1]), Decimal(match[2])
    value = second / first if first else Decimal(0)
    return Quantity(Kind.RATIO, value, "", *match.span())


def _quantity(plain: str, match: re.Match[str]) -> Quantity | None:
    """The quantity a match stands for, None for ordinals, names (5A级, 1+N) and words."""
    number, start = match["number"], match.start()
    before = plain[start - 1 : start]
    named = (
        before == "+"
        or (before in ("数", "几") and not number[0].isascii())
        or re.match(r"[A-Za-z+×级]", plain[match.end() :])
    )
    if match["ordinal"] or named:
        return None
    kind, factor, unit = _measure(match)
    if not number[0].isascii() and _is_word(number, kind, unit, plain, match):
        return None
    value = _value(number)
    if value is None:
        return None
    if match["upper"]:
        return _range(match, Quantity(kind, value * factor, unit, start, match.end("lower")))
    return Quantity(kind, value * factor, unit, start, match.end("lower"))


def _range(match: re.Match[str], lower: Quantity) -> Quantity:
    """The range from `lower` to the match's upper end; `lower` alone where the two make no range."""
    text = match["upper"].removeprefix("百分之")
    upper = _value(text)
    if upper is None:
        return lower
    kind, factor, unit = _measure_of(match["upper_unit"], match["upper"].startswith("百分之"))
    bare = lower.kind is Kind.COUNT and not lower.unit
    value = lower.value
    if bare:
        value *= factor * (_trailing_scale(text) if _trailing_scale(match["number"]) == 1 else 1)
    elif match["upper_unit"] is None or (kind, unit) != (lower.kind, lower.unit):
        return lower
    upper *= factor
    return replace(lower, kind=kind, unit=unit, value=value, upper=upper, end=match.end()) if upper > value else lower


def _measure(match: re.Match[str]) -> tuple[Kind, Decimal, str]:
    shares = {"百分之": "0.01", "千分之": "0.001", "万分之": "0.0001"}
    if match["share"]:
        return Kind.RATE, Decimal(shares[match["share"]]), ""
    if match["points"]:
        return Kind.POINTS, Decimal("0.01"), ""
    for name, factor in (("percent", "0.01"), ("permille", "0.001"), ("tenths", "0.1")):
        if match[name]:
            return Kind.RATE, Decimal(factor), ""
    return _measure_of(match["money"] or match["unit"], False)


def _measure_of(unit: str | None, share: bool) -> tuple[Kind, Decimal, str]:
    if share or unit == "%":
        return Kind.RATE, Decimal("0.01"), ""
    if unit and unit.endswith("百分点"):
        return Kind.POINTS, Decimal("0.01"), ""
    if unit and "元" in unit:
        scale = 10_000 if unit.startswith("万") else 1  # 10余万元: the scale stands behind 余
        return Kind.AMOUNT, Decimal(scale), unit.removeprefix("万")
    if unit == "万吨":
        return Kind.COUNT, Decimal(1), "吨"
    return Kind.COUNT, Decimal(1), unit or ""


def _is_word(number: str, kind: Kind, unit: str, plain: str, match: re.Match[str]) -> bool:
    """True for Chinese numerals that count nothing: without a unit, or 一 before a measure word (一批, 一项)."""
    if kind is not Kind.COUNT:
        return kind is Kind.AMOUNT and number == "万" and plain[match.start() - 1 : match.start()].isdigit()
    if match["upper"] and match["upper_unit"]:
        return False
    if not unit:
        listed = plain[match.end() : match.end() + 1] == "、"  # 六十、三十、十五万元: the unit follows
        return "万" not in number and "亿" not in number and not listed
    timed = unit in ("年", "个月", "天", "日", "届", "周", "小时")
    return number in ("一", "十", "百", "千", "万") and not (number == "一" and timed and _counts_time(plain, match))


def _counts_time(plain: str, match: re.Match[str]) -> bool:
    """一年 that lasts (满一年, 一年以上, 有效期一年) against 一届 and 一日 of other phrases."""
    return bool(
        re.search(r"(?:满|期|不足|超过|达到?|连续|不少于|不低于|前|后)$", plain[: match.start()])
        or re.match(r"以上|以下|以内|内|后", plain[match.end() :])
    )


def _value(number: str) -> Decimal | None:
    """The value of digits with scales (1亿2000万, 3.5万) or of a Chinese numeral."""
    if not number[0].isdigit() or not number[0].isascii():
        return _han_value(number)
    total = Decimal(0)
    for digits, scales in re.findall(r"(\d+(?:,\d{3}|，000)*(?:\.\d+)?)([十百千万亿]*)", number):
        part = Decimal(re.sub("[,，]", "", digits))
        for scale in scales:
            part *= _SCALES[scale]
        total += part
    return total


def _han_value(number: str) -> Decimal | None:
    if "点" in number:
        match = re.fullmatch(r"(.+?)点([零一二三四五六七八九]+)([百千万亿]*)", number)
        whole = _integer(match[1]) if match else None
        if match is None or whole is None:
            return None
        value = Decimal(f"{whole}.{''.join(str('零一二三四五六七八九'.index(digit)) for digit in match[2])}")
        for scale in match[3]:
            value *= _SCALES[scale]
        return value
    # 百分之百, 千万元: a numeral that begins with its scale has one of it.
    integer = _integer(f"一{number}" if number[0] in "百千万亿" else number)
    return None if integer is None else Decimal(integer)


def _integer(numeral: str) -> int | None:
    try:
        return to_int(numeral)
    except KeyError:  # cn2an has no place for the last digit of 一亿二
        return None


def _trailing_scale(number: str) -> int:
    """10,000 for 30万 and 三十万, 1 for 30 and 三十."""
    scale = 1
    match = re.fullmatch(r"(?:[\d.,]+([十百千万亿]+)|.*?([万亿]+))", number)
    for char in (match[1] or match[2]) if match else "":
        scale *= _SCALES[char]
    return scale


def _shared_units(plain: str, found: list[Quantity]) -> list[Quantity]:
    """Bare numbers of a list take the unit of the next member, and its scale where they have none."""
    shared = list(found)
    scale = 1
    for at in range(len(shared) - 2, -1, -1):
        this, following = shared[at], shared[at + 1]
        number = re.match(_NUMBER, plain[following.start :])
        own = _trailing_scale(number[0]) if number else 1
        scale = own if own != 1 else scale
        joined = re.fullmatch(r"、|和|及|或|与|/", plain[this.end : following.start])
        if not joined or following.kind is Kind.DATE:
            scale = 1
        elif this.kind is Kind.COUNT and not this.unit and this.upper is None:
            factor = Decimal(scale if _trailing_scale(plain[this.start : this.end]) == 1 else 1)
            if following.kind in (Kind.RATE, Kind.POINTS):
                factor = Decimal("0.01")
            shared[at] = replace(this, kind=following.kind, unit=following.unit, value=this.value * factor)
    return [q for q in shared if q.unit or q.kind is not Kind.COUNT or _measures(plain[q.start : q.end])]


def _measures(number: str) -> bool:
    """Whether a number without a unit is one: in digits, or as large as 万."""
    return number[0].isascii() or "万" in number or "亿" in number


def _bounded(plain: str, found: Iterable[Quantity]) -> tuple[Quantity, ...]:
    return tuple(replace(q, op=_bound(plain, q), per=_per(plain, q)) for q in found)


def _bound(plain: str, quantity: Quantity) -> Comparison | None:
    if quantity.upper is not None and quantity.kind is not Kind.DATE:
        return None
    after = plain[quantity.end : quantity.end + 12].removeprefix("人民币")
    included = _INCLUDED.match(after)
    exclusive = bool(included and included[1])
    after = after[included.end() :] if included else after
    if re.match(r"及?以上", after):
        return Comparison.MORE_THAN if exclusive else Comparison.AT_LEAST
    if re.match(r"及?(?:以下|以内|之内)|内(?!容)", after) and quantity.kind is not Kind.DATE:
        return Comparison.LESS_THAN if exclusive else Comparison.AT_MOST
    before = _UP_TO_HERE.search(plain[max(0, quantity.start - _WORDS_OF_BOUNDS) : quantity.start])
    if before is None:
        return None
    return next(op for i, (op, _) in enumerate(_BOUNDS_BEFORE) if before[f"b{i}"])


def _per(plain: str, quantity: Quantity) -> str | None:
    if quantity.kind is not Kind.AMOUNT:
        return None
    slash = _SLASH_PER.match(plain, quantity.end)
    if slash:
        return slash[1]
    before = _PER.search(plain[max(0, quantity.start - 6) : quantity.start])
    return before[1] if before else None


def _separates(plain: str, left: Quantity, right: Quantity) -> bool:
    between = _INCLUDED.sub("", plain[left.end : right.start])
    between = re.sub(r"^/[\u4e00-\u9fff]{1,3}", "", between)
    between = re.sub(r"^(?:及?以[上下])", "", between)
    return bool(re.fullmatch(r"(?:、|和|及|与|或|以及)(?:最高|不超过|每[^\d,、]{1,4})?", between))


def _with_shared_bound(plain: str, run: list[Quantity]) -> Iterable[Quantity]:
    first = run[0].op
    stated_before = first is not None and not re.match(r"(?:\(不?含[^()]*\))?及?以[上下内]", plain[run[0].end :])
    return (replace(q, op=first) if stated_before and q.op is None and q.upper is None else q for q in run)
