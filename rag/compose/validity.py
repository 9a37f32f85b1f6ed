"""Answers on how long a policy holds: from the sentence that says so, or from the years in its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.models import PREFACE, Clause, PolicyFacts, PolicyId, Status
from index.store import IndexReader
from rag.compose.draft import Draft, one_line, quote_of
from rag.select import lead_quotes
from rag.sentences import Sentence, split_sentences
from rag.subject import Subject
from rag.validity import chinese_date, validity_sentences
from rag.verify import Quote

_REPEALED = re.compile(r"废止|失效|停止执行|不再执行")
_NAMED_TITLE = re.compile(r"《([^《》]{4,60})》")
_UNSTATED = "文件没有写明施行日期和有效期。"


def draft_validity(
    reader: IndexReader, policy_ids: Sequence[PolicyId], as_of: date, *, measure: Quote | None = None
) -> Draft:
    """Whether each policy holds on `as_of`, then the words that say so.

    Args:
        reader: an index snapshot.
        policy_ids: policies asked about.
        as_of: the day of the question.
        measure: the sentence asked about, quoted where the policy states no validity of its own.
    """
    draft = Draft()
    for policy_id in policy_ids:
        facts = reader.facts()[policy_id]
        clauses = reader.clauses(policy_id)
        quotes = [Quote(policy_id, clause, s.start, s.end) for clause, s in validity_sentences(clauses)]
        if quotes:
            said = verdict(facts, as_of)
            if said:
                draft.say(said, quotes)
                draft.say("".join(one_line(quote) for quote in quotes), quotes, new=False)
            else:
                draft.quote(quotes)
        elif facts.period is not None:
            ground = measure or _of_period(policy_id, clauses, facts.period)
            draft.say(verdict(facts, as_of), [ground])
            if measure is not None:
                draft.say(one_line(measure), [measure], new=False)
        else:
            first = _first(policy_id, clauses)
            if first is not None:
                draft.doubt(_UNSTATED)
                draft.quote([first])
    return draft


def verdict(facts: PolicyFacts, as_of: date) -> str:
    """The status on a day in one sentence; "" where nothing can be said."""
    day = chinese_date(as_of)
    match facts.status(as_of):
        case Status.IN_FORCE if facts.expires_on is not None:
            return f"在{day}有效,有效期至{chinese_date(facts.expires_on)}。"
        case Status.IN_FORCE if facts.period is not None:
            return f"在{day}仍在规划期内,规划期是{facts.period[0]}—{facts.period[1]}年。"
        case Status.IN_FORCE:
            return f"已经施行,文件没有写明何时失效,截至{day}没有收录到废止的规定。"
        case Status.EXPIRED if facts.repealed_on is not None and as_of >= facts.repealed_on:
            return f"截至{day}已经废止。"
        case Status.EXPIRED if facts.expires_on is not None:
            return f"截至{day}已经失效,有效期至{chinese_date(facts.expires_on)}。"
        case Status.PERIOD_ENDED if facts.period is not None:
            return f"规划期是{facts.period[0]}—{facts.period[1]}年,截至{day}已经结束。"
        case Status.NOT_YET_EFFECTIVE:
            return f"在{day}尚未施行。"
        case Status.DRAFT:
            return "这是征求意见稿,还没有正式施行。"
        case _:
            return ""


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


def draft_repealed(reader: IndexReader, subject: Subject, *, least: float) -> Draft | None:
    """What a policy says of another one that it repeals, where the question is about that one and it is not here."""
    titles = [subject.cover(facts.title) for facts in reader.facts().values()]
    best: tuple[float, Quote | None] = (max(titles, default=0.0), None)
    for policy_id in reader.facts():
        clauses = reader.clauses(policy_id)
        whole = bool(_REPEALED.search(reader.facts()[policy_id].title))
        for clause in clauses:
            around = clause.text if not whole else f"{clause.text} 废止"
            if "《" not in clause.text or not _REPEALED.search(around):
                continue
            for match in _NAMED_TITLE.finditer(clause.text):
                fit = subject.cover(match[1])
                if fit > best[0]:
                    best = (fit, quote_of(policy_id, clause, match[0]))
    fit, quote = best
    if quote is None or fit < least:
        return None
    draft = Draft()
    draft.quote([*lead_quotes(reader, quote.policy_id, quote.clause), quote])
    return draft
