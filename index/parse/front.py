"""The head of a document: everything before its first numbered part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.clean.mapped import compact
from index.clean.page import BREADCRUMB
from index.clean.vocabulary import TYPE_WORD
from index.parse.regions import split_bodies

# (2022-2025年) and (试行) belong to a title; a number or a signature in brackets does not.
_PAREN = r"(?:\((?![^()]*(?:号|\d{4}年\d{1,2}月|委员会|[局厅]|政府))[^()\n]{1,30}\)|\[(?!\d{4}\])[^\[\]\n]{1,20}\])"
_TITLE_END = rf"{TYPE_WORD}{_PAREN}{{0,3}}"
_MAX_TITLE = 120
_MAX_HEAD = 12_000  # characters in which title, number and dates are looked for

_DOC_NUMBER = re.compile(
    r"(?P<prefix>[\u4e00-\u9fff]{2,24})\s*[\[(【〈<]\s*(?P<year>(?:19|20)\d{2})\s*[\])】〉>]\s*第?\s*(?P<number>\d{1,5})\s*号"
)
_DECREE_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,16}?(?:政府|委员会|[部局署院])令)第?(\d{1,4})号")
# An announcement (公告) is numbered by year alone, on a line of its own or in brackets: 2024年第17号.
_YEARLY_NUMBER = re.compile(r"\(?(?P<year>(?:19|20)\d{2})年第(?P<number>\d{1,4})号\)?")
_PREFIX_NOISE = re.compile(rf".*(?:文件|{TYPE_WORD}(?=..)|政府(?=..[^发办])|[年月日号]|根据|按照|依据|文号)")
_NOTICE = re.compile(
    r"(?:《(?P<quoted>[^《》]{4,120}(?:《[^《》]*》[^《》]*)*)》[^。]{0,60}?"
    r"(?:同意|通过|批准|研究|审定|修订|制定|印发|发布|公布|下达)[^。]{0,60}?(?:印发|发布|公布|下达|转发)[^。]{0,40}(?:你们|执行|实施|落实|$|。))"
    r"|现将《(?P<now>[^《》]{4,120})》[^。]{0,20}(?:印发|发布|公布|下达|转发)"
)
_SEEKS_COMMENT = re.compile(r"征求(?:对)?《(?P<title>[^《》]{4,100})》[^。]{0,20}意见")
_CARRIES = re.compile(
    rf"关于(?:印发|发布|公布|下达|转发)《?(?P<title>[^《》。]{{4,100}}?{_TITLE_END})》?的(?:通知|公告|通告|决定|函)"
)
_SALUTATION = re.compile(r"(?:各|市|区|县|省|有关|全|相关|本)[^。;:]{1,160}:")
_DATE = r"\d{4}年\d{1,2}月\d{1,2}日"
_HISTORY = re.compile(
    rf"\(?(?:{_DATE}[^。]{{0,200}}?(?:通过|批准|公布|发布|修订|修正|修改)(?:[^。,;]{{0,40}}?(?:修正|修订|决定))?[》\")]*|{_DATE}(?:起)?(?:施行|实施))\)?"
)
_PUBLIC_NOTE = re.compile(
    r"\(?此件(?:主动|依申请|不予)?公开(?:发布)?\)?|\(此件[^()]{1,12}\)|[A-Z]{2,6}\d{2}[-—]\d{4}[-—]\d{3,5}|标题:|索引号[^。\n]{0,40}"
)


@dataclass(frozen=True, slots=True)
class Front:
    """What the head says.

    Attributes:
        title: of the document in force: the one a notice carries, else its own. Without blanks, simplified.
        notice: the carrying notice's title, where there is one.
        doc_number: normalised 杭政办函〔2022〕69号, None where the head states none of its own.
        head: the text before the preamble, for issuers and dates.
        head_lines: the same by line.
        preface: range of the preamble (路径 0) in the text, None when there is none.
        lead: whether text of another author precedes the title (a news report).
        metadata: what a government site's table above the document says, by key.
    """

    title: str
    notice: str | None
    doc_number: str | None
    head: str
    head_lines: tuple[str, ...]
    preface: tuple[int, int] | None
    lead: bool
    metadata: Mapping[str, str]


def parse_front(text: str, shape: str, end: int) -> Front:
    """Read the head, `text[:end]`.

    Args:
        text: simplified text (`CleanText.text`), for what is shown.
        shape: the same with half-width punctuation, for patterns.
        end: offset of the first numbered part, or the text's length.
    """
    metadata, begin = page_metadata(shape[:end])
    flat, places = _without_navigation(shape, begin, min(end, begin + _MAX_HEAD))
    flat_text = "".join(text[i] for i in places)
    breaks = {k for k, place in enumerate(places) if k == 0 or shape[place - 1] == "\n"}
    breaks |= {k for k, place in enumerate(places) if k and "\n" in shape[places[k - 1] + 1 : place]}
    carried = _carried_title(flat)
    title_span = _last_span(flat, carried) if carried else _own_title(flat, breaks)
    title = flat_text[slice(*title_span)] if title_span else _first_line(flat_text, breaks)
    body_from = _preamble_start(flat, title_span[1] if title_span else 0)
    preface = _preface_range(flat, places, body_from, end)
    head = flat[:body_from]
    return Front(
        title=_tidy(title),
        notice=_notice_title(flat, carried, breaks),
        doc_number=_doc_number(head) or _doc_number(metadata.get("文号", "")) or _yearly_number(head, breaks),
        head=head,
        head_lines=tuple(re.split("\n", _with_breaks(head, breaks))),
        preface=preface,
        lead=_has_lead(flat, title_span),
        metadata=metadata,
    )


_METADATA_KEY = (
    r"(索引号|主题分类|体裁分类|组配分类|服务对象|发文机关|发布机构|制定机关|发文单位|成文日期|发文日期|发布日期|生成日期|生效日期|失效日期|废止日期"
    r"|施行日期|标题|名称|文号|文件编号|发文字号|统一编号|有效性|时效性|公开方式|公开范围|公开属性|信息来源|主题词|关键词)[:：]"
)
_METADATA_LINE = re.compile(rf"{_METADATA_KEY}[^\n]*(?:\n|$)")
# Blanks between Chinese characters are gone, so that a key may follow a value at once; 文件名称 is no new key.
_METADATA_FACT = re.compile(rf"(?:^|[\s|;,]|(?!标题|名称)){_METADATA_KEY}")


_NAVIGATION_LINE = re.compile(
    rf"(?:{BREADCRUMB}|首页\s*[/|-]|(?:信息|文章|稿件|内容)?来源:|(?:发布|更新|发稿)(?:时间|日期):|(?:浏览|阅读|点击)(?:次数|量|数)|字[号体]|"
    r"作者:|编辑:|责任编辑:|\[?打印|\[?关闭|分享到|\[大中小\]|大中小)[^\n。]*(?:\n|$)"
)


def page_metadata(shape: str) -> tuple[dict[str, str], int]:
    """The table of facts and the navigation that sites print above a document, and where they end.

    Blanks inside the keys (索 引 号) are gone by then. Fewer than two such lines are no table.
    """
    position = kept = _banner_end(shape)
    found: dict[str, str] = {}
    for line in shape[:position].split("\n"):
        found |= _facts_of(line)
    while match := _METADATA_LINE.match(shape, position) or _NAVIGATION_LINE.match(shape, position):
        position = match.end()
        if match.re is _METADATA_LINE:
            found |= _facts_of(match.group())
        if match.re is _NAVIGATION_LINE or len(found) > 1:
            kept = position
    return (found, kept) if len(found) > 1 else ({}, kept)


def _facts_of(line: str) -> dict[str, str]:
    """The facts of a line of the table, of which it may hold several side by side."""
    if not _METADATA_LINE.match(line):
        return {}
    parts = _METADATA_FACT.split(line)
    return {key: value.strip(" \t\n|;,") for key, value in zip(parts[1::2], parts[2::2], strict=True)}


def _banner_end(shape: str) -> int:
    """Offset of a breadcrumb (当前位置:首页>…) behind a site's name and menu, else 0.

    Nothing of a document precedes a breadcrumb but the table of facts.
    """
    crumb = re.search(rf"(?:^|\n)(?={BREADCRUMB})", shape)
    return 0 if crumb is None or re.search(r"[。;]", shape[: crumb.start()]) else crumb.end()


def _without_navigation(shape: str, begin: int, end: int) -> tuple[str, list[int]]:
    """The head without blanks and without a page's navigation lines, and the offset of each character."""
    navigation = [
        m.span()
        for m in _NAVIGATION_LINE.finditer(shape, begin, end)
        if m.start() == begin or shape[m.start() - 1] == "\n"
    ]
    flat, places = compact(shape[begin:end])
    kept = [k for k, place in enumerate(places) if not any(a <= place + begin < b for a, b in navigation)]
    return "".join(flat[k] for k in kept), [places[k] + begin for k in kept]


