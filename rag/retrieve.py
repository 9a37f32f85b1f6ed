"""Hybrid retrieval over one index snapshot: dense and BM25 results over chunks, reduced to clauses and fused.

Chunks are reduced to clauses before the fusion, so that a long clause counts with its best piece. Afterwards clauses
that say the same for several years are put in the order of their validity, and a reranker, where one is configured,
orders the best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

import numpy.typing as npt
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.embed import PolicyEmbeddings
from index.models import PolicyFacts, PolicyId
from index.store import Hit, IndexHandle, IndexReader
from rag.asked import without_denied
from rag.doc_numbers import cites
from rag.editions import by_validity, policies_by_validity
from rag.found import ClauseKey, Retrieval, RetrievedClause
from rag.fuse import DEPTH, dense_weight, fuse, large
from rag.kinds import years_meant
from rag.known import Known, KnownHere
from rag.links import context_of, linked_clauses
from rag.norms import preferences
from rag.place_roles import asked_places
from rag.places import Place, covers, places_in, region_names
from rag.references import Named, Resolved, of_years, policies_named, resolve, unresolved_numbers
from rag.rerank import Reranking
from rag.titles import years_in
from rag.understand import Question, Want, understand
from rag.validity import validity_sentence

__all__ = [
    "ClauseKey",
    "PolicyRetriever",
    "Retrieval",
    "RetrievedClause",
    "as_document",
    "context_of",
    "linked_clauses",
    "regions_of",
    "retrieve",
    "search",
    "searched",
]

KEPT = 50
"""Clauses kept after the fusion."""

_PLACE_END = r"(?:高新区|经开区|开发区|新区|[省市县区](?![级内里属]))?的?"
"""What belongs to a place's name behind it."""

ClauseFilter = Callable[[ClauseKey], bool]


def searched(question: Question, regions: Iterable[str] = ()) -> str:
    """The text to embed and to search for: what asks, without the story around it.

    Places are left out where policies of the index hold there (`regions` are theirs): they choose the policies, and
    would make every clause of one, whose chunk begins with its title, look as if it were about the question.
    """
    text = without_denied(question.focus or question.text)
    known = {name for region in regions for name in region_names(region)}
    names = "|".join(sorted((place.name for place in places_in(text, known) if place.name in known), key=len)[::-1])
    bare = re.sub(rf"(?:{names}){_PLACE_END}", "", text).strip() if names else text
    return bare if len(bare) > 1 else text


def regions_of(reader: IndexReader) -> list[str]:
    """Regions of the policies of an index."""
    return [facts.region for facts in reader.facts().values() if facts.region]


def retrieve(
    reader: IndexReader,
    question: Question,
    vector: npt.ArrayLike | None,
    *,
    limit: int = 20,
    as_of: date | None = None,
    reranking: Reranking | None = None,
    known: Known[ClauseKey] | None = None,
) -> Retrieval:
    """The `limit` best clauses for a question.

    Clauses that the question names by number come first. A document number or title restricts the search to its
    policy, a place to policies that hold there and to clauses that mention it. A question on validity gets the clause
    that states it. Of clauses that say the same for several years, the one for a year named comes first, else the
    one in force on `as_of`.

    Args:
        reader: an index snapshot.
        question: what is asked.
        vector: unit vector (d,) of `searched(question, regions)`; None searches by words alone.
        limit: number of clauses.
        as_of: the day the answer is for; the question's own day, else today, by default.
        reranking: orders the best clauses anew; None leaves the order of the fusion.
        known: questions that clauses of the index are known to answer.
    """
    facts = reader.facts()
    day = as_of or question.as_of or date.today()
    years = years_in(question.text) or years_meant(question.text, facts, day)
    named = _named_policies(question, facts, day, years)
    places = () if named.policies else places_in(question.text, regions_of(reader))
    asked_of = asked_places(question.text, places, lambda place: any(covers(about, place) for about in facts.values()))
    accept = _filter(reader, facts, named.policies, asked_of)
    text = searched(question, regions_of(reader))
    found = search(reader, text, vector, accept=accept, known=known)
    found = _with_citing(reader, question, named, found)
    foreign = _foreign(asked_of, facts, found)
    asked = _named_clauses(reader, named, found, _held_at(asked_of, facts, years))
    missing = bool(named.clauses) and not asked
    if reranking is not None and reranking.pays([item.facts.title for item in found], pieces=len(reader)):
        found = _reranked(reranking, text, [_with_context(reader, item) for item in found[: reranking.depth]], found)
    found = _with_validity(reader, question, named, by_validity(found, day, years))
    keys = {item.key for item in asked}
    ranked = [*asked, *(item for item in found if item.key not in keys)]
    best = tuple(_with_context(reader, item) for item in ranked[:limit])
    # A place of the story is no subject either, where the question is about another one.
    about = places if len(foreign) < len(asked_of) else asked_of
    return Retrieval(best, named.policies, about, foreign, missing, named.unknown, years)


def _named_policies(question: Question, facts: dict[PolicyId, PolicyFacts], day: date, years: Sequence[int]) -> Named:
    """Policies named, editions of one policy in the order of their validity."""
    named = policies_named(question.references, facts)
    if not named.policies and not named.mentions and question.references.text != question.text:
        # A follow-up (那第三条呢) takes the policy over from the question before, which `text` begins with.
        before = policies_named(replace(question.references, text=question.text, clauses=()), facts)
        named = Named(before.policies, (), question.references.clauses)
    ordered = policies_by_validity(named.policies, facts, day, years)
    mentions = tuple(
        replace(mention, policies=policies_by_validity(mention.policies, facts, day, years))
        for mention in named.mentions
    )
    return replace(named, policies=ordered, mentions=mentions)


