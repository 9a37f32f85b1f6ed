"""Whether a policy holds on a day, as the clause that says so and as warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from index.models import PREFACE, TAIL, Clause, EditionKind, Policy, PolicyFacts, Status, in_attachment
from rag.sentences import Sentence, split_sentences

_STATES_END = re.compile(
    r"有效期|试行期|执行期|施行期限|实施期限?至|(?:执行|实施|施行|试行)至|适用于\d{4}年|(?:暂定|试行)[一二两三四五六七八九十\d]+(?:年|个月)"
)
_STATES_START = re.compile(
    r"自.{0,24}?(?:起|后)(?:正式)?(?:施行|实施|执行|生效|试行)|之日起?\d*日?后?(?:施行|实施)|(?:印发|发布|公布)之日"
)
_SAYS_WHEN = re.compile(r"\d|[一二两三四五六七八九十〇零]+(?:年|个月)|之日|长期")
"""What a sentence has that says how long or from when, and 已享受的继续执行至期满 has not."""
_PARTS = re.compile(r"[,，。；;]")
_FINAL_CLAUSES = 3
"""Clauses at the end of a document where its dates stand when it has no closing part."""


@dataclass(frozen=True, slots=True)
class AnswerWarning:
    """Something the reader must know about a policy that is quoted.

    Attributes:
        code: expired, period_ended, not_yet_effective, validity_unknown, draft, digest_edition, figure_rejected or
            model_unavailable.
        message: Chinese sentence for the user.
    """

    code: str
    message: str


def validity_sentence(clauses: Sequence[Clause]) -> tuple[Clause, Sentence] | None:
    """The sentence that states how long the policy holds, else from when; None where none does."""
    return _stating(clauses, _STATES_END) or _stating(clauses, _STATES_START)


def _stating(clauses: Sequence[Clause], pattern: re.Pattern[str]) -> tuple[Clause, Sentence] | None:
    """The first sentence of the closing clauses, else of the opening, that a pattern finds; best with a time."""
    stated = list(_matching(clauses, pattern))
    timed = (found for found in stated if _timed(found[0].text[found[1].start : found[1].end], pattern))
    return next(timed, next(iter(stated), None))


def _timed(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether a part of a sentence that the pattern finds says a time itself."""
    return any(pattern.search(part) and _SAYS_WHEN.search(part) for part in _PARTS.split(text))


def _matching(clauses: Sequence[Clause], pattern: re.Pattern[str]) -> Iterator[tuple[Clause, Sentence]]:
    # Attachments stand behind the closing clauses, and their own dates are those of lists and forms.
    body = [clause for clause in clauses if not in_attachment(clause.path)]
    final = [*body[-_FINAL_CLAUSES:], *(clauses[-_FINAL_CLAUSES:] if len(body) < len(clauses) else ())]
    closing = [clause for clause in clauses if clause.path == TAIL]
    opening = [clause for clause in clauses if clause.path == PREFACE]
    for clause in [*closing, *final, *opening]:
        # 本政策自印发之日起施行。 at the head of the last item is read as its heading, which is no sentence elsewhere.
        heading = len(clause.heading or "")
        for sentence in [*split_sentences(clause), *([Sentence(0, heading, 0)] if heading else [])]:
            if pattern.search(clause.text[sentence.start : sentence.end]):
                yield clause, sentence


def validity_sentences(clauses: Sequence[Clause]) -> tuple[tuple[Clause, Sentence], ...]:
    """The sentences that state from when and how long the policy holds, in the order of the text, at most one each."""
    found = []
    for pattern in (_STATES_START, _STATES_END):
        stated = _stating(clauses, pattern)
        if stated is not None and stated not in found:
            found.append(stated)
    return tuple(sorted(found, key=lambda one: (one[0].source.start, one[1].start)))


def states_validity(text: str) -> bool:
    """Whether a text says from when or how long something holds."""
    return bool(_STATES_END.search(text) or _STATES_START.search(text))


ABOUT_POLICIES = frozenset(
    ("expired", "period_ended", "not_yet_effective", "validity_unknown", "draft", "digest_edition")
)
"""Codes of the warnings that are about a policy that is quoted."""


def warnings_for(policies: Sequence[Policy], as_of: date, *, said: str = "") -> tuple[AnswerWarning, ...]:
    """What must be said about the policies that an answer quotes, on the day `as_of`.

    Of what the answer `said` itself, dates and periods are not told again.
    """
    found: list[AnswerWarning] = []
    for policy in policies:
        name = f"《{policy.facts.title}》" if len(policies) > 1 else "该文件"
        found += _status_warnings(policy.facts, name, as_of, said)
        if policy.best.kind is EditionKind.DIGEST:
            found.append(AnswerWarning("digest_edition", f"本回答依据{name}的摘编本，不是文件原文，使用前请核对原文。"))
    return tuple(found)


def _status_warnings(facts: PolicyFacts, name: str, as_of: date, said: str) -> list[AnswerWarning]:
    day = chinese_date(as_of)
    match facts.status(as_of):
        case Status.DRAFT:
            return [AnswerWarning("draft", f"{name}是征求意见稿，尚未正式发布，不能作为申报依据。")]
        case Status.EXPIRED:
            known = any(word in said for word in ("已经失效", "已经废止"))
            ended = "已经失效" if known else f"{_end(facts, as_of)}，截至{day}已经失效"
            return [AnswerWarning("expired", f"{name}{ended}，现在申报请以现行文件为准。")]
        case Status.PERIOD_ENDED if facts.period is not None:
            years = f"{facts.period[0]}—{facts.period[1]}年"
            ended = "规划期已经结束" if "已经期满" in said else f"规划期是{years}，截至{day}已经结束"
            message = f"{name}的{ended}，其中的目标和措施可能不再执行。"
            return [AnswerWarning("period_ended", message)]
        case Status.NOT_YET_EFFECTIVE:
            start = facts.effective_on or facts.issued_on
            since = f"自{chinese_date(start)}起施行，" if start is not None and "尚未施行" not in said else ""
            return [AnswerWarning("not_yet_effective", f"{name}{since}在{day}尚未施行，还不能据此申报。")]
        case Status.UNKNOWN:
            message = f"{name}没有写明施行日期和有效期，请向发文机关确认是否仍然有效。"
            return [AnswerWarning("validity_unknown", message)]
        case _:
            return []


def _end(facts: PolicyFacts, as_of: date) -> str:
    if facts.repealed_on is not None and as_of >= facts.repealed_on:
        return f"自{chinese_date(facts.repealed_on)}起废止"
    return f"有效期至{chinese_date(facts.expires_on)}" if facts.expires_on is not None else "已写明失效"


def chinese_date(day: date) -> str:
    """2021年12月31日."""
    return f"{day.year}年{day.month}月{day.day}日"
