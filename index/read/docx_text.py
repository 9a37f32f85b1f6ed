"""Read docx: paragraphs, tables and text boxes in document order, list numbers rendered, deletions left out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.errors import SourceFileError
from index.read.archive import open_archive
from index.read.extracted import Extracted
from index.read.untyped import WordDocument, XmlElement

if TYPE_CHECKING:
    from index.read.docx_numbering import Numbering

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DAMAGED = "请用 WPS/Word 打开后另存为 docx。"
_FIXED_TEXT = {
    f"{_W}tab": "\t",
    f"{_W}ptab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
}
# Deleted and moved-away text, properties, the readings above characters, and drawings' descriptions.
_SKIPPED = frozenset(
    {f"{_W}{tag}" for tag in ("del", "moveFrom", "pPr", "rPr", "rt", "sdtPr", "instrText", "delText", "tblPr", "trPr")}
)
_OFF = frozenset({"0", "false", "off"})


def read_docx(data: bytes, name: str) -> Extracted:
    """Text of the document body; headers, footers, footnotes and comments are left out.

    Paragraphs end in a newline, cells of a table row are separated by a tab, insertions are taken as accepted.

    Raises:
        SourceFileError: damaged, encrypted, unpacking to a suspicious size, or no Word document.
    """
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]

    from index.read.docx_numbering import Numbering

    open_archive(data, name).close()
    try:
        document = Document(io.BytesIO(data))
        numbering = Numbering(_numbering_root(document), document.styles.element)
        lines = list(_block_lines(document.element.body, numbering))
    except (OpcError, KeyError, ValueError, AttributeError, XMLSyntaxError) as error:
        raise SourceFileError(name, "不是完整的 Word 文档(docx)", _DAMAGED) from error
    return Extracted("\n".join(lines))


def _numbering_root(document: WordDocument) -> XmlElement | None:
    """The numbering part's element; python-docx would make up a part where there is none."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and not relation.is_external:
            return relation.target_part.element
    return None


def _block_lines(container: XmlElement, numbering: Numbering) -> Iterator[str]:
    """Lines of the paragraphs and tables in a body, cell, text box or content control, at any depth of wrapping."""
    pending = ""
    for block in container.iterchildren():
        if block.tag == f"{_W}p":
            text = "".join(_inline_text(block))
            is_joined = _is_mark_deleted(block)
            if not pending and not (is_joined and not text.strip()):
                label = numbering.label(block)
                # An empty list paragraph counts, but its number stands before nothing.
                text = label + text if text.strip() else text
            line = pending + text
            pending = line if is_joined else ""
            if is_joined:
                continue
            yield line
            yield from _text_box_lines(block, numbering)
        elif block.tag == f"{_W}tbl":
            yield from _table_lines(block, numbering)
        elif block.tag == f"{_MC}AlternateContent":
            yield from _block_lines(_chosen(block), numbering)
        elif isinstance(block.tag, str) and block.tag not in _SKIPPED:
            yield from _block_lines(block, numbering)
    if pending:
        yield pending


def _inline_text(element: XmlElement) -> Iterator[str]:
    for child in element.iterchildren():
        tag = child.tag
        if tag in (f"{_W}t", f"{_MATH}t"):
            yield child.text or ""
        elif tag in _FIXED_TEXT:
            yield _FIXED_TEXT[tag]
        elif tag == f"{_W}sym":
            yield _symbol(child)
        elif tag == f"{_MC}AlternateContent":
            yield from _inline_text(_chosen(child))
        elif isinstance(tag, str) and tag not in _SKIPPED and tag != f"{_W}txbxContent" and not _is_hidden(child):
            yield from _inline_text(child)


def _symbol(element: XmlElement) -> str:
    """A character given by code; symbol fonts place theirs in the private use area, which means nothing as text."""
    try:
        code = int(element.get(f"{_W}char", ""), 16)
    except ValueError:
        return ""
    return chr(code) if 0x20 <= code < 0xD800 or 0xF900 <= code <= 0x10FFFF else ""


def _is_hidden(run: XmlElement) -> bool:
    if run.tag != f"{_W}r":
        return False
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(f"{_W}val") not in _OFF


def _is_mark_deleted(paragraph: XmlElement) -> bool:
    """True when the paragraph's end was deleted in a tracked change, which joins it to the next one."""
    return paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None


def _chosen(alternatives: XmlElement) -> XmlElement:
    """The first choice of alternate content; the fallback repeats it for old programs."""
    choice = alternatives.find(f"{_MC}Choice")
    fallback = alternatives.find(f"{_MC}Fallback")
    return next(found for found in (choice, fallback, alternatives) if found is not None)


def _text_box_lines(element: XmlElement, numbering: Numbering) -> Iterator[str]:
    """Text boxes anchored in a paragraph, after it, so that they do not cut its sentence."""
    for child in element.iterchildren():
        if child.tag == f"{_W}txbxContent":
            yield from (line for line in _block_lines(child, numbering) if line.strip())
        elif child.tag == f"{_MC}AlternateContent":
            yield from _text_box_lines(_chosen(child), numbering)
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _text_box_lines(child, numbering)


def _table_lines(table: XmlElement, numbering: Numbering) -> Iterator[str]:
    for row in _descend(table, f"{_W}tr"):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            continue
        cells = [[line for line in _block_lines(cell, numbering) if line.strip()] for cell in _descend(row, f"{_W}tc")]
        if sum(bool(cell) for cell in cells) <= 1:
            # A row with one cell is layout, not data: its paragraphs stay lines.
            yield from (line for cell in cells for line in cell)
        else:
            yield "\t".join(" ".join(" ".join(cell).split("\n")) for cell in cells)


def _descend(element: XmlElement, tag: str) -> Iterator[XmlElement]:
    """Children with this tag, also those wrapped in content controls or tracked insertions."""
    for child in element.iterchildren():
        if child.tag == tag:
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag not in (f"{_W}tr", f"{_W}tc"):
            yield from _descend(child, tag)
