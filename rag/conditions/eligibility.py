"""Answers to 能不能申请, 够不够: a verdict, what each benefit requires, and what to ask, every line with its clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.models import Clause, PolicyId
from index.quantities import Comparison, format_amount
from rag.benefit_at import BenefitAt
from rag.conditions.ask import bound_words, value_words
from rag.conditions.assess import Assessed, assess_all, ladder, quote_in, quote_of
from rag.conditions.judge import judged, overall
from rag.conditions.metrics import metric_of
from rag.conditions.model import Condition, ConditionKind, Finding, Test, Truth
from rag.conditions.names import name_of
from rag.conditions.requirements import sentence_conditions
from rag.sentences import Sentence
from rag.verify import Quote, Statement

if TYPE_CHECKING:
    from rag.understand import Question

LINES = 6
"""Most lines of conditions in one answer."""
QUESTIONS = 3
"""Most questions back."""

_LOWER_OPS = (Comparison.AT_LEAST, Comparison.MORE_THAN)


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


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What is known about whether the enterprise is eligible.

    Attributes:
        verdict: one sentence with what it rests on.
        lines: one a benefit or condition.
        notes: conditions the user did not mention.
    """

    truth: Truth
    verdict: Statement
    lines: tuple[Statement, ...] = ()
    ask_back: tuple[AskBack, ...] = ()
    notes: tuple[Statement, ...] = ()


def eligibility(question: Question, benefits: Sequence[BenefitAt]) -> Eligibility | None:
    """Whether the enterprise of the question is eligible for `benefits`; None where they state no condition."""
    group = assess_all(question, benefits)
    if not group:
        return None
    group = ladder(group)
    met = [one for one in group if one.truth is Truth.MEETS]
    if met:
        return _eligible(met[-1])
    possible = [one for one in group if one.truth is Truth.UNKNOWN and not _denied_category(one)]
    if not possible:
        return _not_eligible(group)
    return _depends(group, possible)


def eligibility_from_sentence(
    question: Question, clause: Clause, sentence: Sentence, *, policy_id: PolicyId = ""
) -> Eligibility | None:
    """Whether the enterprise meets what one sentence requires; None where the sentence requires nothing."""
    text = clause.text[sentence.start : sentence.end]
    conditions = sentence_conditions(text, clause)
    if not conditions:
        return None
    checks = judged(conditions, question.situation)
    truth = overall(finding for _, finding in checks)
    quote = Quote(policy_id, clause, sentence.start, sentence.end)
    failed = [check for check in checks if check[1].truth is Truth.FAILS]
    met = [check for check in checks if check[1].truth is Truth.MEETS]
    unknown = [check for check in checks if check[1].truth is Truth.UNKNOWN and check[1].applies]
    if failed:
        verdict = _sentence_of("不够" if failed[0][0].test else "不符合", [_shortfall(*failed[0])])
    elif met and not unknown:
        verdict = _sentence_of("够" if met[0][0].test else "符合", [finding.reason for _, finding in met])
    elif met:
        verdict = f"{'、'.join(f.reason for _, f in met)};还要看{_names(unknown)}。"
    else:
        verdict = f"要看{_names(unknown)}。"
    asked = tuple(_ask(condition, (quote,), last=len(unknown) == 1) for condition, _ in unknown[:QUESTIONS])
    notes = tuple(
        Statement(f"还要求:{condition.name}。", (quote,)) for condition, _ in unknown if truth is not Truth.UNKNOWN
    )
    return Eligibility(truth, Statement(verdict, (quote,)), (), asked if truth is Truth.UNKNOWN else (), notes)


def _sentence_of(head: str, reasons: Sequence[str]) -> str:
    return f"{head}。{';'.join(dict.fromkeys(reasons))}。"


def _names(checks: Sequence[tuple[Condition, Finding]]) -> str:
    return "、".join(dict.fromkeys(_fact(condition) for condition, _ in checks[:QUESTIONS]))


def _metric(test: Test) -> str:
    """项目实际投入（设备和软件） of 技术改造投资项目实际投入（设备和软件）."""
    return re.sub(r"^.*?(?:投资)?(?=项目.)", "", test.metric) or "数额"


