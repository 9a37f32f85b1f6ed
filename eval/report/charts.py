"""Plots as inline SVG, drawn without a plotting library: no fonts to carry, and the text stays text.

Every function gives one `<svg>` element as a string, safe to put into HTML as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from eval.metrics.bootstrap import Estimate
from eval.report.words import interval, milliseconds, percent

# A page sets the variables for its dark look; without them a plot is drawn in dark ink.
_BAR, _TRACK, _LINE, _GRID, _TEXT, _MUTED, _ACCENT = (
    f"var(--plot-{name}, {color})"
    for name, color in (
        ("bar", "#2f6db5"),
        ("track", "#e8edf3"),
        ("line", "#1b3a5c"),
        ("grid", "#d5dbe3"),
        ("text", "#1f2933"),
        ("muted", "#5b6773"),
        ("accent", "#c2410c"),
    )
)
NARROW = 116
"""Width in pixels of bars on a telephone."""
_ROW = 30
_BINS = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name and its estimate (0..1)."""

    name: str
    estimate: Estimate


def bars(items: Sequence[Bar], *, title: str, unit: str = " 题", width: int = 640) -> str:
    """Horizontal bars from 0 to 100 % with their intervals.

    Args:
        items: from top to bottom.
        title: what the plot shows, for those who do not see it.
        unit: stands behind the number of questions.
        width: of the longest bar, in pixels; `NARROW` fits a telephone without scrolling.
    """
    left, right = 96, 150 if width > NARROW else 122
    height = len(items) * _ROW + 34
    bottom = len(items) * _ROW + 6
    ticks = range(0, 5, 1 if width > NARROW else 2)
    parts = [part for tick in ticks for part in _grid(left + width * tick / 4, 6, bottom, f"{tick * 25}%")]
    for at, item in enumerate(items):
        middle = at * _ROW + _ROW / 2 + 6
        value, low, high = (
            left + width * share for share in (item.estimate.value, item.estimate.low, item.estimate.high)
        )
        parts += [
            _text(left - 8, middle + 5, item.name, anchor="end"),
            _rect(left, middle - 8, value - left, 16, _BAR),
            _line(low, middle, high, middle, _LINE, 2),
            *(_line(end, middle - 5, end, middle + 5, _LINE, 2) for end in (low, high)),
            _text(left + width + 62, middle + 5, percent(item.estimate.value), anchor="end"),
            _text(left + width + 120, middle + 5, f"{item.estimate.n}{unit}", anchor="end", color=_MUTED),
        ]
    return _svg(left + width + right, height, title, parts)


def interval_strip(estimate: Estimate, *, lower_is_better: bool = False) -> str:
    """A dot with its interval on a line from 0 to 100 %."""
    width, middle = 160, 9
    left, right = 6, width - 6
    low, value, high = (left + (right - left) * share for share in (estimate.low, estimate.value, estimate.high))
    color = _ACCENT if lower_is_better else _BAR
    parts = [
        _line(left, middle, right, middle, _TRACK, 8),
        _line(low, middle, high, middle, color, 3),
        _element("circle", cx=value, cy=middle, r=4, fill=color),
    ]
    return _svg(width, 18, f"{percent(estimate.value)},区间 {interval(estimate)}", parts)


def curve(values: Sequence[tuple[int, Estimate]], *, title: str) -> str:
    """Recall (0..1) over the cutoff k, with the interval as a band."""
    width, height, left, bottom, top = 480, 250, 48, 42, 12
    ends = [k for k, _ in values]
    span = max(1, max(ends) - min(ends))

    def x(k: int) -> float:
        return left + (width - left - 20) * (k - min(ends)) / span

    def y(share: float) -> float:
        return top + (height - top - bottom) * (1 - share)

    band = [(x(k), y(e.high)) for k, e in values] + [(x(k), y(e.low)) for k, e in reversed(values)]
    line = [(x(k), y(e.value)) for k, e in values]
    parts = [
        *(part for tick in range(5) for part in _level(left, width - 20, y(tick / 4), f"{tick * 25}%")),
        _element("polygon", points=_points(band), fill=_BAR, fill_opacity=0.18),
        _element("polyline", points=_points(line), fill="none", stroke=_BAR, stroke_width=2.5),
    ]
    for k, estimate in values:
        tip = f"前 {k} 条:{percent(estimate.value)}(区间 {interval(estimate)})"
        parts.append(_element("circle", tip=tip, cx=x(k), cy=y(estimate.value), r=4, fill=_BAR))
        parts.append(_text(x(k), height - bottom + 18, str(k), anchor="middle", color=_MUTED))
    parts.append(_text((left + width) / 2, height - 6, "检索结果的前几条", anchor="middle", color=_MUTED))
    return _svg(width, height, title, parts)


