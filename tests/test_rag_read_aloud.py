"""What reading answers aloud showed: tiers that are exceeded, shares of awards, who bears the money, one of many items.

Over policies invented for this.
"""

from __future__ import annotations

from datetime import date

import pytest
import rag_index
from test_benefits_statements import read
from test_rag_calculate import of_text, one

from rag.answer import Answer, AnswerEngine
from rag.asked import without_denied
from rag.calculate import work_out
from rag.calculate.tiers import NEXT_TIER
from rag.understand import Want, understand
from training.tune import pays_in_bfloat16

TODAY = date(2026, 3, 1)
POLICIES = {
    "渔业": """# 碧屿市远洋渔业扶持办法

碧政办〔2025〕6号

第一条 对渔获加工企业,按照年产值给予奖励:
(一)首次超过2亿元的,奖励40万元;
(二)首次超过6亿元的,奖励130万元,其中:
1.在本市连续经营满十年的,再奖励15万元;
2.由外市迁入的,再奖励90万元。

第二条 渔获加工企业由市农业农村局认定。

第三条 申请渔船更新补助的船东,应当同时符合下列条件:
(一)船员社会保险费连续缴纳24个月以上;
(二)三年内渔船安全事故率不高于2%;
(三)没有被列入失信名单。

第四条 对船员发放安家补贴的,每人一次性3万元。未领取安家补贴的船员租住住房的,每人每月给予租金补贴600元。

第五条 海参、鲍鱼、紫菜等特色养殖品种予以重点发展,推动深海网箱建设。

第六条 扶持资金按现行财政体制由市与区、县分担。

第七条 本办法自2025年1月1日起施行,有效期五年。
""",
}
TIERS = "年产值首次超过2亿元的，奖励40万元；首次超过6亿元的，奖励130万元；首次超过12亿元的，奖励300万元。"
AWARD = "以利润再投资折合200万美元以上的，在前条奖励基础上再按奖励额的20%给予奖励。"
GROWTH = "企业研发费用占营业收入比重达到3%以上的，对比上年新增的研发费用按10%奖励；比重达到5%以上的，按15%奖励。"
SALARY = "企业引进人才，年薪50万元以上的，按年薪的6%给予补助；年薪120万元以上的，按年薪的10%给予补助。"
COUPLE = (
    "新落户的正高级、副高级教师，分别给予购房补贴18万元、10万元。夫妻双方均符合条件的，按就高原则享受一份，"
    "另一方按标准的50%叠加。"
)
NAMES = "新认定的专精特新“小巨人”企业、省级专精特新中小企业、创新型中小企业，分别奖励100万元、30万元、5万元。"


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over(POLICIES, tmp_path_factory.mktemp("policies"))


def ask(engine: AnswerEngine, question: str) -> Answer:
    return engine.answer(question, (), TODAY)


@pytest.mark.parametrize("said", ["首次破6亿元", "首次过了6亿元", "首次超过6亿元", "首次突破6亿元"])
def test_a_bound_that_is_said_to_be_exceeded_is(said: str) -> None:
    assert one(understand(f"年产值{said}，奖多少"), of_text(TIERS)).result == "130万元"


def test_a_bound_that_is_just_reached_is_not_exceeded() -> None:
    assert one(understand("年产值正好6亿元，首次，奖多少"), of_text(TIERS)).result == "40万元"


def test_a_share_of_the_award_is_none_of_the_investment() -> None:
    worked = work_out(understand("利润再投资600万美元，奖多少"), of_text(AWARD))
    assert not any("120万美元" in found.result for found in worked)


def test_two_shares_of_one_growth_are_not_added() -> None:
    asked = understand("营收2亿元，研发费去年800万今年1200万，研发奖励能拿多少")
    assert not any(found.result in ("100万元", "40万元") for found in work_out(asked, of_text(GROWTH)))


def test_what_a_grant_comes_to_is_no_salary() -> None:
    asked = understand("年薪补助算下来150万、猎头费补助40万，加起来实际给多少")
    assert not any(found.result for found in work_out(asked, of_text(SALARY)))
    assert one(understand("年薪150万，补多少"), of_text(SALARY)).result == "15万元"


def test_of_a_couple_by_two_rules_neither_gets_a_share_of_the_own_sum() -> None:
    asked = understand("夫妻俩新落户，一个正高级教师一个副高级教师，购房补贴合起来多少")
    shown = " ".join(found.sentence + found.result for found in work_out(asked, of_text(COUPLE)))
    assert "27万元" not in shown
    assert "15万元" not in shown
    both = one(understand("夫妻俩都是新落户的正高级教师，购房补贴合起来多少"), of_text(COUPLE))
    assert both.result == "27万元"


def test_names_of_a_list_begin_behind_its_relative_clause() -> None:
    names = [benefit.beneficiary for benefit in read(NAMES)]
    assert names == [
        "新认定的专精特新“小巨人”企业",
        "新认定的省级专精特新中小企业",
        "新认定的创新型中小企业",
    ]


def test_what_the_next_tier_brings_besides_is_not_told_as_due(engine: AnswerEngine) -> None:
    answer = ask(engine, "碧屿市渔获加工企业年产值首次超过3亿元奖多少")
    assert "40万元" in answer.text
    assert NEXT_TIER in answer.text
    assert "90万元" not in answer.text
    assert "15万元" not in answer.text


def test_the_item_with_the_figure_asked_for_is_told_alone(engine: AnswerEngine) -> None:
    answer = ask(engine, "碧屿市渔船更新补助要求船员社保缴满多久")
    assert "24个月" in answer.text
    assert "失信" not in answer.text
    assert "失信" in ask(engine, "碧屿市渔船更新补助有什么条件").text


@pytest.mark.parametrize("question", ["区里要配套多少?", "市里和区里怎么分担?", "县里要给多少比例的配套"])
def test_who_bears_the_money_is_found_by_the_form_of_the_sentence(engine: AnswerEngine, question: str) -> None:
    answer = ask(engine, question)
    assert "财政体制" in answer.text
    assert not any(figure in answer.text for figure in ("%", "万元"))


@pytest.mark.parametrize(
    "question", ["碧屿市的安家补贴领了，租金补贴能一起领吧？", "碧屿市领了安家补贴还能领租金补贴吗"]
)
def test_a_grant_for_those_who_had_no_other_is_not_for_those_who_had(engine: AnswerEngine, question: str) -> None:
    assert ask(engine, question).text.startswith("不能")


def test_a_kind_that_is_asked_for_is_told_by_its_members(engine: AnswerEngine) -> None:
    assert "鲍鱼" in ask(engine, "碧屿市予以重点发展的特色养殖品种有哪些？").text


def test_figures_name_no_rule_of_another_place(engine: AnswerEngine) -> None:
    assert ask(engine, "福建省是首次超过6亿元的130万还是40万?").status == "refused"


def test_what_is_set_aside_is_not_searched_for() -> None:
    assert without_denied("不要租房补贴的,安家费有多少") == "安家费有多少"
    assert without_denied("安家费有多少") == "安家费有多少"


@pytest.mark.parametrize("question", ["裁员率要低于多少", "事故率不能高于多少"])
def test_a_bound_asked_for_is_a_condition(question: str) -> None:
    wants = understand(question).wants
    assert Want.CONDITION in wants
    assert Want.AMOUNT not in wants


def test_the_number_format_of_training_is_chosen_by_trying() -> None:
    assert pays_in_bfloat16() in (True, False)
