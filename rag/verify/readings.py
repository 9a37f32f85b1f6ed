"""Every figure of a text with what the text says of it: role, ceiling, unit of payment, level, and the words around.

The words stand in layers, nearest first: those since the last figure of the same role, then the parts of the
sentence before. A figure of a list (分别给予1亿元和1500万元) has the member of the list before it that stands in
the same place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, pairwise

from index.quantities import Comparison, Kind, Quantity, groups, quantities
from rag.verify.lists import Span, lists_of_names, runs_of_levels
from rag.verify.plain import without_names
from rag.verify.words import (
    CAP_AFTER,
    CAP_BEFORE,
    CAP_MOVED,
    EACH_BEFORE,
    EACH_MORE_BEFORE,
    MATERIAL_PER,
    PAID_AFTER,
    PAID_BEFORE,
    PER,
    SIZE_AFTER,
    SIZE_BEFORE,
    YEARLY,
    DateRole,
    date_role,
    marks,
)

Tokens = Mapping[str, float]
"""Token to weight: character pairs 1, levels and other figures 3, less where they stand further off."""

FAR = 0.3
"""Weight of words that stand before another figure of the same role, or behind a semicolon."""
_NEXT_PART = 0.8
_FOLLOWING = 0.5
_MONEY = (Kind.AMOUNT, Kind.RATE, Kind.POINTS, Kind.RATIO)
_STRONG_TOKEN = 3.0
_SENTENCE_END = re.compile(r"[。!?！？]")
_PART_END = re.compile(r"[,;:；：](?!\d{3}(?!\d))|[,;:；：]$")
# What may follow a figure and still speak of it: 100万元(国家级), 100万元的省级奖励, 10万元/年, 100万元给省级中心.
_BEHIND = re.compile(r"^(?:\([^()]*\)|/[\u4e00-\u9fff]{1,3}|(?:的|给|用于|奖|补|资|为)[^,;:。、和及]*)")
_LINK_BEFORE = re.compile(r"(?:、|以及|和|及|与)$")
_LINK_BEHIND = re.compile(r"、|以及|和|及|与")
_PROVISO = re.compile(r"[的不已须应可含]|予以|除外")
_LISTED = re.compile(r"(?:\([^()]*\))?(?:及?以[上下内])?(?:、|和|及|且)")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z0-9]*")
_NOISE = re.compile(
    r"给予|予以|一次性|奖励|资助|补助|补贴|支持|奖补|最高|不超过|可以|按照|对于|其中|分别|可获得?|能拿到?|当年|目标|要求|规定|可以|享受|的|了|由|将|约|为|是|按|对|可|给|奖|补"
)


class Role(StrEnum):
    """What an amount or a share is in its sentence."""

    PAID = "给付"
    SIZE = "门槛"
    OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure as its text states it.

    Attributes:
        said: the figure as written.
        at: offset in the text it was read from.
        capped: whether it is a ceiling; None where the text leaves it open.
        per: what one is paid for, 每家 and the like left out; of the part the figure stands in.
        marks: levels and classes that hold for it, by family.
        years: years named nearest to it.
        dated: for dates, what happens on the day.
        part: the part of the sentence it stands in; `sentence` is the whole.
        lead: the sentence up to the figure's list; `before` and `after` are the words next to it.
        layers: tokens of the words around, nearest layer first.
        near: those with no other figure of the role in between.
        tokens: all of them with their weights.
    """

    quantity: Quantity
    said: str
    at: int
    role: Role
    capped: bool | None
    per: frozenset[str]
    marks: Mapping[str, frozenset[str]]
    years: frozenset[int]
    dated: DateRole | None
    part: str
    lead: str
    before: str
    after: str
    sentence: str
    layers: tuple[frozenset[str], ...]
    near: tuple[frozenset[str], ...]
    tokens: Tokens


def per_units(text: str) -> frozenset[str]:
    """Units of payment that `text` names and that make a difference: 每吨, /年, 每人每月."""
    found = {unit for match in PER.finditer(text) for unit in match.groups() if unit in MATERIAL_PER}
    return frozenset(found | ({"年"} if YEARLY.search(text) else set()))


def token_weights(text: str, skip: Sequence[Quantity] = ()) -> dict[str, float]:
    """Tokens of a piece of text: marks, figures beside `skip`, character pairs, Latin words."""
    words, figures = _tokens(text)
    skipped = {_token(quantity) for quantity in skip}
    return {**words, **{figure: _STRONG_TOKEN for figure in figures if figure not in skipped}}


