"""An answer on its way: statements with what they rest on, before the check of their figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.models import Clause, Policy, PolicyId
from rag.calculate import Worked
from rag.sentences import split_sentences
from rag.validity import AnswerWarning
from rag.verify import Quote, Statement

ANSWERED, PARTIAL, REFUSED = "answered", "partial", "refused"


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said, before it gets markers and an id.

    Attributes:
        status: answered, partial or refused.
        statements: checked, in order.
        policies: quoted, in the order of their first quote.
        calculations: that are shown.
        ask_back: questions to the user.
        asked: questions that the policies can answer, offered with a refusal.
    """

    status: str
    statements: tuple[Statement, ...]
    policies: tuple[Policy, ...] = ()
    warnings: tuple[AnswerWarning, ...] = ()
    calculations: tuple[Worked, ...] = ()
    ask_back: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """Paragraphs of statements with what is said in front of the first one.

    Attributes:
        notes: introductions that state nothing; the first reason for doubt leads.
    """

    paragraphs: list[list[Statement]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: str = ANSWERED
    calculations: list[Worked] = field(default_factory=list)
    ask_back: list[str] = field(default_factory=list)

    @property
    def quotes(self) -> list[Quote]:
        """Everything that is quoted, in order."""
        return [quote for paragraph in self.paragraphs for statement in paragraph for quote in statement.quotes]

    def say(self, text: str, quotes: Iterable[Quote], *, derived: Sequence[str] = (), new: bool = True) -> None:
        """Add a statement, in a paragraph of its own or behind the last one."""
        statement = Statement(text, tuple(dict.fromkeys(quotes)), derived=tuple(derived))
        if new or not self.paragraphs:
            self.paragraphs.append([statement])
        else:
            self.paragraphs[-1].append(statement)

    def quote(self, quotes: Iterable[Quote]) -> None:
        """Add quotes as they stand; another clause begins another paragraph, nothing is said twice."""
        for quote in quotes:
            if any(holds(other, quote) for other in self.quotes):
                continue
            last = self.quotes[-1] if self.quotes else None
            self.say(one_line(quote), (quote,), new=last is None or last.clause is not quote.clause)

    def doubt(self, note: str) -> None:
        """Say why this is only part of an answer; the first reason is given."""
        if self.status != PARTIAL:
            self.notes.insert(0, note)
        self.status = PARTIAL


def one_line(quote: Quote) -> str:
    """The quote without the line ends inside it."""
    return quote.text.replace("\n", "")


def holds(one: Quote, other: Quote) -> bool:
    """Whether `other` lies within `one`."""
    same = one.policy_id == other.policy_id and one.clause.source == other.clause.source
    return same and one.start <= other.start and other.end <= one.end


def quote_of(policy_id: PolicyId, clause: Clause, words: str) -> Quote:
    """The sentences of a clause that hold `words`; all of the clause where it does not have them."""
    sentences = split_sentences(clause)
    start = clause.text.find(words)
    if start < 0 or not sentences:
        return Quote(policy_id, clause, sentences[0].start if sentences else 0, len(clause.text.rstrip()))
    touched = [s for s in sentences if s.start < start + len(words) and start < s.end]
    return Quote(policy_id, clause, min(s.start for s in touched), max(s.end for s in touched))
