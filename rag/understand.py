"""From what a person types to what is searched: simplified, trimmed, and complete without the conversation before.

A follow-up is recognised by what it lacks: words that name a subject. It is joined with the question before it.
Limits: a follow-up that names a new subject but leaves out what is asked (那绿色工厂呢) takes over only the kind of
question; one that refers to the answer instead of the question (第二种情况呢) is not understood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from index.clean.characters import simplify
from rag.figures import MONEY, PLAIN, figures
from rag.references import References, find_references
from rag.situation import Situation
from rag.terms import content_terms

QUESTION_LIMIT = 5000
"""Longest question, in characters."""
HISTORY_LIMIT = 10
"""Turns of the conversation that are looked at."""

Turn = tuple[str, str]
"""One exchange: what the person asked, what was answered."""


class Want(StrEnum):
    """What a question asks for."""

    AMOUNT = "金额"
    SUPPORT = "支持"
    GOAL = "目标"
    CONDITION = "条件"
    VALIDITY = "有效期"
    DEADLINE = "申报时间"
    MATERIALS = "申报材料"
    CONTACT = "联系方式"
    LIST = "列举"
    PROCEDURE = "申报流程"
    PAYMENT = "拨付"
    BODY = "责任单位"
    WHEN = "完成时间"
    DEFINITION = "含义"
    CHECK = "核实"


_WANTS: dict[Want, re.Pattern[str]] = {
    Want.AMOUNT: re.compile(
        r"多少钱|(?:资助|补助|补贴|奖励|奖补|奖金|扶持|支持|配套|贴息|拿|给|奖|补|领|罚|贴)(?:的|款|金额|额度|资金|标准)?(?:是|有)?(?:多少|几|多大)"
        r"|(?:金额|额度|补贴标准|资助标准|奖励标准|补助标准|比例|上限)(?:是|为|有)?(?:多少|多大|什么|几)?|最高(?:能|可|给|补|奖)|几(?:万|百|千|十)"
    ),
    Want.SUPPORT: re.compile(
        r"补贴|补助|资助|奖励|奖补|奖金|扶持|支持|贴息|优惠|有钱|给钱|奖不奖|补不补|给不给|能拿|能领|能享受|(?<!获)奖(?!项|牌|状)"
    ),
    Want.GOAL: re.compile(r"目标|指标|(?:达到|建成|培育|新增|做强|要有)多少|到20\d\d年"),
    Want.CONDITION: re.compile(
        r"条件|资格|门槛|符合什么|(?:能不能|可不可以|可以|能|还能)(?:申请|申报|享受)|什么要求|要求是"
    ),
    Want.VALIDITY: re.compile(
        r"有效期|还有效|失效|过期|作废|废止|还管用|还算数|何时(?:施行|实施|生效)|什么时候(?:施行|实施|生效|到期)|到期"
    ),
    Want.DEADLINE: re.compile(
        r"截止|(?:什么时候|何时|哪天|几号|几月|时间)[^,。]{0,6}(?:申报|申请|受理|报名|提交)|(?:申报|申请|受理|报名)[^,。]{0,4}(?:时间|日期|期限)"
    ),
    Want.MATERIALS: re.compile(r"(?:什么|哪些|啥|提交|准备|需要|申报|申请)[^,。]{0,4}(?:材料|资料|证明|附件|表格)"),
    Want.CONTACT: re.compile(r"电话|联系(?:人|方式|谁|哪)|地址|窗口在|网址|在哪(?:里|儿)?(?:申报|申请|办)|邮箱"),
    Want.LIST: re.compile(r"有哪些|哪几(?:种|类|项|个)|都有什么|有什么(?:支持|补贴|奖励|政策|扶持|优惠|措施)"),
}
_LEVELS = {
    "国家级": re.compile(r"国家级|国家(?=[、和或])|国家认定"),
    "省级": re.compile(r"省级|省认定|省里认定|省里评"),
    "市级": re.compile(r"市级(?!财政)|市认定"),
    "区级": re.compile(r"区级|县级|区县级"),
}
_REFERS_BACK = re.compile(r"^(?:那么?|它|这个|那个|这|其|该|上面|上述|同样)|呢[?？]?$")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is searched.

    Attributes:
        asked: what was typed, trimmed.
        text: simplified characters, half-width letters and digits; stands alone.
        wants: what is asked for.
        levels: certification levels named (国家级, 省级, 市级, 区级).
        references: document numbers, titles and clause numbers named.
        joined: whether the question before was needed to complete it.
        focus: the part of `text` that asks and names the subject, without the story around it; `text` where all is.
        situation: what the enterprise says of itself.
        as_of: the day the question is about (2020年6月的时候), None where it names none.
        corrections: words typed wrong, with what they were read as.
    """

    asked: str
    text: str
    wants: frozenset[Want]
    levels: tuple[str, ...]
    references: References
    joined: bool = False
    focus: str = ""
    situation: Situation = field(default_factory=Situation)
    as_of: date | None = None
    corrections: tuple[tuple[str, str], ...] = ()

    @property
    def years(self) -> tuple[str, ...]:
        """Years named, such as 2022."""
        return tuple(dict.fromkeys(re.findall(r"(?<!\d)(?:19|20)\d\d(?=年)", self.text)))

    @property
    def amounts(self) -> frozenset[Decimal]:
        """Values of the sums of money named, in 元: 520亿, 5000万元, 300元."""
        found = [figure for figure in figures(self.text) if figure.unit == MONEY or figure.unit == PLAIN]
        return frozenset(figure.value for figure in found if figure.unit == MONEY or figure.value >= 10_000)


