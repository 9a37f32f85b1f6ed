"""The statements of one clause: sentences, leads before colons, ceilings that follow."""

from __future__ import annotations

import re
from dataclasses import replace

from index.benefits.drafts import Draft, Lead
from index.benefits.leads import HEADED, heading_lead, lead_of
from index.benefits.limits import attach_limit, ceiling_of, class_ceilings, is_other_limit
from index.benefits.marked import MASK, VALUE, Marked, Span, sentences, trimmed
from index.benefits.recipients import COMPLEMENT, metric_before, tidy
from index.benefits.statements import StatementReader
from index.benefits.topics import Topics
from index.benefits.units import split_units
from index.benefits.values import read_values
from index.benefits.vocabulary import (
    INSTALMENT,
    KIND_NOUN,
    LEVEL,
    NEGATED,
    PAYOUT,
    PENALTY,
    PERIOD,
    RECIPIENT_LIMIT,
    REFUSED,
    REQUIRED,
    SHORTFALL,
    STACKING,
    STATISTICS,
    STRONG,
)
from index.quantities import Quantity

_LEVEL_ONLY = re.compile(rf"[^¤,]{{0,10}}?(?:{LEVEL})[^¤,]{{0,14}}[¤٪]+")
_STANDARD_LIST = re.compile(
    rf"(?:{STRONG})(?:资金)?(?:的?标准|金额|额度)(?:分别)?为(?=[^,、每¤]{{1,12}}(?:每[^,、¤]{{1,8}})?¤+[^,、¤]{{0,6}}[、,][^,、¤]{{1,16}}¤)"
)
_COMPLETES = re.compile(rf"(?:具体|其|{STRONG})*(?:资金)?的?(?:标准|金额|额度|比例|额)(?:为|是|按|不超过|最高)")
_MEASURED_LIMIT = re.compile(
    r"[^,，的]{0,8}(?:面积|数量|数额|规模|时间|期限?|年限)[^,，的]{0,6}(?:最高|最多|最长|不得?超过)[^,，的]+$"
)
_TABLED = re.compile(r"[下附]表|[列如]下|以下|见表|:\s*$")
_ADDED = re.compile(r"[再另]加¤")


