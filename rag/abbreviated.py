"""Short forms of names: 科创债 for 科技创新债券, 律所 for 律师事务所; a question has the one, a policy the other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.subject import Subject

_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
_STRETCH = 3
"""How many times as long as its short form a name may be."""


def abbreviates(short: str, text: str) -> bool:
    """Whether `text` has the characters of `short` in order, close together and without a mark between them."""
    if not _HAN.fullmatch(short) or short in text:
        return False
    between = "[\u4e00-\u9fff]{0,4}"
    found = re.search(between.join(map(re.escape, short)), text)
    return found is not None and len(found[0]) <= _STRETCH * len(short)


def short_forms(subject: Subject) -> tuple[str, ...]:
    """The words of a question that stand nowhere in the index as they are."""
    return tuple(term.text for term in subject.strange)


def names_by_short_form(shorts: Iterable[str], text: str) -> bool:
    """Whether a text names something that one of `shorts` may be short for."""
    return any(abbreviates(short, text) for short in shorts)
