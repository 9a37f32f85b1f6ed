"""Read HTML: the text that a reader of the page sees, without the site around it.

Libraries for article extraction were tried on eleven page layouts of Chinese sites, and variants of one of them:
trafilatura 2.3 and readability 0.9 lose titles, attachments or whole clauses, resiliparse 2.0 loses a title.
Here a block goes only when it is mostly links or named as part of the site's frame, and holds no clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.errors import SourceFileError
from index.read.encoding import Decoded, UndecodableError, decode
from index.read.extracted import Extracted
from index.read.html_render import BLOCK_TAGS, render
from index.read.text import damage_warning
from index.read.untyped import XmlElement

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_CHARSET_WINDOW = 4096
# Browsers read every member of the family with its superset.
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs"}
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
# Word marks parts for old browsers with <![if …]> and <![endif]>, which are no comments to a parser.
_DOWNLEVEL = re.compile(r"<!\[(?:if[^\]]*|endif)\]>", re.I)

_INVISIBLE_TAGS = (
    "script", "style", "noscript", "template", "head", "iframe", "object", "embed", "svg", "canvas", "audio", "video",
    "button", "input", "select", "option", "textarea", "rt", "rp", "map", "del", "xml",
)  # fmt: skip
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.I)
_FRAME_TAGS = frozenset({"nav", "footer", "aside"})
_FRAME_NAME_PARTS = """
nav navbar navigation menu breadcrumb breadcrumbs crumb crumbs footer foot bottom copyright sidebar aside related
recommend hot share toolbar comment comments pagination
"""
_FRAME_NAMES = frozenset(_FRAME_NAME_PARTS.split())
_NAME_PART = re.compile(r"[^\W_]+")
# A line that cites laws, each a link, is text.
_LINE_TAGS = frozenset({"p", "h2", "h3", "h4"})
_LISTED_TAGS = BLOCK_TAGS | {"span"}
_MIN_LINKS = 3
_MIN_LINK_SHARE = 0.6
_MAX_FRAME_SHARE = 0.2
_TRAIL = re.compile(r"^\W*(?:您?(?:现在|当前)?(?:的|所在)?位置|首页)\W")
_MAX_TRAIL = 120

# What a clause looks like: an ordinal outside a link, or a whole sentence.
_ORDINAL = re.compile(
    r"\s*(?:第[一二三四五六七八九十百千零〇\d]+[章节条款项]|[一二三四五六七八九十百]+、"
    r"|[(（][一二三四五六七八九十\d]+[)）]|\d{1,3}[.．、]\D)"
)
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条")
_SENTENCE = re.compile(r"[^。;；!！?？\s]{12,}[。;；]")


def read_html(data: bytes, name: str) -> Extracted:
    """Main text of a web page or a page saved from Word, one line for each block, a tab between table cells.

    Raises:
        SourceFileError: undecodable, tags nested beyond the parser's limit, or a page without visible text.
    """
    try:
        decoded = _decode(data)
    except UndecodableError as error:
        raise SourceFileError(name, "的网页编码无法识别", "请用浏览器打开,另存为 UTF-8 编码的网页。") from error
    text = _extract(decoded.text, name)
    if not text:
        raise SourceFileError(name, "的网页里没有文字,正文可能由脚本载入", "请在浏览器里复制正文,存成 txt 或 docx。")
    return Extracted(text, warnings=damage_warning(name, decoded.damaged))


def _decode(data: bytes) -> Decoded:
    match = _CHARSET.search(data, 0, _CHARSET_WINDOW)
    declared = match[1].decode("ascii", errors="ignore").lower() if match else None
    return decode(data, declared=_SUPERSETS.get(declared, declared) if declared else None)


def _extract(source: str, name: str) -> str:
    """The main text; a page that is hidden as a whole until a script shows it is read all the same."""
    root = _parse(source, name)
    if root is None:
        return ""
    _remove_invisible(root)
    _remove_frame(root)
    text = render(root)
    if text:
        return text
    shown = _parse(source, name)
    if shown is None:
        return ""
    _remove_invisible(shown, hidden_by_style=False)
    return render(shown)


def _parse(source: str, name: str) -> XmlElement | None:
    from lxml import html  # type: ignore[import-untyped]
    from lxml.etree import ParserError  # type: ignore[import-untyped]

    cleaned = _DOWNLEVEL.sub("", _XML_DECLARATION.sub("", source)).replace("\x00", "")
    # Without huge_tree, text below 256 levels (unclosed <font> tags get there) would silently be lost.
    # Bytes and a fixed encoding: the page's own meta charset no longer applies to decoded text.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root: XmlElement = html.document_fromstring(cleaned.encode("utf-8", errors="replace"), parser=parser)
    except ParserError:
        return None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise SourceFileError(name, "的网页标签嵌套太深,正文会丢失", "请在浏览器里复制正文,存成 txt 或 docx。")
    return root


def _remove_invisible(root: XmlElement, *, hidden_by_style: bool = True) -> None:
    for element in list(root.iter(*_INVISIBLE_TAGS)):
        _drop(element)
    if not hidden_by_style:
        return
    for element in list(root.iterdescendants()):
        if element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style", "")):
            _drop(element)


def _drop(element: XmlElement) -> None:
    """Take out an element with its content; the text after it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _remove_frame(root: XmlElement) -> None:
    """Take out navigation, link lists and the site's frame, outermost first."""
    total = len(_squeezed(root))
    for element in _frame_candidates(root):
        if _is_frame(element, total=total):
            _drop(element)


def _frame_candidates(root: XmlElement) -> Iterator[XmlElement]:
    """Block elements top down; the content of a dropped one is not visited."""
    waiting = list(reversed(list(root)))
    while waiting:
        element = waiting.pop()
        if element.tag in _LISTED_TAGS and element.tag not in ("html", "body"):
            yield element
        if element.getparent() is not None:
            waiting.extend(reversed(list(element)))


def _is_frame(element: XmlElement, *, total: int) -> bool:
    links = [link for link in element.iter("a") if link.get("href") is not None]
    named = _is_named_frame(element)
    if not links and not named:
        return False
    text = _squeezed(element)
    is_trail = len(text) <= _MAX_TRAIL and _TRAIL.match(text) is not None
    is_small_frame = named and len(text) <= max(total * _MAX_FRAME_SHARE, _MAX_TRAIL)
    return (is_trail or is_small_frame or _is_mostly_links(element, links, text)) and not _is_content(element, text)


def _is_mostly_links(element: XmlElement, links: list[XmlElement], text: str) -> bool:
    if len(links) < _MIN_LINKS or (element.tag in _LINE_TAGS and "《" in text):
        return False
    return sum(len(_squeezed(link)) for link in links) >= _MIN_LINK_SHARE * len(text)


def _is_content(element: XmlElement, text: str) -> bool:
    """True when the block holds a title, a list of attachments, a sentence, or a line that begins as a clause does."""
    if "附件" in text[:20] or element.tag == "h1" or element.find(".//h1") is not None:
        return True
    if _SENTENCE.search(text) or _ARTICLE.match(text):
        return True
    return any(_ORDINAL.match(line) for line in render(element, with_links=False).split("\n"))


def _is_named_frame(element: XmlElement) -> bool:
    if element.tag in _FRAME_TAGS:
        return next(element.iterancestors("article"), None) is None
    named = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}".lower()
    return not _FRAME_NAMES.isdisjoint(_NAME_PART.findall(named))


def _squeezed(element: XmlElement) -> str:
    return "".join("".join(element.itertext()).split())
