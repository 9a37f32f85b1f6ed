"""The text work behind answers: figures, sentences, terms, references, places, follow-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Clause, Level, PolicyFacts, SourceSpan
from rag.figures import figures
from rag.places import Place, covers, places_in
from rag.references import find_references, named_policies, resolve, unresolved_numbers
from rag.sentences import split_sentences
from rag.terms import Term, content_terms, coverage, presence
from rag.understand import Want, understand
from rag.validity import validity_sentence
from rag.verify import FigureError, Quote, Statement, check, verified


def clause(text: str, path: str = "1", *, heading: str | None = None, label: str = "第一条") -> Clause:
    return Clause(path, label, heading, text, text, SourceSpan(0, len(text)))


# Figures


def values(text: str) -> list[tuple[Decimal, str]]:
    return [figure.key for figure in figures(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1亿元", "10000万元"),
        ("1亿元", "100,000,000元"),
        ("一百万元", "100万元"),
        ("15%", "百分之十五"),
        ("１５％", "15%"),
        ("三点五亿元", "3.5亿元"),
        ("2千万元", "2000万元"),
        ("5‰", "千分之五"),
        ("100%", "百分之百"),
    ],
)
def test_equal_amounts_in_different_spellings_are_the_same_figure(one: str, other: str) -> None:
    assert values(one) == values(other) != []


@pytest.mark.parametrize(
    ("one", "other"), [("1亿元", "1万元"), ("15%", "15元"), ("500万元", "300万元"), ("3年", "3家")]
)
def test_other_values_or_units_are_other_figures(one: str, other: str) -> None:
    assert values(one) != values(other)


def test_a_shared_unit_counts_for_every_number_of_a_list() -> None:
    assert [value for value, _ in values("分别给予20、30万元")] == [200_000, 300_000]
    assert values("3—5年") == [(Decimal(3), "年"), (Decimal(5), "年")]


def test_words_with_numerals_are_no_figures() -> None:
    assert values("一带一路、三农、“三生融合”") == []


@given(st.integers(1, 99_999), st.sampled_from(["元", "万元", "亿元"]))
def test_a_figure_is_found_where_it_stands(number: int, unit: str) -> None:
    text = f"给予{number}{unit}资助"
    (figure,) = figures(text)
    assert text[figure.start : figure.end] == f"{number}{unit}"
    assert figure.value == number * {"元": 1, "万元": 10_000, "亿元": 100_000_000}[unit]


# The check


def quote(text: str) -> Quote:
    return Quote("p", clause(text), 0, len(text))


def test_a_figure_in_another_spelling_passes_the_check() -> None:
    check(Statement("资助1亿元。", (quote("给予10000万元资助"),)))


@pytest.mark.parametrize("said", ["资助500万元", "不超过20%", "共12家", "2022年12月"])
def test_a_figure_that_the_quote_lacks_is_rejected(said: str) -> None:
    with pytest.raises(FigureError, match="没有"):
        check(Statement(said, (quote("给予300万元资助,不超过15%,共10家,2021年12月"),)))


def test_a_rejected_sentence_is_dropped_and_the_others_stay() -> None:
    right = Statement("资助300万元", (quote("给予300万元资助"),))
    wrong = replace(right, text="资助500万元")
    kept, reasons = verified([right, wrong])
    assert kept == (right,)
    assert "500万元" in reasons[0]


def test_a_figure_of_the_question_may_be_repeated() -> None:
    check(Statement("520亿元达到500亿元档", (quote("达到500亿元的"),)), ["今年到520亿元"])


# Sentences


def sentences(text: str, heading: str | None = None) -> list[str]:
    return [text[part.start : part.end] for part in split_sentences(clause(text, heading=heading))]


def test_full_stops_inside_titles_quotes_and_brackets_do_not_part_a_sentence() -> None:
    text = "按《关于甲。乙的意见》执行(详见附件。)。以“一企一策。”办理。"
    assert sentences(text) == ["按《关于甲。乙的意见》执行(详见附件。)。", "以“一企一策。”办理。"]


def test_a_short_sentence_keeps_its_semicolons_and_a_long_one_is_parted_there() -> None:
    assert sentences("奖励甲;奖励乙。") == ["奖励甲;奖励乙。"]
    long = f"{'对符合条件的企业' * 15}给予奖励；{'对其他企业' * 15}给予补助。"
    assert [part[-5:] for part in sentences(long)] == ["给予奖励；", "给予补助。"]


def test_a_wrapped_line_goes_on_and_a_paragraph_ends() -> None:
    assert sentences("不超过15%，且不超过\n3.5亿元。\n第二款。") == ["不超过15%，且不超过\n3.5亿元。", "第二款。"]


def test_the_heading_is_no_sentence_where_text_follows() -> None:
    assert sentences("总体目标\n到2025年建成。", "总体目标") == ["到2025年建成。"]
    assert sentences("总体目标", "总体目标") == ["总体目标"]


@given(st.text(alphabet="对企业奖励1万元。；！\n（）《》“”: ", min_size=1, max_size=300))
def test_sentences_tile_the_text_but_for_blanks(text: str) -> None:
    parts = split_sentences(clause(text))
    assert all(one.end <= other.start for one, other in pairwise(parts))
    joined = "".join("".join(text[part.start : part.end].split()) for part in parts)
    assert joined == "".join(text.split())


# Terms


def strong(text: str) -> list[str]:
    return [term.text for term in content_terms(text) if not term.weak]


def test_asking_words_are_no_terms_and_trade_words_are_weak() -> None:
    assert strong("请问一般企业申请补贴有哪些条件?") == []
    assert strong("绿色园区有什么奖励") == ["绿色", "园区"]


def test_a_name_unknown_to_the_dictionary_is_partly_found() -> None:
    assert presence("服务机构园", "服务机构") > 0
    assert presence("节改", "实施节能改造") == 0.5
    assert presence("化纤", "石油") == 0


def test_coverage_weighs_terms() -> None:
    weights = {Term("稀有", weak=False): 3.0, Term("常见", weak=False): 1.0}
    assert coverage(weights, "稀有") == 0.75
    assert coverage({}, "任何") == 0


# References


@pytest.mark.parametrize(
    ("text", "numbers", "paragraph"),
    [
        ("第十二条第(三)项", (12, 3), None),
        ("第十二条第三项", (12, 3), None),
        ("第12条", (12,), None),
        ("第六条第二款", (6,), 2),
        ("第六条第二款第（一）项", (6, 1), 2),
        ("第一千零一条", (1001,), None),
        ("三、(二)", (3, 2), None),
        ("三（二）", (3, 2), None),
        ("第三部分第(二)条", (3, 2), None),
        ("四、(二)3.", (4, 2, 3), None),
        ("第(十六)条", (16,), None),
    ],
)
def test_clause_numbers_are_read_in_all_spellings(text: str, numbers: tuple[int, ...], paragraph: int | None) -> None:
    (found,) = find_references(f"请问{text}是什么").clauses
    assert (found.numbers, found.paragraph) == (numbers, paragraph)


@pytest.mark.parametrize("text", ["三、有哪些支持", "第三方机构", "一条龙服务", "两条意见"])
def test_other_words_with_numerals_are_no_clause_numbers(text: str) -> None:
    assert find_references(text).clauses == ()


FACTS = {
    "a": PolicyFacts(title="甲市办法（试行）", doc_number="甲政办函〔2022〕69号"),
    "b": PolicyFacts(title="乙市办法", doc_number="乙政〔2022〕9号"),
}


@pytest.mark.parametrize("text", ["请问甲政办函[2022]69号", "政办函（2022）69号", "《甲市办法(试行)》", "《甲市办法》"])
def test_a_policy_is_named_by_number_or_title(text: str) -> None:
    assert named_policies(find_references(text), FACTS) == ("a",)


def test_a_number_is_not_taken_for_one_that_ends_alike() -> None:
    references = find_references("丙政〔2022〕69号")
    assert named_policies(references, FACTS) == ()
    assert unresolved_numbers(references, FACTS) == ("丙政〔2022〕69号",)


def test_items_that_run_on_are_found_by_an_article_number() -> None:
    clauses = [clause("甲", "1.1", label="一、(一)"), clause("乙", "2.5", label="二、(五)")]
    (reference,) = find_references("第五条").clauses
    assert [hit.clause.path for hit in resolve(reference, clauses)] == ["2.5"]


def test_a_paragraph_number_gives_the_paragraph() -> None:
    (reference,) = find_references("第一条第二款").clauses
    (hit,) = resolve(reference, [clause("第一段。\n第二段。", "1")])
    assert hit.paragraph == 2
    assert resolve(reference, [clause("只有一段。", "1")]) == ()


# Places


def names(text: str, regions: tuple[str, ...] = ()) -> list[str]:
    return [place.name for place in places_in(text, regions)]


def test_places_are_found_by_gazetteer_and_by_the_policies_regions() -> None:
    assert names("宁波和江苏省的企业") == ["宁波", "江苏"]
    assert names("望湖区的首店", ("临江市望湖区",)) == ["望湖"]


@pytest.mark.parametrize("text", ["大同小异", "长治久安", "白银价格", "朝阳产业"])
def test_words_that_are_also_names_of_cities_are_no_places(text: str) -> None:
    assert names(text) == []


def test_a_policy_covers_its_place_what_lies_above_and_for_a_province_what_lies_below() -> None:
    city = PolicyFacts(title="办法", region="杭州市", level=Level.CITY)
    assert covers(city, Place("杭州", "浙江"))
    assert covers(city, Place("浙江", "浙江"))
    assert not covers(city, Place("宁波", "浙江"))
    province = PolicyFacts(title="办法", region="浙江省", level=Level.PROVINCE)
    assert covers(province, Place("宁波", "浙江"))
    assert not covers(province, Place("苏州", "江苏"))
    assert covers(PolicyFacts(title="办法", level=Level.NATIONAL), Place("苏州", "江苏"))


@pytest.mark.parametrize(
    ("text", "name", "cities"),
    [
        ("余杭区的企业", "余杭区", ("杭州",)),
        ("我们在余杭,想申请", "余杭", ("杭州",)),
        ("清河县的补贴", "清河县", ("邢台",)),
        ("松岭县创成景区奖励多少", "松岭县", ()),
        ("日本的软件公司租办公室有补贴吗", "日本", ()),
    ],
)
def test_counties_countries_and_unknown_cities_are_places(text: str, name: str, cities: tuple[str, ...]) -> None:
    (place,) = places_in(text, ())
    assert (place.name, place.cities) == (name, cities)


@pytest.mark.parametrize(
    "text", ["去日本参展补多少", "新建的厂房", "产业园区的企业", "公司上市奖多少", "朝阳产业", "超市能补吗"]
)
def test_words_that_look_like_places_are_none(text: str) -> None:
    assert places_in(text, ()) == ()


def test_a_district_is_covered_by_its_city_and_province_but_not_by_a_neighbour() -> None:
    (place,) = places_in("余杭区的企业", ())
    assert covers(PolicyFacts("甲", region="杭州市", level=Level.CITY), place)
    assert covers(PolicyFacts("乙", region="浙江省", level=Level.PROVINCE), place)
    assert not covers(PolicyFacts("丙", region="杭州市萧山区", level=Level.DISTRICT), place)
    assert not covers(PolicyFacts("丁", region="宁波市", level=Level.CITY), place)


# Questions


def test_a_traditional_question_is_simplified() -> None:
    assert understand("機器換人示範項目有什麼支持?").text == "机器换人示范项目有什么支持?"


def test_a_follow_up_without_a_subject_is_joined_and_takes_over_the_level() -> None:
    question = understand("那省级的呢?", [("国家级制造业创新中心能拿多少资助?", "")])
    assert question.joined
    assert "省级制造业创新中心" in question.text
    assert "国家级" not in question.text
    assert question.levels == ("省级",)
    assert Want.AMOUNT in question.wants


def test_a_question_that_stands_alone_is_left_alone() -> None:
    question = understand("绿色工厂奖励多少?", [("国家级制造业创新中心能拿多少资助?", "")])
    assert (question.text, question.joined) == ("绿色工厂奖励多少?", False)


@given(st.text(alphabet=st.characters(exclude_categories=()), min_size=1, max_size=80))
def test_any_text_is_understood_or_refused_in_words(text: str) -> None:
    if text.strip().strip("\u200b\ufeff\u3000"):
        assert understand(text, [("前一个问题", "")]).text
    else:
        with pytest.raises(ValueError, match="问题是空的"):
            understand(text)


# Validity


def test_the_sentence_with_the_last_day_is_preferred() -> None:
    clauses = [clause("本办法自发布之日起施行。", "1"), clause("解释权归甲局。有效期3年。", "tail", label="附则")]
    stated = validity_sentence(clauses)
    assert stated is not None
    assert stated[0].text[stated[1].start : stated[1].end] == "有效期3年。"
    assert validity_sentence([clause("奖励10万元。")]) is None


def test_what_goes_on_for_those_under_an_old_policy_is_not_how_long_the_policy_holds() -> None:
    old = "原《规定》(溪委〔2021〕12号)同时废止,已按原规定享受待遇的,继续执行至期满。"
    clauses = [clause("本意见自2025年10月1日起施行,有效期至2028年9月30日。", "6"), clause(old, "tail", label="附则")]
    stated = validity_sentence(clauses)
    assert stated is not None
    assert stated[0].path == "6"


def test_a_day_is_not_in_the_future_of_itself() -> None:
    facts = PolicyFacts(title="办法", effective_on=date(2024, 5, 1), expires_on=date(2024, 5, 1))
    assert facts.status(date(2024, 5, 1)).value == "有效"
