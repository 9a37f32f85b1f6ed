"""Line-level noise: page numbers, running headers, and hard wraps inside paragraphs."""

from __future__ import annotations

import itertools
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.clean.characters import simplify
from index.clean.mapped import MappedText
from index.clean.markup import HEADING
from index.clean.vocabulary import TYPE_WORD

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
    r"|\d{1,2}[ \u3000]+(?=[\u4e00-\u9fff]{2})|\d{1,2}\s*(?:[、．]|\.(?!\s*\d)|\.(?=\s+(?:19|20)\d{2}\s*年))"
    r"|\d{1,2}(?:\.\d{1,2})+|[①-⑳]|附\s*件)"
)
_CLOSED_NOTE = re.compile(
    r"[。；;!！?？]\s*[(（〔\[【][^()（）〔〕\[\]【】]{2,400}(?:[(（][^()（）]*[)）][^()（）〔〕]*)*[)）〕\]】]\s*$"
)
_MAX_HEADER_WIDTH = 80
_WRAPPED_SHARE = 0.4  # of the lines as long as the wrap width; paragraphs end with a stop
_ENDS_IN_REFERENCE = re.compile(r"(?:[第前款条项按照据合反及和或、，,（(《“]|规定的)$")
_NEVER_FIRST = "。，、；：！？）》”’】〕,;:!?)"
_WORD = 6  # characters looked at on each side of a line end
_KEY_START = re.compile(r"[\u4e00-\u9fff ]{2,8}[:：]")
_CUT_WIDTH = 44  # columns; a shorter line without a stop may be a heading, a title or a signature
_OPEN_END = re.compile(r"[\u4e00-\u9fffA-Za-z0-9%％，,、（(《“‘〔\[【]$")
_TITLE_END = re.compile(rf"(?:{TYPE_WORD}|政府|委员会|办公[厅室]|[局厅委部]|[\d一二三四五六七八九十]\s*日|\d\s*号)$")
_SPREAD = 0.3  # of the wrap width: how far full lines vary
_STUB = 0.5  # of the wrap width: an unnumbered heading; narrow columns are cut early more often than
_NARROW = 36  # they have such headings, so below this width (columns) stubs are joined
_LONG = 1.6  # times the wrap width: glosses and blanks inserted later lengthen a line
_SHORT = 0.7  # of the wrap width: a line this short was not cut by the wrap


@dataclass(frozen=True, slots=True)
class Line:
    """A non-empty line: its range without surrounding blanks, its simplified text, and what precedes it.

    `width` counts columns of the kept characters without blanks. `measures` are all lengths by which the text
    may have been wrapped: columns and characters, of the kept text and of the line as it stood in the
    source (glosses and blanks may have been inserted before or after).
    """

    start: int
    end: int
    text: str
    indent: int
    blank_before: bool
    page_edge: bool
    width: int
    measures: tuple[int, ...] = ()

    @property
    def ends_sentence(self) -> bool:
        """Whether the line closes a sentence."""
        return _TERMINAL.search(self.text) is not None

    @property
    def is_open(self) -> bool:
        """Whether the line stops inside a sentence and is no title, signature or date either."""
        return _OPEN_END.search(self.text) is not None and _TITLE_END.search(self.text) is None

    @property
    def starts_item(self) -> bool:
        """Whether the line begins like a numbered heading."""
        return ORDINAL_START.match(self.text) is not None


def display_width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font: two for East Asian wide characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def split_lines(text: MappedText, page_starts: Sequence[int], source: str = "") -> list[Line]:
    """The non-empty lines of `text`; `page_starts` are offsets in `source`, the text before cleaning."""
    starts = set(page_starts)
    view = simplify(text.text)
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
        body = view[start:end]
        bare = body.replace(" ", "").strip()
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
                display_width(bare),
                _measures(bare, _source_line(text, start + indent, start + len(body.rstrip()), source)),
            )
        )
    return lines


def _source_line(text: MappedText, start: int, end: int, source: str) -> str:
    """A line as it stands in the source, from its first kept character on, trailing glosses included."""
    first = int(text.origin[start])
    behind = int(text.origin[end]) if end < len(text.origin) else len(source)
    return source[first:behind].split("\n")[0].rstrip()


def _measures(kept: str, source: str) -> tuple[int, ...]:
    return display_width(kept), display_width(source), 2 * len(kept), 2 * len(source)


def _sequential_numbers(lines: Sequence[Line]) -> set[int]:
    """Indexes of bare-number lines that count pages: at a page edge, or 1, 2, 3 … well apart."""
    bare = [i for i, line in enumerate(lines) if _BARE_NUMBER.match(line.text)]
    found = {i for i in bare if lines[i].page_edge}
    values = [int(lines[i].text) for i in bare]
    counts = all(b == a + 1 for a, b in itertools.pairwise(values))
    gaps = [b - a for a, b in zip([-1, *bare], bare, strict=False)]
    if len(bare) > 1 and counts and statistics.median(gaps) > 3 and min(gaps) > 1:
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
        if (
            len(key) >= 4
            and (len(indexes) >= 3 or (len(edges) >= 2 and not _TITLE_END.search(lines[indexes[0]].text)))
            and "\t" not in lines[indexes[0]].text
        ):
            found.update(indexes[0 if _heads_page(indexes, lines) else 1 :])
            found.discard(1 if indexes[:2] == [0, 1] else -1)  # the title itself, below a header that repeats it
    return found


