"""Which words of a text name a subject, and where they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.lexicon import Lexicon
from rag.places import places_in
from rag.terms import content_terms, folded

LEVELS = {
    "国家级": re.compile(r"国家级|国家(?=[、和或])|国家认定|国家里?评"),
    "省级": re.compile(r"省级|省里?认定|省里?评|(?<=[级、和或])省(?=[、和或市])"),
    "市级": re.compile(r"市级(?!财政|留存|财力|补助|部门|层面|承担)|市里?认定|市里?评"),
    "区级": re.compile(r"区级|县级|区县级|区里?认定"),
}
"""Certification levels with the words that name them."""

_SCALE = re.compile(r"^(?:国|省|市|区|县|国家)[级内外里]|级$")
# Words by which a person tells of a firm; they are the subject of hardly any question.
_TELLING = frozenset(
    (
        "员工 人员 总部 集团 老板 领导 经理 财务 会计 电话 时候 去年底 年底 客户 同事 前年 去年 上次 上面 第一种 第二种 第三种 "
        "情况 种情况 刚才 说的 那个 比例 封顶 正事 问题 话题 小时 门 税 档 一档 那档 这档 这次 顺便 咱们 他 她 人家 家 真 假 "
        "突破 达到 超过 达标 实际 门槛 前提 标准 区别 结果 扩大 提高 增加 补偿 返还 津贴 落户 办公室 窗口 组长 副组长 主任 成员 专班 "
        "钱 款 事儿 事项 政策 到期 效力 牵头 到账 一次 分几年 首次 亿 万 用 行 要是"
    ).split()
)


def subject_words(text: str, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """Words of `text` that may name a subject: no places, levels, sums or words of the trade."""
    ignored = [place.name for place in places_in(text, lexicon.regions if lexicon is not None else ())]
    terms = content_terms(text, ignore=ignored)
    return tuple(term.text for term in terms if not term.weak and term.text not in _TELLING and not _SCALE.search(term.text))


def count_subject_words(text: str, lexicon: Lexicon | None) -> int:
    """How many subject words `text` has; those that the index knows where it knows any."""
    words = subject_words(text, lexicon)
    return sum(lexicon.knows(word) for word in words) if lexicon is not None else len(words)


def span_of(text: str, words: Iterable[str]) -> tuple[int, int] | None:
    """The stretch of `text` from the first to the last of the subject words, with the weak noun behind it."""
    plain = folded(text)
    if len(plain) != len(text):
        plain = text
    places = [(plain.find(word), len(word)) for word in words]
    found = [(at, at + size) for at, size in places if at >= 0]
    if not found:
        return None
    found.sort()
    start, end = found[0]
    for low, high in found[1:]:
        # Words that stand apart are of another phrase; the last one is next to what is asked.
        if low > end + 2 or re.search(r"[,。?!;里中]", plain[end:low]):
            start = low
        end = max(end, high)
    noun = re.match(r"[”\"」]?(?:企业|平台|工厂|基金|项目|机构|中心|园区|车间|产品|集群|基地|人才|单位|公司)+", text[end:])
    end += len(noun[0]) if noun else 0
    return (start, end) if start < end else None


def levels_in(text: str) -> tuple[str, ...]:
    """Certification levels that `text` names and does not deny (不是国家级,是省级)."""
    plain = re.sub(r"(?<!是)不是(?:国家|省|市|区|县)级|非(?:国家|省|市|区|县)级", " ", text)
    return tuple(level for level, pattern in LEVELS.items() if pattern.search(plain))
