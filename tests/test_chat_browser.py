"""The chat page in a real browser, served by a real process over an index of the shipped corpus."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rag_index
from browser import ROOT, Server, Visit, ask, browsing, open_page, screenshot, serving

from index.settings import Settings

pytestmark = pytest.mark.browser

QUESTION = "国家级制造业创新中心能拿多少资助?"
START_LIMIT = 10.0
MEMORY_LIMIT = 900.0
# Words and formats that may stand in Latin letters: the date format, and names that come from policies.
LATIN_ALLOWED = {"YYYY", "MM", "DD"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return rag_index.built(tmp_path_factory.mktemp("chat"), rag_index.CORPUS)


@pytest.fixture(scope="module")
def server(settings) -> Iterator[Server]:
    with serving(settings) as running:
        yield running


@pytest.fixture
def wide(server) -> Iterator[Visit]:
    with browsing() as visit:
        open_page(visit, server)
        yield visit


def test_the_answer_comes_with_its_card_and_nothing_leaves_the_machine(wide, server) -> None:
    ask(wide, QUESTION)
    assert "1亿元" in wide.page.locator("#chat .reply").inner_text()
    card = wide.page.locator("#panel .card").first
    assert card.locator(".label").inner_text() == "二、(五)"
    assert "1亿元" in card.locator("mark").all_inner_texts()
    assert "已失效 · 2021-12-31" in card.inner_text()
    assert "摘编" in card.inner_text()
    screenshot(wide, "chat")
    assert wide.elsewhere() == []
    assert wide.complaints == []
    assert server.resident_mb() < MEMORY_LIMIT


def test_the_page_is_served_quickly(server) -> None:
    assert server.seconds < START_LIMIT


def test_nothing_on_the_page_is_in_english_whatever_the_browsers_language(wide) -> None:
    ask(wide, QUESTION)
    texts = wide.page.evaluate(
        """() => {
            const attributes = ["title", "aria-label", "placeholder", "alt"];
            const found = [document.title, document.body.innerText];
            for (const element of document.body.querySelectorAll("*")) {
                for (const name of attributes) found.push(element.getAttribute(name) ?? "");
            }
            return found;
        }"""
    )
    words = {word for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)}
    assert words <= LATIN_ALLOWED
    assert wide.page.locator("footer").is_hidden()
    assert wide.page.evaluate("document.documentElement.lang") == "zh-CN"


def test_html_in_a_question_is_shown_as_it_was_typed(wide) -> None:
    typed = "<img src=x onerror='document.title=1'><b>绿色工厂</b>奖励多少?"
    ask(wide, typed)
    assert wide.page.locator("#chat .asked").inner_text() == typed
    assert wide.page.locator("#chat .asked img, #chat .asked b").count() == 0
    assert wide.page.title() == "政策问答"


def test_a_conversation_goes_on_and_keeps_the_earlier_cards(wide) -> None:
    ask(wide, QUESTION)
    ask(wide, "那省级的呢?")
    assert "1500万元" in wide.page.locator("#chat .reply").last.inner_text()
    assert wide.page.locator("#panel summary").all_inner_texts() == [QUESTION]
    wide.page.get_by_role("button", name="新对话").click()
    wide.page.locator("#chat .welcome").wait_for()
    assert wide.page.locator("#panel .card").count() == 0


def test_an_example_question_can_be_clicked_and_is_answered(wide) -> None:
    examples = wide.page.locator("#examples button:visible")
    examples.first.wait_for()
    assert 1 <= examples.count() <= 4
    examples.first.click()
    wide.page.locator("#panel .card").first.wait_for()
    assert wide.page.locator("#chat .asked").inner_text() == examples.first.inner_text()


def test_the_day_asked_for_decides_whether_the_policy_holds(wide) -> None:
    day = wide.page.locator("#as-of input").first
    day.fill("2020-03-01")
    day.press("Enter")
    ask(wide, QUESTION)
    assert "已经失效" not in wide.page.locator("#chat .reply").inner_text()
    assert "有效 · 至 2021-12-31" in wide.page.locator("#panel .card").first.inner_text()


def test_everything_can_be_read_on_a_phone(server) -> None:
    with browsing(width=390, height=844) as visit:
        open_page(visit, server)
        ask(visit, QUESTION)
        screenshot(visit, "chat-phone", full_page=True)
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        box = visit.page.locator("#question textarea").bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= 844 - box["height"]
        sides = [place.bounding_box() for place in visit.page.locator("#panel .card, #as-of").all()]
        assert all(side is not None and side["x"] >= 0 and side["x"] + side["width"] <= 390 for side in sides)


def test_without_an_index_the_page_says_what_to_do(tmp_path, settings) -> None:
    with serving(Settings(data_dir=tmp_path, model_cache=settings.models_dir)) as server, browsing() as visit:
        open_page(visit, server)
        assert "python -m index build" in visit.page.locator("#head .problem").inner_text()
        ask(visit, QUESTION)
        assert "还没有建立索引" in visit.page.locator("#chat .notice").inner_text()
        screenshot(visit, "chat-no-index")


def test_the_app_answers_during_a_rebuild_and_then_from_the_new_index(wide, settings, tmp_path) -> None:
    question = "养蜂场搬迁补助多少?"
    ask(wide, question)
    assert "没有和这个问题相关的规定" in wide.page.locator("#chat .reply").last.inner_text()
    added = Path(tmp_path) / "养蜂.md"
    added.write_text(
        "# 杭州市养蜂业扶持办法\n\n第一条 对养蜂场搬迁给予补助,每箱补助35元。\n\n第二条 本办法自2026年1月1日起施行。\n",
        encoding="utf-8",
    )
    environment = {
        **os.environ,
        "POLICYQA_DATA_DIR": str(settings.data_dir),
        "POLICYQA_MODEL_CACHE": str(settings.models_dir),
    }
    command = [sys.executable, "-m", "index", "add", str(added)]
    building = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    during = 0
    while building.poll() is None:
        ask(wide, QUESTION)
        assert "1亿元" in wide.page.locator("#chat .reply").last.inner_text()
        during += 1
    assert building.returncode == 0
    assert during > 0
    ask(wide, question)
    assert "35元" in wide.page.locator("#chat .reply").last.inner_text()
    assert wide.complaints == []
