"""Date fields in a real browser: days written one way in every browser language, and the calendar beside them."""

from __future__ import annotations

from collections.abc import Iterator

import browser
import pytest
from browser import ROOT, Visit, browsing
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.browser
one_chromium = browser.one_chromium

ORIGIN = "http://127.0.0.1:9/"
"""Never asked for: the route below answers in its place."""
PAGE = """<!doctype html><meta charset="utf-8"><title>日期</title>
<form>
<label>施行日期
<input type="date" data-pick="选择日期" name="day" placeholder="年-月-日" value="2024-05-06">
</label>
<label>其他 <input type="date" name="plain"></label></form>
<script type="module">
import { dayOf, plainDays } from "/web/day.js";
window.dayOf = dayOf;
window.heard = [];
window.opened = 0;
HTMLInputElement.prototype.showPicker = function () { window.opened += this.type === "date" ? 1 : 0; };
for (const kind of ["input", "change"])
  document.querySelector("form").addEventListener(kind, event => heard.push(`${kind} ${event.target.name}`));
plainDays(document);
window.ready = true;
</script>"""


def answer(route: Route) -> None:
    script = (ROOT / "web" / "static" / "day.js").read_text(encoding="utf-8")
    if route.request.url.endswith("day.js"):
        route.fulfill(body=script, content_type="text/javascript")
    else:
        route.fulfill(body=PAGE, content_type="text/html")


@pytest.fixture(params=["en-US", "zh-CN", "de-DE"])
def form(request) -> Iterator[Visit]:
    with browsing(locale=request.param) as visit:
        visit.page.route(f"{ORIGIN}**", answer)
        visit.page.goto(ORIGIN)
        visit.page.wait_for_function("() => window.ready")
        yield visit
        assert visit.complaints == []


def pick(visit: Visit, day: str) -> None:
    """Choose a day as the calendar does: its own field changes."""
    visit.page.locator(".day-box input[type=date]").evaluate(
        """(field, day) => {
            field.value = day;
            for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
        }""",
        day,
    )


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026/3/1", "2026-03-01"),
        ("2026.3.1", "2026-03-01"),
        (" 2026年3月1日 ", "2026-03-01"),
        ("2026 年 3 月 1 日", "2026-03-01"),
        ("2024-02-29", "2024-02-29"),
        ("2026-02-29", None),
        ("2026-13-01", None),
        ("2026-00-10", None),
        ("2026-04-31", None),
        ("3/1/2026", None),
        ("2026-03", None),
        ("20260301", None),
        ("2026-03-01后", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_every_usual_spelling_and_only_if_it_exists(typed: str, day: str | None) -> None:
    with browsing() as visit:
        visit.page.route(f"{ORIGIN}**", answer)
        visit.page.goto(ORIGIN)
        visit.page.wait_for_function("() => window.ready")
        assert visit.page.evaluate("text => dayOf(text)", typed) == day


def test_a_day_shows_as_year_month_day_in_every_browser_language(form) -> None:
    field = form.page.get_by_label("施行日期")
    assert field.get_attribute("type") == "text"
    assert field.input_value() == "2024-05-06"
    assert field.get_attribute("placeholder") == "年-月-日"
    field.fill("2020年3月1日")
    field.press("Tab")
    assert field.input_value() == "2020-03-01"
    assert form.page.locator(".day-box input[type=date]").input_value() == "2020-03-01"


def test_what_is_no_day_stays_as_typed(form) -> None:
    field = form.page.get_by_label("施行日期")
    field.fill("明年开春")
    field.press("Tab")
    assert field.input_value() == "明年开春"


def test_the_calendar_opens_from_a_named_button_and_fills_the_field(form) -> None:
    form.page.get_by_role("button", name="选择日期").click()
    assert form.page.evaluate("opened") == 1
    pick(form, "2027-12-31")
    assert form.page.get_by_label("施行日期").input_value() == "2027-12-31"


def test_a_picked_day_is_heard_once_and_only_from_the_field_of_the_form(form) -> None:
    pick(form, "2027-12-31")
    assert form.page.evaluate("heard") == ["input day", "change day"]
    assert form.page.evaluate("[...new FormData(document.forms[0]).entries()]") == [
        ["day", "2027-12-31"],
        ["plain", ""],
    ]


def test_the_hidden_calendar_is_no_stop_for_the_keyboard_nor_for_a_reader(form) -> None:
    field = form.page.get_by_label("施行日期")
    field.focus()
    form.page.keyboard.press("Tab")
    expect(form.page.get_by_role("button", name="选择日期")).to_be_focused()
    form.page.keyboard.press("Tab")
    expect(form.page.get_by_label("其他")).to_be_focused()
    assert form.page.locator(".day-box input[type=date]").get_attribute("aria-hidden") == "true"


def test_a_date_field_that_is_not_marked_is_left_to_the_browser(form) -> None:
    assert form.page.get_by_label("其他").get_attribute("type") == "date"
    assert form.page.locator(".day-box").count() == 1
