"""From a benefit to a `Rule`: what its words say about calculating."""

from __future__ import annotations

import re
from decimal import Decimal

from index.models import Benefit
from index.quantities import Comparison, Kind, Quantity, quantities
from rag.benefit_at import BenefitAt
from rag.calculate.rows import of_row
from rag.calculate.rule import Bound, Change, Limit, Rule, Scope, Sizes
from rag.calculate.units import is_time, read_per
from rag.calculate.wording import decimal

_CEILING = r"(?:不超过|不得超过|不高于|不多于|不得高于|最高|最多|最长|至多|上限|封顶)"
_CEILING_BEFORE = re.compile(rf"{_CEILING}[^,，;；。:：]{{0,60}}$")
_ASIDE = re.compile(r"[（(][^（()）元]*[)）]")
_MOST_COUNTED = re.compile(rf"{_CEILING}[^,，;；。\d]{{0,6}}(?P<number>\d+)(?P<unit>处|所|间|部)")
_MOST_BEFORE = re.compile(rf"{_CEILING}[^,，;；。]{{0,4}}$")
_THING = re.compile(r"[\u4e00-\u9fff]{1,8}")
_STEPPED = re.compile(
    r"补差|差额|补足|补齐|扣[减除]已|已(?:经)?(?:奖励|领取|享受|获得?|得)[^,，;；。]{0,12}(?:扣[减除]|抵扣|核减)"
)
_HIGHER_ONLY = re.compile(r"从高|就高|不重复|不得重复|不叠加|不再重复|取其一")
_ADDED = re.compile(
    r"(?:再|另|额外|追加|叠加)(?:一次性)?(?:给予|奖|补|资助|增加|追加|按|加|发放)|追加|加发|增发|加奖|加补|(?:增加|上浮|提高)(?=补|奖|资|[\d一二三四五六七八九十百千])"
    r"|基础上,?[^,;。]{0,20}?(?:给予|奖|补|增加)"
)
_ADDED_SHARE = re.compile(
    r"(?:超过|超出|高于|增量|增长|新增)[^,，;；。]{0,16}部分[,，]?(?:再|另)(?:行|外)?(?:给予|按)"
    r"[^,，;；。%％‰]{0,16}[\d.]+[%％‰]"
)
"""对超过1亿元的部分再按0.1%奖励: a share of more, on top of what the rule before it pays."""
_CHANGED = re.compile(r"提高|提升|上调|上浮|增加|增补|调高|下调|降低|下浮|加成|[降减](?=[至到为])|比例[为是](?=[\d百])")
_CAP_CHANGED = re.compile(r"(?:上限|最高|限额)[^,，;；。]{0,20}?(?:提高|提升|增加|调)")
_AWARDS = re.compile(r"[奖补贴给]|资助|支持|扶持|返还")
_TO = re.compile(r"(?:提高|提升|上调|调高|调整|下调|降低|增加|[降减])[^,;。]{0,4}?(?:到|至|为)|比例[为是](?=[\d百])")
_LOWERED = re.compile(r"下调|降低|下浮")
_OF_STANDARD = re.compile(
    r"(?:按照?)?(?:本人|前款|前项|前条|上述|前述|本条|本款|该|原|以上|相应|对应|同等|首次|前述){0,2}(?:规定)?(?:所属)?的?"
    r"(?:类别|等级|级别|档次)?(?:奖励|补助|补贴|资助|发放|扶持)?的?(?:标准|额度|金额)?"
)
_BY_STANDARD = re.compile(r"(?<!不)按照?(?P<what>[^，,；;。、]{0,10}?)的?(?:奖励|补助|资助)?标准的(?=[\d百])")
"""按主导制定标准的30%: a share of what the rule named pays, in whichever clause it stands."""
_OF_AWARD = re.compile(r"(?:奖励|补助|补贴|资助|奖补)(?:总?额|资金|金额|额度)$|奖金$")
_ELSEWHERE = re.compile(r"国家|省|上级|工资|社会保险|定额|市场")
_RAISED_STANDARD = re.compile(r"(?:标准|额度|金额)(?:的基础上)?(?:再)?(?:上浮|提高|增加)$")
_OF_RATE = re.compile(r"(?:比例|标准|额度|金额|限额|上限|幅度)$|^(?:再|可)?(?:上浮|下浮|上调|提高|增加)$")
_NUMERAL = r"[一二三四五六七八九十两\d]+"
_YEARS = re.compile(
    rf"(?:连续|前|补|发放?|享受|支持)(?:给予|补助|奖励|补贴|资助|发)?({_NUMERAL})年|({_NUMERAL})年内?每年"
    rf"|(?:期限?|年限|最长)(?:不超过|最长|为)?(?:补[助贴]|奖励|资助|享受|发放|支持)?({_NUMERAL})年"
)
_YEARLY = re.compile(r"每年|/年|年度(?=奖|补|给)|按年|逐年")
_HAN = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_PER_ITEM = re.compile(
    r"(?:单|每|同一|一)个?(?:项目|产品|品种|展会|活动|课题|合同|标准|基地|场馆|园区|平台|部|项|台|件|场|次|架|艘|条|套|张|笔|人|证书)|每[^,，;；。\d每年]{1,4}[1一](?:人|名|个|台|件|项)|每个(?!企业|机构|单位|主体|公司|法人)"
)
_PER_FIRM = re.compile(
    r"(?:单|每|同一|一)个?(?:企业|机构|单位|主体|法人|家|户|公司|银行)|全年|每年|年度|当年|年补|年奖|累计|合计|总额|[\u4e00-\u9fff]{0,2}年[^,;。]{0,4}总"
)
_SHARE_LIMIT = re.compile(
    r"(?:不得?超过|不高于|最高不超过)(?P<base>[^，,；;。\d]{2,16}?)的(?P<share>\d+(?:\.\d+)?[%％])"
)
_YEAR_WORD = re.compile(r"年")
_ON_BASE = re.compile(r"(?:贷款|授信|融资|投资|合同|发票|保险)(?:总?额度?|金额|规模|本金)")
_PER_UNIT_LIMIT = re.compile(r"每(?:平方米|立方米|吨|千瓦时|度|公里|亩|分钟|小时|课时|人次|公斤|平米|人每月)")


