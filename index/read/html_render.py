"""Turn an HTML tree into lines as a browser breaks them (CSS 2 block and inline formatting, in outline)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.read.ordinals import format_ordinal
from index.read.untyped import XmlElement

_BLOCK_TAG_NAMES = """
address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer form
h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead
tr ul
"""
BLOCK_TAGS = frozenset(_BLOCK_TAG_NAMES.split())
_WHITE = re.compile(r"[ \t\n\r\f\xa0]+")
# A line break in the source between two Chinese characters is no blank (CSS Text 3, segment break rules).
_WIDE = r"\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u2018-\u201d\u2014\u2026"
_BREAK_BETWEEN_WIDE = re.compile(rf"(?<=[{_WIDE}])[ \t]*[\n\r]+[ \t]*(?=[{_WIDE}])")
_OWN_ORDINAL = re.compile(
    r"\s*(?:第[一二三四五六七八九十百千零〇\d]+|[(（]?[一二三四五六七八九十百\d]+[)）.．、]|[①-⑳⑴-⒛])"
)
_ITEM_FORMATS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_NO_MARKER = re.compile(r"list-style(?:-type)?\s*:[^;]*none", re.I)
_MARGIN = " \u3000\t"
_LONG_CELL = 120
_NEW_LINE = "\x00"

_Work = str | tuple[XmlElement, bool]
"""A finished piece, or an element still to be expanded and whether white space counts in it."""


def render(root: XmlElement, *, with_links: bool = True) -> str:
    """Visible text: a newline at block elements and <br>, rows on lines with a tab between cells; no empty lines."""
    pieces = "".join(_pieces(root, with_links=with_links))
    return "\n".join(_lines(pieces))


def _lines(pieces: str) -> list[str]:
    """Finished lines of rendered pieces, in which `_NEW_LINE` is a line end and "\\n" source white space."""
    lines = (_collapse(line) for line in pieces.split(_NEW_LINE))
    return [line for line in lines if line]


def _collapse(line: str) -> str:
    joined = _BREAK_BETWEEN_WIDE.sub("", line)
    # Tabs between cells are written as vertical tabs until here, so that source tabs collapse and they do not.
    cells = (_WHITE.sub(" ", cell).strip(_MARGIN) for cell in joined.split("\v"))
    return "\t".join(cells).strip(_MARGIN)


def _pieces(root: XmlElement, *, with_links: bool) -> Iterator[str]:
    """Pieces of text in page order. A work list instead of recursion: unclosed tags nest thousands deep."""
    waiting: list[_Work] = [(root, False)]
    while waiting:
        work = waiting.pop()
        if isinstance(work, str):
            yield work
        else:
            element, preformatted = work
            waiting.extend(reversed(_expand(element, with_links=with_links, preformatted=preformatted)))


def _expand(element: XmlElement, *, with_links: bool, preformatted: bool) -> list[_Work]:
    tag = element.tag
    if tag in ("br", "hr"):
        return [_NEW_LINE]
    if tag == "tr":
        return [_NEW_LINE, _row(element, with_links=with_links), _NEW_LINE]
    if tag == "a" and not with_links and element.get("href") is not None:
        return []
    content = _content(element, preformatted=preformatted or tag == "pre")
    return [_NEW_LINE, *content, _NEW_LINE] if tag in BLOCK_TAGS else content


def _content(element: XmlElement, *, preformatted: bool) -> list[_Work]:
    labels = _item_labels(element) if element.tag == "ol" else {}
    content: list[_Work] = [_text(element.text, preformatted)]
    for child in element:
        if child in labels:
            content += (_NEW_LINE, labels[child])
            content += (*_content(child, preformatted=preformatted), _NEW_LINE)
        elif isinstance(child.tag, str):
            content.append((child, preformatted))
        content.append(_text(child.tail, preformatted))
    return content


def _text(text: str | None, preformatted: bool) -> str:
    plain = (text or "").replace("\v", " ").replace(_NEW_LINE, "").replace("\r\n", "\n")
    return plain.replace("\n", _NEW_LINE) if preformatted else plain


def _row(row: XmlElement, *, with_links: bool) -> str:
    """Cells joined by tabs; cells that hold paragraphs of their own (layout tables) stay lines."""
    cells = [_lines("".join(_pieces(cell, with_links=with_links))) for cell in row if cell.tag in ("td", "th")]
    filled = [cell for cell in cells if cell]
    if len(filled) <= 1 or any(_is_layout(cell) for cell in filled):
        return _NEW_LINE.join(line.replace("\t", "\v") for cell in filled for line in cell)
    return "\v".join(" ".join(cell).replace("\t", " ") for cell in cells)


def _is_layout(lines: list[str]) -> bool:
    return len(lines) > 1 and (len("".join(lines)) > _LONG_CELL or any("\t" in line for line in lines))


def _item_labels(ordered_list: XmlElement) -> dict[XmlElement, str]:
    """Numbers that a browser shows before the items of an <ol>; none where the items carry their own."""
    items = [child for child in ordered_list if child.tag == "li"]
    styles = [ordered_list.get("style", ""), *(item.get("style", "") for item in items)]
    if any(_NO_MARKER.search(style) for style in styles) or any(_OWN_ORDINAL.match(_start(item)) for item in items):
        return {}
    number_format = _ITEM_FORMATS.get(ordered_list.get("type", ""), "decimal")
    number = _integer(ordered_list.get("start"), 1)
    labels: dict[XmlElement, str] = {}
    for item in items:
        number = _integer(item.get("value"), number)
        labels[item] = f"{format_ordinal(number, number_format)}. "
        number += 1
    return labels


def _start(item: XmlElement) -> str:
    return "".join(item.itertext())[:20]


def _integer(value: str | None, default: int) -> int:
    try:
        return max(int(value), 0) if value is not None else default
    except ValueError:
        return default
