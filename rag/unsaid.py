"""What a text does not say though it is about the subject: in how many days is paid, what makes somebody a class.

A text near a question has figures and conditions of its own: 公示5个工作日后兑付 does not say when the money comes, and
what a class of persons receives does not say who belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.understand import Want

_PERIOD_ASKED = re.compile(r"(?:几|多少)个?(?:工作日|天|日|月|周|星期)|多久|多长时间")
_PAY = r"拨|兑付|兑现|下达|发放|支付|到账|打入|打到|划入|划拨|转入|结算"
_PAY_ASKED = re.compile(rf"{_PAY}|打款|到位|拿到钱|钱[^,。?]{{0,4}}到|发下来|发到")
_COUNT = r"[\d一二三四五六七八九十两]+"
_PAID_WITHIN = re.compile(
    rf"{_COUNT}个?(?:工作日|日|天|月)(?:之?内|以内)[^。；]{{0,24}}(?:{_PAY})"
    rf"|(?:{_PAY})[^。；公]{{0,12}}{_COUNT}个?(?:工作日|日|天|月)"
    rf"|(?:{_COUNT}月|季度|半年|年底|次年|当年|次月|每年|按月|按季|按年)[^。；]{{0,20}}(?:{_PAY})"
)
_CRITERIA_ASKED = re.compile(
    r"(?:怎[么样]|如何|[什啥哪]么?[^,。?]{0,8})(?:才(?:能|可以)?(?:算|叫)|算(?![出法下了一账进补奖资钱得])(?=[^,。?]{2}))"
    r"|什么(?:头衔|称号|职称)"
    r"|(?:认定|评定|划分|分类)(?:的)?(?:标准|条件)|(?:怎[么样]|如何)(?:认定|界定|划分)"
)
_CRITERIA = re.compile(
    r"是指|指的是|所称|认定(?:标准|条件|办法)|(?:标准|条件)(?:为|是|如下)|(?:符合|具备|满足)[^。；]{0,12}条件|下列|以下"
)
_HOW = re.compile(r"(?:怎[么样]|如何)(?:认定|评定)")
_STEPS = re.compile(r"申[请报]|初审|评审|审核|复核|公示")
"""How a class is entered is told by the steps as well as by what makes a member: 怎么认定."""
_SIZED = re.compile(r"\d[\d.,]*(?:[万亿]?元|[%％]|人|家|件|项|亩|平方米|张|台|年)(?:及?以上|以下)?")
_GIVEN = re.compile(r"奖励|补助|补贴|资助|给予|津贴|发放")


def period_unsaid(asked: str, wants: frozenset[Want], text: str) -> bool:
    """Whether it is asked in how long money is paid, and a text tells no such time."""
    if Want.PAYMENT not in wants or not _PERIOD_ASKED.search(asked) or not _PAY_ASKED.search(asked):
        return False
    return not _PAID_WITHIN.search(text)


def criteria_unsaid(asked: str, phrases: Sequence[str], text: str) -> bool:
    """Whether it is asked who or what belongs to a class, and a text says only what the class receives.

    Args:
        phrases: runs of the terms of the question's subject, the longest first.
    """
    if not _CRITERIA_ASKED.search(asked) or not phrases or (_HOW.search(asked) and _STEPS.search(text)):
        return False
    named = [part for part in re.split(r"[。；\n]", text) if phrases[0][-4:] in part.lower()]
    return not any(_tells(part) for part in named)


def _tells(part: str) -> bool:
    """Whether a part of a text says what makes somebody a member of a class, beside what is given to one."""
    before, gives, _ = part.partition("给予")
    told = before if gives else part
    return bool(_CRITERIA.search(told) or _SIZED.search(told) or not _GIVEN.search(part))
