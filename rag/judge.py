"""Whether what was found is about what was asked: a calibrated probability for every clause.

The features are the subject's share that a clause covers (by terms and by character pairs), the cosine on a scale
whose 0 is what everyday questions reach in this index and whose 1 is what the clauses' own headings reach, how
much of the question the index does not know at all, and the agreement of the two searches. Their weights are those of
a logistic regression fitted on labelled questions over several corpora (`python -m training judge`), kept in
`rag/data/judge.json` with the figures of the fit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from index.embed import PolicyEmbeddings
from index.store import IndexReader
from rag.answering import Answering
from rag.found import RetrievedClause
from rag.fuse import DEPTH
from rag.lexicon import Lexicon
from rag.subject import Subject, quoted_names
from rag.terms import TermWeights, folded, presence, read_words
from rag.understand.question import Question

_EVERYDAY = (
    "今天天气怎么样",
    "红烧肉怎么做好吃",
    "推荐一部好看的电影",
    "世界杯决赛是哪两个队",
    "帮我写一首诗",
    "头疼应该吃什么药",
    "手机屏幕碎了去哪修",
    "周末去哪里爬山",
    "怎么学好英语口语",
    "猫不吃东西怎么办",
)
"""Questions that no policy answers."""
JUDGED = 20
"""Retrieved clauses that are judged."""
_TOP = 3
"""Rank up to which a list puts a clause first."""
_HEADINGS = 20
_HEADING_LIMIT = 25
_MIN_SPAN = 0.02
"""Smallest distance of the scale's ends, for an index so small that its headings say nothing."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What cosines mean in one index with one model: `floor` for unrelated text, `ceiling` for a clause's topic."""

    floor: float
    ceiling: float

    @classmethod
    def measure(cls, reader: IndexReader, embeddings: PolicyEmbeddings) -> Scale:
        """The scale of an index; embeds some 30 short texts."""
        headings = _sample_headings(reader)
        if not headings:
            return cls(0.0, 1.0)
        floor = fmean(_best_cosine(reader, embeddings, text) for text in _EVERYDAY)
        ceiling = fmean(_best_cosine(reader, embeddings, text) for text in headings)
        return cls(floor, max(ceiling, floor + _MIN_SPAN))

    def place(self, cosine: float) -> float:
        """A cosine on the scale; below 0 and above 1 are possible."""
        return (cosine - self.floor) / (self.ceiling - self.floor)


def _best_cosine(reader: IndexReader, embeddings: PolicyEmbeddings, text: str) -> float:
    hits = reader.dense_search(embeddings.embed_question(text), 1)
    return hits[0].score if hits else 0.0


def _sample_headings(reader: IndexReader) -> list[str]:
    """Headings, or first words, of clauses spread evenly over the policies."""
    policies = list(reader.facts())
    step = max(1, len(policies) // _HEADINGS)
    clauses = [clause for policy_id in policies[::step] for clause in reader.clauses(policy_id) if clause.text.strip()]
    texts = [(clause.heading or clause.text)[:_HEADING_LIMIT] for clause in clauses]
    return texts[:: max(1, len(texts) // _HEADINGS)][:_HEADINGS]


_HEAVY = 5.0
"""A term weight (inverse document frequency) or logarithmic BM25 score that counts as 1."""
_LONG = 6.0
"""Logarithm of a question's length in characters that counts as 1."""
_PRESENT = 0.5
"""Presence of a term in a text from which on the text knows it."""

FEATURES = (
    "cover",
    "own",
    "title",
    "best_term",
    "unknown",
    "nouns",
    "cosine",
    "agree",
    "lexical",
    "asks",
    "placed",
    "length",
)
"""Names of the features, in the order of the weights."""


