"""Sums that are paid in parts over years: 分5年平均发放, 分3年按40%、30%、30%, and what one year brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Kind, quantities
from rag.calculate.case import Case
from rag.calculate.fit import classes
from rag.calculate.pay import Payment
from rag.calculate.rule import Rule
from rag.calculate.wording import MONEY, amount, number, rate
from rag.calculate.worked import Worked

_NUMERAL = r"[一二三四五六七八九十两\d]{1,2}"
_EQUAL = re.compile(rf"分(?P<years>{_NUMERAL})(?:年|期|次)(?:度)?(?:平均|等额|均等|均摊|等比例|均分)")
_SHARES = re.compile(
    rf"分(?P<years>{_NUMERAL})(?:年|期|次)度?[^。；;]{{0,10}}?按照?(?P<shares>\d+(?:\.\d+)?%(?:[、,，和:：]\d+(?:\.\d+)?%)+)"
)
_RATIO = re.compile(rf"分(?P<years>{_NUMERAL})(?:年|期|次)度?[^。；;]{{0,10}}?按照?(?P<ratio>\d+(?:[:：∶]\d+)+)")
_IN_TWO = re.compile(r"分(?:两|二|2)(?:年|期|次)")
_EACH_YEAR = re.compile(rf"(?:第(?P<at>{_NUMERAL})(?:年|期|次)|首[年期])[^。；;,，]{{0,8}}?(?P<share>\d+(?:\.\d+)?%)")
_ONE_ASKED = re.compile(
    rf"第(?P<at>{_NUMERAL})(?:年|期|次|笔)|(?P<first>首[年期]|头一?年|首次发)|(?P<last>最后一[年期])"
)
_ALL_ASKED = re.compile(
    r"每年|每期|逐年|分年|各年|年均|一年(?:能|可以?)?(?:发|拿|到手|给|领)|分[几一二三四五\d]年|分期"
)
_PAST_PARTS = 12


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a sum is spread.

    Attributes:
        shares: of the whole, by year; they add up to 1.
        equal: the text says that the parts are equal.
        words: the words that state it.
    """

    shares: tuple[Decimal, ...]
    equal: bool
    words: str


def schedule_of(rule: Rule) -> Schedule | None:
    """How the sum of `rule` is spread; None where the text states no shares for it."""
    clauses = (rule.source.clause.text, *(clause.text for clause in rule.source.also))
    for text in (rule.benefit.condition or "", rule.benefit.quote, *clauses):
        for part in re.split("[；;。\n]", text):
            found = _read(part)
            if found is not None and _is_for(part, rule):
                return found
    return None


def _is_for(words: str, rule: Rule) -> bool:
    """Whether words that name classes (A类至C类人才) name that of the rule."""
    named = classes(words)
    return not named or bool(named & classes(rule.benefit.beneficiary))


def _read(words: str) -> Schedule | None:
    equal = _EQUAL.search(words)
    if equal:
        years = _integer(equal["years"])
        return Schedule((Decimal(1) / years,) * years, True, words) if 1 < years < _PAST_PARTS else None
    listed = _SHARES.search(words)
    if listed:
        shares = tuple(one.value for one in quantities(listed["shares"]) if one.kind is Kind.RATE)
        fits = sum(shares) == 1 and len(shares) == _integer(listed["years"])
        return Schedule(shares, False, words) if fits else None
    ratio = _RATIO.search(words)
    if ratio:
        numbers = [Decimal(number) for number in re.split("[:：∶]", ratio["ratio"])]
        fits = len(numbers) == _integer(ratio["years"]) and sum(numbers) > 0
        return Schedule(tuple(one / sum(numbers) for one in numbers), False, words) if fits else None
    by_year = [Decimal(match["share"].rstrip("%")) / 100 for match in _EACH_YEAR.finditer(words)]
    if len(by_year) == 1 and _IN_TWO.search(words) and 0 < by_year[0] < 1:
        by_year.append(1 - by_year[0])
    return Schedule(tuple(by_year), False, words) if len(by_year) > 1 and sum(by_year) == 1 else None


_LATER_HALF = re.compile(rf"第(?P<at>{_NUMERAL})年(?:起)?(?:减半|按(?:标准的)?50%)")


def later_share(rule: Rule, case: Case) -> Decimal | None:
    """The share of the amount that the year named is paid with: 0.5 for 第二年减半; None where the text has none."""
    asked = _ONE_ASKED.search(case.text)
    stated = _LATER_HALF.search(f"{rule.benefit.quote}；{rule.benefit.condition or ''}")
    if asked is None or stated is None or not asked["at"]:
        return None
    return Decimal("0.5") if _integer(asked["at"]) == _integer(stated["at"]) else None


def asks_part(case: Case) -> bool:
    """Whether the part of one year is asked for, or that of each."""
    return bool(_ONE_ASKED.search(case.text) or _ALL_ASKED.search(case.text))


def instalment(payment: Payment, case: Case, *, notes: Sequence[str] = ()) -> Worked | None:
    """The parts that the question asks for; None where it asks for none, or the text states none."""
    schedule = schedule_of(payment.rule)
    if schedule is None or payment.unit != MONEY or not asks_part(case):
        return None
    at = _year_asked(case, len(schedule.shares))
    if at is not None and at >= len(schedule.shares):
        return None
    shown = [at] if at is not None else [0] if schedule.equal else list(range(len(schedule.shares)))
    parts = [_part(payment.value, schedule, year) for year in shown]
    formula = ";".join([*([payment.formula] if payment.formula else []), *(text for text, _ in parts)])
    value = parts[0][1]
    result = amount(value) if len(parts) == 1 else "、".join(amount(part) for _, part in parts)
    sentence = _sentence(schedule, at, [part for _, part in parts], payment.rule.benefit.kind)
    said = (f"总额是{amount(payment.value)},{schedule.words.strip()}。", *notes)
    return Worked(formula, result, value, MONEY, sentence, said, (payment.rule.source,), "instalment")


def _year_asked(case: Case, years: int) -> int | None:
    """Which year is asked for, from 0; None for all."""
    match = _ONE_ASKED.search(case.text)
    if match is None:
        return None
    if match["last"]:
        return years - 1
    return 0 if match["first"] else _integer(match["at"]) - 1


def _part(value: Decimal, schedule: Schedule, year: int) -> tuple[str, Decimal]:
    if schedule.equal:
        part = value / len(schedule.shares)
        return f"{amount(value)} ÷ {number(Decimal(len(schedule.shares)))}年 = {amount(part)}", part
    part = value * schedule.shares[year]
    return f"{amount(value)} × {rate(schedule.shares[year])} = {amount(part)}", part


def _sentence(schedule: Schedule, at: int | None, parts: Iterable[Decimal], kind: str) -> str:
    values = [amount(part) for part in parts]
    if at is not None:
        return f"第{at + 1}年发放{kind}{values[0]}。"
    if schedule.equal:
        return f"每年发放{kind}{values[0]}。"
    listed = "、".join(f"第{year}年{value}" for year, value in enumerate(values, start=1))
    return f"发放{kind}:{listed}。"


def _integer(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() and numeral.isascii() else int(to_int(numeral.replace("两", "二")) or 0)
