"""Damaged and hostile text: parsing never fails, and what it returns stays consistent."""

from __future__ import annotations

from documents.gold import load_documents, raw_document
from hypothesis import given, settings
from hypothesis import strategies as st

from index.parse import parse

TEXTS = [document.raw.text for document in load_documents()]
PIECES = (
    *(
        "一、",
        "(一)",
        "（二）",
        "第三条",
        "1.",
        "2.1",
        "①",
        "第十条之一",
        "第零条",
        "附件1\n",
        "附件：1.甲\n",
        "第二章",
        "目录",
    ),
    *(
        "\n",
        "\n\n",
        "\f",
        "\t",
        "|",
        "《",
        "》",
        "（",
        "。",
        "：",
        "\ua3ac",
        "\ue000",
        "〔2020〕",
        "索引号：1\n文号：2\n",
    ),
    *("2024年2月30日", "自2024年13月1日起施行", "有效期至2021年2月30日", "有效期三年", "2015年99月1日 施行"),
)
edits = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 80), st.sampled_from(PIECES)), min_size=1, max_size=20)


def _check(text: str, suffix: str) -> None:
    end = 0
    clauses = parse(raw_document(text, suffix=suffix)).clauses
    assert len({clause.path for clause in clauses}) == len(clauses)
    for clause in clauses:
        assert len(clause.text) == len(clause.written)
        assert clause.heading is None or clause.text.startswith(clause.heading)
        assert end <= clause.source.start < clause.source.end <= len(text)
        end = clause.source.end


@settings(max_examples=150)
@given(text=st.sampled_from(TEXTS), made=edits, suffix=st.sampled_from((".txt", ".md")))
def test_cut_and_spliced_documents_are_parsed_consistently(
    text: str, made: list[tuple[int, int, str]], suffix: str
) -> None:
    for place, cut, piece in made:
        place %= len(text) + 1
        text = text[:place] + piece + text[place + cut :]
    _check(text.removeprefix("---"), suffix)


@settings(max_examples=100)
@given(
    text=st.text(
        alphabet=st.sampled_from("一二三、(（)）.。；:：第条章1２\n 款项附件市政府年月日\u3000\ufeff\x02#|*"),
        max_size=400,
    )
)
def test_any_text_is_parsed(text: str) -> None:
    _check(text.removeprefix("---"), ".md")
