"""Questions on what is not known, each with answers that settle it, and what an answer adds to a profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from index.quantities import Comparison, Kind, format_amount, quantities
from rag.conditions import Condition, ConditionKind, Finding, Test, Truth, judge_condition
from rag.conditions.ask import value_words
from rag.conditions.bound import comparable, measures_same
from rag.match.rank import LOCAL
from rag.profile import Amount, Profile
from rag.situation import Measure

_FACT = 1_000
_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)

Fact = Annotated[str, Field(min_length=1, max_length=_FACT)]


class Figure(BaseModel):
    """A figure that was asked for: 参展企业, 40家."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    metric: Fact
    value: str = Field(max_length=60)
    kind: Kind
    unit: str = Field(default="", max_length=20)


class Effect(BaseModel):
    """What an answer adds to a profile."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: list[Fact] = Field(default=[], max_length=50)
    not_facts: list[Fact] = Field(default=[], max_length=50)
    figures: list[Figure] = Field(default=[], max_length=5)


class FigureError(ValueError):
    """A figure cannot be read, or measures something else.

    Attributes:
        position: of the answer, from 0.
        hint: a value written as it should be.
    """

    def __init__(self, position: int, hint: str) -> None:
        super().__init__(hint)
        self.position = position
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to press; `label` is a key of the page's texts, or, where `literal`, the words themselves."""

    label: str
    effect: Effect
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the person.

    Attributes:
        choices: answers that settle it; empty where a figure or a place is asked.
        figure: what is measured, its `value` an example; None where no figure is asked.
        place: whether the form's field for the place answers it.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    figure: Figure | None = None
    place: bool = False


def with_effects(profile: Profile, effects: Sequence[Effect]) -> Profile:
    """`profile` with what `effects` add; of two figures for one thing the later one counts.

    Raises:
        FigureError: a figure cannot be read.
    """
    metrics = dict(profile.metrics)
    for position, effect in enumerate(effects):
        for figure in effect.figures:
            metrics[figure.metric] = _figure_text(figure, position)
    return profile.model_copy(
        update={
            "facts": _joined(profile.facts, (effect.facts for effect in effects)),
            "not_facts": _joined(profile.not_facts, (effect.not_facts for effect in effects)),
            "metrics": metrics,
        }
    )


def _joined(first: Iterable[str], others: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys([*first, *(fact for facts in others for fact in facts)]))


def _figure_text(figure: Figure, position: int) -> str:
    """The figure as a profile takes it; a bare number of things has the unit that was asked for."""
    hint = example_of(figure.kind, figure.unit)
    if figure.kind is Kind.AMOUNT and figure.unit == "元":
        try:
            return format_amount(_AMOUNT.validate_python(figure.value))
        except ValidationError:
            raise FigureError(position, hint) from None
    text = figure.value
    if figure.kind is Kind.COUNT and text.replace(".", "", 1).isdecimal():
        text = f"{text}{figure.unit}"
    found = quantities(text)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(text)) or found[0].upper is not None:
        raise FigureError(position, hint)
    only = found[0]
    bound = Test(figure.metric, Comparison.AT_LEAST, Decimal(1), figure.unit, figure.kind)
    if comparable(bound, Measure(figure.metric, only.kind, only.value, only.unit, text)) is None:
        raise FigureError(position, hint)
    return text


def example_of(kind: Kind, unit: str) -> str:
    """How a value of a kind is written."""
    if kind is Kind.RATE:
        return "4.5%"
    if kind is Kind.POINTS:
        return "2个百分点"
    if kind is Kind.AMOUNT:
        return "3000万元" if unit == "元" else f"300万{unit}"
    return f"12{unit}"


def question_of(condition: Condition, finding: Finding, profile: Profile, day: date) -> Question | None:
    """The question that settles an open condition; None where no answer of the person could."""
    if finding.truth is not Truth.UNKNOWN or not finding.applies or finding.reason.startswith("列出的"):
        return None
    if condition.kind in LOCAL:
        return Question(condition.question, place=True)
    asked = condition
    if finding.ask and condition.premise is not None and finding.ask == condition.premise.question:
        asked = condition.premise
    tried = _Trial(condition, profile, day)
    try:
        question = Question(finding.ask or condition.question, tuple(_choices(asked, tried)), _figure(asked, tried))
    except ValidationError:
        # Words too long to be sent back.
        return None
    return question if question.choices or question.figure else None


