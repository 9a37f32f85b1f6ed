"""Conditions from the words that say who benefits: each part with its kind, its test and its question."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from index.models import ClausePath
from index.quantities import Kind
from rag.conditions import ask
from rag.conditions.metrics import metric_of
from rag.conditions.model import Condition, ConditionKind, Test
from rag.conditions.names import name_of, polarity
from rag.conditions.pieces import Bounded, bounds, cut, either_or, list_members

_LEADING = re.compile(r"^(?:对于?(?!外|口|标|接)|其中|凡是?|由|支持|鼓励|为|经核准的)(?=..)")
_TRAILING = re.compile(r"(?:的|,|，|:|：|。|；)+$")
_GENERIC = re.compile(
    r"^(?:申请|申报|享受)?(?:本?(?:市|区|县|省)?(?:各类)?)?(?:企业|项目|单位|机构|主体|公司|部分|个人|人才|人员|对象|单个项目|申报单位|申报企业|申请单位|品种|补贴|"
    r"补助|奖励|资助|贴息|下列数额|一定规模|技术吸纳方|委托方|受托方|主办方)?的?$"
)
_NO_CONDITION = re.compile(
    r"^(?:前[一二两三四五\d]年|第[一二三四五\d]年|首年|次年|分阶段|分档|每.{0,12}|按.{0,30}|.{0,16}的(?:部分|基础上)|在.{0,30}基础上|"
    r".{0,10}(?<!的)(?:保费|利息|费用|费|租金|比例|标准)|.{0,6}本金损失)$"
)
_COST_OF = re.compile(r"^(?P<act>[^，,]{4,})的(?:费用|部分|支出|投入|保费|经费|损失)$")
_EACH = re.compile(r"^每(?:新增)?(?:[件个项家张台套部名条种座]|[\d一]+[人名个件])?(?P<rest>[^\d]{4,}?)(?:后|的)?$")
_APPLIES = re.compile(
    r"^(?:申请|申报|享受)[^，,]{0,12}(?:奖励|补助|补贴|资助|资金|扶持|政策|支持)的(?:企业|单位|机构|项目|主体|个人)$"
)
_RELATIVE = re.compile(
    r"^(?P<act>(?:具有|具备|拥有|租用|承担|建有|设有|从事|依法|独立|诚信|守法)[^的，,]{2,})的(?P<noun>[^，,]{1,40}"
    r"(?:企业|机构|单位|公司|项目|园区|平台|中心|主体|农户|个人|组织))$"
)
_OWNER = re.compile(
    r"^(?P<kind>(?!新增|当年|上年|年|对|为|给|向|其)[^，,的占]{2,}?(?:企业|机构|园区|公司|合作社))(?P<metric>年?[^，,]{2,})$"
)
_PAIR = 2
_SPAN = re.compile(r"^(?:[^，,的]{0,4}毕业)$|^(?:连续|累计)[^，,]{0,6}(?:缴|参保|社保|社会保险|服务|工作|任职|居住)")
"""How long ago somebody graduated, or has paid or worked: a bound of its own in front of what else is asked."""
_FIRST_DONE = re.compile(r"^(?P<when>[^的]{0,6}?)(?P<first>首次|新)(?P<act>[^的]{2,})的(?P<noun>.+)$")
_CERTIFYING = re.compile(r"^(?:通过|获得|取得)?(?:认定|评定|认证|获批|获评|入选|评为|评定|列入)$")
_BELONGS = re.compile(
    r"^(?P<subject>.*?)(?:属于|(?<![\u4e00-\u9fff])属)(?P<list>[^，,]{2,}?)(?P<kind>类别|类型|类|领域|范围|行业|产业|情形|之一)?(?:的(?P<noun>[^，,的]{0,12}))?$"
)
_FIRST = re.compile(r"首次(?!公开)|(?<![重创])新(?:认定|获批|获评|入选|评定|获得|评为|列入|取得|认证)(?:的|为)?|首家")
_HOME = (
    r"(?:本|我|全)(?:市|区|县|省|州|新区|镇|地|自治州)(?:行政区域)?(?:范围)?内?|"
    r"(?:市|区|县|省|州|辖区|市域|区域|境|园区)内|当地|在[\u4e00-\u9fff]注册"
)
_REGISTERED = re.compile(
    rf"^(?P<words>(?:依法)?(?:工商)?(?:在(?:{_HOME})[^，,的]{{0,8}}(?:注册|登记|设立|落户)[^，,的]{{0,8}}"
    rf"|(?:注册|登记|工商注册|税收户管)[^，,的]{{0,8}}在(?:{_HOME})[^，,的]{{0,6}}))(?:的|$)(?P<rest>.*)$"
)
_LOCATED = re.compile(
    rf"^(?P<words>在(?:{_HOME})|(?:本|我|全)(?:市|区|县|省|州|新区)|辖区内)的?(?P<rest>[\u4e00-\u9fff“].+)$"
)
_KINDS_OF = re.compile(r"^(?P<list>[^，,]+、[^，,]+?)等的?(?P<noun>(?:.{1,2}级)?[^级、，,]{2,})$")
_CERTIFIED = re.compile(
    r"认定|获评|获批|评为|入选|列入|(?:获得|取得).{0,12}(?:证书?|认证|资质|批件|牌照|版号|称号|奖|荣誉|授权)|"
    r"通过.{1,10}(?:认证|评价|考核|验收)|称号|荣誉"
)
_PERSON_OR_FIRM = re.compile(
    r"(?:企业|机构|项目|园区|平台|中心|工厂|基地|实验室|产业|行业|公司|单位|人才|农户|户|院|站|所|场|商|银行|协会|孵化器|车间|产品)$"
)
_LEVEL_ONLY = re.compile(r"^(?:(?:国家|省|市|区|县|国际)级|国家|省|市|国内|省内|市内)(?:以上)?(?:认定|评定)?$")
_GRADE_ONLY = re.compile(
    r"^(?:获评|考核|评为|评价|绩效评价|年度绩效评价为?|考核结果为?)*(?:优秀|良好|合格|[A-E]{1,4}[等级类]|[一二三]等)(?:等次)?$"
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the words stand.

    Attributes:
        path: of the clause.
        locate: words to the same words, unbroken, in the clause.
        metric: what is measured where a bound names nothing (达到100亿元的).
        context: words around, for scopes that go without saying.
        accepted: other scopes that the clause allows.
    """

    path: ClausePath
    locate: Callable[[str], str]
    metric: str = ""
    context: str = ""
    accepted: tuple[str, ...] = ()


