"""Ranges of text below each heading, and the paragraphs (款) in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from index.clean import CleanText
from index.parse.markers import Kind
from index.parse.tree import Node

_PARAGRAPH_ENDS = ("。", ";", ":", "!", "?", ")", "]", '"', "》")


class Segments:
    """Where the text of every accepted heading begins and ends."""

    def __init__(self, text: CleanText, root: Node, *, ends: Mapping[int, int]) -> None:
        """`ends`: for the end of the text and of the main body, where signatures and footers begin before it."""
        self.text = text
        self.nodes = [node for node in walk(root) if node.marker is not None]
        starts = [node.marker.start for node in self.nodes if node.marker] + [len(text)]
        self._end = {id(node): ends.get(starts[i + 1], starts[i + 1]) for i, node in enumerate(self.nodes)}
        self._items_stop_once = self._items_without_inner_stops()

    def own_range(self, node: Node) -> tuple[int, int]:
        """From behind the ordinal to the next accepted one (a child's or a sibling's)."""
        assert node.marker is not None
        return node.marker.end, self._end[id(node)]

    def _items_without_inner_stops(self) -> dict[int, bool]:
        """For each article: whether its items but the last are single sentences ended by a semicolon."""
        result: dict[int, bool] = {}
        for node in self.nodes:
            items = [child for child in node.children if child.kind is not None and child.kind >= Kind.CN_BRACKET]
            if node.kind is Kind.ARTICLE and len(items) > 1:
                bodies = [
                    self.text.shape[slice(*self.own_range(item))].strip() for item in items[:-1] if not item.children
                ]
                result[id(node)] = bool(bodies) and all("。" not in body[:-1] for body in bodies)
        return result

    @staticmethod
    def closes_group(node: Node, article: Node) -> bool:
        """Whether `node` ends a list of its article: no sibling of its group follows, up to the article."""
        while node is not article:
            parent = node.parent
            assert parent is not None
            siblings = parent.children
            following = siblings[siblings.index(node) + 1 :]
            if following and following[0].group == node.group:
                return False
            node = parent
        return True

    def item_end(self, node: Node, article: Node, start: int, end: int) -> int:
        """Where the last item of a list ends and the article's next paragraph (款) begins."""
        body = self.text.shape[start:end]
        if node.children:
            return end
        newline = next((i for i, char in enumerate(body) if char == "\n" and self._ends_paragraph(body, i)), -1)
        if newline >= 0 and body[newline:].strip():
            return start + newline
        stop = body.find("。")
        if self._items_stop_once.get(id(article)) and 0 <= stop < len(body.rstrip()) - 1:
            rest = body[stop + 1 :].lstrip("”\"') ")
            return start + stop + 1 if rest.strip() else end
        return end

    def paragraphs_before(self, article: Node, position: int) -> int:
        """Number of the paragraph (款) that ends at or before `position`, lists counted with their lead."""
        assert article.marker is not None
        count = self.lead_paragraphs(article)
        for child in article.children:
            if child.marker is None or child.marker.start >= position:
                break
            for leaf in leaves(child):
                start, end = self.own_range(leaf)
                if self.closes_group(leaf, article) and end <= position and start < position:
                    cut = self.item_end(leaf, article, start, end)
                    if cut < position:
                        count += sum(bool(p.strip()) for p in self.paragraphs(cut, end))
        return count

    def lead_paragraphs(self, article: Node) -> int:
        """Number of paragraphs before the article's first item, at least 1."""
        start, end = self.own_range(article)
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