def read_rule(source: BenefitAt) -> Rule:
    """The benefit of `source` read for calculating."""
    benefit = of_row(source.benefit)
    around = f"{_own_words(benefit.quote)}；{benefit.condition or ''}"
    change = _change(source, benefit)
    limits = _limits(benefit, [around, *(clause.text for clause in source.also)])
    cap = None if benefit.cap is None else decimal(benefit.cap)
    own = next((limit for limit in limits if limit.value == cap), None)
    stated = _stated_ceilings(benefit) if change in (Change.RATE, Change.POINTS) and limits else []
    if cap is not None and len(stated) == 1 and stated[0] != cap:
        own = next((limit for limit in limits if limit.value == stated[0]), own)
        cap = own.value if own is not None else cap
    if cap is not None and own is None:
        own = Limit(cap, Scope.ANY, False, "")
    amount = None if benefit.amount is None else decimal(benefit.amount)
    return Rule(
        source=source,
        amount=amount,
        rate=None if benefit.rate is None else decimal(benefit.rate),
        cap=cap,
        at_most=_at_most(benefit),
        per=read_per(benefit),
        cap_limit=own,
        limits=tuple(limit for limit in limits if limit.value not in (cap, amount)),
        base_limit=_base_limit(around),
        share_limits=_share_limits(benefit),
        counts=_count_limits(around),
        things=_thing_limits(benefit.condition or "") or _thing_limits(benefit.quote),
        sizes=_sizes(benefit),
        change=change,
        stepped=bool(_STEPPED.search(_all_words(source))),
        higher_only=bool(_HIGHER_ONLY.search(_all_words(source))),
        years=_years(benefit),
        yearly=bool(_YEARLY.search(benefit.quote.partition("，单")[0])),
    )


def _stated_ceilings(benefit: Benefit) -> list[Decimal]:
    """Ceilings that the part of the sentence with a changed rate states itself: 比例提高到50%,年度最高1500万元."""
    words = benefit.condition or ""
    found = [one for one in quantities(words) if one.kind is Kind.AMOUNT]
    return [one.value for one in found if one.op is Comparison.AT_MOST or _CEILING_BEFORE.search(words[: one.start])]


def _own_words(quote: str) -> str:
    """The quote without the parts of its first sentence that state what others get."""
    first, stop, rest = quote.partition("。")
    own, *others = re.split("[；;]", first)
    kept = [part for part in others if not _gives(part)]
    return "；".join([own, *kept]) + stop + rest


def _gives(part: str) -> bool:
    """Whether a part of a sentence states a rate or an amount that is no ceiling."""
    return any(
        one.kind is Kind.RATE or (one.kind is Kind.AMOUNT and not _CEILING_BEFORE.search(part[: one.start]))
        for one in quantities(part)
        if one.op not in (Comparison.AT_MOST, Comparison.LESS_THAN)
    )


