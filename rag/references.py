"""Document numbers, titles and clause numbers that a question names, and the clauses they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from index.clean.characters import shape_of
from index.models import Clause, PolicyFacts, PolicyId
from index.parse.numerals import CN_NUMERAL, to_int

_NUMBER = rf"(?:\d{{1,4}}|{CN_NUMERAL})"
_YEAR = r"(?:19|20)\d{2}"
_DOC_NUMBER = re.compile(rf"([\u4e00-\u9fff]{{2,12}}?)[\[(]({_YEAR})[\])]第?0*(\d{{1,5}})号")
_TITLE = re.compile(r"《([^《》]{2,120})》")
_ARTICLE = re.compile(
    rf"第({_NUMBER})条(?:之({_NUMBER}))?(?:第({_NUMBER})款)?(?:第?\(?({_NUMBER})\)?项)?(?:第?\(?({_NUMBER})\)?目)?"
)
_OUTLINE = re.compile(
    rf"(?:第({_NUMBER})(?:部分|章|大点)(?:的)?|({CN_NUMERAL})、?)(?:第?\(({_NUMBER})\)(?:条|项|点)?)(?:(?:第)?(\d{{1,2}})[.、点项]?)?"
)
_ITEM = re.compile(rf"第?\(({_NUMBER})\)(?:条|项|点|款)")
_PLAIN = str.maketrans("〔〕【】「」", "[][][]")


@dataclass(frozen=True, slots=True)
class ClauseReference:
    """A clause number as a question writes it.

    Attributes:
        numbers: ordinals of the levels, outermost first; (12, 3) for 第十二条第(三)项 and for 十二、(三).
        paragraph: number of the 款 under the first level, None where none is named.
        style: "article" (第X条), "outline" (三、(二)) or "item" (第(五)项 alone).
        said: the words of the question.
    """

    numbers: tuple[int, ...]
    paragraph: int | None
    style: str
    said: str


@dataclass(frozen=True, slots=True)
class References:
    """What a question names outright; empty tuples where nothing."""

    doc_numbers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    clauses: tuple[ClauseReference, ...] = ()


def fold_number(doc_number: str) -> str:
    """A document number in one spelling: brackets in all forms count alike, blanks and leading zeros do not."""
    plain = unicodedata.normalize("NFKC", doc_number).translate(_PLAIN)
    plain = re.sub(r"\s+", "", plain).replace("(", "[").replace(")", "]")
    return re.sub(r"\]第?0*(\d)", r"]\1", plain)


def find_references(text: str) -> References:
    """References in `text` (simplified characters)."""
    plain = re.sub(r"(?<=[\u4e00-\u9fff\d\])])[ \t]+(?=[\u4e00-\u9fff\d\[(])", "", shape_of(text))
    numbers = tuple(dict.fromkeys(f"{who}[{year}]{number}号" for who, year, number in _DOC_NUMBER.findall(plain)))
    titles = tuple(dict.fromkeys(_TITLE.findall(text)))
    rest = _DOC_NUMBER.sub(" ", plain)
    return References(numbers, titles, _clause_references(rest))


def _clause_references(plain: str) -> tuple[ClauseReference, ...]:
    found: list[ClauseReference] = []
    for style, pattern in (("article", _ARTICLE), ("outline", _OUTLINE), ("item", _ITEM)):
        for match in pattern.finditer(plain):
            reference = _reference(style, match)
            if reference is not None:
                found.append(reference)
        plain = pattern.sub(" ", plain)
    return tuple(dict.fromkeys(found))


def _reference(style: str, match: re.Match[str]) -> ClauseReference | None:
    paragraph = None
    if style == "article":
        # 第十二条之一 has a path of its own in no known document; it is read as 第十二条.
        article, _, stated, item, sub_item = match.groups()
        paragraph = to_int(stated) if stated else None
        written = [article, item, sub_item]
    elif style == "outline":
        part, ordinal, item, sub_item = match.groups()
        written = [part or ordinal, item, sub_item]
    else:
        written = [match[1]]
    numbers = [to_int(number) for number in written if number]
    if not numbers or any(number is None for number in numbers):
        return None
    return ClauseReference(tuple(number for number in numbers if number is not None), paragraph, style, match[0])


def named_policies(references: References, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[PolicyId, ...]:
    """Policies whose document number or title a question names.

    A number without its full prefix (办函〔2022〕69号) and a part of a title count where they fit.
    """
    wanted = [fold_number(number) for number in references.doc_numbers]
    found = [
        policy_id
        for policy_id, about in facts.items()
        if about.doc_number and any(_same_number(number, fold_number(about.doc_number)) for number in wanted)
    ]
    titles = [_fold_title(title) for title in references.titles]
    found += [
        policy_id
        for policy_id, about in facts.items()
        if any(title in _fold_title(about.title) or _fold_title(about.title) in title for title in titles)
    ]
    return tuple(dict.fromkeys(found))


def _same_number(asked: str, stored: str) -> bool:
    # The words before the number are cut greedily from the question: 请问杭政办函[2022]69号.
    return asked.endswith(stored) or stored.endswith(asked)


def _fold_title(title: str) -> str:
    return re.sub(r"\s+", "", shape_of(unicodedata.normalize("NFKC", title)))


def unresolved_numbers(references: References, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[str, ...]:
    """Document numbers a question names that no indexed policy has, in 〔〕 form."""
    stored = [fold_number(about.doc_number) for about in facts.values() if about.doc_number]
    return tuple(
        number.replace("[", "〔").replace("]", "〕")
        for number in references.doc_numbers
        if not any(_same_number(fold_number(number), known) for known in stored)
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A clause a reference stands for; `paragraph` counts from 1, None for the whole clause."""

    clause: Clause
    paragraph: int | None = None


