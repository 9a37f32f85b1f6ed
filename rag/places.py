"""Places a question names, and which policies hold there.

Known are the provinces and prefecture-level cities of China and the regions of the indexed policies. Counties
and districts that no policy names are only recognised by the segmenter's dictionary, and not assigned to a city.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.models import Level, PolicyFacts
from rag.terms import read_words

# Marks names that are common words too (白银, 大同): they count only with their suffix.
_NEEDS_SUFFIX = "*"
_SUFFIX = r"(?:省|市|地区|自治区|自治州|州|盟|特别行政区)"
_PART = re.compile(r"[^省市县区州]{1,12}?(?:特别行政区|自治区|自治州|自治县|高新区|经开区|开发区|新区|省|市|县|区|州)")
_PART_SUFFIX = re.compile(
    r"(?:高新技术产业开发区|经济技术开发区|特别行政区|自治区|自治州|自治县|高新区|经开区|开发区|新区|省|市|县|区|州)$"
)
_NOT_PLACES = frozenset(("中国", "全国", "国内", "国外", "境内", "境外", "海外", "省内", "市内", "本省"))
# 宁波银行, 南京路, 西湖大学: named after a place, and not about it.
_NAMED_AFTER = re.compile(
    r"[东南西北中]?(?:路(?![演桥灯径线网由面政])|街(?!道|区)|大道)|(?:师范|理工|工业|科技|农业|财经|医科|交通|中医药)?大学(?!生)|学院|银行|农商行|证券|人寿|烤鸭|话(?![题语费])"
)
_COUNTY = re.compile(r"[区县市]$")


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a question.

    Attributes:
        name: short name without suffix, 宁波.
        province: short name of the province where it is known, else None; a province names itself.
    """

    name: str
    province: str | None = None


@lru_cache(maxsize=1)
def _gazetteer() -> dict[str, str]:
    """Short name of every province and prefecture-level city to its province's (the State's list, 2024)."""
    known: dict[str, str] = {}
    for line in read_words("divisions.txt").replace(_NEEDS_SUFFIX, "").splitlines():
        province, _, cities = line.partition(":")
        known[province] = province
        known.update(dict.fromkeys(cities.split(), province))
    return known


@lru_cache(maxsize=1)
def _gazetteer_pattern() -> re.Pattern[str]:
    names = re.split(r"[\s:]+", read_words("divisions.txt").strip())
    names.sort(key=len, reverse=True)
    plain = "|".join(name for name in names if name and not name.endswith(_NEEDS_SUFFIX))
    suffixed = "|".join(name[:-1] for name in names if name.endswith(_NEEDS_SUFFIX))
    return re.compile(rf"(?:{plain})|(?:{suffixed})(?={_SUFFIX})")


def region_names(region: str) -> tuple[str, ...]:
    """Short names of the parts of a region, outermost first: 杭州市萧山区 gives 杭州 and 萧山."""
    parts = _PART.findall(region) or [region]
    short = (_PART_SUFFIX.sub("", part) for part in parts)
    return tuple(name if len(name) > 1 else part for name, part in zip(short, parts, strict=True))


def places_in(text: str, regions: Iterable[str]) -> tuple[Place, ...]:
    """Places that `text` names, in order, each once.

    Args:
        text: simplified characters.
        regions: of the indexed policies, which count as known places.
    """
    known = _gazetteer()
    found: dict[int, Place] = {}
    for name in {name for region in regions for name in region_names(region)}:
        at = next((match.start() for match in re.finditer(re.escape(name), text) if _is_free(text, match.end())), None)
        if at is not None:
            found[at] = Place(name, known.get(name))
    words = _words(text)
    for match in _gazetteer_pattern().finditer(text):
        # 江西 in 浙江西部: a name counts where the segmenter also begins a word.
        if match.start() in words and _is_free(text, match.end()):
            found.setdefault(match.start(), Place(match[0], known[match[0]]))
    return tuple({place.name: place for _, place in sorted(found.items())}.values())


def _is_free(text: str, end: int) -> bool:
    """Whether the name that ends at `end` stands for the place, and not in the name of an institution or a street."""
    return _NAMED_AFTER.match(text, end) is None


def _words(text: str) -> dict[int, tuple[str, str]]:
    """Words of `text` with their parts of speech, by offset."""
    import rjieba

    words: dict[int, tuple[str, str]] = {}
    at = 0
    for word, tag in rjieba.tag(text):
        words[at] = (word, tag)
        at += len(word)
    return words


def unknown_districts(text: str, places: Sequence[Place]) -> tuple[str, ...]:
    """Names in `text` that the segmenter takes for a county or district, beside the known `places`."""
    names = []
    for word, tag in _words(text).values():
        taken = any(place.name in word or word in place.name for place in places)
        if tag == "ns" and len(word) > 2 and _COUNTY.search(word) and not taken and word not in _NOT_PLACES:
            names.append(word)
    return tuple(dict.fromkeys(names))


def covers(facts: PolicyFacts, place: Place) -> bool:
    """Whether a policy may hold at `place`: issued for it, for what lies around it, or for a part of it."""
    if facts.level is Level.NATIONAL or facts.region is None:
        return True
    if any(place.name in text for text in (facts.region, facts.title, *facts.issuers)):
        return True
    known = _gazetteer()
    names = region_names(facts.region)
    provinces = {known[name] for name in names if name in known}
    if place.name == place.province:
        return place.name in provinces
    return facts.level is Level.PROVINCE and place.province in provinces
