"""The day a question is about (2020年6月的时候还能领吗), told from years that are targets or names."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from index.parse.numerals import to_int

_NUMERAL = "[零一二三四五六七八九十]"
_TIME = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)年|(?P<word>大前年|前年|去年|上一?年|明年|后年)|(?P<ago>\d{1,2}|"
    r"[一二两三四五六七八九十])年前(?!要|建|引|完|达)|"
    r"(?P<by>上个?月|下个?月))"
    rf"的?(?:(?P<month>1[0-2]|0?[1-9]|{_NUMERAL}{{1,2}})月份?(?:(?P<day>3[01]|[12]\d|0?[1-9]|"
    rf"{_NUMERAL}{{1,3}})[日号])?)?(?P<part>年?[底末]|年?初|上半年|下半年)?"
    r"(?P<after>(?:以|之)?后(?!年))?(?P<before>(?:以|之)前)?"
)
_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "上一年": -1, "明年": 1, "后年": 2}
_THEN = re.compile(r"^(?:呢|的?(?:时候?(?![间限])|那(?:时候?|会儿?|阵子)|当时|期间))")
# What is done with a policy on that day.
_USED = re.compile(
    r"^[^,。?!;]{0,14}?(?:申请|申报|的话|还能|还可以|还有效|有效|算数|还有|还发|能不能|能领|能拿|可以(?:领|拿|申|"
    r"报|补|奖)|能(?:申|报|享|奖|补)|管用|失效|去(?:报|申|"
    r"办)|适用|发吗)(?![了过])"
)
_OF_FIRM = re.compile(r"^(?:才|新)?(?:注册|成立|认定|投产|开工|购买|购置|获评|毕业|引进|新建|登记|落户|上市|竣工)")
_TARGET = re.compile(r"(?:到|至|截[至止]到?|自|从|于|力争|预计|[-~—])$")
_NAME = re.compile(
    r"^(?:度|版|的(?:政策|办法|文件|细则|意见|方案|通知|条例|标准|规定|那)|[-~—至到]\d|(?:实施|行动|工作)(?:细则|"
    r"方案|计划)|的(?![时那当])[\u4e00-\u9fff]{1,10}?(?:政策|办法|细则|意见|方案|通知|条例|规定|措施)(?=还|现在|如今|有没有))"
)


def as_of(text: str, today: date | None = None) -> date | None:
    """The day `text` asks about: the first day of the time named, the day after its end for 以后, None where none is.

    Args:
        text: simplified, half-width.
        today: what 去年 counts from; the present day by default.
    """
    found: date | None = None
    for match in _TIME.finditer(text):
        if _is_day_of_use(text, match):
            found = _day(match, today or date.today()) or found
    return found


def _is_day_of_use(text: str, match: re.Match[str]) -> bool:
    rest, before = text[match.end() :], text[: match.start()]
    # 2021年的某某政策还有效吗 names an edition; the pattern of times takes 的 with it.
    named = f"的{rest}" if match[0].endswith("的") else rest
    if _NAME.match(named) or re.search(r"[《〔\[(]$", before):
        return False
    if _TARGET.search(before):
        return bool(re.match(r"[^,。?]{0,6}(?:还有效|还能|失效|还算|有效吗|还管用)", rest))
    if _THEN.match(rest):
        return True
    if match["after"] or match["before"]:
        return bool(_USED.match(rest.lstrip(","))) and not _OF_FIRM.match(rest)
    return bool(_USED.match(rest))


def _number(said: str) -> int:
    return int(said) if said.isascii() else to_int(said) or 0


def _day(match: re.Match[str], today: date) -> date | None:
    if match["by"]:
        step = -1 if match["by"].startswith("上") else 1
        months = today.year * 12 + today.month - 1 + step
        year, month = divmod(months, 12)
        return _edge(match, year, month + 1)
    if match["ago"]:
        year = today.year - (_number(match["ago"]) if match["ago"] != "两" else 2)
    elif match["word"]:
        year = today.year + _WORDS[match["word"]]
    else:
        year = int(match["year"])
    month = _number(match["month"]) if match["month"] else 0
    return _edge(match, year, month)


def _edge(match: re.Match[str], year: int, month: int) -> date | None:
    """First day of the time named, or the day after its last one; None where there is no such day."""
    part, day = match["part"] or "", _number(match["day"]) if match["day"] else 0
    if month > 12 or (month and day > monthrange(year, month)[1]):
        return None
    first = date(year, month or 1, day or 1)
    last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    if part.endswith(("底", "末")) and not day:
        first = last
    elif part == "下半年":
        first = date(year, 7, 1)
    elif part == "上半年":
        last = date(year, 6, 30)
    if match["after"]:
        return last + timedelta(days=1)
    return first - timedelta(days=1) if match["before"] else first
