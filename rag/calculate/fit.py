"""Which of the facts said fits which rule: likeness of words, levels, and what an amount measures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt

_RUN = re.compile(r"[\u3400-\u9fffA-Za-z0-9]+")
_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z]+|[0-9]+")
_LISTED = "(?:目录|名单|名录|清单)"
# Levels exclude each other inside a ladder only; 省级 and 国内 may stand in one name.
_LADDERS: tuple[dict[str, str], ...] = (
    {
        "国家": r"国家级|国家(?=认定|专项|[、和或]|的)|国家(?=[^级]{0,2}$)|国字号",
        "省": r"省级|省认定|省里|省(?=[、和或]|专项|财政)",
        "市": r"市级|市认定|市里",
        "区": r"区级|县级|区县级",
    },
    {"国际": r"国际|全球|世界", "国内": r"国内|全国首|国产", "省内": r"省内|全省首", "市内": r"市内|全市首"},
    {name: rf"{name}等" for name in "特一二三四"},
    {name: rf"{name}(?:级|等|类)" for name in "甲乙丙丁"},
    {name: rf"(?<![A-Za-z0-9]){name}(?:级|类|档|等|轮)" for name in "ABCDE"},
    {f"{n}A": rf"{n}A" for n in "12345"} | {"5A": r"5A|五A", "4A": r"4A|四A", "3A": r"3A|三A"},
    {"Ⅰ期": "Ⅰ期|(?<!I)I期", "Ⅱ期": "Ⅱ期|(?<!I)II期", "Ⅲ期": "Ⅲ期|(?<!I)III期", "Ⅳ期": "Ⅳ期|IV期"},
    {name: f"{name}星" for name in "一二三四五"},
    {"优": "优秀", "良": "良好", "合格": "合格"},
    {"金": "金奖", "银": "银奖", "铜": "铜奖"},
    {"大": "大型", "中": "中型|中小", "小": "小型|中小|小微", "微": "微型|小微"},
    {"博士": "博士(?!后)", "硕士": "硕士", "本科": "本科", "大专": "大专|专科"},
    {
        "内": rf"{_LISTED}(?:之|以)?(?:内|里)|(?<![未没不有被])(?:列入|纳入)",
        "外": rf"{_LISTED}(?:之|以)?外|(?:[未没不]|没有)被?(?:列入|纳入)|[不没]在{_LISTED}",
    },
)
_TOPICS: tuple[re.Pattern[str], ...] = tuple(
    map(
        re.compile,
        (
            r"营收|营业收入|收入|产值|销售|营业额|流水",
            r"投入|投资|投了|总投|固投|支出|购置|建设|费用|开支|成本|采购|花(?=[了费掉 ]|$)|经费|设备款",
            r"损失|亏|坏账|不良",
            r"贷款|借款|贷了|借了|授信|融资",
            r"利息",
            r"租金|房租|租",
            r"成交|合同|交易|转让|签",
            r"工资|年薪|薪酬|薪",
            r"纳税|(?<!含)税(?![前后])",
            r"保费|保险费",
            r"注册资本|实缴",
            r"外资|进出口|出口",
            r"资助|补偿|补助|奖励|奖金|补贴|拨款|配套|上级|省里|国家给|省给",
            r"占比|比重|比例",
            r"担保额|担保发生额",
            r"保额|保险金额",
        ),
    )
)


def topics(words: str) -> frozenset[int]:
    """What the words measure, as numbers of `_TOPICS`; empty where it is unknown."""
    return frozenset(at for at, pattern in enumerate(_TOPICS) if pattern.search(words))


def conflicting(one: str, other: str) -> bool:
    """Whether two names measure different things, as far as it is known: 营收 and 租金."""
    mine, yours = topics(one), topics(other)
    return bool(mine and yours and not mine & yours)


_WHOLE = re.compile(r"总投|投资总|总的?投资|固投|一共投|合计投|总额")
_INVESTED = re.compile(r"固定资产投资|总投资|投资总额|项目投资|投资额|实际投资|计划投资")
_EQUIPMENT = re.compile(r"设备|软件|装修|研发|技术")


def is_whole(said: str, words: str) -> bool:
    """Whether `said` names all that was invested, and `words` ask for that: 总投6200万 for 固定资产投资."""
    return bool(_WHOLE.search(said) and _INVESTED.search(words)) and not _EQUIPMENT.search(words)


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters; a Latin word or a number is one character (Ⅱ期)."""
    runs = (_TOKEN.findall(run) for run in _RUN.findall(unicodedata.normalize("NFKC", text)))
    return frozenset(one + other for run in runs for one, other in pairwise(run))


