"""What a calculation hands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rag.benefit_at import BenefitAt


@dataclass(frozen=True, slots=True)
class Worked:
    """One calculation; all texts are Chinese.

    Every figure of `sentence` and `notes` stands in the clauses, in the question, or in `formula` or `result`.

    Attributes:
        formula: as shown, "2000万元 − 400万元 = 1600万元"; "" where only a rule is applied or a fact is missing.
        result: "1600万元"; "" where a fact is missing.
        value: in 元 where `unit` is "元", else in `unit`; 0 where a fact is missing.
        unit: "元", a measure word, or "".
        sentence: the direct answer in one sentence, the figure first.
        notes: further sentences: the tier reached and the next one, what was assumed, which ceiling holds.
        benefits: what the calculation rests on, to be cited.
        kind: "tier", "difference", "share", "cap", "sum", "gap", "per_unit", "match", "interest", "inverse", "larger",
            "uplift", "amount", "ratio_goal", "count_sum".
        complete: False where a fact is missing, which `missing` names; the sentence then gives the rule.
        missing: facts to ask for, as short noun phrases.
        nearby: the next tier where another clause has it: cited for the notes, and not among what was applied.
    """

    formula: str
    result: str
    value: Decimal
    unit: str
    sentence: str
    notes: tuple[str, ...]
    benefits: tuple[BenefitAt, ...]
    kind: str
    complete: bool = True
    missing: tuple[str, ...] = ()
    nearby: tuple[BenefitAt, ...] = ()

    @property
    def derived(self) -> tuple[str, ...]:
        """The steps of the formula and the result: what a sentence may state that stands in no clause."""
        return tuple(part for part in (*self.formula.split(";"), self.result) if part)


def distinct(benefits: Iterable[BenefitAt]) -> tuple[BenefitAt, ...]:
    """Each benefit once, in order; a benefit has a mapping inside and no hash."""
    return tuple({id(benefit): benefit for benefit in benefits}.values())
