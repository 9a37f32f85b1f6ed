"""Which policies an answer may rest on: a choice of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from index.models import PolicyId, Status
from index.store import IndexReader

_MAY_HOLD = (Status.IN_FORCE, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which policies an answer may rest on; by default all.

    Attributes:
        policies: these alone; None for all.
        in_force: leave out what has expired, is not yet in force, or is a draft on the day asked for. A policy that
            does not say when it holds stays in.
    """

    policies: frozenset[PolicyId] | None = None
    in_force: bool = False

    def of(self, reader: IndexReader, day: date) -> IndexReader:
        """A view of `reader` that holds what is in scope on `day`.

        Raises:
            ValueError: nothing is; the message is for the user.
        """
        if self.policies is None and not self.in_force:
            return reader
        known = reader.facts()
        kept = [key for key in known if self.policies is None or key in self.policies]
        if known and not kept:
            raise ValueError("所选的政策已经不在政策库里,请重新选择。")
        if self.in_force:
            kept = [key for key in kept if known[key].status(day) in _MAY_HOLD]
            if known and not kept:
                raise ValueError(f"{day.isoformat()} 这一天,所选范围里没有现行有效的政策。取消“只看现行有效”再问。")
        return reader.within(kept)


EVERYTHING = Scope()
