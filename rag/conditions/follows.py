"""What becomes of money that was granted, where something changes: 五年内迁离的退回, 撤销之前已经兑付的不再收回."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.models import Clause, PolicyId
from rag.conditions.said import as_policies_say, share_said
from rag.sentences import split_sentences
from rag.verify import Quote

_BACK = re.compile(r"退[回还]|收回|追回|追缴|取消|停止|停发|撤销|扣回|返还(?!标准|比例)|终止")
_KEPT = re.compile(
    r"不再(?:收回|追回|退回|追缴)|不(?:予|需要?|要求|用|必)(?:收回|追回|退[回还])|(?:无需|无须|免于|免予)退[回还]"
)
_MODAL = re.compile(
    r"[，,]?(?:应当?|必须|须|需|要|由)(?!求)[^，,]{0,16}$|(?:本|我)[市县区省]|[^，,]{0,8}(?:奖励|支持|补助|补贴|资金|扶持)后"
)
_GRANT = re.compile(r"已经?|发放|兑付|拨付|阶段|奖励|补助|补贴|资金|款项|支持|扶持|享受|所")
_BREACH = re.compile(r"^(?:违反|否则|未履行|未按|逾期未)")
"""Goes on from the part in front: what is promised there is broken here."""
_PART = re.compile("[。；;\n]")
_LEAST = 0.4


@dataclass(frozen=True, slots=True)
class Follows:
    """A sentence that says what becomes of a grant.

    Attributes:
        kept: it need not be given back.
        fit: share (0..1) of the sentence's words that the question has.
    """

    quote: Quote
    kept: bool
    fit: float


def what_follows(asked: str, clauses: Sequence[Clause], policy_id: PolicyId) -> Follows | None:
    """The sentence of a policy on what becomes of a grant in the case that the question names; None without one."""
    plain = as_policies_say(asked)
    found: list[Follows] = []
    for clause in clauses:
        for sentence in split_sentences(clause):
            for part in _parts(clause.text[sentence.start : sentence.end]):
                fate = _KEPT.search(part) or _BACK.search(part)
                if fate is not None:
                    case = _MODAL.sub("", part[: fate.start()])
                    fit = max(
                        share_said(_GRANT.sub("", case), plain),
                        share_said(_GRANT.sub("", re.split("[，,]", case)[-1]), plain),
                    )
                    quote = Quote(policy_id, clause, sentence.start, sentence.end)
                    found.append(Follows(quote, _KEPT.search(part) is not None, fit))
    best = max(found, key=lambda one: one.fit, default=None)
    return best if best is not None and best.fit >= _LEAST else None


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for part in _PART.split(text):
        if parts and _BREACH.search(part):
            parts[-1] += f"，{part}"
        else:
            parts.append(part)
    return parts
