"""Content terms of a question, and how much of them a text covers.

Segmentation cuts unknown names in odd places (隐形|冠军, 首台|套), so a term counts as partly covered where its
character pairs stand in the text. Rare terms weigh more (inverse document frequency over the index's chunks).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.models import Chunk

SAMPLE_LIMIT = 2000
"""Chunks that document frequencies are counted over; more are sampled evenly, to keep counting fast."""

WEAK_WEIGHT = 0.15
"""Share of its weight that a word of the trade (补贴, 企业) keeps: it tells sentences apart, but names no subject."""

ABBREVIATION_CREDIT = 0.5
"""Share for a two-character term whose characters begin the words of a longer one: 技改 for 技术改造."""

SYNONYM_CREDIT = 0.7
"""Share of a term's weight for a text that has another word for it (药品零售 for 药店)."""

PARTIAL_CREDIT = 0.7
"""Share of a term's weight for a text that has all its character pairs, but not the term."""

# Function words by the segmenter's parts of speech: pronouns, prepositions, conjunctions, particles, adverbs,
# interjections, position words, punctuation, measure words.
_FUNCTION_TAGS = ("r", "p", "c", "u", "y", "d", "e", "o", "f", "x", "w", "q", "k", "h", "zg")
# Phrases that ask, taken out before the words are cut: the segmenter joins them to neighbours (哪些项目).
_ASKING = re.compile(
    r"是?从?(?:哪一?[天年日月个]|什么时候|何时)(?:起|开始)?|(?:规划|有效|试行|执行)期[里内间]|(.)不\1|[这那哪](?:[些个份种类项家条款次部篇里边儿]|方面)?|什么(?:时候|样)?|谁[来去]?[管审批发]?|怎么(?:样|办|做)?|怎样|如何|多(?:少|久|大|高|长)"
    r"|(?<=\d)[年月日](?:底|初)?|[拿领得享申请受]{1,2}不到|能(?=[补拿领给奖得申享不])|要(?=达到|有|满足|新?[增加建]|引进|培育|做|到|超|完成|实现|覆盖)|才能|可以|是否|有没有|请问"
)
# What an enterprise says of itself (520亿, 30%) is no subject; it is compared as a figure.
_AMOUNT = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千]+)\s*[万亿]+元?(?!级)|\d+(?:\.\d+)?(?:元|%)"
    r"|[一二三四五六七八九]成(?![立员为本果分品交绩效都长就功])"
)
# How many or which year (几年, 一次, 2024), not what of; other numbers may be names (4286).
_COUNTED = re.compile(
    r"(?:[几多一二两三四五六七八九十百千]|\d(?=[^\d]))+(?:个?月|[年日天次家个亩档级类项条份台件人名元套批种户笔期点度成倍折毛角分块])?|个?百?分?点|(?:19|20)\d\d"
)
_STRAY = re.compile(r"^[能已再加可会要没刚曾](?=.)|个$")
"""What the segmenter joins to a word where it knows neither: 刚升规, 加奖."""
_DONE = re.compile(r"(?<=.)了[个一]?$")
"""What tells of a thing done, also in words the segmenter knows: 开了个."""
_WORD_CHARACTER = re.compile(r"\w")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_HAN_PAIRABLE = re.compile(rf"[{_HAN}]")


