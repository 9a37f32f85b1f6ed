"""How far a question says that something is so: the words that name it, in everyday ones too, denied or not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rag.conditions.names import name_of, polarity
from rag.terms import content_terms, presence, synonyms

_FILLER = frozenset(
    [
        "受到",
        "情形",
        "情况",
        "行为",
        "之一",
        "发生",
        "存在",
        "属于",
        "列入",
        "被",
        "单位",
        "企业",
        "项目",
        "机构",
        "部门",
        "有关",
        "规定",
        "近两年",
        "近三年",
        "两年",
        "三年",
        "本人",
        "以及",
        "或者",
        "没有",
        "取得",
        "范围",
        "自有",
        "申请前",
        "申报前",
        "年度",
        "上年度",
        "上一年度",
        "当年",
        "当年度",
        "本年度",
    ]
)
_PUNISHED = re.compile(r"被[^，,。;；?？]{0,8}?(?:罚|处分)|(?:罚|处分)[过了]")
"""被药监局罚过: the authority may stand inside the words."""
_PROMISED = frozenset(
    "应当|承诺|之日起|之日|违反|全额|部分|规定|期限|本市|本区|本县|获得|领取|同一|视为|一次性|相应".split("|")  # noqa: SIM905
)
"""Words of sentences on what becomes of a grant that say nothing of the case."""
ENOUGH = 0.6
"""Share of the words that name who is shut out which a question must have."""
_ENTERED = re.compile(r"[进入][^，,。;；进入]{0,6}?(?:库|名单|名录)")
"""进后备库 as 入库, 列入."""
FOUNDED = re.compile(
    r"(?:今年(?:\d{1,2}月(?:份|底|初)?)?(?:才|刚刚?|新)?|(?<!年)(?:才|刚刚?)(?:今年)?)新?(?:注册|成立|设立|登记|创办|开业|开办|开张)"
)
"""今年3月才成立, 刚注册."""
_OUTSIDE = re.compile(r"[市区县省境]外(?:的)?(?=[\u4e00-\u9fff])|外地|异地")
_INSIDE = re.compile(r"本[市区县省地](?=的)|[市区县省境]内的?(?=企业|公司|项目|同行|客户)|同城|当地的")
_TAILS = re.compile(r"(?:的|业|类|企业|单位|机构|项目|公司|人员|工作人员)+$")
_WHOLE = 3
"""Characters of a name that a question has as it stands."""
_BOUNDS = re.compile("未满|不满|不足|未达到|未超过|不超过|不低于|不少于|不高于")
_NUMBERED = re.compile("非[\u4e00-\u9fff]{2}|[一二三四五六七八九][手次线级型](?=[\u4e00-\u9fff])")


def began_this_year(asked: str) -> bool:
    """Whether a question says that the enterprise was founded or registered this year: 今年5月才注册."""
    return FOUNDED.search(asked) is not None


def says(asked: str, named: str) -> bool:
    """Whether a question says that what `named` names is so: 老婆有一套房子 for 配偶自有住房."""
    return covered(named, as_policies_say(asked), "") >= ENOUGH


def as_policies_say(asked: str) -> str:
    """The question with the words of policies behind its everyday ones: 老婆配偶有房子住房."""
    pattern, others = _everyday()
    plain = pattern.sub(lambda match: match[0] + "".join(others[match[0]]), asked)
    plain = _ENTERED.sub(lambda match: f"{match[0]}入库列入", plain)
    return _PUNISHED.sub(lambda match: f"{match[0]}受到行政处罚", plain)


@lru_cache(maxsize=1)
def _everyday() -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    words = synonyms()
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True))), words


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    core = polarity(text)[0]
    words = [term.text for term in content_terms(core) if term.text not in _FILLER]
    # 二手, 一次性: a number word in front of a noun tells it apart.
    words += [word for word in _NUMBERED.findall(core) if not any(word in known for known in words)]
    grade = name_of(text).grade or next(iter(re.findall(r"[一二三四五六七八九]级", text)), None)
    return tuple(dict.fromkeys([*words, *([grade] if grade else [])]))


def covered(named: str, asked: str, own: str = "", *, denied: bool = False) -> float:
    """Share of the words of `named` that `asked` has; of those that `own` does not have, where that is less.

    Args:
        denied: `asked` has to say that it is not so.
    """
    # 未满一年 is a bound, no denial.
    plain = _BOUNDS.sub("", named.strip("，,；;。、 \n"))
    words = _words(re.sub(r"(?:的)?(?:企业|单位|机构|项目)?$", "", plain))
    if not words or len("".join(words)) < 2:
        return 0.0
    if (any(_negated([word], asked) for word in words) if denied else _negated(words, asked)) != (
        polarity(plain)[1] is not denied
    ):
        return 0.0
    apart = [word for word in words if word not in own]
    if not apart:
        return 0.0
    name = _TAILS.sub("", plain)
    if len(name) >= _WHOLE and name in asked and not denied:
        return 1.0
    shares = [sum(_present(word, asked) for word in some) / len(some) for some in (words, apart)]
    return min(shares)


def _present(word: str, asked: str) -> float:
    """How far a question has a word; a name of two words may have another one in its middle (二手加工设备)."""
    halves = (word[:2], word[2:])
    return 1.0 if len(word) == 4 and all(half in asked for half in halves) else presence(word, asked)


def _negated(words: Sequence[str], asked: str) -> bool:
    """Whether the question denies them: 不是劳务派遣单位, 没有拖欠工资."""
    said = next((word for word in words if word in asked), None)
    if said is None:
        return False
    before = asked[: asked.find(said)]
    return re.search(r"(?:不是|并非|不属于|没有?|从未|未曾?|无)[^，,。;；?？]{0,4}$", before) is not None


def opposed(asked: str, stated: str) -> str:
    """What a question says of where something is that a rule has the other way round (本市, 市外), else ""."""
    for outside, inside in ((_OUTSIDE, _INSIDE), (_INSIDE, _OUTSIDE)):
        said = inside.search(asked)
        if said is not None and outside.search(stated) and not outside.search(asked) and not inside.search(stated):
            return said[0]
    return ""


def share_said(named: str, asked: str) -> float:
    """Share of the words of `named` that `asked` has, whether it says that it is so or not."""
    terms = (term.text for term in content_terms(named) if not term.weak)
    words = [word for word in terms if word not in _FILLER and word not in _PROMISED and not word.isdigit()]
    return sum(_present(word, asked) for word in words) / len(words) if words else 0.0