def _key(condition: Condition) -> str:
    """Facts with one key are asked once."""
    if condition.test is not None and condition.kind is not ConditionKind.FIRST_TIME:
        metric = metric_of(condition.test.metric, share=condition.kind is ConditionKind.SHARE)
        return f"{condition.kind}{metric.concept or condition.test.metric}"
    return _fact(condition)


def _fact(condition: Condition) -> str:
    """What is to be known, as a noun: 项目实际投入, 项目类别."""
    if condition.kind is ConditionKind.FIRST_TIME:
        return "是不是首次"
    if condition.test is not None:
        return _metric(condition.test)
    if condition.options and condition.kind is ConditionKind.INDUSTRY:
        return "项目类别" if _is_category(condition) else f"是否属于{condition.name}"
    if condition.options and condition.options[0].test is not None:
        return condition.options[0].test.metric
    if condition.kind in (ConditionKind.TITLE, ConditionKind.LEVEL):
        return f"是不是{condition.name}"
    return f"是否{condition.name}"


def _is_category(condition: Condition) -> bool:
    return condition.name.endswith(("类别", "类型", "类"))


def _eligible(one: Assessed) -> Eligibility:
    reasons = _met_reasons(one)
    head = "够" if one.size is not None else "符合条件"
    quotes = _quotes(one)
    return Eligibility(Truth.MEETS, Statement(_sentence_of(head, reasons), quotes), (_line(one),))


def _met_reasons(one: Assessed) -> list[str]:
    """Reasons of the conditions that are met; figures first, the kind of project only where nothing else is known."""
    met = [(c, f) for c, f in one.checks if f.truth is Truth.MEETS and f.applies]
    met.sort(key=lambda check: check[0].test is None)
    told = [f.reason for c, f in met if not c.name.endswith("项目")]
    return told or [f.reason for _, f in met]


def _quotes(one: Assessed) -> tuple[Quote, ...]:
    own = quote_in(one.at.benefit.quote, one.at.clause, one.at.policy_id)
    others = [quote_of(condition, one.at) for condition, _ in one.checks if condition.path != one.at.clause.path]
    beside = [quote_of(c, one.at) for c, _ in one.checks if c.path == one.at.clause.path and c.text not in own.text]
    return tuple(dict.fromkeys((own, *beside, *others)))


def _denied_category(one: Assessed) -> bool:
    """The user has said not to belong to a category the benefit is for: the other ones of its list stay possible."""
    category = one.category
    return category is not None and category[1].truth is Truth.UNKNOWN and "不是" in category[1].reason


def _not_eligible(group: Sequence[Assessed]) -> Eligibility:
    """The condition that fails by the least: the lowest bound, the nearest title."""
    failing = [one for one in group if one.failed]
    sized = [one for one in failing if one.size is not None and one.size[1].truth is Truth.FAILS]
    general = [one for one in sized if one.category is None]
    nearest = (general or sized or failing or list(group))[0]
    check = nearest.size if nearest in sized else nearest.failed[0] if nearest.failed else nearest.open[0]
    assert check is not None
    others = [one for one in group if one.category is not None and one is not nearest]
    subject = f"{_general_name(nearest)}" if others else ""
    verdict = _sentence_of("不够" if check[0].test else "不符合", [_shortfall(*check, subject=subject)])
    notes = [
        Statement(f"除非{_category_words(one)}:{_requirement(one)}。", _quotes(one))
        for one in others
        if one.size is not None and one.size[1].truth is Truth.MEETS and one.truth is Truth.UNKNOWN
    ]
    return Eligibility(Truth.FAILS, Statement(verdict, _quotes(nearest)), (), (), tuple(notes))


def _general_name(one: Assessed) -> str:
    return "一般项目" if "项目" in one.at.benefit.beneficiary else "一般情形"


