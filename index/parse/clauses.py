"""From the tree of accepted headings to clauses: texts, paths, labels, heading trails."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.clean import CleanText
from index.models import PREFACE, TAIL, Clause, SourceSpan
from index.parse.headings import heading_end
from index.parse.markers import Kind
from index.parse.tree import Node

PREFACE_LABEL = "引言"
TAIL_LABEL = "附则"
_CN_DIGITS = "零一二三四五六七八九十"
_PARAGRAPH_ENDS = ("。", ";", ":", "!", "?", ")", "]", '"', "》")
_MAX_TITLE_OF_TAIL = 12  # characters; (八)附则。本办法自… is a clause of its own, its heading this short
_PARENT_ONLY = (Kind.PART, Kind.CHAPTER, Kind.SECTION)

_SELF = r"(?:本|该|此)(?:[^。;,\n]{0,16}?)(?:意见|办法|方案|措施|政策|细则|规定|条例|通知|文件|计划|规划|指南|规则|决定|公告|通告|举措|标准|规程|章程|准则|制度|目录|清单|要点)"
_TAIL_SENTENCE = re.compile(
    rf"{_SELF}[^。;]{{0,30}}(?:起|后|日)[^。]{{0,8}}(?:施行|实施|执行|生效|试行)|{_SELF}[^。\n]{{0,12}}有效期"
    rf"|{_SELF}(?:[^。\n]{{0,20}}由[^。\n]{{2,40}}(?:负责解释|解释|负责牵头|负责修订|负责组织实施)|的解释权)"
    rf"|{_SELF}[^。\n]{{0,8}}适用于\d{{4}}年|{_SELF}[^。\n]{{0,12}}执行期"
    r"|(?:以上|上述)(?:政策|措施|条款|意见|规定)[^。\n]{0,20}(?:自|有效期|不一致|由)|自(?:印发|发布|公布)之日起"
    r"|特此(?:通知|公告|通告|函告)|联系(?:人|电话|方式|单位|地址):|咨询(?:电话|方式):|附件:"
    r"|此前(?:发布|印发|出台|有关)?[^。\n]{0,30}(?:不一致|废止)|原《[^。\n]{2,80}(?:废止|失效)|有效期(?:限)?(?:至|为|自|\d|[一二三四五六七八九十])"
)
_SENTENCE_START = re.compile(r"(?:^|(?<=[。;\n]))(?=[^\n])")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A clause before its text is cut out: ranges are offsets in the cleaned text."""

    path: str
    label: str
    start: int
    end: int
    node: Node | None
    trail: tuple[str, ...]
    has_items: bool = False


