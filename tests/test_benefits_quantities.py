"""Quantities of Chinese text by value, with their spans."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.quantities import Comparison, Kind, format_amount, format_rate, groups, quantities


def read(text: str) -> list[tuple[Kind, Decimal, str]]:
    return [(q.kind, q.value, q.unit) for q in quantities(text)]


def amounts(text: str) -> list[int | float]:
    return [float(q.value) for q in quantities(text) if q.kind is Kind.AMOUNT]


@pytest.mark.parametrize("text", ["1亿元", "10000万元", "100,000,000元", "一亿元", "１亿元", "100000000元", "1.0亿元"])
def test_one_amount_has_many_spellings(text: str) -> None:
    assert amounts(text) == [100_000_000]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百万元", 1_000_000),
        ("二百五十万元", 2_500_000),
        ("1亿2000万元", 120_000_000),
        ("一亿三千万元", 130_000_000),
        ("一点五亿元", 150_000_000),
        ("千万元", 10_000_000),
        ("10余万元", 100_000),
        ("5，000元", 5_000),
        ("0.03元", 0.03),
    ],
)
def test_amounts_with_scales(text: str, value: float) -> None:
    assert amounts(text) == [value]


def test_shares_points_and_ratios_are_kept_apart() -> None:
    assert read("15%") == read("百分之十五") == read("15％") == [(Kind.RATE, Decimal("0.15"), "")]
    assert read("三成") == [(Kind.RATE, Decimal("0.3"), "")]
    assert read("日万分之五") == [(Kind.RATE, Decimal("0.0005"), "")]
    assert read("15个百分点") == read("十五个百分点") == [(Kind.POINTS, Decimal("0.15"), "")]
    assert read("按1:0.5配套") == [(Kind.RATIO, Decimal("0.5"), "")]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3—10万元", 30_000, 100_000),
        ("3万元—10万元", 30_000, 100_000),
        ("3至10万元", 30_000, 100_000),
        ("5000万元（含）—1亿元", 50_000_000, 100_000_000),
        ("10%-15%", 0.1, 0.15),
        ("10-15%", 0.1, 0.15),
        ("18—40岁", 18, 40),
    ],
)
def test_ranges_have_two_ends_and_no_bound(text: str, low: float, high: float) -> None:
    [quantity] = quantities(text)
    assert (float(quantity.value), float(quantity.upper or 0), quantity.op) == (low, high, None)
    assert text[quantity.start : quantity.end] == text


def test_a_unit_and_a_scale_hold_for_the_list_in_front_of_them() -> None:
    assert amounts("10、20、30万元") == [100_000, 200_000, 300_000]
    assert amounts("六十、三十、十五万元") == [600_000, 300_000, 150_000]
    assert amounts("20万、30万元") == [200_000, 300_000]
    assert read("30、50%")[0] == (Kind.RATE, Decimal("0.3"), "")


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("5亿元以上", Comparison.AT_LEAST),
        ("5亿元（含）以上", Comparison.AT_LEAST),
        ("5亿元（不含）以上", Comparison.MORE_THAN),
        ("首次达到5亿元的", Comparison.AT_LEAST),
        ("不低于5亿元", Comparison.AT_LEAST),
        ("超过5亿元", Comparison.MORE_THAN),
        ("首次突破5亿元", Comparison.MORE_THAN),
        ("不超过5亿元", Comparison.AT_MOST),
        ("5亿元以下", Comparison.AT_MOST),
        ("最高5亿元", Comparison.AT_MOST),
        ("不足5亿元", Comparison.LESS_THAN),
        ("奖励5亿元", None),
    ],
)
def test_bounds(text: str, op: Comparison | None) -> None:
    assert [quantity.op for quantity in quantities(text)] == [op]


def test_a_list_shares_the_bound_in_front_of_it() -> None:
    text = "首次达到1000亿元、500亿元和50亿元的，奖励2000万元"
    first, second = groups(text, quantities(text))
    assert [quantity.op for quantity in first] == [Comparison.AT_LEAST] * 3
    assert [quantity.op for quantity in second] == [None]


def test_what_an_amount_is_paid_for() -> None:
    assert [q.per for q in quantities("每家50万元")] == ["家"]
    assert [q.per for q in quantities("每平方米100元")] == ["平方米"]
    assert [q.per for q in quantities("50万元/年")] == ["年"]
    assert [q.per for q in quantities("每亩补助300元")] == [None]


@pytest.mark.parametrize(
    "text", ["一批", "一带一路", "三农", "第三条", "5A级", "1+N", "500亿级", "三免两减半", "第二年"]
)
def test_numbers_in_names_are_no_quantities(text: str) -> None:
    assert quantities(text) == ()


def test_a_numeral_that_cannot_be_read_is_no_quantity() -> None:
    assert quantities("一亿二元") == ()


def test_dates_are_one_quantity() -> None:
    [date] = quantities("2025年5月20日")
    assert (date.kind, date.value) == (Kind.DATE, Decimal(20250520))
    assert quantities("到2025年，")[0].kind is Kind.DATE
    assert quantities("满2年")[0].kind is Kind.COUNT


@pytest.mark.parametrize(
    ("value", "text"),
    [(100_000_000, "1亿元"), (15_000_000, "1500万元"), (3_000, "3000元"), (0.03, "0.03元"), (125_000_000, "1.25亿元")],
)
def test_amounts_are_written_as_people_write_them(value: float, text: str) -> None:
    assert format_amount(value) == text
    assert format_rate(Decimal("0.15")) == "15%"


@given(st.integers(min_value=1, max_value=10**13))
def test_amounts_survive_format_and_parse(value: int) -> None:
    assert amounts(format_amount(value)) == [value]


@given(st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999.99"), places=2))
def test_amounts_with_fen_survive_format_and_parse(value: Decimal) -> None:
    [quantity] = quantities(f"奖励{format_amount(value)}。")
    assert quantity.value == value


@given(st.integers(min_value=1, max_value=10_000).map(lambda n: Decimal(n) / 10_000))
def test_rates_survive_format_and_parse(rate: Decimal) -> None:
    [quantity] = quantities(format_rate(rate))
    assert (quantity.kind, quantity.value) == (Kind.RATE, rate)


@given(st.integers(min_value=1, max_value=99_999_999))
def test_chinese_numerals_have_the_value_of_their_digits(value: int) -> None:
    assert amounts(f"{cn2an.an2cn(value)}元") == [value]


@given(st.text(alphabet="补助0123456789一二十百千万亿元%、,，.:—至到（含）以上不超过年个第/每", max_size=40))
def test_spans_are_ordered_and_within_the_text(text: str) -> None:
    end = 0
    for quantity in quantities(text):
        assert end <= quantity.start < quantity.end <= len(text)
        end = quantity.end
