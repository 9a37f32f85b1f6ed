"""Titles of policies as they are compared with what a text says: which characters tell how much.

The subject counts in full, the kind of document half, words that open most titles (促进, 加快) and the region a
quarter, 关于印发…的通知 and punctuation nothing. Years are kept apart: 某政策(2024版) and 某政策(2025版) are of one
family.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index.clean.characters import shape_of, simplify
from index.models import PolicyFacts
from rag.places import places_in, region_names

STOP = "\n"
"""Stands for every mark in a text that no name goes beyond."""

SUBJECT, KIND, LIGHT = 1.0, 0.5, 0.25
"""Weight of a character by what it tells."""

KINDS = (
    "法典|法|条例|办法|规定|细则|规则|意见|政策|措施|通知|决定|方案|规划|计划|指南|公告|通告|纲要|要点|解释|批复|准则|标准"
    "|规程|章程|目录|清单|举措|条"
)
"""Words for kinds of documents, as a pattern."""

_YEAR = r"(?<!\d)(?:19|20)\d{2}(?!\d)"
_SPAN_END = r"[-~至到](?:19|20)?\d{2}(?!\d)(?:年度?)?"
YEAR_PHRASE = re.compile(rf"[(\[]?{_YEAR}(?:年度?)?(?:{_SPAN_END})?(?:修订|修正)?(?:版|本)?[)\]]?")
_YEAR_SAID = re.compile(rf"{_YEAR}(?=年|版|[-~至到)\]])|(?<=[-~至到])(?:19|20)\d{{2}}(?=年)")
_EMPTY = re.compile(
    r"中华人民共和国|关于|印发|发布|公布|转发|的|之|(?:暂行|试行|修订|修正|征求意见稿|草案)(?=[)\]]|$)|[^\w]|_"
)
_ISSUER = re.compile(r"^[^《]{2,40}?(?:政府|办公厅|办公室|[局厅部院会委署])(?=(?:、[^《]{2,40})?关于)")
_CARRIER = re.compile(r"(?:的)?(?:通知|公告|函)$")
_CLOSING_BRACKETS = re.compile(r"(?:[(\[][^()\[\]]*[)\]]|\s)+$")
_KIND = re.compile(KINDS)
_TAIL_KIND = re.compile(rf"(?:若干|实施|管理|暂行|试行|工作|行动|具体|专项|有关|扶持)*(?:{KINDS})$")
_OPENING = re.compile(
    r"进一步|高质量|促进|推动|推进|支持|加快|鼓励|扶持|规范|加强|加大|完善|深化|培育|发展|建设|提升|做好|有关|若干|实施|管理|工作|行动|专项"
)
_STOPS = re.compile(r"[。;!?,:\n]")
PLACE_SUFFIX = re.compile(r"自治区|自治州|自治县|新区|高新区|经开区|开发区|省|市(?!场)|县(?!域)|区(?!域)|州|旗")


@dataclass(frozen=True, slots=True)
class Title:
    """A title as it is compared.

    Attributes:
        chars: its characters that weigh something, in order, without the years.
        weights: weight of each.
        starts: offsets in `chars` at which a word begins.
        regional: how many characters at the beginning name the region.
        years: that tell editions of the policy apart.
    """

    chars: str
    weights: tuple[float, ...]
    starts: frozenset[int]
    regional: int
    years: tuple[int, ...]

    @property
    def total(self) -> float:
        """Weight of all characters but those that name the region; above 0 for a title with any character."""
        return sum(self.weights[self.regional :])

    @property
    def says_subject(self) -> bool:
        """Whether it names more than a region and a kind of document."""
        return any(weight == SUBJECT for weight in self.weights[self.regional :])


@dataclass(frozen=True, slots=True)
class Said:
    """A text without what says nothing of a title.

    Attributes:
        raw: the text, folded.
        chars: the characters that count; stops are line ends.
        places: offset in `raw` of each.
        words: offsets in `raw` at which a word begins or the text ends.
    """

    raw: str
    chars: str
    places: tuple[int, ...]
    words: frozenset[int]

    def before(self, offset: int) -> int:
        """Number of characters of `chars` that stand before `offset` of the raw text."""
        return bisect_left(self.places, offset)

    def parted(self, at: int) -> bool:
        """Whether a word ends before character `at`."""
        return at in (0, len(self.chars)) or self.places[at] in self.words or self.places[at - 1] + 1 in self.words


def fold(text: str) -> str:
    """`text` in simplified characters, half width and lower case, of the same length."""
    return "".join(map(_fold_char, simplify(shape_of(text))))


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char).lower()
    return plain if len(plain) == 1 else char


def empty_spans(folded: str) -> list[tuple[int, int]]:
    """Stretches of a folded text that say nothing of a title: years, brackets, 的, 关于."""
    return [found.span() for pattern in (YEAR_PHRASE, _EMPTY) for found in pattern.finditer(folded)]


def years_in(text: str) -> tuple[int, ...]:
    """Years that a text names: 2024年, 2024版, (2024), 2021-2023年; in order, each once."""
    return tuple(dict.fromkeys(map(int, _YEAR_SAID.findall(fold(text)))))


def title_years(facts: PolicyFacts) -> tuple[int, ...]:
    """Years that tell editions of one policy apart: those of the title or period, else the year of issue."""
    named = [int(year) for year in re.findall(_YEAR, fold(facts.title))]
    if facts.period is not None:
        named += range(facts.period[0], facts.period[1] + 1)
    if named:
        return tuple(dict.fromkeys(named))
    number = re.search(rf"[\[(]({_YEAR})[\])]", fold(facts.doc_number or ""))
    if number is not None:
        return (int(number[1]),)
    day: date | None = facts.issued_on or facts.effective_on
    return (day.year,) if day is not None else ()


@lru_cache(maxsize=16384)
def family(title: str) -> str:
    """A title without years, issuer and 关于印发…的通知: equal for editions of one policy for several years."""
    plain = _bare(fold(title))
    return "".join(char for at, char in enumerate(plain) if at not in _empty_offsets(plain))


def compared(facts: PolicyFacts) -> Title:
    """The title of a policy as it is compared."""
    plain = _bare(fold(facts.title))
    weights = _weights(plain)
    kept = [at for at, weight in enumerate(weights) if weight > 0] or list(range(len(plain)))
    chars = "".join(plain[at] for at in kept)
    regional = _regional(chars, facts)
    shown = tuple(LIGHT if n < regional else weights[at] or KIND for n, at in enumerate(kept))
    return Title(chars, shown, _word_starts(chars), regional, title_years(facts))


def _bare(folded: str) -> str:
    """A folded title without what carries it: 甲局关于印发《某办法》的通知 gives 某办法."""
    carries = re.search(r"印发|转发|发布|公布", folded) and _CARRIER.search(folded)
    quoted = re.search(r"《(.{2,})》", folded)
    if carries and quoted:
        return quoted[1]
    plain = _ISSUER.sub("", folded)
    return _CARRIER.sub("", plain) if carries else plain


def _empty_offsets(plain: str) -> frozenset[int]:
    return frozenset(at for start, end in empty_spans(plain) for at in range(start, end))


def _weights(plain: str) -> list[float]:
    """Weight of each character of a title, 0 for those that every title may have."""
    weights = [SUBJECT] * len(plain)
    for found in _OPENING.finditer(plain):
        weights[found.start() : found.end()] = [LIGHT] * len(found[0])
    kind = _TAIL_KIND.search(_CLOSING_BRACKETS.sub("", plain))
    if kind is not None:
        weights[kind.start() : kind.end()] = [KIND] * len(kind[0])
    for at in _empty_offsets(plain):
        weights[at] = 0.0
    return weights


def _regional(chars: str, facts: PolicyFacts) -> int:
    """How many characters at the beginning of a title name its region."""
    region = fold(facts.region) if facts.region else ""
    known = {region, *region_names(region), *(place.name for place in places_in(chars[:12], ()))}
    names = sorted(filter(None, known), key=len, reverse=True)
    at = 0
    while name := next((name for name in names if chars.startswith(name, at)), ""):
        at += len(name)
        suffix = PLACE_SUFFIX.match(chars, at)
        at = suffix.end() if suffix is not None else at
    return at if at < len(chars) else 0


def _word_starts(chars: str) -> frozenset[int]:
    import rjieba

    # Words inside words count: 民诉法 takes the beginnings of 民事, 诉讼 and 法.
    words = rjieba.tokenize(chars, "search")
    return frozenset(start for _, start, _ in words) | frozenset(found.start() for found in _KIND.finditer(chars))


def read(text: str) -> Said:
    """What `text` says, ready to be compared with titles."""
    import rjieba

    raw = fold(text)
    stops = {found.start() for found in _STOPS.finditer(raw)}
    empty = {at for start, end in empty_spans(raw) for at in range(start, end)} - stops
    kept = [at for at in range(len(raw)) if at not in empty]
    words, at = {0, len(raw)}, 0
    for word in rjieba.cut(raw):
        words.add(at)
        at += len(word)
    return Said(raw, "".join(STOP if at in stops else raw[at] for at in kept), tuple(kept), frozenset(words))
