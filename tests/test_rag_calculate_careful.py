"""Sums that must not be shown, or not be denied, and those that need the whole list: over clauses invented for this."""

from __future__ import annotations

import pytest
from test_benefits_statements import read
from test_rag_calculate import of_text, one

from rag.calculate import work_out
from rag.calculate.split import asks_split, work_out_split
from rag.understand import understand
from rag.understand.clean import clean
from rag.understand.past import says_received

LOWERED = (
    "购置检验设备投资额200万元以上的，按照设备投资额的10%给予补助，最高200万元。"
    "其中首次申报的微型企业，投资门槛降为60万元，补助比例提高到15%，最高50万元。"
)
WHOLE_AND_PART = "茶叶加工项目固定资产投资3000万元以上的，按设备投资额的10%给予补助，最高600万元。"
FEES = (
    "单户贷款金额300万元至800万元的，按实缴评估费的30%给予补贴。单户贷款金额300万元以下的，按实缴评估费的60%给予补贴。"
)
CUSTOMERS = "软件产品有付费客户80家以上的，每个产品奖励6万元，每家企业每年最高30万元。"
SERVICE = "年度服务企业不少于40家的，按照运营费用的25%补助，最高50万元。"
MATCH = "承办水上赛事的，按照办赛支出的30%给予补助，单项赛事最高200万元。"
TOTAL_CEILING = "合伙经营的，创业担保贷款总额最高90万元给予贴息支持。"
RATE_OF_RATE = "种植企业取得的项目贷款，按贷款利率的30%给予贴息，最高60万元，贴息不超过两年。"
STANDARD_OF = "改建码头泊位的，按新建泊位标准的60%给予补助。"
LATE = "逾期不缴的，从滞纳之日起按日加收万分之五的滞纳金，并奖励举报人500元。"
CEILING_ALONE = (
    "举办学术会议、参会人员100人以上的，按会议费的20%给予补助，每场最高10万元；参会人员超过600人的，每场最高25万元。"
)
LADDER = "对评定为探索级、成长级、引领级数字车间的，分别给予一次性奖励15万元、45万元、120万元。升级的，补足差额。"
LADDER_WHOLE = "对评定为探索级、成长级、引领级数字车间的，分别给予一次性奖励15万元、45万元、120万元。"
EXCESS = "房晚总数累计超过1000间夜的部分，每间夜奖励20元，单场最高15万元。"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (LOWERED, "第一次报的微型厂，设备投了90万，能补多少"),
        (FEES, "贷款200万，评估费2万，补多少"),
        (CUSTOMERS, "做了5个产品，每个都有上百家付费客户，奖多少"),
    ],
)
def test_a_benefit_is_not_denied_where_something_speaks_against_that(text: str, question: str) -> None:
    assert not any("不能享受" in found.sentence for found in work_out(understand(question), of_text(text)))


def test_a_benefit_is_denied_where_nothing_does() -> None:
    worked = one(understand("茶厂项目固定资产投资2000万，能补多少"), of_text(WHOLE_AND_PART))
    assert "不能享受" in worked.sentence
    assert worked.formula == "3000万元 − 2000万元 = 1000万元"


@pytest.mark.parametrize(
    ("text", "question", "result"),
    [
        (WHOLE_AND_PART, "茶厂总投4000万，其中设备2500万，能补多少", "250万元"),
        (WHOLE_AND_PART, "厂房花了1500万，设备2500万，总投入4500万，补多少", "250万元"),
        (SERVICE, "服务了五十家企业，各种开支一共花了160万，能拿多少", "40万元"),
        (MATCH, "7个省都派队来打的比赛，支出300万，给多少", "90万元"),
        (RATE_OF_RATE, "项目贷款2000万，利率4%，借一年，贴多少", "24万元"),
        (CEILING_ALONE, "办了个700人的学术会议，会议费110万，补多少", "22万元"),
        (CEILING_ALONE, "办了个300人的学术会议，会议费110万，补多少", "10万元"),
        (LADDER, "前年评上成长级拿过45，今年升引领级了，这回给多少", "75万元"),
        (LADDER, "去年是探索级领了15万，今年评上成长级，还给多少", "30万元"),
        (EXCESS, "一场赛事住了4000间夜，奖励多少", "6万元"),
    ],
)
def test_the_right_figure_of_several_is_used(text: str, question: str, result: str) -> None:
    worked = one(understand(question), of_text(text))
    assert (worked.complete, worked.result) == (True, result)