@dataclass(frozen=True, slots=True)
class _Trial:
    """Judges one condition as if an answer had been given."""

    condition: Condition
    profile: Profile
    day: date

    def first(self, effects: Iterable[Effect], *wanted: Truth) -> Effect | None:
        """The first effect that changes the finding to one of `wanted`, or frees from the condition."""
        before = self._finding(Effect())
        for effect in effects:
            try:
                after = self._finding(effect)
            except FigureError:
                continue
            if after != before and (after.truth in wanted or not after.applies):
                return effect
        return None

    def _finding(self, effect: Effect) -> Finding:
        return judge_condition(self.condition, with_effects(self.profile, [effect]).situation(self.day))


def _figure(asked: Condition, tried: _Trial) -> Figure | None:
    """The figure that settles a bound, or the first bound among alternatives; tried with the bound itself."""
    if asked.kind is ConditionKind.FIRST_TIME:
        return None
    tests = [one.test for one in (asked, *asked.options) if one.test is not None]
    if not tests:
        return None
    test = tests[0]
    if not test.metric:
        return None
    bound = value_words(test.value, test.unit, test.kind)
    figure = Figure(metric=test.metric, value=bound, kind=test.kind, unit=test.unit)
    settles = tried.first([Effect(figures=[figure])], *Truth) is not None
    return figure.model_copy(update={"value": example_of(test.kind, test.unit)}) if settles else None


def _choices(asked: Condition, tried: _Trial) -> Iterable[Choice]:
    """Answers to press, of those that would change the finding."""
    own = asked == tried.condition
    # Whether a premise holds may settle the condition either way.
    good = (Truth.MEETS,) if own else tuple(Truth)
    bad = (Truth.FAILS,) if own and not asked.exceptions else tuple(Truth) if not own else (Truth.FAILS, Truth.UNKNOWN)
    if asked.options:
        yield from _option_choices(asked, tried, good)
        return
    if asked.test is not None and asked.kind is not ConditionKind.FIRST_TIME:
        yield from _same_figure(asked.test, tried)
        return
    denied = Effect(not_facts=[asked.name])
    if asked.negative:
        yes, no = tried.first(_saying_yes(asked), *bad), tried.first([denied], *good)
    else:
        yes, no = tried.first(_saying_yes(asked), *good), tried.first([denied], *bad)
    labels = ("has", "has_not") if asked.negative or asked.kind is ConditionKind.TITLE else ("yes", "no")
    for label, effect in zip(labels, (yes, no), strict=True):
        if effect is not None:
            yield Choice(label, effect)


def _saying_yes(asked: Condition) -> Iterable[Effect]:
    yield Effect(facts=[asked.name])
    if asked.test is not None:
        yield Effect(facts=[f"首次达到{value_words(asked.test.value, asked.test.unit, asked.test.kind)}"])


def _same_figure(test: Test, tried: _Trial) -> Iterable[Choice]:
    """That a figure the profile gives under another name is the one that is asked for."""
    for measure in tried.profile.situation(tried.day).measures:
        if measure.metric == test.metric or not measures_same(test, measure):
            continue
        words = value_words(measure.value, measure.unit or test.unit, measure.kind)
        figure = Figure(metric=test.metric, value=words, kind=test.kind, unit=test.unit)
        effect = tried.first([Effect(figures=[figure])], Truth.MEETS, Truth.FAILS)
        if effect is not None:
            yield Choice(f"{measure.metric}{words}", effect, literal=True)


def _option_choices(asked: Condition, tried: _Trial, good: Sequence[Truth]) -> Iterable[Choice]:
    """One answer for each alternative that is no bound, and one for none of them."""
    named = [option for option in asked.options if option.test is None]
    for option in named:
        effect = tried.first([Effect(facts=[option.name])], *good)
        if effect is not None:
            yield Choice(option.name, effect, literal=True)
    none = Effect(not_facts=[option.name for option in named])
    if len(named) == len(asked.options) and tried.first([none], Truth.FAILS, Truth.UNKNOWN) is not None:
        yield Choice("none_of", none)
