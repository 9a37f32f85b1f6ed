"""Sizes and counted things that a question states of the enterprise, each with what it measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from index.parse.numerals import to_int
from index.quantities import Comparison, Kind, Quantity, quantities
from rag.situation import Counted, Measure

# Names with figures in them state nothing: “5个80%”, 《2021-2023年…》, 某政办函[2022]69号, 第十六条.
_NAMES = re.compile(
    r"《[^《》]*》|“[^“”]*”|「[^「」]*」|\"[^\"]*\"|[\u4e00-\u9fff]{0,8}[\[(〔]\d{4}[\])〕]第?\d+号|"
    r"第[零一二三四五六七八九十百千\d]+[条章款项部]"
)
_NUMBERED = re.compile(r"(?<![\d.])\d{3,}(?![\d.]|[\u4e00-\u9fff%‰])")
_PAYS = r"奖励?|补助?|补贴|资助|给予?|发放?|返还|贴息?|拿到?|领取?|得到?|配套|扶持|支持|罚款?"
_CLAIMED_BEFORE = re.compile(
    rf"(?:(?:{_PAYS})(?:我们|企业|公司|的?是|的?金额|的?标准)?(?<!付给企业)(?<!付给公司)(?<!补偿给企业)|最高|最多|"
    r"上限|封顶|顶格|至多)(?:就|都|也|只|有|是不是|是否|"
    r"应该|是|为|能|可|到|不超过)?(?:约|大概)?$"
    r"|(?:标准|门槛|条件|上限|额度|力度|要求)(?:是|为|降[到至低为]*|提高?[到至]*|调[到整至]*|改[到为成]*)?$|"
    r"(?:乘以?|打)$"
)
_CLAIMED_AFTER = re.compile(
    r"^的?(?:那个|那笔|那份|这个|这笔|以内的?)?(?:一次性)?(?:资助|奖励|补助|补贴|扶持|奖金|优惠|封顶|上限)|"
    r"^(?:怎么分|怎么发|封顶)"
)
_BY_RATE = re.compile(r"按照?(?:\d|百分)")
_OWN = re.compile(r"^(?:的|那)$")
_BOUND = re.compile(
    r"(?:不到|不足|未满|不满|低于|少于|小于|不超过|最多|至多|超过|高于|大于|多于|至少|不低于|不少于|达到|将近|接近)$"
)
_TARGET = re.compile(r"到(?:19|20)\d\d年")
_FILLERS_BEFORE = re.compile(
    r"(?:大概|大约|差不多|左右|只有|只|仅|才|就|也|都|又|已经|已|将近|接近|近|约|总共|一共|共计|共|合计|累计|"
    r"达到了?|达|突破了?|超过了?|超|过了?|到了?|有|是|为|了|的|首次|第一次|"
    r"[这那]?一?档|年?上|破|做到|做了|满|"
    r"不满|未满|不到|不足|低于|高于|大于|少于|不超过|至少|不低于|不少于|这次|下降|上涨|实际|其中|但|从|在(?=$)|"
    r"[-,:、( ~]+)$"
)
_FILLERS_FRONT = re.compile(
    r"^(?:请问|那么|那|要是|如果|假如|假设|若|但是|但|而且|而|还|其中|另外|因为|由于|只|按照?|我们?|我司|咱们?|"
    r"本?公司|本?企业|本?单位|集团(?=[今去前明\d])|今年|去年|前年|明年|"
    r"上一?年|本年度?|当年|每年|全年|一年|年底|"
    r"(?:19|20)\d\d年度?|上半年|下半年|目前|现在|这次|已经?|的|是|有|一家|一个|家|,|个|大概|大约|一共|总共|"
    r"实际(?=在)|就|也|又|再|光)+"
)
_AFTER = re.compile(
    r"^(?:多|余|左右|以上|上下)?的?([\u4e00-\u9fff]{2,10}?)(?=$|[,。?!、;:()]|"
    r"[能可应怎给奖补吗呢多有会够算属在还是要]|以上|合同|项目)"
)
_NO_NOUN = re.compile(r"^[后前内以起]|[奖补给拿领]")
_TIMES = frozenset(("年", "个月", "月", "天", "日", "小时", "周"))
_SCALES = frozenset(("万", "亿", "百", "千", "万元", "亿元"))
_PART_NAMES = frozenset("个项家种类条款台套批次件份名位")
_MONEY_NOUNS = re.compile(
    r"^(?:的)?(补偿|营收|收入|产值|投资|投入|贷款|融资|交易额|销售额|税收|合同|订单|利润|亏损|注册资本|资本)"
)
_ONE_OF = re.compile(r"(?:[一1](?:笔|个|项|份|单|家|台|套|宗)|笔)$")
_GENERIC = frozenset(
    ("项目", "企业", "公司", "单位", "工厂", "以上", "以下", "左右", "之间", "那档", "这档", "的话", "情况", "一档")
)
_COMPLETED = {"投": "投入", "亏": "亏损", "占": "占比", "缴": "缴纳", "投资了": "投资"}
_CHANGES = frozenset(("增长", "增加", "提高", "上升", "下降", "减少", "增长为"))
_METRIC_LIMIT = 16

_COUNT_WORD = r"家|个(?!月|百分|工作日|基点|点|亿|人)|台套?|套|项|件|款|座|只|名|位|处|所"
_NUMBER = r"\d{1,4}|[一二两三四五六七八九十]{1,3}"
_COUNTED = re.compile(
    rf"(?<![\d.第这那哪每整几])(?P<number>{_NUMBER})(?P<unit>{_COUNT_WORD})(?:的)?(?P<thing>[^\d,。?!、;:加和与及能可共分的给多几一二两三四五六七八九十\s][^\d,。?!、;:加和与及能可共分的给\s]{{1,19}})"
)
_COUNTED_HEAD = re.compile(rf"(?:{_NUMBER})(?P<unit>{_COUNT_WORD})")
_OF_WHAT = re.compile(
    r"^(?:下属|子)?(?:企业|公司|工厂|厂子?|单位|园区|门店|机构)?(?:都|同时|均|全部|今年|分别|一起|也|刚|"
    r"新)*(?:获评|评上|评为|被?认定为|拿到|入选|通过|成为|被评为|获得|是|"
    r"升为|取得)了?(.{2,})$"
)
_TAIL = re.compile(
    r"(?:同时|今年|去年|刚|都|也|已经|已|了|获评|获批|评上|通过|认定下来|认定|在建|怎么|一起|合计|总).*$"
)
_TITLED = re.compile(r"[家省市区县]级|国内|省内|国际|首台|首批|首版|首个|示范|试点")


def readable(unit: str) -> str:
    """`unit` at its length, with names blanked whose figures state nothing."""
    for pattern in (_NAMES, _NUMBERED):
        unit = pattern.sub(lambda name: " " * len(name[0]), unit)
    return unit


def money_of(quantity: Quantity, text: str) -> Quantity | None:
    """The quantity as 元 where it is a sum of money: 520亿 without 元 too; None for others."""
    if quantity.kind is Kind.AMOUNT:
        return quantity
    said = text[quantity.start : quantity.end]
    if quantity.kind is Kind.COUNT and not quantity.unit and ("万" in said or "亿" in said):
        return replace(quantity, kind=Kind.AMOUNT, unit="元")
    return None


def figures_of(unit: str) -> tuple[Quantity, ...]:
    """Quantities of a unit of a question, sums without 元 as money; dates and bare numbers are left out."""
    found = []
    plain = readable(unit)
    for quantity in quantities(plain):
        read = money_of(quantity, plain) or quantity
        said = plain[quantity.start : quantity.end]
        # 多少万, 万向: a scale alone is no sum.
        if read.kind is not Kind.DATE and (read.unit or read.kind is not Kind.COUNT) and said not in _SCALES:
            found.append(read)
    return tuple(found)


def is_claim(unit: str, quantity: Quantity) -> bool:
    """Whether a quantity is what a policy is said to give or to demand, not what the enterprise has."""
    before, after = unit[: quantity.start], unit[quantity.end :]
    if _CLAIMED_BEFORE.search(before) or _CLAIMED_AFTER.match(after):
        return True
    if _BY_RATE.search(unit) or _TARGET.search(unit):
        return True
    # 历史经典产业那2000万怎么分, 创新中心的1500万: the sum of a provision, not a size.
    pointed = re.search(r"(?:的|那|这)$", before) and not re.match(r"[的]?[\u4e00-\u9fff]{2}", after[:3])
    return bool(pointed or re.search(r"[那这]$", before))


def measures_of(unit: str, metric_before: str = "") -> tuple[Measure, ...]:
    """Sizes stated in one unit.

    Args:
        unit: of a question, cleaned.
        metric_before: what was measured last, for a figure without words (今年首次到50亿).
    """
    made: list[Measure] = []
    at = 0
    counted = [match.span() for match in _COUNTED.finditer(unit)]
    for quantity in figures_of(unit):
        taken = any(start <= quantity.start < end for start, end in counted)
        calendar = quantity.unit in ("月", "日")
        if not taken and not calendar and not is_claim(unit, quantity):
            inherited = next((m.metric for m in reversed(made) if m.kind is Kind.AMOUNT), metric_before)
            metric = metric_of(unit, quantity, at) or (inherited if quantity.kind is Kind.AMOUNT else "")
            if metric or quantity.unit not in _PART_NAMES:
                made.append(_measure(unit, quantity, metric))
        at = quantity.end
    made += [
        Measure(one.thing, Kind.COUNT, Decimal(one.number), _unit_of(one), one.said)
        for one in counted_of(unit)
        if one.number > 1 and not _TITLED.search(one.thing)
    ]
    return tuple(made)


def _unit_of(counted: Counted) -> str:
    """The measure word of a number that is counted: 家 in 14家全验收了."""
    match = _COUNTED_HEAD.match(counted.said)
    return match["unit"][-1] if match else ""


def _measure(unit: str, quantity: Quantity, metric: str) -> Measure:
    bound = _BOUND.search(unit[: quantity.start])
    said = unit[bound.start() if bound else quantity.start : quantity.end]
    value, upper = quantity.value, quantity.upper
    if quantity.op is Comparison.LESS_THAN:
        value, upper = Decimal(0), quantity.value.next_minus()
    elif quantity.op is Comparison.AT_MOST:
        value, upper = Decimal(0), quantity.value
    return Measure(metric, quantity.kind, value, quantity.unit, said, upper)


def metric_of(unit: str, quantity: Quantity, start: int = 0) -> str:
    """The words for what a quantity measures: those before it from `start` on, else those behind it."""
    before = unit[start : quantity.start]
    while (shorter := _FILLERS_BEFORE.sub("", before)) != before:
        before = shorter
    before = _FILLERS_FRONT.sub("", before).strip(" “”\"'()")
    before = re.sub(r"以前|之前|今年|去年|前年|首次|已经|[只就](?=投|占|有|做)|总共|一共|一年(?!期)", "", before)
    after = _AFTER.match(unit[quantity.end :])
    noun = (
        after[1]
        if after and after[1] not in _GENERIC and after[1][0] not in "这那加合以之" and not _NO_NOUN.search(after[1])
        else ""
    )
    adjoining = _MONEY_NOUNS.match(unit[quantity.end :])
    if adjoining and quantity.kind is Kind.AMOUNT:
        return f"{before[-_METRIC_LIMIT:]}{adjoining[1]}"
    if quantity.unit in _PART_NAMES:
        noun = ""
    elif quantity.kind is Kind.COUNT and noun and not _NO_NOUN.search(noun) and quantity.unit not in _TIMES:
        return f"{before[-8:]}{noun}"
    one = _ONE_OF.search(before)
    if one and noun:
        return f"{before[: one.start()]}{noun}"
    metric = before[-_METRIC_LIMIT:] if len(before) > 1 or before in _COMPLETED else noun
    if metric in _CHANGES:
        return ""
    for verb, whole in _COMPLETED.items():
        if metric.endswith(verb):
            return f"{metric.removesuffix(verb)}{whole}"
    return metric


def _is_noun(word: str) -> bool:
    """Whether the words behind a figure name a thing: no 以上, 这一档, 奖多少."""
    return word not in _GENERIC and word[0] not in "这那加合以之" and not _NO_NOUN.search(word)


def counted_of(unit: str) -> tuple[Counted, ...]:
    """Titles and projects that a unit counts: 三家厂同时获评国家级孵化器, 2个省级设计中心."""
    found: list[Counted] = []
    for match in _COUNTED.finditer(readable(unit)):
        number = int(match["number"]) if match["number"].isascii() else to_int(match["number"])
        of_what = _OF_WHAT.match(match["thing"])
        thing = (of_what[1] if of_what else _TAIL.sub("", match["thing"])).strip("“”\"' ")
        if number and len(thing) > 1 and not re.search(r"什么|哪|多少|吗|呢", thing):
            found.append(Counted(number, thing, match[0]))
    return _worth(found)


def _worth(found: Sequence[Counted]) -> tuple[Counted, ...]:
    """Without 一家做阀门的企业: one of a thing says nothing unless it is a title or stands beside another count."""
    several = len(found) > 1
    return tuple(one for one in found if one.number > 1 or several or _TITLED.search(one.thing))
