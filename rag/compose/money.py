"""Answers about money from the benefits a question is about: what is paid, or worked out, or left to another policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from index.models import Clause
from index.store import IndexReader
from rag.asked import gives, unit_asked
from rag.benefit_at import BenefitAt
from rag.calculate import Worked, standards_of, work_out
from rag.calculate.changes import refers_to
from rag.calculate.reading import read_rule
from rag.calculate.refund import REFUNDS, asks_refund, work_out_refund
from rag.calculate.split import asks_split, work_out_split
from rag.calculate.tiers import NEXT_TIER
from rag.calculate.work import LEFT_IN
from rag.choose import Choice, benefit_at, benefits_by_path, introduced
from rag.compose.draft import Draft, one_line, quote_of
from rag.compose.wording import benefit_sentence, valued
from rag.sentences import split_sentences
from rag.understand import Question, Want
from rag.verify import Quote

NO_AMOUNT = "文件没有写明具体金额,只规定:"
NO_LEVEL = "文件没有写明{levels}的金额,写明的是:"
_REFERS = "，（(；;"
_QUALIFIES = re.compile(
    r"进档|补差|差额|应当?|须|不低于|不少于|不超过|不得|不再|只能|仅限|可以?(?:只|仅|以)|不重复|不叠加|就高|从高|同一|条件|前提|另行(?:制定|规定|明确)"
)
_OTHER_MATTER = re.compile(r"目标|努力|力争|到20\d\d年|累计|推进|推动|加快|建立健全")
_HALF = re.compile(
    r"(?<=[。；;，,])(?P<who>(?!第)[^。；;，,\d]{2,24}?)(?:按[^。；;，,]{0,8}标准)?(?:的)?减半(?:执行|补助|奖励|补贴|资助|发放|享受|给予|支付)"
)
"""A part of a sentence that halves the rule before it."""
NO_REFUND = "文件没有写要不要退还,写明的是:"
_REFUND_SENTENCES = 2
_SHOWN_RULES = 2
"""Rules whose words are shown behind a calculation."""
_QUALIFYING = 2
"""Sentences behind a rule that are quoted as its conditions."""
OPEN = re.compile(
    r"另行(?:制定|规定|明确|公布|确定|发文|通知)"
    r"|[按依参]照?[^。；，]{0,16}(?:国家|省|市|区|县|上级|有关)[^。；]{0,20}(?:规定|标准|政策|办法)(?:执行|办理|支持)"
    r"|(?:时间|日期|期限|标准|范围|材料|名单|要求|额度)[^。；，]{0,8}以[^。；，]{1,16}(?:通知|公告|指南|公布|文件)[^。；，]{0,4}为准"
)
"""A sentence that leaves what it is about to other rules, or to a notice."""
_OPEN = re.compile(
    r"另行(?:制定|规定|明确)|[按参][照]?[^。；]{0,40}(?:规定|政策|办法|标准)[^。；]{0,6}(?:执行|支持|办理)"
)
_CONDITION_LIMIT = 40


def draft_money(reader: IndexReader, question: Question, choice: Choice) -> Draft | None:
    """What the chosen benefits pay; None where there are none."""
    draft = Draft()
    if choice.other_levels and not choice.benefits:
        return draft_calculated(reader, question, choice) or _other_levels(reader, question, choice)
    if not choice.benefits:
        return None
    if asks_refund(question.text):
        return _refund(reader, question, choice.benefits)
    paying = [at for at in choice.benefits if valued(at.benefit)]
    asks_amount = bool(question.wants & {Want.AMOUNT, Want.CHECK})
    if asks_amount and not paying:
        measured = unit_asked(question) or gives
        if not all(measured(at.benefit.quote) for at in choice.benefits):
            draft.doubt(NO_AMOUNT)
        _state(reader, draft, choice.benefits)
        return draft
    near = _beside(reader, choice.benefits)
    worked = work_out(question, choice.benefits, near)
    if worked:
        _work(draft, worked)
        _conditions(draft, worked)
    else:
        verdict = _verdict(question, paying)
        if verdict:
            draft.notes.append(verdict)
        _state(reader, draft, (*standards_of(question, choice.benefits, near), *choice.benefits))
    for at in dict.fromkeys(map(_place, choice.benefits)):
        draft.quote(qualifying(reader, at, draft.quotes))
    draft.drop_repeated()
    return draft


def _beside(reader: IndexReader, benefits: Sequence[BenefitAt]) -> list[BenefitAt]:
    """Other benefits of the clauses, of the paragraphs behind them, of their leads and of the items beside them."""
    chosen = {id(at.benefit) for at in benefits}
    found: dict[int, BenefitAt] = {}
    for at in benefits:
        parent = at.clause.path.rpartition(".")[0]
        listed = introduced(reader, at, parent)
        rule = read_rule(at)
        for path, others in benefits_by_path(reader, at.policy_id).items():
            paragraph = bool(parent) and path.startswith(f"{parent}.p")
            item = listed and path.rpartition(".")[0] == parent
            clause = reader.clause(at.policy_id, path)
            near = path in (at.clause.path, parent) or paragraph or item or refers_to(rule, path)
            if clause is None or not near:
                continue
            for other in others:
                if id(other) not in chosen and other not in (one.benefit for one in benefits):
                    found.setdefault(id(other), benefit_at(reader, at.policy_id, clause, other))
    return [*found.values(), *_halved([*benefits, *found.values()])]


def _halved(known: Sequence[BenefitAt]) -> list[BenefitAt]:
    """Parts of the clauses that halve the rule before them for others (柔性引进的减半执行) and are no benefits."""
    found = []
    for clause_of in {(at.policy_id, at.clause.path): at for at in known}.values():
        for match in _HALF.finditer(clause_of.clause.text):
            if any(match["who"] in at.benefit.quote and at.benefit.rate is not None for at in known):
                continue
            benefit = replace(
                clause_of.benefit, beneficiary=match["who"], quote=match[0], condition=None, amount=None, rate=0.5,
                base="标准", cap=None, threshold=None, period=None,
            )  # fmt: skip
            found.append(replace(clause_of, benefit=benefit))
    return found


def _refund(reader: IndexReader, question: Question, benefits: Sequence[BenefitAt]) -> Draft:
    """What the policy says of paying back, worked out where the question has the facts."""
    draft = Draft()
    for quote in _refund_sentences(reader, benefits):
        worked = work_out_refund(question, quote.text)
        if worked is not None:
            return _refunded(worked, quote)
        draft.quote([quote])
    if not draft.quotes:
        draft.doubt(NO_REFUND)
        _state(reader, draft, benefits)
    return draft


def _refunded(worked: Worked, quote: Quote) -> Draft:
    draft = Draft()
    draft.say("".join((worked.sentence, *worked.notes)), [quote], derived=worked.derived)
    if worked.formula:
        draft.calculations.append(worked)
    draft.say(one_line(quote), [quote], new=False)
    return draft


def draft_refund(question: Question, clauses: Sequence[tuple[str, Clause]]) -> Draft | None:
    """What has to be paid back by the first sentence of `clauses` that settles it; None where none does."""
    if not asks_refund(question.text):
        return None
    for policy_id, clause in clauses:
        for sentence in split_sentences(clause):
            quote = Quote(policy_id, clause, sentence.start, sentence.end)
            worked = work_out_refund(question, quote.text) if REFUNDS.search(quote.text) else None
            if worked is not None:
                return _refunded(worked, quote)
    return None


def draft_split(question: Question, clauses: Sequence[tuple[str, Clause]]) -> Draft | None:
    """How the sum that the question states is shared out by the first sentence of `clauses` that settles it."""
    if not asks_split(question.text):
        return None
    for policy_id, clause in clauses:
        for sentence in split_sentences(clause):
            quote = Quote(policy_id, clause, sentence.start, sentence.end)
            worked = work_out_split(question, quote.text)
            if worked is not None:
                return _refunded(worked, quote)
    return None


def _refund_sentences(reader: IndexReader, benefits: Sequence[BenefitAt]) -> list[Quote]:
    """Sentences on paying back in the policies of the benefits; those that name what was paid first."""
    found: list[tuple[float, Quote]] = []
    for policy_id in dict.fromkeys(at.policy_id for at in benefits):
        words = {at.benefit.kind for at in benefits if at.policy_id == policy_id}
        for clause in reader.clauses(policy_id):
            for sentence in split_sentences(clause):
                text = clause.text[sentence.start : sentence.end]
                if REFUNDS.search(text) and not any(at.benefit.quote in text for at in benefits):
                    near = any(at.clause.path == clause.path for at in benefits)
                    worth = sum(word in text for word in words) + near
                    found.append((worth, Quote(policy_id, clause, sentence.start, sentence.end)))
    best = max((worth for worth, _ in found), default=0)
    return [quote for worth, quote in found if worth == best][:_REFUND_SENTENCES]


def draft_calculated(reader: IndexReader, question: Question, choice: Choice) -> Draft | None:
    """What can be worked out for the facts of the question, and nothing else; None where that is not all."""
    if Want.AMOUNT not in question.wants:
        return None
    benefits = choice.benefits or (choice.other_levels if question.situation.received else ())
    worked = work_out(question, benefits, _beside(reader, benefits)) if benefits else ()
    if not worked or not all(one.complete and one.formula for one in worked):
        return None
    draft = Draft()
    _work(draft, worked)
    _conditions(draft, worked)
    for place in dict.fromkeys(map(_place, worked[0].benefits)):
        draft.quote(qualifying(reader, place, draft.quotes))
    draft.drop_repeated()
    return draft


def _left_open(benefits: Sequence[BenefitAt]) -> list[Quote]:
    """具体政策另行制定: what the clause says of amounts that it does not state, in the rule's own full sentence."""
    found = []
    for at in benefits:
        start = at.clause.text.find(at.benefit.quote)
        stop = at.clause.text.find("。", start)
        match = _OPEN.search(at.clause.text, start + len(at.benefit.quote) if start >= 0 else 0)
        if start >= 0 and match is not None and (stop < 0 or match.start() < stop):
            found.append(Quote(at.policy_id, at.clause, match.start(), match.end()))
    return found


