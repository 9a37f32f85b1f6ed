"""Markdown marks, which carry no text of the policy."""

from __future__ import annotations

import re

from index.clean.mapped import MappedText

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING = "\x02"
"""Stands in front of a heading line until lines are joined."""
_HEADING_MARK = re.compile(r"^[ \t]*#{0,5}(#)(?=[ \t]+\S)", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,5}(?=\x02)|>[ \t]?|[-*+][ \t]+|```.*$)", re.MULTILINE)
_RULE = re.compile(
    r"^[ \t]*(?:[-*_=][ \t]*){3,}$|^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*(?::?-{2,}:?)?[ \t]*$", re.MULTILINE
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2}|~~|`)(?=\S)([^*_`~\n]+?)(?<=\S)(\1)")
_LINK = re.compile(r"(!?\[)([^\]\n]*)(\]\([^)\s]*(?:\s+\"[^\"]*\")?\))")
_ROW_EDGE = re.compile(r"^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*$", re.MULTILINE)
_CELL_EDGE = re.compile(r"[ \t]*\|[ \t]*")
_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)


def remove_markdown(text: MappedText) -> MappedText:
    """Delete emphasis, comments, rules and link targets; table cells become tab-separated.

    A heading keeps the control character `HEADING` in front, so that its line is not joined with the next.
    """
    text = text.without_matches(_COMMENT).without_matches(_RULE)
    marks = {match.start(1) for match in _HEADING_MARK.finditer(text.text)}
    text = text.with_text("".join(HEADING if i in marks else char for i, char in enumerate(text.text)))
    text = text.without_matches(_LINE_MARK)
    for _ in range(2):  # emphasis nests once: ***text***
        spans = [m.span(g) for m in _EMPHASIS.finditer(text.text) for g in (1, 3)]
        text = text.without(spans)
    text = text.without([m.span(g) for m in _LINK.finditer(text.text) for g in (1, 3)])
    return _tabulate(text)


def _tabulate(text: MappedText) -> MappedText:
    rows = [match.span() for match in _ROW.finditer(text.text)]
    if not rows:
        return text
    spans: list[tuple[int, int]] = []
    chars = list(text.text)
    for start, end in rows:
        row = text.text[start:end]
        spans += [(start + m.start(), start + m.end()) for m in _ROW_EDGE.finditer(row)]
        inner_start = len(row) - len(row.lstrip(" \t|"))
        inner_end = len(row.rstrip(" \t|"))
        for match in _CELL_EDGE.finditer(row, inner_start, inner_end):
            bar = start + match.start() + match.group().index("|")
            chars[bar] = "\t"
            spans += [(start + match.start(), bar), (bar + 1, start + match.end())]
    return text.with_text("".join(chars)).without(spans)
