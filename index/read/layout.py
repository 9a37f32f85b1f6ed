"""Put pieces of text that lie on a page into lines and reading order."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of text with its rectangle; x grows to the right, y downwards, any unit."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        """Height, never negative."""
        return max(self.y1 - self.y0, 0.0)

    @property
    def middle(self) -> float:
        """Vertical centre."""
        return (self.y0 + self.y1) / 2


def join_rows(boxes: Sequence[Box]) -> list[str]:
    """Lines top to bottom, the boxes of one line left to right; a gap wider than half a line height is a blank."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda item: item.middle):
        if rows and _on_one_row(rows[-1][-1], box):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [_join_row(sorted(row, key=lambda item: item.x0)) for row in rows]


def _on_one_row(upper: Box, lower: Box) -> bool:
    return lower.middle - upper.middle < min(upper.height, lower.height) / 2


def _join_row(row: list[Box]) -> str:
    parts: list[str] = []
    for position, box in enumerate(row):
        if position and box.x0 - row[position - 1].x1 > min(box.height, row[position - 1].height) / 2:
            parts.append(" ")
        parts.append(box.text)
    return "".join(parts)


def reading_order(lines: Sequence[Box]) -> list[int]:
    """Indexes of `lines` in reading order, as close to the given order as the page allows.

    The given order, that of the file, knows columns and table cells, so it stands unless a line comes before one
    above it that shares some of its width. The fewest lines that explain this, such as a footer written first or a
    title written last, are then put where they lie on the page. O(n²) for the n lines of one page.
    """
    given = list(range(len(lines)))
    conflicts = _conflicts(lines, given)
    if not any(conflicts):
        return given
    order = _with_strays_placed(lines, conflicts)
    return _topological(lines) if any(_conflicts(lines, order)) else order


def _conflicts(lines: Sequence[Box], order: Sequence[int]) -> list[set[int]]:
    """For each line the lines with which it stands in the wrong order."""
    conflicts: list[set[int]] = [set() for _ in lines]
    for position, earlier in enumerate(order):
        for later in order[position + 1 :]:
            if _is_above(lines[later], lines[earlier]):
                conflicts[earlier].add(later)
                conflicts[later].add(earlier)
    return conflicts


def _with_strays_placed(lines: Sequence[Box], conflicts: list[set[int]]) -> list[int]:
    """The given order after the lines with most conflicts were taken out one by one and put in by height."""
    remaining = [set(others) for others in conflicts]
    strays: list[int] = []
    while any(remaining):
        stray = max(range(len(lines)), key=lambda index: len(remaining[index]))
        strays.append(stray)
        for other in remaining[stray]:
            remaining[other].discard(stray)
        remaining[stray].clear()
    order = [index for index in range(len(lines)) if index not in strays]
    for stray in sorted(strays, key=lambda index: lines[index].middle):
        order.insert(_place(lines, order, stray, late=min(conflicts[stray]) < stray), stray)
    return order


def _place(lines: Sequence[Box], order: Sequence[int], stray: int, *, late: bool) -> int:
    """Position before the first line below a stray that came too late, after the last line above one too early."""
    middle = lines[stray].middle
    if late:
        return next((place for place, index in enumerate(order) if lines[index].middle > middle), len(order))
    return max((place + 1 for place, index in enumerate(order) if lines[index].middle < middle), default=0)


def _topological(lines: Sequence[Box]) -> list[int]:
    """Every line after the lines above it that share width, ties by the given order."""
    followers = [[low for low in range(len(lines)) if _is_above(upper, lines[low])] for upper in lines]
    waiting = [sum(_is_above(upper, lower) for upper in lines) for lower in lines]
    ready = [index for index, count in enumerate(waiting) if count == 0]
    order: list[int] = []
    while ready:
        index = heapq.heappop(ready)
        order.append(index)
        for follower in followers[index]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                heapq.heappush(ready, follower)
    return order


def _is_above(upper: Box, lower: Box) -> bool:
    """True when the two share width and `upper` ends, give or take half a line, where `lower` begins.

    Both conditions compare centres strictly, so no two lines are above each other and the order has no cycle.
    """
    shared = min(upper.x1, lower.x1) - max(upper.x0, lower.x0)
    clear = lower.middle - upper.middle > min(upper.height, lower.height) / 2
    return shared > 0 and clear and lower.middle > upper.middle
