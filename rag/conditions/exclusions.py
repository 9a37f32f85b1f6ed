"""Sentences of a policy that shut somebody out (不适用, 不予, 不在…之列) or free from a requirement (不受…限制).

They stand anywhere in a policy, in lists, under a heading or alone; the one that names what the question is about
decides it. Not meant are sentences on grants that do not add up (不重复享受): `rag.conditions.stacking` reads those.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from index.models import Clause, ClausePath, PolicyId
from rag.benefit_at import BenefitAt
from rag.conditions.barring import (
    barred_items,
    ended_in,
    freed_in,
    is_general,
    listed_in,
    names_items,
    only_for,
    shut_out_by,
)
from rag.conditions.fits import agrees
from rag.conditions.pieces import bounds
from rag.conditions.requiring import is_about_applicants, is_requirement, lists_conditions
from rag.conditions.said import ENOUGH, as_policies_say, began_this_year, covered
from rag.sentences import split_sentences
from rag.situation import Situation
from rag.verify import Quote

_ABSENT = re.compile(
    r"(?:^|(?<=[，,、；;且]))(?P<who>[^，,、；;。]{0,16}?)(?:没有|未发生|未曾|未(?=[处列纳被因受])|无(?![形线人偿锡]))(?P<what>[^，,；;。]{3,24})"
)
_SURE = 0.7
_HALF = 0.5
"""The same as `_SURE` for what must not be, in the clause that most probably answers."""
_SOME = 0.3
"""The share of `ENOUGH` in the clause that most probably answers."""
_NEAR, _AGREES = 0.1, 0.3
"""What a sentence beside the rule, and one whose bound the enterprise's figure is within, count more."""
_NEW = re.compile(r"新(?:设立|成立|注册|登记|开办|创办)|(?:成立|注册|设立|开业|登记)[^，,。]{0,8}?(?:未满|不满|不足)")
_LATELY = re.compile(r"(?:个月|年)(?:以|之)?内")
_ONLY_IF = re.compile(r"只有(?P<who>[^，,。；;]{2,20}?)[，,]?(?:才|方)[能可]")
_STILL_OPEN = re.compile(r"(?:尚|仍|还)?(?:未|没有)(?:按[^，,]{1,8})?(?P<done>[\u4e00-\u9fff]{2,4}?)(?:完毕|完成)?的?$")
_OTHERWISE = re.compile("[，,](?:或者|或|也可以?|亦可)")
_PART = re.compile("[。；;\n]")
_PIECE = re.compile(r"[，,、]|且|并(?=[未在已])")
_DENIES = re.compile(r"没(?!问题)|未|不是|不在|不属于|无")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A sentence that decides a question.

    Attributes:
        quotes: the sentence, behind the lead that announces it where it is an item of a list.
        frees: it waives a requirement; else it shuts out.
        fit: share (0..1) of its naming words that the question has, with what its place adds.
        requires: it says what must be so, and the question that it is not.
    """

    quotes: tuple[Quote, ...]
    frees: bool
    fit: float
    requires: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked, and of which policy.

    Attributes:
        asked: the question with the words of policies behind its own.
        own: words of the rules, which do not tell a sentence apart.
        paths: of the rules.
        likely: clauses that answer most probably; of their sentences fewer words are asked for.
    """

    asked: str
    clauses: Sequence[Clause]
    policy_id: PolicyId
    own: str = ""
    paths: tuple[ClausePath, ...] = ()
    likely: Collection[ClausePath] = ()
    situation: Situation = field(default_factory=Situation)


def ruling(
    asked: str,
    clauses: Sequence[Clause],
    policy_id: PolicyId,
    rules: Sequence[BenefitAt],
    *,
    likely: Collection[ClausePath] = (),
    situation: Situation | None = None,
) -> Ruling | None:
    """The sentence of a policy that shuts out or frees what the question names; None where none does.

    Args:
        asked: the question, in simplified characters.
        clauses: of the policy, in order.
        rules: benefits that the question is about; words they share with a sentence do not tell it apart.
        likely: clauses that answer most probably; of their sentences fewer words are asked for.
        situation: what the enterprise says of itself; its figures are held against the bounds of a sentence.
    """
    own = "".join(f"{at.benefit.beneficiary}{at.benefit.quote}" for at in rules)
    paths = tuple(at.clause.path for at in rules if at.policy_id == policy_id)
    case = _Case(as_policies_say(asked), clauses, policy_id, own, paths, likely, situation or Situation())
    found = [*_sentences(case), *_items(case), *_absent(case), *_lacking(case)]
    return max(found, key=lambda one: one.fit, default=None)


def _sentences(case: _Case) -> Iterator[Ruling]:
    for clause in case.clauses:
        beside = any(_near(clause.path, path) for path in case.paths)
        likely = clause.path in case.likely
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if listed_in(text) is not None:
                continue
            quote = Quote(case.policy_id, clause, sentence.start, sentence.end)
            for part in filter(None, _PART.split(text)):
                fit, frees = _fit(part, case, near=beside or likely)
                least = _SOME if likely else _HALF if beside and frees else ENOUGH
                if fit >= least:
                    yield Ruling((quote,), frees, fit + _NEAR * beside)


def ended(asked: str, clauses: Sequence[Clause], policy_id: PolicyId) -> Quote | None:
    """The sentence that gives no more what the question names: 取消国内授权资助; None where none does."""
    for clause in clauses:
        for sentence in split_sentences(clause):
            named = ended_in(clause.text[sentence.start : sentence.end])
            if named and covered(named, as_policies_say(asked)) >= 1.0:
                return Quote(policy_id, clause, sentence.start, sentence.end)
    return None


