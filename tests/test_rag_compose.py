"""How composed answers read: punctuation, tables, lists, several policies, validity, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Benefit, Clause, Edition, EditionKind, Policy, PolicyFacts, SourceSpan
from rag.compose.arrange import arranged
from rag.compose.draft import Draft, between_pauses, full_width, one_line, spoken, supporting
from rag.compose.table import row_statement, rows, without_heads
from rag.compose.validity import asks_when, stated_validity, validity_lines, verdict
from rag.compose.wording import benefit_sentence
from rag.sentences import split_sentences
from rag.verify import Quote, Statement, verified

DAY = date(2026, 11, 21)
TABLE = "按下表奖励。\n等级\t得分\t奖励金额（万元）\n甲级\t90分以上\t80\n乙级\t60分以上\t20\n奖励一次性拨付。"


def clause(text: str, path: str = "3", start: int = 0) -> Clause:
    return Clause(path, f"第{path}条", None, text, text, SourceSpan(start, start + len(text)))


def quote(text: str, words: str | None = None, *, path: str = "3", policy: str = "p", start: int = 0) -> Quote:
    at = text.index(words) if words else 0
    return Quote(policy, clause(text, path, start), at, at + len(words or text))


def policy(policy_id: str, facts: PolicyFacts, *clauses: Clause) -> Policy:
    return Policy(policy_id, facts, (Edition("file.txt", "0", EditionKind.ORIGINAL, facts, clauses),))


def benefit(beneficiary: str, **values: object) -> Benefit:
    plain = Benefit(path="3", beneficiary=beneficiary, condition=None, kind="奖励", quote="", **_NOTHING)
    return replace(plain, **values)


_NOTHING = {"amount": None, "rate": None, "base": None, "cap": None, "threshold": None, "period": None}


# Sentences


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("国家级的奖励100万元；", "国家级的奖励100万元。"),
        ("应当符合下列条件：", "应当符合下列条件："),
        ("另行制定", "另行制定。"),
        ("奖励20\n万元。", "奖励20万元。"),
        ("（责任单位：市科技局）。", "责任单位：市科技局。"),
        ("（申请材料）应当提交投资协议。", "应当提交投资协议。"),
        ("（2024年）的资金另行安排。", "（2024年）的资金另行安排。"),
    ],
)
def test_a_quote_is_said_as_a_whole_sentence(written: str, said: str) -> None:
    assert one_line(quote(written)) == said


def test_a_fragment_is_quoted_from_pause_to_pause() -> None:
    part = between_pauses(quote("每年安排2000万元，具体政策另行制定。", "另行"))
    assert part.text == "具体政策另行制定"


@given(st.text(alphabet="市级奖励，。；100万元（）", min_size=1, max_size=40), st.data())
def test_a_widened_quote_holds_the_words_it_was_made_from(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = Quote("p", clause(text), start, data.draw(st.integers(start + 1, len(text))))
    wide = between_pauses(part)
    assert 0 <= wide.start <= part.start < part.end <= wide.end <= len(text)


@pytest.mark.parametrize(
    ("half", "full"),
    [
        ("按标准算是450万元,超过了上限300万元。", "按标准算是450万元，超过了上限300万元。"),
        ("分三年按4:3:3兑付", "分三年按4:3:3兑付"),
        ("共1,000元(含税)", "共1,000元（含税）"),
        ("前提:投入50%,达到一级", "前提：投入50%，达到一级"),
    ],
)
def test_chinese_words_get_chinese_punctuation_and_figures_keep_theirs(half: str, full: str) -> None:
    assert full_width(half) == full


def test_the_words_of_a_clause_are_said_once() -> None:
    text = "评为甲级的，奖励30万元。由乙级升级的，补足差额。"
    draft = Draft()
    draft.say("评为甲级的，奖励30万元（由乙级升级的，补足差额）。", [quote(text, "评为甲级的，奖励30万元")])
    draft.quote([quote(text, "由乙级升级的，补足差额。")])
    assert len(draft.statements) == 1


def test_the_rule_stands_in_another_paragraph_than_what_was_computed_from_it() -> None:
    rule = quote("按投资额的10%补助，最高50万元。")
    draft = Draft()
    draft.say("按文件可获补助30万元。", [rule], derived=["300万元 × 10% = 30万元"])
    draft.say(one_line(rule), [rule], new=False)
    assert [statement.paragraph for statement in draft.statements] == [0, 1]


# Benefits


@pytest.mark.parametrize(
    ("given_benefit", "said"),
    [
        (benefit("申请奖励的企业（国家级工厂）", amount=2_000_000), "申请奖励的企业，国家级工厂奖励200万元。"),
        (benefit("国内首台（套）", amount=1_000_000), "国内首台（套）奖励100万元。"),
        (benefit("年收入首次达到下列数额的（达到5亿元的）", amount=500_000), "年收入首次达到5亿元的，奖励50万元。"),
        (
            benefit("符合条件的人才（A类人才）", kind="安家费", cap=3_000_000),
            "符合条件的人才，A类人才安家费最高300万元。",
        ),
        (benefit("每新增1人", kind="补贴", amount=1500, base="每新增1人"), "每新增1人补贴1500元。"),
        (benefit("已付利息", kind="贴息", rate=0.4, base="已付利息"), "已付利息按40%贴息。"),
        (benefit("首次贷款的", rate=0.01, base="贷款额", period="一次性"), "首次贷款的，按贷款额的1%一次性奖励。"),
        (benefit("有下列情形的", rate=0.03, base="补助比例"), None),
    ],
)
def test_a_benefit_is_one_plain_sentence(given_benefit: Benefit, said: str | None) -> None:
    assert benefit_sentence(given_benefit) == said


# Tables


def test_rows_of_a_table_are_sentences_of_their_own() -> None:
    parts = [TABLE[one.start : one.end] for one in split_sentences(clause(TABLE))]
    assert parts[2:4] == ["甲级\t90分以上\t80", "乙级\t60分以上\t20"]
    assert parts[-1] == "奖励一次性拨付。"


def test_a_row_is_said_with_the_names_of_its_columns_and_passes_the_check() -> None:
    draft = Draft()
    draft.quote([quote(TABLE, "乙级\t60分以上\t20")])
    assert [one.text for one in draft.statements] == ["乙级：得分60分以上，奖励金额20万元。"]
    kept, reasons = verified(draft.statements)
    assert (len(kept), reasons) == (1, ())


# Arrangement


def _paragraphs(*quotes: Quote) -> list[Statement]:
    return [Statement(one_line(one), (one,), at) for at, one in enumerate(quotes)]


def test_items_of_a_list_are_numbered_and_their_introduction_is_not() -> None:
    quotes = [
        quote("有下列情形之一的：", path="5"),
        quote("虚报的；", path="5.1", start=20),
        quote("拒查的。", path="5.2", start=30),
    ]
    shown = arranged(_paragraphs(*quotes), [], [policy("p", PolicyFacts(title="办法"))], DAY)
    assert [one.text for one in shown] == ["有下列情形之一的：", "1. 虚报的。", "2. 拒查的。"]


def _shown(*quotes: Quote) -> list[str]:
    return [one.text for one in arranged(_paragraphs(*quotes), [], [policy("p", PolicyFacts(title="办法"))], DAY)]


def test_items_of_items_are_counted_below_their_own_item_and_a_second_paragraph_is_none() -> None:
    said = _shown(
        quote("应当符合下列条件：", path="3"),
        quote("比重符合下列要求：", path="3.1", start=10),
        quote("小企业不低于4%；", path="3.1.1", start=20),
        quote("大企业不低于3%，其中：", path="3.1.2", start=30),
        quote("软件企业不低于6%；", path="3.1.2.1", start=40),
        quote("食品企业不低于2%。", path="3.1.2.2", start=45),
        quote("依法纳税。", path="3.2", start=50),
        quote("成立不足三年的从成立之日起算。", path="3.p2", start=60),
    )
    assert said == [
        "应当符合下列条件：",
        "1. 比重符合下列要求：",
        "（1）小企业不低于4%。",
        "（2）大企业不低于3%，其中：",
        "· 软件企业不低于6%。",
        "· 食品企业不低于2%。",
        "2. 依法纳税。",
        "成立不足三年的从成立之日起算。",
    ]


def test_lists_that_follow_each_other_are_counted_on_unless_one_is_introduced() -> None:
    lists = [quote("退回奖励。", path="5.1"), quote("承诺十年。", path="5.2", start=10)]
    lists += [quote("甲奖20万元。", path="2.1", start=20), quote("乙奖10万元。", path="2.2", start=30)]
    assert _shown(*lists) == ["1. 退回奖励。", "2. 承诺十年。", "3. 甲奖20万元。", "4. 乙奖10万元。"]
    lists.insert(2, quote("奖励标准如下：", path="2", start=15))
    assert _shown(*lists) == ["1. 退回奖励。", "2. 承诺十年。", "奖励标准如下：", "1. 甲奖20万元。", "2. 乙奖10万元。"]


def test_an_introduction_stands_in_one_line_with_the_only_item_that_is_told() -> None:
    statements = _paragraphs(
        quote("有下列情形之一的，不予发放：", path="10"), quote("入住率低于30%的；", path="10.3", start=20)
    )
    shown = arranged(statements, [], [policy("p", PolicyFacts(title="办法"))], DAY)
    assert [(one.text, one.paragraph) for one in shown] == [
        ("有下列情形之一的，不予发放：", 0),
        ("入住率低于30%的。", 0),
    ]


def test_the_next_paragraph_of_an_article_is_not_what_its_first_one_introduces() -> None:
    said = _shown(quote("下列用水应当用再生水：", path="6"), quote("居民用水不受限制。", path="6.p2", start=20))
    assert said[-1] == "居民用水不受限制。"
    assert "1. " not in "".join(said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("其中投保新兴市场业务的，补贴55%。", "投保新兴市场业务的，补贴55%。"),
        ("突破10亿元的，奖励400万元，其中：", "突破10亿元的，奖励400万元。"),
    ],
)
def test_what_is_taken_out_of_its_context_does_not_point_into_it(written: str, said: str) -> None:
    assert _shown(quote(written)) == [said]


def test_how_long_a_policy_holds_is_no_item_of_its_last_list() -> None:
    statements = _paragraphs(
        quote("上市奖励不受限制。", path="4.12"), quote("本政策自2024年10月1日起执行。", path="4.15", start=20)
    )
    shown = arranged(statements, [], [policy("p", PolicyFacts(title="办法"))], DAY, closing=1)
    assert [one.text for one in shown] == ["上市奖励不受限制。", "本政策自2024年10月1日起执行。"]


def test_notes_whose_words_the_rule_says_are_not_said_twice() -> None:
    draft = Draft()
    rule = quote("经营满1年的奖励5万元，不低于50%的另奖。")
    draft.say("应奖励5万元。", [rule], derived=("5万元",))
    draft.say("前提：经营满1年的。", [rule], derived=("5万元",), new=False)
    draft.say("前提：在本市注册。", [rule], derived=("5万元",), new=False)
    draft.say(one_line(rule), [rule])
    draft.drop_repeated()
    assert [one.text for one in draft.statements] == ["应奖励5万元。", "前提：在本市注册。", one_line(rule)]


def test_words_of_a_clause_stay_together_whatever_is_quoted_between() -> None:
    draft = Draft()
    text = "三档奖励30万元。不分段计算。"
    draft.quote([quote(text, "三档奖励30万元。", path="4.3", start=30), quote("一档奖励10万元。", path="4.1")])
    draft.quote([quote(text, "不分段计算。", path="4.3", start=30)])
    assert [[one.text for one in paragraph] for paragraph in draft.paragraphs] == [
        ["三档奖励30万元。", "不分段计算。"],
        ["一档奖励10万元。"],
    ]


def test_a_part_of_a_sentence_gives_way_to_the_whole_of_it() -> None:
    text = "按投资额奖励：5000万元以上的，奖励5万元；1亿元以上的，奖励20万元。"
    draft = Draft()
    draft.quote([quote(text, "按投资额奖励：5000万元以上的，奖励5万元；"), quote(text)])
    assert [one.text for one in draft.statements] == [text]


def test_a_sentence_cites_what_it_speaks_of_and_not_all_that_stands_above_its_rule() -> None:
    rule, above = quote("按实际投入的25%补助。"), quote("投入不含土建、办公电脑和人员工资。", path="2")
    said = Statement("文件另有规定：投入不含土建、办公电脑和人员工资。", (rule, above), derived=("100万元",))
    assert supporting(said).quotes == (above,)
    assert supporting(Statement("可获100万元。", (rule, above), derived=("100万元",))).quotes == (rule,)


def test_of_a_table_whose_head_is_quoted_all_rows_are_told() -> None:
    head = quote(TABLE, "等级\t得分\t奖励金额（万元）")
    assert [statement.text for statement in spoken(head)] == [
        "甲级：得分90分以上，奖励金额（万元）80。",
        "乙级：得分60分以上，奖励金额（万元）20。",
    ]


def test_a_row_is_told_without_the_others_that_its_head_names() -> None:
    head, row = quote(TABLE, "等级\t得分\t奖励金额（万元）"), quote(TABLE, "乙级\t60分以上\t20")
    assert without_heads([head, row]) == [row]
    assert without_heads([head]) == [head]


def test_a_bound_in_the_name_of_a_column_holds_for_cells_that_say_of_whom() -> None:
    table = "对象\t标准\t上限\n技术经纪人\t每人5000元\t每人每年5000元"
    said = row_statement(rows(quote(table, "技术经纪人\t每人5000元\t每人每年5000元"))[0])
    assert said.text == "技术经纪人：标准每人5000元，上限每人每年5000元。"
    assert said.derived == ("每人每年5000元",)


def test_what_all_items_begin_with_is_said_once() -> None:
    lead = quote("对人才发放安家费：", path="4")
    items = [
        Statement(f"符合条件的人才，{name}安家费{amount}万元。", (quote(name, path=f"4.{at}", start=at), lead), at)
        for at, (name, amount) in enumerate((("甲类", 3), ("乙类", 2)), start=1)
    ]
    shown = arranged(items, [], [policy("p", PolicyFacts(title="办法"))], DAY)
    assert [one.text for one in shown] == ["符合条件的人才：", "1. 甲类安家费3万元。", "2. 乙类安家费2万元。"]
    assert shown[0].quotes == (lead,)


def test_an_introduction_without_items_is_left_out() -> None:
    statements = _paragraphs(quote("奖励20万元。", path="4"), quote("应当符合下列条件：", path="5", start=20))
    shown = arranged(statements, [], [policy("p", PolicyFacts(title="办法"))], DAY)
    assert [one.text for one in shown] == ["奖励20万元。"]


def test_policies_are_named_once_and_those_in_force_come_first() -> None:
    old = PolicyFacts(title="旧办法", effective_on=date(2020, 1, 1), expires_on=date(2022, 1, 1))
    new = PolicyFacts(title="新办法", effective_on=date(2025, 1, 1))
    quotes = [
        quote("奖励8万元。", policy="a"),
        quote("奖励9万元。", policy="b"),
        quote("另奖1万元。", path="6", policy="a"),
    ]
    shown = arranged(_paragraphs(*quotes), ["说明："], [policy("a", old), policy("b", new)], DAY)
    assert [one.text for one in shown] == [
        "说明：《新办法》（有效）：奖励9万元。",
        "《旧办法》（已失效）：奖励8万元。",
        "另奖1万元。",
    ]


# Validity


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("本办法自2025年3月15日起施行，有效期3年，由市商务局负责解释。", "自2025年3月15日起施行，有效期3年"),
        ("（施行时间）本细则自发布之日起执行。", "自发布之日起执行"),
        ("以上措施自2025年4月1日起施行，暂定两年。", "自2025年4月1日起施行，暂定两年"),
        ("本意见自印发之日起施行，文件有效期至2021年12月31日。", "自印发之日起施行，有效期至2021年12月31日"),
    ],
)
def test_only_what_states_a_validity_is_said_of_it(written: str, said: str) -> None:
    stated = stated_validity("p", [clause(written, "tail")])
    assert "，".join(words for words, _ in stated) == said
    assert all(part.text in written and "解释" not in part.text for _, part in stated)


def test_a_validity_that_is_quoted_is_not_said_again_and_a_draft_has_none() -> None:
    text = "本办法自2025年3月15日起施行。"
    facts = PolicyFacts(title="办法", effective_on=date(2025, 3, 15))
    own = policy("p", facts, clause(text, "tail"))
    (line,) = validity_lines([own], [], 4, DAY)
    assert (line.text, line.paragraph) == ("该文件自2025年3月15日起施行。", 4)
    assert validity_lines([own], [quote(text, path="tail")], 4, DAY) == []
    assert validity_lines([policy("p", replace(facts, draft=True), clause(text, "tail"))], [], 4, DAY) == []


def test_a_policy_that_no_longer_holds_says_so_where_it_says_how_long_it_held() -> None:
    text = "本意见有效期至2021年12月31日。"
    facts = PolicyFacts(title="意见", effective_on=date(2018, 1, 1), expires_on=date(2021, 12, 31))
    own = policy("p", facts, clause(text, "tail"))
    assert [line.text for line in validity_lines([own], [], 1, DAY)] == ["该文件有效期至2021年12月31日，已经失效。"]
    assert [line.text for line in validity_lines([own], [], 1, date(2020, 5, 1))] == ["该文件有效期至2021年12月31日。"]
    (named,) = validity_lines([own], [], 1, DAY, titled=True)
    assert named.text.startswith("《意见》有效期至")


@pytest.mark.parametrize(
    ("asked", "when"),
    [
        ("从什么时候起施行", True),
        ("有效期到哪天", True),
        ("现在还有效吗", False),
        ("开始执行了没", False),
        ("还能用么", False),
    ],
)
def test_whether_the_day_or_the_state_of_a_policy_is_asked_for(asked: str, when: bool) -> None:
    assert asks_when(asked) is when


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            PolicyFacts(title="甲", effective_on=date(2025, 1, 1), expires_on=date(2027, 1, 1)),
            "仍在有效期内",
        ),
        (
            PolicyFacts(title="乙", effective_on=date(2020, 1, 1), expires_on=date(2022, 1, 1)),
            "已经失效",
        ),
        (PolicyFacts(title="丙", period=(2021, 2023)), "期限为2021—2023年，已经期满"),
        (PolicyFacts(title="丁", effective_on=date(2027, 1, 1)), "尚未施行"),
        (
            PolicyFacts(title="戊", effective_on=date(2020, 1, 1), repealed_on=date(2024, 5, 1)),
            "已经废止",
        ),
        (PolicyFacts(title="己"), ""),
    ],
)
def test_the_status_on_a_day_is_said_first(facts: PolicyFacts, said: str) -> None:
    assert verdict(facts, DAY) == said
