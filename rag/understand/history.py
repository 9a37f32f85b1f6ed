"""A follow-up made complete with the question before it.

Three kinds: one that changes a part of the question before (那省级的呢, 那众创空间呢, 要是只投了500万呢), one that asks
something else of the same subject (它什么时候到期, 具体怎么申请), and one that points into the answer (第二种情况呢).
Of answers only words are taken, never figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.lexicon import Lexicon
from rag.places import places_in
from rag.understand.measures import figures_of
from rag.understand.question import Question
from rag.understand.subject import LEVELS, levels_in, span_of, subject_words
from rag.understand.wants import wants_of

_NEW_TOPIC = re.compile(
    r"^(?:(?:好[的吧了]?|行|嗯+|哦|ok|那|先不说这个|不说这个了?|算了|好了|另外)[,。! ]*)*(?:换个(?:问题|话题)|"
    r"换一个问题|另[一外]个?问题|再问(?:一?个|一下)?(?:别的|"
    r"其他的|问题)?|说正事|言归正传|回到正题|另外(?:再)?问(?:一下|一个)?|还有(?:一)?个(?:问题|事))[,。:! ]*"
)
_ELLIPTIC = re.compile(
    r"^(?:(?:同样的?问题|还是这个问题|同样)[,]?)?(?:那么?|那要是|如果|要是|换成|改成|"
    r"假如)?[,]?(?P<what>[^,。?!;]{1,24}?)(?:又)?(?:是?多少|怎么样|怎样|"
    r"如何|呢|的?话)*[?。!]*$"
)
_MARKED = re.compile(r"^(?:那|要是|如果|假如|换成|改成)|呢[?。]*$|又是多少|^[^,。?]{1,10}的[?？]?$")
_POINTS_BACK = re.compile(
    r"^(?:那么?|它|他|其|该|上面|上述|同样|刚才|前面|此)|这(?:个|些|项|类|种|份|条|家|档|笔|一|政策|文件|奖|补|钱|"
    r"里)|[那](?:个|些|项|类|种|份|条|家|档|笔|门槛)|刚才|"
    r"上面|上述|前面说"
)
_WHICH = re.compile(r"第([一二三四五六七八九\d])(?:种|类|项|条|个|点|档|款)(?:情况|情形|里|中)?")
_ITEM = r"(?m)^\s*(?:[-*·•]|\(?(?:\d{1,2}|[一二三四五六七八九十])[.、)):：]|第[一二三四五六七八九]\s*[种类项档])\s*"
_MARKER = re.compile(r"\[\d+\]")
_FIGURE_WORDS = re.compile(
    r"(?:\d[\d.,]*|[一二两三四五六七八九十百千万亿]{2,})\s*(?:[万亿]?元|%|[万亿]|家|个|项|年|月|日|亩|人|台)*|"
    r"百分之[一二三四五六七八九十百]+"
)
_SCALED = re.compile(r"[级性型类内外档层](?=的?$)")


_ASK_BEGINS = re.compile(
    r"多少|几[个家年种类项档]|什么|哪|怎么|如何|由谁|谁|是否|能不能|可不可以|有没有|何时|多久|多大|[?]|吗"
)
_LEADS_TO_ASK = re.compile(
    r"(?:投|给予?|奖励?|补助?|补贴|资助|的|是|为|要|有|能|拿|领|可以|到|扩大到?|达到|应该|大概|一共|总共|最高|"
    r"最多|各|分别|都|市里|省里|区里|国家|现在|今天|还|会|由|在|从|,|\s)+$"
)


_LEANING = 16
"""Characters of a question that may ask for a part of what was asked before."""
_HAPPENS = re.compile(r"^(?:那|要是|如果)?(?:后来|之后|以后|接着|随后|再后来)|了(?:呢|又怎么样|怎么办|会怎样)[?。]*$")
"""A follow-up that tells what happens to the subject before."""
_DEPENDENT = frozenset(("投资", "投入", "算算", "算算看", "意思"))
"""Words that tell of a firm's part in a subject named before."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A follow-up in full.

    Attributes:
        text: complete, stands alone.
        focus: the part that asks and names the subject.
        inherits: whether what is asked is what was asked before.
        replaced: whether a part of the question before was changed in place.
        placed: whether nothing but the place of the question before was taken over.
    """

    text: str
    focus: str
    inherits: bool
    replaced: bool = False
    placed: bool = False


def without_new_topic(text: str) -> tuple[str, bool]:
    """`text` without words that open a new topic (换个问题), and whether it had them."""
    rest = _NEW_TOPIC.sub("", text, count=1)
    return (rest, True) if rest and rest != text else (text, False)


def join(question: Question, previous: Question, answer: str, lexicon: Lexicon | None) -> Joined | None:
    """`question` completed from the one before, None where it stands alone.

    Args:
        question: read alone, its `focus` filled.
        previous: the question before, complete.
        answer: what was answered to it.
        lexicon: of the index, None where there is none.
    """
    if question.references.doc_numbers or question.references.titles:
        return None
    pointed = _WHICH.search(question.focus)
    if pointed and _item(answer, pointed[1]):
        words = _item(answer, pointed[1])
        wants = wants_of(question.focus)
        return Joined(f"{previous.text} {words} {question.text}", _asking(words, question, previous), not wants)
    if elsewhere(question, previous, lexicon):
        if question.wants and subject_words(question.focus, lexicon):
            return None
        previous = _without_places(previous, lexicon)
    what = _ELLIPTIC.match(question.focus)
    elliptic = what is not None and _is_elliptic(question) and not wants_of(what["what"])
    changed = _changed(question, previous, what["what"], lexicon) if what is not None and elliptic else None
    if changed is not None:
        return changed
    own = subject_words(question.focus, lexicon)
    if own and not _asks_of_before(question) and not _of_same_clause(own, question, previous, lexicon):
        return _with_place(question, previous, lexicon)
    subject, before = _subject_of(previous), previous.text
    change = _level_change(question.focus, question, previous, lexicon)
    if change is not None:
        subject, before = change(subject), change(before)
    text = before + ("" if before.endswith(("?", "。", "!")) else "。") + question.text
    return Joined(text, f"{subject} {question.focus}", not wants_of(question.focus))


def elsewhere(question: Question, previous: Question, lexicon: Lexicon | None) -> bool:
    """Whether a question names another place of the index than the one before did."""
    regions = lexicon.regions if lexicon is not None else ()
    before = {place.name for place in places_in(previous.text, regions)}
    return bool(before) and bool({place.name for place in places_in(question.text, regions)} - before)


def _without_places(previous: Question, lexicon: Lexicon | None) -> Question:
    """The question before without its places, which the places of the next one take over from."""
    names = [place.name for place in places_in(previous.text, lexicon.regions if lexicon is not None else ())]
    pattern = "|".join(rf"{re.escape(name)}(?:[省市县区州](?!级))?" for name in sorted(names, key=len, reverse=True))
    return replace(previous, text=re.sub(pattern, "", previous.text), focus=re.sub(pattern, "", previous.focus))


def _is_elliptic(question: Question) -> bool:
    return bool(_MARKED.search(question.focus)) and not question.situation.received


def _asks_of_before(question: Question) -> bool:
    """Whether the unit that asks points back, whatever else is told: 我们属于…, 那门槛是多少."""
    asking = re.split(r"[,。;]", question.focus)[-1]
    own = tuple(word for word in subject_words(asking) if word not in _DEPENDENT)
    return bool(_POINTS_BACK.search(asking) and not own) or not (own or set(subject_words(question.focus)) - _DEPENDENT)


def _of_same_clause(own: Sequence[str], question: Question, previous: Question, lexicon: Lexicon | None) -> bool:
    """Whether what a short question names stands in the text that has most of the question before: 律师费报不报.

    What happens later (后来升级了呢) is of the subject before as well.
    """
    if len(question.focus) > _LEANING or places_in(question.text, lexicon.regions if lexicon is not None else ()):
        return False
    if _HAPPENS.search(question.focus):
        return True
    before = subject_words(_subject_of(previous), lexicon)
    return lexicon is not None and bool(before) and lexicon.together(before, own)


def _asking(words: str, question: Question, previous: Question) -> str:
    return f"{_subject_of(previous)} {words} {question.focus}"


def _subject_of(previous: Question) -> str:
    """What the question before was about, without what it asked; its focus where that cannot be told."""
    asks = _ASK_BEGINS.search(previous.focus)
    subject = _LEADS_TO_ASK.sub("", previous.focus[: asks.start()]) if asks else previous.focus
    return subject.strip(" ,?") if subject_words(subject) else previous.focus


def _with_place(question: Question, previous: Question, lexicon: Lexicon | None) -> Joined | None:
    """那隐形冠军要多少家 keeps the place of the question before, where it names none."""
    regions = lexicon.regions if lexicon is not None else ()
    whole = _MARKED.search(question.focus) or question.wants or len(question.focus) <= _LEANING
    if not whole or places_in(question.text, regions):
        return None
    names = [place.name for place in places_in(previous.text, regions)]
    if len(names) != 1:
        return None
    return Joined(f"{names[0]} {question.text}", f"{names[0]} {question.focus}", not question.wants, placed=True)


def _changed(question: Question, previous: Question, what: str, lexicon: Lexicon | None) -> Joined | None:
    """The question before with the part changed that the follow-up names; None where it fits no part."""
    for change in (_level_change, _place_change, _figure_change, _modifier_change, _subject_change):
        made = change(what, question, previous, lexicon)
        if made is not None:
            text, focus = made(previous.text), made(previous.focus)
            if text != previous.text or focus != previous.focus:
                return Joined(text, focus, not _own_wants(question, what), replaced=True)
    return None


def _own_wants(question: Question, what: str) -> bool:
    rest = question.focus.replace(what, " ")
    return bool(wants_of(rest)) and not re.fullmatch(r"[\s那么?。的又是多少怎样如何呢话要]*", rest)


Change = Callable[[str], str]


def _level_change(what: str, question: Question, previous: Question, _: Lexicon | None) -> Change | None:
    levels = levels_in(what)
    if not levels or subject_words(what) or not previous.levels:
        return None

    def change(text: str) -> str:
        for level in previous.levels:
            text = LEVELS[level].sub(levels[0], text)
        return text

    return change


def _place_change(what: str, question: Question, previous: Question, lexicon: Lexicon | None) -> Change | None:
    name = re.sub(r"(?:那边|那里|这边|当地|本地)?的?$", "", what)
    known = places_in(name, ())
    if not (known and known[0].name in name and len(name) <= len(known[0].name) + 3) and not _is_region(name, lexicon):
        return None
    old = [place.name for place in places_in(previous.text, lexicon.regions if lexicon else ())]

    def change(text: str) -> str:
        for place in old:
            text = re.sub(rf"{re.escape(place)}(?:[省市县区](?!级))?", name, text, count=1)
        return text if old else f"{name}{text}"

    return change


def _is_region(name: str, lexicon: Lexicon | None) -> bool:
    if lexicon is not None and any(
        place.name in name and len(name) <= len(place.name) + 1 for place in places_in(name, lexicon.regions)
    ):
        return True
    return bool(re.fullmatch(r"[\u4e00-\u9fff]{2,5}[省市县区州]", name)) and not re.search(r"[园社片辖]区$", name)


def _figure_change(what: str, question: Question, previous: Question, _: Lexicon | None) -> Change | None:
    """那要是到了1000亿呢: the sum takes the place of the one before, of the same kind and the nearest words."""
    own = figures_of(what)
    others = [word for word in subject_words(what) if word not in previous.text]
    if len(own) != 1 or others or re.search(r"[级性型类]的?$", what):
        return None
    said = what[own[0].start : own[0].end]
    words = set(what[: own[0].start])

    def change(text: str) -> str:
        same = [figure for figure in figures_of(text) if (figure.kind, figure.unit) == (own[0].kind, own[0].unit)]
        if not same:
            return text
        best = max(
            same, key=lambda figure: len(words & set(text[max(0, figure.start - 8) : figure.start]) - set("了到的"))
        )
        return f"{text[: best.start]}{said}{text[best.end :]}"

    return change


def _modifier_change(what: str, question: Question, previous: Question, lexicon: Lexicon | None) -> Change | None:
    """500亿级的呢, 省内的呢: the word with the same ending gives way; 天使投资的呢: the first word of the name does."""
    scaled = re.match(r"^(国内|国际|省内|省外|市内|境内|境外|国外|海外|[\u4e00-\u9fff]性)(.{2,})$", what)
    modifier, of, head = (scaled[1], "的", scaled[2]) if scaled and "的" not in what else what.partition("的")
    if of and head and head not in previous.text:
        return None
    ending = re.search(r"[级性型类内外层](?=$)", modifier)
    if ending and (of or len(modifier) <= 5):
        old = _word_ending(previous.focus, ending[0], modifier)
        return (lambda text: text.replace(old, modifier)) if old else None
    if of and not head and not modifier.endswith(tuple("级家个")):
        return _head_change(modifier, previous, lexicon)
    return None


def _word_ending(text: str, ending: str, other: str) -> str | None:
    import rjieba

    words = (
        re.findall(rf"(?:[\d十百千万亿]+{ending})", text)
        if ending == "级" and re.search(r"[\d十百千万亿]级$", other)
        else []
    )
    words += [word for word in rjieba.cut(text) if len(word) > 1 and word.endswith(ending)]
    return next((word for word in words if word != other), None)


def _head_change(modifier: str, previous: Question, lexicon: Lexicon | None) -> Change | None:
    import rjieba

    span = span_of(previous.focus, subject_words(previous.focus, lexicon))
    if span is None:
        return None
    old = previous.focus[span[0] : span[1]]
    words = rjieba.cut(old)
    cuts = [sum(map(len, words[:count])) for count in range(1, len(words))]
    if not cuts:
        return None
    known = [cut for cut in cuts if lexicon is not None and lexicon.has(f"{modifier}{old[cut:]}")]
    cut = known[0] if known else cuts[0]
    return lambda text: text.replace(old, f"{modifier}{old[cut:]}")


def _subject_change(what: str, question: Question, previous: Question, lexicon: Lexicon | None) -> Change | None:
    """那众创空间呢: the subject gives way, and with it the level where the follow-up names one."""
    name = re.sub(r"的$", "", what)
    if not subject_words(name) or wants_of(name) - wants_of("") or _HAPPENS.search(question.focus):
        return None
    span = span_of(previous.focus, subject_words(previous.focus, lexicon))
    if span is None:
        return None
    old = previous.focus[span[0] : span[1]]
    if any(
        measure.metric and (old in measure.metric or measure.metric in old) for measure in previous.situation.measures
    ):
        # 营收首次到520亿,这次能拿多少; 那创新中心呢: the figures are those of what gives way, and go with it.
        asks = re.split(r"[,。;]", previous.focus.rstrip("?。"))[-1]
        return lambda _: f"{name},{asks}?"
    drops_level = bool(levels_in(name)) or not _has_level(name, previous, lexicon)

    def change(text: str) -> str:
        if drops_level:
            text = re.sub(rf"(?:(?:国家|省|市|区|县)级|省内|国内)的?(?=[“\"「]?{re.escape(old)})", "", text)
        return text.replace(old, name)

    return change


def _has_level(name: str, previous: Question, lexicon: Lexicon | None) -> bool:
    """Whether the index knows the new subject at the level asked before; True where there is no index to tell."""
    return lexicon is None or all(lexicon.has_near(level, name) for level in previous.levels)


def _item(answer: str, number: str) -> str:
    """The words of one item of an answer, without figures and markers; "" where it has no such item."""
    at = int(number) if number.isascii() else "零一二三四五六七八九".index(number)
    pieces = re.split(_ITEM, answer)[1:]
    if len(pieces) < 2:
        pieces = [piece for piece in re.split(r"[;；]", answer) if piece.strip()]
    if not 1 <= at <= len(pieces) or len(pieces) < 2:
        return ""
    first = re.split(r"[。\n]", _MARKER.sub("", pieces[at - 1]).strip(), maxsplit=1)[0]
    return re.sub(r"\s+", "", _FIGURE_WORDS.sub("", first)).strip(",、;:，：；")[:40]