def _with_breaks(head: str, breaks: set[int]) -> str:
    return "".join(f"\n{char}" if k in breaks and k else char for k, char in enumerate(head))


def _tidy(title: str) -> str:
    return title.strip("《》 ,，。:：").strip()


def _carried_title(flat: str) -> str | None:
    """The title in 《》 of the document that this notice puts into force."""
    names = _CARRIES.search(flat)
    draft = _SEEKS_COMMENT.search(flat)
    if draft is not None and flat.count(str(draft.group("title"))) > 1:
        return str(draft.group("title"))
    for match in _NOTICE.finditer(flat):
        quoted = match.group("quoted") or match.group("now")
        before = flat[max(0, match.start() - 4) : match.start()]
        if re.search(TYPE_WORD, quoted) and not re.search(r"根据|按照|关于$|以及|和$|、$", before):
            return str(quoted)
    if names is None:
        return None
    title = str(names.group("title"))
    return title if _headings(flat, title) or flat.count(f"《{title}》") > 1 else None


def _headings(flat: str, title: str) -> list[tuple[int, int]]:
    """Where `title` stands as a heading: not in 《》, followed by no 的通知, not inside a sentence (现将…公告如下)."""
    return [
        match.span()
        for match in re.finditer(re.escape(title), flat)
        if not re.search(r"[《将对,、的按]$|制定|实施", flat[max(0, match.start() - 2) : match.start()])
        and not re.match(r"》|的(?:通知|公告|通告|决定|函)", flat[match.end() :])
    ]


