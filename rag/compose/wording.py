"""Benefits in one plain sentence each: 获评省级绿色工厂的,资助100万元."""

from __future__ import annotations

import re
from decimal import Decimal

from index.models import Benefit
from index.quantities import Comparison, Kind, format_amount, format_rate, quantities

_BELOW = re.compile(r"(?:达到|符合)?(?:下列|以下)[^，,（(]{0,8}$")
_EXPLAINS = re.compile(r"^(?:不?含|包括|指|即|以下|如|详见)")
_OPENING, _CLOSING = "（(", "）)"
_GOODS = re.compile(r"(?:费|金|款|额度)$")
"""Kinds that are things and not deeds: 安家费最高300万元, but 最高奖励300万元."""
_SHORT_SUBJECT = 12
_UPPER = frozenset((Comparison.AT_MOST, Comparison.LESS_THAN))


def who(benefit: Benefit) -> str:
    """The beneficiary as the subject of a sentence: 新获认定的企业（省级）is 新获认定的企业，省级."""
    return "，".join(_subject(benefit.beneficiary))


def _subject(beneficiary: str) -> list[str]:
    """Whom the rule is for and which of them, outermost first; brackets inside a name stay."""
    text = beneficiary.strip("，,。；;：: ")
    parts: list[str] = []
    while text and text[-1] in _CLOSING:
        start = _opening(text)
        inner = text[start + 1 : -1]
        # 首台（套）is a name: what tells one beneficiary from another is longer, or follows a whole phrase.
        if start <= 0 or len(inner) < len("省级") or _EXPLAINS.match(inner):
            break
        parts.insert(0, inner)
        text = text[:start].rstrip("，,：: ")
    return [part for part in (_BELOW.sub("", text) if parts else text, *parts) if part]


def _opening(text: str) -> int:
    """Where the bracket begins that ends the text; -1 where none does."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in _CLOSING) - (text[at] in _OPENING)
        if depth == 0:
            return at
    return -1


def benefit_sentence(benefit: Benefit) -> str | None:
    """The benefit in one sentence; None where its figures are not all read, or nothing states a value."""
    paid = _paid(benefit)
    if paid is None:
        return None
    parts = _subject(benefit.beneficiary)
    subject = "，".join(parts)
    last = parts[-1] if parts else ""
    alone = len(parts) == 1 and (last.endswith("的") or len(last) > _SHORT_SUBJECT)
    pause = alone or len(last) > _SHORT_SUBJECT or paid.startswith(("每", "按"))
    return f"{subject}{'，' if pause and subject else ''}{paid}。"


def _paid(benefit: Benefit) -> str | None:
    period = f"{benefit.period}" if benefit.period and benefit.period in ("一次性", "每年") else ""
    if benefit.amount is not None:
        each = benefit.base or ""
        if each and not each.startswith("每"):
            return None
        return f"{each}{period}{benefit.kind}{format_amount(benefit.amount)}{_capped(benefit)}"
    if benefit.rate is not None and benefit.base and benefit.rate != 1:
        bound = "不超过" if rate_is_bound(benefit) else ""
        return f"{period}按{benefit.base}的{bound}{format_rate(benefit.rate)}{benefit.kind}{_capped(benefit)}"
    if benefit.rate is None and benefit.cap is not None and not benefit.base:
        most = f"{benefit.kind}最高" if _GOODS.search(benefit.kind) else f"最高{benefit.kind}"
        return f"{period}{most}{format_amount(benefit.cap)}"
    return None


def _capped(benefit: Benefit) -> str:
    return f"，最高{format_amount(benefit.cap)}" if benefit.cap is not None else ""


def rate_is_bound(benefit: Benefit) -> bool:
    """Whether the quote gives the rate as an upper bound: 比例不超过15%."""
    if benefit.rate is None:
        return False
    wanted = Decimal(str(benefit.rate))
    found = [q for q in quantities(benefit.quote) if q.kind is Kind.RATE and q.value == wanted]
    return any(q.op in _UPPER for q in found)


def valued(benefit: Benefit) -> bool:
    """Whether the rule states what is paid: an amount, a share or a ceiling."""
    return benefit.amount is not None or benefit.rate is not None or benefit.cap is not None
