"""The chat page where things go slowly or wrong: a slow model, a server that dies, no index, hostile content."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from threading import Event

import answer_case
import browser
import chat_server
import pytest
import rag_index
from answer_case import AMOUNT, POLICIES, SHARE
from browser import (
    ROOT,
    Visit,
    answered,
    ask,
    browsing,
    exported,
    open_page,
    screenshot,
    send,
    serving,
)
from chat_server import Exchange, chunk
from docx import Document

from index.settings import Settings

pytestmark = pytest.mark.browser
one_chromium, server, wide = browser.one_chromium, browser.server, browser.wide

HOSTILE = """# 临江市<script>document.title='pwned'</script>灯船奖励办法

临灯〔2026〕1号<img src=x onerror="document.title='pwned'">

第一条 对建造灯船的企业,奖励31万元。<img src="http://203.0.113.7/a.png" onerror="document.title='pwned'">
![图](http://203.0.113.7/b.png) [点这里](javascript:document.title='pwned') =HYPERLINK("http://203.0.113.7","x")

第二条 建造灯船的企业还可以获得</td></table></script><svg onload="document.title='pwned'">灯船贴息,贴息2%。

第三条 本办法自2026年1月1日起施行。
"""
HOSTILE_QUESTION = """<script>document.title='pwned'</script>![x](http://203.0.113.7/q.png)
[y](javascript:document.title='pwned') =HYPERLINK("http://203.0.113.7") 建造灯船奖励多少?"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    folder = tmp_path_factory.mktemp("faults")
    sources = []
    for name, text in {**POLICIES, "灯船": HOSTILE}.items():
        sources.append(folder / f"{name}.md")
        sources[-1].write_text(text, encoding="utf-8")
    return rag_index.built(folder / "data", sources)


def body(visit: Visit) -> str:
    return visit.page.locator("#chat .reply .body").last.inner_text()


# A language model that writes slowly


class SlowModel:
    """Says the draft it is given; stops before its last sentence until it is let go."""

    def __init__(self) -> None:
        self.go_on = Event()

    def __call__(self, exchange: Exchange) -> None:
        text = answer_case.section(exchange, "draft")
        *_, cut = (found.end() for found in re.finditer(r"\]\n?(?!\s*$)", text))
        exchange.head()
        exchange.event(chunk({"role": "assistant", "content": ""}))
        for at in range(0, cut, 7):
            exchange.text(text[at : min(at + 7, cut)])
        # The first character of the next sentence: the one before it is complete, and is shown.
        exchange.text(text[cut : cut + 1])
        while not self.go_on.is_set() and not exchange.server.closing.is_set():
            exchange.wait(0.05)
        exchange.text(text[cut + 1 :])
        exchange.end()


def written_by(url: str) -> dict[str, str]:
    """Settings under which the model at `url` writes the answers."""
    return {"POLICYQA_CHAT_MODEL": "openai:m", "POLICYQA_CHAT_BASE_URL": url, "POLICYQA_CHAT_API_KEY": "k"}


@pytest.fixture
def model() -> SlowModel:
    return SlowModel()


@pytest.fixture
def written(settings, model) -> Iterator[Visit]:
    """A page whose answers the slow model writes."""
    with ExitStack() as stack:
        chat = stack.enter_context(chat_server.serving(model))
        variables = written_by(chat.url)
        server = stack.enter_context(serving(settings, **variables))
        visit = stack.enter_context(browsing())
        open_page(visit, server)
        yield visit


def place_of_reply(visit: Visit) -> float:
    box = visit.page.locator("#chat .reply").last.bounding_box()
    assert box is not None
    return box["y"]


def test_checked_sentences_are_shown_while_the_model_writes_and_the_reply_does_not_jump(written, model) -> None:
    send(written, AMOUNT)
    written.page.locator("#chat .reply .answer p").first.wait_for()
    assert "80万元" in body(written)
    assert "正在逐句核对" in body(written)
    assert written.page.locator("#chat .reply").get_attribute("aria-busy") == "true"
    top, before = place_of_reply(written), body(written).split("\n")[0]
    model.go_on.set()
    answered(written)
    assert place_of_reply(written) == pytest.approx(top, abs=1)
    assert body(written).startswith(before)
    assert "由语言模型 openai:m 根据条款写成" in body(written)
    assert written.page.locator("#panel .card").count() > 0
    assert written.complaints == []


def test_an_answer_under_way_is_stopped_and_can_be_asked_for_again(written, model) -> None:
    send(written, AMOUNT)
    written.page.locator("#chat .reply .answer p").first.wait_for()
    written.page.get_by_role("button", name="停止").click()
    answered(written)
    assert body(written).endswith("已停止。")
    assert "80万元" in body(written)
    assert written.page.locator("#question .send").is_visible()
    model.go_on.set()
    written.page.get_by_role("button", name="再问一次").click()
    answered(written)
    assert written.page.locator("#panel .card").count() > 0
    assert written.page.locator("#chat .exchange").count() == 1


def test_another_conversation_opened_meanwhile_is_not_mixed_with_the_answer(written, model) -> None:
    send(written, AMOUNT)
    written.page.locator("#chat .reply .answer p").first.wait_for()
    written.page.locator("#restart").click()
    model.go_on.set()
    ask(written, SHARE)
    assert written.page.locator("#chat .exchange").count() == 1
    assert "80万元" in body(written)
    assert written.page.locator("#chat .asked .typed").all_inner_texts() == [SHARE]
    written.page.locator(".conversations .open", has_text="首次获评").click()
    assert "已停止" in body(written)


def test_a_reload_in_the_middle_of_an_answer_leaves_the_question_to_be_asked_again(written, model) -> None:
    send(written, AMOUNT)
    written.page.locator("#chat .reply .answer p").first.wait_for()
    written.page.reload()
    written.page.locator("#chat .notice").wait_for()
    assert "没有回答完" in body(written)
    model.go_on.set()
    written.page.get_by_role("button", name="再问一次").click()
    answered(written)
    assert "80万元" in body(written)


# A server that goes and comes


def test_a_server_killed_in_the_middle_of_an_answer_is_told_and_the_page_recovers_by_itself(settings, model) -> None:
    with chat_server.serving(model) as chat, browsing() as visit:
        variables = written_by(chat.url)
        with serving(settings, **variables) as first:
            open_page(visit, first)
            send(visit, AMOUNT)
            visit.page.locator("#chat .reply .answer p").first.wait_for()
            first.kill()
        visit.page.locator("#chat .notice").wait_for()
        assert "与服务器的连接断了" in body(visit)
        assert "正在等服务器恢复" in body(visit)
        screenshot(visit, "chat-lost")
        model.go_on.set()
        with serving(settings, port=first.port):
            visit.page.locator("#panel .card").first.wait_for(timeout=60_000)
            answered(visit)
            assert "80万元" in body(visit)
            assert visit.page.locator("#chat .exchange").count() == 1
            ask(visit, SHARE)
            assert "80万元" in body(visit)


def test_a_wait_for_the_server_can_be_stopped(settings) -> None:
    with browsing() as visit:
        with serving(settings) as server:
            open_page(visit, server)
        send(visit, AMOUNT)
        visit.page.locator("#chat .notice", has_text="正在等服务器恢复").wait_for()
        visit.page.get_by_role("button", name="停止").click()
        visit.page.locator("#question .send").wait_for()
        assert "正在等服务器恢复" not in body(visit)
        assert visit.page.get_by_role("button", name="再问一次").is_visible()


def test_a_page_whose_server_is_away_says_so_and_goes_on_when_it_is_back(settings) -> None:
    with browsing() as visit:
        with serving(settings) as first:
            visit.page.route("**/page/start*", lambda route: route.abort())
            open_page(visit, first)
            assert "正在等服务器恢复" in visit.page.locator("policy-chat > .problem").inner_text()
        visit.page.unroute("**/page/start*")
        with serving(settings, port=first.port):
            visit.page.locator("#examples .example").first.wait_for(timeout=60_000)
            assert visit.page.locator("policy-chat > .problem").is_hidden()
            ask(visit, AMOUNT)
            assert "80万元" in body(visit)


def test_without_an_index_the_page_says_what_to_do_and_answers_once_there_is_one(tmp_path, settings) -> None:
    empty = Settings(data_dir=tmp_path / "data", model_cache=settings.models_dir)
    with serving(empty) as server, browsing() as visit:
        open_page(visit, server)
        assert "python -m index build" in visit.page.locator("policy-chat > .problem").inner_text()
        ask(visit, AMOUNT)
        assert "还没有建立索引" in visit.page.locator("#chat .notice").inner_text()
        screenshot(visit, "chat-no-index")
        source = tmp_path / "工坊.md"
        source.write_text(POLICIES["工坊"], encoding="utf-8")
        rag_index.built(empty.data_dir, [source])
        visit.page.get_by_role("button", name="再问一次").click()
        answered(visit)
        assert "80万元" in body(visit)


def test_the_app_answers_during_a_rebuild_and_then_from_the_new_index(wide, settings, tmp_path) -> None:
    question = "养蜂场搬迁补助多少?"
    ask(wide, question)
    assert "没有和这个问题相关的规定" in body(wide)
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
        ask(wide, AMOUNT)
        assert "80万元" in body(wide)
        during += 1
    assert building.returncode == 0
    assert during > 0
    ask(wide, question)
    assert "35元" in body(wide)
    assert wide.complaints == []


def test_a_full_storage_is_told_and_the_conversation_goes_on(wide) -> None:
    wide.page.evaluate(
        """() => {
            const whole = Storage.prototype.setItem;
            Storage.prototype.setItem = function (key, value) {
                if (key.startsWith("policyqa.conversation")) throw new DOMException("full", "QuotaExceededError");
                whole.call(this, key, value);
            };
        }"""
    )
    ask(wide, AMOUNT)
    assert "80万元" in body(wide)
    assert "存储空间满了" in wide.page.locator("policy-chat > .problem").inner_text()


def test_a_damaged_store_of_conversations_does_not_keep_the_page_from_working(wide, server) -> None:
    wide.page.evaluate(
        """() => {
            localStorage.setItem("policyqa.conversations", '[{"id": "a"}, 7, null, {"id": "b"}]');
            localStorage.setItem("policyqa.conversation.a", "{broken");
            localStorage.setItem("policyqa.conversation.b", JSON.stringify({turns: "none"}));
            localStorage.setItem("policyqa.current", "a");
            sessionStorage.clear();
        }"""
    )
    open_page(wide, server)
    wide.page.locator(".conversations .open").first.click()
    ask(wide, AMOUNT)
    assert "80万元" in body(wide)
    assert wide.complaints == []


# Hostile content


def harmless(visit: Visit) -> None:
    """Nothing of the hostile texts ran, was drawn as HTML, or was fetched."""
    assert "pwned" not in visit.page.title()
    drawn = "#chat :is(img, script, svg), #panel :is(img, script, svg), a[href^='javascript']"
    assert visit.page.locator(drawn).count() == 0
    assert visit.elsewhere() == []
    assert visit.complaints == []


def test_hostile_policies_and_questions_are_shown_as_text_and_fetch_nothing(wide) -> None:
    ask(wide, HOSTILE_QUESTION)
    assert "31万元" in body(wide)
    assert wide.page.locator("#chat .asked .typed").inner_text() == HOSTILE_QUESTION
    assert "<script>" in wide.page.locator("#panel .card .title").first.inner_text()
    wide.page.locator("#policies summary").click()
    assert "<script>" in wide.page.locator("#policies .choices").inner_text()
    harmless(wide)
    screenshot(wide, "chat-hostile")


def test_hostile_words_are_harmless_in_the_full_text(wide) -> None:
    ask(wide, "建造灯船奖励多少?")
    with wide.page.context.expect_page() as opened:
        wide.page.get_by_role("link", name="查看全文").first.click()
    library = opened.value
    library.locator("[data-target]").wait_for()
    assert library.title() == HOSTILE.splitlines()[0].removeprefix("# ") + " - 政策问答"
    assert "onerror" in library.locator("[data-target]").inner_text()
    assert library.locator("main :is(img, script, svg[onload], a[href^='javascript'])").count() == 0
    assert wide.elsewhere() == []


def test_hostile_words_are_harmless_in_exported_files(wide) -> None:
    ask(wide, HOSTILE_QUESTION)
    markdown = exported(wide, "Markdown 文件")[1].decode()
    assert re.findall(r"(?<!\\)[<>\[\]]", re.sub(r"^> ", "", markdown, flags=re.MULTILINE)) == []
    assert "31万元" in markdown
    word = Document(BytesIO(exported(wide, "Word 文件")[1]))
    assert any("<script>document.title='pwned'</script>" in one.text for one in word.paragraphs)
    assert not any(part.is_external for part in word.part.rels.values())
