"""Policies named by number, title or short form, clause numbers in every spelling, and links between clauses."""

from __future__ import annotations

import random
import re

import pytest
import rag_index
import retrieval_index
from hypothesis import given
from hypothesis import strategies as st

from index.models import Clause, PolicyFacts, SourceSpan
from index.store import IndexReader
from rag.found import RetrievedClause
from rag.links import linked_clauses
from rag.mentions import title_index
from rag.references import find_references, named_policies, outline_at, policies_named, resolve
from rag.retrieve import retrieve
from rag.titles import compared, family, fold, title_years, years_in
from rag.understand import understand

LAWS = (
    "中华人民共和国民法典",
    "中华人民共和国公司法",
    "中华人民共和国消费者权益保护法",
    "中华人民共和国治安管理处罚法",
    "中华人民共和国消防法",
    "中华人民共和国民事诉讼法",
    "中华人民共和国刑事诉讼法",
    "中华人民共和国企业所得税法",
    "中华人民共和国企业所得税法实施条例",
    "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）",
    "个体工商户条例",
    "促进个体工商户发展条例",
)
FACTS = {
    **{name: PolicyFacts(title=name) for name in LAWS},
    "渔港": PolicyFacts(
        title="碧湾市人民政府关于促进现代渔业发展的若干意见", region="碧湾市", doc_number="碧政发〔2023〕8号"
    ),
    "渔业": PolicyFacts(title="远浦市促进现代渔业发展办法", region="远浦市", doc_number="远政规〔2022〕3号"),
    "茶23": PolicyFacts(title="关于印发《秀岭县茶产业扶持政策（2023版）》的通知", region="秀岭县"),
    "茶24": PolicyFacts(title="秀岭县茶产业扶持政策（2024年版）", region="秀岭县"),
    "长题": PolicyFacts(
        title="松原省人民政府关于深入贯彻新发展理念 统筹城乡协调 推动种业振兴高质量发展的实施意见", region="松原省"
    ),
}


def named(question: str) -> tuple[str, ...]:
    return named_policies(find_references(question), FACTS)


# Names of policies


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("民法典第一千零一条", "中华人民共和国民法典"),
        ("中华人民共和国民法典第1001条是什么", "中华人民共和国民法典"),
        ("请问根据公司法第三条,股东承担什么责任", "中华人民共和国公司法"),
        ("《公司法》第12条", "中华人民共和国公司法"),
        ("消保法第五十五条", "中华人民共和国消费者权益保护法"),
        ("治安处罚法第二十三条怎么说的", "中华人民共和国治安管理处罚法"),
        ("民诉法第10条", "中华人民共和国民事诉讼法"),
        ("刑诉法的第十条", "中华人民共和国刑事诉讼法"),
        ("企业所得税法第四条", "中华人民共和国企业所得税法"),
        ("企业所得税法实施条例第四条", "中华人民共和国企业所得税法实施条例"),
        ("民法典婚姻家庭编解释(一)第二条", "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）"),
        ("个体工商户条例第十条", "个体工商户条例"),
        ("促进个体工商户发展条例第十条", "促进个体工商户发展条例"),
        ("碧湾渔业意见第三条", "渔港"),
        ("碧湾市现代渔业发展若干意见有效期到哪天", "渔港"),
        ("远浦的渔业办法第二条", "渔业"),
        ("碧湾市渔业扶持奖励政策第三条", "渔港"),
        ("2023年的秀岭茶产业政策第二条", "茶23"),
        ("秀岭县茶产业扶持政策2024版第二条", "茶24"),
        ("《秀岭县茶产业扶持政策(2024年版)》", "茶24"),
        ("碧政发[2023]8号第二条", "渔港"),
        ("種業振興實施意見第二條", "长题"),
        ("种业实施意见第二条", "长题"),
    ],
)
def test_a_policy_is_named_in_full_or_by_a_usual_short_form(question: str, wanted: str) -> None:
    assert named(understand(question).text) == (wanted,)