def _heads_page(indexes: Sequence[int], lines: Sequence[Line]) -> bool:
    """Whether the first occurrence stands above the title, and so is a header as well."""
    if indexes[0] != 0:
        return False
    following = "".join(line.text for line in lines[1:4])
    titled = re.search(rf"{TYPE_WORD}(?:[(（][^()（）]*[)）])?$", lines[0].text) is not None
    return indexes[1] == 1 or not titled or re.search(TYPE_WORD, following) is not None


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
    pairs = [(a, b) for a, b in itertools.pairwise(body) if not a.starts_item or a.width > 30]
    cut = [a.width for a, b in pairs if a.is_open and not b.starts_item]
    if len(cut) < 3:
        return None
    width = Counter(round(w / 4) for w in cut).most_common(1)[0][0] * 4
    full = sorted(w for w in cut if abs(w - width) <= max(4, _SPREAD * width))
    if not full or len(full) < len(cut) / 2:
        return None
    middle = full[(len(full) * 4) // 5]
    long_enough = [a for a, b in pairs if a.width >= 0.8 * middle and not b.starts_item]
    if sum(a.is_open for a in long_enough) < _WRAPPED_SHARE * len(long_enough):
        return None
    # A hard wrap leaves no line much longer than its width, and puts most text into lines near it.
    long = sum(line.width for line in body if line.width > _LONG * middle)
    near = sum(line.width for line in body if _SHORT * middle <= line.width <= _LONG * middle)
    total = sum(line.width for line in body)
    return middle if long < 0.2 * total and near > 0.4 * total else None


def _with_even_widths(lines: Sequence[Line]) -> list[Line]:
    """Lines with the one of their measures as width in which cut lines vary least."""
    cut = [a for a, b in itertools.pairwise(lines) if a.is_open and not b.starts_item and not a.starts_item]
    if len(cut) < 3:
        return list(lines)

    def spread(measure: int) -> float:
        values = [line.measures[measure] for line in cut]
        return statistics.pstdev(values) / max(statistics.fmean(values), 1)

    best = min(range(len(cut[0].measures)), key=spread)
    return [replace(line, width=line.measures[best]) for line in lines]


def _is_break(line: Line, following: Line, width: int, *, blanks_tell: bool, paragraph: str) -> bool:
    """Whether the line end between two lines of wrapped text ends a paragraph; `paragraph` ends with `line`."""
    if _CLOSED_NOTE.search(paragraph):  # 。(责任单位:……) closes a paragraph
        return True
    if following.starts_item and line.text[-1] in ")）】〕":
        return True
    if line.starts_item and line.width < 0.9 * width and following.starts_item:
        return True
    if blanks_tell and following.blank_before:
        return True
    if following.starts_item and line.width < _SHORT * width and not _ENDS_IN_REFERENCE.search(line.text):
        return True
    if line.ends_sentence:
        full = width - 1 if line.text[-1] not in "；;" else 0.9 * width
        return line.width < full or following.starts_item or following.indent >= 2
    if line.is_open and not line.starts_item:
        return line.width < _STUB * width and width >= _NARROW
    return line.width < _SHORT * width or line.width > 1.1 * width


def _indent_tells(lines: Sequence[Line]) -> bool:
    """Whether paragraphs begin with an indent, so that it tells where they end."""
    indented = [line.indent >= 2 for line in lines]
    after_stop = [b for (a, b) in zip(lines, indented[1:], strict=False) if a.ends_sentence]
    return 3 <= sum(indented) < 0.8 * len(lines) and sum(after_stop) > 0.5 * len(after_stop)


def _is_cut_once(line: Line, following: Line) -> bool:
    """Whether a page end cut a paragraph in an otherwise unwrapped text."""
    if not line.is_open or following.starts_item or "\t" in line.text + following.text:
        return False
    if _TITLE_END.search(following.text) or _KEY_START.match(following.text):
        return False
    return line.measures[0] > _CUT_WIDTH or _cuts_word(line.text, following.text)


def _cuts_word(before: str, after: str) -> bool:
    """Whether a line end stands inside a word or a number."""
    import rjieba

    left, right = before[-_WORD:], after[:_WORD]
    position = 0
    for word in rjieba.cut(left + right, False):
        if position < len(left) < position + len(word):
            return True
        position += len(word)
    return False


def unwrap(text: MappedText, source: str) -> tuple[MappedText, bool]:
    """Join lines that a hard wrap cut apart; afterwards every "\\n" ends a paragraph, heading or row.

    A text is taken as wrapped when lines end inside sentences throughout. Blank lines are dropped;
    they end a paragraph only where most lines have none between them (a PDF text layer may
    put one after every line).

    Returns:
        The text, and whether it was taken as wrapped.
    """
    lines = _with_even_widths(split_lines(text, (), source))
    if not lines:
        return text.without([(0, len(text.text))]), False
    width = _wrap_width(lines)
    blanks_tell = sum(line.blank_before for line in lines) < 0.5 * len(lines)
    indent_tells = _indent_tells(lines)
    spans = [(0, lines[0].start), (lines[-1].end, len(text.text))]
    paragraph_start = lines[0].start
    for line, following in itertools.pairwise(lines):
        paragraph = text.text[max(paragraph_start, line.end - 600) : line.end]
        if HEADING in (line.text[0], following.text[0]):
            joined = False
        elif following.text[0] in _NEVER_FIRST:
            joined = True
        elif indent_tells and not following.starts_item and (width is not None or line.is_open):
            joined = following.indent < 2 and not any(_TITLE_END.search(t) for t in (following.text, line.text[-6:]))
        elif width is None:
            joined = _is_cut_once(line, following)
        else:
            joined = not _is_break(line, following, width, blanks_tell=blanks_tell, paragraph=paragraph)
        if not joined:
            paragraph_start = following.start
            newline = text.text.index("\n", line.end, following.start)
            spans += [(line.end, newline), (newline + 1, following.start)]
        else:
            spans.append((line.end, following.start))
    return text.without(spans), width is not None
