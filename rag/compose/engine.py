"""From the clauses that were found to what is said: which kind of answer a question gets, and the last checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.models import Policy
from index.store import IndexReader
from rag import refuse
from rag.asked import answers_want, asks_amount, gives, pays, states_money
from rag.choose import by_figures, choose_benefits, likely
from rag.compose.arrange import arranged
from rag.compose.checked import checked
from rag.compose.current import current_clauses
from rag.compose.draft import ANSWERED, REFUSED, Composed, Draft
from rag.compose.eligible import asks_whether, draft_eligible, wants_verdict
from rag.compose.excluded import draft_excluded, excluded_in
from rag.compose.limits import citing, reason_to_refuse
from rag.compose.meant import ABOUT, asks_several, best_sentence, left_open, outbid
from rag.compose.money import NO_AMOUNT, draft_calculated, draft_money, draft_refund
from rag.compose.naming import other_subject
from rag.compose.offices import draft_of_place, lacks_day, stated_in_policy, states
from rag.compose.parts import about_alone, add_named, add_parts
from rag.compose.provisos import add_provisos
from rag.compose.quoting import (
    NEAR,
    NEAREST,
    NOT_STATED,
    beside_quotes,
    draft_named,
    draft_nearest,
    draft_policies,
    draft_sentences,
)
from rag.compose.repeals import with_repeals
from rag.compose.silent import doubt_left_open
from rag.compose.together import with_sums
from rag.compose.validity import asks_when, draft_repealed, draft_validity, validity_lines
from rag.compose.which import asks_of_whole, held_at, meant, of_place_and_kind, titled
from rag.counted_base import by_base
from rag.judge import Judged, Lens
from rag.rank import candidates
from rag.references import unresolved_numbers
from rag.retrieve import Retrieval, RetrievedClause
from rag.select import rank_sentences, transitional
from rag.subject import Subject
from rag.understand import Question, Want
from rag.validity import AnswerWarning, chinese_date, warnings_for
from rag.verify import Quote, Statement

_ADMINISTRATIVE = (Want.DEADLINE, Want.MATERIALS, Want.CONTACT, Want.PROCEDURE, Want.PAYMENT, Want.BODY)
"""What policies often leave open; a clause on the money is then only the nearest one."""
_FUND_ASKED = re.compile(r"资金|基金|经费|预算|安排|规模(?!以上)|每年|总额|总投资|罚|收费|价格|租金")
_PAID_OUT = re.compile(
    r"到账|多久|拨付|兑现|兑付|什么时候(?:发|给|拨|到)|一次(?:性)?(?:发|给|拨|付)|分[几多一二三两\d]*(?:年|期|次|批)|怎么(?:发放|分到|分给|拨|给到)"
)
_DENIED = re.compile(r"(?:不是?要|不问|不是问|不是说|不用|不算|除了)[^,，。;；]{1,14}?(?:的|以外|之外)?[,，](?=.)")
"""不要租房补贴的,: what is not asked for."""
_REFUND_CLAUSES = 3
"""Likeliest clauses in which what has to be paid back is looked for."""
_STILL = re.compile(
    r"还有(?:钱|奖|补)|(?:奖励|补贴|补助|资助|奖|钱|扶持|支持)[^,。?？]{0,4}(?:还|现在)[^,。?？]{0,3}(?:有|给|发|奖|补)"
)
_BROADLY = frozenset((Want.SUPPORT, Want.LIST))
_PRICE = re.compile(r"罚|收费|价格|租金")
_EXISTS = re.compile(
    r"有(?:没有)?[^,。?]{0,4}(?:奖励|奖金|补贴|补助|资助|扶持|支持|优惠|奖)[^,。?]{0,2}(?:吗|么|没|不)|有没有[^,。?]{0,6}[奖补]"
)
_FUND = re.compile(r"安排|设立|统筹|规模|扩大|总额|预算|投入|罚|收费|租金")
WHOLE = 0.8
"""Share of a question's subject that a policy's title covers when it asks for nothing else: 用能成本降低措施."""
MOSTLY = 0.6
"""Share of a question's subject that stands nowhere in the index when no rule can be about it: 上规的小企业有奖励吗."""
BY_TITLE = 0.6
"""Share of a question's subject that a policy's title covers when the question is about the policy as a whole."""