def read_phrase(phrase: str, source: Source) -> tuple[Condition, ...]:
    """Conditions of one phrase, in its order."""
    found: list[Condition] = []
    for piece in cut(_trim(phrase)):
        found += _piece(_trim(piece), source, found)
    return tuple(found)


def _trim(text: str) -> str:
    text = _LEADING.sub("", text.strip())
    return _TRAILING.sub("", text).strip()


def _piece(piece: str, source: Source, before: list[Condition]) -> list[Condition]:
    """Conditions of one part; `before` are those of the parts in front of it."""
    each, cost = _EACH.match(piece), _COST_OF.match(piece)
    piece = each["rest"] if each else cost["act"] if cost else piece
    if not piece or _GENERIC.match(piece) or _APPLIES.match(piece):
        return []
    stated = bounds(piece)
    if stated:
        return _either_bound(piece, source, before) or _measured(piece, stated, source, before)
    if _NO_CONDITION.match(piece) and not _CERTIFIED.search(piece):
        return []
    title = next((c for c in reversed(before) if c.kind in (ConditionKind.TITLE, ConditionKind.INDUSTRY)), None)
    if _LEVEL_ONLY.match(piece):
        return _with_level(piece, title, source, before)
    relative = _RELATIVE.match(piece)
    if relative is not None:
        noun = _trim(relative["noun"])
        named = [] if _GENERIC.match(noun) else _piece(noun, source, before)
        return [*_piece(relative["act"], source, before), *named]
    belongs = _BELONGS.match(piece)
    if belongs and not belongs["subject"].endswith(("不", "从", "非")):
        return _belonging(belongs, piece, source)
    first = _FIRST.search(piece)
    if first:
        return _first_time(piece, first, source, before)
    return _located(piece, source, before) or [_named(piece, source)]


