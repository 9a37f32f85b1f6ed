"""Ceilings and limits that follow the statements they hold for."""

from __future__ import annotations

import re

from index.benefits.drafts import Draft
from index.benefits.marked import Marked, Span
from index.benefits.vocabulary import BASE_LIMIT, LIMIT_ONLY, OTHER_LIMIT, SHARE_LIMIT, UNIT_MEASURE

_GENERAL = re.compile(r"单|同一|每|各|年度|累计|全年|合计")


def attach_limit(marked: Marked, unit: Span, sentence: Span, own: list[Draft], earlier: list[Draft]) -> bool:
    """Attach a ceiling (每户不超过5万元) or a share (比例不超过15%) to the statements it limits.

    Args:
        marked: the clause.
        unit: the part of a sentence that may be a limit.
        sentence: the sentence, which the quotes then include.
        own: the statements of the sentence so far.
        earlier: all statements of the clause so far.

    Returns:
        Whether the part is a limit, and nothing else.
    """
    text = marked.flat[unit.start : unit.end]
    if own and own[-1].incomplete and (match := SHARE_LIMIT.match(text)):
        _complete(marked, unit, match, own[-1])
        return True
    words = marked.text[unit.start : unit.end]
    if not LIMIT_ONLY.fullmatch(text):
        return _condition(text, words, own or earlier)
    runs = [run for run in marked.runs_in(unit.start, unit.end) if run[0].unit == "元"]
    targets = [draft for draft in own if draft.scales or draft is own[-1]]
    targets = targets or [draft for draft in earlier if draft.scales and not draft.caps]
    measured = bool(UNIT_MEASURE.search(text)) or not runs
    of_base = bool(BASE_LIMIT.search(text))
    for draft in targets:
        other = measured or (of_base and not draft.kind.startswith("贷款"))
        if not draft.caps and not other:
            draft.caps = runs[-1]
        elif (other or _GENERAL.match(text)) and words not in draft.conditions:
            draft.conditions.append(words)
        draft.end = max(draft.end, sentence.end)
    return bool(targets)


def is_other_limit(text: str) -> bool:
    """Whether `text` limits something that is no amount: 累计不超过3年, 不超过贷款余额的3%."""
    return bool(OTHER_LIMIT.fullmatch(text))


def _condition(text: str, words: str, targets: list[Draft]) -> bool:
    """单家银行年度补偿额不超过贷款余额的3%: a limit that is no amount is a condition."""
    if not is_other_limit(text):
        return False
    for draft in targets:
        draft.conditions.append(words)
    return True


def _complete(marked: Marked, unit: Span, match: re.Match[str], draft: Draft) -> None:
    """按项目投入额资助,比例不超过15%: the share that the statement before it lacks."""
    at = unit.start + match.end()
    draft.rates = next(run for run in marked.runs_in(unit.start, unit.end) if run[0].start >= at)
    base = marked.text[unit.start + match.start("base") : unit.start + match.end("base")]
    draft.base = draft.base or base.removesuffix("的") or None