@pytest.mark.parametrize(
    ("text", "question", "wrong"),
    [
        (TOTAL_CEILING, "四个人合伙，一共最多能贷多少", "360万元"),
        (STANDARD_OF, "改建泊位花了800万，补多少", "480万元"),
        (RATE_OF_RATE, "项目贷款2000万，借一年，贴多少", "600万元"),
    ],
)
def test_no_sum_is_made_of_what_does_not_belong_together(text: str, question: str, wrong: str) -> None:
    found = work_out(understand(question), of_text(text))
    assert not any(wrong in worked.result or wrong in worked.formula for worked in found)


def test_without_a_rule_on_differences_none_is_worked_out() -> None:
    found = work_out(understand("前年评上成长级拿过45，今年升引领级了，这回给多少"), of_text(LADDER_WHOLE))
    assert not any(worked.result == "75万元" for worked in found)


BORNE = "补贴资金由市与县（区）按6∶4分担，市本级企业由市级全额负担。"
SHARED = "发生代偿的，由风险补偿资金、担保公司、合作银行按50%、30%、20%分担损失。"
PARTS = "奖励资金分三年按照5∶3∶2拨付。"


@pytest.mark.parametrize(
    ("text", "question", "parts"),
    [
        (BORNE, "补贴核下来30万，市里县里各出多少", ["18万元", "12万元"]),
        (SHARED, "核定补偿200万，各承担多少", ["100万元", "60万元", "40万元"]),
        (PARTS, "奖励批了400万，头一年能到账多少", ["200万元", "120万元", "80万元"]),
    ],
)
def test_a_stated_sum_is_shared_out(text: str, question: str, parts: list[str]) -> None:
    assert asks_split(question)
    worked = work_out_split(understand(question), text)
    assert worked is not None
    assert all(part in worked.sentence and part in worked.formula for part in parts)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (BORNE, "企业投了3000万，市里县里各出多少"),
        (PARTS, "先投500万，第二年再投300万，头一年给多少"),
        ("奖励资金分期拨付。", "奖励批了400万，头一年能到账多少"),
    ],
)
def test_a_size_of_the_enterprise_is_no_sum_to_share_out(text: str, question: str) -> None:
    assert work_out_split(understand(question), text) is None


TABLE = (
    "支持事项如下：\n编号\t项目\t支持条件\t支持方式及标准\t单户年度上限\n"
    "A1\t品牌奖\t入选老字号名录\t一次性20万元\t—\n"
    "A2\t新品奖\t产品首次上市\t每个8万元\t30万元\n"
    "A3\t展销补助\t参加展销活动\t展位费的40%\t12万元\n"
    "A4\t仓储补助\t租用冷库\t每平方米15元，最高6万元\t50万元"
)


def test_a_way_of_support_beside_a_ceiling_is_what_is_paid() -> None:
    found = {one.beneficiary.split("，")[0]: one for one in read(TABLE)}
    assert [(one.amount, one.rate, one.cap, one.base) for one in found.values()] == [
        (200_000, None, None, None),
        (80_000, None, 300_000, "每个"),
        (None, 0.4, 120_000, "展位费"),
        (15, None, 60_000, "每平方米"),
    ]


def test_the_ceiling_of_a_row_is_not_that_of_another() -> None:
    worked = one(understand("今年有6个新品首次上市，新品奖一共多少"), of_text(TABLE)[1:2])
    assert worked.formula == "8万元 × 6个 = 48万元,超过上限30万元,按30万元计"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("建了1200方的气调库", "建了1200立方米的气调库"),
        ("装机6MW", "装机6兆瓦"),
        ("储能3MWh", "储能3兆瓦时"),
        ("出口900万刀", "出口900万美元"),
        ("能拿几个W", "能拿多少万"),
        ("双方签了协议", "双方签了协议"),
        ("刀具30万", "刀具30万"),
        ("10方案", "10方案"),
    ],
)
def test_units_as_they_are_typed(typed: str, written: str) -> None:
    assert clean(typed) == written


@pytest.mark.parametrize(
    ("said", "received"),
    [
        ("从农户手里收了3800万的菜", False),
        ("保险公司收了80万保费", False),
        ("去年收了80万补贴", True),
        ("已经领了30万", True),
    ],
)
def test_what_was_bought_or_paid_is_not_received(said: str, received: bool) -> None:
    assert says_received(said) is received