def _all_words(source: BenefitAt) -> str:
    """The words of the benefit, of the clauses above and below it, and of the sentence that it stands in."""
    benefit = source.benefit
    others = (clause.text for clause in source.also)
    return "；".join([benefit.condition or "", benefit.quote, _sentence(source), _behind(source), *others])


def _behind(source: BenefitAt) -> str:
    """The sentence behind the quote's own, or all behind a table, where it states no figures."""
    text, quote = source.clause.text, source.benefit.quote
    at = text.find(quote)
    if at < 0:
        return ""
    rest = text[at + len(quote) :]
    if "\t" in quote:
        lines = [line for line in rest.split("\n") if "\t" not in line]
        return "\n".join(lines)
    stop = rest.find("。")
    following = rest[stop + 1 :].partition("。")[0] if stop >= 0 else ""
    return "" if any(one.kind is not Kind.DATE for one in quantities(following)) else following


def _sentence(source: BenefitAt) -> str:
    """The sentence of the quote to its full stop, which may end with a rule for all its parts."""
    text, quote = source.clause.text, source.benefit.quote
    at = text.find(quote)
    if at < 0:
        return ""
    stop = text.find("。", at + len(quote) - 1)
    return text[at : stop if stop >= 0 else len(text)]


def _change(source: BenefitAt, benefit: Benefit) -> Change:
    """How a benefit changes the one before it: 再奖励3万元, 提高三个百分点, 比例提高到3%, 上浮20%."""
    words = f"{benefit.condition or ''}；{benefit.quote}"
    if benefit.rate is not None and _is_of_standard(source):
        return Change.STANDARD
    of_rate = bool(_OF_RATE.search(benefit.base or ""))
    if benefit.rate is not None and (of_rate or benefit.base is None) and _CHANGED.search(words):
        if any(q.kind is Kind.POINTS and q.value == decimal(benefit.rate) for q in quantities(words)):
            return Change.POINTS
        return Change.RATE if _TO.search(words) else Change.TIMES
    if benefit.rate is not None and _RAISED_STANDARD.search(benefit.base or ""):
        return Change.TIMES
    if benefit.rate is not None and _is_portion(benefit):
        return Change.RATE
    if benefit.amount is None and benefit.rate is None and benefit.cap is not None:
        return Change.CAP if _CAP_CHANGED.search(words) or _caps_another(source) else Change.NONE
    if benefit.rate is not None and _ADDED_SHARE.search(benefit.quote):
        return Change.ADD
    if benefit.amount is not None and _ADDED.search(_part_of_amount(benefit)):
        return Change.ADD
    return Change.NONE


def _caps_another(source: BenefitAt) -> bool:
    """Whether a ceiling is all that is stated, for some of whom a share before it is for: 超过1000人的,最高30万元."""
    quote = source.benefit.quote
    before = source.clause.text.partition(quote)[0]
    return "\t" not in quote and not _AWARDS.search(quote) and bool(re.search(r"[\d.]+[%％‰]", before))


def _is_of_standard(source: BenefitAt) -> bool:
    """Whether the rate is a share of what another rule of the clause pays: 按上述标准的20%, 按主导制定标准的30%."""
    benefit = source.benefit
    if _RAISED_STANDARD.search(benefit.base or ""):
        return False
    if benefit.base and _OF_RATE.search(benefit.base) and _CHANGED.search(benefit.quote):
        return False
    if benefit.base and _OF_STANDARD.fullmatch(benefit.base):
        return True
    if benefit.base and _OF_AWARD.search(benefit.base) and not _ELSEWHERE.search(benefit.base):
        return True  # 按奖励额的20%: of what is granted, never of what was invested
    if benefit.base and benefit.base.endswith("标准") and not _ELSEWHERE.search(benefit.base):
        return True  # 按新建站标准的80%: of a rule, wherever it stands, and never of an amount of the question
    # Of what another clause states, too: never a share of an amount of the question.
    match = _BY_STANDARD.search(benefit.quote)
    return match is not None and not _ELSEWHERE.search(match["what"])


def _is_portion(benefit: Benefit) -> bool:
    """Whether the rate stands in a part of the sentence that begins with 其中."""
    wanted = decimal(benefit.rate or 0)
    for part in re.split("[；;。，,]", re.sub("[，,](?!其中)", "", benefit.quote)):
        if part.startswith("其中") and any(one.kind is Kind.RATE and one.value == wanted for one in quantities(part)):
            return True
    return False


