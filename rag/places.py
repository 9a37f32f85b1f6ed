"""Places a question names, and which policies hold there.

Known are the provinces, prefecture-level cities, counties and districts of China, countries that a question begins
with, and the regions of the indexed policies. A name that only looks like one of a city or county (X市, X县) is a place
that nothing is known of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from index.models import Level, PolicyFacts
from rag.terms import countries, read_words

# Marks names that are common words too (白银, 大同): they count only with their suffix.
_NEEDS_SUFFIX = "*"
_SUFFIX = r"(?:省|市|地区|自治区|自治州|州|盟|特别行政区|的)"
_PART = re.compile(r"[^省市县区州]{1,12}?(?:特别行政区|自治区|自治州|自治县|高新区|经开区|开发区|新区|省|市|县|区|州)")
_PART_SUFFIX = re.compile(
    r"(?:高新技术产业开发区|经济技术开发区|特别行政区|自治区|自治州|自治县|高新区|经开区|开发区|新区|省|市|县|区|州)$"
)
# Words that end as a place name does: 超市, 园区.
_UNKNOWN = re.compile(
    r"(?!.*(?:中国|全国|本|全|我|贵|各|该|外|城|超|上|入|门|夜|股|楼|都|集|菜|县|地级|省辖|中小城)[市县]$)[\u4e00-\u9fff]{2,3}[市县]"
    r"|(?!.*(?:社|园|景|市|城|自贸|保税|特区|港|库|商|展|地|校|厂|新|库|灾|片|街|小|山|郊|矿|牧|林|辖|专|特|各|本|全|我|该|税|发|范|验|贸|作|业|货|商|心|住|功能|开|高新|经开|度假)区$)[\u4e00-\u9fff]{2,3}区"
)
_PROVINCE = re.compile(r"省(?!级|里|内|会|市|份|属|直|外|委|厅|政府|[东西南北]|认定)")
"""What follows the name of a province where the province itself is meant."""
_NO_NAME = (
    "的了是在我你他它们和与或给有没想请问那这本该各全每个一二三四五六七八九十几多少去到从来回做搞开把被让就还也都要能会对于为按以用"
    "拿报领"
)
_OF_LAND = frozenset("州阳陵川溪江浦湾汀屿岭津滨洲湖泽淮渚涧滩垣邑港渊檀樾")
"""Characters that end the names of places more than other words."""
_WHERE = (
    r"(?:^|(?<=[,。?!;:、\s那在去到从咱我])|(?<=我们)|(?<=位于)|(?<=来自)|(?<=隔壁)|(?<=隔壁的)|(?<=旁边)|(?<=旁边的)"
    r"|(?<=请问))"
)
_UNHEARD = tuple(
    re.compile(
        rf"{_WHERE}(?P<name>(?:(?![{_NO_NAME}市县区省])[\u4e00-\u9fff]){{{size}}})"
        r"(?:(?P<suffix>[市县区])(?![里级本场内外长政])|(?=的?[\u4e00-\u9fff,]))"
    )
    for size in (2, 3)
)
_OF_LEVEL = tuple("里级本场值内外财政")
"""What follows 市 or 区 where it is a level of government, no part of a name: 情况市里."""
_NAME_TAGS = frozenset(("ns", "n", "nr", "nz", "nrt", "x"))
# 宁波银行, 南京路, 西湖大学: named after a place, and not about it.
_NAMED_AFTER = re.compile(
    r"[东南西北中]?(?:路(?![演桥灯径线网由面政])|街(?!道|区)|大道)|(?:师范|理工|工业|科技|农业|财经|医科|交通|中医药)?大学(?!生)|学院|银行|农商行|证券|人寿|烤鸭|话(?![题语费])"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a question.

    Attributes:
        name: short name without suffix, 宁波.
        province: short name of the province where it is known, else None; a province names itself.
        cities: short names of the cities that a county or district of this name belongs to; empty for others.
        whole: whether a province itself is named (某省), for which a policy of one of its cities says nothing.
    """

    name: str
    province: str | None = None
    cities: tuple[str, ...] = ()
    whole: bool = False


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


@lru_cache(maxsize=1)
def _counties() -> dict[str, tuple[tuple[str, str], ...]]:
    """Full name of every county and district to the (province, city) pairs that have one (the State's list)."""
    known: dict[str, tuple[tuple[str, str], ...]] = {}
    for line in read_words("counties.txt").splitlines():
        province, city, names = line.split(":")
        for name in names.split():
            known[name] = (*known.get(name, ()), (province, city or province))
    return known


