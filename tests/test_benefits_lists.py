"""Lists of ceilings, amounts without a verb, halves, changed ceilings: what a statement leaves to others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_benefits_statements import clause, read

from index.benefits import extract
from index.benefits.marked import mark
from index.models import Benefit, PolicyFacts
from index.quantities import format_amount

Case = tuple[str, list[tuple[Any, ...]]]


def rows(found: tuple[Benefit, ...], *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(getattr(benefit, field) for field in fields) for benefit in found]


LISTED_CEILINGS: list[Case] = [
    (
        "对国家级、省级项目，分别按投资额的20%、15%给予补助，最高不超过500万元、200万元。",
        [("国家级项目", 0.2, 5_000_000), ("省级项目", 0.15, 2_000_000)],
    ),
    (
        "新药完成Ⅰ期、Ⅱ期、Ⅲ期试验的，按投入的20%给予资助，单个项目最高分别为100万元、200万元和300万元。",
        [
            ("新药完成Ⅰ期试验的", 0.2, 1_000_000),
            ("新药完成Ⅱ期试验的", 0.2, 2_000_000),
            ("新药完成Ⅲ期试验的", 0.2, 3_000_000),
        ],
    ),
    (
        "国内参展的按展位费的50%补助，境外参展的按展位费的70%补助，分别最高5万元、10万元。",
        [("国内参展的", 0.5, 50_000), ("境外参展的", 0.7, 100_000)],
    ),
    (
        "获国际、国内奖项的作品，最高奖励分别为300万元和50万元。",
        [("获国际奖项的作品", None, 3_000_000), ("获国内奖项的作品", None, 500_000)],
    ),
    (
        "企业实施改造的，按投入的10%给予补助，最高不超过50万元、30万元。",
        [("企业实施改造的", 0.1, None)],
    ),
]


@pytest.mark.parametrize(("text", "expected"), LISTED_CEILINGS)
def test_a_list_of_ceilings_is_paired_in_order_or_not_at_all(text: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(read(text), "beneficiary", "rate", "cap") == expected


def test_a_list_of_ceilings_that_cannot_be_paired_is_a_condition() -> None:
    [benefit] = read("企业实施改造的，按投入的10%给予补助，最高不超过50万元、30万元。")
    assert benefit.condition == "最高不超过50万元、30万元"


def test_a_yearly_ceiling_beside_listed_ones_is_a_condition() -> None:
    text = "对国家级、省级项目按投入的20%给予补助，最高分别为50万元、30万元。同一企业每年累计不超过100万元。"
    found = read(text)
    assert [benefit.cap for benefit in found] == [500_000, 300_000]
    assert all("同一企业每年累计不超过100万元" in (benefit.condition or "") for benefit in found)


SCALED = st.integers(min_value=1, max_value=9_000).map(lambda number: number * 10_000)


@given(st.data())
def test_a_ceiling_never_reaches_another_level(data: st.DataObject) -> None:
    levels = ("国家级", "省级", "市级", "区级")
    count = data.draw(st.integers(min_value=2, max_value=4))
    caps = data.draw(st.lists(SCALED, min_size=2, max_size=4, unique=True))
    text = f"对{'、'.join(levels[:count])}项目按投资额的10%给予补助，最高分别为{'、'.join(map(format_amount, caps))}。"
    paired = {(benefit.beneficiary, benefit.cap) for benefit in read(text) if benefit.cap is not None}
    wanted = {(f"{level}项目", cap) for level, cap in zip(levels, caps, strict=False)}
    assert paired == (wanted if count == len(caps) else set())


ALIKE: list[Case] = [
    (
        "职工参加失业保险1年以上，取得初级、中级、高级技能证书的，分别给予个人800元、1200元、1600元补贴。",
        [(800, "初级技能证书"), (1200, "中级技能证书"), (1600, "高级技能证书")],
    ),
    (
        "护理员取得高级工、中级工证书并在岗满一年的，分别奖励2000元、1000元。",
        [(2000, "高级工证书"), (1000, "中级工证书")],
    ),
    ("对大、中、小型企业分别补助3万元、2万元、1万元。", [(30_000, "大型"), (20_000, "中型"), (10_000, "小型")]),
    ("获得中国质量金奖、优秀奖的，分别奖励9万元、3万元。", [(90_000, "质量金奖"), (30_000, "质量优秀奖")]),
    ("新认定的国家级、自治区级中心，分别奖励9万元、3万元。", [(90_000, "国家级中心"), (30_000, "自治区级中心")]),
]


@pytest.mark.parametrize(("text", "expected"), ALIKE)
def test_names_that_end_alike_are_a_list(text: str, expected: list[tuple[Any, ...]]) -> None:
    found = read(text)
    assert [benefit.amount for benefit in found] == [amount for amount, _ in expected]
    assert all(name in benefit.beneficiary for benefit, (_, name) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "获得甲证、乙证、丙证的企业，分别给予5万元、3万元奖励。",
        "取得高级工、中级工证书并担任组长、副组长满一年的，分别奖励2000元、1000元。",
    ],
)
def test_a_list_of_another_length_and_two_lists_are_not_paired(text: str) -> None:
    [benefit] = read(text)
    assert benefit.amount is None
    assert "未能逐一对应" in (benefit.condition or "")


UNSAID_VERBS: list[Case] = [
    ("新招用退役军人的，每人补助企业2000元。", [(2000, "每人", "新招用退役军人的")]),
    (
        "评为五星级、四星级的，每年分别补助运营经费9万元、6万元。",
        [(90_000, None, "评为五星级的"), (60_000, None, "评为四星级的")],
    ),
    ("对建成的冷库，一次性奖励建设单位30万元。", [(300_000, None, "建成的冷库")]),
    (
        "运营补助按照实际人数计算，重度失能的每人每月400元，轻度失能的每人每月100元。",
        [(400, "每人每月", "重度失能的"), (100, "每人每月", "轻度失能的")],
    ),
    (
        "新引进的博士，给予每人12万元生活补助；硕士每人4万元。",
        [(120_000, "每人", "新引进的博士"), (40_000, "每人", "硕士")],
    ),
    (
        "对重点实验室，按照省级30万元、国家级90万元给予建设经费。",
        [(300_000, None, "省级"), (900_000, None, "国家级")],
    ),
    (
        "租房补贴按照博士2000元/月、硕士1200元/月的标准发放。",
        [(2000, "每月", "博士"), (1200, "每月", "硕士")],
    ),
    (
        "生活补贴标准为本科每月500元、硕士每月800元。",
        [(500, "每月", "本科"), (800, "每月", "硕士")],
    ),
    ("对入驻企业给予房租补贴，标准为每平方米每月15元。", [(15, "每平方米每月", "入驻企业")]),
    ("对入驻企业给予房租补贴，补贴标准为20元/平方米。", [(20, "每平方米", "入驻企业")]),
    ("组团达到300人以上的，一次性奖励15元/人，不重复享受。", [(15, "每人", "组团达到300人以上的")]),
    ("按每招用1人1500元发放扩岗补助。", [(1500, "每招用1人", "")]),
    ("首次升规的企业可获20万元奖励。", [(200_000, None, "首次升规的企业")]),
]


@pytest.mark.parametrize(("text", "expected"), UNSAID_VERBS)
def test_an_amount_without_a_verb_of_its_own(text: str, expected: list[tuple[Any, ...]]) -> None:
    found = read(text)
    assert rows(found, "amount", "base") == [(amount, base) for amount, base, _ in expected]
    assert all(name in benefit.beneficiary for benefit, (_, _, name) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "补助资金专款专用，检测收费每人每次400元。",
        "补贴对象为参保人员，缴费标准每人每月400元。",
        "享受补助的企业，注册资本500万元。",
        "本地配套率由35%提高到55%。",
        "可以享受返还，裁员率不高于参保职工总数20%。",
        "新建设施年产值达到5000万元；纳税500万元。",
    ],
)
def test_fees_bounds_and_goals_are_not_paid(text: str) -> None:
    assert not [one for one in read(text, heading="失业保险稳岗返还") if one.amount or one.rate or one.cap]


def test_who_is_paid_tells_two_amounts_apart() -> None:
    found = read("对新升规企业，奖励主要负责人5万元，奖励企业20万元。")
    assert rows(found, "beneficiary", "amount") == [("新升规企业（主要负责人）", 50_000), ("新升规企业", 200_000)]


def test_a_unit_in_the_announcing_line_holds_for_the_amounts_below() -> None:
    lines = ("新建护理型床位12000元，普通型床位8000元；", "改建护理型床位6000元，普通型床位4000元。")
    found = extract([clause("\n".join(("建设补助标准（每张床位）如下：", *lines)))], PolicyFacts("某县养老补助细则"))
    assert rows(found, "beneficiary", "amount", "base") == [
        ("新建护理型床位", 12_000, "每张床位"),
        ("新建普通型床位", 8_000, "每张床位"),
        ("改建护理型床位", 6_000, "每张床位"),
        ("改建普通型床位", 4_000, "每张床位"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("新品种给予30万元奖励。改良品种减半执行。", "改良品种"),
        ("本县老人每人补助400元。收住外县老人的，按上述标准的一半计算。", "收住外县老人的"),
    ],
)
def test_a_half_of_what_is_paid_otherwise(text: str, name: str) -> None:
    half = read(text)[-1]
    assert (half.beneficiary, half.rate, half.amount) == (name, 0.5, None)


def test_a_ceiling_that_stays_is_the_one_before() -> None:
    found = read("年发件超过100万件的，每件补助0.1元，上限60万元；超过500万件的，每件补助0.15元，上限不变。")
    assert rows(found, "amount", "cap") == [(0.1, 600_000), (0.15, 600_000)]
    assert "60万元" in found[1].quote


def test_a_raised_ceiling_belongs_to_the_raised_share() -> None:
    found = read("按投资额的6%给予补助，最高80万元。列入省库的，补助比例提高2个百分点，最高额提高到100万元。")
    assert rows(found, "rate", "cap") == [(0.06, 800_000), (0.02, 1_000_000)]


@pytest.mark.parametrize(
    "text",
    [
        "对租用场地的企业，按照租金的50%，给予最高30万元补助。",
        "对租用场地的企业，按租金的50%给予补贴，每年最高可补贴30万元。",
        "对租用场地的企业，按租金的50%，分三年给予支持，支持总额最高30万元。",
        "租用场地的企业，租金补助50%，单个企业最高30万元人民币。",
    ],
)
def test_a_ceiling_in_the_words_of_a_statement(text: str) -> None:
    [benefit] = read(text)
    assert (benefit.rate, benefit.amount, benefit.cap) == (0.5, None, 300_000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("按投入的30%给予资助，立项时拨付50%，验收后拨付其余部分。", "立项时拨付50%"),
        ("按投入的30%给予补贴，其中补贴资金50%待企业投产后兑现。", "其中补贴资金50%待企业投产后兑现"),
    ],
)
def test_when_the_money_is_paid_out_is_a_condition(text: str, words: str) -> None:
    [benefit] = read(text)
    assert benefit.rate == 0.3
    assert words in (benefit.condition or "")


def test_the_lead_says_what_the_bounds_of_its_items_measure() -> None:
    text = "项目投产后按实际投资额给予一次性奖励：5000万元以上、不足1亿元的，奖励5万元；1亿元以上的，奖励20万元。"
    found = read(text)
    assert [benefit.amount for benefit in found] == [50_000, 200_000]
    assert [benefit.threshold for benefit in found] == [
        {"metric": "实际投资额", "op": ">=", "value": 50_000_000},
        {"metric": "实际投资额", "op": ">=", "value": 100_000_000},
    ]


@pytest.mark.parametrize(
    ("text", "threshold"),
    [
        ("举办单场售票8000张以上演出的，每场补助10万元。", {"metric": "举办单场售票（张）", "op": ">=", "value": 8000}),
        ("企业并购额5000万元以上的，奖励50万元。", {"metric": "企业并购额", "op": ">=", "value": 50_000_000}),
        ("一年内设备投资500万元以上的企业，奖励9万元。", {"metric": "设备投资", "op": ">=", "value": 5_000_000}),
        ("每年评选不超过20个示范场景，按投入的20%给予补助。", None),
    ],
)
def test_what_bounds_and_what_does_not(text: str, threshold: dict[str, Any] | None) -> None:
    assert [benefit.threshold for benefit in read(text)] == [threshold]


def test_a_measure_word_of_its_own_is_a_unit_only_where_it_is_bounded() -> None:
    assert [q.unit for run in mark(clause("栽植3000株以上")).runs for q in run] == ["株"]
    assert [q.unit for run in mark(clause("栽植3000株")).runs for q in run] == [""]


@pytest.mark.parametrize(
    "text",
    [
        "同一企业当年获得的奖补资金总额最高800万元。",
        "本政策所需资金由市和区县按4:6比例共同负担，落户补助由市级承担。",
    ],
)
def test_ceilings_of_everything_together_and_shared_costs_are_no_benefits(text: str) -> None:
    assert not [one for one in read(text) if one.amount or one.rate or one.cap]


def test_who_is_paid_stands_beside_what_the_share_is_of() -> None:
    found = read("达成交易的，按年度交易额对卖方奖励5%、对买方奖励3%。")
    assert rows(found, "rate", "base") == [(0.05, "年度交易额"), (0.03, "年度交易额")]
    assert "卖方" in found[0].beneficiary
    assert "买方" in found[1].beneficiary


def test_what_one_sum_of_trade_earns_is_the_base() -> None:
    assert rows(read("企业每出口1美元奖励人民币0.02元，最高50万元。"), "amount", "base", "cap") == [
        (0.02, "每出口1美元", 500_000)
    ]
