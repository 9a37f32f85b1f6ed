"""贴息: a share of the interest paid, or of a loan by a rate and a time."""

from __future__ import annotations

import re
from decimal import Decimal

from rag.calculate.case import Case
from rag.calculate.payment import Missing, Payment, limited_base, under_cap
from rag.calculate.rule import Rule
from rag.calculate.wording import amount, number, rate
from rag.situation import Measure

_MARKET_RATE = re.compile(r"LPR|报价利率|基准利率|市场利率")
_OF_RATE = re.compile(r"利率的(?=[\d百])")
"""A share of the rate of the loan itself (按实际利率的25%): the rate has to be known."""
_LOAN_WORDS = "贷款额 贷款 借款"
_INTEREST = re.compile(r"利息")


def by_interest(rule: Rule, share: Decimal, case: Case, *, of_loan: bool) -> Payment | Missing:
    """贴息: a share of the interest paid, or of the loan by a rate and a time."""
    paid = case.amount_for("利息")
    if paid is not None and _INTEREST.search(case.words_of(paid)) and not of_loan:
        plain = paid.value * share
        formula = f"{amount(paid.value)} × {rate(share)} = {amount(plain)}"
        return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "interest", measure=paid))
    loan = case.amount_for(_LOAN_WORDS)
    if loan is None:
        return Missing(rule, "贷款金额" if of_loan else "实际支付的利息")
    said, quote = rule.benefit.base or rule.benefit.quote, rule.benefit.quote
    needs_market = _MARKET_RATE.search(said) or _OF_RATE.search(quote) or not of_loan
    market = case.loan_rate() if needs_market else None
    if needs_market and market is None:
        return Missing(rule, "贷款利率(或LPR)" if of_loan else "实际支付的利息")
    return _of_loan(rule, share, case, loan, market)


def _of_loan(rule: Rule, share: Decimal, case: Case, loan: Measure, market: Measure | None) -> Payment | Missing:
    years, notes = _years_of_loan(rule, case)
    value, limited = limited_base(rule, loan.value)
    if limited:
        notes += (f"计算基数以{amount(value)}为限。",)
    left = [amount(value)]
    plain = value * share * years
    if market is not None:
        plain *= market.value
        left.append(rate(market.value))
    if market is None or share != 1:
        left.append(rate(share))
    left.append(_years_words(years))
    formula = f"{' × '.join(left)} = {amount(plain)}"
    return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "interest", measure=loan, notes=notes))


def _years_words(years: Decimal) -> str:
    months = years * 12
    return f"{number(years)}年" if years == years.to_integral_value() else f"{number(months)}个月 ÷ 12"


def _years_of_loan(rule: Rule, case: Case) -> tuple[Decimal, tuple[str, ...]]:
    """The time a loan is aided for, in years, under the rule's ceiling."""
    said = case.duration()
    if said is None:
        return Decimal(1), ("没有说贷款期限,这里按1年计。",)
    for value, unit in rule.counts:
        most = value if unit == "年" else value / 12 if unit in ("个月", "月") else None
        if most is not None and said > most:
            return most, (f"贴息期限以{_years_words(most) if most >= 1 else number(most * 12) + '个月'}为限。",)
    return said, ()
