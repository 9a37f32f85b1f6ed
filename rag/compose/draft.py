"""An answer on its way: statements with what they rest on, before the check of their figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.models import Clause, Policy, PolicyId
from rag.calculate import Worked
from rag.compose.table import announced, row_statement, rows
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
_IN_BRACKETS = re.compile(r"^[（(〔［\[]([^（()）〔〕［］\[\]]+)[)）〕］\]]。?$")
"""（责任单位：市科技局）: a remark that stands alone where it is the answer."""
_NAME_OF_CLAUSE = re.compile(
    r"^(?:（[\u4e00-\u9fff]{2,8}）|\([\u4e00-\u9fff]{2,8}\)|【[\u4e00-\u9fff]{2,8}】)(?=[\u4e00-\u9fff])"
)
"""（申请材料）申请机构应当…: what a clause is called runs into its first sentence."""
_REPEATS = re.compile(r"^(?:前提|依据|文件另有规定)[：:](?P<what>.+)$")
_WORDS = re.compile(r"[\u4e00-\u9fff]+")
_RUN = 5
"""Characters in a row that a sentence shares with a clause it rests on."""
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
        offered: answers to choose from, by question; a question without any asks for a figure.
    """

    status: str
    statements: tuple[Statement, ...]
    policies: tuple[Policy, ...] = ()
    warnings: tuple[AnswerWarning, ...] = ()
    calculations: tuple[Worked, ...] = ()
    ask_back: tuple[str, ...] = ()
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """Paragraphs of statements with what is said in front of the first one.

    Attributes:
        notes: introductions that state nothing; the first reason for doubt leads.
        titled: whether the policies that are quoted are named where it is said how long they hold.
    """

    paragraphs: list[list[Statement]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: str = ANSWERED
    calculations: list[Worked] = field(default_factory=list)
    ask_back: list[str] = field(default_factory=list)
    offered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    titled: bool = False

    @property
    def quotes(self) -> list[Quote]:
        """Everything that is quoted, in order."""
        return [quote for paragraph in self.paragraphs for statement in paragraph for quote in statement.quotes]

    @property
    def statements(self) -> list[Statement]:
        """Every statement, in order, with the number of its paragraph."""
        return [replace(one, paragraph=at) for at, paragraph in enumerate(self.paragraphs) for one in paragraph]

    def say(self, text: str, quotes: Iterable[Quote], *, derived: Sequence[str] = (), new: bool = True) -> None:
        """Add a statement in words of the program's own, in a paragraph of its own or behind the last one.

        What rests on the row of a table is said with the names of its columns. The words of a clause are said once,
        and in another paragraph than what was computed from them.
        """
        rests_on = tuple(dict.fromkeys(quotes))
        table = rows(rests_on[0]) if rests_on and not derived else []
        if table:
            self._add(row_statement(table[-1]), new=new)
            return
        copied = len(rests_on) == 1 and text == one_line(rests_on[0])
        if copied and self._has_said(rests_on[0]):
            return
        statement = Statement(text if copied else full_width(text), rests_on, derived=tuple(derived))
        self._add(statement, new=new or (copied and self._computed_last()))

    def quote(self, quotes: Iterable[Quote]) -> None:
        """Add quotes as they stand; those of a clause stay together, nothing is said twice."""
        for quote in map(between_pauses, quotes):
            if any(holds(other, quote) for other in self.quotes) or self._has_said(quote):
                continue
            self._drop_within(quote)
            at = self._paragraph_on(quote)
            for statement in spoken(quote):
                if at is None or statement.derived:
                    self.paragraphs.append([statement])
                else:
                    self.paragraphs[at].append(statement)
                at = len(self.paragraphs) - 1 if at is None else at

    def _drop_within(self, quote: Quote) -> None:
        """Take out quotes as they stand that are a part of a longer one."""
        for paragraph in self.paragraphs:
            paragraph[:] = [one for one in paragraph if not (_is_plain(one) and holds(quote, one.quotes[0]))]
        self.paragraphs[:] = [paragraph for paragraph in self.paragraphs if paragraph]

    def _paragraph_on(self, quote: Quote) -> int | None:
        """The last paragraph that ends in words of the quote's clause as they stand."""
        for at in range(len(self.paragraphs) - 1, -1, -1):
            last = self.paragraphs[at][-1]
            if last.quotes and not last.derived and all(_same_clause(other, quote) for other in last.quotes):
                return at
        return None

    def _add(self, statement: Statement, *, new: bool) -> None:
        if new or not self.paragraphs:
            self.paragraphs.append([statement])
        else:
            self.paragraphs[-1].append(statement)

    def _computed_last(self) -> bool:
        """Whether the last statement has figures that were computed."""
        return bool(self.paragraphs) and bool(self.paragraphs[-1][-1].derived)

    def _has_said(self, quote: Quote) -> bool:
        """Whether a statement on the same clause has the words of the quote."""
        words = _NOT_WORDS.sub("", quote.text)
        return any(
            words in _NOT_WORDS.sub("", statement.text)
            for paragraph in self.paragraphs
            for statement in paragraph
            if any(_same_clause(other, quote) for other in statement.quotes)
        )

    def drop_repeated(self) -> None:
        """Take out notes (前提：…) whose words the clause itself says in another statement."""
        told = [_NOT_WORDS.sub("", one.text) for one in self.statements if not _REPEATS.match(one.text)]
        for paragraph in self.paragraphs:
            paragraph[1:] = [one for one in paragraph[1:] if not _repeats(one.text, told)]

    def tell_table(self, open_note: str) -> None:
        """Add the rows of a table that a quote announces where none of it is told; it is what `open_note` misses."""
        quoted = self.quotes
        told = {(one.policy_id, one.clause.path) for one in quoted if "\t" in one.text}
        lines = [row for one in quoted if (one.policy_id, one.clause.path) not in told for row in announced(one)]
        if not lines:
            return
        self.quote(dict.fromkeys(lines))
        if self.status == PARTIAL and self.notes[:1] == [full_width(open_note)]:
            self.status = ANSWERED
            self.notes.pop(0)

    def doubt(self, note: str) -> None:
        """Say why this is only part of an answer; the first reason is given."""
        if self.status != PARTIAL:
            self.notes.insert(0, full_width(note))
        self.status = PARTIAL


def _is_plain(statement: Statement) -> bool:
    """Whether a statement is one quote as it stands."""
    return not statement.derived and len(statement.quotes) == 1 and statement.text == one_line(statement.quotes[0])


def _repeats(text: str, told: Sequence[str]) -> bool:
    note = _REPEATS.match(text)
    return note is not None and any(_NOT_WORDS.sub("", note["what"]) in other for other in told)


def spoken(quote: Quote) -> list[Statement]:
    """The words of a quote as statements: one sentence, or one for each row of a table that it touches."""
    return [row_statement(row) for row in rows(quote)] or [Statement(one_line(quote), (quote,))]


def one_line(quote: Quote) -> str:
    """The quote as one sentence: without the line ends inside it or brackets around it, closed by a full stop."""
    text = quote.text.replace("\n", "").replace("\t", "，").strip()
    bracketed = _IN_BRACKETS.match(text)
    text = bracketed[1] if bracketed is not None else _NAME_OF_CLAUSE.sub("", text)
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


def supporting(statement: Statement) -> Statement:
    """A statement on a calculation with those of its quotes that share words with it, else the first one alone."""
    runs = {run[at : at + _RUN] for run in _WORDS.findall(statement.text) for at in range(len(run) - _RUN + 1)}
    shared = tuple(quote for quote in statement.quotes if any(run in quote.text for run in runs))
    return replace(statement, quotes=shared or statement.quotes[:1])


def holds(one: Quote, other: Quote) -> bool:
    """Whether `other` lies within `one`."""
    return _same_clause(one, other) and one.start <= other.start and other.end <= one.end


def _same_clause(one: Quote, other: Quote) -> bool:
    return one.policy_id == other.policy_id and one.clause.source == other.clause.source


def quote_of(policy_id: PolicyId, clause: Clause, words: str) -> Quote:
    """The sentences of a clause that hold `words`; all of the clause where it does not have them."""
    sentences = split_sentences(clause)
    start = clause.text.find(words)
    if start < 0 or not sentences:
        return Quote(policy_id, clause, sentences[0].start if sentences else 0, len(clause.text.rstrip()))
    touched = [s for s in sentences if s.start < start + len(words) and start < s.end]
    return Quote(policy_id, clause, min(s.start for s in touched), max(s.end for s in touched))
