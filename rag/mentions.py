"""Where a text names a policy by title: in 《》, in full, or by a usual short form (治安处罚法, 丰桥餐厨垃圾规定).

A short form leaves characters of the title out and keeps their order, so a name is sought as a subsequence of a
title that ends where a clause number follows or where a word for a kind of document stands. It counts when it says
enough of the title's weight (see `rag.titles`); where several titles fit it as well, all are given. Before a clause
number, stretches that the name and a title share are tried last (某市制造业扶持办法 for 某市促进制造业发展办法).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.models import PolicyFacts, PolicyId
from rag.places import Place, covers, places_in, region_names
from rag.terms import content_terms
from rag.titles import KINDS, PLACE_SUFFIX, STOP, SUBJECT, Said, Title, compared, fold, read

EXACT = 0.95
"""Share of a title's weight from which a name is the title itself."""
BEFORE_CLAUSE, ALONE, GENERIC = 0.15, 0.55, 0.8
"""Share that a short form must say: before a clause number; elsewhere; elsewhere, where it is called 政策 or 文件."""
LONG_RUN = 8
"""Characters from which the unbroken end of a title names it, however long the title is."""
LEAST_SUBJECT = 2.0
"""Weight of the subject that a short form must say."""
NEARLY_AS_GOOD = 0.8
"""Titles with this share of the best one's share are candidates too."""
COMMON_SUBJECT, COMMON_SHARE = 3.0, 0.25
"""What the common stretches must say of a title where its name is no short form; `LEAST_SUBJECT` beside its region."""
MEAN_RUN = 1.5
"""Mean length of the stretches that a short form takes over; shorter ones must be the beginnings of words."""
MOST_CANDIDATES = 10
"""A name that fits more titles names none of them: 办法, 若干意见."""
WINDOW = 60
"""Longest name, in characters."""

