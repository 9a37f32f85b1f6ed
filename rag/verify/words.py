"""Words of policy language that say what a figure is: given money, a ceiling, a size, a date of validity."""

from __future__ import annotations

import re
from enum import StrEnum

from index.benefits.vocabulary import ONE_LEVEL, STRONG

_KINDS = rf"{STRONG}|奖金|经费|津贴|扶持|支持|奖励金|补贴款|资金|兑付|兑现|拨付"
_GIVES = (
    rf"{_KINDS}|给予|予以|发放|奖|补(?!齐|足|短|链|充)|拿到?|领到?|获得|得到?|享受|给|返|发"
    r"|应得|到手|申领|标准[为是]?|额度[为是]?|金额[为是]?|上限[为是]?|封顶|最高|最多|至多"
)
PAID_BEFORE = re.compile(rf"(?:{_GIVES})[^,;。]{{0,14}}$")
PAID_AFTER = re.compile(
    rf"^(?:/[\u4e00-\u9fff]{{1,3}})?(?:\([^)]*\))?(?:以内|封顶)?的?(?:一次性|定额|分别|标准|比例|额度|财政|专项|建设|落户|运营|运行|开办|研发|"
    rf"培育|给|按|资金)*(?:{_KINDS}|给予|予以|奖|补|计发|封顶)"
)
EACH_BEFORE = re.compile(r"每$")
EACH_MORE_BEFORE = re.compile(r"每(?:完成|投入|实现|销售|缴纳|新增|增加|多增加|再增加|满|提高|降低|减少|超过|多)$")
SIZE_BEFORE = re.compile(
    r"(?:达到?|突破|(?<!不)(?<!不得)超过?|不低于|不少于|不足|未满|满|大于|高于|低于|少于|投入|投资额?|营收|收入|产值|销售额?|面积|实现|规模|占比?|比重|每增加|每增|增长|增速)"
    r"[^,;。]{0,4}$"
    r"|(?:申报|认定|准入|入库|入选)(?:标准|门槛|起点|条件)[^,;。]{0,6}$"
)
SIZE_AFTER = re.compile(
    r"^(?:\(不?含[^)]*\))?(?:及?以[上下内](?:的|,|、|。|;|$|[\u4e00-\u9fff])|的(?!一次性|标准|比例|额度|奖|补|资|扶|支|财|经|专|建|贴|落|配)|级|档|规模)"
)
OWN_FACT = re.compile(
    r"您|你们?|贵(?:司|公司|单位|企业)|我[司们]|营收|收入|产值|投资|投入|销售|员工|人数|面积|占比|比重|领过|已领|已经?(?:领|拿|得|获|享受)|"
    r"档|提到|所说|问的|贷款|注册资本|研发费|实缴|距离|成立|年龄|今年|去年|前年"
)
REACHED = re.compile(r"^(?:已经?|刚|才|还)?(?:达到?|超过?|不足|不到|低于|高于|够|在|属于|没有?达|未达|介于|落在)")
NOT_GIVEN = re.compile(r"(?:不予|不再|不得|不给|不能|不可|取消|停止|无法|不享受)[^,;。]{0,10}[,:]?[^,;。]{0,10}$")
DENIED = re.compile(
    r"(?:不是|并非|而非|不会是|查不到|未见|(?:没有|未)(?!超过|达到|满|突破|列入|获|被|经|纳入)(?:直接|明确)?(?:写明?|规定|说明?|提到?|提供|设)?)"
    r"[^,;。\d]{0,8}$"
)
CORRECTED = re.compile(r"^[^,;。]{0,10}(?:的说法|不对|有误|不正确|是错|不符|不准确|没有依据|不成立|与文件不)")

CAP_BEFORE = re.compile(
    r"(?:最高|最多|不得?超过|至多|上限|限额|不得?高于|不多于|封顶|控制在|为限|顶格)[^,;。、:\d]{0,14}:?$"
)
CAP_MOVED = re.compile(r"(?:上限|最高|限额|封顶)[^,;。]{0,16}(?:提高|调整|增加|上调|降低|下调|提升|放宽)(?:到|至|为)$")
CAP_AFTER = re.compile(
    r"^(?:/[\u4e00-\u9fff]{1,3})?(?:\(不?含[^)]*\))?(?:及?以内|封顶|为限|为?上限|的?上限|及?以下|之内)"
)
_PER_UNITS = (
    "平方公里|平方米|立方米|季度|公里|公斤|千克|标准箱|标箱|千瓦时|兆瓦|千瓦|展位|床位|人次|架次|班次|车次|课时|小时|"
    "年|月|周|天|日|次|场|届|期|吨|亩|公顷|台|套|件|条|班|列|张|辆|艘|箱|度|米|份|篇|部|集|人|名|位|家|户|个|项|单位|企业|项目"
)
PER = re.compile(
    rf"(?:每1?一?(?:新增|增加)?(?:\d+|[一二三五十百千万])*个?({_PER_UNITS})|/({_PER_UNITS})|按({_PER_UNITS})(?=[补奖计给发]))"
)
YEARLY = re.compile(
    r"(?:全年|每年|按年|逐年|年均|一年(?!以|内|的)|单年|(?<![\d一二两三四五六七八九十前第])年度?(?=最高|总额|不超过|累计|合计|补|奖|资助|给|贴|返|扶|支持|享受)|/年)"
)
# Paid for one of these is no detail: 每吨100元 is not 100元. 每家 and 每个项目 name the one who gets it.
MATERIAL_PER = frozenset(
    [
        "平方公里",
        "平方米",
        "立方米",
        "季度",
        "公里",
        "公斤",
        "千克",
        "标准箱",
        "标箱",
        "千瓦时",
        "兆瓦",
        "千瓦",
        "年",
        "月",
        "周",
        "天",
        "日",
        "次",
        "场",
        "班",
        "列",
        "吨",
        "亩",
        "公顷",
        "箱",
        "度",
        "米",
        "人",
        "名",
        "位",
        "人次",
        "架次",
        "课时",
        "小时",
        "床位",
        "展位",
    ]
)

