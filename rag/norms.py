"""Rank of a norm in the order of law, told by its title: code, law, regulation, rules, judicial interpretation.

Lay questions are mostly answered by norms of higher rank: of two articles that fit alike, the one of a code is the
likelier. What is issued by an office for its own place (the policies that most libraries hold) has no rank here.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from index.parse.numerals import CN_NUMERAL
from rag.titles import PLACE_SUFFIX

K = TypeVar("K", bound=Hashable)


class Norm(StrEnum):
    """Ranks, the highest first."""

    CODE = "法典"
    LAW = "法律"
    REGULATION = "行政法规"
    RULES = "规章"
    JUDICIAL = "司法解释"


PREFERENCE: Mapping[Norm, float] = {
    Norm.CODE: 0.11,
    Norm.LAW: 0.02,
    Norm.REGULATION: -0.07,
    Norm.RULES: -0.05,
    Norm.JUDICIAL: -0.02,
}
"""Added to the fused score (0..1) of a norm over thousands of pieces of text, fitted with `rag.fuse.GATE`."""

_ARTICLE = re.compile(rf"第(?:\d+|{CN_NUMERAL})条(?:之{CN_NUMERAL})?$")
_EDITION = re.compile(r"[(\[（【][^()\[\]（）【】]{1,20}[)\]）】]$")
_LOCAL = re.compile(rf"[\u4e00-\u9fff]{{2,6}}?(?:{PLACE_SUFFIX.pattern})")
_OF_COURTS = re.compile(r"(?:最高)?人民(?:法院|检察院)")
_ENDS = {
    Norm.CODE: ("法典",),
    Norm.JUDICIAL: ("解释", "批复"),
    Norm.LAW: ("法",),
    Norm.REGULATION: ("条例", "细则"),
    Norm.RULES: ("办法", "规定", "规则"),
}
_NO_LAW = ("办法", "方法", "做法")


@lru_cache(maxsize=8192)
def norm_of(title: str) -> Norm | None:
    """The rank of the norm with this title, which may end with an article's number; None for other documents."""
    name = _ARTICLE.sub("", title.strip())
    while (bare := _EDITION.sub("", name).strip()) != name:
        name = bare
    if _LOCAL.match(name):
        return None
    rank = next((rank for rank, ends in _ENDS.items() if name.endswith(ends)), None)
    if rank is Norm.LAW and name.endswith(_NO_LAW):
        rank = Norm.RULES if name.endswith("办法") else None
    return Norm.JUDICIAL if rank is not None and _OF_COURTS.match(name) else rank


def preferences(titles: Mapping[K, str], weights: Mapping[Norm, float] = PREFERENCE) -> dict[K, float]:
    """What is added to the fused scores of documents with these titles; those without a rank are left out."""
    ranks = {key: norm_of(title) for key, title in titles.items()}
    return {key: weights[rank] for key, rank in ranks.items() if rank is not None}


def norm_share(titles: Sequence[str]) -> float:
    """Share of the titles that are those of norms, 0..1; 0 for none."""
    return sum(norm_of(title) is not None for title in titles) / len(titles) if titles else 0.0
