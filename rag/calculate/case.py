"""The facts of a question as a calculation takes them, and what its words ask to be computed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from index.quantities import Kind
from rag.calculate.fit import conflicting, is_whole, likeness
from rag.calculate.rule import Sizes
from rag.calculate.said import sizes_of_years, things_said, years_said
from rag.calculate.units import counts_alike, general_unit, same_unit, scaled, spellings
from rag.situation import Counted, Measure, Received, Situation

if TYPE_CHECKING:
    from rag.understand import Question

_INVERSE = re.compile(
    r"(?:投|投入|投资|做|做到|达到|完成|处理|招|建|花|签|成交|要有|买|发|运|得有|需要|贷|种|养|采购)(?:资|入|够|成|到|满)?(?:个|至少|了)?(?:多少|几)"
)
_TO_GET = re.compile(
    r"拿满|拿到|领满|领到|封顶|顶格|满额|最高额|上限|才能|才够|要拿|想拿|要领|想领|拿足|足额|才给|才有"
)
_GAP = re.compile(
    r"(?:还|再|离|距)[^,，。]{0,14}?(?:差|缺|要增|增加|增长|增|加|多|做|涨|提高)(?:加|长|到)?(?:了)?(?:多少|几)|还差|差多远|差距"
)
_UP = re.compile(r"下一档|上一档|更高(?:一)?[档级]|够(?:不)?到|达标|门槛|这一档|那一档|那档|[升进晋]档|才能")
_DIFFER = re.compile(
    r"差(?:多少|几|额|距|别)|相差|(?<!最)多(?:拿|给|奖|补|出|得|资助|领)(?:多少|几)|(?<!最)多多少|高出?多少"
    r"|(?<![占同])比(?![例重]).{1,20}?(?:多(?!少)|高|低|少(?=拿|给|奖|补|多))"
)
_TOTAL = re.compile(
    r"一共|总共|合计|共计|加起来|加一起|加在一起|加总|总计|两项|两样|三项|全部|累计|总数|共(?:能|可|有|是|给|补|奖|资)|都算"
)
_LARGER = re.compile(
    r"哪(?:个|项|种|条|样|一?个|头|边)?[^,，。]{0,8}?(?:多|高|划算|合算|合适|合适|大|好)|选哪|就高|从高|择高|怎么选|哪[^,，。]{0,4}更"
)
_OWN = re.compile(r"我们|我公司|我司|本公司|本企业|本厂|咱|我厂|自己|我家|我(?=能|要|想|可|拿)")
HOW_MUCH = re.compile(r"多少|几(?:万|个|百|千|何|钱|亿)|金额|怎么算|算一?下|算算|能拿|够不够|超没超|封顶|最多|最高")
_LOAN_RATE = re.compile(r"利率|LPR|利息|lpr")
_PERIOD = re.compile(r"每个?月|每年|一个月|(?<![\d一二三四五六七八九十])[一1]年(?!内|后|前)|按月|按年")
_GENERIC_BASE = re.compile(r"实际|核定|确认|审定|总|投入|投资|支出|发生|金额|费用|资金|额|项目|的|部分")
_HAN = "一二两三四五六七八九十百千万"
_BEHIND = re.compile(r"[^,，;；。、!?？！\d]{0,8}")
_EXCEEDING = re.compile(r"超过|超出|突破|高于|大于|多于|超|破|过")
_GRANT = re.compile(
    r"^(?!.*(?:国家|[省市区县]|上级|中央)).*(?:补助|补贴|资助|奖励)(?:款|资金|金额)?(?:算下来|算出来|测算|合计|一共|总共|大概|大约|约|共|是|为|有)+$"
)
_OF_LAST_YEAR = re.compile(r"(?<![比较])(?:上年|上一年|前一年)")
_PERSON = re.compile(
    r"[^,，。;；、的]{0,8}?(?:员工|职工|工人|人员|人才|人口|劳动力|劳动者|毕业生|大学生|学生|学徒|新人|博士|硕士|本科生|研究生"
    r"|工程师|技师|高级工|中级工|老人|老年人|专家|骨干|主播|护理员|实习生)"
)
"""People, who are counted by 个 as well as by 名 and 人."""
_PEOPLE = re.compile(f"(?:{_PERSON.pattern})$")
_LITTLE = Decimal("0.0001")
_ALIKE = 0.34
_EARLIER = re.compile(r"以前|之前|此前|曾|前年|去年|上年|上一年|原来|往年|早先|已经|已")
_LATER = re.compile(r"今年|本年|当年|现在|如今|这次|本次|最新")


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its facts.

    Attributes:
        text: the words of the question.
        measures: sizes said, those left out that were received or belong to an earlier tier.
        earlier: sizes of an earlier time (前年过100亿).
    """

    question: Question
    text: str
    situation: Situation
    measures: tuple[Measure, ...]
    earlier: tuple[Measure, ...]

    @classmethod
    def from_question(cls, question: Question) -> Case:
        """The facts of `question`, sorted."""
        situation = question.situation
        taken = {value for one in situation.received for value in (one.amount, one.threshold) if value is not None}
        amounts = [one for one in situation.measures if one.kind is Kind.AMOUNT]
        measures = (_as_exceeded(_as_money(one, question.text), question.text) for one in situation.measures)
        situation = replace(situation, measures=tuple(measures))
        kept = [one for one in situation.measures if one.value not in taken or one.kind is not Kind.AMOUNT]
        if amounts and not any(one.kind is Kind.AMOUNT for one in kept) and not situation.received[0].amount:
            kept = list(situation.measures)
        if any(_is_grant(one) for one in kept):  # those beside it are most often told as the same
            kept = [one for one in kept if one.kind is not Kind.AMOUNT]
        earlier = tuple(one for one in kept if one.kind is Kind.AMOUNT and _is_earlier(question.text, one))
        later = [one for one in kept if one not in earlier]
        years = sizes_of_years(question.text)
        if years is not None and years[0].kind is Kind.COUNT and same_unit(years[0].unit, years[1].unit):
            return cls(question, question.text, situation, tuple(_of_this_year(later, *years)), earlier)
        if not any(one.kind is Kind.AMOUNT for one in later):
            earlier, later = (), kept
        return cls(question, question.text, situation, tuple(later), earlier)

    def two_years(self) -> tuple[Measure, Measure] | None:
        """The sizes of an earlier and a later time, in this order: 去年1.2亿,今年1.5亿; 从8000万涨到1亿."""
        found = sizes_of_years(self.text)
        return found if found is not None and found[0].unit == found[1].unit else None

    def growth(self) -> Decimal | None:
        """The growth between the two times said, as a share; None where no two are said."""
        found = self.two_years()
        return None if found is None or found[0].value <= 0 else found[1].value / found[0].value - 1

    def without(self, measures: Sequence[Measure]) -> Case:
        """The case without some of its sizes."""
        return replace(self, measures=tuple(one for one in self.measures if one not in measures))

    def years_asked(self) -> int | None:
        """The number of years, two at least, for which a sum is asked (三年一共能拿多少); None where none is."""
        years = years_said(self.text) if self.wants_total else None
        return int(years) if years is not None and years > 1 and years == years.to_integral_value() else None

    @property
    def received(self) -> tuple[Received, ...]:
        """Money it has got before."""
        return self.situation.received

    @property
    def counted(self) -> tuple[Counted, ...]:
        """Numbers of things it has."""
        return self.situation.counted

    @property
    def wants_inverse(self) -> bool:
        """要拿满300万得投多少."""
        return bool(_INVERSE.search(self.text) and _TO_GET.search(self.text))

    @property
    def wants_gap(self) -> bool:
        """离下一档还差多少."""
        return bool(_GAP.search(self.text) and (_UP.search(self.text) or not self.received))

    @property
    def wants_difference(self) -> bool:
        """国家级比省级多多少."""
        return bool(_DIFFER.search(self.text))

    @property
    def wants_total(self) -> bool:
        """一共多少."""
        return bool(_TOTAL.search(self.text))

    @property
    def wants_larger(self) -> bool:
        """选哪个划算."""
        return bool(_LARGER.search(self.text))

    @property
    def by_period(self) -> bool:
        """每月多少, 一年多少: the sum of one period is asked."""
        return bool(_PERIOD.search(self.text))

    @property
    def own(self) -> bool:
        """Whether the enterprise asks about its own money, so that a missing fact is asked for."""
        situation = self.situation
        said = situation.measures or situation.counted or situation.received
        return bool(_OWN.search(self.text) or said) and bool(HOW_MUCH.search(self.text))

    def amount_for(self, words: str, *, unit: str = "元", against: str = "") -> Measure | None:
        """The amount said that fits `words` best; None where none does.

        An amount that measures something else is not taken, nor one that fits `against` better.
        """
        sizes = (*self.measures, *self.earlier) if _OF_LAST_YEAR.search(words) else self.measures
        fitting = [
            one
            for one in sizes
            if one.kind is Kind.AMOUNT and one.unit == unit and not conflicting(self.words_of(one), words)
        ]
        if against and likeness(words, against) < _ALIKE:
            fitting = [one for one in fitting if likeness(one.metric, words) + _ALIKE > likeness(one.metric, against)]
        whole = [one for one in fitting if is_whole(one.metric, words)]
        if len(whole) == 1:
            return whole[0]
        own = [one for one in fitting if likeness(one.metric, words) > 0]
        if against and len(own) > 1:  # 总投资8000万,其中设备6200万: the one the rule bounds is not the one it pays on
            own = [one for one in own if likeness(one.metric, against) < 1] or own
            fitting = own if len(own) < len(fitting) and likeness(words, against) < 1 else fitting
        if not fitting:
            return None
        return max(enumerate(fitting), key=lambda item: (self._fits(item[1], words), item[0]))[1]

    def only_amount(self, words: str) -> Measure | None:
        """The only amount said, where it can be what `words` name."""
        amounts = [one for one in self.measures if one.kind is Kind.AMOUNT and one.upper is None]
        if len(amounts) != 1 or conflicting(self.words_of(amounts[0]), words):
            return None
        own = _GENERIC_BASE.sub("", words)
        near = likeness(own, self.words_of(amounts[0])) > 0 or likeness(own, self.text) >= _ALIKE
        return amounts[0] if not own or near or own in self.words_of(amounts[0]) or own in self.text else None

    def _fits(self, measure: Measure, words: str) -> float:
        by = bool(re.search(rf"[按以拿][^,，。]{{0,12}}{re.escape(measure.said)}[^,，。]{{0,4}}算", self.text))
        return likeness(self.words_of(measure), words) + (2.0 if by else 0.0)

    def words_of(self, measure: Measure) -> str:
        """What a size measures, by the words before it and behind it (付了150万利息)."""
        at = self.text.find(measure.said)
        behind = self.text[at + len(measure.said) :] if at >= 0 else ""
        following = _BEHIND.match(behind)
        return f"{measure.metric} {following[0] if following else ''}"

    def size_for(self, sizes: Sizes, *, base: str = "") -> Measure | None:
        """The size said that a rule bounds; one that fits `base` better is not it."""
        if sizes.kind is Kind.AMOUNT:
            return self.amount_for(sizes.metric, unit=sizes.unit or "元", against=base)
        if sizes.kind in (Kind.RATE, Kind.POINTS):
            return self.share_for(sizes.metric)
        for one in self.measures:
            alike = one.kind is Kind.COUNT and same_unit(one.unit, sizes.unit)
            if alike and not conflicting(one.metric, sizes.metric):
                return one
        return self.count_for(sizes.unit, sizes.metric) if sizes.unit in ("人", "家", "个", "项") else None

    def share_for(self, words: str) -> Measure | None:
        """The share said that fits `words`."""
        fitting = [one for one in self.measures if one.kind in (Kind.RATE, Kind.POINTS)]
        if not fitting:
            return None
        best = max(fitting, key=lambda one: likeness(one.metric, words))
        return best if likeness(best.metric, words) > 0 or not best.metric else None

    def loan_rate(self) -> Measure | None:
        """The rate of a loan said (年利率4%, LPR 3.1%), or the only share said."""
        rates = [one for one in self.measures if one.kind is Kind.RATE]
        named = [one for one in rates if _LOAN_RATE.search(one.metric)]
        return next(iter(named or rates), None) if len(named or rates) == 1 else None

    def count_for(self, unit: str, words: str) -> Measure | None:
        """The number said in `unit`; things counted in 个, 家, 项 take each other's measure words."""
        counts = [one for one in self.measures if one.kind is Kind.COUNT]
        exact = [
            replace(one, value=value, unit=unit if value != one.value else one.unit)
            for one in counts
            if (value := scaled(one.value, one.unit, unit)) is not None
        ]
        fitting = exact or [one for one in counts if not one.unit or counts_alike(one.unit, unit)]
        if not fitting and unit == "人":  # 重度失能老人12个
            fitting = [one for one in counts if one.unit == "个" and _PEOPLE.search(one.metric)]
        if not fitting:
            told = self.counted or tuple(one for _, one in things_said(self.text))
            fitting = [_as_measure(one, unit) for one in told if self._counts(one, unit, words)]
        return max(fitting, key=lambda one: likeness(one.metric, words)) if fitting else None

    def _counts(self, counted: Counted, unit: str, words: str) -> bool:
        own = counted.said.removesuffix(counted.thing).lstrip(f"0123456789.{_HAN}亿")
        if (general_unit(unit) and counts_alike(own, unit)) or any(
            re.search(f"[\\d{_HAN}]个?{name}", counted.said) for name in spellings(unit)
        ):
            return True
        if unit == "人" and _PERSON.match(counted.thing):
            return True
        return unit in ("人", "头", "只") and likeness(counted.thing, words) > 0

    def duration(self) -> Decimal | None:
        """A time said, in years; of several (一年20万,补三年一共多少) the longest where a total is asked for."""
        times = [
            one.value if one.unit == "年" else one.value / 12
            for one in self.measures
            if one.kind is Kind.COUNT and one.unit in ("年", "个月", "月")
        ]
        if self.wants_total and (said := years_said(self.text, longest=True)) is not None:
            times.append(said)
        if times:
            return max(times) if self.wants_total else times[0]
        return years_said(self.text)


