"""Questions with several asks (建站给多少,之后每招一个又给多少): what an answer leaves out of the clauses it rests on.

An answer is made of the rule that fits the question as a whole, which is the rule for one of the asks. Those for the
others mostly stand beside it, in words of their own or in none that the question shares (另外补不补, 剩下多少).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.store import IndexReader
from rag.abbreviated import names_by_short_form, short_forms
from rag.asked import answers_want, asks_limit, figure_check, gives, states_limit, states_money
from rag.compose.draft import ANSWERED, REFUSED, Draft, one_line
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.understand import Question, Want, wants_of
from rag.understand.segments import units_of
from rag.validity import states_validity
from rag.verify import Quote

ASKS = 5
"""Most asks of a question that are looked at."""
_CLAUSES = 3
"""Clauses of an answer that are looked through."""
_FULLER = 0.1
"""How much more of an ask's subject a piece must name than what is told."""
_NAMES = 0.25
"""Share of an ask's subject from which on a piece names it."""
_OTHERS = 0.5
"""What a text that tells another ask better counts for an ask."""
_LETTERS, _SHORT = 0.5, 0.5
"""What the letters of an ask, and a short form of a name, count beside its subject."""
_LIMIT, _FIGURE = "limit", "figure"
_LONGEST = 160
_ENDS = re.compile(
    r"(?:多少(?:钱|[万亿]元?|元|块钱?)?|几(?:成|万元?|千|百|块钱?|年|天|次|个点|折|个月)|多久|什么时候|啥时候|吗|呢)(?=[^、?]{2})"
)
"""Where an ask ends with no mark behind it: 先到账多少剩下多少."""
_BESIDES = re.compile(r"另外|还|又|再|之后|以后|后面|除了|剩|余|呢$|也")
_ON_TOP = re.compile(r"另外|除此之外|额外|之外再")
_AT_ONCE = re.compile(r"一次性?(?:全|都)?(?:打|给|发|拨|到|付)(?!多少|几)|分期|先给|全打")
"""How a sum is paid, in a question that asks for nothing else."""
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
        shorts: its words that may be short forms of names.
        checks: what has to hold of a text that meets it.
        besides: whether it asks for what comes on top of something.
        kind: of figure that is asked for, "" where it is asked whether there is something.
    """

    text: str
    subject: Subject
    shorts: tuple[str, ...]
    checks: tuple[Check, ...]
    besides: bool
    kind: str

    def met_by(self, text: str) -> bool:
        """Whether a text has the kind of thing that is asked for."""
        return all(check(text) for check in self.checks)

    def likeness(self, text: str) -> float:
        """How far a text is about the ask: its subject, then its own letters, then short forms of names."""
        plain = _pairs(text)
        own = _pairs(self.text)
        shared = len(own & plain) / len(own) if own else 0.0
        named = names_by_short_form(self.shorts, text)
        return self.subject.cover(text) + _LETTERS * shared + (_SHORT if named else 0.0)


def _pairs(text: str) -> frozenset[str]:
    plain = _NOT_WORDS.sub("", text)
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


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
    on_top = len(texts) == 1 and bool(_ON_TOP.search(texts[0]) or _AT_ONCE.search(texts[0]))
    if not (len(texts) > 1 or on_top) or len(texts) > ASKS or draft.status == REFUSED:
        return
    asks = [_ask(replace(question, text=text, focus=text, wants=wants_of(text)), subject_of) for text in texts]
    for number, ask in enumerate(asks):
        told = [statement.text for statement in draft.statements]
        said = [_NOT_WORDS.sub("", one) for one in told]
        pieces = [one for one in _pieces(reader, draft) if not any(_NOT_WORDS.sub("", one.text) in had for had in said)]
        if any(states_validity(one) for one in told):
            pieces = [one for one in pieces if not states_validity(one.text)]
        behind = on_top or (number > 0 and draft.status == ANSWERED and _known(ask, asks, told) < _NAMES)
        more = _left_out(ask, asks, told, pieces, behind=behind)
        if more is not None:
            last = draft.quotes[-1]
            beside = (last.policy_id, last.clause.path) == (more.policy_id, more.clause.path)
            draft.say(one_line(more), [more], new=not beside)


def _ask(question: Question, subject_of: SubjectOf) -> Ask:
    checks: list[Check] = []
    figure = figure_check(question)
    kind = _LIMIT if asks_limit(question) else _FIGURE if figure is not None or question.wants & _MONEY else ""
    if asks_limit(question):
        checks.append(states_limit)
    if figure is not None:
        checks.append(figure)
    elif question.wants & _MONEY:
        checks.append(lambda text: gives(text) or states_money(text))
    kinds = question.wants & {Want.DEADLINE, Want.PAYMENT, Want.MATERIALS, Want.BODY, Want.WHEN}
    if _AT_ONCE.search(question.text):
        checks = [lambda text: answers_want(text, Want.PAYMENT)]
    elif kinds and not checks:
        checks.append(lambda text: any(answers_want(text, want) for want in kinds))
    subject = subject_of(question)
    return Ask(
        question.text, subject.familiar, short_forms(subject), tuple(checks), bool(_BESIDES.search(question.text)), kind
    )


def _known(ask: Ask, asks: Sequence[Ask], told: Sequence[str]) -> float:
    """Share (0..1) of an ask's subject that is told, with what is asked; half of what tells another ask better."""
    shares = [0.0]
    for text in filter(ask.met_by, told):
        own = ask.likeness(text)
        shares.append(own if own >= max(other.likeness(text) for other in asks) else own * _OTHERS)
    return max(shares)


def _left_out(
    ask: Ask, asks: Sequence[Ask], told: Sequence[str], pieces: Sequence[Quote], *, behind: bool
) -> Quote | None:
    """The piece that meets an ask where nothing told does; None where something does, or no piece.

    `behind` where one may be meant that names nothing of the ask: what comes on top of a rule stands behind it.
    """
    meeting = [quote for quote in pieces if ask.met_by(quote.text)]
    if not meeting:
        return None
    best = max(meeting, key=lambda quote: ask.likeness(quote.text))
    if ask.likeness(best.text) >= max(_NAMES, _known(ask, asks, told) + _FULLER):
        return best
    if any(ask.met_by(text) for text in told) and not (
        behind and (ask.besides or ask.subject.strong or _needs_its_own(ask, asks))
    ):
        return None
    giving = [quote for quote in meeting if gives(quote.text)] if ask.besides else meeting
    return giving[0] if giving and (behind or ask.checks) else None


def _needs_its_own(ask: Ask, asks: Sequence[Ask]) -> bool:
    """Whether one text cannot meet all asks: two ask for the same kind of figure, or this one for none."""
    return not ask.kind or sum(other.kind == ask.kind for other in asks) > 1


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
