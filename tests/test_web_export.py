"""A conversation as a file: complete, with the clauses in full, and whole whatever the words are."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from docx import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt
from pydantic import ValidationError

from index.models import Clause, PolicyFacts, SourceSpan
from web.export import Line, Turn, document, markdown, response, word

CLAUSE = "对首次获评的企业,给予80万元奖励。\n(一)分两年拨付;\n(二)*不得*重复享受。"
FACTS = PolicyFacts("甲市办法", "甲政〔2024〕1号", expires_on=date(2021, 12, 31))
NASTY = (
    '<script>alert(1)</script>![x](http://203.0.113.7/a.png)[y](javascript:alert(1))\n=HYPERLINK("http://203.0.113.7")'
)
CONTROL = "甲\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffff\u2028乙\r\n丙\x85丁"
STYLES = ("title", "heading", "question", "text", "quote", "note", "source")
WORDS = st.text(st.characters(), max_size=60) | st.text("#*_-+.>|`~[]()!\\<&=1 \t\n\r,甲", max_size=30)
# Fields with a type are checked when they come in; a lone surrogate is no text.
SENT = WORDS.filter(lambda text: not re.search("[\ud800-\udfff]", text))
LINES = st.lists(st.builds(Line, st.sampled_from(STYLES), WORDS), max_size=8)
# What turns words into anything but words.
LIVE = {"image", "link_open", "html_inline", "html_block", "code_inline", "code_block", "fence", "table_open", "s_open"}


class Reader:
    """An index with one policy of one clause."""

    def __init__(self, version: str = "v2") -> None:
        self.manifest = SimpleNamespace(corpus_version=version)

    def facts(self) -> dict[str, PolicyFacts]:
        return {"p": FACTS}

    def clause(self, policy_id: str, path: str) -> Clause | None:
        return (
            Clause(path, "第一条", None, CLAUSE, CLAUSE, SourceSpan(0, 1)) if (policy_id, path) == ("p", "1") else None
        )


READER: Any = Reader()


def citation(**changes: object) -> dict[str, object]:
    policy = {"title": "甲市办法", "doc_number": "甲政〔2024〕1号"}
    return {"marker": "[1]", "policy": policy, "path": "1", "label": "第一条", "quote": "给予80万元奖励", **changes}


def turn(**changes: object) -> Turn:
    answer = {
        "answer": "奖励80万元。[1]\n有效期至2021年。[1]",
        "citations": [citation()],
        "warnings": [{"code": "expired", "message": "已经失效。"}],
        "calculations": [{"formula": "800 × 10%", "result": "80万元"}],
        "ask_back": ["是否首次?"],
    }
    day, version = "2026-03-01", "v1"
    values = {"question": "奖多少?", "answer": answer, "as_of": day, "corpus_version": version, "policy_ids": ["p"]}
    return Turn.model_validate({**values, **changes})


def paragraphs(file: bytes) -> list[str]:
    return [one.text for one in Document(io.BytesIO(file)).paragraphs]


def tokens(text: str) -> set[str]:
    """The kinds of Markdown elements in a text."""
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return {inner.type for token in parsed for inner in [token, *(token.children or [])]}


def shown(text: str) -> str:
    """The words of a Markdown text as a reader sees them, without blanks."""
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inner = (one for token in parsed for one in token.children or [])
    return "".join("".join(one.content.split()) for one in inner if one.type in ("text", "text_special"))


def written(text: str) -> str:
    """What is left of a text in a file, without blanks: characters that no XML may hold are dropped."""
    return "".join(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text).split())


# What is in the file


@pytest.mark.parametrize("form", ["md", "docx"])
def test_a_file_has_questions_answers_sources_clauses_day_and_version(form: str) -> None:
    made = response("我的对话", [turn()], form, READER)  # type: ignore[arg-type]
    text = made.body.decode() if form == "md" else "\n".join(paragraphs(made.body))
    flat = text.replace("\\", "")
    for said in (
        *(
            "我的对话",
            "奖多少?",
            "奖励80万元。[1]",
            "有效期至2021年。[1]",
            "计算:800 × 10% = 80万元",
            "注意:已经失效。",
        ),
        *("请补充:是否首次?", "以 2026-03-01 为准", "政策库版本:v2", "当时的政策库版本:v1"),
        *("[1] 《甲市办法》(甲政〔2024〕1号)第一条:给予80万元奖励", "条款全文", *CLAUSE.split("\n")),
    ):
        assert said in flat, said


def test_a_clause_cited_twice_is_printed_once_and_one_that_left_the_index_is_left_out() -> None:
    gone = turn(policy_ids=["q"])
    lines = list(document("t", [turn(), turn(), gone], READER))
    assert [line.text for line in lines if line.style == "quote"] == CLAUSE.split("\n")


def test_a_question_without_an_answer_says_why() -> None:
    lines = list(document("t", [Turn(question="甲"), Turn(question="乙", message="已停止。")], READER))
    assert [line.text for line in lines if line.style == "note"][2:] == ["没有回答。", "已停止。"]
    assert "条款全文" not in [line.text for line in lines]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("绿色工厂奖多少?", "绿色工厂奖多少"),
        ("../../etc/passwd", "etc passwd"),
        ('a\\b/c:d*e?f"g<h>i|j', "a b c d e f g h i j"),
        ("...", "政策问答"),
        ("", "政策问答"),
        ("x\r\nSet-Cookie: a=b", "x Set-Cookie  a=b"),
        ("长" * 200, "长" * 60),
    ],
)
def test_the_name_of_the_file_is_the_title_without_what_a_disk_refuses(title: str, name: str) -> None:
    header = response(title, [turn()], "md", READER).headers["content-disposition"]
    assert unquote(header.removeprefix("attachment; filename*=UTF-8''")) == f"{name}-{date.today().isoformat()}.md"


def test_an_answer_of_another_form_is_taken_for_what_it_has() -> None:
    """What a browser has kept may be of an earlier version, or changed by hand."""
    odd = turn(
        answer={
            "answer": 7,
            "citations": [1, {"policy": "x"}, {"policy": None, "path": 3}],
            "warnings": "none",
            "calculations": [{"result": None}],
            "ask_back": [1, None],
        },
        policy_ids=[],
    )
    for form in ("md", "docx"):
        assert response("t", [odd], form, READER).body  # type: ignore[arg-type]


def test_a_list_that_is_none_is_taken_for_an_empty_one() -> None:
    assert response("t", [turn(answer={"answer": "甲", "ask_back": None, "citations": None})], "md", READER).body


@pytest.mark.parametrize("changes", [{"question": "问" * 20_001}, {"other": 1}, {"policy_ids": "p"}])
def test_what_is_no_turn_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        turn(**changes)


# Whatever the words are


@given(LINES)
@example([Line("text", NASTY), Line("question", NASTY), Line("quote", NASTY)])
@example([Line("text", "甲\n===\n乙"), Line("text", "---"), Line("text", "    code"), Line("text", "甲\r- 乙")])
@example([Line("text", "| a | b |\n| - | - |"), Line("text", "1. 甲"), Line("text", "12) 乙"), Line("quote", "+ 丙")])
@example([Line("text", "http://203.0.113.7 www.x.cn &lt;b&gt; ~~x~~ ``` $a$")])
def test_words_stay_words_in_markdown(lines: list[Line]) -> None:
    text = markdown(lines)
    assert not tokens(text) & LIVE
    prefixes = {"question": "问:", "source": ""}
    said = (prefixes.get(line.style, "") + written(line.text) for line in lines if written(line.text))
    assert shown(text) == "".join(said)


@settings(max_examples=40)
@given(LINES)
@example([Line(style, CONTROL) for style in STYLES])
@example([Line("text", NASTY)])
def test_any_text_gives_a_word_file_that_opens_with_the_same_words(lines: list[Line]) -> None:
    file = word(lines)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
        assert b"HYPERLINK" not in archive.read("word/document.xml").replace(b"=HYPERLINK(", b"")
    for line, text in zip(lines, paragraphs(file), strict=True):
        assert "".join(text.split()) == written(line.text)


@settings(max_examples=40)
@given(SENT, SENT, WORDS)
@example(CONTROL.replace("\ud800\udfff", ""), CONTROL.replace("\ud800\udfff", ""), CONTROL)
@example(NASTY, NASTY, NASTY)
def test_any_conversation_becomes_a_file(title: str, question: str, said: str) -> None:
    one = turn(question=question, answer={"answer": said, "citations": [citation(quote=said, label=title)]})
    for form in ("md", "docx"):
        made = response(title, [one], form, READER)  # type: ignore[arg-type]
        assert made.body
        assert "\n" not in made.headers["content-disposition"]
