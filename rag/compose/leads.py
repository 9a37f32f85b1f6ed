"""Words that introduce items (按照下列标准给予奖励：) are told with the items: the ones that are meant, else all."""

from __future__ import annotations

from collections.abc import Sequence

from index.store import IndexReader
from rag.calculate.tiers import NEXT_TIER
from rag.compose.draft import ANSWERED, PARTIAL, Draft, full_width
from rag.select import items_of
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.verify import Quote

_COLONS = ("：", ":")
_MEANT = 0.25
"""Share of a question's subject from which on an item may be the one that is meant."""
_APART = 2.0
"""How many times as much of the subject the item that is meant names as the next one."""
_MOST = 12


def tell_items(draft: Draft, reader: IndexReader, subject: Subject, *, open_note: str) -> None:
    """Quote the items behind every lead that is told without any; they are what `open_note` misses.

    Args:
        draft: changed in place.
        reader: an index snapshot.
        subject: of the whole question, with what the enterprise says of itself.
        open_note: the doubt that falls away where the items have what the lead has not.
    """
    # What the next tier brings besides is not due for this one.
    applied = [quote for one in draft.statements if not one.text.startswith(NEXT_TIER) for quote in one.quotes]
    for lead in [quote for quote in dict.fromkeys(applied) if quote.text.rstrip().endswith(_COLONS)]:
        items = _behind(lead) or items_of(reader, lead.policy_id, lead.clause)
        told = draft.quotes
        if not items or any(_overlaps(one, item) for one in told for item in items):
            continue
        draft.quote(item_meant(items, subject) or items[:_MOST])
        if draft.status == PARTIAL and draft.notes[:1] == [full_width(open_note)]:
            draft.status = ANSWERED
            draft.notes.pop(0)


def _behind(lead: Quote) -> list[Quote]:
    """The sentences of the lead's own clause that follow it."""
    following = [one for one in split_sentences(lead.clause) if one.start >= lead.end]
    return [Quote(lead.policy_id, lead.clause, one.start, one.end) for one in following[:_MOST]]


def _overlaps(one: Quote, other: Quote) -> bool:
    same = one.policy_id == other.policy_id and one.clause.path == other.clause.path
    # What lies below an item tells of it.
    below = one.policy_id == other.policy_id and one.clause.path.startswith(f"{other.clause.path}.")
    return below or (same and one.start < other.end and other.start < one.end)


def item_meant(items: Sequence[Quote], subject: Subject) -> list[Quote]:
    """The item that names the subject as no other does; none where none stands out."""
    familiar = subject.familiar
    ranked = sorted(items, key=lambda item: -familiar.cover(item.text))
    best = familiar.cover(ranked[0].text) if ranked else 0.0
    rest = familiar.cover(ranked[1].text) if len(ranked) > 1 else 0.0
    return ranked[:1] if best >= _MEANT and best >= _APART * rest else []
