"""Whole answers: each ask of a question, the items of a lead, all rows of a table, what comes of a deed."""

from __future__ import annotations

from datetime import date

import pytest
import rag_index

from index.parse.headings import heading_end
from index.parse.markers import Kind
from rag.abbreviated import abbreviates
from rag.answer import Answer, AnswerEngine
from rag.asked import asks_amount
from rag.compose.asks import asks_of
from rag.understand import understand
from rag.verify.plain import fold

TODAY = date(2026, 3, 1)
POLICY = """# 澄屿市促进水产养殖和休闲渔业发展办法

澄政规〔2025〕6号

第一条 新建深水网箱的,每口补助4万元;网箱加装自动投喂设备的,再补助1.5万元。

第二条 引进水产良种的,按引种费的35%补助,每家最高25万元。对提供技术服务的渔业技术推广机构,每服务一家给予0.8万元。

第三条 休闲渔船更新改造的,按照下列标准给予补助:

(一)木质渔船改为玻璃钢渔船的,每艘6万元;

(二)加装电动推进装置的,每艘9万元。

第四条 开通休闲渔业航线的,按下表给予补贴:

| 航线类别 | 每年最低班次 | 每班补贴(元) |
| --- | --- | --- |
| 岛际观光 | 200 | 500 |
| 夜游航线 | 150 | 800 |

第五条 享受网箱补助的设施五年内不得转让,转让的应当退回全部补助。

第六条 下列支出不纳入:

(一)渔船保险费;

(二)码头泊位租金。

第七条 本办法自2025年7月1日起施行,有效期三年。
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> AnswerEngine:
    return rag_index.engine_over({"澄屿": POLICY}, tmp_path_factory.mktemp("policies"))


def ask(engine: AnswerEngine, question: str) -> Answer:
    return engine.answer(question, as_of=TODAY)


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("澄屿建一口深水网箱补多少,加自动投喂的另外补不补", ("4万元", "1.5万元")),
        ("澄屿引进水产良种补几成,技术推广机构有没有", ("35%", "0.8万元")),
    ],
)
def test_each_ask_of_a_question_is_met_from_the_clause(engine, question: str, figures: tuple[str, ...]) -> None:
    answer = ask(engine, question)
    assert answer.status == "answered"
    assert all(figure in answer.text for figure in figures)


def test_a_question_with_one_ask_is_told_one_rule(engine) -> None:
    assert "0.8万元" not in ask(engine, "澄屿引进水产良种补几成").text


def test_a_lead_is_told_with_its_items(engine) -> None:
    text = ask(engine, "澄屿休闲渔船更新改造有哪些补助标准").text
    assert "6万元" in text
    assert "9万元" in text


def test_all_rows_of_a_table_are_told_where_each_is_asked_for(engine) -> None:
    text = ask(engine, "澄屿休闲渔业航线有哪几类,每班各补多少").text
    assert "500元" in text
    assert "800元" in text


def test_what_comes_of_a_deed_is_told_from_the_clause_that_takes_the_money_back(engine) -> None:
    assert "退回全部补助" in ask(engine, "澄屿网箱补助拿了,第三年把网箱卖了会怎么样").text


def test_what_is_not_counted_in_is_told_with_its_items(engine) -> None:
    text = ask(engine, "澄屿渔业补助里哪些支出不能算").text
    assert "保险费" in text
    assert "泊位租金" in text


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("建站给多少,之后每招一个又给多少", ("建站给多少", "之后每招一个又给多少")),
        ("补贴按多少算、一年封顶多少", ("补贴按多少算", "一年封顶多少")),
        ("验收过了先到账多少剩下多少", ("验收过了先到账多少", "剩下多少")),
        ("网箱、渔船、码头各怎么补", ("网箱、渔船、码头各怎么补",)),
    ],
)
def test_asks_are_told_apart_with_and_without_marks(text: str, asks: tuple[str, ...]) -> None:
    assert asks_of(text) == asks


def test_a_short_form_has_the_characters_of_the_name_in_order_and_close() -> None:
    assert abbreviates("律所", "会计师事务所、律师事务所")
    assert abbreviates("科创债", "发行科技创新债券的")
    assert not abbreviates("律所", "按照法律规定,在本市的研究所")


def test_a_share_that_is_to_be_reached_is_no_sum_that_is_given() -> None:
    assert not asks_amount(understand("本地配套率要提到多少"))
    assert asks_amount(understand("贷款贴息率是多少"))


def test_three_digits_in_the_next_cell_are_a_figure_of_their_own() -> None:
    assert "300;600" in fold("岛际\t300\t600").text


def test_a_first_sentence_with_a_month_is_no_heading() -> None:
    assert heading_end("每年集中申领一次,时间为8月。审定结果公示7天。", Kind.CN_BRACKET, parent=False) == 0
    assert heading_end("优化申领服务。审定结果公示7天。", Kind.CN_BRACKET, parent=False) == 6