def compose(reader: IndexReader, question: Question, found: Retrieval, lens: Lens, *, as_of: date) -> Composed:
    """The answer to `question` from the clauses that were found, on the day `as_of`."""
    reason = reason_to_refuse(reader, question, found)
    if reason is not None:
        return _refused(reason)
    subject = subject_of(question, found, lens)
    draft = draft_named(reader, found, subject=subject) or _draft_policy(reader, question, found, subject, as_of)
    if draft is None:
        drafting = _draft_judged if subject.named else _draft_place
        draft = drafting(reader, question, found, subject, lens, as_of)
    if draft is None:
        draft = _draft_shut_out(reader, question, found, subject, as_of)
    if draft is None:
        draft = draft_money(reader, question, by_figures(reader, question))
    if draft is None and not subject.named:
        return _refused(refuse.no_subject(reader, question.text))
    if draft is None or not draft.quotes:
        return _refused(refuse.off_topic(reader, question.text))
    if pays(question):
        draft.tell_table(NO_AMOUNT)
    doubt_left_open(draft, question, subject)
    other = other_subject(reader, question, subject, draft)
    if other:
        return _refused(refuse.other_subject(reader, other, question.text))
    if not (found.policies or any(item.named for item in found.clauses)):
        add_parts(
            draft,
            question,
            lambda part: subject_of(part, found, lens),
            lambda part, about: _draft_judged(reader, part, found, about, lens, as_of),
        )
        add_named(
            draft,
            question,
            subject,
            lambda part, about: _draft_judged(reader, part, about_alone(found, about), about, lens, as_of),
        )
    _note_limits(draft, found)
    return _finish(reader, question, draft, as_of)


def _refused(text: str) -> Composed:
    return Composed(REFUSED, (Statement(text),))


def subject_of(question: Question, found: Retrieval, lens: Lens) -> Subject:
    """What is asked about, beside the places, document numbers and clause numbers that the question names."""
    references = question.references
    ignore = [place.name for place in found.places]
    ignore += [reference.said for reference in references.clauses]
    if found.policies:
        ignore += references.titles
    plain = _DENIED.sub("", question.focus or question.text)
    for number in references.doc_numbers:
        plain = re.sub(rf"\S{{0,12}}?[\[(〔]\d{{4}}[\])〕]第?0*{number.partition(']')[2]}", " ", plain)
    return Subject.of(plain, lens.terms, ignore=ignore, names=lens.names)


def _draft_place(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, lens: Lens, as_of: date
) -> Draft | None:
    """An answer where a place stands for the subject: 某县的资金什么时候开始申报; None where none does.

    How to apply and whom it is for are looked for in the one policy of the place, which is told as a whole where
    nothing but support is asked for.
    """
    held = held_at(reader, found, as_of)
    draft = draft_of_place(reader, question, held, subject)
    if draft is not None or not held or not question.wants:
        return draft
    if question.wants <= _BROADLY:
        return draft_policies(reader, held, as_of) if len(held) == 1 else None
    return _draft_judged(reader, question, found, subject, lens, as_of)


def _draft_shut_out(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, as_of: date
) -> Draft | None:
    """Who gets nothing by the one policy of the place that is named: 什么情况会把钱追回去 has few words of a clause."""
    held = held_at(reader, found, as_of)
    item = next((one for one in found.clauses if one.policy_id in held), None)
    return excluded_in(reader, question, item, subject, {}) if item is not None and len(held) == 1 else None


def _draft_policy(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, as_of: date
) -> Draft | None:
    """An answer on policies that the question names, where it asks for their validity or for nothing else."""
    if Want.VALIDITY in question.wants and Want.LIST not in question.wants:
        repealed = draft_repealed(reader, question, subject, as_of, least=BY_TITLE)
        if repealed is not None:
            return repealed
        policies = (
            found.policies or titled(reader, subject, least=BY_TITLE) or of_place_and_kind(reader, question, found)
        )
        policies = meant(reader, question, policies)
        asked = question.focus or question.text
        held = draft_validity(reader, policies, as_of, when=asks_when(asked), asked=asked) if policies else None
        return with_repeals(reader, held, policies, as_of) if held is not None else None
    if not found.policies:
        return None
    return None if subject.named else draft_policies(reader, found.policies, as_of)


def _draft_judged(
    reader: IndexReader, question: Question, found: Retrieval, subject: Subject, lens: Lens, as_of: date
) -> Draft | None:
    """An answer from the relevant clauses; None where there are none."""
    items: Sequence[RetrievedClause] = current_clauses(question, found, as_of)
    numbers = unresolved_numbers(question.references, reader.facts())
    if numbers and not found.policies:
        items = citing(found, numbers)
    judged = candidates(items, question, subject, lens.scale, placed=bool(found.places))
    if not judged:
        return None
    draft = draft_excluded(reader, question, judged, subject)
    before = transitional(question, judged[0].item, reader.clauses(judged[0].item.policy_id), subject)
    if draft is None and before is not None:
        draft = _quoting([before])
    draft = draft or _draft_kind(reader, question, judged, subject, lens, as_of)
    if wants_verdict(question) and Want.VALIDITY not in question.wants:
        add_provisos(draft)
    exists = Want.AMOUNT not in question.wants and bool(_EXISTS.search(question.focus or question.text))
    if draft.status == ANSWERED and subject.strangeness >= MOSTLY and exists:
        # What is rewarded is what the question turns on; the words that it shares with a rule are beside the point.
        draft.doubt(NEAREST)
    if numbers and not found.policies:
        draft.doubt(f"没有收录{'、'.join(numbers)},下面的条款提到了它:")
    return draft


