"""An answer on its way: statements with what they rest on, before the check of their figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from index.models import Clause, Policy, PolicyId
from rag.calculate import Worked
from rag.compose.table import row_statement, rows
from rag.sentences import split_sentences
from rag.validity import AnswerWarning
from rag.verify import Quote, Statement

ANSWERED, PARTIAL, REFUSED = "answered", "partial", "refused"

_PAUSES = frozenset("。；：！？，、\n;:!?,（(")
_OPEN_ENDS = "；;，,、"
_CLOSED_ENDS = tuple("。！？：:!?")
_MARKS = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！"}
_HALF_WIDTH = re.compile(r"(?<=[^\x00-\x7f])[,:;?!]|(?<=[\dA-Za-z%)\]])[,:;?!](?=[^\x00-\x7f]|$)")
_BRACKETS = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")
_NOT_WORDS = re.compile(r"[\W_]+")


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

    @property
    def statements(self) -> list[Statement]:
        """Every statement, in order, with the number of its paragraph."""
        return [replace(one, paragraph=at) for at, paragraph in enumerate(self.paragraphs) for one in paragraph]

    def say(self, text: str, quotes: Iterable[Quote], *, derived: Sequence[str] = (), new: bool = True) -> None:
        """Add a statement in words of the program's own, in a paragraph of its own or behind the last one."""
        self._add(Statement(full_width(text), tuple(dict.fromkeys(quotes)), derived=tuple(derived)), new=new)

    def quote(self, quotes: Iterable[Quote]) -> None:
        """Add quotes as they stand; another clause begins another paragraph, nothing is said twice."""
        for quote in map(between_pauses, quotes):
            if any(holds(other, quote) for other in self.quotes) or self._has_said(quote):
                continue
            table = rows(quote)
            if table:
                for row in table:
                    self._add(row_statement(row), new=True)
                continue
            last = self.paragraphs[-1][-1] if self.paragraphs else None
            follows = last is not None and bool(last.quotes) and last.quotes[-1].clause is quote.clause
            self._add(Statement(one_line(quote), (quote,)), new=not follows or bool(last and last.derived))

    def _add(self, statement: Statement, *, new: bool) -> None:
        if new or not self.paragraphs:
            self.paragraphs.append([statement])
        else:
            self.paragraphs[-1].append(statement)

    def _has_said(self, quote: Quote) -> bool:
        """Whether a statement on the same clause has the words of the quote."""
        words = _NOT_WORDS.sub("", quote.text)
        return any(
            words in _NOT_WORDS.sub("", statement.text)
            for paragraph in self.paragraphs
            for statement in paragraph
            if any(other.clause is quote.clause for other in statement.quotes)
        )

    def doubt(self, note: str) -> None:
        """Say why this is only part of an answer; the first reason is given."""
        if self.status != PARTIAL:
            self.notes.insert(0, full_width(note))
        self.status = PARTIAL


def one_line(quote: Quote) -> str:
    """The quote as one sentence: without the line ends inside it, closed by a full stop."""
    text = quote.text.replace("\n", "").replace("\t", "，").strip()
    return text if text.endswith(_CLOSED_ENDS) else f"{text.rstrip(_OPEN_ENDS)}。"


def full_width(text: str) -> str:
    """The text with Chinese punctuation around Chinese words; 4:3:3 and 1,000 stay."""
    return _HALF_WIDTH.sub(lambda match: _MARKS[match[0]], _BRACKETS.sub(r"（\1）", text))


def between_pauses(quote: Quote) -> Quote:
    """The quote from the pause before it to the pause behind it, so that no word is cut from its phrase."""
    text, start, end = quote.clause.text, quote.start, quote.end
    while start > 0 and text[start - 1] not in _PAUSES:
        start -= 1
    while 0 < end < len(text) and text[end - 1] not in _PAUSES and text[end] not in _PAUSES and text[end] not in "）)":
        end += 1
    return quote if (start, end) == (quote.start, quote.end) else replace(quote, start=start, end=end)


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
