"""Which benefits an enterprise can have: `match(profile, reader, as_of=...)`; `rag.match(...)` is the same."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from types import ModuleType

from index.store import IndexReader
from rag.match.model import Checked, Match, Totals
from rag.match.rank import match, totals
from rag.match.show import match_lines, match_object
from rag.profile import Profile

__all__ = ["Checked", "Match", "Totals", "match", "match_lines", "match_object", "totals"]


class _CallableModule(ModuleType):
    """Importing a package puts it in place of a function of the same name: `rag.match` is both."""

    def __call__(self, profile: Profile, reader: IndexReader, *, as_of: date | None = None) -> Sequence[Match]:
        return match(profile, reader, as_of=as_of)


sys.modules[__name__].__class__ = _CallableModule
