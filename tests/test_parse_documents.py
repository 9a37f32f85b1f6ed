"""Facts and clauses of the documents in tests/documents, against gold written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from documents.gold import FACTS, GoldClause, GoldDocument, flat, load_documents, raw_document

from index.models import Clause, Edition
from index.parse import parse

DOCUMENTS = load_documents()
# What a warning about ordinals speaks of.
_NUMBERING_WORDS = ("编号", "序号", "重复", "连续", "缺少")
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)


def _comparable(value: Any) -> Any:
    """A fact as JSON has it, spelled without white space and wide punctuation."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return flat(value)
    if isinstance(value, list | tuple):
        return [_comparable(v) for v in value]
    return value


def _agrees(clause: Clause, gold: GoldClause) -> bool:
    text = flat(clause.text)
    return (
        gold.path in (None, clause.path)
        and (not gold.labels or flat(clause.label) in [flat(label) for label in gold.labels])
        and (gold.first is None or text.startswith(flat(gold.first)))
        and text.endswith(flat(gold.last))
        and gold.length in (None, len(text))
    )


def _brief(clause: Clause) -> str:
    text = flat(clause.text)
    return f"{clause.path} {clause.label} {text[:12]}…{text[-12:]} ({len(text)})"


def _without_absent_optional(document: GoldDocument, edition: Edition) -> list[GoldClause]:
    found = {clause.path for clause in edition.clauses}
    return [c for c in document.clauses if c.path not in document.facts["optional"] or c.path in found]


def _without_surplus_optional(document: GoldDocument, edition: Edition) -> list[Clause]:
    expected = {clause.path for clause in document.clauses}
    return [c for c in edition.clauses if c.path not in document.facts["optional"] or c.path in expected]


@every_document
@pytest.mark.parametrize("fact", FACTS)
def test_fact_is_the_documents_own(document: GoldDocument, fact: str) -> None:
    value = _comparable(getattr(parse(document.raw).facts, fact))
    assert value in [_comparable(v) for v in document.accepted(fact)]


@every_document
def test_paths_are_those_of_the_document_in_its_order(document: GoldDocument) -> None:
    edition = parse(document.raw)
    expected = [c.path for c in _without_absent_optional(document, edition)]
    found = [c.path for c in _without_surplus_optional(document, edition)]
    compared = [g if g is None else f for g, f in zip(expected, found, strict=False)] + found[len(expected) :]
    assert compared == expected


@every_document
def test_clauses_have_label_beginning_end_and_length_of_the_document(document: GoldDocument) -> None:
    edition = parse(document.raw)
    gold, found = _without_absent_optional(document, edition), _without_surplus_optional(document, edition)
    wrong = [(g, _brief(c)) for g, c in zip(gold, found, strict=False) if not _agrees(c, g)]
    assert wrong == []
    assert len(found) == len(gold)


@every_document
def test_paths_are_unique_where_the_document_repeats_no_number(document: GoldDocument) -> None:
    if document.facts["warnings"]:
        pytest.skip("the document itself repeats a number")
    paths = [clause.path for clause in parse(document.raw).clauses]
    assert len(set(paths)) == len(paths)


@every_document
def test_repealed_policies_are_named_and_no_other(document: GoldDocument) -> None:
    facts = parse(document.raw).facts
    named = [flat(r) for r in facts.repeals]
    for spellings in document.facts["repeals"]:
        assert any(flat(s) in r or r in flat(s) for s in spellings for r in named), spellings
    if not document.facts["repeals"]:
        assert named == []
    assert facts.repealed_on is None


@every_document
def test_numbering_mistakes_are_reported_and_sound_numbering_is_not(document: GoldDocument) -> None:
    warnings = [w for w in parse(document.raw).warnings if any(word in w for word in _NUMBERING_WORDS)]
    assert bool(warnings) is document.facts["warnings"]


