"""Clauses of a policy that set conditions for a benefit of another clause: leads above it, general conditions.

General conditions are lists or sentences about whoever applies (申请扶持的企业应当同时符合下列条件), and what the
policy applies to. A list that names one kind of applicant (申请智能工厂奖励的企业) holds for clauses that name it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from index.models import Benefit, Clause, ClausePath
from index.parse.numerals import to_int
from rag.conditions.names import name_of
from rag.conditions.requiring import CALLED, is_about_applicants, is_requirement
from rag.conditions.said import as_policies_say, covered
from rag.sentences import Sentence, split_sentences

_LEAD = re.compile(
    r"(?P<subject>[^。；\n]{0,40}?)(?:应当?|须|必须|需)?(?:同时)?(?:符合|具备|满足)(?:以下|下列|如下)[^:：。]{0,8}(?:条件|要求|情形)[^:：]{0,16}[:：]"
)
_GENERIC = re.compile(
    r"(?:申请|申报|享受|申领|获得|本(?:办法|政策|措施|细则|规定|意见|条例|部分|章|节)|所称|规定|的|扶持|资金|奖励|奖补|补助|补贴|资助|支持|政策|优惠|专项|"
    r"各类|企业|单位|机构|主体|项目|公司|对象|参保|市|区|县|省|级|上述|以上|和|及|、|,|，|应当|在|年度|20\d\d|\s|“|”)+"
)
_APPLYING = re.compile(
    r"(?P<subject>(?:申请|申报|享受)[^，。；\n]{0,16}?(?:企业|单位|机构|主体|项目|对象))[^，。；\n]{0,6}?(?:应当?|须|必须|需)"
)
_BARRED = re.compile(
    r"(?P<subject>[^。；\n]{0,40}?)有?(?:以下|下列|如下)(?:情形|情况|行为)之一的?[，,][^:：。]{0,12}?(?:不予|不得|不能|不再)[^:：。]{0,12}[:：]"
)
_REFERENCE = re.compile(r"(?:符合|具备|满足)(?:本\w{2})?第(?P<number>[零一二三四五六七八九十百\d]+)条")
_ANNOUNCES = re.compile("以下|下列|如下")
_OF_PART = re.compile(r"本(?:部分|章|节|条)(?!例)")
_DEFINED = re.compile(r"所称(?:的)?(?P<name>[^，,。]{2,20}?)[，,]?(?:(?:是|系)?指|应当?|须)")
_NAMED = 0.5
"""Share of the words of a kind of applicant that a question must have to be about that kind."""
_CLOSING = re.compile(r"附则|解释|施行")


def general_clauses(benefit: Benefit, clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Clauses of `clauses` (one edition, in order) to read conditions of `benefit` from, beside its own clause."""
    ancestors = _ancestors(benefit.path)
    named = _referred(benefit, clauses, ancestors)
    kept: dict[ClausePath, Clause] = {}
    for clause in clauses:
        if clause.path == benefit.path or not clause.text.strip():
            continue
        above = clause.path in ancestors and _states_conditions(clause)
        if above or (clause.path not in ancestors and (clause.path in named or _general(clause, benefit))):
            kept[clause.path] = clause
            for item in clauses:
                if item.path.startswith(f"{clause.path}.") and not above and item.path != benefit.path:
                    kept[item.path] = item
    return tuple(kept.values())


def requirements_of_all(clauses: Sequence[Clause], asked: str) -> Iterator[tuple[Clause, Sentence]]:
    """Sentences that require something of everybody, or of the kind of applicant that `asked` names."""
    leads = {clause.path: subject for clause in clauses if (subject := _lead_subject(clause.text)) is not None}
    for clause in clauses:
        lead = next((leads[path] for path in _ancestors(clause.path) if path in leads), None)
        called = CALLED.match(clause.text)
        if called is not None and lead is not None:
            # 骨干企业：…, 领军企业：…: each item is for one class.
            if re.sub(r"[\d.．、：:\s]", "", called[0]) in asked:
                yield from ((clause, sentence) for sentence in split_sentences(clause))
            continue
        if lead is not None and not _named(lead, asked):
            continue
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            defined = _DEFINED.search(text)
            if defined is not None:
                if _named(defined["name"], asked):
                    yield clause, sentence
            elif (
                lead is not None
                or is_about_applicants(clause)
                or any(_named(subject, asked) for subject in _required_subjects(text))
            ):
                yield clause, sentence