def _part_of_amount(benefit: Benefit) -> str:
    """The words in front of the amount, from the comma or semicolon before the one before it."""
    wanted = decimal(benefit.amount or 0)
    for quantity in quantities(benefit.quote):
        if quantity.kind is Kind.AMOUNT and quantity.value == wanted:
            before = re.sub("，", ",", benefit.quote[: quantity.start])
            parts = re.split("[,;；。]", before)
            return ",".join(parts[-2:]) + benefit.quote[quantity.start : quantity.start + 1]
    return ""


def _at_most(benefit: Benefit) -> bool:
    """Whether the rate, or the amount where there is no rate, is an upper bound."""
    if benefit.rate is None:
        return benefit.amount is None and benefit.cap is not None
    wanted = decimal(benefit.rate)
    for quantity in quantities(benefit.quote):
        if quantity.kind in (Kind.RATE, Kind.POINTS) and quantity.value == wanted:
            if quantity.op in (Comparison.AT_MOST, Comparison.LESS_THAN):
                return True
            return bool(_CEILING_BEFORE.search(benefit.quote[: quantity.start]))
    return False


def _limits(benefit: Benefit, texts: list[str]) -> list[Limit]:
    """Ceilings in 元 that the words state, each with what it holds for."""
    found: list[Limit] = []
    for written in texts:
        text = _ASIDE.sub(lambda aside: " " * len(aside[0]), written)  # 每个展位(9平方米)最高3万元
        for quantity in quantities(text):
            if quantity.kind is not Kind.AMOUNT or quantity.unit != "元" or quantity.upper is not None:
                continue
            part = _part(text, quantity)
            is_ceiling = quantity.op is Comparison.AT_MOST or _CEILING_BEFORE.search(text[: quantity.start])
            if not is_ceiling or _ON_BASE.search(part) or _PER_UNIT_LIMIT.search(part):
                continue
            limit = Limit(quantity.value, _scope(part), bool(_YEAR_WORD.search(part)), part)
            if limit not in found:
                found.append(limit)
    # 分别给予最高300万元、500万元: the ceilings of its neighbours are not its own.
    own = {limit.scope for limit in found if benefit.cap is not None and limit.value == decimal(benefit.cap)}
    closed = (Scope.ANY, Scope.ITEM) if Scope.ITEM in own else (Scope.ANY,)
    return [limit for limit in found if limit.scope not in closed or limit.value == decimal(benefit.cap or 0)]


def capped_yearly(benefit: Benefit) -> bool:
    """Whether the ceiling of a benefit is one for each year: 每年最高80万元."""
    if benefit.cap is None:
        return False
    return any(one.each_year for one in _limits(benefit, [benefit.quote]) if one.value == decimal(benefit.cap))


def _part(text: str, quantity: Quantity) -> str:
    start = max(text.rfind(mark, 0, quantity.start) for mark in ",，;；。、（(") + 1
    return text[start : quantity.end]


def _scope(words: str) -> Scope:
    if _PER_ITEM.search(words):
        return Scope.ITEM
    return Scope.FIRM if _PER_FIRM.search(words) else Scope.ANY


def _base_limit(words: str) -> Decimal | None:
    for quantity in quantities(words):
        if (
            quantity.kind is Kind.AMOUNT
            and quantity.op is Comparison.AT_MOST
            and _ON_BASE.search(_part(words, quantity))
        ):
            return quantity.value
    return None


def _share_limits(benefit: Benefit) -> tuple[tuple[str, Decimal], ...]:
    """Ceilings that are a share of another amount, behind the benefit's own figure: 且不超过项目实际投资额的30%."""
    own = None if benefit.rate is None else decimal(benefit.rate)
    figure = own if own is not None else decimal(benefit.amount or 0)
    behind = next((one.end for one in quantities(benefit.quote) if one.value == figure), len(benefit.quote))
    words = f"{benefit.quote[behind:]}；{benefit.condition or ''}"
    found = [(match["base"], Decimal(match["share"].rstrip("%％")) / 100) for match in _SHARE_LIMIT.finditer(words)]
    return tuple(dict.fromkeys((base, share) for base, share in found if share != own))


def _count_limits(words: str) -> tuple[tuple[Decimal, str], ...]:
    found = []
    for quantity in quantities(words):
        limited = quantity.op is Comparison.AT_MOST or _CEILING_BEFORE.search(words[: quantity.start])
        if quantity.kind is Kind.COUNT and quantity.unit and limited:
            found.append((quantity.value, quantity.unit))
    found += [(Decimal(match["number"]), match["unit"]) for match in _MOST_COUNTED.finditer(words)]
    return tuple(dict.fromkeys(found))


