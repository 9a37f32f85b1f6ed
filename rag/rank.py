"""Which of the clauses found is the one that answers: a learned order of a question's candidates.

`rag.judge` decides whether the policies are about the question at all; this module compares the candidates with one
another. The features are mostly relative to the other candidates (how far behind the best cosine, which share of the
best BM25 score, the subject's words that few of them have), so that a word which all of them share tells nothing. The
weights are those of a listwise softmax (Cao et al. 2007, ListNet's top-one probability) over labelled questions of
several corpora; `python -m training judge` fits them into `rag/data/rank.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.answering import ordered, raised
from rag.asked import answers_want, figure_check
from rag.figures import figures
from rag.found import RetrievedClause
from rag.judge import Judged, Lens, Scale, calibration, judge
from rag.retrieve import searched
from rag.select import want_fit
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.terms import folded, presence, read_words
from rag.understand import Question, Want

FEATURES = (
    "cosine_gap",
    "bm25_share",
    "place",
    "own",
    "title",
    "telling",
    "policy",
    "sentence_fit",
    "amounts",
    "validity",
    "lead",
)
"""Names of the features, in the order of the weights."""
_PRESENT = 0.5
"""Presence of a term in a clause from which on the clause has it."""
_UNFOUND_GAP = 0.1
"""Gap to the best cosine, before it is scaled, of a clause which the dense search did not find."""
SURE = 0.5
"""Probability (0..1), by the judge, from which a clause is about the question whatever reading says."""
FAR = -3.0
"""Lowest logarithm that counts: twenty times less likely is as good as not likely."""
_NO_FIT = -1.0
"""Fit of a clause without a sentence."""


def rank_features(
    items: Sequence[RetrievedClause], question: Question, subject: Subject, scale: Scale
) -> list[tuple[float, ...]]:
    """What tells the candidates of one question apart, a row each, in the order of `FEATURES`."""
    if not items:
        return []
    familiar = subject.familiar
    best_cosine = max(item.dense_score or 0.0 for item in items)
    best_bm25 = max(item.bm25_score or 0.0 for item in items) or 1.0
    found: dict[str, float] = {}
    for item in items:
        found[item.policy_id] = found.get(item.policy_id, 0.0) + item.score
    most = max(found.values()) or 1.0
    telling = _telling(items, familiar)
    rows: list[tuple[float, ...]] = []
    for at, item in enumerate(items):
        cosine = item.dense_score if item.dense_score is not None else best_cosine - _UNFOUND_GAP
        text = item.clause.text
        rows.append(
            (
                scale.place(cosine) - scale.place(best_cosine),
                (item.bm25_score or 0.0) / best_bm25,
                1 / (at + 1),
                subject.cover(text),
                subject.cover(item.facts.title),
                telling[at],
                found[item.policy_id] / most,
                _sentence_fit(item, question),
                float(bool(question.amounts & {figure.value for figure in figures(text)})),
                float(Want.VALIDITY in question.wants and answers_want(text, Want.VALIDITY)),
                float(text.rstrip().endswith(("：", ":"))),
            )
        )
    return rows


def _telling(items: Sequence[RetrievedClause], subject: Subject) -> list[float]:
    """Share (0..1) of the subject that each clause has, words weighing more the fewer of the candidates have them."""
    plain = [folded(f"{item.context}\n{item.clause.text}") for item in items]
    shares = [0.0] * len(items)
    total = 0.0
    for term, weight in subject.weights.items():
        has = [presence(term.text, text) for text in plain]
        rarity = math.log((len(items) + 0.5) / (sum(one >= _PRESENT for one in has) + 0.5))
        total += weight * rarity
        shares = [share + weight * rarity * one for share, one in zip(shares, has, strict=True)]
    return [share / total for share in shares] if total else shares


def _sentence_fit(item: RetrievedClause, question: Question) -> float:
    """How far the clause's best sentence is of the kind that is asked for (a sum, a day, an exclusion)."""
    check = figure_check(question)
    clause = item.clause
    texts = (clause.text[sentence.start : sentence.end] for sentence in split_sentences(clause))
    return max((want_fit(text, question, check) for text in texts), default=_NO_FIT)


@dataclass(frozen=True, slots=True)
class RankWeights:
    """Weights of a listwise softmax over `FEATURES`."""

    weights: tuple[float, ...]

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Logarithm of how likely each candidate is to be the one which answers, up to a constant."""
        return [sum(weight * value for weight, value in zip(self.weights, row, strict=True)) for row in rows]


@lru_cache(maxsize=1)
def rank_weights() -> RankWeights:
    """The weights that ship with the program.

    Raises:
        ValueError: the file was fitted for other features.
    """
    stored = json.loads(read_words("rank.json"))
    if tuple(stored["weights"]) != FEATURES:
        raise ValueError("rag/data/rank.json is for other features; run `python -m training judge`")
    return RankWeights(tuple(stored["weights"].values()))


def asked_of(question: Question, items: Iterable[RetrievedClause]) -> str:
    """What is read with the clauses: what asks, without the places where their policies hold."""
    return searched(question, {item.facts.region for item in items if item.facts.region})


def _read(one: Judged, odds: float | None) -> Judged:
    """A judged clause with what reading it says, where it was read."""
    return one if odds is None else replace(one, relevance=raised(one.relevance, odds))


def candidates(
    found: Sequence[RetrievedClause], question: Question, subject: Subject, lens: Lens, *, placed: bool
) -> tuple[Judged, ...]:
    """The clauses found that may answer, the likeliest first; none where not even one of them is about the question.

    Those named by their number come first, whatever they say. `placed`: see `rag.judge.features`.
    """
    judged = judge(found, question, subject, lens.scale, placed=placed)
    items = [one.item for one in judged]
    scores = rank_weights().scores(rank_features(items, question, subject, lens.scale))
    if lens.answering is not None:
        sure = max((one.relevance for one in judged), default=0.0) >= SURE
        odds = lens.answering.read(asked_of(question, items), items, scores, sure=sure)
        judged = tuple(_read(one, odds.get(at)) for at, one in enumerate(judged))
        scores = ordered(scores, odds)
    least = calibration().refuse_below
    if not any(one.item.named or one.relevance >= least for one in judged):
        return ()
    best = max(scores)
    rated = [replace(one, behind=max(FAR, score - best)) for one, score in zip(judged, scores, strict=True)]
    kept = [one for one in rated if one.item.named or one.relevance >= least]
    return tuple(sorted(kept, key=lambda one: (not one.item.named, -one.behind)))
