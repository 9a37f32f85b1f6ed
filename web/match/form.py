"""From the form's fields, as they were typed, to a profile; what is wrong is told by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.profile import Profile
from web.match.answers import Effect, FigureError, with_effects
from web.texts import Texts

LIMIT = 200
"""Characters of a field."""

LEVELS = ("国家级", "省级", "市级", "区县级")
_ROWS = 30
_ANSWERS = 300
_SEPARATORS = re.compile(r"[、,,;;\n]+")
_DIGITS = re.compile(r"^(\d{1,9})\s*(?:人|名)?$")

Typed = Annotated[str, Field(max_length=LIMIT)]

ERRORS = {
    "amount": "error_amount",
    "previous": "error_amount",
    "equipment_software": "error_amount",
    "threshold": "error_amount",
    "output": "error_amount",
    "rd_amount": "error_amount",
    "first_time": "error_amounts",
    "rd_share": "error_share",
    "employees": "error_people",
    "established_on": "error_day",
    "as_of": "error_day",
    "year": "error_year",
    "kind": "error_kind",
}
"""Text of what a field takes, by its name."""


class _Typed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    def filled(self) -> dict[str, str]:
        """The fields that are not empty."""
        return {name: value for name, value in self.model_dump().items() if isinstance(value, str) and value}


class Revenue(_Typed):
    """One row of revenue."""

    scope: Typed = ""
    amount: Typed = ""
    previous: Typed = ""


class Investment(_Typed):
    """One project."""

    kind: Typed = ""
    amount: Typed = ""
    equipment_software: Typed = ""


class Title(_Typed):
    """One title held."""

    name: Typed = ""
    level: Typed = ""
    year: Typed = ""


class Received(_Typed):
    """Money received before."""

    title: Typed = ""
    threshold: Typed = ""
    amount: Typed = ""


class Answer(Effect):
    """A question of the page with what was answered, in the words of the page; nothing follows from 不清楚."""

    question: str = Field(max_length=1_000)
    said: str = Field(max_length=LIMIT)


class MatchForm(_Typed):
    """What the page sends: every field as typed, and the questions that were answered."""

    language: Literal["zh", "en"] = "zh"
    in_force_only: bool = False
    name: Typed = ""
    region: Typed = ""
    industry: Typed = ""
    established_on: Typed = ""
    employees: Typed = ""
    output: Typed = ""
    rd_amount: Typed = ""
    rd_share: Typed = ""
    first_time: Typed = ""
    as_of: Typed = ""
    revenue: list[Revenue] = Field(default=[], max_length=_ROWS)
    investments: list[Investment] = Field(default=[], max_length=_ROWS)
    titles: list[Title] = Field(default=[], max_length=_ROWS)
    received: list[Received] = Field(default=[], max_length=_ROWS)
    answers: list[Answer] = Field(default=[], max_length=_ANSWERS)

    def day(self) -> date:
        """The day of matching; today where none is given.

        Raises:
            ValueError: it is no day; `profile` tells so by field.
        """
        return date.fromisoformat(self.as_of) if self.as_of else date.today()

    def profile(self, texts: Texts) -> Profile:
        """The profile with the answers.

        Raises:
            FormError: some fields cannot be read.
        """
        raw, rows = self._raw()
        try:
            profile = Profile.model_validate(raw)
        except ValidationError as error:
            raise FormError({_key(one["loc"], rows): _message(one, texts) for one in error.errors()}) from None
        if profile.established_on is not None and profile.established_on > self.day():
            raise FormError({"established_on": texts("match.error_future")})
        try:
            return with_effects(profile, self.answers)
        except FigureError as error:
            message = texts("match.error_figure", unit=error.hint)
            raise FormError({f"answers.{error.position}": message}) from None

    def _raw(self) -> tuple[dict[str, Any], dict[str, list[int]]]:
        """The profile as an object, and for each list the rows of the form that its items come from."""
        raw: dict[str, Any] = {
            name: value for name, value in self.filled().items() if name in Profile.model_fields and value
        }
        for name in ("industry", "first_time"):
            raw[name] = [part.strip() for part in _SEPARATORS.split(str(raw.get(name, ""))) if part.strip()]
        if digits := _DIGITS.match(self.employees):
            raw["employees"] = int(digits[1])
        rows: dict[str, list[int]] = {}
        lists: dict[str, Sequence[_Typed]] = {
            "revenue": self.revenue, "investments": self.investments, "titles": self.titles, "received": self.received,
        }  # fmt: skip
        for name, items in lists.items():
            rows[name] = [at for at, item in enumerate(items) if item.filled()]
            raw[name] = [items[at].filled() for at in rows[name]]
        return raw, rows


class FormError(ValueError):
    """Fields that cannot be read.

    Attributes:
        fields: message for the user by field; rows of lists as `revenue.0.amount`, answers as `answers.3`.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(";".join(fields.values()))
        self.fields = fields


def _key(loc: tuple[int | str, ...], rows: dict[str, list[int]]) -> str:
    """The field of the form that a place in the profile comes from."""
    names = [str(part) for part in loc if isinstance(part, str) and not part.startswith(("function", "list["))]
    position = next((part for part in loc if isinstance(part, int)), None)
    if names[0] in rows and position is not None:
        return ".".join((names[0], str(rows[names[0]][position]), *names[1:]))
    return names[0]


def _message(error: Any, texts: Texts) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    last = next(part for part in reversed(error["loc"]) if isinstance(part, str))
    if error["type"] == "missing":
        return texts(f"match.missing_{last}")
    return texts(f"match.{ERRORS.get(last, 'error_text')}")
