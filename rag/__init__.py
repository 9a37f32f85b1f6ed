"""Read path: question -> understood question -> clauses -> answer -> checked answer.

`rag.match(profile, reader, as_of=...)` finds the benefits an enterprise can have; it is imported when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["match"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module protocol (PEP 562)
    if name in __all__:
        return import_module(f"rag.{name}")
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
