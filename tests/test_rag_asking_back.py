"""Questions back: what is asked, how an answer to it is understood, and what is left when a category is denied."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import rag_index

from rag.answer import Answer, AnswerEngine
from rag.replies import asked_again, choices, statement

TODAY = date(2026, 11, 21)
POLICY = """青屏市支持工业企业发展若干政策

青屏市人民政府

第一条 支持技术改造。技术改造投资项目实际投入（设备和软件）为4000万元（含）—9000万元、9000万元（含）—3亿元、3亿元（含）\
以上的，按照《青屏市财税政策》的有关规定支持；技术改造项目属于绿色低碳、“智造强市”等类别的，实际投入的申报标准降至1500万元。

第二条 支持扩大出口。年出口额3000万元（含）以上、同比增幅8%（含）以上的生产型企业，给予20万元奖励。

第三条 支持企业上云。企业租用公有云服务的，按年度服务费的30%给予补助，最高10万元。

第四条 支持质量提升。获得国家级、省级质量奖的企业，分别给予100万元、50万元奖励。

第五条 支持人才引进。企业新引进博士研究生的，按每人3万元给予补贴。

第六条 支持绿色制造。认定为国家级、省级绿色工厂的，分别给予60万元、30万元奖励。

第七条 支持企业做大。年营业收入首次达到10亿元、50亿元、100亿元的工业企业，分别奖励50万元、200万元、500万元。

第八条 本政策自2025年1月1日起施行，有效期至2028年12月31日。
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    folder = tmp_path_factory.mktemp("asking-back")
    file = Path(folder) / "技改.txt"
    file.write_text(POLICY, encoding="utf-8")
    # Beside other policies, as in an office: of eight clauses alone no word is rare.
    return AnswerEngine.from_settings(rag_index.built(folder / "data", [file, *rag_index.INVENTED]))


def asked(engine: AnswerEngine, question: str) -> Answer:
    return engine.answer(question, as_of=TODAY)


def replied(engine: AnswerEngine, question: str, words: str, reply: str) -> Answer:
    """The answer after the question back that has `words` was answered."""
    first = asked(engine, question)
    back = next(one for one in first.ask_back if words in one)
    return engine.answer(asked_again(question, statement(back, reply)), [(question, first.text)], TODAY)


def test_a_wish_to_apply_asks_for_what_is_missing(engine) -> None:
    answer = asked(engine, "我们在青屏市做印染,想申请出口奖励")
    assert any("年出口额" in one for one in answer.ask_back)
    assert any("生产型企业" in one for one in answer.ask_back)


def test_a_confirmed_fact_is_not_asked_again_and_a_denied_one_decides(engine) -> None:
    question = "想领青屏市的出口奖励,我们够条件吗"
    confirmed = replied(engine, question, "生产型企业", "是")
    assert confirmed.ask_back
    assert not any("生产型企业" in one for one in confirmed.ask_back)
    denied = replied(engine, question, "生产型企业", "不是")
    assert not denied.ask_back
    assert "不是生产型企业" in denied.text


def test_a_figure_is_taken_for_what_was_asked(engine) -> None:
    answer = replied(engine, "想领青屏市的出口奖励,我们够条件吗", "年出口额", "3500万元")
    assert "3500万元" in answer.text
    assert not any("年出口额" in one for one in answer.ask_back)


def test_who_is_none_of_the_categories_is_judged_by_the_general_rule(engine) -> None:
    question = "青屏市企业想申请技术改造补助,有什么门槛?"
    back = next(one for one in asked(engine, question).ask_back if choices(one))
    answer = replied(engine, question, back[:10], "都不是")
    assert "4000万元" in answer.text
    assert not answer.text.startswith(("不能", "不符合", "不够"))


def test_tiers_that_follow_one_another_are_one_requirement(engine) -> None:
    answer = asked(engine, "青屏市企业想申请技术改造补助,有什么门槛?")
    shown = answer.text + "".join(answer.ask_back)
    assert "不足9000万元" not in shown


def test_what_shuts_out_is_the_reason_and_not_the_tier_above(engine) -> None:
    answer = asked(engine, "青屏市的工业企业,去年营业收入60亿元,但不是首次达到50亿,能申请做大奖励吗?")
    first = answer.text.split("\n")[0]
    assert "首次" in first
    assert "100亿元" not in first


def test_a_new_subject_leaves_the_figures_of_the_old_story_behind(engine) -> None:
    story = "青屏市的工业企业,去年营业收入首次到60亿元,这次能拿多少奖励?"
    first = asked(engine, story)
    answer = engine.answer("那省级绿色工厂呢?", [(story, first.text)], TODAY)
    assert "30万元" in answer.text
    assert "200万元" not in answer.text
