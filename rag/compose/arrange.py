"""How checked statements are shown: policies in force first, each named once, items of a list numbered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from index.models import Policy, PolicyId, Status
from rag.verify import Quote, Statement

_ORDER = {Status.IN_FORCE: 0, Status.UNKNOWN: 0, Status.NOT_YET_EFFECTIVE: 1, Status.DRAFT: 1}
_LAST = 2
_LIST = 2
"""Fewest items that are numbered."""
_INTRODUCES = ("：", ":")
_NUMBERED = re.compile(r"\d+\. ")

_THIS = "该文件"
_TAKEN_FROM = re.compile(r"^其中[，：]?")
_TAKES = re.compile(r"[，,；;]?其中[：:]$")

_SIGNS: tuple[Callable[[int], str], ...] = (
    lambda number: f"{number}. ",
    lambda number: f"（{number}）",
    lambda _: "· ",
)
"""How items are numbered, by the depth of their list."""
_Paragraph = list[Statement]


def arranged(
    statements: Sequence[Statement],
    notes: Sequence[str],
    policies: Sequence[Policy],
    as_of: date,
    *,
    closing: int | None = None,
) -> tuple[Statement, ...]:
    """The statements with what is said in front of them, and with paragraphs numbered from 0.

    Args:
        statements: checked, in order, with the number of their paragraph.
        notes: said in front of the first statement.
        policies: that are quoted.
        as_of: the day of the question.
        closing: number of the first paragraph that says how long a policy holds, which is no item of a list; None
            where there is none.
    """
    body = _paragraphs(one for one in statements if closing is None or one.paragraph < closing)
    last = _paragraphs(one for one in statements if closing is not None and one.paragraph >= closing)
    paragraphs = [*_with_items(_one_item_leads(_without_idle_leads(_clean(body)))), *last]
    if len(policies) > 1:
        paragraphs = _by_policy(paragraphs, policies, as_of)
    if paragraphs and notes:
        paragraphs[0] = _preceded(paragraphs[0], "".join(notes))
    return tuple(replace(one, paragraph=at) for at, paragraph in enumerate(paragraphs) for one in paragraph)


def _paragraphs(statements: Iterable[Statement]) -> list[_Paragraph]:
    return [list(group) for _, group in groupby(statements, key=lambda one: one.paragraph)]


def _clean(paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    """Without 其中 where what it is taken from, or what is taken from it, is not told."""
    cleaned = []
    for at, paragraph in enumerate(paragraphs):
        own = list(paragraph)
        own[0] = replace(own[0], text=_TAKEN_FROM.sub("", own[0].text))
        if _TAKES.search(own[-1].text) and not _introduces(own[-1], paragraphs[at + 1 :]):
            own[-1] = replace(own[-1], text=_TAKES.sub("。", own[-1].text))
        cleaned.append(own)
    return cleaned


def _introduces(lead: Statement, following: Sequence[_Paragraph]) -> bool:
    """Whether the next paragraph is on an item of the clause that a statement is from."""
    return bool(following and lead.quotes and following[0][0].quotes) and _below(
        lead.quotes[-1], following[0][0].quotes[0]
    )


def _below(lead: Quote, item: Quote) -> bool:
    path = item.clause.path
    own = path.removeprefix(f"{lead.clause.path}.")
    # 6.p2 is the next paragraph of 6, no item of it.
    return lead.policy_id == item.policy_id and own != path and not own.startswith("p")


def _one_item_leads(paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    """Words that introduce items, in one line with the item where only one is told: 应同时具备：床位20张以上。"""
    joined: list[_Paragraph] = []
    for at in range(len(paragraphs) - 1, -1, -1):
        paragraph = paragraphs[at]
        lead = paragraph[-1]
        alone = not joined or all(_list_of(other) != _list_of(joined[-1]) for other in joined[:-1])
        if lead.text.endswith(_INTRODUCES) and alone and _introduces(lead, joined[-1:]):
            joined[-1] = [*paragraph, *joined[-1]]
        else:
            joined.append(paragraph)
    return joined[::-1]


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
            # 《办法》（有效），仍在有效期内：…: one colon is enough.
            pause = "，" if "：" in first[0].text else "："
            if first[0].text.startswith(_THIS):
                # 该文件仍在有效期内：…: the title takes the place of what stands for it, and the status is said.
                first = [replace(first[0], text=first[0].text.removeprefix(_THIS)), *first[1:]]
                first = _preceded(first, f"《{about.title}》")
            else:
                first = _preceded(first, f"《{about.title}》（{about.status(as_of).value}）{pause}")
        ordered += [first, *rest]
    return ordered


def _preceded(paragraph: _Paragraph, words: str) -> _Paragraph:
    first, *rest = paragraph
    # What introduces a list stands on a line of its own.
    pause = "\n" if _NUMBERED.match(first.text) and words.endswith(_INTRODUCES) else ""
    return [replace(first, text=f"{words}{pause}{first.text}"), *rest]


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
    """Neighbouring paragraphs on items of one list as a numbered list; three and more in the order of the source."""
    shown: list[_Paragraph] = []
    at = counted = 0
    while at < len(paragraphs):
        parent = _list_of(paragraphs[at])
        block = [paragraphs[at]]
        while parent is not None and at + len(block) < len(paragraphs):
            following = paragraphs[at + len(block)]
            if _list_of(following) != parent and not _lies_in(following, parent):
                break
            block.append(following)
        items = [paragraph for paragraph in block if _list_of(paragraph) == parent]
        if parent is None or len(items) < _LIST or len({_place(item) for item in items}) < len(items):
            shown.append(block[0])
            at, counted = at + 1, 0
            continue
        if len(items) < len(block):
            shown, counted = [*shown, *_numbered(block, parent)], 0
        else:
            shown, counted = _listed(shown, items, counted)
        at += len(block)
    return shown


def _listed(shown: list[_Paragraph], items: list[_Paragraph], counted: int) -> tuple[list[_Paragraph], int]:
    """`shown` with a list behind it, and the number of its last item; it goes on from an item `counted` before it."""
    if len(items) > _LIST:
        items.sort(key=_place)
    lead, items = _factored(items)
    first = 1 if lead else counted + 1
    numbered = [_preceded(item, f"{number}. ") for number, item in enumerate(items, start=first)]
    return [*shown, *([lead] if lead else []), *numbered], first + len(items) - 1


def _numbered(block: Sequence[_Paragraph], parent: tuple[PolicyId, str]) -> list[_Paragraph]:
    """A list whose items have items of their own, each level counted in signs of its own."""
    shown: list[_Paragraph] = []
    counts: dict[str, int] = {}
    for paragraph in block:
        listed = _list_of(paragraph)
        if listed is None:
            shown.append(paragraph)
            continue
        above = listed[1]
        depth = above.count(".") - parent[1].count(".")
        counts[above] = counts.get(above, 0) + 1
        shown.append(_preceded(paragraph, _SIGNS[min(depth, len(_SIGNS) - 1)](counts[above])))
    return shown


def _lies_in(paragraph: _Paragraph, parent: tuple[PolicyId, str]) -> bool:
    """Whether a paragraph is on what lies below an item of the list: 4.8.1 and 4.8.p2, but not 4.p2, in list 4."""
    quotes = paragraph[0].quotes
    if not quotes or quotes[0].policy_id != parent[0]:
        return False
    above, _, own = quotes[0].clause.path.rpartition(".")
    return bool(own) and above.startswith(f"{parent[1]}.")


def _place(paragraph: _Paragraph) -> int:
    """Where the item that a paragraph is on begins in its source; -1 for none."""
    quotes = paragraph[0].quotes
    return quotes[0].clause.source.start if quotes else -1


def _factored(items: list[_Paragraph]) -> tuple[_Paragraph, list[_Paragraph]]:
    """What all items begin with as their introduction, with the clauses all rest on; the items without it."""
    head, comma, _ = items[0][0].text.partition("，")
    begins = all(len(item) == 1 and item[0].text.startswith(f"{head}{comma}") for item in items)
    shared = [quote for quote in items[0][0].quotes[1:] if all(quote in item[0].quotes for item in items)]
    if not comma or not begins or not shared:
        return [], items
    lead = replace(items[0][0], text=f"{head}：", quotes=tuple(shared))
    own = [
        replace(
            item[0],
            text=item[0].text.removeprefix(f"{head}，"),
            quotes=tuple(quote for quote in item[0].quotes if quote not in shared),
        )
        for item in items
    ]
    return [lead], [[one] for one in own]


def _list_of(paragraph: _Paragraph) -> tuple[PolicyId, str] | None:
    """The list that a paragraph is an item of; None for none."""
    first = paragraph[0]
    if not first.quotes:
        return None
    parent, _, own = first.quotes[0].clause.path.rpartition(".")
    # 6.p2 is the second paragraph of 6 and counts with no items.
    return (first.quotes[0].policy_id, parent) if parent and not own.startswith("p") else None
