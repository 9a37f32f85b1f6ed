"""Which sentences require something of whoever applies: 应当符合下列条件, 占比应不低于50%, 须在市内有固定场所.

What authorities must do (审核, 拨付), goals (到2027年达到…) and sums that are paid are no requirements.
"""

from __future__ import annotations

import re

from index.models import Clause
from rag.conditions.pieces import bounds

MODAL = r"(?:应当|应(?!用|急|收|届|税|付|缴|对|链|地|变)|必须|须|需(?!求|要(?!符合|满足))|要求|方可|才能)"
REQUIRES = re.compile(
    rf"{MODAL}|不得(?!超过|高于|低于|少于)|本(?:办法|措施|政策|规定|细则|意见|条例|方案)适用于|同时(?:符合|具备|满足)|可以申[请报领]"
)
_APPLICANT = re.compile(
    r"申[请报领](?!流程|程序|时间|材料)|(?:企业|单位|机构|项目|主体|投资人|公司)(?=[^，。；]{0,24}(?:应|须|必须|需|不得|不低于|不少于|不超过|不高于))"
)
OFFICIAL = re.compile(
    r"部门|(?:财政|主管|经信|科技|工信)局|人民政府|政府(?!性)|管委会|审核|评审|公示|拨付|工作日|受理(?!过)|印发|施行|负责|责令|追[回缴]|弄虚作假|骗取|"
    r"材料|罚款|违反|监督|检查|责任|承诺|归还|退回|资金管理|专款|申报表|名单由|牵头|预算"
)
GOAL = re.compile(r"到20\d\d年|20\d\d年底?前|力争|目标|努力|争取|建成|培育.{0,12}(?:家|个)")
PAYS = re.compile(
    r"(?:给予|予以|奖励|资助|补助|补贴|贴息|奖补|补偿|返还)(?!的[^，。；]{0,8}(?:企业|单位|机构|主体|对象|人员)[^，。；]{0,4}(?:应|须|必须|需))[^，。；]{0,24}\d|\d[^，。；]{0,10}(?:奖励|补助|补贴|资助|补偿)|按[^，。；]{0,16}%"
)
_LIMIT = re.compile(
    r"(?:最高|不超过|不得超过|最多)[^，。；]{0,8}(?:元|%)|(?:补贴|补助|奖励|资助|贴息|补偿)[^，。；]{0,10}(?:不超过|最高|不得超过)"
)
LISTS = re.compile("以下|下列|如下")
LIST = re.compile(
    r"(?P<subject>[^。；]*?)(?P<modal>同时|应当|须|必须|均应)*(?:符合|具备|满足|具有|属于|有)?(?:以下|下列|如下)"
    r"(?:基本|全部|所有|各项)?(?:条件|要求|情形|情况|标准)(?P<any>之一)?(?P<not>[^:：]{0,12}(?:不予|不得|不能|不再|不纳入|除外))?[^:：]{0,16}[:：]"
)
_WHO = re.compile(
    r"(?:申[报请领]|享受|支持|扶持|补[助贴]|奖励|资助|基本|适用)(?:的)?(?:条件|对象|范围|资格|主体)$|(?:^|[、.．)）])(?:条件|对象|适用范围)$"
)
_WAIVES = re.compile(r"不受[^，。；]{1,24}限制|不作[^，。；]{0,8}要求|另行(?:制定|规定|明确|发文|公布)")
"""What frees from a requirement, or leaves it to other rules."""
_STACKS = re.compile(r"从高|就高|不重复|不得重复|不叠加")
DEFINES = re.compile(r"所称[^，,]{1,20}[，,](?=是指|指)|是指")
CALLED = re.compile(
    r"^\s*(?:\d{1,2}[.．、])?\s*[^，,。；;：:\d]{1,10}(?:企业|项目|机构|[类级]|平台|人才|基地|园区|团队|单位|中心)[：:](?=[^\n])"
)
"""骨干企业：年营业收入10亿元以上: what a class is called says nothing of who is in it."""


def lists_conditions(text: str) -> bool:
    """Whether a text ends in the lead of a list of conditions to meet: 应当同时符合下列条件：."""
    match = LIST.search(text) if LISTS.search(text) else None
    if match is None or match["not"] or PAYS.search(match[0]):
        return False
    return not text[match.end() :].strip()


def says_who_applies(text: str) -> bool:
    """Whether a sentence under a heading such as 申报对象 is on whoever applies, not on payment or other rules."""
    if OFFICIAL.search(text.replace("承诺", "")) or PAYS.search(text) or _STACKS.search(text):
        return False
    return bool(bounds(text)) or not _WAIVES.search(text)


def quote_in(text: str, quote: str) -> bool:
    """Whether a sentence is the one that `quote` was taken from."""
    return bool(quote) and (text in quote or quote in text or quote[:24] in text)


def is_about_applicants(clause: Clause) -> bool:
    """Whether a clause's own or nearest heading announces who may apply: 申报对象, 申请条件."""
    own = re.sub(r"[（(）)【】\[\]\s。]", "", clause.heading or "")
    above = clause.trail[-1] if clause.trail else ""
    return any(_WHO.search(heading.strip("。 ")) for heading in (own, above))


def is_requirement(text: str) -> bool:
    """Whether a sentence requires something of whoever applies."""
    if DEFINES.search(text) or OFFICIAL.search(text) or GOAL.search(text) or PAYS.search(text):
        return False
    if not bounds(text) and _WAIVES.search(text):
        return False
    if _LIMIT.search(text) or _STACKS.search(text):
        return False
    stated = bool(bounds(text))
    if REQUIRES.search(text):
        return stated or bool(_APPLICANT.search(text)) or "适用于" in text
    return stated and bool(_APPLICANT.search(text))
