"""One statement of a benefit, read from a part of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.benefits.drafting import Drafter
from index.benefits.drafts import Draft, Lead, Run
from index.benefits.grants import GrantReader
from index.benefits.marked import Marked, Span
from index.benefits.recipients import tidy
from index.benefits.values import Values, read_values
from index.benefits.vocabulary import (
    BY,
    COSTS,
    EACH,
    GIVE,
    KIND_AFTER,
    KIND_NOUN,
    ONE_LEVEL,
    OWN_MONEY,
    PAID_TO,
    STRONG,
    STRONG_NOUN,
    UNIT_MEASURE,
    VERB_BEFORE,
    WEAK_KINDS,
)
from index.quantities import Comparison, Kind, quantities

_GIVE = re.compile(GIVE)
_PAYS = re.compile(rf"{GIVE}|{STRONG}|提高")
_SELF = re.compile(r"每(?:年度?|[家户]|[家户个]?(?:企业|单位|机构|主体))$")
_NOBODY = re.compile(r"(?!)")
_PAID_TO = re.compile(rf"(?:的?标准)?(?:予以|一次性)*{PAID_TO}")
_EACH_CHAIN = re.compile(
    r"(?:每(?:个工作日|[^,、¤#每再补奖资支提给予增加按最不分]{1,6}))+(?=(?:分别|各|最高|不超过)*$)"
)
_EACH_MONEY = re.compile(r"每(?:新增|增加|增长|满|达到?|超过?|完成|实现|出口|进口|销售|投资)?¤+")
_RATE_NAME = re.compile(r"(?:补[助贴]|奖励|资助|贴息)?(?:的?(?:比例|标准|额度|年?利率|年化|费率|年化利率))+")
_NAME = re.compile(r"[^,、¤٪#:的]{2,12}")
_EACH_STEP = re.compile(r"每[^,]{0,8}(?:[¤٪‱]+|(?:#+|一)[^,的¤#٪‱]{0,12})$")
_EACH_STEP_BEHIND = re.compile(
    r"(?P<step>每(?![年月日季天周户家个次]|标|平)[^,、每¤#٪一以于过满达]{1,6}(?:#+|一)[^,、¤٪‱每以]{1,14}?)的?$"
)
_BASE_MARK = re.compile(rf"按照?|以|{GIVE}|{STRONG}")
_BASE_BEHIND = re.compile(rf"的(?!一次性|最高|不超过|经费)([^,、的¤]{{2,10}}?)(?:{STRONG})")
_QUOTA = re.compile(r"(?:贷款|授信)[^,]*(?:额度|限额|上限|金额)")
_BARE_CEILING = re.compile(r"(?:[每单][^,;:¤]{0,6}|年度)?(?:最高|不超过|最多|限额|上限为?)")
_OF_ALL = re.compile(
    r"同一[^,、]{0,2}(?:企业|单位|法人|主体|机构|旅行社|项目|个?人)[^,¤]{0,24}(?:最高|不超过|不高于|上限)"
    r"|(?:单[个户家]|每[个户家]?)[^,、]{0,2}(?:企业|单位|法人|主体|机构|个?人)[^,¤]{0,12}本(?:办法|措施|政策|意见|细则|规定)"
    r"[^,¤]{0,16}(?:最高|不超过|不高于|上限)"
)
_SLASH_PER = re.compile(r"/([\u4e00-\u9fff]{1,4}?)(?=[,、;)·/的]|一次性|给予|补|奖|以[上下]|$)")
_PAYEE = re.compile(
    rf"(?:一次性|再)?(?:{STRONG})(?P<who>[^,、¤每]{{0,6}}(?:负责人|代表人|团队|高管|个人|本人|职工|员工))"
)
# 按交易额对卖方奖励5%: who stands between what the share is of and the verb.
_BESIDE_BASE = re.compile(rf"^按照?[^,对]{{2,16}}对(?P<who>[^,、¤٪]{{2,12}}?)(?:{GIVE}|{STRONG})$")
_BARE = re.compile(r"[^,、¤٪‱∶每]{2,24}?(?P<each>(?:每[^,、¤٪#每]{1,6})*¤+(?:/[^,、¤]{1,6})?)")
_CHARGED = re.compile(r"收费|缴|价格|租金|工资|收入|产值|投资|税|成本|销售额|注册|罚")
_MEASURE = re.compile(rf"(?:{STRONG})?(?:比例|标准|上限|额度|限额|金额)")
_MEASURE_TAIL = re.compile(r"(?:申请)?(?:额度|比例|标准|上限|限额|金额|最高)$")
_ONLY_KINDS = re.compile(rf"(?:{STRONG})+")
_LEVEL_TRIM = re.compile(rf"^(?:可?按照?|{GIVE}|分别|各|一次性)+|(?:每[^,、]{{1,6}}|最高|不超过|标准|各|为|:)+$")
_CLASS = re.compile(r"地区|区域|[类档等级]$")
_WITHIN = re.compile(rf"的[^,]*(?:{GIVE})")
_ONCE_EACH = re.compile(r"(?:最高|不超过|一次性|分别|每[^,]{1,4})+$")


def _each_step(flat: str, span: Span) -> Span | None:
    """The step at the end of a beneficiary: 每新增1人, 每接收1名学生 of 共建基地每接收1名学生的."""
    if _EACH_STEP.match(flat, span.start, span.end):
        return span
    step = _EACH_STEP_BEHIND.search(flat, span.start, span.end)
    return Span(step.start(), step.end("step")) if step else None


class StatementReader:
    """Reads the statements of one sentence; the beneficiaries may stand in the parts before."""

    def __init__(self, marked: Marked, sentence: Span, lead: Lead) -> None:
        self._marked = marked
        self._sentence = sentence
        self._kind = lead.kind
        self._topic = lead.topic
        self._drafter = Drafter(marked, sentence)
        self._grants = GrantReader(self._drafter, lead)

    def read(self, unit: Span, pending: list[Span], earlier: Draft | None) -> Draft | None:
        """The statement `unit` makes, None where it makes none.

        Args:
            unit: a part of the sentence between commas.
            pending: the parts in front of it that belong to no earlier statement.
            earlier: the statement before, for 再增加500元.
        """
        flat = self._marked.flat
        if OWN_MONEY.search(flat, unit.start, unit.end):
            return None
        rest = flat[unit.end : self._sentence.end]
        last_kind = earlier.kind if earlier else None
        kind = self._kind or self._announced(unit, earlier)
        inside = flat.startswith("、", unit.end) and STRONG_NOUN.search(flat, self._sentence.start, self._sentence.end)
        values = read_values(self._marked, unit, bool(inside or KIND_NOUN.search(rest)), kind)
        if values.fund:
            return None
        unpaid = self._only_a_limit(unit, values) and not self._caps_some(unit, pending, earlier)
        if values.paid and not unpaid and not self._limits_all(unit, values):
            return self._valued(unit, pending, values, kind or last_kind)
        return self._grants.read(unit, pending, values, kind or last_kind)

    def _announced(self, unit: Span, earlier: Draft | None) -> str | None:
        """The kind that a part without a verb takes from the words before it; None where it states something else.

        补助按照实际人数计算,重度失能的每人每月400元: an amount for each one, behind a kind of benefit.
        博士每人奖励12万元;硕士每人4万元: beside a statement of the same shape.
        """
        flat = self._marked.flat
        bare = _BARE.fullmatch(flat, unit.start, unit.end)
        if bare is None or _CHARGED.search(flat, self._sentence.start, unit.end):
            return None
        nouns = STRONG_NOUN.findall(flat, self._sentence.start, unit.start)
        each = bare["each"].strip("¤")
        if nouns and each:
            return str(nouns[-1])
        beside = earlier is not None and earlier.end == self._sentence.start - 1 and flat[earlier.end] == ";"
        same = beside and earlier is not None and bool(earlier.amounts) and bool(earlier.each) == bool(each)
        return earlier.kind if earlier is not None and same and unit.start == self._sentence.start else None

    def _only_a_limit(self, unit: Span, values: Values) -> bool:
        unpaid = not (values.amounts or values.rates) and not self._kind
        return unpaid and not _PAYS.search(self._marked.flat, unit.start, unit.end)

    def _caps_some(self, unit: Span, pending: Sequence[Span], earlier: Draft | None) -> bool:
        """Whether a ceiling is stated for some whom the part before it pays a share: ;超过600人的,最高25万元."""
        flat = self._marked.flat
        beside = earlier is not None and earlier.rates and earlier.end == self._sentence.start - 1
        some = bool(pending) and flat[pending[-1].start : pending[-1].end].rstrip().endswith("的")
        return bool(beside and some and flat[self._sentence.start - 1] == ";" and _BARE_CEILING.match(flat, unit.start))

    def _limits_all(self, unit: Span, values: Values) -> bool:
        """同一企业当年获得的奖补资金总额最高800万元: a ceiling of everything together is no benefit."""
        alone = not (values.amounts or values.rates or self._kind)
        return alone and bool(_OF_ALL.match(self._marked.flat, unit.start, unit.end))

    def _valued(self, unit: Span, pending: list[Span], values: Values, last_kind: str | None) -> Draft:
        cut = self._cut(unit, values)
        draft = self._drafter.draft(unit, pending, cut, self._kind_of(unit, values, last_kind))
        draft.amounts, draft.rates, draft.caps = values.amounts, values.rates, values.caps
        draft.surplus = values.surplus
        draft.between = Span(cut, max(cut, values.first))
        draft.level = self._level(unit, draft.between)
        draft.thresholds += values.thresholds
        draft.each = self._each(unit, values, draft)
        draft.base = self._base(unit, values, cut, draft)
        draft.caps = draft.caps or self._bracketed_cap(unit)
        if values.changed:
            self._apply_change(unit, values, draft)
        self._name_recipient(unit, values, draft)
        return draft

    def _level(self, unit: Span, between: Span) -> str:
        """The class beside the value: 按亚洲地区每人8000元, 给予国家级100万元."""
        text = self._marked.flat[between.start : between.end]
        if beside := _BESIDE_BASE.search(text):
            return beside["who"]
        if payee := _PAYEE.fullmatch(text):  # 奖励主要负责人5万元,奖励企业20万元
            return payee["who"]
        text = _LEVEL_TRIM.sub("", text)
        listed = "、" in (self._marked.flat[unit.start - 1 : unit.start], self._marked.flat[unit.end : unit.end + 1])
        named = _CLASS.search(text) or ONE_LEVEL.match(text) or (listed and _NAME.fullmatch(text))
        return text if named and 1 < len(text) <= 12 and not KIND_NOUN.search(text) and "、" not in text else ""

    def _apply_change(self, unit: Span, values: Values, draft: Draft) -> None:
        """贷款额度由30万元提高至50万元: a quota is a benefit of its own kind; a raised share says what it is of."""
        what = values.changed["what"] if values.changed else ""
        if _QUOTA.search(what) or (draft.kind.startswith("贷款") and "额度" in what):
            draft.kind = "贷款额度"
        noun = _MEASURE.search(what)
        named = tidy(_MEASURE_TAIL.sub("", what))
        start = unit.start + (values.changed.start("what") if values.changed else 0)
        if not draft.who and named and not _ONLY_KINDS.fullmatch(named):
            draft.who = [Span(start, start + len(what))]
        if draft.rates and noun:
            draft.base = noun[0]
        draft.conditions.append(self._marked.text[unit.start : unit.end])

    def _bracketed_cap(self, unit: Span) -> Run:
        """补助80%（不超过3万元）: a ceiling in brackets behind the value."""
        for match in re.finditer(r"\(([^()]*)\)", self._marked.plain[unit.start : unit.end]):
            inside = [q for q in quantities(match[1]) if q.kind is Kind.AMOUNT]
            if len(inside) == 1 and inside[0].op is Comparison.AT_MOST and not UNIT_MEASURE.search(match[1]):
                return (inside[0],)
        return ()

    def _cut(self, unit: Span, values: Values) -> int:
        """Where the beneficiary ends: at 按, 给予, or the verb that governs the first value."""
        flat = self._marked.flat
        head = flat[unit.start : values.first]
        if values.changed:
            return values.first
        cuts = [m.start() for m in (_GIVE.search(head), VERB_BEFORE.search(head), self._by(head)) if m]
        for match in EACH.finditer(head):
            if match.end() in cuts and match.start() > 0 and head[match.start() - 1] in ",的":
                cuts.append(match.start())
        cut = min(cuts, default=len(head))
        return unit.start + len(re.sub(r"(?:标准)?[:为]$", "", head[:cut]))

    def _by(self, head: str) -> re.Match[str] | None:
        """The first 按 that introduces the value; 按照规定实施的 after 对 is part of the beneficiary."""
        for match in BY.finditer(head):
            within = match.start() <= 1 and head.startswith("对")
            if not within or not _WITHIN.search(head, match.end()):
                return match
        return None

    def _kind_of(self, unit: Span, values: Values, last_kind: str | None) -> str:
        flat = self._marked.flat
        runs = [run for run in (values.amounts, values.rates, values.caps) if run]
        end = max(run[-1].end for run in runs)
        if found := KIND_AFTER.match(flat[end : unit.end]):
            return found[1]
        head = flat[unit.start : end]
        nouns = [m[0] for m in KIND_NOUN.finditer(head)]
        strong = [noun for noun in nouns if noun not in WEAK_KINDS]
        if strong:
            return strong[-1]
        if re.search(r"再?增加|增发|追加|[再另]加$|额外加$", head) and (last_kind or self._kind):
            return str(last_kind or self._kind)
        if short := re.search(r"[奖补](?=[^励助贴偿]*$)", head):
            return "奖励" if short[0] == "奖" else "补助"
        later = STRONG_NOUN.search(flat, unit.end, self._sentence.end) if not values.changed else None
        fallback = nouns[-1] if nouns else "补助"
        return self._kind or (later[0] if later else None) or last_kind or fallback

    def _each(self, unit: Span, values: Values, draft: Draft) -> str | None:
        """What an amount is paid for once: 每吨, 每新增1人; not 每家, the beneficiary itself."""
        if draft.who and (step := _each_step(self._marked.flat, draft.who[-1])):
            return self._marked.text[step.start : step.end]
        run = values.amounts or (values.caps if not values.rates else ())
        if not run:
            return None
        text = self._marked.text
        head = self._marked.flat[unit.start : run[0].start]
        if money := _EACH_MONEY.search(head):
            return text[unit.start + money.start() : unit.start + money.end()]
        # 按每家8000元付给服务商: who is paid is not what is counted.
        own = _NOBODY if _PAID_TO.match(self._marked.flat, run[-1].end) else _SELF
        chain = _EACH_CHAIN.search(head)
        if chain and not own.search(chain[0]):
            return text[unit.start + chain.start() : unit.start + chain.end()]
        per = run[0].per or (slash[1] if (slash := _SLASH_PER.match(self._marked.flat, run[-1].end)) else None)
        if per and not per.startswith(("年", "户", "家", "个企业")):
            return f"每{per}"
        matches = [m for m in EACH.finditer(f"{head}¤") if not own.fullmatch(m[0])]
        if not matches:
            return None
        match = matches[-1]
        return text[unit.start + match.start() : unit.start + match.end()]

    def _base(self, unit: Span, values: Values, cut: int, draft: Draft) -> str | None:
        if not values.rates:
            return None
        flat = self._marked.flat
        at = values.rates[0].start
        head = flat[cut:at]
        marks = [m for m in _BASE_MARK.finditer(head) if m.start() == 0 or not STRONG_NOUN.match(m[0])]
        for left, right in reversed(list(zip(marks, [*marks[1:], None], strict=False))):
            words = self._drafter.words(cut + left.end(), cut + right.start() if right else at)
            if words and left.start() == 0 and _BESIDE_BASE.search(head):
                words = words.partition("对")[0]
            if words and len(words) > 1 and not _RATE_NAME.fullmatch(words):
                return words
        if cut == at:
            words = self._drafter.words(unit.start, at)
            return None if words and _RATE_NAME.fullmatch(words) else words
        start = flat.rfind(",", 0, cut) + 1
        near = flat[start:cut] if cut > start else ""
        if re.match(r"对?其", near):
            return self._drafter.words(start, cut)
        last = draft.who[-1] if draft.who else None
        if last and COSTS.search(flat[last.start : last.end].rstrip("的")):
            return tidy(self._marked.text[last.start : last.end])
        return self._base_behind(unit, values)

    def _base_behind(self, unit: Span, values: Values) -> str | None:
        """给予50%的厂房租金补贴: what the share is of stands behind it."""
        at = values.rates[-1].end
        match = _BASE_BEHIND.match(self._marked.flat, at, unit.end)
        return self._marked.text[match.start(1) : match.end(1)] if match else None

    def _name_recipient(self, unit: Span, values: Values, draft: Draft) -> None:
        """给予获得国家级奖项的企业200万元奖励: the beneficiary stands behind the verb."""
        if draft.who or values.changed or self._topic:
            return
        give = _GIVE.search(self._marked.flat, draft.between.start, draft.between.end)
        if give is None:
            return
        end = values.first
        text = _ONCE_EACH.sub("", self._marked.flat[give.end() : end])
        if len(text) >= 2:
            draft.who = [Span(give.end(), give.end() + len(text))]
            if draft.base == self._marked.text[give.end() : give.end() + len(text)]:
                draft.base = self._base_behind(unit, values)
