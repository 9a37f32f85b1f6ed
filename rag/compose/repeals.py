"""Which clause of another policy repeals a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.models import PolicyId
from index.store import IndexReader
from rag.compose.draft import Draft, quote_of
from rag.doc_numbers import fold_number
from rag.titles import family
from rag.verify import Quote

_REPEALS = re.compile(r"废止|失效|停止执行")
_TITLE = re.compile(r"《([^《》]{4,80})》")


def with_repeals(reader: IndexReader, draft: Draft, policies: Sequence[PolicyId], as_of: date) -> Draft:
    """The answer on the validity of policies, with the clauses that have repealed them by the day `as_of`."""
    for policy_id in policies:
        repealed = reader.facts()[policy_id].repealed_on
        if repealed is not None and as_of >= repealed:
            quote = repealing_quote(reader, policy_id)
            draft.quote([quote] if quote is not None else [])
            if quote is not None and len(policies) == 1:
                # The policy that repeals it is in force and stands first: what was asked about comes before that.
                draft.notes.append(f"《{reader.facts()[policy_id].title}》已经废止。")
    return draft


def repealing_quote(reader: IndexReader, policy_id: PolicyId) -> Quote | None:
    """The sentence of another policy that repeals this one, by its document number or its title; None without one."""
    facts = reader.facts()[policy_id]
    number = fold_number(facts.doc_number) if facts.doc_number else None
    for other in reader.facts():
        if other == policy_id:
            continue
        for clause in reader.clauses(other):
            if not _REPEALS.search(clause.text):
                continue
            if number is not None and number in fold_number(clause.text):
                return quote_of(other, clause, "废止" if "废止" in clause.text else clause.text[:1])
            for match in _TITLE.finditer(clause.text):
                if match[1] == facts.title or (family(match[1]) == family(facts.title) and match[1] in facts.title):
                    return quote_of(other, clause, match[0])
    return None
