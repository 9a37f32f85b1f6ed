"""What a sentence says beside its figures: yes or no, quotations, titles, contacts, and whether it is of the clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rag.doc_numbers import fold_number
from rag.terms import content_terms, presence
from rag.verify.evidence import Allowed, Evidence
from rag.verify.models import ProblemKind
from rag.verify.plain import DOC_NUMBER, TITLE, fold, letters

_Fault = tuple[ProblemKind, str]

QUOTE_LENGTH = 8
"""Words in quotation marks longer than this are a quotation, shorter ones a name."""
RELEVANT = 0.4
"""Share of a sentence's content words that the cited clause must have, where they share no figure."""
RELATED = 0.34
"""The same for one of several markers of a sentence."""
_FIGURE_WEIGHT = 1.5
_WEAK_WEIGHT = 0.25
_FOREIGN_TERMS = 2
_FEWEST_PAIRS = 4

_QUOTED = re.compile(r"“([^“”]*)”")
_CONTACT = re.compile(
    r"https?://[^\s,;。]+|www\.[^\s,;。]+|[\w.-]+\.(?:com|cn|net|org|gov)\b[^\s,;。]*|[\w.+-]+@[\w-]+\.[\w.]+"
    r"|(?<!\d)(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|400-?\d{3}-?\d{4}|\d{3,4}-\d{7,8}|12345)(?!\d)"
)
_CONTACT_WORD = re.compile(
    r"(?:联系人|微信|QQ|加群|公众号|客服)[::是为]?([\u4e00-\u9fffA-Za-z0-9]{1,12})", re.IGNORECASE
)
_PROMISE = re.compile(
    r"保证通过|包(?:过|通过|办)|长期有效|永久有效|一直有效|无条件|免(?:审|于审核)|肯定能|一定能|必定|百分之百能|绝对"
)
SILENT = re.compile(
    r"(?:没有|未|并未|没|不)(?:曾|有)?(?:直接|单独|明确|具体|另外|进一步|再)?(?:写明?|规定|提到?|说明?|载明|明确|列出|涉及|给出|注明|公布|收录|约定|限定|要求)"
)
# Words an answer is built with, which say nothing of the policy.
_ANSWERING = re.compile(
    r"[您你]的?|前提(?:条件)?|不过|因此|所以|如果|其中|另外|同时|目前|现在|以前|已经|曾经|单独|分(?=[两二三四五六七八九十\d]+[类档种])|[两二三四五六七八九十\d]+[类档种]"
    r"|这一?[类档种]|该[类档种]|低档|高档|正好|恰好|不算|等于|规模|领过|拿过|拿到|领取|够得?上?|不一定|一般来说|也就是说|简单说|具体|都要|要求|符合|算(?=[,:])|升级|对应|分别|各(?=[\d是为])|当地|当年"
    r"|减去已领的?|已领的|两者相差|这是上限|实际数额可能低于这个数|再往上是|(?:按|要看)?计算(?:补助|奖励)?的?金额基数|[的这]个?档次|不足(?=\d)"
)
_DAY = re.compile(r"(?<!\d)0?(1[0-2]|[1-9])月0?(3[01]|[12]\d|[1-9])日")
_CLAUSE_PARTS = re.compile(r"[,;:。!?！？；：]")
_NOT = re.compile(
    r"不予|不得(?!超过|高于|低于|少于|大于|小于|不)|不可(?!或缺|避免|分|超过|高于|低于|少于)|不能(?!超过|高于|低于|少于|多于)|不再|不给|不享受|不属于|不需要?|不必|不用|不应|不奖|不补|不含|不计|不支持|不适用|不收取?|不认可|不退还"
    r"|无需|无须|毋须|禁止|严禁|取消|除外|停止|免于|拒绝|没有(?=资格|补|奖|资)|未(?=列入|纳入|达到|满|被|获|通过|按|经)|没有(?=被|列|达|发生|纳)|不(?=符合|满足|具备|重复|叠加|影响|受理|兑现|承担|负责|限于|累计|迁|作为|列入|纳入)|不可以"
)
_GIVEN = r"给予|予以|发放|享受|申请|申报|申领|受理|奖|补|资助|支持|提供|拨付|兑现|缴纳|提交|重复|列入|纳入|认定|推荐"
_OBLIGES = re.compile(r"应当|应该|必须|须(?!知)|需要?(?!求)|应(?=[^用届收届对急聘邀付届变当该]{1})")
_PREDICATE = re.compile(rf"(?:{_GIVEN})")


