"""Parse: cleaned text -> title, numbers, dates, validity, and the clause tree."""

from index.parse.document import PARSER_VERSION, corrected, parse

__all__ = ["PARSER_VERSION", "corrected", "parse"]