def _draft_kind(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, as_of: date
) -> Draft:
    """The answer by the kind of question."""
    if Want.VALIDITY in question.wants and Want.LIST not in question.wants:
        return _draft_still(reader, question, judged, subject, lens, as_of)
    whole = titled(reader, subject, least=WHOLE) if asks_of_whole(question) else ()
    if whole and subject.strong:
        return draft_policies(reader, whole, as_of)
    if Want.AMOUNT in question.wants:
        calculated = _draft_worked(reader, question, judged, subject, lens)
        if calculated is not None:
            return calculated
    whether = asks_whether(question)
    missing = None if whether else _unstated(reader, question, judged, subject, lens, as_of)
    if missing is not None:
        choice = likely(choose_benefits(reader, judged, question, subject, lens.terms), judged)
        return with_sums(reader, question, choice, missing)
    if whether or pays(question) or question.wants & {Want.CONDITION, Want.CHECK, Want.LIST}:
        chosen = choose_benefits(reader, judged, question, subject, lens.terms)
        if not chosen.benefits and not chosen.other_levels:
            chosen = best_sentence(reader, question, judged, subject, as_of)
        choice = chosen if asks_several(question) else likely(chosen, judged)
        choice = outbid(choice, question, judged, subject, as_of)
        draft = (
            _fund(reader, question, judged, subject, as_of, better_than=choice.fit)
            or left_open(question, judged, subject, choice)
            or draft_eligible(reader, question, chosen, judged, subject, as_of)
        )
        if draft is None and (pays(question) or Want.CHECK in question.wants) and not _asks_condition(question):
            draft = draft_money(reader, question, choice)
        if draft is not None:
            return draft
        if asks_amount(question) and Want.GOAL not in question.wants:
            best = rank_sentences(judged, question, subject, as_of)[0]
            given = gives(best.text) or gives(best.introduced)
            if not given or subject.familiar.cover(f"{best.item.context}\n{best.text}") < ABOUT:
                note = NEAR if given else NOT_STATED[Want.AMOUNT]
                return draft_nearest(reader, question, judged, subject, as_of, note=note)
    return draft_sentences(reader, question, judged, subject, as_of)


def _draft_worked(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens
) -> Draft | None:
    """What can be worked out for the facts of the question; None where that is not all that it asks."""
    likeliest = [(one.item.policy_id, one.item.clause) for one in judged[:_REFUND_CLAUSES]]
    choice = choose_benefits(reader, judged, question, subject, lens.terms)
    calculated = draft_refund(question, likeliest) or draft_calculated(reader, question, choice)
    if calculated is not None or choice.benefits or choice.other_levels:
        return calculated
    return draft_calculated(reader, question, by_base(reader, judged, question, subject, lens.terms))


def _draft_still(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, as_of: date
) -> Draft:
    """Whether the policy of a measure holds; with the measure itself where it is asked whether that is still given."""
    best = rank_sentences(judged, question, subject, as_of)[0]
    measure = None if subject.cover(best.item.facts.title) >= BY_TITLE else best.quote
    when = asks_when(question.focus or question.text)
    draft = draft_validity(reader, [judged[0].item.policy_id], as_of, measure=measure, when=when)
    if _STILL.search(question.focus or question.text):
        given = draft_money(reader, question, choose_benefits(reader, judged, question, subject, lens.terms))
        if given is not None and given.quotes[0].policy_id == judged[0].item.policy_id:
            draft.paragraphs += given.paragraphs
        elif measure is not None and measure.policy_id == judged[0].item.policy_id and best.cover >= ABOUT:
            draft.quote([measure])
    return draft


def _asks_condition(question: Question) -> bool:
    """Whether conditions are asked for, and no sum."""
    return Want.CONDITION in question.wants and Want.AMOUNT not in question.wants