@pytest.mark.parametrize(
    "question",
    [
        "上市公司法人变更要什么材料",
        "企业技术改造有哪些政策",
        "渔业有什么扶持政策",
        "按照规定要交哪些材料",
        "这个办法第三条怎么说",
        "奖励办法第三条",
        "渔业局的电话是多少",
        "宁波市个体工商户条例第十条",
        "红江市现代渔业发展若干意见第三条",
        "宁波市促进现代渔业发展办法第三条",
        "公司法司法解释第三条",
    ],
)
def test_a_question_that_names_no_policy_resolves_to_none(question: str) -> None:
    assert named(question) == ()


def test_a_short_form_that_fits_several_titles_gives_all_of_them_best_first() -> None:
    assert named("消法第一条") == ()
    assert named("秀岭茶产业扶持政策第二条") == ("茶23", "茶24")
    assert named("现代渔业发展第三条")[:2] == ("渔业", "渔港")


def test_a_law_that_is_not_here_is_told_from_one_that_is() -> None:
    found = policies_named(find_references("森林法第三条和公司法第五条"), FACTS)
    third, fifth = found.clauses
    assert found.unknown == ("森林法",)
    assert found.scope(third) == ()
    assert found.scope(fifth) == ("中华人民共和国公司法",)


def test_each_clause_number_belongs_to_the_policy_named_before_it() -> None:
    found = policies_named(find_references("民法典第三条、公司法第五条和《消防法》第七条"), FACTS)
    scopes = [found.scope(reference) for reference in found.clauses]
    assert scopes == [(LAWS[0],), (LAWS[1],), (LAWS[4],)]
    after = policies_named(find_references("第三条是什么,我问的是公司法"), FACTS)
    assert after.scope(after.clauses[0]) == (LAWS[1],)


def test_years_tell_editions_of_one_family_apart() -> None:
    assert family(FACTS["茶23"].title) == family(FACTS["茶24"].title)
    assert [title_years(FACTS[name]) for name in ("茶23", "茶24", "渔港")] == [(2023,), (2024,), (2023,)]
    assert years_in("2024版和2021-2023年的,2000万元,2022家") == (2024, 2021, 2023)


def test_named_clauses_of_generated_titles_are_always_first() -> None:
    chance = random.Random(3)
    subjects = [
        a + b
        for a in ("渔业", "茶叶", "养老", "物流", "外贸", "数据", "文旅", "种业")
        for b in ("服务", "园区", "人才", "金融")
    ]
    facts = {
        f"{city}{subject}{kind}": PolicyFacts(title=f"{city}促进{subject}发展{kind}", region=city)
        for city in ("碧湾市", "远浦市", "秀岭县")
        for subject in subjects
        for kind in ("办法", "若干意见")
    }
    wrong = []
    for key, about in facts.items():
        short = about.title.replace("促进", "").replace("发展", "")
        question = chance.choice(("{}第{}条", "请问《{}》第{}条是什么", "根据{}的第{}条")).format(
            chance.choice((about.title, short)), chance.randrange(1, 90)
        )
        if named_policies(find_references(question), facts)[:1] != (key,):
            wrong.append(question)
    assert len(facts) == 192
    assert wrong == []


def test_titles_of_an_index_are_prepared_once() -> None:
    assert title_index(FACTS) is title_index(dict(FACTS))
    assert title_index({"a": PolicyFacts(title="某法")}) is not title_index(FACTS)


@given(st.text(alphabet="民法典公司第三条一、(二)《》意见办法的,。 2024年附件", max_size=60))
def test_any_text_is_read_and_mentions_lie_apart_inside_it(text: str) -> None:
    references = find_references(text)
    found = policies_named(references, FACTS)
    ends = [0]
    for mention in found.mentions:
        assert ends[-1] <= mention.start < mention.end <= len(references.text)
        ends.append(mention.end)
    assert set(found.policies) <= set(FACTS)
    assert all(0 <= reference.start < len(references.text) for reference in found.clauses)


@given(st.text(max_size=40))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(alphabet="某市关于促进产业发展的若干意见办法(2024版)《》通知", max_size=30))
def test_every_character_of_a_compared_title_has_a_weight(text: str) -> None:
    title = compared(PolicyFacts(title=text))
    assert len(title.chars) == len(title.weights)
    assert all(weight > 0 for weight in title.weights)


# Clause numbers


