"""How a sum that the question states is shared out: between those who bear it, or over the parts it is paid in.

研发补助核下来60万,市里和县里各出多少 with 由市、县按照6∶4负担; 批了500万,头一年到账多少 with 分三年按4∶3∶3拨付.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from index.quantities import Kind, quantities
from rag.calculate.case import Case
from rag.calculate.instalments import read_schedule, read_stages
from rag.calculate.said import sums_said
from rag.calculate.wording import MONEY, amount, number, rate
from rag.calculate.worked import Worked

if TYPE_CHECKING:
    from rag.understand import Question

_FIGURE = r"\d+(?:\.\d+)?"
_BORNE = re.compile(
    rf"(?P<who>[^，,。；;：:]{{3,60}}?)(?:分别)?按照?(?P<shares>{_FIGURE}(?:[:：∶]{_FIGURE})+|{_FIGURE}%(?:[、,，和]{_FIGURE}%)+)"
    r"的?(?:比例)?(?:进行)?(?:分担|承担|负担|分摊|共担)"
)
_ASIDE = re.compile(r"[（(][^（()）]*[)）]")
_ASKS_BEARERS = re.compile(
    r"(?:各|分别)(?:自|要|得|该)?(?:出|掏|承担|负担|担|扛|拿|摊)|(?:出|掏|承担|负担|担|扛)(?:多少|几)|谁出|怎么(?:分担|摊)"
)
_ASKS_PARTS = re.compile(
    r"先(?:给|拨|发|拿|到|付|领|打)|首(?:笔|期|次|付)|头一?(?:年|笔|期)|第[一二三1-3](?:年|笔|期|次)|后[两二面]?(?:年|笔|期)?|剩下?|余下|"
    r"怎么(?:拨|发|打|付|给)|(?:分|每)(?:几|别|年)|尾款|明年"
)
_GRANTED = re.compile(
    r"(?:批|核|定|审|算|评|给|该|应|补|奖|贴|拿|得|领|总)(?:[准定下]|下来|出来|得|了|到|共)*[^,，。;；]{0,8}?$|[补奖贴]助?(?:金额?|资金|款)?(?:一共|总共|合计)?$"
)
_GRANTED_AFTER = re.compile(r"^元?的?(?:补助|补贴|奖励|资助|贴息|息|安家|经费|建设经费|那笔)")


def asks_split(text: str) -> bool:
    """Whether a question asks who bears a sum, or in which parts it is paid."""
    return bool(_ASKS_BEARERS.search(text) or _ASKS_PARTS.search(text))


def work_out_split(question: Question, sentence: str) -> Worked | None:
    """What `sentence` makes of the sum that the question states; None where it does not settle it.

    The result has no benefits: the sum is the question's own.
    """
    case = Case.from_question(question)
    whole = _stated(case)
    if whole is None:
        return None
    if _ASKS_BEARERS.search(case.text):
        return _borne(sentence, whole)
    return _in_parts(sentence, whole) if _ASKS_PARTS.search(case.text) else None


def _stated(case: Case) -> Decimal | None:
    """The only sum of money of the question, where it is one that is granted and no size of the enterprise."""
    values = {one.value for one in case.situation.measures if one.kind is Kind.AMOUNT and one.unit == MONEY}
    values |= {one.amount for one in case.received if one.amount is not None}
    values = values or {value for value, _ in sums_said(case.text)}
    if len(values) != 1:
        return None
    found = [one for one in quantities(case.text) if one.value in values]
    at = found[0] if found else None
    if at is None:
        return None
    before, behind = case.text[: at.start], case.text[at.end :]
    granted = _GRANTED.search(re.split("[,，。;；]", before)[-1]) or _GRANTED_AFTER.search(behind)
    return next(iter(values)) if granted else None


def _borne(sentence: str, whole: Decimal) -> Worked | None:
    match = _BORNE.search(_ASIDE.sub("", sentence))
    if match is None:
        return None
    names = [one.strip() for one in re.split("[、与和及]", match["who"].rpartition("由")[2]) if one.strip()]
    numbers = [Decimal(one) for one in re.findall(_FIGURE, match["shares"])]
    total = sum(numbers, Decimal(0))
    if len(names) != len(numbers) or not total or ("%" in match["shares"] and total != 100):
        return None
    parts = [whole * one / total for one in numbers]
    of = "%" in match["shares"]
    formula = ";".join(
        f"{amount(whole)} × {rate(one / 100) if of else f'{number(one)}/{number(total)}'} = {amount(part)}"
        for one, part in zip(numbers, parts, strict=True)
    )
    said = ",".join(f"{name}承担{amount(part)}" for name, part in zip(names, parts, strict=True))
    return Worked(formula, "", whole, MONEY, f"按文件的比例,{said}。", (), (), "split")


def _in_parts(sentence: str, whole: Decimal) -> Worked | None:
    schedule = read_schedule(sentence)
    if schedule is not None:
        named = [(f"第{number(Decimal(at))}年", share) for at, share in enumerate(schedule.shares, start=1)]
    else:
        named = list(read_stages(sentence))
    if len(named) < 2 or sum(share for _, share in named) != 1:
        return None
    formula = ";".join(f"{amount(whole)} × {rate(share)} = {amount(whole * share)}" for _, share in named)
    said = ",".join(f"{when}{amount(whole * share)}" for when, share in named)
    return Worked(formula, "", whole, MONEY, f"按文件分期拨付:{said}。", (), (), "split")
