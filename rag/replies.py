"""What an answer to a question back amounts to, as a statement that can stand behind the first question.

A bare 是 or 3000万元 says nothing without the question it answers. Put as a statement (我们符合“生产型企业”) and asked
together with the first question, it is understood like anything else the enterprise says of itself: `confirmed` reads
what stands in quotation marks as a fact, word for word.
"""

from __future__ import annotations

import re

from rag.figures import figures

NEITHER, UNSURE = "都不是", "不清楚"

YES, _NO = frozenset(("是", "有")), frozenset(("不是", "没有", "否"))
_OUTCOMES = re.compile(r"(?<=[?？])\s*[(（].*$", re.DOTALL)
_CLOSE = r"[?？]?$"
_WHERE = re.compile(rf"^(?:请问)?企业注册在哪里(?:[(（]文件要求[:：](?P<place>.+)[)）])?{_CLOSE}")
_FIGURE = re.compile(rf"^(?:请问)?(?P<what>.+?)(?:是多少|有多久){_CLOSE}")
_FIRST = re.compile(rf"^(?:请问)?是(?:不是|否)(?=.*首次).+{_CLOSE}")
_MEANT = re.compile(rf"^您说的(?P<said>.+?),是(?P<what>.+)吗{_CLOSE}")
_WHICH = re.compile(rf"^(?:请问)?属于(?:下列)?哪(?:类|一种|种)[:：](?P<names>.+?)(?:等)?(?:[,，]还是都不是)?{_CLOSE}")
_WAY = re.compile(rf"^(?P<one>[^,，]+(?:统计|计算|核算|口径))[,，]还是(?P<other>[^,，]+?){_CLOSE}")
_LEVEL = re.compile(rf"^(?:请问)?(?P<what>.+)是哪级的{_CLOSE}")
_FACTS = (
    (re.compile(rf"^(?:请问)?是否符合“(?P<what>.+)”{_CLOSE}"), "我们符合“{}”", "我们不符合“{}”"),
    (re.compile(rf"^(?:请问)?有没有“(?P<what>.+)”的认定或资格{_CLOSE}"), "我们有“{}”", "我们没有“{}”"),
    (re.compile(rf"^(?:请问)?有没有这种情况[:：](?P<what>.+?){_CLOSE}"), "我们有“{}”的情况", "我们没有“{}”的情况"),
    (re.compile(rf"^(?:请问)?是(?:不是|否)(?P<what>.+?){_CLOSE}"), "我们是“{}”", "我们不是“{}”"),
    (re.compile(rf"^(?:请问)?属于(?P<what>.+?)吗{_CLOSE}"), "我们属于“{}”", "我们不属于“{}”"),
)
_CONFIRMED = re.compile(r"我们(?P<no>不|没)?(?:符合|有|是|属于)“(?P<what>[^“”]*(?:“[^“”]*”[^“”]*)*)”(?!吗|[?？])")


def choices(question: str) -> tuple[str, ...]:
    """The names that a question back itself lists (属于哪一种:甲、乙); () where it lists none."""
    which = _WHICH.match(_stem(question))
    return (*which["names"].split("、"), NEITHER) if which else ()


def measured(question: str) -> str:
    """What a question back takes a figure for (您说的营收520亿元,是…营业收入吗); "" where it does not."""
    meant = _MEANT.match(_stem(question))
    return meant["what"] if meant and figures(meant["said"]) else ""


def statement(question: str, reply: str) -> str:
    """The fact that `reply` to the question back `question` states; "" where it states none (不清楚).

    Args:
        question: as it stands in `Answer.ask_back`, with or without the outcomes in brackets.
        reply: one of the options offered, a figure with its unit, or a place.
    """
    stem, reply = _stem(question), reply.strip()
    if not reply or reply == UNSURE:
        return ""
    if found := _WHERE.match(stem):
        return _place(found["place"] or "", reply)
    if found := _FIGURE.match(stem):
        return f"{found['what']}{reply}"
    if found := _MEANT.match(stem):
        return _measured(found["said"], found["what"], reply)
    if _FIRST.match(stem):
        return "我们不是首次" if reply in _NO else "我们是首次"
    if found := _WHICH.match(stem):
        return f"我们不属于“{found['names']}”" if reply == NEITHER else f"我们属于“{reply}”"
    if (found := _WAY.match(stem)) and reply in (found["one"], found["other"]):
        return f"我们符合“{reply}”"
    if found := _LEVEL.match(stem):
        return f"我们有“{reply}{found['what']}”"
    return _of_fact(stem, reply)


def _place(required: str, reply: str) -> str:
    """Where it is registered; 是 and 不是 answer for the place that the document requires."""
    if reply in YES:
        return f"企业注册在{required}"
    return f"企业不在{required}" if reply in _NO else f"企业注册在{reply}"


def _measured(said: str, what: str, reply: str) -> str:
    """A figure that was given, as one of `what`: said of the figure, as what it measures is read beside it."""
    if reply in _NO:
        return f"{said}不是{what}"
    found = figures(said)
    return f"{what}{said[found[-1].start : found[-1].end]}" if found else f"{said}就是{what}"


def _of_fact(stem: str, reply: str) -> str:
    for pattern, yes, no in _FACTS:
        if found := pattern.match(stem):
            return (no if reply in _NO else yes).format(found["what"])
    return reply


def _stem(question: str) -> str:
    return _OUTCOMES.sub("", question.strip()).strip()


def asked_again(first: str, stated: str) -> str:
    """The first question with a fact behind it."""
    return f"{first.rstrip()}\n补充:{stated}。"


def confirmed(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Facts that `text` states in the form of `statement`, word for word: those that hold, and those that do not."""
    found = [(match["what"], bool(match["no"])) for match in _CONFIRMED.finditer(text)]
    return tuple(what for what, no in found if not no), tuple(what for what, no in found if no)
