"""Hybrid retrieval over one index snapshot: dense and BM25 results over chunks, reduced to clauses and fused.

Fusion is reciprocal rank fusion: the score of a clause is the sum of 1 / (60 + rank) over the two lists (Cormack,
Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR
2009). Chunks are reduced to clauses before, so that a long clause's pieces do not part its two ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy.typing as npt
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.embed import PolicyEmbeddings
from index.models import Clause, ClausePath, PolicyFacts, PolicyId
from index.store import Hit, IndexHandle, IndexReader
from rag.places import Place, covers, places_in
from rag.references import Resolved, named_policies, resolve
from rag.understand import Question, understand

RRF_K = 60
DEPTH = 50
"""Chunks taken from each list; all of them where a filter applies."""

ClauseKey = tuple[PolicyId, ClausePath]
ClauseFilter = Callable[[ClauseKey], bool]


@dataclass(frozen=True, slots=True)
class RetrievedClause:
    """A clause with the evidence for it.

    Attributes:
        score: reciprocal rank fusion, above 0; 1 for a clause that the question names.
        dense_rank, bm25_rank: position among the clauses of a list, from 1; None where it is not in the list.
        dense_score: cosine of the clause's best chunk, -1..1.
        bm25_score: BM25 of the clause's best chunk, above 0.
        named: whether the question names the clause by its number.
        paragraph: the paragraph (款) named, counted from 1.
        context: policy title, headings above, and the lead texts that introduce the clause.
    """

    policy_id: PolicyId
    facts: PolicyFacts
    clause: Clause
    score: float
    dense_rank: int | None = None
    dense_score: float | None = None
    bm25_rank: int | None = None
    bm25_score: float | None = None
    named: bool = False
    paragraph: int | None = None
    context: str = ""

    @property
    def key(self) -> ClauseKey:
        """Policy and path."""
        return (self.policy_id, self.clause.path)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question.

    Attributes:
        clauses: best first.
        policies: named by document number or title, in the order of the build.
        places: named in the question.
        foreign: those of `places` that no policy holds at and no clause found mentions.
        missing: whether the question names a clause that the policies do not have.
    """

    clauses: tuple[RetrievedClause, ...]
    policies: tuple[PolicyId, ...] = ()
    places: tuple[Place, ...] = ()
    foreign: tuple[Place, ...] = ()
    missing: bool = False


def retrieve(reader: IndexReader, question: Question, vector: npt.ArrayLike | None, *, limit: int = 20) -> Retrieval:
    """The `limit` best clauses for a question.

    Clauses that the question names by number come first. A document number or title restricts the search to its
    policy, a place to policies that hold there and to clauses that mention it.

    Args:
        reader: an index snapshot.
        question: what is asked.
        vector: unit vector (d,) of `question.text`; None searches by words alone.
        limit: number of clauses.
    """
    facts = reader.facts()
    policies = named_policies(question.references, facts)
    places = () if policies else places_in(question.text, [f.region for f in facts.values() if f.region])
    accept = _filter(reader, facts, policies, places)
    found = search(reader, question.text, vector, accept=accept)
    foreign = _foreign(places, facts, found)
    named = _named_clauses(reader, question, policies, found)
    missing = bool(question.references.clauses) and not named
    keys = {item.key for item in named}
    ranked = [*named, *(item for item in found if item.key not in keys)]
    best = tuple(replace(item, context=context_of(reader, item)) for item in ranked[:limit])
    return Retrieval(best, policies, places, foreign, missing)


def context_of(reader: IndexReader, item: RetrievedClause) -> str:
    """What stands in front of the clause's chunks: title, headings, lead texts."""
    try:
        return reader.chunk(f"{item.policy_id}#{item.clause.path}#0").context
    except KeyError:
        return "\n".join((item.facts.title, *item.clause.trail))


def _filter(
    reader: IndexReader, facts: dict[PolicyId, PolicyFacts], policies: Sequence[PolicyId], places: Sequence[Place]
) -> ClauseFilter | None:
    if policies:
        allowed = frozenset(policies)
        return lambda key: key[0] in allowed
    if not places:
        return None
    inside = {policy_id for policy_id, about in facts.items() if any(covers(about, place) for place in places)}
    if len(inside) == len(facts):
        return None

    def accept(key: ClauseKey) -> bool:
        if key[0] in inside:
            return True
        clause = reader.clause(*key)
        return clause is not None and any(place.name in clause.text for place in places)

    return accept


