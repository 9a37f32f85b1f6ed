"""Whether a rule that changes another one holds for a question."""

from __future__ import annotations

import re
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Kind
from rag.calculate.case import Case
from rag.calculate.fit import agrees_undone, contradicted, level_conflict, levels, likeness, named, names_item, pairs
from rag.calculate.rule import Change, Rule
from rag.calculate.wording import GROWTH, MONEY
from rag.terms import synonyms

_SAID = 0.4
"""Share of the words of a change that the question has."""
_SAID_OF_LEVEL = 0.25
"""The same where the question names the level that the change is for."""
_COUPLE = re.compile(r"夫妻|夫妇|两口子|小两口|双方|老婆|老公|爱人|妻子|丈夫|配偶")
_NUMERAL = r"[一二两三四五六七八九十\d]{1,2}"
_RANKS = ("区", "县", "市", "省", "国家")
_TITLE = re.compile(r"(?P<level>国家|[省市区县])级(?P<above>及?以上)?(?P<what>[^，,。；;的了（(\d]{3,10})")
_TITLED = 0.75
_FOLLOWING = re.compile(r"(?:参照|比照|按照?此)[^，,。]{0,6}执行$")
_ORDINAL = re.compile(rf"第(?P<number>{_NUMERAL})(?P<unit>届|年|次|期|轮)(?!以|内|度)|首(?P<first>届|年|期|轮)")
_MEASURE_BOUND = re.compile(
    r"(?<![\d.])(?P<number>\d+(?:\.\d+)?)(?P<unit>(?![万亿元千百])[\u4e00-\u9fffA-Za-z]{1,4}?)(?:[（(]含[)）])?[及或]?以(?P<way>[下内上])"
)
"""28纳米及以下, 300米以上: a bound in any measure, which the question gives in the same."""
_AGE_BOUND = re.compile(
    rf"(?:成立|注册|设立)(?:时间)?(?:(?P<below>不满|不足|未满|不超过)|满|达到?|超过)(?P<number>{_NUMERAL})年"
)
_AGE = re.compile(rf"(?:成立|注册|设立)(?:才|刚|了|已|经|也|不到|有|满|时间|刚满)*(?P<number>{_NUMERAL})年(?!\d|\d\d)")


def holds(change: Rule, rule: Rule, case: Case) -> bool:
    """Whether the question says what the change is for."""
    own = change.benefit.beneficiary.replace(rule.benefit.beneficiary, "")
    if contradicted(own, case.text):
        return False
    if agrees_undone(own, case.text):
        return True
    settled = _by_number(own, case.text)
    if settled is not None:
        return settled
    if change.change is Change.STANDARD and for_couples(change):
        return bool(_COUPLE.search(case.text))
    if change.per is not None and change.per.unit == MONEY:  # 每多增加1亿元: the size decides
        return True
    size = _size_of(change, case)
    if size is not None and change.sizes is not None:
        return change.sizes.hold(size)
    if named(case.situation.denied, own):
        return False
    if level_conflict(own, case.text) and levels(own):
        return False
    if names_item(own, general_words(rule), case.text):
        return True
    if change.change is Change.RATE and "、" in own:  # a list of things is named by one of them, not by its frame
        return False
    if _has_title(own, case.text):
        return True
    return _says(own, change, rule, case)


def _size_of(change: Rule, case: Case) -> Decimal | None:
    """The size said that a change bounds; of a growth (产值增量超过1亿元, 比上年增长20%以上) that between two years."""
    sizes, years = change.sizes, case.two_years()
    if sizes is None:
        return None
    if years is not None and years[0].unit == sizes.unit != "" and GROWTH.search(sizes.metric):
        return years[1].value - years[0].value
    measure = case.size_for(sizes)
    if measure is None and sizes.kind is Kind.RATE and GROWTH.search(change.benefit.beneficiary):
        return case.growth()
    return None if measure is None else measure.value


def _says(own: str, change: Rule, rule: Rule, case: Case) -> bool:
    """Whether the question has enough of the words that tell a change from its rule."""
    special = pairs(_FOLLOWING.sub("", own).rstrip("的")) - pairs(rule.benefit.beneficiary)
    if not special:
        return change.change in (Change.RATE, Change.CAP) and change.benefit.path == rule.benefit.path
    said = pairs(_in_policy_words(case.text, change, rule)) | frozenset(
        pair for held in case.situation.held for pair in pairs(held)
    )
    listed = [part for part in (change.benefit.condition or "").split("；") if part]
    same_level = levels(own) & levels(case.text) - levels(rule.benefit.beneficiary)
    least = _SAID_OF_LEVEL if same_level else _SAID
    return len(special & said) / len(special) >= least or any(likeness(part, case.text) >= _SAID for part in listed[1:])


def _has_title(own: str, asked: str) -> bool:
    """Whether the question names the title that a change is for, at its level: 省级以上工业设计中心, 省级设计中心."""
    for wanted in _TITLE.finditer(own):
        for said in _TITLE.finditer(asked):
            high, low = _RANKS.index(said["level"]), _RANKS.index(wanted["level"])
            if (high == low or (wanted["above"] and high > low)) and likeness(said["what"], wanted["what"]) >= _TITLED:
                return True
    return False


def _by_number(own: str, asked: str) -> bool | None:
    """Whether an ordinal (第二届) or an age (成立不满3年) that a change is for is the one said; None where none is."""
    wanted, given = _ordinals(own), _ordinals(asked)
    if wanted and {unit for _, unit in wanted} & {unit for _, unit in given}:
        return bool(wanted & given)
    in_measure = _by_measure(own, asked)
    if in_measure is not None:
        return in_measure
    bound, age = _AGE_BOUND.search(own), _AGE.search(asked)
    if bound is None or age is None:
        return None
    least, years = _integer(bound["number"]), _integer(age["number"])
    return years < least if bound["below"] else years >= least


def _by_measure(own: str, asked: str) -> bool | None:
    """Whether the one size said in the measure of a bound keeps it: 22纳米 and 28纳米及以下."""
    for bound in _MEASURE_BOUND.finditer(own):
        given = re.findall(rf"(?<![\d.])(\d+(?:\.\d+)?)个?{re.escape(bound['unit'])}", asked)
        if len(given) == 1:
            said, end = Decimal(given[0]), Decimal(bound["number"])
            return said <= end if bound["way"] in "下内" else said >= end
    return None


def _ordinals(words: str) -> set[tuple[int, str]]:
    return {(_integer(one["number"] or "一"), one["unit"] or one["first"]) for one in _ORDINAL.finditer(words)}


def _in_policy_words(asked: str, change: Rule, rule: Rule) -> str:
    """The question, and the words that only the change has of those that policies use for its own (芯片: 集成电路)."""
    own = change.benefit.beneficiary
    others = rule.source.clause.text.replace(change.benefit.quote, "")
    known = (word for said, words in synonyms().items() if said in asked for word in words)
    return " ".join((asked, *(word for word in known if word in own and word not in others)))


def _integer(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() and numeral.isascii() else int(to_int(numeral.replace("两", "二")) or 0)


def general_words(rule: Rule) -> str:
    """The words of a rule and of the clauses above it, which tell it from nothing beside it."""
    parent = rule.benefit.path.rpartition(".")[0]
    leads = (clause.text for clause in rule.source.also if clause.path == parent)
    return " ".join((rule.benefit.beneficiary, rule.benefit.base or "", rule.source.clause.heading or "", *leads))


def for_couples(change: Rule) -> bool:
    """Whether a change is for the second of a couple."""
    return bool(_COUPLE.search(change.benefit.beneficiary)) and "另一方" in change.benefit.quote
