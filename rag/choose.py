"""Which of the benefits in the judged clauses a question is about, and at which level."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.benefits import supporting_paths
from index.models import Benefit, Clause, ClausePath, PolicyId
from index.store import IndexReader
from rag.abbreviated import names_by_short_form, short_forms
from rag.benefit_at import BenefitAt
from rag.conditions.metrics import metric_of
from rag.judge import Judged
from rag.subject import Subject, levels_in
from rag.terms import Term, TermWeights, content_terms, coverage
from rag.understand import Question, Want

CLAUSES = 10
"""Judged clauses whose benefits are compared."""
ENOUGH = 0.38
"""Fit (0..1) from which on a benefit is about the question's subject."""
CLOSE = 0.08
"""How far below the best one another benefit of the clause may fit and still be meant."""
LIKELY = 0.2
"""What a clause's logarithm behind the likeliest candidate counts in the order of benefits."""
UNLIKELY = 1.0
"""How far behind the likeliest clause, as a logarithm, a clause's benefits are still told."""
ELSEWHERE = 0.04
"""The same for a benefit of another policy."""
_ANNOUNCED = re.compile(r"按照?(?:[下附]表|(?:下列|以下|如下)标准)")
_EVERY = re.compile(r"几[档级类]|分别|各(?:是|为|给|补|奖|有)?多少|都(?:是)?多少|怎么分|哪几")
_PARAGRAPH = re.compile(r"\.p\d+$")
_MEASURED = 0.3
"""Added to the fit of a benefit whose threshold or base the question gives the size of."""
_SHORT_FORM = 0.15
"""Added to the fit of a benefit that names what a word of the question may be short for."""
NAMED = 0.75
"""Share of a phrase of the question that names a benefit of its own where several things are asked at once."""
HEADING = 40
"""Longest text of a section's own that is its heading."""
NAMED_SECTION = 0.6
"""Share of the subject that a section's heading covers when a list of what it gives is asked for."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A benefit with how well (0..1) it fits the question's subject.

    Attributes:
        relevance, around: relevance and coverage (0..1) of its clause.
        behind: of its clause, see `Judged`.
    """

    at: BenefitAt
    fit: float
    relevance: float
    around: float = 0.0
    behind: float = 0.0

    @property
    def score(self) -> float:
        """What benefits are ordered by: their own fit, then that of their clause."""
        return self.fit + 0.3 * self.relevance + 0.3 * self.around + LIKELY * self.behind


@dataclass(frozen=True, slots=True)
class Choice:
    """Benefits that a question is about.

    Attributes:
        benefits: at the level asked for, the best clause's first, within a clause in the order of the text.
        other_levels: about the subject, where there are none at the level asked for.
        fit: of the best benefit (0..1).
    """

    benefits: tuple[BenefitAt, ...] = ()
    other_levels: tuple[BenefitAt, ...] = ()
    fit: float = 0.0


def choose_benefits(
    reader: IndexReader, judged: Sequence[Judged], question: Question, subject: Subject, weights: TermWeights
) -> Choice:
    """The benefits of the judged clauses that `question` is about; none where it is about something else."""
    shorts = short_forms(subject)
    subject = subject.familiar
    section = _section(reader, judged, subject) if Want.LIST in question.wants and judged else ()
    if len({at.clause.path for at in section}) > 1:
        return Choice(section, fit=1.0)
    # Sums over sets differ in their last digits from one run to the next.
    fits = sorted(_fits(reader, judged, question, subject, weights, shorts), key=lambda fit: -round(fit.score, 9))
    if not fits or fits[0].fit < ENOUGH:
        return Choice()
    wanted = frozenset(question.levels) or levels_in(question.focus or question.text)
    parent, _, _ = fits[0].at.clause.path.rpartition(".")
    every = asks_all(question)
    near = _near(fits, subject, whole_list=every and introduced(reader, fits[0].at, parent), whole_table=every)
    best = fits[0].fit
    if not wanted:
        return Choice(_in_order(reader, near), fit=best)
    family = [*near, *(fit for fit in fits if fit not in near and _is_level_of(fit, near, subject))]
    exact = _at_levels(family, wanted)
    if exact:
        return Choice(_in_order(reader, exact), fit=best)
    siblings = _listed_at(reader, near[0].at, wanted)
    if siblings:
        return Choice(siblings, fit=best)
    if question.joined and not levels_in(question.asked):
        return Choice(_in_order(reader, near), fit=best)  # the level is that of the question before
    return Choice((), _in_order(reader, near), best)


