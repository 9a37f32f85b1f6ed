"""What retrieval hands on: clauses with the evidence for them."""

from __future__ import annotations

from dataclasses import dataclass

from index.models import Clause, ClausePath, PolicyFacts, PolicyId
from rag.places import Place

ClauseKey = tuple[PolicyId, ClausePath]


@dataclass(frozen=True, slots=True)
class RetrievedClause:
    """A clause with the evidence for it.

    Attributes:
        score: of the fusion, 0..1; 1 for a clause that the question names, that of the clause it was drawn in by for
            one that another refers to.
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
        policies: named by document number or title, best first.
        places: named in the question.
        foreign: those of `places` that no policy holds at and no clause found mentions.
        missing: whether the question names a clause that the policies do not have.
        unknown_titles: names in the question, in 《》 or before a clause number, that read as titles of policies and
            fit none.
        years: of the editions that are meant, named (2024版) or not (老办法); () where none is.
    """

    clauses: tuple[RetrievedClause, ...]
    policies: tuple[PolicyId, ...] = ()
    places: tuple[Place, ...] = ()
    foreign: tuple[Place, ...] = ()
    missing: bool = False
    unknown_titles: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