def resolve(reference: ClauseReference, clauses: Iterable[Clause]) -> tuple[Resolved, ...]:
    """Clauses of one policy that `reference` stands for, none where the policy has no such clause.

    An article or part stands for the clause with its number, or else for all that lies directly below it.
    """
    clauses = tuple(clauses)
    by_path: dict[str, Clause] = {}
    for clause in clauses:
        by_path.setdefault(clause.path, clause)
    path = ".".join(map(str, reference.numbers))
    if reference.paragraph is not None:
        return _resolve_paragraph(reference, by_path)
    if reference.style == "item":
        suffix = f".{path}"
        return tuple(Resolved(clause) for clause in clauses if clause.path.endswith(suffix))[:1]
    if reference.style == "article" and not _has_articles(clauses):
        # 第十六条 said of a document whose items run on through its parts: 四、(十六).
        running = [clause for clause in clauses if re.fullmatch(rf"\d+\.{reference.numbers[0]}", clause.path)]
        return tuple(Resolved(clause) for clause in running) if len(running) == 1 else ()
    found = [by_path[path]] if path in by_path else []
    children = [clause for clause in clauses if re.fullmatch(rf"{re.escape(path)}\.(?:\d+|p\d+)", clause.path)]
    return tuple(Resolved(clause) for clause in [*found, *children])


def _resolve_paragraph(reference: ClauseReference, by_path: Mapping[str, Clause]) -> tuple[Resolved, ...]:
    """第六条第二款 is a clause of its own (6.p2) after items, else the second paragraph of clause 6."""
    article, *items = map(str, reference.numbers)
    below = "".join(f".{item}" for item in items)
    own = by_path.get(f"{article}.p{reference.paragraph}{below}")
    if own is not None:
        return (Resolved(own),)
    if items:
        item = by_path.get(f"{article}{below}")
        return (Resolved(item),) if item is not None else ()
    whole = by_path.get(article)
    if whole is None or reference.paragraph is None or not 1 <= reference.paragraph <= len(paragraphs(whole)):
        return ()
    return (Resolved(whole, reference.paragraph),)


def paragraphs(clause: Clause) -> list[tuple[int, int]]:
    """Ranges of the paragraphs (款) in `Clause.text`; a heading on a line of its own is none."""
    body = len(clause.heading or "")
    body = body if clause.text[body : body + 1] == "\n" else 0
    ranges = [match.span() for match in re.finditer(r"[^\n]+", clause.text)]
    return [(start, end) for start, end in ranges if end > body]


def _has_articles(clauses: Iterable[Clause]) -> bool:
    return any(clause.label.startswith("第") and "条" in clause.label for clause in clauses)
