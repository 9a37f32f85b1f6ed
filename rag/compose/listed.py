"""Questions for all there is (有哪些补贴, 各类主体分别多少): the measures beside the best one, the items of a lead."""

from __future__ import annotations

from collections.abc import Sequence

from index.store import IndexReader
from rag.asked import pays
from rag.choose import Choice, asks_all, benefit_at, benefits_by_path
from rag.compose.draft import Draft
from rag.judge import Judged
from rag.select import asks_excluded, introduces, items_of, lead_quotes, whole_range
from rag.understand import Question, Want
from rag.verify import Quote

RELEVANT = 0.75
"""Relevance (0..1) from which on a measure of the same section is told too."""
AHEAD = -0.5
"""How far behind a lead, as a logarithm, a clause is when the lead's items are meant in its place."""
_MEASURES = 8


def with_section(reader: IndexReader, choice: Choice, question: Question, judged: Sequence[Judged]) -> Choice:
    """The choice with the other relevant measures of its section, where all there are are asked for."""
    if Want.LIST not in question.wants or not pays(question) or asks_excluded(question) or not choice.benefits:
        return choice
    first = choice.benefits[0]
    section = first.clause.path.rpartition(".")[0]
    known = {at.clause.path for at in choice.benefits if at.policy_id == first.policy_id}
    if not section:
        return choice
    found = list(choice.benefits)
    beside = [
        one.item
        for one in judged
        if one.item.policy_id == first.policy_id
        and one.item.clause.path not in known
        and one.item.clause.path.startswith(f"{section}.")
        and one.relevance >= RELEVANT
    ]
    by_path = benefits_by_path(reader, first.policy_id)
    for item in beside[:_MEASURES]:
        found += [benefit_at(reader, item.policy_id, item.clause, one) for one in by_path.get(item.clause.path, ())]
    return Choice(tuple(found), choice.other_levels, choice.fit)


def draft_lead(reader: IndexReader, question: Question, judged: Sequence[Judged], choice: Choice) -> Draft | None:
    """The items of the lead that is the likeliest clause, where each is asked for and the benefits stand elsewhere."""
    lead = judged[0].item
    if not asks_all(question) or asks_excluded(question) or not introduces(lead.clause):
        return None
    behind = {one.item.key: one.behind for one in judged}
    for at in choice.benefits:
        own = at.clause.path == lead.clause.path or at.clause.path.startswith(f"{lead.clause.path}.")
        if at.policy_id == lead.policy_id and (own or behind.get((at.policy_id, at.clause.path), 0.0) > AHEAD):
            return None
    items = items_of(reader, lead.policy_id, lead.clause)
    draft = Draft()
    whole = Quote(lead.policy_id, lead.clause, *whole_range(lead.clause))
    draft.quote([*lead_quotes(reader, lead.policy_id, lead.clause), whole, *items])
    return draft if items else None