def features(
    item: RetrievedClause, question: Question, subject: Subject, scale: Scale, *, placed: bool, titles: float = 0.0
) -> tuple[float, ...]:
    """What a clause's relevance is judged by, in the order of `FEATURES`; values lie in about 0..1.

    Args:
        item: the clause with its search results.
        subject: what the question is about.
        scale: of cosines in this index.
        question: what is asked; whether it asks for something that policies state (money, conditions, dates) counts,
            and its length, since a long one covers less of any clause.
        placed: whether the question names a place where policies of the index hold.
        titles: share of the subject that the titles of the policies found cover on average.
    """
    around = f"{item.context}\n{item.clause.text}"
    plain = folded(around)
    strong = subject.strong
    known = [term for term in strong if presence(term.text, plain) >= _PRESENT]
    total = sum(subject.weights[term] for term in strong)
    missing = total - sum(subject.weights[term] for term in known)
    cosine = scale.place(item.dense_score) if item.dense_score is not None else 0.0
    agree = (item.dense_rank or DEPTH) <= _TOP and (item.bm25_rank or DEPTH) <= _TOP
    return (
        subject.cover(around),
        subject.cover(item.clause.text),
        subject.cover(item.facts.title) - titles,
        max((subject.weights[term] for term in known), default=0.0) / _HEAVY,
        missing / total if total else 1.0,
        subject.unknown_nouns,
        max(-0.5, min(1.5, cosine)),
        float(agree),
        math.log1p(item.bm25_score or 0.0) / _HEAVY,
        float(bool(question.wants)),
        float(placed),
        math.log(len(question.focus or question.text)) / _LONG,
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression over `FEATURES`, and what its probabilities mean.

    Attributes:
        weights: one a feature.
        bias: log odds where every feature is 0.
        refuse_below: probability under which nothing is shown.
        unsure_below: probability under which a clause is shown as the nearest one, not as an answer.
    """

    weights: tuple[float, ...]
    bias: float
    refuse_below: float
    unsure_below: float

    def probability(self, values: Sequence[float]) -> float:
        """Probability (0..1) that a clause with these features is about what was asked."""
        odds = self.bias + sum(weight * value for weight, value in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-odds))


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The calibration that ships with the program.

    Raises:
        ValueError: the file was fitted for other features.
    """
    stored = json.loads(read_words("judge.json"))
    if tuple(stored["weights"]) != FEATURES:
        raise ValueError("rag/data/judge.json is for other features; run `python -m training judge`")
    return Calibration(
        tuple(stored["weights"].values()), stored["bias"], stored["refuse_below"], stored["unsure_below"]
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A retrieved clause with the probability (0..1) that it is about what was asked.

    Attributes:
        behind: how much less likely than the likeliest candidate of the question it is to be the one that answers, as
            a natural logarithm, 0 or below; see `rag.rank`.
    """

    item: RetrievedClause
    relevance: float
    behind: float = 0.0

    @property
    def unsure(self) -> bool:
        """Whether it may be shown as the nearest clause only."""
        return not self.item.named and self.relevance < calibration().unsure_below


def judge(
    found: Sequence[RetrievedClause], question: Question, subject: Subject, scale: Scale, *, placed: bool
) -> tuple[Judged, ...]:
    """The first `JUDGED` clauses with their relevance, in the order they were found."""
    values = all_features(found[:JUDGED], question, subject, scale, placed=placed)
    fitted = calibration()
    return tuple(Judged(item, fitted.probability(value)) for item, value in zip(found, values, strict=False))


def all_features(
    found: Sequence[RetrievedClause], question: Question, subject: Subject, scale: Scale, *, placed: bool
) -> list[tuple[float, ...]]:
    """`features` of every clause found."""
    covered = {item.policy_id: subject.cover(item.facts.title) for item in found}
    titles = fmean(covered.values()) if covered else 0.0
    return [features(item, question, subject, scale, placed=placed, titles=titles) for item in found]


@dataclass(frozen=True, slots=True)
class Lens:
    """What reading a question needs to know about one index.

    Attributes:
        terms: weights of terms.
        scale: of cosines.
        lexicon: words, to correct typing errors by.
        names: written in quotation marks.
        answering: reads clauses with the question; None leaves that out.
    """

    terms: TermWeights
    scale: Scale
    lexicon: Lexicon
    names: frozenset[str] = frozenset()
    answering: Answering | None = None

    @classmethod
    def focus(cls, reader: IndexReader, embeddings: PolicyEmbeddings, answering: Answering | None = None) -> Lens:
        """Measure an index."""
        chunks = reader.chunks()
        regions = dict.fromkeys(facts.region for facts in reader.facts().values() if facts.region)
        lexicon = Lexicon.from_texts((chunk.text for chunk in chunks), regions=regions)
        names = quoted_names(chunk.text for chunk in chunks)
        return cls(TermWeights.from_chunks(chunks), Scale.measure(reader, embeddings), lexicon, names, answering)
