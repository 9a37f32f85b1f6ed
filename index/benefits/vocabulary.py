"""Words of Chinese policy language that state a benefit, as patterns over `Marked.flat`."""

from __future__ import annotations

import re

from index.benefits.marked import AMOUNT, COUNT, MASK, VALUE

STRONG = "奖励|资助|补助|补贴|奖补|补偿|贴息|返还|减免|减征|免征|免收|减收|配套|津贴|扣减|抵扣"
NOUNS = "贷款|奖金|优惠券|消费券"
WEAK = "支持|扶持|激励|优惠|保障|倾斜|帮扶"
SHORT = "奖|补"
KIND_NOUN = re.compile(f"风险补偿|贷款贴息|{STRONG}|{NOUNS}|{WEAK}")
STRONG_NOUN = re.compile(f"风险补偿|{STRONG}")
GIVE = "给予|予以|发放|提供|享受|安排给"
_EACH = rf"(?:每[^,、;{AMOUNT}{COUNT}]{{1,8}}|每新增[{COUNT}]+|单[个户家项])"
EACH = re.compile(rf"每(?:新增)?(?:[{COUNT}]+|[^,、;:{AMOUNT}{COUNT}]{{1,9}}?)(?=再|另|可|按|一次性|给予|奖|补|资助|增加|减|返|最高|不超过|[{AMOUNT}])")
CAP_WORD = r"(?:最高(?:不超过|不高于|限额为?|可达|可获|可获得|可给予|给予|额度为?|为)?|最多(?:不超过|给予)?|不超过|不高于|不多于|至多|上限(?:为|是)?|限额为?|封顶)"
CAPPED_BEFORE = re.compile(rf"{CAP_WORD}{_EACH}?(?:人民币|约|:)?$")
CAPPED_AFTER = re.compile(r"(?:封顶|为限|以内(?!的)|为上限)")
_FILL = rf"(?:资金|标准|金额|额度|总额|比例|费用|经费|分别|各|一次性|合计|约|再|人民币|为|是|达到?|按照?|:|最高|不超过|{_EACH})"
# A kind word governs a value that follows it closely: 奖励200万元, 补助标准为每人3000元, 资助实际成交额的1%.
VERB_BEFORE = re.compile(
    rf"(?:{GIVE})[^,{VALUE[1:-1]}]{{0,40}}$|(?:增加|增发|加发|{STRONG}|{WEAK}|{SHORT}){_FILL}*$"
    rf"|(?:{STRONG})[^,{VALUE[1:-1]}]{{2,40}}的{_FILL}*$"
)
VERB_AFTER = re.compile(rf"(?:的(?:标准|比例|额度)?)?(?:分别|一次性|每年|予|再)*(?:{GIVE}|计算|计发|{STRONG}|补(?!充|足)|奖)")
BY = re.compile(r"(?<!依)(?:可)?按照?(?!时|期|揭|季|月|规定时)|参照|依照|根据")
KIND_AFTER = re.compile(rf"的?[^,。]{{0,22}}?(风险补偿|{STRONG}|{NOUNS}|{WEAK})")

FUND = re.compile(rf"(?:安排|设立|统筹|筹集|总规模|规模|预算|募集|增资|到位|注资|出资|资金池)[^,{AMOUNT}]{{0,16}}[{AMOUNT}]")
NEGATED = re.compile(r"不予|不得|不给予|不再给予|不享受|取消|追回|收回|收缴|骗取|套取|责令|撤销|停止执行|挪用")
PENALTY = re.compile(r"罚款|罚金|处以|违约金|滞纳金|没收|赔偿|保证金|处[¤]")
HONOUR = re.compile(r"表彰|表扬|显著成绩|成绩显著|显著贡献|突出贡献|举报|荣誉|通报")
STACKING = re.compile(r"补差|差额|从高|不重复|不再重复|不得重复|不叠加|就高")

