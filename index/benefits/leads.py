"""What a part before a colon, or a heading, gives to the statements behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.benefits.drafts import Lead
from index.benefits.marked import Marked, Span
from index.benefits.recipients import bound_of, metric_before, tidy
from index.benefits.values import read_values
from index.benefits.vocabulary import GIVE, KIND_NOUN, PERIOD, STRONG, STRONG_NOUN

HEADED = re.compile(rf"(?:{STRONG})(?:标准|金额|额度|力度|政策|办法|方式|内容|项目|资金|措施)*(?:表|一览表|如下)?$")
"""Ends as a heading or a lead does that announces a kind of benefit."""
_LEAD_ONLY = re.compile(r"标准|条件|下列|(?<![¤#٪])以下|如下|其中")
_LEAD_VERB = re.compile(rf"{GIVE}|按照?(?!时|期)")
_LEAD_TAIL = re.compile(r"(?:由[^,]{1,12}|分别|可|予以|给予|分[阶类档级][段别次]?|,)+$")
# 按照前条规定获得补助的企业 names a beneficiary, 按照下列标准 does not.
_ENTITLED = re.compile(r"按照?[^,]{2,40}的(?:企业|单位|机构|人员|个人|项目)$")
_AMOUNTS_BELOW = re.compile(r"下列(?:数额|金额)")
_REACHED = re.compile(r"(?:首次)?(?:达到|突破|超过|满)")
# 按实际固定资产投资额给予奖励: what the bounds of the items measure.
_MEASURED_BY = re.compile(
    r"(?:按照?|根据)(?P<metric>[^,、¤٪#]{2,12}?(?:额|量|数|值|收入|面积|规模|投资|投入|税收|资本|资金))(?:分[档级类])?"
    rf"(?:{GIVE}|{STRONG})"
)
_EACH_BRACKETED = re.compile(r"\((?:单位:)?按?(?:(?P<each>每[^(),#]{1,8})|万?元/(?P<per>[^()]{1,8}))\)")


def lead_of(marked: Marked, head: Span, units: Sequence[Span], current: Lead, inherited: Lead) -> Lead:
    """Kind, topic, metric and what else the part before a colon gives to the items behind it.

    Args:
        marked: the clause.
        head: the part before the colon.
        units: its parts.
        current: the lead that holds so far.
        inherited: the lead of the clause itself.
    """
    flat = marked.flat[head.start : head.end]
    nouns = [match[0] for match in KIND_NOUN.finditer(flat)]
    strong = [match[0] for match in STRONG_NOUN.finditer(flat)]
    kind = strong[-1] if strong else nouns[-1] if nouns else current.kind
    topic = _topic_of(marked, units)
    outer = inherited.topic if current is inherited else ""
    period = PERIOD.search(marked.text[head.start : head.end])
    return Lead(
        kind,
        f"{outer}（{topic}）" if outer and topic else topic or outer,
        _metric_of(marked, head) or inherited.metric,
        None if nouns else current.note,
        _bound_of(marked, units) or current.bound,
        period[0] if period else None,
        each=_each_of(marked, head) or current.each,
    )


def heading_lead(heading: str | None) -> Lead:
    """What a heading such as 奖励标准 or 三、补贴标准 announces."""
    bare = re.sub(r"^[^、.]{1,4}[、.]|[()（）【】\[\]]|^[(（][^)）]*[)）]", "", heading or "").strip()
    match = HEADED.search(bare)
    nouns = [m[0] for m in STRONG_NOUN.finditer(bare)] if match else []
    return Lead(nouns[-1] if nouns else None)


def _metric_of(marked: Marked, head: Span) -> str | None:
    if match := _REACHED.search(marked.flat, head.start, head.end):
        return metric_before(marked, match.start())
    measured = _MEASURED_BY.search(marked.flat, head.start, head.end)
    return marked.text[measured.start("metric") : measured.end("metric")] if measured else None


def _each_of(marked: Marked, head: Span) -> str | None:
    """补助标准（每张床位）如下: what the amounts below are paid for once."""
    match = _EACH_BRACKETED.search(marked.plain, head.start, head.end)
    return None if match is None else match["each"] or f"每{match['per']}"


def _bound_of(marked: Marked, units: Sequence[Span]) -> dict[str, object] | None:
    """The bound that a lead sets for all its items: 投入在50万元以上的,按照下列标准给予补助:."""
    runs = [run for unit in units for run in read_values(marked, unit, False, None).thresholds]
    return bound_of(marked, runs)


def _topic_of(marked: Marked, units: Sequence[Span]) -> str:
    """The beneficiaries a lead names: its parts up to 给予, 按 or the kind it announces."""
    topics = []
    for unit in units:
        text = marked.flat[unit.start : unit.end]
        named = 2 if _ENTITLED.match(text) else 0
        ends = [match.start() for match in (_LEAD_VERB.search(text, named), HEADED.search(text)) if match]
        text = _LEAD_TAIL.sub("", text[: min(ends, default=len(text))])
        if (len(text) > 1 and not _LEAD_ONLY.search(text)) or _AMOUNTS_BELOW.search(text):
            topics.append(marked.text[unit.start : unit.start + len(text)])
    return tidy("，".join(topics))
