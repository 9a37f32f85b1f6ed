"""Answers on how long a policy holds: from the sentence that says so, or from the years in its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from index.models import PREFACE, Clause, Policy, PolicyFacts, PolicyId, Status
from index.store import IndexReader
from rag.calculate import Worked
from rag.compose.draft import ANSWERED, PARTIAL, Draft, holds, one_line, quote_of
from rag.doc_numbers import fold_number
from rag.references import unresolved_numbers
from rag.select import lead_quotes
from rag.sentences import Sentence, split_sentences
from rag.subject import Subject
from rag.understand import Question
from rag.validity import chinese_date, states_validity, validity_sentences
from rag.verify import Quote, Statement

_REPEALED = re.compile(r"废止|失效|停止执行|不再执行")
_NAMED_TITLE = re.compile(r"《([^《》]{4,60})》")
_UNSTATED = "文件没有写明施行日期和有效期,开头写的是:"
_NO_TERM = "文件没有写明有效期。"
_YEARS = "期限为"
_THIS = "该文件"
_HOLDS, _NO_END = "仍在有效期内", "已经施行，文件没有写明有效期"
_WHEN = re.compile(
    r"什么时候|何时|哪[一]?[天年月日]|几[月号年]|多久|从.{0,6}(?:起|开始)|截止|到期日|有效期(?:[到至是多有]|限)|施行日|啥时候|啥时"
)
_WHETHER = re.compile(r"[吗嘛]|(?<!什)么|没有?[?？]?$|不[?？]?$|是不是|是否|能不能|有没有|有效吧")
_TERM = re.compile(r"有效期[^,。?]{0,4}(?:[到至多几哪限]|是)|到期日")
_END = re.compile(
    r"(?:哪|几|何时|什么时候|多久)[^,。?]{0,6}(?:到期|失效|过期|为止)|(?:到期|失效|管到|执行到|用到)[^,。?]{0,4}(?:哪|几|何时|什么)"
)
_PART = re.compile(r"[^，,。；;]+")
_HEAD = re.compile(r"^\s*(?:[（(【\[][^（()）【】\[\]]{2,8}[)）】\]])?\s*")
"""A name of the clause that runs into its sentence: （施行时间）本细则自…."""
_SELF = re.compile(r"^(?:本|以上|上述|该|此)?(?:[\u4e00-\u9fff]{1,8}?(?=自|从|有效|试行|执行|施行|适用|暂定)|文件)")
"""What a policy calls itself: 本办法, 以上措施, 文件."""

_NOT_IN_FORCE = frozenset((Status.EXPIRED, Status.PERIOD_ENDED, Status.NOT_YET_EFFECTIVE))
_NUMBER_LENGTH = 30
"""Characters behind a title that may hold its document number."""
_Stated = tuple[str, Quote]
"""Words that state a validity, without the policy's name for itself, and where they stand."""


def asks_when(asked: str) -> bool:
    """Whether a question on validity asks for the day or the term, and not whether the policy holds."""
    return bool(_WHEN.search(asked)) and not _WHETHER.search(asked)


def asks_end(asked: str, facts: PolicyFacts) -> bool:
    """Whether a question asks for the last day of a policy that states none; the years of a plan are an end too."""
    if facts.expires_on is not None or facts.repealed_on is not None or facts.draft:
        return False
    return bool(_TERM.search(asked) or (facts.period is None and _END.search(asked)))


def draft_validity(
    reader: IndexReader,
    policy_ids: Sequence[PolicyId],
    as_of: date,
    *,
    measure: Quote | None = None,
    when: bool = False,
    asked: str = "",
) -> Draft:
    """Whether each policy holds on `as_of`, then the words that say so.

    Args:
        reader: an index snapshot.
        policy_ids: policies asked about.
        as_of: the day of the question.
        measure: the sentence asked about, quoted where the policy states no validity of its own.
        when: whether the day is asked for, which then comes before the status.
        asked: the question; where it asks for an end that no policy states, the answer is partial.
    """
    draft = Draft()
    for policy_id in policy_ids:
        facts = reader.facts()[policy_id]
        clauses = reader.clauses(policy_id)
        stated = stated_validity(policy_id, clauses)
        ground = measure or (_of_period(policy_id, clauses, facts.period) if facts.period is not None else None)
        if stated:
            worked = _last_day(facts, stated)
            derived = (worked.formula, worked.result) if worked is not None else ()
            draft.say(_judged(facts, as_of, stated, when=when), [quote for _, quote in stated], derived=derived)
            draft.calculations += [worked] if worked is not None else []
            for _, quote in stated if facts.draft else ():
                # The day that it proposes, in its own words: no day of the program's.
                draft.say(one_line(quote), [quote], new=False)
        elif ground is not None and facts.period is not None:
            draft.say(f"{_THIS}的{verdict(facts, as_of)}。", [ground])
            if measure is not None:
                draft.say(one_line(measure), [measure], new=False)
        else:
            first = _first(policy_id, clauses)
            if first is not None:
                draft.doubt(_UNSTATED)
                draft.quote([first])
    if draft.status == ANSWERED and asked and all(asks_end(asked, reader.facts()[key]) for key in policy_ids):
        draft.status = PARTIAL
        if any(reader.facts()[key].period is not None for key in policy_ids):
            draft.notes.insert(0, _NO_TERM)
    return draft