@lru_cache(maxsize=1)
def _country_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(countries(), key=len, reverse=True))
    return re.compile(
        rf"^(?:请问|想问|问一下|那么?|如果)?(?P<name>{names})(?!参展|展会?|市场|客户|订单|买家|线路|航线|关税)"
    )


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
            whole = known[match[0]] == match[0] and bool(_PROVINCE.match(text, match.end()))
            found.setdefault(match.start(), Place(match[0], known[match[0]], whole=whole))
    small, unheard = _small_places(words), _unheard_places(text, words)
    listed = {at: place for at, place in small.items() if place.cities}
    for at, place in (small | unheard | listed).items():
        if not any(
            start <= at < start + len(other.name) or at <= start < at + len(place.name)
            for start, other in found.items()
        ):
            found[at] = place
    country = _country_pattern().match(text)
    if country is not None:
        found.setdefault(country.start("name"), Place(country["name"]))
    return tuple({place.name: place for _, place in sorted(found.items())}.values())


def _unheard_places(text: str, words: dict[int, tuple[str, str]]) -> dict[int, Place]:
    """Names that no list has and that stand where a place does, by offset: 某某市… at the start, 我在某某."""
    import rjieba

    found: dict[int, Place] = {}
    for match in (match for pattern in _UNHEARD for match in pattern.finditer(text)):
        name = match["name"]
        at = match.start("name")
        suffixed = match["suffix"] is not None
        if at not in words or rjieba.has_word(name) or (suffixed and rjieba.has_word(name[-1] + match["suffix"])):
            continue
        if suffixed or (name[-1] in _OF_LAND and _cut_apart(words, at, name)):
            found.setdefault(at, Place(name))
    return found


def _cut_apart(words: dict[int, tuple[str, str]], at: int, name: str) -> bool:
    """Whether the segmenter knows no word that runs beyond the name."""
    return all(
        start + len(word) <= at + len(name) for start, (word, _) in words.items() if at <= start < at + len(name)
    )


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


def _small_places(words: dict[int, tuple[str, str]]) -> dict[int, Place]:
    """Counties, districts and unknown cities among the words, by offset."""
    found: dict[int, Place] = {}
    for at, (word, tag) in words.items():
        following = words.get(at + len(word), ("", ""))[0]
        behind = words.get(at + len(word) + len(following), ("", ""))[0]
        suffixed = following in ("市", "县", "区") and tag in _NAME_TAGS and behind[:1] not in _OF_LEVEL
        joined = f"{word}{following}" if suffixed else word
        known = _counties().get(joined) or (_short_county(word) if _stands_in(words, at, following) else ())
        if known:
            provinces = {province for province, _ in known}
            province = next(iter(provinces)) if len(provinces) == 1 else None
            found[at] = Place(joined, province, tuple(city for _, city in known))
        elif _UNKNOWN.fullmatch(joined) and tag in _NAME_TAGS and (joined[-1] != "区" or tag == "ns"):
            found[at] = Place(joined)
    return found


@lru_cache(maxsize=4096)
def _short_county(word: str) -> tuple[tuple[str, str], ...]:
    """Where a county lies that is named without its suffix, 余杭."""
    if not 2 <= len(word) <= 3:
        return ()
    return next((known for suffix in "市县区" if (known := _counties().get(f"{word}{suffix}"))), ())


def _stands_in(words: dict[int, tuple[str, str]], at: int, following: str) -> bool:
    """Whether the word at `at` is where something is: 在余杭, 位于昆山, 义乌的; 新建的 is no place."""
    before = any(words.get(at - len(word), ("", ""))[0] == word for word in ("在", "位于", "来自"))
    if at == 0 and words[at][1] == "ns" and words[at][0][0] != "新":
        return True
    return before or (following in ("的", "这边", "那边") and words[at][0][0] != "新")


def covers(facts: PolicyFacts, place: Place) -> bool:
    """Whether a policy may hold at `place`: issued for it, for what lies around it, or for a part of it."""
    if facts.level is Level.NATIONAL or facts.region is None:
        return True
    if any(place.name in text for text in (facts.region, facts.title, *facts.issuers)):
        return True
    known = _gazetteer()
    names = region_names(facts.region)
    if place.cities:
        if facts.level is Level.PROVINCE:
            return names[-1] == place.province
        return names[-1] in place.cities
    provinces = {known[name] for name in names if name in known}
    if place.name == place.province:
        return place.name in provinces and (not place.whole or facts.level is Level.PROVINCE)
    return facts.level is Level.PROVINCE and place.province in provinces
