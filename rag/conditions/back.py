"""Questions back to the user, each with what follows from the answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.quantities import Comparison
from rag.conditions.ask import bound_words, value_words
from rag.conditions.assess import Assessed
from rag.conditions.model import Condition, ConditionKind, Finding, Test, Truth
from rag.conditions.names import name_of
from rag.conditions.wording import metric_words, paid_words, quotes_of
from rag.verify import Quote


@dataclass(frozen=True, slots=True)
class AskBack:
    """A question to the user with what follows from each answer.

    Attributes:
        outcomes: one Chinese phrase an answer: 投入5000万元(含)以上:可以申报.
        options: answers to offer as buttons; empty where a figure is asked.
        quotes: what the outcomes rest on.
    """

    question: str
    outcomes: tuple[str, ...]
    options: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()

    @property
    def text(self) -> str:
        """Question and outcomes in one line."""
        return f"{self.question}({';'.join(self.outcomes)})" if self.outcomes else self.question


def _scope_question(condition: Condition, finding: Finding, quotes: tuple[Quote, ...]) -> AskBack | None:
    """您说的营收520亿元,是制造业业务年营业收入吗: where the figure is there, but perhaps counted another way."""
    if not finding.related or condition.test is None:
        return None
    said = finding.reason.split(",")[0].removeprefix("您说的是")
    bound = bound_words(condition.test)
    verdict = {Truth.MEETS: "够", Truth.FAILS: "不够", Truth.UNKNOWN: "还不能确定"}[finding.literal]
    question = f"您说的{said},是{metric_words(condition.test)}吗?"
    outcomes = (f"是:要求{bound},{verdict}", f"不是:要另给{metric_words(condition.test)},再看是否{bound}")
    return AskBack(question, outcomes, ("是", "不是"), quotes)


def _way_question(condition: Condition, finding: Finding, quotes: tuple[Quote, ...]) -> AskBack | None:
    """营业收入是以集团汇总统计,还是只以…统计: where each way has its own requirement, and none is chosen."""
    if finding.ask:
        return None
    ways = [option for option in condition.options if option.premise is not None]
    others = [option for option in condition.options if option.premise is None and option.test is None]
    if not ways or not others or ways[0].premise is None:
        return None
    premise = ways[0].premise.name
    outcomes = (f"{premise}:要求{ways[0].name}", f"{others[0].name}:不看这个占比")
    return AskBack(f"{premise},还是{others[0].name}?", outcomes, (premise, others[0].name, "不清楚"), quotes)


def level_question(possible: Sequence[Assessed]) -> AskBack | None:
    """是哪级: where only the level of a title is open."""
    titles = [one.open[0][0] for one in possible if len(one.open) == 1 and one.open[0][1].related]
    cores = {name_of(condition.name).core for condition in titles}
    if len(titles) != len(possible) or len(titles) < 2 or len(cores) != 1 or not all(c.level for c in titles):
        return None
    outcomes = tuple(f"{c.level}:符合{paid_words(one)}" for c, one in zip(titles, possible, strict=True))
    levels = tuple(condition.level or "" for condition in titles)
    quotes = tuple(dict.fromkeys(quote for one in possible for quote in quotes_of(one)))
    return AskBack(f"{cores.pop()}是哪级的?", outcomes, (*levels, "不清楚"), quotes)


def kinds_question(possible: Sequence[Assessed]) -> AskBack | None:
    """属于哪一种: where each benefit has one open condition of its own that the others do not have."""
    names: list[str] = []
    for one in possible:
        others = {c.name for other in possible if other is not one for c, _ in other.open}
        own = [c for c, _ in one.open if c.name not in others and one.owns(c) and c.test is None and not c.options]
        if len(own) != 1:
            return None
        names.append(own[0].name)
    quotes = tuple(dict.fromkeys(quote for one in possible for quote in quotes_of(one)))
    if level_question(possible) is not None:
        return None
    return AskBack(f"属于下列哪一种:{'、'.join(names)},还是都不是?", (), (*names, "都不是", "不清楚"), quotes)


def question_for(
    condition: Condition, group: Sequence[Assessed], possible: Sequence[Assessed], *, last: bool
) -> AskBack:
    """The question for one fact; a category with what it means for the bound."""
    owner = next(one for one in possible if any(c == condition for c, _ in one.open))
    quotes = quotes_of(owner)
    finding = next(f for c, f in owner.open if c == condition)
    told = _scope_question(condition, finding, quotes) or _way_question(condition, finding, quotes)
    if told is not None:
        return told
    general = [one for one in group if one.category is None and one.size is not None]
    sized = owner.size
    if condition.options and condition.kind is ConditionKind.INDUSTRY and general and sized is not None:
        low = general[0].size
        outcomes = (_category_outcome("属于", sized), _category_outcome("都不是", low) if low else "")
        options = (*(option.name for option in condition.options), "都不是", "不清楚")
        both = tuple(dict.fromkeys((*quotes, *quotes_of(general[0]))))
        return AskBack(condition.question, tuple(filter(None, outcomes)), options, both)
    return ask_about(condition, quotes, last=last)


def _category_outcome(head: str, size: tuple[Condition, Finding]) -> str:
    test, truth = size[0].test, size[1].truth
    bound = f"{metric_words(test)}{_low_words(test)}" if test is not None else ""
    enough = {Truth.MEETS: ",够", Truth.FAILS: ",不够", Truth.UNKNOWN: ""}[truth]
    return f"{head}:要求{bound}{enough}"


def _low_words(test: Test) -> str:
    return bound_words(replace(test, upper=None, upper_op=None))


def ask_about(condition: Condition, quotes: tuple[Quote, ...], *, last: bool) -> AskBack:
    """A question with its two outcomes; `last` where nothing else is open."""
    yes, no = ("可以申报", "不够申报标准") if last else ("够", "不够")
    test = condition.test
    if condition.options and condition.options[0].test is not None:
        test = condition.options[0].test
    if test is not None and condition.kind is not ConditionKind.FIRST_TIME:
        return AskBack(condition.question, _bound_outcomes(test, yes, no), (), quotes)
    if condition.options:
        options = (*(option.name for option in condition.options), "都不是", "不清楚")
        outcomes = (f"属于其中之一:{yes}", "都不是:不符合" if not condition.open_list else "都不是:要向受理部门确认")
        return AskBack(condition.question, outcomes, options, quotes)
    good, bad = ("没有", "有") if condition.negative else ("是", "不是")
    yes = yes if last else "符合"
    return AskBack(condition.question, (f"{good}:{yes}", f"{bad}:不符合"), (good, bad, "不清楚"), quotes)


def _bound_outcomes(test: Test, yes: str, no: str) -> tuple[str, str]:
    name = re.sub(r"^.*项目", "", test.metric) or "数额"
    bound = value_words(test.value, test.unit, test.kind)
    if test.upper is not None:
        return f"{name}{bound_words(test)}:{yes}", f"不在这个范围:{no}"
    if test.op is Comparison.AT_LEAST:
        return f"{name}{bound}(含)以上:{yes}", f"不到:{no}"
    if test.op is Comparison.MORE_THAN:
        return f"{name}超过{bound}:{yes}", f"不超过:{no}"
    return f"{name}{'不超过' if test.op is Comparison.AT_MOST else '不足'}{bound}:{yes}", f"超出:{no}"
