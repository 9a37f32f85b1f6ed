"""A phrase that says who benefits, cut into its parts.

上年度研发费用达到1000万元且占营业收入比重超过5%的规上工业企业 has three: a size, a share, a kind of enterprise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.quantities import Comparison, Kind, Quantity, quantities

_OPEN, _CLOSE = "（(“《[【〔", "）)”》]】〕"
_JOINS = re.compile(
    r"[，,；;]|、(?=具有|具备|依法|独立|符合|拥有|没有|未|无(?!线|人|锡)|诚信|守法|财务|连续|累计)|(?:并且|而且|同时|且|(?<![合兼吞])并(?!购|网|轨|表|行|联|列|入|非|未|不)|并(?=[未不]))(?=[^，,；;]{2})"
)
_BOUND_BEFORE = re.compile(
    r"(?:首次|应当?|须|必须|需|要求|均|合计|累计|分别|实际|约|人民币|同比)*"
    r"(?:达到?了?|不低于|不少于|不小于|不短于|至少|满|实现|不超过|不高于|不多于|不大于|不足|不满|未满|低于|少于|小于|不到|超过|超出|突破|"
    r"高于|大于|多于|超|最长|最多|在|为|是|:|：)*(?:约|人民币|合计|累计)?$"
)
_BOUND_AFTER = re.compile(
    r"^(?:人民币)?(?:[（(]不?含[^（）()]{0,4}[）)])?(?:及?以[上下内]|之内|内(?!容))?(?:[（(]不?含[^（）()]{0,4}[）)])?"
)
_RANGE_JOIN = re.compile(
    r"^(?:[（(]不?含[^（）()]{0,4}[）)])?(?:及?以上)?(?:[（(]不?含[^（）()]{0,4}[）)])?[、,，]?(?:且|并)?"
    r"(?:不足|低于|不到|小于|少于|未满|不满|不超过|不高于)?$"
)
_INCLUDED = re.compile(r"^[（(](?P<no>不)?含")
_UPPER = (Comparison.AT_MOST, Comparison.LESS_THAN)
_KIND = "企业|机构|单位|项目|园区|平台|中心|公司|产业|行业|主体|组织"
_OR = re.compile(r"[，,；;]\s*(?:或者|或(?=[^，,；;]{2,}(?:不低于|不少于|不高于|不超过|达到|以上)))")
_OR_PLAIN = re.compile(
    r"(?<=[元人件家项个台套名年月%％米吨户上下])(?:或者|或)(?=[^，,；;]{2,}(?:不低于|不少于|不高于|不超过|达到|超过|以上|以下))"
)
_TWO_KINDS = re.compile(rf"^(?P<one>[^的]{{2,12}}(?:{_KIND}))(?:和|及|与|以及|或者?)(?P<other>.{{2,}}(?:{_KIND}))$")
_EACH = re.compile(r"每[^，,；;]{0,10}$")


@dataclass(frozen=True, slots=True)
class Bounded:
    """A bound that a piece states.

    Attributes:
        metric: the words in front, without the words of the bound.
        op, low: the lower or only bound; `upper` the other one of a range.
        first: 首次 stands in front of the bound.
        tail: what stands behind the bound (规上工业企业), "" where nothing does.
    """

    metric: str
    op: Comparison
    low: Quantity
    upper: Quantity | None
    upper_op: Comparison | None
    first: bool
    tail: str


def cut(phrase: str) -> list[str]:
    """Parts of `phrase` that hold together (commas, 且, 并), outside brackets and quotes."""
    parts: list[str] = []
    start = 0
    for match in _JOINS.finditer(phrase):
        if _depth(phrase[: match.start()]) == 0 and match.start() >= start:
            parts.append(phrase[start : match.start()])
            start = match.end()
    parts.append(phrase[start:])
    return [part.strip() for part in parts if part.strip()]


def _depth(text: str) -> int:
    opened = sum(text.count(char) for char in _OPEN)
    return max(0, opened - sum(text.count(char) for char in _CLOSE))


def list_members(text: str) -> tuple[tuple[str, ...], bool]:
    """Members of a list of names (A、B或C等) and whether it is open (等); one member where it is no list."""
    plain = text.strip()
    opened = bool(re.search(r"等(?!级|次|额|奖)[^、]{0,6}$", plain)) and "、" in plain
    plain = re.sub(r"等(?!级|次|额|奖)([^、]{0,6})$", "", plain) if opened else plain
    if plain.startswith("各"):
        return (plain,), False
    pair = _TWO_KINDS.match(plain)
    if pair is not None and "、" not in plain:
        return (pair["one"], pair["other"]), False
    members = _split_flat(plain, "、或") if "、" in plain or re.search(r"(?<![间以])或(?!者|许)", plain) else [plain]
    if len(members) > 1:
        *others, last = members
        members = [*others, *(_split_flat(last, "和及与") if len(_split_flat(last, "和及与")) == 2 else [last])]
    return _with_level_words([member for member in members if member]), opened


def _with_level_words(members: list[str]) -> tuple[str, ...]:
    """国家、省、市政府质量奖: each level with the name that only the last one has."""
    last = re.match(r"^(?:国家|省|市|区|县)(?:级)?(?P<name>.{2,})$", members[-1]) if members else None
    bare = [re.fullmatch(r"(?:国家|省|市|区|县)(?:级)?", member) for member in members[:-1]]
    if last is None or not bare or not all(bare):
        return tuple(members)
    levels = [member.removesuffix("级") for member in (*members[:-1], members[-1].removesuffix(last["name"]))]
    return tuple(f"{level}级{last['name']}" for level in levels)


def _split_flat(text: str, joiners: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for at, char in enumerate(text):
        if char in joiners and _depth(text[:at]) == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def bounds(piece: str) -> tuple[Bounded, ...]:
    """The bounds a piece states, in order; quantities without one (每新增1人, dates) are left out."""
    return tuple(_bounds(piece))


def _bounds(piece: str) -> Iterator[Bounded]:
    found = [q for q in quantities(piece) if q.kind not in (Kind.DATE, Kind.RATIO)]
    at, begin = 0, 0
    while at < len(found):
        low, following = found[at], found[at + 1] if at + 1 < len(found) else None
        upper, upper_op = _upper(piece, low, following)
        last = following if upper is not None and upper is following else low
        at += 2 if last is following and following is not None else 1
        op = low.op if low.op is not None else Comparison.AT_LEAST if low.upper is not None else None
        if op is None or last is None or _EACH.search(piece[begin : low.start]):
            continue
        before = piece[begin : low.start]
        match = _BOUND_BEFORE.search(before)
        metric = before[: match.start()] if match else before
        rest = piece[last.end :]
        behind = _BOUND_AFTER.match(rest)
        tail = rest[behind.end() :] if behind else rest
        begin = len(piece) - len(tail)
        first = "首次" in before
        metric = metric.replace("首次", "").strip("，,、；; ")
        stop = found[at].start - begin if at < len(found) else len(tail)
        yield Bounded(metric, op, low, upper, upper_op, first, tail[: max(0, stop)] if at >= len(found) else "")


def _upper(piece: str, low: Quantity, following: Quantity | None) -> tuple[Quantity | None, Comparison | None]:
    """The other end of a range that begins with `low`."""
    if low.upper is not None:
        return replace(low, value=low.upper), _end_of_range(piece, low)
    alike = following is not None and (following.kind, following.unit) == (low.kind, low.unit)
    if not alike or following is None or following.op not in _UPPER or low.op in _UPPER:
        return None, None
    between = piece[low.end : following.start]
    return (following, following.op) if _RANGE_JOIN.match(between) else (None, None)


def _end_of_range(piece: str, low: Quantity) -> Comparison:
    """5000万元（含）—1亿元: where the lower end is said to be in, the upper one is not."""
    behind = _INCLUDED.match(piece[low.end :])
    if behind:
        return Comparison.LESS_THAN if behind["no"] else Comparison.AT_MOST
    return Comparison.LESS_THAN if re.search(r"[（(]含", piece[low.start : low.end]) else Comparison.AT_MOST


def either_or(text: str) -> list[str]:
    """Sides that are alternatives (净利润不低于…,或者…), the first with a bound; [] where there are none."""
    # Without a comma in front of it, 或 joins two bounds only where there is no other comma: it may join less.
    plain = _OR if re.search("[，,；;]", text) else _OR_PLAIN
    sides = [side.strip() for side in plain.split(text) if side.strip()]
    return sides if len(sides) > 1 and bounds(sides[0]) else []
