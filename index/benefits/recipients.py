"""Who gets what: lists of levels or tiers shared out over lists of values, never across different lengths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.benefits.drafts import Draft, Run
from index.benefits.marked import ANY, MASK, Marked, Span
from index.benefits.vocabulary import GIVE, LEVEL_LIST, ONE_LEVEL, ORDINAL_LEVEL, TIME_UNITS
from index.quantities import Comparison, Kind, Quantity

_AND = re.compile(r"以及|、|和|及|与|或")
_LEADING = re.compile(
    r"^(?:对于?|凡是?|其中|以及|并(?!购)|同时|此外|另外|第[一二三四五六七八九十]+,|一是|二是|三是|在此基础上|(?:加快|大力|积极)?(?:支持|鼓励|推动|引导)|[,、:])+"
)
_VERB = re.compile(rf"(?:分别|依次|各)(?!类)|{GIVE}")
_OP_TAIL = re.compile(
    r"(?:首次|年度|当年)?(?:不低于|不少于|不小于|不短于|至少|达到了?|达|满|实现|不超过|不高于|不多于|不大于|最高|最多|至多|控制在|"
    r"上限|不足|不满|未满|低于|少于|小于|超过|超出|突破|高于|大于|多于|超|为|应当?|须|需|在|约|首次|累计|合计|降至|降到|提高到|提高至|下降|增至)+$"
)
_ALIKE = re.compile(
    r"[^,、和及与或的]{0,7}?(?P<end>[\u4e00-\u9fff])(?:(?:、|和|及|与|或|以及)[^,、和及与或的]{1,5}?(?P=end)){1,8}(?!、)"
)
_BRINGS = re.compile(
    r".*(?:取得|获得|获评|获批|通过|认定为|评为|评定为|列入|入选|新建|建设|购置|招用|引进|设立|开展|参加|晋升为|升级为)"
)
# 获得单户500万元以下贷款: what the bound measures stands behind it.
_MEASURED_BEHIND = re.compile(
    r"(?:〓+)?及?以[上下]的?((?:[\u4e00-\u9fff]{2}){0,2}(?:贷款|融资|投资|订单|合同|授信|借款))"
)
_PART_OF = re.compile(r"(?<=资金|投资|收入|产值|利润|费用|面积|产量)的$")  # 募集资金的50%以上投入本市
_LACKS_NOUN = re.compile(r"^[^,、]*?(?:获得|取得|获|签订)(?:单[户笔个项]$)?|单[户笔个项]$")
_BEHIND_BOUND = re.compile(r"[¤٪#](?:(?:以|之)?[内后]|(?:及?以[上下])?的)(?P<rest>[^¤٪#]{2,})$")
_METRIC = re.compile(r"((?:[^,、;:。!?的且并和及对为]|并(?=购)){2,24})$")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list within the beneficiary: its range and its members."""

    start: int
    end: int
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound that the beneficiary has to meet."""

    metric: str
    op: Comparison
    value: Quantity


COMPLEMENT = {
    Comparison.LESS_THAN: Comparison.AT_LEAST,
    Comparison.AT_MOST: Comparison.MORE_THAN,
    Comparison.MORE_THAN: Comparison.AT_MOST,
    Comparison.AT_LEAST: Comparison.LESS_THAN,
}
"""The bound that holds where the other one does not."""


@dataclass(frozen=True, slots=True)
class Share:
    """One beneficiary with its part of every list; `shared_out` is False where the lists do not match."""

    beneficiary: str
    amount: Quantity | None = None
    rate: Quantity | None = None
    cap: Quantity | None = None
    threshold: Threshold | None = None
    shared_out: bool = True


def share_out(marked: Marked, draft: Draft) -> list[Share]:
    """One share per level or tier.

    As many values as levels are paired in order. One value holds for all tiers or levels. Anything else cannot be
    paired: one share without values.
    """
    lists = [run for run in (draft.amounts, draft.rates, draft.caps) if run]
    count = max((len(run) for run in lists), default=1)
    if draft.surplus or any(len(run) not in (1, count) for run in lists):
        return [Share(_beneficiary(marked, draft, (), 0), shared_out=False)]
    if count == 1:
        return _one_value(marked, draft)
    tiers = [run for run in draft.thresholds if len(run) == count]
    listings = _listings(marked, draft, count, tiered=bool(tiers))
    if bool(tiers) == bool(listings) or len(tiers) > 1:
        if draft.cap_words and all(len(run) == 1 for run in (draft.amounts, draft.rates) if run):
            draft.conditions.append(draft.cap_words)  # only the ceilings cannot be paired
            draft.caps = ()
            return _one_value(marked, draft)
        return [Share(_beneficiary(marked, draft, (), 0), shared_out=False)]
    listings = listings or (_tier_listing(marked, tiers[0]),)
    return [_share(marked, draft, listings, tiers[0] if tiers else None, at) for at in range(count)]


def _one_value(marked: Marked, draft: Draft) -> list[Share]:
    tiers = [run for run in draft.thresholds if len(run) > 1]
    if tiers and not (draft.amounts or draft.rates):
        listing = _tier_listing(marked, tiers[0])
        return [_share(marked, draft, (listing,), tiers[0], at) for at in range(len(tiers[0]))]
    levels = _level_listings(marked, draft)
    if levels and not tiers:
        return [_share(marked, draft, levels, None, at) for at in range(len(levels[0].items))]
    return [_share(marked, draft, (), None, 0)]


def _share(marked: Marked, draft: Draft, listings: Sequence[Listing], tier: Run | None, at: int) -> Share:
    bound = tier[at] if tier else _main_threshold(draft.thresholds)
    if draft.floor and (bound is None or bound.unit in TIME_UNITS):
        bound = draft.floor[0]
    return Share(
        beneficiary=_beneficiary(marked, draft, listings, at),
        amount=_member(draft.amounts, at),
        rate=_member(draft.rates, at),
        cap=_member(draft.caps, at),
        threshold=_threshold(marked, draft, bound, tier[0] if tier else bound),
    )


def _member(run: Run, at: int) -> Quantity | None:
    if not run:
        return None
    return run[at] if len(run) > 1 else run[0]


def _main_threshold(thresholds: Sequence[Run]) -> Quantity | None:
    """The bound that characterises the rule: money first, then counts and shares, then time; no lists."""
    single = [run[0] for run in thresholds if len(run) == 1]
    money = [q for q in single if q.kind is Kind.AMOUNT]
    timed = [q for q in single if q.unit in TIME_UNITS]
    other = [q for q in single if q not in money and q not in timed]
    return next(iter((*money, *other, *timed)), None)


def _threshold(marked: Marked, draft: Draft, bound: Quantity | None, first: Quantity | None) -> Threshold | None:
    if bound is None or first is None:
        return None
    metric = draft.metric if draft.fixed_metric else metric_before(marked, first.start)
    metric = draft.metric if metric == "" else metric
    if (behind := _MEASURED_BEHIND.match(marked.flat, bound.end)) and metric and _LACKS_NOUN.search(metric):
        metric = f"{_LACKS_NOUN.sub('', metric)}{behind[1]}"
    if bound.unit in ("岁", "周岁"):
        metric = "年龄"
    if not metric:
        return None
    if bound.unit not in ("", "元"):
        metric = f"{metric}（{bound.unit}）"
    return Threshold(metric, bound.op or Comparison.AT_LEAST, bound)


def bound_of(marked: Marked, runs: Sequence[Run]) -> dict[str, object] | None:
    """The bound that characterises `runs`, as `Benefit.threshold` has it."""
    main = _main_threshold(runs)
    found = _threshold(marked, Draft("", 0, 0), main, main)
    return None if found is None else stated(found)


def stated(threshold: Threshold) -> dict[str, object]:
    """`threshold` as `Benefit.threshold` has it."""
    return {"metric": threshold.metric, "op": threshold.op.value, "value": float(threshold.value.value)}


def metric_before(marked: Marked, at: int) -> str | None:
    """What the quantity at `at` measures: the noun in front of its bound; None where there is none."""
    start = max(marked.flat.rfind(mark, 0, at) for mark in ",;:。\n") + 1
    return metric_of(marked.flat[start:at].replace(MASK, ""))


def metric_of(left: str) -> str | None:
    """The noun at the end of `left` without the words of a bound; "" where only those stand there, None for no noun."""
    left = _OP_TAIL.sub("", left)
    if within := _BEHIND_BOUND.search(left):  # 一年内设备投资500万元以上
        left = within["rest"]
    left = _PART_OF.sub("", left)
    if not left:
        return ""
    found = _METRIC.search(left)
    return found[1] if found and not re.search(r"[¤٪#]", found[1]) else None


def _beneficiary(marked: Marked, draft: Draft, listings: Sequence[Listing], at: int) -> str:
    parts = []
    outside = list(listings)
    for span in draft.who:
        text, here = "", span.start
        for listing in sorted(listings, key=lambda one: one.start):
            if span.start <= listing.start and listing.end <= span.end:
                text += marked.text[here : listing.start] + listing.items[at]
                here = listing.end
                outside.remove(listing)
        parts.append(text + marked.text[here : span.end])
    own = tidy("，".join(part for part in parts if part))
    if outside and len(outside) == len(listings):
        own = f"{own}（{listings[0].items[at]}）" if own else listings[0].items[at]
    own = draft.prefix + own + draft.head
    for words in draft.conditions:
        own = own.replace(f"({words})", "").replace(f"（{words}）", "")
    if draft.level and not listings:
        own = f"{own}（{draft.level}）" if own else draft.level
    if draft.topic and own and draft.topic != own:
        return f"{draft.topic}（{own}）"
    return own or draft.topic


def tidy(text: str) -> str:
    """A beneficiary without the words that only introduce it."""
    return _LEADING.sub("", re.sub(r"\s+", "", text)).strip("，,、:：；")


def _listings(marked: Marked, draft: Draft, count: int, *, tiered: bool) -> tuple[Listing, ...]:
    """Lists of `count` levels or names, nearest to the values first; all of them if they are the same list."""
    found = []
    for span in (draft.between, *reversed(draft.who)):
        alike = None if tiered else _alike_list(marked, span, count)
        short = alike if alike and len({len(item) for item in alike.items}) == 1 else None
        listing = _level_list(marked, span, count) or short or _noun_list(marked, span, count) or alike
        listing = listing or (None if tiered else _noun_list(marked, _behind_clause(marked, span), count))
        if listing:
            found.append(listing)
    if len({listing.items for listing in found}) > 1:
        inner = [listing for listing in found if draft.between.start <= listing.start < draft.between.end]
        return tuple(inner) if len(inner) == 1 else ()
    return tuple(found)


def _behind_clause(marked: Marked, span: Span) -> Span:
    """What a relative clause modifies: 博士、硕士、本科毕业生 of 首次就业、连续参保满6个月的博士、硕士、本科毕业生."""
    at = marked.flat.rfind("的", span.start, span.end - 1) + 1
    return Span(max(at, span.start), span.end)


def _level_list(marked: Marked, span: Span, count: int) -> Listing | None:
    matches = [m for m in LEVEL_LIST.finditer(marked.flat, span.start, span.end) if len(_AND.split(m[0])) == count]
    if len(matches) != 1:
        return None
    start, end = matches[0].span()
    classes = re.match(r"[两二三四五](?:个?[类档级等]别?)", marked.flat[end : span.end])
    if classes:  # 分国家级、省级两类
        start -= marked.flat[start - 1 : start] in ("分", "按")
        end += classes.end()
    return Listing(start, end, tuple(_AND.split(matches[0][0])))


def _noun_list(marked: Marked, span: Span, count: int) -> Listing | None:
    """The list of full names that fills the range: 国家级X示范企业、省级Y企业."""
    flat = marked.flat[span.start : span.end]
    if (verb := _VERB.search(flat)) and "、" in flat[: verb.start()]:
        flat = flat[: verb.start()]
    for pattern in (re.compile("、"), _AND):
        parts = pattern.split(flat)
        # A、B和C are three: a last part with 和 in it may be two names, and two values would go astray.
        joined = "、" in flat and pattern is not _AND and bool(_AND.search(parts[-1]))
        if len(parts) == count and all(parts) and not joined and not re.search(ANY, flat):
            return _from_parts(marked, span, flat, pattern)
    return None


def _alike_list(marked: Marked, span: Span, count: int) -> Listing | None:
    """A list of short names with one ending within the range: 取得高级工、中级工证书, Ⅰ期、Ⅱ期、Ⅲ期临床试验.

    Where a longer list or a second one of that length stands in the range, nothing is paired.
    """
    flat = marked.flat[span.start : span.end]
    found = [match for match in _ALIKE.finditer(flat) if len(_AND.split(match[0])) == count]
    if len(found) != 1:
        return None
    match = found[0]
    parts = _AND.split(match[0])
    size = len(parts[1])
    start = match.start() + max(0, len(parts[0]) - size)
    brings = _BRINGS.match(flat, 0, match.start() + len(parts[0]))
    if brings and flat[start : match.start() + len(parts[0])] == parts[1]:  # 取得高级技师、技师证书
        start = brings.end()
    items = (flat[start : match.start() + len(parts[0])], *parts[1:])
    if len({len(item) for item in parts[1:]}) > 1:  # 金奖、优秀奖: where the first begins is not known
        return None
    if len(set(items)) < count or re.search(ANY, match[0]):
        return None
    return Listing(span.start + start, span.start + match.end(), items)


def _from_parts(marked: Marked, span: Span, flat: str, pattern: re.Pattern[str]) -> Listing:
    cuts = [0, *(at for match in pattern.finditer(flat) for at in match.span()), len(flat)]
    bounds = list(zip(cuts[::2], cuts[1::2], strict=True))
    first, second, last = (flat[slice(*bounds[i])] for i in (0, 1, -1))
    start = bounds[0][0] + _first_member(first, second if len(bounds) > 2 else re.sub(r"(?:的|等)+$", "", last))
    end = bounds[-1][1] - (len(last) - len(re.sub(r"等?的?$", "", last)))
    bounds[0], bounds[-1] = (start, bounds[0][1]), (bounds[-1][0], end)
    items = tuple(tidy(marked.text[span.start + a : span.start + b]) for a, b in bounds)
    if all(len(item) == 1 for item in items[:-1]):  # 大、中、小型企业
        items = (*(f"{item}{items[-1][1:]}" for item in items[:-1]), items[-1])
    return Listing(span.start + start, span.start + end, items)


def _first_member(first: str, second: str) -> int:
    """Where the first member begins behind the words that introduce the list."""
    if ONE_LEVEL.match(second):
        levels = list(ONE_LEVEL.finditer(first))
        if levels:
            return levels[-1].start() if len(levels) == 1 else _same_shape(levels, second)
    size = len(second)
    clause = first.rfind("的", 0, len(first) - 1) + 1
    if clause:  # 新认定的专精特新“小巨人”企业: the name begins behind the relative clause
        return clause
    if len(first) > size and first[-1:] == second[-1:]:
        return len(first) - size
    verb = _BRINGS.match(first)
    return verb.end() if verb and len(first) - verb.end() > 1 else 0


def _same_shape(levels: Sequence[re.Match[str]], second: str) -> int:
    own = ONE_LEVEL.match(second)
    same = [level for level in levels if own and level[0][-1] == own[0][-1]]
    return (same or list(levels))[-1].start()


def _level_listings(marked: Marked, draft: Draft) -> tuple[Listing, ...]:
    """The list of administrative levels among the beneficiaries, where there is exactly one."""
    found = []
    for span in draft.who:
        for match in LEVEL_LIST.finditer(marked.flat, span.start, span.end):
            items = tuple(_AND.split(match[0]))
            if all(ORDINAL_LEVEL.fullmatch(item) for item in items):
                found.append(Listing(*match.span(), items))
    if not found and draft.who:
        span = draft.who[-1]
        parts = marked.flat[span.start : span.end].split("、")
        if len(parts) > 1 and all(ORDINAL_LEVEL.search(part) for part in parts):
            listing = _noun_list(marked, span, len(parts))
            return (listing,) if listing else ()
    return tuple(found) if len(found) == 1 else ()


def _tier_listing(marked: Marked, run: Run) -> Listing:
    """The members of a list of bounds, each with what belongs to it: 1亿元（含）—5亿元、5亿元（含）以上."""
    suffix = re.match(r"(?:\([^()]*\))?(?:及?以[上下内])?", marked.plain[run[-1].end :])
    end = run[-1].end + (suffix.end() if suffix else 0)
    starts = [quantity.start for quantity in run]
    ends = [*starts[1:], end]
    items = (marked.text[a:b] for a, b in zip(starts, ends, strict=True))
    return Listing(starts[0], end, tuple(re.sub(r"(?:以及|、|和|及|与|或)$", "", item) for item in items))