def likely(choice: Choice, judged: Sequence[Judged]) -> Choice:
    """The choice without benefits of clauses that are much less likely to answer than the likeliest one.

    Items of the likeliest clause's list, and of one whose other items stay, stay.
    """
    behind = {one.item.key: one.behind for one in judged}
    first = judged[0].item
    parent = first.clause.path.rpartition(".")[0]

    def near(at: BenefitAt) -> bool:
        path = at.clause.path
        beside = at.policy_id == first.policy_id and (
            path == parent or path.rpartition(".")[0] in (first.clause.path, parent or None)
        )
        return beside or behind.get((at.policy_id, path), 0.0) >= -UNLIKELY

    def told(benefits: Sequence[BenefitAt]) -> tuple[BenefitAt, ...]:
        close = [at for at in benefits if near(at)]
        return tuple(at for at in benefits if at in close or any(_sibling(at, other) for other in close))

    kept = told(choice.benefits)
    return Choice(kept, told(choice.other_levels), choice.fit if kept else 0.0)


def _fits(
    reader: IndexReader,
    judged: Sequence[Judged],
    question: Question,
    subject: Subject,
    weights: TermWeights,
    shorts: Sequence[str] = (),
) -> Iterator[Fit]:
    paragraphs = {
        (one.item.policy_id, above): one.behind
        for one in judged[::-1]
        if (above := _PARAGRAPH.sub("", one.item.clause.path)) != one.item.clause.path
    }
    for one in _with_items(reader, judged[:CLAUSES]):
        item = one.item
        # The paragraph behind the items of an article (安家费分5年发放) is about them.
        behind = max(one.behind, paragraphs.get((item.policy_id, item.clause.path.rpartition(".")[0]), one.behind))
        covered = subject.cover(f"{item.context}\n{item.clause.text}")
        for benefit in benefits_by_path(reader, item.policy_id).get(item.clause.path, ()):
            at = BenefitAt(item.policy_id, item.clause, benefit)
            around = f"{item.context}\n{item.clause.heading or ''}"
            fit = benefit_fit(benefit, around, question, subject, weights)
            if names_by_short_form(shorts, f"{benefit.beneficiary}{benefit.quote}"):
                fit = min(1.0, fit + _SHORT_FORM)
            yield Fit(at, fit, one.relevance, covered, behind)


def _with_items(reader: IndexReader, judged: Sequence[Judged]) -> Iterator[Judged]:
    """The clauses, and the items of a list whose lead or closing paragraph is the likeliest of them.

    落户奖励分三年按40%、30%、30%的比例拨付: the sums stand in the items, which do not name what they are for.
    """
    yield from judged
    if not judged:
        return
    first = judged[0].item
    path = first.clause.path
    lead = path.rpartition(".")[0] if _PARAGRAPH.search(path) else path
    known = {one.item.key for one in judged}
    above = reader.clause(first.policy_id, lead) if lead else None
    if above is None or not above.text.rstrip().endswith(("：", ":")):
        return
    for clause in reader.clauses(first.policy_id):
        if clause.path.rpartition(".")[0] == lead and (first.policy_id, clause.path) not in known:
            context = f"{first.context}\n{above.text}"
            yield replace(judged[0], item=replace(first, clause=clause, context=context, named=False))


def benefit_fit(benefit: Benefit, around: str, question: Question, subject: Subject, weights: TermWeights) -> float:
    """How far benefit and question name the same: what is named must be in the benefit, and the other way round."""
    metric = str((benefit.threshold or {}).get("metric", ""))
    measured = _MEASURED if _is_measured(benefit, question) else 0.0
    own = f"{benefit.beneficiary} {benefit.base or ''} {metric} {benefit.kind}"
    line = f"{own} {benefit.quote} {benefit.condition or ''}"
    forward = 0.5 * subject.cover(own) + 0.5 * subject.cover(f"{around}\n{line}")
    return min(1.0, 0.75 * forward + 0.25 * _named(benefit.beneficiary, question.text, weights) + measured)


def _is_measured(benefit: Benefit, question: Question) -> bool:
    """Whether the question gives the size that a benefit depends on: 营收 for a threshold of 营业收入."""
    words = [str((benefit.threshold or {}).get("metric", "")), benefit.base or ""]
    concepts = {metric_of(word).concept for word in words if word} - {None}
    return any(metric_of(measure.metric).concept in concepts for measure in question.situation.measures)


def _named(beneficiary: str, asked: str, weights: TermWeights) -> float:
    """Share of a beneficiary's own naming words that the question has."""
    return coverage(weights.weights(_own_terms(beneficiary)), asked)


@lru_cache(maxsize=4096)
def _own_terms(beneficiary: str) -> tuple[Term, ...]:
    return tuple(term for term in content_terms(beneficiary) if not term.weak)


