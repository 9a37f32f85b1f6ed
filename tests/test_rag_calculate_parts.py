"""What changes the base, the rate, the ceiling or the count of a rule, over clauses invented for this, as typed."""

from __future__ import annotations

import pytest
from test_benefits_statements import read
from test_rag_calculate import of_text, one

from rag.calculate import work_out
from rag.calculate.refund import work_out_refund
from rag.understand import understand

EQUIPMENT = "项目设备投资500万元以上的，按设备投资额的8%补助，最高300万元。购置二手设备的投资额不计入设备投资额。"
EQUIPMENT_HALF = "项目设备投资500万元以上的，按设备投资额的10%补助，最高900万元。二手设备按发票金额的50%计入。"
ENERGY = "年节水量达到1万吨以上的，按照每吨5元给予奖励，最高80万元，且不超过项目实际投资额的20%。"
FAIR = (
    "展览面积达到1万平方米、2万平方米的，分别补助主办单位20万元、50万元。境外参展商展位比例达到15%的，补助标准上浮10%。"
    "同一展览连续举办的，第二届按标准的70%补助。"
)
STANDARDS = (
    "主导编制国际标准、国家标准、地方标准的，分别奖励90万元、30万元、6万元；参与编制的，按主导编制标准的20%奖励。"
)
COMPUTING = (
    "企业租用本市算力的，按实际支付费用的20%补助，每年最高50万元；"
    "属于“小巨人”企业的，补助比例提高到30%，每年最高90万元。"
)
DESIGN = (
    "企业委托设计机构开展设计的，按照实际支付设计费的20%补助，每年最高30万元。"
    "设计机构拥有省级以上工业设计中心称号的，补助比例提高到35%，每年最高50万元。"
)
STARTUP = (
    "企业租用公共平台的，按实际支付金额的20%支持，每年最高40万元；"
    "成立不满3年的初创企业，支持比例为45%，每年最高25万元。"
)
PROVIDER = "服务商一年内完成20家以上企业改造的，奖励15万元；超过20家的，每增加一家再奖励5000元，每年最高40万元。"
DAILY = "入驻园区的企业，自用办公用房按每平方米每天0.5元补助，面积上限800平方米，最长12个月。"
BEDS = "新建护理型床位的，每张床位补助9000元。补助分两年拨付，验收当年拨付60%，运营满一年后拨付40%。"
STAND = "企业参加境外展会的，按展位费的70%补助，每个展位最高2万元，每家企业每年最高30万元。"
CARE = "照料中心评为五星级、四星级的，每年分别补助运营经费12万元、7万元。"
PLEDGE = (
    "专利质押贷款按期还本付息的，按实际支付利息的40%贴息，每年最高60万元；"
    "发生的评估费，按实际支付金额的50%补助，每年最高8万元。"
)
PLATFORM = (
    "平台项目获得国家、省专项资金支持的，分别按照实际到账资金的1:1、1:0.4给予配套，"
    "国家项目最高配套600万元，省级项目最高配套150万元。"
)
VOUCHER = "创新券用于购买检测服务的，按合同金额的45%抵用，单份合同最高8万元。"

