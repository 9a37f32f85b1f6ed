"""What a format's reader hands to `reader.read_file`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of one file before it is tied to the file's name and hash.

    Attributes:
        text: line ends are "\\n".
        page_starts: offset of each page's first character, ascending; empty without pages.
        warnings: Chinese sentences for the user.
        body_start: offset in `text` where content begins.
        metadata: front matter, else empty.
    """

    text: str
    page_starts: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    body_start: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)


PAGE_BREAK = "\f"


def join_pages(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """Text of all pages, a form feed and a newline between two of them, and where each page starts."""
    starts: list[int] = []
    offset = 0
    separator = f"\n{PAGE_BREAK}"
    for page in pages:
        starts.append(offset)
        offset += len(page) + len(separator)
    return separator.join(pages), tuple(starts)