def _token(quantity: Quantity) -> str:
    return "|".join(map(str, quantity.key))


@lru_cache(maxsize=8192)
def _tokens(text: str) -> tuple[Tokens, frozenset[str]]:
    found = {f"{family}={word}": _STRONG_TOKEN for family, words in marks(text).items() for word in words}
    figures = quantities(text)
    words = text
    for quantity in figures:
        words = f"{words[: quantity.start]}{' ' * (quantity.end - quantity.start)}{words[quantity.end :]}"
    for run in _HAN_RUN.findall(_NOISE.sub(" ", words)):
        if run.isascii():
            found[run.lower()] = 1.0
        else:
            found.update({run[at : at + 2]: 1.0 for at in range(len(run) - 1)})
    return found, frozenset(map(_token, figures))


def read(plain: str) -> tuple[Reading, ...]:
    """Readings of the figures of folded text, in order."""
    text = without_names(plain)
    found = tuple(one for one in quantities(text) if one.unit or one.kind is not Kind.COUNT or _in_digits(text, one))
    if not found:
        return ()
    grouped = {id(member): run for run in groups(text, found) for member in run}
    # `groups` returns copies with the shared bound; they are matched by place.
    run_of = {member.start: run for run in grouped.values() for member in run}
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    readings: list[Reading] = []
    for _, members in groupby(found, key=lambda quantity: bisect_right(ends, quantity.start)):
        inside = [run_of[member.start][_index(run_of[member.start], member)] for member in members]
        nth = bisect_right(ends, inside[0].start)
        span = (ends[nth - 1] if nth else 0, ends[nth] if nth < len(ends) else len(text))
        readings += _Sentence(text, span, inside, run_of).readings()
    return tuple(readings)


def _in_digits(text: str, quantity: Quantity) -> bool:
    """False for a bare 万 or 百亿, which is a part of a name."""
    return text[quantity.start].isascii()


def _index(run: Sequence[Quantity], member: Quantity) -> int:
    return next(at for at, other in enumerate(run) if other.start == member.start)


