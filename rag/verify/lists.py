"""Lists that a list of figures belongs to: 国家级、省级 and A企业、B企业 in front of 分别."""

from __future__ import annotations

import re

from rag.verify.words import level_spans

Span = tuple[int, int]

_LINKS = re.compile(r"(、|以及|和|及|与)")
_NOUN_LIST = re.compile(
    r"([^,;:。、]{1,24}(?:、[^,;:。、]{1,24})*(?:、|和|及|与|以及)[^,;:。、]{1,24}?)(?:的|,)?(?:,)?(?:分别|各|依次|按)"
)


def runs_of_levels(text: str, offset: int, part: str) -> list[list[Span]]:
    """Runs of level words that only 、 or 和 and a short name parts: 国家级、省级 and 国家级中心、省级中心."""
    runs: list[list[Span]] = []
    for left, right in level_spans(part):
        span = (offset + left, offset + right)
        between = text[runs[-1][-1][1] : span[0]] if runs else ""
        if runs and re.fullmatch(r"[^,;:。、和及与]{0,12}(?:、|和|及|与|或|以及)", between):
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs


def lists_of_names(offset: int, head: str) -> list[list[Span]]:
    """Lists of names in front of 分别: A企业、B企业和C企业分别奖励.

    The first name may begin, and the last one end, with words that belong to all (制定国际标准、国家标准): of those
    two, as much is taken as the other names are long.
    """
    found: list[list[Span]] = []
    for match in _NOUN_LIST.finditer(head):
        spans, at = [], match.start(1)
        for member in _LINKS.split(match[1]):
            if member and not _LINKS.fullmatch(member):
                spans.append((offset + at, offset + at + len(member)))
            at += len(member)
        first, last = spans[0], spans[-1]
        if len(spans) > 1:
            inner = [right - left for left, right in (spans[1:-1] or spans[1:])]
            spans[0] = (max(first[0], first[1] - max(inner)), first[1])
            inner = [right - left for left, right in (spans[1:-1] or spans[:1])]
            spans[-1] = (last[0], min(last[1], last[0] + max(inner) + 2))
        found.append(spans)
    return found
