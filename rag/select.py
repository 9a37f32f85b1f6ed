"""Which sentences of the judged clauses answer a question, and what else they need to be understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.models import Clause, PolicyId, Status
from index.parse.numerals import to_int
from index.store import IndexReader
from rag.asked import Check, answers_want, figure_check, is_aim
from rag.figures import figures
from rag.judge import Judged
from rag.references import paragraphs
from rag.retrieve import RetrievedClause
from rag.sentences import Sentence, split_sentences
from rag.subject import Subject, levels_in
from rag.understand import Question, Want
from rag.verify import Quote

CLAUSE_LIMIT = 10
"""Clauses whose sentences are compared."""
CLOSE = 0.3
"""How far below the best sentence another one of the same clause may score and still be quoted."""
MEASURE = 0.7
"""Share of the best sentence's terms that a second sentence must have."""
LISTED_CLOSE, MEASURE_LISTED = 0.7, 0.4
"""The same two where the question asks for all there is."""
TIE = 0.1
"""The same for a clause of another policy."""
LIKELY = 0.5
"""What a clause's logarithm behind the likeliest candidate counts in the score of its sentences."""
BROAD = 0.9
"""Share of a question's terms that a policy's title covers when the question is about the policy as a whole."""
SENTENCES, LISTED_SENTENCES = 3, 6
LISTED_CLAUSES = 3
CHILDREN = 12
NAMED_LIMIT = 700
"""Characters quoted of a clause that the question names."""

