"""The metrics, each a score of 0 to 1 a question, None where it does not apply; no language model judges anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eval.metrics.bootstrap import Score
from eval.metrics.outcome import REFUSED, Outcome
from eval.metrics.ranking import ndcg_at, recall_at, reciprocal_rank
from eval.metrics.text import plain, says, without_markers
from rag.understand.clean import clean
from rag.verify import unsupported_figures

CUTOFFS = (1, 3, 5, 10)
CALCULATION = "calculation"

_SUM = re.compile(r"[\d一二两三四五六七八九十百千][\d.一二两三四五六七八九十百千零]*[万亿]+(?!元)")
_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.、)](?!\d)")

Measure = Callable[[Outcome], Score]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        title: Chinese name in reports.
        meaning: Chinese sentence for staff.
        stage: the step of answering that it looks at, in Chinese.
        headline: whether it stands at the top of the report and in the gate.
        lower_is_better: false refusals.
    """

    name: str
    title: str
    meaning: str
    stage: str
    measure: Measure
    headline: bool = True
    lower_is_better: bool = False


def _status(outcome: Outcome) -> Score:
    return float(outcome.status == outcome.row.status)


def _facts(outcome: Outcome) -> Score:
    if not outcome.row.facts:
        return None
    return sum(found for _, found in outcome.facts) / len(outcome.row.facts)


def _clean(outcome: Outcome) -> Score:
    return None if not outcome.row.forbid else float(not outcome.forbidden)


def _citation_recall(outcome: Outcome) -> Score:
    expected = outcome.row.clauses
    return None if not expected else 1 - len(outcome.missing_clauses) / len(expected)


def _citation_precision(outcome: Outcome) -> Score:
    weighed = outcome.weighed_citations if outcome.row.clauses else ()
    return sum(wanted for _, wanted in weighed) / len(weighed) if weighed else None


def _warnings(outcome: Outcome) -> Score:
    return None if not outcome.row.warn else 1 - len(outcome.missing_warnings) / len(outcome.row.warn)


def _calculation(outcome: Outcome) -> Score:
    """Whether a calculation is shown, and its results have an expected fact (the row's result is one of them)."""
    if outcome.row.category != CALCULATION or outcome.row.status == REFUSED:
        return None
    results = "\n".join(made.result for made in outcome.given.calculations) if outcome.given is not None else ""
    return float(any(says(results, spelling) for group in outcome.row.facts for spelling in group))


def _refusal_recall(outcome: Outcome) -> Score:
    return float(outcome.status == REFUSED) if outcome.row.status == REFUSED else None


def _refusal_precision(outcome: Outcome) -> Score:
    return float(outcome.row.status == REFUSED) if outcome.status == REFUSED else None


def _false_refusal(outcome: Outcome) -> Score:
    return float(outcome.status == REFUSED) if outcome.row.status != REFUSED else None


def _supported(outcome: Outcome) -> Score:
    """Whether every figure of the text stands in a quote, a calculation, a warning, a title or the conversation."""
    given = outcome.given
    if given is None or not given.citations:
        return None
    asked = [outcome.row.question, *(text for turn in outcome.row.history for text in turn)]
    # What a person means: 2200万 is a sum, 15个亿 is 15亿.
    sources = [spelling for text in asked for spelling in (text, clean(text), _SUM.sub(r"\g<0>元", clean(text)))]
    sources += [text for cited in given.citations for text in (cited.quote, cited.policy.title, cited.label)]
    sources += [cited.policy.doc_number for cited in given.citations if cited.policy.doc_number]
    # A number right before × reads as a dimension (3×5 米), so the factors of a formula are told apart.
    sources += [text for made in given.calculations for text in (*made.formula.split("×"), made.result)]
    sources += [warned.message for warned in given.warnings]
    text = _LIST_NUMBER.sub("", without_markers(given.answer))
    return float(not unsupported_figures(plain(text), [plain(source) for source in sources]))


def _verbatim(outcome: Outcome) -> Score:
    """Whether every quote stands in its clause as the index has it, line ends aside."""
    if not outcome.citations:
        return None
    return float(all(joined(cited.quote) in joined(outcome.text_of(cited)) for cited in outcome.citations))


