"""What the check of answers takes and gives: quotes, statements, sources, problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from index.models import Benefit, Clause, PolicyFacts, PolicyId


class FigureError(ValueError):
    """A sentence states what its quotes do not say; the message is for the user."""


class ProblemKind(StrEnum):
    """Why a sentence is not shown."""

    MARKER = "标注"
    UNCITED = "缺少标注"
    FIGURE = "数字"
    QUESTION = "问题中的数字"
    PAIRING = "数字的对象"
    BOUND = "上下限"
    UNIT = "计量单位"
    DATE = "日期"
    POLARITY = "肯定与否定"
    QUOTE = "引文"
    TITLE = "文件名称或文号"
    CONTACT = "联系方式"
    RELEVANCE = "与条款无关"


@dataclass(frozen=True, slots=True)
class Quote:
    """A piece of a clause: the half-open range of `Clause.written`."""

    policy_id: PolicyId
    clause: Clause
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words as the source writes them."""
        return self.clause.written[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and what it rests on.

    Attributes:
        text: without markers.
        quotes: empty for a sentence that states nothing (an introduction).
        paragraph: number of the paragraph it belongs to.
        derived: formulas and results of shown calculations, whose figures may be used.
    """

    text: str
    quotes: tuple[Quote, ...] = field(default=())
    paragraph: int = 0
    derived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a marker stands for.

    Attributes:
        marker: the number in the brackets, from 1.
        clause: the clause that is cited.
        facts: what its policy says of itself.
        benefits: the structured rules read from that clause; may be empty.
        start, end: the quoted range of `Clause.text`; the whole clause where `end` is None.
    """

    marker: int
    clause: Clause
    facts: PolicyFacts
    benefits: tuple[Benefit, ...] = ()
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a sentence must not be shown.

    Attributes:
        message: a Chinese sentence for people.
        sentence: the sentence as it stands in the answer.
    """

    kind: ProblemKind
    message: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of an answer.

    Attributes:
        text: without markers and Markdown marks.
        written: as it stands in the answer, markers included.
        markers: numbers of its own markers, or of the introduction that a list item stands under.
        start, end: the half-open range of the answer.
    """

    text: str
    written: str
    markers: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check says of an answer.

    Attributes:
        kept: sentences that may be shown, in order.
        problems: of the others, in the order of the text.
        text: the answer without the sentences that have problems.
    """

    kept: tuple[Said, ...]
    problems: tuple[Problem, ...]
    text: str

    @property
    def ok(self) -> bool:
        """Whether every sentence may be shown."""
        return not self.problems
