"""Sums over rules in many drafting styles (tests/sums), each worked out by hand: how many are right, how many wrong.

The cases were written by a hand that knew the program, but not to be passed by it. Their rules are mostly harder than
those the program was made for; the bounds keep what is reached, and a wrong sum is the worse failure.
"""

from __future__ import annotations

import json
from pathlib import Path

from test_rag_calculate import of_text

from index.quantities import quantities
from rag.calculate import work_out
from rag.understand import understand

CASES = [json.loads(line) for line in (Path(__file__).parent / "sums" / "cases.jsonl").open(encoding="utf-8")]
LEAST_RIGHT, MOST_WRONG = 26, 33


def test_sums_over_many_drafting_styles() -> None:
    right, wrong = [], []
    for case in CASES:
        found = {one.value for one in work_out(understand(case["question"]), of_text(case["rule"])) if one.complete}
        wanted = {quantities(words)[0].value for words in case["results"]}
        if found:
            (right if found <= wanted else wrong).append(case["id"])
    assert len(right) >= LEAST_RIGHT, f"right: {right}"
    assert len(wrong) <= MOST_WRONG, f"wrong: {wrong}"
