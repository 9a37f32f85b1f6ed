"""Names for objects of libraries that ship no types, so that signatures say what they take."""

from __future__ import annotations

from typing import Any

XmlElement = Any
"""`lxml.etree._Element`"""

PdfDocument = Any
"""`pypdfium2.PdfDocument`"""

PdfPage = Any
"""`pypdfium2.PdfPage`"""

OcrEngine = Any
"""`rapidocr.RapidOCR`"""

WordDocument = Any
"""`docx.document.Document`"""