def _of_this_year(measures: Sequence[Measure], before: Measure, now: Measure) -> list[Measure]:
    """`measures` without the number of the year before, and this year's in its unit: 去年3万标箱,今年4万."""
    old = next((one for one in measures if one.said == before.said), before)
    kept = [one for one in measures if one.said not in (before.said, now.said)]
    return [*kept, replace(now, metric=old.metric)]


def _as_money(measure: Measure, text: str) -> Measure:
    """1.2亿人民币 may have been read as a count of 人."""
    at = text.find(measure.said)
    if measure.unit == "人" and at >= 0 and text[at + len(measure.said) :].startswith("民币"):
        return replace(measure, metric=measure.metric.removesuffix("民币"), kind=Kind.AMOUNT, unit="元")
    return measure


def _is_grant(measure: Measure) -> bool:
    """Whether an amount is told as what a grant comes to (年薪补助算下来150万), and not as the size of anything."""
    return measure.kind is Kind.AMOUNT and _GRANT.search(measure.metric or "") is not None


def exceeding(measure: Measure) -> Decimal:
    """The size to hold against a bound: just above the figure where it is said to be exceeded (超过20000平方米)."""
    return measure.value + _LITTLE if _EXCEEDING.match(measure.said) else measure.value


def _as_exceeded(measure: Measure, text: str) -> Measure:
    """The measure with the word that says it is exceeded: 首次突破5亿."""
    word = re.search(rf"(?:突破|超过|超出|超|破|(?<![通经不难])过)(?=了?{re.escape(measure.said)})", text)
    return replace(measure, said=f"{word[0]}{measure.said}") if word is not None else measure


def _as_measure(counted: Counted, unit: str) -> Measure:
    return Measure(counted.thing, Kind.COUNT, Decimal(counted.number), unit, counted.said)


def _is_earlier(text: str, measure: Measure) -> bool:
    """Whether the last word of time before a size is one of the past (前年首次过100亿)."""
    at = text.find(measure.said)
    if at < 0:
        return False
    before = text[:at]
    past = max((match.start() for match in _EARLIER.finditer(before)), default=-1)
    later = max((match.start() for match in _LATER.finditer(before)), default=-1)
    return past > later
