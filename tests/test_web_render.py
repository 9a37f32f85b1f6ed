"""What the chat page shows of an answer: escaped HTML, cards, badges, questions back with their buttons."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import Clause, EditionKind, PolicyFacts, SourceSpan, Status
from index.settings import Settings
from rag.answer import Answer
from rag.citing import Calculation, Citation
from rag.validity import AnswerWarning
from web.cards import cards_html, highlighted, library_link
from web.render import answer_html, paragraphs_html, shortened
from web.service import AnswerService
from web.texts import load_texts

ZH, EN = load_texts("zh"), load_texts("en")
NASTY = "<img src=x onerror=alert(1)>&\"'</script>[1](javascript:alert(1))"
FACTS = PolicyFacts(
    title="甲市办法", doc_number="甲政〔2024〕1号", issuers=("甲市人民政府",), expires_on=date(2021, 12, 31)
)


class Reader:
    """An index with one policy."""

    def __init__(self, facts: PolicyFacts | None = FACTS, page: int | None = None) -> None:
        self.manifest = SimpleNamespace(corpus_version="v1")
        self._facts = facts
        self._page = page

    def facts(self) -> dict[str, PolicyFacts]:
        return {"p": self._facts} if self._facts is not None else {}

    def clause(self, policy_id: str, path: str) -> Clause | None:
        return Clause(path, "二、(五)", None, "文", "文", SourceSpan(0, 1, self._page)) if policy_id == "p" else None


CITATION = Citation(
    marker="[1]",
    title="甲市办法",
    doc_number="甲政〔2024〕1号",
    path="2.5",
    label="二、(五)",
    quote="资助1亿元,不超过15%,连续三年。",
    trail=("二、创新",),
    status=Status.EXPIRED,
    edition=EditionKind.DIGEST,
    policy_id="p",
)


def answer(**changes: object) -> Answer:
    values: dict[str, object] = {
        "id": "x",
        "status": "answered",
        "text": "资助1亿元。[1]",
        "citations": (CITATION,),
        "warnings": (AnswerWarning("expired", "已经失效。"),),
        "calculations": (),
        "ask_back": (),
        "mode": "composed",
        "latency_ms": 1.0,
        "as_of": date(2026, 1, 1),
    }
    return Answer(**{**values, **changes})  # type: ignore[arg-type]


def cards(given: Answer, reader: Any = None, texts=ZH) -> str:
    return cards_html(given, reader or Reader(), texts)


def tags(html: str) -> set[str]:
    return set(re.findall(r"<([a-z0-9]+)", html))


def cited(status: Status, **changes: object) -> Answer:
    made = Citation("[1]", "办法", None, "1", "第一条", "原文", status=status, policy_id="p", **changes)
    return answer(citations=(made,))


# Cards


def test_a_card_shows_where_the_quote_stands_and_whether_it_holds() -> None:
    html = cards(answer(), Reader(page=7))
    for shown in (
        *("[1]", "二、(五)", "甲市办法", "甲政〔2024〕1号", "二、创新", "已失效 · 2021-12-31", "摘编"),
        *("甲市人民政府", "有效期至", "第 7 页", "查看全文"),
    ):
        assert shown in html


def test_figures_are_marked_and_words_are_not() -> None:
    assert re.findall(r"<mark>(.*?)</mark>", highlighted(CITATION.quote)) == ["1亿元", "15%"]
    numbered = "按杭政办函〔2017〕102号和(2018)第3号,2019年补助3家。"
    assert re.findall(r"<mark>(.*?)</mark>", highlighted(numbered)) == ["2019年", "3家"]


def test_the_link_to_the_full_text_names_clause_quote_and_day() -> None:
    link = library_link("p", "2.5", ZH, quote="资助1亿元&<", as_of=date(2020, 1, 2))
    assert link == "/library?policy=p&clause=2.5&as_of=2020-01-02&quote=%E8%B5%84%E5%8A%A91%E4%BA%BF%E5%85%83%26%3C"
    assert library_link("p", "1", EN) == "/en/library?policy=p&clause=1"


def test_a_policy_that_has_left_the_index_keeps_its_card_without_a_link() -> None:
    html = cards(answer(), Reader(facts=None))
    assert "甲市办法" in html
    assert "<a " not in html


@pytest.mark.parametrize(
    ("status", "facts", "shown"),
    [
        (Status.IN_FORCE, PolicyFacts(title="办法", expires_on=date(2029, 4, 30)), "有效 · 至 2029-04-30"),
        (Status.IN_FORCE, PolicyFacts(title="办法", effective_on=date(2024, 5, 1)), "有效 · 2024-05-01 起"),
        (Status.IN_FORCE, PolicyFacts(title="办法"), "有效"),
        (Status.EXPIRED, PolicyFacts(title="办法", repealed_on=date(2023, 1, 1)), "已失效 · 2023-01-01"),
        (Status.PERIOD_ENDED, PolicyFacts(title="办法", period=(2019, 2022)), "规划期已满 · 2019—2022年"),
        (
            Status.NOT_YET_EFFECTIVE,
            PolicyFacts(title="办法", effective_on=date(2030, 1, 1)),
            "尚未施行 · 2030-01-01 起",
        ),
        (Status.UNKNOWN, PolicyFacts(title="办法"), "效力未载明"),
        (Status.DRAFT, PolicyFacts(title="办法"), "征求意见稿"),
    ],
)
def test_the_badge_names_the_day_the_status_turns_on(status: Status, facts: PolicyFacts, shown: str) -> None:
    assert f">{shown}</span>" in cards(cited(status), Reader(facts))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_badge_in_both_languages(status: Status) -> None:
    for texts in (ZH, EN):
        assert texts(f"chat.status_{status.name}") in cards(cited(status), texts=texts)


@pytest.mark.parametrize("edition", list(EditionKind))
def test_every_kind_of_edition_has_a_name_in_both_languages(edition: EditionKind) -> None:
    for texts in (ZH, EN):
        assert texts(f"chat.edition_{edition.value}") in cards(cited(Status.IN_FORCE, edition=edition), texts=texts)


def test_an_answer_without_citations_has_no_cards() -> None:
    assert cards(answer(citations=())) == ""


# Answers


def test_html_in_questions_and_policies_is_shown_as_text() -> None:
    nasty = Citation(
        **dict.fromkeys(("title", "doc_number", "path", "label", "quote", "heading"), NASTY),
        marker="[1]",
        trail=(NASTY,),
        policy_id="p",
    )
    made = answer(
        text=NASTY,
        citations=(nasty, CITATION),
        warnings=(AnswerWarning("expired", NASTY),),
        calculations=(Calculation(NASTY, NASTY),),
        ask_back=(NASTY, f"是否符合“{NASTY}”?"),
        offered={f"是否符合“{NASTY}”?": (NASTY, "不是")},
        mode=NASTY,
    )
    facts = PolicyFacts(title=NASTY, doc_number=NASTY, issuers=(NASTY,))
    html = answer_html(made, ZH) + cards(made, Reader(facts))
    assert not tags(html) & {"img", "script", "svg", "iframe"}
    assert "onerror=alert(1)&gt;" in html
    # Attributes stay within their quotes, and no address is one to run.
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', html))
    assert set(re.findall(r"\s(on\w+)=", re.sub(r"&lt;img.*?&gt;", "", html))) == set()


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_becomes_an_element_of_its_own(first: str, second: str) -> None:
    made = answer(
        text=first, ask_back=(second,), offered={second: (first, "是")}, warnings=(AnswerWarning("x", first),)
    )
    plain = answer(text="文", ask_back=("问",), offered={"问": ("答", "是")}, warnings=(AnswerWarning("x", "文"),))
    assert tags(answer_html(made, ZH)) <= tags(answer_html(plain, ZH)) | {"p", "sup", "form", "input", "button"}


def test_markers_become_buttons_with_a_name_and_nothing_else_does() -> None:
    html = paragraphs_html("资助1亿元。[1][12]\n见[2024]和[x]。", ZH)
    assert re.findall(r'data-card="(\d+)" aria-label="([^"]+)"', html) == [("1", "依据 1"), ("12", "依据 12")]
    assert html.count("<p>") == 2


def test_a_calculation_is_a_row_and_says_its_result_once() -> None:
    made = answer(
        calculations=(Calculation("800万元 × 10% = 80万元", "80万元"), Calculation("甲 ≥ 乙,对应400万元", "400万元"))
    )
    html = answer_html(made, ZH)
    assert html.count("80万元</td>") == 1
    assert '<td>800万元 × 10%</td><td class="result">= 80万元</td>' in html
    assert '<td>甲 ≥ 乙,对应</td><td class="result">400万元</td>' in html


def test_a_question_back_has_its_answers_as_buttons_that_state_a_fact() -> None:
    asked = "是否符合“生产型企业”?"
    html = answer_html(answer(ask_back=(asked,), offered={asked: ("是", "不是", "不清楚")}), ZH)
    assert re.findall(r'data-statement="([^"]+)">([^<]+)<', html) == [
        ("我们符合“生产型企业”", "是"),
        ("我们不符合“生产型企业”", "不是"),
    ]


def test_a_question_back_for_a_figure_has_a_field() -> None:
    html = answer_html(answer(ask_back=("年出口额是多少?(达到3000万元:够;否则:不够)",)), ZH)
    assert '<form class="options" data-statement="年出口额{reply}">' in html
    assert 'aria-label="回答“年出口额是多少?(达到3000万元:够;否则:不够)”"' in html


def test_a_figure_that_is_not_the_one_meant_can_be_given_at_once() -> None:
    asked = "您说的营收520亿元,是制造业业务年营业收入吗?(是:要求达到500亿元,够;不是:要另给)"
    html = answer_html(answer(ask_back=(asked,), offered={asked: ("是", "不是")}), ZH)
    assert re.findall(r'data-statement="([^"]+)">([^<]+)<', html) == [("制造业业务年营业收入520亿元", "是")]
    assert '<form class="options" data-statement="制造业业务年营业收入{reply}"><span>不是,应为</span>' in html


def test_an_answer_of_a_language_model_says_so() -> None:
    assert "由语言模型 qwen" in answer_html(answer(mode="qwen"), ZH)
    assert 'class="mode"' not in answer_html(answer(), ZH)


def test_a_long_title_is_cut_and_whole_in_its_tooltip() -> None:
    title = "关于" * 40
    html = answer_html(answer(citations=(Citation("[1]", title, None, "1", "第一条", "文", policy_id="p"),)), ZH)
    assert f'title="{title}"' in html
    assert f"《{shortened(title)}》" in html
    assert len(shortened(title)) == 28


def test_a_missing_index_is_a_message_in_the_page(tmp_path: Path) -> None:
    assert "python -m index build" in AnswerService(Settings(data_dir=tmp_path)).holdings(examples=4).problem


def test_a_broken_index_is_a_message_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "CURRENT").write_text("garbage", encoding="utf-8")
    assert "已损坏" in AnswerService(Settings(data_dir=tmp_path)).holdings(examples=4).problem
