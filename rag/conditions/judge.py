"""Whether an enterprise meets a condition: yes, no, or not known. What is not said is never taken for met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from index.quantities import Kind, quantities
from rag.conditions.ask import value_words
from rag.conditions.bound import comparable, holds, judge_measure, measures_same, what_measured
from rag.conditions.metrics import Scope, compare_scope, metric_of, same_concept
from rag.conditions.model import Condition, ConditionKind, Finding, Test, Truth
from rag.conditions.names import Likeness, compare, name_of, polarity
from rag.situation import Situation

_AT_LEAST = re.compile(r"以上")
_COUNTED = re.compile(r"^只?以(?P<metric>.+?)(?:统计|计算|核算|口径)$")
_FIRST_WORDS = re.compile(r"首次|新(?:认定|获批|获评|入选|评定|获得|列入|取得)")
_LISTED = re.compile("、|也不是|也不属于|和(?=[“\u4e00-\u9fff]{2})|或者?")


def judge_condition(condition: Condition, situation: Situation) -> Finding:
    """The finding for one condition; the reason names what was said, or what is missing."""
    premise = judge_condition(condition.premise, situation) if condition.premise is not None else None
    if premise is not None and condition.premise is not None and premise.truth is Truth.FAILS:
        return Finding(Truth.UNKNOWN, f"“{condition.premise.name}”不是您的情况,这一条不适用", applies=False)
    found = _judge(condition, situation)
    if found.truth is Truth.FAILS and condition.exceptions:
        return Finding(Truth.UNKNOWN, f"{found.reason};但文件对部分对象另有规定")
    if found.truth is Truth.FAILS and premise is not None and premise.truth is Truth.UNKNOWN:
        asked = condition.premise.question if condition.premise is not None else ""
        return Finding(Truth.UNKNOWN, premise.reason, ask=asked)
    return found


def _judge(condition: Condition, situation: Situation) -> Finding:
    if condition.options:
        return _judge_options(condition, situation)
    counted = _COUNTED.match(condition.name)
    if counted and condition.name in situation.held:
        return Finding(Truth.MEETS, f"您说明了{condition.name}")
    if counted:
        return _judge_counting(counted["metric"], situation)
    if condition.kind is ConditionKind.FIRST_TIME:
        return _judge_first_time(condition, situation)
    if condition.test is not None:
        return _judge_test(condition.test, situation)
    return _judge_name(condition, situation)


def overall(findings: Iterable[Finding]) -> Truth:
    """All conditions together: one that fails decides; met only where all are, and there is at least one."""
    truths = [finding.truth for finding in findings if finding.applies]
    if Truth.FAILS in truths:
        return Truth.FAILS
    if truths and all(truth is Truth.MEETS for truth in truths):
        return Truth.MEETS
    return Truth.UNKNOWN


def _judge_options(condition: Condition, situation: Situation) -> Finding:
    """Alternatives: met by any; failed where all are, and the list is not open."""
    findings = [judge_condition(option, situation) for option in condition.options]
    for option, finding in zip(condition.options, findings, strict=True):
        if finding.truth is Truth.MEETS and finding.applies:
            return Finding(Truth.MEETS, finding.reason or option.name)
    chosen = next((one for one in condition.options if one.premise and one.premise.name in situation.held), None)
    if chosen is not None:
        # 营业收入以集团汇总统计: the way of counting is settled, what it requires is not.
        found = findings[condition.options.index(chosen)]
        return replace(found, ask=chosen.question) if found.truth is Truth.UNKNOWN else found
    failed = [finding for finding in findings if finding.truth is Truth.FAILS]
    if len(failed) == len(findings) and not condition.open_list:
        told = list(dict.fromkeys(finding.reason for finding in failed))
        any_of = "文件要求有一项达到即可,但都没有达到:" if _all_bounds(condition) and len(told) > 1 else ""
        return Finding(Truth.FAILS, f"{any_of}{';'.join(told)}")
    if failed and len(failed) == len(findings):
        return Finding(Truth.UNKNOWN, f"列出的{condition.name}都不是,文件写了“等”,其他类别是否算要向受理部门确认")
    open_ones = [f for f in findings if f.truth is Truth.UNKNOWN]
    reasons = dict.fromkeys(finding.reason for finding in (*failed, *open_ones[:1]))
    return Finding(Truth.UNKNOWN, ";".join(reasons), related=bool(failed) or any(f.related for f in open_ones))


def _all_bounds(condition: Condition) -> bool:
    return all(option.test is not None for option in condition.options)


def _judge_counting(metric: str, situation: Situation) -> Finding:
    """也可以只以…统计: met by whoever gives the figure on that scope."""
    asked = metric_of(metric)
    for measure in situation.measures:
        said = metric_of(measure.metric)
        if asked.scope and same_concept(asked, said) and compare_scope(asked, said) is Scope.SAME:
            return Finding(Truth.MEETS, f"您给的就是{measure.metric}")
    return Finding(Truth.UNKNOWN, f"没有说明是不是以{metric}统计")


def _judge_test(test: Test, situation: Situation) -> Finding:
    candidates = [m for m in situation.measures if measures_same(test, m)]
    bare = [m for m in situation.measures if not m.metric and comparable(test, m) is not None]
    if not candidates and len(bare) == 1 and test.kind is Kind.AMOUNT and len(situation.measures) == 1:
        return Finding(Truth.UNKNOWN, f"没有说明{bare[0].said}是不是{what_measured(test)}")
    if not candidates:
        return Finding(Truth.UNKNOWN, f"没有说明{what_measured(test)}")
    # 营收6.2亿,首次突破5亿: the second figure names the bound, it measures nothing.
    candidates = [m for m in candidates if m.value != test.value] or candidates
    findings = [judge_measure(test, measure) for measure in candidates]
    settled = [f for f in findings if f.truth is not Truth.UNKNOWN]
    projects = {metric_of(measure.metric).project for measure in candidates}
    met = next((finding for finding in settled if finding.truth is Truth.MEETS), None)
    if met is not None and len(projects) == len(candidates):
        return met
    if met is not None and any(f.truth is Truth.FAILS for f in settled):
        return Finding(Truth.UNKNOWN, f"{what_measured(test)}有几个说法,请说明是哪一个")
    return settled[0] if settled else findings[0]


def _judge_first_time(condition: Condition, situation: Situation) -> Finding:
    if condition.test is not None:
        reached = _reached_before(condition.test, situation)
        if reached is not None:
            return reached
        if condition.name in situation.denied:
            return Finding(Truth.FAILS, "您说明不是首次")
    else:
        denied = next((fact for fact in situation.denied if fact in ("首次", condition.name)), None)
        if denied:
            return Finding(Truth.FAILS, "您说明不是首次")
    if situation.first_time is True:
        return Finding(Truth.MEETS, "您说明是首次")
    if situation.first_time is False:
        return Finding(Truth.FAILS, "您说明不是首次")
    held = next((fact for fact in situation.held if _says_first(fact, condition.name)), None)
    if held is not None:
        return Finding(Truth.MEETS, f"您说明{held}")
    return Finding(Truth.UNKNOWN, "没有说明是不是首次")


def _says_first(fact: str, name: str) -> bool:
    """2025年首次升规 for 2025年首次升规的零售企业."""
    plain = fact.removesuffix("的")
    return bool(_FIRST_WORDS.search(plain)) and len(plain) > 2 and plain in name


def _reached_before(test: Test, situation: Situation) -> Finding | None:
    """What earlier years, money received before, and thresholds listed as reached first say of this one."""
    for measure in situation.measures:
        asked, said = metric_of(test.metric), metric_of(measure.metric)
        value = comparable(test, measure)
        if said.past and value is not None and same_concept(replace(asked, past=True), said):
            same = compare_scope(asked, replace(said, past=False), context=test.context) is Scope.SAME
            if same and holds(test.op, value[0], test.value):
                return Finding(
                    Truth.FAILS, f"{measure.metric}已有{value_words(value[0], test.unit, test.kind)},不是首次"
                )
    for received in situation.received:
        if received.threshold is not None and received.threshold >= test.value and test.kind is Kind.AMOUNT:
            tier = value_words(received.threshold, test.unit, test.kind)
            return Finding(Truth.FAILS, f"{tier}这一档的奖励已经领过,不是首次")
    listed = [fact for fact in situation.held if fact.startswith("首次达到")]
    values = {q.value for fact in listed for q in quantities(fact)}
    if test.value in values:
        return Finding(Truth.MEETS, f"您说明首次达到{value_words(test.value, test.unit, test.kind)}")
    if values and test.value < max(values):
        return Finding(Truth.FAILS, f"您列出的首次达到的数额不含{value_words(test.value, test.unit, test.kind)}")
    return None


def _judge_name(condition: Condition, situation: Situation) -> Finding:
    """A title, a category or a fact against what is held and denied."""
    if condition.negative:
        return _judge_exclusion(condition, situation)
    known = "、".join(situation.held)
    at_least = bool(_AT_LEAST.search(condition.name)) and condition.level is not None
    asked = _AT_LEAST.sub("", condition.name) if at_least else condition.name
    # 依法登记、独立核算 says two things.
    facts = dict.fromkeys((*situation.held, *(part for fact in situation.held for part in fact.split("、"))))
    likenesses = {fact: compare(asked, fact, at_least=at_least, known=known) for fact in facts}
    counted = {item.thing: compare(asked, item.thing, at_least=at_least, known=known) for item in situation.counted}
    found = {**counted, **likenesses}
    denied = _denied(condition, situation)
    for fact, likeness in found.items():
        if likeness is Likeness.SAME and not denied:
            return Finding(Truth.MEETS, _holds_words(condition, fact))
    if denied:
        return Finding(Truth.FAILS, f"您说明不是{denied}")
    if asked.endswith("项目") and _measured_project(asked, situation):
        return Finding(Truth.MEETS, f"项目是{asked}")
    if condition.kind is ConditionKind.INDUSTRY and any(m.metric.startswith(asked) for m in situation.measures):
        return Finding(Truth.MEETS, f"您说的是{asked}")
    return _not_same(condition, found)


def _holds_words(condition: Condition, fact: str) -> str:
    if condition.kind in (ConditionKind.TITLE, ConditionKind.LEVEL):
        return f"您有“{fact}”"
    return f"您属于{fact}" if condition.kind is ConditionKind.INDUSTRY else f"您说明了“{fact}”"


def _not_same(condition: Condition, found: dict[str, Likeness]) -> Finding:
    for fact, likeness in found.items():
        if likeness is Likeness.LOWER:
            return Finding(Truth.FAILS, f"您有的是{fact},文件要求的是{condition.name}")
        if likeness is Likeness.OTHER_GRADE:
            return Finding(Truth.FAILS, f"您的是{fact},不是{condition.name}")
    for fact, likeness in found.items():
        if likeness is Likeness.LEVEL_UNSAID:
            return Finding(Truth.UNKNOWN, f"没有说明{fact}是哪一级,文件要求{condition.level}", related=True)
        if likeness is Likeness.HIGHER:
            return Finding(Truth.UNKNOWN, f"您有的是{fact},是否另有{condition.name}没有说明", related=True)
        if likeness is Likeness.NEAR:
            return Finding(Truth.UNKNOWN, f"没有说明{fact}是不是{condition.name}", related=True)
    return Finding(Truth.UNKNOWN, f"没有说明是否“{condition.name}”")


def _denied(condition: Condition, situation: Situation) -> str:
    """What the enterprise says it is not, and the condition asks for."""
    asked = name_of(condition.name)
    for fact in (part for said in situation.denied for part in _LISTED.split(said) if part):
        positive, _ = polarity(fact)
        that = name_of(positive)
        same = that.core and (that.core == asked.core or asked.core.endswith(that.core))
        level_fits = that.level is None or that.level == asked.level
        if same and level_fits and (that.grade is None or that.grade == asked.grade):
            return fact
    return ""


def _measured_project(asked: str, situation: Situation) -> bool:
    """技术改造投资项目 for who gives the investment of a 技术改造项目: its metric names the project."""
    core = re.sub(r"(?:投资|建设)?项目$", "", name_of(asked).core)
    return len(core) >= 2 and any(core in measure.metric for measure in situation.measures)


def _judge_exclusion(condition: Condition, situation: Situation) -> Finding:
    """What must not be the case, against statements of both kinds (没有…, and denials)."""
    for facts, said_not in ((situation.held, False), (situation.denied, True)):
        for fact in facts:
            core, negated = polarity(fact)
            if not _same_fact(condition.name, core):
                continue
            absent = negated or said_not
            truth = Truth.MEETS if absent else Truth.FAILS
            return Finding(truth, f"您说明{'没有' if absent else '有'}:{core}")
    return Finding(Truth.UNKNOWN, f"没有说明有没有:{condition.name}")


def _same_fact(asked: str, said: str) -> bool:
    one, other = name_of(asked).core, name_of(said).core
    return bool(one) and (one == other or (len(other) >= 4 and one.endswith(other)))


def judged(conditions: Sequence[Condition], situation: Situation) -> tuple[tuple[Condition, Finding], ...]:
    """Every condition with its finding, in order; one that another replaces (其中…) applies where that one does not."""
    found = [(condition, judge_condition(condition, situation)) for condition in conditions]
    for at, (condition, finding) in enumerate(found):
        if condition.exceptions:
            found[at] = (condition, _beside_exceptions(condition, finding, found[at + 1 :], situation))
    return tuple(found)


def _beside_exceptions(
    condition: Condition, finding: Finding, others: Sequence[tuple[Condition, Finding]], situation: Situation
) -> Finding:
    following = takewhile(lambda other: other.premise is not None and not other.exceptions, (one for one, _ in others))
    premises = [other.premise for other in following if other.kind is condition.kind]
    truths = [judge_condition(one, situation).truth for one in premises if one is not None and one != condition.premise]
    if Truth.MEETS in truths:
        return replace(finding, applies=False)
    if truths and all(truth is Truth.FAILS for truth in truths):
        return judge_condition(replace(condition, exceptions=False), situation)
    return finding
