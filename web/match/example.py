"""A made-up enterprise to try the page with, for which the policies at hand have something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from index.models import Policy, Status
from rag.conditions import Condition, ConditionKind, conditions_of

_MOST = 2
"""Names taken of each kind."""

_INDUSTRY = "制造业企业"
_GENERAL = {
    "name": "示例企业",
    "established_on": "2015-06-01",
    "employees": "320",
    "rd_share": "4.5%",
}


def example(policies: Sequence[Policy], day: date) -> dict[str, object]:
    """Fields of the form for an enterprise where a policy with many benefits holds; {} without benefits.

    Where nothing with benefits is in force on `day`, it is for the last day of the policy with most of them.
    """
    paying = [policy for policy in policies if policy.best.benefits]
    if not paying:
        return {}
    current = [policy for policy in paying if policy.facts.status(day) is Status.IN_FORCE]
    chosen = max(current or paying, key=lambda policy: len(policy.best.benefits))
    fields: dict[str, object] = {
        **_GENERAL,
        "region": chosen.facts.region or "",
        "industry": "、".join(_names(chosen, _industry)) or _INDUSTRY,
        "revenue": [{"scope": "", "amount": "6.2亿", "previous": ""}],
        "investments": [{"kind": "技术改造", "amount": "3000万元", "equipment_software": "1200万元"}],
        "titles": [{"name": name, "level": level, "year": ""} for name, level in _names(chosen, _title).items()],
    }
    if not current:
        fields["as_of"] = _last_day(chosen).isoformat()
    return fields


def _names(policy: Policy, name_in: Callable[[Condition], str]) -> dict[str, str]:
    """The first names that `name_in` finds in conditions of benefits with an amount, each with its level."""
    clauses = {clause.path: clause for clause in policy.best.clauses}
    found: dict[str, str] = {}
    for benefit in policy.best.benefits:
        if benefit.amount is None or benefit.path not in clauses:
            continue
        for condition in conditions_of(benefit, clauses[benefit.path]):
            name = name_in(condition)
            if name and len(found) < _MOST:
                found.setdefault(name, condition.level or "")
    return found


def _title(condition: Condition) -> str:
    level = condition.level or ""
    if condition.kind is not ConditionKind.TITLE or condition.options or not condition.name.startswith(level):
        return ""
    return condition.name.removeprefix(level) if level else ""


def _industry(condition: Condition) -> str:
    plain = condition.kind is ConditionKind.INDUSTRY and not condition.options and not condition.negative
    return condition.name if plain and condition.name.endswith("企业") else ""


def _last_day(policy: Policy) -> date:
    facts = policy.facts
    if facts.repealed_on is not None:
        return facts.repealed_on - timedelta(days=1)
    if facts.expires_on is not None:
        return facts.expires_on
    return date(facts.period[1], 12, 31) if facts.period is not None else date.today()