def _numeral(number: int) -> str:
    """`number` below 10,000 as written in article headings: 一千零一, 九百九十九, 一百一十."""
    digits, units = "零一二三四五六七八九", ("", "十", "百", "千")
    out, pending_zero = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            out += ("零" if pending_zero else "") + digits[digit] + units[power]
            pending_zero = False
        else:
            pending_zero = bool(out)
    return out.removeprefix("一") if 10 <= number < 20 else out


def test_articles_past_a_thousand_are_numbered_on() -> None:
    articles = [f"第{_numeral(n)}条　编号为{n}的事项由市司法局办理。\n" for n in range(1, 1103)]
    edition = parse(raw_document("临江市法规汇编规定\n" + "".join(articles)))
    assert [clause.path for clause in edition.clauses] == [str(n) for n in range(1, 1103)]
    by_path = {clause.path: clause for clause in edition.clauses}
    for number, label in (
        (999, "第九百九十九条"),
        (1000, "第一千条"),
        (1001, "第一千零一条"),
        (1010, "第一千零一十条"),
    ):
        assert by_path[str(number)].label == label
        assert flat(by_path[str(number)].text) == f"编号为{number}的事项由市司法局办理。"


def test_article_that_begins_with_a_reference_is_an_article() -> None:
    text = "临江市人才住房办法\n第一条　本办法适用于引进的人才。\n第二条　第一条所称人才由市人才工作部门认定。\n"
    edition = parse(raw_document(text))
    assert [flat(clause.text) for clause in edition.clauses] == [
        flat("本办法适用于引进的人才。"),
        flat("第一条所称人才由市人才工作部门认定。"),
    ]


def test_period_of_an_expired_version_does_not_reach_the_next() -> None:
    by_name = {d.name: parse(d.raw).facts for d in DOCUMENTS if d.name.startswith("wanghu-growth")}
    old, new = by_name["wanghu-growth-2024"], by_name["wanghu-growth-2025"]
    assert old.status(date(2025, 6, 1)) == "已失效"
    assert new.status(date(2025, 6, 1)) == "有效"
    assert flat(old.title) != flat(new.title)


def _facts_and_texts(text: str, suffix: str = ".txt") -> tuple[Edition, dict[str, str]]:
    edition = parse(raw_document(text, suffix=suffix))
    return edition, {clause.path: clause.text for clause in edition.clauses}


def test_a_page_copied_as_one_line_gives_up_its_banner_and_footer() -> None:
    body = "一、支持标准（一）新建书店奖励5万元。（二）改造书店奖励2万元。"
    text = (
        "岭川市商务局 政务门户 关怀版 首页 机构 公开 服务 您所在的位置： 首页 > 政策 > 规范性文件 "
        "岭川市实体书店扶持办法 信息来源：市场科 发布时间：2025-01-09 10:30 浏览次数：88 "
        "岭商规〔2025〕1号 各县商务局： "
        f"为扶持实体书店发展，推动全民阅读，满足群众文化需要，结合本市实际，制定以下办法。{body}"
        "二、附则（三）申请书店应当依法登记、正常经营，并按月报送经营情况，具体程序和材料由市商务局另行通知，"
        "县商务局负责受理和初审，市商务局负责复核、公示和拨付，任何单位不得截留挪用。"
        "（四）本办法自2025年2月1日起执行，为期两年，由岭川市商务局负责解释。"
        "岭川市商务局 2025年1月6日 【打印】【关闭】 上一篇：关于年检的通知 网站标识码：0000000003"
    )
    edition, texts = _facts_and_texts(text)
    facts = edition.facts
    assert (facts.title, facts.doc_number, facts.issuers) == (
        "岭川市实体书店扶持办法",
        "岭商规〔2025〕1号",
        ("岭川市商务局",),
    )
    assert (facts.issued_on, facts.expires_on) == (date(2025, 1, 6), date(2027, 1, 31))
    assert texts["2.4"].endswith("由岭川市商务局负责解释。")
    assert texts["0"].startswith("为扶持实体书店发展")


