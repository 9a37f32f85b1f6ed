"""Whether the figures of a question lie within the bounds that some words state: 断缴超过3个月 and 断了5个月."""

from __future__ import annotations

import re

from rag.conditions.judge import judged
from rag.conditions.known import known_of
from rag.conditions.locate import locate
from rag.conditions.model import Truth
from rag.conditions.phrase import Source, read_phrase
from rag.conditions.pieces import bounds
from rag.situation import Situation

_NOUN = re.compile(r"的(?:企业|单位|机构|项目|公司|人员|个人)(?:[，,].*)?$")


def agrees(words: str, situation: Situation, asked: str) -> bool | None:
    """Whether every bound of `words` that a figure can be held against is kept; None where there is none."""
    if not bounds(words):
        return None
    # 注册未满一年的企业: the bound, not a name that has one.
    words = _NOUN.sub("", words)
    source = Source(path="", locate=lambda piece: locate(piece, texts=(words,), quote=words))
    conditions = tuple(one for one in read_phrase(words, source) if one.test is not None)
    truths = [finding.truth for _, finding in judged(conditions, known_of(conditions, situation, asked))]
    if Truth.FAILS in truths:
        return False
    return True if Truth.MEETS in truths else None
