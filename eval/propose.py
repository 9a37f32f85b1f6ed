"""Candidate questions for a policy, made by program from its clauses, for staff to accept or reject.

Every candidate has its facts and clauses filled in and passes `eval.check`. What it does not know: whether a question
sounds natural, whether other policies of the index answer it too, and whether an amount has conditions that a person
would ask about. Amounts come from the policy's `Benefit` records where it has any, else from `eval.grants`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, islice, zip_longest

from eval.check import check_row, validity_code
from eval.grants import Grant, grants, plain_lines
from eval.metrics.text import plain, says
from eval.policies import KnownPolicy, known_policies
from eval.rows import Row
from index.models import Benefit, Clause, Policy, PolicyFacts
from rag.figures import MONEY, RATE, figures
from rag.validity import validity_sentence

_HEADING_NUMBER = re.compile(
    r"^(?:第[^ \u3000章节条]{1,8}[章节条]|[一二三四五六七八九十]+、|[（(][^）)]{1,4}[）)]|[\d.]+)[\s\u3000]*"
)
_HEADING_LIMIT = 20
_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
_TERM = re.compile(r"(?:有效期|试行期|施行期限|执行期)限?为?((?:\d+|[一二两三四五六七八九十]+)年)")
_GOAL_YEAR = re.compile(r"(?:力争|争取|确保)?(?:到|至)(\d{4}年)(?:底|末)?(?:前)?")
_GOAL_VERB = re.compile(
    r"突破|达到|建成|培育|新增|超过|创建|累计|引进|开通|集聚|形成|提升|提高|保持|不低于|打造|招引|完成|实现|力争"
)
_LISTING = re.compile(
    r"([^,;。:、\n]{2,24}?)(?:包括|分为|即|重点发展|重点支持|重点推广):?((?:[^,;。:、\n]+、){2,}[^,;。:、\n]+)"
)
_LIST_END = re.compile(r"(?:等[^、]{0,8}|\([^()]*\))$")
_INTRODUCES = re.compile(r"(?<!其中)[:：]\s*$")
_ANNOUNCES = re.compile(r",?(?:(?:主要|重点)?包括|如下)$")
_BRACKETS = re.compile(r"^[【(][^】)]*[】)]")
_PARAGRAPH = re.compile(r"\.p\d+$")
_WHOLE_PLACE = re.compile(r"^全[省市区县]")
_ITEM_LIMIT, _ITEM_LENGTH = 8, 14
_UNSAID = (
    ("要交哪些材料", re.compile("材料|申请表|申报表|证明")),
    ("什么时候截止申报", re.compile("截止|逾期|受理时间|申报时间|集中受理")),
    ("咨询电话是多少", re.compile("电话|联系人|联系方式|咨询")),
)
"""What enterprises ask, and the words of a policy that may answer it."""
_OTHER_PLACES = ("宁波市", "苏州市", "合肥市", "长沙市", "青岛市")
_REFUSALS = 2
"""Questions about another city per policy: more of them test the same thing."""
_VAGUE_BELOW = 4
"""Subjects of fewer characters are not asked about without their clause's heading."""


def propose(policy: Policy, *, limit: int) -> list[Row]:
    """Up to `limit` candidates of a policy, the categories in turn; the same policy gives the same candidates.

    The rows have a day on which the policy is in force, where it states one, so that they stay right later on.

    Raises:
        ValueError: `limit` is below 1.
    """
    if limit < 1:
        raise ValueError(f"推荐的题数至少为 1,现在是 {limit}。")
    known = known_policies([policy])
    writer = _Writer(policy, known[0])
    columns = (
        writer.amounts(),
        writer.validity(),
        writer.targets(),
        writer.lists(),
        writer.silent(),
        writer.refusals(),
    )
    asked: set[str] = set()
    rows: list[Row] = []
    for row in filter(None, chain.from_iterable(zip_longest(*columns))):
        if plain(row.question) not in asked and not check_row(row, clauses=known):
            asked.add(plain(row.question))
            rows.append(row)
    return [_numbered(row, policy, at) for at, row in enumerate(islice(rows, limit), start=1)]


def _numbered(row: Row, policy: Policy, at: int) -> Row:
    return replace(row, id=f"{policy.id}-{row.category}-{at:02d}")