_PURPOSE = re.compile(r"制定本|(?:提出|作出|制定)(?:如下|以下)|(?:通知|公告|规定)如下|特制定|以上措施自")
_DEPENDS = re.compile(
    r"^(?:其中|上述|前款|前述|以上|该|对其|此|同一|同时|但|进档|升档|升级|已|单个|单家|每家|累计|最高|不重复|超过部分|按就高|企业升档)"
)
_REFERS = re.compile(r"^(?:其中|上述|前款|前述|以上|该|对其|此|这|同时|但)")
_CHARGES = ("罚", "收费", "租金", "价格", "利率", "违约金")
"""What is charged: a question that names one asks for the sentence that does."""
_EXCLUDED_ASKED = re.compile(
    r"拿不到|领不到|享受不了|不给|不予|不能(?:申|享|拿|领|报|付|用|买|抵|算|计)|不计入|不算|不可以|不补|不奖|除外|排除|不得|不许|取消|失去|没资格|不符合|追回|退回"
)
_EXCLUDES = re.compile(r"不予|不得|不再|不享受|不适用|不支持|不纳入|取消|追回|追缴|退还|除外")
_OLD_OR_NEW = re.compile(
    r"(?:按|用|适用|走|执行)(?:的是)?(?:[\u4e00-\u9fff]{2,6}(?=[老旧新]))?(?:新|老|旧|原|以前|之前|协议|合同)[^,。?]{0,12}还是|还是按(?:新|老|旧|原|协议|以前|之前)"
    r"|[老旧原](?:办法|政策|规定|文件|标准)[^,。?]{0,8}(?:吗|么|不|算|办|报|给|拿)|(?:还没|没有?|尚未)(?:出台|出来|发布|施行|实施|生效)"
    r"|(?:能|可以)按[^,。?]{0,6}新"
)
"""A matter from the time before a policy: under which rules it falls."""
_TRANSITION = re.compile(
    r"(?:此前|以前|之前|施行前|实施前|印发前|生效前|发布前)[^。；]{0,30}(?:按|执行|办理|适用)|(?:按|依)照?(?:原|旧)[^。；]{0,10}(?:执行|办理|约定|规定)"
    r"|期间[^。；]{0,20}参照|参照本[^。；]{0,6}执行|发生的[^。；]{0,8}(?:按|参|适用)照?本"
)
_HAPPENED = re.compile(r"(?:发生|完成|受理|公示|签[约订]|认定|立项|开工|投产)[^，。；]{0,12}(?:按|参照|适用|继续)")
"""By which rules a matter of before goes, not what is taken off for it."""
_COUNTED = re.compile(r"([\d一二三四五六七八九十两]{1,3})(?=[个大类条项种家])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")
_KIND_ASKED = re.compile(
    r"(?P<before>[\u4e00-\u9fff]{4,})(?:都|又|主要|具体|分别)*(?:有|包括|包含|指的?是|是|含)(?:了)?哪(?:些|几)|哪些(?P<behind>[\u4e00-\u9fff]{4,})"
)
"""The kind of things of which all are asked for."""
_KIND_SIZE = 4, 8
"""Characters of the kind's name that are looked for: shorter ones (企业, 项目) name any kind."""
_LISTED = 2
"""Commas of enumeration (、) from which on a sentence lists things."""
_BROAD_WANTS = frozenset((Want.SUPPORT, Want.GOAL, Want.CONDITION))


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with its score; higher answers better.

    Attributes:
        cover: share of the question's terms in it.
        fit: the score without that of its clause among the candidates.
    """

    item: RetrievedClause
    sentence: Sentence
    score: float
    cover: float
    fit: float = 0.0

    @property
    def quote(self) -> Quote:
        """The sentence as a quote."""
        return Quote(self.item.policy_id, self.item.clause, self.sentence.start, self.sentence.end)

    @property
    def text(self) -> str:
        """The sentence in simplified characters."""
        return self.item.clause.text[self.sentence.start : self.sentence.end]

    @property
    def introduced(self) -> str:
        """The sentence behind the words that introduce it: 年度额度：高新技术企业每年最高30万元."""
        lead = self.item.context.rstrip().rpartition("\n")[2]
        return f"{lead}{self.text}" if lead.endswith(("：", ":")) else self.text


def want_fit(text: str, question: Question, check: Check | None) -> float:
    """What is asked for and at which level, as an addition to the score."""
    fit = sum(0.4 if _has(text, want, question) else -0.1 for want in question.wants if want is not Want.LIST)
    if Want.LIST in question.wants:
        fit += _lists(text, question)
    fit += sum(0.4 for word in _CHARGES if word in (question.focus or question.text) and word in text)
    if _OLD_OR_NEW.search(question.text) and _TRANSITION.search(text):
        fit += 0.6
    if asks_excluded(question) and _EXCLUDES.search(text):
        fit += 0.6
    if check is not None:
        fit += 0.3 if check(text) else -0.3
    if _PURPOSE.search(text) and Want.VALIDITY not in question.wants:
        fit -= 0.4
    if question.years:
        stated = set(_YEAR.findall(text))
        fit += 0.5 if stated & set(question.years) else -0.3 if stated else 0.0
    if question.amounts & {figure.value for figure in figures(text)}:
        fit += 0.5
    if question.levels:
        named = levels_in(text)
        if named:
            fit += 0.3 if named & set(question.levels) else -0.4
    return fit


def transitional(question: Question, policy_id: PolicyId, clauses: Sequence[Clause], subject: Subject) -> Quote | None:
    """The sentence of a policy on matters from before it, where it is asked by which rules they go and no sum is.

    Args:
        question: what is asked.
        policy_id: the policy.
        clauses: of it.
        subject: of the question.
    """
    if Want.AMOUNT in question.wants:
        return None
    if not _OLD_OR_NEW.search(question.text):
        return None
    best: tuple[float, Quote | None] = (-1.0, None)
    for clause in clauses:
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            covered = subject.familiar.cover(text) if _TRANSITION.search(text) else -1.0
            covered += 1.0 if covered >= 0 and _HAPPENED.search(text) else 0.0
            if covered > best[0]:
                best = (covered, Quote(policy_id, clause, sentence.start, sentence.end))
    return best[1]


def asks_excluded(question: Question) -> bool:
    """Whether it is asked who or what gets nothing."""
    return bool(_EXCLUDED_ASKED.search(question.focus or question.text))


def _has(text: str, want: Want, question: Question) -> bool:
    """Whether a sentence has what is asked for; the sums of goals are no answer to what is given."""
    if want is Want.AMOUNT and Want.GOAL not in question.wants and is_aim(text):
        return False
    return answers_want(text, want)


def _lists(text: str, question: Question) -> float:
    """Whether a sentence lists things, and as many as the question says there are."""
    asked = {to_int(number) for number in _COUNTED.findall(question.focus or question.text)}
    stated = {to_int(number) for number in _COUNTED.findall(text)}
    introduces = 0.4 if text.rstrip().endswith(("：", ":")) else 0.0
    members = 0.4 if _names_members(text, question) else 0.0
    listing = 0.2 if text.count("、") >= _LISTED else 0.0
    return introduces + members + listing + (0.4 if asked & stated - {None} else 0.0)


def _names_members(text: str, question: Question) -> bool:
    """Whether a sentence names members of the kind asked for: 丝绸、茶叶、中药等历史经典产业 for 历史经典产业有哪些."""
    asked = _KIND_ASKED.search(question.focus or question.text)
    if asked is None:
        return False
    kind = asked["before"] or asked["behind"]
    return any(
        re.search(rf"、[^、，。；：]{{1,12}}等?{re.escape(kind[-size:])}", text)
        for size in range(min(len(kind), _KIND_SIZE[1]), _KIND_SIZE[0] - 1, -1)
    )


def rank_sentences(judged: Sequence[Judged], question: Question, subject: Subject, as_of: date) -> list[Scored]:
    """Sentences of the best clauses, best first."""
    ranked = []
    check = figure_check(question)
    for one in judged[:CLAUSE_LIMIT]:
        clause = one.item.clause
        # Of two editions for different years, the one in force answers.
        base = one.relevance + (0.05 if one.item.facts.status(as_of) is Status.IN_FORCE else 0.0)
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            around = f"{one.item.context}\n{clause.heading or ''}\n{clause.text[sentence.stem : sentence.end]}"
            own = subject.cover(text)
            score = base + 0.5 * own + 0.5 * subject.cover(around) + want_fit(text, question, check)
            # A sentence that names what is asked for answers, however likely its clause is as a whole.
            exactly = own >= BROAD and Want.LIST in question.wants and _names_members(text, question)
            behind = 0.0 if exactly else one.behind
            ranked.append(Scored(one.item, sentence, score + LIKELY * behind, own, score))
    return sorted(ranked, key=lambda scored: -scored.score)


def choose(ranked: Sequence[Scored], question: Question, subject: Subject) -> list[Scored]:
    """The best sentence and the ones that belong beside it, best first.

    A question that names a policy's subject and no more asks for what the policy has, not for one sentence.
    """
    best = ranked[0]
    broad = subject.cover(best.item.facts.title) >= BROAD and bool(question.wants & _BROAD_WANTS)
    listing = Want.LIST in question.wants or broad
    siblings = _siblings(ranked, best)
    if siblings:
        return siblings
    chosen = [
        scored
        for scored in ranked
        if scored.item.key == best.item.key
        and scored.score >= best.score - (LISTED_CLOSE if listing else CLOSE)
        and _not_worse(scored, best, question, MEASURE_LISTED if listing else MEASURE)
    ][: LISTED_SENTENCES if listing else SENTENCES]
    clauses = {best.item.key}
    policies = {best.item.policy_id}
    for scored in ranked:
        elsewhere = scored.item.policy_id not in policies and scored.score >= best.score - TIE
        listed = listing and scored.score >= best.score - CLOSE and len(clauses) < LISTED_CLAUSES
        if scored.item.key not in clauses and (elsewhere or listed) and _not_worse(scored, best, question):
            chosen.append(scored)
            clauses.add(scored.item.key)
            policies.add(scored.item.policy_id)
    return chosen


def _siblings(ranked: Sequence[Scored], best: Scored) -> list[Scored]:
    """Items of the best sentence's list that fit as well as it does: the question does not tell them apart."""
    parent, _, _ = best.item.clause.path.rpartition(".")
    if not parent or not best.item.context.rstrip().endswith(("：", ":")):
        return []
    found = [
        scored
        for scored in ranked
        if scored.item.policy_id == best.item.policy_id
        and scored.item.clause.path.rpartition(".")[0] == parent
        and scored.fit >= best.fit - CLOSE
    ][:LISTED_SENTENCES]
    return sorted(found, key=lambda scored: scored.item.clause.source.start) if len(found) > 1 else []