def _near(path: str, rule: str) -> bool:
    """Whether a clause is the rule's own, or one beside it in the same article."""
    top = rule.rpartition(".")[0]
    return path in (rule, top) or (bool(top) and path.rpartition(".")[0] == top)


def _fit(part: str, case: _Case, *, near: bool) -> tuple[float, bool]:
    """How far the question names whom a part of a sentence shuts out or frees, and whether it frees."""
    freed = freed_in(part)
    if freed is not None:
        premise = max(_kept(one, case) for one in freed.premises)
        matter = max(covered(freed.matter, case.asked), ENOUGH if freed.matter[:2] in case.asked else 0.0)
        return min(premise, 1.0 if freed.of_items else matter), True
    only = only_for(part)
    if only is not None:
        if covered(only.matter, case.asked) >= ENOUGH:
            return 0.0, False
        return max(covered(one, case.asked, case.own) for one in only.who), False
    if ended_in(part):
        # The rest of it may go on: all that is named has to be meant.
        return float(covered(ended_in(part), case.asked) >= 1.0), False
    near = near or names_items(part)
    who = shut_out_by(part, near=near)
    if who is None:
        return 0.0, False
    whole = "".join(who)
    if not near and not is_general(part) and covered(whole, case.asked) < 1.0:
        return 0.0, False
    return max((_checked(covered(one, case.asked, case.own), one, case) for one in who), default=0.0), False


def _kept(premise: str, case: _Case) -> float:
    """How far the question says to be whom a waiver is for; little where its bound is open."""
    if _NEW.search(premise) and began_this_year(case.asked):
        return 1.0
    fit = _checked(covered(premise, case.asked), premise, case)
    within = agrees(premise, case.situation, case.asked)
    unknown = bounds(premise) and within is None and not _LATELY.search(premise)
    return fit * _HALF if unknown else fit


def _checked(fit: float, named: str, case: _Case) -> float:
    """The share, raised where a figure lies within the bound that the words state, none where it does not."""
    if fit <= 0:
        return 0.0
    within = agrees(named, case.situation, case.asked)
    return fit if within is None else fit + _AGREES * (fit >= _SOME) if within else 0.0


def _items(case: _Case) -> Iterator[Ruling]:
    """Items of a list that is announced by 有下列情形之一的，不予补贴, or by a heading (不予受理的情形)."""
    for lead, items in barred_items(case.clauses, case.policy_id):
        for item in items:
            fit = _checked(covered(item.text, case.asked, case.own), item.text, case)
            fit, done = _while_open(item.text, case) or (fit, False)
            if fit >= (_SOME if item.clause.path in case.likely else ENOUGH):
                near = _NEAR * (item.clause.path in case.likely)
                yield Ruling((lead, item) if lead is not None else (item,), done, fit + near)


def _while_open(item: str, case: _Case) -> tuple[float, bool] | None:
    """How far a question names a case that bars while something is not done (且未撤回), and whether it says it is done.

    None where it says neither.
    """
    *parts, last = re.split("[，,且]", item.rstrip("；;。 \n"))
    match = _STILL_OPEN.search(last)
    if match is None or not parts:
        return None
    deed = rf"(?:{match['done']}|{match['done'][-1]})"
    not_done = re.search(rf"[没未][^，,。；;]{{0,4}}{deed}", case.asked)
    done = re.search(rf"(?:已经?|[都全早就]|刚刚?)[^，,。；;]{{0,4}}{deed}|{deed}[完清掉好]?了", case.asked)
    if not_done is None and done is None:
        return None
    fit = max(covered(part, case.asked, case.own) for part in parts)
    return fit + _AGREES * (fit >= ENOUGH), not_done is None


def _absent(case: _Case) -> Iterator[Ruling]:
    """What whoever applies must not have (无重大投诉), where the question says to have it."""
    for quote in _required(case):
        for match in _ABSENT.finditer(quote.text):
            what = f"{match['who'] or ''}{match['what']}"
            fit = _checked(covered(what, case.asked), what, case)
            if fit >= (_HALF if quote.clause.path in case.likely else _SURE):
                yield Ruling((quote,), False, fit, requires=True)


def _lacking(case: _Case) -> Iterator[Ruling]:
    """What whoever applies must have (须先列入培育库), where the question says not to have it."""
    if not _DENIES.search(case.asked):
        return
    for quote in _required(case):
        if _OTHERWISE.search(quote.text):
            continue  # what is lacking may be made up for
        only = _ONLY_IF.search(quote.text)
        for piece in [only["who"]] if only is not None else _PIECE.split(quote.text):
            if _ABSENT.search(piece):
                continue
            fit = covered(piece, case.asked, case.own, denied=True)
            if fit >= (ENOUGH if quote.clause.path in case.likely else _SURE):
                yield Ruling((quote,), False, fit, requires=only is None)


def _required(case: _Case) -> Iterator[Quote]:
    """Sentences that require something of whoever applies, and items of lists that do."""
    for clause in case.clauses:
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if shut_out_by(text) is not None:
                continue
            if (
                is_requirement(text)
                or _ONLY_IF.search(text)
                or is_about_applicants(clause)
                or _in_list(clause, case.clauses)
            ):
                yield Quote(case.policy_id, clause, sentence.start, sentence.end)


def _in_list(clause: Clause, clauses: Sequence[Clause]) -> bool:
    parent = clause.path.rpartition(".")[0]
    return any(other.path == parent and lists_conditions(other.text) for other in clauses)
