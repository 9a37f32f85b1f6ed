"""What single phrases of policy language state: one case for each way of saying it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.benefits import extract, supporting_paths
from index.models import Benefit, Clause, PolicyFacts, SourceSpan
from index.quantities import format_amount, quantities

FACTS = PolicyFacts("某市促进产业发展若干措施")
LEVELS = ("国家级", "省级", "市级", "区级", "县级")


def clause(text: str, path: str = "1", heading: str | None = None, trail: tuple[str, ...] = ()) -> Clause:
    return Clause(path, "一、", heading, text, text, SourceSpan(0, len(text)), trail)


def read(*texts: str, heading: str | None = None) -> tuple[Benefit, ...]:
    """Benefits of a clause and the items below it."""
    paths = ["1", *(f"1.{number}" for number in range(1, len(texts)))]
    return extract([clause(text, path, heading) for text, path in zip(texts, paths, strict=True)], FACTS)


def brief(benefit: Benefit) -> tuple[Any, ...]:
    return benefit.kind, benefit.amount, benefit.rate, benefit.cap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对首次上规企业给予20万元奖励。", ("奖励", 200_000, None, None)),
        ("对首次上规企业，一次性资助20万元。", ("资助", 200_000, None, None)),
        ("首次上规企业奖20万元。", ("奖励", 200_000, None, None)),
        ("按设备投资额的15%给予补助，最高300万元。", ("补助", None, 0.15, 3_000_000)),
        ("企业购置设备的，按投资额的百分之十五、不超过300万元给予补助。", ("补助", None, 0.15, 3_000_000)),
        ("企业购置设备的，给予不超过投资额15%、最高300万元的补助。", ("补助", None, 0.15, 3_000_000)),
        ("企业购置设备的，按投资额资助，比例不超过15%，最高300万元。", ("资助", None, 0.15, 3_000_000)),
        ("企业购置设备的，补助投资额的三成（不超过3万元）。", ("补助", None, 0.3, 30_000)),
        ("对符合条件的企业给予最高50万元奖励。", ("奖励", None, None, 500_000)),
        ("对符合条件的企业给予30万元至50万元资助。", ("资助", None, None, 500_000)),
        ("贷款贴息比例由50%提高至60%。", ("贷款贴息", None, 0.6, None)),
        ("企业补贴上限由20万元提高至30万元。", ("补贴", None, None, 300_000)),
        ("个人创业担保贷款额度由30万元提高至50万元。", ("贷款额度", 500_000, None, None)),
        ("省级项目按上级资金1:0.5给予配套。", ("配套", None, 0.5, None)),
        ("对省级平台，按照省资助额度给予同比例资助。", ("资助", None, 1, None)),
        ("保费由财政承担七成的补助政策，对小微企业保费全额补助。", ("补助", None, 1, None)),
    ],
)
def test_one_statement(text: str, expected: tuple[Any, ...]) -> None:
    found = read(text)
    assert expected in [brief(benefit) for benefit in found]


def test_levels_are_paired_with_amounts_in_their_order() -> None:
    national, provincial = read("对经认定的国家级、省级创新中心，分别给予1亿元和1500万元的资助。")
    assert (national.beneficiary, national.amount) == ("经认定的国家级创新中心", 100_000_000)
    assert (provincial.beneficiary, provincial.amount) == ("经认定的省级创新中心", 15_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "对获得国家级、省级、市级认定的企业，分别给予50万元、20万元奖励。",
        "对营收突破10亿元、5亿元的国家级、省级企业，分别给予100万元、50万元奖励。",
        "新获批的国家级、省级实验室，分别给予每年1000万元、连续三年和一次性300万元的经费支持。",
        "对大型企业、中型企业和小微企业，分别给予50万元、20万元奖励。",
    ],
)
def test_lists_that_do_not_match_are_never_paired(text: str) -> None:
    [benefit] = read(text)
    assert (benefit.amount, benefit.rate, benefit.cap) == (None, None, None)
    assert benefit.quote == text.rstrip("。")
    assert "未能逐一对应" in (benefit.condition or "")


def test_names_beside_the_values_are_paired_with_them() -> None:
    found = read("对符合条件的企业，给予国家级100万元、省级50万元、市级20万元奖励。")
    assert [(b.beneficiary, b.amount) for b in found] == [
        ("符合条件的企业（国家级）", 1_000_000),
        ("符合条件的企业（省级）", 500_000),
        ("符合条件的企业（市级）", 200_000),
    ]


def test_tiers_have_a_threshold_each_and_share_the_conditions() -> None:
    found = read(
        "对年营业收入首次达到1000亿元、500亿元的（以集团汇总统计且本地占比不低于50%），"
        "分别给予1亿元、2000万元的奖励（进档的奖励差额）。"
    )
    assert [(b.threshold, b.amount) for b in found] == [
        ({"metric": "年营业收入", "op": ">=", "value": 1e11}, 1e8),
        ({"metric": "年营业收入", "op": ">=", "value": 5e10}, 2e7),
    ]
    for benefit in found:
        assert "占比不低于50%" in (benefit.condition or "")
        assert "进档的奖励差额" in (benefit.condition or "")


def test_a_bound_may_leave_out_what_it_measures() -> None:
    first, second = read("新建仓库面积超过5000平方米的，奖励60万元；超过20000平方米的，奖励180万元。")
    assert first.threshold == {"metric": "新建仓库面积（平方米）", "op": ">", "value": 5000}
    assert second.threshold == {"metric": "新建仓库面积（平方米）", "op": ">", "value": 20000}
    assert (first.amount, second.amount) == (600_000, 1_800_000)


def test_ranges_of_a_referred_policy_are_tiers_without_an_amount() -> None:
    found = read(
        "对投入1亿元（含）—5亿元、5亿元（含）以上的项目，按照《关于若干政策的通知》（某政〔2017〕102号）给予支持。"
    )
    assert [(b.amount, b.threshold and b.threshold["value"]) for b in found] == [(None, 1e8), (None, 5e8)]
    assert all("某政〔2017〕102号" in (b.condition or "") for b in found)


def test_a_lead_gives_its_items_kind_and_subject() -> None:
    found = read("支持建设创新平台，按照下列标准给予资助：", "国家级平台，资助2000万元；", "省级平台500万元。")
    assert [(b.path, b.kind, b.amount) for b in found] == [("1.1", "资助", 20_000_000), ("1.2", "资助", 5_000_000)]
    assert "省级平台" in found[1].beneficiary


def test_items_without_a_statement_are_conditions_of_their_lead() -> None:
    [benefit] = read("对下列企业给予10万元奖励：", "首次上规的企业；", "新认定的高新技术企业。")
    assert (benefit.path, benefit.amount, benefit.condition) == ("1", 100_000, "首次上规的企业；新认定的高新技术企业")


def test_a_paragraph_below_the_items_caps_them() -> None:
    clauses = [
        clause("发生损失的，按照下列标准补偿：", "3"),
        clause("种子期企业，补偿损失额的50%；", "3.1"),
        clause("初创期企业，补偿损失额的30%。", "3.2"),
        clause("单个项目补偿不超过300万元。", "3.p2"),
    ]
    found = extract(clauses, FACTS)
    assert [(b.path, b.rate, b.cap) for b in found] == [("3.1", 0.5, 3e6), ("3.2", 0.3, 3e6)]
    assert all(b.condition == "单个项目补偿不超过300万元" for b in found)
    assert [supporting_paths(b, clauses) for b in found] == [("3", "3.p2")] * 2


def test_a_ceiling_by_measure_is_a_condition_and_no_cap() -> None:
    [benefit] = read("租用办公用房的，按租金的50%给予补贴，每平方米每月不超过25元。")
    assert (benefit.rate, benefit.cap, benefit.condition) == (0.5, None, "每平方米每月不超过25元")


def test_a_ceiling_of_the_loan_is_no_ceiling_of_the_subsidy() -> None:
    [benefit] = read("对小微企业，按已付利息的40%给予贴息，每户贷款额度不超过100万元。")
    assert (benefit.cap, benefit.condition) == (None, "每户贷款额度不超过100万元")


def test_amounts_for_each_unit_say_so() -> None:
    [benefit] = read("新建冷库按照每立方米100元给予补助，最高80万元。")
    assert (benefit.amount, benefit.base, benefit.cap) == (100, "每立方米", 800_000)
    assert read("每家企业奖励10万元。")[0].base is None


def test_periods_and_stacking_are_kept() -> None:
    [benefit] = read("对入库企业，连续3年每年奖励2万元。已享受市级奖励的，只补差额。")
    assert (benefit.period, benefit.condition) == ("连续3年", "已享受市级奖励的，只补差额")
    assert read("对入库企业一次性奖励2万元。")[0].period == "一次性"


def test_later_beneficiaries_take_over_what_they_leave_out() -> None:
    found = read("2024年首次升规的批发企业奖励12万元，零售企业奖励8万元。")
    assert found[1].beneficiary == "2024年首次升规的零售企业"
    found = read("对评为AAA级的物流企业给予20万元奖励，AAAA级50万元。")
    assert [b.beneficiary for b in found] == ["评为AAA级的物流企业", "评为AAAA级的物流企业"]


@pytest.mark.parametrize(
    "text",
    [
        "到2020年，培育国家级单项冠军10家，奖励机制更加完善。",
        "力争产值达到3万亿元，主导产业占比提高到60%以上。",
        "市财政每年安排专项资金2000万元，用于支持企业技术改造。",
        "市本级财政每年再安排2亿元对数字化改造项目给予支持。",
        "由城市管理部门责令改正，处5000元以上2万元以下罚款。",
        "逾期付款的，应当按照日万分之五支付违约金。",
        "对在绿化工作中做出显著成绩的单位和个人，给予表彰和奖励。",
        "有关单位和住户应当给予支持和配合。",
        "造成相关单位合法权益损失的，应当依法给予补偿。",
        "弄虚作假的，追回奖励资金，三年内不得申报补助。",
        "全市累计发放人才补贴1.86亿元，惠及企业1200家。",
        "鼓励企业投资5000万元建设研发中心。",
        "对单个企业的投资不超过实缴规模的15%。",
    ],
)
def test_goals_funds_fines_and_honours_are_no_benefits(text: str) -> None:
    assert read(text) == ()


def test_an_amount_in_another_currency_is_not_taken_for_yuan() -> None:
    assert all(b.amount is None for b in read("对境外上市企业给予100万美元奖励。"))


def test_tables_have_a_benefit_for_each_row() -> None:
    text = "补助标准\n改造投入\t补助比例\t最高补助额\n50万元（含）以上\t20%\t30万元\n200万元（含）以上\t25%\t200万元"
    first, second = read(text, heading="补助标准")
    assert (first.rate, first.cap, first.threshold) == (
        0.2,
        300_000,
        {"metric": "改造投入", "op": ">=", "value": 500_000},
    )
    assert (second.rate, second.cap) == (0.25, 2_000_000)
    assert second.quote.endswith("200万元（含）以上\t25%\t200万元")


def test_cells_that_hold_sentences_are_read_as_sentences() -> None:
    rows = ("研制奖励\t研制企业\t国家级奖励200万元，省级奖励100万元", "技改补助\t工业企业\t按投资的8%补助，最高80万元")
    text = "\n".join(("政策事项", "事项\t对象\t支持标准", *rows))
    found = read(text, heading="政策事项")
    assert [(b.beneficiary, b.amount, b.rate, b.cap) for b in found] == [
        ("研制企业（国家级）", 2_000_000, None, None),
        ("研制企业（省级）", 1_000_000, None, None),
        ("工业企业", None, 0.08, 800_000),
    ]


def test_table_rows_that_lost_their_separators_are_read_by_their_numbers() -> None:
    found = read("奖励标准表\n等级奖励金额（万元）兑付年限\n国家级300 3\n省级100 2", heading="奖励标准表")
    assert [(b.beneficiary, b.amount) for b in found] == [("国家级", 3_000_000), ("省级", 1_000_000)]


def test_amounts_under_a_name_of_their_own_are_benefits_of_that_name() -> None:
    found = read("对引进的医师，按照下列标准发放安家费：", "主任医师，60万元；", "副主任医师，一事一议，最高40万元。")
    assert [(b.kind, b.amount, b.cap, b.condition) for b in found] == [
        ("安家费", 600_000, None, None),
        ("安家费", None, 400_000, "一事一议"),
    ]


def test_who_is_paid_may_not_be_what_is_counted() -> None:
    [benefit] = read("培训机构为农户开展实训并考核合格的，按每户600元付给培训机构，全年不超过30万元。")
    assert (benefit.amount, benefit.base, benefit.cap) == (600, "每户", 300_000)
    assert "培训机构" in benefit.beneficiary


def test_a_cost_that_is_borne_wholly_is_a_share_of_one() -> None:
    [benefit] = read("年营业额50万元以下的个体工商户参保的，保险费由县级财政全额负担。")
    assert (benefit.rate, benefit.base) == (1, "保险费")
    assert benefit.threshold == {"metric": "年营业额", "op": "<=", "value": 500_000}


@pytest.mark.parametrize(
    ("text", "kind", "base"),
    [
        ("新获评的园区奖励20万元；复评通过的减半奖励。", "奖励", "奖励标准"),
        ("新建茶园每亩补助800元，改造茶园的补助标准减半。", "补助", "补助标准"),
        ("对入驻的小微企业，房屋租金减半收取。", "减免", "房屋租金"),
    ],
)
def test_half_is_a_share(text: str, kind: str, base: str) -> None:
    *_, half = read(text)
    assert (half.kind, half.rate, half.base) == (kind, 0.5, base)


@pytest.mark.parametrize("text", ["开通航线的，首年每班补贴二万元，第二年减半补贴。", "企业所得税两免三减半征收。"])
def test_half_in_a_later_year_stays_text(text: str) -> None:
    assert all(b.rate is None for b in read(text))


def test_a_ceiling_for_a_part_gives_way_to_one_for_whoever_is_paid() -> None:
    whole, own = read(
        "租用摊位的，按租金的60%补助，每个摊位不超过5000元，同一展会最多补3个摊位；自建展台的，按30%补助，"
        "每个展台不超过2万元。每户经营者全年合计不超过10万元。"
    )
    assert (whole.cap, own.cap, own.base) == (100_000, 100_000, "租金")
    assert whole.condition == "每个摊位不超过5000元；同一展会最多补3个摊位"
    [alone] = read("引进人才的，按中介费的50%补助，每引进1人不超过5万元。")
    assert (alone.cap, alone.condition) == (None, "每引进1人不超过5万元")


def test_classes_may_have_a_ceiling_each() -> None:
    found = read("参加比赛的，按差旅费的50%补助，省内赛事最高2万元，省外赛事单次最高5万元。")
    assert [(b.rate, b.cap) for b in found] == [(0.5, 20_000), (0.5, 50_000)]
    assert "省内赛事" in found[0].beneficiary
    assert "省外赛事" in found[1].beneficiary


def test_what_each_sum_earns_is_the_base() -> None:
    [benefit] = read("企业年度新增投资的，每增加500万元投资奖励8万元，最高100万元。")
    assert (benefit.amount, benefit.base, benefit.cap) == (80_000, "每增加500万元", 1_000_000)


def test_below_a_floor_nothing_is_paid_so_it_is_a_threshold() -> None:
    [benefit] = read("企业签订1年以上合同的，按每人800元补贴。全年招用不满20人的，不予补贴，每家最高30万元。")
    assert benefit.threshold == {"metric": "全年招用（人）", "op": ">=", "value": 20}
    assert (benefit.cap, benefit.condition) == (300_000, "全年招用不满20人的，不予补贴")
    [required] = read("新建日光温室每平方米补助30元。单体面积应在600平方米以上。")
    assert required.threshold == {"metric": "单体面积（平方米）", "op": ">=", "value": 600}


@pytest.mark.parametrize(
    "text",
    ["承诺5年内不减少注册资本的企业，一次性奖励30万元。", "在6个月内完成改造的企业，奖励30万元。"],
)
def test_within_which_time_is_no_threshold(text: str) -> None:
    [benefit] = read(text)
    assert (benefit.amount, benefit.threshold) == (300_000, None)


def test_an_age_within_years_is_a_threshold() -> None:
    [benefit] = read("对成立3年以内的企业，奖励10万元。")
    assert benefit.threshold == {"metric": "成立（年）", "op": "<=", "value": 3}


def test_a_count_limit_beside_a_ceiling_is_a_condition() -> None:
    [benefit] = read("参加国际展览的，每次奖励1万元，每家企业每年不超过3次、合计不超过5万元。")
    assert (benefit.amount, benefit.cap, benefit.threshold) == (10_000, 50_000, None)
    assert benefit.condition == "每家企业每年不超过3次"


def test_a_condition_before_several_names_holds_for_all_of_them() -> None:
    first, second = read("连片50亩以上的，种植油茶每亩补助300元，种植毛竹每亩补助120元，连续补助3年。")
    for benefit in (first, second):
        assert "连片50亩以上" in benefit.beneficiary
        assert benefit.threshold == {"metric": "连片（亩）", "op": ">=", "value": 50}
        assert benefit.period == "连续补助3年"
    assert "毛竹" in second.beneficiary


def test_part_of_the_beneficiaries_meets_the_same_bound() -> None:
    _, part = read("用电量100万千瓦时以上的企业，按电费的5%补贴，每家最高20万元；其中使用绿电的部分，补贴比例为8%。")
    assert (part.rate, part.cap) == (0.08, 200_000)
    assert part.threshold is not None
    assert part.threshold["value"] == 1_000_000


def test_a_bound_in_the_lead_holds_for_the_items() -> None:
    found = read(
        "投资额在300万元以上的项目，按下列标准给予一次性补助：", "新建的，补助30万元；", "扩建的，补助20万元。"
    )
    assert [b.threshold for b in found] == [{"metric": "投资额", "op": ">=", "value": 3_000_000}] * 2
    assert [b.period for b in found] == ["一次性"] * 2


def test_a_paragraph_below_the_items_says_how_they_are_paid() -> None:
    clauses = [
        clause("对新获评的博物馆给予奖励：", "5"),
        clause("一级馆，奖励100万元；", "5.1"),
        clause("二级馆，奖励60万元。", "5.2"),
        clause("升级的，扣减已领取的奖励。奖金分两年发放。材料另行通知。", "5.p2"),
    ]
    found = extract(clauses, FACTS)
    assert [(b.path, b.condition) for b in found] == [
        ("5.1", "升级的，扣减已领取的奖励；奖金分两年发放"),
        ("5.2", "升级的，扣减已领取的奖励；奖金分两年发放"),
    ]
    assert [supporting_paths(b, clauses) for b in found] == [("5", "5.p2")] * 2


def test_cases_in_which_nothing_is_paid_are_no_benefits() -> None:
    assert read("有下列情形之一的，不予补助：", "已经按照省级政策享受同类补助的；", "弄虚作假的。") == ()


def test_a_loan_that_is_granted_to_someone_is_no_benefit() -> None:
    [benefit] = read("对商户发放的经营贷款，利率不高于5%的，按利息的20%给予贴息。")
    assert (benefit.kind, benefit.rate) == ("贴息", 0.2)


SCALED = st.integers(min_value=1, max_value=9_999).map(lambda n: n * 10_000)


@given(st.data())
def test_a_value_never_reaches_another_level(data: st.DataObject) -> None:
    count = data.draw(st.integers(min_value=2, max_value=5))
    values = data.draw(st.lists(SCALED, min_size=2, max_size=5, unique=True))
    joint = data.draw(st.sampled_from(["、", "和"]))
    levels = "、".join(LEVELS[: count - 1]) + joint + LEVELS[count - 1]
    amounts = "、".join(map(format_amount, values[:-1])) + "和" + format_amount(values[-1])
    found = read(f"对新认定的{levels}研发机构，分别给予{amounts}奖励。")
    if count != len(values):
        assert [b.amount for b in found] == [None]
    else:
        expected = [(f"新认定的{level}研发机构", value) for level, value in zip(LEVELS, values, strict=False)]
        assert [(b.beneficiary, b.amount) for b in found] == expected


@given(SCALED, st.integers(min_value=1, max_value=100), st.sampled_from(["资助", "奖励", "补助", "补贴"]))
def test_shares_and_ceilings_keep_their_values(cap: int, percent: int, kind: str) -> None:
    [benefit] = read(f"对实施改造的企业，按实际投入的{percent}%给予{kind}，最高{format_amount(cap)}。")
    assert (benefit.kind, benefit.cap, round(benefit.rate or 0, 6)) == (kind, cap, round(percent / 100, 6))
    assert benefit.base == "实际投入"


WORDS = (
    "对国家级、省级企业|分别给予|100万元、50万元|奖励|，|；|。|：|按投资额的|15%|最高300万元|首次达到10亿元的|（不超过3万元）|"
    "每家|其中|补助|\n|\t|按照《某办法》|不超过|2024年|（|国内最高10万元|国外最高20万元|每个证书不超过2万元|减半奖励|"
    "不足10人的不予补贴|每1万元|连续补助2年|分三年发放|费用由财政全额承担|面积应在50亩以上|每户全年合计不超过9万元|的"
)
PIECES = st.sampled_from(WORDS.split("|"))


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_gives_quotes_that_stand_in_it_and_figures_that_stand_in_them(text: str) -> None:
    for benefit in read(text):
        assert benefit.quote
        assert benefit.quote in text
        stated = {float(q.value) for q in quantities(benefit.quote)} | {
            float(q.upper) for q in quantities(benefit.quote) if q.upper is not None
        }
        assert {value for value in (benefit.amount, benefit.cap) if value is not None} <= stated
