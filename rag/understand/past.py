"""Which units of a question tell of what was before: money received, earlier titles, what never happened."""

from __future__ import annotations

import re

_MONEY = r"(?:\d[\d.]*|[一二两三四五六七八九十百千]+)[十百千]*[万亿]+元?|\d[\d.]*元"
_GRANT = rf"(?:{_MONEY}|奖励|补贴|资助|补助|奖金|扶持|返还|钱|(?<=[过了])奖|(?<!存)[那这]?一?档)"
_RECEIVED = re.compile(
    rf"(?<![能可想要会该多再还])(?:领|拿|收|享受|兑现)(?:到|取|走)?(?:过|了)(?:[^,。?!能可]{{0,8}}?){_GRANT}"
    rf"|(?<![能可想要会])(?:拿|领|收)(?:到|取)(?:了)?(?:{_MONEY})"
    rf"|获得?(?:过|了)?(?:奖励|资助|补助|补贴)(?:过|了|金)?(?:{_MONEY})?|(?:奖|补|给|发)了(?:我们|公司)?(?:{_MONEY})"
    rf"|已经?(?:领|拿|收|享受|兑现)取?(?:了|过)?(?:{_GRANT})"
    rf"|{_GRANT}[^,。?!]{{0,6}}?(?:领|拿|收|享受|兑现?|到手|到账|发|给)(?:到|取|走|完)?(?:过了?|了)(?!吗|没)"
    rf"|{_GRANT}[^,。?!]{{0,4}}已经?(?:领|拿|到手|到账|兑现)"
)
_NEVER = re.compile(
    r"(?:从来?|以前|之前|过去|一直|从未)?(?:都)?(?:没有?|未|不曾)(?:[^,。?!]{0,3}?)(?:领|拿|享受|得|过|到)"
)
_LONG_AGO = re.compile(r"以前|之前|曾|早年|过去|到过|上次")


# 保险公司收了80万保费, 收了3800万的菜: what somebody else took in, and what was bought.
_TAKEN = re.compile(
    rf"收(?:购|到|取|走)?了?(?:{_MONEY})(?:块|元)?的(?![补奖资扶钱款])"
    rf"|收(?:到|取|走)?了?(?:{_MONEY})(?:块|元)?(?:保费|保险费|担保费|服务费|手续费|中介费|租金|房租|利息|货款|押金)"
)


def says_received(text: str) -> bool:
    """Whether a unit says that money was received."""
    return bool(_RECEIVED.search(_TAKEN.sub("", text))) and not _NEVER.search(text)


def says_never(text: str) -> bool:
    """Whether a unit says that something was never received or reached."""
    return bool(_NEVER.search(text))


def says_past(text: str) -> bool:
    """Whether a unit tells of what was before: money received, an earlier title."""
    return says_received(text) or bool(_LONG_AGO.search(text))