def test_a_sentence_on_the_line_of_the_last_item_belongs_to_the_item() -> None:
    items = "（一）在本市注册；\n（二）没有欠税。新设企业除外。\n"
    _, texts = _facts_and_texts(
        f"岭川市补贴办法\n第一条　企业应当符合下列条件：\n{items}第二条　本办法自2025年1月1日起施行。\n"
    )
    assert texts["1.2"] == "没有欠税。新设企业除外。"
    assert "1.p2" not in texts


def test_a_part_behind_decimal_items_stands_beside_the_part_before() -> None:
    text = (
        "岭川市上市扶持政策\n1. 阶段奖励\n1.1 股改。完成股改的，奖励50万元。\n1.2 辅导。完成辅导的，奖励80万元。\n"
        "2. 融资\n2.1 再融资。按融资额的1%奖励。\n2.2 要求。应当符合以下条件：\n(1) 在本市注册；\n(2) 依法纳税。\n"
        "3. 附则\n3.1 本政策自2026年1月1日起施行。\n"
    )
    trails = {clause.path: clause.trail for clause in parse(raw_document(text)).clauses}
    assert trails["1.2"] == ("1.阶段奖励",)
    assert trails["2.1"] == ("2.融资",)
    assert trails["2.2.2"][0] == "2.融资"
    assert trails["3.1"] == ("3.附则",)


def test_a_sentence_behind_items_in_one_line_is_a_paragraph_of_its_own() -> None:
    text = (
        "岭川市扶持措施\n一、申报\n（一）企业应当符合下列条件：1.在本市注册；2.按时报送报表。被列入失信名单的，不予支持。\n"
        "（二）企业向市商务局申报。\n二、附则\n（三）本措施自2025年1月1日起施行。\n"
    )
    _, texts = _facts_and_texts(text)
    assert texts["1.1.2"] == "按时报送报表。"
    assert texts["1.1.p2"] == "被列入失信名单的，不予支持。"


@pytest.mark.parametrize("lead", ["", "企业应当符合下列条件：\n"])
def test_a_paragraph_behind_a_list_of_sentences_is_one_of_the_part(lead: str) -> None:
    text = (
        f"岭川市扶持措施\n一、支持对象\n{lead}（一）在本市注册满一年；\n（二）近两年没有发生事故。\n"
        "合作社另按规定执行，不适用本措施。\n二、附则\n本措施自2025年1月1日起施行。\n"
    )
    edition, texts = _facts_and_texts(text)
    assert texts["1.2"] == "近两年没有发生事故。"
    assert texts["1.p2"] == "合作社另按规定执行，不适用本措施。"
    labels = {clause.path: clause.label for clause in edition.clauses}
    headings = {clause.path: clause.heading for clause in edition.clauses}
    assert (labels["1.p2"], headings["1.2"]) == ("一、第二款", None)


def test_a_paragraph_of_an_item_with_several_sentences_stays_in_it() -> None:
    text = (
        "岭川市扶持措施\n一、支持政策\n（一）支持开店。新开书店奖励5万元。\n（二）支持改造。改造书店奖励2万元。\n"
        "改造面积以验收为准。\n二、附则\n本措施自2025年1月1日起施行。\n"
    )
    _, texts = _facts_and_texts(text)
    assert texts["1.2"].endswith("改造面积以验收为准。")


@pytest.mark.parametrize(
    "item",
    ["三年治理河道12公里，植树500亩。（责任单位：市水利局）", "没有拖欠工资。拖欠后已经补发的除外。"],
)
def test_a_rule_or_a_goal_is_no_heading(item: str) -> None:
    text = (
        f"岭川市行动计划\n一、任务\n（一）{item}\n（二）水质优良比例达到90%。（责任单位：市环境局）\n"
        "二、保障\n（一）加强领导。\n"
    )
    edition = parse(raw_document(text))
    assert {clause.path: clause.heading for clause in edition.clauses}["1.1"] is None


