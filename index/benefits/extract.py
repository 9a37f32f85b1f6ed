"""Benefits of a policy, read from its clauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from index.benefits.drafts import Draft, Lead
from index.benefits.marked import Marked, Span, mark
from index.benefits.reader import ClauseReader, heading_lead
from index.benefits.recipients import Share, share_out
from index.benefits.tables import Table, read_table
from index.models import Benefit, Clause, ClausePath, PolicyFacts
from index.quantities import Quantity

_PARAGRAPH = re.compile(r"\.p\d+$")
_RELEVANT = re.compile(r"[奖补资助贴返减免征扶持支激励惠额度%％万亿元费金]|发放|[付发]给")


def extract(clauses: Sequence[Clause], facts: PolicyFacts) -> tuple[Benefit, ...]:
    """The subsidy rules that `clauses` state, in the order of the text; one object per beneficiary level or tier.

    Goals, statistics, fines and money set aside for a fund are no benefits. Where a list of amounts cannot be
    paired with the beneficiaries, one benefit without an amount keeps the whole quote. `facts` is not needed to
    read a rule and decides nothing.
    """
    del facts
    return _Extraction(clauses).run()


class _Extraction:
    """State of one run: leads and statements by the path of their clause."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self._clauses = clauses
        self._parents = {clause.path.rpartition(".")[0] for clause in clauses}
        self._leads: dict[ClausePath, Lead] = {}
        self._limits: list[str] = []

    def run(self) -> tuple[Benefit, ...]:
        """Read every clause; a paragraph that only caps the items before it (第三条后款) completes them."""
        found: list[Benefit] = []
        for clause in self._clauses:
            benefits = self._clause(clause)
            if not self._limits_items(clause, benefits, found):
                found += benefits
        return tuple(self._with_items(found))

    def _limits_items(self, clause: Clause, benefits: list[Benefit], found: list[Benefit]) -> bool:
        """Complete the items before the paragraph `clause`; False where it is no paragraph that only limits."""
        if not _PARAGRAPH.search(clause.path) or not (benefits or self._limits):
            return False
        items = [at for at, one in enumerate(found) if _is_item(one.path, clause.path)]
        if not items or not all(_only_caps(benefit) for benefit in benefits):
            return False
        for at in items:
            found[at] = _capped(found[at], benefits[0].cap if benefits else None, clause)
        return True

    def _with_items(self, found: list[Benefit]) -> list[Benefit]:
        """对下列企业给予10万元奖励: items that state nothing of their own are conditions of what announces them."""
        stating = {benefit.path for benefit in found}
        items: dict[ClausePath, list[str]] = {}
        for clause in self._clauses:
            if clause.path not in stating:
                items.setdefault(clause.path.rpartition(".")[0], []).append(clause.text.strip("。；;\n"))
        last = {benefit.path: at for at, benefit in enumerate(found)}
        for path, at in last.items():
            if path in self._leads and path in items:
                words = "；".join(part for part in (found[at].condition, *items[path]) if part)
                found[at] = replace(found[at], condition=words)
        return found

    def _clause(self, clause: Clause) -> list[Benefit]:
        self._limits = []
        if not _RELEVANT.search(clause.text):
            return []
        lead = self._leads.get(clause.path.rpartition(".")[0]) or self._heading(clause)
        table = read_table(clause, lead)
        marked = mark(clause, without=table.span if table else None)
        reader = ClauseReader(
            marked, start=_start(clause), lead=lead, introduces=bool(table) or clause.path in self._parents
        )
        drafts = reader.read()
        self._limits = reader.limits
        if reader.closing is not None:
            self._leads[clause.path] = reader.closing
            table = read_table(clause, reader.closing) if table else None
        found = [benefit for draft in drafts for benefit in _benefits(clause, marked, draft)]
        return [*found, *(_of_table(clause, table) if table else ())]

    def _heading(self, clause: Clause) -> Lead:
        own = heading_lead(clause.heading)
        return own if own.kind else heading_lead(clause.trail[-1] if clause.trail else None)


def _of_table(clause: Clause, table: Table) -> list[Benefit]:
    """The benefits of a table, those in its sentences included."""
    found = list(table.benefits)
    for span, lead in table.prose:
        marked = mark(clause, only=span)
        drafts = ClauseReader(marked, start=0, lead=lead, introduces=False).read()
        found += [benefit for draft in drafts for benefit in _benefits(clause, marked, draft)]
    return found


def _only_caps(benefit: Benefit) -> bool:
    return benefit.amount is None and benefit.rate is None and benefit.cap is not None


def _is_item(path: ClausePath, paragraph: ClausePath) -> bool:
    """Whether `path` is an item of the article that `paragraph` (3.p2) belongs to."""
    return path.startswith(f"{paragraph.rpartition('.')[0]}.") and ".p" not in path


def _capped(benefit: Benefit, limit: float | None, clause: Clause) -> Benefit:
    """`benefit` under the ceiling of a following paragraph, whose words become a condition."""
    condition = "；".join(part for part in (benefit.condition, clause.text.strip("。；")) if part)
    pays_by_measure = benefit.rate is not None or benefit.base is not None
    cap = limit if benefit.cap is None and pays_by_measure else benefit.cap
    return replace(benefit, cap=cap, condition=condition)


def _start(clause: Clause) -> int:
    """Behind a heading that is set off by brackets or a line end."""
    heading = clause.heading or ""
    return len(heading) if heading[-1:] in ")）】]" or clause.text[len(heading) : len(heading) + 1] == "\n" else 0


def _benefits(clause: Clause, marked: Marked, draft: Draft) -> list[Benefit]:
    quote = marked.quote(clause, Span(draft.start, draft.end)).strip()
    shares = share_out(marked, draft)
    return [_benefit(clause, quote, draft, share) for share in shares if share.beneficiary or draft.valued]


def _benefit(clause: Clause, quote: str, draft: Draft, share: Share) -> Benefit:
    conditions = [c.strip("，,、；;。:： ") for c in draft.conditions]
    if not share.shared_out:
        conditions.append("金额与对象未能逐一对应，以原文为准")
    threshold = share.threshold
    amount, cap = _number(share.amount), _number(share.cap)
    if share.amount is not None and share.amount.upper is not None:  # 3—10万元: no fixed amount
        amount, cap = None, cap or float(share.amount.upper)
    rate = draft.share if draft.share is not None else share.rate.value if share.rate else None
    return Benefit(
        path=clause.path,
        beneficiary=share.beneficiary or clause.heading or "",
        kind=draft.kind,
        quote=quote,
        condition="；".join(dict.fromkeys(c for c in conditions if c)) or None,
        amount=amount,
        rate=None if rate is None else float(rate),
        base=draft.base or draft.each,
        cap=cap,
        threshold=draft.bound
        if threshold is None
        else {"metric": threshold.metric, "op": threshold.op.value, "value": float(threshold.value.value)},
        period=draft.period,
    )


def _number(quantity: Quantity | None) -> float | None:
    """An amount in 元; None for other currencies."""
    return None if quantity is None or quantity.unit != "元" else float(quantity.value)
