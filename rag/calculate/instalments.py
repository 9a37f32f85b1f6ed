"""Sums that are paid in parts over years: 分5年平均发放, 分3年按40%、30%、30%, and what one year brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Kind, quantities
from rag.calculate.case import Case
from rag.calculate.fit import classes, likeness
from rag.calculate.payment import Payment
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
_PAIR = 2


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


def read_schedule(text: str) -> Schedule | None:
    """How a sentence spreads whatever is paid over years; None where it states no shares."""
    return next(filter(None, map(_read, re.split("[；;。\n]", text))), None)


def read_stages(text: str) -> list[tuple[str, Decimal]]:
    """When the parts of a sum are paid, with their shares, in the first sentence where these make up the whole."""
    for sentence in re.split("[。\n]", text):
        found: list[tuple[str, Decimal]] = []
        for match in _STAGE.finditer(sentence):
            left = 1 - sum((share for _, share in found), Decimal(0))
            found.append((match["when"], Decimal(match["share"].rstrip("%")) / 100 if match["share"] else left))
        if len(found) > 1 and sum(share for _, share in found) == 1:
            return found
    return []


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


_STAGE = re.compile(
    r"(?P<when>[^，,；;。、：:\d]{2,12}?)(?:先行?|预)?(?:拨付|发放|支付|兑付|兑现|给予)"
    r"(?:[^，,；;。\d]{0,6}?(?P<share>\d+(?:\.\d+)?%)|(?P<rest>其余|剩余|余下)[^，,；;。]{0,6})"
)
"""立项时拨付50%, 通过验收后拨付其余部分: a part of the sum and when it is paid."""
_FIRST_STAGE = re.compile(r"先(?:给|拨|发|拿|到|付|领|得|预)|首(?:笔|期|次)|第一(?:笔|期|次)|预拨")
_LAST_STAGE = re.compile(r"(?:后面|剩下?|余下?|尾|最后|其余)(?:的|款|那?笔|部分|再|还)")
_UP_TO = re.compile(r"为止|累计|截[至止]|前[两二三四]?[笔期次段]|到.{2,12}(?:时|后)?(?:一共|总共|合计)")
_TITLES_OF_STAGE = 0.5


def stage_paid(payment: Payment, case: Case) -> Worked | None:
    """The part of a sum that is paid at the stage asked for (立项的时候先给多少); None where no stage is."""
    stages = _stages(payment.rule)
    if len(stages) < _PAIR or payment.unit != MONEY:
        return None
    likely = [likeness(when, case.text) for when, _ in stages]
    best = max(likely)
    if best >= _TITLES_OF_STAGE and likely.count(best) == 1:
        at = likely.index(best)
    elif _FIRST_STAGE.search(case.text) or _LAST_STAGE.search(case.text):
        at = 0 if _FIRST_STAGE.search(case.text) else len(stages) - 1
    else:
        return None
    shares = [share for _, share in stages[: at + 1]] if _UP_TO.search(case.text) else [stages[at][1]]
    value = payment.value * sum(shares, Decimal(0))
    left = rate(shares[0]) if len(shares) == 1 else f"({' + '.join(map(rate, shares))})"
    part = f"{amount(payment.value)} × {left} = {amount(value)}"
    formula = ";".join(text for text in (payment.formula, part) if text)
    when = stages[at][0] if len(shares) == 1 else f"到{stages[at][0]}为止一共"
    sentence = f"{when}拨付{payment.rule.benefit.kind}{amount(value)}。"
    notes = (f"总额是{amount(payment.value)}。", *payment.notes)
    return Worked(formula, amount(value), value, MONEY, sentence, notes, (payment.rule.source,), "instalment")


def _stages(rule: Rule) -> list[tuple[str, Decimal]]:
    """When the parts of the rule's sum are paid, with their shares; () unless these add up to the whole."""
    clauses = (rule.source.clause.text, *(clause.text for clause in rule.source.also))
    texts = (rule.benefit.condition or "", rule.benefit.quote, *clauses)
    return next(filter(None, map(read_stages, texts)), [])


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
