"""The stream of a model: thinking taken out, sentences cut, markers normalised, wherever its pieces end."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generate import Request
from rag.generate.form import SentenceKind, kind_of
from rag.generate.text import (
    SentenceBuffer,
    ThinkFilter,
    markers,
    with_plain_markers,
    without_list_mark,
    without_markers,
)

PARTS = st.sampled_from(
    [
        "奖励80万元",
        "[1]",
        "[1,2]",
        "【3】",
        "。",
        "!",
        "?",
        "\n",
        " ",
        "(见附件。)",
        "《办法》",
        "“",
        "”",
        "<",
        "[",
        "1.5",
        "x",
    ]
)
TEXTS = st.lists(PARTS, max_size=30).map("".join)
THOUGHTS = st.lists(
    st.one_of(PARTS, st.sampled_from(["<think>", "</think>", "<THINK>", "<thinking>", "</thinking>", "<thi", "</"])),
    max_size=20,
).map("".join)


def pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({cut % (len(text) + 1) for cut in cuts})
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def sentences(parts: list[str], *, complete: bool = True) -> list[str]:
    buffer = SentenceBuffer()
    found = [sentence for part in parts for sentence in buffer.feed(part)]
    return found + buffer.finish(complete=complete)


def visible(parts: list[str]) -> tuple[str, int]:
    """What is left of a stream: a restart forgets what came before."""
    think = ThinkFilter()
    text = ""
    for part in parts:
        orphans = think.orphans
        shown = think.feed(part)
        text = shown if think.orphans != orphans else text + shown
    return text + think.finish(), think.orphans


@given(TEXTS, st.lists(st.integers(0, 400), max_size=8))
def test_sentences_do_not_depend_on_how_the_stream_is_cut(text: str, cuts: list[int]) -> None:
    assert sentences(pieces(text, cuts)) == sentences([text])


@given(TEXTS)
def test_no_character_but_blanks_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences([text])).split()) == "".join(text.split())


@given(TEXTS, st.integers(0, 400))
def test_a_sentence_of_a_cut_stream_is_one_of_the_whole_or_lacks_only_markers(text: str, cut: int) -> None:
    whole = sentences([text])
    for sentence in sentences([text[: cut % (len(text) + 1)]], complete=False):
        assert any(full.startswith(sentence) for full in whole)
        assert not sentence or sentence[-1] in "。！？ ”)]】" or f"{sentence}" in whole


@given(THOUGHTS, st.lists(st.integers(0, 400), max_size=8))
def test_thinking_does_not_depend_on_how_the_stream_is_cut(text: str, cuts: list[int]) -> None:
    assert visible(pieces(text, cuts)) == visible([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>想</think>答", "答"),
        ("<think>想", ""),
        ("甲<think>想</think>乙", "甲乙"),
        ("想</think>答", "答"),
        ("<think></think>\n\n答", "\n\n答"),
        ("3<5,<thin", "3<5,<thin"),
    ],
)
def test_thinking_is_taken_out(text: str, expected: str) -> None:
    assert visible([text])[0] == expected
    assert visible(list(text))[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("奖80万元[1]。另奖5万元[2]。", ["奖80万元[1]。", "另奖5万元[2]。"]),
        ("奖80万元。[1]另奖5万元。 [2][3]", ["奖80万元。[1]", "另奖5万元。 [2][3]"]),
        ("按《办法(试行。)》奖80万元[1]。", ["按《办法(试行。)》奖80万元[1]。"]),
        ("共两类:\n1. 甲[1];\n\n2. 乙[1]", ["共两类:", "", "1. 甲[1];", "", "", "2. 乙[1]"]),
        ("能拿吗?能。", ["能拿吗?能。"]),
        ("能拿吗？能。", ["能拿吗？", "能。"]),
    ],
)
def test_sentences_keep_the_markers_behind_their_stop(text: str, expected: list[str]) -> None:
    assert sentences(list(text)) == expected


def test_a_sentence_waits_for_markers_that_may_follow_its_stop() -> None:
    buffer = SentenceBuffer()
    assert buffer.feed("奖80万元。") == []
    assert buffer.feed("[") == []
    assert buffer.feed("1") == []
    assert buffer.feed("]") == []
    assert buffer.feed("另") == ["奖80万元。[1]"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("奖80万元【1】", "奖80万元[1]"),
        ("奖80万元［1］［2］", "奖80万元[1][2]"),
        ("奖80万元[1,2]", "奖80万元[1][2]"),
        ("奖80万元[1、 3]", "奖80万元[1][3]"),
        ("奖80万元[1-3]", "奖80万元[1][2][3]"),
        ("奖80万元[^2]", "奖80万元[2]"),
        ("奖80万元[条款2]", "奖80万元[2]"),
        ("临政办[2024]9号", "临政办[2024]9号"),
        ("临政办〔24〕9号", "临政办〔24〕9号"),
    ],
)
def test_markers_of_every_form_become_plain(written: str, plain: str) -> None:
    assert with_plain_markers(written) == plain


def test_markers_are_read_in_order_each_once() -> None:
    assert markers("甲[2]乙[1]丙[2]。") == (2, 1)
    assert without_markers("甲[2]乙【1】。") == "甲乙。"


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("1. 甲级80万元", "甲级80万元"),
        ("2、乙级", "乙级"),
        ("(3)丙级", "丙级"),
        ("- 甲级", "甲级"),
        ("### 标准", "标准"),
        ("1.5亿元", "1.5亿元"),
        ("10、20万元", "10、20万元"),
        ("80万元", "80万元"),
    ],
)
def test_only_list_marks_are_taken_off(line: str, bare: str) -> None:
    assert without_list_mark(line) == bare


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("甲级奖80万元[1]。", SentenceKind.FACT),
        ("甲级奖80万元。", SentenceKind.FACT),
        ("甲级可以得到奖励。", SentenceKind.FACT),
        ("条款没有写明截止时间。", SentenceKind.SILENT),
        ("条款没有写明,一般是80万元。", SentenceKind.FACT),
        ("有3项支持:", SentenceKind.LEAD),
        ("奖励标准如下：", SentenceKind.LEAD),
        ("最高80万元,分别是:", SentenceKind.FACT),
        ("贵公司属于哪一类?", SentenceKind.LEAD),
        ("**支持标准**", SentenceKind.LEAD),
        ("计算:80万元 + 30万元 = 110万元。", SentenceKind.CALCULATION),
        ("80万元 + 30万元 = 120万元。", SentenceKind.FACT),
    ],
)
def test_what_a_sentence_does(sentence: str, kind: SentenceKind) -> None:
    request = Request("问", (), (), date(2026, 1, 1), ("80万元 + 30万元 = 110万元",), "")
    assert kind_of(sentence, request) is kind
