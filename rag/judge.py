"""Whether what was found answers the question: relevance of a clause on a scale that is the same for every model.

Relevance is the sum of two shares: the weight of the question's terms that the clause covers, and the clause's
cosine on a scale whose 0 is what everyday questions reach in this index and whose 1 is what the clauses' own
headings reach. The thresholds were set on a labelled list of questions (see tests/rag_questions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from index.embed import PolicyEmbeddings
from index.store import IndexReader
from rag.retrieve import RetrievedClause
from rag.terms import Term, TermWeights, coverage

REFUSE_BELOW = 1.1
"""Relevance (0 to some 2) under which nothing is shown."""
UNSURE_BELOW = 1.3
"""Relevance under which a clause is shown as the nearest one, not as an answer."""

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


def relevance(item: RetrievedClause, weights: Mapping[Term, float], scale: Scale) -> float:
    """How well a clause fits a question, from about 0 to about 2."""
    cosine = scale.place(item.dense_score) if item.dense_score is not None else 0.0
    return coverage(weights, f"{item.context}\n{item.clause.text}") + max(0.0, min(1.0, cosine))


@dataclass(frozen=True, slots=True)
class Judged:
    """A retrieved clause with its relevance."""

    item: RetrievedClause
    relevance: float


def judge(found: Sequence[RetrievedClause], weights: Mapping[Term, float], scale: Scale) -> tuple[Judged, ...]:
    """The clauses that are relevant enough to be shown, most relevant first; those named by number always."""
    judged = [Judged(item, relevance(item, weights, scale)) for item in found]
    kept = [one for one in judged if one.item.named or one.relevance >= REFUSE_BELOW]
    return tuple(sorted(kept, key=lambda one: (not one.item.named, -one.relevance)))


@dataclass(frozen=True, slots=True)
class Lens:
    """What judging needs to know about one index: term weights and the scale of cosines."""

    terms: TermWeights
    scale: Scale

    @classmethod
    def focus(cls, reader: IndexReader, embeddings: PolicyEmbeddings) -> Lens:
        """Measure an index."""
        return cls(TermWeights.from_chunks(reader.chunks()), Scale.measure(reader, embeddings))