class ClauseReader:
    """Reads the statements of one clause in order.

    Args:
        marked: the clause prepared for matching.
        start: where to begin: behind a heading in brackets.
        lead: what the parent clause or the heading gives to this one.
        introduces: whether items below this clause state what its last sentence announces.
        follows: whether the clause is a paragraph behind items; its ceilings are then theirs.

    `ceilings` are the amounts that limit the items, `limits` the words that limit something else.
    """

    def __init__(self, marked: Marked, *, start: int, lead: Lead, introduces: bool, follows: bool = False) -> None:
        self._marked = marked
        self._start = start
        self._inherited = lead
        self._lead = lead
        self._introduces = introduces
        self._metric: str | None = lead.metric
        self._topics = Topics(marked)
        self.drafts: list[Draft] = []
        self.unfinished: list[Draft] = []
        self.closing: Lead | None = None
        self.limits: list[str] = []
        self.ceilings: list[Quantity] = []
        self._follows = follows

    def read(self) -> list[Draft]:
        """All statements; `closing` is then the lead that the clause ends with, None if it ends with none."""
        for span in sentences(self._marked):
            if span.end <= self._start:
                continue
            self._sentence(Span(max(span.start, self._start), span.end))
        return self.drafts

    def _sentence(self, span: Span) -> None:
        flat = self._marked.flat
        text = flat[span.start : span.end]
        if PENALTY.search(text) or STATISTICS.search(text):
            return
        if self._headline(span, text) or self._instalment(span, text):
            return
        if STACKING.search(text) and not re.search(r"[¤٪]", text):
            self._stack(span)
            return
        paid = KIND_NOUN.search(text) or re.search(r"[¤٪∶‱]|[奖补]|减半|[一折]半|待遇|免租|财政|政府", text)
        if not paid and not (self.drafts and REQUIRED.search(text)):
            self._reset(span, text)
            return
        self._colon_parts(span)
        self._reset(span, text)

    def _instalment(self, span: Span, text: str) -> bool:
        """安家费分5年平均发放: how the benefits of the clause are paid out."""
        if not INSTALMENT.search(self._marked.text[span.start : span.end]) or "¤" in text:
            return False
        self._stack(span)
        return True

    def _headline(self, span: Span, text: str) -> bool:
        """A line such as 购房补贴 announces the lines below it."""
        bare = text.replace(MASK, "")
        if (
            self._marked.flat[span.end : span.end + 1] != "\n"
            or len(bare) > 14
            or not HEADED.search(bare)
            or re.search(VALUE, bare)
        ):
            return False
        words = self._marked.text[span.start : span.end]
        self._lead = replace(heading_lead(bare), note=words)
        return True

    def _reset(self, span: Span, text: str) -> None:
        """A lead holds for the items that ；separates, and for lines below a colon."""
        end = self._marked.flat[span.end : span.end + 1]
        if text.endswith(":") or end == ";" or (end == "\n" and self._lead is not self._inherited):
            return
        self._lead = self._inherited
        self._topics.reset()
        self._metric = self._inherited.metric

    def _colon_parts(self, span: Span) -> None:
        """Statements before and behind colons; a part before a colon is the lead of those behind it."""
        flat = self._marked.flat
        at = flat.find(":", span.start, span.end)
        if at < 0 and (standard := _STANDARD_LIST.search(flat, span.start, span.end)):
            at = standard.end() - 1  # 标准为 announces as a colon does
        if at < 0:
            self._units(span, span)
            return
        head, body = trimmed(flat, span.start, at), trimmed(flat, at + 1, span.end)
        if body.end <= body.start:
            self._closing_lead(head, span)
            return
        lead = self._lead_of(head)
        saved, count = self._lead, len(self.drafts)
        if self._has_award(head):
            self._units(head, span)
            self._lead = Lead(self.drafts[-1].kind, self._name(self.drafts[-1])) if self.drafts[count:] else lead
            self._colon_parts(body)
            return
        self._lead = lead
        self._metric = lead.metric or self._metric
        self._colon_parts(body)
        if len(self.drafts) == count:
            self._lead = saved
            self._listed(head, body, span)
        for draft in self.drafts[count:]:
            draft.start = min(draft.start, span.start)

    def _closing_lead(self, head: Span, span: Span) -> None:
        """首次突破10亿元的,奖励400万元,其中: — what it states, and what it announces for what follows."""
        count = len(self.drafts)
        if self._has_award(head):
            self._units(head, span)
        if self.drafts[count:]:
            self._lead = Lead(self.drafts[-1].kind, self._name(self.drafts[-1]))
        else:
            self._lead = replace(self._lead_of(head), refuses=self._refuses(head))
        self.closing = self._lead
        if self.closing.refuses:
            return
        if not self.drafts[count:] and not self._introduces and not self._lines_follow(span):
            self._units(head, span)

    def _refuses(self, head: Span) -> bool:
        """有下列情形之一的,不予补贴: what follows are cases in which nothing is paid."""
        return bool(NEGATED.search(self._marked.flat, head.start, head.end))

    def _lines_follow(self, span: Span) -> bool:
        return bool(self._marked.flat[span.end :].strip())

    def _has_award(self, span: Span) -> bool:
        return any(read_values(self._marked, unit, False, None).paid for unit in self._split(span))

    def _split(self, span: Span) -> list[Span]:
        return split_units(self._marked, span, announced=self._lead.kind is not None)

    def _listed(self, head: Span, body: Span, span: Span) -> None:
        """对下列奖项给予资助:… : the list behind the colon names the beneficiaries."""
        count = len(self.drafts)
        self._units(head, span)
        if not re.search(r"下列|以下|如下", self._marked.flat[head.start : head.end]):
            return
        for draft in self.drafts[count:]:
            draft.end = span.end
            draft.who.append(body)

    def _lead_of(self, head: Span) -> Lead:
        return lead_of(self._marked, head, self._split(head), self._lead, self._inherited)

    def _units(self, span: Span, sentence: Span) -> None:
        """Read the parts of a sentence in turn; parts without a statement wait for the next one."""
        pending: list[Span] = []
        count = len(self.drafts)
        units = self._split(span)
        passed = 0
        for at, unit in enumerate(units):
            text = self._marked.flat[unit.start : unit.end]
            if at < passed:
                continue
            last = self.drafts[-1] if self.drafts[count:] else None
            classes, taken = class_ceilings(self._marked, units[at:], last)
            if classes:
                self.drafts[-1:] = classes
                passed = at + taken
                continue
            if NEGATED.search(text):
                self._refuse(pending, unit)
                pending = []
                continue
            if self._requires(unit, count) or self._paid_out(unit):
                continue
            if self._follows and not self.drafts[count:] and (ceiling := ceiling_of(self._marked, unit)):
                self.ceilings.append(ceiling)
                continue
            if attach_limit(self._marked, unit, sentence, self.drafts[count:], self.drafts):
                if is_other_limit(text):
                    self.limits.append(self._marked.text[unit.start : unit.end])
                continue
            lead = Lead(self.drafts[-1].kind) if self.drafts[count:] and _LEVEL_ONLY.fullmatch(text) else self._lead
            reader = StatementReader(self._marked, sentence, lead)
            draft = reader.read(unit, pending, self.drafts[-1] if self.drafts else None)
            if draft is None:
                if not re.search(r"安排[^,]*¤|总规模", text):
                    pending.append(unit)
                continue
            self._continue(draft, unit, count)
            self._topics.complete(draft, unit, self._lead)
            self._inherit(draft, unit, count)
            self.drafts.append(draft)
            pending = []
        self._trailing(pending, count)
        self._share_stacking(count)
        self._settle(count)

    def _settle(self, count: int) -> None:
        """Drop what only announced: 按实际数量给予补贴 before 每片300元; a ceiling behind both is of what is paid."""
        own = self.drafts[count:]
        kept = []
        for at, draft in enumerate(own):
            paid = bool(draft.amounts or draft.rates) or draft.share is not None
            told = any(later.amounts or later.rates for later in own[at + 1 :])
            if draft.incomplete and not paid and (told or not draft.caps):
                self.unfinished.append(draft)
            else:
                kept.append(draft)
        self.drafts[count:] = kept

    def _refuse(self, pending: list[Span], unit: Span) -> None:
        """不足10人的不予补贴: what is paid elsewhere in the clause has a floor."""
        flat = self._marked.flat
        alone = not pending or SHORTFALL.search(flat, unit.start, unit.end)
        start = unit.start if alone else pending[-1].start
        if not REFUSED.search(flat, start, unit.end) or not SHORTFALL.search(flat, start, unit.end):
            return
        for run in self._marked.runs_in(start, unit.end):
            if len(run) == 1 and run[0].op is not None:
                floor = (replace(run[0], op=COMPLEMENT[run[0].op]),)
                for draft in self.drafts:
                    draft.floor = draft.floor or floor
                    draft.conditions.append(self._marked.text[start : unit.end])
                return

    def _requires(self, unit: Span, count: int) -> bool:
        """新建面积应在1万平方米以上: a bound for the statements before it, in a part of its own."""
        if not self.drafts or not REQUIRED.fullmatch(self._marked.flat, unit.start, unit.end):
            return False
        runs = [run for run in self._marked.runs_in(unit.start, unit.end) if len(run) == 1 and run[0].op is not None]
        for draft in self.drafts[count:] or self.drafts:
            draft.floor = draft.floor or (runs[0] if runs else ())
            draft.conditions.append(self._marked.text[unit.start : unit.end])
        return True

    def _continue(self, draft: Draft, unit: Span, count: int) -> None:
        """给予房租补贴,标准为每平方米15元: the value belongs to the statement before, which has none."""
        earlier = self.drafts[-1] if self.drafts[count:] else None
        if earlier is None or earlier.valued or not _COMPLETES.match(self._marked.flat, unit.start, unit.end):
            return
        draft.who, draft.kind = list(earlier.who), earlier.kind
        draft.period = draft.period or earlier.period
        draft.thresholds = [*earlier.thresholds]
        draft.conditions = [*earlier.conditions, *draft.conditions]
        self.drafts.pop()

    def _paid_out(self, unit: Span) -> bool:
        """立项时拨付50%: when the money is paid out is a condition of what was stated before."""
        if not self.drafts or not PAYOUT.match(self._marked.flat[unit.start : unit.end]):
            return False
        self.drafts[-1].conditions.append(self._marked.text[unit.start : unit.end])
        return True

    def _inherit(self, draft: Draft, unit: Span, count: int) -> None:
        """What a statement takes from its lead and from the statements before it."""
        self._carry(draft, count)
        draft.bound = self._lead.bound
        draft.period = draft.period or self._lead.period
        draft.each = draft.each or (self._lead.each if draft.amounts else None)
        for announced in (d for d in self.drafts[count:] if d.incomplete):  # 给予一次性补助,景区每家5万元
            draft.period = draft.period or announced.period
        earlier = self.drafts[-1] if self.drafts else None
        if earlier and self._marked.flat.startswith("其中", draft.start):
            draft.thresholds = draft.thresholds or [run for run in earlier.thresholds if len(run) == 1]
            if not draft.caps and draft.rates and RECIPIENT_LIMIT.search(earlier.cap_words):
                draft.caps, draft.cap_words, draft.start = earlier.caps, earlier.cap_words, earlier.start
                draft.cap_lent = True
        if earlier and self.drafts[count:] and _ADDED.search(self._marked.flat, unit.start, unit.end):
            draft.each = draft.each or earlier.each
        if self._lead.note:
            draft.conditions.append(self._lead.note)
            period = PERIOD.search(self._lead.note)
            draft.period = draft.period or (period[0] if period else None)
        if draft.thresholds:
            self._metric = metric_before(self._marked, draft.thresholds[0][0].start) or self._metric
        draft.metric = draft.metric or self._metric

    def _carry(self, draft: Draft, count: int) -> None:
        """A share without a base has the base of the one before: 大型企业按上年度缴费的30%返还,中小微企业按60%返还."""
        goes_on = self._marked.flat[draft.start - 1 : draft.start] == ";"
        earlier = [d for d in self.drafts[0 if goes_on else count :] if d.rates and d.base]
        if draft.rates and draft.base is None and earlier and earlier[-1].kind == draft.kind:
            draft.base = earlier[-1].base

    def _trailing(self, pending: list[Span], count: int) -> None:
        """Parts behind the last statement of a sentence are its conditions (面积不超过1000平方米)."""
        if not pending or not self.drafts[count:]:
            return
        words = self._marked.text[pending[0].start : pending[-1].end]
        if re.fullmatch(r"其中[：:]?", words):
            return
        later = re.search(r"另行(?:制定|规定|明确|发布)", words)
        # 分三年兑现, 面积最高800平方米 is said of all amounts of the sentence.
        shared = count if INSTALMENT.search(words) or _MEASURED_LIMIT.match(words) else -1
        for draft in [d for d in self.drafts if not d.valued and not d.conditions] if later else self.drafts[shared:]:
            draft.conditions.append(words)

    def _share_stacking(self, count: int) -> None:
        """（进档的予以补差） behind the last of several levels holds for all of them."""
        own = self.drafts[count:]
        shared = [words for draft in own for words in draft.conditions if STACKING.search(words)]
        for draft in own:
            draft.conditions += [words for words in shared if words not in draft.conditions]

    def _stack(self, span: Span) -> None:
        """升档的,只补足差额: how the benefits of the clause add up."""
        words = self._marked.text[span.start : span.end]
        for draft in (*self.drafts, *self.unfinished):
            if words not in draft.conditions:
                draft.conditions.append(words)

    def announced(self, at: int) -> Draft | None:
        """The statement before `at`, in `Marked.text`, that leaves what is paid to a table; taken out of `drafts`.

        按下表给予补贴,单个企业每年最高1000万元: kind, ceiling and conditions of the rows.
        """
        unpaid = [d for d in self.drafts if not (d.amounts or d.rates or d.share is not None) and d.end <= at]
        last = max((d for d in (*unpaid, *self.unfinished) if d.end <= at), key=lambda d: d.end, default=None)
        flat = self._marked.flat
        if last is None or not _TABLED.search(flat, last.start, at):
            return None
        self.drafts = [draft for draft in self.drafts if draft is not last]
        return last

    def _name(self, draft: Draft) -> str:
        own = tidy("，".join(self._marked.text[span.start : span.end] for span in draft.who))
        return f"{draft.topic}（{own}）" if draft.topic and own else own or draft.topic
