"""Render Word's automatic list numbers, which are not in the paragraph text (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docx.oxml.ns import qn

from index.read.ordinals import format_ordinal
from index.read.untyped import XmlElement

_MAX_LEVEL = 8
_PLACEHOLDER = re.compile(r"%([1-9])")
# Between a number that ends so and its text nothing is needed; "第一条" or "1.1" is set off by a blank.
_SELF_SEPARATING = re.compile(r"[^\w]$")
_MAX_STYLE_CHAIN = 20


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list definition; `text` is a pattern such as "（%1）"."""

    start: int
    number_format: str
    text: str
    legal: bool
    restart_after: int | None
    joined: bool
    style: str | None


class Numbering:
    """The lists of one document; `label` must be called for its paragraphs in document order."""

    def __init__(self, numbering: XmlElement | None, styles: XmlElement | None) -> None:
        self._styles = _styles_by_id(styles)
        self._definitions = _by_attribute(numbering, "w:abstractNum", "w:abstractNumId")
        self._lists = _by_attribute(numbering, "w:num", "w:numId")
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, paragraph: XmlElement) -> str:
        """The number in front of a `w:p` element, with the blank after it; "" where it has none."""
        reference = self._reference(paragraph)
        if reference is None:
            return ""
        list_id, level_index = reference
        levels = self._levels_of(list_id)
        level = levels.get(level_index)
        if level is None:
            return ""
        counters = self._count(list_id, level_index, levels)
        text = _PLACEHOLDER.sub(lambda match: _written(int(match[1]) - 1, level, levels, counters), level.text)
        if level.number_format == "bullet" or not text.strip():
            return ""
        return text if level.joined or _SELF_SEPARATING.search(text) else f"{text} "

    def _reference(self, paragraph: XmlElement) -> tuple[str, int] | None:
        """List id and level of a paragraph, from its own properties or its style's."""
        properties = paragraph.find(qn("w:pPr"))
        own = None if properties is None else properties.find(qn("w:numPr"))
        style = _value(properties, "w:pStyle") or self._styles.get("", None)
        list_id = _value(own, "w:numId")
        level = _value(own, "w:ilvl")
        style_id = style if isinstance(style, str) else None
        if list_id is None:
            list_id, style_level, style_id = self._from_style(style_id)
            level = level or style_level
        if list_id is None or list_id == "0" or list_id not in self._lists:
            return None
        if level is None:
            level = self._level_linked_to(list_id, style_id)
        return list_id, min(_integer(level, 0), _MAX_LEVEL)

    def _from_style(self, style_id: str | None) -> tuple[str | None, str | None, str | None]:
        """List id, level and the style that sets them, up the chain of base styles."""
        for _ in range(_MAX_STYLE_CHAIN):
            style = self._styles.get(style_id) if style_id else None
            if style is None or isinstance(style, str):
                break
            properties = style.find(qn("w:pPr"))
            numbering = None if properties is None else properties.find(qn("w:numPr"))
            list_id = _value(numbering, "w:numId")
            if list_id is not None:
                return list_id, _value(numbering, "w:ilvl"), style_id
            style_id = _value(style, "w:basedOn")
        return None, None, None

    def _level_linked_to(self, list_id: str, style_id: str | None) -> str:
        for index, level in self._levels_of(list_id).items():
            if style_id is not None and level.style == style_id:
                return str(index)
        return "0"

    def _levels_of(self, list_id: str) -> dict[int, _Level]:
        if list_id not in self._levels:
            levels = self._definition_levels(_value(self._lists[list_id], "w:abstractNumId"))
            for override in self._lists[list_id].iterchildren(qn("w:lvlOverride")):
                replaced = override.find(qn("w:lvl"))
                if replaced is not None:
                    levels[_integer(override.get(qn("w:ilvl")), 0)] = _read_level(replaced)
            self._levels[list_id] = levels
        return self._levels[list_id]

    def _definition_levels(self, definition_id: str | None, *, followed: bool = False) -> dict[int, _Level]:
        definition = self._definitions.get(definition_id or "")
        if definition is None:
            return {}
        link = _value(definition, "w:numStyleLink")
        if link is not None and not followed:
            list_id, _, _ = self._from_style(link)
            if list_id in self._lists:
                return self._definition_levels(_value(self._lists[list_id], "w:abstractNumId"), followed=True)
        children = definition.iterchildren(qn("w:lvl"))
        return {_integer(child.get(qn("w:ilvl")), 0): _read_level(child) for child in children}

    def _count(self, list_id: str, index: int, levels: dict[int, _Level]) -> dict[int, int]:
        """Advance the counter of level `index`. Lists of one definition count together, until one restarts."""
        counters = self._counters.setdefault(_value(self._lists[list_id], "w:abstractNumId") or "", {})
        restarted = self._restart_value(list_id, index)
        if restarted is not None:
            counters[index] = restarted
        else:
            counters[index] = counters[index] + 1 if index in counters else levels[index].start
        for upper in range(index):
            if upper in levels:
                counters.setdefault(upper, levels[upper].start)
        for deeper in [deeper for deeper in counters if deeper > index]:
            limit = levels[deeper].restart_after if deeper in levels else None
            if limit is None or index < limit:
                del counters[deeper]
        return counters

    def _restart_value(self, list_id: str, index: int) -> int | None:
        """The start value that the list sets for its level, the first time the level is used."""
        if (list_id, index) in self._begun:
            return None
        self._begun.add((list_id, index))
        for override in self._lists[list_id].iterchildren(qn("w:lvlOverride")):
            if _integer(override.get(qn("w:ilvl")), 0) == index:
                start = _value(override, "w:startOverride")
                return None if start is None else _integer(start, 1)
        return None


