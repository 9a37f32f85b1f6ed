"""Benefits and situations with what an honest reader of the clause would say; labelled by hand before running."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from index.quantities import Kind
from rag.conditions import Truth
from rag.situation import Measure, Received, Situation

MEETS, FAILS, UNKNOWN = Truth.MEETS, Truth.FAILS, Truth.UNKNOWN

OWN = """岚山县促进文旅和商贸发展若干措施
岚政发〔2026〕4号
一、支持文旅企业
（一）支持民宿提质。评为国家甲级旅游民宿、省级白金民宿的，分别奖励30万元、20万元。
（二）支持演艺。剧场类企业年演出不少于100场，且本地从业人员占比不低于60%的，奖励15万元。
（三）支持酒店改造。酒店改造项目实际投资为1000万元（含）—5000万元的，补助50万元；5000万元（含）以上的，补助120万元。改造项目属于绿色饭店、智慧酒店等类别的，申报标准降至600万元。
（四）支持租赁。年租金收入不超过500万元的小微企业，按实缴税额的50%给予补助，最高10万元。
二、支持商贸企业
申请本部分奖励的企业应当同时符合下列条件：
（一）在本县注册并具有独立法人资格；
（二）近两年没有发生重大食品安全事故；
（三）上年度营业收入不低于800万元。
三、支持开店
（一）新开设直营门店5家以上的连锁企业，奖励10万元。
（二）通过有机产品认证的企业，每张证书奖励2万元。
四、附则
本措施自2026年1月1日起施行，有效期三年。
"""


@dataclass(frozen=True)
class Pair:
    """One label; `source` is a file below tests/ or corpus/, or "own"; `words` all stand in the beneficiary."""

    source: str
    path: str
    words: str
    situation: Situation
    truth: Truth


def amount(metric: str, value: float, upper: float | None = None) -> Measure:
    top = Decimal(str(upper)) if upper is not None else None
    return Measure(metric, Kind.AMOUNT, Decimal(str(value)), "元", "", top)


def share(metric: str, value: str) -> Measure:
    return Measure(metric, Kind.RATE, Decimal(value), "", "")


def count(metric: str, value: int, unit: str) -> Measure:
    return Measure(metric, Kind.COUNT, Decimal(value), unit, "")


def said(*measures: Measure, **rest: object) -> Situation:
    return Situation(measures=measures, **rest)  # type: ignore[arg-type]


def has(*held: str, no: tuple[str, ...] = (), first: bool | None = None) -> Situation:
    return Situation(held=held, denied=no, first_time=first)


QUALITY = "corpus/hangzhou-manufacturing-quality.md"
D = "documents/"
G = "benefit_gold/"
GENERAL = ("依法纳税",)
CLEAN = ("发生较大以上生产安全事故", "列入失信名单")

PAIRS = (
    # levels and titles
    Pair(QUALITY, "4.16", "国家级绿色工厂", has("省级绿色工厂"), FAILS),
    Pair(QUALITY, "4.16", "省级绿色工厂", has("省级绿色工厂"), MEETS),
    Pair(QUALITY, "4.16", "省级绿色工厂", has("绿色工厂"), UNKNOWN),
    Pair(QUALITY, "4.16", "省级绿色工厂", has("国家级绿色工厂"), UNKNOWN),
    Pair(QUALITY, "4.16", "省级绿色工厂", has(no=("绿色工厂",)), FAILS),
    Pair(QUALITY, "4.16", "省级绿色园区", has("省级绿色工厂"), UNKNOWN),
    Pair(QUALITY, "4.16", "国家级绿色工厂", has("正在申报国家级绿色工厂"), UNKNOWN),
    Pair(QUALITY, "4.16", "国家级绿色工厂", Situation(), UNKNOWN),
    Pair(QUALITY, "2.5", "国家级", has("国家级制造业创新中心"), MEETS),
    Pair(QUALITY, "3.9", "单项冠军", has("国家级单项冠军"), MEETS),
    Pair(QUALITY, "3.9", "单项冠军", has("国家级单项冠军培育企业"), UNKNOWN),
    Pair(QUALITY, "3.9", "隐形冠军", has("市级隐形冠军"), FAILS),
    Pair(QUALITY, "4.13", "省级行业性", has("省级工业互联网平台"), UNKNOWN),
    Pair(QUALITY, "4.13", "国家级基础性", has("省级基础性工业互联网平台"), FAILS),
    Pair(QUALITY, "4.15", "国家级工业设计中心", has("国家级工业设计中心"), MEETS),
    Pair(QUALITY, "5.18", "双创", has("省级双创平台"), FAILS),
    Pair(QUALITY, "3.8", "上市公司", has("上市公司"), MEETS),
    Pair(QUALITY, "3.9", "高新技术企业", has("高新技术企业"), MEETS),
    Pair(QUALITY, "3.9", "高新技术企业", has("高新技术企业培育库入库企业"), UNKNOWN),
    # bounds and their scope
    Pair(QUALITY, "3.7", "达到500亿元", said(amount("在杭制造业营收", 52e9), first_time=True), MEETS),
    Pair(QUALITY, "3.7", "达到500亿元", said(amount("营收", 52e9), first_time=True), UNKNOWN),
    Pair(QUALITY, "3.7", "达到500亿元", said(amount("集团总营收", 52e9), first_time=True), UNKNOWN),
    Pair(QUALITY, "3.7", "达到500亿元", said(amount("制造业营业收入", 52e9), first_time=True), UNKNOWN),
    Pair(
        QUALITY, "3.7", "达到500亿元",
        said(amount("制造业营业收入", 52e9), share("在杭制造业营业收入占比", "0.6"), first_time=True), MEETS,
    ),
    Pair(QUALITY, "3.7", "达到500亿元", said(amount("在杭制造业营收", 30e9), first_time=True), FAILS),
    Pair(QUALITY, "3.7", "达到100亿元", said(amount("在杭制造业营收", 12e9), first_time=False), FAILS),
    Pair(QUALITY, "3.7", "达到100亿元", said(amount("在杭制造业营收", 12e9)), UNKNOWN),
    Pair(
        QUALITY, "3.7", "达到100亿元",
        said(amount("在杭制造业营收", 12e9), received=(Received(None, Decimal("1e10"), "", ""),)), FAILS,
    ),
    Pair(QUALITY, "3.10", "5000万元", said(amount("设备和软件投入", 3e7), held=("技术改造项目",)), FAILS),
    Pair(QUALITY, "3.10", "5000万元", said(amount("设备和软件投入", 6e7), held=("技术改造项目",)), MEETS),
    Pair(QUALITY, "3.10", "5000万元", said(amount("设备和软件投入", 1e8), held=("技术改造项目",)), FAILS),
    Pair(QUALITY, "3.10", "1亿元（含）", said(amount("设备和软件投入", 1e8), held=("技术改造项目",)), MEETS),
    Pair(QUALITY, "3.10", "5000万元", said(amount("项目投资", 6e7), held=("技术改造项目",)), UNKNOWN),
    Pair(QUALITY, "3.10", "5000万元", said(amount("研发项目设备和软件投入", 6e7), held=("研发项目",)), UNKNOWN),
    Pair(
        QUALITY, "3.10", "工业强基",
        said(amount("设备和软件投入", 3e7), held=("技术改造项目", "战略性新兴产业")), MEETS,
    ),
    Pair(QUALITY, "3.10", "工业强基", said(amount("设备和软件投入", 3e7), held=("技术改造项目",)), UNKNOWN),
    Pair(
        QUALITY, "3.10", "工业强基",
        said(amount("设备和软件投入", 1e7), held=("技术改造项目", "战略性新兴产业")), FAILS,
    ),
    # documents of other cities
    Pair(
        D + "wanghu-growth-2025.txt", "2.1", "40家",
        said(count("参展企业", 40, "家"), held=("举办展销活动",)), MEETS,
    ),
    Pair(
        D + "wanghu-growth-2025.txt", "2.1", "40家",
        said(count("参展企业", 39, "家"), held=("举办展销活动",)), FAILS,
    ),
    Pair(D + "wanghu-growth-2025.txt", "2.1", "40家", said(count("参展企业", 60, "家")), UNKNOWN),
    Pair(D + "wanghu-growth-2025.txt", "1.1", "批发", has("零售企业", first=True), UNKNOWN),
    Pair(D + "kunyang-ten-measures.txt", "2", "300万元", said(amount("设备投资", 2.6e6)), FAILS),
    Pair(D + "kunyang-ten-measures.txt", "2", "300万元", said(amount("设备投资", 3e6)), MEETS),
    Pair(D + "kunyang-ten-measures.txt", "2", "300万元", said(amount("投资", 5e6)), UNKNOWN),
    Pair(D + "kunyang-ten-measures.txt", "2", "300万元", said(amount("设备投资", 2e6, 4e6)), UNKNOWN),
    Pair(D + "kunyang-ten-measures.txt", "3", "境外展会", has("参加境外展会"), MEETS),
    Pair(D + "kunyang-ten-measures.txt", "1", "首次贷款", has("小微企业", first=True), UNKNOWN),
    Pair(D + "kunyang-ten-measures.txt", "7", "省级", has("省级专精特新企业"), UNKNOWN),
    Pair(D + "kunyang-ten-measures.txt", "5", "每新增1人", said(count("员工", 30, "人")), UNKNOWN),
    Pair(D + "changhe-parts.txt", "2.2", "1000架次", said(count("新开通载货航线年飞行", 900, "架次")), FAILS),
    Pair(
        D + "yuntai-subsidy.txt", "1.1.2", "5亿元",
        said(amount("主营业务收入", 6.2e8), held=("软件企业",), first_time=True), MEETS,
    ),
    Pair(
        D + "yuntai-subsidy.txt", "1.1.2", "5亿元",
        said(amount("营业收入", 6.2e8), held=("软件企业",), first_time=True), UNKNOWN,
    ),
    Pair(
        D + "yuntai-subsidy.txt", "1.1.2", "5亿元",
        said(amount("主营业务收入", 5e8), held=("软件企业",), first_time=True), FAILS,
    ),
    Pair(
        D + "yuntai-subsidy.txt", "2.3", "算力",
        said(count("员工", 30, "人"), held=("在市内有固定办公场所",)), UNKNOWN,
    ),
    Pair(D + "yuntai-subsidy.txt", "2.3", "算力", said(count("从业人员", 8, "人")), FAILS),
    Pair(D + "linjiang-guide.txt", "2", "国内", has("国内首台（套）"), UNKNOWN),
    Pair(D + "linjiang-manufacturing.txt", "4", "50亿元", said(amount("产值", 5.2e9), first_time=True), UNKNOWN),
    Pair(
        D + "linjiang-manufacturing.txt", "4", "50亿元",
        said(amount("产值", 5.2e9), first_time=True, held=("列入失信名单",)), FAILS,
    ),
    Pair(
        D + "linjiang-manufacturing.txt", "4", "50亿元",
        said(amount("营业收入", 1.5e8), share("研发投入占营业收入的比重", "0.035")), FAILS,
    ),
    Pair(
        D + "linjiang-manufacturing.txt", "4", "50亿元",
        said(
            amount("产值", 5.2e9), amount("营业收入", 4.8e9), share("研发投入占营业收入的比重", "0.07"),
            held=("制造业企业", *GENERAL, "在本市行政区域内依法登记、独立核算"), denied=CLEAN, first_time=True,
        ), MEETS,
    ),
    Pair(
        D + "hengchuan-notice.txt", "2", "中小微",
        said(share("裁员率", "0.06"), held=("中小微企业",)), FAILS,
    ),
    Pair(
        D + "hengchuan-notice.txt", "2", "中小微",
        said(
            share("裁员率", "0.02"), count("缴纳失业保险费", 14, "个月"), held=("中小微企业",),
            denied=("被列入严重失信主体名单",),
        ), UNKNOWN,
    ),
    # gold texts of the extractor
    Pair(
        G + "danling-measures.txt", "1.2", "1000万元",
        said(amount("研发费用", 1.2e7), share("研发费用占营业收入比重", "0.06"), held=("规上工业企业",)), MEETS,
    ),
    Pair(
        G + "danling-measures.txt", "1.2", "1000万元",
        said(amount("研发投入", 1.2e7), share("研发投入占营业收入的比重", "0.05"), held=("规上工业企业",)), FAILS,
    ),
    Pair(G + "danling-measures.txt", "1.1", "首次", has("高新技术企业"), UNKNOWN),
    Pair(G + "danling-measures.txt", "1.1", "首次", has("高新技术企业", first=True), MEETS),
    Pair(G + "danling-measures.txt", "1.1", "重新认定", has("高新技术企业"), UNKNOWN),
    Pair(G + "danling-measures.txt", "2.5", "省级", has("省级科技企业孵化器"), MEETS),
    Pair(G + "danling-measures.txt", "2.5", "A等", has("年度绩效评价为B等"), FAILS),
    Pair(G + "lanwan-measures.txt", "2.4", "1亿元", said(amount("固定资产投资", 1.2e8)), UNKNOWN),
    Pair(G + "lanwan-measures.txt", "2.4", "1亿元", said(amount("固定资产投资", 1.2e8), held=("新建项目",)), MEETS),
    Pair(G + "lanwan-measures.txt", "2.4", "1亿元", said(amount("设备投资", 1.2e8), held=("新建项目",)), UNKNOWN),
    Pair(G + "lanwan-measures.txt", "1.2", "三类", has("取得二类医疗器械注册证", first=True), FAILS),
    Pair(G + "lanwan-measures.txt", "1.2", "二类", has("企业", first=True), UNKNOWN),
    Pair(G + "quhe-tables.md", "2.2", "200万元（含）以上", said(amount("改造投入", 5e6)), UNKNOWN),
    Pair(G + "quhe-tables.md", "2.2", "50万元（含）以上", said(amount("改造投入", 2e6)), FAILS),
    Pair(G + "quhe-tables.md", "2.1", "小巨人", has("省级专精特新“小巨人”企业"), FAILS),
    Pair(
        G + "quhe-tables.md", "2.1", "小巨人",
        said(amount("营业收入", 5e8), held=("国家级专精特新小巨人企业",)), FAILS,
    ),
    Pair(
        G + "quhe-tables.md", "2.1", "小巨人",
        said(amount("营业收入", 3e8), count("员工", 400, "人"), held=("国家级专精特新小巨人企业",)), MEETS,
    ),
    Pair(G + "qingmu-grants.md", "3.1", "3000头", said(count("存栏", 2000, "头"), held=("新建规模养殖场",)), FAILS),
    # clauses of a county, made up for this list
    Pair("own", "1.1", "甲级", has("国家甲级旅游民宿"), MEETS),
    Pair("own", "1.1", "甲级", has("国家乙级旅游民宿"), FAILS),
    Pair("own", "1.2", "100场", said(count("年演出", 120, "场"), share("本地从业人员占比", "0.5")), FAILS),
    Pair("own", "1.2", "100场", said(count("年演出", 120, "场")), UNKNOWN),
    Pair("own", "1.3", "1000万元", said(amount("酒店改造项目投资", 8e6)), FAILS),
    Pair("own", "1.3", "1000万元", said(amount("酒店改造项目实际投资", 2e7)), MEETS),
    Pair("own", "1.4", "500万元", said(amount("年租金收入", 6e6), held=("小微企业",)), FAILS),
    Pair("own", "3.1", "5家", said(count("新开设直营门店", 3, "家"), held=("连锁企业",)), FAILS),
    Pair("own", "3.2", "有机", has("有机产品认证"), MEETS),
    Pair("own", "3.2", "有机", has("正在办理有机产品认证"), UNKNOWN),
)  # fmt: skip
