"""What an enterprise says of itself in a question: sizes, money received, titles held and denied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.quantities import Kind, Quantity
from rag.places import places_in
from rag.replies import confirmed
from rag.situation import Measure, Received, Situation
from rag.understand.measures import counted_of, figures_of, measures_of, metric_of
from rag.understand.past import says_never, says_past, says_received
from rag.understand.question import Want
from rag.understand.segments import Unit
from rag.understand.wants import wants_of

_TIER_AFTER = re.compile(r"^元?的?(?:时|以上|[那这]?一?[档级]|台阶|规模|门槛)")
_TIER_BEFORE = re.compile(r"(?:过|到|到过|达到|突破|上|破|超过?|做到|满)了?$")
_PAST = re.compile(r"以前|之前|曾|早就|原先|原来|早年|过去|上次|到过|前年|去年|(?:19|20)\d\d年|大前年|先(?=[评拿领获])")
_PRESENT = re.compile(r"今年|现在|目前|这次|本次|如今|本年")
_TITLE = re.compile(r"(?:国家|省|市|区|县)级(?!财政|以上)[^\d的,。?!;拿领了奖补得能就已还才,]{2,20}")
_STOP = (
    r"(?=[,。?!;]|$|了(?!不)|能[^力源]|可以|怎么|应该|还有|有(?:什么|没|哪|补|奖|多)|拿[了到]?\d|领|给多|"
    r"奖多|补多|吗|吧|呢)"
)
_HELD = (
    re.compile(
        r"(?<![没未不])(?:评上|评为|认定为|获评|获批|入选|拿到|拿了|取得|获得|列入|属于|升级?[为成到]|成为|"
        rf"通过)了?(?P<held>[^,。?!;]{{2,30}}?){_STOP}"
    ),
    re.compile(
        r"(?<![不是目就都要])(?:我们?|我司|公司|企业|单位|项目|园区|也|本身|之前|以前|现在)(?:刚|新|已经|也|都|"
        r"现在|之前|本来)*是(?:一家|一个|个|家|做|"
        rf"搞)?(?P<held>[^,。?!;多什哪不]{{2,30}}?)(?:的)?{_STOP}"
    ),
    re.compile(
        r"^(?:我们?|公司|集团|园区)?(?:的)?(?P<held>[^,。?!;是有拿被又还在评获]{3,24}?)(?:认定下来|认定了|已认定|"
        r"评上了?|获批|批下来|拿到了|验收合格|通过了|"
        r"认定通过)(?!后|的|之后)"
    ),
    re.compile(r"^是(?P<held>(?:国家|省|市|区|县)级[^,。?!;多什哪不]{2,24})$"),
    re.compile(
        r"^(?P<held>[^,。?!;是有拿被给哪什]{1,20}(?:类|型)(?:的)?[^,。?!;的]{0,8}(?:项目|企业|公司|园区|平台|产品|"
        r"机构|基地|中心))$"
    ),
)
_DENIED = re.compile(
    r"(?<![是有])(?:也|都|还|并|又)?(?:不是|并非|不属于|算不上|没有|没(?![问说写找看懂什有])|尚未|"
    r"未(?=[获被通验评])|还未)(?:被|获得|取得|通过|评上|认定为|拿到|"
    rf"完成)?(?P<denied>[^,。?!;]{{2,24}}?){_STOP}"
)
_NOT_A_THING = re.compile(
    r"^(?:公司|单位)?(?:财务|会计|人事|负责人|员工|老板|经理|老师|个体户|法人|代办)|什么|多少|哪|怎|吗|呢|问题|"
    r"文件|规定|没有|意思|写明|几(?:个|家)|\d{2,}|这|那|钱"
)
_FIRST = re.compile(r"首次|第一次|头一回|首度|从来?没(?:有)?(?:领|拿|过|到|享)|以前从?没(?:有)?|从未")
_NOT_FIRST = re.compile(r"(?:不是|并非|非)(?:首次|第一次)|第[二三四五]次|再次|又一次|连续第")
_LIES_IN = re.compile(
    r"(?:在|位于|落户(?:在|于)?|总部(?:在|设在)|注册(?:在|地在|于|地是)|搬到|地处|坐落(?:在|"
    r"于)?)(?P<where>[\u4e00-\u9fff]{2,9}?(?:省|市|区|县|州|"
    r"新区|开发区))(?=[,。?!;的注有办]|$|企业|公司)"
)
_COUNTRY_LISTS = frozenset((Want.LIST, Want.GOAL, Want.DEFINITION, Want.WHEN))


def situation_of(units: Sequence[Unit]) -> Situation:
    """The facts of the units that are neither orders nor chatter."""
    kept = [unit for unit in units if not unit.order and not unit.chatter]
    received, used = _received(kept)
    stated = [unit.text for unit in kept if not _asks_of_policy(unit)]
    texts = [unit.text for unit in kept]
    held, denied = confirmed(",".join(texts))
    return Situation(
        measures=_measures(kept, used),
        received=received,
        counted=tuple(dict.fromkeys(one for text in stated for one in counted_of(text))),
        held=_with(held, _held(kept)),
        denied=_with(denied, _denied(texts)),
        first_time=_first_time(kept, used),
        region=_region(texts),
    )


def _with(confirmed_facts: Sequence[str], read: Sequence[str]) -> tuple[str, ...]:
    """Facts stated word for word, then those read from free text that are not among them."""
    return tuple(dict.fromkeys((*confirmed_facts, *(_plain_name(one) or one for one in read))))


def _asks_of_policy(unit: Unit) -> bool:
    """Whether a unit asks what a policy plans or lists: its figures are the policy's."""
    wants = wants_of(unit.text) if unit.asks else frozenset()
    return bool(wants & _COUNTRY_LISTS) and not wants & {Want.AMOUNT, Want.CONDITION}