_KIND_END = re.compile(rf"政策文件|文件|新政|{KINDS}")
_GENERIC = re.compile(r"(?:若干|扶持|支持|这个|那个)?(?:政策文件|政策|文件|新政|通知)$")
_OTHER_DOCUMENT = re.compile(
    r"的?(?:(?:实施|施行|配套|补充|修改|修订)的?(?:条例|细则|办法|规定|意见|通知|决定|解释)|条例|细则|司法解释|修正案"
    r"|解释(?=[(第一二三四五六七]))"
)
_READS_AS_TITLE = re.compile(
    r"([\u4e00-\u9fff]{2,14})(?:若干|实施|暂行|管理)*(?:法典|法|条例|办法|规定|细则|规则|意见|方案)$"
)
_CARRIER = re.compile(r"》?的?(?:通知|公告|函)(?![\u4e00-\u9fff]{0,2}书)")
_LAW = re.compile(r"法典?$")
# A town in no list: 请问红江市. The name is what stands between a word that leads to it and the suffix.
_TOWN = re.compile(r"(?:^|[在按照据问查看和与及,。?!:的])([\u4e00-\u9fff]{2,3})[省市县区州旗]$")
_TOWN_FIRST = re.compile(r"([\u4e00-\u9fff]{2,3})[省市县区州旗]")
_KIND_AT_END = re.compile(rf"(?:{KINDS})$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch [start, end) of a text that names policies.

    Attributes:
        policies: that the name fits, best first; empty where it reads as the title of a policy that is not here.
        share: how much of the best one's title it says, 0..1.
    """

    start: int
    end: int
    policies: tuple[PolicyId, ...]
    share: float


@dataclass(frozen=True, slots=True)
class _Fit:
    """A title (by number) of which `size` characters are said, `share` of its weight, in one stretch or several."""

    number: int
    size: int
    share: float
    unbroken: bool = True


class TitleIndex:
    """The titles of an index, ready to be found in texts. Thread-safe: nothing changes after construction."""

    def __init__(self, policies: Sequence[tuple[PolicyId, PolicyFacts]]) -> None:
        self._policies = policies
        self._titles = [compared(facts) for _, facts in policies]
        self._regions = [region_names(fold(facts.region))[-1] if facts.region else "" for _, facts in policies]
        self._by_char: dict[str, set[int]] = defaultdict(set)
        self._by_pair: dict[str, set[int]] = defaultdict(set)
        self._names: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, title in enumerate(self._titles):
            for char in set(title.chars):
                self._by_char[char].add(number)
            for pair in _pairs(title.chars):
                self._by_pair[pair].add(number)
            for name in {title.chars, title.chars[title.regional :]}:
                if len(name) > 1 and title.says_subject:
                    self._names[name[:2]].append((name, number))

    @property
    def policies(self) -> Sequence[tuple[PolicyId, PolicyFacts]]:
        """What the index was made from."""
        return self._policies

    def mentions(self, text: str, clause_starts: Iterable[int] = ()) -> tuple[Mention, ...]:
        """Names of policies in `text`, in order; those without policies read as titles that are not here.

        Args:
            clause_starts: offsets at which clause numbers stand.
        """
        said = read(text)
        found = [*self._bracketed(said.raw), *self._whole(said)]
        ends = {said.before(start) for start in clause_starts}
        for end in sorted(ends):
            found += self._named_before(said, end)
        for end in _kind_ends(said):
            if end not in ends:
                found += self._short(said, end, alone=True)
        return _longest(found)

    def _bracketed(self, raw: str) -> Iterator[Mention]:
        """Titles in 《》: all that is inside must fit."""
        for found in re.finditer(r"《([^《》]{2,120})》", raw):
            chars = read(found[1]).chars.replace(STOP, "")
            short = self._fits(chars, lambda fit: self._plausible(fit, least=BEFORE_CLAUSE), starts={0})
            holds = [
                _Fit(number, len(title.chars), 1.0)
                for number in self._near(chars)
                if (title := self._titles[number]).says_subject and title.chars[title.regional :] in chars
            ]
            yield self._mention(*found.span(), _best(short) or _best(holds))

    def _whole(self, said: Said) -> Iterator[Mention]:
        """Titles that stand in the text in full, with or without their region."""
        for at in range(len(said.chars) - 1):
            fits: dict[int, list[_Fit]] = defaultdict(list)
            for name, number in self._names.get(said.chars[at : at + 2], ()):
                if said.chars.startswith(name, at) and self._stands(said, at, at + len(name), number):
                    fits[len(name)].append(_Fit(number, len(name), 1.0))
            if fits:
                size = max(fits)
                end = _with_carrier(said.raw, said.places[at + size - 1] + 1)
                yield self._mention(said.places[at], end, _best(fits[size]))

    def _named_before(self, said: Said, end: int) -> Iterator[Mention]:
        """What stands before a clause number: a short form, else a name with stretches of a title in it."""
        found = list(self._short(said, end, alone=False)) or list(self._common(said, end))
        yield from found or _unknown(said, end)

    def _short(self, said: Said, end: int, *, alone: bool) -> Iterator[Mention]:
        """A short form that ends before character `end`."""
        window = _window(said, end)
        generic = _GENERIC.search(window)
        least = (GENERIC if generic else ALONE) if alone else BEFORE_CLAUSE
        first = end - len(window)
        starts = {at - first for at in range(first, end) if said.parted(at)}
        for tail in (0, len(generic[0])) if generic else (0,):
            name_end = end - tail

            def stands(fit: _Fit, name_end: int = name_end) -> bool:
                return self._plausible(fit, least=least) and self._stands(
                    said, name_end - fit.size, name_end, fit.number
                )

            best = _best(self._fits(window[: len(window) - tail], stands, starts=starts))
            if best:
                yield self._mention(said.places[name_end - best[0].size], said.places[end - 1] + 1, best)
                return

    def _fits(self, window: str, accept: Callable[[_Fit], bool], *, starts: Collection[int]) -> list[_Fit]:
        """Titles that have the end of `window`, from one of `starts` on, as a subsequence, the longest at least."""
        found: list[_Fit] = []
        seen: set[int] = set()
        for depth, numbers in reversed(self._holding(window)):
            for number in numbers - seen:
                title = self._titles[number]
                places = _aligned(window, title.chars)
                size = next((n for n in range(len(places), 1, -1) if len(window) - n in starts), 0)
                if size and _continuous(places[:size], title):
                    unbroken = places[0] - places[size - 1] == size - 1
                    fit = _Fit(number, size, self._share(number, places[:size]), unbroken)
                    found += [fit] if accept(fit) else []
            seen |= numbers
            # Titles that are left have fewer of the characters than the best one found.
            if any(fit.size >= depth for fit in found):
                break
        return found

    def _holding(self, window: str) -> list[tuple[int, set[int]]]:
        """Titles that have the last n characters of `window` in any order, for n from 2 as far as there are any."""
        levels: list[tuple[int, set[int]]] = []
        numbers = self._by_char.get(window[-1:], set())
        for depth, char in enumerate(reversed(window[:-1]), start=2):
            numbers = numbers & self._by_char.get(char, set())
            if not numbers:
                break
            levels.append((depth, numbers))
        return levels

    def _share(self, number: int, places: Iterable[int]) -> float:
        title = self._titles[number]
        return sum(title.weights[at] for at in places if at >= title.regional) / title.total

    def _plausible(self, fit: _Fit, *, least: float) -> bool:
        """Whether a short form says enough of its title."""
        title = self._titles[fit.number]
        if not title.says_subject or fit.share >= EXACT:
            return title.says_subject
        enough = fit.share >= least or (fit.unbroken and fit.size >= LONG_RUN)
        return enough and fit.share * title.total >= LEAST_SUBJECT

    def _stands(self, said: Said, start: int, end: int, number: int) -> bool:
        """Whether [start, end) of the characters can be a title: not part of a word, a longer title, a place's own."""
        if not said.parted(start) or not said.parted(end):
            return False
        if _OTHER_DOCUMENT.match(said.raw, said.places[end - 1] + 1):
            return False
        return self._holds_at(number, said.raw[: said.places[start]])

    def _holds_at(self, number: int, before: str) -> bool:
        """Whether a policy can be meant behind the words `before`, which may end in a place: 宁波市的."""
        place = _place_at_end(before)
        if place is None:
            return True
        facts = self._policies[number][1]
        if facts.region is None:
            # A law holds everywhere; of ordinances every city has its own.
            return bool(_LAW.search(self._titles[number].chars))
        return covers(facts, place)

    def _common(self, said: Said, end: int) -> Iterator[Mention]:
        """Titles that share stretches of at least two characters with what stands before character `end`."""
        window = _window(said, end)[-WINDOW // 2 :]
        pairs = _pairs(window)
        kind = None if _GENERIC.search(window) else _KIND_AT_END.search(window)
        near = [number for number in self._near(window) if kind is None or self._titles[number].chars.endswith(kind[0])]
        fits = [fit for number in near if (fit := self._shared(number, window, pairs)) is not None]
        places = places_in(
            window, [facts.region for facts in (self._policies[f.number][1] for f in fits) if facts.region]
        )
        town = _TOWN_FIRST.match(window)
        places = (*places, *([Place(town[1])] if town is not None else []))
        fits = [fit for fit in fits if all(_holds(self._policies[fit.number][1], place) for place in places)]
        if fits:
            yield self._mention(said.places[end - len(window)], said.places[end - 1] + 1, _best(fits))

    def _shared(self, number: int, window: str, pairs: Collection[str]) -> _Fit | None:
        """What the stretches that a name shares with a title say of it, None where that is too little."""
        title = self._titles[number]
        common = {at + n for at in range(len(title.chars) - 1) if title.chars[at : at + 2] in pairs for n in (0, 1)}
        subject = sum(title.weights[at] == SUBJECT for at in common)
        region = self._regions[number]
        if subject < (LEAST_SUBJECT if region and region in window else COMMON_SUBJECT):
            return None
        share = self._share(number, common)
        return _Fit(number, len(common), share, unbroken=False) if share >= COMMON_SHARE else None

    def _near(self, window: str) -> set[int]:
        """Titles that share a pair of characters with `window`."""
        return set().union(*(self._by_pair.get(pair, ()) for pair in _pairs(window)))

    def _mention(self, start: int, end: int, fits: Sequence[_Fit]) -> Mention:
        policies = tuple(self._policies[fit.number][0] for fit in fits)
        return Mention(start, end, policies, fits[0].share if fits else 0.0)


def _with_carrier(raw: str, end: int) -> int:
    """The end of a name with the 的通知 behind it: 关于发布某标准的公告."""
    found = _CARRIER.match(raw, end)
    return found.end() if found is not None else end


def _pairs(chars: str) -> set[str]:
    return {chars[at : at + 2] for at in range(len(chars) - 1)} - {STOP}


def _window(said: Said, end: int) -> str:
    """The characters before `end` in which a name can stand."""
    return said.chars[max(0, end - WINDOW) : end].rpartition(STOP)[2]


def _aligned(window: str, title: str) -> list[int]:
    """Offsets in `title` of the last characters of `window`, last first, as far as they come in its order."""
    places, at = [], len(title)
    for char in reversed(window):
        at = title.rfind(char, 0, at)
        if at < 0:
            break
        places.append(at)
    return places


def _continuous(places: Sequence[int], title: Title) -> bool:
    """Whether a short form takes over stretches of its title, or the beginnings of its words (民诉法)."""
    ascending = sorted(places)
    starts = [at for n, at in enumerate(ascending) if n == 0 or ascending[n - 1] != at - 1]
    return len(places) >= MEAN_RUN * len(starts) or all(at in title.starts for at in starts)


def _best(fits: Iterable[_Fit]) -> list[_Fit]:
    """The fits that say most, and of these the ones that say about as much of their titles, best first."""
    fits = sorted(fits, key=lambda fit: (-fit.size, -fit.share, fit.number))
    if not fits:
        return []
    longest = [fit for fit in fits if fit.size == fits[0].size]
    if longest[0].share < EXACT and len(longest) > MOST_CANDIDATES:
        return []
    least = EXACT if longest[0].share >= EXACT else NEARLY_AS_GOOD * longest[0].share
    return [fit for fit in longest if fit.share >= least]


def _kind_ends(said: Said) -> Iterator[int]:
    """Numbers of characters before the ends of words for kinds of documents."""
    for found in _KIND_END.finditer(said.chars):
        if said.parted(found.end()):
            yield found.end()


def _place_at_end(raw: str) -> Place | None:
    """The place that ends a text, 宁波市 in 请问宁波市的."""
    near = raw[-12:].rstrip(' 的《"')
    places = places_in(near, ())
    if places:
        rest = near[near.rfind(places[-1].name) + len(places[-1].name) :]
        if not rest or PLACE_SUFFIX.fullmatch(rest):
            return places[-1]
    found = _TOWN.search(near)
    return Place(found[1]) if found is not None else None


def _holds(facts: PolicyFacts, place: Place) -> bool:
    return facts.region is not None and covers(facts, place)


def _unknown(said: Said, end: int) -> Iterator[Mention]:
    """What reads as the title of a policy, and fits none."""
    window = _window(said, end)
    found = _READS_AS_TITLE.search(window)
    # 奖励办法第三条 says which part of a policy is meant, not which policy.
    if found is None or not any(not term.weak for term in content_terms(found[1])):
        return
    yield Mention(said.places[end - len(found[0])], said.places[end - 1] + 1, (), 0.0)


def _longest(found: Iterable[Mention]) -> tuple[Mention, ...]:
    """Mentions that lie in no longer one, in order; of two that overlap, the longer one."""
    kept: list[Mention] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, -one.share)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))


class _Snapshot:
    """Policies of one index as a cache key, compared by identity: comparing thousands of facts would take long."""

    def __init__(self, facts: Mapping[PolicyId, PolicyFacts]) -> None:
        self.policies = tuple(facts.items())
        self._key = tuple(id(about) for about in facts.values())

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        # Both sides hold their facts, so that no address is used twice.
        return isinstance(other, _Snapshot) and self._key == other._key


def title_index(facts: Mapping[PolicyId, PolicyFacts]) -> TitleIndex:
    """The titles of `facts`; made once for the policies of an index."""
    return _title_index(_Snapshot(facts))


@lru_cache(maxsize=4)
def _title_index(snapshot: _Snapshot) -> TitleIndex:
    return TitleIndex(snapshot.policies)