def _named(subject: str, asked: str) -> bool:
    """Whether a subject is of general words, or has those of the question."""
    special = _GENERIC.sub(" ", subject).split()
    return not special or covered("".join(special), as_policies_say(asked)) >= _NAMED


def _referred(benefit: Benefit, clauses: Sequence[Clause], ancestors: frozenset[ClausePath]) -> frozenset[ClausePath]:
    """Clauses that the benefit, or a lead above it, refers to for its conditions (符合第三条规定的)."""
    leads = [clause.text for clause in clauses if clause.path in ancestors]
    texts = (benefit.beneficiary, benefit.quote, *leads)
    numbers = (to_int(match["number"]) for text in texts for match in _REFERENCE.finditer(text))
    return frozenset(str(number) for number in numbers if number is not None)


def _ancestors(path: ClausePath) -> frozenset[ClausePath]:
    ordinals = path.split(".")
    return frozenset(".".join(ordinals[:depth]) for depth in range(1, len(ordinals)))


def _states_conditions(clause: Clause) -> bool:
    return any(is_requirement(clause.text[s.start : s.end]) for s in split_sentences(clause))


def _general(clause: Clause, benefit: Benefit) -> bool:
    """Whether a clause beside the benefit's own sets conditions for it."""
    shared = _shares_part(clause.path, benefit.path)
    if _OF_PART.search(clause.text):
        return False  # for what lies below it, and there it is an ancestor
    subject = _lead_subject(clause.text)
    if subject is not None:
        return _fits(subject, benefit) and (shared or _stands_first(clause))
    if re.search(r"本(?:办法|措施|政策|规定|细则|意见|条例)适用于", clause.text):
        return True
    return is_about_applicants(clause) or _requires_of_all(clause, benefit)


@lru_cache(maxsize=4096)
def _lead_subject(text: str) -> str | None:
    """Who a list of conditions is for; None where the text announces none."""
    if not _ANNOUNCES.search(text):
        return None
    lead = _LEAD.search(text) or _BARRED.search(text)
    return lead["subject"].split("。")[-1] if lead is not None else None


def _requires_of_all(clause: Clause, benefit: Benefit) -> bool:
    """Whether a sentence requires something of every applicant: 申请本政策资金的企业应当在本市登记注册."""
    return any(_fits(subject, benefit) for subject in _required_subjects(clause.text))


@lru_cache(maxsize=4096)
def _required_subjects(text: str) -> tuple[str, ...]:
    found = []
    for sentence in re.split("[。\n]", text) if _APPLYING.search(text) else ():
        match = _APPLYING.search(sentence)
        if match is not None and is_requirement(sentence):
            found.append(match["subject"])
    return tuple(found)


def _fits(subject: str, benefit: Benefit) -> bool:
    """A subject of general words fits every benefit; another one where the benefit names it."""
    if not subject or _GENERIC.fullmatch(subject):
        return True
    special = _GENERIC.sub(" ", subject.replace("或者", "或")).split()
    words = f"{name_of(benefit.beneficiary).core}{benefit.quote}{benefit.kind}"
    return bool(special) and all(any(part in words for part in word.split("或")) for word in special)


def _shares_part(path: ClausePath, other: ClausePath) -> bool:
    return "." in path and path.rpartition(".")[0] == other.rpartition(".")[0]


def _stands_first(clause: Clause) -> bool:
    """General conditions stand at the top of the numbering, not inside another part's list."""
    return "." not in clause.path and not _CLOSING.search(clause.heading or "")