def _last_span(flat: str, title: str) -> tuple[int, int] | None:
    """Where `title` stands last, heading the text it names, else its last place."""
    bare = _headings(flat, title)
    spans = [match.span() for match in re.finditer(re.escape(title), flat)]
    return bare[-1] if bare else spans[-1] if spans else None


def _own_title(flat: str, breaks: set[int]) -> tuple[int, int] | None:
    """The title of a document that no notice carries: by its own lines, else by where its wording ends."""
    by_lines = _title_by_lines(flat, breaks)
    glued = _title_by_wording(flat, breaks)
    found = by_lines or glued
    return found and (_last_span(flat, flat[slice(*found)]) or found)


def _title_by_lines(flat: str, breaks: set[int]) -> tuple[int, int] | None:
    """Up to ten whole lines that together end like a title."""
    starts = [*sorted(breaks), len(flat)]
    for i, start in enumerate(starts[:-1]):
        for stop in starts[i + 1 : i + 11]:
            line = flat[start:stop]
            if (
                len(line) > _MAX_TITLE
                or re.search(rf"[。;]|:$|{_DATE}|^目录|[)》]目录$", line)
                or _DOC_NUMBER.search(line)
            ):
                break
            bare = re.sub(r"^《|》$", "", line)
            if (
                len(bare) >= 5
                and re.search(rf"{_TITLE_END}$", bare)
                and not re.match(r"根据|按照|为|依据|各|附件|文件|现将", bare)
            ):
                if re.match(rf"{_PAREN}", flat[stop:]) and stop in breaks:
                    stop += len(re.match(_PAREN, flat[stop:]).group())  # type: ignore[union-attr]
                if not re.match(r"性|化|的|及|和|与|、", flat[stop:]):
                    return start, stop
    return None


_BODY_OPENER = re.compile(
    r"为|根据|各[^。]{1,80}:|\([^()]{2,20}号\)|第[一1][章条编]|一、|近年来|现(?:将|就|行)|按照|依据|经|以|[\u4e00-\u9fff]{2,12}是[^。]{2,30}[。,]"
    r"|贯彻|深入|今年|目前|当前|有关单位|\(?\d{4}年|本|目录|《|[\u4e00-\u9fff]{2,10}[\[(]\d{4}"
)


def _title_by_wording(flat: str, breaks: set[int]) -> tuple[int, int] | None:
    """A title that runs into the text behind it: ends with a type word before a typical opening."""
    candidates: list[tuple[int, int]] = []
    numbers = [m.end() for m in _DOC_NUMBER.finditer(flat)]
    for match in re.finditer(_TITLE_END, flat):
        rest = flat[match.end() : match.end() + _MAX_TITLE]
        dated = re.search(r"\([^()]*(?:\d{4}|版|试行)[^()]*\)$", match.group()) and not re.match(r"[的,、》]", rest)
        if rest and not dated and not _BODY_OPENER.match(rest):
            continue
        stops = [flat.rfind(stop, 0, match.start()) + 1 for stop in "。;:!?》"]
        stops += [number for number in numbers if number <= match.start()]
        start = max([*stops, max((b for b in breaks if b <= match.start()), default=0)])
        title = flat[start : match.end()]
        if (
            not 5 <= len(title) <= _MAX_TITLE
            or re.match(r"根据|按照|为|依据|各|现将|本|以上|上述", title)
            or "," in title[-20:]
        ):
            continue
        if re.search(_DATE, title) or title.endswith("目录"):
            continue
        if title.startswith("关于"):
            start = _issuers_before(flat, start, breaks)
        candidates.append((start, match.end()))
    if not candidates:
        return None
    again = [span for span in candidates if flat.count(flat[slice(*span)]) > 1]
    start = (again or candidates)[0][0]
    return max(span for span in again or candidates if span[0] == start)


