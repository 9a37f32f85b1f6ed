"""A question read once more, wider, where its asking part alone found nothing.

What asks may stand behind the story that says what about (运营半年多了,能补多少), or lean on the question before in
words that no rule for follow-ups knows. The wider reading takes in the story, then the question before. It is tried
only where the narrow one is refused for want of evidence, or computes nothing of the figures told, and the same
calibrated judge decides on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from rag.lexicon import Lexicon
from rag.subject import Subject
from rag.terms import TermWeights
from rag.understand import Question, Turn, Want, understand
from rag.understand.history import elsewhere

LEANING = 24
"""Characters of a question that may lean on the one before it without a word that says so."""


def asks_to_compute(question: Question) -> bool:
    """Whether a sum is asked for, and the story that what asks stands behind has figures to work it out with."""
    said = question.situation
    told = bool(said.measures or said.received or said.counted)
    return Want.AMOUNT in question.wants and told and len(question.focus) < len(question.text)


def widened(
    question: Question, history: Sequence[Turn], *, lexicon: Lexicon | None, terms: TermWeights, today: date | None
) -> Iterator[Question]:
    """Wider readings of a question, the nearest first; none where it says all by itself.

    A question that names something the index does not know (天气), or another place, is not joined to the one before:
    it may well be about something else.
    """
    if len(question.focus) < len(question.text):
        yield replace(question, focus=question.text)
    if question.joined or not history or len(question.text) > LEANING:
        return
    if Subject.of(question.focus, terms).unknown_nouns:
        return
    before = understand(history[-1][0], history[:-1], lexicon=lexicon, today=today)
    if elsewhere(question, before, lexicon):
        return
    whole = understand(f"{before.text}。{question.text}", lexicon=lexicon, today=today)
    yield replace(
        whole,
        asked=question.asked,
        focus=f"{before.focus} {question.focus}",
        wants=question.wants or before.wants,
        joined=True,
        as_of=question.as_of or whole.as_of,
    )
