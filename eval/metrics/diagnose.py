"""The step at which a question went wrong: the first one in the order the answer is made."""

from __future__ import annotations

from enum import StrEnum

from eval.metrics.outcome import FAILED, PARTIAL, REFUSED, Outcome
from eval.metrics.text import has_figure


class Step(StrEnum):
    """Where a failing question went wrong; the values are what staff read."""

    ERROR = "运行出错"
    SHOULD_REFUSE = "应拒未拒"
    NOT_RETRIEVED = "没有检索到条款"
    WRONGLY_REFUSED = "误拒"
    CLAIMS_ANSWER = "没写却当作回答"
    NOT_CHOSEN = "检索到但没有引用"
    WRONG_FIGURE = "数字不对"
    MISSING_POINT = "要点缺失"
    FORBIDDEN = "说了不该说的"
    CLAIMS_SILENCE = "写了却说没写"
    WARNING_MISSING = "缺少提示"


EXPLANATIONS = {
    Step.ERROR: "提问时程序出错或超时,没有得到回答。",
    Step.SHOULD_REFUSE: "问题不在收录范围内,本应拒绝,却给出了回答。",
    Step.NOT_RETRIEVED: "应引用的条款没有进入检索结果,后面的步骤无从引用。",
    Step.WRONGLY_REFUSED: "条款已经检索到,却当作不能回答而拒绝。",
    Step.CLAIMS_ANSWER: "文件没有写这一点,回答却没有说明,像是已经答了。",
    Step.NOT_CHOSEN: "条款在检索结果里,但回答引用了别的条款。",
    Step.WRONG_FIGURE: "条款引用对了,但应有的数字没有出现,或出现了错误的数字。",
    Step.MISSING_POINT: "条款引用对了,但应有的要点没有说到。",
    Step.FORBIDDEN: "出现了题目列出的错误说法。",
    Step.CLAIMS_SILENCE: "内容都对,却说文件没有直接写明。",
    Step.WARNING_MISSING: "内容都对,但缺少失效、规划期满等应有的提示。",
}


def failed_step(outcome: Outcome) -> Step | None:
    """The first step that failed, None for a right answer."""
    if outcome.correct:
        return None
    if outcome.status == FAILED:
        return Step.ERROR
    if outcome.row.status == REFUSED:
        return Step.SHOULD_REFUSE if outcome.status != REFUSED else _content(outcome)
    if any(outcome.rank(expected) is None for expected in outcome.required if not outcome.cited(expected)):
        return Step.NOT_RETRIEVED
    if outcome.status == REFUSED:
        return Step.WRONGLY_REFUSED
    if outcome.row.status == PARTIAL and outcome.status != PARTIAL:
        return Step.CLAIMS_ANSWER
    if outcome.missing_clauses:
        return Step.NOT_CHOSEN
    return _content(outcome)


def _content(outcome: Outcome) -> Step:
    """What is wrong with an answer that rests on the right clauses."""
    missing = [fact for fact, found in outcome.facts if not found]
    if any(map(has_figure, missing)) or any(map(has_figure, outcome.forbidden)):
        return Step.WRONG_FIGURE
    if missing:
        return Step.MISSING_POINT
    if outcome.forbidden:
        return Step.FORBIDDEN
    if outcome.status != outcome.row.status:
        return Step.CLAIMS_SILENCE
    return Step.WARNING_MISSING