def likeness(one: str, other: str) -> float:
    """Share (0..1) of the shorter text's character pairs that the other has; 0 for texts without pairs."""
    mine, yours = pairs(one), pairs(other)
    least = min(len(mine), len(yours))
    return len(mine & yours) / least if least else 0.0


@lru_cache(maxsize=4096)
def levels(text: str) -> frozenset[tuple[int, str]]:
    """Levels named in `text`: (ladder, level)."""
    return frozenset(
        (at, name) for at, ladder in enumerate(_LADDERS) for name, words in ladder.items() if re.search(words, text)
    )


def level_conflict(one: str, other: str) -> bool:
    """Whether both name a level of one ladder, and none in common."""
    return _conflict(levels(one), levels(other))


def _conflict(mine: frozenset[tuple[int, str]], yours: frozenset[tuple[int, str]]) -> bool:
    for ladder in {at for at, _ in mine} & {at for at, _ in yours}:
        if not {name for at, name in mine if at == ladder} & {name for at, name in yours if at == ladder}:
            return True
    return False


def rank(text: str) -> tuple[int, int]:
    """Position of the highest level in `text` on its ladder, (ladder, place from the top); (-1, 0) without one."""
    for at, ladder in enumerate(_LADDERS):
        for place, words in enumerate(ladder.values()):
            if re.search(words, text):
                return at, place
    return -1, 0


def scores(texts: Sequence[str], asked: str) -> list[float]:
    """How far `asked` has the pairs that tell each of `texts` from the others; pairs of all texts count little.

    Divided by the root of a text's weight, so that long texts are not preferred, nor those that say their base.
    """
    each = [pairs(text) for text in texts]
    known = pairs(asked)
    found = []
    for mine in each:
        weights = {pair: 1 / sum(pair in other for other in each) for pair in mine}
        total = sum(weights.values())
        found.append(sum(weight for pair, weight in weights.items() if pair in known) / sqrt(total) if total else 0.0)
    return found


def named(words: Iterable[str], text: str) -> bool:
    """Whether `text` is likely about one of `words`."""
    return any(likeness(word, text) >= 0.5 for word in words if word)


def tells_apart(one: str, other: str, asked: str) -> float:
    """How far `asked` speaks for `one` (above 0) or for `other` (below 0), by the pairs that only one of them has."""
    mine, yours, said = pairs(one), pairs(other), pairs(asked)
    return _weight(mine - yours, said) - _weight(yours - mine, said)


def _weight(own: frozenset[str], said: frozenset[str]) -> float:
    return len(own & said) ** 2 / len(own) if own else 0.0


_ITEM_ENDS = re.compile(r"[、,，；;。（()）]|[和或及与](?=[\u4e00-\u9fff])|等(?![级次])|的")
_ITEM_STARTS = re.compile(
    r"^(?:其中|其(?!他)|对于?|招用|招聘|录用|投保|属于|取得|获得|参加|购买|购置|实施|开展|经|被|为)+"
)
_NEGATED = re.compile(r"(?:不是|没有|没|未|非|不含|除了?|不)[^,，。]{0,3}$")
_STEM = 2
_LONG_ITEM = 3
_QUOTED = re.compile('[“"]([^“”"]{2,})[”"]')


