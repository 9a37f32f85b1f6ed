"""Web pages copied as one line: the blanks between their parts are the line ends that copying lost."""

from __future__ import annotations

import re

from index.clean.boilerplate import footer_start
from index.clean.characters import shape_of
from index.clean.mapped import MappedText

BREADCRUMB = r"(?:您?(?:现在|当前)?(?:的|所在)?(?:的)?位置[:：]|首页[ \t]*[>»›])"
"""How a site says where its page stands; what precedes it is the site's banner."""
_PAGE_ITEM = re.compile(
    rf"{BREADCRUMB}|(?:发布|更新|发稿)(?:时间|日期)[:：]|(?:浏览|阅读|点击)(?:次数|量|数)[:：]|字[号体][:：]"
)
_LONG_LINE = 300  # characters; a page's own lines of navigation are shorter, a whole policy on one line is longer
_FIRST_PART = re.compile(r"[一1][、.．]|第[一1][条章节]|[(（]一[)）]")
_DAY = r"\d{4}年\d{1,2}月\d{1,2}日"
_LINE_END = re.compile(
    rf"(?<![>»›|/\d,，、:\[(（【])[ ]+(?![>»›|/,，、\d])|[ ]+(?={_DAY}[ \n]|{_DAY}$)"
    r"|(?<=\d)[ ]+(?=[\u4e00-\u9fff]{0,12}[:：〔\[【(（])|(?<=[:：])[ ]+(?=[\u4e00-\u9fff]{2,12}(?:\[|〔|[:：]))"
)
_BRACKETED = re.compile(r"[\[【(（][^\[\]【】()（）\n]*[\]】)）]")


def restore_line_ends(text: MappedText) -> MappedText:
    """Turn the blanks of page furniture into line ends, in front of the first part and behind the last sentence.

    Only lines that hold a whole page (a breadcrumb or a reading count, and text) are touched; blanks inside
    brackets, between digits and beside the signs of a breadcrumb stay.
    """
    places: list[int] = []
    for line in re.finditer(r"[^\n]+", text.text):
        if len(line[0]) >= _LONG_LINE and (item := _PAGE_ITEM.search(line[0])):
            places += [line.start() + at for at in _breaks(line[0], item.end())]
    if not places:
        return text
    broken = set(places)
    return text.with_text("".join("\n" if at in broken else char for at, char in enumerate(text.text)))


def _breaks(line: str, after: int) -> list[int]:
    """Offsets of the blanks of `line` that end lines; its first page item ends at `after`."""
    first = _FIRST_PART.search(line, after)
    head = first.start() if first else after
    shape = shape_of(line)
    foot = head + footer_start(shape[head:].replace(" ", "\n"))
    last_stop = line.rfind("。", head, foot)
    closed = [match.span() for match in _BRACKETED.finditer(line)]
    found = []
    for match in _LINE_END.finditer(line):
        outside = match.start() < head or match.start() > last_stop >= 0
        if outside and not any(start < match.start() < end for start, end in closed):
            found.append(match.start())
    return found