def understand(asked: str, history: Sequence[Turn] = ()) -> Question:
    """The question `asked` after the conversation `history` (oldest first).

    Raises:
        ValueError: it is empty or longer than `QUESTION_LIMIT`; the message is for the user.
    """
    checked = check(asked)
    previous: Question | None = None
    for before, _ in list(history)[-HISTORY_LIMIT:]:
        if before.strip():
            previous = _complete(_single(before.strip()[:QUESTION_LIMIT]), previous)
    return _complete(_single(checked), previous)


def check(asked: str) -> str:
    """The question without blanks around it.

    Raises:
        ValueError: it is empty or longer than `QUESTION_LIMIT`.
    """
    trimmed = asked.strip().strip("\u200b\ufeff\u3000")
    if not trimmed:
        raise ValueError("问题是空的,请输入要问的内容。")
    if len(trimmed) > QUESTION_LIMIT:
        raise ValueError(f"问题太长({len(trimmed)} 字),请控制在 {QUESTION_LIMIT} 字以内。")
    return trimmed


def _single(asked: str) -> Question:
    # Half a surrogate pair, as a broken client sends it, has no UTF-8 form.
    whole = asked.encode("utf-8", "replace").decode()
    text = simplify(unicodedata.normalize("NFKC", whole))
    wants = frozenset(want for want, pattern in _WANTS.items() if pattern.search(text))
    levels = tuple(level for level, pattern in _LEVELS.items() if pattern.search(text))
    return Question(asked, text, wants, levels, find_references(text))


def _complete(question: Question, previous: Question | None) -> Question:
    """`question` joined with the stand-alone question before it, where it names no subject of its own."""
    if previous is None:
        return question
    if names_subject(question):
        elliptic = _REFERS_BACK.search(question.text) and not question.wants
        return replace(question, wants=previous.wants) if elliptic else question
    before = previous.text
    if question.levels:
        # 那省级的呢: the level asked now takes the place of the one asked before.
        for level in previous.levels:
            before = _LEVELS[level].sub(question.levels[0], before)
    says_nothing = not any(term.text not in _LEVELS for term in content_terms(question.text))
    references = question.references if question.references != References() else find_references(before)
    return Question(
        asked=question.asked,
        text=f"{before} {question.text}",
        wants=previous.wants if says_nothing and not question.wants else question.wants,
        levels=question.levels or previous.levels,
        references=references,
        joined=True,
    )


def names_subject(question: Question) -> bool:
    """Whether a question says what it is about: a content word, a document, or a clause."""
    if question.references.doc_numbers or question.references.titles:
        return True
    return any(not term.weak for term in content_terms(question.text))