def wording_faults(
    plain: str, evidences: Sequence[Evidence], allowed: Allowed, titles: Sequence[str]
) -> Iterator[_Fault]:
    """Faults of a folded sentence that do not turn on a figure."""
    yield from _names(plain, evidences, allowed, titles)
    yield from _quotations(plain, evidences, titles)
    yield from _contacts(plain, evidences)
    if evidences:
        yield from _days_of_year(plain, evidences, allowed)
        yield from _polarity(plain, evidences)


def without_silence(plain: str) -> str:
    """`plain` of the same length, with the parts blanked out that say what the file does not say."""
    parts = re.split(r"([,;:。])", plain)
    return "".join("□" * len(part) if SILENT.search(part) and not re.search(r"\d", part) else part for part in parts)


def _names(plain: str, evidences: Sequence[Evidence], allowed: Allowed, titles: Sequence[str]) -> Iterator[_Fault]:
    """Titles and document numbers must be a cited source's, or stand in a cited clause."""
    silent = bool(SILENT.search(plain)) or not evidences
    asked = allowed.text if silent else ""
    own = [evidence.source.facts for evidence in evidences]
    known_titles = [letters(fold(title).text) for title in (*titles, *(facts.title for facts in own))]
    texts = "".join(evidence.letters.text for evidence in evidences) + letters(asked)
    for match in TITLE.finditer(plain):
        title = letters(match[1])
        if title not in texts and not any(title in known or known in title for known in known_titles if known):
            yield (ProblemKind.TITLE, f"《{match[1]}》不是所引文件的名称,条款中也没有提到")
    numbers = {fold_number(facts.doc_number) for facts in own if facts.doc_number}
    written = fold_number("".join(evidence.plain for evidence in evidences) + asked)
    for match in DOC_NUMBER.finditer(plain):
        number = fold_number(match[0])
        tail = number[number.index("[") :]
        if tail not in written and not any(known.endswith(tail) for known in numbers):
            yield (ProblemKind.TITLE, f"文号“{match[0]}”不是所引文件的文号,条款中也没有提到")


def _quotations(plain: str, evidences: Sequence[Evidence], titles: Sequence[str]) -> Iterator[_Fault]:
    known = [*(letters(fold(title).text) for title in titles), *(letters(evidence.context) for evidence in evidences)]
    for match in _QUOTED.finditer(plain):
        words = letters(match[1])
        if len(words) > QUOTE_LENGTH and not any(words in text for text in known):
            yield (ProblemKind.QUOTE, f"“{match[1]}”不是条款的原文")


def _contacts(plain: str, evidences: Sequence[Evidence]) -> Iterator[_Fault]:
    text = "".join(evidence.plain for evidence in evidences)
    for match in _CONTACT.finditer(plain):
        if match[0] not in text:
            yield (ProblemKind.CONTACT, f"“{match[0]}”在引用的条款里没有")
    for match in _CONTACT_WORD.finditer(plain):
        if match[0] not in text and not SILENT.search(plain) and match[1] not in text:
            yield (ProblemKind.CONTACT, f"“{match[0]}”在引用的条款里没有")
    for match in _PROMISE.finditer(plain):
        if match[0] not in text:
            yield (ProblemKind.CONTACT, f"“{match[0]}”在引用的条款里没有")


def _days_of_year(plain: str, evidences: Sequence[Evidence], allowed: Allowed) -> Iterator[_Fault]:
    """Days without a year (4月30日) compare as a whole; dates with one are figures."""
    stated = {match.groups() for evidence in evidences for match in _DAY.finditer(evidence.plain)}
    stated |= {match.groups() for match in _DAY.finditer(allowed.text)}
    for evidence in evidences:
        facts = evidence.source.facts
        days = (facts.effective_on, facts.expires_on, facts.issued_on)
        stated |= {(str(day.month), str(day.day)) for day in days if day is not None}
    for match in _DAY.finditer(plain):
        if match.groups() not in stated and plain[match.start() - 1 : match.start()] != "年":
            yield (ProblemKind.DATE, f"“{match[0]}”在引用的条款里没有")


