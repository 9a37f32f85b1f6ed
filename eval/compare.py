"""What got better and what got worse between two runs, and whether the difference is more than noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from eval.metrics.bootstrap import Estimate, mcnemar, paired_difference, randomisation_test
from eval.metrics.catalogue import METRICS, Metric
from eval.metrics.summary import Case, Summary, summarise
from eval.report.markdown import escape, table
from eval.report.words import category_name, percent, points
from eval.runs import Run

SIGNIFICANT = 0.05
_VERSIONS = {
    "settings": "设置",
    "embedding": "嵌入模型",
    "corpus": "收录的政策",
    "index": "索引",
    "prompts": "提示词",
    "code": "程序",
    "as_of": "没有写日期的题目的日期",
}


class Verdict(StrEnum):
    """What a difference means; the values are what staff read."""

    SAME = "没有变化"
    BETTER = "变好"
    WORSE = "变坏"
    NOISE = "在波动范围内"


@dataclass(frozen=True, slots=True)
class Change:
    """One metric in both runs.

    Attributes:
        before, after: means over the common questions it applies to.
        difference: `after` minus `before` with its interval.
        p: how likely a difference this large is by chance.
    """

    metric: Metric
    before: float
    after: float
    difference: Estimate
    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over their common questions.

    Attributes:
        pairs: (before, after) of every common question.
        only_before, only_after: ids of questions that one run lacks or asks otherwise.
        p_correct: McNemar's exact test on right and wrong answers.
        versions: Chinese names of what differs between the runs.
    """

    pairs: tuple[tuple[Case, Case], ...]
    changes: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    p_correct: float
    versions: tuple[str, ...]

    @property
    def better(self) -> tuple[tuple[Case, Case], ...]:
        """Wrong before, right after."""
        return tuple(pair for pair in self.pairs if not pair[0].correct and pair[1].correct)

    @property
    def worse(self) -> tuple[tuple[Case, Case], ...]:
        """Right before, wrong after."""
        return tuple(pair for pair in self.pairs if pair[0].correct and not pair[1].correct)

    @property
    def moved(self) -> tuple[tuple[Case, Case], ...]:
        """Wrong in both, at another step."""
        return tuple(
            pair for pair in self.pairs if pair[0].step != pair[1].step and None not in (pair[0].step, pair[1].step)
        )


def compare(before: Run, after: Run) -> Comparison:
    """Compare two runs.

    Raises:
        ValueError: they have no question in common.
    """
    first, second = _by_id(summarise(before)), _by_id(summarise(after))
    common = [name for name, case in first.items() if name in second and second[name].outcome.row == case.outcome.row]
    if not common:
        raise ValueError(f"运行“{before.name}”和“{after.name}”没有相同的题目,不能比较。")
    pairs = tuple((first[name], second[name]) for name in common)
    changes = (_change(metric, pairs) for metric in METRICS)
    return Comparison(
        pairs=pairs,
        changes=tuple(change for change in changes if change is not None),
        only_before=tuple(name for name in first if name not in common),
        only_after=tuple(name for name in second if name not in common),
        p_correct=mcnemar([case.correct for case, _ in pairs], [case.correct for _, case in pairs]),
        versions=tuple(title for name, title in _VERSIONS.items() if before.info.get(name) != after.info.get(name)),
    )


def _by_id(summary: Summary) -> Mapping[str, Case]:
    return {case.outcome.row.id: case for case in summary.cases}


def _change(metric: Metric, pairs: Sequence[tuple[Case, Case]]) -> Change | None:
    before = [case.scores[metric.name] for case, _ in pairs]
    after = [case.scores[metric.name] for _, case in pairs]
    difference = paired_difference(before, after)
    if difference is None:
        return None
    p = randomisation_test(before, after)
    means = [sum(values) / len(values) for values in ([s for s in side if s is not None] for side in (before, after))]
    verdict = verdict_of(difference.value, p, lower_is_better=metric.lower_is_better, same=before == after)
    return Change(metric, means[0], means[1], difference, p, verdict)


def verdict_of(difference: float, p: float, *, lower_is_better: bool = False, same: bool = False) -> Verdict:
    """What a difference of two means with its p value says; `same` where no question changed."""
    if same:
        return Verdict.SAME
    if p >= SIGNIFICANT:
        return Verdict.NOISE
    return Verdict.BETTER if (difference < 0) == lower_is_better else Verdict.WORSE


def render(found: Comparison, *, before: str, after: str) -> str:
    """The comparison as Markdown; `before` and `after` name the runs."""
    parts = [
        f"# 评测比较:{escape(before)} → {escape(after)}",
        _headline(found),
        f"两次运行之间有变化的:{'、'.join(found.versions) or '没有'}。",
        "## 指标",
        table(("指标", "之前", "之后", "差(百分点)", "差的 95% 区间", "p", "判断"), map(_row, found.changes)),
        f"## 变坏的题({len(found.worse)})",
        _listed(found.worse),
        f"## 变好的题({len(found.better)})",
        _listed(found.better),
    ]
    if found.moved:
        parts += [f"## 仍然不对,但错在别处的题({len(found.moved)})", _listed(found.moved)]
    if found.only_before or found.only_after:
        parts += ["## 不能比较的题", _uncommon(found)]
    return "\n\n".join(parts) + "\n"


def chance(p: float) -> str:
    """A p-value as people write it: p = 0.023, p < 0.001."""
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def _headline(found: Comparison) -> str:
    right = [sum(pair[side].correct for pair in found.pairs) for side in (0, 1)]
    text = (
        f"相同的 {len(found.pairs)} 题中,答对的由 {right[0]} 题变为 {right[1]} 题:"
        f"{len(found.better)} 题变好,{len(found.worse)} 题变坏"
    )
    if not found.better and not found.worse:
        return f"{text}。"
    judged = "不像是偶然波动" if found.p_correct < SIGNIFICANT else "可能只是波动"
    return f"{text}。这样的变化{judged}(McNemar 精确检验 {chance(found.p_correct)})。"


def _row(change: Change) -> tuple[str, ...]:
    span = f"{points(change.difference.low)} 至 {points(change.difference.high)}"
    values = (percent(change.before), percent(change.after), points(change.difference.value))
    return (change.metric.title, *values, span, f"{change.p:.3f}", str(change.verdict))


def _listed(pairs: Sequence[tuple[Case, Case]]) -> str:
    lines = []
    for before, after in pairs:
        row = after.outcome.row
        lines.append(
            f"- **{escape(row.id)}**({category_name(row.category)}):{escape(row.question)}"
            f"\n  - {before.step or '答对'} → {after.step or '答对'}"
        )
        if not after.correct:
            said = after.outcome.given.answer if after.outcome.given is not None else after.outcome.record.failed or ""
            lines.append(f"  - 现在的回答:{escape(said)[:200]}")
    return "\n".join(lines) or "没有。"


def _uncommon(found: Comparison) -> str:
    lines = [("只在之前的运行里,或题目已改", found.only_before), ("只在之后的运行里,或题目已改", found.only_after)]
    return "\n".join(f"- {title}:{escape('、'.join(names))}" for title, names in lines if names)
