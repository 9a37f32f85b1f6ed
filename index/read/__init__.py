"""Read source files: txt, md, html, docx, pdf, scans (OCR) and ofd to decoded text with its place in the file."""

from index.read.discover import discover
from index.read.reader import MAX_BYTES, read_file
from index.read.sniff import SUPPORTED_SUFFIXES

__all__ = ["MAX_BYTES", "SUPPORTED_SUFFIXES", "discover", "read_file"]