def _polarity(plain: str, evidences: Sequence[Evidence]) -> Iterator[_Fault]:
    """A part of the sentence that denies what its nearest part of the clause affirms, or the other way round."""
    stated = [part for evidence in evidences for part in _clause_parts(evidence.plain)]
    if SILENT.search(plain) or _FALLS_SHORT.search(plain):
        # 45%低于50%,不符合要求 follows from a clause that affirms.
        stated = [part for part in stated if _negative(part)]
    if SILENT.search(plain):
        return
    for part in _with_conditions(plain):
        if not _PREDICATE.search(part) and not _NOT.search(part):
            continue
        nearest = _nearest(part, stated)
        if nearest is None:
            continue
        if _negative(part) != _negative(nearest) and not any(
            _negative(part) == _negative(other) and _alike(part, other) >= _alike(part, nearest) for other in stated
        ):
            yield (ProblemKind.POLARITY, f"“{part}”与条款的“{nearest}”意思相反")
            return
    if _ENDS.search(plain) and not any(_ENDS.search(evidence.plain) for evidence in evidences):
        yield (ProblemKind.DATE, "条款中没有说从那一天起失效")
    if _duty(plain, evidences):
        yield (ProblemKind.POLARITY, "条款中是必须做的事,句中说成不必做,或者相反")


def _with_conditions(plain: str) -> list[str]:
    return [part for part in _CLAUSE_PARTS.split(plain) if len(part) > 2]


@lru_cache(maxsize=2048)
def _clause_parts(plain: str) -> tuple[str, ...]:
    return tuple(part for part in _CLAUSE_PARTS.split(plain) if len(part) > 2)


def _negative(part: str) -> bool:
    return len(_NOT.findall(_BRACKETED.sub("", part))) % 2 == 1


@lru_cache(maxsize=4096)
def _pairs(part: str) -> frozenset[str]:
    bare = letters(_NOT.sub("", re.sub(r"可以|应当|应该|必须|需要", "", part)))
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))


def _alike(one: str, other: str) -> float:
    """Overlap of character pairs, as a share of the shorter part's; two words alone are not alike."""
    left, right = _pairs(one), _pairs(other)
    return len(left & right) / max(_FEWEST_PAIRS, min(len(left), len(right)))


def _nearest(part: str, stated: Sequence[str]) -> str | None:
    best = max(stated, key=lambda other: _alike(part, other), default=None)
    return best if best is not None and _alike(part, best) >= 0.5 else None


_ENDS = re.compile(r"(?:之日起?|自[^,;。]{0,20}日起?)(?:到期|就|便)?(?:失效|废止|到期|终止|停止)")
_BRACKETED = re.compile(r"\([^()]*\)")
_FALLS_SHORT = re.compile(r"(?<!不)(?<!不得)低于|不足|不到|达不到|没有达到|未达到|(?<!不)少于|不满|未满|还差|不够")
_WAIVED = re.compile(r"无需|无须|毋须|不需要?|不必|不用|可以?不")


def _duty(plain: str, evidences: Sequence[Evidence]) -> bool:
    """无需提交 where the clause says 应当提交."""
    if not _WAIVED.search(plain):
        return False
    return not any(_WAIVED.search(evidence.plain) or "免" in evidence.plain for evidence in evidences)


def terms_of(plain: str) -> tuple[tuple[str, float], ...]:
    """Content words of a folded sentence with their weights; words of the trade weigh little."""
    return _terms_of(_ANSWERING.sub(" ", TITLE.sub(" ", DOC_NUMBER.sub(" ", plain))))


@lru_cache(maxsize=4096)
def _terms_of(plain: str) -> tuple[tuple[str, float], ...]:
    return tuple(
        (term.text, _WEAK_WEIGHT if term.weak else 1.0) for term in content_terms(plain) if not term.text.isdigit()
    )


def support(plain: str, text: str, shared: int = 0) -> float:
    """Share (0..1) of the sentence's content words that a text has; 1 for a sentence without any.

    The number of figures both share, `shared`, counts like as many words.
    """
    terms = [*terms_of(plain)]
    matched = shared * _FIGURE_WEIGHT
    total = sum(weight for _, weight in terms) + matched
    if not total:
        return 1.0
    low = text.lower()
    return (matched + sum(weight * presence(term, low) for term, weight in terms)) / total


def foreign_part(plain: str, known: str) -> str | None:
    """A part of the sentence whose content words are all unknown to `known`: what was added to it."""
    low = known.lower()
    for part in _CLAUSE_PARTS.split(plain):
        terms = [term for term, weight in terms_of(part) if weight == 1.0]
        if len(terms) >= _FOREIGN_TERMS and not any(presence(term, low) for term in terms):
            return part
    return None
