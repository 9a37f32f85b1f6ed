"""The difference that is paid when an enterprise rises from one title to another: 前年评上先进级,今年升领航.

Titles are told apart by the words that each has and the others of its list have not, whatever ladder they are from, and
the earlier one from the later one by the parts of the question that they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.calculate.case import Case
from rag.calculate.choices import each, fixed, name
from rag.calculate.fit import levels, pairs
from rag.calculate.rule import Change, Rule
from rag.calculate.wording import MONEY, amount, pays
from rag.calculate.worked import Worked, distinct

_BEFORE = re.compile(
    r"前年|去年|上年|之前|以前|此前|先前|原来|原先|曾|当初|早先|那会儿|那时|先是|已经?[领拿获评]|[领拿评给]过|领了"
)
_NOW = re.compile(r"今年|现在|如今|目前|这回|这次|本次|刚刚?|升[为到级了成]?|晋[升级]|又评|又拿|再评|评上了?(?=国|省)")
_SAID = re.compile(r"(?<![\d.])(?P<number>\d+(?:\.\d+)?)(?:万|个(?!月|人|工作日)|[wW]|(?=$|[,，。;；、!?！？ ]))")
"""A sum in 万, as people say it: 拿过80, 领了30个."""
_TEN_THOUSAND = 10_000
_PAIR = 2


def promoted(rules: Sequence[Rule], case: Case) -> Worked | None:
    """What a title pays on top of an earlier one of the same list; None where either is not told, or no such rule is.

    Args:
        rules: of the clauses that the question is about.
    """
    options = [one for one in fixed(rules) if one.amount is not None and one.per is None and one.change is Change.NONE]
    stepped = [one for one in options if one.stepped]
    parts = [part for part in re.split("[,，。;；!?！？]", case.text) if part]
    if not stepped or len(options) < _PAIR:
        return None
    now = _named(stepped, options, [part for part in parts if _NOW.search(part)])
    if now is None:
        return None
    lower = [one for one in options if one is not now and each(one) < each(now) and _same_list(one, now)]
    told = [part for part in parts if _BEFORE.search(part) and not _NOW.search(_BEFORE.sub("", part))]
    before = _named(lower, options, told) or _paying(lower, told)
    if before is None:
        return None
    due, got = each(now), each(before)
    formula = f"{amount(due)} − {amount(got)} = {amount(due - got)}"
    first = f"{name(now)}的标准是{amount(due)},{name(before)}的{amount(got)}按已经领取计算,只补差额。"
    sentence = f"{pays(now.benefit.kind, amount(due - got), at_most=now.at_most)}。"
    sources = distinct([now.source, before.source])
    return Worked(formula, amount(due - got), due - got, MONEY, sentence, (first,), sources, "difference")


def _same_list(one: Rule, other: Rule) -> bool:
    if one.source.policy_id != other.source.policy_id or one.benefit.kind != other.benefit.kind:
        return False
    here, there = one.benefit.path, other.benefit.path
    return here == there or here.rpartition(".")[0] == there.rpartition(".")[0] != ""


def _named(rules: Sequence[Rule], options: Sequence[Rule], parts: Sequence[str]) -> Rule | None:
    """The one rule that parts of the question name by words of its own, or by its level."""
    text = ",".join(parts)
    if not text:
        return None
    worth: list[tuple[float, Rule]] = []
    for rule in rules:
        others = [one.benefit.beneficiary for one in options if one is not rule and _same_list(one, rule)]
        own = pairs(rule.benefit.beneficiary) - pairs(" ".join(others))
        hits = len(own & pairs(text)) / max(1, len(own))
        if levels(rule.benefit.beneficiary) and levels(rule.benefit.beneficiary) & levels(text):
            hits += 1.0
        shared = len(pairs(rule.words) & pairs(text))
        if hits > 0:
            worth.append((hits + shared / 100, rule))
    worth.sort(key=lambda item: -item[0])
    if not worth or (len(worth) > 1 and worth[0][0] == worth[1][0]):
        return None
    return worth[0][1]


def _paying(rules: Sequence[Rule], parts: Sequence[str]) -> Rule | None:
    """The one rule that pays just what is said to have been received: 拿过80."""
    said: set[Decimal] = set()
    for part in parts:
        for match in _SAID.finditer(part):
            said.add(Decimal(match["number"]) * _TEN_THOUSAND)
    found = [rule for rule in rules if each(rule) in said]
    return found[0] if len(found) == 1 else None
