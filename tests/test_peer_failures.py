"""Splitting mistakes seen in RAGFlow's template for laws; parsing and chunking make none of them."""

from __future__ import annotations

import random

import pytest
from documents.gold import flat, raw_document
from noise import apply

from index.chunk import chunk_policy
from index.models import Chunk, Edition, Policy
from index.parse import parse

TITLE = "临江市水运服务促进办法\n"
CHAPTERS = (
    TITLE
    + """第一章　总则
第一节　目的
第一条　为了促进水运服务，制定本办法。
第二条　本市行政区域内的水运服务，适用本办法。
第二节　职责
第三条　市交通运输部门负责水运服务的统筹协调。
第二章　扶持
第一节　补助
第四条　新增班轮航线的，每条补助60万元。
第五条　建造新能源船舶的，按照船价的8%补助，单船最高300万元。
第二节　奖励
第六条　年度箱量首次达到10万标箱的企业，奖励90万元。
"""
)
NO_CHAPTERS = (
    TITLE
    + """第一条　为了促进水运服务，制定本办法。
第二条　申请补助的企业应当符合下列条件：
（一）在本市登记并依法纳税；
（二）自有船舶总吨位不少于5000吨；
（三）近两年没有发生等级以上水上交通事故。
第三条　补助每年受理一次。
"""
)
LONG_SENTENCE = "船舶经营人应当按照国家有关规定配备船员、设施和设备，做好航行、停泊和作业安全记录，并接受监督检查。"


def _policy(text: str) -> Policy:
    edition: Edition = parse(raw_document(text))
    return Policy(id="p", facts=edition.facts, editions=(edition,))


def _chunks(text: str) -> list[Chunk]:
    return list(chunk_policy(_policy(text)))


def _paths(text: str) -> list[str]:
    return [clause.path for clause in parse(raw_document(text)).clauses]


def _article(numeral: str) -> str:
    return f"第{numeral}条"


def test_articles_under_chapters_and_sections_are_clauses_of_their_own() -> None:
    assert _paths(CHAPTERS) == ["1", "2", "3", "4", "5", "6"]


def test_articles_under_chapters_and_sections_are_not_merged_into_one_chunk() -> None:
    chunks = _chunks(CHAPTERS)
    assert [chunk.path for chunk in chunks] == ["1", "2", "3", "4", "5", "6"]
    for sentence in ("每条补助60万元", "单船最高300万元", "奖励90万元"):
        assert sum(sentence in chunk.text for chunk in chunks) == 1


def test_chunk_names_the_chapter_and_section_of_its_article() -> None:
    chunk = next(chunk for chunk in _chunks(CHAPTERS) if chunk.path == "6")
    for ancestor in ("临江市水运服务促进办法", "扶持", "奖励"):
        assert ancestor in chunk.context


def test_item_of_an_article_without_chapters_keeps_the_words_that_introduce_it() -> None:
    chunk = next(chunk for chunk in _chunks(NO_CHAPTERS) if "5000吨" in chunk.text)
    assert "申请补助的企业应当符合下列条件" in chunk.text
    assert chunk.path in ("2", "2.2")


def test_chapter_heading_after_an_article_is_no_part_of_it() -> None:
    by_path = {clause.path: clause for clause in parse(raw_document(CHAPTERS)).clauses}
    assert flat(by_path["3"].text) == "市交通运输部门负责水运服务的统筹协调。"
    assert flat(by_path["5"].text).endswith("单船最高300万元。")


@pytest.mark.parametrize(
    "reference",
    [
        "第三条规定的条件：",
        "第三条规定的条件:",
        "第三条第二款的规定",
        "第三条、第四条规定的补助",
        "第二章规定的扶持措施",
        "第一节规定的补助",
        "（二）项规定的吨位",
        "2025年底前新增的航线",
        "1.5亿元以上的项目",
    ],
)
def test_reference_that_a_wrap_puts_at_a_line_start_is_no_heading(reference: str) -> None:
    sentence = f"企业申请水运补助的，应当由交通运输部门核对{reference}，并在受理之日起十个工作日内书面告知结果。"
    wrapped = sentence.replace(reference, f"\n{reference}")
    text = CHAPTERS + f"第七条　{wrapped}\n第八条　本办法自2025年1月1日起施行。\n"
    edition = parse(raw_document(text))
    assert [clause.path for clause in edition.clauses] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert flat(edition.clauses[6].text) == flat(sentence)


@pytest.mark.parametrize("width", range(8, 61, 4))
def test_reference_is_no_heading_wherever_lines_are_wrapped(width: int) -> None:
    body = "企业符合第二条规定的条件：自有船舶总吨位达标且按照第三条第（一）项规定备案的，可以依照第一条申请补助。"
    text = TITLE + f"第一条　为了促进水运服务，制定本办法。\n第二条　{body}\n第三条　本办法自2025年1月1日起施行。\n"
    wrapped = apply(text, ["wrap_before_references"], random.Random(width))
    edition = parse(raw_document(wrapped))
    assert [clause.path for clause in edition.clauses] == ["1", "2", "3"]
    assert flat(edition.clauses[1].text) == flat(body)


@pytest.mark.parametrize(
    ("numerals", "paths"),
    [
        (("九百九十九", "一千", "一千零一"), ["999", "1000", "1001"]),
        (("一千零九", "一千零一十", "一千零一十一"), ["1009", "1010", "1011"]),
        (("一千一百", "一千一百零一"), ["1100", "1101"]),
        (("一千二百五十九", "一千二百六十"), ["1259", "1260"]),
    ],
)
def test_articles_past_a_thousand_are_found(numerals: tuple[str, ...], paths: list[str]) -> None:
    text = TITLE + "".join(f"{_article(n)}　本条规定第{i}项职责。\n" for i, n in enumerate(numerals, start=1))
    edition = parse(raw_document(text))
    assert [clause.path for clause in edition.clauses] == paths
    assert [clause.label for clause in edition.clauses] == [_article(n) for n in numerals]


@pytest.mark.parametrize("separator", ["", "\n"], ids=["one-paragraph", "many-paragraphs"])
def test_over_long_article_is_split_into_pieces_that_tile_it(separator: str) -> None:
    body = separator.join(LONG_SENTENCE for _ in range(400))
    text = TITLE + f"第一条　{body}\n第二条　本办法自2025年1月1日起施行。\n"
    edition = parse(raw_document(text))
    clause = next(clause for clause in edition.clauses if clause.path == "1")
    assert flat(clause.text) == flat(body)
    pieces = sorted((chunk for chunk in _chunks(text) if chunk.path == "1"), key=lambda chunk: chunk.start)
    assert len(pieces) > 20
    assert max(len(chunk.text) for chunk in pieces) <= 1000
    assert "".join(clause.text[chunk.start : chunk.end] for chunk in pieces) == clause.text
    assert len({chunk.id for chunk in pieces}) == len(pieces)


def test_long_text_without_any_stop_is_split_too() -> None:
    text = TITLE + "第一条　" + "船舶管理" * 2000 + "。\n第二条　本办法自2025年1月1日起施行。\n"
    assert max(len(chunk.text) for chunk in _chunks(text)) <= 1000
