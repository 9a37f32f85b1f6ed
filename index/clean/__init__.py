"""Clean: raw text of a source file -> text without noise, each character mapped to its origin."""

from index.clean.document import CleanText, clean

__all__ = ["CleanText", "clean"]
