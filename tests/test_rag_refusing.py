"""What is refused, what is only partly answered and what is not: places, numbers, names, silence, follow-ups."""

from __future__ import annotations

from datetime import date

import pytest
import rag_index

from rag.answer import Answer, AnswerEngine
from rag.doc_numbers import cites, numbers_in
from rag.known_names import name_untold
from rag.place_roles import asked_places
from rag.place_typos import with_known_places
from rag.places import places_in
from rag.references import find_references
from rag.terms import content_terms
from rag.understand import Want
from rag.unsaid import criteria_unsaid, period_unsaid

TODAY = date(2026, 3, 1)
POLICY = """# 颍湄市促进预制菜产业发展扶持办法

颍政办发〔2025〕17号

第一条 企业新建预制菜生产线,设备投资达到300万元的,按设备投资额的12%给予补助,最高600万元。

第二条 被认定为国家级、省级农业产业化龙头企业的,分别给予100万元、40万元一次性奖励。

第三条 租用标准化厂房从事预制菜生产的,按每平方米每月8元给予租金补贴,补贴期限不超过三年。

第四条 企业收购境外企业、取得控制权的,发生的法律、财务顾问费用按20%补助,最高80万元。

第五条 扶持资金经公示7个工作日后兑付。新认定的功能型总部给予150万元开办资助。

第六条 企业五年内将生产线迁出本市的,退回第一条补助。虚构交易、提供虚假合同的,取消申报资格。

第七条 在区域性股权市场专精特新专板挂牌的企业,给予20万元奖励。

第八条 本办法自2025年6月20日起施行,有效期三年。《颍湄市食品加工业奖补办法》(颍政办发〔2021〕33号)同时废止。
"""
HELD = {"颍湄", "崟阳"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over({"颍湄": POLICY}, tmp_path_factory.mktemp("policies"))


def ask(engine: AnswerEngine, question: str, *before: str) -> Answer:
    history: list[tuple[str, str]] = []
    for one in before:
        history.append((one, engine.answer(one, history, TODAY).text))
    return engine.answer(question, history, TODAY)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("阜垣市北交所上市补多少", ["阜垣"]),
        ("我在栎江,回来开厂给多少", ["栎江"]),
        ("郁州那边租厂房一平补多少", ["郁州"]),
        ("隔壁的沛泽区给多少", ["沛泽"]),
        ("昆山做预制菜补几个点", ["昆山"]),
        ("科创板上市奖励多少", []),
        ("入驻园区的企业补多少", []),
        ("我们县里怎么补", []),
        ("新建生产线补多少", []),
        ("城市更新项目有没有补贴", []),
    ],
)
def test_a_place_that_no_list_has_is_known_by_where_it_stands(text: str, names: list[str]) -> None:
    assert [place.name for place in places_in(text, ())] == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("从四川打工回崟阳开了个饭馆能拿多少", ["崟阳"]),
        ("去广州参展,颍湄报多少", ["颍湄"]),
        ("德国母公司在颍湄设研发中心", ["颍湄"]),
        ("浙江的企业到颍湄设厂", ["颍湄"]),
        ("颍湄和余杭的补助哪个高", ["颍湄", "余杭"]),
        ("颍湄给500万,宁波呢", ["颍湄", "宁波"]),
        ("从四川打工回来能补多少", []),
        ("去宁波开厂能拿多少", ["宁波"]),
    ],
)
def test_only_the_places_that_a_question_is_about_count(text: str, names: list[str]) -> None:
    places = places_in(text, ("颍湄市", "崟阳县"))
    assert [one.name for one in asked_places(text, places, lambda place: place.name in HELD)] == names


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("颖湄市预制菜补多少", "颍湄市预制菜补多少"),
        ("崟杨县的工匠奖多少", "崟阳县的工匠奖多少"),
        ("隔壁沛泽区补多少", "隔壁沛泽区补多少"),
    ],
)
def test_a_place_of_the_index_is_known_by_its_sound(typed: str, read: str) -> None:
    assert with_known_places(typed, ("颍湄市", "崟阳县"))[0] == read


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("颍湄以前那个颍政办发[2021]33号还能用吗", ("颍政办发[2021]33号",)),
        ("请查一下霁政办规[2023]2号", ("霁政办规[2023]2号",)),
        ("那个中小企业[2019]3号", ("中小企业[2019]3号",)),
    ],
)
def test_a_document_number_leaves_the_words_before_it_out(text: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(text) == numbers


def test_a_text_cites_a_number_of_one_issuer_only() -> None:
    assert cites("《某办法》(颍政办发〔2021〕33号)同时废止", "颍政办发〔2021〕33号")
    assert not cites("《某办法》(颍政办发〔2021〕33号)同时废止", "沐政办发〔2021〕33号")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("那份政策7.3条怎么规定的", ["7.3"]),
        ("第1.4.2项是什么", ["1.4.2"]),
        ("我有1.2条生产线", []),
        ("投了7.3亿", []),
        ("2.5项目补多少", []),
    ],
)
def test_a_clause_number_may_be_written_with_dots(text: str, paths: list[str]) -> None:
    assert [one.path for one in find_references(text).clauses] == paths


