"""Comparing what is said by value: 1亿元, 10000万元 and 一亿元 are the same words after `canonical`."""

from __future__ import annotations

import re
import unicodedata

from index.clean.characters import simplify
from rag.figures import figures

_MARKER = re.compile(r"\[\d+\](?!\()")
_EMPHASIS = re.compile(r"[*_`]+")
_APART = re.compile(r"(?<=\d)\s+(?=\d)|(?<=\S)[\t\n]\s*(?=[A-Za-z\d])")
"""A blank between digits, or the end of a cell or line before a letter or digit: 100万元, then A2."""
_BLANK = re.compile(r"\s+")
_ISO_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_GAP = "\ue000"  # private use: stands in no text, and is no blank


def without_markers(text: str) -> str:
    """`text` without citation markers ([1]), which are no figures."""
    return _MARKER.sub("", text)


def plain(text: str) -> str:
    """Simplified, half-width, without blanks, emphasis and markers; digits that a blank parts stay apart.

    Dates in the form 2021-12-31 are written as 2021年12月31日.
    """
    folded = unicodedata.normalize("NFKC", simplify(without_markers(text)))
    apart = _APART.sub(_GAP, _EMPHASIS.sub("", folded))
    return _ISO_DATE.sub(r"\1年\2月\3日", _BLANK.sub("", apart))


def canonical(text: str) -> str:
    """`plain` text with every figure as ⟪value|unit⟫, so that equal amounts are equal strings."""
    source = plain(text)
    pieces: list[str] = []
    end = 0
    for figure in figures(source):
        value, unit = figure.key
        pieces += [source[end : figure.start], f"⟪{value:f}|{unit}⟫"]
        end = figure.end
    return "".join([*pieces, source[end:]])


def says(text: str, spelling: str) -> bool:
    """Whether `text` has the words and figures of `spelling`, figures by value.

    100万元 is not found in 1100万元; a bare number (4286) is found with any unit.
    """
    wanted = re.escape(canonical(spelling)).replace(r"\|⟫", r"\|[^⟫]*⟫").replace("|⟫", "|[^⟫]*⟫")
    return bool(wanted) and re.search(wanted, canonical(text)) is not None


def has_figure(text: str) -> bool:
    """Whether a figure stands in `text`."""
    return bool(figures(plain(text)))
