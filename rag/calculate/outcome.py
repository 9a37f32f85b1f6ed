"""From payments to `Worked`: the sentence, and the notes on what was assumed."""

from __future__ import annotations

import re
from decimal import Decimal

from index.quantities import Kind
from rag.benefit_at import BenefitAt
from rag.calculate.case import Case
from rag.calculate.fit import classes
from rag.calculate.payment import Missing, Payment
from rag.calculate.rule import Rule
from rag.calculate.said import stated
from rag.calculate.wording import MONEY, amount, pays, rate, verb
from rag.calculate.worked import Worked
from rag.situation import Measure

_STACKING = re.compile(r"补差|差额|补足|补齐|从高|就高|重复|叠加")
_SUM_NOUN = re.compile(r"[额入资出费金本款值价润税息用酬薪失]$")
_UNSURE = "这是上限,实际数额可能低于这个数。"
_LONGEST = 80
_SEVERAL = 2


def paid(
    payment: Payment,
    case: Case,
    *,
    kind: str | None = None,
    notes: tuple[str, ...] = (),
    also: tuple[BenefitAt, ...] = (),
) -> Worked:
    """One payment as an answer."""
    rule = payment.rule
    value = amount(payment.value, payment.unit)
    sentence = f"{pays(rule.benefit.kind, value, at_most=payment.at_most)}。"
    own = [*_basis(payment, case)]
    if payment.capped is not None:
        own.append(f"按标准算是{amount(payment.plain)},超过了上限{amount(payment.capped.value)}。")
    elif payment.at_most:
        own.append(_UNSURE)
    own += payment.notes
    said = tuple(dict.fromkeys((*own, *notes)))
    sources = (rule.source, *also)
    return Worked(payment.formula, value, payment.value, payment.unit, sentence, said, sources, kind or payment.kind)


def _basis(payment: Payment, case: Case) -> list[str]:
    """Which of several amounts was used, and what a nameless one was taken for."""
    measure, base = payment.measure, payment.rule.benefit.base or ""
    if measure is None or measure.kind is not Kind.AMOUNT or payment.rule.rate is None or payment.kind == "interest":
        return []
    others = [one for one in case.measures if one.kind is Kind.AMOUNT]
    used = amount(measure.value, measure.unit)
    if len(others) >= _SEVERAL:
        return [f"按{measure.metric or base}{used}计算。"]
    if measure.metric and base != measure.metric and _SUM_NOUN.search(base):
        return [f"您说的{used}按“{base}”计算。"]
    return []


def conditions(rule: Rule, case: Case, *, skip: Measure | None = None) -> tuple[str, ...]:
    """Conditions of the rule that the case says nothing about, as assumptions."""
    words = [part for part in (rule.benefit.condition or "").split("；") if part and not _STACKING.search(part)]
    cited = "".join((rule.source.clause.text, *(clause.text for clause in rule.source.also)))
    own = classes(rule.benefit.beneficiary)
    words = [part for part in words if not (own and classes(part)) or own & classes(part)]
    shown = [part for part in words if len(part) <= _LONGEST and part in cited and part not in rule.benefit.quote]
    notes = [f"文件另有规定:{part.strip('。')}。" for part in shown]
    if skip is None and rule.sizes is not None:
        notes.insert(0, f"前提:{_plain(rule.benefit.beneficiary)}。")
    return tuple(notes)


def _plain(beneficiary: str) -> str:
    return beneficiary.rstrip("，,。；; ")


def incomplete(missing: Missing, case: Case) -> Worked:
    """The rule, and what has to be known."""
    rule = missing.rule
    words = rule_words(rule)
    # A table writes 20 under 万元, and 四成 is no figure of the check that follows.
    given = (rule.source.clause.text, *(clause.text for clause in rule.source.also))
    sentence = f"要看{missing.what}是多少:{words}" if stated(words, given) else f"要看{missing.what}是多少。"
    return Worked("", "", Decimal(0), MONEY, sentence, (), (rule.source,), _kind_of(rule), False, (missing.what,))


def _kind_of(rule: Rule) -> str:
    if rule.rate is not None:
        return "match" if rule.rate == 1 else "share"
    return "per_unit" if rule.per else "amount"


def capped(rule: Rule) -> str:
    """The ceiling as it goes behind what is paid: ",每年最高80万元"; empty without one."""
    if rule.cap is None:
        return ""
    period = "每年" if rule.cap_limit is not None and rule.cap_limit.each_year else ""
    return f",{period}最高{amount(rule.cap)}"


def rule_words(rule: Rule) -> str:
    """The rule in one sentence: 按项目投入额的15%(上限)资助,最高300万元。"""
    kind = rule.benefit.kind
    cap = capped(rule)
    if rule.rate == 1:
        return f"文件按{rule.benefit.base or '对方数额'}同比例{kind},对方给多少就{kind}多少{cap}。"
    if rule.rate is not None:
        most = ",比例不超过" if rule.at_most else "的"
        paid_by = f"{rule.benefit.base or '核定金额'}{most}{rate(rule.rate)}"
        return f"文件按{paid_by}{'' if rule.at_most else kind}{cap}。"
    if rule.amount is not None and rule.per is not None:
        return f"文件规定{rule.per.words}{kind}{amount(rule.amount)}{cap}。"
    if rule.amount is not None:
        return f"文件规定{verb(kind)}{amount(rule.amount)}{cap}。"
    return f"文件规定{cap.lstrip(',')}。" if cap else f"文件规定:{rule.benefit.quote}。"
