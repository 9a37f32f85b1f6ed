"""Every benefit of every policy against one profile, most promising first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from index.models import Benefit, PolicyFacts, Status
from index.quantities import format_amount
from index.store import IndexReader
from rag.conditions import (
    Condition,
    ConditionKind,
    Finding,
    Truth,
    judge_condition,
    overall,
)
from rag.match.amount import due, is_per_unit, rule_words
from rag.match.model import Checked, Match, Totals
from rag.match.prepare import GENERAL_STACKING, Prepared, Rule, prepared
from rag.match.region import region_fits
from rag.profile import Profile
from rag.situation import Situation
from rag.validity import warnings_for

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
    found = [one for policy in prepared(reader) for one in _of_policy(policy, profile, situation, day)]
    return tuple(sorted(found, key=_order))


def _order(one: Match) -> tuple[object, ...]:
    promising = any(
        check.finding.truth is Truth.MEETS or check.finding.related
        for check in one.checks
        if check.path == one.path and check.condition.kind not in LOCAL
    )
    value = one.value if one.value is not None else Decimal(0)
    return (not one.in_force, _RANK[one.truth], not promising, one.missing, -one.score, -value, one.title, one.path)


def _of_policy(prepared_policy: Prepared, profile: Profile, situation: Situation, day: date) -> Iterator[Match]:
    policy = prepared_policy.policy
    fits = region_fits(policy.facts, profile.registered or profile.region)
    warnings = tuple(warning.message for warning in warnings_for((policy,), day))
    status = policy.facts.status(day)
    found = [_match(rule, policy.facts, situation, fits, profile) for rule in prepared_policy.rules]
    of_rule: dict[tuple[str, ...], list[Match]] = {}
    for one in found:
        of_rule.setdefault(one.rule, []).append(one)
    for one in found:
        lower = [other.at.benefit for other in of_rule[one.rule] if other is not one]
        noted = tuple(dict.fromkeys((*one.stacking, *prepared_policy.stacking)))
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


def _match(rule: Rule, facts: PolicyFacts, situation: Situation, fits: bool | None, profile: Profile) -> Match:
    at, benefit = rule.at, rule.at.benefit
    checks = tuple(
        Checked(condition, _judge(condition, situation, fits), condition.path, label)
        for condition, label in zip(rule.conditions, rule.labels, strict=True)
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
        in_force=True, status=Status.UNKNOWN, warnings=(), stacking=rule.stacking,
        notes=tuple(notes), score=_score(checks), rule=rule.rule, region_fits=fits,
    )  # fmt: skip


def _judge(condition: Condition, situation: Situation, fits: bool | None) -> Finding:
    """As any condition; where it must lie is known from the policy's place and the profile's."""
    if condition.kind in LOCAL and fits is not None:
        truth = Truth.MEETS if fits else Truth.FAILS
        return Finding(truth, "企业就在政策适用的地方" if fits else "企业不在政策适用的地方")
    return judge_condition(condition, situation)


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
    notes += [f"合计没有扣除:{note}" for note in stacking if GENERAL_STACKING.search(note)]
    silent = dict.fromkeys(one.title for one in counted if one.status is Status.UNKNOWN)
    notes += [f"《{title}》没有写明有效期,请先确认仍然有效" for title in silent]
    value = sum((one.value or Decimal(0) for one in counted), Decimal(0))
    return Totals(value, counted, tuple(dict.fromkeys(notes)))