class _Writer:
    """Makes rows about one policy."""

    def __init__(self, policy: Policy, known: KnownPolicy) -> None:
        self._facts = policy.facts
        self._clauses = known.clauses
        self._benefits = policy.best.benefits
        self._place = policy.facts.region or ""
        self._day = _day_in_force(policy.facts)
        self._text = plain_lines("\n".join(clause.text for clause in known.clauses))

    def amounts(self) -> Iterator[Row]:
        """Questions for what a clause grants; a question that has two answers in the policy is left out."""
        found = [(clause, grant) for clause in self._clauses for grant in self._grants_of(clause)]
        answers: dict[str, set[tuple[str, ...]]] = {}
        for clause, grant in found:
            answers.setdefault(self._asks_amount(clause, grant), set()).add(grant.figures)
        for clause, grant in found:
            question = self._asks_amount(clause, grant)
            if len(answers[question]) == 1:
                yield self._row("amount", question, facts=grant.figures, clauses=[clause])

    def _grants_of(self, clause: Clause) -> list[Grant]:
        named = Counter(benefit.beneficiary for benefit in self._benefits)
        recorded = [
            _from_benefit(benefit, alone=named[benefit.beneficiary] == 1)
            for benefit in self._benefits
            if benefit.path == clause.path
        ]
        return [grant for grant in recorded if grant is not None] or grants(clause.text)

    def _asks_amount(self, clause: Clause, grant: Grant) -> str:
        most = "最高" if grant.capped and len(grant.figures) == 1 else ""
        end = ",最高多少" if grant.capped and len(grant.figures) > 1 else ""
        return f"{self._about(clause, grant.subject)}{most}{grant.verb}多少{end}?"

    def _about(self, clause: Clause, subject: str) -> str:
        """The subject with place, and with the clause's heading where the two have no words in common."""
        heading = _heading(clause)
        place = "" if self._place and self._place in subject else self._place
        if not heading or (_share_words(heading, subject) and len(subject) >= _VAGUE_BELOW):
            return f"{place}{subject}"
        return f"{place}{heading}方面,{subject}"

    def validity(self) -> Iterator[Row]:
        """From when and how long the policy holds, and whether it still does after its end."""
        stated = validity_sentence(self._clauses)
        name = f"《{self._facts.title}》"
        if stated is not None:
            clause, sentence = stated
            text = plain(clause.text[sentence.start : sentence.end])
            facts = list(dict.fromkeys([*_DAY.findall(text), *_TERM.findall(text)]))
            yield self._row("validity", f"{name}什么时候施行,有效期多久?", facts=facts, clauses=[clause])
        end, after = _end(self._facts)
        if after is not None:
            # Where only the title's years say when it ends, no clause does.
            cited = [stated[0]] if stated is not None and self._facts.expires_on is not None else []
            yield self._row("validity", f"{name}现在还有效吗?", facts=[end], clauses=cited, day=after)

    def targets(self) -> Iterator[Row]:
        """What is to be reached until a year, one question a figure."""
        for clause in self._clauses:
            for sentence in re.split(r"[。\n]", plain_lines(clause.text)):
                for year, asked, figure in _goals(sentence):
                    yield self._row("target", f"到{year},{self._place}{asked}?", facts=[figure], clauses=[clause])

    def lists(self) -> Iterator[Row]:
        """What a clause enumerates, in items below it or in a sentence."""
        for clause in self._clauses:
            children = _children(clause, self._clauses)
            if children and _INTRODUCES.search(clause.text):
                lead = _ANNOUNCES.sub("", plain(re.split(r"[。;；\n]", clause.text.strip())[-1]).rstrip(":"))
                facts = [_first_words(child) for child in children]
                yield self._row(
                    "list", f"{self._place}{_BRACKETS.sub('', lead)},有哪些?", facts=facts, clauses=children
                )
            for head, listed in _LISTING.findall(plain_lines(clause.text)):
                items = [_LIST_END.sub("", item) for item in listed.split("、")][:_ITEM_LIMIT]
                question = f"{self._about(clause, head)}包括哪些?"
                yield self._row("list", question, facts=[item for item in items if item], clauses=[clause])

    def silent(self) -> Iterator[Row]:
        """What enterprises ask and this policy does not say."""
        silent_on = [end for end, said in _UNSAID if not said.search(self._text)]
        supported = [(clause, grant) for clause in self._clauses for grant in self._grants_of(clause)]
        for (clause, grant), end in zip(supported, silent_on, strict=False):
            question = f"{self._about(clause, grant.subject)}的{grant.verb},{end}?"
            yield self._row("silent", question, clauses=[clause], status="partial")

    def refusals(self) -> Iterator[Row]:
        """The same benefit in a city that the policy does not name."""
        places = [place for place in _OTHER_PLACES if place.rstrip("市") not in self._text + self._facts.title]
        supported = [(clause, grant) for clause in self._clauses for grant in self._grants_of(clause)]
        for place, (clause, grant) in islice(zip(places, supported, strict=False), _REFUSALS):
            if not self._place or not _share_words(self._place, grant.subject):
                question = f"{place}{self._about(clause, grant.subject).removeprefix(self._place)}{grant.verb}多少?"
                yield self._row("refuse", question, forbid=grant.figures, status="refused")

    def _row(
        self,
        category: str,
        question: str,
        *,
        facts: Sequence[str] = (),
        clauses: Sequence[Clause] = (),
        forbid: Sequence[str] = (),
        status: str = "answered",
        day: date | None = None,
    ) -> Row:
        as_of = day or self._day
        code = validity_code(self._facts, as_of) if as_of is not None and status != "refused" else None
        return Row(
            id="",
            category=category,
            question=question,
            status=status,
            as_of=as_of,
            facts=tuple((fact,) for fact in facts),
            forbid=tuple(forbid),
            clauses=tuple((self._facts.title, clause.path) for clause in clauses),
            warn=(code,) if code is not None else (),
        )


