"""Well-known names and matters in a question that the clauses of its answer are not about.

Titles (小巨人, 绿色工厂) and matters of everyday life (公积金, 出口退税率) are known far beyond one policy, and mean
one thing. Where a question asks for what is given for a title, or names such a matter, clauses without it are about
another one, however many of their words they share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.terms import read_words

_FOR_TITLE = (
    r"[”\"」]?(?:企业|称号|资格|证书|产品|项目|荣誉)?(?:的?(?:认定|评定|登记|建设|[123一二三四五][级星]))*"
    r"(?:的|了|后|之后|以后|当年|这块|这个)?[,，]?(?:[省市县区国]里?(?:级|家)?)?(?:一次性|一[个家次件项张]|到底|现在|能|会|可以|有|没有|有没有|另外|都)*"
    r"(?:奖|补|给|资助|支持|扶持|多少|拿|领|钱)"
)
"""What stands behind a title where the question is for what is given for it."""


@dataclass(frozen=True, slots=True)
class _Known:
    asked: re.Pattern[str]
    told: re.Pattern[str]


@lru_cache(maxsize=1)
def _known() -> tuple[_Known, ...]:
    lines = (line.rstrip() for line in read_words("known_names.txt").splitlines())
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(_Known(_asked(said), re.compile(told, re.IGNORECASE)) for said, told in rows)


def _asked(said: str) -> re.Pattern[str]:
    matter = said.startswith("!")
    pattern = f"(?P<name>{said.removeprefix('!')})" + ("" if matter else _FOR_TITLE)
    return re.compile(pattern, re.IGNORECASE)


def name_untold(asked: str, told: str) -> str:
    """The first well-known name that a question is for and a text does not have, as the question says it; else "".

    Args:
        asked: the part of the question that asks, in simplified characters and half-width letters.
        told: the clauses that the answer rests on, with titles and headings.
    """
    for known in _known():
        found = known.asked.search(asked)
        if found is not None and not known.told.search(told):
            return found["name"]
    return ""
