"""What one reading does not answer: everyday words, a story in front, several parts, what stands elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
import rag_index

from rag.answer import Answer, AnswerEngine
from rag.terms import presence, synonyms
from rag.understand import understand
from rag.widen import widened

TODAY = date(2026, 3, 1)
POLICIES = {
    "会展": """# 临江市促进会展和药品流通发展若干规定

临政办〔2025〕3号

第一条 企业参加境外专业展会的,按展位费的50%给予补助,每家企业每年最高30万元。取得境外产品认证的,按认证费用的40%给予补助,
每张证书最高10万元。

第二条 总部企业购置自用办公用房的,按每平方米800元给予一次性补助,最高500万元。

第三条 申请补助的单位应当符合下列条件:
(一)近两年未因产品质量问题受到行政处罚;
(二)申请时未处于异常经营名录。

第四条 本规定不适用于房地产和药品零售企业。

第五条 企业应当在每年三月底前提交展位合同、付款凭证和认证证书,由市商务局初审。

第六条 享受补助的企业五年内将注册地迁出本市的,应当退回补助。

第七条 本规定自2025年6月1日起施行,有效期三年。
""",
    "养老": """# 白石县养老服务补助细则

白民发〔2025〕8号

第一条 新建养老机构的,每张床位给予建设补助8000元。

第二条 养老机构责任保险的保费,由县财政承担百分之八十。

第三条 本细则自2025年1月1日起施行,有效期五年。
""",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over(POLICIES, tmp_path_factory.mktemp("policies"))


def ask(engine: AnswerEngine, question: str, history: Sequence[tuple[str, str]] = ()) -> Answer:
    return engine.answer(question, history, TODAY)


def paths(answer: Answer) -> list[str]:
    return [citation.path for citation in answer.citations]


def test_an_everyday_word_is_as_good_as_the_words_of_policies() -> None:
    assert presence("药店", "本规定不适用于药品零售企业") > 0
    assert presence("药店", "本规定不适用于房地产企业") == 0


def test_each_everyday_word_is_listed_once_and_stands_for_others_than_itself() -> None:
    for word, others in synonyms().items():
        assert others, word
        assert word not in others, word


def test_who_is_shut_out_in_everyday_words_is_told_so(engine) -> None:
    answer = ask(engine, "在临江开药店,展会补助能享受吗")

    assert "4" in paths(answer)
    assert "不" in answer.text


def test_what_must_not_be_is_a_no_where_it_is_said_to_be(engine) -> None:
    answer = ask(engine, "去年因为产品质量被监管局罚过,还能申请展位费补助吗")

    assert answer.text.startswith("不能")
    assert "3.1" in paths(answer)


def test_the_story_says_what_the_question_behind_it_is_about(engine) -> None:
    answer = ask(engine, "总部公司在临江买办公楼自己用,一平米补多少,最多能拿多少")

    assert "800元" in answer.text
    assert "2" in paths(answer)


def test_a_sum_is_worked_out_with_the_figures_of_the_story(engine) -> None:
    answer = ask(engine, "我们是总部企业,买了3000平自用办公用房。市里能补多少")

    assert [made.result for made in answer.calculations] == ["240万元"]


def test_both_questions_of_two_are_answered(engine) -> None:
    answer = ask(engine, "两个问题:去境外参展,展位费补几成?境外产品认证费又补几成?")

    assert "50%" in answer.text
    assert "40%" in answer.text


def test_one_question_is_answered_once(engine) -> None:
    answer = ask(engine, "境外产品认证费补几成?")

    assert "50%" not in answer.text


def test_materials_are_found_in_another_article_of_the_policy(engine) -> None:
    answer = ask(engine, "临江参展的展位费补助要交哪些材料")

    assert "付款凭证" in answer.text
    assert "5" in paths(answer)


@pytest.mark.parametrize(("asked", "joins"), [("付款凭证必须要吗", True), ("那边的房价怎么样", False)])
def test_a_question_leans_on_the_one_before_unless_it_names_what_no_policy_has(engine, asked: str, joins: bool) -> None:
    lens = engine.lens(engine.reader())
    before = [("临江参展的展位费补多少", "按展位费的50%给予补助[1]。")]
    question = replace(understand(asked), joined=False)

    found = list(widened(question, before, lexicon=lens.lexicon, terms=lens.terms, today=TODAY))

    assert any("展位费" in one.text for one in found) is joins


def test_another_matter_does_not_lean_on_the_question_before(engine) -> None:
    before = [("临江参展的展位费补多少", "按展位费的50%给予补助[1]。")]

    assert ask(engine, "今天天气怎么样", before).status == "refused"


def test_a_place_stands_for_the_subject_where_one_policy_holds_there(engine) -> None:
    answer = ask(engine, "临江有哪些补贴")

    assert {"1", "2"} <= set(paths(answer))


def test_without_a_subject_or_a_place_the_question_is_given_back(engine) -> None:
    assert ask(engine, "有哪些补贴").status == "refused"


def test_a_reward_for_what_no_policy_names_is_not_taken_for_another_ones(engine) -> None:
    answer = ask(engine, "参展企业首次升规有奖励吗")

    assert answer.status != "answered"
