"""Read one source file of any supported format into a `RawDocument`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from index.corrections import checked_facts, content_digest, corrections_bytes, corrections_path
from index.errors import SourceFileError
from index.models import RawDocument
from index.read.docx_text import read_docx
from index.read.extracted import Extracted
from index.read.html import read_html
from index.read.ocr import read_image
from index.read.ofd import read_ofd
from index.read.pdf import read_pdf
from index.read.sniff import SUFFIX_KINDS, Kind, detect
from index.read.text import read_markdown, read_text, yaml_mapping

MAX_BYTES = 50 * 1024 * 1024

_READERS: dict[Kind, Callable[[bytes, str], Extracted]] = {
    Kind.TEXT: read_text,
    Kind.MARKDOWN: read_markdown,
    Kind.HTML: read_html,
    Kind.DOCX: read_docx,
    Kind.PDF: read_pdf,
    Kind.IMAGE: read_image,
    Kind.OFD: read_ofd,
}


def read_file(path: Path, *, max_bytes: int = MAX_BYTES) -> RawDocument:
    """Decode one file. The format is taken from its content; a misleading suffix is a warning.

    The corrections beside it (`index.corrections`) are read with it.

    Args:
        path: a regular file.
        max_bytes: larger files are refused before they are opened.

    Raises:
        SourceFileError: missing, unreadable, too large, empty, damaged, encrypted or not supported.
        MissingExtraError: a scan, and the OCR extra is not installed.
    """
    name = path.name
    data = _load(path, max_bytes=max_bytes)
    kind = detect(data, path.suffix.lower(), name)
    extracted = _READERS[kind](data, name)
    if not extracted.text[extracted.body_start :].strip():
        raise SourceFileError(name, "里没有文字", "请确认文件内容,或换一份带文字的文件。")
    beside = corrections_bytes(path)
    return RawDocument(
        name=name,
        format=kind.value,
        text=extracted.text,
        sha256=content_digest(hashlib.sha256(data).hexdigest(), beside),
        body_start=extracted.body_start,
        page_starts=extracted.page_starts,
        metadata=extracted.metadata,
        warnings=_suffix_warning(path, kind) + extracted.warnings,
        corrections=_corrections(beside, corrections_path(path).name),
    )


def _corrections(data: bytes, name: str) -> Mapping[str, Any]:
    if not data:
        return {}
    try:
        return checked_facts(yaml_mapping(read_text(data, name).text, name, what="更正"))
    except ValueError as error:
        raise SourceFileError(name, "有错", str(error)) from error


def _load(path: Path, *, max_bytes: int) -> bytes:
    name = path.name
    try:
        status = path.stat()
        if path.is_dir():
            raise SourceFileError(name, "是文件夹,不是文件", "请给出文件夹里的文件。")
        if not path.is_file():
            raise SourceFileError(name, "不是普通文件", "请给出磁盘上的文件。")
        if status.st_size > max_bytes:
            size, limit = status.st_size / 2**20, max_bytes / 2**20
            raise SourceFileError(name, f"太大({size:.0f} MB,上限 {limit:.0f} MB)", "请拆分或压缩图片后再导入。")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceFileError(name, "不存在", "请检查路径。") from error
    except OSError as error:
        raise SourceFileError(name, "无法打开", "请检查文件的读取权限。") from error
    if not data:
        raise SourceFileError(name, "是空文件(0 字节)", "请重新下载。")
    return data


def _suffix_warning(path: Path, kind: Kind) -> tuple[str, ...]:
    suffix = path.suffix.lower()
    if SUFFIX_KINDS.get(suffix) is kind:
        return ()
    shown = f"扩展名是 {suffix}" if suffix else "没有扩展名"
    return (f"文件“{path.name}”{shown},内容其实是 {kind.value},已按 {kind.value} 读取。",)