PAYER_LEVEL = re.compile(
    r"[国家省市区县]{1,2}级?(?:本级)?(?:财政|预算|专项资金|以上|有关|政府|部门)|市本级|区本级|省本级|本级"
)
_FAMILY_ENDS = "级类等档星"


class DateRole(StrEnum):
    """What happens on a day."""

    EFFECTIVE = "施行"
    EXPIRES = "到期"
    ISSUED = "印发"


VALIDITY = re.compile(r"施行|有效|实施之日|生效|失效|废止|试行|执行|到期|印发|发布之日|公布|期间|规划期|适用于")
_EFFECTIVE_AFTER = re.compile(r"^(?:之日)?(?:起|后|开始|正式|才|已|就|便)*(?:施行|实施|生效|执行|起施行|试行)|^起")
_EXPIRES_AFTER = re.compile(
    r"^(?:止|为止|前|当天|之后|后|就|已经?|起|即|便|才|将|会|自动|自行)*(?:失效|到期|期满|届满|废止|过期|截止|终止|停止|不再有效|结束)|^(?:为)?止"
)
_ISSUED_AFTER = re.compile(r"^(?:由[^,;。]{2,20})?(?:起|正式)?(?:印发|发布|公布|出台|成文|签发|发文|颁布)")
_EXPIRES_BEFORE = re.compile(
    r"(?:有效期|失效|到期|过期|截止|届满|终止|废止|有效|执行|延续|适用)[^,;。\d]{0,6}(?:至|到|是|为|在|:|于)?$|(?:截至|截止)$"
)
_EFFECTIVE_BEFORE = re.compile(r"(?:施行|实施|生效|起始|开始执行)(?:日期|时间|日|之日)?[^,;。\d]{0,4}$")
_ISSUED_BEFORE = re.compile(r"(?:印发|发布|公布|成文|发文|出台|签发)(?:日期|时间|日|于|在)?[^,;。\d]{0,4}$")


def date_role(before: str, after: str) -> DateRole | None:
    """The role of a date between the words of its clause part; None where none is said."""
    if _EXPIRES_AFTER.match(after):
        return DateRole.EXPIRES
    if _EFFECTIVE_AFTER.match(after):
        return DateRole.EFFECTIVE
    if _ISSUED_AFTER.match(after):
        return DateRole.ISSUED
    for role, pattern in (
        (DateRole.EXPIRES, _EXPIRES_BEFORE),
        (DateRole.EFFECTIVE, _EFFECTIVE_BEFORE),
        (DateRole.ISSUED, _ISSUED_BEFORE),
    ):
        if pattern.search(before):
            return role
    return None


_LEVEL_WORD = re.compile(r"(国家|省部|省|市|区|县|镇|世界|国际|院|校)级")
_SHORT_LEVEL = re.compile(r"(国家|省|市|区|县)(?=认定|评定|层面|、|和|及|里认定|里评)")
_DOMAIN = re.compile(r"国内|省内|市内|区内|境内|境外|国际(?=首)")
_CLASS = re.compile(
    r"[A-EⅠⅡⅢ]{1,5}[级类档等期](?!别)|[1-5]A级?|[甲乙丙丁][级等类]|[一二三四五六七八九十特]等奖?|[一二三四五1-5]星级?|(?<![这那同哪另每某各此])[一二三四1-4][类档级](?!市|项)|第[一二三四]名|[金银铜]奖"
)
_TURN = re.compile(r"第[一二三四五\d]年|首年|次年|前[一二三两\d]+年")
_SIZE = re.compile(r"特大型|大型|中型|小型|微型")


def marks(text: str) -> dict[str, frozenset[str]]:
    """Words that set one of several alike apart, by family: levels, classes, places of a ranking, years of a term."""
    plain = PAYER_LEVEL.sub(lambda match: "□" * len(match[0]), text)
    found: dict[str, set[str]] = {}
    for match in [*_LEVEL_WORD.finditer(plain), *_SHORT_LEVEL.finditer(plain)]:
        found.setdefault("level", set()).add(match[1])
    for family, pattern in (("domain", _DOMAIN), ("turn", _TURN), ("size", _SIZE)):
        for match in pattern.finditer(plain):
            found.setdefault(family, set()).add(match[0].replace("首年", "第一年"))
    for match in _CLASS.finditer(plain):
        word = match[0].removesuffix("奖") if "等" in match[0] else match[0]
        end = next((char for char in _FAMILY_ENDS if char in word), word[-1])
        family = "A" if word[0].isdigit() and "A" in word else end
        found.setdefault(f"class {family}", set()).add(word.removesuffix("级") if family == "A" else word)
    return {family: frozenset(words) for family, words in found.items()}


def level_spans(text: str) -> list[tuple[int, int]]:
    """Spans of level words in order, those of payers left out."""
    plain = PAYER_LEVEL.sub(lambda match: "□" * len(match[0]), text)
    return [match.span() for match in ONE_LEVEL.finditer(plain)]
