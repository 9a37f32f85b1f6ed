"""From the tree of accepted headings to clauses: texts, paths, labels, heading trails."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.clean import CleanText
from index.clean.vocabulary import SELF_REFERENCE
from index.models import PREFACE, TAIL, Clause, SourceSpan
from index.parse.headings import heading_end
from index.parse.markers import Kind
from index.parse.names import ClauseNames, chinese_number
from index.parse.segments import Segments
from index.parse.tree import Node

PREFACE_LABEL = "引言"
TAIL_LABEL = "附则"
_MAX_TITLE_OF_TAIL = 12  # characters; (八)附则。本办法自… is a clause of its own, its heading this short
_PARENT_ONLY = (Kind.PART, Kind.CHAPTER, Kind.SECTION)

_TAIL_SENTENCE = re.compile(
    rf"{SELF_REFERENCE}[^。;]{{0,30}}(?:起|后|日)[^。]{{0,8}}(?:施行|实施|执行|生效|试行)|{SELF_REFERENCE}[^。\n]{{0,12}}有效期"
    rf"|{SELF_REFERENCE}(?:[^。\n]{{0,20}}由[^。\n]{{2,40}}(?:负责解释|解释|负责牵头|负责修订|负责组织实施)|的解释权)"
    rf"|{SELF_REFERENCE}[^。\n]{{0,8}}适用于\d{{4}}年|{SELF_REFERENCE}[^。\n]{{0,12}}执行期"
    r"|(?:以上|上述)(?:政策|措施|条款|意见|规定)[^。\n]{0,20}(?:自|有效期|不一致|由)|自(?:印发|发布|公布)之日起"
    r"|特此(?:通知|公告|通告|函告)|联系(?:人|电话|方式|单位|地址):|咨询(?:电话|方式):|附件:"
    r"|此前(?:发布|印发|出台|有关)?[^。\n]{0,30}(?:不一致|废止)|原《[^。\n]{2,80}(?:废止|失效)|有效期(?:限)?(?:至|为|自|\d|[一二三四五六七八九十])"
)
_ANNOUNCES = re.compile(r"(?:以下|下列|如下)[^。;]*:$")
"""A lead of a list, however short, is no heading: without a clause of its own its words would be lost."""
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

    def __init__(self, text: CleanText, root: Node, *, ends: Mapping[int, int], page_starts: Sequence[int]) -> None:
        """`ends`: for the end of the text and of the main body, where signatures and footers begin before it."""
        self.text = text
        self.page_starts = page_starts
        self.segments = Segments(text, root, ends=ends)
        self.names = ClauseNames(self.segments)

    def clauses(self, preface: tuple[int, int] | None) -> list[Clause]:
        """All clauses with unique paths."""
        drafts: list[_Draft] = []
        if preface is not None:
            drafts.append(_Draft(PREFACE, PREFACE_LABEL, *preface, None, ()))
        for node in self.segments.nodes:
            drafts.extend(self._drafts_of(node))
        made = [clause for draft in self._with_tail(drafts) if (clause := self._clause(draft)) is not None]
        return _unique_paths(made)

    def _drafts_of(self, node: Node) -> Iterator[_Draft]:
        start, end = self.segments.own_range(node)
        host = self.segments.host_of(node)
        rest_from = end
        if host is not None and self.segments.closes_group(node, host):
            rest_from = self.segments.item_end(node, host, start, end)
        trail = tuple(self._trail_entry(ancestor) for ancestor in node.ancestors())
        if not node.children or self._has_lead(node, start, end):
            yield _Draft(
                self.names.path(node), self.names.label(node), start, rest_from, node, trail, bool(node.children)
            )
        if host is not None and rest_from < end:
            yield from self._trailing_paragraphs(host, rest_from, end, trail)

    def _has_lead(self, node: Node, start: int, end: int) -> bool:
        body = self.text.shape[start:end].strip()
        if not body or node.kind in _PARENT_ONLY:
            return bool(body) and "。" in body
        if node.kind is Kind.ARTICLE:
            return True
        head = heading_end(body, node.kind, parent=True, wrapped=self.text.wrapped)
        rest = body[head:].strip("。 \n")
        announces = not head and _ANNOUNCES.search(rest) is not None
        return bool(rest) and (announces or re.search(r"[。;]", rest) is not None or len(rest) > 12)

    def _trailing_paragraphs(self, host: Node, start: int, end: int, trail: tuple[str, ...]) -> Iterator[_Draft]:
        number = self.segments.paragraphs_before(host, start)
        above = trail[: [*host.ancestors(), host].index(host)]
        position = start
        for paragraph in self.segments.paragraphs(start, end):
            if paragraph.strip():
                number += 1
                yield _Draft(
                    f"{self.names.path(host)}.p{number}",
                    f"{self.names.label(host)}第{chinese_number(number)}款",
                    position,
                    position + len(paragraph),
                    None,
                    (*above, self._trail_entry(host)),
                )
            position += len(paragraph) + 1

    def _trail_entry(self, node: Node) -> str:
        assert node.marker is not None
        start, end = self.segments.own_range(node)
        body = self.text.text[start:end]
        head = heading_end(self.text.shape[start:end].lstrip("\n"), node.kind, parent=True, wrapped=self.text.wrapped)
        ordinal = self.text.text[node.marker.start : node.marker.end].strip()
        heading = body.lstrip("\n")[:head].strip()
        spaced = node.kind in (*_PARENT_ONLY, Kind.ARTICLE, Kind.ATTACHMENT) and heading
        return f"{ordinal} {heading}" if spaced else f"{ordinal}{heading}"

    def _with_tail(self, drafts: list[_Draft]) -> list[_Draft]:
        """Cut the closing provisions off the last clause of the main body; articles hold their own."""
        main = [d for d in drafts if d.node is not None and not _in_attachment(d.node)]
        if not main:
            return drafts
        last = main[-1]
        articles = any(node.kind is Kind.ARTICLE for node in self.segments.nodes)
        cut = self._appendix_start(last) if articles else self._tail_start(last, main)
        if cut is None:
            return drafts
        position = drafts.index(last)
        shortened = _Draft(last.path, last.label, last.start, cut, last.node, last.trail, last.has_items)
        tail = _Draft(TAIL, TAIL_LABEL, cut, last.end, None, ())
        return [*drafts[:position], shortened, tail, *drafts[position + 1 :]]

    def _appendix_start(self, last: _Draft) -> int | None:
        match = re.search(
            r"\n(?=附[件表录]?[::]|附[件表录]\d*[:\n]|特此|联系(?:人|电话|方式|单位):)",
            self.text.shape[last.start : last.end],
        )
        return last.start + match.start() if match else None

    def _tail_start(self, last: _Draft, main: list[_Draft]) -> int | None:
        body = self.text.shape[last.start : last.end]
        offset = len(body) - len(body.lstrip())
        assert last.node is not None
        head = offset + heading_end(body[offset:], last.node.kind, parent=False, wrapped=self.text.wrapped)
        own_line = body[head : head + 1] == "\n"
        head = head if own_line or head - offset <= _MAX_TITLE_OF_TAIL else offset
        own_words = len(body[head:]) - len(body[head:].lstrip("。 \n"))
        found = [
            match.start()
            for match in _SENTENCE_START.finditer(body)
            if match.start() > head + own_words and _TAIL_SENTENCE.match(body, match.start())
        ]
        first_break = body.find("\n", head + own_words)
        items = last.node.kind is not None and last.node.kind >= Kind.CN_BRACKET and "\t" not in body
        if items and first_break > 0 and body[first_break:].strip() and self._single_paragraphs(main[:-1], last):
            found.append(first_break)
        return last.start + min(found) if found else None

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
        keep = np.array(
            [char != "\n" or i == head or self._is_break(shape, i) for i, char in enumerate(shape)], dtype=bool
        )
        kept = np.flatnonzero(keep)
        text = "".join(self.text.text[start + i] for i in kept)
        written = "".join(self.text.written[start + i] for i in kept)
        first, last = int(self.text.origin[start]), int(self.text.origin[end - 1]) + 1
        head = (
            heading_end("".join(shape[i] for i in kept), kind, parent=draft.has_items, wrapped=self.text.wrapped)
            if draft.node
            else 0
        )
        page = bisect_right(self.page_starts, first) if self.page_starts else None
        return Clause(
            draft.path,
            draft.label,
            text[:head].strip() or None,
            text,
            written,
            SourceSpan(first, last, page),
            draft.trail,
        )

    def _is_break(self, shape: str, i: int) -> bool:
        """Whether the line end at `i` separates paragraphs or rows, not the halves of a sentence."""
        line = shape[shape.rfind("\n", 0, i) + 1 : i]
        following = shape[i + 1 :].split("\n", 1)[0]
        if not following.strip():
            return False
        if line[-1:] in '。;:!?)]"》' or "\t" in line or "\t" in following:
            return True
        return not self.text.wrapped and len(line) <= 40 and not line.endswith((",", "、"))


def _in_attachment(node: Node) -> bool:
    return any(part.kind is Kind.ATTACHMENT for part in (*node.ancestors(), node))


def _unique_paths(clauses: list[Clause]) -> list[Clause]:
    """Clauses in text order; a path that a numbering mistake repeats gets a second name."""
    seen: dict[str, int] = {}
    result = []
    for clause in sorted(clauses, key=lambda clause: clause.source.start):
        count = seen[clause.path] = seen.get(clause.path, 0) + 1
        path = clause.path if count == 1 else f"{clause.path}-{count}"
        result.append(
            clause
            if count == 1
            else Clause(
                path,
                f"{clause.label}[第{count}处]",
                clause.heading,
                clause.text,
                clause.written,
                clause.source,
                clause.trail,
            )
        )
    return result