def _foreign(
    places: Sequence[Place], facts: dict[PolicyId, PolicyFacts], found: Sequence[RetrievedClause]
) -> tuple[Place, ...]:
    """Places that neither a policy's region nor a clause that was found accounts for."""
    held = [place for place in places if any(covers(about, place) for about in facts.values())]
    mentioned = [place for place in places if any(place.name in item.clause.text for item in found)]
    return tuple(place for place in places if place not in held and place not in mentioned)


def search(
    reader: IndexReader, text: str, vector: npt.ArrayLike | None, *, accept: ClauseFilter | None = None
) -> list[RetrievedClause]:
    """Clauses found by words and by meaning, fused, best first; ties in the order of the dense list."""
    depth = DEPTH if accept is None else len(reader)
    dense = _clauses(reader.dense_search(vector, depth) if vector is not None else (), accept)
    lexical = _clauses(reader.bm25_search(text, depth), accept)
    dense_rank = {key: rank for rank, key in enumerate(dense, start=1)}
    bm25_rank = {key: rank for rank, key in enumerate(lexical, start=1)}
    scores = {
        key: sum(1 / (RRF_K + ranks[key]) for ranks in (dense_rank, bm25_rank) if key in ranks)
        for key in [*dense, *lexical]
    }
    found = []
    for key in sorted(scores, key=lambda key: -scores[key])[:DEPTH]:
        clause = reader.clause(*key)
        if clause is not None:
            ranks = (dense_rank.get(key), dense.get(key), bm25_rank.get(key), lexical.get(key))
            found.append(RetrievedClause(key[0], reader.facts()[key[0]], clause, scores[key], *ranks))
    return found


def _clauses(hits: Iterable[Hit], accept: ClauseFilter | None) -> dict[ClauseKey, float]:
    """Best score of each clause, in the order of the hits."""
    best: dict[ClauseKey, float] = {}
    for hit in hits:
        key = chunk_clause(hit.chunk_id)
        if key not in best and (accept is None or accept(key)):
            best[key] = hit.score
    return best


def chunk_clause(chunk_id: str) -> ClauseKey:
    """Policy and path of a chunk id, `{policy_id}#{path}#{piece}`."""
    policy_id, path, _ = chunk_id.rsplit("#", 2)
    return policy_id, path


def _named_clauses(
    reader: IndexReader, question: Question, policies: Sequence[PolicyId], found: Sequence[RetrievedClause]
) -> list[RetrievedClause]:
    """Clauses named by number, of the policies named, else of those that have it, the best found policy first."""
    evidence = {item.key: item for item in found}
    order = policies or tuple(dict.fromkeys([*(item.policy_id for item in found), *reader.facts()]))
    named = []
    for reference in question.references.clauses:
        for policy_id in order:
            named += [
                _as_named(reader, policy_id, hit, evidence) for hit in resolve(reference, reader.clauses(policy_id))
            ]
    return list({(item.key, item.paragraph): item for item in named}.values())


def _as_named(
    reader: IndexReader, policy_id: PolicyId, hit: Resolved, evidence: dict[ClauseKey, RetrievedClause]
) -> RetrievedClause:
    seen = evidence.get((policy_id, hit.clause.path))
    ranks = (seen.dense_rank, seen.dense_score, seen.bm25_rank, seen.bm25_score) if seen else (None,) * 4
    facts = reader.facts()[policy_id]
    return RetrievedClause(policy_id, facts, hit.clause, 1.0, *ranks, named=True, paragraph=hit.paragraph)


class PolicyRetriever(BaseRetriever):
    """LangChain's view of the retrieval: documents are whole clauses, as written in the source.

    Metadata: policy_id, path, label, title, doc_number, score and the ranks and scores behind it.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    handle: IndexHandle
    embeddings: PolicyEmbeddings
    k: int = 5

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        question = understand(query)
        vector = self.embeddings.embed_question(question.text)
        found = retrieve(self.handle.current(), question, vector, limit=self.k)
        return [as_document(item) for item in found.clauses]


def as_document(item: RetrievedClause) -> Document:
    """A retrieved clause as a LangChain document."""
    metadata = {
        "policy_id": item.policy_id,
        "path": item.clause.path,
        "label": item.clause.label,
        "title": item.facts.title,
        "doc_number": item.facts.doc_number,
        "score": item.score,
        "dense_rank": item.dense_rank,
        "dense_score": item.dense_score,
        "bm25_rank": item.bm25_rank,
        "bm25_score": item.bm25_score,
    }
    return Document(page_content=item.clause.written, metadata=metadata)
