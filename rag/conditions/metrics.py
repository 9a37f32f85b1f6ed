"""What a phrase measures: a concept (营业收入) under any of its names, with the scope it is measured over (制造业).

Concepts and their names are in `metrics.txt`. A scope is a set of words; those that only say when or how a figure is
counted (年度, 实际, 总) do not belong to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from rag.conditions.names import Likeness, compare

_BRACKETS = re.compile(r"[()（）\[\]“”\"'‘’《》<>「」、,,;:。·\s]")
_PLAIN = re.compile(
    r"^在[\u4e00-\u9fff]{2,4}(?=[交缴纳])|上一?年度?|去年|今年|本年度?|当年|年度|每年|年末|年均|全年|近[一二三两\d]+年|首次|实际|总[数额共]?|金额|合计|累计|业务|数额|人数|"
    r"(?<!人)才(?!能)|同比|环比|(?<!同|环|占)比(?=上?涨|增|去)|额度?|达到|企业|公司|单位|我[们司]?|本企业|年(?!限)|其|该|单个|为|的|约|有|应当?|须|可以|只以|口径|统计|人员"
)
_PROJECT = re.compile(r"^(?P<of>.*?)(?:投资|建设)?项目(?:的)?(?=.)")
_SHARE = re.compile(r"^(?P<part>.*?)占(?P<whole>.*?)(?:的)?(?:比重|比例|比率|份额|占比|比)?$")
_SHARE_WORDS = re.compile(r"(?:所占)?(?:的)?(?:比重|比例|比率|份额|占比|占)$")
_WHOLE = frozenset(("集团", "合并", "汇总"))
_PAST = "此前"
"""Begins a metric that says what was reached in earlier years."""


class Scope(StrEnum):
    """How the scope that is said lies to the scope that is asked."""

    SAME = "same"
    UNSAID = "unsaid"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured.

    Attributes:
        concept: its name in `metrics.txt`, None for a metric that has no entry there.
        scope: words that narrow it (制造业, 设备, 软件).
        whole: for shares, the concept it is a share of (研发投入占营业收入), "" where it is not said; else None.
        past: it was reached in earlier years.
        project: the kind of project it is measured for (技术改造), "" where none is named.
    """

    concept: str | None
    scope: frozenset[str]
    whole: str | None = None
    past: bool = False
    project: str = ""


@lru_cache(maxsize=1)
def _concepts() -> tuple[tuple[str, str], ...]:
    """Names with their concept, longest first."""
    pairs = []
    lines = (Path(__file__).parent / "metrics.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        concept, _, names = line.partition(":")
        if names and not line.startswith("#"):
            pairs += [(name, concept) for name in names.split()]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@lru_cache(maxsize=4096)
def metric_of(words: str, *, share: bool = False) -> Metric:
    """What `words` measure; `share` where the figure is a part of a whole."""
    text = _BRACKETS.sub("", words)
    past = text.startswith(_PAST)
    text = text.removeprefix(_PAST)
    if not share:
        return _single(text, past=past)
    match = _SHARE.match(text)
    part = match["part"] if match else _SHARE_WORDS.sub("", text)
    whole = _single(match["whole"]).concept or match["whole"] if match else None
    single = _single(part, past=past)
    return replace(single, whole=whole or "")


def _single(text: str, *, past: bool = False) -> Metric:
    project = _PROJECT.match(text)
    text = text[project.end() :] if project else text
    at, name, concept = _concept_in(text)
    rest = text[:at] + text[at + len(name) :] if concept else text
    return Metric(concept, _tokens(rest), past=past, project=project["of"] if project else "")


def _concept_in(text: str) -> tuple[int, str, str | None]:
    """The concept whose name stands last in `text` (企业研发投入), with its place and name."""
    best: tuple[int, str, str | None] = (len(text), "", None)
    end = -1
    for name, concept in _concepts():
        at = text.rfind(name)
        if at >= 0 and at + len(name) > end:
            best, end = (at, name, concept), at + len(name)
    return best


def _tokens(text: str) -> frozenset[str]:
    import rjieba

    words = rjieba.cut(_PLAIN.sub(" ", text))
    return frozenset(word for word in words if word.strip() and word not in ("在", "和", "及", "与", "或", "以", "按"))


def same_concept(asked: Metric, said: Metric) -> bool:
    """Whether both measure the same thing, whatever the scope."""
    if (asked.whole is None) != (said.whole is None) or asked.past != said.past:
        return False
    if asked.whole and said.whole and asked.whole != said.whole:
        return False
    if asked.project and said.project and compare(asked.project, said.project) is not Likeness.SAME:
        return False
    if asked.whole is not None and (said.concept is None or asked.concept is None):
        # 占比45%: what it is a share of goes without saying where the words do not contradict.
        return said.concept is None or bool(asked.scope & said.scope)
    if asked.concept is None or said.concept is None:
        return asked.concept == said.concept and bool(asked.scope) and _covered(asked.scope, said.scope)
    return asked.concept == said.concept


def compare_scope(asked: Metric, said: Metric, *, context: str = "") -> Scope:
    """How the scope that is said lies to the one asked; words of `context` go without saying."""
    extra = {token for token in said.scope if token not in context and not _covered({token}, asked.scope)}
    extra = {token for token in extra if not _names_project(token, asked.project)}
    if asked.scope and _covered(asked.scope, said.scope):
        extra -= _WHOLE  # 集团在杭制造业营收 is counted over the group, as far as it is in scope
    if extra:
        return Scope.OTHER
    return Scope.SAME if _covered(asked.scope, said.scope) else Scope.UNSAID


def _names_project(token: str, project: str) -> bool:
    return bool(project) and (token in project or compare(project, token) is Likeness.SAME)


def _covered(tokens: frozenset[str] | set[str], by: frozenset[str]) -> bool:
    """Whether every one of `tokens` stands in `by`, if only in its short form (杭 for a city's name)."""
    return all(any(token.startswith(other) or other.startswith(token) for other in by) for token in tokens)
