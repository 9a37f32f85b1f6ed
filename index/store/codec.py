"""JSON text of the vocabulary's dataclasses, and back.

Reading is strict: unknown fields, missing fields and values of another type are refused, so that a
file written by another version of the program is noticed instead of being misread.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
_STRINGS = TypeAdapter(tuple[str, ...])


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(value: object, *, indent: int | None = None) -> str:
    """JSON of a dataclass; characters outside ASCII stay readable, dates are ISO.

    Raises:
        ValueError: a string holds half a surrogate pair, which has no UTF-8 form.
    """
    return _adapter(type(value)).dump_json(value, indent=indent).decode()


def from_json(kind: type[T], text: str | bytes) -> T:
    """Rebuild a `kind` from what `to_json` wrote.

    Raises:
        ValueError: the text is no JSON or does not fit `kind` exactly (pydantic's `ValidationError`).
    """
    restored: T = _adapter(kind).validate_json(text, strict=True, extra="forbid")
    return restored


def strings_to_json(values: tuple[str, ...]) -> str:
    """JSON array of strings."""
    return _STRINGS.dump_json(values).decode()


def strings_from_json(text: str | bytes) -> tuple[str, ...]:
    """Strings of a JSON array.

    Raises:
        ValueError: the text is no JSON array of strings.
    """
    return _STRINGS.validate_json(text, strict=True)
