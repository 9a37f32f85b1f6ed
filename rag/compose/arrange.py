"""The order in which checked statements are shown: policies in force first, each named once, items of a list numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from index.models import Policy, PolicyId, Status
from rag.verify import Statement

_ORDER = {Status.IN_FORCE: 0, Status.UNKNOWN: 0, Status.NOT_YET_EFFECTIVE: 1, Status.DRAFT: 1}
_LAST = 2
_INTRODUCES = ("：", ":")

_Paragraph = list[Statement]


def arranged(
    statements: Sequence[Statement], notes: Sequence[str], policies: Sequence[Policy], as_of: date
) -> tuple[Statement, ...]:
    """The statements with what is said in front of them, and with paragraphs numbered from 0.

    Args:
        statements: checked, in order, with the number of their paragraph.
        notes: said in front of the first statement.
        policies: that are quoted.
        as_of: the day of the question.
    """
    paragraphs = [list(group) for _, group in groupby(statements, key=lambda one: one.paragraph)]
    if len(policies) > 1:
        paragraphs = _by_policy(paragraphs, policies, as_of)
    paragraphs = _with_items(_without_idle_leads(paragraphs))
    if paragraphs and notes:
        paragraphs[0] = _preceded(paragraphs[0], "".join(notes))
    return tuple(replace(one, paragraph=at) for at, paragraph in enumerate(paragraphs) for one in paragraph)


def _by_policy(paragraphs: Sequence[_Paragraph], policies: Sequence[Policy], as_of: date) -> list[_Paragraph]:
    """The paragraphs of one policy together, in force first, with its title in front."""
    groups: dict[PolicyId, list[_Paragraph]] = {}
    owner = ""
    for paragraph in paragraphs:
        quotes = [quote for statement in paragraph for quote in statement.quotes]
        owner = quotes[0].policy_id if quotes else owner
        groups.setdefault(owner, []).append(paragraph)
    facts = {policy.id: policy.facts for policy in policies}
    ordered: list[_Paragraph] = []
    for policy_id in sorted(groups, key=lambda key: _ORDER.get(facts[key].status(as_of), _LAST) if key in facts else 0):
        first, *rest = groups[policy_id]
        if policy_id in facts:
            about = facts[policy_id]
            first = _preceded(first, f"《{about.title}》（{about.status(as_of).value}）：")
        ordered += [first, *rest]
    return ordered


def _preceded(paragraph: _Paragraph, words: str) -> _Paragraph:
    first, *rest = paragraph
    return [replace(first, text=words + first.text), *rest]


def _without_idle_leads(paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    """Without words that introduce items where none follows them, unless nothing else is said."""
    kept = [paragraph for at, paragraph in enumerate(paragraphs) if not _is_idle(paragraphs, at)]
    return kept or list(paragraphs)


def _is_idle(paragraphs: Sequence[_Paragraph], at: int) -> bool:
    paragraph = paragraphs[at]
    if len(paragraph) > 1 or not paragraph[0].text.endswith(_INTRODUCES):
        return False
    following = paragraphs[at + 1][0].quotes if at + 1 < len(paragraphs) else ()
    own = paragraph[0].quotes[0] if paragraph[0].quotes else None
    return own is None or not any(quote.policy_id == own.policy_id for quote in following)


def _with_items(paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    """Neighbouring paragraphs on items of one list as a numbered list."""
    shown: list[_Paragraph] = []
    for parent, group in groupby(paragraphs, key=_list_of):
        items = list(group)
        paths = [item[0].quotes[0].clause.path for item in items if item[0].quotes]
        if parent is not None and len(items) > 1 and len(set(paths)) == len(items):
            items = [_preceded(item, f"{number}. ") for number, item in enumerate(items, start=1)]
        shown += items
    return shown


def _list_of(paragraph: _Paragraph) -> tuple[PolicyId, str] | None:
    """The list that a paragraph is an item of; None for one that introduces items or belongs to none."""
    first = paragraph[0]
    if not first.quotes or first.text.endswith(_INTRODUCES):
        return None
    parent, _, _ = first.quotes[0].clause.path.rpartition(".")
    return (first.quotes[0].policy_id, parent) if parent else None