def _either_bound(piece: str, source: Source, before: list[Condition]) -> list[Condition]:
    """营业收入2000万元以上或从业人员50人以上的企业: any one of the bounds is enough; what else is named is required."""
    sides = [_measured(side, bounds(side), source, before) for side in either_or(piece) if bounds(side)]
    tests = [[one for one in side if one.test is not None] for side in sides]
    if len(sides) < _PAIR or any(len(side) != 1 for side in tests):
        return []
    options = tuple(one for (one,) in tests)
    name = "或者".join(one.name for one in options)
    either = Condition(source.locate(piece), source.path, options[0].kind, options[0].question, name, options=options)
    return [either, *(one for side in sides for one in side if one.test is None)]


def _measured(piece: str, stated: tuple[Bounded, ...], source: Source, before: list[Condition]) -> list[Condition]:
    """Tests of a part, and what its last words name."""
    found: list[Condition] = []
    metric = ""
    for bounded in stated:
        earlier = [c.test.metric for c in (*before, *found) if c.test is not None]
        metric = _metric(bounded, earlier[-1] if earlier else "", source)
        project = re.match(r"^(?P<kind>.{2,}项目)(?=.)", metric)
        if project and not _GENERIC.match(project["kind"]):
            found.append(_named(project["kind"], source))
        doing = re.match(r"^(?P<act>[^、]{8,})、(?P<metric>[^、]{3,})$", metric)
        if doing:
            # 为职工举办托育点、收托婴幼儿15人以上: what is done stands before what is counted.
            found.append(_named(doing["act"], source))
            metric = re.sub("^[但且并](?=..)", "", doing["metric"])
        owner = _OWNER.match(metric)
        if owner and ("占" in owner["metric"] or metric_of(owner["metric"]).concept is not None):
            found.append(_named(owner["kind"], source))
            metric = owner["metric"]
        found.append(_test_condition(piece, metric, bounded, source))
        if bounded.first:
            found.append(_first_of(piece, bounded, metric, source))
    tail = _trim(stated[-1].tail.removeprefix("的"))
    if tail and _SPAN.search(metric) and len(stated) == 1:
        # 毕业5年内来本市就业, 连续缴费满6个月的硕士: how long, and what else.
        return [*found, *([] if _GENERIC.match(tail) else _piece(tail, source, [*before, *found]))]
    if tail and stated[-1].low.unit in ("年", "个月") and metric_of(metric).concept is None:
        # 新招用毕业两年内的高校毕业生: whom it is about, not how large the enterprise is.
        return [Condition(source.locate(piece), source.path, ConditionKind.OTHER, ask.about_fact(piece), piece)]
    if tail and not _GENERIC.match(tail) and stated[-1].tail.startswith("的"):
        found += _piece(tail, source, [*before, *found])
    return found


def _metric(bounded: Bounded, earlier: str, source: Source) -> str:
    metric = re.sub(r"^(?:企业|其(?![他它中余])|且|但|的)(?=.)", "", bounded.metric)
    # 未裁员或者裁员率不高于5%: who did not has a rate of nothing.
    metric = re.sub(r"^[^，,]{0,8}[未无没][^，,]{2,8}?(?:或者|或)(?=..)", "", metric)
    if metric.startswith("占") and earlier:
        return f"{earlier}{metric}"
    if not metric or (metric in ("比重", "比例", "占比") and source.metric):
        return source.metric
    return metric


def _test_condition(piece: str, metric: str, bounded: Bounded, source: Source) -> Condition:
    share = bounded.low.kind in (Kind.RATE, Kind.POINTS)
    test = Test(
        metric=metric,
        op=bounded.op,
        value=bounded.low.value,
        unit=bounded.low.unit,
        kind=bounded.low.kind,
        upper=bounded.upper.value if bounded.upper else None,
        upper_op=bounded.upper_op,
        accepted=source.accepted,
        context=source.context,
    )
    kind = ConditionKind.SHARE if share else ConditionKind.SIZE
    name = f"{metric}{ask.bound_words(test)}"
    return Condition(source.locate(piece), source.path, kind, ask.about_metric(metric, test), name, test=test)


