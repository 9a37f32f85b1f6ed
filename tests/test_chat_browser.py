"""Conversations in a real browser, served by a real process over an index of the shipped corpus."""

from __future__ import annotations

import json
import re
from io import BytesIO
from urllib.request import Request, urlopen

import browser
import pytest
import rag_index
from browser import Visit, answered, ask, browsing, exported, open_page, screenshot, send
from docx import Document

from index.settings import Settings
from index.store import IndexReader
from web.feedback import FeedbackStore

pytestmark = pytest.mark.browser
one_chromium, server, wide = browser.one_chromium, browser.server, browser.wide

QUESTION = "国家级制造业创新中心能拿多少资助?"
FOLLOW_UP = "那省级的呢?"
ELIGIBILITY = "我们企业技术改造项目能申请资助吗?"
REVENUE = "我们公司去年营收520亿元,符合营业收入奖励的条件吗?"
MEMORY_LIMIT = 900.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return rag_index.built(tmp_path_factory.mktemp("chat"), rag_index.CORPUS)


def last_reply(visit: Visit) -> str:
    return visit.page.locator("#chat .reply").last.inner_text()


def questions(visit: Visit) -> list[str]:
    return visit.page.locator("#chat .asked .typed").all_inner_texts()


def asked_bodies(visit: Visit) -> list[dict]:
    """What the page sends from here on with each question."""
    bodies: list[dict] = []
    visit.page.on("request", lambda one: bodies.append(one.post_data_json) if one.url.endswith("/page/ask") else None)
    return bodies


# Evidence


def test_the_answer_comes_with_its_card_and_nothing_leaves_the_machine(wide, server) -> None:
    ask(wide, QUESTION)
    assert "1亿元" in last_reply(wide)
    card = wide.page.locator("#panel .card").first
    assert card.locator(".label").inner_text() == "二、(五)"
    assert "1亿元" in card.locator("mark").all_inner_texts()
    assert "已失效 · 2021-12-31" in card.inner_text()
    assert "摘编" in card.inner_text()
    screenshot(wide, "chat")
    assert wide.elsewhere() == []
    assert wide.complaints == []
    assert server.resident_mb() < MEMORY_LIMIT


