"""Which quantities of a statement are paid, which cap what is paid, and which are conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from index.benefits.drafts import Run
from index.benefits.marked import Marked, Span
from index.benefits.vocabulary import (
    BY,
    CAP_WORD,
    CAPPED_AFTER,
    CAPPED_BEFORE,
    CHANGED,
    DEADLINE,
    FUND,
    GIVE,
    KIND_AFTER,
    KIND_NOUN,
    LEVEL,
    NOUNS,
    STRONG,
    SUBSIDY_WORD,
    TIME_UNITS,
    VERB_AFTER,
    VERB_BEFORE,
)
from index.quantities import Comparison, Kind

_NOT_PAID = re.compile(
    r"规模|产值|收入|预算|注册资本|基金|利润|税收|纳税|缴费|价格|收费|押金|总投资|投资额?$|投入$|罚|存款|净资产"
)
_BORNE_TOGETHER = re.compile(r"(?:的?比例)?[^,、]{0,4}(?:负担|承担|分担|分配)")  # who pays, not what is paid
_OBTAINS = re.compile(r"可以?(?:获得?|申请|申领|享受|领取|得到)(?:最高|一次性|总计|累计|不超过)*$")
_COMPARED = re.compile(r"(?:率|比重?|占)[^,]{0,4}?(?:不?[高低超少多][于过]|达|为|占|由|从|提)")
_NAMED_KIND = re.compile(rf"[^,、的¤]{{0,6}}?(?:{STRONG}|{NOUNS})")
# 按标准的50%叠加, 按第五条计算数额的50%兑付: a share of what the rule pays otherwise.
_OF_RULE = re.compile(r"按照?[^,]*(?:标准|计算的?(?:数额|金额|额度)|应得(?:数额|金额|额))的?$")
_APPLIED = re.compile(r"(?:叠加|兑付|兑现|执行|享受|发放)")
_MEASURED = re.compile(r"每(?:新增|增加|增长|满|达到?|超过?|完成|实现|出口|进口|销售|投资)?$")
_PER_TAIL = re.compile(r"(?:/[^,、¤]{1,4})?")
_BARE_TAIL = re.compile(r"(?:左右|整|的?标准|/[\u4e00-\u9fff]{1,3})?[,、。]?$")


@dataclass(slots=True)
class Values:
    """The quantities of one statement by their role; `surplus` where more is paid than one list says."""

    amounts: Run = ()
    rates: Run = ()
    caps: Run = ()
    thresholds: list[Run] = field(default_factory=list)
    fund: bool = False
    surplus: bool = False
    changed: re.Match[str] | None = None
    first: int = -1

    @property
    def paid(self) -> bool:
        """Whether anything is paid or capped."""
        return bool(self.amounts or self.rates or self.caps)


def read_values(marked: Marked, unit: Span, kind_follows: bool, inherited: str | None) -> Values:
    """Roles of all quantities in the range `unit`.

    Args:
        marked: the clause.
        unit: a part of a sentence between commas.
        kind_follows: whether the rest of the sentence names a kind of benefit (前两年按50%、第三年按30%给予补贴).
        inherited: the kind of benefit a lead announced; then a name and a value make a statement.
    """
    values = Values()
    whole = marked.flat[unit.start : unit.end]
    changed = CHANGED.search(whole)
    if changed and SUBSIDY_WORD.search(changed["what"]):
        _changed_value(marked, unit, changed, values)
        return values
    runs = marked.runs_in(unit.start, unit.end)
    for run in runs:
        before = marked.flat[unit.start : run[0].start]
        after = marked.flat[run[-1].end : unit.end]
        role = _role(run, before, after, kind_follows, inherited, values)
        _assign(values, role, run)
        measured = bool(_MEASURED.search(before))
        unread = not role and run[0].kind in (Kind.AMOUNT, Kind.RATE) and not measured
        values.surplus = values.surplus or (unread and values.paid)
    return values


def _changed_value(marked: Marked, unit: Span, changed: re.Match[str], values: Values) -> None:
    """补助比例由50%提高至60%: the value that holds from then on."""
    at = unit.start + changed.end()
    run = next(run for run in marked.runs_in(unit.start, unit.end) if run[0].start <= at < run[-1].end)
    what = changed["what"]
    capped = re.search(r"上限|限额|最高", what) and not re.search(r"贷款|授信", what)
    values.changed = changed
    values.thresholds = [r for r in marked.runs_in(unit.start, unit.start + changed.start("what")) if _bounded(r)]
    _assign(values, "rate" if run[0].kind is not Kind.AMOUNT else "cap" if capped else "amount", (run[0],))
    values.first = unit.start + changed.start()


def _assign(values: Values, role: str, run: Run) -> None:
    if role == "threshold":
        values.thresholds.append(run)
    elif role == "fund":
        values.fund = True
    elif role in ("amount", "rate", "cap"):
        slot = {"amount": "amounts", "rate": "rates", "cap": "caps"}[role]
        if getattr(values, slot):
            values.surplus = values.surplus or role != "cap"
        else:
            setattr(values, slot, run)
            values.first = run[0].start if values.first < 0 else values.first


def _role(run: Run, before: str, after: str, kind_follows: bool, inherited: str | None, values: Values) -> str:
    kind = run[0].kind
    if kind in (Kind.COUNT, Kind.DATE):
        within = run[0].unit in TIME_UNITS and DEADLINE.match(after)
        return "threshold" if kind is Kind.COUNT and _bounded(run) and not within else ""
    if kind is Kind.AMOUNT and _MEASURED.search(before):
        return ""  # 每1万美元补贴30元: what one part is paid for
    governed = (
        bool(VERB_BEFORE.search(before)) or bool(VERB_AFTER.match(after)) or (values.paid and before[-1:] in "、和及")
    )
    governed = governed or (run[0].op is None and bool(_OBTAINS.search(before) and KIND_AFTER.match(after)))
    if _bounded(run) and re.fullmatch(r"(?:以[上下内])?的", after):
        return "threshold"  # the part of the sentence ends as a condition: 年化费率不高于1%的
    if kind is Kind.AMOUNT:
        # 按照省级300万元、国家级1000万元给予经费: the first member of a list
        each = rf"(?:{BY.pattern})(?:[^,¤]*每[^,¤]{{1,4}}|(?:{LEVEL})[^,¤]{{0,8}}|[^,、¤每的]{{2,6}})$"
        listed = kind_follows and bool(_PER_TAIL.fullmatch(after)) and bool(re.search(each, before))
        return _amount_role(run, before, after, governed or listed or _by_then_kind(before, after), inherited)
    if kind is Kind.RATIO and _BORNE_TOGETHER.match(after):
        return ""
    if kind is Kind.POINTS:
        return "rate" if _by_then_kind(before, after) and not _bounded(run) else ""
    governed = governed or _by_then_kind(before, after) or (kind_follows and bool(BY.search(before)))
    governed = governed or bool(_OF_RULE.search(before) and _APPLIED.match(after))
    if governed and not re.search(r"(?:占比|比重|占[^,]{0,12})(?:不低于|达到?|超过|不少于)$", before):
        return "rate"
    if kind is Kind.RATIO:
        return ""
    if inherited and not _bounded(run) and not _COMPARED.search(before) and _bare(before, after):
        return "rate"
    return "threshold" if _bounded(run) else ""


def _amount_role(run: Run, before: str, after: str, governed: bool, inherited: str | None) -> str:
    fund = next((match for match in FUND.finditer(f"{before}¤{after}") if match.end() == len(before) + 1), None)
    if fund is not None:
        return "fund"
    if CAPPED_BEFORE.search(before) or CAPPED_AFTER.match(after):
        limits = run[0].op is Comparison.AT_MOST and after.startswith("的") and not governed
        return "threshold" if limits and not KIND_NOUN.match(after[1:]) else "cap"
    governed = governed or (not _bounded(run) and bool(_NAMED_KIND.fullmatch(after)))
    if governed and not _is_condition(run, before, after):
        return "amount"
    if _bounded(run):
        return "threshold"
    return "amount" if inherited and _bare(before, after) else ""


def _is_condition(run: Run, before: str, after: str) -> bool:
    """A bounded amount that only stands near a verb: 对投资额达到5000万元的给予补助."""
    return _bounded(run) and not VERB_BEFORE.search(before) and not _OBTAINS.search(before)


def _by_then_kind(before: str, after: str) -> bool:
    """按照每立方米100元给予补助: 按 in front and a kind of benefit behind, with no other value between."""
    ceiling = rf"(?:、?{CAP_WORD}[^¤٪,]{{0,8}}¤+)?"
    kind = rf"[^¤٪,]{{0,30}}?(?:{GIVE}|{KIND_NOUN.pattern})"
    return bool(BY.search(before)) and bool(re.match(ceiling + kind, after))


def _bare(before: str, after: str) -> bool:
    return (bool(_BARE_TAIL.match(after)) and not _NOT_PAID.search(before) and 0 < len(before) <= 60) or (
        not before and not after
    )


def _bounded(run: Run) -> bool:
    return any(q.op is not None or q.upper is not None for q in run)