def first_time_of(condition: Condition, source: Source) -> Condition:
    """That the bound of `condition` had not been reached before."""
    assert condition.test is not None
    name = f"{condition.test.metric}首次{ask.bound_words(condition.test)}"
    question = f"是不是{name}?"
    return Condition(condition.text, source.path, ConditionKind.FIRST_TIME, question, name, test=condition.test)


def _first_of(piece: str, bounded: Bounded, metric: str, source: Source) -> Condition:
    """首次达到500亿元: that the bound had not been reached before."""
    test = Test(metric, bounded.op, bounded.low.value, bounded.low.unit, bounded.low.kind, context=source.context)
    name = f"{metric}首次{ask.bound_words(test)}"
    return Condition(
        source.locate(piece), source.path, ConditionKind.FIRST_TIME, f"是不是{name}?", name, test=replace(test)
    )


def _with_level(piece: str, title: Condition | None, source: Source, before: list[Condition]) -> list[Condition]:
    """省级的 behind 经认定的双创平台: the level of the title named before it, which it replaces."""
    level = re.sub(r"(?:认定|评定)$", "", piece)
    if title is None:
        return [_titled(piece, level, source)]
    before.remove(title)
    return [_titled(piece, f"{level}{_bare(title.name)}", source)]


def _bare(name: str) -> str:
    return re.sub(r"^(?:经)?(?:.{1,3}级)?(?:认定|评定)的", "", name)


def _titled(piece: str, name: str, source: Source) -> Condition:
    level = name_of(name).level
    kind = ConditionKind.LEVEL if _LEVEL_ONLY.match(name) else ConditionKind.TITLE
    return Condition(source.locate(piece), source.path, kind, ask.about_title(name), name, level=level)


def _belonging(match: re.Match[str], piece: str, source: Source) -> list[Condition]:
    """属于战略性新兴产业、“工业强基”等类别: any one of the categories is enough."""
    found: list[Condition] = []
    subject = _trim(match["subject"])
    if subject and not _GENERIC.match(subject):
        found.append(_named(subject, source))
    text = source.locate(f"属{piece.split('属', 1)[1]}")
    members, opened = list_members(match["list"])
    options = tuple(
        Condition(source.locate(member), source.path, ConditionKind.INDUSTRY, ask.about_category(member), member)
        for member in members
    )
    name = "、".join(members) + (f"等{match['kind'] or ''}" if opened else "")
    if len(options) == 1 and not opened:
        found.append(replace(options[0], text=text))
    else:
        question = ask.about_categories(members, opened)
        found.append(
            Condition(text, source.path, ConditionKind.INDUSTRY, question, name, options=options, open_list=opened)
        )
    return found


def _first_time(piece: str, first: re.Match[str], source: Source, before: list[Condition]) -> list[Condition]:
    """首次通过认定的高新技术企业: that it is the first time, and what is named."""
    done = _FIRST_DONE.match(piece)
    if done is not None:
        return _first_done(piece, done, source, before)
    rest = _trim(
        re.sub(r"^(?:通过|获得|取得)?(?:认定|评定|认证)?的", "", piece[: first.start()] + piece[first.end() :])
    )
    found: list[Condition] = []
    if rest and not _GENERIC.match(rest):
        found = _piece(rest, source, before)
    name = f"{first[0].removesuffix('的')}{rest}" if first.start() == 0 else piece
    condition = Condition(source.locate(piece), source.path, ConditionKind.FIRST_TIME, f"是不是“{name}”?", name)
    return [*found, condition]


def _first_done(piece: str, done: re.Match[str], source: Source, before: list[Condition]) -> list[Condition]:
    """首次取得注册证的企业: what was done, who did it, and that it was the first time."""
    found: list[Condition] = []
    noun = _trim(done["noun"])
    if not _GENERIC.match(noun):
        found += _piece(noun, source, before)
    if not _CERTIFYING.match(done["act"]) or not found:
        act = done["act"]
        found.append(Condition(source.locate(act), source.path, ConditionKind.OTHER, ask.about_fact(act), act))
    question = f"是不是“{piece}”?"
    return [*found, Condition(source.locate(piece), source.path, ConditionKind.FIRST_TIME, question, piece)]


