"""The library in a real browser: filters, the clause that a link names, phone, dark, and what axe finds."""

from __future__ import annotations

from urllib.parse import urljoin

import browser
import pytest
from browser import Server, Visit, browsing, findings, screenshot
from library_case import built_with_hostile, shelf

from index.settings import Settings
from web.cards import library_link
from web.texts import load_texts

pytestmark = pytest.mark.browser
one_chromium, server = browser.one_chromium, browser.server

DIGEST = "推动制造业高质量发展的若干意见"
QUOTE = "国家级制造业“单项冠军”示范企业奖励200万元"
VIEW = "() => document.querySelector('[data-target]').getBoundingClientRect().toJSON()"


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return built_with_hostile(tmp_path_factory.mktemp("library"), "linjiang", "wanghu", "qingshan")


def go(visit: Visit, server: Server, path: str) -> None:
    visit.page.goto(urljoin(server.address, path))
    visit.page.wait_for_load_state("load")


def titles(visit: Visit) -> list[str]:
    return visit.page.locator(".policy h2").all_inner_texts()


def link(path: str, **more: str) -> str:
    return library_link(shelf().titled(DIGEST).id, path, load_texts("zh"), **more)


def fits(visit: Visit) -> bool:
    """Whether the page is no wider than its window."""
    return visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_filters_limit_the_list_and_stay_in_the_address(server, scripts) -> None:
    with browsing(java_script_enabled=scripts) as visit:
        go(visit, server, "/library?as_of=2025-06-01")
        everything = titles(visit)
        visit.page.get_by_label("标题、文号或正文").fill("服务业")
        visit.page.get_by_label("适用地区").select_option("临江市望湖区")
        visit.page.get_by_role("button", name="查找").click()
        visit.page.wait_for_url("**q=*")
        assert len(titles(visit)) == 2 < len(everything)
        visit.page.locator(".statuses").get_by_text("已失效").click()
        visit.page.wait_for_url("**status=EXPIRED*")
        assert titles(visit) == ["望湖区促进服务业提质增效若干政策（2024版）"]
        assert {"as_of=2025-06-01", "status=EXPIRED"} <= set(visit.page.url.split("?")[1].split("&"))
        visit.page.get_by_role("link", name="清除条件").click()
        visit.page.wait_for_url("**/library")
        assert len(titles(visit)) == len(everything)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_a_deep_link_brings_the_clause_into_view_and_marks_the_quote(server, width, height) -> None:
    with browsing(width=width, height=height) as visit:
        go(visit, server, link("3.9", quote=QUOTE))
        box = visit.page.evaluate(VIEW)
        assert 0 <= box["top"] < height / 2
        assert visit.page.locator("[data-target] mark").inner_text() == QUOTE
        assert visit.page.evaluate("document.activeElement.dataset.path") == "3.9"
        assert fits(visit)
        assert visit.complaints == []
        screenshot(visit, f"library-clause-{width}", full_page=False)


def test_contents_lead_to_the_clause(server) -> None:
    with browsing() as visit:
        go(visit, server, link("0"))
        visit.page.locator(".contents a", has_text="三、(七)").click()
        visit.page.wait_for_url("**#c-3.7")
        assert visit.page.evaluate("document.getElementById('c-3.7').getBoundingClientRect().top") < 200


def test_the_picture_leads_to_the_policy(server) -> None:
    with browsing() as visit:
        go(visit, server, "/library")
        visit.page.get_by_role("link", name="有效期一览").click()
        row = visit.page.locator("svg a", has_text=DIGEST)
        row.click()
        visit.page.wait_for_url("**policy=*")
        assert DIGEST in visit.page.locator("h1").inner_text()


def test_a_policy_that_means_harm_runs_nothing(server) -> None:
    with browsing() as visit:
        go(visit, server, "/library?q=样板工厂")
        visit.page.locator(".policy h2 a").click()
        visit.page.wait_for_url("**policy=*")
        assert "<script>" in visit.page.locator("main").inner_text()
        assert visit.page.evaluate("window.hacked") is None
        assert visit.elsewhere() == []
        assert visit.complaints == []


def test_printing_leaves_the_text_alone(server) -> None:
    with browsing() as visit:
        go(visit, server, link("3.9"))
        visit.page.emulate_media(media="print")
        assert not visit.page.locator(".bar").is_visible()
        assert not visit.page.locator(".contents").is_visible()
        assert visit.page.locator("[data-path='3.9']").is_visible()


def test_an_unknown_policy_leads_back_to_the_list(server) -> None:
    with browsing() as visit:
        go(visit, server, "/library?policy=nope")
        assert visit.page.locator("h1").inner_text() == "没有这份政策"
        visit.page.get_by_role("link", name="全部政策").click()
        visit.page.wait_for_url("**/library")
        assert titles(visit)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_every_screen_is_accessible_and_fits(server, scheme, width, height) -> None:
    screens = {
        "list": "/library",
        "search": "/library?q=企业&as_of=2025-06-01",
        "empty": "/library?q=没有的词",
        "timeline": "/library?view=timeline",
        "policy": link("3.9", quote=QUOTE),
        "english": "/en" + link("2.5"),
        "missing": "/library?policy=nope",
    }
    with browsing(width=width, height=height, color_scheme=scheme) as visit:
        for name, path in screens.items():
            go(visit, server, path)
            assert fits(visit), name
            assert findings(visit) == {}, name
            screenshot(visit, f"library-{name}-{width}-{scheme}")
