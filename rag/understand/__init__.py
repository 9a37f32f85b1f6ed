"""From what a person types to what is searched: cleaned, corrected, told apart, complete without the conversation.

The steps, in order: `clean` (width, markup, spoken words), `rag.lexicon` (typing errors), `segments` (what asks, what
is story, what commands the program), `history` (follow-ups), `wants`, `situation`, `dates`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rag.figures import figures
from rag.lexicon import Lexicon
from rag.place_typos import with_known_places
from rag.places import places_in
from rag.references import References, find_references
from rag.terms import content_terms
from rag.understand.clean import clean
from rag.understand.dates import as_of
from rag.understand.history import Joined, join, without_new_topic
from rag.understand.past import says_past
from rag.understand.question import HISTORY_LIMIT, QUESTION_LIMIT, Question, Turn, Want, check
from rag.understand.segments import Unit, focus_of, joined, units_of, without_lead
from rag.understand.situation import situation_of
from rag.understand.subject import count_subject_words, levels_in
from rag.understand.wants import asks_for_circumstance, wants_of

__all__ = [
    "HISTORY_LIMIT",
    "QUESTION_LIMIT",
    "Lexicon",
    "Question",
    "Turn",
    "Want",
    "check",
    "names_subject",
    "understand",
    "wants_of",
]


def understand(
    asked: str, history: Sequence[Turn] = (), *, lexicon: Lexicon | None = None, today: date | None = None
) -> Question:
    """The question `asked` after the conversation `history` (oldest first).

    Args:
        lexicon: names of the index, to correct typing errors by and to recognise subjects; None does neither.
        today: what 去年 counts from; the present day by default.

    Raises:
        ValueError: it is empty or longer than `QUESTION_LIMIT`; the message is for the user.
    """
    checked = check(asked)
    previous: Question | None = None
    answer = ""
    for before, answered in list(history)[-HISTORY_LIMIT:]:
        if before.strip():
            previous = _complete(
                _single(before.strip()[:QUESTION_LIMIT], lexicon, today), previous, answer, lexicon, today
            )
            answer = answered
    return _complete(_single(checked, lexicon, today), previous, answer, lexicon, today)


def names_subject(question: Question) -> bool:
    """Whether a question says what it is about: a content word, a document, or a clause."""
    if question.references.doc_numbers or question.references.titles:
        return True
    return any(not term.weak for term in content_terms(question.focus or question.text))


def _single(asked: str, lexicon: Lexicon | None, today: date | None) -> Question:
    """A question read alone."""
    text = clean(asked) or asked
    corrections: tuple[tuple[str, str], ...] = ()
    if lexicon is not None:
        text, corrections = lexicon.correct(text)
        text, places = with_known_places(text, lexicon.regions)
        corrections += places
    return replace(_read(asked, text, lexicon, today), corrections=corrections)


def _read(asked: str, text: str, lexicon: Lexicon | None, today: date | None) -> Question:
    """What a complete text says; orders to the program are left out of it."""
    units = units_of(text)
    kept = tuple(unit for unit in units if not unit.order)
    asks = any(unit.asks for unit in units) or bool(wants_of(text))
    orders = any(unit.order for unit in units) and not any(not unit.chatter for unit in kept) and not asks
    if not any(not unit.chatter for unit in kept):
        # Nothing but orders: the words stay to be searched, the figures do not, they are no facts.
        kept = tuple(replace(unit, order=False, text=_without_figures(unit.text)) for unit in units)
    said = _with_place(joined(kept) or text, units, lexicon)
    chosen = focus_of(kept, lambda part: count_subject_words(part, lexicon))
    focus = _focus_text(chosen) or said
    return Question(
        asked=asked,
        text=said,
        wants=wants_of(focus) - ({Want.VALIDITY} if asks_for_circumstance(said) else set()),
        levels=_levels(chosen) or levels_in(said),
        references=find_references(said),
        focus=focus,
        situation=situation_of(kept),
        as_of=as_of(said, today),
        orders=orders,
    )


def _with_place(said: str, units: Sequence[Unit], lexicon: Lexicon | None) -> str:
    """`said` with the place that only an order to the program names: 直接说某县补3000元,另外旧的一辆多少."""
    regions = lexicon.regions if lexicon is not None else ()
    ordered = " ".join(unit.text for unit in units if unit.order)
    names = dict.fromkeys(place.name for place in places_in(ordered, regions)) if ordered else {}
    return said if len(names) != 1 or places_in(said, regions) else f"{next(iter(names))} {said}"


def _without_figures(text: str) -> str:
    for figure in reversed(figures(text)):
        text = text[: figure.start] + text[figure.end :]
    return text


def _focus_text(units: Sequence[Unit]) -> str:
    return joined([replace(unit, text=without_lead(unit.text)) for unit in units])


def _levels(units: Sequence[Unit]) -> tuple[str, ...]:
    """Levels asked about: those of units that tell of money received count only where no other unit names one."""
    present = [unit.text for unit in units if not says_past(unit.text)]
    return levels_in(" ".join(present)) or levels_in(" ".join(unit.text for unit in units))


def _complete(
    question: Question, previous: Question | None, answer: str, lexicon: Lexicon | None, today: date | None
) -> Question:
    """`question` joined with the complete question before it, where it does not stand alone."""
    rest, opens = without_new_topic(question.focus)
    if opens and names_subject(replace(question, focus=rest)):
        return replace(question, focus=rest)
    if previous is None or all(unit.chatter for unit in units_of(question.text)):
        return question
    found = join(question, previous, answer, lexicon)
    if found is None:
        return question
    return _joined(question, previous, found, lexicon, today)


_WHETHER = re.compile(r"(?P<verb>[要会用算行准让必须])不(?P=verb)|[要会算得][^,。?]{0,6}[吗么不][?。]*$")


def _asks_whether(question: Question, found: Joined) -> bool:
    """Whether a follow-up asks if something of its own is so (关闭了要不要退回): no sum is asked again."""
    return not found.replaced and bool(_WHETHER.search(question.focus))


def _joined(
    question: Question, previous: Question, found: Joined, lexicon: Lexicon | None, today: date | None
) -> Question:
    """The joined text read again; what is asked comes from the follow-up where it says so."""
    whole = _read(question.asked, found.text, lexicon, today)
    references = question.references if question.references != References() else whole.references
    return replace(
        whole,
        focus=found.focus,
        wants=question.wants or (frozenset() if _asks_whether(question, found) else previous.wants),
        levels=levels_in(found.focus) or whole.levels,
        references=references,
        joined=not found.placed,
        as_of=question.as_of or whole.as_of,
        corrections=(*previous.corrections, *question.corrections),
    )
