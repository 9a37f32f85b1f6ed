"""Editions of the same policy become one policy; repeals among the policies are applied."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from functools import lru_cache

from index.clean.characters import shape_of
from index.models import Edition, Policy, PolicyFacts, PolicyId


def merge(editions: Sequence[Edition]) -> list[Policy]:
    """Group editions into policies.

    The same document number, or the same normalised title with dates that agree, is the same policy; another
    year in the title is another policy. Of each policy the best edition (original, reprint,
    digest; then the fuller one) comes first, and facts it does not state are taken from the others.

    Returns:
        Policies ordered by day of issue, then title; undated ones last.
    """
    groups: dict[int, list[Edition]] = {}
    by_key: dict[str, list[int]] = {}  # candidates share a number or a title, so that only these are compared
    for number, edition in enumerate(editions):
        keys = [key for key in (edition.facts.doc_number, normalised_title(edition.facts.title)) if key]
        near = {group for key in keys for group in by_key.get(key, ()) if group in groups}
        same = sorted(g for g in near if any(_same_policy(edition.facts, other.facts) for other in groups[g]))
        groups[number] = [edition, *(member for group in same for member in groups.pop(group))]
        for member in groups[number]:
            for key in (member.facts.doc_number, normalised_title(member.facts.title)):
                by_key.setdefault(key or "", []).append(number)
    policies = _with_repeals([_policy(group) for group in groups.values()])
    return sorted(policies, key=lambda p: (p.facts.issued_on or p.facts.effective_on or date.max, p.facts.title, p.id))


@lru_cache(maxsize=16384)
def normalised_title(title: str) -> str:
    """A title as compared: no blanks, brackets, quotes or punctuation, no 关于印发…的通知 around it."""
    bare = re.sub(r"[^\w]", "", shape_of(title))
    carried = re.search(r"关于(?:印发|发布|公布)(.+)的(?:通知|公告)$", bare)
    return carried.group(1) if carried else bare


def _same_policy(a: PolicyFacts, b: PolicyFacts) -> bool:
    if a.doc_number and b.doc_number:
        return a.doc_number == b.doc_number and a.draft == b.draft
    if a.draft != b.draft or a.period != b.period:
        return False
    if normalised_title(a.title) != normalised_title(b.title):
        return False
    same_days = all(_agree(getattr(a, day), getattr(b, day)) for day in ("issued_on", "effective_on", "expires_on"))
    return same_days and _agree(a.region, b.region)


def _agree(a: object, b: object) -> bool:
    return a is None or b is None or a == b


def _policy(editions: Sequence[Edition]) -> Policy:
    ordered = sorted(editions, key=lambda e: (e.kind.rank, -sum(len(c.text) for c in e.clauses), e.name, e.sha256))
    facts = ordered[0].facts
    for edition in ordered[1:]:
        missing = {
            field.name: getattr(edition.facts, field.name)
            for field in fields(PolicyFacts)
            if getattr(facts, field.name) in (None, ()) and getattr(edition.facts, field.name) not in (None, ())
        }
        facts = replace(facts, **missing)
    return Policy(policy_id(facts), facts, tuple(ordered))


def policy_id(facts: PolicyFacts) -> PolicyId:
    """A short stable name for addresses and files, from the document number, else title and day."""
    day = facts.issued_on or facts.effective_on
    key = facts.doc_number or f"{normalised_title(facts.title)}#{day.isoformat() if day else ''}"
    key += "#draft" if facts.draft else ""
    return "p" + hashlib.sha256(key.encode()).hexdigest()[:10]


def _with_repeals(policies: Sequence[Policy]) -> list[Policy]:
    """Mark policies that another one in force repeals, from the day that one takes effect."""
    repealed: dict[PolicyId, date] = {}
    named: dict[str, list[Policy]] = {}
    for policy in policies:
        for key in {
            policy.facts.doc_number and shape_of(policy.facts.doc_number),
            normalised_title(policy.facts.title),
        }:
            named.setdefault(key or "", []).append(policy)
    for policy in policies:
        since = policy.facts.effective_on or policy.facts.issued_on
        if policy.facts.draft or since is None:
            continue
        for name in policy.facts.repeals:
            for other in [*named.get(shape_of(name), ()), *named.get(normalised_title(name), ())]:
                if other.id != policy.id and _is_older(other.facts, policy.facts):
                    repealed[other.id] = min(since, repealed.get(other.id, since))
    return [
        replace(policy, facts=replace(policy.facts, repealed_on=repealed.get(policy.id, policy.facts.repealed_on)))
        for policy in policies
    ]


def _is_older(facts: PolicyFacts, than: PolicyFacts) -> bool:
    """Whether a policy may have been repealed by another: not issued after it."""
    return facts.issued_on is None or than.issued_on is None or facts.issued_on <= than.issued_on
