"""Known questions (`rag.known`): from a labelled collection, or from an office's questions and policies.

Unlike an adapter this takes seconds, and nothing is trained: the questions' vectors are kept beside the fingerprints of
the clauses that answer them. Whether that helps is measured by leaving out: each question is asked with those that
have other words known, itself not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.beir import read_collection
from index.store.lexical import LexicalIndex
from index.store.vectors import VectorIndex
from rag.fuse import DEPTH, dense_weight, fuse
from rag.known import Known, KnownQuestions, fingerprint
from rag.retrieve import searched
from rag.understand import understand
from training.measure import Measured
from training.pairs import Library, Pair

if TYPE_CHECKING:
    from index.embed import PolicyEmbeddings


@dataclass(frozen=True, slots=True)
class Effect:
    """What known questions do for questions that are not among them."""

    without: Measured
    known: Measured


def of_collection(corpus: Path, queries: Path, qrels: Path, embeddings: PolicyEmbeddings) -> KnownQuestions:
    """The questions of a collection, as they are."""
    collection = read_collection(corpus, queries, qrels)
    marks = {row: fingerprint(collection.documents[row].text) for own in collection.relevant for row in own if row >= 0}
    answers = [frozenset(marks[row] for row in own if row >= 0) for own in collection.relevant]
    return _known(embeddings, collection.questions, answers)


def of_office(pairs: Sequence[Pair], library: Library, embeddings: PolicyEmbeddings) -> KnownQuestions:
    """An office's questions, as they are searched for: without places where its policies hold."""
    texts = {
        (name, clause.path): clause.text for name, policy in library.policies.items() for clause in policy.best.clauses
    }
    own = [{(library.passages[at].policy, library.passages[at].path) for at in pair.right} for pair in pairs]
    answers = [frozenset(fingerprint(texts[key]) for key in keys) for keys in own]
    return _known(embeddings, _searched(pairs, library), answers)


def _known(
    embeddings: PolicyEmbeddings, questions: Sequence[str], answers: Sequence[frozenset[bytes]]
) -> KnownQuestions:
    """Each question once, with all that answers it."""
    merged: dict[str, frozenset[bytes]] = {}
    for question, own in zip(questions, answers, strict=True):
        if own:
            merged[question] = merged.get(question, frozenset()) | own
    if not merged:
        raise ValueError("没有一个问题的条款在语料里,无法生成已知问法。")
    vectors = np.stack([embeddings.embed_question(question) for question in merged])
    return KnownQuestions(vectors, tuple(merged.values()))


def effect(pairs: Sequence[Pair], library: Library, embeddings: PolicyEmbeddings) -> Effect:
    """Retrieval of each question over the office's clauses, without known questions and with all others known."""
    texts = [passage.text for passage in library.passages]
    asked = _searched(pairs, library)
    right: dict[str, tuple[int, ...]] = {}
    for text, pair in zip(asked, pairs, strict=True):
        right[text] = tuple(dict.fromkeys((*right.get(text, ()), *pair.right)))
    vectors = np.stack([embeddings.embed_question(text) for text in right])
    words, meaning = LexicalIndex.from_texts(texts), VectorIndex.from_matrix(embeddings.embed_passages(texts))
    answers = tuple(right.values())
    before, after = [], []
    for at, (text, vector) in enumerate(zip(right, vectors, strict=True)):
        dense, lexical = dict(meaning.search(vector, DEPTH)), dict(words.search(text, DEPTH))
        weight = dense_weight(embeddings.identity.adapter, dense, lexical, pieces=len(texts))
        others = Known(np.delete(vectors, at, axis=0), (*answers[:at], *answers[at + 1 :]))
        before.append(_rank(fuse(dense, lexical, weight=weight), answers[at]))
        after.append(_rank(fuse(dense, lexical, weight=weight, known=others.preferences(vector)), answers[at]))
    return Effect(_measured(before), _measured(after))


def _searched(pairs: Sequence[Pair], library: Library) -> list[str]:
    """What is searched for, for each question."""
    regions = [policy.facts.region for policy in library.policies.values() if policy.facts.region]
    return [searched(understand(pair.question), regions) for pair in pairs]


def _rank(ranking: dict[int, float], right: Sequence[int]) -> int:
    """Rank of the first right passage, from 1; one behind the last where there is none."""
    return next((at for at, row in enumerate(ranking, start=1) if row in right), len(ranking) + 1)


def _measured(ranks: Sequence[int]) -> Measured:
    found = np.array(ranks)
    return Measured(len(found), float(np.mean(found == 1)), float(np.mean(found <= 5)), float(np.mean(1 / found)))
