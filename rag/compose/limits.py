"""What no clause can answer, decided before any is read: another place, a document or a clause that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from index.store import IndexReader
from rag import refuse
from rag.doc_numbers import cites
from rag.found import Retrieval, RetrievedClause
from rag.references import unresolved_numbers
from rag.understand import Question


def reason_to_refuse(reader: IndexReader, question: Question, found: Retrieval) -> str | None:
    """Why the question cannot be answered, whatever the clauses say; None where it may."""
    if not reader.facts():
        return refuse.no_policies()
    declined = refuse.courtesy(reader, question.asked) or refuse.unlawful(reader, question.asked)
    if declined is not None:
        return declined
    if question.orders:
        return refuse.ordered(reader)
    if found.foreign and len(found.foreign) == len(found.places):
        return refuse.other_place(reader, [place.name for place in found.foreign], question.text)
    if found.unknown_titles and not found.policies and not _mentioning(found, found.unknown_titles):
        return refuse.unknown_number(reader, [f"《{title.strip('《》')}》" for title in found.unknown_titles])
    if found.missing:
        titles = [reader.facts()[policy_id].title for policy_id in found.policies]
        said = [reference.said for reference in question.references.clauses]
        return refuse.unknown_clause(reader, said, titles)
    unknown = unresolved_numbers(question.references, reader.facts())
    if unknown and not found.policies and not citing(found, unknown):
        return refuse.unknown_number(reader, unknown)
    return None


def citing(found: Retrieval, numbers: Sequence[str]) -> list[RetrievedClause]:
    """Clauses that cite one of the document numbers."""
    return [item for item in found.clauses if any(cites(item.clause.text, number) for number in numbers)]


def _mentioning(found: Retrieval, titles: Sequence[str]) -> list[RetrievedClause]:
    """Clauses that name one of the titles."""
    wanted = [title.strip("《》") for title in titles]
    return [item for item in found.clauses if any(title in item.clause.text for title in wanted)]
