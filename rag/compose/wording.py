"""Benefits in one plain sentence each: 获评省级绿色工厂的,资助100万元."""

from __future__ import annotations

import re
from decimal import Decimal

from index.models import Benefit
from index.quantities import Comparison, Kind, format_amount, format_rate, quantities

_BELOW = re.compile(r"^(?P<lead>.*?)(?:达到)?(?:下列|以下)[^（(]{0,8}[（(](?P<own>.+)[）)]$")
_GIVES = re.compile(r"[\u4e00-\u9fff]{1,4}$")
_UPPER = frozenset((Comparison.AT_MOST, Comparison.LESS_THAN))


def who(benefit: Benefit) -> str:
    """The beneficiary as the subject of a sentence."""
    below = _BELOW.match(benefit.beneficiary)
    text = f"{below['lead']}{below['own']}" if below else benefit.beneficiary
    return text.strip("，,。；;：: ")


def benefit_sentence(benefit: Benefit) -> str | None:
    """The benefit in one sentence; None where its figures are not all read, or nothing states a value."""
    paid = _paid(benefit)
    if paid is None:
        return None
    subject = who(benefit)
    return f"{subject}{'，' if subject.endswith('的') or len(subject) > 12 else ''}{paid}。"


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
        return f"{period}最高{benefit.kind}{format_amount(benefit.cap)}"
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
