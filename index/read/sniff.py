"""Tell a file's real format from its first bytes; the suffix only decides between kinds of text."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from index.errors import SourceFileError

_SAVE_AS_DOCX = "请用 WPS/Word 打开,另存为 docx 后再导入。"
_TEXT_SUFFIXES = frozenset({".txt", ".text"})
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})


class Kind(StrEnum):
    """The formats that can be read; the value is `RawDocument.format`."""

    TEXT = "txt"
    MARKDOWN = "md"
    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"
    IMAGE = "image"
    OFD = "ofd"


SUFFIX_KINDS = {
    **dict.fromkeys(_TEXT_SUFFIXES, Kind.TEXT),
    **dict.fromkeys(_MARKDOWN_SUFFIXES, Kind.MARKDOWN),
    **dict.fromkeys(_HTML_SUFFIXES, Kind.HTML),
    **dict.fromkeys(_IMAGE_SUFFIXES, Kind.IMAGE),
    ".docx": Kind.DOCX,
    ".pdf": Kind.PDF,
    ".ofd": Kind.OFD,
}
SUPPORTED_SUFFIXES = frozenset(SUFFIX_KINDS)

# Suffixes under which exports of web sites hide HTML or plain text.
_OFFICE_SUFFIXES = frozenset({".doc", ".wps", ".rtf", ""})
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
    (b"\xff\xd8\xff", Kind.IMAGE),
    (b"II*\x00", Kind.IMAGE),
    (b"MM\x00*", Kind.IMAGE),
)
_REFUSED_MAGIC = (
    (b"Rar!\x1a\x07", "是 RAR 压缩包", "请解压后导入里面的文件。"),
    (b"7z\xbc\xaf\x27\x1c", "是 7z 压缩包", "请解压后导入里面的文件。"),
    (b"\x1f\x8b", "是 gzip 压缩包", "请解压后导入里面的文件。"),
    (b"\x7fELF", "是可执行程序,不是文档", "请确认下载的是政策文件。"),
    (b"{\\rtf", "是 RTF 格式,暂不支持", _SAVE_AS_DOCX),
    (b"GIF8", "是 GIF 图片,暂不支持", "请另存为 PNG 后再导入。"),
)
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", "有打开密码", "请用 WPS/Word 打开,去掉密码后另存为 docx。"),
    ("Workbook", "是旧版 Excel(xls)格式,暂不支持", "请把表格内容粘贴到 Word 中,另存为 docx。"),
    ("PowerPoint Document", "是旧版 PowerPoint(ppt)格式,暂不支持", "请把文字另存为 docx。"),
)
_ZIP_PARTS = (
    (b"xl/workbook", "是 Excel(xlsx)格式,暂不支持", "请把表格内容粘贴到 Word 中,另存为 docx。"),
    (b"ppt/presentation", "是 PowerPoint(pptx)格式,暂不支持", "请把文字另存为 docx。"),
    (b"opendocument.text", "是 ODT 格式,暂不支持", _SAVE_AS_DOCX),
)
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]", re.I | re.S
)
_MARKUP = re.compile(r"<(?:p|div|span|table|br)[\s/>]", re.I)
_WORD_XML = re.compile(r"\s*<\?xml[^>]*>.{0,500}?(?:progid=\"Word\.Document\"|<w:wordDocument|<pkg:package)", re.S)
_MHT_START = re.compile(r"(?:[\w-]+:[^\n]*\n)*?MIME-Version:", re.I)
_HEAD = 4096


def detect(data: bytes, suffix: str, name: str) -> Kind:
    """The real kind of a file with these bytes; `suffix` is lower case with its dot.

    Raises:
        SourceFileError: a format that is not supported, with the way to convert it.
    """
    for magic, problem, remedy in _REFUSED_MAGIC:
        if data.startswith(magic):
            raise SourceFileError(name, problem, remedy)
    if data.startswith(b"MZ") and b"\x00" in data[:_HEAD]:
        raise SourceFileError(name, "是可执行程序,不是文档", "请确认下载的是政策文件。")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if (data.startswith(b"BM") and suffix == ".bmp") or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return Kind.IMAGE
    if data[:1024].lstrip().startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in data[:1024]):
        return Kind.PDF
    if data.startswith(_OLE_MAGIC):
        raise _ole_refusal(data, suffix, name)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data, name)
    return _text_kind(data, suffix, name)


def _ole_refusal(data: bytes, suffix: str, name: str) -> SourceFileError:
    for stream, problem, remedy in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return SourceFileError(name, problem, remedy)
    if suffix == ".wps":
        return SourceFileError(name, "是 WPS 文字(wps)格式,暂不支持", _SAVE_AS_DOCX)
    return SourceFileError(name, "是旧版 Word(doc)格式,暂不支持", _SAVE_AS_DOCX)


def _zip_kind(data: bytes, name: str) -> Kind:
    # Member names stand uncompressed in the archive, so a damaged one can still be told apart.
    if b"word/document" in data or b"word/" in data:
        return Kind.DOCX
    if b"OFD.xml" in data:
        return Kind.OFD
    for part, problem, remedy in _ZIP_PARTS:
        if part in data:
            raise SourceFileError(name, problem, remedy)
    raise SourceFileError(name, "是 ZIP 压缩包", "请解压后导入里面的文件。")


def _text_kind(data: bytes, suffix: str, name: str) -> Kind:
    claimed = SUFFIX_KINDS.get(suffix)
    head = _peek(data)
    if _WORD_XML.match(head):
        raise SourceFileError(name, "是 Word XML 格式,暂不支持", _SAVE_AS_DOCX)
    if _MHT_START.match(head) and "multipart/related" in data[:_HEAD].decode("latin-1").lower():
        raise SourceFileError(name, "是单文件网页(mht)格式,暂不支持", _SAVE_AS_DOCX)
    if claimed is Kind.HTML or _HTML_START.match(head):
        return Kind.HTML
    if claimed in (Kind.TEXT, Kind.MARKDOWN):
        return claimed
    if claimed is None and suffix not in _OFFICE_SUFFIXES:
        raise SourceFileError(
            name, f"的格式({suffix})不支持", "支持 txt、md、html、docx、pdf、ofd 和常见图片,请先转换。"
        )
    return Kind.HTML if len(_MARKUP.findall(head)) >= 2 else Kind.TEXT


def _peek(data: bytes) -> str:
    """The first characters for matching markup, which is ASCII in every encoding but UTF-16."""
    head = data[:_HEAD]
    if head.startswith(codecs.BOM_UTF16_LE):
        return head[2:].decode("utf-16-le", errors="replace")
    if head.startswith(codecs.BOM_UTF16_BE):
        return head[2:].decode("utf-16-be", errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
