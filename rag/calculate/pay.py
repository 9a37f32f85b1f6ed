"""What one rule pays for the facts of a case, with the arithmetic shown."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.excluded import counts_for_less, without_excluded
from rag.calculate.fit import conflicting
from rag.calculate.interest import by_interest
from rag.calculate.payment import Missing, Payment, limited_base, under_cap
from rag.calculate.rent import RENT, by_rent
from rag.calculate.rule import Rule
from rag.calculate.times import in_unit
from rag.calculate.units import Per, is_time, same_unit
from rag.calculate.wording import GROWTH, MONEY, amount, number, rate
from rag.situation import Measure

_OF_LOAN = re.compile(r"利率|LPR|基点|百分点")
_INTEREST = re.compile(r"利息")
_OTHER_SIDE = re.compile(r"资助|补助|补偿|拨款|奖励|上级|经费|额度|到账")
_EXCESS = re.compile(r"(?:超过|超出|高于)[^,，;；。]{0,20}?的?部分")
_INCREMENT = re.compile(r"增量|增长部分|新增部分|增加部分|净增")
_GROWN = re.compile(r"增|多出|多了")


_BEYOND = re.compile(r"增|多|超")
_BY_DAY = re.compile(r"按[日天]|每[日天]|逐日")
_SMALL = Decimal("0.01")
"""Shares by the day are of some parts of ten thousand; 每日...的20% counts something else."""
_TWO = 2


def pay(rule: Rule, case: Case, *, number_of: int | None = None) -> Payment | Missing:
    """What `rule` pays.

    Args:
        rule: its amount or rate is used as it stands; changes by other rules are made before.
        case: the facts.
        number_of: how many things of one kind are paid for; None to read it from the case.
    """
    payment = _pay(rule, case, number_of)
    return payment if isinstance(payment, Missing) or not payment.formula else _under_shares(payment, case)


def _pay(rule: Rule, case: Case, number_of: int | None) -> Payment | Missing:
    if rule.rate is not None:
        return _by_rate(rule, rule.rate, case)
    if rule.per is not None and rule.amount is not None:
        if rule.per.unit.endswith(MONEY):
            return _by_step(rule, rule.amount, rule.per, case)
        return _by_unit(rule, rule.amount, rule.per, case, number_of)
    value = rule.amount if rule.amount is not None else rule.cap
    if value is None:
        return Missing(rule, "具体金额")
    payment = Payment(rule, value, "", value, rule.at_most, "amount")
    return _over_years(payment, case)


def _by_rate(rule: Rule, share: Decimal, case: Case) -> Payment | Missing:
    base = rule.benefit.base or ""
    said = base or rule.benefit.quote
    interest = rule.benefit.kind == "贴息" and (_OF_LOAN.search(said) or not base)
    if interest or _INTEREST.search(base):
        of_loan = bool(_OF_LOAN.search(said)) and not _INTEREST.search(said)
        return by_interest(rule, share, case, of_loan=of_loan)
    if RENT.search(base) and (rented := by_rent(rule, share, case)) is not None:
        return rented
    metric = rule.sizes.metric if rule.sizes else ""
    words = base or metric or rule.benefit.beneficiary
    if _BY_DAY.search(rule.benefit.quote) and share < _SMALL:
        return _by_day(rule, share, words, case)
    counted = _counted(rule, share, words, case)
    if counted is not None:
        return counted
    growth = _between_years(rule, share, case)
    if growth is not None:
        return growth
    measure = _base_of(rule, words, metric if base else "", case)
    if GROWTH.search(base):
        grown = [one for one in case.measures if one.kind is Kind.AMOUNT and _GROWN.search(one.metric)]
        measure = grown[-1] if grown else max(_alike(case, base), key=lambda one: one.value, default=measure)
    if measure is None:
        return Missing(rule, base or "计算补助的金额基数")
    if _EXCESS.search(base) and rule.sizes and rule.sizes.low:
        return _of_excess(rule, share, measure, rule.sizes.low.value)
    if GROWTH.search(base) and not _GROWN.search(measure.metric):
        before = _smaller(case, measure)
        return Missing(rule, base) if before is None else _of_growth(rule, share, measure, before)
    kind = "match" if share == 1 else "share"
    if measure.unit != MONEY:
        return _in_currency(rule, share, measure, kind)
    value, limited = limited_base(rule, measure.value)
    plain = value * share
    left = f"{amount(value)} × {rate(share)}"
    payment = Payment(rule, plain, f"{left} = {amount(plain)}", plain, rule.at_most, kind, measure=measure)
    if limited:
        payment = replace(payment, notes=(f"计算基数以{amount(value)}为限。",))
    return _over_said_years(under_cap(payment), case)


def _by_day(rule: Rule, share: Decimal, words: str, case: Case) -> Payment | Missing:
    """A share for each day: 按日加收万分之五."""
    measure = _base_of(rule, words, "", case)
    days, said = _time(Per("天", Decimal(1), "天", "每天"), case) if measure is not None else (None, "")
    if measure is None or days is None or measure.unit != MONEY:
        return Missing(rule, "天数" if measure is not None else words or "金额")
    plain = measure.value * share * days
    formula = f"{amount(measure.value)} × {rate(share)} × {said} = {amount(plain)}"
    return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "share", measure=measure))


def _base_of(rule: Rule, words: str, against: str, case: Case) -> Measure | None:
    """The amount said that a share is of."""
    measure = case.amount_for(words, against=against) or _from_received(rule, case, words)
    if measure is None:
        measure = next((one for one in _alike(case, words) if one.unit != MONEY), None)
    return case.only_amount(rule.benefit.base) if measure is None and rule.benefit.base else measure


def _between_years(rule: Rule, share: Decimal, case: Case) -> Payment | None:
    """The share of a growth, or of what it has beyond a bound, where the question says the amounts of two years."""
    years, base = case.two_years(), rule.benefit.base or ""
    if years is None or years[0].kind is not Kind.AMOUNT:
        return None
    if GROWTH.search(base):
        return _of_growth(rule, share, years[1], years[0].value)
    bound = rule.sizes.low if rule.sizes is not None and GROWTH.search(rule.sizes.metric) else None
    if bound is None or not _EXCESS.search(base):
        return None
    return _of_growth(rule, share, years[1], years[0].value, beyond=bound.value)


def _counted(rule: Rule, share: Decimal, words: str, case: Case) -> Payment | None:
    """The share of a base of which the question names a part that does not count; None where it names none."""
    left_out = counts_for_less(rule, case)
    rest = case.without(left_out)
    whole = (rest.amount_for(words) or rest.only_amount(words)) if left_out else None
    less = without_excluded(rule, case, whole) if whole is not None else None
    return None if whole is None or less is None else _of_counted(rule, share, whole, less)


def _of_counted(rule: Rule, share: Decimal, whole: Measure, less: tuple[Decimal, str]) -> Payment:
    """The share of a base without the parts that do not count: 3000万元 − 600万元 = 2400万元."""
    value, limited = limited_base(rule, less[0])
    plain = value * share
    formula = f"{less[1]};{amount(value)} × {rate(share)} = {amount(plain)}"
    notes = (f"计算基数以{amount(value)}为限。",) if limited else ()
    return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "share", measure=whole, notes=notes))


def _under_shares(payment: Payment, case: Case) -> Payment:
    """Under ceilings that are a share of another amount (不超过项目实际投资额的30%), where the question gives it."""
    for base, share in payment.rule.share_limits:
        measure = case.amount_for(base)
        if measure is None or payment.unit != MONEY:
            continue
        most = measure.value * share
        left = f"{amount(measure.value)} × {rate(share)} = {amount(most)}"
        if payment.value > most:
            formula = f"{payment.formula};{left};{amount(payment.value)} > {amount(most)},按{amount(most)}计"
            note = f"按{base}的{rate(share)}封顶,是{amount(most)}。"
            notes = (*payment.notes, note)
            payment = replace(payment, value=most, formula=formula, capped=None, at_most=True, notes=notes)
    return payment


def _in_currency(rule: Rule, share: Decimal, measure: Measure, kind: str) -> Payment:
    """A share in the currency that the amount is said in; a ceiling in 元 is named, not applied."""
    unit = measure.unit
    plain = measure.value * share
    formula = f"{amount(measure.value, unit)} × {rate(share)} = {amount(plain, unit)}"
    notes = (f"上限是{amount(rule.cap)},要按汇率折算后比较。",) if rule.cap is not None else ()
    return Payment(rule, plain, formula, plain, rule.at_most, kind, measure=measure, notes=notes, unit=unit)


def _alike(case: Case, words: str) -> list[Measure]:
    return [one for one in case.measures if one.kind is Kind.AMOUNT and not conflicting(one.metric, words)]


def _from_received(rule: Rule, case: Case, words: str) -> Measure | None:
    """Money from the other side of a matching rule (省里给了500万) may have been read as received."""
    if not _OTHER_SIDE.search(words):
        return None
    for one in case.received:
        if one.amount is not None:
            return Measure(one.title, Kind.AMOUNT, one.amount, MONEY, one.said)
    return None


def _of_excess(rule: Rule, share: Decimal, measure: Measure, start: Decimal) -> Payment | Missing:
    """The share of what exceeds a bound: (800万元 − 500万元) × 0.2%."""
    over = max(measure.value - start, Decimal(0))
    plain = over * share
    formula = f"({amount(measure.value)} − {amount(start)}) × {rate(share)} = {amount(plain)}"
    return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "share", measure=measure))


def _smaller(case: Case, measure: Measure) -> Decimal | None:
    """The size of the year before: one of an earlier time, else the last smaller one."""
    before = [one for one in case.earlier if one.kind is Kind.AMOUNT and one.value < measure.value]
    others = before or [one for one in case.measures if one.kind is Kind.AMOUNT and one.value < measure.value]
    return others[-1].value if others else None


def _of_growth(
    rule: Rule, share: Decimal, measure: Measure, before: Decimal, *, beyond: Decimal = Decimal(0)
) -> Payment:
    """The share of a growth, from the sizes of two years, or of what it has beyond a bound."""
    plain = max(measure.value - before - beyond, Decimal(0)) * share
    unit = measure.unit
    left = " − ".join(amount(one, unit) for one in (measure.value, before, *([beyond] if beyond else [])))
    formula = f"({left}) × {rate(share)} = {amount(plain, unit)}"
    payment = Payment(rule, plain, formula, plain, rule.at_most, "share", measure=measure, unit=unit)
    if unit != MONEY:
        notes = (f"上限是{amount(rule.cap)},要按汇率折算后比较。",) if rule.cap is not None else ()
        return replace(payment, notes=notes)
    return under_cap(payment)


def _by_unit(rule: Rule, each: Decimal, per: Per, case: Case, number_of: int | None) -> Payment | Missing:
    """每吨80元 × 2万吨."""
    count, said = _count(rule, per, case, number_of)
    if per.by_time:
        return _by_time(rule, each, per, case)
    if count is None:
        return Missing(rule, _count_words(per))
    if said is not None and (before := _before_growth(rule, said, case)) is not None:
        count = max(count - before, Decimal(0))
    count, notes = _counting(rule, per, count)
    steps = count / per.step
    whole = ""
    if per.step != 1:
        steps = steps.to_integral_value(rounding="ROUND_FLOOR")
        whole = f"{number(count)}{per.unit} ÷ {number(per.step)}{per.unit}取整为{number(steps)};"
    left = f"{amount(each)} × {number(steps)}{per.unit if per.step == 1 else ''}"
    plain = each * steps
    time, words = _time_within(rule, per, case, notes)
    if time is not None:
        plain, left = plain * time, f"{left} × {words}"
    elif per.time:
        notes.append(f"这是每{per.time}的数额。")
    formula = "" if plain == each and not whole else f"{whole}{left} = {amount(plain)}"
    payment = Payment(rule, plain, formula, plain, rule.at_most, "per_unit", measure=said, notes=tuple(notes))
    if not formula:  # one of a thing: the rule itself, nothing is worked out
        return payment
    return under_cap(_over_years(payment, case, said_years=time is not None))


def _time_within(rule: Rule, per: Per, case: Case, notes: list[str]) -> tuple[Decimal | None, str]:
    """The time that a unit amount is paid for, at most as long as the rule says, which is noted."""
    time, words = _time(per, case)
    for most, unit in rule.counts if per.time else ():
        limit, said = in_unit(most, unit, per.time) if is_time(unit) else (None, "")
        if limit is not None and time is not None and time > limit:
            notes.append(f"时间以{number(most)}{unit}为限。")
            return limit, said
    return time, words


def _counting(rule: Rule, per: Per, count: Decimal) -> tuple[Decimal, list[str]]:
    """How many are paid for: those beyond the bound of 每增加一家, at most as many as the rule says."""
    notes: list[str] = []
    sizes = rule.sizes
    alike = sizes is not None and sizes.kind is Kind.COUNT and same_unit(sizes.unit, per.unit)
    beyond = _BEYOND.search(per.words) or _EXCESS.search(rule.benefit.beneficiary)
    if alike and beyond and sizes is not None and sizes.low is not None:
        over = max(count - sizes.low.value, Decimal(0))
        notes.append(f"{number(count)}{per.unit}超出{number(sizes.low.value)}{per.unit}的是{number(over)}{per.unit}。")
        count = over
    for most, unit in rule.counts:
        if same_unit(unit, per.unit) and count > most:
            notes.append(f"数量以{number(most)}{unit}为限。")
            count = most
    return count, notes


def _by_time(rule: Rule, each: Decimal, per: Per, case: Case) -> Payment | Missing:
    """每月1500元 × 24个月: as long as the question says, and the rule pays."""
    time, words = _time(replace(per, time=per.unit), case)
    if time is None:
        return Missing(rule, _count_words(per))
    notes: tuple[str, ...] = ()
    for most, unit in rule.counts:
        limit, said = in_unit(most, unit, per.unit) if is_time(unit) else (None, "")
        if limit is not None and time > limit:
            time, words, notes = limit, said, (f"时间以{said}为限。",)
    plain = each * time
    formula = f"{amount(each)} × {words} = {amount(plain)}" if time != 1 else ""
    payment = Payment(rule, plain, formula, plain, rule.at_most, "per_unit", notes=notes)
    return under_cap(payment) if formula else payment


def _count_words(per: Per) -> str:
    return f"数量(按{per.unit}计)"


def _count(rule: Rule, per: Per, case: Case, number_of: int | None) -> tuple[Decimal | None, Measure | None]:
    if number_of is not None:
        return Decimal(number_of), None
    said = case.count_for(per.unit, rule.words)
    sizes = rule.sizes
    if said is not None and sizes is not None and sizes.unit != per.unit and said.unit == sizes.unit:
        said = None  # 指定6个国家: the size that the rule bounds, not how many are paid for
    if said is not None:
        return said.value, said
    if per.time and per.unit in ("人", "家", "户"):  # 博士每人每月3000元: one, where no number is said
        return Decimal(1), None
    return None, None


def _by_step(rule: Rule, each: Decimal, per: Per, case: Case) -> Payment | Missing:
    """每多增加1亿元,增加奖励10万元: whole steps above the bound of the rule before it."""
    measure = case.amount_for(rule.words, unit=per.unit)
    if (years := case.two_years()) is not None and _INCREMENT.search(rule.words):
        measure = years[1] if years[1].unit == per.unit else measure
    if measure is None:
        return Missing(rule, f"金额(按{per.unit}计)" if per.unit != MONEY else per.words.removeprefix("每") + "的部分")
    start = rule.sizes.low.value if rule.sizes and rule.sizes.low and _BEYOND.search(per.words) else Decimal(0)
    if (before := _before_growth(rule, measure, case)) is not None:
        start = before
    over = max(measure.value - start, Decimal(0))
    steps = (over / per.step).to_integral_value(rounding="ROUND_FLOOR")
    plain = each * steps
    said, step = amount(measure.value, per.unit), amount(per.step, per.unit)
    head = f"({said} − {amount(start, per.unit)})" if start else said
    formula = f"{head} ÷ {step} × {amount(each)} = {amount(plain)}"
    if steps != over / per.step:
        whole = f"{head} ÷ {step}取整为{number(steps)}"
        formula = f"{whole},{number(steps)} × {amount(each)} = {amount(plain)}"
    return under_cap(Payment(rule, plain, formula, plain, rule.at_most, "per_unit", measure=measure))


def _before_growth(rule: Rule, measure: Measure, case: Case) -> Decimal | None:
    """The size of the year before, where a rule pays for what this year has more: 增量部分按每吨80元."""
    years = case.two_years()
    if years is None or not _INCREMENT.search(f"{rule.benefit.beneficiary} {rule.benefit.base or ''}"):
        return None
    return years[0].value if years[1].value == measure.value and same_unit(years[1].unit, measure.unit) else None


def _time(per: Per, case: Case) -> tuple[Decimal | None, str]:
    """How many months or years a unit amount by time is paid for (每人每月): as said, else as the rule says."""
    if not per.time:
        return None, ""
    times = [one for one in case.measures if one.kind is Kind.COUNT and is_time(one.unit)]
    for one in sorted(times, key=lambda one: not same_unit(one.unit, per.time)):  # 一个月按30天算: in days
        found = in_unit(one.value, one.unit, per.time)
        if found[0] is not None:
            return found
    years = case.duration()
    return (None, "") if years is None else in_unit(years, "年", per.time)


def _over_years(payment: Payment, case: Case, *, said_years: bool = False) -> Payment:
    """A yearly amount over the years it is paid: the yearly value stays, the total is a note with its arithmetic."""
    rule = payment.rule
    by_month = rule.per is not None and "月" in (rule.per.unit, rule.per.time)
    asked = case.years_asked() if rule.yearly and not by_month and not said_years else None
    years = rule.years if asked is None else min(asked, rule.years) if rule.years >= _TWO else asked
    if years < _TWO or said_years or (case.by_period and asked is None):
        return payment
    if not (rule.yearly or by_month):
        return payment
    times = Decimal(years * 12 if by_month else years)
    total = payment.value * times
    unit = "个月" if by_month else "年"
    formula = f"{amount(payment.value)} × {number(times)}{unit} = {amount(total)}"
    joined = f"{payment.formula};{formula}" if payment.formula else formula
    each = "每月" if by_month else "每年"
    note = f"这是{years}年合计;{each}{amount(payment.value)}。"
    return replace(payment, value=total, plain=total, formula=joined, kind="per_unit", notes=(*payment.notes, note))


def _over_said_years(payment: Payment, case: Case) -> Payment:
    """A share of a yearly base over the years that the question names, as far as the rule pays them."""
    said = case.duration()
    rule = payment.rule
    if said is None or rule.years < _TWO or said < _TWO or said != said.to_integral_value():
        return payment
    years = min(said, Decimal(rule.years))
    total = payment.value * years
    formula = f"{payment.formula};{amount(payment.value)} × {number(years)}年 = {amount(total)}"
    limit = rule.cap_limit
    if limit is not None and not limit.yearly and total > limit.value:
        formula += f",超过上限{amount(limit.value)},按{amount(limit.value)}计"
        total = limit.value
    note = f"按每年的基数相同计算,每年{amount(payment.value)}。"
    return replace(payment, value=total, formula=formula, notes=(*payment.notes, note))