class _Sentence:
    """One sentence of a text while its figures are read."""

    def __init__(
        self, text: str, span: Span, found: Sequence[Quantity], run_of: Mapping[int, tuple[Quantity, ...]]
    ) -> None:
        self._text, self._span, self._found, self._run_of = text, span, found, run_of
        cuts = [span[0] + match.end() for match in _PART_END.finditer(text[span[0] : span[1]])]
        edges = [span[0], *(cut for cut in cuts if cut < span[1]), span[1]]
        self._parts: list[Span] = list(pairwise(edges))
        self._roles = {quantity.start: self._role(quantity) for quantity in found}

    def readings(self) -> Iterator[Reading]:
        capped: bool | None = None
        previous: Quantity | None = None
        for quantity in self._found:
            capped = self._capped(quantity, previous, capped)
            yield self._reading(quantity, capped)
            previous = quantity

    def _part_of(self, offset: int) -> int:
        return next(at for at, (start, end) in enumerate(self._parts) if start <= offset < end)

    def _around(self, quantity: Quantity) -> tuple[str, str]:
        """The words between the figure's list and its neighbours, inside the part."""
        run = self._run_of[quantity.start]
        start, end = self._parts[self._part_of(run[0].start)][0], self._parts[self._part_of(run[-1].start)][1]
        # A count between a verb and its amount parts them no more than a word: 补贴每新增1人6000元.
        nearby = [q for q in self._found if quantity.kind not in _MONEY or q.kind is not Kind.COUNT]
        before = max((q.end for q in nearby if q.end <= run[0].start), default=start)
        after = min((q.start for q in self._found if q.start >= run[-1].end), default=end)
        return self._text[max(start, before) : run[0].start], self._text[run[-1].end : min(end, after)]

    def _role(self, quantity: Quantity) -> Role:
        if quantity.kind not in _MONEY:
            return Role.OTHER
        before, after = self._around(quantity)
        if EACH_MORE_BEFORE.search(before) or (EACH_BEFORE.search(before) and self._money_follows(quantity)):
            return Role.SIZE
        # 投入的40% is a share of the money put in, not its size.
        size = None if quantity.kind is not Kind.AMOUNT and before.endswith("的") else SIZE_BEFORE.search(before)
        if PAID_AFTER.match(after) and not (size and self._money_follows(quantity)):
            return Role.PAID
        if size:
            return Role.SIZE
        sized_after = SIZE_AFTER.match(after)
        if PAID_BEFORE.search(before):
            return Role.SIZE if sized_after else Role.PAID
        return Role.SIZE if sized_after else Role.OTHER

    def _money_follows(self, quantity: Quantity) -> bool:
        """Whether another figure follows in the part: 达到500亿元的奖励2000万元."""
        end = self._run_of[quantity.start][-1].end
        limit = self._parts[self._part_of(quantity.start)][1]
        return any(end <= other.start < limit and other.kind is not Kind.COUNT for other in self._found)

    def _capped(self, quantity: Quantity, previous: Quantity | None, inherited: bool | None) -> bool | None:
        before, after = self._around(quantity)
        low = quantity.op in (Comparison.AT_MOST, Comparison.LESS_THAN)
        lead = self._text[self._span[0] : self._run_of[quantity.start][0].start]
        if low or CAP_BEFORE.search(before) or CAP_AFTER.match(after) or CAP_MOVED.search(lead):
            return True
        between = self._text[previous.end : quantity.start] if previous else ","
        if (
            inherited is not False
            and previous
            and previous.kind is quantity.kind
            and re.match(r"^[、和及与/]", between)
        ):
            # 最高奖励国家级100万元、省级50万元: the text leaves open whether 最高 holds for both.
            return None
        return False

    def _alike(self, quantity: Quantity, other: Quantity) -> bool:
        same_kind = quantity.kind is other.kind or (quantity.kind in _MONEY and other.kind in _MONEY)
        roles = {self._roles[quantity.start], self._roles[other.start]}
        return same_kind and (len(roles) == 1 or Role.SIZE not in roles)

    def _reading(self, quantity: Quantity, capped: bool | None) -> Reading:
        before, after = self._around(quantity)
        layers = self._layers(quantity, self._others(quantity))
        # What is given does not tell one size from another.
        size = self._roles[quantity.start] is Role.SIZE
        skip = [q for q in self._found if self._alike(quantity, q) or (size and q.kind in _MONEY)]
        weighed = [({t: w * factor for t, w in token_weights(text, skip).items()}, text) for text, factor in layers]
        tokens: dict[str, float] = {}
        for found, _ in weighed:
            for token, weight in found.items():
                tokens[token] = max(weight, tokens.get(token, 0.0))
        start, end = self._parts[self._part_of(quantity.start)]
        return Reading(
            quantity=quantity,
            said=self._text[quantity.start : quantity.end],
            at=quantity.start,
            role=self._roles[quantity.start],
            capped=capped,
            per=per_units(f"{layers[0][0]}{after[:4]}") | ({quantity.per} & MATERIAL_PER if quantity.per else set()),
            marks=_nearest_marks(layers),
            years=self._years(quantity),
            dated=date_role(before, after) if quantity.kind is Kind.DATE else None,
            part=self._text[start:end],
            lead=self._text[self._span[0] : self._run_of[quantity.start][0].start],
            before=before,
            after=after,
            sentence=self._text[slice(*self._span)],
            layers=tuple(frozenset(found) for found, _ in weighed),
            near=tuple(
                frozenset(found) for (found, _), (_, weight) in zip(weighed, layers, strict=True) if weight > FAR
            ),
            tokens=tokens,
        )

    def _layers(self, quantity: Quantity, dropped: Sequence[Span]) -> list[tuple[str, float]]:
        """Words around a figure with their weights, nearest first; spans in `dropped` belong to other figures."""
        run = self._run_of[quantity.start]
        at = self._part_of(run[0].start)
        start = self._parts[at][0]
        earlier = [other for other in self._found if other.end <= run[0].start and self._alike(quantity, other)]
        edge = earlier[-1].end if earlier and earlier[-1].end > start else start
        edge += self._behind(edge) if edge > start else 0
        listed = [q.end for q in self._found if edge < q.end <= run[0].start and _LISTED.match(self._text, q.end)]
        near = max([edge, *listed])
        own = self._within(near, run[0].start, dropped)
        behind = self._text[run[-1].end : run[-1].end + self._behind(run[-1].end)]
        # 100万元(国家级) names who gets it, 100万元(进档的补差) is a proviso.
        bracket = behind if behind.startswith("(") else ""
        named = "" if _PROVISO.search(bracket) else bracket
        layers = [(own + behind.removeprefix(bracket), 1.0), (self._within(edge, near, dropped), _NEXT_PART)]
        far = edge > start
        if far:
            layers.append((self._within(start, edge, dropped), FAR))
        parted = False
        for index in range(at - 1, -1, -1):
            left, right = self._parts[index]
            parted = parted or self._text[right - 1] in ";；"
            far = far or parted or any(left <= other.start < right for other in earlier)
            if self._text[right - 1] in ":：":
                # What stands before a colon holds for all that follow.
                far = parted = False
            elif parted and any(left <= other.start < right for other in earlier):
                continue
            layers.append((self._within(left, right, dropped), FAR if far else _NEXT_PART))
        return [*layers, (named, 1.0), *self._following(quantity)]

    def _following(self, quantity: Quantity) -> list[tuple[str, float]]:
        """The parts behind the last given figure: 标准是100万元,对象是省级中心."""
        run = self._run_of[quantity.start]
        given = quantity.kind in _MONEY and self._roles[quantity.start] is not Role.SIZE
        if not given or any(other.start >= run[-1].end and self._alike(quantity, other) for other in self._found):
            return []
        layers = []
        for left, right in self._parts[self._part_of(run[-1].start) + 1 :]:
            if self._text[left - 1] in ";；":
                break
            layers.append((self._text[left:right], _FOLLOWING))
        return layers

    def _behind(self, end: int) -> int:
        """How many characters behind a figure still speak of it."""
        limit = min((q.start for q in self._found if q.start >= end), default=self._span[1])
        match = _BEHIND.match(self._text[end:limit])
        return match.end() if match else 0

    def _within(self, start: int, end: int, dropped: Sequence[Span]) -> str:
        """The text of a range without `dropped` spans and what links them: 国家级、省级中心 is 国家级中心."""
        kept = []
        for left, right in sorted(dropped):
            if start < right and left < end:
                before = _LINK_BEFORE.search(self._text, start, left)
                left = before.start() if before and left > start else left
                after = None if before else _LINK_BEHIND.match(self._text, right, end)
                kept.append(self._text[start : max(start, left)])
                start = max(start, after.end() if after else right)
        return "".join([*kept, self._text[start:end]]) if start < end else "".join(kept)

    def _others(self, quantity: Quantity) -> list[Span]:
        """Spans of the list members that belong to the other figures of the figure's list."""
        run = self._run_of[quantity.start]
        if len(run) < 2:
            return []
        own = _index(run, quantity)
        return [span for at, span in enumerate(self._members(run)) if at != own]

    def _members(self, run: Sequence[Quantity]) -> list[Span]:
        """The list before `run` with as many members: sizes, levels, or names in front of 分别; else none."""
        size, start = len(run), self._span[0]
        head = self._text[start : run[0].start]
        lists: list[list[Span]] = []
        for other in {id(one): one for one in self._run_of.values()}.values():
            if start <= other[0].start and other[-1].end <= run[0].start and len(other) == size:
                lists.append([(member.start, member.end) for member in other])
        lists += [spans for spans in runs_of_levels(self._text, start, head) if len(spans) == size]
        if not lists:
            lists += [spans for spans in lists_of_names(start, head) if len(spans) == size]
        if not lists:
            behind = self._text[run[-1].end : self._span[1]]
            lists += [spans for spans in runs_of_levels(self._text, run[-1].end, behind) if len(spans) == size][:1]
        return max(lists, key=lambda spans: spans[-1][1], default=[])

    def _years(self, quantity: Quantity) -> frozenset[int]:
        if quantity.kind is Kind.DATE:
            return frozenset()
        dates = [other for other in self._found if other.kind is Kind.DATE]
        before = [other for other in dates if other.end <= quantity.start]
        nearest = before[-1:] or dates[:1]
        return frozenset(int(value) // 10_000 for q in nearest for value in (q.value, q.upper) if value is not None)


def _nearest_marks(layers: Sequence[tuple[str, float]]) -> dict[str, frozenset[str]]:
    """Marks by family, from the nearest layer that has the family; far layers speak of other figures."""
    found: dict[str, frozenset[str]] = {}
    for text, weight in layers:
        if weight > FAR:
            for family, words in marks(text).items():
                found.setdefault(family, words)
    return found