def clause(path: str, text: str = "内容。", label: str = "第一条", start: int = 0) -> Clause:
    return Clause(path, label, None, text, text, SourceSpan(start, start + len(text)))


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("第四条之一", ["4-1"]),
        ("第四条之二第(三)项", ["4-2.3"]),
        ("第12条", ["12"]),
        ("第十二条第三项", ["12.3"]),
        ("第十二条(三)", ["12.3"]),
        ("第一百〇一条", ["101"]),
        ("民法典1001条", ["1001"]),
        ("刑法二百三十二条", ["232"]),
        ("第三、四条", ["3", "4"]),
        ("第三条和第五条", ["3", "5"]),
        ("第三条至第六条", ["3", "4", "5", "6"]),
        ("第3-5条", ["3", "4", "5"]),
        ("第一条至第一百条", ["1", "100"]),
        ("附件2", ["a2"]),
        ("十条措施", []),
        ("这个办法十条内容", []),
        ("有3条路", []),
        ("《关于第三条的解释》", []),
    ],
)
def test_clause_numbers_give_paths(text: str, paths: list[str]) -> None:
    assert [reference.path for reference in find_references(text).clauses] == paths


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("二、是什么", "2"),
        ("四(三)2 是什么", "4.3.2"),
        ("的附件1 二、(二)", "a1.2.2"),
        ("第二部分一、(一)", "2.1.1"),
        ("五、3.(1)", "5.3.1"),
        ("2.3.1怎么规定", "2.3.1"),
        ("5.(2)", "5.2"),
        ("一、①", "1.1"),
        ("(2022-2025年)三、", "3"),
        ("的三、第二款", "3"),
        ("2024年的", None),
        ("3家企业", None),
        ("奖励多少", None),
    ],
)
def test_an_outline_number_behind_a_policys_name_is_read(text: str, path: str | None) -> None:
    found = outline_at(f"某办法{text}", 3)
    assert (found.path if found is not None else None) == path


def test_an_inserted_article_is_not_the_one_before_it() -> None:
    clauses = [clause("4"), clause("4-1", label="第四条之一"), clause("4-1.1", label="第四条之一第(一)项")]
    (reference,) = find_references("第四条之一").clauses
    assert [hit.clause.path for hit in resolve(reference, clauses)] == ["4-1", "4-1.1"]
    (plain,) = find_references("第四条").clauses
    assert [hit.clause.path for hit in resolve(plain, clauses)] == ["4"]


def test_an_article_number_said_of_a_document_in_parts_gives_the_part() -> None:
    clauses = [clause("6", label="6."), clause("7", label="7.")]
    (reference,) = find_references("第六条").clauses
    assert [hit.clause.path for hit in resolve(reference, clauses)] == ["6"]


def test_a_paragraph_of_an_outline_clause_is_found_behind_a_name() -> None:
    found = outline_at("某办法五、(十三)第二款", 3)
    assert found is not None
    clauses = [clause("5.13", label="五、(十三)"), clause("5.13.p2", label="五、(十三)第二款")]
    assert [hit.clause.path for hit in resolve(found, clauses)] == ["5.13.p2"]


def test_a_title_with_its_notice_is_one_name() -> None:
    facts = {"a": PolicyFacts(title="云谷县农业农村局关于发布示范农场分级标准的公告", region="云谷县")}
    found = policies_named(find_references("云谷县农业农村局关于发布示范农场分级标准的公告三、2.是什么"), facts)
    assert [reference.path for reference in found.clauses] == ["3.2"]
    assert found.policies == ("a",)


# Over the invented documents


@pytest.fixture(scope="module")
def invented(tmp_path_factory) -> IndexReader:
    return retrieval_index.opened(tmp_path_factory.mktemp("invented"), rag_index.INVENTED)