_Place = tuple[str, str]


def _place(at: BenefitAt) -> _Place:
    return at.policy_id, at.clause.path


def _other_levels(reader: IndexReader, question: Question, choice: Choice) -> Draft:
    draft = Draft()
    draft.doubt(NO_LEVEL.format(levels="、".join(question.levels) or "所问层级"))
    _state(reader, draft, choice.other_levels)
    return draft


def _state(reader: IndexReader, draft: Draft, benefits: Sequence[BenefitAt]) -> None:
    """The rules as the clauses word them, or one sentence a benefit where only some of a sentence's are meant."""
    for _, group in groupby(benefits, key=lambda at: (*_place(at), at.benefit.quote)):
        meant = list(group)
        first = meant[0]
        stated = benefits_by_path(reader, first.policy_id).get(first.clause.path, ())
        together = [benefit for benefit in stated if benefit.quote == first.benefit.quote]
        sentences = [benefit_sentence(at.benefit) for at in meant]
        apart = len(meant) < len(together) or bool(first.also) or "\t" in first.benefit.quote
        if apart and all(sentences):
            _state_each(draft, meant, [sentence for sentence in sentences if sentence])
        else:
            draft.quote([*(_last_sentence(first.policy_id, lead) for lead in first.also), rule_quote(first, meant)])
        # 具体政策另行制定 belongs to the rule that gives no sum, not behind the sums of others.
        draft.quote(_left_open([at for at in meant if not valued(at.benefit)]))


