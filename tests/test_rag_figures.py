"""Figures worked out from questions as typed: by time and unit, over several rules, in parts, of another article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from index.benefits import extract
from index.models import Clause, PolicyFacts, SourceSpan
from rag.benefit_at import BenefitAt
from rag.calculate import Worked, work_out, work_out_sentence
from rag.understand import understand

FACTS = PolicyFacts("某市若干措施")


def benefits_of(*texts: str) -> tuple[BenefitAt, ...]:
    """Benefits of invented articles, numbered from 1."""
    clauses = [
        Clause(str(number), f"第{number}条", None, text, text, SourceSpan(0, len(text)))
        for number, text in enumerate(texts, start=1)
    ]
    found = extract(clauses, FACTS)
    by_path = {clause.path: clause for clause in clauses}
    return tuple(BenefitAt("p", by_path[benefit.path], benefit) for benefit in found)


def worked(question: str, benefits: Sequence[BenefitAt], beside: Sequence[BenefitAt] = ()) -> Worked | None:
    return next(iter(work_out(understand(question), benefits, beside)), None)


RENT = "租住住房的博士，每月给予补贴2500元，累计不超过36个月。"
OFFICE = "入驻园区的企业，自用办公用房按每平方米每月20元补助，面积上限1000平方米。"
STAFF = "企业招用首次就业的员工，每人补贴1000元，每家企业最高50万元。"
TRAINS = "组织专列的，每列奖励2万元；组织包机的，每架次奖励1.5万元。"
STAGED = "攻关项目按研发投入的30%给予资助，最高500万元，立项时拨付50%，通过验收后拨付其余部分。"


@pytest.mark.parametrize(
    ("question", "rule", "result"),
    [
        ("博士租房补贴领两年一共多少", RENT, "6万元"),
        ("博士来租房,一年能领多少补贴", RENT, "3万元"),
        ("博士租房补贴领四年一共多少", RENT, "9万元"),  # no longer than the rule pays
        ("园区办公租了500平,每个月能补多少", OFFICE, "1万元"),
        ("园区办公租了1500平米,每个月能补多少", OFFICE, "2万元"),
        ("招了60个新员工,能补多少", STAFF, "6万元"),
        ("发了12趟专列,还包机20架次,一共奖多少", TRAINS, "54万元"),
        ("研发投了1500万,立项的时候先给多少", STAGED, "225万元"),
        ("研发投了1500万,剩下的部分验收后给多少", STAGED, "225万元"),
        ("研发投了1500万,一共给多少", STAGED, "450万元"),
    ],
)
def test_a_sum_is_worked_out_per_unit_and_time_and_by_parts(question: str, rule: str, result: str) -> None:
    found = worked(question, benefits_of(rule))

    assert found is not None
    assert found.complete
    assert found.result == result


def test_a_share_of_what_the_article_before_pays_is_added_to_it() -> None:
    (first,) = benefits_of("工业项目，按设备投资额的8%给予奖励。")
    words = "农产品深加工项目，按前条标准上浮20%"
    clause = Clause("2", "第二条", None, words, words, SourceSpan(0, len(words)))
    rule = replace(first.benefit, path="2", beneficiary="农产品深加工项目", rate=0.2, base="前条标准上浮", quote=words)

    found = worked("农产品深加工项目,设备投资3000万,奖励多少", [BenefitAt("p", clause, rule)], [first])

    assert found is not None
    assert found.result == "288万元"


def test_things_counted_get_the_share_that_is_for_those_who_take_part() -> None:
    rules = benefits_of(
        "主导制定国家标准、行业标准的，分别给予每项40万元、15万元奖励；参与制定的，按前述标准的30%给予奖励。"
    )

    found = worked("我们参与制定了2个国家标准、1个行业标准,都不是主导,能拿多少", rules)

    assert found is not None
    assert found.result == "28.5万元"


def test_tickets_are_no_shows() -> None:
    found = worked("演唱会卖了4800张票,补助多少", benefits_of("举办大型演出的，每场给予主办单位15万元补助。"))

    assert found is None or not found.complete


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("税收超10亿元的楼宇要有几幢", "税收超10亿元楼宇5幢，重点楼宇平均入驻率达到88%。"),
        ("年营收30亿,研发强度2.2%,骨干企业进得去吗", "年营业收入10亿元以上，研发投入强度不低于2.5%。"),
        ("四星级的三年一共补多少", "评为五星级、四星级的，每年分别补助运营经费15万元、10万元。"),
    ],
)
def test_no_share_and_no_sum_is_made_of_figures_that_do_not_belong_together(question: str, sentence: str) -> None:
    assert work_out_sentence(understand(question), sentence) is None


def test_a_share_of_a_quantity_is_worked_out_where_it_is_asked() -> None:
    found = work_out_sentence(understand("出让1000亩工业用地,标准地至少要多少亩"), "新增工业用地80%以上按标准地出让。")

    assert found is None or found.result == "800亩"
