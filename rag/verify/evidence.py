"""What a sentence is compared with: the cited clauses, prepared once a clause, and the figures that need no clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from index.models import Benefit, PolicyFacts
from index.quantities import Kind, Quantity, quantities
from rag.verify.models import Source
from rag.verify.plain import Plain, fold, fold_said, letters_of
from rag.verify.readings import Reading, Role, read, token_weights
from rag.verify.words import VALIDITY, DateRole, marks

_BenefitLine = tuple[str, str]
"""The words of a benefit (who, when, what for) and its quote, both folded."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A cited clause, ready to be compared with sentences.

    Attributes:
        plain: the whole clause, folded; `context` has titles and headings in front.
        readings: figures of the quoted range, with those of the policy's dates.
        others: figures of the whole clause: what a wrong pair would belong to.
    """

    source: Source
    plain: str
    context: str
    readings: tuple[Reading, ...]
    others: tuple[Reading, ...]

    @property
    def letters(self) -> Plain:
        """The clause without punctuation; `offsets` are places in `plain`."""
        return letters_of(self.plain)

    @property
    def body(self) -> int:
        """Where the text behind the heading begins in `plain`."""
        heading = fold(self.source.clause.heading or "").text
        return len(heading) if self.plain.startswith(heading) else 0


@dataclass(frozen=True, slots=True)
class Allowed:
    """Figures that may be said without a clause.

    Attributes:
        question: quantities of the question: facts of the enterprise, never what a policy gives.
        results: values of shown calculations.
        operands: other figures of the formulas; they are free only where no clause has them.
        text: the question, folded.
    """

    question: tuple[Quantity, ...] = ()
    results: tuple[Quantity, ...] = ()
    operands: tuple[Quantity, ...] = ()
    text: str = ""


def allow(question: str, derived: Sequence[str] = (), as_of: date | None = None) -> Allowed:
    """What `question` and shown calculations let a sentence say."""
    results: list[Quantity] = []
    operands: list[Quantity] = []
    for line in map(fold_said, derived):
        formula, _, result = line.rpartition("=")
        operands += quantities(formula.replace("=", ","))
        results += quantities(result)
    if as_of is not None:
        results.append(_day(as_of))
    plain = fold_said(question)
    return Allowed(quantities(plain), tuple(results), tuple(operands), plain)


def prepare(source: Source) -> Evidence:
    """The evidence of one source; the reading of its clause is kept for the next answer."""
    lines = tuple(_line(benefit) for benefit in source.benefits)
    clause, facts = source.clause, source.facts
    plain, readings = _read_clause(clause.text, lines)
    end = len(clause.text) if source.end is None else source.end
    quoted = [one for one in readings if source.start <= plain.offsets[one.at] < end]
    return Evidence(
        source=source,
        plain=plain.text,
        context=f"{_headings(facts.title, clause.trail, clause.heading, clause.label)},{plain.text}",
        # A clause that says nothing of validity does not support the policy's days.
        readings=(*quoted, *(_of_facts(facts) if VALIDITY.search(clause.text) else ())),
        others=readings,
    )


@lru_cache(maxsize=2048)
def _headings(title: str, trail: tuple[str, ...], heading: str | None, label: str) -> str:
    return fold(f"{title},{','.join(trail)},{heading or ''},{label}").text


def _line(benefit: Benefit) -> _BenefitLine:
    said = [benefit.beneficiary, benefit.condition, benefit.base, benefit.period]
    threshold = benefit.threshold
    if threshold is not None and "元" not in (benefit.condition or ""):
        said.append(f"{threshold.get('metric', '')}")
    return fold(",".join(part for part in said if part)).text, fold(benefit.quote).text


@lru_cache(maxsize=2048)
def _read_clause(text: str, benefits: tuple[_BenefitLine, ...]) -> tuple[Plain, tuple[Reading, ...]]:
    plain = fold(text)
    readings = read(plain.text)
    found = list(readings)
    for words, quote in benefits:
        start = plain.text.find(quote)
        if start >= 0:
            inside = [one for one in readings if start <= one.at < start + len(quote) and one.role is not Role.SIZE]
            found += [_with_words(one, words) for one in inside if _only_value(inside, one)]
    return plain, tuple(found)


def _only_value(inside: Sequence[Reading], reading: Reading) -> bool:
    """Whether a benefit's quote has one figure of this kind: then its beneficiary belongs to it."""
    return sum(one.quantity.kind is reading.quantity.kind for one in inside) == 1


def _with_words(reading: Reading, words: str) -> Reading:
    tokens = dict(reading.tokens)
    for token, weight in token_weights(words).items():
        tokens[token] = max(weight, tokens.get(token, 0.0))
    # A condition may name the level one rises from; what stands next to the figure goes before.
    return replace(reading, tokens=tokens, marks={**marks(words.partition(",")[0]), **reading.marks})


def _of_facts(facts: PolicyFacts) -> tuple[Reading, ...]:
    """The policy's days as readings: a validity line may be cited to the clause that sets only the term."""
    days = (
        (facts.effective_on, DateRole.EFFECTIVE),
        (facts.expires_on, DateRole.EXPIRES),
        (facts.issued_on, DateRole.ISSUED),
        (facts.repealed_on, DateRole.EXPIRES),
    )
    found = [_dated(_day(day), role) for day, role in days if day is not None]
    for year in facts.period or ():
        found.append(_dated(Quantity(Kind.DATE, Decimal(year * 10_000), "年", 0, 0), None))
    return tuple(found)


def _day(day: date) -> Quantity:
    return Quantity(Kind.DATE, Decimal(day.year * 10_000 + day.month * 100 + day.day), "日", 0, 0)


def _dated(quantity: Quantity, role: DateRole | None) -> Reading:
    return Reading(
        quantity=quantity,
        said="",
        at=0,
        role=Role.OTHER,
        capped=False,
        per=frozenset(),
        marks={},
        years=frozenset(),
        dated=role,
        part="",
        lead="",
        before="",
        after="",
        sentence="",
        layers=(),
        near=(),
        tokens={},
    )