def verdict(facts: PolicyFacts, as_of: date) -> str:
    """The status on a day in a few words; "" where nothing can be said.

    The day itself stands beside the answer and in its warnings: it is no figure of the policy.
    """
    years = f"{_YEARS}{facts.period[0]}—{facts.period[1]}年，" if facts.period is not None else ""
    match facts.status(as_of):
        case Status.IN_FORCE if facts.expires_on is not None:
            return _HOLDS
        case Status.IN_FORCE if years:
            return f"{years}仍在期限内"
        case Status.IN_FORCE:
            return _NO_END
        case Status.EXPIRED if facts.repealed_on is not None and as_of >= facts.repealed_on:
            return "已经废止"
        case Status.EXPIRED:
            return "已经失效"
        case Status.PERIOD_ENDED:
            return f"{years}已经期满"
        case Status.NOT_YET_EFFECTIVE:
            return f"{'' if facts.effective_on else years}尚未施行"
        case Status.DRAFT:
            return "这是征求意见稿，还没有正式施行"
        case _:
            return ""


def _judged(facts: PolicyFacts, as_of: date, stated: Sequence[_Stated], *, when: bool) -> str:
    """The status and the words that say so, what is asked for first; the years of a plan behind them."""
    said, line = verdict(facts, as_of), _line(facts, stated)
    if facts.draft:
        return f"{said}。"
    if said == _NO_END:
        return f"{_THIS}{line}，没有写明有效期。" if when else f"{_THIS}已经施行：{line}，没有写明有效期。"
    if said.startswith(_YEARS) or (when and said):
        now = "目前" if said == _HOLDS else ""
        return f"{_THIS}{line}，{now}{said}。"
    return f"{_THIS}{said}：{line}。" if said else f"{_THIS}{line}。"


def validity_lines(
    policies: Sequence[Policy], quoted: Sequence[Quote], paragraph: int, as_of: date, *, titled: bool = False
) -> list[Statement]:
    """For each policy one sentence on how long it holds, unless the words that say so are quoted already.

    What no longer holds is said to, in the text itself: it is read, copied and sent on without its warnings. A draft
    has no such sentence: its dates are open, and its warning says that it is a draft.

    Args:
        policies: that an answer quotes.
        quoted: everything that it quotes.
        paragraph: number of the first paragraph after the answer.
        as_of: the day of the question.
        titled: whether the policies are named, where the answer is on another one.
    """
    lines = []
    for at, policy in enumerate(policies, start=paragraph):
        facts = policy.facts
        stated = stated_validity(policy.id, policy.best.clauses)
        quotes = tuple(quote for _, quote in stated)
        if quotes and not facts.draft and not all(any(holds(one, quote) for one in quoted) for quote in quotes):
            ended = verdict(facts, as_of) if facts.status(as_of) in _NOT_IN_FORCE else ""
            name = f"《{facts.title}》" if titled else _THIS
            lines.append(Statement(f"{name}{_words(stated)}{f'，{ended}' if ended else ''}。", quotes, at))
    return lines


def stated_validity(policy_id: PolicyId, clauses: Sequence[Clause]) -> list[_Stated]:
    """From when and how long a policy holds: the parts of its sentences that say so, in the order of the text."""
    found: list[_Stated] = []
    for clause, sentence in validity_sentences(clauses):
        text = clause.text[sentence.start : sentence.end]
        parts = [part for part in _PART.finditer(text) if states_validity(part[0])]
        for part in parts:
            quote = Quote(policy_id, clause, sentence.start + part.start(), sentence.start + part.end())
            if not any(holds(other, quote) for _, other in found):
                found.append((_SELF.sub("", _HEAD.sub("", part[0].replace("\n", ""))), quote))
    return _joined(found)