def _from_benefit(benefit: Benefit, *, alone: bool) -> Grant | None:
    """A recorded benefit as a question can ask for it; None where it states no figure.

    Its condition is named only where the beneficiary has other benefits too, and does not give the answer away.
    """
    first = [_money(benefit.amount)] if benefit.amount is not None else []
    rate = [f"{round(benefit.rate * 100, 8):g}%"] if benefit.rate is not None else []
    cap = [_money(benefit.cap)] if benefit.cap is not None else []
    written = (*first, *rate, *cap)
    if not written:
        return None
    subject, condition = plain(benefit.beneficiary), plain(benefit.condition or "")
    if condition and not alone and not any(says(condition, figure) for figure in written):
        subject = f"{subject},{condition},"
    return Grant(subject, benefit.kind, written, capped=bool(cap))


def _money(amount: float) -> str:
    """元 as it is written in policies: 1亿元, 1500万元, 800元."""
    for unit, size in (("亿元", 1e8), ("万元", 1e4)):
        if amount >= size:
            return f"{round(amount / size, 8):.12g}{unit}"
    return f"{amount:.12g}元"


def _goals(sentence: str) -> Iterator[tuple[str, str, str]]:
    """(year, what is asked, figure) for the parts of a sentence that name a goal for a year."""
    year = ""
    for part in re.split(r"[,;]", sentence):
        named = _GOAL_YEAR.search(part)
        year = named[1] if named else year
        rest = part[named.end() :] if named else part
        found = figures(rest)
        if not year or len(found) != 1 or not _GOAL_VERB.search(rest) or not found[0].unit:
            continue
        figure = found[0]
        unit = "" if figure.unit in (MONEY, RATE) else figure.unit
        before, after = rest[: figure.start], re.sub(r"^(?:以上|左右|以内)", "", rest[figure.end :])
        if len(before) > 1:
            yield year, f"{_WHOLE_PLACE.sub('', before)}多少{unit}{after}", rest[figure.start : figure.end]


def _children(clause: Clause, clauses: Sequence[Clause]) -> list[Clause]:
    """The items directly below a clause, in order."""
    depth = clause.path.count(".") + 1
    below = [other for other in clauses if other.path.startswith(f"{clause.path}.") and other.path.count(".") == depth]
    # A paragraph (款) that follows the items is none of them.
    return [other for other in below if not _PARAGRAPH.search(other.path)][:_ITEM_LIMIT]


def _first_words(clause: Clause) -> str:
    return plain(clause.heading or re.split(r"[,，。;；:：]", clause.text)[0])[:_ITEM_LENGTH]


def _heading(clause: Clause) -> str:
    """The nearest heading that has words, without its number; empty where there is none or it is long."""
    for heading in (clause.heading, *reversed(clause.trail)):
        words = plain(_HEADING_NUMBER.sub("", heading or "")).strip("【】()")
        if words:
            return words if len(words) <= _HEADING_LIMIT else ""
    return ""


def _share_words(one: str, other: str) -> bool:
    return any(one[at : at + 2] in other for at in range(len(one) - 1))


def _day_in_force(facts: PolicyFacts) -> date | None:
    if facts.effective_on or facts.issued_on:
        return facts.effective_on or facts.issued_on
    return date(facts.period[0], 1, 1) if facts.period is not None else facts.expires_on


def _end(facts: PolicyFacts) -> tuple[str, date | None]:
    """The last day or year as text, and the first day after it; None where the policy states no end."""
    if facts.draft:
        return "", None
    if facts.expires_on is not None:
        day = facts.expires_on
        return f"{day.year}年{day.month}月{day.day}日", day + timedelta(days=1)
    if facts.period is not None:
        return f"{facts.period[1]}年", date(facts.period[1] + 1, 1, 1)
    return "", None