def _state_each(draft: Draft, meant: Sequence[BenefitAt], sentences: Sequence[str]) -> None:
    for number, (at, sentence) in enumerate(zip(meant, sentences, strict=True)):
        condition = at.benefit.condition
        if number + 1 < len(meant) and meant[number + 1].benefit.condition == condition:
            condition = None
        if condition and len(condition) <= _CONDITION_LIMIT and condition in at.clause.text:
            sentence = f"{sentence.rstrip('。')}（{condition}）。"
        new = number == 0 and not (draft.quotes and draft.quotes[-1].clause is at.clause)
        draft.say(sentence, [rule_quote(at, [at]), *_leads(at)], new=new)


def rule_quote(at: BenefitAt, meant: Sequence[BenefitAt]) -> Quote:
    """The words of the rule with the sign that ends them; the whole sentence where the beneficiary stands before."""
    clause, words = at.clause, at.benefit.quote
    start = clause.text.find(words)
    if start >= 0 and "\t" in words:
        return Quote(at.policy_id, clause, start, start + len(words))
    known = all(other.benefit.beneficiary[:3] in words for other in meant)
    if start < 0 or not known:
        return quote_of(at.policy_id, clause, words)
    end = start + len(words)
    behind = re.match(r"[（(][^（()）]{1,40}[)）]?[)）]|[。；;，,]", clause.text[end:])
    while behind is not None and end < len(clause.text):
        end += behind.end()
        if clause.text[end - 1] in "。；;，,":
            break
        behind = re.match(r"[。；;，,]", clause.text[end:])
    return Quote(at.policy_id, clause, start, end)


