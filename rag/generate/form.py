"""What can be said of a sentence without reading the clauses: its kind, and whether its form is allowed.

This does not say whether a sentence is true; that is the check's part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from index.quantities import Kind, Quantity, quantities
from rag.generate.contract import Request
from rag.generate.text import SentenceBuffer, markers, without_list_mark, without_markers

_LINK_OR_CODE = re.compile(r"https?:|www\.|\]\(|!\[|<\s*/?\s*[A-Za-z!|]|＜\s*[/|]|```|\bjavascript:", re.IGNORECASE)
_HEADING = re.compile(r"^(?:#{1,6}\s.*|\*\*[^*]+\*\*[:：]?)$")
_SILENT = re.compile(
    r"没有?(?:直接|明确|具体|单独)*(?:写|规定|提到|载明|说明|涉及|给出|列出|限定)|未(?:明确|作|写|规定|提及|载明|说明|涉及|列明)"
)
_EQUALS = re.compile("[=＝]|等于")
_UNREADABLE = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ITEMS = frozenset("项个条款")
_MOST_ITEMS = 20
"""What an introduction may count: 共2项, 有3个条件."""


class SentenceKind(Enum):
    """What a sentence does in the answer."""

    LEAD = auto()
    """Introduces or asks: 共两类: / 您属于哪一类?"""
    SILENT = auto()
    """Says that the clauses do not say something, without a figure."""
    CALCULATION = auto()
    """Repeats a result of the program, without a marker."""
    FACT = auto()
    """States or advises; the check decides whether it needs a marker."""


def kind_of(sentence: str, request: Request) -> SentenceKind:
    """The kind of a sentence with plain markers."""
    if markers(sentence):
        return SentenceKind.FACT
    body = without_list_mark(without_markers(sentence)).strip("* ")
    stated = quantities(body)
    computed = {quantity.key for line in request.calculations for quantity in quantities(line)}
    if stated and _EQUALS.search(body) and {quantity.key for quantity in stated} <= computed:
        return SentenceKind.CALCULATION
    leads = body.endswith((":", "\uff1a", "?", "\uff1f")) or _HEADING.match(sentence.strip())
    if leads and all(quantity.unit in _ITEMS and quantity.value <= _MOST_ITEMS for quantity in stated):
        return SentenceKind.LEAD
    if stated:
        return SentenceKind.FACT
    return SentenceKind.SILENT if _SILENT.search(body) else SentenceKind.FACT


def fault_of_direct_answer(sentence: str, request: Request) -> str | None:
    """The reason why a direct answer cannot be shown although the clause may have its figures.

    "按文件可获资助400万元" names no beneficiary, so the clause alone cannot tell which of its tiers is meant. The
    program's own answer can: every sum must be in it or in the question, and one must be what it gives first.
    """
    drafted, said = _sums(request.draft), _sums(without_markers(sentence))
    if not drafted or not said:
        return None
    other = said - drafted - _sums(request.question)
    return "与程序得出的答案不一致" if other or not said & _first_sums(request.draft) else None


def answers(sentences: Sequence[str], request: Request) -> bool:
    """Whether sentences that may be shown make an answer.

    They do where one cites a clause, or says that the clauses are silent. Where the program's own answer begins with
    an amount or share, one must have an amount or share as well: an echo of the question with a marker is no answer.
    """
    opening = next((text for text in _sentences(request.draft) if kind_of(text, request) is not SentenceKind.LEAD), "")
    if states_sum(opening):
        return any(map(states_sum, sentences))
    return any(markers(one) or kind_of(one, request) is SentenceKind.SILENT for one in sentences)


def _first_sums(draft: str) -> set[tuple[object, ...]]:
    """The amounts and shares of the first sentence of `draft` that has any."""
    return next((sums for sums in map(_sums, map(without_markers, _sentences(draft))) if sums), set())


def _sentences(text: str) -> list[str]:
    buffer = SentenceBuffer()
    return [sentence for sentence in [*buffer.feed(text), *buffer.finish(complete=True)] if sentence]


def states_sum(sentence: str) -> bool:
    """Whether a sentence has an amount or a share."""
    return bool(_sums(without_markers(sentence)))


def _sums(text: str) -> set[tuple[object, ...]]:
    found: tuple[Quantity, ...] = quantities(text)
    kinds = (Kind.AMOUNT, Kind.RATE, Kind.POINTS)
    return {(*quantity.key, quantity.upper) for quantity in found if quantity.kind in kinds}


def fault_of_form(sentence: str, request: Request) -> str | None:
    """The Chinese reason why a sentence cannot be shown whatever it says; None where there is none."""
    if _UNREADABLE.search(sentence):
        return "含有无法显示的字符"
    if _LINK_OR_CODE.search(sentence):
        return "含有链接、标签或代码"
    known = {numbered.number for numbered in request.clauses}
    invented = [number for number in markers(sentence) if number not in known]
    if invented:
        return f"引用了不存在的条款{''.join(f'[{number}]' for number in invented)}"
    return None
