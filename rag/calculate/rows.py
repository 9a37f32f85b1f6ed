"""The words of one row of a table, as a sentence is read."""

from __future__ import annotations

import re
from dataclasses import replace

from index.models import Benefit

_TITLE_UNIT = re.compile(r"[（(](?:单位[:：])?(?:人民币)?(?P<unit>亿元|万元|元)")
_BARE = re.compile(r"\d+(?:[.,]\d+)*")


def of_row(benefit: Benefit) -> Benefit:
    """A benefit of a table with the words of its own row, each cell behind the title of its column.

    Its quote runs from the heading row down to its own: read as one text, the ceilings of other rows would be its own.
    """
    lines = benefit.quote.split("\n")
    titles, cells = lines[0].split("\t"), lines[-1].split("\t")
    if len(titles) != len(cells) or len(cells) == 1:
        return benefit
    named = [f"{title.strip()}{_with_unit(title, cell.strip())}" for title, cell in zip(titles, cells, strict=True)]
    return replace(benefit, quote="；".join(named))


def _with_unit(title: str, cell: str) -> str:
    unit = _TITLE_UNIT.search(title)
    return f"{cell}{unit['unit']}" if unit and _BARE.fullmatch(cell) else cell