def joined(text: str) -> str:
    """`text` without blanks and line ends."""
    return "".join(text.split())


def _ranked(measure: Callable[[Outcome], float]) -> Measure:
    def score(outcome: Outcome) -> Score:
        return measure(outcome) if outcome.row.clauses else None

    return score


def _recall(k: int) -> Measure:
    return _ranked(lambda outcome: recall_at(k, outcome.matched_ranking, outcome.required))


_WHOLE, _REFUSAL, _FIGURES, _CHOICE, _WARNING, _QUOTE, _RETRIEVAL = (
    *("整个回答", "判断能不能答", "数字和要点", "选用条款", "提示", "引文", "检索"),
)

METRICS: tuple[Metric, ...] = (
    Metric(
        "correct",
        "答对率",
        "状态对、要点全、没有说错、该引的条款都引了、该提示的都提示了,才算答对。",
        _WHOLE,
        lambda outcome: float(outcome.correct),
    ),
    Metric("status", "状态正确率", "该回答的回答,该部分回答的部分回答,该拒绝的拒绝。", _REFUSAL, _status),
    Metric("facts", "要点命中率", "题目列出的金额、日期等要点,回答里说到的比例;金额按数值比较。", _FIGURES, _facts),
    Metric("clean", "没有说错", "题目列出的错误说法一个也没有出现的比例。", _FIGURES, _clean),
    Metric("citation_recall", "应引条款引到", "题目指定的条款,回答引用到的比例。", _CHOICE, _citation_recall),
    Metric(
        "citation_precision",
        "引用准确率",
        "回答引用的条款中,题目认可的比例;说明有效期的附带引用不计。",
        _CHOICE,
        _citation_precision,
    ),
    Metric("warnings", "提示完整率", "失效、规划期满等应有的提示,实际给出的比例。", _WARNING, _warnings),
    Metric("calculation", "计算正确率", "计算题列出了算式,并且结果正确的比例。", _FIGURES, _calculation),
    Metric("refusal_recall", "该拒的拒了", "不该回答的问题,确实没有回答的比例。", _REFUSAL, _refusal_recall),
    Metric("refusal_precision", "拒得对", "被拒绝的问题中,确实不该回答的比例。", _REFUSAL, _refusal_precision),
    Metric(
        "false_refusal", "误拒率", "能回答的问题被拒绝的比例,越低越好。", _REFUSAL, _false_refusal, lower_is_better=True
    ),
    Metric("supported", "数字有出处", "回答里的数字都能在引文、算式或问题中找到的比例。", _FIGURES, _supported),
    Metric("verbatim", "引文逐字", "引文与收录的条款原文逐字相同的比例。", _QUOTE, _verbatim),
    *(
        Metric(
            f"recall@{k}",
            f"前 {k} 条检索到",
            f"应引用的条款,排在检索结果前 {k} 条内的比例。",
            _RETRIEVAL,
            _recall(k),
            headline=k == 5,
        )
        for k in CUTOFFS
    ),
    Metric(
        "mrr",
        "首个命中排名倒数",
        "第一条应引用的条款排第几,取倒数(第 1 名为 1,第 2 名为 0.5)的平均。",
        _RETRIEVAL,
        _ranked(lambda outcome: reciprocal_rank(outcome.matched_ranking, outcome.required)),
        headline=False,
    ),
    Metric(
        "ndcg@10",
        "检索排序质量",
        "前 10 条检索结果的 nDCG:应引用的条款排得越前越高,满分 1。",
        _RETRIEVAL,
        _ranked(lambda outcome: ndcg_at(10, outcome.matched_ranking, outcome.required)),
    ),
)

BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in METRICS}
HEADLINES = tuple(metric for metric in METRICS if metric.headline)

Scores = Mapping[str, Score]
"""Scores of one question by metric name."""


def score(outcome: Outcome) -> dict[str, Score]:
    """Every metric of one question."""
    return {metric.name: metric.measure(outcome) for metric in METRICS}
