"""Shares by parts of a base, growth between two years, rents by the metre, and changes in a measure, as typed."""

from __future__ import annotations

import pytest
from test_rag_calculate import of_text, one

from rag.calculate import work_out
from rag.understand import understand

PARTS = (
    "企业购置研发设备，设备投入100万元以上的，分段给予补助：300万元（含）以下部分按6%，300万元至1000万元（含）部分按9%，"
    "1000万元以上部分按15%，单个企业最高200万元。"
)
OVER = "企业购买服务的，对不超过50万元的部分按10%补贴，超过50万元的部分按5%补贴。"
EXPORT = (
    "企业年出口额200万美元以上的，按每美元0.02元给予奖励；比上年增长10%以上的，增量部分按每美元再奖励0.04元。"
    "单个企业每年最高90万元。"
)
OUTPUT = (
    "年产值2亿元以上的企业，产值同比增长8%以上的，奖励12万元；"
    "产值增量超过5000万元的，对超过5000万元的部分再按0.2%给予奖励，最高40万元。"
)
LINE = (
    "企业建设桥梁检测线的，按建设费用的20%给予补贴，单个企业最高100万元；"
    "其中检测跨径为300米及以上的，补贴比例提高到30%，单个企业最高500万元。"
)
OFFICE = (
    "新设立的研发机构租用办公用房的，第一年按实际租金的80%、第二年按40%给予补贴，"
    "补贴面积不超过500平方米，补贴标准不超过每平方米每月30元。"
)
SALARY = "企业引进人才，年薪60万元以上的，按6%补助，每人每年最高10万元，每名人才最长补助3年。"
PHASES = "获批的创业团队给予80万元创业资金，立项后拨付40%，中期检查合格拨付40%，验收合格拨付20%。"
PROJECT = "总投资3000万元以上的加工项目，按设备实际投资额的10%给予补助，单个项目最高1000万元。"

WORKED = [
    (PARTS, "买研发设备花了1500万，补多少", "156万元"),
    (PARTS, "买研发设备花了250万，补多少", "15万元"),
    (PARTS, "买研发设备花了3000万，补多少", "200万元"),
    (OVER, "买服务花了80万，补多少", "6.5万元"),
    (EXPORT, "去年出口500万美元，今年700万美元，一共奖多少", "22万元"),
    (EXPORT, "去年出口690万美元，今年700万美元，一共奖多少", "14万元"),
    (OUTPUT, "去年产值3亿，今年4.5亿，奖多少", "32万元"),
    (OUTPUT, "去年产值4.1亿，今年4.5亿，奖多少", "12万元"),
    (LINE, "建了一条400米的桥梁检测线，建设费用900万，补多少", "270万元"),
    (LINE, "建了一条200米的桥梁检测线，建设费用400万，补多少", "80万元"),
    (OFFICE, "研发机构刚设立，租了400平，每平每月30块，第一年补多少", "11.52万元"),
    (OFFICE, "研发机构刚设立，租了900平，每平每月60块，第一年补多少", "18万元"),
    (SALARY, "引进的人才年薪80万，三年一共补多少", "14.4万元"),
    (PHASES, "创业团队到中期检查合格为止累计能拿多少", "64万元"),
    (PHASES, "创业团队中期检查合格能拿多少", "32万元"),
    (PROJECT, "加工项目总投资5000万，其中设备花了2000万，补多少", "200万元"),
]


@pytest.mark.parametrize(("text", "question", "result"), WORKED)
def test_what_is_typed_is_worked_out(text: str, question: str, result: str) -> None:
    worked = one(understand(question), of_text(text))
    assert (worked.complete, worked.result) == (True, result)


def test_less_than_the_parts_begin_with_gets_nothing() -> None:
    worked = one(understand("买研发设备花了80万，补多少"), of_text(PARTS))
    assert (worked.kind, worked.result) == ("gap", "0元")


def test_parts_that_leave_a_gap_are_not_joined() -> None:
    gap = "企业购买服务的，对不超过50万元的部分按10%补贴，超过80万元的部分按5%补贴。"
    assert not any(" + " in one.formula for one in work_out(understand("买服务花了90万，补多少"), of_text(gap)))


def test_what_there_is_none_of_is_no_alternative() -> None:
    text = "装卸重箱的，每标箱补贴50元；装卸空箱的，每标箱补贴10元。"
    worked = one(understand("去年2万标箱重箱，今年3万，空箱没有，补多少"), of_text(text))
    assert (worked.complete, worked.result) == (True, "150万元")


def test_a_price_with_its_tax_left_out_is_no_tax() -> None:
    text = "企业设备投资100万元以上的，按设备投资额的10%给予补助，最高80万元。"
    assert one(understand("设备不含税500万，补多少"), of_text(text)).result == "50万元"
