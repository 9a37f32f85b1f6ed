"""The gate: a run against the reviewed baseline, question by question.

The baseline keeps what every question scored. A headline metric has fallen when the interval of its paired
difference (same questions, resampled together) lies as a whole on the bad side of 0: what happens to be hard in the
set cancels out, so that a fall is seen which the plain interval of the mean would hide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from eval.metrics.bootstrap import Estimate, Score, paired_difference
from eval.metrics.catalogue import HEADLINES, Metric
from eval.metrics.summary import Case, summarise
from eval.report.markdown import escape, table
from eval.report.words import category_name, percent, points
from eval.rows import Row, row_to_object
from eval.runs import Run, write_whole

BASELINE_FILE = Path(__file__).parent / "baseline.json"

_UPDATE = "`python -m eval gate --update`"
_DIGITS = 4
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One question of the baseline.

    Attributes:
        row: hash of the question and what is expected of it.
        scores: of the headline metrics that apply.
    """

    row: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the system is held to; `corpus` and `embedding` say what it was measured on."""

    set: str
    corpus: str
    embedding: str
    metrics: Mapping[str, Estimate]
    rows: Mapping[str, BaselineRow]


@dataclass(frozen=True, slots=True)
class Held:
    """One metric against the baseline, over the questions that both have.

    Attributes:
        before, after: means.
        difference: `after` minus `before` with its interval.
        fell: whether it is worse by more than the interval.
        worse: ids of the questions that score worse.
    """

    metric: Metric
    before: float
    after: float
    difference: Estimate
    fell: bool
    worse: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of the gate.

    Attributes:
        held: every headline metric that both sides have.
        lost: questions right in the baseline and wrong in the run.
        gained: how many turned right.
        compared: number of common questions.
        changed: ids of questions that are new, gone or edited since the baseline.
        notes: Chinese sentences on what else differs.
    """

    held: tuple[Held, ...]
    lost: tuple[Case, ...]
    gained: int
    compared: int
    changed: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether no metric fell."""
        return not any(one.fell for one in self.held)


def make_baseline(run: Run) -> Baseline:
    """The baseline that a complete run gives.

    Raises:
        ValueError: the run is not complete.
    """
    _require_complete(run)
    summary = summarise(run)
    names = [metric.name for metric in HEADLINES]
    return Baseline(
        set=str(run.info["set"]["name"]),
        corpus=str(run.info.get("corpus", "")),
        embedding=_embedding(run),
        metrics={name: _rounded(summary.overall[name]) for name in names if name in summary.overall},
        rows={case.outcome.row.id: BaselineRow(_row_hash(case.outcome.row), _scores(case)) for case in summary.cases},
    )


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write the file with one question a line, so that a review sees which ones changed."""
    head = {"set": baseline.set, "corpus": baseline.corpus, "embedding": baseline.embedding}
    lines = [f" {_json(name)}: {_json(value)}," for name, value in head.items()]
    metrics = [f"  {_json(name)}: {_json(asdict(estimate))}" for name, estimate in baseline.metrics.items()]
    rows = [f"  {_json(name)}: {_json(asdict(row))}" for name, row in baseline.rows.items()]
    lines += [' "metrics": {', ",\n".join(metrics), " },", ' "rows": {', ",\n".join(rows), " }"]
    write_whole(path, "\n".join(["{", *lines, "}"]) + "\n")


def read_baseline(path: Path) -> Baseline:
    """The recorded baseline.

    Raises:
        ValueError: there is none, or it is damaged.
    """
    try:
        return TypeAdapter(Baseline).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ValueError(f"还没有基线“{path}”,请先运行 {_UPDATE},复核后提交。") from None
    except ValidationError:
        raise ValueError(f"基线“{path}”已损坏,请恢复它,或运行 {_UPDATE} 后复核。") from None


def judge(run: Run, baseline: Baseline) -> Judgement:
    """Hold a complete run against the baseline.

    Raises:
        ValueError: the run is not complete, or has no question in common with the baseline.
    """
    _require_complete(run)
    cases = {case.outcome.row.id: case for case in summarise(run).cases}
    common = [
        name
        for name, recorded in baseline.rows.items()
        if name in cases and _row_hash(cases[name].outcome.row) == recorded.row
    ]
    if not common:
        raise ValueError(f"题集与基线没有相同的题目,不能比较;确认题集无误后运行 {_UPDATE}。")
    held = (_hold(metric, common, cases, baseline) for metric in HEADLINES)
    was_right = {name: bool(baseline.rows[name].scores.get("correct")) for name in common}
    return Judgement(
        held=tuple(one for one in held if one is not None),
        lost=tuple(cases[name] for name in common if was_right[name] and not cases[name].correct),
        gained=sum(not was_right[name] and cases[name].correct for name in common),
        compared=len(common),
        changed=tuple(name for name in dict.fromkeys([*baseline.rows, *cases]) if name not in set(common)),
        notes=tuple(_notes(run, baseline)),
    )


