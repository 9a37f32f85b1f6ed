"""Parse: cleaned text -> title, numbers, dates, validity, and the clause tree."""

from index.parse.document import PARSER_VERSION, parse

__all__ = ["PARSER_VERSION", "parse"]
