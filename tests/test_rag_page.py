"""What the chat page shows: escaped HTML, cards, messages for what goes wrong."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from index.models import EditionKind, PolicyFacts, Status
from index.settings import Settings
from rag.answer import Answer, Citation
from rag.validity import AnswerWarning
from web.chat import _ask, _day
from web.render import Exchange, conversation_html, panel_html
from web.service import AnswerService

NASTY = "<img src=x onerror=alert(1)>&\"'"
FACTS = PolicyFacts(title="甲市办法", expires_on=date(2021, 12, 31))


def answer(**changes: object) -> Answer:
    citation = Citation(
        marker="[1]",
        title="甲市办法",
        doc_number="甲政〔2024〕1号",
        path="2.5",
        label="二、(五)",
        quote="资助1亿元,不超过15%。",
        trail=("二、创新",),
        status=Status.EXPIRED,
        edition=EditionKind.DIGEST,
        policy_id="p",
    )
    values: dict[str, object] = {
        "id": "x",
        "status": "answered",
        "text": "资助1亿元。[1]",
        "citations": (citation,),
        "warnings": (AnswerWarning("expired", "已经失效。"),),
        "calculations": (),
        "ask_back": (),
        "mode": "composed",
        "latency_ms": 1.0,
        "as_of": date(2026, 1, 1),
    }
    return Answer(**{**values, **changes})  # type: ignore[arg-type]


def tags(html: str) -> set[str]:
    return set(re.findall(r"<([a-z0-9]+)", html))


def test_a_card_shows_where_the_quote_stands_and_whether_it_holds() -> None:
    html = panel_html([Exchange("问", answer(), facts={"p": FACTS})])
    for shown in ("[1]", "二、(五)", "甲市办法", "甲政〔2024〕1号", "二、创新", "已失效 · 2021-12-31", "摘编"):
        assert shown in html
    assert "<mark>1亿元</mark>" in html
    assert "<mark>15%</mark>" in html


def test_html_in_questions_and_policies_is_shown_as_text() -> None:
    citation = answer().citations[0]
    nasty = Citation(
        **dict.fromkeys(("marker", "title", "doc_number", "path", "label", "quote"), NASTY), trail=(NASTY,)
    )
    given = answer(
        text=NASTY, citations=(nasty, citation), warnings=(AnswerWarning("expired", NASTY),), ask_back=(NASTY,)
    )
    exchanges = [Exchange(NASTY, given), Exchange(NASTY, message=NASTY), Exchange(NASTY, given)]
    html = conversation_html(exchanges) + panel_html(exchanges)
    assert "img" not in tags(html)
    assert "onerror=alert(1)&gt;" in html


def test_earlier_answers_keep_their_cards_folded() -> None:
    html = panel_html([Exchange("问一", answer()), Exchange("问二", answer(citations=()))])
    assert html.index("这个回答没有引用条款") < html.index("<summary>问一</summary>")


@pytest.mark.parametrize(
    ("status", "facts", "shown"),
    [
        (Status.IN_FORCE, PolicyFacts(title="办法", expires_on=date(2029, 4, 30)), "有效 · 至 2029-04-30"),
        (Status.IN_FORCE, PolicyFacts(title="办法", effective_on=date(2024, 5, 1)), "有效 · 2024-05-01 起"),
        (Status.PERIOD_ENDED, PolicyFacts(title="办法", period=(2019, 2022)), "规划期已满 · 2019—2022年"),
        (
            Status.NOT_YET_EFFECTIVE,
            PolicyFacts(title="办法", effective_on=date(2030, 1, 1)),
            "尚未施行 · 2030-01-01 起",
        ),
        (Status.UNKNOWN, PolicyFacts(title="办法"), "未载明"),
        (Status.DRAFT, PolicyFacts(title="办法"), "征求意见稿"),
    ],
)
def test_the_badge_names_the_day_the_status_turns_on(status: Status, facts: PolicyFacts, shown: str) -> None:
    citation = Citation("[1]", "办法", None, "1", "第一条", "原文", status=status, policy_id="p")
    html = panel_html([Exchange("问", answer(citations=(citation,)), facts={"p": facts})])
    assert f">{shown}</span>" in html


def test_a_missing_index_is_a_message_in_the_page(tmp_path: Path) -> None:
    service = AnswerService(Settings(data_dir=tmp_path))
    assert "python -m index build" in service.holdings(examples=4).problem


def test_a_broken_index_is_a_message_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "CURRENT").write_text("garbage", encoding="utf-8")
    assert "已损坏" in AnswerService(Settings(data_dir=tmp_path)).holdings(examples=4).problem


class FailingService(AnswerService):
    def ask(self, question, before, as_of):
        raise AssertionError("must not be asked")


def test_a_wrong_date_is_answered_with_what_is_wrong(tmp_path: Path) -> None:
    shown = list(_ask(FailingService(Settings(data_dir=tmp_path)), "问题", [], "2026-13-01"))
    assert "日期“2026-13-01”不正确" in shown[-1][1]
    assert [exchange.question for exchange in shown[-1][0]] == ["问题"]


def test_an_empty_question_changes_nothing(tmp_path: Path) -> None:
    ((conversation, html, _, box),) = _ask(FailingService(Settings(data_dir=tmp_path)), "  ", [], None)
    assert (conversation, box) == ([], "")
    assert "想了解哪项政策" in html


def test_the_day_is_read_from_the_control() -> None:
    assert _day("2020-03-01 00:00:00") == date(2020, 3, 1)
    assert _day("2020-03-01") == date(2020, 3, 1)
    assert _day("") is None
    assert _day(None) is None


def test_the_style_names_no_font_or_file_of_another_host() -> None:
    style = (Path(__file__).parents[1] / "web" / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style
