"""Issue, effect and expiry dates as the text states them."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.clean.mapped import compact
from index.clean.vocabulary import SELF_REFERENCE
from index.parse.numerals import CN_NUMERAL, to_int

DAY = r"(\d{4})年(\d{1,2})月(\d{1,2})日"
_DAY = re.compile(DAY)
_CN_DAY = re.compile(r"([二零一三四五六七八九〇○O]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日")
_NUMBER = rf"(\d{{1,3}}|{CN_NUMERAL})"
_EFFECTIVE = re.compile(rf"(?:自|从|于|由)?{DAY}(?:零时)?(?:起|开始|后)?(?:正式)?(?:施行|实施|执行|生效|试行|起执行)")
_FROM_ISSUE = re.compile(
    rf"(?:自|从)(?:印发|发布|公布|发文|下发|颁布)之?日(?:起)?(?:(?:满)?{_NUMBER}(个?工作日|日|天|个月)(?:后|起|以后|之后))?[^。,;]{{0,8}}?(?:施行|实施|执行|生效|试行|有效)"
)
_UNTIL = re.compile(
    rf"(?:有效期(?:限)?|执行期(?:限)?|实施期(?:限)?|试行期(?:限)?|施行期限|适用期限|有效)[^。;\d]{{0,8}}?(?:自?{DAY}(?:起)?(?:至|到|-|~))?(?:至|到|截至|为)?{DAY}"
)
_RANGE_UNTIL = re.compile(
    rf"适用于{DAY}(?:起)?(?:至|到|-|~){DAY}|(?:施行|实施|执行|试行|有效|生效)[^。;\d]{{0,6}}(?:至|到){DAY}(?:止|废止|失效)?|(?:至|到){DAY}(?:止|自动失效|废止|失效|有效)"
)
_TERM = re.compile(
    rf"(?:有效期|执行期|实施期|试行期|施行期|试行|有效|暂定|暂行|为期)(?:限)?(?:为|暂定|暂定为|是)?{_NUMBER}(个?年|周年|个月)"
)
_CALENDAR_YEAR = re.compile(
    r"(?:仅|只|限|适用于|有效期[为至到]?|在)(\d{4})年度?(?:内)?(?:有效|执行|实施|适用)|有效期(?:为|至|到|截至)?(\d{4})年(?:底|度末|末|全年|度)?(?=[。,;]|$)"
)
# A day that a hard wrap has cut (2024年6月1日 / 起施行).
_CUT_DAY = re.compile(r"(?<=[年月日\d])\n\s*(?=[起后止前年月日施实执生试\d])")
_FOREIGN = re.compile(r"证书|许可证|证件|资质|合同|合格证|认定|称号|备案|承诺|资格")


@dataclass(frozen=True, slots=True)
class Validity:
    """Dates a text states of itself; `expires_on` is the last day in force."""

    effective_on: date | None = None
    expires_on: date | None = None


def make_date(year: int, month: int, day: int) -> date | None:
    """The date, None where there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def arabic_dates(text: str) -> str:
    """`text` with dates in Chinese numerals (二〇二四年五月十日) written in digits."""

    def digits(match: re.Match[str]) -> str:
        year = "".join(str("零一二三四五六七八九".index(c)) for c in re.sub("[〇○O]", "零", match.group(1)))
        return f"{year}年{to_int(match.group(2))}月{to_int(match.group(3))}日"

    return _CN_DAY.sub(digits, text)


def dates_in(text: str) -> list[tuple[int, int, date]]:
    """All full dates: (start, end, date) in text order."""
    found = [(m.start(), m.end(), make_date(*(int(g) for g in m.groups()))) for m in _DAY.finditer(text)]
    return [(start, end, day) for start, end, day in found if day is not None]


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_validity(shape: str, issued_on: date | None) -> Validity:
    """Effect and expiry from the sentences in which a document speaks of its own force.

    Args:
        shape: text of the clauses, half-width punctuation.
        issued_on: day from which 自印发之日起 counts.
    """
    shape = _CUT_DAY.sub("", shape)
    effective: date | None = None
    expires: date | None = None
    sentences = [s for s in re.split(r"[。\n]", arabic_dates(shape)) if s]
    for i, sentence in enumerate(sentences):
        flat, _ = compact(sentence)
        own = _speaks_of_itself(flat) or (
            i > 0 and _speaks_of_itself(compact(sentences[i - 1])[0]) and flat.startswith(("有效", "执行期", "试行"))
        )
        if not own:
            continue
        effective = effective or _effective(flat, issued_on)
        counted = effective or (issued_on if re.search("(?:印发|发布|公布|颁布)之日", flat) else None)
        expires = expires or _expires(flat, counted)
    return Validity(effective, expires)


def _speaks_of_itself(sentence: str) -> bool:
    if re.search(SELF_REFERENCE, sentence) and re.search(
        r"施行|实施|执行|生效|有效|试行|废止|失效|适用于\d{4}年", sentence
    ):
        return True
    return (
        re.search(r"自(?:印发|发布|公布|颁布)之日起|^自?\d{4}年\d{1,2}月\d{1,2}日(?:起)?(?:施行|实施)", sentence)
        is not None
    )


def _effective(sentence: str, issued_on: date | None) -> date | None:
    match = _EFFECTIVE.search(sentence)
    if match:
        return make_date(*(int(group) for group in match.groups()))
    match = _FROM_ISSUE.search(sentence)
    if match is None or issued_on is None:
        ranged = re.search(rf"有效期(?:限)?(?:为|自|从|:)?{DAY}(?:起)?(?:至|到|-|~){DAY}", sentence)
        return make_date(*(int(group) for group in ranged.groups()[:3])) if ranged else None
    if match.group(1) is None:
        return issued_on
    count = to_int(match.group(1)) or 0
    return add_months(issued_on, count) if "月" in match.group(2) else issued_on + timedelta(days=count)


def _expires(sentence: str, start: date | None) -> date | None:
    for pattern in (_UNTIL, _RANGE_UNTIL):
        match = pattern.search(sentence)
        if match:
            groups = [group for group in match.groups() if group]
            return make_date(*(int(group) for group in groups[-3:]))
    match = _TERM.search(sentence)
    if match and start is not None and not _FOREIGN.search(sentence[max(0, match.start() - 12) : match.start()]):
        count = to_int(match.group(1)) or 0
        months = count if "月" in match.group(2) else count * 12
        return add_months(start, months) - timedelta(days=1)
    match = _CALENDAR_YEAR.search(sentence)
    if match:
        return date(int(match.group(1) or match.group(2)), 12, 31)
    return None
