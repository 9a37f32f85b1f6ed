"""Answers to 能不能申请, 够不够: a verdict, what each benefit requires, and what to ask, every line with its clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.models import Clause, PolicyId
from index.quantities import Comparison
from rag.benefit_at import BenefitAt
from rag.conditions.ask import bound_words, value_words
from rag.conditions.assess import Assessed, assess_all, evidence_of, ladder
from rag.conditions.back import AskBack, ask_about, kinds_question, level_question, question_for
from rag.conditions.eased import with_eased
from rag.conditions.general import requirements_of_all
from rag.conditions.judge import judge_condition, judged, overall
from rag.conditions.known import known_of
from rag.conditions.model import Condition, ConditionKind, Finding, Truth
from rag.conditions.requirements import sentence_conditions
from rag.conditions.wording import (
    QUESTIONS,
    Words,
    also_required,
    category_words,
    fact_names,
    general_name,
    line_of,
    met_reasons,
    once,
    one_size,
    quotes_of,
    requirement_words,
    rule_lines,
    whole_lines,
    words_of,
)
from rag.sentences import Sentence, split_sentences
from rag.situation import Situation
from rag.verify import Quote, Statement

if TYPE_CHECKING:
    from rag.understand import Question

_EASES = re.compile(r"(?:要求|标准|门槛|条件|规模|投入)[^，。；]{0,6}(?:降[至到低为]|放宽|减半)")
_SENTENCES = ("够", "不够", "符合", "不符合")
_MISSED = "这一种不够:"
"""Begins what is said of an alternative that is missed beside one that is open."""
_KIND = 8
"""Characters of a kind of enterprise that stands in front of the bound for it alone."""
LINES = 6
"""Most lines of conditions in one answer."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What is known about whether the enterprise is eligible.

    Attributes:
        verdict: one sentence with what it rests on.
        lines: one a benefit or condition.
        notes: conditions the user did not mention.
        bears: something that was said bears on a bound.
        outside: it fails because the enterprise is none of the kinds that these benefits are for.
    """

    truth: Truth
    verdict: Statement
    lines: tuple[Statement, ...] = ()
    ask_back: tuple[AskBack, ...] = ()
    notes: tuple[Statement, ...] = ()
    bears: bool = False
    outside: bool = False


def eligibility(question: Question, benefits: Sequence[BenefitAt]) -> Eligibility | None:
    """Whether the enterprise of the question is eligible for `benefits`; None where they state no condition."""
    group = assess_all(question, benefits)
    if not group:
        return None
    group = ladder(group)
    said = words_of(question)
    met = [one for one in group if one.truth is Truth.MEETS]
    if met:
        return _eligible(met[-1], said)
    possible = [one for one in group if one.truth is Truth.UNKNOWN and not one.outside]
    if not possible:
        return replace(_not_eligible(group, said), outside=all(one.outside for one in group))
    return _depends(group, possible)


def eligibility_from_sentence(
    question: Question, clause: Clause, sentence: Sentence, *, policy_id: PolicyId = ""
) -> Eligibility | None:
    """Whether the enterprise meets what one sentence requires; None where the sentence requires nothing."""
    text = clause.text[sentence.start : sentence.end]
    conditions = sentence_conditions(text, clause)
    if not conditions:
        return None
    known = known_of(conditions, question.situation, question.text)
    checks = with_eased(judged(conditions, known), [clause], known, question.text)
    truth = overall(finding for _, finding in checks)
    quote = Quote(policy_id, clause, sentence.start, sentence.end)
    said = words_of(question)
    failed = [check for check in checks if check[1].truth is Truth.FAILS]
    if any(condition.options for condition, _ in failed) and _EASES.search(text):
        return None  # a bound that is lower for some says nothing of those who are none of them
    met = [check for check in checks if check[1].truth is Truth.MEETS]
    unknown = [_open_side(*check, known) for check in checks if check[1].truth is Truth.UNKNOWN and check[1].applies]
    if failed:
        verdict = _sentence_of(said.no(failed[0][0]), [_shortfall(*failed[0])])
    elif met and not unknown:
        verdict = _sentence_of(said.yes(met[0][0]), [finding.reason for _, finding in met])
    elif met:
        verdict = f"{'、'.join(f.reason for _, f in met)};还要看{fact_names(unknown)}。"
    else:
        told = dict.fromkeys(finding.reason for _, finding in unknown if finding.reason.startswith(_MISSED))
        verdict = f"{'、'.join(told)};还要看{fact_names(unknown)}。" if told else f"要看{fact_names(unknown)}。"
    asked = tuple(ask_about(condition, (quote,), last=len(unknown) == 1) for condition, _ in unknown[:QUESTIONS])
    notes = tuple(Statement(f"还要求:{condition.name}。", (quote,)) for condition, _ in unknown if truth is Truth.MEETS)
    open_ = truth is Truth.UNKNOWN
    bears = any(_bears(*check) for check in checks)
    lines = whole_lines([quote]) if open_ and bears else ()
    return Eligibility(truth, Statement(verdict, (quote,)), lines, asked if open_ else (), notes, bears)


def _open_side(condition: Condition, finding: Finding, known: Situation) -> tuple[Condition, Finding]:
    """The alternative that is left open where the others fail, with what these lack; else the condition itself."""
    sides = [(option, judge_condition(option, known)) for option in condition.options]
    left = [option for option, one in sides if one.truth is Truth.UNKNOWN]
    failed = [one.reason for _, one in sides if one.truth is Truth.FAILS]
    if len(left) != 1 or not failed:
        return condition, finding
    return left[0], replace(finding, reason=f"{_MISSED}{';'.join(failed)}")


def _bears(condition: Condition, finding: Finding) -> bool:
    """Whether a figure that was said is held against a bound of the condition."""
    tested = condition.test is not None or any(option.test is not None for option in condition.options)
    return tested and (finding.truth is not Truth.UNKNOWN or finding.related) and finding.applies


def missed_requirement(question: Question, clauses: Sequence[Clause], policy_id: PolicyId) -> Eligibility | None:
    """The requirement of everybody, anywhere in a policy, whose bound the enterprise's figures miss; None without one.

    Definitions of whom the policy is for count too; lists for one kind of applicant where the question names it.
    """
    for clause, sentence in requirements_of_all(clauses, question.text):
        found = eligibility_from_sentence(question, clause, sentence, policy_id=policy_id)
        if found is not None and found.truth is Truth.FAILS and found.bears:
            return found
    return None


def _sentence_of(head: str, reasons: Sequence[str]) -> str:
    told = [reason for reason in dict.fromkeys(reasons) if reason]
    # 不能 alone is a sentence that no clause has the words of.
    mark = "。" if head in _SENTENCES else ","
    return f"{head}{mark}{';'.join(told)}。" if told else f"{head}。"


def _eligible(one: Assessed, said: Words) -> Eligibility:
    measured = one.size[0] if one.size is not None else None
    verdict = _sentence_of(said.yes(measured), met_reasons(one))
    return Eligibility(Truth.MEETS, Statement(verdict, quotes_of(one)), (line_of(one),))


def _not_eligible(group: Sequence[Assessed], said: Words) -> Eligibility:
    """The condition that fails by the least: the lowest bound, the nearest title."""
    failing = [one for one in group if one.failed]
    sized = [one for one in failing if one.size is not None and one.size[1].truth is Truth.FAILS]
    general = [one for one in sized if one.category is None]
    # A tier that is reached, but for another reason not given, is nearer than the next one above it.
    reached = [one for one in failing if one.size is not None and one.size[1].truth is Truth.MEETS and not one.outside]
    nearest = (reached[-1:] or general or sized or failing or list(group))[0]
    check = nearest.size if nearest in sized else nearest.failed[0] if nearest.failed else nearest.open[0]
    assert check is not None
    others = [one for one in group if one.category is not None and one is not nearest]
    subject = f"{general_name(nearest)}" if others else ""
    verdict = _sentence_of(said.no(check[0]), [_shortfall(*check, subject=subject)])
    notes = [
        Statement(f"除非{category_words(one)}:{requirement_words(one)}。", quotes_of(one))
        for one in others
        if one.size is not None and one.size[1].truth is Truth.MEETS and one.truth is Truth.UNKNOWN
    ]
    if check[0].test is not None and not notes:
        notes = _eased(nearest)
    quotes = quotes_of(nearest) if others else (evidence_of(check[0], nearest.at),)
    return Eligibility(Truth.FAILS, Statement(verdict, quotes), (), (), tuple(notes))


def _eased(one: Assessed) -> list[Statement]:
    """Sentences of the clause that lower a bound for some: 属于老屋活化的，投入要求降至15万元以上."""
    clause = one.at.clause
    found = [s for s in split_sentences(clause) if _EASES.search(clause.text[s.start : s.end])]
    return list(whole_lines([Quote(one.at.policy_id, clause, s.start, s.end) for s in found]))


def _shortfall(condition: Condition, finding: Finding, *, subject: str = "") -> str:
    """设备和软件投入3000万元,低于一般项目的申报标准5000万元."""
    test = condition.test
    if condition.negative:
        return f"文件的规定是:{condition.text.rstrip('。；;')}"
    if condition.kind is ConditionKind.FIRST_TIME and "文件要求" not in finding.reason:
        return f"{finding.reason},文件要求{condition.name}"
    if test is None or condition.kind is ConditionKind.FIRST_TIME:
        return finding.reason
    said = finding.reason.split(",文件要求")[0]
    bound = value_words(test.value, test.unit, test.kind)
    of = f"{subject}的" if subject else ""
    name = "申报标准" if subject else "要求"
    kind = condition.premise.name if condition.premise is not None and condition.premise.test is None else ""
    if kind and not subject and len(kind) <= _KIND and test.op is Comparison.AT_LEAST:
        return f"{said},低于{kind}要求的{bound}"
    if test.op is Comparison.AT_LEAST and test.unit in ("年", "个月") and said.startswith("您说的是"):
        return f"{said},没有达到要求的{bound}"
    if test.op is Comparison.AT_LEAST:
        return f"{said},低于{of}{name}{bound}" if subject else f"{said},低于要求的{bound}"
    if test.op is Comparison.MORE_THAN:
        return f"{said},没有超过{of}{name}{bound}" if subject else f"{said},没有超过要求的{bound}"
    return f"{said},文件要求{bound_words(test)}"


def _depends(group: Sequence[Assessed], possible: Sequence[Assessed]) -> Eligibility:
    """What it turns on; the benefits that stay possible, with the question for each open fact."""
    own = [(c, f) for one in possible for c, f in one.open if one.owns(c) and not _beside(c, one)]
    beside = [(c, f) for one in possible for c, f in one.open if (c, f) not in own and not c.negative]
    asked = [check for check in once(own or beside) if not _excepted(*check)]
    kept = possible if one_size(possible) else group
    lines = rule_lines(kept) if one_size(kept) else tuple(line_of(one) for one in kept[:LINES])
    told = [check for one in possible for check in one.checks if _tells(check, group, possible)]
    if any(_excepted(*check) for check in told):
        told = [check for check in told if check[0].premise is None]
    reasons = dict.fromkeys(finding.reason.partition(";但")[0] for _, finding in told)
    first = f"{';'.join(reasons)};" if reasons else ""
    kinds = kinds_question(possible) if len(lines) > 1 and one_size(possible) else None
    turns_on = "属于下面哪种情况" if kinds is not None and first else fact_names(asked)
    verdict = f"{first}能不能申请,{'还' if first else ''}要看{turns_on}。" if asked else f"{first.rstrip(';')}。"
    level = kinds or level_question(possible)
    questions = (
        (level,)
        if level is not None
        else tuple(question_for(condition, group, possible, last=len(asked) == 1) for condition, _ in asked[:QUESTIONS])
    )
    shown = [condition for condition, _ in (*told, *asked[:QUESTIONS])]
    turning = [(c, one.at) for one in possible for c, _ in one.checks if c in shown]
    quotes = tuple(dict.fromkeys(evidence_of(condition, at) for condition, at in turning))
    notes = also_required([c for c, _ in once(beside) if c not in shown], possible[0].at)
    quotes = quotes or quotes_of(possible[0])
    excepted = [(c, one.at) for one in possible for c, f in one.checks if _excepted(c, f)]
    lines = (*lines, *whole_lines([evidence_of(condition, at) for condition, at in excepted]))
    bounds = [f for one in possible for c, f in one.checks if c.test is not None]
    bears = bool(told) or any(f.related or f.truth is not Truth.UNKNOWN for f in bounds)
    return Eligibility(Truth.UNKNOWN, Statement(verdict, quotes), lines, questions, notes, bears)


def _excepted(condition: Condition, finding: Finding) -> bool:
    """Whether a bound is missed, but another one holds for some (其中…)."""
    return condition.exceptions and finding.truth is Truth.UNKNOWN and "另有规定" in finding.reason


def _tells(check: tuple[Condition, Finding], group: Sequence[Assessed], possible: Sequence[Assessed]) -> bool:
    """Whether a condition that is met is worth saying: a figure, where every benefit of the group is possible."""
    condition, finding = check
    if _excepted(condition, finding):
        return True
    met = finding.truth is Truth.MEETS and finding.applies
    return met and condition.test is not None and len(group) == len(possible)


def _beside(condition: Condition, one: Assessed) -> bool:
    """Whether the condition stands in another sentence than the benefit."""
    if condition.path != one.at.clause.path:
        return False
    return condition.text not in one.at.benefit.quote
