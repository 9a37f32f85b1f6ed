"""A benefit with the place it was read from: what is chosen, calculated with and cited."""

from __future__ import annotations

from dataclasses import dataclass

from index.models import Benefit, Clause, PolicyId


@dataclass(frozen=True, slots=True)
class BenefitAt:
    """One benefit of one policy.

    Attributes:
        clause: the clause the benefit was read from.
        also: clauses to cite beside it (`index.benefits.supporting_paths`): the lead above, a ceiling below.
    """

    policy_id: PolicyId
    clause: Clause
    benefit: Benefit
    also: tuple[Clause, ...] = ()
