"""Loads the documents of this folder with their gold facts and clauses.

A document `x.txt` or `x.md` has its gold beside it in `x.gold.json`:

- the facts by name; `also_accepted` lists other readings of a fact that are equally right;
- `clauses`: rows of [path, label, first 12 characters, last 12 characters, length] of the clause text, counted
  without white space. `null` is not compared; a list of labels accepts each of them;
- `optional`: paths that may be absent (a cover letter's sentence of approval);
- `not_with`: noises of `noise.NOISES` after which the document is ambiguous for a human reader too;
- `repeals`: one list per repealed policy: its title and its number, either of which names it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from index.models import RawDocument

FOLDER = Path(__file__).parent
FACTS = (
    "title",
    "doc_number",
    "issuers",
    "level",
    "region",
    "issued_on",
    "effective_on",
    "expires_on",
    "period",
    "draft",
)
_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
_PUNCTUATION = str.maketrans("（）：；，！？．［］", "():;,!?.[]")


@dataclass(frozen=True, slots=True)
class GoldClause:
    """One expected clause; None is not compared."""

    path: str | None
    labels: tuple[str, ...]
    first: str | None
    last: str
    length: int | None


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """One document with its expected facts and clauses."""

    path: Path
    facts: dict[str, Any]
    clauses: tuple[GoldClause, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def raw(self) -> RawDocument:
        return raw_document(self.path.read_text(encoding="utf-8"), suffix=self.path.suffix)

    def accepted(self, fact: str) -> list[Any]:
        """All readings of a fact that are right."""
        return [self.facts[fact], *self.facts["also_accepted"].get(fact, [])]


def raw_document(text: str, *, suffix: str = ".txt") -> RawDocument:
    """What a reader hands on for a text file: front matter parsed and kept in the text."""
    match = _FRONT_MATTER.match(text) if suffix == ".md" else None
    return RawDocument(
        name=f"x{suffix}",
        format=suffix[1:],
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        body_start=match.end() if match else 0,
        metadata=yaml.safe_load(match.group(1)) if match else {},
    )


def plain_text(text: str) -> str:
    """A Markdown policy without front matter, heading marks and emphasis."""
    body = _FRONT_MATTER.sub("", text)
    body = re.sub(r"(?m)^#{1,6}[ \t]*", "", body)
    return re.sub(r"\*\*|__", "", body).strip() + "\n"


def flat(text: str) -> str:
    """`text` without white space and with half-width punctuation: what wraps and editions may change."""
    return "".join(text.split()).translate(_PUNCTUATION)


def load_documents() -> list[GoldDocument]:
    """Every document of the folder, by name."""
    files = sorted(p for p in FOLDER.iterdir() if p.suffix in (".txt", ".md"))
    return [_load(path) for path in files]


def _load(path: Path) -> GoldDocument:
    gold = json.loads(path.with_suffix(".gold.json").read_text(encoding="utf-8"))
    return GoldDocument(path=path, clauses=tuple(_clause(row) for row in gold.pop("clauses")), facts=gold)


def _clause(row: list[Any]) -> GoldClause:
    path, labels, first, last, length = row
    accepted = (labels,) if isinstance(labels, str) else tuple(labels or ())
    return GoldClause(path=path, labels=accepted, first=first, last=last, length=length)
