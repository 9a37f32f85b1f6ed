"""Bounds that another sentence moves for some: 硕士研究生年龄放宽到40周岁 behind 年龄在35周岁以下."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from index.models import Clause
from rag.conditions.judge import judge_condition
from rag.conditions.metrics import metric_of
from rag.conditions.model import Condition, Finding, Test, Truth
from rag.conditions.pieces import bounds
from rag.conditions.said import as_policies_say, covered
from rag.sentences import split_sentences
from rag.situation import Situation

_MOVED = re.compile(
    r"^(?P<who>[^，,。；;]{2,24}?)(?:的)?[，,]?(?P<metric>[\u4e00-\u9fff]{0,12}?)(?:可以?|可适当|相应)?(?:放宽|降低|降|提高|延长|调整)(?:至|到|为)(?P<bound>[^，,。；;]{2,16})"
)
_PART = re.compile("[，,。；;\n](?=[^，,。；;\n]{2,})")
_SAID = 0.5


def with_eased(
    checks: Iterable[tuple[Condition, Finding]], clauses: Iterable[Clause], situation: Situation, asked: str
) -> tuple[tuple[Condition, Finding], ...]:
    """Checks with the bound that holds for what the enterprise says it is, in the place of one that it misses."""
    found = list(checks)
    if any(finding.truth is Truth.FAILS and condition.test is not None for condition, finding in found):
        moved = [one for clause in clauses for one in _moved(clause, as_policies_say(asked))]
        for at, (condition, finding) in enumerate(found):
            if finding.truth is Truth.FAILS and condition.test is not None and condition.premise is None:
                found[at] = next(
                    (check for one in moved if (check := _judged(one, condition, situation)) is not None), found[at]
                )
    return tuple(found)


def _moved(clause: Clause, asked: str) -> list[tuple[Clause, re.Match[str]]]:
    """Parts of a clause that move a bound for whom the question names."""
    found = []
    for sentence in split_sentences(clause):
        start = 0
        text = clause.text[sentence.start : sentence.end]
        for end in [*(match.end() for match in _PART.finditer(text)), len(text)]:
            match = _MOVED.match(text[start:end])
            if match is not None and covered(match["who"], asked) >= _SAID:
                found.append((clause, match))
            start = end
    return found


def _judged(
    moved: tuple[Clause, re.Match[str]], condition: Condition, situation: Situation
) -> tuple[Condition, Finding] | None:
    """The condition with the other bound, where that is on the same quantity, and its finding."""
    clause, match = moved
    test = condition.test
    assert test is not None
    words = f"{match['who']}{match['metric']}"
    value = next((one.low for one in bounds(f"{words}不超过{match['bound']}")), None)
    if value is None or (value.kind, value.unit) != (test.kind, test.unit) or not _same(words, test):
        return None
    other = replace(
        condition,
        text=match[0].rstrip("，,。；;"),
        path=clause.path,
        test=replace(test, value=value.value),
        premise=None,
    )
    return other, judge_condition(other, situation)


def _same(words: str, test: Test) -> bool:
    """Whether the words end in what the bound is on."""
    concept = metric_of(test.metric).concept
    if concept is not None:
        return metric_of(words).concept == concept
    return len(test.metric) > 1 and any(part in words for part in (test.metric, test.metric[-2:]))
