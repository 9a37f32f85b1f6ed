"""Benefits in many drafting styles: shares with ceilings, steps, what other documents measure, tables.

The cases were written before the reader was mended for their kinds, of invented subjects; each states all that the
clause gives.
"""

from __future__ import annotations

from typing import Any

import pytest
from test_benefits_statements import read

from index.models import Benefit

Row = tuple[str, float | None, float | None, float | None, str]
Case = tuple[str, list[Row]]
"""A clause, and for each benefit words of its beneficiary, amount, share, ceiling and words of its base."""

RATES_AND_CEILINGS: list[Case] = [
    (
        "单条产线技改按设备款的8%补助，单个企业最高150万元；其中购置国产数控系统的，补助比例提高到12%，单个企业最高260万元。",
        [("", None, 0.08, 1500000, ""), ("数控系统", None, 0.12, 2600000, "")],
    ),
    (
        "检测机构为中小企业减免检测费的，按减免额的30%给予补贴，通过国家认可的，补贴比例为45%，每年最高50万元。",
        [("检测机构", None, 0.3, 500000, ""), ("国家认可", None, 0.45, 500000, "")],
    ),
    (
        "出口信用保险投保企业按实缴保费的40%给予补助，新增国别的，增量部分再补10%，但单个企业每年不超过80万元。",
        [("出口信用", None, 0.4, 800000, ""), ("", None, 0.1, 800000, "")],
    ),
    (
        "二次创业者按首次标准再给20%的奖励，且每人不超过5万元。",
        [("", None, 0.2, 50000, "")],
    ),
    (
        "各级补助资金合计不超过项目总投资的50%。",
        [],
    ),
    (
        "财政补助与社会捐赠合计不得超过活动总支出的70%。",
        [],
    ),
    (
        "技改项目按设备投资的10%奖励，单个项目最高500万元；亩均税收低于10万元的，按5%计算。",
        [("技改", None, 0.1, 5000000, ""), ("亩均", None, 0.05, None, "")],
    ),
    (
        "贷款贴息按一年期LPR的50%计算，企业实际利率更低的，按实际利息的50%计算，每户每年最高30万元。",
        [("", None, 0.5, 300000, ""), ("", None, 0.5, 300000, "")],
    ),
    (
        "屠宰企业冷链改造按投入额给予补助，比例不超过25%，最高200万元。",
        [("屠宰", None, 0.25, 2000000, "")],
    ),
    (
        "农机合作社购置大型机具的给予补助，补助额不超过机具价款的30%，且不超过20万元。",
        [("农机", None, 0.3, 200000, "")],
    ),
    (
        "购入研发仪器按价款的20%资助，单个仪器最高50万元；租用仪器按租金的30%资助，每年最高20万元。单个企业依本条每年合计最高100万元。",
        [("", None, 0.2, 500000, ""), ("", None, 0.3, 200000, "")],
    ),
    (
        "新获驰名商标和地理标志的，各奖30万元、20万元；单个企业每年最高60万元。",
        [("", 300000, None, None, ""), ("", 200000, None, None, "")],
    ),
    (
        "港口作业船改用清洁能源的，改造费用补30%，每艘最高80万元，单家企业每年最高300万元。",
        [("作业船", None, 0.3, 3000000, "")],
    ),
]

STEPS: list[Case] = [
    (
        "组织研学专列，每列学生不少于300人的，每列奖励1.8万元。",
        [("研学专列", 18000, None, None, "每列")],
    ),
    (
        "对新投放共享单车的企业，每投放100辆奖励2万元，单个企业每年最高30万元。",
        [("", 20000, None, 300000, "每投放100辆")],
    ),
    (
        "养殖场每新增1000头存栏，补助3万元，最高60万元。",
        [("养殖场", 30000, None, 600000, "每新增1000头")],
    ),
    (
        "按实际接待人数给予旅行社补贴，一日游每人10元，两日游每人30元，单个旅行社每年最高40万元。",
        [("一日游", 10, None, 400000, "每人"), ("两日游", 30, None, 400000, "每人")],
    ),
    (
        "按种植面积给予农户补助，露地蔬菜每亩200元，设施蔬菜每亩600元。",
        [("露地", 200, None, None, "每亩"), ("设施", 600, None, None, "每亩")],
    ),
    (
        "新设研发机构前三年按每平方米每月25元、后两年按每平方米每月12元给予场租补助，面积最高500平方米。",
        [("", 25, None, None, "每平方米每月"), ("", 12, None, None, "每平方米每月")],
    ),
    (
        "新建养老床位每张补助8000元，其中护理型床位每张另补3000元，单个机构依本条最高120万元。",
        [("养老床位", 8000, None, 1200000, "每张"), ("护理型", 3000, None, 1200000, "每张")],
    ),
    (
        "每组织1场校企对接会，给予承办单位5000元补助，全年最高10万元。",
        [("", 5000, None, 100000, "每组织1场")],
    ),
    (
        "技术经纪人每促成一项交易，按成交额的1‰给予奖励，每项最高1万元。",
        [("技术经纪人", None, 0.001, 10000, "成交额")],
    ),
    (
        "职工每取得一本中级证书，给予企业2000元补贴。",
        [("", 2000, None, None, "每取得一本")],
    ),
    (
        "屋顶光伏每发1千瓦时电，补贴0.1元，连补三年，单个项目每年最高15万元。",
        [("光伏", 0.1, None, 150000, "每发1千瓦时")],
    ),
]