def _last_sentence(policy_id: str, clause: Clause) -> Quote:
    last = split_sentences(clause)[-1]
    return Quote(policy_id, clause, last.start, last.end)


def _work(draft: Draft, worked: Sequence[Worked]) -> None:
    """Calculations: the result first, then what it rests on."""
    for one in worked:
        quotes = [quote for at in one.benefits for quote in (rule_quote(at, [at]), *_leads(at))]
        above = [quote for at in one.nearby for quote in (rule_quote(at, [at]), *_leads(at))]
        draft.say(one.sentence, quotes, derived=one.derived)
        for note in one.notes:
            if note.startswith(LEFT_IN):  # of the question's own words: no clause says it
                draft.ask_back.append(note)
            else:
                sources = above if above and note.startswith(NEXT_TIER) else quotes
                draft.say(note, sources, derived=one.derived, new=False)
        if one.formula:
            draft.calculations.append(one)
        draft.ask_back += [_question(missing) for missing in one.missing]


def _conditions(draft: Draft, worked: Sequence[Worked]) -> None:
    """The words of the rules that were calculated with, which hold their conditions."""
    for at in [at for one in worked for at in one.benefits][:_SHOWN_RULES]:
        quote = rule_quote(at, [at])
        shown = any(one_line(quote) in statement.text for paragraph in draft.paragraphs for statement in paragraph)
        if "\t" not in quote.text and not shown:
            draft.say(one_line(quote), [quote], new=False)


def _question(missing: str) -> str:
    """A question for a missing fact, a noun phrase."""
    if missing.startswith("属于哪"):
        return f"请问{missing}?"
    if missing.endswith(("?", "？", "哪一种", "哪一类", "哪一级")):
        return f"请问{missing.rstrip('?？')}?"
    return f"请问{missing}是多少?"


def _leads(at: BenefitAt) -> list[Quote]:
    return [_last_sentence(at.policy_id, lead) for lead in at.also]


def _verdict(question: Question, paying: Sequence[BenefitAt]) -> str:
    """是。 or 不是。 on a figure that the question supposes."""
    if Want.CHECK not in question.wants or not paying:
        return ""
    own = {measure.value for measure in question.situation.measures}
    claimed = {amount for amount in question.amounts if amount not in own}
    if not claimed:
        return ""
    stated = {Decimal(str(v)) for at in paying for v in (at.benefit.amount, at.benefit.cap) if v is not None}
    if len(claimed) > 1 and not claimed <= stated and claimed & stated:
        return ""  # 有人说80万有人说200万: neither yes nor no
    return "是的。" if claimed & stated else "不是。"


def qualifying(reader: IndexReader, place: _Place, quoted: Sequence[Quote]) -> list[Quote]:
    """Sentences behind a quoted rule of the clause that set its conditions, up to the next rule or matter."""
    clause = reader.clause(*place)
    if clause is None:
        return []
    ends = [quote.end for quote in quoted if quote.policy_id == place[0] and quote.clause.path == clause.path]
    if not ends:
        return []
    rules = [clause.text.find(benefit.quote) for benefit in benefits_by_path(reader, place[0]).get(clause.path, ())]
    found: list[Quote] = []
    for sentence in split_sentences(clause):
        if sentence.end <= max(ends):
            continue
        text = clause.text[max(sentence.start, max(ends)) : sentence.end]
        if any(sentence.start <= at < sentence.end and at >= max(ends) for at in rules) or _OTHER_MATTER.search(text):
            break
        if not _QUALIFIES.search(text) or len(found) == _QUALIFYING:
            break
        found.append(Quote(place[0], clause, max(sentence.start, max(ends)), sentence.end))
    return found