def test_an_announcement_keeps_its_number_and_its_opening() -> None:
    text = (
        "# 岭川省水利厅关于公布节水工厂奖励标准的公告\n\n2025年第8号\n\n为推动节水，现将节水工厂奖励标准公布如下。\n\n"
        "## 一、标准\n\n每家10万元。\n"
    )
    edition, texts = _facts_and_texts(text, ".md")
    assert edition.facts.title == "岭川省水利厅关于公布节水工厂奖励标准的公告"
    assert edition.facts.doc_number == "2025年第8号"
    assert texts["0"] == "为推动节水，现将节水工厂奖励标准公布如下。"


@pytest.mark.parametrize("branch", ["中国人民银行岭川市分行", "国家税务总局岭川市税务局", "中国农业银行岭川市支行"])
def test_a_branch_of_a_national_body_keeps_its_whole_name(branch: str) -> None:
    text = (
        f"岭川市财政局　{branch}\n关于印发《岭川市贴息办法》的通知\n岭财〔2025〕3号\n各县财政局：\n"
        f"现将《岭川市贴息办法》印发给你们，请遵照执行。\n岭川市财政局　{branch}\n2025年3月1日\n岭川市贴息办法\n"
        "第一条　为规范贴息，制定本办法。\n第二条　本办法自2025年4月1日起施行。\n"
    )
    facts = parse(raw_document(text)).facts
    assert facts.issuers == ("岭川市财政局", branch)
    assert (facts.level, facts.region) == ("市", "岭川市")


def test_an_item_may_begin_with_a_year() -> None:
    text = "# 岭川市公告\n\n## 一、范围\n\n1. 2010年以前建成的房屋；\n2. 学校和医院。\n\n## 二、其他\n\n无。\n"
    edition, texts = _facts_and_texts(text, ".md")
    assert texts["1.1"] == "2010年以前建成的房屋；"
    assert edition.warnings == ()


@pytest.mark.parametrize("listed", ["附件:影视项目申报细则", "附件：1.影视项目申报细则\n2.申报表"])
def test_an_annex_that_the_notice_announces_is_not_the_annex(listed: str) -> None:
    rules = "企业应当在本市注册,并且如实提供材料,近三年没有失信记录,项目已经立项。"
    text = (
        "溪陵市人民政府关于印发溪陵市影视产业若干措施的通知\n溪政发〔2026〕3号\n各区县人民政府:\n"
        f"现将《溪陵市影视产业若干措施》印发给你们,请认真贯彻执行。\n{listed}\n溪陵市人民政府\n2026年1月5日\n"
        "溪陵市影视产业若干措施\n一、支持落户\n(一)新落户的影视企业,给予一次性奖励20万元。\n"
        "(二)租用办公用房的,给予租金补助。\n二、附则\n本措施自2026年2月1日起施行,有效期3年。\n"
        f"附件1\n影视项目申报细则\n一、申报条件\n{rules}\n二、申报材料\n申报表、合同、发票和付款凭证,以及证明。\n"
    )
    edition = parse(raw_document(text))
    assert [clause.path for clause in edition.clauses] == ["1.1", "1.2", "2", "a1.1", "a1.2"]
    assert edition.facts.effective_on == date(2026, 2, 1)


@pytest.mark.parametrize(
    "table",
    [
        "发布机构：云山市人民政府办公室 成文日期：2024-03-01\n文号：云政办发〔2024〕3号\n",
        "索引号：A1 | 发布机构：云山市人民政府办公室 | 文号：云政办发〔2024〕3号 | 成文日期：2024-03-01\n",
        "发布机构：云山市人民政府办公室\n文号：云政办发〔2024〕3号\n成文日期：2024-03-01\n",
    ],
)
def test_a_sites_table_is_read_line_by_line_and_side_by_side(table: str) -> None:
    text = table + "云山市茶园扶持办法\n第一条 对新建茶园，每亩补助200元。\n第二条 本办法自2024年4月1日起施行。\n"
    facts = parse(raw_document(text)).facts
    assert facts.title == "云山市茶园扶持办法"
    assert facts.doc_number == "云政办发〔2024〕3号"
    assert facts.issuers == ("云山市人民政府办公室",)
    assert facts.issued_on == date(2024, 3, 1)
