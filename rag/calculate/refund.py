"""What has to be paid back: 按照未满月数占60个月的比例退还, 全额退还."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.said import sums_said, years_said
from rag.calculate.wording import MONEY, amount, number, rate
from rag.calculate.worked import Worked

if TYPE_CHECKING:
    from rag.understand import Question

_ASKED = re.compile(
    r"(?:要|得|该|须|需要?|应该?|会|必须)[^,，。]{0,6}?(?:退|还|缴|吐)(?:还|回|出来|掉)?(?:多少|几|吗|全部|给)|退(?:还|回|掉)?多少|退钱|退款|退回去"
)
REFUNDS = re.compile(r"退[还回]|返还|追回|缴回|收回|退缴")
_BY_TIME = re.compile(
    r"(?:未满|不足|剩余|尚未履行)的?(?P<what>月数|年数|年限|月份|期限|时间|服务期)?[^,，。；]{0,6}?占(?:服务期)?(?P<whole>\d+)(?P<unit>个月|年)的?比例"
)
_ALL_BACK = re.compile(r"退[还回](?:已[^,，。；]{0,6}的)?全部|全[额部][^,，。；]{0,10}(?:退[还回]|追回|收回|缴回)")
_TIME = r"(?P<number>[一二两三四五六七八九十\d]+)(?P<unit>年|个月)"
_STEP_LOW = re.compile(rf"(?<![不未])(?:满|超过|达到?){_TIME}")
_STEP_HIGH = re.compile(rf"(?:不满|未满|不足|不到){_TIME}")
_STEP = re.compile(r"(?:满|不足|不到|超过)[一二两三四五六七八九十\d]+(?:年|个月)[^，,；;]*?(?:全[额部]|退[还回]|缴回)")
_SERVED = re.compile(
    r"(?:干|做|满|服务|工作|待|履行|过|已|开|运营|办|营业|经营)了?(?P<number>[一二两三四五六七八九十\d]+)(?P<half>年半|个半月)?(?P<unit>年|个月)?"
)


def asks_refund(text: str) -> bool:
    """Whether a question asks what has to be paid back."""
    return bool(_ASKED.search(text))


def work_out_refund(question: Question, sentence: str) -> Worked | None:
    """What `sentence` makes the questioner pay back; None where a fact is missing. The result has no benefits."""
    case = Case.from_question(question)
    got = _received(case)
    if got is None:
        return None
    served = _months_served(question.text)
    stepped = None if served is None else _by_steps(sentence, served, got)
    if stepped is not None:
        return stepped
    if _ALL_BACK.search(sentence):
        said = f"按文件要全部退还,即{amount(got)}。"
        return Worked("", amount(got), got, MONEY, said, (), (), "refund")
    rule = _BY_TIME.search(sentence)
    if rule is None or served is None:
        return None
    whole = Decimal(rule["whole"]) * (12 if rule["unit"] == "年" else 1)
    if served >= whole:
        return None
    rest = whole - served
    value = got * rest / whole
    formula = f"{number(whole)}个月 − {number(served)}个月 = {number(rest)}个月;"
    formula += f"{amount(got)} × {number(rest)} ÷ {number(whole)} = {amount(value)}"
    note = (
        f"已满{number(served)}个月,未满的是{number(rest)}个月,占{number(whole)}个月的{number(rest)}/{number(whole)}。"
    )
    sentence_said = f"按文件要退还{amount(value)}。"
    return Worked(formula, amount(value), value, MONEY, sentence_said, (note,), (), "refund")


def _by_steps(sentence: str, served: Decimal, got: Decimal) -> Worked | None:
    """The part of 不满三年的全额退回,满三年不满五年的退回一半 that the time served falls into."""
    parts = [part for part in re.split("[，,；;：:]", sentence) if _STEP.search(part)]
    for part in parts if len(parts) > 1 else ():
        low, high = _bound(_STEP_LOW, part), _bound(_STEP_HIGH, part)
        share = _share_back(part)
        if share is None or not (low or Decimal(0)) <= served < (high or Decimal("Infinity")):
            continue
        value = got * share
        formula = f"{amount(got)} × {rate(share)} = {amount(value)}" if share != 1 else ""
        said = f"按文件要退回{amount(value)}。"
        note = f"依据:{part.strip('。')}。"
        return Worked(formula, amount(value), value, MONEY, said, (note,), (), "refund")
    return None


def _bound(pattern: re.Pattern[str], part: str) -> Decimal | None:
    match = pattern.search(part)
    years = None if match is None else years_said(f"{match['number']}{match['unit']}")
    return None if years is None else years * 12


def _share_back(part: str) -> Decimal | None:
    if re.search(r"全[额部]", part):
        return Decimal(1)
    if re.search(r"一半|半数|减半", part):
        return Decimal("0.5")
    match = re.search(r"(\d+(?:\.\d+)?)[%％]", part)
    return Decimal(match[1]) / 100 if match else None


def _received(case: Case) -> Decimal | None:
    """The sum that was received, where exactly one is said."""
    given = {one.amount for one in case.received if one.amount is not None}
    given = given or {one.value for one in case.situation.measures if one.kind is Kind.AMOUNT and one.unit == MONEY}
    given = given or {value for value, _ in sums_said(case.text)}
    return next(iter(given)) if len(given) == 1 else None


def _months_served(text: str) -> Decimal | None:
    """How long the obligation was kept, in months: the time behind 干, 满, 工作, else the only one said."""
    spans = [match for match in _SERVED.finditer(text) if match["unit"] or match["half"]]
    if spans:
        last = spans[-1]
        years = years_said(f"{last['number']}{last['unit'] or '年'}")
        if years is None:
            return None
        extra = Decimal("0.5") if last["half"] == "年半" else Decimal(0)
        return (years + extra) * 12
    years = years_said(text)
    return None if years is None else years * 12