def _not_worse(scored: Scored, best: Scored, question: Question, measure: float = MEASURE) -> bool:
    """A second sentence is quoted only where it names the subject and has what was asked, as the best one does."""
    return scored.cover >= measure * best.cover and all(
        answers_want(scored.text, want) for want in question.wants - {Want.LIST} if answers_want(best.text, want)
    )


def whole_list(reader: IndexReader, best: Scored) -> list[Quote]:
    """The list that a sentence is an item of, or introduces, with its lead; empty for none."""
    clause, policy_id = best.item.clause, best.item.policy_id
    if introduces(clause):
        return complete(reader, [best])
    parent = reader.clause(policy_id, clause.path.rpartition(".")[0])
    if parent is None or not introduces(parent):
        return []
    return [*lead_quotes(reader, policy_id, clause), *items_of(reader, policy_id, parent)]


def introduces(clause: Clause) -> bool:
    """Whether a clause ends in the colon that introduces its items."""
    return clause.text.rstrip().endswith(("：", ":"))


def complete(reader: IndexReader, chosen: Sequence[Scored]) -> list[Quote]:
    """Quotes of the chosen sentences in reading order with what they need, clause by clause, best clause first."""
    quotes: list[Quote] = []
    for key in dict.fromkeys(scored.item.key for scored in chosen):
        own = [scored for scored in chosen if scored.item.key == key]
        clause, policy_id = own[0].item.clause, own[0].item.policy_id
        quotes += lead_quotes(reader, policy_id, clause)
        ranges = sorted({span for scored in own for span in _with_neighbours(clause, scored.sentence)})
        quotes += [Quote(policy_id, clause, start, end) for start, end in ranges]
        if clause.text.rstrip().endswith(("：", ":")) and ranges[-1][1] >= len(clause.text.rstrip()):
            quotes += items_of(reader, policy_id, clause)
    return list(dict.fromkeys(quotes))


