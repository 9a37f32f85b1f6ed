"""Names of the index's own places typed wrong: one character of the same sound or a similar shape (颖湄 for 颍湄).

A name that stands where a place does and differs from an indexed one by such a character is read as that one; without
this it would be taken for another place. Names that any list of places or the dictionary has are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from rag.lexicon import alike
from rag.places import Place, places_in, region_names


def with_known_places(text: str, regions: Iterable[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`text` with its misspelt places in the spelling of `regions`, and (typed, read) for each."""
    regions = tuple(regions)
    known = {name for region in regions for name in region_names(region)}
    changes: list[tuple[str, str]] = []
    for place in places_in(text, regions):
        if place.name in known or not _unheard(place):
            continue
        meant = [name for name in known if _misspelt(place.name, name)]
        if len(meant) == 1:
            text = text.replace(place.name, meant[0])
            changes.append((place.name, meant[0]))
    return text, tuple(changes)


def _unheard(place: Place) -> bool:
    return place.province is None and not place.cities


def _misspelt(typed: str, name: str) -> bool:
    """Whether one character of a name was typed as one that sounds or looks like it."""
    if len(typed) != len(name):
        return False
    differing = [(one, other) for one, other in zip(typed, name, strict=True) if one != other]
    return len(differing) == 1 and alike(*differing[0])
