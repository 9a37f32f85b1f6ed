"""Read OFD (GB/T 33190-2016), the national format for issued documents: a zip of XML with text at positions."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator

from index.errors import SourceFileError
from index.read.archive import open_archive
from index.read.extracted import Extracted, join_pages
from index.read.layout import Box, join_rows
from index.read.untyped import XmlElement

_REMEDY = "请用 OFD 阅读器打开,另存为 PDF 或重新下载。"
_DEFAULT_SIZE_MM = 3.5


def read_ofd(data: bytes, name: str) -> Extracted:
    """Text of every page, lines top to bottom, left to right.

    Raises:
        SourceFileError: damaged, encrypted, or without text.
    """
    with open_archive(data, name) as archive:
        package = _Package(archive, name)
        pages = ["\n".join(join_rows(list(_page_boxes(package, path)))) for path in _page_paths(package)]
    if not any(page.strip() for page in pages):
        raise SourceFileError(name, "没有文字层,可能是扫描件", "请另存为 PDF 后再导入,由文字识别读取。")
    text, page_starts = join_pages(pages)
    return Extracted(text, page_starts=page_starts)


class _Package:
    """The XML parts of an OFD archive; locations in a part are relative to its folder unless they begin with "/"."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name

    def root(self, path: str) -> XmlElement:
        """Root element of the part at `path`."""
        from lxml import etree  # type: ignore[import-untyped]

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
        try:
            return etree.fromstring(self._archive.read(path), parser)
        except (KeyError, etree.XMLSyntaxError) as error:
            raise SourceFileError(self._name, "内容不完整或已加密", _REMEDY) from error

    @staticmethod
    def resolve(location: str, base: str) -> str:
        """Archive path of `location` as written in the part `base`."""
        location = location.strip()
        joined = location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
        return posixpath.normpath(joined).lstrip("/")


def _page_paths(package: _Package) -> Iterator[str]:
    for location in package.root("OFD.xml").iterfind(".//{*}DocBody/{*}DocRoot"):
        document = _Package.resolve(location.text or "", "OFD.xml")
        for page in package.root(document).iterfind("./{*}Pages/{*}Page"):
            yield _Package.resolve(page.get("BaseLoc", ""), document)


def _page_boxes(package: _Package, path: str) -> Iterator[Box]:
    for item in package.root(path).iterfind(".//{*}TextObject"):
        if item.get("Visible", "true") != "false":
            yield from _text_boxes(item)


def _text_boxes(item: XmlElement) -> Iterator[Box]:
    """Boxes in mm. A TextCode's X and Y place the baseline inside the object, whose CTM may scale or turn it."""
    left, top, *_ = _numbers(item.get("Boundary"), "0 0 0 0")
    a, b, c, d, e, f = _numbers(item.get("CTM"), "1 0 0 1 0 0")
    size = _numbers(item.get("Size"), str(_DEFAULT_SIZE_MM))[0]
    height = size * max(abs(d), abs(b), 1e-3)
    x = y = 0.0
    for code in item.iterfind("./{*}TextCode"):
        text = "".join(code.itertext()).strip("\r\n")
        # A TextCode without X or Y goes on from the one before.
        x, y = _numbers(code.get("X"), str(x))[0], _numbers(code.get("Y"), str(y))[0]
        end = x + _advance(code.get("DeltaX"), len(text), size)
        baseline = top + b * x + d * y + f
        if text.strip():
            yield Box(text, left + a * x + c * y + e, baseline - height, left + a * end + c * y + e, baseline)


def _advance(deltas: str | None, count: int, size: float) -> float:
    """Width of `count` characters: the DeltaX list ("g n v" repeats v n times) and one last character."""
    widths: list[float] = []
    tokens = iter((deltas or "").split())
    for token in tokens:
        if token == "g":
            repeat, value = int(float(next(tokens, "0"))), float(next(tokens, "0"))
            widths += [value] * min(repeat, count)
        else:
            widths.append(float(token))
    known = widths[: count - 1]
    return sum(known) + (count - len(known)) * size


def _numbers(value: str | None, default: str) -> list[float]:
    try:
        return [float(part) for part in (value or default).split()]
    except ValueError:
        return [float(part) for part in default.split()]