def _thing_limits(words: str) -> tuple[tuple[Decimal, str, str], ...]:
    """Ceilings on numbers with the thing that is counted (最多补2个展位)."""
    found = []
    for quantity in quantities(words):
        limited = quantity.op is Comparison.AT_MOST or _MOST_BEFORE.search(words[: quantity.start])
        thing = _THING.match(words[quantity.end :])
        if quantity.kind is Kind.COUNT and quantity.unit and limited and thing:
            found.append((quantity.value, quantity.unit, thing[0]))
    return tuple(dict.fromkeys(found))


def _sizes(benefit: Benefit) -> Sizes | None:
    threshold = benefit.threshold
    if threshold is None:
        return _counted_bound(benefit)
    metric, value = str(threshold["metric"]), decimal(threshold["value"])
    named = re.fullmatch(r"(.*)[(（]([^()（）]+)[)）]", metric)
    bound = Bound(Comparison(threshold["op"]), value)
    quantity = _stated(benefit, value)
    unit = named[2] if named else quantity.unit if quantity else ""
    kind = quantity.kind if quantity else Kind.COUNT if named and not unit.endswith("元") else Kind.AMOUNT
    is_low = bound.op in (Comparison.AT_LEAST, Comparison.MORE_THAN)
    other = _other_end(benefit, quantity, bound)
    low, high = (bound, other) if is_low else (other, bound)
    return Sizes(named[1] if named else metric, kind, unit, low, high)


def _counted_bound(benefit: Benefit) -> Sizes | None:
    """A bound in things that the record does not state: 客房数10间以上, in the last brackets where there are some."""
    words = benefit.beneficiary
    inner = re.search(r"[（(]([^（()）]+)[)）]$", words)
    for text in (inner[1] if inner else "", words):
        # 数十 is no number, 人数200人 has one.
        for quantity in quantities(re.sub(r"数(?=\d)", "量", text)):
            if quantity.kind is not Kind.COUNT or is_time(quantity.unit) or quantity.unit in ("", "岁", "周岁"):
                continue
            if quantity.op in (Comparison.AT_LEAST, Comparison.MORE_THAN):
                head = words[: words.find(text) + quantity.start] if text != words else text[: quantity.start]
                metric = re.sub(r"\d+.*", "", re.split("[，,；;]", head.strip("（("))[-1])
                return Sizes(metric, Kind.COUNT, quantity.unit, Bound(quantity.op, quantity.value), None)
    return None


def _stated(benefit: Benefit, value: Decimal) -> Quantity | None:
    """The quantity of the threshold in the benefit's words."""
    for text in (benefit.beneficiary, benefit.quote, benefit.condition or ""):
        for quantity in quantities(text):
            if quantity.value == value:
                return quantity
    return None


def _other_end(benefit: Benefit, quantity: Quantity | None, bound: Bound) -> Bound | None:
    """The second end of 5000万元（含）—1亿元, 50万元以上不足200万元, 50—200亩."""
    if quantity is None:
        return None
    if quantity.upper is not None:
        closed = re.match(r"[(（]含[^)）]*[)）]", benefit.beneficiary[quantity.end : quantity.end + 5])
        whole = quantity.unit not in ("元", "") and not closed
        return Bound(Comparison.AT_MOST if closed or whole else Comparison.LESS_THAN, quantity.upper)
    opposite = {
        Comparison.AT_LEAST: (Comparison.AT_MOST, Comparison.LESS_THAN),
        Comparison.MORE_THAN: (Comparison.AT_MOST, Comparison.LESS_THAN),
        Comparison.AT_MOST: (Comparison.AT_LEAST, Comparison.MORE_THAN),
        Comparison.LESS_THAN: (Comparison.AT_LEAST, Comparison.MORE_THAN),
    }[bound.op]
    for other in quantities(benefit.beneficiary):
        alike = (other.kind, other.unit) == (quantity.kind, quantity.unit) and other.value != quantity.value
        if alike and other.op in opposite:
            return Bound(other.op, other.value)
    return None


def _years(benefit: Benefit) -> int:
    """For how many years it is paid; 1 where the text states none."""
    for text in (benefit.period or "", benefit.condition or "", benefit.quote):
        match = _YEARS.search(text)
        if match:
            digits = next(group for group in match.groups() if group)
            return int(digits) if digits.isdigit() else _HAN.get(digits, 1)
    return 1