def names_item(own: str, others: str, asked: str) -> bool:
    """Whether `asked` names one of the things listed in `own` (非洲、拉美等新兴市场) that `others` does not have."""
    quoted = _QUOTED.findall(own)
    # 专精特新“小巨人”企业 is named by what stands in quotes, not by the words around it.
    for part in (*quoted, *_ITEM_ENDS.split(own)):
        item = _ITEM_STARTS.sub("", part.strip())
        if len(item) < _STEM or item in others:
            continue
        stem = item[:_STEM]
        spellings = [item] if len(item) < _LONG_ITEM or stem in others else [item, stem]
        if any(_affirmed(words, asked) for words in spellings):
            return True
    return False


def names_whole(own: str, others: str, asked: str) -> bool:
    """Whether `asked` has a whole item of `own`, two characters at least, that `others` has not (受托方)."""
    items = [_ITEM_STARTS.sub("", part.strip()) for part in _ITEM_ENDS.split(own)]
    items = [item for item in items if not re.search(r"\d", item)]  # a size is no name
    return any(len(item) > _STEM and item not in others and _affirmed(item, asked) for item in items)


_NOTHING = re.compile(
    r"(?:^|[,，。;；、])(?P<what>[\u4e00-\u9fff]{2,8}?)(?:[都也]|一个)?(?:没有|为零|是零)(?=$|[,，。;；、])"
)


def has_none(own: str, asked: str) -> bool:
    """Whether `asked` says that there is none of a thing that `own` is for: 空箱没有."""
    return any(match["what"] in own for match in _NOTHING.finditer(asked))


def _affirmed(words: str, asked: str) -> bool:
    return any(not _NEGATED.search(asked[: match.start()]) for match in re.finditer(re.escape(words), asked))


_UNDONE = re.compile(r"[未没无不](?:有|曾)?(?P<what>[\u4e00-\u9fff]{2})")
_NOT_SAID = re.compile(r"(?:没有?|未|无|不|别)[^,，。;；]{0,4}$")


def contradicted(own: str, asked: str) -> bool:
    """Whether `asked` affirms what `own` says is not so: 未报废旧车的 against 报废了4辆旧车."""
    return any(_affirmed_only(match["what"], asked) for match in _UNDONE.finditer(own))


def agrees_undone(own: str, asked: str) -> bool:
    """Whether `asked` denies what `own` says is not so: 未报废旧车的 and 没有旧车报废."""
    for match in _UNDONE.finditer(own):
        said = list(re.finditer(re.escape(match["what"]), asked))
        if said and all(_NOT_SAID.search(asked[: one.start()]) for one in said):
            return True
    return False


def _affirmed_only(words: str, asked: str) -> bool:
    said = list(re.finditer(re.escape(words), asked))
    return bool(said) and not any(_NOT_SAID.search(asked[: match.start()]) for match in said)


_CLASS = r"(?P<{0}>[A-H甲乙丙丁戊]|[一二三四五六七八])"
_CLASS_RANGE = re.compile(
    rf"(?<![A-Za-z0-9第]){_CLASS.format('low')}(?:类|级|档|等)?\s*[至到—–~-]+\s*{_CLASS.format('high')}(?:类|级|档|等)"
)
_CLASS_ONE = re.compile(rf"(?<![A-Za-z0-9第]){_CLASS.format('one')}(?:类|级|档|等)")
_CLASS_ROWS = ("ABCDEFGH", "甲乙丙丁戊", "一二三四五六七八")


def classes(text: str) -> frozenset[str]:
    """Classes that a text names, ranges filled: A类至C类 is A, B and C."""
    found = {match["one"] for match in _CLASS_ONE.finditer(text)}
    for match in _CLASS_RANGE.finditer(text):
        for row in _CLASS_ROWS:
            low, high = row.find(match["low"]), row.find(match["high"])
            if 0 <= low < high:
                found.update(row[low : high + 1])
    return frozenset(found)
