"""Candidate headings: every place in the text that looks like an ordinal, with its context."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from index.clean import CleanText
from index.parse.numerals import CN_NUMERAL, to_int


class Kind(IntEnum):
    """Families of ordinals; the value is the usual depth, outermost first."""

    ATTACHMENT = 0  # 附件1
    PART = 1  # 第一部分, 第一编
    CHAPTER = 2  # 第一章
    SECTION = 3  # 第一节
    CN = 4  # 一、
    ARTICLE = 5  # 第一条
    CN_BRACKET = 6  # (一)
    DECIMAL = 7  # 1.1
    ARABIC = 8  # 1.
    ARABIC_BRACKET = 9  # (1)
    CIRCLED = 10  # ①


class Context(IntEnum):
    """What stands before a candidate, weakest first."""

    INSIDE = 0  # inside a sentence
    SENTENCE = 1  # behind a sentence, a colon or a closing bracket
    LINE = 2  # at the start of a line


@dataclass(frozen=True, slots=True)
class Marker:
    """One candidate.

    Attributes:
        kind, number: what it counts; 第十条之一 has number 10 and suffix 1.
        start, end: the ordinal's range in `CleanText.shape`, brackets and stop included.
        context: what precedes it.
        suffix: the 之N of inserted articles, 0 without.
        parts: the numbers of a decimal ordinal, outermost first.
    """

    kind: Kind
    number: int
    start: int
    end: int
    context: Context
    suffix: int = 0
    parts: tuple[int, ...] = ()


_REFERENCE_AFTER = re.compile(
    r"第|规定|所(?:称|列|指|规|述|涉|确)|的|[、和或及与至,](?=第|本|前)|之|中的|中规定|相关(?:规定|要求)|(?:明确|要求|约定)的|执行|款|项"
    r"|[)\"》;。:,]"
)
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.ATTACHMENT,
        re.compile(rf"(?:(?<=\n)|^)附件(?:({CN_NUMERAL}|\d{{1,2}}))?[:：.、]?(?=\n|[^\n。;,:]{{2,40}}(?:\n|$))"),
    ),
    (Kind.PART, re.compile(rf"第({CN_NUMERAL}|\d{{1,2}})(?:部分|编|篇)(?![、,。])")),
    (Kind.CHAPTER, re.compile(rf"第({CN_NUMERAL}|\d{{1,2}})章(?![、,。的和至])")),
    (Kind.SECTION, re.compile(rf"第({CN_NUMERAL}|\d{{1,2}})节(?![、,。的和至])")),
    (Kind.ARTICLE, re.compile(rf"第({CN_NUMERAL}|\d{{1,4}})条(?:之({CN_NUMERAL}))?")),
    (
        Kind.CN,
        re.compile(
            rf"(?<![第一二三四五六七八九十百千零])({CN_NUMERAL})、(?![一二三四五六七八九十][、类级档等次季月期产线])"
        ),
    ),
    (
        Kind.CN_BRACKET,
        re.compile(rf"\(({CN_NUMERAL})\)[、.]?(?!项(?!目)|款|目(?![标前的])|类|[至~、,\-和或及](?=\(|第)|规定)"),
    ),
    (Kind.DECIMAL, re.compile(r"(?:(?<=\n)|^)(\d{1,2}(?:\.\d{1,2}){1,3})(?![\d.%亿万千百元年月日个版米倍级项条吨度])")),
    (Kind.ARABIC, re.compile(r"(?<![\d.第])(\d{1,2})(?:\.(?!\d)|、(?!\d)|．)(?![%])")),
    (
        Kind.ARABIC_BRACKET,
        re.compile(r"(?:\((\d{1,2})\)|(?<![\d(\[])(?<=[\n。;:])(\d{1,2})\))(?!项(?!目)|款|类|[至~、,\-和或及])"),
    ),
    (Kind.CIRCLED, re.compile(r"([①-⑳])")),
)
_TOP_DECIMAL = re.compile(
    r"(?:(?<=\n)|^)(\d{1,2})(?=[\u4e00-\u9fff][^\n。,;:]{1,24}(?:\n|$))(?![年月日个家万亿元项条米吨度])"
)
_REFERENCE_BEFORE = re.compile(r"(?:第|条|款|项|前述|上述|本条|[按据依照符合属于对违反])$")
_SENTENCE_BEFORE = '。;:!?)]》"」』'


def _context(shape: str, start: int) -> Context:
    before = shape[max(0, start - 4) : start].rstrip(" \t")[-1:] or "\n"
    if before == "\n":
        return Context.LINE
    return Context.SENTENCE if before in _SENTENCE_BEFORE else Context.INSIDE


def _is_reference(shape: str, kind: Kind, span: tuple[int, int], context: Context, *, set_off: bool) -> bool:
    """Whether the candidate is named inside a sentence (符合第三条…, 第(一)项) rather than a heading.

    `set_off`: the source has a blank behind the ordinal, as headings of articles do.
    """
    start, end = span
    if kind in (Kind.PART, Kind.CHAPTER, Kind.SECTION, Kind.ARTICLE) and _REFERENCE_AFTER.match(shape, end):
        return not (set_off and context is Context.LINE)
    if context is not Context.INSIDE:
        return False
    return kind >= Kind.CHAPTER and _REFERENCE_BEFORE.search(shape[max(0, start - 3) : start]) is not None


def _marker(text: CleanText, kind: Kind, match: re.Match[str]) -> Marker | None:
    shape = text.shape
    context = _context(shape, match.start())
    digits = next((group for group in match.groups() if group), "")
    if kind is Kind.DECIMAL:
        parts = tuple(int(part) for part in digits.split("."))
        return Marker(kind, parts[-1], match.start(), match.end(), context, parts=parts)
    number = to_int(digits) if digits else 1
    if number is None or number == 0:
        return None
    end = match.end()
    set_off = 0 < end < len(shape) and int(text.origin[end] - text.origin[end - 1]) > 1
    if _is_reference(shape, kind, match.span(), context, set_off=set_off):
        return None
    suffix = to_int(match.group(2)) or 0 if kind is Kind.ARTICLE and match.group(2) else 0
    return Marker(kind, number, match.start(), match.end(), context, suffix)


def _top_decimals(text: CleanText, found: dict[int, Marker]) -> dict[int, Marker]:
    """Headings "1总则" of documents whose next level is 1.1; a bare number is none elsewhere."""
    if sum(marker.kind is Kind.DECIMAL for marker in found.values()) < 2:
        return {}
    return {
        match.start(): Marker(
            Kind.DECIMAL, int(match.group(1)), match.start(), match.end(1), Context.LINE, parts=(int(match.group(1)),)
        )
        for match in _TOP_DECIMAL.finditer(text.shape)
    }


_LIST_OF_ATTACHMENTS = re.compile(
    r"(?:(?<=[\n。)])|^)附件[:：]?\n?(?=\d{1,2}[.、])(?:\n?(?!\d{4}年\d{1,2}月)[^\n。]){2,300}?(?=。|\d{4}年\d{1,2}月|\n(?!\d{1,2}[.、])|$)"
)


def find_markers(text: CleanText) -> list[Marker]:
    """All candidates of the text, ascending, never overlapping (the outermost kind wins)."""
    shape = text.shape
    listed = [match.span() for match in _LIST_OF_ATTACHMENTS.finditer(shape)]
    found: dict[int, Marker] = {}
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(shape):
            marker = _marker(text, kind, match)
            in_list = any(start <= match.start() < end for start, end in listed)
            if marker is not None and match.start() not in found and not in_list:
                found[match.start()] = marker
    found.update(_top_decimals(text, found))
    markers: list[Marker] = []
    for start in sorted(found):
        if not markers or start >= markers[-1].end:
            markers.append(found[start])
    return markers
