"""Words of questions and reasons: what to ask the user, and how a bound or a measured value is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from index.quantities import Comparison, Kind, format_amount, format_rate
from rag.conditions.model import Test

_OPS = {
    Comparison.AT_LEAST: "达到{}",
    Comparison.MORE_THAN: "超过{}",
    Comparison.AT_MOST: "不超过{}",
    Comparison.LESS_THAN: "不足{}",
}
_SHARE_END = re.compile(r"(?:比重|比例|占比|率|比|增长|增速|增幅)$")


def value_words(value: Decimal, unit: str, kind: Kind) -> str:
    """A value as people write it: 5000万元, 45%, 300人."""
    if kind is Kind.RATE:
        return format_rate(value)
    if kind is Kind.POINTS:
        return f"{value * 100:f}".rstrip("0").rstrip(".") + "个百分点"
    if kind is Kind.AMOUNT and unit == "元":
        return format_amount(value)
    if kind is Kind.AMOUNT:
        return format_amount(value).removesuffix("元") + unit
    if value >= 10_000 and value % 100 == 0:
        return f"{(value / 10_000).normalize():f}万{unit}"
    return f"{value.normalize():f}{unit}"


def bound_words(test: Test) -> str:
    """A bound in words: 达到5000万元, 50万元以上、不足200万元."""
    low = value_words(test.value, test.unit, test.kind)
    if test.upper is None or test.upper_op is None:
        return _OPS[test.op].format(low)
    return f"{_OPS[test.op].format(low)}、{_OPS[test.upper_op].format(value_words(test.upper, test.unit, test.kind))}"


def about_metric(metric: str, test: Test) -> str:
    """技术改造投资项目实际投入(设备和软件)是多少?"""
    words = re.sub(r"^(?:企业|其)(?=.)", "", metric) or "数额"
    if test.kind is Kind.COUNT and test.unit in ("年", "个月", "天"):
        return f"{words}有多久?"
    if test.kind is Kind.RATE and not _SHARE_END.search(words):
        return f"{words}的比例是多少?"
    return f"{words}是多少?"


def about_title(name: str) -> str:
    """是不是省级绿色工厂(或者有没有这个认定)?"""
    return f"有没有“{name}”的认定或资格?"


def about_category(name: str) -> str:
    """属于战略性新兴产业吗?"""
    return f"属于{name}吗?"


def about_categories(members: Sequence[str], opened: bool) -> str:
    """属于下列哪类:战略性新兴产业、“工业强基”,还是都不是?"""
    return f"属于下列哪类:{'、'.join(members)}{'等' if opened else ''},还是都不是?"


def about_place(words: str) -> str:
    """企业注册在哪里?"""
    return f"企业注册在哪里(文件要求:{words})?"


def about_exclusion(positive: str) -> str:
    """有没有这种情况:列入失信名单?"""
    return f"有没有这种情况:{positive}?"


def about_fact(words: str) -> str:
    """是否符合“参加境外展会”?"""
    return f"是否符合“{words}”?"
