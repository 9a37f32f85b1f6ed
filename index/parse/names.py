"""Paths and labels: how a clause is addressed and how a person cites it."""

from __future__ import annotations

import re

from index.parse.markers import Kind
from index.parse.segments import Segments, article_of
from index.parse.tree import Node

_CN_DIGITS = "零一二三四五六七八九十"


class ClauseNames:
    """Names of headings; paragraph numbers (款) are counted in the text."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments

    def path(self, node: Node) -> str:
        """Ordinals in Arabic digits joined by dots, as the document numbers them."""
        chain = _addressed(node)
        parts: list[str] = []
        for part in chain:
            assert part.marker is not None
            if part.kind is Kind.ATTACHMENT:
                parts.append(f"a{part.marker.number}")
                continue
            if part.group > 1:
                parts.append(f"p{self._group_paragraph(part)}")
            suffix = f"-{part.marker.suffix}" if part.marker.suffix else ""
            if part.kind is Kind.DECIMAL:
                parts.append(".".join(map(str, part.marker.parts)))
            else:
                parts.append(f"{part.marker.number}{suffix}")
        return ".".join(parts)

    def _group_paragraph(self, node: Node) -> int:
        article = article_of(node)
        assert node.marker is not None
        if article is None or node.parent is not article:
            return node.group
        return max(self.segments.paragraphs_before(article, node.marker.start), node.group)

    def label(self, node: Node) -> str:
        """三、(一) / 第十二条第(三)项 / 附件1 二、(一)."""
        chain = _addressed(node)
        label = ""
        article: Node | None = None
        for part in chain:
            assert part.marker is not None
            number = part.marker.number
            if part.kind is Kind.ATTACHMENT:
                label = f"附件{number} "
            elif part.kind is Kind.ARTICLE:
                article = part
                inserted = f"之{chinese_number(part.marker.suffix)}" if part.marker.suffix else ""
                label += f"第{chinese_number(number)}条{inserted}"
            elif article is not None:
                label += self._item_label(part, article)
            else:
                label += _ordinal_label(part)
        return label.strip()

    def _item_label(self, node: Node, article: Node) -> str:
        assert node.marker is not None
        number = node.marker.number
        if node.parent is not article:
            if node.parent is not None and node.parent.parent is not article:
                return _ordinal_label(node)
            return f"第{number}目" if node.kind is not Kind.CN_BRACKET else f"第({chinese_number(number)})目"
        paragraph = self._group_paragraph(node) if node.group > 1 else self.segments.lead_paragraphs(article)
        prefix = f"第{chinese_number(paragraph)}款" if paragraph > 1 else ""
        digits = chinese_number(number) if node.kind in (Kind.CN_BRACKET, Kind.CN) else str(number)
        return f"{prefix}第({digits})项" if node.kind is not Kind.ARABIC else f"{prefix}第{number}项"


def chinese_number(number: int) -> str:
    """12 as 十二, as headings count."""
    import cn2an

    if number <= 10:
        return _CN_DIGITS[number]
    spelled: str = cn2an.an2cn(number)
    return re.sub("^一十", "十", spelled)


def _ordinal_label(node: Node) -> str:
    assert node.marker is not None
    number = node.marker.number
    match node.kind:
        case Kind.PART:
            return f"第{chinese_number(number)}部分"
        case Kind.CHAPTER:
            return f"第{chinese_number(number)}章"
        case Kind.SECTION:
            return f"第{chinese_number(number)}节"
        case Kind.CN:
            return f"{chinese_number(number)}、"
        case Kind.CN_BRACKET:
            return f"({chinese_number(number)})"
        case Kind.DECIMAL:
            return ".".join(map(str, node.marker.parts))
        case Kind.ARABIC:
            return f"{number}."
        case Kind.CIRCLED:
            return chr(ord("①") + number - 1)
        case _:
            return f"({number})"


def _addressed(node: Node) -> list[Node]:
    """The headings that a citation of `node` names: articles are counted through chapters, and
    decimal ordinals name their whole chain."""
    chain = [*node.ancestors(), node]
    for i, part in enumerate(chain):
        if part.kind is Kind.ARTICLE:
            attachment = [p for p in chain[:i] if p.kind is Kind.ATTACHMENT]
            return attachment + chain[i:]
    deepest = max((i for i, part in enumerate(chain) if part.kind is Kind.DECIMAL), default=None)
    if deepest is not None:
        attachment = [p for p in chain[:deepest] if p.kind is Kind.ATTACHMENT]
        return attachment + chain[deepest:]
    return chain
