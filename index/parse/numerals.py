"""Chinese numerals of headings and dates."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

CN_NUMERAL = "[一二三四五六七八九十百千万零两]+"


@lru_cache(maxsize=4096)
def to_int(numeral: str) -> int | None:
    """The value of "十二", "一千零一", "二零二五", "12" or "⑫"; None where it is no number."""
    if numeral.isdecimal():
        return int(numeral)
    if len(numeral) == 1 and unicodedata.category(numeral) == "No":
        return int(unicodedata.numeric(numeral))
    import cn2an

    try:
        return int(cn2an.cn2an(numeral.replace("两", "二"), "smart"))
    except (ValueError, KeyError):  # cn2an looks 一亿二 up in vain
        return None