def _at_levels(family: Sequence[Fit], wanted: frozenset[str]) -> list[Fit]:
    """Of each rule the benefits at the levels `wanted`; all of a rule that knows no levels, where another one does."""
    exact: list[Fit] = []
    plain: list[Fit] = []
    for fit in family:
        levels = benefit_levels(fit.at.benefit)
        rule = [other for other in family if _same_rule(other, fit)]
        if levels & wanted:
            exact.append(fit)
        elif not any(benefit_levels(other.at.benefit) for other in rule):
            plain.append(fit)
    return [fit for fit in family if fit in exact or fit in plain]


def asks_all(question: Question) -> bool:
    """Whether every tier of a rule is asked for: 分几档, 分别多少, 有哪些."""
    return Want.LIST in question.wants or bool(_EVERY.search(question.focus or question.text))


def _near(fits: Sequence[Fit], subject: Subject, *, whole_list: bool, whole_table: bool) -> list[Fit]:
    """The best benefit, those of its clause that fit as well, and those that cover what these leave open.

    With `whole_list`, also the other items of the list that the best one belongs to; with `whole_table`, all rows.
    """
    best = fits[0]
    near = [fit for fit in fits if _belongs(fit, best) or (whole_list and _sibling(fit.at, best.at))]
    near += [fit for fit in fits if whole_table and fit not in near and _in_one_table(fit.at, best.at)]
    if not any(_states_value(fit.at.benefit) for fit in near):
        # 给予补助,每箱补助35元: the sentence that announces a benefit also says how much.
        rules = [fit for fit in fits if fit not in near and any(_same_rule(fit, other) for other in near)]
        near += [fit for fit in rules if _states_value(fit.at.benefit)] or _in_table(fits, near)
    for phrase in subject.phrases:
        part = subject.part(phrase)
        if any(part.cover(fit.at.benefit.beneficiary) >= NAMED for fit in near):
            continue
        for fit in fits:
            if fit not in near and part.cover(fit.at.benefit.beneficiary) >= NAMED:
                near += [other for other in fits if other not in near and _same_rule(other, fit)]
                break
    return near


def _in_table(fits: Sequence[Fit], near: Sequence[Fit]) -> list[Fit]:
    """The rows of the table that an announcement points to (按下表给予补贴)."""
    places = {(fit.at.policy_id, fit.at.clause.path) for fit in near if _ANNOUNCED.search(fit.at.benefit.quote)}
    rows = [fit for fit in fits if (fit.at.policy_id, fit.at.clause.path) in places and fit not in near]
    return [fit for fit in rows if _states_value(fit.at.benefit) and "\t" in fit.at.benefit.quote]


def _section(reader: IndexReader, judged: Sequence[Judged], subject: Subject) -> tuple[BenefitAt, ...]:
    """The benefits of the section that the likeliest clause stands in, where its heading says what is asked about."""
    item = judged[0].item
    parent = item.clause.path.rpartition(".")[0]
    above = reader.clause(item.policy_id, parent) if parent else None
    headings = [*item.clause.trail[-1:], above.text if above is not None and len(above.text) <= HEADING else ""]
    if not parent or subject.cover(" ".join(headings)) < NAMED_SECTION:
        return ()
    found: list[BenefitAt] = []
    for path, benefits in benefits_by_path(reader, item.policy_id).items():
        clause = reader.clause(item.policy_id, path)
        if clause is not None and path.rpartition(".")[0] == parent:
            found += [benefit_at(reader, item.policy_id, clause, benefit) for benefit in benefits]
    return tuple(found)


def _states_value(benefit: Benefit) -> bool:
    """Whether a benefit has a sum, a share or a ceiling."""
    return benefit.amount is not None or benefit.rate is not None or benefit.cap is not None


def _belongs(fit: Fit, best: Fit) -> bool:
    if fit.at.policy_id == best.at.policy_id and fit.at.clause.path == best.at.clause.path:
        return fit.fit >= best.fit - CLOSE
    margin = CLOSE if _sibling(fit.at, best.at) else ELSEWHERE
    return fit.fit >= best.fit - margin and fit.relevance >= best.relevance - margin


def _sibling(one: BenefitAt, other: BenefitAt) -> bool:
    """Whether two benefits are items of one list."""
    parent, _, _ = one.clause.path.rpartition(".")
    return one.policy_id == other.policy_id and bool(parent) and parent == other.clause.path.rpartition(".")[0]