def _shortfall(condition: Condition, finding: Finding, *, subject: str = "") -> str:
    """设备和软件投入3000万元,低于一般项目的申报标准5000万元."""
    test = condition.test
    if test is None or condition.kind is ConditionKind.FIRST_TIME:
        return finding.reason
    said = finding.reason.split(",文件要求")[0]
    bound = value_words(test.value, test.unit, test.kind)
    of = f"{subject}的" if subject else ""
    name = "申报标准" if subject else "要求"
    if test.op is Comparison.AT_LEAST:
        return f"{said},低于{of}{name}{bound}" if subject else f"{said},低于要求的{bound}"
    if test.op is Comparison.MORE_THAN:
        return f"{said},没有超过{of}{name}{bound}" if subject else f"{said},没有超过要求的{bound}"
    return f"{said},高于{of}{name}{bound}" if subject else f"{said},高于要求的{bound}"


def _depends(group: Sequence[Assessed], possible: Sequence[Assessed]) -> Eligibility:
    """What it turns on; the benefits that stay possible, with the question for each open fact."""
    own = [(c, f) for one in possible for c, f in one.open if c.path == one.at.clause.path and not _beside(c, one)]
    beside = [(c, f) for one in possible for c, f in one.open if (c, f) not in own]
    asked = _once(own or beside)
    lines = tuple(_line(one) for one in group[:LINES])
    met = [reason for one in possible for reason in _met_reasons(one)]
    said = f"{'、'.join(dict.fromkeys(met))};" if met and not _failing_beside(group, possible) else ""
    verdict = f"{said}能不能申请,要看{_names(asked)}。"
    quotes = tuple(dict.fromkeys(quote for one in group for quote in _quotes(one)))
    level = _level_question(possible)
    questions = (level,) if level is not None else tuple(_question(condition, group, possible, last=len(asked) == 1) for condition, _ in asked[:QUESTIONS])
    shown = {condition.name for condition, _ in asked[:QUESTIONS]}
    notes = tuple(
        Statement(f"还要求:{condition.name}。您没有提到。", (quote_of(condition, possible[0].at),))
        for condition, _ in _once(beside)
        if condition.name not in shown
    )
    return Eligibility(Truth.UNKNOWN, Statement(verdict, quotes), lines, questions, notes[:LINES])


def _beside(condition: Condition, one: Assessed) -> bool:
    """Whether the condition stands in another sentence than the benefit."""
    return condition.text not in one.at.benefit.quote


def _failing_beside(group: Sequence[Assessed], possible: Sequence[Assessed]) -> bool:
    return any(one not in possible for one in group)


def _once(checks: Sequence[tuple[Condition, Finding]]) -> list[tuple[Condition, Finding]]:
    """Each fact to know once, whatever the tier that asks for it."""
    kept: dict[str, tuple[Condition, Finding]] = {}
    for condition, finding in checks:
        key = _key(condition)
        before = kept.get(key)
        fuller = before is not None and len(_fact(condition)) > len(_fact(before[0]))
        if before is None or fuller:
            kept[key] = (condition, finding)
    # A figure settles more than a yes: it is asked first.
    return sorted(kept.values(), key=lambda check: check[0].test is None or check[0].kind is ConditionKind.FIRST_TIME)


def _line(one: Assessed) -> Statement:
    """战略性新兴产业等类别:实际投入达到2000万元即可,3000万元够."""
    return Statement(f"{_who(one)}{_requirement(one)}{_paid(one)}。", _quotes(one))


def _who(one: Assessed) -> str:
    """The label with a colon; a label that only repeats what is measured is left out."""
    size = one.size
    if one.category is not None:
        return f"{_category_words(one)}:"
    if size is not None and size[0].test is not None:
        return f"{_general_name(one)}:" if "项目" in one.label else ""
    return f"{one.label}:"


def _paid(one: Assessed) -> str:
    """What is paid, where that is a fixed sum."""
    benefit = one.at.benefit
    if benefit.amount is None:
        return ""
    return f"({benefit.kind}{format_amount(benefit.amount)}{f',{benefit.base}' if benefit.base else ''})"


def _category_words(one: Assessed) -> str:
    return f"属于{one.category[0].name}的" if one.category is not None else one.label


def _requirement(one: Assessed) -> str:
    size = one.size
    if size is None or size[0].test is None:
        return {Truth.MEETS: "符合", Truth.FAILS: "不符合", Truth.UNKNOWN: "还不清楚"}[one.truth]
    test = size[0].test
    bound = f"{_metric(test)}{bound_words(test)}"
    if size[1].truth is Truth.UNKNOWN:
        return f"要求{bound}"
    said = size[1].reason.split(",")[0]
    return f"要求{bound},{said},{'够' if size[1].truth is Truth.MEETS else '不够'}"