def _hold(metric: Metric, common: list[str], cases: Mapping[str, Case], baseline: Baseline) -> Held | None:
    before: list[Score] = [baseline.rows[name].scores.get(metric.name) for name in common]
    after: list[Score] = [_rounded_score(cases[name].scores[metric.name]) for name in common]
    difference = paired_difference(before, after)
    if difference is None:
        return None
    fell = difference.low > 0 if metric.lower_is_better else difference.high < 0
    worse = [name for name, was, now in zip(common, before, after, strict=True) if _is_worse(metric, was, now)]
    return Held(metric, _mean(before), _mean(after), difference, fell, tuple(worse))


def _is_worse(metric: Metric, before: Score, after: Score) -> bool:
    if before is None or after is None:
        return False
    return after > before if metric.lower_is_better else after < before


def _mean(scores: list[Score]) -> float:
    known = [score for score in scores if score is not None]
    return sum(known) / len(known)


def _notes(run: Run, baseline: Baseline) -> list[str]:
    notes = []
    if run.info.get("corpus") != baseline.corpus:
        notes.append("收录的政策与记录基线时不同,分数的变化可能来自政策的增减。")
    if _embedding(run) != baseline.embedding:
        notes.append(f"嵌入模型与记录基线时不同(基线:{baseline.embedding})。")
    return notes


def _require_complete(run: Run) -> None:
    if not run.complete:
        raise ValueError(f"运行“{run.name}”没有完成,请先用 `python -m eval run --resume` 继续它。")


def _embedding(run: Run) -> str:
    about = run.info.get("embedding", {})
    return f"{about.get('name')} {about.get('revision')}"


def _scores(case: Case) -> dict[str, float]:
    scores = {metric.name: _rounded_score(case.scores[metric.name]) for metric in HEADLINES}
    return {name: score for name, score in scores.items() if score is not None}


def _rounded_score(score: Score) -> Score:
    return None if score is None else round(score, _DIGITS)


def _rounded(estimate: Estimate) -> Estimate:
    low, high = round(estimate.low, _DIGITS), round(estimate.high, _DIGITS)
    return Estimate(round(estimate.value, _DIGITS), low, high, estimate.n)


def _row_hash(row: Row) -> str:
    return hashlib.sha256(_json(row_to_object(row)).encode()).hexdigest()[:12]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def render(judgement: Judgement) -> str:
    """The outcome as Markdown for the terminal."""
    fallen = [one for one in judgement.held if one.fell]
    names = "、".join(one.metric.title for one in fallen)
    verdict = f"未通过:{names}比基线差,超出波动范围。" if fallen else "通过:没有指标比基线差到超出波动范围。"
    lost = "\n".join(
        f"- **{escape(case.outcome.row.id)}**({category_name(case.outcome.row.category)},{case.step}):"
        f"{escape(case.outcome.row.question)}"
        for case in judgement.lost
    )
    parts = [
        "# 评测门槛",
        f"{verdict}相同的 {judgement.compared} 题中,{len(judgement.lost)} 题由对变错,{judgement.gained} 题由错变对。",
        *judgement.notes,
        table(("指标", "基线", "这次", "差(百分点)", "差的 95% 区间", "判断"), map(_row, judgement.held)),
        *(["## 变差的指标:是哪一步,哪些题", "\n".join(map(_fallen, fallen))] if fallen else []),
        *([f"## 由对变错的题({len(judgement.lost)})", lost] if judgement.lost else []),
        *([f"## 与基线不同的题目({len(judgement.changed)})", _changed(judgement)] if judgement.changed else []),
    ]
    return "\n\n".join(parts) + "\n"


def _row(one: Held) -> tuple[str, ...]:
    span = f"{points(one.difference.low)} 至 {points(one.difference.high)}"
    same = one.difference.value == 0 and one.difference.low == one.difference.high
    better = one.difference.value < 0 if one.metric.lower_is_better else one.difference.value > 0
    word = "低于基线" if one.fell else "没有变化" if same else "高于基线" if better else "略低,在波动范围内"
    if one.metric.lower_is_better and not same:
        word = "高于基线,变坏" if one.fell else "低于基线,变好" if better else "略高,在波动范围内"
    return (one.metric.title, percent(one.before), percent(one.after), points(one.difference.value), span, word)


def _fallen(one: Held) -> str:
    names = "、".join(one.worse[:_SHOWN]) + (" 等" if len(one.worse) > _SHOWN else "")
    return f"- {one.metric.title}({one.metric.stage}):{len(one.worse)} 题变差:{escape(names)}"


def _changed(judgement: Judgement) -> str:
    return f"新增、删去或改过,没有参加比较:{escape('、'.join(judgement.changed))}。复核后运行 {_UPDATE} 更新基线。"
