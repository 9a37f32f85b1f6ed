"""Benefits of a policy, read from its clauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.benefits.drafts import Draft, Lead
from index.benefits.leads import heading_lead
from index.benefits.marked import Marked, Span, mark
from index.benefits.reader import ClauseReader
from index.benefits.recipients import Share, share_out, stated
from index.benefits.tables import Table, read_table
from index.benefits.vocabulary import MODIFIES
from index.clean.characters import shape_of
from index.models import Benefit, Clause, ClausePath, PolicyFacts
from index.quantities import Quantity

_PARAGRAPH = re.compile(r"\.p\d+$")
_ANNOUNCES = re.compile(r"[下附]表|[列如]下|以下|见表")
_LIMITS = re.compile(r"最高|不超过|上限|封顶|为限")
_RELEVANT = re.compile(r"[奖补资助贴返减免征扶持支激励惠额度%％万亿元费金]|发放|[付发]给|待遇|一事一议|一企一策")


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
        self._ceilings: list[Quantity] = []

    def run(self) -> tuple[Benefit, ...]:
        """Read every clause; a paragraph behind items completes them."""
        found: list[Benefit] = []
        for clause in self._clauses:
            benefits = self._clause(clause)
            found += self._beside_items(clause, benefits, found)
        return tuple(self._with_items(found))

    def _beside_items(self, clause: Clause, benefits: list[Benefit], found: list[Benefit]) -> list[Benefit]:
        """The benefits of `clause` itself; a paragraph behind items (第三条后款) gives them its ceilings and limits."""
        items = [at for at, one in enumerate(found) if _is_item(one.path, clause.path)]
        if not _PARAGRAPH.search(clause.path) or not items:
            return benefits
        caps = [one for one in benefits if _only_caps(one)]
        own = [one for one in benefits if not _only_caps(one)]
        limits = [*(float(q.value) for q in self._ceilings), *(one.cap for one in caps if one.cap is not None)]
        said = [words for words in re.findall(r"[^。\n]+", clause.text) if _completes(words, own)]
        if limits or self._limits:
            said = said or self._limits or [clause.text.strip("。；")]
        for at in items if said else ():
            found[at] = _completed(found[at], limits[0] if limits else None, said)
        return own

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
        self._limits, self._ceilings = [], []
        if not _RELEVANT.search(clause.text):
            return []
        lead = self._leads.get(clause.path.rpartition(".")[0]) or self._heading(clause)
        if lead.refuses and not _PARAGRAPH.search(clause.path):
            return []
        table = read_table(clause, lead)
        marked = mark(clause, without=table.span if table else None)
        reader = ClauseReader(
            marked,
            start=_start(clause),
            lead=lead,
            introduces=bool(table) or clause.path in self._parents,
            follows=bool(_PARAGRAPH.search(clause.path)),
        )
        reader.read()
        self._limits, self._ceilings = reader.limits, reader.ceilings
        announced = reader.announced(marked.index_of(table.span.start)) if table else None
        named = _benefits(clause, marked, announced, unvalued=True) if announced else []
        if reader.closing is not None:
            self._leads[clause.path] = reader.closing
        if table and (reader.closing or named):
            table = read_table(clause, reader.closing or Lead(named[0].kind, named[0].beneficiary))
        found = [benefit for draft in reader.drafts for benefit in _benefits(clause, marked, draft)]
        rows = _of_table(clause, table) if table else []
        return [*found, *(_under(row, named[0]) for row in rows)] if named else [*found, *rows]

    def _heading(self, clause: Clause) -> Lead:
        own = heading_lead(clause.heading)
        return own if own.kind else heading_lead(clause.trail[-1] if clause.trail else None)


def _of_table(clause: Clause, table: Table) -> list[Benefit]:
    """The benefits of a table, those in its sentences included."""
    found = list(table.benefits)
    for span, lead, cap in table.prose:
        marked = mark(clause, only=span)
        drafts = ClauseReader(marked, start=0, lead=lead, introduces=False).read()
        stated = [benefit for draft in drafts for benefit in _benefits(clause, marked, draft)]
        found += [_completed(benefit, cap, ()) for benefit in stated]
    return found


def _is_item(path: ClausePath, paragraph: ClausePath) -> bool:
    """Whether `path` is an item of the article that `paragraph` (3.p2) belongs to."""
    return path.startswith(f"{paragraph.rpartition('.')[0]}.") and ".p" not in path


def _only_caps(benefit: Benefit) -> bool:
    return benefit.amount is None and benefit.rate is None and benefit.cap is not None


def _completes(sentence: str, own: Sequence[Benefit]) -> bool:
    """Whether a sentence behind items limits or changes what they pay, and states none of the `own` benefits."""
    if any(benefit.quote in sentence or sentence in benefit.quote for benefit in own):
        return False
    return bool(MODIFIES.search(shape_of(sentence)) or _LIMITS.search(sentence))


def _completed(benefit: Benefit, limit: float | None, said: Sequence[str]) -> Benefit:
    """`benefit` under the ceiling of a following paragraph, and with its sentences as conditions."""
    condition = "；".join(part for part in (benefit.condition, *said) if part)
    pays_by_measure = benefit.rate is not None or benefit.base is not None
    cap = limit if benefit.cap is None and pays_by_measure else benefit.cap
    return replace(benefit, cap=cap, condition=condition)


def _start(clause: Clause) -> int:
    """Behind a heading that is set off by brackets or a line end."""
    heading = clause.heading or ""
    return len(heading) if heading[-1:] in ")）】]" or clause.text[len(heading) : len(heading) + 1] == "\n" else 0


def _benefits(clause: Clause, marked: Marked, draft: Draft, *, unvalued: bool = False) -> list[Benefit]:
    """The benefits of one statement; `unvalued` for one that has no value of its own and announces a table."""
    quote = marked.quote(clause, Span(draft.start, draft.end)).strip()
    shares = share_out(marked, draft)
    return [_benefit(clause, quote, draft, share) for share in shares if share.beneficiary or draft.valued or unvalued]


def _under(row: Benefit, announced: Benefit) -> Benefit:
    """A row of a table under what announces it: 按下表给予补贴,单个企业每年最高1000万元."""
    said = [words for words in (announced.condition or "").split("；") if words and not _ANNOUNCES.search(words)]
    scales = row.rate is not None or row.base is not None
    condition = "；".join(words for words in (row.condition, *said) if words) or None
    period = row.period or announced.period
    return replace(
        row, cap=announced.cap if row.cap is None and scales else row.cap, condition=condition, period=period
    )


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
        threshold=draft.bound if threshold is None else stated(threshold),
        period=draft.period,
    )


def _number(quantity: Quantity | None) -> float | None:
    """An amount in 元; None for other currencies."""
    return None if quantity is None or quantity.unit != "元" else float(quantity.value)