def _in_one_table(one: BenefitAt, other: BenefitAt) -> bool:
    """Whether two benefits are rows of the tables of one clause."""
    place = (one.policy_id, one.clause.path) == (other.policy_id, other.clause.path)
    return place and "\t" in one.benefit.quote and "\t" in other.benefit.quote


def _same_rule(one: Fit, other: Fit) -> bool:
    """Whether two benefits are levels of one rule: read from the same words of the same clause."""
    return _same_clause(one, other) and one.at.benefit.quote == other.at.benefit.quote


def _same_clause(one: Fit, other: Fit) -> bool:
    return one.at.policy_id == other.at.policy_id and one.at.clause.path == other.at.clause.path


def _listed_at(reader: IndexReader, at: BenefitAt, wanted: frozenset[str]) -> tuple[BenefitAt, ...]:
    """The items at the levels `wanted` of the list that a benefit is an item of."""
    parent, _, _ = at.clause.path.rpartition(".")
    found = []
    for path, benefits in benefits_by_path(reader, at.policy_id).items():
        clause = reader.clause(at.policy_id, path)
        if clause is not None and parent and path.rpartition(".")[0] == parent and at.clause.trail == clause.trail:
            found += [benefit_at(reader, at.policy_id, clause, b) for b in benefits if benefit_levels(b) & wanted]
    return tuple(found) if at.also or introduced(reader, at, parent) else ()


def introduced(reader: IndexReader, at: BenefitAt, parent: ClausePath) -> bool:
    """Whether the clause above introduces its items with a colon."""
    lead = reader.clause(at.policy_id, parent) if parent else None
    return lead is not None and lead.text.rstrip().endswith(("：", ":"))


def _is_level_of(fit: Fit, near: Sequence[Fit], subject: Subject) -> bool:
    """Whether a benefit is another level of one of `near`: of its clause, and named by the same phrase.

    市级特色楼宇奖励30万元;获评省级特色楼宇的再给予20万元: rules of their own, that differ by the level they name.
    """
    levels = benefit_levels(fit.at.benefit)
    beside = [other for other in near if _same_clause(fit, other)]
    if not any(_same_rule(fit, other) or (levels and benefit_levels(other.at.benefit)) for other in beside):
        return False
    named = [subject.part(phrase).cover(fit.at.benefit.beneficiary) for phrase in subject.phrases]
    return max(named, default=0.0) >= NAMED


def _in_order(reader: IndexReader, fits: Sequence[Fit]) -> tuple[BenefitAt, ...]:
    """Clause by clause, the best clause first; within a clause as they stand in the text."""
    clauses = dict.fromkeys((fit.at.policy_id, fit.at.clause.path) for fit in fits)
    ordered = []
    for key in clauses:
        own = [fit.at for fit in fits if (fit.at.policy_id, fit.at.clause.path) == key]
        ordered += sorted(own, key=lambda at: at.clause.text.find(at.benefit.quote))
    return tuple(benefit_at(reader, at.policy_id, at.clause, at.benefit) for at in ordered)


def benefit_levels(benefit: Benefit) -> frozenset[str]:
    """Administrative levels that a benefit is for: those the last part of its beneficiary names.

    经省级认定的首台（套）项目，国内首台（套）: the level that tells it from its neighbours stands last.
    """
    parts = [levels_in(part) for part in re.split("[，,]", benefit.beneficiary)]
    return next((levels for levels in reversed(parts) if levels), frozenset())


def stated_in(reader: IndexReader, policy_id: PolicyId, clause: Clause, start: int, end: int) -> Choice:
    """The benefits that a range of a clause's text states."""
    found = [
        benefit
        for benefit in benefits_by_path(reader, policy_id).get(clause.path, ())
        if 0 <= (at := clause.text.find(benefit.quote)) < end and at + len(benefit.quote) > start
    ]
    return Choice(tuple(benefit_at(reader, policy_id, clause, benefit) for benefit in found))


def benefits_by_path(reader: IndexReader, policy_id: PolicyId) -> Mapping[ClausePath, tuple[Benefit, ...]]:
    """Benefits of a policy by the path of their clause."""
    found: dict[ClausePath, tuple[Benefit, ...]] = {}
    for benefit in reader.policy(policy_id).best.benefits:
        found[benefit.path] = (*found.get(benefit.path, ()), benefit)
    return found


def benefit_at(reader: IndexReader, policy_id: PolicyId, clause: Clause, benefit: Benefit) -> BenefitAt:
    """A benefit with its clause and the clauses it rests on beside it."""
    clauses = (reader.clause(policy_id, path) for path in supporting_paths(benefit, reader.clauses(policy_id)))
    return BenefitAt(policy_id, clause, benefit, tuple(other for other in clauses if other is not None))
