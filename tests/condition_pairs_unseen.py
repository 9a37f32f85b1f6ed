"""Further labelled pairs over clauses of one more city, written after the rules and without looking at results."""

from __future__ import annotations

from condition_pairs import FAILS, MEETS, UNKNOWN, Pair, amount, count, has, said, share

from rag.situation import Situation

TEXT = """浔澜市支持生物制造和现代物流高质量发展的若干政策
浔澜政规〔2026〕11号
一、支持生物制造
（一）对上年度研发费用占营业收入比重不低于8%且年营业收入5000万元以上的生物制造企业，按研发费用的10%给予补助，最高500万元。
（二）获得国家科学技术进步奖一等奖、二等奖的企业，分别奖励500万元、300万元。
（三）企业购置中试设备单台价值超过100万元的，按购置价的15%补助，单个企业最高300万元。
（四）首次认定为市级重点实验室的，奖励60万元；绩效评价优秀的，再奖励20万元。
二、支持现代物流
（五）获评4A级、5A级物流企业的，分别奖励20万元、50万元。
（六）自有仓储面积达到1万平方米的物流企业，按每平方米20元给予一次性补助。
（七）年货物吞吐量首次突破100万吨、300万吨的物流园区，分别奖励50万元、150万元。进档的补足差额。
（八）新能源货车占自有车辆比例不低于30%的企业，奖励10万元；未发生较大以上道路交通事故的，再奖励5万元。
三、支持人才
（九）企业引进的博士，每人补贴5万元；成立三年内的企业引进的，每人补贴8万元。
（十）员工总数不超过50人的小型企业，按社保缴费的30%给予补贴，最高20万元。
四、附则
申请本政策资金的企业应当在本市登记注册，且没有被列入严重违法失信名单。
本政策自2026年2月1日起施行，有效期至2028年12月31日。
"""

HOME = ("在本市登记注册",)
CLEAN = ("被列入严重违法失信名单",)


def good(
    *measures: object, held: tuple[str, ...] = (), no: tuple[str, ...] = (), first: bool | None = None
) -> Situation:
    """An enterprise that meets the general conditions."""
    return Situation(measures=measures, held=(*HOME, *held), denied=(*CLEAN, *no), first_time=first)  # type: ignore[arg-type]


UNSEEN = (
    Pair(
        "x", "1.1", "8%",
        good(share("研发费用占营业收入比重", "0.09"), amount("营业收入", 6e7), held=("生物制造企业",)), MEETS,
    ),
    Pair("x", "1.1", "8%", good(share("研发占比", "0.09"), amount("营收", 4e7), held=("生物制造企业",)), FAILS),
    Pair("x", "1.1", "8%", good(share("研发费用占营业收入比重", "0.09"), amount("营业收入", 6e7)), UNKNOWN),
    Pair(
        "x", "1.1", "8%",
        said(share("研发费用占营业收入比重", "0.09"), amount("营业收入", 6e7), held=("生物制造企业",)), UNKNOWN,
    ),
    Pair("x", "1.1", "8%", good(share("研发费用占营业收入比重", "0.07")), FAILS),
    Pair(
        "x", "1.1", "8%",
        good(share("研发费用占总成本比重", "0.09"), amount("营业收入", 6e7), held=("生物制造企业",)), UNKNOWN,
    ),
    Pair("x", "1.2", "一等奖", good(held=("国家科学技术进步奖二等奖",)), FAILS),
    Pair("x", "1.2", "二等奖", good(held=("国家科学技术进步奖二等奖",)), MEETS),
    Pair("x", "1.2", "一等奖", good(held=("省科学技术进步奖一等奖",)), FAILS),
    Pair("x", "1.2", "一等奖", good(held=("国家科学技术进步奖",)), UNKNOWN),
    Pair("x", "1.4", "市级重点实验室", good(held=("市级重点实验室",)), UNKNOWN),
    Pair("x", "1.4", "市级重点实验室", good(held=("市级重点实验室",), first=True), MEETS),
    Pair("x", "1.4", "市级重点实验室", good(held=("区级重点实验室",), first=True), FAILS),
    Pair("x", "1.4", "市级重点实验室", good(held=("市级重点实验室",), first=False), FAILS),
    Pair("x", "2.5", "5A", good(held=("4A级物流企业",)), FAILS),
    Pair("x", "2.5", "4A", good(held=("4A级物流企业",)), MEETS),
    Pair("x", "2.5", "4A", good(held=("物流企业",)), UNKNOWN),
    Pair("x", "2.5", "4A", good(held=("拟申报4A级物流企业",)), UNKNOWN),
    Pair("x", "2.6", "1万平方米", good(count("仓储面积", 12000, "平方米"), held=("物流企业",)), UNKNOWN),
    Pair("x", "2.6", "1万平方米", good(count("自有仓储面积", 12000, "平方米"), held=("物流企业",)), MEETS),
    Pair("x", "2.6", "1万平方米", good(count("租赁仓储面积", 12000, "平方米"), held=("物流企业",)), UNKNOWN),
    Pair("x", "2.6", "1万平方米", good(count("自有仓储面积", 8000, "平方米"), held=("物流企业",)), FAILS),
    Pair("x", "2.7", "100万吨", good(count("年货物吞吐量", 1_200_000, "吨"), held=("物流园区",), first=True), MEETS),
    Pair("x", "2.7", "300万吨", good(count("年货物吞吐量", 1_200_000, "吨"), held=("物流园区",), first=True), FAILS),
    Pair("x", "2.7", "100万吨", good(count("年货物吞吐量", 1_200_000, "吨"), held=("物流园区",), first=False), FAILS),
    Pair("x", "2.7", "100万吨", good(count("年货物吞吐量", 1_200_000, "吨"), held=("物流园区",)), UNKNOWN),
    Pair("x", "2.7", "100万吨", good(count("年货物吞吐量", 1_000_000, "吨"), held=("物流园区",), first=True), FAILS),
    Pair("x", "2.8", "30%", good(share("新能源货车占自有车辆比例", "0.35")), MEETS),
    Pair("x", "2.8", "30%", good(share("新能源货车占比", "0.2")), FAILS),
    Pair("x", "2.8", "30%", good(share("冷链车占自有车辆比例", "0.35")), UNKNOWN),
    Pair(
        "x", "2.8", "30%",
        Situation(measures=(share("新能源货车占自有车辆比例", "0.35"),), held=("被列入严重违法失信名单",)), FAILS,
    ),
    Pair("x", "2.8", "交通事故", good(), UNKNOWN),
    Pair("x", "2.8", "交通事故", good(held=("发生较大以上道路交通事故",)), FAILS),
    Pair("x", "3.10", "50人", good(count("员工", 45, "人"), held=("小型企业",)), MEETS),
    Pair("x", "3.10", "50人", good(count("职工", 51, "人"), held=("小型企业",)), FAILS),
    Pair("x", "3.10", "50人", good(count("研发人员", 30, "人"), held=("小型企业",)), UNKNOWN),
    Pair("x", "3.10", "50人", good(count("员工", 45, "人"), held=("微型企业",)), UNKNOWN),
    Pair("x", "1.3", "100万元", good(amount("中试设备单台价值", 1.2e6)), UNKNOWN),
    Pair("x", "1.3", "100万元", good(amount("营业收入", 1.2e8)), UNKNOWN),
    Pair("x", "3.9", "三年内", has("博士"), UNKNOWN),
)  # fmt: skip