def _issuers_before(flat: str, start: int, breaks: set[int]) -> int:
    """Start of the line of issuers above a title that begins with 关于, else `start`."""
    above = max((b for b in breaks if b < start), default=start)
    line = flat[above:start]
    return above if line and "".join(split_bodies(line)) == line else start


def _first_line(flat_text: str, breaks: set[int]) -> str:
    following = sorted(b for b in breaks if b > 0)
    first = flat_text[: following[0]] if following else flat_text
    return re.split(r"[。:：]", first)[0][:_MAX_TITLE]


def _notice_title(flat: str, carried: str | None, breaks: set[int]) -> str | None:
    if carried is None:
        return None
    matches = [m for m in _CARRIES.finditer(flat) if not re.search(r"《[^》]*$", flat[: m.start()])]
    if not matches:
        return None
    start = max((b for b in breaks if b <= matches[-1].start()), default=0)
    return re.split(r"[。;:]", flat[start : matches[-1].end()])[-1]


def _preamble_start(flat: str, title_end: int) -> int:
    """Offset behind title, salutation, number, history, signature and date."""
    position = title_end
    while True:
        rest = flat[position:]
        skipped = (
            re.match(r"[》\s]+", rest)
            or _PUBLIC_NOTE.match(rest)
            or _HISTORY.match(rest)
            or re.match(rf"\([^()]{{0,40}}?{_DATE}[^()]*(?:\([^()]*\)[^()]*)*\)", rest)
            or re.match(rf"\({_DOC_NUMBER.pattern}\)".replace("?P<", "?P<in_"), rest)
            or _DOC_NUMBER.match(rest)
            or _YEARLY_NUMBER.match(rest)
            or re.match(rf"{_PAREN}", rest)
            or re.match(rf"(?:[\u4e00-\u9fff]{{2,40}})?{_DATE}(?!起|至|前|以|,|之)", rest)
            or _SALUTATION.match(rest)
            or re.match(r"目录(?=[第一])", rest)
        )
        if not skipped or not skipped.end():
            return position
        position += skipped.end()


def _preface_range(flat: str, places: list[int], start: int, end: int) -> tuple[int, int] | None:
    """The preamble in text offsets; it must hold a sentence, a heading or a date alone is none."""
    body = flat[start:]
    if not re.search(r"[。:;]", body):
        return None
    return places[start], end


def _doc_number(head: str) -> str | None:
    """The document's own number: in the head, not inside brackets or behind a title it belongs to."""
    decree = _DECREE_NUMBER.search(head)
    if decree is not None and not re.search(r"《[^》]*$|\($", head[: decree.start()]):
        return f"{decree.group(1)}第{decree.group(2)}号"
    for match in _DOC_NUMBER.finditer(head):
        prefix = match.group("prefix")
        cut = _PREFIX_NOISE.match(prefix)
        prefix = prefix[cut.end() :] if cut and cut.end() < len(prefix) - 1 else prefix
        begin = match.end("prefix") - len(prefix)
        if begin and head[begin - 1] in "(》" and not re.search(rf"{_TITLE_END}\($", head[:begin]):
            continue
        if re.search(r"《[^》]*$", head[:begin]):
            continue
        if 2 <= len(prefix) <= 12:
            return f"{prefix}〔{match.group('year')}〕{int(match.group('number'))}号"
    return None


def _yearly_number(head: str, breaks: set[int]) -> str | None:
    """2024年第17号 of an announcement: on a line of its own, or where the title ends."""
    for match in _YEARLY_NUMBER.finditer(head):
        own_line = match.start() in breaks and (match.end() in breaks or match.end() == len(head))
        if own_line or re.search(r"(?:公告|通告|令)$", head[: match.start()]):
            return f"{match.group('year')}年第{int(match.group('number'))}号"
    return None


def _has_lead(flat: str, title_span: tuple[int, int] | None) -> bool:
    """Whether sentences of a news report precede the title or the notice."""
    if title_span is None:
        return False
    before = flat[: title_span[0]]
    sentences = [s for s in before.split("。")[:-1] if not re.search(r"印发给你们|请[^。]*(?:执行|落实|实施|遵照)", s)]
    return any(re.search(r"讯|获悉|记者|近日|日前|发布了|印发了|力争|消息|据悉|印发《|发布《", s) for s in sentences)
