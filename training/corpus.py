"""A labelled collection with the searches that training data and pools are made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.beir import Collection, read_collection, read_objects
from bench.retrieval import embedded, pieces_of, search_all, titles_of
from index.embed import load_embeddings
from index.settings import Settings
from training.folds import SEED, Fold, held_out
from training.fusion import Answered
from training.mine import Mined, rows_with_negatives
from training.questions import made_questions
from training.rows import Row

if TYPE_CHECKING:
    from index.embed import FloatMatrix


@dataclass(frozen=True, slots=True)
class SearchedCorpus:
    """A collection, cut and indexed: the first piece and the document of each row, and the questions' vectors."""

    collection: Collection
    mined: Mined
    owners: tuple[int, ...]
    question_vectors: FloatMatrix

    def first_pieces(self) -> dict[int, int]:
        """Position of the first piece of each document."""
        first: dict[int, int] = {}
        for at, owner in enumerate(self.owners):
            first.setdefault(owner, at)
        return first


def searched_corpus(corpus: Path, queries: Path, qrels: Path, settings: Settings, cache: Path) -> SearchedCorpus:
    """Read and index a collection with the configured model; vectors are kept under `cache`."""
    collection = read_collection(corpus, queries, qrels)
    pieces = pieces_of(collection.documents)
    vectors, asked = embedded(pieces, collection.questions, load_embeddings(settings), cache)
    titles = [collection.documents[owner].title for owner in pieces.owners]
    return SearchedCorpus(collection, Mined.from_passages(titles, pieces.texts, vectors), pieces.owners, asked)


def searched_lists(corpus: Path, queries: Path, qrels: Path, settings: Settings, cache: Path) -> Answered:
    """What both searches find for each question of a collection."""
    collection = read_collection(corpus, queries, qrels)
    pieces = pieces_of(collection.documents)
    vectors, asked = embedded(pieces, collection.questions, load_embeddings(settings), cache)
    found, _ = search_all(pieces, vectors, collection.questions, asked)
    return Answered(found, collection.relevant, titles_of(collection))


def mined_rows(found: SearchedCorpus, settings: Settings, *, without: Fold | None, made: int) -> list[Row]:
    """Training rows of the collection's questions, less a fold, and of `made` questions on its documents."""
    held = held_out(found.collection.questions, without) if without else frozenset()
    first = found.first_pieces()
    asked, vectors, right = [], [], []
    labelled = zip(found.collection.questions, found.question_vectors, found.collection.relevant, strict=True)
    for question, vector, wanted in labelled:
        if question not in held:
            asked.append(question)
            vectors.append(vector)
            right.append({first[row]: grade for row, grade in wanted.items() if row >= 0})
    if made:
        embeddings = load_embeddings(settings)
        for at, question in made_questions(found.mined.texts, seed=SEED, limit=made):
            asked.append(question)
            vectors.append(embeddings.embed_question(question))
            right.append({at: 1})
    return list(rows_with_negatives(found.mined, asked, np.stack(vectors), right))


def pooled(found: SearchedCorpus, corpus: Path, *, depth: int, extra: int) -> list[dict[str, Any]]:
    """Rows of the corpus file that are relevant, among the best `depth` of a search, or among `extra` drawn ones."""
    kept: set[int] = set()
    asked = zip(found.collection.questions, found.question_vectors, found.collection.relevant, strict=True)
    for question, vector, wanted in asked:
        hits = [*found.mined.dense.search(vector, depth), *found.mined.lexical.search(question, depth)]
        kept |= {found.owners[at] for at, _ in hits} | {row for row in wanted if row >= 0}
    others = np.random.default_rng(SEED).permutation(len(found.collection.documents))[:extra]
    kept |= set(others.tolist())
    texts = {(found.collection.documents[row].title, found.collection.documents[row].text) for row in kept}
    return [fields for _, fields in read_objects(corpus) if (fields.get("title") or "", fields["text"]) in texts]