def _unstated(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, as_of: date
) -> Draft | None:
    """The nearest clause where deadlines, materials, contacts and the like are asked for and nothing states them."""
    for want in _ADMINISTRATIVE:
        if want not in question.wants or (want is Want.PAYMENT and not _PAID_OUT.search(question.focus)):
            continue
        draft = draft_sentences(reader, question, judged, subject, as_of)
        text = "".join(quote.clause.text[quote.start : quote.end] for quote in draft.quotes)
        asked = question.focus or question.text
        told = stated_in_policy(reader, judged[0].item.policy_id, want, subject, asked)
        answered = answers_want(text, want) and not lacks_day(text, want, asked)
        # 拨付 and 公示 stand in many sentences that tell nothing of how to apply.
        if told is not None and not (states(text, want) if want is Want.PROCEDURE else answered):
            return _quoting([told], note=NOT_STATED[want] if lacks_day(told.text, want, asked) else "")
        if answered:
            return draft if want is not Want.PAYMENT else _with_sum(reader, question, judged, subject, lens, draft)
        beside = beside_quotes(reader, judged, draft, want, subject)
        if beside and not all(lacks_day(quote.text, want, asked) for quote in beside):
            return _quoting([*draft.quotes, *beside])
        nearest = draft_nearest(reader, question, judged, subject, as_of, note=NOT_STATED[want])
        office = stated_in_policy(reader, judged[0].item.policy_id, Want.BODY, subject, asked)
        nearest.quote([office] if office is not None and want is Want.CONTACT else [])
        return nearest
    return None


def _with_sum(
    reader: IndexReader, question: Question, judged: Sequence[Judged], subject: Subject, lens: Lens, draft: Draft
) -> Draft:
    """How a sum is paid, behind the sum where that is asked too: 一共多少,分几次给."""
    if Want.AMOUNT not in question.wants:
        return draft
    money = draft_money(reader, question, choose_benefits(reader, judged, question, subject, lens.terms))
    if (
        money is None
        or money.status != ANSWERED
        or {one.policy_id for one in money.quotes} != {one.policy_id for one in draft.quotes}
    ):
        return draft
    said = {statement.text for statement in money.statements}
    fresh = [[one for one in paragraph if one.text not in said] for paragraph in draft.paragraphs]
    money.paragraphs += [paragraph for paragraph in fresh if paragraph]
    return money


def _quoting(quotes: Sequence[Quote], *, note: str = "") -> Draft:
    draft = Draft()
    draft.quote(quotes)
    if note:
        draft.doubt(note)
    return draft


def _fund(
    reader: IndexReader,
    question: Question,
    judged: Sequence[Judged],
    subject: Subject,
    as_of: date,
    *,
    better_than: float,
) -> Draft | None:
    """Money that is no benefit (a fund, a fine) where that is asked for and fits better than any benefit."""
    asked = _FUND_ASKED.search(question.focus or question.text)
    if Want.AMOUNT not in question.wants or asked is None:
        return None
    draft = draft_sentences(reader, question, judged, subject, as_of)
    text = "".join(quote.clause.text[quote.start : quote.end] for quote in draft.quotes)
    stated = re.search(asked[0], text) if _PRICE.fullmatch(asked[0]) else _FUND.search(text)
    return draft if stated and states_money(text) and subject.familiar.cover(text) > better_than else None


def _note_limits(draft: Draft, found: Retrieval) -> None:
    """Say which of the places asked about the quotes are not about."""
    if found.foreign:
        draft.doubt(f"没有收录{'、'.join(place.name for place in found.foreign)}的规定,其他地方的规定是:")


def _finish(reader: IndexReader, question: Question, draft: Draft, as_of: date) -> Composed:
    """Numbered paragraphs with introductions, validity and warnings, after the check of their figures."""
    policy_ids = tuple(dict.fromkeys(quote.policy_id for quote in draft.quotes))
    policies = tuple(reader.policy(policy_id) for policy_id in policy_ids)
    closing = len(draft.paragraphs)
    statements = [
        *draft.statements,
        *validity_lines(policies, draft.quotes, closing, as_of, titled=draft.titled),
    ]
    allowed = [question.text, *(policy.facts.title for policy in policies), *_known_dates(policies, as_of)]
    facts = {policy.id: policy.facts for policy in policies}
    benefits = {policy.id: policy.best.benefits for policy in policies}
    kept, reasons = checked(statements, allowed, facts, benefits, as_of)
    warnings = list(warnings_for(policies, as_of))
    warnings += [AnswerWarning("figure_rejected", "有一句话中的数字在条款里核对不上,没有显示。") for _ in reasons[:1]]
    if not any(statement.quotes for statement in kept):
        return _refused(refuse.off_topic(reader, question.text))
    ask_back = tuple(dict.fromkeys(draft.ask_back))
    shown = arranged(kept, draft.notes, policies, as_of, closing=closing)
    return Composed(draft.status, shown, policies, tuple(warnings), tuple(draft.calculations), ask_back, draft.offered)


def _known_dates(policies: Sequence[Policy], as_of: date) -> list[str]:
    """The day of the question, and days computed from what a policy says (有效期3年)."""
    days = [as_of]
    for policy in policies:
        facts = policy.facts
        days += [day for day in (facts.effective_on, facts.expires_on, facts.issued_on, facts.repealed_on) if day]
    return [chinese_date(day) for day in days]