def test_naming_a_clause_of_any_invented_document_finds_it_first(invented) -> None:
    wrong, asked = [], 0
    chance = random.Random(5)
    for policy_id, facts in invented.facts().items():
        year = next(iter(re.findall(r"20\d\d", facts.title)), "")
        bare = re.sub(r"[(（][^()（）]*[)）]$", "", facts.title)
        for one in invented.clauses(policy_id):
            # [第2处] is the index's own mark where a document uses a number twice.
            if one.path in ("0", "tail") or "处]" in one.label:
                continue
            name = chance.choice((f"《{facts.title}》", facts.title, f"{year}年的{bare}" if year else bare))
            question = f"{name}{one.label}{chance.choice(('', '是什么', '怎么规定的'))}"
            found = retrieve(invented, understand(question), None).clauses
            asked += 1
            if not found or found[0].key != (policy_id, one.path):
                wrong.append((question, one.path))
    assert asked > 190
    assert wrong == []


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("临江先进制造业办法第六条", "6"),
        ("临江市中小企业促进条例第四条之一是什么", "4-1"),
        ("昆阳民营经济措施第六条", "6"),
        ("梅岭技术中心细则的附件2", "a2"),
    ],
)
def test_a_clause_is_named_with_a_short_form_of_its_policy(invented, question: str, path: str) -> None:
    (first, *_) = retrieve(invented, understand(question), None).clauses
    assert (first.clause.path, first.named) == (path, True)


def test_a_clause_number_of_a_law_that_is_not_here_is_missing(invented) -> None:
    found = retrieve(invented, understand("森林法第三条是什么"), None)
    assert found.missing
    assert found.unknown_titles == ("森林法",)
    assert not any(item.named for item in found.clauses)


def test_a_follow_up_takes_the_policy_over(invented) -> None:
    question = understand("那第六条呢", [("临江市促进先进制造业高质量发展办法第五条是什么", "")])
    (first, *_) = retrieve(invented, question, None).clauses
    assert (first.facts.title, first.clause.path) == ("临江市促进先进制造业高质量发展办法", "6")


# References between clauses

HARBOUR = """
碧湾市渔港管理办法
第一条 渔港由市渔业主管部门管理。
第二条 申请停泊的渔船应当符合下列条件:
（一）持有登记证书;
（二）检验合格;
（三）配有定位设备。
前款第(二)项规定的检验每年一次。
第三条 符合第二条规定的渔船,停泊费减半。
第四条 违反前条规定的,收回减免的费用。
第五条 依照《渔业法》第三条、第四条的规定处罚;数额见附件1。
第六条 本办法第一条、第三条所称主管部门,设在各区。
第七条 依照第二条第一项至第三项的规定检查;渔业法第六条另有规定的除外。
本办法自2024年1月1日起施行。
附件1
费用减免标准
一、停泊费
每天十元,按照泊位面积计算,不足一天的按照一天计算,由主管部门收取。
二、补给费
每次五元。
"""


@pytest.fixture(scope="module")
def harbour(tmp_path_factory) -> IndexReader:
    folder = tmp_path_factory.mktemp("harbour")
    return retrieval_index.opened(folder / "data", retrieval_index.written(folder / "in", {"harbour": HARBOUR}))


def links(reader: IndexReader, path: str) -> list[str]:
    (policy_id,) = reader.facts()
    one = reader.clause(policy_id, path)
    assert one is not None, [c.path for c in reader.clauses(policy_id)]
    item = RetrievedClause(policy_id, reader.facts()[policy_id], one, 0.5)
    found = linked_clauses(reader, item)
    assert all(target.score == 0.5 and target.context for target in found)
    return [target.clause.path for target in found]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("1", []),
        ("2.p2", ["2.2"]),
        ("3", ["2", "2.1", "2.2", "2.3", "2.p2"]),
        ("4", ["3"]),
        ("5", ["a1.1", "a1.2"]),
        ("6", ["1", "3"]),
        ("7", ["2.1", "2.2", "2.3"]),
    ],
)
def test_clauses_that_a_clause_refers_to_are_given(harbour, path: str, wanted: list[str]) -> None:
    assert links(harbour, path) == wanted


def test_links_of_the_invented_documents(invented) -> None:
    titles = {facts.title: policy_id for policy_id, facts in invented.facts().items()}
    policy_id = titles["丰桥市餐厨垃圾资源化利用规定"]
    one = invented.clause(policy_id, "4")
    found = linked_clauses(invented, RetrievedClause(policy_id, invented.facts()[policy_id], one, 1.0))
    assert [target.clause.path for target in found] == ["2.2", "2.3"]
    for policy_id, facts in invented.facts().items():
        for one in invented.clauses(policy_id):
            found = linked_clauses(invented, RetrievedClause(policy_id, facts, one, 1.0))
            assert one.path not in [target.clause.path for target in found]
            assert len({target.key for target in found}) == len(found) <= 8
