"""What the questioner tells is held against the rule: bounds, classes, years, bans, alternatives.

Over policies invented for this.
"""

from __future__ import annotations

from datetime import date

import pytest
import rag_index

from rag.answer import AnswerEngine

TODAY = date(2026, 3, 1)
POLICIES = {
    "会展": """# 苍屏市会展业发展扶持办法

苍政办〔2025〕9号

第一条 申请认定会展龙头单位的,应当同时符合下列条件:
(一)上一年度营业收入不低于3亿元;
(二)上一年度在本市纳税总额不低于600万元,其中酒店业不低于1500万元;
(三)展陈企业设计人员占职工总数的比例不低于40%,其他企业不低于20%。

第二条 对在本市举办的展会,室内展馆购置灯光音响设备,设备采购额在80万元以上的,按采购额的12%给予补助。
境外机构不得以合作方名义申领。

第三条 会展讲师资助面向讲师团队。讲师团队应当签订合作协议,核心讲师不少于5人。讲师团队不受第一条限制。

第四条 取消省内巡展补贴。境外巡展的,每场补贴2万元。

第五条 有下列情形之一的单位,不予扶持:
(一)发生踩踏事故的;
(二)拖欠搭建款,经责令清偿仍未清偿的。

第六条 本办法自2025年2月1日起施行,有效期三年。
""",
    "渔家": """# 鹤汀县渔家客栈补助细则

鹤文旅〔2025〕3号

一、申请装修补助的客栈应当同时符合下列条件:
(一)客房10间以上;
(二)在本县经营满3年;
(三)上一年度接待收入不低于50万元,或者获评等级客栈不少于1次。

二、社会保险费补贴:缴费满6个月、上年度未减员或者减员率不高于6%的客栈,可以享受补贴;职工20人以下的客栈,减员率不高于职工总数25%。

三、本细则自2025年1月1日起施行,有效期三年。
""",
    "来才": """# 棠溪区青年人才安居办法

棠人社〔2025〕5号

第一条 对毕业3年内来我区企业首次就业、连续缴纳社会保险满12个月的全日制博士,每人每月发放租房补贴2000元。

第二条 专利、商标的申请和授权环节不再给予资助。

第三条 申请人才资助的,应当是具有本区户籍或者持有居住证的个人。

第四条 企业从业人员不超过200人或者上年度营业收入不超过2亿元的,可以申请人才服务券。

第五条 本办法自2025年1月1日起施行,有效期三年。
""",
}
NO = ("不能", "不够", "不符合", "不算")
YES = ("可以", "够", "符合", "算")


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return rag_index.engine_over(POLICIES, tmp_path_factory.mktemp("policies"))


def answered(engine: AnswerEngine, question: str) -> str:
    return engine.answer(question, (), TODAY).text


@pytest.mark.parametrize(
    ("question", "bound"),
    [
        ("我们是酒店,营收5亿,去年在苍屏市交税900万,够不够认定会展龙头单位", "酒店业要求的1500万元"),
        ("我们是展陈公司,设计人员占职工30%,苍屏会展龙头单位认得上吗", "40%"),
        ("展馆新装灯光音响,买了60万,苍屏能补吗", "80万元"),
        ("三个人的讲师团队,苍屏会展讲师资助能申吗", "5人"),
        ("8间客房,鹤汀客栈装修补助够不够格", "10间"),
        ("我们客栈2025年5月才在鹤汀开业,能申请装修补助吗", "3年"),
        ("全日制博士毕业第6年,第一次来棠溪的企业上班,租房补贴能领吗", "3年"),
        ("我们就16个人,去年减了8个,鹤汀社保补贴还能拿到吗", "25%"),
    ],
)
def test_a_bound_that_is_missed_is_the_verdict(engine, question, bound):
    text = answered(engine, question)
    assert text.startswith(NO), text
    assert bound in text.splitlines()[0], text


@pytest.mark.parametrize(
    "question",
    [
        "我们搞场馆搭建,设计人员占职工30%,苍屏会展龙头单位认得上吗",
        "六个人的讲师团队,苍屏会展讲师资助能申吗",
        "企业260人,去年营收1.5亿,棠溪人才服务券能申请吗",
        "我们就16个人,去年减了2个,鹤汀社保补贴还能拿到吗",
        "有棠溪的居住证,个人能申请人才资助吗",
        "拖欠过搭建款,责令清偿,后来已经清偿了,苍屏会展扶持还能申请吗",
        "苍屏境外巡展能拿补贴吗",
        "接待收入80万,没有等级客栈,鹤汀装修补助够条件吗",
    ],
)
def test_no_verdict_against_whom_the_rule_does_not_shut_out(engine, question):
    text = answered(engine, question)
    assert not text.startswith(NO), text


@pytest.mark.parametrize(
    ("question", "starts"),
    [
        ("苍屏的省内巡展现在还有钱拿吗", "没有了,取消省内巡展补贴"),
        ("苍屏的省内巡展能拿补贴吗", "不能,取消省内巡展补贴"),
        ("我们是境外机构,跟本地展馆合作办展,苍屏设备补助能领吗", "不能,境外机构不得以合作方名义申领"),
        ("我们单位办展时出过踩踏事故,苍屏会展扶持能申请吗", "不能,发生踩踏事故的单位,不予扶持"),
        ("拖欠搭建款,责令清偿了还没清偿,苍屏会展扶持能申请吗", "不能,拖欠搭建款"),
        ("拖欠过搭建款,责令清偿,后来已经清偿了,苍屏会展扶持还能申请吗", "不影响,拖欠搭建款"),
    ],
)
def test_a_sentence_that_shuts_out_gives_the_verdict(engine, question, starts):
    text = answered(engine, question)
    assert text.replace("\uff0c", ",").startswith(starts), text


def test_of_alternatives_that_are_all_missed_it_is_said_that_one_is_enough(engine):
    text = answered(engine, "接待收入30万,没有等级客栈,鹤汀装修补助够条件吗")
    assert text.startswith("不够"), text
    assert "有一项达到即可" in text, text


def test_what_was_told_is_not_asked_for_again(engine):
    answer = engine.answer("博士毕业第2年,第一次来棠溪的企业上班,社保交了14个月,租房补贴能领吗", (), TODAY)
    assert "14个月" in answer.text, answer.text
    assert not any("社会保险" in asked or "毕业" in asked for asked in answer.ask_back), answer.ask_back


def test_one_condition_that_is_met_does_not_speak_for_the_list(engine):
    text = answered(engine, "我们客栈2019年5月在鹤汀开业,能申请装修补助吗")
    assert "可以" not in text.splitlines()[0], text
