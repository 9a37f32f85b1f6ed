"""Read PDF: the text layer with pdfium, scanned pages through OCR.

pdfium keeps digits in their line where fonts are mixed (pdfplumber puts them on a line of their own) and takes
5 ms a page against 70 ms.
"""

from __future__ import annotations

import ctypes
import logging
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.errors import SourceFileError
from index.read import ocr
from index.read.extracted import Extracted, join_pages
from index.read.layout import Box, reading_order
from index.read.untyped import PdfDocument, PdfPage

if TYPE_CHECKING:
    from PIL.Image import Image

logger = logging.getLogger(__name__)

MAX_PAGES = 2000
# A page number or a stamp beside a full-page picture is no text layer.
_FEW_CHARACTERS = 20
_LARGE_PICTURE_SHARE = 0.5
_MAX_UNREADABLE_SHARE = 0.3
_OCR_DPI = 200
_MAX_OCR_SIDE = 4000
_MAX_SORTED_LINES = 500
_END_WINDOW = 2048
_PASSWORD_ERROR = 4

# Fonts use one glyph for a character and its radical, and some programs (Quartz, older Skia) name the radical.
_KANGXI = re.compile("[\u2f00-\u2fd5]")
_RADICALS = "⺟⺠⺩⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳"
_CHARACTERS = "母民王虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟"
# pdfium marks a hyphen at a line end with U+FFFE or U+0002.
_MEANT = str.maketrans(f"{_RADICALS}\ufffe\x02", f"{_CHARACTERS}--")


def read_pdf(data: bytes, name: str) -> Extracted:
    """Text of all pages, line breaks as on the page, a form feed between pages.

    Raises:
        SourceFileError: cut off, damaged, encrypted, or more than `MAX_PAGES` pages.
        MissingExtraError: no page has a text layer, and the OCR extra is not installed.
    """
    _check_complete(data, name)
    document = _open(data, name)
    try:
        if not 0 < len(document) <= MAX_PAGES:
            raise SourceFileError(name, f"有 {len(document)} 页,无法读取", f"请拆成 1 到 {MAX_PAGES} 页的文件。")
        pages = [_page_text(document, index, name) for index in range(len(document))]
        scans = [index for index, text in enumerate(pages) if text is None]
        recognized = _recognize(document, scans, total=len(pages), name=name)
    finally:
        document.close()
    text, page_starts = join_pages(
        [recognized.get(index, "") if page is None else page for index, page in enumerate(pages)]
    )
    return Extracted(text, page_starts=page_starts, warnings=_warnings(scans, recognized, name))


def _check_complete(data: bytes, name: str) -> None:
    """Refuse a file without its end: pdfium repairs what it can and would silently leave pages out."""
    tail = data.rstrip(b"\x00\r\n\t ")[-_END_WINDOW:]
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise SourceFileError(name, "的 PDF 不完整,可能没有下载完", "请重新下载。")


def _open(data: bytes, name: str) -> PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
            raise SourceFileError(name, "有打开密码", "请去掉密码后再导入。") from error
        raise SourceFileError(name, "的 PDF 已损坏", "请重新下载,或用 PDF 阅读器打开后另存一份。") from error


def _page_text(document: PdfDocument, index: int, name: str) -> str | None:
    """The page's text layer; "" for an empty page, None for a page that has to be recognised."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise SourceFileError(name, f"的 PDF 第 {index + 1} 页已损坏", "请重新下载。") from error
    try:
        characters = list(_characters(page))
        text = "\n".join(_ordered_lines(characters))
        visible = "".join(text.split())
        if _is_unreadable(visible):
            return None
        if len(visible) < _FEW_CHARACTERS and _has_large_picture(page):
            return None
        return text if visible or not _draws_anything(page) else None
    finally:
        page.close()


def _characters(page: PdfPage) -> Iterator[tuple[str, tuple[float, float, float, float] | None]]:
    """Each character of pdfium's text page with its box (left, top, right, bottom), y downwards.

    Characters that pdfium adds itself (blanks, line ends) have no box.
    """
    from pypdfium2 import raw

    textpage = page.get_textpage()
    height = page.get_height()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    try:
        for position in range(raw.FPDFText_CountChars(textpage)):
            char = chr(raw.FPDFText_GetUnicode(textpage, position))
            if raw.FPDFText_IsGenerated(textpage, position) == 1:
                yield char, None
                continue
            raw.FPDFText_GetCharBox(textpage, position, left, right, bottom, top)
            yield char, (left.value, height - top.value, right.value, height - bottom.value)
    finally:
        textpage.close()


def _ordered_lines(characters: list[tuple[str, tuple[float, float, float, float] | None]]) -> list[str]:
    lines: list[Box] = []
    current: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for char, box in [*characters, ("\n", None)]:
        if char not in "\r\n":
            current.append(char)
            if box is not None and box[0] < box[2]:
                boxes.append(box)
        elif current:
            lines.append(_line_box(repair_characters("".join(current)), boxes))
            current, boxes = [], []
    if len(lines) > _MAX_SORTED_LINES:
        return [line.text for line in lines]
    return [lines[index].text for index in reading_order(lines)]


def _line_box(text: str, boxes: list[tuple[float, float, float, float]]) -> Box:
    if not boxes:
        return Box(text, 0.0, 0.0, 0.0, 0.0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(text, min(lefts), min(tops), max(rights), max(bottoms))


def repair_characters(text: str) -> str:
    """Characters as meant: UTF-16 halves joined, hyphen marks and radicals replaced, one for one but for halves."""
    # pdfium gives UTF-16 units on some systems.
    joined = text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
    cleaned = joined.translate(_MEANT).replace("\x00", "").rstrip()
    return _KANGXI.sub(lambda match: unicodedata.normalize("NFKC", match[0]), cleaned)


def _is_unreadable(visible: str) -> bool:
    """True when the fonts name no characters: the layer is control, private-use or replacement characters."""
    unreadable = sum(char < " " or char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in visible)
    return unreadable > len(visible) * _MAX_UNREADABLE_SHARE


def _has_large_picture(page: PdfPage) -> bool:
    from pypdfium2 import raw

    width, height = page.get_size()
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) > _LARGE_PICTURE_SHARE * width * height:
            return True
    return False


def _draws_anything(page: PdfPage) -> bool:
    return next(iter(page.get_objects(max_depth=1)), None) is not None


def _recognize(document: PdfDocument, scans: list[int], *, total: int, name: str) -> dict[int, str]:
    """Recognised text by page index; empty when OCR is not installed and other pages have text."""
    if not scans:
        return {}
    if not ocr.is_available():
        if len(scans) == total:
            raise ocr.missing_extra(name)
        return {}
    logger.info("recognising %d scanned pages of %s", len(scans), name)
    return {index: ocr.recognize(_render(document[index])) for index in scans}


def _render(page: PdfPage) -> Image:
    """The page as a Pillow image at 200 dpi, smaller for posters."""
    longest = max(page.get_size())
    scale = min(_OCR_DPI / 72, _MAX_OCR_SIDE / max(longest, 1.0))
    image: Image = page.render(scale=scale).to_pil()
    return image


def _warnings(scans: list[int], recognized: dict[int, str], name: str) -> tuple[str, ...]:
    if not scans:
        return ()
    if recognized:
        return (ocr.ocr_warning(name),)
    numbers = "、".join(str(index + 1) for index in scans)
    return (f"文件“{name}”第 {numbers} 页没有可用的文字层,已跳过;安装文字识别后可读取:{ocr.INSTALL_COMMAND}。",)