def _joined(found: Sequence[_Stated]) -> list[_Stated]:
    """Parts that follow one another in a clause as one."""
    joined: list[_Stated] = []
    for words, quote in found:
        if joined and joined[-1][1].clause is quote.clause and quote.start <= joined[-1][1].end + 1:
            before, first = joined[-1]
            joined[-1] = (f"{before}，{words}", replace(first, end=quote.end))
        else:
            joined.append((words, quote))
    return joined


def _words(stated: Sequence[_Stated]) -> str:
    return "，".join(words for words, _ in stated)


def _line(facts: PolicyFacts, stated: Sequence[_Stated]) -> str:
    """自2024年7月1日起施行，有效期3年，至2027年6月30日: with the last day where the words do not have it."""
    worked = _last_day(facts, stated)
    return f"{_words(stated)}{f'，至{worked.result}' if worked is not None else ''}"


def _last_day(facts: PolicyFacts, stated: Sequence[_Stated]) -> Worked | None:
    """The last day in force where the words give a term (有效期3年); None where they give the day, or none is known."""
    if facts.expires_on is None or facts.draft:
        return None
    end = chinese_date(facts.expires_on)
    if end in _words(stated) or not re.search(r"[\d一二两三四五六七八九十]+个?[年月]", _words(stated)):
        return None
    return Worked(f"{_words(stated)}，到期日", end, Decimal(0), "", "", (), (), "last_day")


def _of_period(policy_id: PolicyId, clauses: Sequence[Clause], period: tuple[int, int]) -> Quote:
    """The sentence that names the last year of a plan, else the opening."""
    wanted = re.compile(rf"(?:到|至|—|-){period[1]}年")
    for clause in clauses:
        for sentence in split_sentences(clause):
            if wanted.search(clause.text[sentence.start : sentence.end]):
                return _shortened(policy_id, clause, sentence, wanted)
    first = _first(policy_id, clauses)
    if first is None:
        raise ValueError(f"policy {policy_id} has no text")
    return first


def _shortened(policy_id: PolicyId, clause: Clause, sentence: Sentence, wanted: re.Pattern[str]) -> Quote:
    """The sentence from the year on."""
    match = wanted.search(clause.text, sentence.start)
    start = match.start() if match and match[0][0] in "到至" else sentence.start
    return Quote(policy_id, clause, start, sentence.end)


def _first(policy_id: PolicyId, clauses: Sequence[Clause]) -> Quote | None:
    """The opening sentence of a policy."""
    ordered = sorted((c for c in clauses if c.text.strip()), key=lambda clause: clause.path != PREFACE)
    if not ordered:
        return None
    sentence = split_sentences(ordered[0])[0]
    return Quote(policy_id, ordered[0], sentence.start, sentence.end)


def draft_repealed(
    reader: IndexReader, question: Question, subject: Subject, as_of: date, *, least: float
) -> Draft | None:
    """That a policy which is not here is repealed, and where another one says so; None where none does."""
    numbers = [fold_number(number) for number in unresolved_numbers(question.references, reader.facts())]
    titles = [subject.cover(facts.title) for facts in reader.facts().values() if not numbers]
    best: tuple[float, Quote | None] = (max(titles, default=0.0), None)
    for policy_id in reader.facts():
        clauses = reader.clauses(policy_id)
        whole = bool(_REPEALED.search(reader.facts()[policy_id].title))
        for clause in clauses:
            around = clause.text if not whole else f"{clause.text} 废止"
            if "《" not in clause.text or not _REPEALED.search(around):
                continue
            for match in _NAMED_TITLE.finditer(clause.text):
                number = fold_number(clause.text[match.end() : match.end() + _NUMBER_LENGTH])
                numbered = any(wanted in number for wanted in numbers)
                fit = 1.0 if numbered else subject.cover(match[1])
                if fit > best[0]:
                    best = (fit, quote_of(policy_id, clause, match[0]))
    fit, quote = best
    if quote is None or fit < least:
        return None
    draft = Draft(titled=True)
    draft.quote([*lead_quotes(reader, quote.policy_id, quote.clause), quote])
    if reader.facts()[quote.policy_id].status(as_of) not in (Status.NOT_YET_EFFECTIVE, Status.DRAFT):
        ended = "失效" if "失效" in quote.text and "废止" not in quote.text else "废止"
        draft.notes.append(f"已经{ended}，依据是：")
    return draft