def test_the_page_forbids_other_hosts(server) -> None:
    with urlopen(server.address) as response:
        rules = dict(rule.split(" ", 1) for rule in response.headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert not any("http" in sources or "*" in sources for sources in rules.values())


def test_a_marker_leads_to_its_card_and_the_cards_marker_back_to_the_sentence(wide) -> None:
    ask(wide, QUESTION)
    wide.page.locator("#chat .answer p .marker").nth(1).click()
    shown = wide.page.locator("#panel .card.shown")
    assert shown.locator(".label").inner_text() == "附则"
    assert shown.evaluate("card => card === document.activeElement")
    shown.locator("header .marker").click()
    assert wide.page.evaluate("document.activeElement.closest('#chat .answer p')?.textContent").endswith("[2]")


def test_a_marker_of_an_earlier_answer_brings_its_cards_back(wide) -> None:
    ask(wide, QUESTION)
    ask(wide, "隐形冠军奖励多少?")
    assert wide.page.locator("#panel > .cards .label").first.inner_text() == "三、(九)"
    wide.page.locator("#chat .exchange").first.locator(".answer p .marker").first.click()
    assert wide.page.locator("#panel > .cards .card.shown .label").inner_text() == "二、(五)"


def test_the_full_text_opens_with_the_clause_in_view_and_its_quote_marked(wide) -> None:
    ask(wide, QUESTION)
    with wide.page.context.expect_page() as opened:
        wide.page.locator("#panel .card").first.get_by_role("link", name="查看全文").click()
    library = opened.value
    clause = library.locator("[data-target]")
    clause.wait_for()
    assert clause.get_attribute("data-path") == "2.5"
    assert "1亿元" in clause.locator("mark").first.inner_text()
    box = clause.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 768
    assert wide.elsewhere() == []


# Going on


def test_a_conversation_goes_on_and_keeps_the_earlier_cards(wide) -> None:
    ask(wide, QUESTION)
    ask(wide, FOLLOW_UP)
    assert "1500万元" in last_reply(wide)
    assert wide.page.locator("#panel summary").all_inner_texts() == [QUESTION]
    wide.page.get_by_role("button", name="新对话", exact=True).first.click()
    wide.page.locator("#chat .welcome").wait_for()
    assert wide.page.locator("#panel .card").count() == 0


def test_a_question_back_is_answered_by_a_button(wide) -> None:
    ask(wide, ELIGIBILITY)
    assert "请补充" in last_reply(wide)
    wide.page.locator("#chat .reply-option", has_text="战略性新兴产业").click()
    answered(wide)
    assert questions(wide) == [ELIGIBILITY, f"{ELIGIBILITY}\n补充:我们属于“战略性新兴产业”。"]
    options = wide.page.locator("#chat .reply").last.locator(".reply-option").all_inner_texts()
    assert "战略性新兴产业" not in options
    assert "2000万元" in last_reply(wide)


def test_a_question_back_is_answered_by_typing_a_figure(wide) -> None:
    ask(wide, ELIGIBILITY)
    field = wide.page.locator("#chat form.options input").first
    field.fill("8000万元")
    field.press("Enter")
    answered(wide)
    assert questions(wide)[-1] == f"{ELIGIBILITY}\n补充:技术改造投资项目实际投入（设备和软件）8000万元。"
    assert "8000万元" in last_reply(wide)
    assert "是多少" not in last_reply(wide)


def test_one_question_back_after_the_other_is_answered_and_none_comes_again(wide) -> None:
    ask(wide, REVENUE)
    stated = []
    for part in ("您说的", "是不是", "还是"):
        last = wide.page.locator("#chat .reply").last
        assert part in last.locator(".ask-back").inner_text()
        options = last.locator(".ask-back li", has_text=part).locator(".reply-option")
        option = options.last if part == "还是" else options.first
        stated.append(option.get_attribute("data-statement"))
        option.click()
        answered(wide)
    assert stated == ["制造业业务年营业收入520亿元", "我们是首次", "我们符合“只以在杭制造业营业收入统计”"]
    assert questions(wide)[-1] == "".join([REVENUE, *(f"\n补充:{one}。" for one in stated)])
    assert last_reply(wide).startswith("符合。")
    assert wide.page.locator("#chat .reply").last.locator(".ask-back").count() == 0


def test_a_figure_that_is_not_the_one_meant_is_given_at_once(wide) -> None:
    ask(wide, REVENUE)
    field = wide.page.locator("#chat form.options", has_text="不是,应为").locator("input")
    field.fill("180亿元")
    field.press("Enter")
    answered(wide)
    assert "您说的" not in last_reply(wide)
    assert "100亿元" in last_reply(wide)


def test_an_example_question_can_be_clicked_and_is_answered(wide) -> None:
    examples = wide.page.locator("#examples button.example")
    examples.first.wait_for()
    headings = wide.page.locator("#examples h3").all_inner_texts()
    assert 1 < len(headings) <= 4
    assert set(headings) <= {"金额", "目标", "时效", "规定"}
    wanted = examples.first.inner_text()
    examples.first.click()
    answered(wide)
    assert questions(wide) == [wanted]
    assert wide.page.locator("#panel .card").count() > 0


# Conversations in this browser


def test_conversations_are_renamed_opened_and_deleted(wide) -> None:
    ask(wide, QUESTION)
    wide.page.locator("#restart").click()
    ask(wide, "隐形冠军奖励多少?")
    opened = wide.page.locator(".conversations .open")
    assert opened.all_inner_texts() == ["隐形冠军奖励多少?", QUESTION]
    wide.page.locator(".conversations li.current").get_by_title("改名").click()
    wide.page.locator("dialog input").fill("我的<b>问题")
    wide.page.locator("dialog input").press("Enter")
    assert opened.first.inner_text() == "我的<b>问题"
    ask(wide, "国家级的呢?")
    assert opened.first.inner_text() == "我的<b>问题"
    opened.nth(1).click()
    assert questions(wide) == [QUESTION]
    wide.page.locator(".conversations li.current").get_by_title("删除").click()
    wide.page.locator("dialog").get_by_role("button", name="取消").click()
    assert opened.count() == 2
    wide.page.locator(".conversations li.current").get_by_title("删除").click()
    wide.page.locator("dialog").get_by_role("button", name="删除").click()
    assert opened.all_inner_texts() == ["我的<b>问题"]
    assert questions(wide)[0] == "隐形冠军奖励多少?"


def test_a_reload_keeps_the_conversation_with_its_citations(wide, server) -> None:
    ask(wide, QUESTION)
    ask(wide, FOLLOW_UP)
    before = wide.page.locator("#chat .answer").all_inner_texts(), wide.page.locator("#panel").inner_text()
    open_page(wide, server)
    assert (wide.page.locator("#chat .answer").all_inner_texts(), wide.page.locator("#panel").inner_text()) == before
    wide.page.locator("#chat .answer p .marker").first.click()
    assert wide.page.locator("#panel .card.shown blockquote mark").first.is_visible()
    ask(wide, "它什么时候到期?")
    assert "2021年12月31日" in last_reply(wide)


def test_two_browsers_do_not_see_each_others_conversation(wide, server) -> None:
    ask(wide, QUESTION)
    with browsing() as other:
        open_page(other, server)
        assert other.page.locator(".conversations .open").count() == 0
        assert other.page.locator("#chat .welcome").is_visible()
        ask(other, FOLLOW_UP)
        assert "1500万元" not in last_reply(other)
    open_page(wide, server)
    assert questions(wide) == [QUESTION]


# Files


def full_texts(settings: Settings) -> list[str]:
    """The clauses that the answer to `QUESTION` cites, in full."""
    reader = IndexReader.open(settings)
    cited = next(key for key, facts in reader.facts().items() if "制造业高质量发展" in facts.title)
    return [reader.clause(cited, path).written for path in ("2.5", "tail")]


def test_a_conversation_is_exported_to_markdown_and_word_with_the_clauses_in_full(wide, settings) -> None:
    ask(wide, QUESTION)
    ask(wide, FOLLOW_UP)
    said = ["由市本级财政资助1亿元。", "1500万元", QUESTION, FOLLOW_UP]
    version = IndexReader.open(settings).manifest.corpus_version
    name, content = exported(wide, "Markdown 文件")
    assert re.fullmatch(rf"{QUESTION[:-1]}-\d{{4}}-\d\d-\d\d\.md", name)
    word = "\n".join(one.text for one in Document(BytesIO(exported(wide, "Word 文件")[1])).paragraphs)
    for text in (content.decode().replace("\\", ""), word):
        assert [one for one in said if one not in text] == []
        assert re.search(r"导出时间:\d{4}-\d\d-\d\d \d\d:\d\d", text)
        assert f"政策库版本:{version}" in text
        flat = "".join(text.replace("\n> ", "").split())
        assert [clause for clause in full_texts(settings) if "".join(clause.split()) not in flat] == []


def test_an_empty_conversation_says_that_there_is_nothing_to_export(wide) -> None:
    wide.page.locator("#export summary").click()
    wide.page.get_by_role("button", name="Word 文件").click()
    assert "没有可以导出的内容" in wide.page.locator("policy-chat > .problem").inner_text()


# Judgements


def test_a_judgement_is_kept_with_question_answer_and_version(wide, settings) -> None:
    ask(wide, QUESTION)
    ask(wide, FOLLOW_UP)
    replies = wide.page.locator("#chat .reply")
    replies.first.get_by_role("button", name="有帮助").click()
    replies.first.locator(".said").wait_for()
    replies.last.get_by_role("button", name="有问题").click()
    form = replies.last.locator("form.reasons")
    form.get_by_label("没有说全").check()
    form.locator("textarea").fill("没写时间 <script>")
    form.get_by_role("button", name="提交").click()
    replies.last.locator(".said").wait_for()
    assert replies.last.get_by_role("button", name="有问题").get_attribute("aria-pressed") == "true"
    disliked, liked = FeedbackStore(settings).all()[:2]
    assert (liked.verdict, liked.reason, liked.question) == ("like", "", QUESTION)
    assert (disliked.verdict, disliked.reason, disliked.note) == ("dislike", "missing", "没写时间 <script>")
    assert disliked.question == FOLLOW_UP
    assert [one[0] for one in disliked.history] == [QUESTION]
    assert "1500万元" in disliked.answer["answer"]
    assert disliked.corpus_version == IndexReader.open(settings).manifest.corpus_version
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", disliked.as_of)


# What is done with an answer


def test_an_answer_is_given_anew_and_the_one_before_it_cannot_be(wide) -> None:
    ask(wide, QUESTION)
    ask(wide, FOLLOW_UP)
    bodies = asked_bodies(wide)
    retries = wide.page.get_by_role("button", name="重新回答")
    assert retries.count() == 1
    retries.click()
    answered(wide)
    assert questions(wide) == [QUESTION, FOLLOW_UP]
    assert "1500万元" in last_reply(wide)
    assert [(body["question"], [one[0] for one in body["history"]]) for body in bodies] == [(FOLLOW_UP, [QUESTION])]


def test_an_edited_question_replaces_what_came_after_it(wide) -> None:
    ask(wide, QUESTION)
    ask(wide, FOLLOW_UP)
    wide.page.get_by_role("button", name="修改问题").first.click()
    editor = wide.page.locator("#chat .asked textarea")
    assert editor.input_value() == QUESTION
    editor.press("Escape")
    assert questions(wide) == [QUESTION, FOLLOW_UP]
    wide.page.get_by_role("button", name="修改问题").first.click()
    editor.fill("隐形冠军奖励多少?")
    editor.press("Enter")
    answered(wide)
    assert questions(wide) == ["隐形冠军奖励多少?"]
    assert "100万元" in last_reply(wide)
    assert "1亿元" not in wide.page.locator("#panel").inner_text()


def test_a_question_edited_to_one_too_long_is_told_and_stays_in_the_editor(wide) -> None:
    ask(wide, QUESTION)
    wide.page.get_by_role("button", name="修改问题").click()
    editor = wide.page.locator("#chat .asked textarea")
    editor.fill("问" * 5001)
    editor.press("Enter")
    assert "超过 5000 字" in wide.page.locator("policy-chat > .problem").inner_text()
    assert len(editor.input_value()) == 5001
    assert wide.page.locator("#panel .card").count() > 0


def test_an_answer_is_copied_as_text(wide, server) -> None:
    wide.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
    ask(wide, QUESTION)
    wide.page.get_by_role("button", name="复制").click()
    wide.page.get_by_role("button", name="已复制").wait_for()
    copied = wide.page.evaluate("navigator.clipboard.readText()")
    assert "由市本级财政资助1亿元。[1]" in copied
    assert "[1] 《" in copied
    assert "修改问题" not in copied


# What is typed


def test_an_empty_question_sends_nothing(wide) -> None:
    bodies = asked_bodies(wide)
    for typed in ("", "   ", "\n\n"):
        wide.page.locator("#question textarea").fill(typed)
        wide.page.locator("#question textarea").press("Enter")
        wide.page.locator("#question .send").click()
    assert questions(wide) == []
    assert bodies == []


def test_five_thousand_characters_are_asked_and_one_more_is_not(wide) -> None:
    box = wide.page.locator("#question textarea")
    longest = f"{'我们是一家做设备的企业,' * 500}"[: 5000 - len(QUESTION)] + QUESTION
    box.fill(f"{longest}啊")
    assert "问题超过 5000 字" in wide.page.locator(".ask .count").inner_text()
    box.press("Enter")
    assert questions(wide) == []
    assert len(box.input_value()) == 5001
    ask(wide, longest)
    assert questions(wide) == [longest]
    assert wide.page.locator("#chat .answer").is_visible()
    box_of_question = wide.page.locator("#chat .typed").bounding_box()
    assert box_of_question is not None
    assert box_of_question["height"] <= 0.4 * 768 + 20


def test_html_in_a_question_is_shown_as_it_was_typed(wide) -> None:
    typed = "<img src=x onerror='document.title=1'><b>绿色工厂</b>奖励多少?"
    ask(wide, typed)
    assert questions(wide) == [typed]
    assert wide.page.locator("#chat .asked :is(img, b)").count() == 0
    assert wide.page.title() == "政策问答"


def test_emoji_and_rare_characters_are_kept(wide, server) -> None:
    typed = "👩‍🏭🏭𠮷 绿色工厂奖励多少?😀"
    ask(wide, typed)
    assert "200万元" in last_reply(wide)
    open_page(wide, server)
    assert questions(wide) == [typed]


def test_shift_enter_makes_a_line_and_enter_sends_both(wide) -> None:
    box = wide.page.locator("#question textarea")
    box.fill("我们是绿色工厂。")
    box.press("Shift+Enter")
    box.press_sequentially("奖励多少?")
    box.press("Enter")
    answered(wide)
    assert questions(wide) == ["我们是绿色工厂。\n奖励多少?"]


def test_sending_twice_at_once_makes_one_exchange(wide) -> None:
    bodies = asked_bodies(wide)
    box = wide.page.locator("#question textarea")
    box.fill(QUESTION)
    # Within one task: no answer can come in between.
    box.evaluate(
        """(box, text) => {
            const enter = () => box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
            enter();
            enter();
            box.value = text;
            enter();
            box.form.requestSubmit();
        }""",
        QUESTION,
    )
    answered(wide)
    assert questions(wide) == [QUESTION]
    assert len(bodies) == 1
    assert box.input_value() == QUESTION


def test_enter_of_an_input_method_sends_nothing(wide) -> None:
    box = wide.page.locator("#question textarea")
    box.fill("guojiaji")
    for event in ({"isComposing": True}, {"keyCode": 229}):
        box.evaluate(
            "(box, event) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, ...event}))",
            event,
        )
    assert questions(wide) == []
    assert box.input_value() == "guojiaji"
    box.press("Enter")
    answered(wide)
    assert questions(wide) == ["guojiaji"]


# Limits


@pytest.mark.parametrize("typed", ["2020-03-01", "2020/3/1", "2020年3月1日"])
def test_the_day_asked_for_decides_whether_the_policy_holds(typed: str, wide) -> None:
    wide.page.locator("#as-of input").first.fill(typed)
    ask(wide, QUESTION)
    assert wide.page.locator("#as-of input").first.input_value() == "2020-03-01"
    assert "已经失效" not in last_reply(wide)
    assert "有效 · 至 2021-12-31" in wide.page.locator("#panel .card").first.inner_text()
    assert "以 2020-03-01 为准" in wide.page.locator("#chat .asked").inner_text()


@pytest.mark.parametrize("typed", ["2020-13-01", "2021-02-29", "明天", "20200301"])
def test_a_day_that_does_not_exist_is_told_and_nothing_is_asked(typed: str, wide) -> None:
    day = wide.page.locator("#as-of input").first
    day.fill(typed)
    send(wide, QUESTION)
    assert "2026-01-31 的样子" in wide.page.locator("policy-chat > .problem").inner_text()
    assert day.get_attribute("aria-invalid") == "true"
    assert questions(wide) == []
    day.fill("")
    wide.page.locator("#question textarea").press("Enter")
    answered(wide)
    assert questions(wide) == [QUESTION]


def test_a_wrong_day_stops_every_way_of_asking(wide) -> None:
    ask(wide, ELIGIBILITY)
    wide.page.locator("#as-of input").first.fill("2020-02-30")
    wide.page.locator("#chat .reply-option").first.click()
    wide.page.get_by_role("button", name="重新回答").click()
    wide.page.get_by_role("button", name="修改问题").click()
    wide.page.locator("#chat .asked textarea").press("Enter")
    assert wide.page.locator("#chat .exchange").count() == 1
    assert wide.page.locator("#chat .answer").is_visible()
    assert "2026-01-31 的样子" in wide.page.locator("policy-chat > .problem").inner_text()


def test_only_what_is_in_force_may_be_asked_for(wide) -> None:
    wide.page.get_by_label("只看现行有效").check()
    ask(wide, QUESTION)
    assert "没有现行有效的政策" in last_reply(wide)
    wide.page.get_by_label("只看现行有效").uncheck()
    wide.page.get_by_role("button", name="再问一次").click()
    answered(wide)
    assert "1亿元" in last_reply(wide)


def test_an_answer_rests_on_the_chosen_policies_alone(wide) -> None:
    bodies = asked_bodies(wide)
    wide.page.locator("#policies summary").click()
    wide.page.locator("#policies label", has_text="特色小镇").locator("input").check()
    wide.page.keyboard.press("Escape")
    assert not wide.page.locator("#policies .choices").is_visible()
    assert wide.page.locator("#policies summary").inner_text() == "已选 1 份"
    ask(wide, QUESTION)
    assert "1亿元" not in last_reply(wide)
    assert all("特色小镇" in title for title in wide.page.locator("#panel .card .title").all_inner_texts())
    assert len(bodies[0]["policies"]) == 1
    wide.page.locator("#policies summary").click()
    wide.page.locator("#policies").get_by_role("button", name="不限").click()
    wide.page.keyboard.press("Escape")
    ask(wide, QUESTION)
    assert "1亿元" in last_reply(wide)


def test_an_address_can_bring_a_question_and_a_policy(wide, server) -> None:
    with urlopen(Request(f"{server.address}api/policies")) as response:
        town = next(one["id"] for one in json.load(response) if "特色小镇" in one["title"])
    open_page(wide, server, f"?policy={town}&q=%3Cb%3E目标是什么%3F")
    box = wide.page.locator("#question textarea")
    assert box.input_value() == "<b>目标是什么?"
    assert questions(wide) == []
    assert wide.page.locator("#policies summary").inner_text() == "已选 1 份"
    box.press("Enter")
    answered(wide)
    assert all("特色小镇" in title for title in wide.page.locator("#panel .card .title").all_inner_texts())
