"""The cleaning steps in their order, and the aligned spellings that later steps read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.clean.characters import remove_blanks, repair_characters, shape_of, simplify
from index.clean.glosses import remove_glosses
from index.clean.lines import remove_page_lines, unwrap
from index.clean.mapped import MappedText, Offsets
from index.clean.markup import HEADING, remove_markdown
from index.clean.page import restore_line_ends
from index.models import RawDocument


@dataclass(frozen=True, slots=True)
class CleanText:
    """One text in three spellings of the same length, with origins.

    Attributes:
        written: characters of the source, noise removed; for quoting.
        text: simplified characters; for matching.
        shape: `text` with half-width punctuation; what structure patterns are matched on.
        origin: shape `(n,)`, offset of each character in `RawDocument.text`.
        wrapped: whether lines were joined throughout.
        glossed: whether pinyin glosses were removed, a sign of a scraped page.
    """

    written: str
    text: str
    shape: str
    origin: Offsets
    glossed: bool = False
    wrapped: bool = False

    def __len__(self) -> int:
        return len(self.text)


def clean(raw: RawDocument) -> CleanText:
    """Remove noise from a source file's text; see the modules of this package for each kind."""
    mapped = repair_characters(MappedText.from_source(raw.text, raw.body_start))
    if raw.format == "md":
        mapped = remove_markdown(mapped)
    unglossed = remove_glosses(mapped)
    unwrapped, wrapped = unwrap(remove_page_lines(unglossed, raw.page_starts), raw.text)
    paged = restore_line_ends(unwrapped.without(_marks(unwrapped.text)))
    final = unwrap_blanks(paged)
    text = simplify(final.text)
    return CleanText(final.text, text, shape_of(text), final.origin, len(unglossed.text) < len(mapped.text), wrapped)


def _marks(text: str) -> list[tuple[int, int]]:
    """The marks of Markdown headings and the blanks behind them."""
    return [match.span() for match in re.finditer(rf"{HEADING}[ \t]*", text)]


def unwrap_blanks(text: MappedText) -> MappedText:
    """Remove stray blanks until none is left (removing one may bring two others together)."""
    while True:
        shorter = remove_blanks(text)
        if len(shorter.text) == len(text.text):
            return text
        text = shorter
