"""政策匹配 in a real browser: from a profile to the table, answers, the workbook, and what is typed staying typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import browser
import pytest
from browser import Server, Visit, browsing, findings, screenshot
from library_case import built_with_hostile
from openpyxl import load_workbook

from index.settings import Settings

pytestmark = pytest.mark.browser
one_chromium, server = browser.one_chromium, browser.server

DAY = "2025-06-01"


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return built_with_hostile(tmp_path_factory.mktemp("match"), "yuntai", "linjiang", "wanghu")


@pytest.fixture
def wide(server) -> Iterator[Visit]:
    with browsing() as visit:
        go(visit, server)
        yield visit


def go(visit: Visit, server: Server, path: str = "/match/") -> None:
    visit.page.goto(urljoin(server.address, path))
    # Named by the script once it has the form.
    visit.page.locator("policy-match datalist option").first.wait_for(state="attached")


def fill(visit: Visit, **fields: str) -> None:
    for name, value in fields.items():
        visit.page.locator(f".profile > .grid [name={name}], .profile > .field [name={name}]").fill(value)


def revenue(visit: Visit, amount: str) -> None:
    visit.page.locator("[data-rows=revenue] [name=amount]").first.fill(amount)


def send(visit: Visit) -> None:
    with visit.page.expect_response("**/page/match"):
        visit.page.locator("form [type=submit]").click()
    settled(visit)


def settled(visit: Visit) -> None:
    visit.page.wait_for_function("() => !document.querySelector('.found').hasAttribute('aria-busy')")


def press(visit: Visit, question: str, reply: str) -> None:
    """Answer a question of the table by its button."""
    with visit.page.expect_response("**/page/match"):
        visit.page.locator(f".group .ask[data-question='{question}'] button", has_text=reply).first.click()
    settled(visit)


def total(visit: Visit) -> str:
    return visit.page.locator(".total .figure-line").inner_text()


def software(visit: Visit) -> None:
    fill(visit, region="云台市", industry="软件企业", as_of=DAY)
    revenue(visit, "6.2亿")
    send(visit)


def test_from_a_profile_to_a_sum_and_a_workbook(wide, tmp_path) -> None:
    software(wide)
    assert "还没有能确定的金额" in total(wide)
    press(wide, "年度主营业务收入是多少?", "营业收入6.2亿元")
    press(wide, "是不是年度主营业务收入首次超过5亿元?", "是")
    assert "150万元" in total(wide)
    row = wide.page.locator(".group.meets tbody tr").first
    assert "首次突破5亿元的" in row.inner_text()
    assert row.locator("li.yes").count() == row.locator("li").count() - row.locator(".notes li").count()
    screenshot(wide, "match-result")
    with wide.page.expect_download() as downloading:
        wide.page.get_by_role("button", name="下载 Excel 表").click()
    file = downloading.value
    assert file.suggested_filename == f"政策匹配-{DAY}.xlsx"
    file.save_as(tmp_path / "match.xlsx")
    book = load_workbook(tmp_path / "match.xlsx")
    heads, first, *_ = [[cell.value for cell in row] for row in book["匹配结果"].iter_rows()]
    said = dict(zip(heads, first, strict=True))
    assert (said["结果"], said["金额(元)"]) == ("可以申报", 1_500_000)
    answers = [row[0].value for row in book["企业情况和合计"].iter_rows()]
    assert "回答:年度主营业务收入是多少?" in answers
    assert wide.elsewhere() == []
    assert wide.complaints == []


def test_an_answer_can_be_taken_back(wide) -> None:
    software(wide)
    press(wide, "年度主营业务收入是多少?", "营业收入6.2亿元")
    press(wide, "是不是年度主营业务收入首次超过5亿元?", "是")
    assert "150万元" in total(wide)
    with wide.page.expect_response("**/page/match"):
        wide.page.locator(".answers .remove").last.click()
    settled(wide)
    assert "还没有能确定的金额" in total(wide)


def test_a_figure_is_asked_for_and_a_wrong_one_is_told_beside_its_box(wide) -> None:
    fill(wide, region="临江市望湖区", as_of=DAY)
    send(wide)
    wide.page.locator("details.quiet").evaluate("one => { one.open = true; }")
    box = wide.page.locator(".group .ask[data-question='参展企业是多少?']").first
    box.locator("input").fill("很多")
    with wide.page.expect_response("**/page/match"):
        box.locator("input").press("Enter")
    box.locator(".error").wait_for()
    assert "12家" in box.locator(".error").inner_text()
    assert box.locator("input").input_value() == "很多"
    box.locator("input").fill("52")
    with wide.page.expect_response("**/page/match"):
        box.get_by_role("button", name="确定").click()
    settled(wide)
    assert "参展企业52家" in wide.page.locator(".found").inner_text()


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(wide) -> None:
    fill(wide, name="某企业", rd_share="45")
    revenue(wide, "62")
    wide.page.get_by_role("button", name="添加称号").click()
    wide.page.locator("[data-rows=titles] [name=level]").select_option("省级")
    send(wide)
    told = {
        wide.page.locator(f"[aria-describedby='{error.get_attribute('id')}']").get_attribute("data-key")
        for error in wide.page.locator(".profile .error").all()
    }
    assert told == {"rd_share", "revenue.0.amount", "titles.0.name"}
    assert wide.page.locator("[data-rows=revenue] [name=amount]").input_value() == "62"
    assert wide.page.locator(".profile [name=name]").first.input_value() == "某企业"
    assert "3 处" in wide.page.locator(".profile .problem").inner_text()
    revenue(wide, "62亿")
    assert wide.page.locator(".profile .error").count() == 2


def test_what_is_typed_and_answered_survives_a_reload(wide, server) -> None:
    software(wide)
    press(wide, "年度主营业务收入是多少?", "营业收入6.2亿元")
    press(wide, "是不是年度主营业务收入首次超过5亿元?", "是")
    wide.page.reload()
    wide.page.locator(".total").wait_for()
    assert "150万元" in total(wide)
    assert wide.page.locator(".profile [name=region]").input_value() == "云台市"
    assert wide.page.locator(".answers li").count() == 2
    go(wide, server, "/en/match/")
    assert wide.page.locator(".profile [name=region]").input_value() == "云台市"


def test_the_example_can_be_filled_in_cleared_and_brought_back(wide) -> None:
    with wide.page.expect_response("**/page/match"):
        wide.page.get_by_role("button", name="填入示例").click()
    settled(wide)
    assert wide.page.locator(".group").count()
    region = wide.page.locator(".profile [name=region]")
    filled = region.input_value()
    assert filled
    wide.page.get_by_role("button", name="清空").click()
    assert region.input_value() == ""
    wide.page.get_by_role("button", name="撤销").click()
    assert region.input_value() == filled


def test_only_what_is_in_force_on_request(wide) -> None:
    fill(wide, region="杭州市", as_of="2026-06-01")
    send(wide)
    assert wide.page.locator("details.ended").count() == 1
    with wide.page.expect_response("**/page/match"):
        wide.page.get_by_label("只看现行有效").check()
    settled(wide)
    assert wide.page.locator("details.ended").count() == 0
    assert "没有列出" in wide.page.locator(".total").inner_text()


def test_a_condition_leads_to_its_clause_in_the_library(wide) -> None:
    software(wide)
    with wide.page.expect_popup() as opened:
        wide.page.locator(".group.open .from a").first.click()
    library = opened.value
    library.wait_for_load_state("load")
    assert "一、(一)" in library.locator("[data-target] :is(.label, .number)").inner_text()
    assert library.locator("[data-target] mark").count()


def test_a_server_that_is_gone_is_told_and_the_form_stays(server) -> None:
    with browsing() as visit:
        go(visit, server)
        fill(visit, region="云台市")
        visit.page.route("**/page/match", lambda route: route.abort())
        visit.page.locator("form [type=submit]").click()
        visit.page.locator(".profile .problem", has_text="连接断了").wait_for()
        assert visit.page.locator(".profile [name=region]").input_value() == "云台市"
        assert visit.page.locator("form [type=submit]").is_enabled()


def test_a_policy_that_means_harm_runs_nothing(wide) -> None:
    fill(wide, region="临江市", name="<img src=x onerror=window.hacked=1>", as_of=DAY)
    send(wide)
    wide.page.locator("details.quiet").evaluate("one => { one.open = true; }")
    assert "样板工厂" in wide.page.locator(".found").inner_text()
    assert wide.page.evaluate("window.hacked") is None
    assert wide.elsewhere() == []
    assert wide.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("width", "height", "path"), [(1366, 768, "/match/"), (390, 844, "/match/"), (1366, 768, "/en/match/")]
)
def test_every_screen_is_accessible_and_fits(server, scheme, width, height, path) -> None:
    name = f"match-{path.split('/')[1]}-{width}-{scheme}"
    with browsing(width=width, height=height, color_scheme=scheme) as visit:
        go(visit, server, path)
        assert findings(visit) == {}
        screenshot(visit, f"{name}-empty")
        software(visit)
        for details in visit.page.locator(".found details").all():
            details.evaluate("one => { one.open = true; }")
        assert findings(visit) == {}
        screenshot(visit, f"{name}-result", full_page=True)
        revenue(visit, "62")
        send(visit)
        assert findings(visit) == {}
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_workbook_of_a_wrong_form_is_told_beside_the_field(wide, tmp_path: Path) -> None:
    software(wide)
    revenue(wide, "62")
    wide.page.get_by_role("button", name="下载 Excel 表").click()
    wide.page.locator(".profile .error").wait_for()
    assert wide.page.locator("[data-rows=revenue] [aria-invalid]").count() == 1
