"""Hard negatives: passages that BM25 or the embedding model puts near a question and that do not answer it.

What is left out as probably right: the labelled passages, the same article in another edition of its law, texts that
repeat a labelled one, and passages whose vectors all but coincide with a labelled one's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from tqdm import tqdm

from index.store.lexical import LexicalIndex
from index.store.vectors import VectorIndex
from training.rows import Row

if TYPE_CHECKING:
    from index.embed import FloatMatrix

DEPTH = 60
"""Best passages of each search that are looked through."""
KEPT = 50
"""Negatives kept for a row."""
TOO_NEAR = 0.965
"""Cosine of two passages from which one is taken for a copy of the other (cosines of this model lie in .7–1)."""
TOO_ALIKE = 0.6
"""Share of common character pairs (Jaccard) from which one passage is taken for a copy of the other."""

_EDITION = re.compile(r"中华人民共和国|[(（〔][^)）〕]*(?:年|修正|修订|废止)[^)）〕]*[)）〕]|\s")


@dataclass(frozen=True, slots=True)
class Mined:
    """What is searched for negatives: passages with their titles, vectors (n, d) and words."""

    titles: Sequence[str]
    texts: Sequence[str]
    vectors: FloatMatrix
    lexical: LexicalIndex
    dense: VectorIndex

    @classmethod
    def from_passages(cls, titles: Sequence[str], texts: Sequence[str], vectors: FloatMatrix) -> Mined:
        """Index the passages for both searches."""
        words = LexicalIndex.from_texts(tqdm(texts, desc="bm25 index", disable=None))
        return cls(titles, texts, vectors, words, VectorIndex.from_matrix(vectors))


def rows_with_negatives(
    mined: Mined, questions: Sequence[str], vectors: FloatMatrix, relevant: Sequence[Mapping[int, int]]
) -> Iterator[Row]:
    """A row for each question and each passage that answers it.

    Args:
        mined: the passages.
        questions: (q,) texts.
        vectors: of the questions, (q, d).
        relevant: for each question the positions of passages that answer it; negative ones are not in the corpus.
    """
    asked = zip(questions, vectors, relevant, strict=True)
    for question, vector, wanted in tqdm(asked, total=len(questions), desc="mine", disable=None):
        right = [at for at in wanted if at >= 0]
        near = [at for at, _ in mined.dense.search(vector, DEPTH)]
        words = [at for at, _ in mined.lexical.search(question, DEPTH)]
        mixed = dict.fromkeys(at for at in chain.from_iterable(zip_longest(near, words)) if at is not None)
        wrong = [at for at in mixed if not any(is_same(mined, at, gold) for gold in right)][:KEPT]
        negatives = tuple(mined.texts[at] for at in wrong)
        for gold in right:
            also = tuple(mined.texts[at] for at in right if at != gold)
            yield Row(question, mined.texts[gold], negatives, also)


def is_same(mined: Mined, one: int, other: int) -> bool:
    """Whether two passages say the same as far as a program can tell."""
    if one == other or edition_name(mined.titles[one]) == edition_name(mined.titles[other]):
        return True
    if float(mined.vectors[one] @ mined.vectors[other]) >= TOO_NEAR:
        return True
    return alike(mined.texts[one], mined.texts[other]) >= TOO_ALIKE


def edition_name(title: str) -> str:
    """A title without what tells editions of a law apart: 中华人民共和国刑法(2020年修正)第三条 -> 刑法第三条."""
    return _EDITION.sub("", title)


def alike(one: str, other: str) -> float:
    """Jaccard similarity of the character pairs of two texts, 0..1."""
    pairs = [{text[at : at + 2] for at in range(len(text) - 1)} for text in (one, other)]
    union = pairs[0] | pairs[1]
    return len(pairs[0] & pairs[1]) / len(union) if union else 1.0
