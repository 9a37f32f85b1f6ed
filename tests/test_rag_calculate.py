"""Arithmetic on benefits: worked by hand over invented clauses, the invented policies, and questions as typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.benefits import extract, supporting_paths
from index.models import Clause, PolicyFacts, SourceSpan
from index.parts import Parts
from index.quantities import Kind, format_amount, quantities
from rag.benefit_at import BenefitAt
from rag.calculate import Worked, standards_of, work_out, work_out_sentence
from rag.calculate.choices import name
from rag.calculate.reading import read_rule
from rag.calculate.refund import asks_refund, work_out_refund
from rag.references import References
from rag.situation import Counted, Measure, Received, Situation
from rag.understand import Question, understand
from rag.verify import unsupported_figures

FOLDERS = [Path(__file__).parent / name for name in ("documents", "benefit_gold")]
LEVELS = ("国家级", "省级", "市级", "区级")


def measure(metric: str, said: str) -> Measure:
    """营收, 520亿: the value is read with 元 where the words have no unit."""
    found = quantities(said) if quantities(said) and quantities(said)[0].unit else quantities(f"{said}元")
    first = found[0]
    return Measure(metric, first.kind, first.value, first.unit, said, first.upper)


def share(metric: str, said: str) -> Measure:
    return Measure(metric, Kind.RATE, quantities(said)[0].value, "", said)


def got(amount: str | None = None, *, tier: str | None = None, title: str = "") -> Received:
    values = [None if words is None else quantities(f"{words}元")[0].value for words in (amount, tier)]
    return Received(values[0], values[1], title, amount or tier or title)


def count(number: int, thing: str, said: str = "") -> Counted:
    return Counted(number, thing, said or f"{number}个{thing}")


Facts = Sequence[Measure | Received | Counted | str]


def situation(facts: Facts) -> Situation:
    return Situation(
        measures=tuple(one for one in facts if isinstance(one, Measure)),
        received=tuple(one for one in facts if isinstance(one, Received)),
        counted=tuple(one for one in facts if isinstance(one, Counted)),
        held=tuple(one for one in facts if isinstance(one, str)),
    )


def asked(text: str, facts: Facts = ()) -> Question:
    named = tuple(level for level in LEVELS if level in text)
    return Question(text, text, frozenset(), named, References(), focus=text, situation=situation(facts))


@lru_cache(maxsize=64)
def of_text(text: str) -> tuple[BenefitAt, ...]:
    clause = Clause("1", "第一条", None, text, text, SourceSpan(0, len(text)))
    return tuple(BenefitAt("p", clause, benefit) for benefit in extract([clause], PolicyFacts("某市若干措施")))


@lru_cache(maxsize=64)
def of_file(name: str) -> tuple[BenefitAt, ...]:
    path = next(path for folder in FOLDERS for path in folder.glob(f"{name}*") if path.suffix in (".txt", ".md"))
    parts = Parts.installed()
    edition = parts.parse(parts.read(path))
    clauses = {clause.path: clause for clause in edition.clauses}
    return tuple(
        BenefitAt(name, clauses[one.path], one, tuple(clauses[path] for path in supporting_paths(one, edition.clauses)))
        for one in edition.benefits
    )


def of_clauses(name: str, paths: str) -> tuple[BenefitAt, ...]:
    return tuple(one for one in of_file(name) if one.benefit.path in paths.split())


def one(question: Question, benefits: Sequence[BenefitAt]) -> Worked:
    found = work_out(question, benefits)
    assert len(found) == 1, question.text
    _check_figures(found[0], question)
    return found[0]


def _check_figures(worked: Worked, question: Question) -> None:
    clauses = [clause.text for benefit in worked.benefits for clause in (benefit.clause, *benefit.also)]
    sources = [question.text, worked.formula, worked.result, *clauses]
    assert not unsupported_figures(worked.sentence + "".join(worked.notes), sources)


SALES = "企业年销售额首次突破1亿元、3亿元、5亿元的，分别奖励20万元、60万元、120万元。"
OUTPUT = "对年产值首次达到20亿元、10亿元、5亿元的企业，分别给予50万元、30万元、15万元的奖励，晋档的补足差额。"
PROJECTS = (
    "投资5000万元（含）—1亿元的项目奖励50万元，1亿元（含）—3亿元的项目奖励120万元，3亿元（含）以上的项目奖励300万元。"
)
IMPORTS = "进口额在500万美元以下的，奖励5万元；500万美元（含）以上的，奖励10万元；1000万美元（含）以上的，奖励30万元。"
PARKS = "对获评国家级、省级示范园区的，分别给予500万元、200万元奖励，晋级的补差。"
PARKS_SILENT = "对获评国家级、省级示范园区的，分别给予500万元、200万元奖励。"
DEVICES = "企业购置检测设备的，按设备购置额的20%给予补助，单个企业每年最高100万元。"
CEILING = "实施重点研发专项的，按项目投入额资助，比例不超过15%，最高300万元。"
PLANTS = "对新建标准化厂房的，每平方米补助120元，单个项目最高500万元。"
MATCHED = "获得国家项目立项的，按国家拨款1:1配套，最高500万元。"
LOANS = "对企业流动资金贷款，按实际支付利息的30%给予贴息，每户每年最高50万元。"
DOCTORS = "对引进的博士，每人每月给予生活补贴2000元，连续补贴3年。"
RENEWAL = "对改造项目按设备投资额的10%给予补助，单个项目最高100万元，单个企业每年累计不超过250万元。"
KEY_FIELDS = "项目按实际投资额的10%补助，最高300万元。属于重点领域的，补助比例提高5个百分点。"
HERBS = "种植中药材连片50亩以上的，每亩补助400元；连片200亩以上的，每亩补助600元。"
TRUCKS = "购置新能源货车的，每辆补助3万元；购置氢能货车的，每辆补助20万元，每家企业最高200万元。"
FAIRS = "企业新引进的展会，每个展会给予最高50万元补助，单个企业每年不超过200万元。"
PRIZES = "获得一等奖、二等奖、三等奖的团队，分别奖励50万元、30万元、10万元。"
STACKED = "对国家级、省级服务型制造示范企业，分别给予100万元、50万元奖励，同一企业从高不重复。"

CASES: list[tuple[str, str, Facts, str]] = [
    (SALES, "今年销售额首次突破到3.5亿，奖多少", [measure("销售额", "3.5亿")], "60万元"),
    (SALES, "年销售额正好3亿，奖多少", [measure("销售额", "3亿")], "20万元"),
    (SALES, "年销售额8000万，奖多少", [measure("销售额", "8000万")], "0元"),
    (SALES, "销售额2.2亿，离下一档还差多少", [measure("销售额", "2.2亿")], "8000万元"),
    (
        OUTPUT,
        "今年产值首次到12亿，5亿那档的15万领过了，还给多少",
        [measure("产值", "12亿"), got("15万", tier="5亿")],
        "15万元",
    ),
    (OUTPUT, "以前到过5亿领过奖，今年产值首次12亿，还给多少", [measure("产值", "12亿"), got(tier="5亿")], "15万元"),
    (OUTPUT, "去年领了30万，今年产值15亿，还给多少", [measure("产值", "15亿"), got("30万")], "0元"),
    (OUTPUT, "产值首次达到20亿整，从没领过，奖多少", [measure("产值", "20亿")], "50万元"),
    (OUTPUT, "想拿30万奖励，产值要做到多少", [], "10亿元"),
    (OUTPUT, "5亿档和20亿档差多少", [measure("", "5亿"), measure("", "20亿")], "35万元"),
    (PROJECTS, "投资1亿元的项目奖多少", [measure("投资", "1亿元")], "120万元"),
    (PROJECTS, "投资9999万元，奖多少", [measure("投资", "9999万元")], "50万元"),
    (PROJECTS, "投资4200万能拿多少", [measure("投资", "4200万")], "0元"),
    (IMPORTS, "进口额800万美元奖多少", [measure("进口额", "800万美元")], "10万元"),
    (IMPORTS, "进口额正好500万美元，奖多少", [measure("进口额", "500万美元")], "10万元"),
    (CEILING, "重点研发专项投入1500万，补多少", [measure("投入", "1500万")], "225万元"),
    (CEILING, "重点研发专项投入3000万，补多少", [measure("投入", "3000万")], "300万元"),
    (CEILING, "要拿满300万得投多少", [], "2000万元"),
    (DEVICES, "买了300万检测设备，补多少", [measure("检测设备", "300万")], "60万元"),
    (DEVICES, "今年领了70万，又买300万设备，还能补多少", [measure("设备", "300万"), got("70万")], "30万元"),
    (DEVICES, "去年营收2亿，今年买了200万设备，补多少", [measure("营收", "2亿"), measure("设备", "200万")], "40万元"),
    (PLANTS, "建了3万平方米厂房，补多少", [measure("厂房", "3万平方米")], "360万元"),
    (PLANTS, "建了5万平方米厂房，补多少", [measure("厂房", "5万平方米")], "500万元"),
    (MATCHED, "国家拨款320万，市里配多少", [measure("国家拨款", "320万")], "320万元"),
    (MATCHED, "国家拨款800万，市里配多少", [measure("国家拨款", "800万")], "500万元"),
    (LOANS, "付了100万利息，贴多少", [measure("付了", "100万")], "30万元"),
    (LOANS, "贷款2000万，年利率4%，一年，贴多少", [measure("贷款", "2000万"), share("年利率", "4%")], "24万元"),
    (DOCTORS, "引进2名博士，三年一共多少", [count(2, "博士", "2名博士")], "14.4万元"),
    (DOCTORS, "引进5名博士，每月补多少", [count(5, "博士", "5名博士")], "1万元"),
    (RENEWAL, "三个项目各投1000万，一共补多少", [measure("投", "1000万"), count(3, "项目", "三个项目")], "250万元"),
    (
        RENEWAL,
        "两个项目分别投600万和1500万，一共补多少",
        [measure("投", "600万"), measure("", "1500万"), count(2, "项目", "两个项目")],
        "160万元",
    ),
    (KEY_FIELDS, "属于重点领域，实际投资1000万，补多少", [measure("实际投资", "1000万"), "重点领域"], "150万元"),
    (KEY_FIELDS, "实际投资1000万，补多少", [measure("实际投资", "1000万")], "100万元"),
    (HERBS, "连片种了120亩，补多少", [measure("连片种植", "120亩")], "4.8万元"),
    (HERBS, "连片种了300亩，补多少", [measure("连片种植", "300亩")], "18万元"),
    (HERBS, "只种了30亩，能拿多少", [measure("种植", "30亩")], "0元"),
    (TRUCKS, "买了5辆新能源货车和10辆氢能货车，一共补多少", [], "200万元"),
    (TRUCKS, "买了6辆新能源货车，补多少", [measure("新能源货车", "6辆")], "18万元"),
    (FAIRS, "办了3个展会，一共最多补多少", [count(3, "展会")], "150万元"),
    (FAIRS, "办了6个展会，一共最多补多少", [count(6, "展会")], "200万元"),
    (PRIZES, "拿了一个一等奖和两个三等奖，一共多少", [], "70万元"),
    (PRIZES, "一等奖比二等奖多多少", [], "20万元"),
    (PARKS, "省级示范园区200万领过，现在评上国家级，这次多少", [got("200万", title="省级示范园区")], "300万元"),
    (PARKS, "三个园区都评上国家级示范园区，合计多少", [count(3, "园区", "三个园区")], "1500万元"),
    (PARKS, "国家级和省级示范园区各1个，合计多少", [count(1, "国家级"), count(1, "省级示范园区")], "700万元"),
    (STACKED, "同时评上国家级和省级服务型制造示范企业，一共多少", [], "100万元"),
    (DEVICES, "设备要投200万到400万，补多少", [measure("设备", "200-400万")], "40万元至80万元"),
]


HOUSES = (
    "对甲类、乙类人才分别发放安家费50万元、20万元。"
    "甲类人才的安家费分5年平均发放；乙类人才分3年，按50%、30%、20%的比例发放。"
)
LEASED = "购置叉车的，每辆补助1万元。租赁叉车的按上述标准减半补助。"
BOATS = "购置渔船的，每艘补助8万元。未拆解旧船的，按前款标准的40%补助。"
PREMIUMS = "企业投保货运保险的，按实际缴纳保费的40%给予补贴；其中投保东南亚、中东等新航线的保费，补贴比例为60%。"
WORKERS = "企业新招员工的，按每人1000元给予补贴；招用退役军人、残疾人的，每人再补贴500元。"
STAGES = "企业开展标准试点的，分阶段奖励：立项奖励5万元，中期评估奖励10万元，通过验收奖励25万元。"
HEDGES = "首次办理套期保值的企业，按签约金额每1万美元补贴20元，最高6万元。"
GROWTH = "年出口额3000万元以上的企业，按出口增量的2%奖励，最高80万元。"
STALLS = "参加境外展会的，按展位费的50%补助，每个展位最高2万元，同一展会最多补2个展位。"
LISTED = "参加列入市重点展会目录展会的企业，按展位费的70%给予补助；参加目录以外展会的，按30%补助。"
PATENTS = "获得国内发明专利的，每件奖励3000元；获得国外发明专利的，每件奖励2万元。"
LOSSES = "种子期项目亏损的，按损失额的50%补偿；成长期项目亏损的，按损失额的30%补偿。"
SITES = "厂房建筑面积超过1000平方米的，奖励10万元；超过5000平方米的，奖励30万元。"

CASES += [
    (HOUSES, "甲类人才安家费每年发多少", [], "10万元"),
    (HOUSES, "乙类人才安家费第二年发多少", [], "6万元"),
    (HOUSES, "乙类人才安家费分年发放各是多少", [], "10万元、6万元、4万元"),
    (LEASED, "租赁了6辆叉车，补多少", [measure("叉车", "6辆")], "3万元"),
    (LEASED, "买了6辆叉车，补多少", [measure("叉车", "6辆")], "6万元"),
    (BOATS, "没有拆解旧船，买了2艘新船，补多少", [measure("船", "2艘")], "6.4万元"),
    (BOATS, "拆解了旧船，又买了2艘新船，补多少", [measure("船", "2艘")], "16万元"),
    (
        PREMIUMS,
        "保费一共100万，其中40万是中东的，补多少",
        [measure("保费", "100万"), measure("其中", "40万")],
        "48万元",
    ),
    (PREMIUMS, "保费100万，全是国内航线，补多少", [measure("保费", "100万")], "40万元"),
    (PREMIUMS, "中东航线的保费100万，补多少", [measure("中东航线的保费", "100万")], "60万元"),
    (WORKERS, "新招了30人，其中5名退役军人，补多少", [measure("新招", "30人")], "3.25万元"),
    (WORKERS, "新招了30人，补多少", [measure("新招", "30人")], "3万元"),
    (STAGES, "从立项到验收三个阶段全走完，一共奖多少", [], "40万元"),
    (HEDGES, "套期保值签约500万美元，补多少", [measure("签约", "500万美元")], "1万元"),
    (HEDGES, "套期保值签约5000万美元，补多少", [measure("签约", "5000万美元")], "6万元"),
    (GROWTH, "去年出口8000万元，今年1亿元，奖多少", [measure("出口", "1亿元")], "40万元"),
    (GROWTH, "出口从8000万元涨到1亿元，今年能奖多少", [measure("出口", "1亿元")], "40万元"),
    (
        STALLS,
        "订了3个展位，每个展位3万元，补多少",
        [measure("每个展位", "3万元"), count(3, "展位", "3个展位")],
        "3万元",
    ),
    (LISTED, "目录外的展会，展位费10万元，补多少", [measure("展位费", "10万元")], "3万元"),
    (LISTED, "目录里的展会，展位费10万元，补多少", [measure("展位费", "10万元")], "7万元"),
    (PATENTS, "有8件国内发明和3件国外发明，一共奖多少", [], "8.4万元"),
    (
        LOSSES,
        "种子期项目亏了200万，成长期项目亏了100万，一共补偿多少",
        [measure("亏", "200万"), measure("亏", "100万")],
        "130万元",
    ),
]


@pytest.mark.parametrize(("text", "question", "facts", "result"), CASES)
def test_a_sum_is_worked_out_as_by_hand(text: str, question: str, facts: Facts, result: str):
    worked = one(asked(question, facts), of_text(text))
    assert worked.complete
    assert worked.result == result
    assert worked.formula or worked.kind == "inverse"


TYPED = [
    ("danling", "1.2", "研发费用今年3500万，去年1000万，能奖补多少", "200万元"),
    ("danling", "1.3", "省级项目上级到账经费800万，市里配套多少", "400万元"),
    ("danling", "3.9", "技术合同登记额2500万，技术输出方能奖多少", "4万元"),
    ("hengshui", "4.1 4.2", "首贷户，付了10万利息，贴多少", "5万元"),
    ("hengshui", "6", "今年新增小微贷款5亿，增速也高于平均，奖多少", "80万元"),
    ("lanwan", "2.4", "新建项目固定资产投资2亿，其中设备购置费1.2亿，补多少", "960万元"),
    ("xiyuan", "3", "进出口额去年1200万美元拿了20万，今年首次到6000万美元，再给多少", "60万元"),
    ("fuyang", "1", "年货运量30万吨的物流企业能补多少", "45万元"),
    ("qingmu", "3.1", "生猪存栏3500头，补多少", "40万元"),
    ("qingmu", "7", "贷款80万扩大养殖，贷了3年，贴息多少", "4.8万元"),
    ("quhe", "2.2", "数字化改造投入200万，能补多少", "50万元"),
    ("linjiang-manufacturing", "4", "产值前年首次过10亿，40万已经领了，今年首次到50亿，这次给多少", "110万元"),
    ("linjiang-manufacturing", "6", "技改设备投资800万，列入了省级重点技改名单，能补多少", "120万元"),
    ("linjiang-manufacturing", "6", "技改设备投资300万，能补多少", "0元"),
    ("kunyang", "5 5.1 5.2", "新招了10名退役军人，补多少", "2万元"),
    ("beihu", "3.1 3.2", "一家初创期企业投资亏了800万，能补偿多少", "240万元"),
    ("fengqiao", "3", "一年处理3万吨，能拿多少", "200万元"),
    ("fengqiao", "3", "要拿满200万一年得处理多少吨", "25000吨"),
    ("yuntai", "1.1.1 1.1.2 1.1.3 1.1.3.2", "软件企业主营收入首次做到12亿，总部从外市迁入，能拿多少", "500万元"),
    ("yunling-joint", "1", "年用电量800万千瓦时，补多少", "24万元"),
]


@pytest.mark.parametrize(("name", "paths", "question", "result"), TYPED)
def test_a_question_as_typed_is_worked_out(name: str, paths: str, question: str, result: str):
    worked = one(understand(question), of_clauses(name, paths))
    assert (worked.complete, worked.result) == (True, result)


@pytest.mark.parametrize(
    ("text", "question", "facts"),
    [
        (DEVICES, "补助比例是多少", []),
        (PARKS, "国家级示范园区奖多少", []),
        (SALES, "销售额有什么奖励", []),
        ("符合条件的企业，按有关政策给予支持。", "投了1000万，能补多少", [measure("投", "1000万")]),
    ],
)
def test_where_nothing_is_to_be_computed_nothing_is_worked_out(text: str, question: str, facts: Facts):
    assert work_out(asked(question, facts), of_text(text)) == ()


@pytest.mark.parametrize(
    ("text", "question", "facts", "missing"),
    [
        (CEILING, "重点研发专项我们能补多少", [], "项目投入额"),
        (DEVICES, "我们营收2亿，能补多少", [measure("营收", "2亿")], "设备购置额"),
        (MATCHED, "拿到国家立项了，我们能配多少", ["国家立项"], "国家拨款"),
        (LOANS, "我们贷款2000万，贴多少", [measure("贷款", "2000万")], "实际支付的利息"),
        (PLANTS, "我们建标准化厂房能补多少", [], "平方米"),
    ],
)
def test_a_missing_fact_is_asked_for_with_the_rule(text: str, question: str, facts: Facts, missing: str):
    worked = one(asked(question, facts), of_text(text))
    assert not worked.complete
    assert missing in worked.missing[0]
    assert worked.formula == worked.result == ""
    assert worked.sentence.endswith("。")


def test_both_outcomes_are_given_where_the_words_do_not_tell_the_rules_apart():
    worked = one(asked("付了利息20万，能贴多少", [measure("利息", "20万")]), of_clauses("hengshui", "4.1 4.2"))
    assert not worked.complete
    assert "首贷户的,按文件最多可贴息8万元" in worked.sentence
    assert "续贷户的,按文件最多可贴息5万元" in worked.sentence
    assert worked.missing == ("属于哪一种:首贷户、续贷户",)


def test_without_a_rule_on_differences_nothing_is_deducted():
    question = asked("省级示范园区的200万领过了，又评上国家级，能拿多少", [got("200万", title="省级示范园区")])
    worked = one(question, of_text(PARKS_SILENT))
    assert "没有写已领的200万要不要扣除" in worked.sentence
    assert worked.value == Decimal(5_000_000)


def test_an_amount_received_that_is_not_the_tiers_is_pointed_out():
    question = asked("省级的领了150万，现在评上国家级示范园区，这次多少", [got("150万", title="省级")])
    worked = one(question, of_text(PARKS))
    assert worked.result == "350万元"
    assert any("不一致" in note for note in worked.notes)


def test_an_upper_bound_is_worded_as_one_and_a_fixed_share_is_not():
    bounded = one(asked("重点研发专项投入1500万，补多少", [measure("投入", "1500万")]), of_text(CEILING))
    assert bounded.sentence == "按文件最多可获资助225万元。"
    fixed = one(asked("买了300万检测设备，补多少", [measure("检测设备", "300万")]), of_text(DEVICES))
    assert fixed.sentence == "按文件可获补助60万元。"


def test_the_ceiling_that_was_reached_is_shown():
    worked = one(asked("重点研发专项投入3000万，补多少", [measure("投入", "3000万")]), of_text(CEILING))
    assert worked.kind == "cap"
    assert worked.formula == "3000万元 × 15% = 450万元,超过上限300万元,按300万元计"


def test_a_tier_names_the_next_one_and_its_worth():
    worked = one(asked("销售额3.5亿，奖多少", [measure("销售额", "3.5亿")]), of_text(SALES))
    assert worked.notes[:2] == ("3.5亿属于超过3亿元的档次。", "再往上是超过5亿元的档次,应奖励120万元。")


def test_a_size_below_the_lowest_tier_says_what_is_missing():
    worked = one(asked("投资4200万能拿多少", [measure("投资", "4200万")]), of_text(PROJECTS))
    assert worked.kind == "gap"
    assert "未达到最低档5000万元,还差800万元" in worked.sentence


@pytest.mark.parametrize(
    ("question", "facts", "sentence", "result"),
    [
        (
            "新增用地指标1000亩，至少多少亩用于载体",
            [measure("新增用地指标", "1000亩")],
            "新增用地指标的80%以上用于载体。",
            "800亩",
        ),
        (
            "土地出让总量500公顷，工业用地至少多少公顷",
            [measure("土地出让总量", "500公顷")],
            "工业用地出让占土地出让总量的比例不低于30%。",
            "150公顷",
        ),
        ("三类小镇目标加一起是几个", [], "打造千亿级小镇2个、500亿级小镇3个、百亿级小镇12个以上。", "17个以上"),
        ("国家级和省级工厂一共多少家", [], "创建园区国家级1个、省级2个，工厂国家级5家、省级15家。", "20家"),
        ("现有45个起降点，离目标还差多少", [measure("起降点", "45个")], "建成起降点120个，开通航线30条。", "75个"),
    ],
)
def test_a_goal_is_reckoned_with(question: str, facts: Facts, sentence: str, result: str):
    worked = work_out_sentence(asked(question, facts), sentence)
    assert worked is not None
    assert worked.result == result
    assert not unsupported_figures(worked.sentence, [question, sentence, worked.formula, worked.result])


def test_a_goal_without_anything_to_reckon_with_gives_nothing():
    assert work_out_sentence(asked("目标是多少家"), "培育企业100家以上。") is None
    assert work_out_sentence(asked("我们有30名员工", [measure("员工", "30名")]), "培育企业100家以上。") is None


@given(st.integers(1, 10**7), st.integers(1, 99), st.integers(1, 10**6))
def test_a_share_is_exact_and_never_above_its_ceiling(base: int, percent: int, cap: int):
    text = f"企业购置设备的，按设备购置额的{percent}%给予补助，最高{format_amount(cap)}。"
    value = Decimal(base) * percent / 100
    worked = one(asked(f"买设备花了{base}元，补多少", [measure("买设备", f"{base}元")]), of_text(text))
    assert worked.value == min(value, Decimal(cap))


@given(st.integers(0, 10**6), st.lists(st.integers(1, 900), min_size=3, max_size=3, unique=True))
def test_the_tier_is_the_highest_whose_bound_is_reached(size: int, bounds: list[int]):
    low, middle, high = sorted(bounds)
    text = f"年产值达到{high}万元、{middle}万元、{low}万元的企业，分别奖励30万元、20万元、10万元。"
    worked = one(asked(f"产值{size}元，奖多少", [measure("产值", f"{size}元")]), of_text(text))
    reached = sum(size >= bound * 10_000 for bound in (low, middle, high))
    assert worked.value == reached * 100_000


def test_a_size_that_is_said_to_be_exceeded_lies_above_its_figure():
    exact = one(asked("厂房5000平方米奖多少", [measure("厂房", "5000平方米")]), of_text(SITES))
    assert exact.result == "10万元"
    above = one(asked("厂房突破5000平方米奖多少", [measure("厂房", "5000平方米")]), of_text(SITES))
    assert above.result == "30万元"
    said = Measure("厂房", Kind.COUNT, Decimal(5000), "平方米", "超过5000平方米")
    assert one(asked("厂房超过5000平方米奖多少", [said]), of_text(SITES)).result == "30万元"


@pytest.mark.parametrize(
    ("text", "question", "facts"),
    [
        (HERBS, "流转了三百多亩种药材，一亩补多少", [measure("流转", "300亩")]),
        (PATENTS, "1件国外发明专利奖多少", [measure("国外发明专利", "1件")]),
        (
            PREMIUMS,
            "保费一共100万，中东和欧洲的都有，还有20万是运费，补多少",
            [measure("保费", "100万"), measure("", "20万")],
        ),
        (LOSSES, "两个项目，一个亏了200万，一个亏了100万，补偿多少", [measure("亏", "200万"), measure("亏", "100万")]),
        (HOUSES, "甲类人才安家费是多少", []),
        (STAGES, "通过验收奖多少", []),
        (DEVICES.replace("最高100万元", "最高100万元，分三年兑现"), "第一年发多少", []),
    ],
)
def test_the_rule_stands_where_a_sum_would_be_a_guess(text: str, question: str, facts: Facts):
    assert not [worked for worked in work_out(asked(question, facts), of_text(text)) if worked.complete]


def test_a_benefit_beside_is_used_where_the_question_counts_it():
    chosen, *beside = of_text(PATENTS)
    question = asked("有8件国内发明和3件国外发明，一共奖多少")
    assert [worked.result for worked in work_out(question, [chosen], beside)] == ["8.4万元"]


def test_a_change_alone_is_worked_out_on_the_rule_it_refers_to():
    base, change = of_text(BOATS)
    question = asked("没有拆解旧船，买了2艘新船，补多少", [measure("船", "2艘")])
    assert [worked.result for worked in work_out(question, [change], [base])] == ["6.4万元"]
    assert standards_of(asked("没拆旧船的补多少"), [change], [base]) == (base,)


def test_a_level_named_as_received_is_deducted_in_a_table():
    table = (
        "等级\t得分\t奖励金额（万元）\n领先级\t90分以上\t200\n先进级\t80分以上\t80\n达标级\t70分以上\t20\n"
        "企业提升等级的，只拨付两个等级之间的差额。"
    )
    question = asked("去年是达标级拿了20万，今年升到领先级，市里再给多少", [got("20万")])
    assert one(question, of_text(table)).result == "180万元"


REFUND = "领取补贴后未满5年迁出的，按照未满月数占60个月的比例退还已领取的补贴。"


@pytest.mark.parametrize(
    ("question", "sentence", "result"),
    [
        ("领了36万，干满三年要迁走，得退多少", REFUND, "14.4万元"),
        ("领了60万，满1年迁出，要退多少", REFUND, "48万元"),
        ("领了20万，提前过户，要退多少", "提前过户的，退还全部补助资金。", "20万元"),
        ("干满三年要迁走，得退多少", REFUND, None),
        ("领了36万，得退多少", REFUND, None),
    ],
)
def test_a_refund_is_reckoned_by_the_time_served(question: str, sentence: str, result: str | None):
    worked = work_out_refund(understand(question), sentence)
    assert asks_refund(question)
    assert (None if worked is None else worked.result) == result


def test_the_growth_between_two_years_of_a_goal_is_reckoned():
    sentence = "以2022年产值410亿元为基数，到2025年，产值达到600亿元；到2027年，产值达到820亿元。"
    worked = work_out_sentence(asked("2025年产值目标比2022年多多少"), sentence)
    assert worked is not None
    assert worked.result == "190亿元"


def test_a_share_that_a_rule_pays_is_not_taken_from_a_bare_sentence():
    question = asked("实缴注册资本5亿，第一年给多少", [measure("实缴注册资本", "5亿")])
    assert work_out_sentence(question, "新引进的企业，按实缴注册资本的1%给予奖励，分三年兑付。") is None


@given(st.text("参加展会（）()《》“”，、。亚洲含港台补助", max_size=60))
def test_the_short_name_of_a_rule_is_whole(words: str):
    rule = replace(read_rule(of_text(PATENTS)[0]), sizes=None)
    renamed = replace(rule, source=replace(rule.source, benefit=replace(rule.benefit, beneficiary=words)))
    short = name(renamed)
    assert len(short) <= 20
    assert all(short.count(left) == short.count(right) for left, right in ("（）", "()", "《》", "“”"))