def _with_context(reader: IndexReader, item: RetrievedClause) -> RetrievedClause:
    return replace(item, context=item.context or context_of(reader, item))


def _reranked(
    reranking: Reranking, text: str, head: Sequence[RetrievedClause], found: Sequence[RetrievedClause]
) -> list[RetrievedClause]:
    passages = [f"{item.context}\n{item.clause.text}" for item in head]
    order = reranking.order(text, passages, [item.score for item in head])
    return [*(head[at] for at in order), *found[len(head) :]]


def _with_validity(
    reader: IndexReader, question: Question, named: Named, found: list[RetrievedClause]
) -> list[RetrievedClause]:
    """The clause that states how long a policy holds, behind the best clause, where the question asks for that."""
    policy_id = next(iter(named.policies), found[0].policy_id if found else None)
    if Want.VALIDITY not in question.wants or policy_id is None:
        return found
    stated = validity_sentence(reader.clauses(policy_id))
    if stated is None:
        return found
    key = (policy_id, stated[0].path)
    own = next((item for item in found if item.key == key), None)
    if own is None:
        score = found[0].score if found else 1.0
        own = RetrievedClause(policy_id, reader.facts()[policy_id], stated[0], score)
    others = [item for item in found if item.key != key]
    return [own, *others] if found and found[0].key == key else [*others[:1], own, *others[1:]]


def _with_citing(
    reader: IndexReader, question: Question, named: Named, found: list[RetrievedClause]
) -> list[RetrievedClause]:
    """Clauses that name a document number of the question which is no policy's own come first: 某号文件同时废止."""
    unknown = unresolved_numbers(question.references, reader.facts())
    if not unknown or named.policies:
        return found
    seen = {item.key for item in found}
    hits = search(reader, " ".join(unknown), None)
    citing = [
        item
        for item in [*found, *(hit for hit in hits if hit.key not in seen)]
        if any(cites(item.clause.text, number) for number in unknown)
    ]
    keys = {item.key for item in citing}
    return [*citing, *(item for item in found if item.key not in keys)]


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
    reader: IndexReader,
    text: str,
    vector: npt.ArrayLike | None,
    *,
    accept: ClauseFilter | None = None,
    known: Known[ClauseKey] | None = None,
) -> list[RetrievedClause]:
    """Clauses found by words and by meaning, fused, best first; ties in the order of the dense list."""
    depth = DEPTH if accept is None else len(reader)
    dense = _clauses(reader.dense_search(vector, depth) if vector is not None else (), accept)
    lexical = _clauses(reader.bm25_search(text, depth), accept)
    dense_rank = {key: rank for rank, key in enumerate(dense, start=1)}
    bm25_rank = {key: rank for rank, key in enumerate(lexical, start=1)}
    facts, adapter = reader.facts(), reader.manifest.embedding.get("adapter")
    weight = dense_weight(adapter, dense, lexical, pieces=len(reader))
    titles = {key: facts[key[0]].title for key in (*dense, *lexical)} if large(adapter, pieces=len(reader)) else {}
    answered = known.preferences(vector) if known is not None else {}
    asked = {key: gain for key, gain in answered.items() if key[0] in facts and (accept is None or accept(key))}
    found = []
    fused = fuse(dense, lexical, weight=weight, prior=preferences(titles), known=asked)
    for key, score in islice(fused.items(), KEPT):
        clause = reader.clause(*key)
        if clause is not None:
            ranks = (dense_rank.get(key), dense.get(key), bm25_rank.get(key), lexical.get(key))
            found.append(RetrievedClause(key[0], facts[key[0]], clause, score, *ranks))
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


def _held_at(places: Sequence[Place], facts: dict[PolicyId, PolicyFacts], years: Sequence[int]) -> tuple[PolicyId, ...]:
    """Policies that hold at the places named, of several editions those for the years named; () without any."""
    here = [
        policy_id
        for policy_id, about in facts.items()
        if any(place.name in f"{about.region or ''}{about.title}" for place in places)
    ]
    return of_years(here, facts, years)


def _named_clauses(
    reader: IndexReader, named: Named, found: Sequence[RetrievedClause], here: Sequence[PolicyId]
) -> list[RetrievedClause]:
    """Clauses named by number, of the policy each belongs to, else of those that have it, the best found first.

    `here` are the policies of the places named: 某市二十条里第19条 is about none of elsewhere.
    """
    evidence = {item.key: item for item in found}
    anywhere = tuple(
        policy_id
        for policy_id in dict.fromkeys([*(item.policy_id for item in found), *reader.facts()])
        if not here or policy_id in here
    )
    asked = []
    for reference in named.clauses:
        scope = named.scope(reference)
        for policy_id in anywhere if scope is None else scope:
            asked += [
                _as_named(reader, policy_id, hit, evidence) for hit in resolve(reference, reader.clauses(policy_id))
            ]
    return list({(item.key, item.paragraph): item for item in asked}.values())


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
    reranking: Reranking | None = None
    known: KnownHere | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        question = understand(query)
        reader = self.handle.current()
        vector = self.embeddings.embed_question(searched(question, regions_of(reader)))
        known = self.known.of(reader) if self.known is not None else None
        found = retrieve(reader, question, vector, limit=self.k, reranking=self.reranking, known=known)
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
