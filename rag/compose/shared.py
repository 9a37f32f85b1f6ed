"""Which level of government bears the money: 区里要配套多少, 市里和区里怎么分担.

Such a question has no subject of its own, and the clause that answers it stands once for all that a policy gives,
often in its last paragraph and in other words (按现行财政体制分担). It is looked for by its form, where nothing else
answered.
"""

from __future__ import annotations

import re
from datetime import date

from index.models import PolicyId, Status
from index.store import IndexReader
from rag.asked import states_money
from rag.compose.administrative import quoting
from rag.compose.draft import Draft
from rag.compose.which import held_at
from rag.found import Retrieval
from rag.sentences import split_sentences
from rag.understand import Question
from rag.verify import Quote

_LEVEL = r"(?:省|市|区|县|镇|乡|街道|地方|属地|本级|各级|财政|园区|新区|开发区|管委会)"
_ASKED = re.compile(
    rf"{_LEVEL}(?:里|级|一级|本级|财政|政府|这边|那边|方面|[、和与跟]|{_LEVEL})*(?:各|都|又|还|再|要不要|要|会|需要?|得|应该?|能|给|拿|出|跟着|怎么|如何|按)*"
    r"(?:多少)?(?:比例)?的?(?:配套|分担|分摊|承担|负担)|(?:配套|分担|分摊)(?:资金|比例|多少|几|怎么|如何)"
)
_BY_SHARE = re.compile(r"多少|几|比例|百分")
_SHARED = re.compile(
    rf"{_LEVEL}[^。；]{{0,40}}(?:分担|分摊|共担|共同承担|按比例承担|各承担|负担)|(?:分担|分摊|配套)比例|财政体制[^。；]{{0,20}}(?:承担|负担|兑现)"
    rf"|{_LEVEL}[^。；，]{{0,12}}(?:给予|按|予以|应当|落实|安排)[^。；]{{0,20}}配套(?:资金|奖励|补助|支持|资助)?"
)
_NO_SHARE = "文件没有写明配套或者分担的比例,只规定:"
_POLICIES = 2
"""With more policies that have such a clause it has to be told first which one is meant."""


def draft_shared(reader: IndexReader, question: Question, found: Retrieval, as_of: date) -> Draft | None:
    """The sentence on who bears the money, where that is asked; None where it is not, and where no policy has one.

    Several policies may have one: those of the places named, else those in force, and at most `_POLICIES` of them.
    """
    asked = question.focus or question.text
    if not _ASKED.search(asked):
        return None
    facts = reader.facts()
    stated = {policy_id: quote for policy_id in facts if (quote := _stated(reader, policy_id)) is not None}
    here = [policy_id for policy_id in held_at(reader, found, as_of) if policy_id in stated]
    valid = [policy_id for policy_id in stated if facts[policy_id].status(as_of) is Status.IN_FORCE]
    meant = here or valid or list(stated)
    if not 0 < len(meant) <= _POLICIES:
        return None
    quotes = [stated[policy_id] for policy_id in meant]
    shares = any(states_money(quote.text) for quote in quotes)
    return quoting(quotes, note="" if shares or not _BY_SHARE.search(asked) else _NO_SHARE)


def _stated(reader: IndexReader, policy_id: PolicyId) -> Quote | None:
    """The first sentence of a policy that says which level bears the money."""
    for clause in reader.clauses(policy_id):
        for sentence in split_sentences(clause):
            if _SHARED.search(clause.text, sentence.start, sentence.end):
                return Quote(policy_id, clause, sentence.start, sentence.end)
    return None
