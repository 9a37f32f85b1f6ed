"""Chunks tile their clauses, are cut where a reader would cut, and carry what introduces them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.chunk import CONTEXT_LIMIT, LEAD_LIMIT, PIECE_LIMIT, chunk_policy, split_text
from index.models import Clause, Edition, EditionKind, Policy, PolicyFacts, SourceSpan

TITLE = "杭州市人民政府关于示例的若干意见"
CHARACTERS = st.sampled_from("企业奖励金额万元的。；！？，、：\n《》（）“”()12,3aB ")


def clause(path: str, text: str, *, heading: str | None = None, trail: tuple[str, ...] = ()) -> Clause:
    return Clause(path, path, heading, text, text, SourceSpan(0, len(text)), trail)


def policy(*clauses: Clause) -> Policy:
    facts = PolicyFacts(title=TITLE)
    return Policy("p1", facts, (Edition("a.txt", "0" * 64, EditionKind.ORIGINAL, facts, clauses),))


@given(st.text(CHARACTERS, max_size=400) | st.text(max_size=200), st.integers(1, 60))
@example("（" * 50 + "企业。" * 20, 10)
@example("100,000,000" * 9, 7)
def test_pieces_tile_the_text_within_the_limit(text, limit):
    ranges = split_text(text, limit)
    if not text.strip():
        assert ranges == []
        return
    assert "".join(text[start:end] for start, end in ranges) == text
    assert all(0 < end - start <= limit for start, end in ranges)
    assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]


@given(st.lists(st.text("企业奖励金额，、万元", min_size=1, max_size=30), min_size=2, max_size=20))
def test_cuts_fall_at_sentence_ends_where_every_sentence_fits(sentences):
    text = "".join(f"{sentence}。" for sentence in sentences)
    for _, end in split_text(text, 40):
        assert text[end - 1] == "。"


def test_book_titles_quotes_and_brackets_are_not_cut_where_it_can_be_avoided():
    text = "按《关于一。关于二；的通知》执行。“第一。第二。”同样执行(含设备。含软件。)。其余不变。"
    pieces = [text[start:end] for start, end in split_text(text, 24)]
    assert pieces == ["按《关于一。关于二；的通知》执行。", "“第一。第二。”同样执行(含设备。含软件。)。", "其余不变。"]


def test_a_bracket_left_open_does_not_stop_the_cutting_of_later_paragraphs():
    text = "支持（含设备。\n" + "奖励企业。" * 10
    assert all(text[end - 1] in "。\n" for _, end in split_text(text, 20))


def test_a_long_sentence_is_cut_at_pauses_but_not_inside_a_number():
    text = "奖励100,000,000元" * 3 + "，其中设备按比例，软件按比例"
    pieces = [text[start:end] for start, end in split_text(text, 46)]
    assert pieces[0] == "奖励100,000,000元" * 3 + "，"
    assert len(pieces) == 2


def test_a_sentence_without_pauses_is_cut_between_words_of_latin_letters_and_digits():
    text = "奖" * 18 + "123456" + "励" * 10
    assert next(text[start:end] for start, end in split_text(text, 20)) == "奖" * 18


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match="分块长度"):
        split_text("企业", 0)


def test_a_chunk_has_title_and_headings_in_front_and_keeps_the_path():
    (chunk,) = chunk_policy(policy(clause("2.5", "奖励100万元。", trail=("二、支持创新",))))
    assert (chunk.id, chunk.path, chunk.piece) == ("p1#2.5#0", "2.5", 0)
    assert chunk.context == f"{TITLE}\n二、支持创新"
    assert chunk.text == f"{TITLE}\n二、支持创新\n奖励100万元。"


def test_items_get_the_lead_text_that_introduces_them():
    lead = "企业符合下列条件之一的，给予奖励："
    chunks = chunk_policy(policy(clause("12", lead), clause("12.1", "营收首次超过100亿元的；")))
    assert lead in chunks[1].context
    assert chunks[1].text.endswith("营收首次超过100亿元的；")


def test_of_a_long_lead_text_only_the_introducing_sentence_is_taken():
    lead = "本市支持企业发展。" * 30 + "符合下列条件的给予奖励："
    chunks = chunk_policy(policy(clause("3", lead), clause("3.1", "首次上规。")))
    assert "符合下列条件的给予奖励：" in chunks[-1].context
    assert "本市支持企业发展" not in chunks[-1].context
    assert len(chunks[-1].context) < len(TITLE) + LEAD_LIMIT + 5


def test_a_long_text_that_introduces_nothing_is_no_context():
    body = "本市支持企业发展并且安排资金。" * 10
    chunks = chunk_policy(policy(clause("3", body), clause("3.1", "首次上规。")))
    assert chunks[-1].context == TITLE


def test_the_heading_is_no_lead_text_and_is_repeated_for_later_pieces():
    heading = "(一)支持首台套"
    long = heading + "\n" + "奖励企业一百万元。" * 60
    chunks = chunk_policy(policy(clause("3", long, heading=heading)))
    assert len(chunks) == 2
    assert heading not in chunks[0].context
    assert heading in chunks[1].context
    assert "".join(long[c.start : c.end] for c in chunks) == long
    assert all(c.end - c.start <= PIECE_LIMIT for c in chunks)


def test_ids_stay_unique_where_a_document_repeats_a_path():
    chunks = chunk_policy(policy(clause("1", "奖励。"), clause("1", "补助。")))
    assert [chunk.id for chunk in chunks] == ["p1#1#0", "p1#1#1"]


def test_a_clause_without_text_gives_no_chunk():
    assert chunk_policy(policy(clause("1", " \n"))) == []


def test_deep_context_is_bounded_and_keeps_the_title_and_what_is_nearest():
    trail = tuple(f"{number}、" + "支持企业发展" * 10 for number in "一二三四五六")
    lead = "对符合下列条件的企业，" + "按照规定的程序" * 12 + "给予奖励："
    chunks = chunk_policy(policy(clause("3", lead), clause("3.1", "首次上规。", trail=trail)))
    assert len(chunks[-1].context) <= CONTEXT_LIMIT
    assert chunks[-1].context.startswith(TITLE)
    assert chunks[-1].context.endswith("给予奖励：")
