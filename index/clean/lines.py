"""Line-level noise: page numbers, running headers, and hard wraps inside paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.clean.mapped import MappedText

_DASH = r"[-—–－―─·•~]"
_PAGE_NUMBER = re.compile(
    rf"^\s*(?:{_DASH}{{1,4}}\s*(?:\d{{1,4}}|[IVXivx]{{1,5}})\s*{_DASH}{{1,4}}"
    r"|第\s*\d{1,4}\s*页(?:\s*[,，/／、]?\s*[共总]\s*(?:计)?\s*\d{1,4}\s*页)?|共\s*\d{1,4}\s*页"
    r"|\d{1,4}\s*[/／]\s*\d{1,4}|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?|[Pp]\s*\.\s*\d{1,4})\s*$"
)
_BARE_NUMBER = re.compile(r"^\s*\d{1,4}\s*$")
_TERMINAL = re.compile(r"[。；;：:！!？?…]\s*[\"'”’」』）)】\]》]*\s*$")
ORDINAL_START = re.compile(
    r"^\s*(?:#{1,6}\s|第\s*[一二三四五六七八九十百千万零〇两\d]+\s*[章节節条條编編篇部]"
    r"|[一二三四五六七八九十百]+\s*、|[(（]\s*[一二三四五六七八九十百\d]+\s*[)）]"
    r"|\d{1,2}\s*(?:[、．]|\.(?!\s*\d))|\d{1,2}(?:\.\d{1,2})+|[①-⑳]|附\s*件)"
)
_CLOSED_NOTE = re.compile(r"[。；;!！?？]\s*[(（〔\[【][^()（）〔〕\[\]【】]{2,400}(?:[(（][^()（）]*[)）][^()（）〔〕]*)*[)）〕\]】]\s*$")
_MAX_HEADER_WIDTH = 80
_WRAPPED_SHARE = 0.3
_LONG = 1.6  # times the wrap width: glosses and blanks inserted later lengthen a line
_SHORT = 0.7  # of the wrap width: a line this short was not cut by the wrap


@dataclass(frozen=True, slots=True)
class Line:
    """A non-empty line: its range without surrounding blanks, and what precedes it."""

    start: int
    end: int
    text: str
    indent: int
    blank_before: bool
    page_edge: bool
    width: int

    @property
    def ends_sentence(self) -> bool:
        """Whether the line closes a sentence."""
        return _TERMINAL.search(self.text) is not None

    @property
    def starts_item(self) -> bool:
        """Whether the line begins like a numbered heading."""
        return ORDINAL_START.match(self.text) is not None


def display_width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font: two for East Asian wide characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def split_lines(text: MappedText, page_starts: Sequence[int]) -> list[Line]:
    """The non-empty lines of `text`; `page_starts` are offsets in the source."""
    starts = set(page_starts)
    raw: list[tuple[int, int, bool]] = []  # start, end, preceded by a page break
    position, edge = 0, True
    for piece in re.split(r"([\n\f])", text.text):
        if piece in ("\n", "\f"):
            edge = edge or piece == "\f"
            position += 1
            continue
        if piece.strip():
            raw.append((position, position + len(piece), edge or int(text.origin[position]) in starts))
            edge = False
        position += len(piece)
    lines = []
    for i, (start, end, first_of_page) in enumerate(raw):
        body = text.text[start:end]
        indent = len(body) - len(body.lstrip())
        last_of_page = i + 1 == len(raw) or raw[i + 1][2]
        gap = text.text[raw[i - 1][1] : start] if i else ""
        lines.append(
            Line(
                start + indent,
                start + len(body.rstrip()),
                body.strip(),
                indent,
                gap.count("\n") > 1,
                first_of_page or last_of_page,
                display_width(body.strip()),
            )
        )
    return lines


def _sequential_numbers(lines: Sequence[Line]) -> set[int]:
    """Indexes of bare-number lines that count pages: at a page edge, or 1, 2, 3 … well apart."""
    bare = [i for i, line in enumerate(lines) if _BARE_NUMBER.match(line.text)]
    found = {i for i in bare if lines[i].page_edge}
    values = [int(lines[i].text) for i in bare]
    counts = all(b == a + 1 for a, b in zip(values, values[1:], strict=False))
    apart = all(b - a > 5 for a, b in zip(bare, bare[1:], strict=False))
    if len(bare) > 1 and counts and apart:
        found.update(bare)
    return found


def _running_headers(lines: Sequence[Line]) -> set[int]:
    """Indexes of lines that repeat as page headers or footers; the first occurrence stays."""
    places: dict[str, list[int]] = {}
    for i, line in enumerate(lines):
        if line.width <= _MAX_HEADER_WIDTH and not line.ends_sentence and not line.starts_item:
            places.setdefault(re.sub(r"\s|\d", "", line.text), []).append(i)
    found: set[int] = set()
    for key, indexes in places.items():
        edges = [i for i in indexes if lines[i].page_edge]
        if len(key) >= 4 and (len(edges) >= 2 or len(indexes) >= 3) and "\t" not in lines[indexes[0]].text:
            found.update(indexes[1:])
    return found


def remove_page_lines(text: MappedText, page_starts: Sequence[int]) -> MappedText:
    """Delete page numbers and running headers with their line ends; form feeds become line ends."""
    lines = split_lines(text, page_starts)
    numbers = {i for i, line in enumerate(lines) if _PAGE_NUMBER.match(line.text)} | _sequential_numbers(lines)
    kept = [line for i, line in enumerate(lines) if i not in numbers]
    headers = {kept[i].start for i in _running_headers(kept)}
    gone = [lines[i] for i in numbers] + [line for line in lines if line.start in headers]
    spans = []
    for line in gone:
        end = line.end
        while end < len(text.text) and text.text[end] in " \t\n\f":
            end += 1
        spans.append((line.start, end))
    return text.without(spans).translated({ord("\f"): "\n"})


def _wrap_width(lines: Sequence[Line]) -> int | None:
    """The column at which the text was wrapped, None when lines are paragraphs."""
    body = [line for line in lines if "\t" not in line.text]
    pairs = [(a, b) for a, b in zip(body, body[1:], strict=False) if not a.starts_item or a.width > 30]
    cut = [a.width for a, b in pairs if not a.ends_sentence and not b.starts_item]
    if len(cut) < 3 or len(cut) < _WRAPPED_SHARE * len(pairs):
        return None
    width = Counter(round(w / 4) for w in cut).most_common(1)[0][0] * 4
    full = sorted(w for w in cut if w >= _SHORT * width)
    if not full or len(full) < len(cut) / 2:
        return None
    middle = full[len(full) // 2]
    # A hard wrap leaves no line much longer than its width, and puts most text into lines near it.
    long = sum(line.width for line in body if line.width > _LONG * middle)
    near = sum(line.width for line in body if _SHORT * middle <= line.width <= _LONG * middle)
    total = sum(line.width for line in body)
    return middle if long < 0.2 * total and near > 0.4 * total else None


def _is_break(line: Line, following: Line, width: int, *, blanks_tell: bool, paragraph: str) -> bool:
    """Whether the line end between two lines of wrapped text ends a paragraph; `paragraph` ends with `line`."""
    if _CLOSED_NOTE.search(paragraph):  # 。(责任单位:……) closes a paragraph
        return True
    if following.starts_item and line.text[-1] in ")）】〕":
        return True
    short = line.width < _SHORT * width
    if line.starts_item and line.width < 0.9 * width and following.starts_item:
        return True
    if line.ends_sentence:
        near_full = line.width >= width - 3
        return not near_full or following.starts_item or following.indent >= 2 or (blanks_tell and following.blank_before)
    return short or (blanks_tell and following.blank_before)


def unwrap(text: MappedText) -> MappedText:
    """Join lines that a hard wrap cut apart; afterwards every "\\n" ends a paragraph, heading or row.

    A text is taken as wrapped when lines end inside sentences throughout. Blank lines are dropped;
    they end a paragraph only where most lines have none between them (a PDF text layer may
    put one after every line).
    """
    lines = split_lines(text, ())
    if not lines:
        return text.without([(0, len(text.text))])
    width = _wrap_width(lines)
    blanks_tell = sum(line.blank_before for line in lines) < 0.5 * len(lines)
    spans = [(0, lines[0].start), (lines[-1].end, len(text.text))]
    paragraph_start = lines[0].start
    for line, following in zip(lines, lines[1:], strict=False):
        paragraph = text.text[max(paragraph_start, line.end - 600) : line.end]
        if width is None or _is_break(line, following, width, blanks_tell=blanks_tell, paragraph=paragraph):
            paragraph_start = following.start
            newline = text.text.index("\n", line.end, following.start)
            spans += [(line.end, newline), (newline + 1, following.start)]
        else:
            spans.append((line.end, following.start))
    return text.without(spans)
