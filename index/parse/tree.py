"""The clause tree: which candidate headings are real, and what contains what.

Candidates are taken in text order. One is accepted when its number fits the sequence it would join
and its context is strong enough for that fit; a number in running text ("符合第三条规定的")
fits no sequence or stands inside a sentence. Nothing is ever dropped: text of rejected candidates stays
in the clause it stands in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from index.parse.markers import Context, Kind, Marker

_HEADING_GAP = 60  # characters; a child may follow its parent's heading without a stop within this range
_LOOK_AHEAD = 500  # candidates; a list's second item stands nearer, and the whole stays linear
_STOPS = "。;!?"
_ANNEX_NAME = 60
"""Characters of an annex's name that are compared."""
_LISTED = re.compile(r"^[\s:.、]*(?:\d+[.、])?[\s《]*")
_MIN_ATTACHMENT = 40  # characters; "附件1:申报表" in a list of attachments is followed by less
_OUTER_KINDS = (Kind.PART, Kind.CHAPTER, Kind.SECTION, Kind.CN)


@dataclass(slots=True)
class Node:
    """One accepted heading, or the root (marker None). `group` counts restarts among its siblings."""

    marker: Marker | None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    group: int = 1

    @property
    def kind(self) -> Kind | None:
        """Family of the ordinal, None for the root."""
        return self.marker.kind if self.marker else None

    def last_of(self, kind: Kind) -> Node | None:
        """The latest child of family `kind`."""
        return next((child for child in reversed(self.children) if child.kind is kind), None)

    def ancestors(self) -> list[Node]:
        """Nodes above this one, outermost first, root excluded."""
        chain: list[Node] = []
        node = self.parent
        while node is not None and node.marker is not None:
            chain.insert(0, node)
            node = node.parent
        return chain


def _depths(markers: Sequence[Marker]) -> dict[Kind, int]:
    """Nesting order of the families in this document."""
    order = list(Kind)
    strong = [m for m in markers if m.context is not Context.INSIDE]
    first = {kind: next((m.start for m in strong if m.kind is kind), None) for kind in Kind}
    article, cn = first[Kind.ARTICLE], first[Kind.CN]
    if article is not None and (cn is None or article < cn):
        order.remove(Kind.ARTICLE)
        order.insert(order.index(Kind.CN), Kind.ARTICLE)
    inward = outward = 0
    for before, after in pairwise(strong):
        if after.number == 1 and (before.kind, after.kind) == (Kind.ARABIC, Kind.CN_BRACKET):
            outward += 1
        if after.number == 1 and (before.kind, after.kind) == (Kind.CN_BRACKET, Kind.ARABIC):
            inward += 1
    if outward > max(inward, 1):
        order.remove(Kind.ARABIC)
        order.insert(order.index(Kind.CN_BRACKET), Kind.ARABIC)
    return {kind: depth for depth, kind in enumerate(order)}


def drop_table_of_contents(markers: Sequence[Marker], shape: str) -> list[Marker]:
    """Candidates without those of a table of contents, whose headings come again with text below them."""
    contents = [m.start for m in markers if m.number == 1 and m.kind in (Kind.PART, Kind.CHAPTER, Kind.CN)]
    head = shape.find("目录")
    for kind in (Kind.PART, Kind.CHAPTER, Kind.CN):
        firsts = [m for m in markers if m.kind is kind and m.number == 1 and m.start in contents]
        if len(firsts) < 2:
            continue
        listed = shape[firsts[0].start : firsts[1].start]
        named = 0 <= head < firsts[0].start
        if (named or kind is Kind.CHAPTER) and not any(stop in listed for stop in _STOPS):
            return [m for m in markers if m.start >= firsts[1].start or m.start < firsts[0].start]
    return list(markers)


