"""Benefits in one plain sentence each: 获评省级绿色工厂的,资助100万元."""

from __future__ import annotations

import re
from decimal import Decimal

from index.models import Benefit
from index.quantities import Comparison, Kind, format_amount, format_rate, quantities
from rag.calculate.reading import capped_yearly

_BELOW = re.compile(r"(?:达到|符合)?(?:下列|以下)[^，,（(]{0,8}$")
_EXPLAINS = re.compile(r"^(?:不?含|包括|指|即|以下|如|详见)")
_OPENING, _CLOSING = "（(", "）)"
_GOODS = re.compile(r"(?:费|金|款|额度)$")
"""Kinds that are things and not deeds: 安家费最高300万元, but 最高奖励300万元."""
_PERIODS = ("一次性", "每年")
_SHORT_SUBJECT = 12
_UPPER = frozenset((Comparison.AT_MOST, Comparison.LESS_THAN))


def who(benefit: Benefit) -> str:
    """The beneficiary as the subject of a sentence: 新获认定的企业（省级）is 新获认定的企业，省级."""
    return "，".join(_subject(benefit.beneficiary))


def _subject(beneficiary: str) -> list[str]:
    """Whom the rule is for and which of them, outermost first; brackets inside a name stay."""
    text = beneficiary.strip("，,。；;：: ")
    own: list[str] = []
    while text and text[-1] in _CLOSING:
        start = _opening(text)
        inner = text[start + 1 : -1]
        # 首台（套）is a name: what tells one beneficiary from another is longer, or follows a whole phrase.
        if start <= 0 or len(inner) < len("省级") or _EXPLAINS.match(inner):
            break
        own.insert(0, inner)
        text = text[:start].rstrip("，,：: ")
    lead, *rest = re.split("[，,](?=[^，,]+$)", text)
    if own and _BELOW.search(text):
        return [_BELOW.sub("", text) + own[0], *own[1:]]
    return [part for part in (lead, *rest, *own) if part]


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
    parts = _subject(benefit.beneficiary)
    if benefit.base and parts and parts[-1] == benefit.base and benefit.base.startswith("每"):
        parts = parts[:-1]
    paid = _paid(benefit, parts[-1] if parts else "")
    if paid is None:
        return None
    last = parts[-1] if parts else ""
    pause = len(last) > _SHORT_SUBJECT or (last.endswith("的") and (len(parts) == 1 or paid[0] in "每按"))
    return f"{'，'.join(parts)}{'，' if pause else ''}{paid}。"


def _paid(benefit: Benefit, subject: str) -> str | None:
    """What is paid: 每人一次性补助3000元, 按投资额的12%补助，最高1000万元."""
    each = benefit.base or ""
    period = benefit.period if benefit.period in _PERIODS and benefit.period not in each else ""
    if benefit.amount is not None:
        if each and not each.startswith("每"):
            return None
        return f"{each}{period}{benefit.kind}{format_amount(benefit.amount)}{_capped(benefit)}"
    if benefit.rate is not None and each and benefit.rate != 1:
        # A rise of a share (补助比例提高3个百分点) and a share of a thing (安家费的50%) are better said by the clause.
        if each.endswith("比例") or _GOODS.search(benefit.kind):
            return None
        of = "" if each in (subject, subject.removesuffix("的")) else f"{each}的"
        bound = "不超过" if rate_is_bound(benefit) else ""
        return f"按{bound}{of}{format_rate(benefit.rate)}{period}{benefit.kind}{_capped(benefit)}"
    if benefit.rate is None and benefit.cap is not None and not each:
        most = f"{benefit.kind}最高" if _GOODS.search(benefit.kind) else f"最高{benefit.kind}"
        return f"{period}{most}{format_amount(benefit.cap)}"
    return None


def _capped(benefit: Benefit) -> str:
    period = "每年" if capped_yearly(benefit) else ""
    return f"，{period}最高{format_amount(benefit.cap)}" if benefit.cap is not None else ""


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
