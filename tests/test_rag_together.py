"""Rules that stand apart from what names them: a base counted elsewhere, sums with their dates, rows of a table."""

from __future__ import annotations

from datetime import date

import pytest
import rag_index

from rag.answer import Answer, AnswerEngine

TODAY = date(2026, 3, 1)
POLICY = """# 云泽市促进制造业发展若干规定

云政办〔2025〕9号

第一条 企业实施技术改造,设备投资300万元以上的,分段补助:1000万元(含)以下部分按5%,1000万元以上部分按8%,最高500万元。

第二条 对全职引进的甲类人才、乙类人才,分别给予90万元、45万元安家补助。
安家补助分两期发放:到岗满一年发放60%,满三年发放40%。

第三条 新开货运航线并稳定运营的,按下表给予补贴:

| 航线类别 | 补贴标准 |
| --- | --- |
| 远程航线 | 每航次补贴18万元 |
| 区域航线 | 每航次补贴7万元 |

第四条 设备投资额按不含税发票金额计算,付款比例应当达到70%以上,未付款部分不计入。

第五条 本规定自2025年6月1日起施行,有效期三年。
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over({"云泽": POLICY}, tmp_path_factory.mktemp("policies"))


def ask(engine: AnswerEngine, question: str) -> Answer:
    return engine.answer(question, as_of=TODAY)


def test_the_rule_is_found_by_the_base_that_another_clause_says_how_to_count(engine) -> None:
    answer = ask(engine, "云泽技改,设备不含税发票1600万、款都付清了,能补多少")
    assert answer.status == "answered"
    assert "98万元" in answer.text


def test_the_sum_is_told_with_the_parts_it_is_paid_in(engine) -> None:
    answer = ask(engine, "云泽乙类人才全职过来,安家补助一共多少,分几次给、每次几成")
    assert all(figure in answer.text for figure in ("45万元", "60%", "40%"))


def test_the_rows_of_the_table_follow_what_announces_it(engine) -> None:
    answer = ask(engine, "云泽新开一条货运航线,一个航次补多少")
    assert all(figure in answer.text for figure in ("18万元", "7万元"))
