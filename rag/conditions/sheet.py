"""What is required, as the clauses list it: the items of a list of conditions, or the general conditions of a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.models import Clause, PolicyId
from rag.benefit_at import BenefitAt
from rag.conditions.general import general_clauses
from rag.conditions.requiring import is_about_applicants, is_requirement, lists_conditions, says_who_applies
from rag.sentences import split_sentences
from rag.verify import Quote

ITEMS = 10
"""Most items of a list that are quoted."""
GENERAL = 4
"""Most sentences on whoever applies that are quoted beside a rule."""
_VALID = re.compile(r"起(?:施行|执行|实施)|解释|有效期")
_SHUTS_OUT = re.compile(r"不予|不得|不再|不适用|取消")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Requirements in reading order.

    Attributes:
        quotes: a list's lead before its items; for a rule, sentences that hold for whoever applies.
        listed: they are one list.
    """

    quotes: tuple[Quote, ...]
    listed: bool


def requirement_sheet(clause: Clause, clauses: Sequence[Clause], policy_id: PolicyId) -> Sheet | None:
    """The list of conditions that a clause leads or is an item of, whole; None where it is no part of one."""
    parent = clause.path.rpartition(".")[0]
    for lead in clauses:
        if lead.path not in (clause.path, parent) or not lists_conditions(lead.text):
            continue
        items = [other for other in clauses if _is_item(other.path, lead.path)]
        if items:
            last = split_sentences(lead)[-1]
            told = [part for item in items for part in (item, *_below(item, clauses))]
            whole = [Quote(policy_id, item, 0, len(item.text.rstrip())) for item in told[:ITEMS]]
            return Sheet((Quote(policy_id, lead, last.start, last.end), *whole), listed=True)
    return None


def _below(item: Clause, clauses: Sequence[Clause]) -> list[Clause]:
    """The items of an item that introduces some with a colon, in the order of the text."""
    if not item.text.rstrip().endswith(("：", ":")):
        return []
    return [part for one in clauses if _is_item(one.path, item.path) for part in (one, *_below(one, clauses))]


def _is_item(path: str, lead: str) -> bool:
    parent, _, ordinal = path.rpartition(".")
    return parent == lead and ordinal.isdigit()


def general_sheet(at: BenefitAt, clauses: Sequence[Clause]) -> Sheet:
    """Sentences and lists of other clauses that require something of whoever applies for a benefit."""
    general = general_clauses(at.benefit, clauses)
    quotes = [quote for clause in general for quote in _required(clause, general, at.policy_id)]
    return Sheet(tuple(quotes[:GENERAL]), listed=False)


def _required(clause: Clause, general: Sequence[Clause], policy_id: PolicyId) -> Iterator[Quote]:
    if clause.path in (other.path.rpartition(".")[0] for other in general) and lists_conditions(clause.text):
        return
    for sentence in split_sentences(clause):
        text = clause.text[sentence.start : sentence.end]
        item = any(lists_conditions(o.text) and _is_item(clause.path, o.path) for o in general)
        who = is_about_applicants(clause) and says_who_applies(text) and not _VALID.search(text)
        if (is_requirement(text) or item or who) and not _SHUTS_OUT.search(text):
            yield Quote(policy_id, clause, sentence.start, sentence.end)
