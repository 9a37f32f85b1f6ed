"""Matches as a text table for a person, and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from index.quantities import format_amount
from rag.conditions import Condition, Truth
from rag.match.model import Checked, Match
from rag.match.rank import LOCAL, totals

_MARK = {Truth.MEETS: "✓", Truth.FAILS: "✗", Truth.UNKNOWN: "?"}
_HEADS = {Truth.MEETS: "可以申报", Truth.UNKNOWN: "还要看条件", Truth.FAILS: "不符合"}
_QUIET = 12
"""Most open benefits of which nothing is known, and ruled-out ones, that are listed one by one."""


def match_lines(matches: Sequence[Match], *, as_of: date) -> Iterator[str]:
    """The table, a line at a time: by group, what it comes to, what is met, what to ask, and from where."""
    numbers = {policy_id: at for at, policy_id in enumerate(dict.fromkeys(one.policy_id for one in matches), start=1)}
    yield f"以 {as_of.isoformat()} 为准,共 {len(matches)} 项"
    current = [one for one in matches if one.in_force]
    for truth, head in _HEADS.items():
        group = [one for one in current if one.truth is truth]
        if group:
            yield from ("", f"【{head}】{len(group)} 项")
            yield from _group(group, numbers)
    ended = [one for one in matches if not one.in_force]
    if ended:
        yield from ("", f"【政策不在有效期内,仅供参考】{len(ended)} 项")
        yield from _group(ended, numbers)
    yield ""
    yield from _sum_lines(matches)
    yield from ("", "政策:")
    for policy_id, number in numbers.items():
        yield from _policy_lines(next(one for one in matches if one.policy_id == policy_id), number)


def _sum_lines(matches: Sequence[Match]) -> Iterator[str]:
    summed = totals(matches)
    if summed.counted:
        yield f"确定可得的金额合计:{format_amount(summed.value)}({len(summed.counted)} 项)"
    else:
        yield "没有能确定的金额。"
    yield from (f"  · {note}" for note in summed.notes)


def _policy_lines(one: Match, number: int) -> Iterator[str]:
    doc_number = f"({one.doc_number})" if one.doc_number else ""
    yield f"[{number}] 《{one.title}》{doc_number},{one.status.value}"
    yield from (f"    ⚠ {warning}" for warning in one.warnings)


def _group(group: Sequence[Match], numbers: Mapping[str, int]) -> Iterator[str]:
    """Benefits of which something is known in full, the others in one line each, up to a limit."""
    known = [one for one in group if _known(one)]
    quiet = [one for one in group if not _known(one)]
    for one in known:
        yield from _full(one, numbers[one.policy_id])
    for one in quiet[:_QUIET]:
        yield f"- {one.beneficiary}:{_sum(one)};{_quiet_words(one)} [{numbers[one.policy_id]}] {one.label}"
    if len(quiet) > _QUIET:
        yield f"  另有 {len(quiet) - _QUIET} 项没有逐一列出(--json 可看全部)"


def _known(one: Match) -> bool:
    own = [check for check in one.checks if check.path == one.path and check.condition.kind not in LOCAL]
    return one.region_fits is not False and any(
        check.finding.truth is not Truth.UNKNOWN or check.finding.related for check in own
    )


def _quiet_words(one: Match) -> str:
    if one.region_fits is False:
        return one.notes[0]
    return "相关情况未提供" if one.truth is Truth.UNKNOWN else _HEADS[one.truth]


def _full(one: Match, number: int) -> Iterator[str]:
    yield f"- {one.beneficiary}:{_sum(one)} [{number}] {one.label}"
    for check in one.checks:
        if check.finding.applies:
            place = "" if check.path == one.path else f"({check.label})"
            name = f"没有{check.condition.name}" if check.condition.negative else check.condition.name
            yield f"    {_MARK[check.finding.truth]} {name}:{check.finding.reason}{place}"
    yield from (f"    · {note}" for note in (*one.notes, *one.stacking))
    yield from (f"    请提供:{question}" for question in one.ask)


def _sum(one: Match) -> str:
    words = f"{one.kind}{one.amount}" if one.amount[:1].isdigit() else f"{one.kind},{one.amount}"
    return f"{words}({one.formula})" if one.formula else words


def match_object(matches: Sequence[Match], *, as_of: date) -> dict[str, Any]:
    """The matches as JSON, in the form docs/matching.md describes; amounts in 元."""
    summed = totals(matches)
    return {
        "as_of": as_of.isoformat(),
        "total": {
            "amount": float(summed.value),
            "counted": [{"title": one.title, "path": one.path, "amount": _number(one)} for one in summed.counted],
            "notes": list(summed.notes),
        },
        "matches": [_object(one) for one in matches],
    }


def _number(one: Match) -> float | None:
    return float(one.value) if one.value is not None else None


def _object(one: Match) -> dict[str, Any]:
    return {
        "truth": one.truth.value,
        "policy": {"title": one.title, "doc_number": one.doc_number, "region": one.region, "status": one.status.value},
        "in_force": one.in_force,
        "warnings": list(one.warnings),
        "path": one.path,
        "label": one.label,
        "quote": one.quote,
        "beneficiary": one.beneficiary,
        "kind": one.kind,
        "amount": _number(one),
        "amount_text": one.amount,
        "formula": one.formula or None,
        "score": round(one.score, 3),
        "region_fits": one.region_fits,
        "conditions": [_check_object(check) for check in one.checks],
        "ask": list(one.ask),
        "stacking": list(one.stacking),
        "notes": list(one.notes),
    }


def _check_object(check: Checked) -> dict[str, Any]:
    condition: Condition = check.condition
    return {
        "name": condition.name,
        "kind": condition.kind.value,
        "truth": check.finding.truth.value,
        "applies": check.finding.applies,
        "reason": check.finding.reason,
        "path": check.path,
        "label": check.label,
        "quote": condition.text,
        "question": condition.question,
    }