def _scope_question(condition: Condition, finding: Finding, quotes: tuple[Quote, ...]) -> AskBack | None:
    """您说的营收520亿元,是制造业业务年营业收入吗: where the figure is there, but perhaps counted another way."""
    if not finding.related or condition.test is None:
        return None
    said = finding.reason.split(",")[0].removeprefix("您说的是")
    bound = bound_words(condition.test)
    verdict = {Truth.MEETS: "够", Truth.FAILS: "不够", Truth.UNKNOWN: "还不能确定"}[finding.literal]
    question = f"您说的{said},是{_metric(condition.test)}吗?"
    outcomes = (f"是:要求{bound},{verdict}", f"不是:要另给{_metric(condition.test)},再看是否{bound}")
    return AskBack(question, outcomes, ("是", "不是"), quotes)


def _way_question(condition: Condition, quotes: tuple[Quote, ...]) -> AskBack | None:
    """营业收入是以集团汇总统计,还是只以…统计: where each way of counting has its own requirement."""
    ways = [option for option in condition.options if option.premise is not None]
    others = [option for option in condition.options if option.premise is None and option.test is None]
    if not ways or not others or ways[0].premise is None:
        return None
    premise = ways[0].premise.name
    outcomes = (f"{premise}:要求{ways[0].name}", f"{others[0].name}:不看这个占比")
    return AskBack(f"{premise},还是{others[0].name}?", outcomes, (premise, others[0].name, "不清楚"), quotes)


def _level_question(possible: Sequence[Assessed]) -> AskBack | None:
    """是哪一级: where only the level of a title is open."""
    titles = [one.open[0][0] for one in possible if len(one.open) == 1 and one.open[0][1].related]
    cores = {name_of(condition.name).core for condition in titles}
    if len(titles) != len(possible) or len(titles) < 2 or len(cores) != 1 or not all(c.level for c in titles):
        return None
    outcomes = tuple(f"{c.level}:符合{_paid(one)}" for c, one in zip(titles, possible, strict=True))
    levels = tuple(condition.level or "" for condition in titles)
    quotes = tuple(dict.fromkeys(quote for one in possible for quote in _quotes(one)))
    return AskBack(f"{cores.pop()}是哪一级的?", outcomes, (*levels, "不清楚"), quotes)


def _question(
    condition: Condition, group: Sequence[Assessed], possible: Sequence[Assessed], *, last: bool
) -> AskBack:
    """The question for one fact; a category with what it means for the bound."""
    owner = next(one for one in possible if any(c == condition for c, _ in one.open))
    quotes = _quotes(owner)
    finding = next(f for c, f in owner.open if c == condition)
    told = _scope_question(condition, finding, quotes) or _way_question(condition, quotes)
    if told is not None:
        return told
    general = [one for one in group if one.category is None and one.size is not None]
    sized = owner.size
    if condition.options and condition.kind is ConditionKind.INDUSTRY and general and sized is not None:
        low = general[0].size
        outcomes = (_category_outcome("属于", sized), _category_outcome("都不是", low) if low else "")
        options = (*(option.name for option in condition.options), "都不是", "不清楚")
        return AskBack(condition.question, tuple(filter(None, outcomes)), options, quotes)
    return _ask(condition, quotes, last=last)


def _category_outcome(head: str, size: tuple[Condition, Finding]) -> str:
    test, truth = size[0].test, size[1].truth
    bound = f"{_metric(test)}{_low_words(test)}" if test is not None else ""
    enough = {Truth.MEETS: ",够", Truth.FAILS: ",不够", Truth.UNKNOWN: ""}[truth]
    return f"{head}:要求{bound}{enough}"


def _low_words(test: Test) -> str:
    return bound_words(replace(test, upper=None, upper_op=None))


def _ask(condition: Condition, quotes: tuple[Quote, ...], *, last: bool) -> AskBack:
    """A question with its two outcomes; `last` where nothing else is open."""
    yes, no = ("可以申报", "不够申报标准") if last else ("符合这一条", "不够")
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
