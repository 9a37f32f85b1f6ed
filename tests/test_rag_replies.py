"""Answers to questions back as statements: each kind is understood as what it says, word for word."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.quantities import Comparison, Kind
from rag.conditions import ask
from rag.conditions.model import Test as Bound
from rag.replies import NEITHER, UNSURE, asked_again, choices, confirmed, measured, statement
from rag.situation import Situation
from rag.understand import understand

QUESTION = "能拿多少补助?"
CATEGORIES = ("战略性新兴产业", "“工业强基”")
AMOUNT = Bound("设备投入", Comparison.AT_LEAST, Decimal(30_000_000), "元", Kind.AMOUNT)
YEARS = Bound("成立", Comparison.AT_LEAST, Decimal(3), "年", Kind.COUNT)
# Names and conditions as documents write them; a question mark or a quotation mark of its own would end them.
WORDS = (
    st.text("甲乙丙企业省级绿色工厂研发、(),.0123456789%AGi·-/《》", min_size=1, max_size=30)
    .filter(str.strip)
    .map(str.strip)
)


def understood(question: str, reply: str) -> Situation:
    """What the enterprise says of itself once the question back is answered."""
    return understand(asked_again(QUESTION, statement(question, reply))).situation


# What the statement is


@pytest.mark.parametrize(
    ("question", "reply", "stated"),
    [
        (ask.about_fact("参加境外展会"), "是", "我们符合“参加境外展会”"),
        (ask.about_fact("参加境外展会"), "不是", "我们不符合“参加境外展会”"),
        (ask.about_title("省级绿色工厂"), "是", "我们有“省级绿色工厂”"),
        (ask.about_title("省级绿色工厂"), "不是", "我们没有“省级绿色工厂”"),
        (ask.about_category("战略性新兴产业"), "不是", "我们不属于“战略性新兴产业”"),
        (ask.about_exclusion("列入失信名单"), "没有", "我们没有“列入失信名单”的情况"),
        (ask.about_exclusion("列入失信名单"), "有", "我们有“列入失信名单”的情况"),
        (ask.about_categories(CATEGORIES, True), "战略性新兴产业", "我们属于“战略性新兴产业”"),
        (ask.about_categories(CATEGORIES, True), NEITHER, "我们不属于“战略性新兴产业、“工业强基””"),
        ("绿色工厂是哪级的?", "省级", "我们有“省级绿色工厂”"),
        ("是不是“首次升规的企业”?", "是", "我们是首次"),
        ("是不是营业收入首次达到500亿元?", "不是", "我们不是首次"),
        (ask.about_metric("设备投入", AMOUNT), "3000万元", "设备投入3000万元"),
        (ask.about_metric("成立", YEARS), "3年", "成立3年"),
        (f"请问{ask.about_metric('设备投入', AMOUNT)}", "3000万元", "设备投入3000万元"),
        (ask.about_place("浙江省杭州市"), "萧山区", "企业注册在萧山区"),
        (ask.about_place("浙江省杭州市"), "是", "企业注册在浙江省杭州市"),
        (ask.about_place("浙江省杭州市"), "不是", "企业不在浙江省杭州市"),
        ("您说的营收520亿元,是制造业业务年营业收入吗?", "是", "制造业业务年营业收入520亿元"),
        ("您说的营收520亿元,是制造业业务年营业收入吗?", "不是", "营收520亿元不是制造业业务年营业收入"),
        (
            "营业收入以集团汇总统计,还是只以在杭营业收入统计?",
            "营业收入以集团汇总统计",
            "我们符合“营业收入以集团汇总统计”",
        ),
        ("营收以集团汇总统计,还是只以在杭营收统计?", "只以在杭营收统计", "我们符合“只以在杭营收统计”"),
    ],
)
@pytest.mark.parametrize("outcomes", ["", "(是:符合;不是:不符合)"])
def test_a_reply_states_a_fact(question: str, reply: str, stated: str, outcomes: str) -> None:
    assert statement(question + outcomes, f" {reply} ") == stated


@pytest.mark.parametrize("question", [ask.about_fact("甲"), ask.about_title("甲"), "绿色工厂是哪级的?", "甲是多少?"])
@pytest.mark.parametrize("reply", [UNSURE, "", "  "])
def test_who_does_not_know_states_nothing(question: str, reply: str) -> None:
    assert statement(question, reply) == ""


def test_a_question_that_lists_its_answers_offers_them() -> None:
    assert choices(ask.about_categories(CATEGORIES, True)) == (*CATEGORIES, NEITHER)
    assert choices(f"请问{ask.about_categories(CATEGORIES, False)}") == (*CATEGORIES, NEITHER)
    assert choices(ask.about_fact("甲、乙")) == ()


def test_a_question_on_what_a_figure_measures_names_it() -> None:
    assert measured("您说的营收520亿元,是制造业业务年营业收入吗?(是:够;不是:要另给)") == "制造业业务年营业收入"
    assert measured("您说的绿色工厂,是国家级的吗?") == ""
    assert measured(ask.about_fact("甲")) == ""


def test_the_fact_stands_behind_the_first_question() -> None:
    assert asked_again("能拿多少? \n", "我们是首次") == "能拿多少?\n补充:我们是首次。"


# What is understood


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        (ask.about_fact("参加境外展会"), "参加境外展会"),
        (ask.about_title("省级绿色工厂"), "省级绿色工厂"),
        (ask.about_category("战略性新兴产业"), "战略性新兴产业"),
        (ask.about_exclusion("列入失信名单"), "列入失信名单"),
    ],
)
def test_a_fact_that_holds_is_held_and_one_that_does_not_is_denied(question: str, fact: str) -> None:
    holds, fails = understood(question, "有"), understood(question, "没有")
    assert fact in holds.held
    assert fact not in holds.denied
    assert fact in fails.denied
    assert fact not in fails.held


def test_one_of_several_categories_is_held_and_none_of_them_is_denied() -> None:
    question = ask.about_categories(CATEGORIES, True)
    assert "战略性新兴产业" in understood(question, "战略性新兴产业").held
    assert any("战略性新兴产业" in one for one in understood(question, NEITHER).denied)
    assert understood(question, NEITHER).held == ()


def test_a_figure_keeps_what_it_measures() -> None:
    (measure,) = understood(ask.about_metric("设备投入", AMOUNT), "3000万元").measures
    assert (measure.metric, measure.value) == ("设备投入", Decimal(30_000_000))
    (measure,) = understood("您说的营收520亿元,是制造业业务年营业收入吗?", "是").measures
    assert (measure.metric, measure.value) == ("制造业业务年营业收入", Decimal(52_000_000_000))


def test_the_first_time_a_level_and_a_place_are_understood() -> None:
    assert understood("是不是“首次升规的企业”?", "是").first_time is True
    assert understood("是不是“首次升规的企业”?", "不是").first_time is False
    assert "省级绿色工厂" in understood("绿色工厂是哪级的?", "省级").held
    assert understood(ask.about_place("浙江省"), "杭州市萧山区").region == "杭州市萧山区"


def test_a_question_of_the_person_confirms_nothing() -> None:
    assert confirmed("我们符合“甲”吗?我们有“乙”?我们属于“丙”吗") == ((), ())


# Whatever the words are


@pytest.mark.parametrize("form", [ask.about_fact, ask.about_title, ask.about_exclusion])
@given(words=WORDS)
def test_any_condition_is_confirmed_or_denied_word_for_word(form, words: str) -> None:
    assert confirmed(statement(form(words), "是")) == ((words,), ())
    assert confirmed(statement(form(words), "没有")) == ((), (words,))
    assert confirmed(asked_again(QUESTION, statement(form(words), "有"))) == ((words,), ())


@given(st.lists(WORDS.filter(lambda name: not set(name) & set("、,")), min_size=2, max_size=5, unique=True), st.data())
def test_any_category_of_a_list_is_confirmed_word_for_word(names: list[str], data) -> None:
    question = ask.about_categories(names, True)
    assert choices(question) == (*names, NEITHER)
    name = data.draw(st.sampled_from(names))
    assert confirmed(statement(question, name)) == ((name,), ())
    assert confirmed(statement(question, NEITHER)) == ((), ("、".join(names),))


@given(WORDS, st.text(max_size=40))
def test_no_reply_breaks_a_statement(words: str, reply: str) -> None:
    for form in (ask.about_fact, ask.about_title, ask.about_category, ask.about_place):
        stated = statement(form(words), reply)
        assert isinstance(stated, str)
        assert bool(stated) == (bool(reply.strip()) and reply.strip() != UNSURE)
