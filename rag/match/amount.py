"""What a benefit comes to for one enterprise: a fixed sum, a computed one, or the rule in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from index.models import Benefit
from index.quantities import format_amount, format_rate
from rag.benefit_at import BenefitAt
from rag.calculate import work_out
from rag.conditions import Truth
from rag.conditions.names import Likeness, compare
from rag.references import References
from rag.situation import Received, Situation

if TYPE_CHECKING:
    from rag.understand import Question

_DIFFERENCE = re.compile(r"差额|补差|补足")
_PER = re.compile(r"每|/")


@dataclass(frozen=True, slots=True)
class Due:
    """A sum with how it is said; `value` None where it cannot be computed."""

    words: str
    value: Decimal | None
    formula: str = ""
    note: str = ""


def due(at: BenefitAt, situation: Situation, truth: Truth, lower: Sequence[Benefit]) -> Due:
    """What `at` comes to.

    Args:
        truth: of the benefit; only what is not ruled out is computed.
        lower: lower tiers and levels of the same rule, whose sums may have been received.
    """
    benefit = at.benefit
    if benefit.amount is not None and not is_per_unit(benefit):
        return _fixed(at, situation, lower)
    words = rule_words(benefit)
    if truth is not Truth.MEETS or (benefit.rate is None and benefit.amount is None):
        return Due(words, None)
    worked = work_out(_question(situation), (at,))
    best = worked[0] if worked else None
    if best is None or not best.complete or best.unit != "元" or not best.result:
        return Due(words, None)
    return Due(best.result, best.value, best.formula)


def _fixed(at: BenefitAt, situation: Situation, lower: Sequence[Benefit]) -> Due:
    """A fixed sum, less what was received for it or for a lower tier where the text pays the difference."""
    amount = Decimal(str(at.benefit.amount))
    words = format_amount(amount)
    same = next((r for r in situation.received if _for_benefit(r, at.benefit)), None)
    if same is not None:
        return Due(words, Decimal(0), "", f"您说明这一项已经领过{_sum_words(same)},不再计入")
    before = [r for r in situation.received for b in lower if _for_benefit(r, b) and r.amount is not None]
    if before and _DIFFERENCE.search(f"{at.benefit.condition or ''}{at.clause.text}"):
        paid = max(r.amount for r in before if r.amount is not None)
        left = max(Decimal(0), amount - paid)
        formula = f"{format_amount(amount)} − {format_amount(paid)} = {format_amount(left)}"
        return Due(format_amount(left), left, formula, "低一档已经领过,只补差额")
    return Due(words, amount)


def is_per_unit(benefit: Benefit) -> bool:
    """Whether a sum is paid for each of something, whose number is not known."""
    return benefit.amount is not None and bool(_PER.search(benefit.base or ""))


def _sum_words(received: Received) -> str:
    return format_amount(received.amount) if received.amount is not None else ""


def _for_benefit(received: Received, benefit: Benefit) -> bool:
    """Whether money was received for this very title or tier."""
    threshold = (benefit.threshold or {}).get("value")
    if received.threshold is not None:
        return threshold is not None and Decimal(str(threshold)) == received.threshold
    return bool(received.title) and compare(benefit.beneficiary, received.title) is Likeness.SAME


def rule_words(benefit: Benefit) -> str:
    """The rule in words: 设备投资额的8%,最高800万元."""
    parts = []
    if benefit.rate is not None:
        parts.append(f"{benefit.base or '按规定基数'}的{format_rate(Decimal(str(benefit.rate)))}")
    if benefit.amount is not None:
        parts.append(f"{benefit.base or ''}{format_amount(Decimal(str(benefit.amount)))}")
    if benefit.cap is not None:
        parts.append(f"最高{format_amount(Decimal(str(benefit.cap)))}")
    return ",".join(parts) or "文件没有写金额"


def _question(situation: Situation) -> Question:
    from rag.understand import Question, Want

    return Question("", "", frozenset((Want.AMOUNT,)), (), References(), situation=situation)