def _measures(units: Sequence[Unit], used: frozenset[int]) -> tuple[Measure, ...]:
    made: dict[tuple[str, Decimal, str], Measure] = {}
    metric = ""
    for at, unit in enumerate(units):
        if at in used or says_never(unit.text) or says_past(unit.text):
            if not says_received(unit.text):
                metric = _last_metric(unit.text) or metric
            continue
        if _asks_of_policy(unit):
            continue
        for measure in measures_of(unit.text, metric):
            made.setdefault((measure.metric, measure.value, measure.unit), measure)
            metric = measure.metric if measure.metric and measure.kind is Kind.AMOUNT else metric
    return tuple(made.values())


def _last_metric(text: str) -> str:
    found = figures_of(text)
    return metric_of(text, found[0]) if found else ""


def _received(units: Sequence[Unit]) -> tuple[tuple[Received, ...], frozenset[int]]:
    """Money received, and the units that tell of it (their figures are no sizes of today)."""
    made: list[Received] = []
    used: set[int] = set()
    for at, unit in enumerate(units):
        if not says_received(unit.text):
            continue
        used.add(at)
        threshold, title = None, ""
        before = units[at - 1] if at else None
        if before is not None and _PAST.search(before.text) and not _PRESENT.search(before.text) and not before.asks:
            figures = [figure for figure in figures_of(before.text) if figure.unit == "元"]
            threshold = figures[-1].value if figures else None
            title = _title(before.text)
            used.add(at - 1)
        made += _grants(unit.text, threshold, title)
    return tuple(made), frozenset(used)


def _grants(text: str, threshold: Decimal | None, title: str) -> list[Received]:
    """The grants of one unit, a tier with the sum behind it: 200亿那档的800万."""
    title = _title(text) or title
    made: list[Received] = []
    tier = None
    for figure in (figure for figure in figures_of(text) if figure.unit == "元"):
        if _is_tier(text, figure):
            if tier is not None:
                made.append(Received(None, tier, title, text))
            tier = figure.value
        else:
            made.append(Received(figure.value, tier or threshold, title, text))
            tier = None
    if tier is not None or not made:
        made.append(Received(None, tier or threshold, title, text))
    return made


def _is_tier(text: str, figure: Quantity) -> bool:
    if re.search(r"(?:领|拿|收|得)(?:到|过)?$", text[: figure.start]) and not _TIER_AFTER.match(text[figure.end :]):
        return False
    return bool(_TIER_AFTER.match(text[figure.end :]) or _TIER_BEFORE.search(text[: figure.start]))


def _title(text: str) -> str:
    found = _TITLE.search(text)
    return found[0].strip('的“”" ') if found else ""


def _held(units: Sequence[Unit]) -> tuple[str, ...]:
    held: list[str] = []
    for unit in units:
        patterns = _HELD if not unit.asks else _HELD[:2]
        for pattern in patterns:
            for match in pattern.finditer(unit.text):
                name = _plain_name(match["held"])
                if name and not _DENIED.search(unit.text[: match.end()]) and not _NOT_A_THING.search(name):
                    held.append(name)
    return tuple(dict.fromkeys(held))


def _denied(texts: Sequence[str]) -> tuple[str, ...]:
    said = [text for text in texts if not re.search(r"是不是|有没有", text)]
    names = [_plain_name(match["denied"]) for text in said for match in _DENIED.finditer(text)]
    return tuple(dict.fromkeys(name for name in names if name and not _NOT_A_THING.search(name)))


def _plain_name(said: str) -> str:
    name = re.sub(r"[“”\"「」『』]", "", said).strip(" 的了")
    return re.sub(r"^(?:一家|一个|个|家|了|领过|拿过|享受过)", "", name).strip("、 ")


def _first_time(units: Sequence[Unit], used: frozenset[int]) -> bool | None:
    texts = [unit.text for at, unit in enumerate(units) if at not in used]
    if any(_NOT_FIRST.search(text) for text in texts):
        return False
    return True if any(_FIRST.search(text) for text in texts) else None


def _region(texts: Sequence[str]) -> str | None:
    for text in texts:
        lies = _LIES_IN.search(text)
        if lies:
            return lies["where"]
        place = re.search(r"(?:在|位于|总部在|注册在|落户)(?P<rest>[\u4e00-\u9fff]{2,6})", text)
        named = places_in(place["rest"], ()) if place else ()
        if place and named and place["rest"].startswith(named[0].name):
            return named[0].name
    return None
