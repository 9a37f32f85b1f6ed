"""Who gets how much, read from a clause for questions about it: subject, figures, and where both stand.

A reading of surface forms, for proposals that a person looks through: 奖励/资助/补助 with a figure after or before it,
the subject in front, lists joined by 分别, and 最高/不超过 behind. What does not fit these forms gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from eval.metrics.text import plain
from rag.figures import MONEY, RATE, Figure, figures

_VERB = re.compile(r"奖励|资助|补助|补贴|贴息|补偿|返还|奖补|奖金")
_CAP = re.compile(r"最高|不超过|上限|封顶|不高于")
_RESPECTIVELY = re.compile(r"分别")
_LEVEL = re.compile(r"国家级|省级|市级|区级|县级|国际(?:级)?|国内|省内|市内|[甲乙丙丁特一二三]级|[1-5]A级|国家|行业")
_WEAK = re.compile(
    r"(?:其中|再|另|每(?:家|户|个|人|项|台|年|件|条|列|吨|亩))*(?:国家级|省级|市级|区级|县级|第.年|.{0,2}认定)?的?"
)
# What stands between a subject and its figure and says nothing about the subject.
_FILLER = re.compile(
    r"(?:由|从)?[市省区县]?(?:本)?级?财政|一次性|再?给予|可以?|享受|予以|按照?(?:下列|以下)?(?:标准|规定)?|最多|累计|的$"
)
_LEADING = re.compile(
    r"^(?:对于?|其中|其(?=[^他])|同时|并|且|以及|按照?|[一二三四五六七八九十]是|第[一二三四五六七八九十](?=[,、])|[,:、。])+"
)
_BRACKETED = re.compile(r"^[【(][^】)]{1,12}[】)]")
_SEGMENT_END = re.compile(r"[。;\n]")
_SUBJECT_LENGTHS = range(3, 46)


@dataclass(frozen=True, slots=True)
class Grant:
    """A benefit as a question can ask for it.

    Attributes:
        subject: words that name who or what is supported; half-width.
        verb: 奖励, 资助, …
        figures: as written, amount or rate first, then the cap.
        capped: whether the last figure is a cap.
    """

    subject: str
    verb: str
    figures: tuple[str, ...]
    capped: bool = False


def grants(text: str) -> list[Grant]:
    """The grants of a clause's text, in order."""
    found: list[Grant] = []
    for segment in _SEGMENT_END.split(plain_lines(text)):
        found += _of_segment(segment)
    return found


