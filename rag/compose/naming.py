"""Whether the rule that answers names what the question names: 绿色工厂 is asked, 绿色商场 is what the rule pays.

Names of titles, bodies, objects and activities are compounds. Where a rule has one half of such a name and stands
without the other, it is for a sibling of what is asked about. Everyday words differ from those of a policy as well, but
seldom in one half of a compound: only nouns side by side are compared, with their synonyms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

from index.store import IndexReader
from rag.compose.draft import ANSWERED, Draft
from rag.known_names import name_untold
from rag.lexicon import heard_in
from rag.select import lead_quotes
from rag.subject import Subject
from rag.terms import folded, presence, weak_words
from rag.understand import Question, Want
from rag.understand.segments import units_of

_MISSING = 0.35
"""Presence below which a text does not have a word, nor another word for it."""
_NAMING = frozenset(("n", "nz", "nt", "vn", "b", "an", "j", "eng", "nrt", "nr", "l", "i", "a"))
_HEADS = frozenset(("v",))
"""Parts of speech that end a name behind a noun: 碳足迹认证, 残疾人就业."""
_OTHERWISE = frozenset((Want.LIST, Want.CONDITION, Want.CHECK, Want.GOAL, Want.VALIDITY))
"""Kinds of question whose words are told apart from those of a rule by other means."""
_TITLES = frozenset(("工厂", "园区", "基地", "中心", "平台"))
"""Words of the trade that make titles with the word before them."""
_NO_NAME = re.compile(
    r"[\d一二三四五六七八九十百千万亿%.]+|[省市县区][里内]?|[省市县区里].{1,2}|.*[里外]"
    r"|全国|国内|本地|当地|外地|全市|全省|时候|老板|客户|情况|问题|方面|部分|一半|名单|证书|牌子|称号|荣誉|资格|年度|大奖|好处|成本|数量|规模|总额|头一回|第一次|各奖|各补|子公司|母公司|名义|单个|单项|每个|全年|合计"
)
_SECTOR = re.compile(
    r"(?:规模以上|规上|限额以上|限上)的?(?P<of>工业|服务业|制造业|建筑业|商贸业?|批发业?|零售业?|餐饮业?|农业)"
)
"""A class of enterprises by size, in one sector: the sector tells it from its siblings."""
_SAME_SECTOR = {
    "工业": ("工业", "制造业"),
    "制造业": ("制造业", "工业"),
    "商贸业": ("商贸",),
    "零售业": ("零售",),
    "批发业": ("批发",),
}
_TRADE = re.compile(r"(?:做|搞|干|从事|生产)[^,，。?]{2,12}的(?=[,，。?]|$)")
"""做芯片装备的: what the enterprise does, which is not what it asks about where it names that as well."""
_BEFORE_NAME = re.compile(r"^(?:[省市县区]|国家级?|[省市县区]级)")


def unnamed(asked: str, phrases: Sequence[str], told: str) -> str:
    """The first name of a question of which a text has one half only; "" where there is none.

    Args:
        asked: the part of the question that asks, in simplified characters.
        phrases: runs of the terms of the question's subject, folded.
        told: the clauses that the answer rests on, with what stands above them.
    """
    plain = folded(told)

    def present(word: str) -> float:
        # Of Latin words the abbreviations in capitals are names (DCMM); others are plain English.
        if word.isascii() and word.upper() not in asked:
            return 1.0
        share = presence(word, plain)
        return 1.0 if share < _MISSING and heard_in(word, plain) else share

    return unnamed_in(asked, phrases, present)


def unnamed_in(asked: str, phrases: Sequence[str], present: Callable[[str], float]) -> str:
    """`unnamed`, by how far (0..1) the text has a word."""
    asking = folded(" ".join(unit.text for unit in units_of(asked) if unit.asks))
    sector = _SECTOR.search(asked)
    if sector is not None and all(present(word) < _MISSING for word in _SAME_SECTOR.get(sector["of"], (sector["of"],))):
        return sector[0]
    named = [phrase for phrase in phrases if _is_named(phrase)]
    # 我们是做…的,能补多少: what asks names nothing itself.
    trade = folded(" ".join(_TRADE.findall(asked)))
    meant = [phrase for phrase in named if phrase in asking]
    meant = meant or [phrase for phrase in named if phrase not in trade] or named
    for phrase in meant:
        words = _words(phrase)
        for (first, opens), (second, closes) in pairwise(words):
            if not opens or not (closes or _heads(second)):
                continue
            has, lacks = sorted((first, second), key=present, reverse=True)
            if present(lacks) < _MISSING <= present(has) and has not in weak_words() and (closes or lacks == first):
                return _compound(words, first)
    return ""


def _compound(words: Sequence[tuple[str, bool]], first: str) -> str:
    """The naming words that stand side by side around one of them."""
    at = next(number for number, (word, _) in enumerate(words) if word == first)
    start, end = at, at
    while start > 0 and words[start - 1][1]:
        start -= 1
    while end + 1 < len(words) and (words[end + 1][1] or _heads(words[end + 1][0])):
        end += 1
    return "".join(word for word, _ in words[start : end + 1])


@lru_cache(maxsize=4096)
def _words(phrase: str) -> tuple[tuple[str, bool], ...]:
    """The words of a phrase, and whether each may be part of a name."""
    import rjieba

    return tuple((word, _names(word, tag)) for word, tag in rjieba.tag(_BEFORE_NAME.sub("", phrase)))


@lru_cache(maxsize=4096)
def _heads(word: str) -> bool:
    """Whether a word names what is done with what the noun before it names."""
    import rjieba

    tags = [tag for _, tag in rjieba.tag(word)]
    return len(word) > 1 and len(tags) == 1 and tags[0] in _HEADS


def _names(word: str, tag: str) -> bool:
    import rjieba

    if len(word) < 2 or _NO_NAME.fullmatch(word) or tag not in _NAMING:
        return False
    # 订单|收茶|鲜叶: what the dictionary does not have may be cut across two words.
    known = rjieba.has_word(word) or word.isascii()
    return known and (word in _TITLES or word not in weak_words())


_PER = re.compile(
    r"(?:多少|几)(?:钱|元|块|毛|角|分)?(?:每|一)(?P<a>平方米|亩|吨|度|千瓦时|千瓦|公里|立方米?|辆|架次|标箱)"
    r"|(?:每|一)(?P<b>平方米|亩|吨|度|千瓦时|千瓦|公里|立方米?|辆|架次|标箱)[^,。?]{0,6}(?:补|奖|给|贴)(?:多少|几)"
)
_SAME_MEASURE = {
    "度": ("度", "千瓦时"),
    "千瓦时": ("度", "千瓦时"),
    "立方": ("立方",),
    "平方米": ("平方米", "平米", "㎡"),
}


def other_measure(asked: str, told: str) -> str:
    """The measure of which a sum is asked (补多少一平方米) where a text counts in no such measure; else ""."""
    found = _PER.search(asked)
    if found is None:
        return ""
    measure = found["a"] or found["b"]
    names = _SAME_MEASURE.get(measure.removesuffix("米") if measure.startswith("立方") else measure, (measure,))
    return "" if any(name in told for name in names) else measure


def other_subject(reader: IndexReader, question: Question, subject: Subject, draft: Draft) -> str:
    """The name in a question that no clause of its answer has, where the question names nothing else; else "".

    An answer that is about a part of what is asked is doubted. Only questions for what is given are looked at, and
    those that tell no figures: a rule that fits the figures is meant, whatever words tell the story.
    """
    told = _told(reader, draft)
    asked = question.focus or question.text
    untold = name_untold(asked, _of_whole(reader, draft) if Want.VALIDITY in question.wants else told)
    if untold and not draft.calculations:
        return untold
    about_money = question.wants & {Want.AMOUNT, Want.SUPPORT} and not question.wants & _OTHERWISE
    said = question.situation
    if draft.status != ANSWERED or not about_money or draft.calculations or said.measures or said.received:
        return ""
    name = unnamed(asked, subject.phrases, told)
    if name and not any(_is_named(phrase) for phrase in subject.phrases if name not in phrase):
        return name
    if name:
        draft.doubt(f"文件没有提到“{name}”，最接近的规定是：")
    measure = other_measure(asked, told)
    if measure:
        draft.doubt(f"文件没有按{measure}计算的标准，最接近的规定是：")
    return ""


def _is_named(phrase: str) -> bool:
    return any(naming for _, naming in _words(phrase))


def _told(reader: IndexReader, draft: Draft) -> str:
    """The clauses that an answer rests on, with titles, headings and leads."""
    told: list[str] = []
    for quote in draft.quotes:
        clause = quote.clause
        told += [reader.facts()[quote.policy_id].title, *clause.trail, clause.heading or "", clause.text]
        told += [lead.text for lead in lead_quotes(reader, quote.policy_id, clause)]
    return "\n".join(dict.fromkeys(told))


def _of_whole(reader: IndexReader, draft: Draft) -> str:
    """All clauses of the policies that an answer rests on: how long one holds is said of everything in it."""
    policies = dict.fromkeys(quote.policy_id for quote in draft.quotes)
    return "\n".join(clause.text for policy_id in policies for clause in reader.clauses(policy_id))