def histogram(times: Sequence[float], marks: Sequence[tuple[str, float]], *, title: str) -> str:
    """Number of questions by time in ms; `marks` are named times. The last bin holds all that are longer."""
    width, height, left, bottom, top = 480, 250, 48, 42, 34
    ordered = sorted(times)
    # One slow question must not press all others into the first bin.
    end = _round_up(ordered[math.ceil(0.98 * len(ordered)) - 1] * 1.1)
    counts = [0] * _BINS
    for value in ordered:
        counts[min(_BINS - 1, int(value / end * _BINS))] += 1
    plot, tallest = width - left - 20, max(counts)

    def y(count: float) -> float:
        return top + (height - top - bottom) * (1 - count / tallest)

    levels = sorted({0, tallest // 2, tallest})
    parts = [part for count in levels for part in _level(left, width - 20, y(count), str(count))]
    for at, count in enumerate(counts):
        last = at == _BINS - 1
        reach = f"{milliseconds(end * at / _BINS)}{'以上' if last else f'—{milliseconds(end * (at + 1) / _BINS)}'}"
        place = (left + plot * at / _BINS + 1, y(count), plot / _BINS - 2, y(0) - y(count))
        parts.append(_rect(*place, _BAR, tip=f"{reach}:{count} 题"))
    for at, (name, value) in enumerate(marks):
        mark = left + plot * min(1.0, value / end)
        parts.append(_line(mark, top - 4, mark, height - bottom, _ACCENT, 1.5))
        parts.append(_text(mark, top - 8 - 13 * (at % 2), f"{name} {milliseconds(value)}", anchor="middle", size=11))
    for tick in range(5):
        label, anchor = milliseconds(end * tick / 4), "end" if tick == 4 else "middle"
        parts.append(_text(left + plot * tick / 4, height - bottom + 18, label, anchor=anchor, color=_MUTED))
    return _svg(width, height, title, parts)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 8 × a power of ten, at least 1."""
    scale = 10 ** math.floor(math.log10(max(value, 1.0)))
    return float(next(step * scale for step in (1, 2, 4, 5, 8, 10) if step * scale >= value))


def _svg(width: float, height: float, title: str, parts: Iterable[Element]) -> str:
    box = f"0 0 {width:.0f} {height:.0f}"
    frame = _element("svg", role="img", viewBox=box, width=round(width), height=round(height), aria_label=title)
    frame.extend(parts)
    return ElementTree.tostring(frame, encoding="unicode", short_empty_elements=False)


def _element(tag: str, *, tip: str = "", **attributes: str | float) -> Element:
    """An element; numbers get one decimal, `_` in a name stands for `-`, `tip` is shown under the pointer."""
    texts = {
        name.replace("_", "-"): f"{round(value, 2):g}" if isinstance(value, float) else str(value)
        for name, value in attributes.items()
    }
    element = Element(tag, texts)
    if tip:
        ElementTree.SubElement(element, "title").text = tip
    return element


def _text(x: float, y: float, text: str, *, anchor: str = "start", color: str = _TEXT, size: int = 13) -> Element:
    element = _element("text", x=x, y=y, text_anchor=anchor, fill=color, font_size=size)
    element.text = text
    return element


def _rect(x: float, y: float, width: float, height: float, color: str, *, tip: str = "") -> Element:
    return _element("rect", tip=tip, x=x, y=y, width=max(0.0, width), height=max(0.0, height), fill=color)


def _line(x1: float, y1: float, x2: float, y2: float, color: str, width: float) -> Element:
    return _element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=color, stroke_width=width)


def _grid(x: float, top: float, bottom: float, label: str) -> tuple[Element, Element]:
    return _line(x, top, x, bottom, _GRID, 1), _text(x, bottom + 18, label, anchor="middle", color=_MUTED)


def _level(left: float, right: float, y: float, label: str) -> tuple[Element, Element]:
    return _line(left, y, right, y, _GRID, 1), _text(left - 6, y + 4, label, anchor="end", color=_MUTED)


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