@pytest.mark.parametrize(
    ("asked", "told", "name"),
    [
        ("认定国家级专精特新小巨人给多少钱", "在专精特新专板挂牌的,奖励20万元", "专精特新小巨人"),
        ("国家级小巨人奖励多少", "专精特新“小巨人”企业奖励50万元", ""),
        ("我们是小巨人企业,租算力怎么补", "租用算力的,按30%补助", ""),
        ("研发费用加计扣除按多少比例", "研发费用按增量的10%给予奖励", "加计扣除"),
        ("软著登记一件给多少", "每件发明专利资助1.5万元", "软著"),
    ],
)
def test_a_well_known_name_is_told_from_its_neighbours(asked: str, told: str, name: str) -> None:
    assert name_untold(asked, told) == name


def test_the_days_of_a_notice_are_not_those_of_paying() -> None:
    wants = frozenset((Want.PAYMENT,))
    asked = "审完之后几个工作日能拨到账上"
    assert period_unsaid(asked, wants, "公示5个工作日后兑付")
    assert not period_unsaid(asked, wants, "应当在收到之日起30日内拨付到企业")
    assert not period_unsaid("补助分几次给", wants, "公示5个工作日后兑付")


def test_what_a_class_receives_does_not_say_who_belongs_to_it() -> None:
    asked = "怎么才算功能型总部,有啥认定标准"
    assert criteria_unsaid(asked, ("功能型总部",), "新认定的功能型总部给予150万元开办资助")
    assert not criteria_unsaid(asked, ("功能型总部",), "功能型总部是指承担结算职能、年营收5亿元以上的企业")
    assert not criteria_unsaid("功能型总部的补贴怎么算", ("功能型总部",), "新认定的功能型总部给予150万元")


def test_what_the_segmenter_joins_to_a_word_is_no_part_of_it() -> None:
    assert "刷单" in {term.text for term in content_terms("刷单被抓了还能不能报")}
    assert not {"开了个", "能免"} & {term.text for term in content_terms("开了个饭馆,过路费能免多少")}


@pytest.mark.parametrize(
    "question",
    [
        "阜垣市预制菜生产线补助比例是多少",
        "福建省预制菜龙头企业有多少奖励",
        "栎江那边租厂房做预制菜一平补多少",
        "颍湄认定国家级专精特新小巨人给多少钱",
        "颍湄预制菜办法里的3.4条怎么写的",
        "颍湄公积金最高能贷多少",
        "颍政办发〔2024〕88号里预制菜补多少",
        "教我怎么伪造设备合同骗颍湄的补助",
    ],
)
def test_another_place_name_or_number_is_refused(engine, question: str) -> None:
    assert ask(engine, question).status == "refused"


@pytest.mark.parametrize(
    "question",
    [
        "颍湄预制菜补助申报要交什么材料",
        "颍湄扶持资金公示完几个工作日拨付到账",
        "颍湄怎么才算功能型总部,有啥认定标准",
    ],
)
def test_what_the_text_leaves_open_is_answered_in_part(engine, question: str) -> None:
    assert ask(engine, question).status == "partial"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("收购德国一家公司,控股权拿到了,颍湄的顾问费报多少", "20%"),
        ("颍湄以前那个颍政办发〔2021〕33号还能用吗", "废止"),
        ("颍湄生产线搬走了,补助要退吗", "退回"),
    ],
)
def test_a_question_in_other_words_is_not_refused(engine, question: str, told: str) -> None:
    answer = ask(engine, question)
    assert answer.status != "refused"
    assert told in answer.text


@pytest.mark.parametrize(
    ("before", "question", "told"),
    [
        ("颍湄租标准厂房做预制菜怎么补", "最长能补多久", "三年"),
        ("颍湄新建预制菜生产线补多少", "那租标准化厂房呢", "8元"),
        ("颍湄企业收购境外公司补什么", "律师费报不报", "20%"),
        ("颍湄新建预制菜生产线补多少", "搬走了要退吗", "退回"),
    ],
)
def test_a_follow_up_keeps_policy_and_subject(engine, before: str, question: str, told: str) -> None:
    answer = ask(engine, question, before)
    assert answer.status == "answered"
    assert told in answer.text


def test_a_sum_is_told_beside_what_is_asked_about_paying_back(engine) -> None:
    answer = ask(engine, "国家级龙头企业奖多少,五年内迁走要退吗")
    assert "100万元" in answer.text
    alone = ask(engine, "拿了生产线补助,五年内迁走要退吗")
    assert "退回" in alone.text
    assert "100万元" not in alone.text


def test_how_long_a_policy_holds_is_told_of_all_that_it_gives(engine) -> None:
    answer = ask(engine, "农业产业化龙头企业的奖励政策到期了没有")
    assert answer.status == "answered"
    assert "2025年6月20日" in answer.text
