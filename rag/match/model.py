"""What matching hands on: one record a benefit, and the sum of what is certain."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from index.models import ClausePath, PolicyId, Status
from rag.benefit_at import BenefitAt
from rag.conditions import Condition, Finding, Truth


@dataclass(frozen=True, slots=True)
class Checked:
    """One condition with its finding and the clause it rests on.

    Attributes:
        label: of the clause, as a person cites it.
    """

    condition: Condition
    finding: Finding
    path: ClausePath
    label: str


@dataclass(frozen=True, slots=True)
class Match:
    """One benefit for one enterprise.

    Attributes:
        truth: whether it is eligible.
        checks: every condition; empty where the place alone rules it out.
        ask: questions that settle what is open, most useful first.
        amount: what it would get, in words; the rule's figures where it cannot be computed.
        value: the fixed or computed sum in 元, None where it cannot be computed.
        formula: the calculation as shown, "" for a fixed sum.
        in_force: whether the policy holds on the day of matching, or does not say that it ended.
        status: of the policy.
        warnings: Chinese sentences about the policy's validity and edition.
        stacking: what the text says of several benefits (进档补差, 从高不重复).
        notes: Chinese sentences: why the place does not fit, what was received before.
        score: share of the conditions known to be met, 0 to 1.
        rule: benefits with one rule are tiers or levels of one another, of which one counts.
        region_fits: None where the profile does not say.
    """

    at: BenefitAt
    policy_id: PolicyId
    title: str
    doc_number: str | None
    region: str | None
    path: ClausePath
    label: str
    quote: str
    beneficiary: str
    kind: str
    truth: Truth
    checks: tuple[Checked, ...]
    ask: tuple[str, ...]
    amount: str
    value: Decimal | None
    formula: str
    in_force: bool
    status: Status
    warnings: tuple[str, ...]
    stacking: tuple[str, ...]
    notes: tuple[str, ...]
    score: float
    rule: tuple[str, ...]
    region_fits: bool | None

    @property
    def missing(self) -> int:
        """Number of conditions that are not settled."""
        return sum(1 for check in self.checks if check.finding.truth is Truth.UNKNOWN and check.finding.applies)


@dataclass(frozen=True, slots=True)
class Totals:
    """The sum of what is met in policies in force.

    Attributes:
        value: in 元; fixed and computed sums, one of each rule.
        counted: the matches it adds up.
        notes: what was left out and why.
    """

    value: Decimal
    counted: tuple[Match, ...]
    notes: tuple[str, ...]
