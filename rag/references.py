"""Document numbers, titles and clause numbers that a question names, and the clauses they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from index.clean.characters import shape_of
from index.models import Clause, PolicyFacts, PolicyId
from index.parse.numerals import CN_NUMERAL, to_int
from rag.doc_numbers import DOC_NUMBER, fold_number, numbers_in, same_number
from rag.kinds import by_place_and_kind
from rag.mentions import Mention, TitleIndex, title_index
from rag.titles import YEAR_PHRASE, family, title_years, years_in

_NUMBER = rf"(?:\d{{1,4}}|{CN_NUMERAL})"
_TITLE = re.compile(r"《([^《》]{2,120})》")
# 民法典1001条: 第 is left out only behind a kind of document; 两条意见 is no clause.
_BEHIND_KIND = r"(?:(?<=[^方]法)|(?<=法典)|(?<=条例)|(?<=规定)|(?<=细则))"
_ORDINAL = rf"(?:第|{_BEHIND_KIND}(?=\d|[一二三四五六七八九十百千零]{{2}}))"
_BELOW = (
    rf"(?:第?({_NUMBER})款)?(?:第?\(?({_NUMBER})\)?项|\(({_NUMBER})\)(?![、,.]))?"
    rf"(?:第?\(?({_NUMBER})\)?目(?:\(({_NUMBER})\))?)?"
)
_ARTICLE = re.compile(rf"{_ORDINAL}({_NUMBER})条(?:之({_NUMBER}))?的?{_BELOW}")
_SEVERAL = re.compile(rf"第({_NUMBER}(?:(?:[、,和及]|以及)第?{_NUMBER})+)条(?!之)")
_RANGE = re.compile(rf"第({_NUMBER})条?(?:至|到|-|~)第?({_NUMBER})条(?!之)")
_OUTLINE = re.compile(
    rf"(?:第({_NUMBER})(?:部分|章|大点)(?:的)?|({CN_NUMERAL})、?)(?:第?\(({_NUMBER})\)(?:条|项|点)?)(?:(?:第)?(\d{{1,2}})[.、点项]?)?"
)
_PART = re.compile(rf"第({_NUMBER})(?:大?部分|章|大点)的?(?:第?({_NUMBER})[条项点款])?")
_ITEM = re.compile(rf"第?\(({_NUMBER})\)(?:条|项|点|款)")
# 7.3条, 第1.4.2项: the ordinals joined by dots, as clauses are addressed; 1.2条生产线 counts lines.
_DOTTED = re.compile(
    r"(?<![\d.])第?(\d{1,3}(?:\.\d{1,3}){1,3})(?:条款?|款|项|节)(?=$|[\s,。?!的是里中内怎讲说写具规到那]|什么|如何)"
)
# What may follow a policy's name: 附件1 二、(二), 第二部分一、(一), 五、3.(1), 2.3.1, 四(三)2.
_ONE_ORDINAL = (
    rf"第({_NUMBER})(?:部分|章|节|大点|大项|点|项)|({CN_NUMERAL})(?:、|(?=\())|\(({_NUMBER})\)[、.]?|([\u2460-\u2473])"
    r"|(\d{1,2})(?:[.、](?!\d{3})|(?![\d年月日万亿%个家条户项号-]))"
)
_ORDINALS = re.compile(_ONE_ORDINAL)
_FILLER = re.compile(rf"(?:[\s的中里,:》\"]|\((?:试行|暂行|修订|修正|征求意见稿|草案)\)|{YEAR_PHRASE.pattern})*")
_OUTER = re.compile(rf"(?:(?:附件{_NUMBER}|第{_NUMBER}(?:部分|章|节|大点|大项)|{CN_NUMERAL}、)[\s的]*)+$")
_ATTACHMENT = re.compile(rf"附件({_NUMBER})")
_PARAGRAPH = re.compile(rf"第({_NUMBER})款")
RANGE_LIMIT = 20
"""Longest range of articles (第三条至第九条) that is read as its articles; a longer one gives both ends."""


@dataclass(frozen=True, slots=True)
class ClauseReference:
    """A clause number as a question writes it.

    Attributes:
        numbers: ordinals of the levels, outermost first; (12, 3) for 第十二条第(三)项 and for 十二、(三).
        paragraph: number of the 款 under the first level, None where none is named.
        style: "article" (第X条), "outline" (三、(二)), "item" (第(五)项 alone) or "attachment" (附件1 二、).
        said: the words of the question.
        inserted: number of an article put in later, 1 for 第四条之一; None for an ordinary one.
        start: offset in `References.text`.
    """

    numbers: tuple[int, ...]
    paragraph: int | None
    style: str
    said: str
    inserted: int | None = None
    start: int = field(default=-1, compare=False)

    @property
    def path(self) -> str:
        """The clause path: 12.3, or 4-1 for 第四条之一."""
        first, *below = map(str, self.numbers)
        first = f"a{first}" if self.style == "attachment" else first
        return ".".join((first if self.inserted is None else f"{first}-{self.inserted}", *below))


@dataclass(frozen=True, slots=True)
class References:
    """What a question names outright; empty tuples where nothing.

    Attributes:
        titles: in 《》; other names of policies are found when the policies are known.
        text: the text they were found in, blanks and widths evened out; `ClauseReference.start` counts in it.
    """

    doc_numbers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    clauses: tuple[ClauseReference, ...] = ()
    text: str = field(default="", compare=False)


def find_references(text: str) -> References:
    """References in `text` (simplified characters)."""
    plain = re.sub(r"(?<=[\u4e00-\u9fff\d\])])[ \t]+(?=[\u4e00-\u9fff\d\[(])", "", shape_of(text))
    numbers = numbers_in(plain)
    titles = tuple(dict.fromkeys(_TITLE.findall(text)))
    rest = DOC_NUMBER.sub(_blanks, plain)
    # Inside 《》 numbers belong to a title: 《关于第三条的解释》.
    return References(numbers, titles, clause_references(_TITLE.sub(_blanks, rest)), plain)


def _blanks(found: re.Match[str]) -> str:
    # Offsets must stay, and 法 before 1001条 must not be lost: what stood before is not looked at through blanks.
    return " " * len(found[0])


def clause_references(plain: str) -> tuple[ClauseReference, ...]:
    """Clause numbers in a text of one width (see `shape_of`), in order, each once."""
    found: list[ClauseReference] = []
    for pattern, read in ((_RANGE, _range), (_SEVERAL, _several)):
        found += [reference for match in pattern.finditer(plain) for reference in read(match)]
        plain = pattern.sub(_blanks, plain)
    styles = (
        ("article", _ARTICLE), ("outline", _OUTLINE), ("part", _PART), ("item", _ITEM), ("dotted", _DOTTED),
        ("attachment", _ATTACHMENT),
    )  # fmt: skip
    for style, pattern in styles:
        for match in pattern.finditer(plain):
            reference = _reference(style, match)
            if reference is not None:
                found.append(reference)
        plain = pattern.sub(_blanks, plain)
    return tuple(dict.fromkeys(sorted(found, key=lambda one: one.start)))


def _several(match: re.Match[str]) -> list[ClauseReference]:
    """第三、四条."""
    numbers = [to_int(number) for number in re.findall(_NUMBER, match[1])]
    return [_article(number, match) for number in numbers if number is not None]


def _range(match: re.Match[str]) -> list[ClauseReference]:
    """第三条至第六条."""
    first, last = to_int(match[1]), to_int(match[2])
    if first is None or last is None or last <= first:
        return [_article(number, match) for number in (first, last) if number is not None]
    if last - first >= RANGE_LIMIT:
        return [_article(first, match), _article(last, match)]
    return [_article(number, match) for number in range(first, last + 1)]


def _article(number: int, match: re.Match[str]) -> ClauseReference:
    return ClauseReference((number,), None, "article", match[0], start=match.start())


def _reference(style: str, match: re.Match[str]) -> ClauseReference | None:
    paragraph = inserted = None
    if style == "article":
        article, later, stated, item, bracketed, sub_item, last = match.groups()
        paragraph = to_int(stated) if stated else None
        inserted = to_int(later) if later else None
        written = [article, item or bracketed, sub_item, last]
    elif style == "outline":
        part, ordinal, item, sub_item = match.groups()
        written = [part or ordinal, item, sub_item]
    elif style == "part":
        # 第三部分, 第四部分第二项.
        written, style = [match[1], match[2]], "outline"
    elif style == "dotted":
        written, style = match[1].split("."), "outline"
    else:
        written = [match[1]]
    numbers = [to_int(number) for number in written if number]
    if not numbers or any(number is None for number in numbers):
        return None
    known = tuple(number for number in numbers if number is not None)
    return ClauseReference(known, paragraph, style, match[0], inserted, match.start())


def outline_at(text: str, start: int) -> ClauseReference | None:
    """The clause number at `start` in any outline style, as it follows a policy's name; None where there is none.

    Read are 附件1 二、(二), 第二部分一、(一), 五、3.(1), 2.3.1 and 四(三)2. A number alone needs a mark behind it.
    """
    at = _skip(text, start)
    first = at
    attachment = _ATTACHMENT.match(text, at)
    numbers = []
    if attachment is not None:
        numbers.append(to_int(attachment[1]))
        at = _skip(text, attachment.end())
    while found := _ORDINALS.match(text, at):
        if found[5] and not numbers and found[0] == found[5]:
            break
        numbers.append(to_int(next(filter(None, found.groups()))))
        end = found.end()
        at = _skip(text, end)
    known = tuple(number for number in numbers if number is not None)
    if not known or len(known) < len(numbers):
        return None
    stated = _PARAGRAPH.match(text, at)
    paragraph = to_int(stated[1]) if stated is not None else None
    at = stated.end() if stated is not None else at
    style = "attachment" if attachment is not None else "outline"
    return ClauseReference(known, paragraph, style, text[first:at].rstrip(' 的中里,:》"'), start=first)


def _skip(text: str, start: int) -> int:
    found = _FILLER.match(text, start)
    return found.end() if found is not None else start


@dataclass(frozen=True, slots=True)
class Named:
    """The policies a question names.

    Attributes:
        policies: all of them, best first.
        mentions: the titles and short forms among them by place; those without policies name one that is not here.
        clauses: the clause numbers of the question, with those that only a policy's name before them tells to be some.
        unknown: the words of mentions without policies, 《》 left out.
    """

    policies: tuple[PolicyId, ...]
    mentions: tuple[Mention, ...]
    clauses: tuple[ClauseReference, ...] = ()
    unknown: tuple[str, ...] = ()

    def scope(self, reference: ClauseReference) -> tuple[PolicyId, ...] | None:
        """Policies that a clause number belongs to, best first; None where the question does not say.

        It belongs to the policy named last before it, else to the first one named after it.
        """
        before = [mention for mention in self.mentions if mention.end <= reference.start]
        near = before[-1:] or list(self.mentions[:1])
        if near:
            return tuple(policy_id for policy_id in near[0].policies if policy_id in self.policies)
        return self.policies or None


def policies_named(references: References, facts: Mapping[PolicyId, PolicyFacts]) -> Named:
    """Policies whose document number, title or usual short form a question names.

    A number without its full prefix (办函〔2022〕69号) and a part of a title count where they fit. Of policies of
    the same name, those for the years named stay, where there are any.
    """
    wanted = [fold_number(number) for number in references.doc_numbers]
    numbered = [
        policy_id
        for policy_id, stored in (_stored_numbers(facts) if wanted else ())
        if any(same_number(number, stored) for number in wanted)
    ]
    # The name stands before the whole number: 某办法附件1 二、(二).
    outer = (_OUTER.search(references.text, 0, reference.start) for reference in references.clauses)
    starts = [
        around.start() if around is not None else reference.start
        for around, reference in zip(outer, references.clauses, strict=True)
    ]
    found = title_index(facts).mentions(references.text, starts)
    years = years_in(references.text)
    mentions = tuple(
        replace(
            mention,
            policies=of_years(mention.policies, facts, years)
            or by_place_and_kind(references.text[mention.start : mention.end], facts),
        )
        for mention in found
    )
    if numbered and not any(mention.policies for mention in mentions):
        mentions = ()
    policies = dict.fromkeys([*numbered, *(policy_id for mention in mentions for policy_id in mention.policies)])
    unknown = [references.text[one.start : one.end].strip("《》") for one in mentions if not one.policies]
    return Named(tuple(policies), mentions, _with_outlines(references, mentions), tuple(dict.fromkeys(unknown)))


def _with_outlines(references: References, mentions: Iterable[Mention]) -> tuple[ClauseReference, ...]:
    """The clause numbers, those that directly follow a policy's name read in every outline style."""
    clauses = list(references.clauses)
    for mention in mentions:
        outline = outline_at(references.text, mention.end) if mention.policies else None
        if outline is None or any(_reads_more(one, outline) for one in clauses):
            continue
        end = outline.start + len(outline.said)
        clauses = [one for one in clauses if not outline.start <= one.start < end]
        clauses.append(outline)
    return tuple(sorted(clauses, key=lambda one: one.start))


