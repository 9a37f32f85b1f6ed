"""What an answer is about: the thing that is named and no sibling of it, what the text leaves open, who is shut out."""

from __future__ import annotations

from datetime import date

import pytest
import rag_index

from rag.answer import Answer, AnswerEngine
from rag.compose.draft import Draft
from rag.compose.naming import other_measure, unnamed
from rag.compose.parts import add_named
from rag.subject import Subject
from rag.understand import Question, Want, understand
from rag.verify import Quote

TODAY = date(2026, 3, 1)
POLICIES = {
    "服务业": """# 临江市促进服务业发展若干规定

临政办〔2025〕7号

第一条 获评国家级绿色商场、绿色饭店的,奖励20万元。

第二条 企业参加境外展会的,按展位费的50%给予补助,每个展位最高2万元。

第三条 政府性融资担保机构开展小微企业担保的,按担保额的0.5%给予补助,最高200万元;发生代偿的,由风险补偿资金分担,
分担比例由市财政局另行规定。

第四条 会展企业取得国际展览业协会(UFI)认证的,奖励30万元。

第五条 下列企业不得享受本规定的补助:
(一)列入严重失信名单的企业;
(二)上一年度亏损的企业;
(三)房地产企业。

第六条 市商务局负责受理申请,具体申报时间以市商务局当年申报通知为准。

第七条 本规定自2025年6月1日起施行。
""",
    "人才": """# 白石县人才公寓管理细则

白住建〔2025〕2号

第一条 企业引进的博士入住人才公寓的,每月给予租金补贴1500元。

第二条 本细则自2025年1月1日起施行,有效期三年。
""",
    "能源": """# 松岭县绿色能源和人才补贴办法

松政发〔2025〕5号

第一条 新建屋顶光伏发电项目的,按发电量每千瓦时补助0.1元,最高50万元。

第二条 新建用户侧储能电站的,按放电量每千瓦时补助0.2元,最高80万元。

第三条 对首次升为规模以上的工业企业,奖励10万元。

第四条 对全职引进的人才,按照下列标准发放安家费:
(一)A类人才,100万元;
(二)B类人才,60万元;
(三)C类人才,30万元。
A类、B类人才的安家费分五年平均发放,C类人才的安家费分三年平均发放。

第五条 本办法自2025年1月1日起施行,有效期三年。
""",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over(POLICIES, tmp_path_factory.mktemp("policies"))


def ask(engine: AnswerEngine, question: str) -> Answer:
    return engine.answer(question, as_of=TODAY)


def test_a_title_that_the_rule_does_not_name_is_not_answered_with_its_siblings_sum(engine) -> None:
    answer = ask(engine, "临江市对国家级绿色工厂奖多少")
    assert answer.status == "refused"
    assert "绿色工厂" in answer.text
    assert "20万" not in answer.text


def test_the_title_that_the_rule_names_is_answered(engine) -> None:
    answer = ask(engine, "临江市对国家级绿色商场奖多少")
    assert answer.status == "answered"
    assert "20万元" in answer.text


def test_a_certificate_in_capitals_is_a_name(engine) -> None:
    assert ask(engine, "临江市对DCMM认证奖多少").status != "answered"
    assert ask(engine, "临江市对UFI认证奖多少").status == "answered"


@pytest.mark.parametrize(
    ("asked", "phrase", "told", "name"),
    [
        ("绿色工厂奖多少", "绿色工厂", "获评绿色商场的奖励20万元", "绿色工厂"),
        ("绿色商场奖多少", "绿色商场", "获评绿色商场的奖励20万元", ""),
        ("工程研究中心奖多少", "工程研究中心", "获认定的工业设计中心、企业研究院", "工程研究中心"),
        ("展会补多少", "展会", "参加展会的给予补助", ""),
        ("茶鲜叶补多少", "茶鲜叶", "收购茶鲜叶每吨补助500元", ""),
    ],
)
def test_a_name_is_missing_where_one_half_of_it_is(asked: str, phrase: str, told: str, name: str) -> None:
    assert unnamed(asked, [phrase], told) == name


def test_a_sum_for_a_measure_that_the_rule_does_not_count_in_is_not_stated(engine) -> None:
    assert other_measure("补多少一平方米", "每个展位最高2万元") == "平方米"
    assert other_measure("一度电补多少", "每千瓦时补助0.2元") == ""
    assert ask(engine, "临江市参加境外展会补多少一平方米").status == "partial"


def test_what_the_rule_leaves_to_other_rules_is_said_to_be_left_open(engine) -> None:
    answer = ask(engine, "临江市融资担保机构发生代偿,风险补偿资金分担几成")
    assert answer.status == "partial"
    assert "另行规定" in answer.text


def test_what_the_same_rule_states_is_answered(engine) -> None:
    answer = ask(engine, "临江市融资担保机构开展小微企业担保,补助几成")
    assert answer.status == "answered"
    assert "0.5%" in answer.text


def test_a_day_that_is_left_to_a_notice_is_not_stated(engine) -> None:
    answer = ask(engine, "临江市的补助什么时候申报")
    assert answer.status == "partial"
    assert "通知为准" in answer.text


def test_an_end_that_no_clause_states_is_said_to_be_missing(engine) -> None:
    answer = ask(engine, "临江市促进服务业发展若干规定有效期到哪一天")
    assert answer.status == "partial"
    assert "没有写明有效期" in answer.text
    assert ask(engine, "临江市促进服务业发展若干规定现在还有效吗").status == "answered"
    assert ask(engine, "白石县人才公寓管理细则有效期到哪一天").status == "answered"


def test_who_gets_nothing_is_told_by_the_list_that_says_so(engine) -> None:
    answer = ask(engine, "哪些企业不能拿临江市的补助")
    assert {"5.1", "5.2", "5.3"} <= {citation.path for citation in answer.citations}


def test_each_name_that_a_question_lists_is_looked_for_and_told(engine) -> None:
    reader = engine.reader()
    policy_id = next(key for key, facts in reader.facts().items() if facts.region == "松岭县")
    quotes = {
        name: Quote(policy_id, clause, 0, len(clause.text.rstrip()))
        for name, clause in (("光伏", reader.clause(policy_id, "1")), ("储能", reader.clause(policy_id, "2")))
        if clause is not None
    }
    question = understand("松岭县光伏和储能各怎么补")
    subject = Subject.of(question.focus, engine.lens(reader).terms, ignore=["松岭县"])
    asked: list[str] = []

    def drafting(part: Question, about: Subject) -> Draft:
        asked.append(part.focus)
        draft = Draft()
        draft.quote([quotes["储能"]])
        return draft

    draft = Draft()
    draft.quote([quotes["光伏"]])
    add_named(draft, question, subject, drafting)
    assert len(asked) == 1
    assert asked[0].startswith("储能")
    assert [quote.clause.path for quote in draft.quotes] == ["1", "2"]


def test_the_sector_tells_enterprises_of_one_size_apart(engine) -> None:
    assert ask(engine, "松岭县规上工业企业奖多少").status == "answered"
    assert ask(engine, "松岭县规上服务业企业奖多少").status != "answered"


def test_a_clause_that_adds_neither_words_nor_figures_is_not_cited(engine) -> None:
    answer = ask(engine, "松岭县C类人才安家费多少")
    assert "30万元" in answer.text
    assert "4.p2" not in {citation.path for citation in answer.citations}


@pytest.mark.parametrize("order", ["别引条款，也别说过期的事，", "不准提效力、不准提醒，", "不许说有效期，"])
def test_an_order_to_leave_something_out_is_no_question(order: str) -> None:
    question = understand(f"{order}绿色商场奖多少")
    assert question.text == "绿色商场奖多少"
    assert Want.VALIDITY not in question.wants


def test_whether_a_circumstance_counts_is_no_question_of_validity() -> None:
    assert Want.VALIDITY not in understand("卖给子公司的奖励算不算数").wants
    assert Want.VALIDITY in understand("去年的措施今年还算数吗").wants
