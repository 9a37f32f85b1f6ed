"""What an enterprise says of itself, in a question or in a profile: sizes, titles held, money already received.

The reading of text is in `rag.understand`, that of profiles in `rag.match`; conditions and calculations take both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from index.quantities import Kind


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity with what it measures: 制造业营收 62亿, 项目投入 1200万, 占比 45%, 员工 300人.

    Attributes:
        metric: the words for what is measured (营收, 设备和软件投入, 在杭占比); "" where none are said.
        kind, value, unit: as in `index.quantities.Quantity`: amounts in 元, shares as fractions of 1, counts in `unit`.
        said: the quantity in the words of the question.
        upper: upper end of a range, else None.
    """

    metric: str
    kind: Kind
    value: Decimal
    unit: str
    said: str
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """Money that was already received: 100亿那档的400万领过了.

    Attributes:
        amount: in 元; None where it is not said.
        threshold: the size of the tier it was for (100亿 in 元), None where none is named.
        title: the title it was for (省级绿色工厂), "" where none is named.
        said: the words of the question.
    """

    amount: Decimal | None
    threshold: Decimal | None
    title: str
    said: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a thing the enterprise has: 三家国家级绿色工厂, 2个省级工业设计中心.

    Attributes:
        number: at least 1.
        thing: what is counted, without the measure word; as the question names it.
        said: the words of the question.
    """

    number: int
    thing: str
    said: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Facts of one enterprise; what is not said is absent.

    Attributes:
        measures: sizes, in the order they are said.
        received: money it has got before for the same or a lower level.
        counted: numbers of titles or projects.
        held: what it says it is or has, as said (省级绿色工厂, 战略性新兴产业, 工业强基类的技改项目).
        denied: what it says it is not or has not (不是战略性新兴产业: 战略性新兴产业).
        first_time: whether it reaches something for the first time; None where it is not said.
        region: where it lies; None where it is not said.
        day: the day it is told on, from which ages are counted; None where that is not known.
    """

    measures: tuple[Measure, ...] = ()
    received: tuple[Received, ...] = ()
    counted: tuple[Counted, ...] = ()
    held: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    first_time: bool | None = None
    region: str | None = None
    day: date | None = None
