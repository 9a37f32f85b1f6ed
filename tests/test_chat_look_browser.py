"""The chat page as it looks and is used: languages, dark, phone, keyboard alone, accessibility."""

from __future__ import annotations

import re
from collections.abc import Iterator

import browser
import pytest
import rag_index
from browser import Visit, ask, browsing, findings, open_page, screenshot, settled

from index.settings import Settings

pytestmark = pytest.mark.browser
one_chromium, server, wide = browser.one_chromium, browser.server, browser.wide

QUESTION = "国家级制造业创新中心能拿多少资助?"
ELIGIBILITY = "我们企业技术改造项目能申请资助吗?"
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
# Words in Latin letters that belong on the Chinese page: a key, two file formats, the name of the other language.
LATIN_ALLOWED = {"Shift", "Markdown", "Word", "English"}
# What stays Chinese on the English page: the person's words, the answer's, and those of the policies.
POLICY_WORDS = (
    ".typed, .answer p, .answer .warnings, .answer .sources, .answer .calculations td, .answer .ask-back li,"
    " .card .title, .card .label, .card .trail, .card blockquote, .card dd, .example, .choices .name,"
    " .conversations li, #panel summary, [lang='zh-CN']"
)
WORDS = """kept => {
    const found = [];
    const seen = node => !kept || !node.closest(kept) || node.closest(".badge, .edition");
    for (const element of document.querySelectorAll("body, body *")) {
        if (!seen(element) || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName)) continue;
        for (const name of ["title", "aria-label", "placeholder", "alt"]) found.push(element.getAttribute(name) ?? "");
        for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE) found.push(child.data);
    }
    return [document.title, ...found].filter(text => text.trim());
}"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return rag_index.built(tmp_path_factory.mktemp("look"), rag_index.CORPUS)


@pytest.fixture
def phone(server) -> Iterator[Visit]:
    with browsing(**PHONE) as visit:
        open_page(visit, server)
        yield visit


def use_everything(visit: Visit) -> None:
    """Bring every part of the page onto the screen: answers, questions back, forms, menus."""
    ask(visit, QUESTION)
    ask(visit, ELIGIBILITY)
    visit.page.locator("#chat .dislike").last.click()
    visit.page.locator("#chat .asked .quiet").first.click()
    visit.page.locator("#chat .like").first.click()
    visit.page.locator("#chat .said").first.wait_for()


# Languages


def test_nothing_on_the_page_is_in_english_whatever_the_browsers_language(wide) -> None:
    seen = wide.page.evaluate(WORDS, None)
    use_everything(wide)
    seen += wide.page.evaluate(WORDS, None)
    assert {word for text in seen for word in re.findall(r"[A-Za-z]{2,}", text)} <= LATIN_ALLOWED
    assert wide.page.locator("footer:not(.card footer)").locator("visible=true").count() == 0
    assert wide.page.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_english_interface_has_no_chinese_but_that_of_policies_and_people(server) -> None:
    with browsing(locale="zh-CN") as visit:
        open_page(visit, server, "en/")
        seen = visit.page.evaluate(WORDS, POLICY_WORDS)
        use_everything(visit)
        screenshot(visit, "chat-english")
        seen += visit.page.evaluate(WORDS, POLICY_WORDS)
        # The hint of the field for a figure is written as the figure would be; questions back are quoted.
        left = {text for text in seen if re.search(r"[\u4e00-\u9fff]", text)}
        assert {text for text in left if not text.startswith(("e.g. ", "Answer to “"))} == set()
        assert visit.page.evaluate("document.documentElement.lang") == "en"
        assert "Expired · 2021-12-31" in visit.page.locator("#panel .card").first.inner_text()
        assert visit.complaints == []


def test_the_language_switch_leads_to_the_same_page_and_keeps_the_conversation(wide) -> None:
    ask(wide, QUESTION)
    wide.page.get_by_role("link", name="English").click()
    wide.page.get_by_role("button", name="New chat").first.wait_for()
    assert wide.page.locator("#chat .typed").inner_text() == QUESTION
    wide.page.get_by_role("link", name="中文").click()
    wide.page.get_by_role("button", name="提问").wait_for()
    assert wide.page.locator("#chat .typed").inner_text() == QUESTION


# Dark and light


def is_dark(visit: Visit) -> bool:
    """Whether the ground is darker than the letters."""
    shades = visit.page.locator("#question textarea").evaluate(
        """box => [getComputedStyle(box).color, getComputedStyle(box.closest("#question")).backgroundColor]
            .map(colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))"""
    )
    return bool(shades[1] < shades[0])


def test_the_theme_is_chosen_by_a_button_and_kept_over_a_reload(wide, server) -> None:
    assert not is_dark(wide)
    button = wide.page.locator(".bar button.theme")
    assert button.inner_text() == "深色"
    button.click()
    assert is_dark(wide)
    open_page(wide, server)
    assert is_dark(wide)
    assert button.inner_text() == "浅色"
    button.click()
    open_page(wide, server)
    assert not is_dark(wide)


def test_without_a_choice_the_theme_is_that_of_the_system(server) -> None:
    with browsing(color_scheme="dark") as visit:
        open_page(visit, server)
        assert is_dark(visit)
        assert visit.page.locator(".bar button.theme").inner_text() == "浅色"
        visit.page.locator(".bar button.theme").click()
        assert not is_dark(visit)
        assert visit.page.locator(".bar button.theme").inner_text() == "深色"


# On a phone


def sideways(visit: Visit) -> float:
    """How far the page could be scrolled to the side, in pixels."""
    return float(visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def outside(visit: Visit) -> list[str]:
    """Controls that are shown and lie beyond the sides of the window."""
    return list(
        visit.page.evaluate(
            """() => [...document.querySelectorAll("button, a, summary, input, textarea")]
                .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
                .filter(one => !one.closest(".skip, .bar nav"))
                .filter(one => {
                    const {left, right, width} = one.getBoundingClientRect();
                    return width > 0 && (left < -1 || right > innerWidth + 1);
                })
                .map(one => one.outerHTML.slice(0, 120))"""
        )
    )


def test_everything_can_be_read_and_reached_on_a_phone(phone) -> None:
    assert sideways(phone) == 0
    use_everything(phone)
    screenshot(phone, "chat-phone")
    assert sideways(phone) == 0
    assert outside(phone) == []
    box = phone.page.locator("#question textarea").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 844 - box["height"]
    for menu in ("#policies", "#export"):
        phone.page.locator(f"{menu} summary").tap()
        assert outside(phone) == []
        assert sideways(phone) == 0
        phone.page.locator(f"{menu} summary").tap()


def test_the_sheet_of_evidence_opens_with_a_marker_and_closes_again(phone) -> None:
    ask(phone, QUESTION)
    card = phone.page.locator("#panel .card").first
    assert not card.is_visible()
    marker = phone.page.locator("#chat .answer p .marker").first
    marker.tap()
    card.wait_for()
    settled(phone, ".panel")
    screenshot(phone, "chat-phone-sheet")
    box = phone.page.locator(".panel").bounding_box()
    assert box is not None
    assert box["y"] > 100
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    phone.page.get_by_role("button", name="关闭").tap()
    card.wait_for(state="hidden")
    assert marker.evaluate("marker => marker === document.activeElement")
    phone.page.locator("#chat .evidence-button").tap()
    card.wait_for()
    phone.page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    phone.page.locator("#chat .answer p .marker").first.tap()
    card.locator("header .marker").tap()
    card.wait_for(state="hidden")


def test_the_list_of_conversations_opens_and_closes_on_a_phone(phone) -> None:
    ask(phone, QUESTION)
    entry = phone.page.locator(".conversations .open").first
    show = phone.page.get_by_role("button", name="对话列表")

    def opened() -> None:
        show.tap()
        entry.wait_for()
        settled(phone, ".conversations")

    opened()
    screenshot(phone, "chat-phone-list")
    phone.page.touchscreen.tap(370, 500)
    entry.wait_for(state="hidden")
    opened()
    phone.page.keyboard.press("Escape")
    entry.wait_for(state="hidden")
    opened()
    phone.page.locator("#restart").tap()
    entry.wait_for(state="hidden")
    phone.page.locator("#chat .welcome").wait_for()
    opened()
    entry.tap()
    entry.wait_for(state="hidden")
    assert phone.page.locator("#chat .typed").inner_text() == QUESTION


# With the keyboard alone


def tab_to(visit: Visit, selector: str, *, key: str = "Tab", limit: int = 60) -> None:
    """Press `key` until what `selector` names has the focus."""
    for _ in range(limit):
        visit.page.keyboard.press(key)
        if visit.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached within {limit} steps of {key}")


def test_the_keyboard_alone_leads_from_the_box_to_the_evidence_and_back(wide) -> None:
    tab_to(wide, ".skip")
    wide.page.keyboard.press("Enter")
    tab_to(wide, "#question textarea")
    wide.page.keyboard.type(QUESTION)
    wide.page.keyboard.press("Enter")
    wide.page.locator("#chat .answer p .marker").first.wait_for()
    assert wide.page.locator("#question textarea").evaluate("box => box === document.activeElement")
    tab_to(wide, "#chat .answer p .marker", key="Shift+Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert wide.page.evaluate(outline) != "none"
    wide.page.keyboard.press("Enter")
    assert wide.page.evaluate("document.activeElement.matches('#panel .card.shown')")
    tab_to(wide, "#panel .card.shown footer a")
    tab_to(wide, "#panel .card.shown header .marker", key="Shift+Tab")
    wide.page.keyboard.press("Enter")
    assert wide.page.evaluate("document.activeElement.matches('#chat .answer p .marker')")
    tab_to(wide, "#question textarea")


def test_a_dialog_takes_the_focus_and_gives_it_back(wide) -> None:
    ask(wide, QUESTION)
    rename = wide.page.locator(".conversations li.current").get_by_title("改名")
    rename.focus()
    wide.page.keyboard.press("Enter")
    assert wide.page.evaluate("document.activeElement.matches('dialog input')")
    wide.page.keyboard.press("Escape")
    wide.page.locator("dialog").wait_for(state="detached")
    assert rename.evaluate("button => button === document.activeElement")


# Accessibility


def menus(visit: Visit) -> None:
    """The menu of policies open, and a day that does not exist."""
    visit.page.locator("#as-of input").first.fill("2020-13-01")
    visit.page.locator("#as-of input").first.press("Tab")
    visit.page.locator("#policies summary").click()


def dialog(visit: Visit) -> None:
    """The dialog that renames a conversation."""
    if not visit.page.locator(".conversations .new").is_visible():
        visit.page.locator(".show-list").click()
        settled(visit, ".conversations")
    visit.page.locator(".conversations li.current .tool").first.click()


def sheet(visit: Visit) -> None:
    """A card in view; on a phone the sheet is open."""
    visit.page.locator("#chat .answer p .marker").first.click()
    settled(visit, ".panel")


@pytest.mark.parametrize(
    ("look", "path"),
    [({}, ""), ({"color_scheme": "dark"}, "en/"), (PHONE, "en/"), ({**PHONE, "color_scheme": "dark"}, "")],
    ids=["light", "dark", "phone", "dark phone"],
)
def test_axe_finds_nothing_serious(look: dict[str, object], path: str, server) -> None:
    with browsing(reduced_motion="reduce", **look) as visit:
        open_page(visit, server, path)
        visit.page.locator("#examples .example").first.wait_for()
        found = {"welcome": findings(visit)}
        for state in (use_everything, sheet, menus, dialog):
            state(visit)
            found[state.__name__] = findings(visit)
            visit.page.keyboard.press("Escape")
        assert {name: faults for name, faults in found.items() if faults} == {}


def test_axe_sees_a_fault_where_there_is_one(wide) -> None:
    wide.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"/web/icon.svg\"><button></button>')")
    assert {rule.split()[0] for rule in findings(wide)} == {"image-alt", "button-name"}


def test_the_style_names_no_font_or_file_of_another_host(project_root) -> None:
    for style in (project_root / "web" / "static").glob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert "@import" not in text
        assert re.findall(r"url\((?!['\"]?(?:data:|/))", text) == []
