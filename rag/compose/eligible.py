"""Answers on whether an enterprise is eligible and on what is required, with the verdict first.

In this order: a sentence that shuts out what the question names, or frees it from a requirement; the conditions of the
benefits chosen; a sentence with a requirement that is no benefit's; and where only the conditions are asked for, the
list that states them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from index.models import Clause, PolicyId
from index.store import IndexReader
from rag.asked import figure_check
from rag.benefit_at import BenefitAt
from rag.choose import Choice, benefit_at, benefits_by_path
from rag.compose.deciding import WHETHER, asks_what_follows, draft_decided
from rag.compose.draft import Draft, holds, one_line
from rag.compose.leads import item_meant
from rag.conditions import (
    Eligibility,
    Truth,
    eligibility,
    eligibility_from_sentence,
    general_clauses,
    missed_requirement,
    requirement_sheet,
    words_of,
)
from rag.conditions.barring import freed_in
from rag.conditions.derived import tells_age
from rag.conditions.pieces import bounds
from rag.conditions.said import opposed
from rag.conditions.sheet import general_sheet
from rag.conditions.wording import rule_lines_of
from rag.judge import Judged
from rag.select import rank_sentences
from rag.sentences import split_sentences
from rag.subject import Subject, levels_in
from rag.understand import Question, Want
from rag.verify import Quote

_MAY = re.compile(
    r"(?:能|可以|能够)(?:不能)?[^,，。?？]{0,3}(?:申[请报领]|报|享受)|符合|够格|够条件|条件够|有资格|满足"
)
_HOW_MUCH = re.compile(r"多少|几[个万千百成钱]|多大")
_REQUIRED = re.compile(
    r"条件|门槛|要求|资格|前提|要满足|符合什么|(?:什么样?|哪些|哪种|哪类)的?(?:企业|单位|公司|人|项目|机构|主体)|"
    r"谁(?:能|可以)|怎样才|怎么才|才(?:能|可以|算|给|补|有)|[缴交满]多久"
)
_WHO = re.compile(r"(?:什么样?|哪些|哪种|哪类)的?(?:企业|单位|公司|人|机构|主体)|谁(?:能|可以)|对象")
_OF_OFFICES = frozenset((Want.DEADLINE, Want.MATERIALS, Want.CONTACT, Want.PROCEDURE, Want.PAYMENT, Want.BODY))
_HEAD = re.compile(r"^(?:可以|够|算|符合)[,，。]")
_REQUIREMENTS = 3
"""Best sentences that are looked at for a requirement."""
_LISTS = 6
"""Best sentences that are looked at for a list of conditions."""
_LIST_MARGIN = 0.6
"""How far below the best sentence an item of a list of conditions may score where conditions are asked for."""
_RULES = 2
"""Most rules whose conditions are told together."""
_LINES = 6
"""Most paragraphs of an answer."""


def wants_verdict(question: Question) -> bool:
    """Whether a question asks if something is given, allowed or required, and not how much."""
    asked = question.focus or question.text
    return bool(WHETHER.search(asked)) and not _HOW_MUCH.search(asked)


def asks_whether(question: Question) -> bool:
    """Whether a question asks for a verdict (能不能, 够不够, 算不算) and nothing that only an office can tell."""
    told = _told(question) or not question.wants & _OF_OFFICES
    return (told and WHETHER.search(question.text) is not None and not _HOW_MUCH.search(question.text)) or (
        asks_what_follows(question) and not question.wants
    )


def _asks_may(question: Question) -> bool:
    """Whether it is asked if the enterprise may apply, and not whether there is such a grant."""
    return bool(_MAY.search(question.text))


def _told(question: Question) -> bool:
    """Whether a question says something to judge by."""
    said = question.situation
    return bool(said.measures or said.held or said.denied) or tells_age(question.text)


def draft_eligible(
    reader: IndexReader,
    question: Question,
    choice: Choice,
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
) -> Draft | None:
    """The verdict on whether the enterprise is eligible, or what is required, where that is asked."""
    asked = question.focus or question.text
    if _HOW_MUCH.search(asked) and not _REQUIRED.search(asked):
        return None
    rules = _with_siblings(reader, question, choice.benefits)
    whether = asks_whether(question)
    if whether or WHETHER.search(asked) or Want.CHECK in question.wants:
        draft = draft_decided(reader, question, rules, judged, subject, as_of)
        if draft is not None:
            return draft
    whether = WHETHER.search(question.text) is not None and (_told(question) or not question.wants)
    if not whether and Want.CONDITION not in question.wants:
        return None
    if not whether and _REQUIRED.search(asked):
        required = _conditions(reader, question, rules, judged, subject, as_of)
        if required is not None or not any(at.benefit.threshold for at in rules):
            return required
    return _verdict(reader, question, rules, judged, subject, as_of)


def _with_siblings(reader: IndexReader, question: Question, chosen: Sequence[BenefitAt]) -> tuple[BenefitAt, ...]:
    """The benefits with the other items of their list, where the question does not say which item is meant."""
    if not chosen or question.levels or levels_in(question.text):
        return tuple(chosen)
    first = chosen[0]
    lead = next((o for o in first.also if first.clause.path.rpartition(".")[0] == o.path), None)
    if lead is None or not lead.text.rstrip().endswith(("：", ":")):
        return tuple(chosen)
    beside: list[BenefitAt] = []
    for clause in reader.clauses(first.policy_id):
        if clause.path.rpartition(".")[0] == lead.path:
            stated = benefits_by_path(reader, first.policy_id).get(clause.path, ())
            beside += [benefit_at(reader, first.policy_id, clause, benefit) for benefit in stated]
    shared = "".join(at.benefit.beneficiary for at in beside)
    if any(_names_item(at, beside, question.text) for at in beside) or not shared:
        return tuple(chosen)
    return (*beside, *(at for at in chosen if all(at.benefit is not other.benefit for other in beside)))


def _names_item(at: BenefitAt, beside: Sequence[BenefitAt], asked: str) -> bool:
    """Whether the question has words that only this item of the list has."""
    own = at.benefit.beneficiary
    others = "".join(other.benefit.beneficiary for other in beside if other.benefit.beneficiary != own)
    pairs = {own[i : i + 2] for i in range(len(own) - 1)} - {others[i : i + 2] for i in range(len(others) - 1)}
    return any(pair in asked for pair in pairs if re.fullmatch(r"[\u4e00-\u9fffA-Z]{2}", pair))


def _verdict(
    reader: IndexReader,
    question: Question,
    rules: Sequence[BenefitAt],
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
) -> Draft | None:
    """The verdict from the benefits, else from a sentence that requires something."""
    told = _told(question)
    benefits = [_with_general(reader, at) for at in rules]
    found = eligibility(question, benefits) if benefits else None
    if found is not None and found.truth is Truth.FAILS:
        found = _neighbour(reader, question, rules, judged, general=found.outside) or found
    tested = any(at.benefit.threshold for at in rules) or (found is not None and found.bears)
    open_ = found is None or (found.truth is Truth.UNKNOWN and not (tested and found.bears))
    if open_:
        settled = _by_sentence(reader, question, judged, subject, as_of) if told else None
        if settled is not None:
            return settled
        if not tested and not (found is not None and _asks_may(question) and told):
            return None
    if found is not None and found.truth is Truth.UNKNOWN and told:
        clauses = reader.clauses(judged[0].item.policy_id)
        missed = missed_requirement(question, clauses, judged[0].item.policy_id)
        found = missed or found
    if found is not None and found.truth is Truth.MEETS:
        other = opposed(question.text, found.verdict.quotes[0].text)
        if other:
            return _for_others(question, found, other)
    return _drafted(found, reader.clauses(judged[0].item.policy_id)) if found is not None else None


def _for_others(question: Question, found: Eligibility, said: str) -> Draft:
    """The rule is for what lies elsewhere than the enterprise says: 并购市外企业 for who bought one in the city."""
    draft = Draft()
    quote = found.verdict.quotes[0]
    draft.say(f"{words_of(question).no(None)},您说的是{said},文件的规定是:{one_line(quote)}", [quote])
    return draft


def _neighbour(
    reader: IndexReader, question: Question, rules: Sequence[BenefitAt], judged: Sequence[Judged], *, general: bool
) -> Eligibility | None:
    """The verdict from a rule beside the ones chosen that what was said falls under, or in `general` may fall under.

    A class of projects with a bound of its own in the same clause, or the rule for 300万以下 where they say 300万以上.
    """
    first = rules[0]
    parent = first.clause.path.rpartition(".")[0]
    stated = benefits_by_path(reader, first.policy_id).get(first.clause.path, ())
    chosen = [at.benefit for at in rules]
    own = [
        _with_general(reader, benefit_at(reader, first.policy_id, first.clause, b)) for b in stated if b not in chosen
    ]
    # Beside rules for others, the ones that are left are told as one.
    found = eligibility(question, [*rules, *own] if general else own) if own else None
    if found is not None and (found.truth is Truth.MEETS or (general and found.truth is Truth.UNKNOWN)):
        return found
    for one in judged:
        item = one.item
        beside = parent and item.clause.path.rpartition(".")[0] == parent and item.clause.path != first.clause.path
        if item.policy_id != first.policy_id or not beside:
            continue
        stated = benefits_by_path(reader, item.policy_id).get(item.clause.path, ())
        others = [_with_general(reader, benefit_at(reader, item.policy_id, item.clause, b)) for b in stated]
        found = eligibility(question, others) if any(_complements(at, rules) for at in others) else None
        if found is not None and found.truth is not Truth.FAILS:
            return found
    return None


def _complements(at: BenefitAt, rules: Sequence[BenefitAt]) -> bool:
    """Whether a rule's bound is the other side of one of the chosen rules' bounds."""
    own = at.benefit.threshold or {}
    others = [rule.benefit.threshold or {} for rule in rules]
    return any(
        own and own.get("metric") == other.get("metric") and own.get("value") == other.get("value") for other in others
    )


def _with_general(reader: IndexReader, at: BenefitAt) -> BenefitAt:
    return replace(at, also=(*at.also, *general_clauses(at.benefit, reader.clauses(at.policy_id))))


def _drafted(found: Eligibility, clauses: Sequence[Clause] = ()) -> Draft:
    draft = Draft()
    draft.say(found.verdict.text, found.verdict.quotes, derived=found.verdict.derived)
    for waiver in _waivers(found, clauses) if found.truth is Truth.FAILS else ():
        draft.say(one_line(waiver), [waiver], new=False)
    for statement in found.lines[: _LINES - 1]:
        if not statement.text.startswith(found.verdict.text):
            draft.say(statement.text, statement.quotes, derived=statement.derived)
    for number, note in enumerate(found.notes):
        draft.say(note.text, note.quotes, derived=note.derived, new=number == 0)
    draft.ask_back += [asked.text for asked in found.ask_back]
    draft.offered |= {asked.text: asked.options for asked in found.ask_back if asked.options}
    return draft


def _waivers(found: Eligibility, clauses: Sequence[Clause]) -> list[Quote]:
    """Sentences behind a list that free some from its items: 跨境电商企业不受前款第(一)项限制."""
    quote = found.verdict.quotes[0]
    parent = quote.clause.path.rpartition(".")[0]
    beside = [one for one in clauses if parent and one.path.startswith(f"{parent}.p")]
    told = [
        Quote(quote.policy_id, one, sentence.start, sentence.end)
        for one in beside
        for sentence in split_sentences(one)
        if (freed := freed_in(one.text[sentence.start : sentence.end])) is not None and freed.of_items
    ]
    return [one for one in told if not any(holds(other, one) for other in found.verdict.quotes)][:1]


def _by_sentence(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, as_of: date
) -> Draft | None:
    """The verdict from a requirement that is no benefit's; None where no sentence settles anything.

    The sentences that fit best are looked at first, then what the policy requires of everybody.
    """
    part: Draft | None = None
    for scored in rank_sentences(judged, question, subject, as_of)[:_REQUIREMENTS]:
        item = scored.item
        found = eligibility_from_sentence(question, item.clause, scored.sentence, policy_id=item.policy_id)
        if found is None or found.truth is Truth.UNKNOWN:
            part = part or (_drafted(found) if found is not None and found.bears else None)
            continue
        sheet = requirement_sheet(item.clause, reader.clauses(item.policy_id), item.policy_id)
        if found.truth is Truth.MEETS and sheet is not None:
            missed = missed_requirement(question, reader.clauses(item.policy_id), item.policy_id)
            return _drafted(missed) if missed is not None else _one_of_list(found, sheet.quotes)
        return _drafted(found, reader.clauses(item.policy_id))
    policy_id = judged[0].item.policy_id
    missed = missed_requirement(question, reader.clauses(policy_id), policy_id)
    return _drafted(missed, reader.clauses(policy_id)) if missed is not None else part


def _one_of_list(found: Eligibility, listed: Sequence[Quote]) -> Draft:
    """One condition of a list that is met, with the others, which the question says nothing of."""
    draft = Draft()
    # 可以 in front would speak for all the others.
    reasons = _HEAD.sub("", found.verdict.text) or found.verdict.text
    draft.say(f"这一项符合:{reasons}", found.verdict.quotes, derived=found.verdict.derived)
    rest = [quote for quote in listed if quote.clause.path not in {q.clause.path for q in found.verdict.quotes}]
    for quote in rest[:_LINES]:
        draft.say(one_line(quote), [quote])
    return draft


def _conditions(
    reader: IndexReader,
    question: Question,
    rules: Sequence[BenefitAt],
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
) -> Draft | None:
    """What is required, in the clauses' words; None where one sentence says it all."""
    listed = _listed(reader, question, judged, subject, as_of)
    if listed:
        return _quoted(_figure_meant(listed, question, subject) or listed)
    if not rules:
        return None
    first = rules[0]
    general = general_sheet(first, reader.clauses(first.policy_id)).quotes
    if not general:
        return None
    own = [line.quotes[0] for line in rule_lines_of(rules[:_RULES])]
    leads = [quote for at in rules[:1] for quote in _leads(at)]
    ordered = [*general, *leads, *own] if _WHO.search(question.focus or question.text) else [*leads, *own, *general]
    return _quoted(ordered)


