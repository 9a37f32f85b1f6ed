"""From a request to the messages of a chat model; no text of others can pass for an instruction or a marker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from index.models import Benefit
from index.quantities import format_amount, format_rate
from rag.generate.contract import NumberedClause, Request
from rag.generate.text import without_markers
from rag.prompts import Prompts

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from rag.understand import Turn

EVIDENCE_LIMIT = 16_000
"""Most characters of clause text; what is longer is cut, each clause to its share."""
HISTORY_TURNS = 3
HISTORY_LIMIT = 300
"""Most characters of one side of a turn."""
_NOTHING = "(无)"
_BRACKETED = re.compile(r"[\[［【]([\d\s,，、;；^\-—–~]{1,24}|\s?/?[A-Za-z_]{2,20}\s?)[\]］】]")
_TAGS = str.maketrans({"<": "＜", ">": "＞"})


def build_messages(request: Request, prompts: Prompts) -> list[BaseMessage]:
    """A system message with the rules, and a human one with clauses, history, calculations, draft and question."""
    from langchain_core.messages import HumanMessage, SystemMessage

    share = max(EVIDENCE_LIMIT // max(len(request.clauses), 1), 500)
    blocks = [_clause_block(numbered, request.as_of, prompts, share) for numbered in request.clauses]
    asked = prompts.question.fill(
        as_of=request.as_of.isoformat(),
        clauses="\n".join(blocks) or _NOTHING,
        history=_history(request.history),
        calculations="\n".join(map(defused, request.calculations)) or _NOTHING,
        draft=request.draft.translate(_TAGS) or _NOTHING,
        question=defused(request.question),
    )
    return [SystemMessage(prompts.system.fill()), HumanMessage(asked)]


def defused(text: str) -> str:
    """`text` without what the model or its template could take for a tag, a marker or a control word.

    Angle brackets become full-width, so that neither `</clause>` nor `<|im_end|>` is left; [1] and [INST] become
    〔1〕 and 〔INST〕, the brackets that document numbers have anyway.
    """
    return _BRACKETED.sub(r"〔\1〕", text.translate(_TAGS))


def _clause_block(numbered: NumberedClause, as_of: date, prompts: Prompts, limit: int) -> str:
    facts, clause = numbered.facts, numbered.clause
    text = clause.text if len(clause.text) <= limit else f"{clause.text[:limit]}……(以下略)"
    return prompts.clause.fill(
        number=str(numbered.number),
        title=_line(facts.title),
        doc_number=_line(facts.doc_number or _NOTHING),
        label=_line(clause.label),
        status=facts.status(as_of).value,
        benefits=_benefits(numbered.benefits),
        text=defused(text),
    )


def _line(text: str) -> str:
    """One line: a title with a line end must not begin a field of its own."""
    return " ".join(defused(text).split())


def _benefits(benefits: Sequence[Benefit]) -> str:
    return ";".join(_line(_benefit(benefit)) for benefit in benefits) or _NOTHING


def _benefit(benefit: Benefit) -> str:
    """One rule as a person would note it down: 对象:奖励100万元,条件:…"""
    parts = [benefit.kind]
    if benefit.amount is not None:
        parts.append(format_amount(benefit.amount))
    if benefit.rate is not None:
        parts.append(f"{benefit.base or ''}{format_rate(benefit.rate)}")
    if benefit.cap is not None:
        parts.append(f"最高{format_amount(benefit.cap)}")
    if benefit.period:
        parts.append(benefit.period)
    condition = f",条件:{benefit.condition}" if benefit.condition else ""
    return f"{benefit.beneficiary}:{' '.join(parts)}{condition}"


def _history(turns: Sequence[Turn]) -> str:
    """The last turns; markers of earlier answers are left out, they number other clauses."""
    lines = []
    for asked, answered in turns[-HISTORY_TURNS:]:
        said = without_markers(answered)
        lines.append(f"问:{_line(asked[:HISTORY_LIMIT])}\n答:{_line(said[:HISTORY_LIMIT])}")
    return "\n".join(lines) or _NOTHING