def read_words(name: str) -> str:
    """The text of a word list in `rag/data`."""
    return (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")


def read_rows(name: str) -> list[list[str]]:
    """The words of each line of a list in `rag/data`; lines that begin with # are notes."""
    lines = (line.strip() for line in read_words(name).splitlines())
    return [line.split() for line in lines if line and not line.startswith("#")]


def read_pairs(name: str) -> list[tuple[str, str]]:
    """Lines of two words: one spelling and what it is read as."""
    return [(row[0], row[1]) for row in read_rows(name)]


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that ask, link or address: they say nothing about a subject."""
    return frozenset(read_words("stop_words.txt").split())


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """The words that policies have for an everyday word (搬走: 迁出, 迁移, 外迁), by that word."""
    return {row[0]: tuple(row[1:]) for row in read_rows("synonyms.txt")}


@lru_cache(maxsize=1)
def weak_words() -> frozenset[str]:
    """Words of the trade, which stand in every policy."""
    return frozenset(read_words("weak_words.txt").split())


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Names of countries and of the parts of the world."""
    return frozenset(read_words("countries.txt").split())


@dataclass(frozen=True, slots=True)
class Term:
    """A word or name of a question; `weak` ones name no subject."""

    text: str
    weak: bool


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """`text` with full-width letters folded, in lower case: what terms are compared in."""
    return unicodedata.normalize("NFKC", text).lower()


_OF_NAME = r"(?:[省市县区](?![级里内属外]))?"
"""What ends the name of a place and would be joined to the word behind it: 某区新认定."""


def without(text: str, names: Iterable[str], *, filled: str = " ") -> str:
    """`text` folded, each character of `names`, and of what ends the name of a place, replaced by `filled`."""
    plain = folded(text)
    for name in sorted(map(folded, names), key=len, reverse=True):
        plain = re.sub(rf"{re.escape(name)}{_OF_NAME}", lambda found: filled * len(found[0]), plain)
    return plain


def content_terms(text: str, *, ignore: Iterable[str] = ()) -> tuple[Term, ...]:
    """Terms of `text` in order, each once; function words and the strings of `ignore` (place names) give none."""
    import rjieba

    plain = without(text, ignore)
    plain = _ASKING.sub(" ", _AMOUNT.sub(" ", plain))
    terms = {word: Term(word, weak=False) for word in _everyday().findall(plain)}
    plain = _everyday().sub(" ", plain)
    single = ""
    for cut, tag in [*rjieba.tag(plain), (" ", "x")]:
        # 刚升规 is no word: 刚 tells when, and the rest is the name.
        word = _bare(cut)
        # Neighbouring single characters are a name the dictionary does not know.
        if len(word) == 1 and _is_content(word, tag) and not _is_weak(word):
            single += word
            continue
        if len(single) > 1:
            terms.setdefault(single, Term(single, weak=False))
        single = ""
        if _is_content(word, tag):
            terms.setdefault(word, Term(word, weak=_is_weak(word)))
    return tuple(terms.values())


@lru_cache(maxsize=8192)
def _bare(word: str) -> str:
    """A word as it was cut, without what does not belong to it."""
    import rjieba

    if len(word) == 1 or word.isascii():
        return word
    done = _DONE.sub("", word)
    return done if rjieba.has_word(word) else _STRAY.sub("", done)


@lru_cache(maxsize=1)
def _everyday() -> re.Pattern[str]:
    """Everyday words with synonyms that the segmenter would cut (刷单, 老设备)."""
    import rjieba

    named = (word for word in synonyms() if len(word) > 1 and _HAN_PAIRABLE.match(word) and not _is_weak(word))
    # 脱贫|户 keeps a word that tells what it is about; 刷|单 keeps none.
    cut = [word for word in named if all(len(part) == 1 for part in rjieba.cut(word, hmm=False))]
    return re.compile("|".join(map(re.escape, sorted(cut, key=len, reverse=True))))


def _is_weak(word: str) -> bool:
    """Whether a word is of the trade, or made of two that are (联系电话)."""
    weak = weak_words()
    return word in weak or (len(word) == 4 and word[:2] in weak and word[2:] in weak)


def _is_content(word: str, tag: str) -> bool:
    if _is_weak(word):
        return True
    if word in stop_words() or not _WORD_CHARACTER.search(word) or _COUNTED.fullmatch(word):
        return False
    return not tag.startswith(_FUNCTION_TAGS) or (len(word) > 2 and tag[0] not in "ruwx")


class TermWeights:
    """Inverse document frequencies over one index, counted when a term is first asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        """`texts` are folded."""
        self._texts = texts
        self._known: dict[str, float] = {}

    @classmethod
    def from_chunks(cls, chunks: Sequence[Chunk]) -> TermWeights:
        """Weights over the chunks of an index, or an even sample of them."""
        step = max(1, math.ceil(len(chunks) / SAMPLE_LIMIT))
        return cls([folded(chunk.text) for chunk in chunks[::step]])

    def weight(self, term: Term) -> float:
        """Lucene's BM25 inverse document frequency, above 0; a weak term keeps `WEAK_WEIGHT` of it."""
        # Two threads may count the same term at once; either result is the same.
        if term.text not in self._known:
            found = sum(_stands_in(term.text, text) for text in self._texts)
            if not found:  # an everyday word is as rare as the words the policies have for it
                others = synonyms().get(term.text, ())
                found = sum(any(_stands_in(other, text) for other in others) for text in self._texts) if others else 0
            total = len(self._texts)
            self._known[term.text] = math.log(1 + (total - found + 0.5) / (found + 0.5))
        return self._known[term.text] * (WEAK_WEIGHT if term.weak else 1.0)

    def weights(self, terms: Iterable[Term]) -> dict[Term, float]:
        """Weight of each term."""
        return {term: self.weight(term) for term in terms}


def coverage(weights: Mapping[Term, float], text: str) -> float:
    """Share (0..1) of the terms' weight that `text` covers; 0 without terms."""
    total = sum(weights.values())
    if not total:
        return 0.0
    plain = folded(text)
    return sum(weight * presence(term.text, plain) for term, weight in weights.items()) / total


def _stands_in(term: str, plain: str) -> bool:
    """Whether a folded text has a term, and not only the end of a word and the start of the next one (提升|规划)."""
    if term not in plain:
        return False
    if len(term) != 2 or not _HAN_PAIRABLE.match(term):
        return True
    inner = _inner_cuts(plain)
    at = plain.find(term)
    while at >= 0:
        if at + 1 not in inner:
            return True
        at = plain.find(term, at + 1)
    return False


@lru_cache(maxsize=4096)
def _inner_cuts(plain: str) -> frozenset[int]:
    """Where a text is cut between two words that both have two characters or more."""
    import rjieba

    cuts, at, before = set(), 0, 0
    for word in rjieba.cut(plain):
        if before > 1 and len(word) > 1:
            cuts.add(at)
        at, before = at + len(word), len(word)
    return frozenset(cuts)


@lru_cache(maxsize=32768)
def presence(term: str, plain: str) -> float:
    """How far a folded text has a term: 1 as it stands, else in other words, by its pairs or as an abbreviation."""
    if _stands_in(term, plain):
        return 1.0
    if any(_stands_in(other, plain) for other in synonyms().get(term, ())):
        return SYNONYM_CREDIT
    if len(term) < 2 or not _HAN_PAIRABLE.match(term):
        return 0.0
    if len(term) == 2:
        return ABBREVIATION_CREDIT if _begins_words(term, plain) else 0.0
    pairs = [term[at : at + 2] for at in range(len(term) - 1)]
    return PARTIAL_CREDIT * sum(pair in plain for pair in pairs) / len(pairs)


def _begins_words(term: str, plain: str) -> bool:
    """Whether the two characters of a term each begin a word of two: 技改 in 技术改造."""
    first, second = term[0], term[1]
    at = plain.find(first)
    while 0 <= at < len(plain) - 3:
        if plain[at + 2] == second and _HAN_PAIRABLE.match(plain, at + 1) and _HAN_PAIRABLE.match(plain, at + 3):
            return True
        at = plain.find(first, at + 1)
    return False