def _reads_more(one: ClauseReference, outline: ClauseReference) -> bool:
    """Whether a number was read as more than an outline's ordinals that begin where it does: an article, 9.4条."""
    if one.style == "article":
        return outline.start <= one.start <= outline.start + len(outline.said)
    return one.start == outline.start and len(one.numbers) > len(outline.numbers)


def named_policies(references: References, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[PolicyId, ...]:
    """Policies that a question names, best first; see `policies_named`."""
    return policies_named(references, facts).policies


def of_years(
    policies: Sequence[PolicyId], facts: Mapping[PolicyId, PolicyFacts], years: Sequence[int]
) -> tuple[PolicyId, ...]:
    """Of `policies`, those that are for one of `years`, in each family of titles that has such."""
    if not years or len(policies) < 2:
        return tuple(policies)
    dated = {family(facts[one].title) for one in policies if set(title_years(facts[one])) & set(years)}
    return tuple(
        one for one in policies if family(facts[one].title) not in dated or set(title_years(facts[one])) & set(years)
    )


def _stored_numbers(facts: Mapping[PolicyId, PolicyFacts]) -> tuple[tuple[PolicyId, str], ...]:
    return _numbers_of(title_index(facts))


@lru_cache(maxsize=4)
def _numbers_of(index: TitleIndex) -> tuple[tuple[PolicyId, str], ...]:
    """Document numbers of the policies that have one, folded."""
    return tuple((key, fold_number(about.doc_number)) for key, about in index.policies if about.doc_number)


def unresolved_numbers(references: References, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[str, ...]:
    """Document numbers a question names that no indexed policy has, in 〔〕 form."""
    if not references.doc_numbers:
        return ()
    stored = [number for _, number in _stored_numbers(facts)]
    return tuple(
        number.replace("[", "〔").replace("]", "〕")
        for number in references.doc_numbers
        if not any(same_number(fold_number(number), known) for known in stored)
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A clause a reference stands for; `paragraph` counts from 1, None for the whole clause."""

    clause: Clause
    paragraph: int | None = None


def resolve(reference: ClauseReference, clauses: Iterable[Clause]) -> tuple[Resolved, ...]:
    """Clauses of one policy that `reference` stands for, none where the policy has no such clause.

    An article or part stands for the clause with its number and all that lies below it.
    """
    clauses = tuple(clauses)
    by_path: dict[str, Clause] = {}
    for clause in clauses:
        by_path.setdefault(clause.path, clause)
    path = reference.path
    if reference.paragraph is not None:
        return _resolve_paragraph(reference, by_path)
    if reference.style == "item":
        own = next((clause for clause in clauses if clause.path.endswith(f".{path}")), None)
        return tuple(map(Resolved, [own, *_below(own.path, clauses)])) if own is not None else ()
    in_articles = any(clause.label.startswith("第") and "条" in clause.label for clause in clauses)
    if reference.style == "article" and reference.inserted is None and not in_articles:
        # 第十六条 said of a document whose items run on through its parts: 四、(十六).
        running = [clause for clause in clauses if re.fullmatch(rf"\d+\.{reference.numbers[0]}", clause.path)]
        if len(running) == 1:
            return tuple(Resolved(clause) for clause in [running[0], *_below(running[0].path, clauses)])
        if running:
            return ()
    found = [by_path[path]] if path in by_path else []
    return tuple(Resolved(clause) for clause in [*found, *_below(path, clauses)])


def _below(path: str, clauses: Iterable[Clause]) -> list[Clause]:
    return [clause for clause in clauses if clause.path.startswith(f"{path}.")]


def _resolve_paragraph(reference: ClauseReference, by_path: Mapping[str, Clause]) -> tuple[Resolved, ...]:
    """第六条第二款 is a clause of its own (6.p2) after items, else the second paragraph of clause 6."""
    article, *items = reference.path.split(".")
    below = "".join(f".{item}" for item in items)
    own = by_path.get(f"{article}.p{reference.paragraph}{below}")
    if own is None and reference.style != "article":
        own = by_path.get(f"{reference.path}.p{reference.paragraph}")
    if own is not None:
        return tuple(map(Resolved, [own, *_below(own.path, by_path.values())]))
    if items:
        item = by_path.get(f"{article}{below}")
        return (Resolved(item),) if item is not None else ()
    whole = by_path.get(article)
    if whole is None or reference.paragraph is None or not 1 <= reference.paragraph <= len(paragraphs(whole)):
        return ()
    # The items below an article are those of its last paragraph.
    last = reference.paragraph == len(paragraphs(whole)) and whole.text.rstrip().endswith(("：", ":"))
    items_of = [one for one in _below(article, by_path.values()) if ".p" not in one.path] if last else []
    return (Resolved(whole, reference.paragraph), *map(Resolved, items_of))


def paragraphs(clause: Clause) -> list[tuple[int, int]]:
    """Ranges of the paragraphs (款) in `Clause.text`; a heading on a line of its own is none."""
    body = len(clause.heading or "")
    body = body if clause.text[body : body + 1] == "\n" else 0
    ranges = [match.span() for match in re.finditer(r"[^\n]+", clause.text)]
    return [(start, end) for start, end in ranges if end > body]
