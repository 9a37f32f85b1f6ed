"""Which words of a text name a subject, and where they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.lexicon import Lexicon
from rag.places import places_in
from rag.terms import content_terms, folded, read_rows

LEVELS = {
    "国家级": re.compile(r"国家级|国家(?=[、和或])|国家认定|国家里?评"),
    "省级": re.compile(r"省级|省里?认定|省里?评|(?<=[级、和或])省(?=[、和或市])"),
    "市级": re.compile(r"市级(?!财政|留存|财力|补助|部门|层面|承担)|市里?认定|市里?评"),
    "区级": re.compile(r"区级|县级|区县级|区里?认定"),
}
"""Certification levels with the words that name them."""

_DATE = re.compile(r"(?:19|20)\d\d年(?:\d{1,2}月份?(?:\d{1,2}[日号])?)?|(?<!\d)\d{1,2}月份?(?:\d{1,2}[日号])?")
_SCALE = re.compile(r"^(?:国|省|市|区|县|国家)[级内外里]|级$")


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """Words by which a person tells of a firm or points back; they are the subject of hardly any question."""
    return frozenset(word for row in read_rows("telling_words.txt") for word in row)


def subject_words(text: str, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """Words of `text` that may name a subject: no places, levels, sums or words of the trade."""
    ignored = [place.name for place in places_in(text, lexicon.regions if lexicon is not None else ())]
    terms = content_terms(_DATE.sub(" ", text), ignore=ignored)
    return tuple(
        term.text for term in terms if not term.weak and term.text not in _telling() and not _SCALE.search(term.text)
    )


def count_subject_words(text: str, lexicon: Lexicon | None) -> int:
    """How many subject words `text` has; those that the index knows where it knows any."""
    words = subject_words(text, lexicon)
    return sum(lexicon.knows(word) for word in words) if lexicon is not None else len(words)


def span_of(text: str, words: Iterable[str]) -> tuple[int, int] | None:
    """The stretch of `text` from the first to the last of the subject words, with the weak noun behind it."""
    plain = folded(text)
    if len(plain) != len(text):
        plain = text
    places = [(plain.find(word), len(word)) for word in words]
    found = [(at, at + size) for at, size in places if at >= 0]
    if not found:
        return None
    found.sort()
    start, end = found[0]
    for low, high in found[1:]:
        # Words that stand apart are of another phrase; the last one is next to what is asked.
        if low > end + 2 or re.search(r"[,。?!;里中]", plain[end:low]):
            start = low
        end = max(end, high)
    noun = re.match(
        r"[”\"」]?(?:企业|平台|工厂|基金|项目|机构|中心|园区|车间|产品|集群|基地|人才|单位|公司)+", text[end:]
    )
    end += len(noun[0]) if noun else 0
    return (start, end) if start < end else None


def levels_in(text: str) -> tuple[str, ...]:
    """Certification levels that `text` names and does not deny (不是国家级,是省级)."""
    plain = re.sub(r"(?<!是)不是(?:国家|省|市|区|县)级|非(?:国家|省|市|区|县)级", " ", text)
    return tuple(level for level, pattern in LEVELS.items() if pattern.search(plain))
