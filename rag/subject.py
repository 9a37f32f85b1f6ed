"""What a question is about, and how much of that a text is about.

Two readings are averaged: weighted terms, which tell rare words from common ones, and the character pairs of the
phrases those terms form, which tell 绿色工厂 from 绿色园区 and bridge the segmenter's cuts (隐形|冠军).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.terms import Term, TermWeights, content_terms, countries, coverage, folded, weak_words, without

LEVELS = {
    "国家级": re.compile(r"国家级|国内|国家(?=[、和及或,，]{0,2}(?:省|市|级))|国家(?:认定|重点|备案)"),
    "省级": re.compile(r"省级|省内|省(?=[、和及或,，]{0,2}(?:市|级))|[、和及]省(?=[、和及\u4e00-\u9fff])|省认定"),
    "市级": re.compile(r"市级(?!财政|留存|部门|专项资金)|市内|[、和及]市(?=[、和及三两级])|市认定"),
    "区级": re.compile(r"区级|县级|区县级|区、县[(（]市[)）]级"),
}
"""Administrative levels of a title as policies write them."""

_LEVEL_WORD = re.compile(r"(?:国家|省|市|区县|区|县)级|国内|省内|市内")
_GIVING = re.compile(
    r"(?:资助|奖励|补助|补贴|奖补|奖金|扶持|支持|政策|资金|标准|金额|额度|比例|申请|申报|认定|多少|条件|目标|指标|情况|优惠|规定|要求)+"
)
# Classes and grades (B类, 甲级, 二等奖, 4A级): what tells the tiers of a rule apart.
_CLASS = re.compile(
    r"[a-h]{1,3}\+?[类级档轮]|[1-5]a级?|[甲乙丙丁特][类级等]|[一二三四五六七][类级档](?!别)|[特一二三四五]等奖?|[1-5一二三四五][星]级?"
)
_QUOTED = re.compile(r"[“「]([\w+%×·-]{2,12})[”」]")
_NOWHERE = "\0"
_JOINT = re.compile(r"[“”\"'‘’「」《》()（）·\s]*")
_PAIR = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2}|[a-z0-9+.×]{2,}")


def levels_in(text: str) -> frozenset[str]:
    """Administrative levels that a text names."""
    return frozenset(level for level, pattern in LEVELS.items() if pattern.search(text))


@dataclass(frozen=True)
class Subject:
    """The terms of a question with their weights, and the phrases they form.

    Attributes:
        weights: of the terms, above 0; words of the trade (企业, 补贴) weigh little.
        phrases: runs of neighbouring terms, in folded characters, without levels and words of giving.
        strange: naming terms that stand nowhere in the index.
    """

    weights: Mapping[Term, float]
    phrases: tuple[str, ...]
    strange: frozenset[Term] = frozenset()

    @classmethod
    def of(
        cls, text: str, weights: TermWeights, *, ignore: Iterable[str] = (), names: Iterable[str] = frozenset()
    ) -> Subject:
        """The subject of `text`.

        Args:
            text: of the question, in simplified characters.
            weights: of terms in the index.
            ignore: places, document numbers and titles, which are no subject.
            names: that the index writes in quotation marks, see `quoted_names`; one is a term as it stands.
        """
        plain = folded(text)
        classes = dict.fromkeys(match[0] for match in _CLASS.finditer(plain))
        own = tuple(Term(name, weak=False) for name in _longest([*(n for n in names if n in plain), *classes]))
        rest = tuple(term for term in content_terms(text, ignore=ignore) if not _LEVEL_WORD.fullmatch(term.text))
        terms = (*own, *(term for term in rest if not any(term.text in name.text for name in own)))
        unseen = weights.weight(Term(_NOWHERE, weak=False))
        weighed = weights.weights(terms)
        strange = frozenset(
            term
            for term, weight in weighed.items()
            if not term.weak and weight >= unseen and not _half_known(term.text, weights, unseen)
        )
        # 收购德国公司: where a firm is bought or sold abroad is no subject of policies that name no country.
        abroad = {term for term in strange if term.text in countries()}
        weighed = {term: weight for term, weight in weighed.items() if term not in abroad}
        strange -= abroad
        return cls(weighed, phrases(text, terms, ignore=ignore), strange)

    @cached_property
    def familiar(self) -> Subject:
        """The subject without the terms that stand nowhere in the index, which tell its clauses not apart."""
        weights = {term: weight for term, weight in self.weights.items() if term not in self.strange}
        terms = "|".join(re.escape(term.text) for term in self.strange)
        parts = (part for phrase in self.phrases for part in (re.split(terms, phrase) if terms else [phrase]))
        return Subject(weights, tuple(dict.fromkeys(part for part in parts if len(part) > 1)))

    @property
    def named(self) -> bool:
        """Whether there is a term that names a subject."""
        return any(not term.weak for term in self.weights)

    @cached_property
    def strong(self) -> tuple[Term, ...]:
        """Terms that name a subject, the rarest first."""
        return tuple(sorted((t for t in self.weights if not t.weak), key=lambda term: -self.weights[term]))

    @cached_property
    def pairs(self) -> dict[str, float]:
        """Character pairs of the phrases, a phrase's weight shared among its pairs."""
        found: dict[str, float] = {}
        for phrase in self.phrases:
            own = _pairs(phrase)
            weight = sum(w for term, w in self.weights.items() if term.text in phrase) or 0.1
            for pair in own:
                found[pair] = max(found.get(pair, 0.0), weight / len(own))
        return found

    @cached_property
    def unknown_nouns(self) -> float:
        """Share (0..1) of the naming nouns that stand nowhere in the index: 宅基地, 公务员."""
        nouns = [term for term in self.weights if not term.weak and _is_noun(term.text)]
        return sum(term in self.strange for term in nouns) / len(nouns) if nouns else 0.0

    @cached_property
    def strangeness(self) -> float:
        """Share (0..1) of the weight of the terms that the terms which stand nowhere in the index have."""
        total = sum(self.weights.values())
        return sum(self.weights[term] for term in self.strange) / total if total else 0.0

    def cover(self, text: str) -> float:
        """Share (0..1) of the subject that `text` is about."""
        by_terms = coverage(self.weights, text)
        total = sum(self.pairs.values())
        if not total:
            return by_terms
        plain = folded(text)
        by_pairs = sum(weight for pair, weight in self.pairs.items() if pair in plain) / total
        return (by_terms + by_pairs) / 2

    def part(self, phrase: str) -> Subject:
        """The subject of one of the phrases alone."""
        return Subject({term: w for term, w in self.weights.items() if term.text in phrase}, (phrase,))


