"""Ranges of text below each heading, and the paragraphs (款) in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from index.clean import CleanText
from index.parse.headings import heading_end
from index.parse.markers import Context, Kind
from index.parse.tree import Node

_PARAGRAPH_ENDS = ("。", ";", ":", "!", "?", ")", "]", '"', "》")
_HOSTS = (Kind.CN, Kind.CN_BRACKET, Kind.DECIMAL, Kind.ARABIC, Kind.ARABIC_BRACKET)


class Segments:
    """Where the text of every accepted heading begins and ends."""

    def __init__(self, text: CleanText, root: Node, *, ends: Mapping[int, int]) -> None:
        """`ends`: for the end of the text and of the main body, where signatures and footers begin before it."""
        self.text = text
        self.nodes = [node for node in walk(root) if node.marker is not None]
        starts = [node.marker.start for node in self.nodes if node.marker] + [len(text)]
        self._end = {id(node): ends.get(starts[i + 1], starts[i + 1]) for i, node in enumerate(self.nodes)}
        self._places = {id(node): i for i, node in enumerate(self.nodes)}
        self._items_stop_once = self._items_without_inner_stops()

    def own_range(self, node: Node) -> tuple[int, int]:
        """From behind the ordinal to the next accepted one (a child's or a sibling's)."""
        assert node.marker is not None
        return node.marker.end, self._end[id(node)]

    def _items_without_inner_stops(self) -> dict[int, bool]:
        """For each parent: whether its items but the last are single sentences, each ended by its own stop."""
        result: dict[int, bool] = {}
        for node in self.nodes:
            items = [child for child in node.children if child.kind is not None and child.kind >= Kind.CN_BRACKET]
            if len(items) > 1:
                bodies = [
                    self.text.shape[slice(*self.own_range(item))].strip() for item in items[:-1] if not item.children
                ]
                result[id(node)] = bool(bodies) and all("。" not in body[:-1] for body in bodies)
        return result

    def host_of(self, node: Node) -> Node | None:
        """The heading whose next paragraph (款) may follow the list that `node` ends.

        Paragraphs behind the items of an article are the article's. Below other headings they are only where the
        items are a list, one paragraph each: single sentences, or announced by a colon; and not at the end of the
        document, where they are its closing provisions.
        """
        article = article_of(node)
        host = article or node.parent
        if article is not None or host is None or node.children:
            return None if article is node else article
        if host.kind not in _HOSTS or self._is_last(node) or not self.closes_group(node, host):
            return None
        others = [child for child in host.children if child is not node and child.group == node.group]
        bodies = [self.text.shape[slice(*self.own_range(child))].strip() for child in others]
        nested = any(child.children for child in others)
        if not bodies or nested or any(self._paragraph_end(body) >= 0 for body in bodies):
            return None
        announced = self.text.shape[slice(*self.own_range(host))].rstrip().endswith(":")
        return host if announced or all("。" not in body[:-1] for body in bodies) else None

    def _is_last(self, node: Node) -> bool:
        """Whether the main body ends with `node`."""
        following = self.nodes[self._places[id(node)] + 1 :]
        return not following or following[0].kind is Kind.ATTACHMENT

    @staticmethod
    def closes_group(node: Node, host: Node) -> bool:
        """Whether `node` ends a list of `host`: no sibling of its group follows, up to the host."""
        while node is not host:
            parent = node.parent
            assert parent is not None
            siblings = parent.children
            following = siblings[siblings.index(node) + 1 :]
            if following and following[0].group == node.group:
                return False
            node = parent
        return True

    def item_end(self, node: Node, host: Node, start: int, end: int) -> int:
        """Where the last item of a list ends and the next paragraph (款) of its `host` begins."""
        body = self.text.shape[start:end]
        if node.children:
            return end
        # Below other headings than articles a paragraph is rare: only a whole sentence before it is believed.
        newline = self._paragraph_end(body, sentence=host.kind is not Kind.ARTICLE)
        if newline >= 0 and body[newline:].strip():
            return start + newline
        if node.marker is None or node.marker.context is Context.LINE:
            return end  # where items have lines of their own, a paragraph has too
        stop = body.find("。")
        if self._items_stop_once.get(id(host)) and 0 <= stop < len(body.rstrip()) - 1:
            rest = body[stop + 1 :].lstrip("”\"') ")
            return start + stop + 1 if rest.strip() else end
        return end

    def _paragraph_end(self, body: str, *, sentence: bool = False) -> int:
        """Offset of the first line end that closes a paragraph, with `sentence` a whole one; -1 where there is none."""
        for at, char in enumerate(body):
            ends = char == "\n" and self._ends_paragraph(body, at)
            if ends and (not sentence or body[:at].rstrip()[-1:] in _PARAGRAPH_ENDS):
                return at
        return -1

    def paragraphs_before(self, host: Node, position: int) -> int:
        """Number of the paragraph (款) that ends at or before `position`, lists counted with their lead."""
        assert host.marker is not None
        count = self.lead_paragraphs(host)
        for child in host.children:
            if child.marker is None or child.marker.start >= position:
                break
            for leaf in leaves(child):
                start, end = self.own_range(leaf)
                if self.closes_group(leaf, host) and end <= position and start < position:
                    cut = self.item_end(leaf, host, start, end)
                    if cut < position:
                        count += sum(bool(p.strip()) for p in self.paragraphs(cut, end))
        return count

    def lead_paragraphs(self, host: Node) -> int:
        """Number of paragraphs before the first item, a heading line not counted, at least 1."""
        start, end = self.own_range(host)
        if host.kind is not Kind.ARTICLE and host.kind is not None:
            body = self.text.shape[start:end]
            start += len(body) - len(body.lstrip())
            start += heading_end(body.lstrip(), host.kind, parent=True, wrapped=self.text.wrapped)
        return max(1, sum(bool(p.strip()) for p in self.paragraphs(start, end)))

    def _ends_paragraph(self, body: str, newline: int) -> bool:
        """Whether a line end closes a paragraph; in wrapped text one inside a sentence may be left over."""
        return not self.text.wrapped or body[:newline].rstrip()[-1:] in _PARAGRAPH_ENDS

    def paragraphs(self, start: int, end: int) -> list[str]:
        """`shape[start:end]` cut at the line ends that close paragraphs; one character was between two pieces."""
        body = self.text.shape[start:end]
        cuts = [i for i, char in enumerate(body) if char == "\n" and self._ends_paragraph(body, i)]
        return [body[a:b] for a, b in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(body)], strict=True)]


def walk(node: Node) -> Iterator[Node]:
    """The tree in text order, `node` first."""
    yield node
    for child in node.children:
        yield from walk(child)


def leaves(node: Node) -> Iterator[Node]:
    """The headings below `node`, itself included, that have none below them."""
    if not node.children:
        yield node
    for child in node.children:
        yield from leaves(child)


def article_of(node: Node) -> Node | None:
    """The article that `node` is or stands in."""
    current: Node | None = node
    while current is not None:
        if current.kind is Kind.ARTICLE:
            return current
        current = current.parent
    return None
