"""The vocabulary of the system as frozen dataclasses: source files, clauses, policies, chunks.

Every other module speaks in these types. Offsets are counted in characters (Unicode code points)
of `RawDocument.text`; spans are half open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

ClausePath = str
"""Ordinals in Arabic digits joined by dots ("2.5", "12.3"); "0" before the first part, "tail" after the last."""

PolicyId = str
"""Stable under re-build: derived from the document number, else from the normalised title."""

TAIL = "tail"
PREFACE = "0"


def in_attachment(path: ClausePath) -> bool:
    """Whether a clause stands in an attachment (附件): its path begins with "a", as in "a1.2.1"."""
    return path.startswith("a")


class EditionKind(StrEnum):
    """How close a source file is to the issued document; declared best first."""

    ORIGINAL = "original"
    REPRINT = "reprint"
    DIGEST = "digest"

    @property
    def rank(self) -> int:
        """Position in the order of preference, 0 is quoted first."""
        return list(EditionKind).index(self)


class Level(StrEnum):
    """Administrative level of the issuer (层级)."""

    NATIONAL = "国家"
    PROVINCE = "省"
    CITY = "市"
    DISTRICT = "区县"


class Status(StrEnum):
    """Whether a policy is in force on a given day (效力状态)."""

    IN_FORCE = "有效"
    EXPIRED = "已失效"
    PERIOD_ENDED = "规划期已满"
    NOT_YET_EFFECTIVE = "尚未施行"
    UNKNOWN = "未载明"
    DRAFT = "征求意见稿"


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """A half-open range of `RawDocument.text`; `page` counts from 1, None where the format has no pages."""

    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a reader hands on: the decoded text of one file, and how it lies in the file.

    Attributes:
        name: file name without directories, used in messages.
        format: "txt", "md", "html", "docx", "pdf", "image" or "ofd".
        text: decoded text, line ends normalised to "\\n". Text and Markdown files keep every character
            (front matter and marks included), so spans index the file itself; for the other formats it is the
            text as extracted, which `parse` reads and spans index.
        sha256: hex digest of the file's bytes, and of its corrections where it has any.
        body_start: offset in `text` where content begins (after YAML front matter).
        page_starts: offset of each page's first character, ascending; empty without pages.
        metadata: front matter of Markdown files, else empty.
        warnings: Chinese sentences for the user, such as a page that has no text layer.
        corrections: facts that a person has put right, see `index.corrections`.
    """

    name: str
    format: str
    text: str
    sha256: str
    body_start: int = 0
    page_starts: tuple[int, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    corrections: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """One addressable unit (条款): a leaf, or the lead text of a parent under the parent's path.

    Attributes:
        path: see `ClausePath`.
        label: as a person cites it: 二、(五) / 第十二条第(三)项 / 附则.
        heading: the clause's own heading, None where it has none; always a prefix of `text`.
        text: everything after the ordinal, noise removed, in simplified characters, for matching.
            Paragraphs (款) are separated by "\\n".
        written: `text` in the characters of the source, for quoting; same length as `text`.
        source: where the clause lies in the source, ordinal excluded.
        trail: headings of the ancestors, outermost first, each with its ordinal.
    """

    path: ClausePath
    label: str
    heading: str | None
    text: str
    written: str
    source: SourceSpan
    trail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Benefit:
    """One structured subsidy rule read from a clause; amounts in 元, rates as fractions of 1."""

    path: ClausePath
    beneficiary: str
    kind: str
    quote: str
    condition: str | None = None
    amount: float | None = None
    rate: float | None = None
    base: str | None = None
    cap: float | None = None
    threshold: Mapping[str, Any] | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What a document says about itself; absent facts are None.

    `expires_on` is the last day in force. `period` are the first and last year of a plan's title.
    """

    title: str
    doc_number: str | None = None
    issuers: tuple[str, ...] = ()
    level: Level | None = None
    region: str | None = None
    issued_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    period: tuple[int, int] | None = None
    draft: bool = False
    repealed_on: date | None = None
    repeals: tuple[str, ...] = ()

    def status(self, as_of: date) -> Status:
        """Validity on the day `as_of`."""
        if self.draft:
            return Status.DRAFT
        if self.repealed_on is not None and as_of >= self.repealed_on:
            return Status.EXPIRED
        if self.expires_on is not None and as_of > self.expires_on:
            return Status.EXPIRED
        start = self.effective_on or self.issued_on
        if start is not None and as_of < start:
            return Status.NOT_YET_EFFECTIVE
        if self.expires_on is None and self.period is not None and as_of.year > self.period[1]:
            return Status.PERIOD_ENDED
        if self.expires_on is None and self.period is None and self.effective_on is None:
            return Status.UNKNOWN
        return Status.IN_FORCE


@dataclass(frozen=True, slots=True)
class Edition:
    """One source file of a policy, parsed."""

    name: str
    sha256: str
    kind: EditionKind
    facts: PolicyFacts
    clauses: tuple[Clause, ...]
    benefits: tuple[Benefit, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as a work. `editions` are ordered best first; the first one is quoted."""

    id: PolicyId
    facts: PolicyFacts
    editions: tuple[Edition, ...]

    @property
    def best(self) -> Edition:
        """The edition that is quoted."""
        return self.editions[0]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is embedded: a clause, or a piece of an over-long one, with its context in front.

    Attributes:
        id: `{policy_id}#{path}#{piece}`; stable under re-build.
        context: policy title and ancestor headings.
        start, end: the piece's range in `Clause.text`; the pieces of a clause tile it.
        text: what is embedded and indexed: context and piece.
    """

    id: str
    policy_id: PolicyId
    path: ClausePath
    piece: int
    start: int
    end: int
    context: str
    text: str
