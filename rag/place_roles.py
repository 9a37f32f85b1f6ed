"""Which of the places that a question names it asks about: not where somebody comes from, travels to or buys a firm.

从四川打工回来, 去广州参展 and 收购德国公司 name a place in the story. Where a place is named at which policies of the
index hold, any other one counts only beside it (甲市和乙市哪个高) or where it begins what asks (乙市呢).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.places import Place

_END = r"(?:特别行政区|自治区|自治州|自治县|高新区|经开区|开发区|新区|[省市县区州](?![级内里属]))?"
_THERE = rf"{_END}(?:那边|那里|这边|本地)?"
_FROM = re.compile(r"(?:从|自|由)$")
_FROM_BEHIND = re.compile(rf"{_THERE}(?:的|一家|某)?[^,。?!;]{{0,10}}?[回来到运搬迁引招挖进发走转]")
_TRADED = re.compile(
    r"(?:收购|并购|控股|参股|买下|兼并|购买|入股|投资|出口|销往|卖到|发往|运往|运到|飞|直飞|往返|进口|引进|对接"
    r"|援助|帮扶)(?:了|过|到|往)?$"
)
_VISITED = re.compile(r"(?:去|到|赴|往|在)(?:了|过)?$")
_VISIT = re.compile(
    rf"{_THERE}(?:参展|参会|参赛|比赛|办展|展会|开会|出差|考察|培训|学习|读书|上学|留学|路演|打工|务工|上市"
    r"|设(?:立)?海外仓|建海外仓)"
)
_OF_STORY = re.compile(
    rf"{_THERE}的?(?:打工|务工|籍|户籍|老乡|人(?![才均员工口民])|客户|客商|买家|母公司|分公司|子公司)"
)
_BESIDE = re.compile(rf"{_THERE}的?(?:和|与|跟|、|及|以及|或|还是|比|同)+")
_ASKS_OF = re.compile(
    rf"{_THERE}(?:当地)?的?(?:呢|给|有|能|补|奖|又|是|也|怎么|多少|政策|标准|规定|同样|的话|[,。?!]|$)"
)
_CLAUSE_START = re.compile(r"(?:^|[,。?!;:、\s])(?:那么?|如果|要是|换成|换到|请问|隔壁的?|旁边的?|同样|在)*$")


def asked_places(text: str, places: Sequence[Place], holds: Callable[[Place], bool]) -> tuple[Place, ...]:
    """Those of `places` that `text` asks about, in order.

    Args:
        text: in simplified characters.
        places: that it names.
        holds: whether a policy of the index is for a place.
    """
    held = [place for place in places if holds(place)]
    if held:
        return tuple(place for place in places if place in held or _asked_beside(text, place, held))
    return tuple(place for place in places if not _in_story(text, place))


def _spans(text: str, place: Place) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(re.escape(place.name), text)]


def _in_story(text: str, place: Place) -> bool:
    """Whether a place stands nowhere but where somebody comes from, goes to, trades with or buys."""
    return all(_is_aside(text, start, end) for start, end in _spans(text, place))


def _is_aside(text: str, start: int, end: int) -> bool:
    before = text[:start]
    if _FROM.search(before) and _FROM_BEHIND.match(text, end):
        return True
    if _VISITED.search(before) and _VISIT.match(text, end):
        return True
    return bool(_TRADED.search(before)) or bool(_OF_STORY.match(text, end))


def _asked_beside(text: str, place: Place, held: Sequence[Place]) -> bool:
    """Whether a place is asked about along with one at which policies hold."""
    own = [span for one in held for span in _spans(text, one)]
    for start, end in _spans(text, place):
        if any(_joined(text, (start, end), other) for other in own):
            return True
        if _CLAUSE_START.search(text[:start]) and _ASKS_OF.match(text, end) and not _is_aside(text, start, end):
            return True
    return False


def _joined(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    first, second = sorted((one, other))
    return _BESIDE.fullmatch(text, first[1], second[0]) is not None