def _figure_meant(listed: Sequence[Quote], question: Question, subject: Subject) -> list[Quote]:
    """The one item of a list that has the figure asked for (社保要缴满多久), with the list's lead; else none."""
    check = figure_check(question)
    leads = [quote for quote in listed if quote.text.rstrip().endswith(("：", ":"))]
    meant = item_meant([quote for quote in listed if quote not in leads], subject)
    return [*leads[:1], *meant] if check is not None and meant and check(meant[0].text) else []


def _leads(at: BenefitAt) -> list[Quote]:
    above = [other for other in at.also if at.clause.path.startswith(f"{other.path}.")]
    return [Quote(at.policy_id, other, 0, len(other.text.rstrip())) for other in above]


def _quoted(quotes: Sequence[Quote]) -> Draft:
    """Each quote a line."""
    draft = Draft()
    for quote in quotes:
        if not any(holds(other, quote) for other in draft.quotes):
            draft.say(one_line(quote), [quote])
    return draft


def _listed(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, as_of: date
) -> tuple[Quote, ...]:
    """The list of conditions that one of the best sentences belongs to."""
    ranked = rank_sentences(judged, question, subject, as_of)[:_LISTS]
    for scored in ranked:
        # A sentence with a bound of its own says what is required, whatever lists stand near it.
        further = scored is not ranked[0]
        if scored.score < ranked[0].score - _LIST_MARGIN or (further and bounds(ranked[0].text)):
            break
        policy_id: PolicyId = scored.item.policy_id
        sheet = requirement_sheet(scored.item.clause, reader.clauses(policy_id), policy_id)
        if sheet is not None:
            return sheet.quotes
    return ()