def _located(piece: str, source: Source, before: list[Condition]) -> list[Condition]:
    """在本市注册的制造业企业, 本市服务机构: where it must lie, and what it must be."""
    registered = _REGISTERED.match(piece)
    match = registered or _LOCATED.match(piece)
    if match is None:
        return []
    kind = ConditionKind.REGISTRATION if registered else ConditionKind.REGION
    words = match["words"]
    place = Condition(source.locate(words), source.path, kind, ask.about_place(words), words)
    rest = _trim(match["rest"])
    if re.match(r"有|设|具有|拥有|建", rest):
        return []
    return [place, *(_piece(rest, source, before) if rest and not _GENERIC.match(rest) else [])]


def _named(piece: str, source: Source) -> Condition:
    """A title, a kind of enterprise, a fact, or what must not be the case."""
    positive, negated = polarity(piece)
    if negated:
        return Condition(
            source.locate(piece), source.path, ConditionKind.EXCLUSION, ask.about_exclusion(positive), positive,
            negative=True,
        )  # fmt: skip
    name = name_of(piece)
    kinds = _KINDS_OF.match(piece)
    if kinds is not None:
        return _kinds(piece, kinds, source)
    members, opened = list_members(piece)
    if len(members) > 1:
        return _any_of(piece, members, opened, source)
    if _GRADE_ONLY.match(piece):
        return Condition(source.locate(piece), source.path, ConditionKind.OTHER, ask.about_fact(piece), piece)
    if name.level or _CERTIFIED.search(piece) or name.proper:
        return _titled(piece, _certified_name(piece), source)
    firm = _PERSON_OR_FIRM.search(piece) and not re.match(r"在|有|具有|拥有|设有|建有", piece)
    kind = ConditionKind.INDUSTRY if firm else ConditionKind.OTHER
    return Condition(source.locate(piece), source.path, kind, ask.about_fact(piece), piece)


def _certified_name(piece: str) -> str:
    """经省级认定的首台套项目 as 省级首台套项目, 获评省级绿色工厂 as 省级绿色工厂."""
    match = re.match(r"^经?(?P<level>国家|省|市|区|县)级?(?:认定|评定)的(?P<name>.+)$", piece)
    if match:
        return f"{match['level']}级{match['name']}"
    return re.sub(r"^(?:经)?(?:认定|评定)的|^(?:获评|获批|评为|入选|获得|取得)(?:的|为)?", "", piece) or piece


def _kinds(piece: str, match: re.Match[str], source: Source) -> Condition:
    """智能制造、企业上云等的市级示范项目: any one of 市级智能制造示范项目, 市级企业上云示范项目."""
    level = re.match(r".{1,2}级", match["noun"])
    noun = match["noun"].removeprefix(level[0]) if level else match["noun"]
    members, _ = list_members(match["list"])
    names = [f"{level[0] if level else ''}{member}{noun}" for member in members]
    options = tuple(_titled(piece, name, source) for name in names)
    kind = ConditionKind.TITLE if level else ConditionKind.INDUSTRY
    return Condition(
        source.locate(piece), source.path, kind, ask.about_categories(names, opened=True), piece,
        options=options, open_list=True,
    )  # fmt: skip


def _any_of(piece: str, members: tuple[str, ...], opened: bool, source: Source) -> Condition:
    lead = re.match(r"^(?:列入|获得|取得|通过|经认定的|开展|从事|参加|实施)", piece)
    names = [re.sub(rf"^{lead[0]}", "", member) if lead else member for member in members]
    options = tuple(_named(member, source) for member in names)
    kind = options[0].kind
    name = piece
    return Condition(
        source.locate(piece), source.path, kind, ask.about_categories(members, opened), name,
        options=options, open_list=opened,
    )  # fmt: skip
