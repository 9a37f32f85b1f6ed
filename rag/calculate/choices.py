"""Rules as choices: their short names, what one thing gets, and which one a thing named belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from rag.calculate.case import Case
from rag.calculate.fit import level_conflict, levels, rank, scores
from rag.calculate.rule import Rule
from rag.calculate.tiers import tier_name

NO_LEVEL = (-1, "")
_LEAD = re.compile(r"^(?:对于?)?(?:新|当年)?(?:经?认定的|获评|获得|评定为|评为|认定为|列入|创建为)")
_LONGEST_NAME = 20
_STEM = 2
NO_NAME = "这一项"
"""For a beneficiary that has no short name."""


def name(rule: Rule) -> str:
    """The beneficiary in few words: 国家级示范园区."""
    words = rule.benefit.beneficiary
    inner = re.search(r"[（(]([^（()）]{2,20})[)）]$", words)
    if inner and not re.search(r"\d", inner[1]):
        words = inner[1]
    elif rule.sizes is not None:
        return tier_name(rule)
    elif len(words) > _LONGEST_NAME and re.search("[，,]", words):
        words = re.split("[，,]", words)[-1]
    return _shortened((_LEAD.sub("", words) or words).removesuffix("的"))


def _shortened(words: str) -> str:
    """The words at their length, else their last part that is short and whole: no unbalanced brackets or quotes."""
    if len(words) <= _LONGEST_NAME and _balanced(words):
        return words
    parts = [part.strip("的") for part in re.split("[，,；;：:。、（()）]", words)]
    return next((part for part in reversed(parts) if _STEM <= len(part) <= _LONGEST_NAME and _balanced(part)), NO_NAME)


def _balanced(words: str) -> bool:
    return all(words.count(left) == words.count(right) for left, right in ("（）", "()", "《》", "“”"))


def fixed(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that pay a sum by the thing: an amount or a ceiling, no share."""
    return [rule for rule in rules if rule.rate is None and (rule.amount is not None or rule.cap is not None)]


def each(rule: Rule) -> Decimal:
    """What one thing gets, in 元."""
    return rule.amount if rule.amount is not None else rule.cap or Decimal(0)


def best_for(thing: str, rules: Sequence[Rule], case: Case) -> Rule | None:
    """The rule that is about `thing`; the whole question tells rules apart where `thing` does not."""
    fitting = [rule for rule in rules if not level_conflict(thing, rule.benefit.beneficiary)]
    if levels(thing):
        fitting = [rule for rule in fitting if levels(thing) & levels(rule.benefit.beneficiary)] or fitting
    else:
        own = [rule for rule in fitting if not level_conflict(case.text, rule.benefit.beneficiary)]
        fitting = own or fitting
    if not fitting:
        return None
    by_thing = scores([rule.words for rule in fitting], thing)
    by_text = scores([rule.words for rule in fitting], case.text)
    found = max(range(len(fitting)), key=lambda at: (by_thing[at] + by_text[at] / 4, -at))
    return fitting[found]


def rank_level(rule: Rule) -> tuple[int, str]:
    """The level a rule is for: the last one its beneficiary names."""
    found = levels(rule.benefit.beneficiary)
    return min(found, key=lambda one: (one[0], rank(one[1])[1]), default=NO_LEVEL)