WORKED = [
    (EQUIPMENT, "设备一共投了2000万，其中二手设备400万，能补多少", "128万元"),
    (EQUIPMENT, "设备投了2000万，能补多少", "160万元"),
    (EQUIPMENT_HALF, "设备一共投了3000万，其中二手设备800万，能补多少", "260万元"),
    (ENERGY, "节水项目投了200万，一年省12万吨水，能拿多少", "40万元"),
    (ENERGY, "节水项目投了500万，一年省12万吨水，能拿多少", "60万元"),
    (FAIR, "首届展会2.2万平方米，境外展位占18%，补多少", "55万元"),
    (FAIR, "首届展会2.2万平方米，境外展位占12%，补多少", "50万元"),
    (FAIR, "展会办第二届，1.3万平方米，没有境外展位，补多少", "14万元"),
    (STANDARDS, "参与编了一个国家标准，不是主导单位，给多少", "6万元"),
    (COMPUTING, "小巨人企业租算力花了250万，补多少", "75万元"),
    (COMPUTING, "租算力花了250万，补多少", "50万元"),
    (DESIGN, "请有省级工业设计中心的机构做设计，实付120万，补多少", "42万元"),
    (DESIGN, "请一家设计机构做设计，实付120万，补多少", "24万元"),
    (STARTUP, "公司成立两年，租平台花了30万，能支持多少", "13.5万元"),
    (STARTUP, "公司成立五年了，租平台花了30万，能支持多少", "6万元"),
    (PROVIDER, "服务商今年完成了26家企业改造，奖多少", "18万元"),
    (DAILY, "园区里自用办公室900平方米，租了10个月，一共补多少", "12万元"),
    (DAILY, "园区里自用办公室600平方米，租了15个月，一共补多少", "10.8万元"),
    (BEDS, "新建护理型床位50张，验收当年先给多少", "27万元"),
    (STAND, "去境外参展，3个展位花了9万，补多少", "6万元"),
    (STAND, "去境外参展，3个展位花了6万，补多少", "4.2万元"),
    (CARE, "照料中心评上四星级，三年一共能拿多少", "21万元"),
    (PLEDGE, "质押贷款付利息90万、评估费10万，合计补多少", "41万元"),
    (PLATFORM, "拿了省专项资金200万，配套多少", "80万元"),
    (PLATFORM, "拿了国家专项资金900万，配套多少", "600万元"),
    (VOUCHER, "检测合同12万，能抵多少", "5.4万元"),
]


@pytest.mark.parametrize(("text", "question", "result"), WORKED)
def test_what_is_typed_is_worked_out(text: str, question: str, result: str) -> None:
    worked = one(understand(question), of_text(text))
    assert (worked.complete, worked.result) == (True, result)


STAR = "经认定的区级、市级示范机构，分别奖励10万元、20万元。签约主播30名以上的机构，再奖励30万元。"


def test_people_are_not_counted_as_the_institutions_that_are_paid() -> None:
    worked = work_out(understand("我们新招了40个主播，一共奖多少"), of_text(STAR))
    assert not any("400万元" in one.result for one in worked)


STEPS = "运营不满五年关闭的，应当退回补助：不满三年的全额退回，满三年不满五年的退回一半。"


@pytest.mark.parametrize(
    ("question", "result"),
    [("拿了补助60万，运营四年关门，要退多少", "30万元"), ("拿了补助60万，运营两年关门，要退多少", "60万元")],
)
def test_what_is_paid_back_follows_the_years_served(question: str, result: str) -> None:
    worked = work_out_refund(understand(question), STEPS)
    assert worked is not None
    assert worked.result == result


def test_each_class_has_its_own_share_and_ceiling() -> None:
    found = read(PLATFORM)
    assert [(benefit.rate, benefit.cap, benefit.amount) for benefit in found] == [
        (1.0, 6_000_000, None),
        (0.4, 1_500_000, None),
    ]


def test_vouchers_are_benefits_and_their_names_are_not() -> None:
    [benefit] = read(VOUCHER)
    assert (benefit.kind, benefit.rate, benefit.base, benefit.cap) == ("抵用", 0.45, "合同金额", 80_000)
    assert not read("合计抵用金额不得超过合同金额的70%。")


EQUAL = "落地企业第二年实现营业收入500万元以上的，再给予落地奖励等额的成长奖励。"


def test_a_sum_equal_to_a_grant_is_not_that_of_the_turnover() -> None:
    (unknown,) = work_out(understand("企业第二年营收1亿，奖励多少"), of_text(EQUAL))
    assert not unknown.complete
    assert "落地奖励" in unknown.sentence
    (known,) = work_out(understand("落地奖励拿了80万，第二年营收1000万，能再给多少"), of_text(EQUAL))
    assert (known.complete, known.result) == (True, "80万元")
