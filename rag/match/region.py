"""Whether a policy holds where an enterprise lies."""

from __future__ import annotations

import re

from index.models import Level, PolicyFacts
from rag.places import places_in, region_names

_DISTRICT = re.compile(r"^[^省市]{1,10}(?:区|县)$")


def region_fits(facts: PolicyFacts, region: str | None) -> bool | None:
    """True where a policy holds at `region`, False where it is for another place, None where that cannot be told.

    A policy of the nation holds everywhere, one of a province in its cities, one of a city in its districts; one of a
    district does not hold for an enterprise that only names the city: None.
    """
    if facts.level is Level.NATIONAL or facts.region in ("全国", "中国"):
        return True
    if not region or not facts.region:
        return None
    theirs, mine = region_names(facts.region), region_names(region)
    if theirs[-1] in mine:
        return True
    if set(mine) <= set(theirs):
        return None
    known = places_in(region, ())
    provinces = {place.province for place in known if place.province}
    if facts.level is Level.PROVINCE or facts.region.endswith(("省", "自治区")):
        return theirs[0] in provinces if provinces else None
    # A district alone does not say in which city it lies.
    return None if _DISTRICT.match(region) and facts.level is Level.CITY else False
