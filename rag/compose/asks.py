"""Questions with several asks (建站给多少,之后每招一个又给多少): what an answer leaves out of the clauses it rests on.

An answer is made of the rule that fits the question as a whole, which is the rule for one of the asks. Those for the
others mostly stand beside it, in words of their own or in none that the question shares (另外补不补, 剩下多少).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.store import IndexReader
from rag.asked import answers_want, figure_check, gives, states_money
from rag.compose.draft import ANSWERED, REFUSED, Draft, one_line
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.understand import Question, Want, wants_of
from rag.understand.segments import units_of
from rag.verify import Quote

ASKS = 5
"""Most asks of a question that are looked at."""
_CLAUSES = 3
"""Clauses of an answer that are looked through."""
_FULLER = 0.1
"""How much more of an ask's subject a piece must name than what is told."""
_NAMES = 0.25
"""Share of an ask's subject from which on a piece names it."""
_LONGEST = 160
_ENDS = re.compile(
    r"(?:多少(?:钱|[万亿]元?|元|块钱?)?|几(?:成|万元?|千|百|块钱?|年|天|次|个点|折|个月)|多久|什么时候|啥时候|吗|呢)(?=[^、?]{2})"
)
"""Where an ask ends with no mark behind it: 先到账多少剩下多少."""
_LIMIT_ASKED = re.compile(r"封顶|上限|最多|最高|顶多|到顶|为止|顶格|至多")
_LIMIT = re.compile(r"最高|不超过|上限|封顶|至多|以内|为限|最长|最多")
_BESIDES = re.compile(r"另外|还|又|再|之后|以后|后面|除了|剩|余|呢$|也")
_ON_TOP = re.compile(r"另外|除此之外|额外|之外再")
_NOT_WORDS = re.compile(r"[\W_]+")
_PIECE = re.compile(r"[^；;]+[；;]?")
_MONEY = frozenset((Want.AMOUNT, Want.SUPPORT))

Check = Callable[[str], bool]
SubjectOf = Callable[[Question], Subject]


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask of a question.

    Attributes:
        subject: what it names.
        checks: what has to hold of a text that meets it.
        besides: whether it asks for what comes on top of something.
    """

    text: str
    subject: Subject
    checks: tuple[Check, ...]
    besides: bool

    def met_by(self, text: str) -> bool:
        """Whether a text has the kind of thing that is asked for."""
        return all(check(text) for check in self.checks)


def asks_of(text: str) -> tuple[str, ...]:
    """The asks of a question in order, each with what is said before it since the last one."""
    found: list[str] = []
    before: list[str] = []
    for unit in units_of(text):
        if unit.order or unit.chatter:
            continue
        for piece in _cut(unit.text):
            before.append(piece)
            if _asks(piece):
                found.append(",".join(before))
                before = []
    return tuple(found)


def add_asked(draft: Draft, reader: IndexReader, question: Question, subject_of: SubjectOf) -> None:
    """Quote what the clauses of an answer say to those asks of a question that it does not meet."""
    texts = asks_of(question.asked if question.joined else question.text)
    several = len(texts) > 1 or (len(texts) == 1 and _ON_TOP.search(texts[0]))
    if not several or len(texts) > ASKS or draft.status == REFUSED:
        return
    for number, text in enumerate(texts):
        ask = _ask(replace(question, text=text, focus=text, wants=wants_of(text)), subject_of)
        told = [statement.text for statement in draft.statements]
        said = [_NOT_WORDS.sub("", one) for one in told]
        pieces = [one for one in _pieces(reader, draft) if not any(_NOT_WORDS.sub("", one.text) in had for had in said)]
        more = _left_out(ask, told, pieces, follows=number > 0 and draft.status == ANSWERED)
        if more is not None:
            last = draft.quotes[-1]
            beside = (last.policy_id, last.clause.path) == (more.policy_id, more.clause.path)
            draft.say(one_line(more), [more], new=not beside)


def _ask(question: Question, subject_of: SubjectOf) -> Ask:
    checks: list[Check] = []
    figure = figure_check(question)
    if _LIMIT_ASKED.search(question.text):
        checks.append(lambda text: _LIMIT.search(text) is not None)
    if figure is not None:
        checks.append(figure)
    elif question.wants & _MONEY:
        checks.append(lambda text: gives(text) or states_money(text))
    kinds = question.wants & {Want.DEADLINE, Want.PAYMENT, Want.MATERIALS, Want.BODY, Want.WHEN}
    if kinds and not checks:
        checks.append(lambda text: any(answers_want(text, want) for want in kinds))
    return Ask(question.text, subject_of(question).familiar, tuple(checks), bool(_BESIDES.search(question.text)))


def _left_out(ask: Ask, told: Sequence[str], pieces: Sequence[Quote], *, follows: bool) -> Quote | None:
    """The piece that meets an ask where nothing told does; None where something does, or no piece."""
    meeting = [quote for quote in pieces if ask.met_by(quote.text)]
    if not meeting:
        return None
    known = max((ask.subject.cover(text) for text in told if ask.met_by(text)), default=0.0)
    best = max(meeting, key=lambda quote: ask.subject.cover(quote.text))
    if ask.subject.cover(best.text) >= max(_NAMES, known + _FULLER):
        return best
    if any(ask.met_by(text) for text in told) and not (follows and known < _NAMES):
        return None
    # No piece names it: what comes on top of a rule stands behind it.
    behind = [quote for quote in meeting if gives(quote.text)] if ask.besides else meeting
    return behind[0] if behind and (follows or ask.checks) else None


def _pieces(reader: IndexReader, draft: Draft) -> list[Quote]:
    """Parts between full stops and semicolons of the clauses that are quoted, those behind the quotes first."""
    found: list[Quote] = []
    ends: dict[tuple[str, str], int] = {}
    for quote in draft.quotes:
        key = (quote.policy_id, quote.clause.path)
        ends[key] = max(ends.get(key, 0), quote.end)
    for policy_id, path in list(ends)[:_CLAUSES]:
        clause = reader.clause(policy_id, path)
        for sentence in split_sentences(clause) if clause is not None else ():
            assert clause is not None
            for match in _PIECE.finditer(clause.text, sentence.start, sentence.end):
                if match.end() - match.start() <= _LONGEST and "\t" not in match[0]:
                    found.append(Quote(policy_id, clause, match.start(), match.end()))
    return sorted(found, key=lambda quote: quote.start < ends[quote.policy_id, quote.clause.path])


def _cut(text: str) -> list[str]:
    """A piece of a question at the marks that part two asks, and behind an ask that another one follows."""
    parts: list[str] = []
    for part in text.split("、"):
        if parts and not (_asks(parts[-1]) and _asks(part)):
            parts[-1] = f"{parts[-1]}、{part}"
        else:
            parts.append(part)
    return [piece for part in parts for piece in _cut_behind(part)]


def _cut_behind(text: str) -> list[str]:
    for end in _ENDS.finditer(text):
        if _asks(text[end.end() :]):
            return [text[: end.end()], *_cut_behind(text[end.end() :])]
    return [text]


def _asks(text: str) -> bool:
    return any(unit.asks for unit in units_of(text))
