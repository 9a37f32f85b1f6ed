"""A third text and its labels, written after the two others had shaped the rules."""

from __future__ import annotations

from condition_pairs import FAILS, MEETS, UNKNOWN, Pair, amount, count, has, said, share

from rag.situation import Situation

THIRD = """禾汀区现代农业与跨境电商扶持实施细则
禾汀政办〔2026〕9号
第一章 总则
第一条 本细则适用于在禾汀区内登记、依法经营的农业企业和电商企业。
第二条 有下列情形之一的，不予扶持：
（一）近一年发生农产品质量安全事故；
（二）提供虚假材料。
第二章 农业
第三条 对新建连栋温室面积不少于20亩的农业企业，每亩补助1万元，最高60万元。
第四条 国家级、省级、市级农业产业化龙头企业分别奖励50万元、20万元、10万元。升级的补足差额。
第五条 农产品加工企业年加工产值达到3000万元以上，且带动农户不少于100户的，奖励15万元。
第三章 电商
第六条 年跨境电商出口额达到500万美元以上、不足2000万美元的，奖励10万元；达到2000万美元以上的，奖励30万元。
第七条 租用跨境电商产业园办公用房且员工不少于5人的企业，按实际租金的40%补贴，每年最高12万元。
第八条 成立不超过3年的跨境电商企业，首次入驻产业园的，给予5万元启动资金。
第九条 直播电商企业年网络零售额占全部销售额比例超过50%的，奖励8万元。
第四章 附则
第十条 本细则自2026年3月1日起施行，有效期两年。
"""

HOME = ("在禾汀区内登记", "依法经营", "农业企业", "电商企业")
NO = ("近一年发生农产品质量安全事故", "提供虚假材料")


def ok(*measures: object, held: tuple[str, ...] = (), first: bool | None = None) -> Situation:
    """An enterprise that meets what holds for all."""
    return Situation(measures=measures, held=(*HOME, *held), denied=NO, first_time=first)  # type: ignore[arg-type]


PAIRS_3 = (
    Pair("y", "3", "20亩", ok(count("新建连栋温室面积", 25, "亩")), MEETS),
    Pair("y", "3", "20亩", ok(count("新建连栋温室面积", 15, "亩")), FAILS),
    Pair("y", "3", "20亩", ok(count("温室面积", 25, "亩")), UNKNOWN),
    Pair("y", "3", "20亩", said(count("新建连栋温室面积", 25, "亩")), UNKNOWN),
    Pair("y", "4", "省级", ok(held=("省级农业产业化龙头企业",)), MEETS),
    Pair("y", "4", "国家级", ok(held=("省级农业产业化龙头企业",)), FAILS),
    Pair("y", "4", "省级", ok(held=("农业产业化龙头企业",)), UNKNOWN),
    Pair("y", "4", "市级", ok(held=("市级林业龙头企业",)), UNKNOWN),
    Pair("y", "4", "市级", has("市级农业产业化龙头企业", "近一年发生农产品质量安全事故"), FAILS),
    Pair("y", "4", "市级", has("市级农业产业化龙头企业"), UNKNOWN),
    Pair(
        "y", "5", "3000万元",
        ok(amount("年加工产值", 4e7), count("带动农户", 120, "户"), held=("农产品加工企业",)), MEETS,
    ),
    Pair(
        "y", "5", "3000万元",
        ok(amount("年加工产值", 4e7), count("带动农户", 80, "户"), held=("农产品加工企业",)), FAILS,
    ),
    Pair("y", "5", "3000万元", ok(amount("年加工产值", 4e7), held=("农产品加工企业",)), UNKNOWN),
    Pair(
        "y", "5", "3000万元",
        ok(amount("产值", 4e7), count("带动农户", 120, "户"), held=("农产品加工企业",)), UNKNOWN,
    ),
    Pair("y", "7", "5人", ok(count("员工", 6, "人"), held=("租用跨境电商产业园办公用房",)), MEETS),
    Pair("y", "7", "5人", ok(count("员工", 6, "人")), UNKNOWN),
    Pair("y", "7", "5人", ok(count("员工", 4, "人"), held=("租用跨境电商产业园办公用房",)), FAILS),
    Pair("y", "8", "3年", ok(count("成立", 5, "年"), held=("跨境电商企业",), first=True), FAILS),
    Pair("y", "8", "3年", ok(count("成立", 2, "年"), held=("跨境电商企业",), first=True), UNKNOWN),
    Pair("y", "8", "3年", ok(count("成立", 2, "年"), held=("跨境电商企业", "首次入驻产业园", "入驻产业园")), MEETS),
    Pair("y", "9", "50%", ok(share("网络零售额占全部销售额比例", "0.6"), held=("直播电商企业",)), MEETS),
    Pair("y", "9", "50%", ok(share("网络零售额占全部销售额比例", "0.5"), held=("直播电商企业",)), FAILS),
    Pair("y", "9", "50%", ok(share("直播销售额占比", "0.6"), held=("直播电商企业",)), UNKNOWN),
    Pair("y", "9", "50%", Situation(), UNKNOWN),
)  # fmt: skip
