"""The rule that pays on what a clause says how to count, where that clause itself gives nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.models import Benefit, ClausePath
from index.quantities import Kind
from index.store import IndexReader
from rag.choose import Choice, benefit_at, benefit_fit, benefits_by_path
from rag.judge import Judged
from rag.subject import Subject
from rag.terms import TermWeights
from rag.understand import Question

_COUNTED_AS = re.compile(
    r"(?P<what>[^，,。；;：:]{2,16}?)(?:以|按照?|依据|根据|是指|指|为)[^。；;]{2,}?(?:计算|核定|认定|确定|为准|计入|总和|之和)"
)
"""设备投资额按不含税发票金额计算: what a clause says how to count."""
_NAME = 4


def by_base(
    reader: IndexReader, judged: Sequence[Judged], question: Question, subject: Subject, weights: TermWeights
) -> Choice:
    """The rule that pays on what the likeliest clause says how to count, where that clause gives nothing itself.

    设备投资额按不含税发票金额计算 shares more words with a question that tells its invoices than the rule that pays on
    the 设备投资额 does. Only rules of the policy whose base or bound the clause names, and the question gives a sum;
    none where something was received, for what is paid then is a matter of clauses that are not read here.
    """
    situation = question.situation
    if not judged or situation.received or not any(one.kind is Kind.AMOUNT for one in situation.measures):
        return Choice()
    first = judged[0].item
    known = benefits_by_path(reader, first.policy_id)
    if known.get(first.clause.path):
        return Choice()
    found: list[tuple[float, ClausePath]] = []
    for path, benefits in known.items():
        named = [one for one in benefits if one.rate is not None and _counts_base(first.clause.text, one)]
        clause = reader.clause(first.policy_id, path)
        if named and clause is not None:
            around = clause.heading or ""
            found.append((max(benefit_fit(one, around, question, subject, weights) for one in named), path))
    if not found:
        return Choice()
    fit, path = max(found)
    clause = reader.clause(first.policy_id, path)
    if clause is None:
        return Choice()
    rates = [benefit_at(reader, first.policy_id, clause, one) for one in known[path] if one.rate is not None]
    return Choice(tuple(rates), fit=fit)


def _counts_base(text: str, benefit: Benefit) -> bool:
    """Whether a clause says how the base of a benefit, or the size it bounds, is counted."""
    names = [benefit.base or "", str((benefit.threshold or {}).get("metric", ""))]
    counted = [match["what"] for match in _COUNTED_AS.finditer(text)]
    return any(len(name) >= _NAME and any(name in what for what in counted) for name in names)