ELSEWHERE: list[Case] = [
    (
        "社会办医疗机构人才职称评聘和科研立项待遇按照《枫桥市社会办医促进办法》执行。",
        [("社会办医", None, None, None, "")],
    ),
    (
        "企业参加境外专业展会的，展位费资助按照《云台市展会资助细则》办理。",
        [("企业", None, None, None, "")],
    ),
    (
        "退役军人创办企业的，扶持政策见《长岭县退役军人创业若干措施》。",
        [("退役军人", None, None, None, "")],
    ),
    (
        "渔船报废拆解的，补助标准按照省海洋渔业主管部门有关规定执行。",
        [("渔船", None, None, None, "")],
    ),
    (
        "总投资50亿元以上的旗舰项目，由市政府一事一议。",
        [("旗舰项目", None, None, None, "")],
    ),
    (
        "对产业带动性特别强的龙头项目，采取一企一策方式给予支持。",
        [("龙头项目", None, None, None, "")],
    ),
    (
        "租户按市场租金的60%缴纳的，差额部分由财政全额承担。",
        [("租户", None, 1, None, "")],
    ),
]

TABLES: list[Case] = [
    (
        "新能源公交车按下表给予补贴，同一车辆只补一次。\n"
        "车型\t每辆补贴\t每家最高\n"
        "8米以下\t4万元\t200万元\n"
        "8米以上\t7万元\t350万元",
        [("8米以下", 40000, None, 2000000, "每辆"), ("8米以上", 70000, None, 3500000, "每辆")],
    ),
    (
        "绿色建筑按照下列标准奖励，单个项目不超过150万元：\n"
        "星级\t住宅\t公共建筑\n"
        "二星\t每平方米奖励15元\t每平方米奖励20元\n"
        "三星\t每平方米奖励30元\t每平方米奖励45元",
        [
            ("二星", 15, None, 1500000, "每平方米"),
            ("二星", 20, None, 1500000, "每平方米"),
            ("三星", 30, None, 1500000, "每平方米"),
            ("三星", 45, None, 1500000, "每平方米"),
        ],
    ),
    (
        "民宿评级奖励见下表，复评升级的补齐差额。\n等级\t奖励金额（万元）\n甲级\t30\n乙级\t15\n丙级\t5",
        [("甲级", 300000, None, None, ""), ("乙级", 150000, None, None, ""), ("丙级", 50000, None, None, "")],
    ),
    (
        "年度外贸额按下表分档奖励：\n"
        "年出口额\t生产企业\t贸易企业\n"
        "1000万元以上、不足5000万元\t按出口额的1%奖励\t按出口额的0.5%奖励\n"
        "5000万元以上\t按出口额的1.5%奖励\t按出口额的0.8%奖励",
        [
            ("生产企业", None, 0.01, None, ""),
            ("贸易企业", None, 0.005, None, ""),
            ("生产企业", None, 0.015, None, ""),
            ("贸易企业", None, 0.008, None, ""),
        ],
    ),
]


def fits(benefit: Benefit, row: Row) -> bool:
    who, amount, rate, cap, base = row
    shown: tuple[Any, ...] = (benefit.amount, benefit.rate, benefit.cap)
    return who in benefit.beneficiary and shown == (amount, rate, cap) and base in (benefit.base or "")


def check(text: str, rows: list[Row]) -> None:
    """Every row is found once, and nothing else is."""
    left = list(read(text))
    for row in rows:
        found = next((benefit for benefit in left if fits(benefit, row)), None)
        assert found is not None, (row, left)
        left.remove(found)
    assert not left


@pytest.mark.parametrize(("text", "rows"), RATES_AND_CEILINGS)
def test_shares_keep_their_own_ceilings_and_what_is_shared_with_others_is_none(text: str, rows: list[Row]) -> None:
    check(text, rows)


@pytest.mark.parametrize(("text", "rows"), STEPS)
def test_what_is_paid_for_each_step_names_the_step(text: str, rows: list[Row]) -> None:
    check(text, rows)


@pytest.mark.parametrize(("text", "rows"), ELSEWHERE)
def test_what_another_document_or_a_decision_measures_has_no_amount(text: str, rows: list[Row]) -> None:
    check(text, rows)


@pytest.mark.parametrize(("text", "rows"), TABLES)
def test_rows_of_a_table_take_ceiling_and_step_from_what_announces_them(text: str, rows: list[Row]) -> None:
    check(text, rows)


@pytest.mark.parametrize(
    "text",
    [
        "违反承诺的，应当全额退回奖励资金。",
        "原办法按15%补助、单部最高200万元，本次适当提高。",
        "补助资金的使用和监督按照《临水市财政专项资金管理办法》执行。",
        "奖励标准按照第五条规定执行。",
        "单个企业年度享受本措施资金合计不超过300万元。",
        "各阶段奖励可以累计，主板上市累计不超过800万元。",
    ],
)
def test_refunds_past_rules_and_ceilings_over_everything_are_no_benefits(text: str) -> None:
    assert not read(text)


def test_a_bound_on_what_is_counted_is_no_step() -> None:
    [benefit] = read("组织研学专列，每列学生不少于300人的，每列奖励1.8万元。")
    assert (benefit.base, benefit.threshold and benefit.threshold["value"]) == ("每列", 300)


def test_the_condition_says_which_document_measures_the_support() -> None:
    [benefit] = read("取得境外注册商标的，具体资助按照《临水市商标品牌促进办法》执行。")
    assert (benefit.kind, benefit.amount, benefit.condition) == (
        "资助",
        None,
        "具体资助按照《临水市商标品牌促进办法》执行",
    )


def test_a_condition_that_announces_a_table_holds_for_its_rows() -> None:
    found = read("新评为星级民宿的，按下表奖励；升级的，补足差额。\n等级\t一次性奖励\n甲级\t30万元\n乙级\t15万元")
    assert [(one.amount, one.condition) for one in found] == [
        (300_000, "升级的，补足差额"),
        (150_000, "升级的，补足差额"),
    ]
    assert all("民宿" in one.beneficiary for one in found)
