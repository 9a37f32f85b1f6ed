"""Text that remembers where each of its characters came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MappedText:
    """A string and, for each character, its offset in the source text.

    Only deletions and one-to-one substitutions are possible, so every kept character has exactly one
    origin and origins ascend strictly.

    Attributes:
        text: the kept characters.
        origin: shape `(len(text),)`, offsets into the source, ascending.
    """

    text: str
    origin: Offsets

    @classmethod
    def from_source(cls, text: str, start: int = 0) -> MappedText:
        """The characters of `text` from offset `start` on, each mapped to itself."""
        return cls(text[start:], np.arange(start, len(text), dtype=np.int32))

    def translated(self, table: dict[int, str]) -> MappedText:
        """Substitute characters one to one; `table` as for `str.translate`, values of length 1."""
        return MappedText(self.text.translate(table), self.origin)

    def with_text(self, text: str) -> MappedText:
        """The same origins under another spelling of the same length."""
        if len(text) != len(self.text):
            raise ValueError(f"a substitution changed the length from {len(self.text)} to {len(text)}")
        return MappedText(text, self.origin)

    def without(self, spans: Iterable[tuple[int, int]]) -> MappedText:
        """Delete the half-open ranges `spans` (any order, overlaps allowed)."""
        keep = np.ones(len(self.text), dtype=bool)
        for start, end in spans:
            keep[start:end] = False
        if keep.all():
            return self
        kept = np.flatnonzero(keep)
        return MappedText("".join([self.text[i] for i in kept]), self.origin[kept])

    def without_matches(self, pattern: re.Pattern[str], group: int = 0) -> MappedText:
        """Delete what `group` of every match of `pattern` covers."""
        return self.without(match.span(group) for match in pattern.finditer(self.text))


def compact(text: str) -> tuple[str, list[int]]:
    """`text` without white space, and the offset in `text` of each kept character."""
    kept = [(i, char) for i, char in enumerate(text) if not char.isspace()]
    return "".join(char for _, char in kept), [i for i, _ in kept]