def _written(index: int, level: _Level, levels: dict[int, _Level], counters: dict[int, int]) -> str:
    if index not in counters:
        return ""
    number_format = levels[index].number_format if index in levels else "decimal"
    return format_ordinal(counters[index], "decimal" if level.legal else number_format)


def _read_level(element: XmlElement) -> _Level:
    restart = _value(element, "w:lvlRestart")
    return _Level(
        start=_integer(_value(element, "w:start"), 0),
        number_format=_number_format(element),
        text=_value(element, "w:lvlText") or "",
        legal=element.find(qn("w:isLgl")) is not None,
        restart_after=None if restart is None else _integer(restart, 0),
        joined=_value(element, "w:suff") == "nothing",
        style=_value(element, "w:pStyle"),
    )


def _number_format(level: XmlElement) -> str:
    """The level's format; Word 2010 and later wrap custom ones in alternate content, the plain one last."""
    formats = [element.get(qn("w:val")) for element in level.iter(qn("w:numFmt"))]
    known = [value for value in formats if value and value != "custom"]
    return known[-1] if known else "decimal"


def _styles_by_id(styles: XmlElement | None) -> dict[str, XmlElement]:
    """Paragraph and list styles by id; "" maps to the id of the default paragraph style."""
    by_id: dict[str, XmlElement] = {}
    for style in () if styles is None else styles.iterchildren(qn("w:style")):
        style_id = style.get(qn("w:styleId"), "")
        by_id[style_id] = style
        if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true", "on"):
            by_id[""] = style_id
    return by_id


def _by_attribute(parent: XmlElement | None, tag: str, attribute: str) -> dict[str, XmlElement]:
    children = () if parent is None else parent.iterchildren(qn(tag))
    return {child.get(qn(attribute), ""): child for child in children}


def _value(parent: XmlElement | None, tag: str) -> str | None:
    child = None if parent is None else parent.find(qn(tag))
    value = None if child is None else child.get(qn("w:val"))
    return None if value is None else str(value)


def _integer(value: str | None, default: int) -> int:
    try:
        return max(int(value), 0) if value is not None else default
    except ValueError:
        return default