class TreeBuilder:
    """Accepts candidates one by one; `warnings` collects numbering mistakes of the source."""

    def __init__(self, shape: str, markers: Sequence[Marker]) -> None:
        self.shape = shape
        self.markers = drop_table_of_contents(markers, shape)
        self.depths = _depths(self.markers)
        known = [
            (i, m) for i, m in enumerate(self.markers) if m.context is not Context.INSIDE or m.kind is Kind.CIRCLED
        ]
        self.strong_places = [i for i, _ in known]
        self.strong = [m for _, m in known]
        self.root = Node(None)
        self.top = self.root
        self.last: dict[Kind, Marker] = {}
        self.accepted: list[Node] = []
        self.warnings: list[str] = []

    def build(self) -> Node:
        """The root of the tree."""
        for i, marker in enumerate(self.markers):
            if marker.kind is Kind.ATTACHMENT:
                self._maybe_attach(i, marker)
            elif marker.kind is Kind.DECIMAL:
                self._maybe_decimal(marker)
            else:
                self._maybe_accept(i, marker)
        return self.root

    def _parent_for(self, kind: Kind) -> Node:
        node = self.top
        while node.kind is not None and self.depths[node.kind] >= self.depths[kind]:
            assert node.parent is not None
            node = node.parent
        return node

    def _push(self, parent: Node, marker: Marker, group: int = 1) -> None:
        node = Node(marker, parent, group=group)
        parent.children.append(node)
        self.accepted.append(node)
        self.last[marker.kind] = marker
        self.top = node

    def _maybe_attach(self, i: int, marker: Marker) -> None:
        following = next((m.start for m in self.markers[i + 1 :] if m.kind is Kind.ATTACHMENT), len(self.shape))
        body = self.shape[marker.end : following].strip()
        if len(body) >= _MIN_ATTACHMENT and "\n" in body and not self._is_announced(i, marker):
            self.last = {}
            number = len([n for n in self.root.children if n.kind is Kind.ATTACHMENT]) + 1
            named = marker.number if self.shape[marker.start : marker.end].strip(":.、\n") != "附件" else number
            self._push(self.root, Marker(marker.kind, named, marker.start, marker.end, marker.context))

    def _is_announced(self, i: int, marker: Marker) -> bool:
        """Whether a notice only names an annex here (附件:1.某细则) that stands further down with its own heading."""
        line = self.shape[marker.end : marker.end + _ANNEX_NAME].split("\n")[0]
        name = _LISTED.sub("", line).strip()
        later = (m.end for m in self.markers[i + 1 :] if m.kind is Kind.ATTACHMENT)
        return bool(name) and any(
            _LISTED.sub("", self.shape[end : end + 2 * _ANNEX_NAME]).startswith(name) for end in later
        )

    def _maybe_decimal(self, marker: Marker) -> None:
        """1.1 below "1 总则" or 第一章: accepted when the outer numbers are those of the open heading."""
        node: Node | None = self.top
        while node is not None and node.marker is not None:
            own = node.marker.parts or (node.marker.number,)
            if own == marker.parts[:-1] and self._follows(node, marker):
                self._push(node, marker)
                return
            node = node.parent
        if self._continues_at_root(marker):
            self._push(self.root, marker)

    def _continues_at_root(self, marker: Marker) -> bool:
        """Whether a decimal ordinal stands at the outermost level: 2 after 1, or 1.2 after 1.1 without a heading 1."""
        last = self.root.last_of(Kind.DECIMAL)
        before = last.marker.parts if last and last.marker else None
        if len(marker.parts) == 1:
            return marker.parts[0] == (before[0] + 1 if before else 1)
        if len(marker.parts) != 2 or (before is not None and len(before) == 1):
            return False
        if before is None:
            return marker.parts[1] == 1
        return marker.parts in ((before[0], before[1] + 1), (before[0] + 1, 1))

    @staticmethod
    def _follows(parent: Node, marker: Marker) -> bool:
        last = parent.last_of(Kind.DECIMAL)
        if last is None or last.marker is None:
            return marker.number == 1
        return marker.parts > last.marker.parts and marker.number - last.marker.number in (1, 2)

    def _maybe_accept(self, i: int, marker: Marker) -> None:
        parent = self._behind_decimals(marker, self._parent_for(marker.kind))
        sibling = parent.last_of(marker.kind)
        previous = self._previous(parent, marker.kind)
        if previous is not None and self._is_next(previous, marker):
            if marker.context is not Context.INSIDE or self._behind_heading(marker):
                self._push(parent, marker, sibling.group if sibling else 1)
        elif marker.number == 1 and sibling is None:
            if self._starts_list(i, marker, parent):
                self._push(parent, marker)
        elif marker.number == 1:
            self._maybe_restart(i, marker, parent)
        else:
            self._maybe_irregular(i, marker, parent, previous)

    @staticmethod
    def _behind_decimals(marker: Marker, parent: Node) -> Node:
        """The parent of "2." behind 1.1 to 1.7: beside the "1." that they stand below, not within the last of them."""
        if marker.kind is not Kind.ARABIC or parent.kind is not Kind.DECIMAL or parent.last_of(Kind.ARABIC):
            return parent
        outer = next((node for node in parent.ancestors() if node.kind is Kind.ARABIC), None)
        goes_on = outer is not None and outer.marker is not None and outer.marker.number + 1 == marker.number
        return outer.parent if goes_on and outer is not None and outer.parent is not None else parent

    def _previous(self, parent: Node, kind: Kind) -> Marker | None:
        """The marker whose number this family continues: the last sibling, or one run on from an earlier part."""
        sibling = parent.last_of(kind)
        if sibling is not None and kind is not Kind.ARTICLE:
            return sibling.marker
        return self.last.get(kind)

    @staticmethod
    def _is_next(previous: Marker, marker: Marker) -> bool:
        if marker.suffix:
            return marker.number == previous.number and marker.suffix == previous.suffix + 1
        return marker.number == previous.number + 1

    def _behind_heading(self, marker: Marker) -> bool:
        """Whether only a short heading stands between the last accepted ordinal and this one."""
        if not self.accepted:
            return True
        last = self.accepted[-1].marker
        assert last is not None
        gap = self.shape[last.end : marker.start]
        return len(gap) <= _HEADING_GAP and not any(stop in gap for stop in _STOPS)

    def _comes_later(self, i: int, kind: Kind, number: int, parent: Node) -> bool:
        """Whether `number` of this family follows before a heading that would close `parent`."""
        first = bisect_right(self.strong_places, i)
        for marker in islice(self.strong, first, first + _LOOK_AHEAD):
            if marker.kind is kind:
                if marker.number == number:
                    return True
                if marker.number == 1 and number != 2:
                    return False
            if self._closes(parent, marker):
                return False
        return False

    def _closes(self, parent: Node, marker: Marker) -> bool:
        node: Node | None = parent
        while node is not None and node.marker is not None:
            if node.kind is marker.kind and marker.number == node.marker.number + 1:
                return True
            node = node.parent
        return False

    def _starts_list(self, i: int, marker: Marker, parent: Node) -> bool:
        if marker.context is Context.LINE:
            return True
        if not self._comes_later(i, marker.kind, 2, parent):
            return False
        return marker.context is Context.SENTENCE or self._behind_heading(marker)

    def _maybe_restart(self, i: int, marker: Marker, parent: Node) -> None:
        """A second list below the same parent: another paragraph's items, or a document attached without a title."""
        if marker.context is Context.INSIDE or not self._comes_later(i, marker.kind, 2, parent):
            return
        if parent is self.root and marker.kind in (*_OUTER_KINDS, Kind.ARTICLE):
            if marker.context is not Context.LINE:
                return
            self.last = {}
            number = len([n for n in self.root.children if n.kind is Kind.ATTACHMENT]) + 1
            self._push(self.root, Marker(Kind.ATTACHMENT, number, marker.start, marker.start, marker.context))
            self._push(self.top, marker)
            return
        if marker.kind is Kind.ARTICLE:
            return
        sibling = parent.last_of(marker.kind)
        self._push(parent, marker, (sibling.group if sibling else 0) + 1)

    def _maybe_irregular(self, i: int, marker: Marker, parent: Node, previous: Marker | None) -> None:
        """A gap or a repeated number: kept when it stands at a line start and no better candidate follows."""
        if marker.context is not Context.LINE:
            return
        expected = previous.number + 1 if previous else 1
        ordinal = self.shape[marker.start : marker.end].strip()
        if marker.number > expected:
            if self._comes_later(i, marker.kind, expected, parent):
                return
            self.warnings.append(f"编号不连续:“{ordinal}”之前缺少第 {expected} 项,原文如此,请核对。")
        elif previous is not None and marker.number == previous.number and marker.suffix == previous.suffix:
            self.warnings.append(f"编号重复:“{ordinal}”出现了两次,原文如此,请核对。")
        else:
            return
        sibling = parent.last_of(marker.kind)
        self._push(parent, marker, sibling.group if sibling else 1)
