"""Awards in stages: what all of them bring together, or those up to the one that is reached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.parse.numerals import to_int
from rag.calculate.case import Case
from rag.calculate.choices import each, name
from rag.calculate.rule import Rule
from rag.calculate.wording import MONEY, amount, pays_together
from rag.calculate.worked import Worked, distinct

_IN_STAGES = re.compile(r"分(?:阶段|步|环节|步骤|节点|段|[一二三四五六\d]个?(?:阶段|步|环节))|按(?:阶段|进度|节点)")
_STAGE = r"(?:步|个?阶段|个?环节|个?节点|关)"
_NUMBERED = re.compile(rf"(?P<number>[一二两三四五六七八\d]){_STAGE}")
_ALL = re.compile(
    rf"(?:全部?|都|统统|每一?{_STAGE}|各{_STAGE})[^,，。]{{0,6}}?(?:拿|领|走|完|奖|算|到手|加)"
    r"|从.{1,16}(?:一直)?(?:走?到|直到).{1,20}(?:一共|总共|合计|全|累计|共)|一路|全程|全过程|走完"
)
_SUMMED = re.compile(r"一共|总共|合计|共计|加起来|全部|拿满|全拿|累计|总计")
_TWO = 2


def all_stages(rules: Sequence[Rule], beside: Sequence[Rule], case: Case) -> Worked | None:
    """The sum of all stages of one award; None where the question does not ask for all of them."""
    numbered = _NUMBERED.search(case.text)
    if not (_ALL.search(case.text) or (numbered and _SUMMED.search(case.text))):
        return None
    for rule in rules:
        stages = _stages_of(rule, [*rules, *beside])
        if len(stages) < _TWO or (numbered and _count(numbered["number"]) != len(stages)):
            continue
        return _summed(stages)
    return None


def _stages_of(rule: Rule, rules: Sequence[Rule]) -> list[Rule]:
    """The rules of the sentence that the text says is paid by stages."""
    if not _IN_STAGES.search(rule.benefit.quote):
        return []
    same = [one for one in rules if one.benefit.quote == rule.benefit.quote and one.benefit.path == rule.benefit.path]
    alike = [one for one in same if one.rate is None and one.amount is not None and one.per is None]
    return alike if len(alike) == len(same) else []


def _summed(stages: Sequence[Rule]) -> Worked:
    value = sum((each(one) for one in stages), Decimal(0))
    formula = f"{' + '.join(amount(each(one)) for one in stages)} = {amount(value)}"
    kind = stages[0].benefit.kind
    sentence = f"{pays_together(kind, amount(value), at_most=False)}。"
    notes = (f"{len(stages)}个阶段:{'、'.join(f'{name(one)}{amount(each(one))}' for one in stages)}。",)
    sources = distinct(one.source for one in stages)
    return Worked(formula, amount(value), value, MONEY, sentence, notes, sources, "sum")


def _count(numeral: str) -> int:
    return int(numeral) if numeral.isascii() else int(to_int(numeral.replace("两", "二")) or 0)