def _half_known(word: str, weights: TermWeights, unseen: float) -> bool:
    """Whether the index has a pair of a longer word's characters: 办公 of 办公房, which the segmenter made one."""
    pairs = (word[at : at + 2] for at in range(len(word) - 1)) if len(word) > 2 else ()
    return any(weights.weight(Term(pair, weak=False)) < unseen for pair in pairs)


def quoted_names(texts: Iterable[str]) -> frozenset[str]:
    """Names that texts write in quotation marks (“标准地”), folded: the segmenter knows few of them."""
    found = (folded(match[1]) for text in texts for match in _QUOTED.finditer(text))
    return frozenset(name for name in found if name not in weak_words() and not name.isdigit())


def _longest(names: Iterable[str]) -> list[str]:
    """Names that are no part of another one."""
    found = sorted(set(names), key=lambda name: (-len(name), name))
    return [name for at, name in enumerate(found) if not any(name in longer for longer in found[:at])]


def phrases(text: str, terms: Sequence[Term], *, ignore: Iterable[str] = ()) -> tuple[str, ...]:
    """Runs of neighbouring terms in `text`, longest first; levels and words of giving end a run."""
    plain = without(text, ignore, filled="\n")
    plain = _LEVEL_WORD.sub(lambda match: "\n" * len(match[0]), plain)
    naming = [term for term in terms if term.text.strip() and not _GIVING.fullmatch(term.text)]
    spans = sorted(match.span() for term in naming for match in re.finditer(re.escape(term.text), plain))
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and (start <= runs[-1][1] or _JOINT.fullmatch(plain, runs[-1][1], start)):
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    found = (_JOINT.sub("", plain[start:end].strip()) for start, end in runs)
    return tuple(sorted({run for run in found if len(run) > 1}, key=lambda run: (-len(run), run)))


@lru_cache(maxsize=8192)
def _is_noun(word: str) -> bool:
    """Whether the segmenter takes a word of a question for a noun."""
    import rjieba

    return len(word) > 1 and any(tag.startswith(("n", "vn", "j", "l", "i")) for _, tag in rjieba.tag(word))


@lru_cache(maxsize=4096)
def _pairs(phrase: str) -> tuple[str, ...]:
    plain = re.sub(r"[^\w+.×]", "", phrase)
    letters = [match[0] for match in re.finditer(r"[a-z0-9+.×]+", plain)]
    characters = [plain[at : at + 2] for at in range(len(plain) - 1)]
    han = [pair for pair in characters if _PAIR.fullmatch(pair) and not pair.isascii()]
    return tuple(dict.fromkeys([*han, *(word for word in letters if len(word) > 1)]))
