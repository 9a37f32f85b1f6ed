"""LangChain's `VectorStore` over a stored index, so that another engine can take its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance

from index.models import Chunk
from index.store.reader import Hit, IndexReader

DocumentFilter = Callable[[Document], bool]

_WIDEN = 4
_READ_ONLY = "这个向量库只能读取。请用 `python -m index build`、`add` 或 `remove` 更新索引。"


class ClauseVectorStore(VectorStore):
    """Dense search over the chunks of one index snapshot.

    Documents carry the chunk's text as content, the chunk id as id, and policy_id, path, label, title,
    doc_number, start and end as metadata. Scores are cosines, higher is nearer. Searches take
    `filter`, a function from a document to whether it counts.
    """

    def __init__(self, reader: IndexReader, embeddings: Embeddings) -> None:
        self._reader = reader
        self._embeddings = embeddings

    @property
    def embeddings(self) -> Embeddings:
        """The model questions are embedded with."""
        return self._embeddings

    def similarity_search(
        self, query: str, k: int = 4, filter: DocumentFilter | None = None, **_: object
    ) -> list[Document]:
        """The `k` nearest documents to `query`."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: DocumentFilter | None = None, **_: object
    ) -> list[tuple[Document, float]]:
        """The `k` nearest documents to `query` with their cosines."""
        return self._nearest(self._embeddings.embed_query(query), k, filter)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, filter: DocumentFilter | None = None, **_: object
    ) -> list[Document]:
        """The `k` nearest documents to a unit vector."""
        return [document for document, _ in self._nearest(embedding, k, filter)]

    def max_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: DocumentFilter | None = None,
        **_: object,
    ) -> list[Document]:
        """`k` documents near `query` and unlike one another."""
        vector = self._embeddings.embed_query(query)
        return self.max_marginal_relevance_search_by_vector(vector, k, fetch_k, lambda_mult, filter)

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: DocumentFilter | None = None,
        **_: object,
    ) -> list[Document]:
        """`k` of the `fetch_k` nearest documents, unlike one another (1 = nearness only, 0 = variety only)."""
        found = [document for document, _ in self._nearest(embedding, fetch_k, filter)]
        if not found:
            return []
        vectors = self._reader.vectors([str(document.id) for document in found])
        chosen = maximal_marginal_relevance(np.asarray(embedding, np.float32), list(vectors), lambda_mult, k)
        return [found[at] for at in chosen]

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Documents of chunk ids; unknown ids give none."""
        found = []
        for chunk_id in ids:
            try:
                found.append(self._document(self._reader.chunk(chunk_id)))
            except KeyError:
                continue
        return found

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: object,
    ) -> NoReturn:
        """Refused: the index is written by `python -m index`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(_READ_ONLY)

    def delete(self, ids: list[str] | None = None, **kwargs: object) -> NoReturn:
        """Refused: the index is written by `python -m index`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(_READ_ONLY)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: object,
    ) -> NoReturn:
        """Refused: the index is written by `python -m index`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(_READ_ONLY)

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: min(1.0, max(0.0, cosine))

    def _nearest(self, vector: Sequence[float], k: int, accept: DocumentFilter | None) -> list[tuple[Document, float]]:
        """Search ever wider until `k` documents pass `accept` or all chunks are seen."""
        total = len(self._reader)
        wanted = k
        while True:
            hits = self._reader.dense_search(vector, wanted)
            found = [(self._hit_document(hit), hit.score) for hit in hits]
            if accept is None:
                return found
            found = [(document, score) for document, score in found if accept(document)]
            if len(found) >= k or wanted >= total:
                return found[:k]
            wanted = min(total, wanted * _WIDEN)

    def _hit_document(self, hit: Hit) -> Document:
        return self._document(self._reader.chunk(hit.chunk_id))

    def _document(self, chunk: Chunk) -> Document:
        facts = self._reader.facts()[chunk.policy_id]
        clause = self._reader.clause(chunk.policy_id, chunk.path)
        metadata = {
            "policy_id": chunk.policy_id,
            "path": chunk.path,
            "label": clause.label if clause is not None else chunk.path,
            "title": facts.title,
            "doc_number": facts.doc_number,
            "start": chunk.start,
            "end": chunk.end,
        }
        return Document(id=chunk.id, page_content=chunk.text, metadata=metadata)
