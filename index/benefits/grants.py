"""Statements that name no amount: support by another policy's rules, equal shares, longer terms, waived rents."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from index.benefits.drafting import Drafter
from index.benefits.drafts import Draft, Lead
from index.benefits.marked import MASK, Span
from index.benefits.recipients import metric_before, tidy
from index.benefits.values import Values
from index.benefits.vocabulary import (
    BARE_SUPPORT,
    BORNE,
    BY,
    BY_POLICY,
    COSTS,
    DEFERRED,
    EQUAL_SHARE,
    FAVOURED,
    GIVE,
    GIVEN,
    HALVED,
    HONOUR,
    INDIVIDUAL,
    KIND_NOUN,
    LOWERED_BAR,
    PROLONGED,
    REFERRED,
    STEPWISE,
    STRONG,
    STRONG_NOUN,
    WAIVED,
    WEAK_KINDS,
)
from index.quantities import Comparison

_GIVE = re.compile(GIVE)
_IN_A_WAY = re.compile(r"(?:以|采取|采用|通过)[^,]{1,20}方式")
_LIKE = re.compile(r"与?(?P<paid>[^,与]{2,12}(?:奖励|奖金|补助|补贴|资助|资金))的?$")
"""What an equal sum is equal to: 再给予落地奖励等额的成长奖励."""
_EXPROPRIATION = re.compile(r"征收|征地|拆迁|损害|合法权益|损失")
_PUBLIC = re.compile(r"人民政府|财政|政府")
_BASED = re.compile(rf"(?P<by>可?以?按照?)(?P<base>[^,¤٪]{{2,30}}?)(?:{GIVE}|一次性)*(?P<kind>{STRONG})$")
_OWN_RULES = re.compile(r"第.{1,6}[条款项]|本(?:办法|措施|政策|意见|细则|规定|条)|前款|上述|资金管理|管理办法")
_DECIDED_BY = re.compile(r"(?:可以?)?(?:由|报|经)[^,]{2,12}$")
_SUPPORTED = re.compile(rf"(?:的?方式)?(?:{GIVE}|进行)?(?:{STRONG}|支持|扶持|确定|研究)?")
_NOUN_END = re.compile(r"(?:项目|企业|机构|人才|团队|平台|单位|产品|活动|赛事|作品|总部|的)$")
_PLAIN = re.compile(rf"(?:{GIVE})[^,]{{0,8}}?(?P<kind>{STRONG})$")


class GrantReader:
    """Reads statements without an amount from the parts of one sentence."""

    def __init__(self, drafter: Drafter, lead: Lead) -> None:
        self._drafter = drafter
        self._marked = drafter.marked
        self._sentence = drafter.sentence
        self._lead = lead
        self._last_kind: str | None = None

    def read(self, unit: Span, pending: list[Span], values: Values, last_kind: str | None) -> Draft | None:
        """The statement `unit` makes, None where it makes none; see `StatementReader.read`."""
        self._last_kind = last_kind
        flat = self._marked.flat[unit.start : unit.end]
        if HONOUR.search(self._marked.flat[self._sentence.start : self._sentence.end]):
            return None
        equal = EQUAL_SHARE.search(flat)
        if equal and STRONG_NOUN.search(flat, equal.end()):
            return self._equal_share(unit, pending, values, equal)
        for pattern, reader in (
            (BORNE, self._borne),
            (HALVED, self._halved),
            (LOWERED_BAR, self._lowered_bar),
            (PROLONGED, self._prolonged),
            (WAIVED, self._waived),
            (FAVOURED, self._favoured),
            (REFERRED, self._referred),
            (DEFERRED, self._deferred),
            (GIVEN, self._given),
            (INDIVIDUAL, self._individual),
        ):
            match = pattern.search(flat)
            if match and (draft := reader(unit, pending, values, match)) is not None:
                return draft
        return self._based(unit, pending, values)

    def _equal_share(self, unit: Span, pending: list[Span], values: Values, equal: re.Match[str]) -> Draft:
        """同比例资助: as much as another level pays; the share is known, the amount is not."""
        flat = self._marked.flat[unit.start : unit.end]
        noun = STRONG_NOUN.search(flat, equal.end())
        by = BY.search(flat)
        give = _GIVE.search(flat)
        starts = [match.start() for match in (by, give, equal) if match and match.start() <= equal.start()]
        draft = self._drafter.draft(unit, pending, unit.start + min(starts), noun[0] if noun else "资助")
        draft.thresholds += values.thresholds
        draft.base = self._drafter.words(unit.start + by.end(), unit.start + equal.start()) if by else None
        draft.base = re.sub(rf"(?:的|{GIVE})+$", "", draft.base) if draft.base else None
        behind = flat[equal.end() : noun.start()] if noun and flat.startswith("全额", equal.start()) else ""
        if draft.base is None and COSTS.search(behind) and not behind.startswith("的"):
            at = unit.start + equal.end()
            draft.base = self._marked.text[at : at + len(behind)]
        like = _LIKE.search(flat, give.end(), equal.start()) if give and give.end() <= equal.start() else None
        if draft.base is None and like:
            draft.base = self._marked.text[unit.start + like.start("paid") : unit.start + like.end("paid")]
        last = draft.who[-1] if draft.who else Span(0, 0)
        if draft.base is None and COSTS.search(self._marked.flat[last.start : last.end]):
            draft.base = self._marked.text[last.start : last.end]
        draft.conditions.append(self._marked.text[unit.start + min(starts) : unit.end])
        draft.share = Decimal(1)
        return draft

    def _borne(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """保费由财政全额承担: the whole of a cost is paid."""
        group = next(name for name in ("what", "all", "object") if match[name])
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), self._lead.kind or "补贴")
        draft.base = self._drafter.words(unit.start + match.start(group), unit.start + match.end(group))
        draft.share = Decimal(1)
        return draft if draft.who or self._lead.topic else None

    def _halved(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """续展的减半奖励: half of what is paid otherwise; what changes with the years (第二年减半) stays text."""
        if STEPWISE.search(self._marked.flat, self._sentence.start, self._sentence.end):
            return None
        kind = match["kind"] or match["of"] or (self._last_kind or "奖励" if match["rule"] or match["half"] else "减免")
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), kind)
        named = match.span(next((name for name in ("what", "half") if match[name]), "fee"))
        stated = self._marked.text[unit.start + named[0] : unit.start + named[1]] if named[1] > 0 else None
        draft.base = stated or f"{kind}标准"
        draft.share = Decimal("0.5")
        draft.thresholds += values.thresholds
        return draft if draft.who or self._lead.topic else None

    def _lowered_bar(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """申报标准下调至2000万元: the same support from a lower bound on."""
        at = unit.start + match.end()
        run = next(run for run in self._marked.runs_in(unit.start, unit.end) if run[0].start == at)
        draft = self._drafter.draft(unit, pending, unit.start, "支持")
        if not draft.who:
            return None
        head = re.sub("的$", "", self._marked.flat[unit.start : unit.start + match.start()])
        draft.metric = metric_before(self._marked, unit.start + len(head)) or "申报标准"
        draft.fixed_metric = True
        draft.thresholds = [tuple(replace(q, op=Comparison.AT_LEAST) for q in run)]
        draft.conditions.append(self._marked.text[unit.start : unit.end])
        return draft

    def _prolonged(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), match["what"] or match["object"])
        draft.period = self._marked.text[unit.start + match.start() : unit.end]
        return draft if draft.who else None

    def _waived(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), match["kind"] or "减免")
        what = next(match.start(name) for name in ("what", "free", "rented") if match[name])
        draft.base = self._marked.text[unit.start + what : unit.end]
        return draft if draft.who or self._lead.kind or self._lead.topic else None

    def _favoured(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """在土地要素供给等方面优先保障: support that is not money."""
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), match["kind"])
        if not draft.who or not (self._drafter.directed(pending, unit) or self._drafter.ends_in_de(draft)):
            return None
        draft.conditions.append(self._marked.text[unit.start + match.start() : unit.end])
        return draft

    def _referred(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """按照《…》(文号)相关政策给予支持: another policy says how much."""
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), match["kind"])
        text = self._marked.text[unit.start + match.start() : unit.end]
        if not draft.who or not (MASK in match["what"] or len(match["what"]) >= 2):
            return None
        vague = match["kind"] in WEAK_KINDS and MASK not in match["what"] and not BY_POLICY.search(match[0])
        if vague and not self._drafter.directed(pending, unit):
            return None
        draft.thresholds += values.thresholds
        draft.conditions.append(tidy(text))
        return draft

    def _deferred(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """取得境外商标的,具体资助按照《…》执行: another document, not a clause of this one, says how much."""
        text = self._marked.text[unit.start + match.start("what") : unit.start + match.end("what")]
        kind = "支持" if match["kind"] == "待遇" else match["kind"]
        draft = self._drafter.draft(unit, pending, unit.start + match.start(), kind)
        if not draft.who or _OWN_RULES.search(text):
            return None
        draft.thresholds += values.thresholds
        draft.conditions.append(self._marked.text[unit.start + match.start() : unit.end])
        return draft

    def _individual(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        """重大项目,由市政府一事一议: what is decided case by case; 一事一议,最高500万元 states more."""
        rest = self._marked.flat[unit.end : self._sentence.end]
        head = self._marked.flat[unit.start : unit.start + match.start()]
        if rest.strip(",") or not _SUPPORTED.fullmatch(self._marked.flat, unit.start + match.end(), unit.end):
            return None
        by = _DECIDED_BY.search(head)
        draft = self._drafter.draft(unit, pending, unit.start + (by.start() if by else match.start()), "支持")
        draft.thresholds += values.thresholds
        draft.conditions.append(self._marked.text[unit.start + (by.start() if by else match.start()) : unit.end])
        return (
            draft
            if draft.who and _NOUN_END.search(self._marked.flat[draft.who[-1].start : draft.who[-1].end])
            else None
        )

    def _given(self, unit: Span, pending: list[Span], values: Values, match: re.Match[str]) -> Draft | None:
        kind = [noun[0] for noun in KIND_NOUN.finditer(match["object"])][-1]
        end = unit.start + match.start()
        by = BY.search(self._marked.flat, unit.start, end) or _IN_A_WAY.search(self._marked.flat, unit.start, end)
        draft = self._drafter.draft(unit, pending, by.start() if by else end, kind)
        sentence = self._marked.flat[self._sentence.start : self._sentence.end]
        private = kind == "补偿" and not _PUBLIC.search(sentence)
        vague = bool(BARE_SUPPORT.search(match[0])) and not by
        if not draft.who or private or vague or _EXPROPRIATION.search(sentence):
            return None
        way = kind in WEAK_KINDS and by is not None
        if not (way or self._drafter.directed(pending, unit) or self._drafter.ends_in_de(draft)):
            return None
        draft.thresholds += values.thresholds
        if by:
            draft.conditions.append(self._marked.text[by.start() : unit.end])
        return draft

    def _based(self, unit: Span, pending: list[Span], values: Values) -> Draft | None:
        """按项目投入额资助: complete only if a share follows."""
        flat = self._marked.flat[unit.start : unit.end]
        match = _BASED.search(flat)
        plain = _PLAIN.search(flat)
        found = match or plain
        if found is None:
            return None
        draft = self._drafter.draft(unit, pending, unit.start + found.start(), found["kind"])
        draft.base = (
            self._drafter.words(unit.start + match.start("base"), unit.start + match.end("base")) if match else None
        )
        draft.incomplete = True
        draft.thresholds += values.thresholds
        return draft if draft.who else None