GIVEN = re.compile(rf"(?:{GIVE})(?P<object>[^,:]{{0,26}}?(?:{STRONG}|{WEAK}|{NOUNS}))(?:政策|资金|等)?(?:$|:)")
REFERRED = re.compile(
    rf"(?:按照?|参照|依照|根据|执行)(?P<what>[^,]*?(?:政策|办法|标准|规定|意见|通知|措施|细则|附件|方案|条款|{MASK}))[^,]*?"
    rf"(?:给予|予以|进行|享受)?[^,]{{0,12}}?(?P<kind>{STRONG}|{WEAK})(?:$|:)"
)
EQUAL_SHARE = re.compile(r"同比例|等比例|等额|全额|同等额度|同额")
CHANGED = re.compile(
    rf"(?P<what>[^,、]*?(?:比例|标准|上限|额度|限额|金额|补贴|补助|奖励|资助|最高)[^,、{VALUE[1:-1]}]{{0,6}})"
    rf"(?:由[^,、{VALUE[1:-1]}]{{0,6}}(?:{VALUE})+)?(?P<how>提高|提升|上调|增加|上浮|调整|下调|降低|下降|扩大|调高)(?:到|至|为|了)?[^,、{VALUE[1:-1]}]{{0,6}}(?={VALUE})"
)
SUBSIDY_WORD = re.compile(f"{STRONG}|奖补|扶持|担保|授信|最高|额度")
LOWERED_BAR = re.compile(rf"申报(?:标准|门槛|起点|条件)[^,]{{0,6}}?(?:下调|降低|降|放宽|调整)(?:至|到|为)(?=[{AMOUNT}])")
PROLONGED = re.compile(rf"(?P<what>扶持|补助|补贴|优惠|奖励|减免|贴息|资助)(?:政策)?(?:年限|期限|期)再?延长(?:至|到)?(?=[{COUNT}])")
WAIVED = re.compile(rf"(?P<kind>减免|免除|免收|减收|免缴)(?P<what>[^,]{{0,6}}[{COUNT}]+[^,]{{1,12}})$")
LIMIT_ONLY = re.compile(
    rf"(?:(?:同一|单个?|每|各|全年|年度?|一个|累计|合计|总额|金额|补助|奖励|补贴|资助|补偿|贴息|奖补|扶持|资金|最长|其中)[^{VALUE[1:-1]}按对]{{0,18}})?"
    rf"{CAP_WORD}(?:人民币|{_EACH})?[{AMOUNT}]+(?:封顶|/.{{1,3}})?$|^(?:[^{VALUE[1:-1]}按对]{{0,12}}以)?[{AMOUNT}]+(?:封顶|为限|为上限)$"
)
SHARE_LIMIT = re.compile(rf"(?:比例|补助|补贴|奖励|资助|补偿|贴息)[^,]{{0,6}}?(?:不超过|不高于|最高|为)(?P<base>[^,{VALUE[1:-1]}]{{0,40}}?)的?(?={VALUE})")
UNIT_MEASURE = re.compile(r"每(?:年每|月每)?(?:平方米|立方米|吨|千瓦时|千瓦|度|公里|亩|分钟|小时|课时|人次|公斤|千克|平米|㎡|标箱|公顷)")
TOTAL_LIMIT = re.compile(r"每?(?:年|年度|户|家|个企业|企业|单位|机构|个项目|项目)$")

LEVEL = (
    r"(?:国家|省部|省|市|区|县|镇|世界|国际|院|校)级|国际|国内|省内|市内|区内|国家|全国|全省|全市|[1-5]A级?|[A-E]{1,3}[级类档]|"
    r"[甲乙丙丁特][级等]|[一二三四五六七八九十特]等奖?|[一二三四五1-5]星级?|[一二三四1-4][类档级]|特大型|大型|中型|小型|微型|金|银|铜|省|市"
)
ORDINAL_LEVEL = re.compile(r"(?:国家|省部?|市|区|县|镇|世界|国际)级")
LEVEL_LIST = re.compile(rf"(?:{LEVEL})(?:(?:、|和|及|与|或|以及)(?:{LEVEL}))+")
ONE_LEVEL = re.compile(LEVEL)

PERIOD = re.compile(
    r"一次性|连续\S{1,3}?年|前[一二三两\d]+年|第[一二三四五\d]年|[\d一二三四五两]+年内(?=按|给|予|每|最)|分[一二三\d]+年|"
    r"(?:最长|期限)[^,;。]{0,6}?年|每年(?=最高|不超过|给|补|奖|资助|按)|年度(?=奖励|补助|补贴|最高)"
)
PAYER = re.compile(
    r"(?:由?(?:省|市|区|县|本级|市本级|区级|市级|省级|地方|中央|同级)[^,、]{0,8}?财政|由各地[^,]{0,40}?|由[^,]{2,12}?财政|有条件的地方|市本级|市财政|区财政|省财政)?"
    r"(?:可以|应当|可|均|分别|一次性|再|另|,|则|将|按规定|还可)*$"
)
COSTS = re.compile(r"(?:费用|部分|金额|支出|投入|投资额?|利息|租金|成交额|额|价款|成本)$")