class ClauseWriter:
    """Turns one tree into clauses, in text order."""

    def __init__(
        self, text: CleanText, root: Node, *, ends: Mapping[int, int], page_starts: Sequence[int]
    ) -> None:
        """`ends`: for the end of the text and of the main body, where signatures and footers begin before it."""
        self.text = text
        self.root = root
        self.page_starts = page_starts
        self.nodes = [node for node in _walk(root) if node.marker is not None]
        starts = [node.marker.start for node in self.nodes if node.marker] + [len(text)]
        self.segment_end = {id(node): ends.get(starts[i + 1], starts[i + 1]) for i, node in enumerate(self.nodes)}
        self.items_stop_once = self._items_without_inner_stops()

    def clauses(self, preface: tuple[int, int] | None) -> list[Clause]:
        """All clauses with unique paths."""
        drafts: list[_Draft] = []
        if preface is not None:
            drafts.append(_Draft(PREFACE, PREFACE_LABEL, *preface, None, ()))
        for node in self.nodes:
            drafts.extend(self._drafts_of(node))
        made = [clause for draft in self._with_tail(drafts) if (clause := self._clause(draft)) is not None]
        return _unique_paths(made)

    # -- ranges -------------------------------------------------------------------------------

    def _own_range(self, node: Node) -> tuple[int, int]:
        """From behind the ordinal to the next accepted one (a child's or a sibling's)."""
        assert node.marker is not None
        return node.marker.end, self.segment_end[id(node)]

    def _items_without_inner_stops(self) -> dict[int, bool]:
        """For each article: whether its items but the last are single sentences ended by a semicolon."""
        result: dict[int, bool] = {}
        for node in self.nodes:
            items = [child for child in node.children if child.kind is not None and child.kind >= Kind.CN_BRACKET]
            if node.kind is Kind.ARTICLE and len(items) > 1:
                bodies = [self.text.shape[slice(*self._own_range(item))].strip() for item in items[:-1] if not item.children]
                result[id(node)] = bool(bodies) and all("。" not in body[:-1] for body in bodies)
        return result

    def _drafts_of(self, node: Node) -> Iterator[_Draft]:
        start, end = self._own_range(node)
        article = _article_of(node)
        rest_from = end
        if article is not None and node is not article and self._closes_group(node, article):
            rest_from = self._item_end(node, article, start, end)
        trail = tuple(self._trail_entry(ancestor) for ancestor in node.ancestors())
        if not node.children or self._has_lead(node, start, end):
            yield _Draft(self._path(node), self._label(node), start, rest_from, node, trail, bool(node.children))
        if article is not None and rest_from < end:
            yield from self._trailing_paragraphs(article, rest_from, end, trail)

    def _has_lead(self, node: Node, start: int, end: int) -> bool:
        body = self.text.shape[start:end].strip()
        if not body or node.kind in _PARENT_ONLY:
            return bool(body) and "。" in body
        if node.kind is Kind.ARTICLE:
            return True
        head = heading_end(body, node.kind, parent=True, wrapped=self.text.wrapped)
        rest = body[head:].strip("。 \n")
        return bool(rest) and (re.search(r"[。;]", rest) is not None or len(rest) > 12)

    @staticmethod
    def _closes_group(node: Node, article: Node) -> bool:
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

    def _item_end(self, node: Node, article: Node, start: int, end: int) -> int:
        """Where the last item of a list ends and the article's next paragraph (款) begins."""
        body = self.text.shape[start:end]
        if node.children:
            return end
        newline = next((i for i, char in enumerate(body) if char == "\n" and self._ends_paragraph(body, i)), -1)
        if newline >= 0 and body[newline:].strip():
            return start + newline
        stop = body.find("。")
        if self.items_stop_once.get(id(article)) and 0 <= stop < len(body.rstrip()) - 1:
            rest = body[stop + 1 :].lstrip("”\"') ")
            return start + stop + 1 if rest.strip() else end
        return end

    def _trailing_paragraphs(self, article: Node, start: int, end: int, trail: tuple[str, ...]) -> Iterator[_Draft]:
        number = self._paragraphs_before(article, start)
        above = trail[: [*article.ancestors(), article].index(article)]
        position = start
        for paragraph in self._paragraphs(start, end):
            if paragraph.strip():
                number += 1
                yield _Draft(
                    f"{self._path(article)}.p{number}",
                    f"{self._label(article)}第{chinese_number(number)}款",
                    position,
                    position + len(paragraph),
                    None,
                    (*above, self._trail_entry(article)),
                )
            position += len(paragraph) + 1

    def _paragraphs_before(self, article: Node, position: int) -> int:
        """Number of the paragraph (款) that ends at or before `position`, lists counted with their lead."""
        assert article.marker is not None
        count = self._lead_paragraphs(article)
        for child in article.children:
            if child.marker is None or child.marker.start >= position:
                break
            for leaf in _leaves(child):
                start, end = self._own_range(leaf)
                if self._closes_group(leaf, article) and end <= position and start < position:
                    cut = self._item_end(leaf, article, start, end)
                    if cut < position:
                        count += sum(bool(p.strip()) for p in self._paragraphs(cut, end))
        return count

    def _lead_paragraphs(self, article: Node) -> int:
        start, end = self._own_range(article)
        return max(1, sum(bool(p.strip()) for p in self._paragraphs(start, end)))

    def _ends_paragraph(self, body: str, newline: int) -> bool:
        """Whether a line end closes a paragraph; in wrapped text one inside a sentence may be left over."""
        return not self.text.wrapped or body[:newline].rstrip()[-1:] in _PARAGRAPH_ENDS

    def _paragraphs(self, start: int, end: int) -> list[str]:
        """`shape[start:end]` cut at the line ends that close paragraphs; one character was between two pieces."""
        body = self.text.shape[start:end]
        cuts = [i for i, char in enumerate(body) if char == "\n" and self._ends_paragraph(body, i)]
        return [body[a:b] for a, b in zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(body)], strict=True)]

    # -- names --------------------------------------------------------------------------------

    def _path(self, node: Node) -> str:
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
        article = _article_of(node)
        assert node.marker is not None
        if article is None or node.parent is not article:
            return node.group
        return max(self._paragraphs_before(article, node.marker.start), node.group)

    def _label(self, node: Node) -> str:
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
        paragraph = self._group_paragraph(node) if node.group > 1 else self._lead_paragraphs(article)
        prefix = f"第{chinese_number(paragraph)}款" if paragraph > 1 else ""
        digits = chinese_number(number) if node.kind in (Kind.CN_BRACKET, Kind.CN) else str(number)
        return f"{prefix}第({digits})项" if node.kind is not Kind.ARABIC else f"{prefix}第{number}项"

    def _trail_entry(self, node: Node) -> str:
        assert node.marker is not None
        start, end = self._own_range(node)
        body = self.text.text[start:end]
        head = heading_end(self.text.shape[start:end].lstrip("\n"), node.kind, parent=True, wrapped=self.text.wrapped)
        ordinal = self.text.text[node.marker.start : node.marker.end].strip()
        heading = body.lstrip("\n")[:head].strip()
        spaced = node.kind in (*_PARENT_ONLY, Kind.ARTICLE, Kind.ATTACHMENT) and heading
        return f"{ordinal} {heading}" if spaced else f"{ordinal}{heading}"

    # -- text ---------------------------------------------------------------------------------

    def _with_tail(self, drafts: list[_Draft]) -> list[_Draft]:
        """Cut the closing provisions off the last clause of the main body; articles hold their own."""
        main = [d for d in drafts if d.node is not None and not _in_attachment(d.node)]
        if not main:
            return drafts
        last = main[-1]
        articles = any(node.kind is Kind.ARTICLE for node in self.nodes)
        cut = self._appendix_start(last) if articles else self._tail_start(last, main)
        if cut is None:
            return drafts
        position = drafts.index(last)
        shortened = _Draft(last.path, last.label, last.start, cut, last.node, last.trail, last.has_items)
        tail = _Draft(TAIL, TAIL_LABEL, cut, last.end, None, ())
        return [*drafts[:position], shortened, tail, *drafts[position + 1 :]]

    def _appendix_start(self, last: _Draft) -> int | None:
        match = re.search(r"\n(?=附[件表录]?[::]|附[件表录]\d*[:\n]|特此|联系(?:人|电话|方式|单位):)", self.text.shape[last.start : last.end])
        return last.start + match.start() if match else None

    def _tail_start(self, last: _Draft, main: list[_Draft]) -> int | None:
        body = self.text.shape[last.start : last.end]
        offset = len(body) - len(body.lstrip())
        assert last.node is not None
        head = offset + heading_end(body[offset:], last.node.kind, parent=False, wrapped=self.text.wrapped)
        own_line = body[head : head + 1] == "\n"
        head = head if own_line or head - offset <= _MAX_TITLE_OF_TAIL else offset
        own_words = len(body[head:]) - len(body[head:].lstrip("。 \n"))
        for match in _SENTENCE_START.finditer(body):
            start = match.start()
            if start > head + own_words and _TAIL_SENTENCE.match(body, start):
                before = body.rfind("\n", 0, start)
                own_paragraph = before > head + own_words and self._single_paragraphs(main[:-1], last)
                return last.start + (before if own_paragraph and "\t" not in body else start)
        first_break = body.find("\n", head + own_words)
        if last.node.kind is not None and last.node.kind < Kind.CN_BRACKET:
            return None
        if first_break > 0 and body[first_break:].strip() and self._single_paragraphs(main[:-1], last):
            return last.start + first_break
        return None

    def _single_paragraphs(self, others: list[_Draft], last: _Draft) -> bool:
        """Whether every other clause of the last one's family is one paragraph."""
        assert last.node is not None
        same = [d for d in others if d.node is not None and d.node.kind is last.node.kind and not d.has_items]
        return len(same) >= 2 and all("\n" not in self._body_behind_heading(d) for d in same)

    def _body_behind_heading(self, draft: _Draft) -> str:
        body = self.text.shape[draft.start : draft.end].strip()
        assert draft.node is not None
        return body[heading_end(body, draft.node.kind, parent=False, wrapped=self.text.wrapped) :].strip()

    def _clause(self, draft: _Draft) -> Clause | None:
        shape = self.text.shape[draft.start : draft.end]
        start = draft.start + len(shape) - len(shape.lstrip(" \t\n:"))
        end = draft.start + len(shape.rstrip())
        if start >= end:
            return None
        shape = self.text.shape[start:end]
        kind = draft.node.kind if draft.node else None
        head = heading_end(shape, kind, parent=draft.has_items, wrapped=self.text.wrapped) if draft.node else 0
        keep = np.array([char != "\n" or i == head or self._is_break(shape, i) for i, char in enumerate(shape)], dtype=bool)
        kept = np.flatnonzero(keep)
        text = "".join(self.text.text[start + i] for i in kept)
        written = "".join(self.text.written[start + i] for i in kept)
        first, last = int(self.text.origin[start]), int(self.text.origin[end - 1]) + 1
        head = heading_end("".join(shape[i] for i in kept), kind, parent=draft.has_items, wrapped=self.text.wrapped) if draft.node else 0
        page = bisect_right(self.page_starts, first) if self.page_starts else None
        return Clause(draft.path, draft.label, text[:head].strip() or None, text, written, SourceSpan(first, last, page), draft.trail)

    def _is_break(self, shape: str, i: int) -> bool:
        """Whether the line end at `i` separates paragraphs or rows, not the halves of a sentence."""
        line = shape[shape.rfind("\n", 0, i) + 1 : i]
        following = shape[i + 1 :].split("\n", 1)[0]
        if not following.strip():
            return False
        if line[-1:] in "。;:!?)]\"》" or "\t" in line or "\t" in following:
            return True
        return not self.text.wrapped and len(line) <= 40 and not line.endswith((",", "、"))


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


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _leaves(node: Node) -> Iterator[Node]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _leaves(child)


def _article_of(node: Node) -> Node | None:
    """The article that `node` is or stands in."""
    current: Node | None = node
    while current is not None:
        if current.kind is Kind.ARTICLE:
            return current
        current = current.parent
    return None


def _in_attachment(node: Node) -> bool:
    return any(part.kind is Kind.ATTACHMENT for part in (*node.ancestors(), node))


def _is_decimal_child(node: Node) -> bool:
    return node.parent is not None and node.parent.kind is Kind.DECIMAL


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


def _unique_paths(clauses: list[Clause]) -> list[Clause]:
    """Clauses in text order; a path that a numbering mistake repeats gets a second name."""
    seen: dict[str, int] = {}
    result = []
    for clause in sorted(clauses, key=lambda clause: clause.source.start):
        count = seen[clause.path] = seen.get(clause.path, 0) + 1
        path = clause.path if count == 1 else f"{clause.path}-{count}"
        result.append(
            clause if count == 1 else Clause(path, f"{clause.label}[第{count}处]", clause.heading, clause.text, clause.written, clause.source, clause.trail)
        )
    return result
