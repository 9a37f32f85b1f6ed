"""Whether a sentence has the kind of thing that a question asks for: money, a share, a count, a day, a body."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.figures import MONEY, PLAIN, RATE, figures
from rag.understand import Question, Want
from rag.validity import states_validity

Check = Callable[[str], bool]

_PAYS = re.compile(r"(?:同比例|等比例|全额|据实|等额|差额|配套)[^。；]{0,6}(?:资助|补助|奖励|补贴|结算|支持|承担)")
_SUPPORTS = re.compile(
    r"资助|奖励|补助|补贴|贴息|奖补|补差|扶持|减免|免收|(?:给予|予以|政策|优先|财政)[^。；]{0,12}(?:支持|保障|安排|激励)"
)
_SUM = (
    r"(?:\d[\d.,]*[万亿]?元|\d[\d.]*[%‰]|百分之[零一二三四五六七八九十百]+|[一二三四五六七八九]成"
    r"|万分之[一二三四五六七八九十])"
)
_STATES_GIFT = re.compile(
    rf"(?:补助|补贴|奖励|资助|给予|支付|返还|奖补|贴息|津贴|奖金|经费|费用|承担|价格|单价|收费|租金|罚款|违约金|利息|份额|额度|限额)[^。；]{{0,24}}?{_SUM}"
    rf"|每[人张件月年吨亩项家个户平立台辆次床]{{1,2}}[^。；，]{{0,10}}?{_SUM}|{_SUM}[^。；，]{{0,12}}(?:补助|补贴|奖励|资助|罚款|津贴|经费|贴息|返还|支付|违约金)"
)
_AIM = re.compile(r"到20\d\d年|20\d\d年底?前|力争|累计(?!不超过|最高|发放)|目标|安排[^。；]{0,8}\d")
_MEASURES = "家个人名项亩件户台套座条篇场次辆吨"
_UNIT_ASKED = re.compile(
    rf"(?:多少|几)(?:来)?(个工作日|个月|(?:个(?=人))?(?:平方|立方)?公?[{_MEASURES}]|平方米|公里|公顷|年|天|小时|倍)"
)
_LIMIT_ASKED = re.compile(r"封顶|上限|最多|最高|顶多|到顶|为止|顶格|至多")
_LIMIT = re.compile(r"最高|不超过|上限|封顶|至多|以内|为限|最长|最多|不得?(?:高|多)于")
_GIVES = re.compile(r"奖|补|资助|给|拿|领|发放|扶持|支持|返|减|免|贴|配套|费|钱|款|元|资金|基金|价|罚|租")
_RATIO = re.compile(
    r"(?<![利费])率(?!先)[^,。?]{0,6}(?:多少|多高|几)|(?:增速|增幅|增长|比重|占比)[^,。?]{0,6}(?:多少|多高|几)"
)
"""A measure of how things stand, which nobody is given: 本地配套率要提到多少."""
_GIVEN_RATIO = re.compile(
    r"(?:补|奖|贴|资助|返还|抵用|减免|贴现|支持|抵扣)[^,。?]{0,4}率|增(?:速|幅|长)[^,。?]{0,12}(?:奖|补|给)"
)
_WHICH = re.compile(r"哪几[个家种类项条]?|分(?:为|成)?几[档类级]|几[档类级](?=,|，)")
_RATE_ASKED = re.compile(
    r"百分之(?:几|多少)|几个(?:百分)?点|几成|(?:比例|占比|比重|利率|费率|覆盖率)[^,。，]{0,6}(?:多少|几|多高|多大|目标)|多少比例"
)
_DAY_ASKED = re.compile(r"什么时候|何时|哪[一]?年|几月|哪[一]?天|几号|哪个月|多久之前|截止时间|什么时间")
_MUCH_ASKED = re.compile(r"多少|几(?:个|家|人|亿|万|成|何)|多大|多高|多长|多久")
_DENIED = re.compile(r"(?:不是?要|不问|不是问|不是说|不用|不算|除了)[^,，。;；]{1,14}?(?:的|以外|之外)?[,，](?=.)")
"""不要租房补贴的,: what is not asked for."""
_DAY = re.compile(r"\d+年|\d+月|\d+日|年底|年初|季度|之日|工作日")
_BODY = re.compile(
    r"由[^。；]{1,30}(?:负责|牵头|会同|承担|组织|组成|解释|安排|审定)|责任单位|(?:局|委|办|厅|处|科|部门|政府|管委会|领导小组|专班|办公室|中心)(?:负责|牵头|[、,，。；)）])|组长|主任"
)
_PATTERNS = {
    Want.SUPPORT: _SUPPORTS,
    Want.GOAL: re.compile(
        r"目标|到20\d\d年|\d年努力|(?:达到|超过|累计|翻番|突破|不低于|不少于)[^。；]{0,8}\d|\d[^。；]{0,8}(?:以上|左右)"
    ),
    Want.CONDITION: re.compile(r"条件|应当|符合|不低于|不少于|不高于|以上的|具备|列入|没有|未发生|经认定|标准|须|前提"),
    Want.DEADLINE: re.compile(
        r"\d+月\d+日|工作日|截止(?!日?[之以]?前)|(?:申报|受理|申请)(?:时间|期限)|每年\d+月|\d+月底|季度"
    ),
    Want.MATERIALS: re.compile(
        r"(?:提交|提供|报送|准备|携带|出具|附|申报|申请|证明|以下|下列|所需|相关|书面)[^。；，]{0,12}材料|材料(?:清单|包括|如下|目录)"
        r"|申请书|申请表|复印件|凭证|证明文件|(?:提供|提交|报送|附)[^。；]{0,16}(?:证书|合同|发票|名册|报告|清单|协议|台账|证明)"
    ),
    Want.CONTACT: re.compile(r"设在|位于|电话|地址|邮箱|网址|https?:|窗口|\d{3,4}-\d{7,8}"),
    Want.PROCEDURE: re.compile(
        r"按照?《|向[^。；]{2,20}(?:申报|申请|提出|提交)|(?:审核|初审|复核|公示|审定|拨付|受理|备案)"
    ),
    Want.PAYMENT: re.compile(
        r"拨付|兑现|兑付|到账|一次性|分[一二三两\d]+(?:年|期|次)|按年|逐年|连续[^。；]{1,4}年|发放|分担"
        r"|付清|先付|再付|余款|划拨|下达(?:资金|经费)"
    ),
    Want.BODY: _BODY,
    Want.WHEN: _DAY,
}
_FALSE = re.compile(r"[^，。；：\n]*(?:虚假|伪造|变造|不实|失实|造假|弄虚作假|骗取|隐瞒)[^。；\n]*")
"""Papers that must not be handed in are none that must: 提供虚假合同的, 追回资金."""
_ALIKE: dict[str, str | tuple[str, ...]] = {
    "家": "家个户",
    "个": "个家项座",
    "人": "人名",
    "名": "名人",
    "户": "户家",
    "项": "项个件",
    "座": "座个",
    "工作日": ("工作日", "个工作日", "日", "天"),
    "天": ("天", "日", "个工作日", "工作日"),
}


def without_denied(text: str) -> str:
    """A question without the part that says what it does not ask for: 不要租房补贴的,安家费有多少."""
    return _DENIED.sub("", text)


def answers_want(text: str, want: Want) -> bool:
    """Whether a sentence has what a kind of question asks for."""
    if want in (Want.AMOUNT, Want.CHECK):
        return bool(_PAYS.search(text)) or any(figure.unit in (MONEY, RATE) for figure in figures(text))
    if want is Want.VALIDITY:
        return states_validity(text)
    pattern = _PATTERNS.get(want)
    if want is Want.MATERIALS:
        text = _FALSE.sub("", text)
    return pattern is None or bool(pattern.search(text))


def unit_asked(question: Question) -> Check | None:
    """`figure_check` where the question names the measure word (几年, 多少家), else None."""
    asked = _WHICH.sub("", question.focus or question.text)
    return figure_check(question) if _UNIT_ASKED.search(asked) else None


def figure_check(question: Question) -> Check | None:
    """What tells whether a text has the figure asked for (几家, 百分之几, 什么时候); None where none is."""
    asked = _WHICH.sub("", question.focus or question.text)
    unit = _UNIT_ASKED.search(asked)
    if unit is not None:
        name = unit[1].removeprefix("个") if len(unit[1]) > 1 and unit[1] != "个月" else unit[1]
        accepted = {*_ALIKE.get(name, ()), name, PLAIN}
        return lambda text: any(figure.unit in accepted for figure in figures(text))
    if _RATE_ASKED.search(asked):
        return lambda text: any(figure.unit == RATE for figure in figures(text)) or bool(_PAYS.search(text))
    if _DAY_ASKED.search(asked):
        return lambda text: bool(_DAY.search(text))
    if _MUCH_ASKED.search(asked):
        return lambda text: bool(figures(text)) or bool(_PAYS.search(text))
    return None


def asks_limit(question: Question) -> bool:
    """Whether it is asked where something ends: 一年封顶多少."""
    return bool(_LIMIT_ASKED.search(question.focus or question.text))


def states_limit(text: str) -> bool:
    """Whether a text says up to where something goes: 最高300万元, 不超过总投资的20%."""
    return bool(_LIMIT.search(text)) and bool(figures(text))


def states_money(text: str) -> bool:
    """Whether a sum of money or a share stands in a text."""
    return any(figure.unit in (MONEY, RATE) for figure in figures(text))


def is_aim(text: str) -> bool:
    """Whether a text is about what is to be reached, or about a fund, and says nothing of what is given."""
    return bool(_AIM.search(text)) and not _STATES_GIFT.search(text)


def gives(text: str) -> bool:
    """Whether a text says how much is given or charged; sums of goals, funds and thresholds are not meant."""
    return bool(_STATES_GIFT.search(text) or _PAYS.search(text)) and not _AIM.search(text)


def pays(question: Question) -> bool:
    """Whether money or another advantage for the enterprise is asked for."""
    return bool(question.wants & {Want.AMOUNT, Want.SUPPORT})


def asks_amount(question: Question) -> bool:
    """Whether the size of what is given is asked for; 接待多少人次 is a number, but no sum."""
    asked = question.focus or question.text
    if _RATIO.search(asked) and not _GIVEN_RATIO.search(asked):
        return False
    return Want.AMOUNT in question.wants and (_GIVES.search(asked) is not None or unit_asked(question) is None)
