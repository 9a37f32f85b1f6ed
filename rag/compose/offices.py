"""Who receives applications, by when and with what: said once in a policy, for everything that it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.models import Clause, PolicyId
from index.store import IndexReader
from rag.asked import answers_want
from rag.compose.draft import Draft
from rag.compose.quoting import NOT_STATED
from rag.select import lead_quotes
from rag.sentences import split_sentences
from rag.subject import Subject
from rag.understand import Question, Want
from rag.verify import Quote

_OFFICE = r"(?:局|委|办|厅|处|科|部门|政府|街道|乡镇|管委会|中心|小组|机构)"
_STATES = {
    Want.BODY: re.compile(
        rf"{_OFFICE}[^，。；]{{0,14}}(?:受理|审核|初审|复核|申报|申请)|{_OFFICE}负责[^，。；]{{2,20}}工作|(?:申报|申请|资金)由[^，。；]{{2,30}}(?:组织|受理|负责)"
    ),
    Want.DEADLINE: re.compile(
        r"(?:每年|\d+月|\d+日|集中受理|当年通知|申报通知|申报指南)[^。；]{0,30}(?:申报|申请|为准|发布)"
        r"|(?:申报|申请|受理)[^。；]{0,16}(?:每年|\d+月|以[^。；]{2,10}通知为准)"
        r"|每年(?:集中)?(?:组织|受理|申报|开展)[^。；]{0,6}[一二两三四\d][次批]|(?:申报|申请)工作[^。；]{0,40}发布[^。；]{0,6}(?:通知|公告|指南)"
    ),
    Want.MATERIALS: re.compile(
        r"(?:提交|提供|报送|附)[^。；]{0,30}(?:材料|名册|报告|凭证|证明|协议|发票|清单|申请[书表])"
    ),
    Want.PROCEDURE: re.compile(
        r"(?:提出|提交)[^，。；]{0,8}申请|向[^。；]{2,20}(?:申请|申报)|通过[^。；]{2,20}申请|受理[^。；]{0,12}(?:申报|申请)|免申即享"
    ),
    Want.PAYMENT: re.compile(r"(?:资金|补助|奖励|补贴)[^。；]{0,20}(?:拨付|兑现|兑付)"),
}
"""What a sentence on applications must have to answer each kind of question."""
_ASKS_DAY = re.compile(r"截止|几月|几号|哪[一]?天|哪个月")
_DAY = re.compile(r"\d+月(?!份?内)|月底|季度|[年月](?:初|末|底)|为准|常年|随时")
_FUNDED = re.compile(r"(?:资金|经费|费用)[^。；]{0,24}(?:承担|分担|安排|列支|预算)")
_ASKS_FUNDS = re.compile(r"谁(?:出|承担|掏|来?付)|由[^,。?]{1,6}(?:出|承担)|怎么分担|分担|列支")
_DEEDS = ("受理", "审", "公示", "解释", "拨付", "认定", "咨询")
"""What offices do, of which a question may name one."""
_UNDONE = re.compile(r"虚假|弄虚作假|追回|退回|退还|取消|不予|骗取|截留")
"""Sentences on what is taken back name materials and payments too."""
_OF_MONEY = re.compile(r"资金|扶持|奖励|奖补|补助|补贴|兑现|本(?:办法|政策|措施|细则|意见)|申报|支持")
_ADDRESSED = re.compile(
    r"适用于|适用范围|扶持对象|资助对象|支持对象|本[^，。]{2,4}所称企业|(?:申请|申报)[^，。；]{0,16}(?:企业|单位|机构)[^，。]{0,4}应当"
)
"""A sentence that says whom a policy is for."""
_ASKS_WHOM = re.compile(
    r"(?:哪些|什么样?|哪类|哪种)的?(?:企业|单位|公司|人|项目|机构|对象)|对象|适用|面向|条件|说的企业|所称企业|资格"
)
_MOST = 8


def stated_in_policy(
    reader: IndexReader, policy_id: PolicyId, want: Want, subject: Subject, asked: str
) -> Quote | None:
    """The sentence of a policy that answers a question on applications, the one nearest to the subject; None without.

    It is about applications for money, or names the subject: the day by which water is to be planned is neither.
    """
    pattern = _FUNDED if want is Want.PAYMENT and _ASKS_FUNDS.search(asked) else _STATES.get(want)
    if pattern is None:
        return None
    best: tuple[float, Quote | None] = (-1.0, None)
    for clause, start, end in _sentences(reader.clauses(policy_id)):
        text = clause.text[start:end]
        if not pattern.search(text) or _UNDONE.search(text):
            continue
        near = subject.familiar.cover(f"{clause.heading or ''}{text}") if subject.named else 0.0
        fit = near + sum(0.2 for deed in _DEEDS if deed in asked and deed in text)
        headed = " ".join((*clause.trail[-1:], clause.heading or "", text))
        if fit > best[0] and (near > 0 or _OF_MONEY.search(headed)):
            best = (fit, Quote(policy_id, clause, start, end))
    return best[1]


def lacks_day(text: str, want: Want, asked: str) -> bool:
    """Whether the day of applications is asked for and a text on them names none: 每年均须单独申报."""
    return want is Want.DEADLINE and bool(_ASKS_DAY.search(asked)) and not _DAY.search(text)


def states(text: str, want: Want) -> bool:
    """Whether a text itself says what is asked of applications."""
    pattern = _STATES.get(want)
    return pattern is not None and bool(pattern.search(text)) and not _UNDONE.search(text)


def draft_of_place(
    reader: IndexReader, question: Question, policies: Sequence[PolicyId], subject: Subject
) -> Draft | None:
    """The answer to a question that names no more than a place and what it asks of the one policy there.

    Whom the policy is for, who receives applications, by when: 某县政策适用于哪些项目.
    """
    if len(policies) != 1:
        return None
    draft = Draft()
    asked = question.focus or question.text
    for want in _STATES:
        quote = stated_in_policy(reader, policies[0], want, subject, asked) if want in question.wants else None
        draft.quote([quote] if quote is not None else [])
    if not draft.quotes and _ASKS_WHOM.search(asked):
        draft.quote(list(_addressed(reader, policies[0]))[:_MOST])
    if draft.quotes and Want.CONTACT in question.wants:
        # The office is told; how to reach it is asked as well.
        told = "".join(quote.text for quote in draft.quotes)
        if not answers_want(told, Want.CONTACT):
            draft.doubt(NOT_STATED[Want.CONTACT])
    return draft if draft.quotes else None


def _addressed(reader: IndexReader, policy_id: PolicyId) -> Iterator[Quote]:
    """The sentences that say whom a policy is for, with the items that they introduce."""
    clauses = reader.clauses(policy_id)
    for clause, start, end in _sentences(clauses):
        text = clause.text[start:end]
        whom = _ADDRESSED.search(text) or _ADDRESSED.search(" ".join((*clause.trail, clause.heading or "")))
        if whom and not _UNDONE.search(text):
            yield from lead_quotes(reader, policy_id, clause)
            yield Quote(policy_id, clause, start, end)
            below = [other for other in clauses if other.path.startswith(f"{clause.path}.")]
            yield from (Quote(policy_id, other, 0, len(other.text.rstrip())) for other in below if _introduces(text))


def _introduces(text: str) -> bool:
    return text.rstrip().endswith(("：", ":"))


def _sentences(clauses: Sequence[Clause]) -> Iterator[tuple[Clause, int, int]]:
    for clause in clauses:
        for sentence in split_sentences(clause):
            yield clause, sentence.start, sentence.end
