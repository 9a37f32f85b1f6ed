"""Whether two grants that a question names may be had together: 不得兼得, 就高享受, 择一, 可以同时享受."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.models import Clause, PolicyId
from index.parse.numerals import to_int
from rag.conditions.said import as_policies_say
from rag.sentences import split_sentences
from rag.terms import content_terms, presence
from rag.verify import Quote

_NOT_BOTH = re.compile(
    r"不得?(?:再)?(?:兼得|兼享|同时|重复|叠加|累计)|不[可能](?:以)?(?:兼得|同时|重复|叠加)|不再(?:重复|单独|另行)?(?:享受|给予|奖励|补助|补贴|支持)"
    r"|就高|从高|择优|择一|(?:选择|享受|申[请报领]|给予)其?中?的?一[项种次]|一项(?:补助|奖励|补贴|支持)?$"
)
_UNHAD = re.compile(r"未(?:曾|经)?(?:领取|享受|获得|申领|取得)过?(?P<had>[^，。；,;的]{2,12})的")
"""A grant for those alone who have not had another one: 未领取安家费的人才给予租房补贴."""
_BOTH = re.compile(r"(?<!不)(?:可以?|能够?|允许|予以)(?:同时|叠加|累计|累加|合并|兼得|一并|重复)")
_ASKS_BOTH = re.compile(
    r"(?:都|一起|同时|一块儿?|一并|两头|两[份笔个项边样]|叠加|重复|双份)[^,，。?？]{0,6}(?:拿|领|要|享受|申|报|给|用|补|有)"
    r"|(?:拿|领|享受|申请|要|给)[^,，。?？]{0,4}(?:两[份笔个项]|双份)|还[^,，。?？]{0,3}再?[^,，。?？]{0,8}(?:拿|领|要|享受|申|报|给|补|住)"
    r"|又[^,，。?？]{1,16}又|叠加|重复"
)
_AT_ONCE = re.compile("一起|同时|一块儿?|一并|两头|双份|两[份笔个项样]")
_HAD = re.compile(r"(?:拿|领|享受|得|评|获)[^,，。?？]{0,3}(?:了|过|上)|已经?[^,，。?？]{0,6}(?:拿|领|享受|得)|和|又")
_NUMBERED = re.compile(
    r"第[（(]?(?P<number>[零一二三四五六七八九十百\d]+)[）)]?[条项款]|(?<![\d.])(?P<path>\d{1,2}\.\d{1,2})(?![\d.%])"
)
_ABOVE = re.compile(r"前[两二三四五]?[项款条]|上述|以上")
_PART = re.compile("[。；;\n]")
_SOME = 0.6
_OTHERS = re.compile(r"国家|中央|省里?|上级|其他|市里?|区里?|县里?|财政")


@dataclass(frozen=True, slots=True)
class Together:
    """A sentence on two grants.

    Attributes:
        allowed: they may be had together.
        fit: share (0..1) of the words of the question that it and the clauses it names have.
    """

    quote: Quote
    allowed: bool
    fit: float


def asks_together(asked: str) -> bool:
    """Whether a question asks for two grants at once, or for one beside another that was had."""
    return bool(_ASKS_BOTH.search(asked)) and bool(_HAD.search(asked))


def together(asked: str, clauses: Sequence[Clause], policy_id: PolicyId, *, place: str = "") -> Together | None:
    """The sentence of a policy that says whether the grants that `asked` names may be had together.

    Args:
        place: words that name the policy or its place, which tell nothing of a grant.
    """
    named = [place[:size] for size in (4, 3, 2) if len(place) >= size and place[:size] in asked]
    found_terms = content_terms(asked, ignore=named)
    terms = [term.text for term in found_terms if not term.weak and term.text[:2] not in place[:4]]
    terms = [term for term in terms if not _ASKS_BOTH.search(term) and not _AT_ONCE.fullmatch(term)]
    plain = as_policies_say(asked)
    if not terms:
        return None
    found: list[Together] = []
    for clause in clauses:
        for sentence in split_sentences(clause):
            text = clause.text[sentence.start : sentence.end]
            if not (_NOT_BOTH.search(text) or _BOTH.search(text) or _UNHAD.search(text)):
                continue
            quote = Quote(policy_id, clause, sentence.start, sentence.end)
            found += [
                Together(quote, allowed, fit)
                for part in _parts(text)
                if (allowed := _says(part)) is not None and (fit := _fit(part, clause, clauses, terms, plain)) >= _SOME
            ]
    return max(found, key=lambda one: one.fit, default=None)


def _parts(text: str) -> list[str]:
    """Parts that say one thing: 甲与乙可以叠加，与丙不可同时享受 says two."""
    found: list[str] = []
    for part in _PART.split(text):
        two = _NOT_BOTH.search(part) and _BOTH.search(part)
        found += re.split("[，,]", part) if two else [part]
    return found


def _says(part: str) -> bool | None:
    if _NOT_BOTH.search(part) or _UNHAD.search(part):
        return False
    return True if _BOTH.search(part) else None


def _fit(part: str, clause: Clause, clauses: Sequence[Clause], terms: Sequence[str], asked: str) -> float:
    """Share of the question's words that stand in the part, in the clauses it names by number, and in its heading."""
    unhad = _UNHAD.search(part)
    if unhad is not None:
        # The other grant has to stand behind it, and more of the question than what was had.
        had, given = unhad["had"], part[unhad.end() :]
        rest = [term for term in terms if not presence(term, had)]
        fits = 0 < len(rest) < len(terms) and all(presence(term, given) >= _SOME for term in rest)
        return 1.0 if fits else 0.0
    named = "".join(_text_of(match, clauses) for match in _NUMBERED.finditer(part))
    if _ABOVE.search(part):
        parent = clause.path.rpartition(".")[0]
        named += "".join(one.text for one in clauses if parent and one.path.rpartition(".")[0] == parent)
    above = "".join((*clause.trail[-1:], clause.heading or ""))
    told = sum(presence(term, f"{part}{named}{above}") for term in terms) / len(terms)
    own = [term.text for term in content_terms(part) if not term.weak]
    back = sum(presence(word, asked) for word in own) / len(own) if own else 0.0
    return told + 0.2 * back if named or back >= 0.4 or _OTHERS.search(asked) else 0.0


def _text_of(match: re.Match[str], clauses: Sequence[Clause]) -> str:
    number = match["path"] or str(to_int(match["number"]))
    return "".join(one.text for one in clauses if one.path == number or one.path.endswith(f".{number}"))
