"""Every benefit of every policy against one profile, most promising first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from index.benefits.sources import supporting_paths
from index.models import Benefit, Clause, ClausePath, Policy, PolicyFacts, Status
from index.quantities import format_amount
from index.store import IndexReader
from rag.benefit_at import BenefitAt
from rag.conditions import (
    Condition,
    ConditionKind,
    Finding,
    Truth,
    conditions_of,
    general_clauses,
    judge_condition,
    overall,
)
from rag.conditions.metrics import metric_of
from rag.conditions.names import name_of
from rag.match.amount import due, is_per_unit, rule_words
from rag.match.model import Checked, Match, Totals
from rag.match.region import region_fits
from rag.profile import Profile
from rag.sentences import split_sentences
from rag.situation import Situation
from rag.validity import warnings_for

_STACKING = re.compile(r"差额|补差|补足|从高|就高|不重复|不叠加|不得重复|可以?叠加|可同时享受")
_GENERAL_STACKING = re.compile(r"(?:从高|就高|不重复|不得重复|不叠加)")
_IN_FORCE = (Status.IN_FORCE, Status.UNKNOWN)
_RANK = {Truth.MEETS: 0, Truth.UNKNOWN: 1, Truth.FAILS: 2}
LOCAL = (ConditionKind.REGION, ConditionKind.REGISTRATION)
"""Conditions that the policy's place and the profile's settle."""
_ASKED = 4


def match(profile: Profile, reader: IndexReader, *, as_of: date | None = None) -> tuple[Match, ...]:
    """Benefits of all policies for the enterprise, best first.

    Met and in force come first, then what is open (what something is known of before the rest, by how little is
    missing), then what is ruled out; policies that have ended, and drafts, come last in the same order.

    Args:
        as_of: the day it is for; the profile's own by default, else today.
    """
    day = as_of or profile.as_of or date.today()
    situation = profile.situation(day)
    found = [one for policy in reader.policies() for one in _of_policy(policy, profile, situation, day)]
    return tuple(sorted(found, key=_order))


def _order(one: Match) -> tuple[object, ...]:
    promising = any(
        check.finding.truth is Truth.MEETS or check.finding.related
        for check in one.checks
        if check.path == one.path and check.condition.kind not in LOCAL
    )
    value = one.value if one.value is not None else Decimal(0)
    return (not one.in_force, _RANK[one.truth], not promising, one.missing, -one.score, -value, one.title, one.path)


def _of_policy(policy: Policy, profile: Profile, situation: Situation, day: date) -> Iterator[Match]:
    edition = policy.best
    clauses: dict[ClausePath, Clause] = {}
    for part in edition.clauses:
        clauses.setdefault(part.path, part)
    fits = region_fits(policy.facts, profile.registered or profile.region)
    warnings = tuple(warning.message for warning in warnings_for((policy,), day))
    stacking = _policy_stacking(edition.clauses)
    found = []
    for benefit in edition.benefits:
        clause = clauses.get(benefit.path)
        if clause is not None:
            paths = supporting_paths(benefit, edition.clauses)
            at = BenefitAt(policy.id, clause, benefit, tuple(clauses[path] for path in paths if path in clauses))
            found.append(_match(at, policy.facts, clauses, situation, fits, profile))
    status = policy.facts.status(day)
    for one in found:
        lower = [other.at.benefit for other in found if other.rule == one.rule and other is not one]
        noted = tuple(dict.fromkeys((*one.stacking, *stacking)))
        paid = _with_sum(one, situation, lower)
        yield replace(paid, status=status, in_force=status in _IN_FORCE, warnings=warnings, stacking=noted)


def _with_sum(one: Match, situation: Situation, lower: Sequence[Benefit]) -> Match:
    """The match with what it comes to; `lower` are the other tiers of its rule."""
    below = [benefit for benefit in lower if (benefit.amount or 0) < (one.at.benefit.amount or 0)]
    if one.truth is Truth.FAILS:
        return replace(one, amount=rule_words(one.at.benefit))
    found = due(one.at, situation, one.truth, below)
    notes = (*one.notes, found.note) if found.note else one.notes
    return replace(one, amount=found.words, value=found.value, formula=found.formula, notes=notes)


def _policy_stacking(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """Sentences for the whole policy: 同一项目符合多项政策的，按照从高不重复的原则执行."""
    found = []
    for clause in clauses:
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if _GENERAL_STACKING.search(text) and not re.search(r"\d", text):
                found.append(f"{text.rstrip('。')}({clause.label})")
    return tuple(found)


def _match(
    at: BenefitAt,
    facts: PolicyFacts,
    clauses: dict[ClausePath, Clause],
    situation: Situation,
    fits: bool | None,
    profile: Profile,
) -> Match:
    benefit, whole = at.benefit, tuple(clauses.values())
    also = tuple(dict.fromkeys((*at.also, *general_clauses(benefit, whole))))
    conditions = conditions_of(benefit, at.clause, also=also)
    checks = tuple(
        Checked(condition, _judge(condition, situation, fits), condition.path, _label(condition.path, clauses))
        for condition in conditions
    )
    truth = overall(check.finding for check in checks)
    notes: list[str] = []
    if fits is False:
        truth = Truth.FAILS
        notes.append(f"这份政策适用于{facts.region},企业在{profile.registered or profile.region}")
    elif fits is None and truth is Truth.MEETS:
        truth = Truth.UNKNOWN
        where = facts.region or "什么地方(文件没有写明)"
        notes.append(f"这份政策适用于{where},还不能确定企业是否在那里")
    return Match(
        at=at, policy_id=at.policy_id, title=facts.title, doc_number=facts.doc_number, region=facts.region,
        path=benefit.path, label=at.clause.label, quote=benefit.quote, beneficiary=benefit.beneficiary,
        kind=benefit.kind, truth=truth, checks=checks, ask=_ask(checks, truth, fits, facts),
        amount="", value=None, formula="",
        in_force=True, status=Status.UNKNOWN, warnings=(), stacking=_own_stacking(benefit),
        notes=tuple(notes), score=_score(checks), rule=_rule(at, conditions), region_fits=fits,
    )  # fmt: skip


def _judge(condition: Condition, situation: Situation, fits: bool | None) -> Finding:
    """As any condition; where it must lie is known from the policy's place and the profile's."""
    if condition.kind in LOCAL and fits is not None:
        truth = Truth.MEETS if fits else Truth.FAILS
        return Finding(truth, "企业就在政策适用的地方" if fits else "企业不在政策适用的地方")
    return judge_condition(condition, situation)


def _label(path: ClausePath, clauses: dict[ClausePath, Clause]) -> str:
    return clauses[path].label if path in clauses else path


def _ask(checks: Sequence[Checked], truth: Truth, fits: bool | None, facts: PolicyFacts) -> tuple[str, ...]:
    if truth is not Truth.UNKNOWN:
        return ()
    place = [f"企业是否在{facts.region}?"] if fits is None and facts.region else []
    pending = [
        check.finding.ask or check.condition.question
        for check in checks
        if check.finding.truth is Truth.UNKNOWN
        and check.finding.applies
        and not check.finding.reason.startswith("列出的")
    ]
    return tuple(dict.fromkeys((*place, *pending)))[:_ASKED]


def _score(checks: Sequence[Checked]) -> float:
    applying = [check for check in checks if check.finding.applies]
    met = sum(check.finding.truth is Truth.MEETS for check in applying)
    return met / len(applying) if applying else 0.0


def _own_stacking(benefit: Benefit) -> tuple[str, ...]:
    parts = (benefit.condition or "").split("；")
    return tuple(part for part in parts if _STACKING.search(part))


def _rule(at: BenefitAt, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """What tiers and levels of one rule have in common: the place, and what is measured or the title without level."""
    own = [condition for condition in conditions if condition.path == at.benefit.path]
    sized = next((c.test for c in own if c.test is not None), None)
    # Items of one list (1.首次突破1亿元的 2.首次突破5亿元的) share the clause that announces them.
    place = at.also[0].path if at.also else at.benefit.path
    if sized is not None:
        metric = metric_of(sized.metric)
        others = [condition.name for condition in own if condition.test is None]
        return (at.policy_id, place, metric.concept or sized.metric, *sorted(metric.scope), *others, at.benefit.kind)
    title = next((c for c in own if c.level is not None), None)
    if title is not None:
        return (at.policy_id, place, name_of(title.name).core)
    return (at.policy_id, at.benefit.path, at.benefit.beneficiary, at.benefit.quote)


def totals(matches: Sequence[Match]) -> Totals:
    """The sum of what is met in policies in force; of tiers and levels of one rule the highest counts."""
    met = [one for one in matches if one.truth is Truth.MEETS and one.in_force]
    notes: list[str] = []
    best: dict[tuple[str, ...], Match] = {}
    for one in met:
        if one.value is None or is_per_unit(one.at.benefit):
            notes.append(f"《{one.title}》{one.label}“{one.beneficiary}”的金额不能直接算出,没有计入")
            continue
        other = best.get(one.rule)
        if other is None or (other.value or Decimal(0)) < one.value:
            best[one.rule] = one
        if other is not None:
            lower = min((other, one), key=lambda match: match.value or Decimal(0))
            highest = format_amount(best[one.rule].value or 0)
            notes.append(f"《{lower.title}》{lower.label}同一项奖励有几档,只计最高一档({highest})")
    counted = tuple(best.values())
    stacking = dict.fromkeys(note for one in counted for note in one.stacking)
    notes += [f"合计没有扣除:{note}" for note in stacking if _GENERAL_STACKING.search(note)]
    silent = dict.fromkeys(one.title for one in counted if one.status is Status.UNKNOWN)
    notes += [f"《{title}》没有写明有效期,请先确认仍然有效" for title in silent]
    value = sum((one.value or Decimal(0) for one in counted), Decimal(0))
    return Totals(value, counted, tuple(dict.fromkeys(notes)))