def _with_neighbours(clause: Clause, sentence: Sentence) -> list[tuple[int, int]]:
    """The sentence's range, with what it refers back to before it and what qualifies it behind it."""
    sentences = split_sentences(clause)
    at = sentences.index(sentence)
    ranges = [(sentence.start, sentence.end)]
    text = clause.text
    if sentence.stem < sentence.start:
        colon = re.search("[：:]", text[sentence.stem : sentence.start])
        if colon is not None:
            ranges.append((sentence.stem, sentence.stem + colon.end()))
    if at > 0 and _REFERS.match(text[sentence.start : sentence.end]):
        ranges.append((sentences[at - 1].start, sentences[at - 1].end))
    if at + 1 < len(sentences) and _DEPENDS.match(text[sentences[at + 1].start : sentences[at + 1].end]):
        ranges.append((sentences[at + 1].start, sentences[at + 1].end))
    return ranges


def lead_quotes(reader: IndexReader, policy_id: str, clause: Clause) -> list[Quote]:
    """The last sentence of each clause above that introduces its items with a colon, outermost first."""
    ordinals = clause.path.split(".")
    leads = []
    for depth in range(1, len(ordinals)):
        parent = reader.clause(policy_id, ".".join(ordinals[:depth]))
        if parent is not None and parent.text.rstrip().endswith(("：", ":")):
            last = split_sentences(parent)[-1]
            leads.append(Quote(policy_id, parent, last.start, last.end))
    return leads


def items_of(reader: IndexReader, policy_id: str, clause: Clause) -> list[Quote]:
    """The items that a clause ending in a colon introduces, whole."""
    below = re.compile(rf"{re.escape(clause.path)}\.\d+")
    items = [other for other in reader.clauses(policy_id) if below.fullmatch(other.path)]
    return [Quote(policy_id, item, *whole_range(item)) for item in items[:CHILDREN] if item.text.strip()]


def whole_range(clause: Clause) -> tuple[int, int]:
    """All sentences of a clause, its heading left out where text follows."""
    sentences = split_sentences(clause)
    return sentences[0].start, sentences[-1].end


def named_quotes(named: Sequence[RetrievedClause]) -> tuple[list[Quote], bool]:
    """Sentences of clauses that a question names, to `NAMED_LIMIT` characters, and whether that is all of them."""
    quotes: list[Quote] = []
    used = 0
    for item in named:
        low, high = _named_range(item)
        for sentence in split_sentences(item.clause):
            if not low <= sentence.start < high:
                continue
            if quotes and used + sentence.end - sentence.start > NAMED_LIMIT:
                return quotes, False
            quotes.append(Quote(item.policy_id, item.clause, sentence.start, sentence.end))
            used += sentence.end - sentence.start
    return quotes, True


def _named_range(item: RetrievedClause) -> tuple[int, int]:
    if item.paragraph is None:
        return 0, len(item.clause.text)
    return paragraphs(item.clause)[item.paragraph - 1]