def plain_lines(text: str) -> str:
    """Simplified, half-width text without blanks; line ends are kept."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _of_segment(segment: str) -> list[Grant]:
    """Grants of one segment: its parts between commas are read with what stands before them as context."""
    found: list[Grant] = []
    head = announced = ""
    for part in _parts(_BRACKETED.sub("", segment)):
        money = _figures(part)
        verb = _VERB.search(part)
        if money and _CAP.search(part) and found and not _new_subject(part, found[-1]):
            found[-1] = _with_cap(found[-1], part, money[-1])
        elif money and announced and _CAP.search(part):
            # 按项目投入额资助,比例不超过15%: the figure follows the statement.
            found += _grant(head, announced, part, money[0])
            announced = ""
        elif money and verb and _RESPECTIVELY.search(head + part):
            found += _listed(head, part, verb[0])
        elif money and verb:
            found += _single(head, part, verb[0], money[0])
        elif verb and not money:
            announced = part
        elif not found:
            head = head + part if _continues(part) else part
    return found


def _parts(segment: str) -> list[str]:
    return [part for part in re.split(r"[,:]", segment) if part]


def _figures(part: str) -> list[Figure]:
    """Amounts and rates; a threshold (达到500万元, 300万元以上) is none."""
    return [figure for figure in figures(part) if figure.unit in (MONEY, RATE) and not _is_threshold(part, figure)]


def _is_threshold(part: str, figure: Figure) -> bool:
    before, after = part[max(0, figure.start - 6) : figure.start], part[figure.end : figure.end + 3]
    reached = re.search(r"(?:达到|超过|突破|满|不足|不低于|不少于|低于|高于|大于|小于)$", before)
    return bool(reached and not before.endswith("不超过")) or bool(
        re.match(r"以[上下内]|[(]含|的(?!比例|标准|奖|资|补|一次)", after)
    )


def _new_subject(part: str, last: Grant) -> bool:
    """Whether a part with 最高 names a grant of its own: 单个项目不超过… does not, 省级平台资助最高… does."""
    verb = _VERB.search(part)
    return verb is not None and (last.capped or not _WEAK.fullmatch(_trimmed(part[: verb.start()])))


def _with_cap(grant: Grant, part: str, figure: Figure) -> Grant:
    if grant.capped:
        return grant
    return replace(grant, figures=(*grant.figures, part[figure.start : figure.end]), capped=True)


def _single(head: str, part: str, verb: str, first: Figure) -> Iterator[Grant]:
    """One subject, one figure: 省级平台资助500万元, 按照投资额的12%给予补助."""
    subject = _subject(head, part[: min(first.start, part.index(verb))])
    if len(subject) in _SUBJECT_LENGTHS:
        capped = bool(_CAP.search(part[: first.start]))
        yield Grant(subject, verb, (part[first.start : first.end],), capped=capped)


def _grant(head: str, announced: str, part: str, figure: Figure) -> Iterator[Grant]:
    """The subject and verb of one part with the figure of the next."""
    verb = _VERB.search(announced)
    subject = _subject(head, announced[: verb.start()]) if verb else ""
    if verb and len(subject) in _SUBJECT_LENGTHS:
        yield Grant(subject, verb[0], (part[figure.start : figure.end],))


def _subject(head: str, before: str) -> str:
    """What stands before a verb or figure; with the context where that names nothing by itself."""
    basis = re.search(r"按照?(?!下列|以下)[^,]*$", before)
    own = _trimmed(before[: basis.start()] if basis else before)
    return _trimmed(_trimmed(head) + own if _WEAK.fullmatch(own) else own)


def _listed(head: str, part: str, verb: str) -> Iterator[Grant]:
    """Subjects and figures in the same order: 甲级、乙级民宿的,分别奖励30万元、20万元."""
    # The list of subjects stands before 分别, in this part or the one before.
    own, _, rest = part.rpartition("分别")
    written = [rest[figure.start : figure.end] for figure in _figures(rest)] or [
        part[figure.start : figure.end] for figure in _figures(part)
    ]
    source = _trimmed(own) if _items(_trimmed(own), len(written)) else _trimmed(head)
    spans = _items(source, len(written))
    if len(written) < 2 or not spans:
        return
    for (start, end), amount in zip(spans, written, strict=True):
        subject = _trimmed(source[: spans[0][0]] + source[start:end] + source[spans[-1][1] :])
        if len(subject) in _SUBJECT_LENGTHS:
            yield Grant(subject, verb, (_with_unit(amount, written[-1]),))


def _items(text: str, count: int) -> list[tuple[int, int]]:
    """Spans of `count` items of a list in `text`: figures, or levels joined by 、."""
    numbers = [(figure.start, figure.end) for figure in figures(text) if figure.unit]
    levels = [match.span() for match in _LEVEL.finditer(text)]
    for spans in (levels, numbers):
        if len(spans) == count > 1 and _joined(text, spans):
            return spans
    return []


def _joined(text: str, spans: list[tuple[int, int]]) -> bool:
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(spans)]
    return all("、" in gap or "和" in gap for gap in gaps)


def _with_unit(amount: str, last: str) -> str:
    """20 with the unit of 20、30万元."""
    unit = last.lstrip("0123456789.")
    return amount if amount[-1] in "元%" or not unit else amount + unit


def _trimmed(text: str) -> str:
    return _LEADING.sub("", _FILLER.sub("", text)).strip("的,:、和")


def _continues(part: str) -> bool:
    """Whether a part only adds to the one before (并在…, 且…)."""
    return part.startswith(("并", "且", "以及"))
