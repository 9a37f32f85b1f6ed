"""Right answers pass the check and wrong ones do not: a seeded part of `python -m bench.verify`."""

from __future__ import annotations

import pytest

from bench.verify import measure, passes
from bench.verify_answers import documents, hand_written

WRONG_ANSWERS = 2000
KINDS = 17


@pytest.fixture(scope="module")
def figures():
    _, held_out = documents()
    return measure(held_out[::2], limit=WRONG_ANSWERS)[0]


def test_wrong_answers_are_caught(figures) -> None:
    assert figures["wrong"] == WRONG_ANSWERS
    assert len(figures["caught_by_kind"]) >= KINDS - 3
    assert figures["caught_share"] >= 0.99


def test_right_answers_are_not_rejected(figures) -> None:
    assert figures["rejected_share"] <= 0.01, figures["rejected_by_origin"]


def test_answers_written_by_hand_pass() -> None:
    tuned, held_out = documents()
    answers = list(hand_written((*tuned, *held_out)))
    rejected = [one.text for one in answers if not passes(one.text, one.sources, one.question, one.derived)]
    assert len(answers) >= 60
    assert len(rejected) <= len(answers) // 40, rejected
