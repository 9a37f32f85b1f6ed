"""Money that is no benefit: a fund, a fine, a price."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.store import IndexReader
from rag.asked import states_money
from rag.compose.draft import Draft
from rag.compose.quoting import draft_sentences
from rag.judge import Judged
from rag.subject import Subject
from rag.understand import Question, Want

_FUND_ASKED = re.compile(r"资金|基金|经费|预算|安排|规模(?!以上)|每年|总额|总投资|罚|收费|价格|租金")
_PRICE = re.compile(r"罚|收费|价格|租金")
_FUND = re.compile(r"安排|设立|统筹|规模|扩大|总额|预算|投入|罚|收费|租金")


def draft_fund(
    reader: IndexReader,
    question: Question,
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
    *,
    better_than: float,
) -> Draft | None:
    """Money that is no benefit (a fund, a fine) where that is asked for and fits better than any benefit."""
    asked = _FUND_ASKED.search(question.focus or question.text)
    if Want.AMOUNT not in question.wants or asked is None:
        return None
    draft = draft_sentences(reader, question, judged, subject, as_of)
    text = "".join(quote.clause.text[quote.start : quote.end] for quote in draft.quotes)
    stated = re.search(asked[0], text) if _PRICE.fullmatch(asked[0]) else _FUND.search(text)
    return draft if stated and states_money(text) and subject.familiar.cover(text) > better_than else None
