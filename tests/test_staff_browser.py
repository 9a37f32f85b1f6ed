"""The staff desk in a real browser: login, uploads that the chat answers from, evaluation, feedback, looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import browser
import pytest
import rag_index
from browser import Server, Visit, browsing, findings, screenshot, serving
from eval_fakes import row
from playwright.sync_api import expect
from read_samples import make_docx, make_pdf, page_lines
from staff_case import NAME, PASSWORD, TEXT, accounts_value

from eval.rows import row_to_object
from index.settings import Settings
from web.feedback import Feedback, FeedbackStore

pytestmark = pytest.mark.browser
one_chromium = browser.one_chromium

OTHER = TEXT.replace("茶业", "蜂业").replace("3号", "4号").replace("新建茶园每亩补助300元", "蜂箱搬迁每箱补助35元")
WAIT = 60_000
ROWS = (
    row("q1", question="国家级制造业创新中心能拿多少资助?", facts=(("1亿元",),)),
    row("q2", question="火星移民补贴多少?", category="refuse", status="refused"),
    row("q3", question="国家级制造业创新中心能拿多少资助?请说明。", facts=(("8亿元",),)),
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    return rag_index.built(tmp_path_factory.mktemp("staff"), rag_index.CORPUS)


@pytest.fixture(scope="module")
def server(settings) -> Iterator[Server]:
    with serving(settings, POLICYQA_STAFF=accounts_value(NAME)) as running:
        yield running


def fill_login(visit: Visit, password: str = PASSWORD) -> None:
    visit.page.fill("[name=name]", NAME)
    visit.page.fill("[name=password]", password)
    visit.page.click("button[type=submit]")


def goto(visit: Visit, server: Server, path: str) -> None:
    visit.page.goto(urljoin(server.address, path))


@pytest.fixture
def desk(server) -> Iterator[Visit]:
    with browsing() as visit:
        goto(visit, server, "/staff/")
        fill_login(visit)
        visit.page.wait_for_url("**/staff/")
        yield visit


def send_files(visit: Visit, *files: tuple[str, bytes]) -> None:
    payloads = [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    visit.page.set_input_files("#files", payloads)  # type: ignore[arg-type]


def asked(visit: Visit, server: Server, question: str) -> str:
    answer = visit.page.request.post(
        urljoin(server.address, "/api/ask"), data={"question": question, "as_of": "2026-01-01"}
    )
    return str(answer.json()["answer"])


def test_a_wrong_password_is_told_and_the_right_one_leads_back(server) -> None:
    with browsing() as visit:
        goto(visit, server, "/staff/feedback?verdict=dislike")
        expect(visit.page.get_by_role("alert")).to_have_text("请先登录。")
        fill_login(visit, "wrong password")
        expect(visit.page.get_by_role("alert")).to_have_text("账号或口令不对。")
        assert visit.page.input_value("[name=name]") == NAME
        assert visit.page.input_value("[name=password]") == ""
        screenshot(visit, "staff-login")
        fill_login(visit)
        visit.page.wait_for_url("**/staff/feedback?verdict=dislike")
        visit.page.get_by_role("button", name="退出").click()
        expect(visit.page.get_by_role("alert")).to_have_text("已退出。")
        goto(visit, server, "/staff/")
        visit.page.wait_for_url("**/staff/login?**")


def test_a_docx_and_a_pdf_are_uploaded_put_right_indexed_and_asked_about(desk, server) -> None:
    page = desk.page
    assert "300元" not in asked(desk, server, "临江市新建茶园每亩补助多少?")
    send_files(
        desk,
        ("茶业.docx", make_docx(TEXT.splitlines())),
        ("蜂业.pdf", make_pdf([page_lines(OTHER.splitlines())])),
        ("空.docx", b""),
    )
    rows = page.locator("#pending li")
    expect(rows).to_have_count(3, timeout=WAIT)
    expect(page.locator("#pending li[data-state=ready]")).to_have_count(2, timeout=WAIT)
    expect(page.locator("#pending li[data-state=failed]")).to_contain_text("空文件")
    screenshot(desk, "staff-policies", full_page=True)

    page.get_by_role("link", name="茶业.docx").click()
    expect(page.get_by_role("heading", name=re.compile("条款"))).to_be_visible()
    assert page.input_value("[name=doc_number]") == "临政规〔2024〕3号"
    page.fill("[name=title]", "临江市茶产业扶持办法")
    page.fill("[name=expires_on]", "2020-01-01")
    page.get_by_role("button", name="收录", exact=True).click()
    expect(page.locator(".problems")).to_contain_text("早于")
    page.fill("[name=expires_on]", "2027-12-31")
    screenshot(desk, "staff-upload", full_page=True)
    page.get_by_role("button", name="收录", exact=True).click()
    expect(page.locator("#said")).to_contain_text("已收录", timeout=WAIT)
    expect(page.locator("#held-title")).to_contain_text("5 份")
    expect(page.get_by_role("link", name="临江市茶产业扶持办法")).to_be_visible()

    page.locator("#pending li", has_text="蜂业.pdf").get_by_role("link", name="核对并收录").click()
    page.get_by_role("button", name="收录", exact=True).click()
    expect(page.locator("#said")).to_contain_text("已收录", timeout=WAIT)
    assert "300元" in asked(desk, server, "临江市新建茶园每亩补助多少?")
    assert "35元" in asked(desk, server, "蜂箱搬迁补助多少?")
    # The browser notes that the wrong date was refused.
    assert [said for said in desk.complaints if "400" not in said] == []
    assert desk.elsewhere() == []


def test_a_policy_is_replaced_and_taken_out_after_a_question(desk, server) -> None:
    page = desk.page
    text = TEXT.replace("茶业", "竹业").replace("3号", "7号").replace("茶园", "竹林")
    for content, amount in ((text, "300元"), (text.replace("300元", "450元"), "450元")):
        send_files(desk, ("竹业.txt", content.encode()))
        page.locator("#pending li[data-state=ready]", has_text="竹业.txt").get_by_role("link", name="核对并收录").click(
            timeout=WAIT
        )
        page.get_by_role("button", name="收录", exact=True).click()
        expect(page.locator("#said")).to_contain_text("已收录", timeout=WAIT)
        assert amount in asked(desk, server, "临江市新建竹林每亩补助多少?")
    remove = page.get_by_role("button", name="移除《临江市竹业扶持办法》")
    expect(remove).to_have_count(1)
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(remove).to_be_visible()
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="移除").click()
    expect(page.locator("#said")).to_contain_text("已移除", timeout=WAIT)
    expect(remove).to_have_count(0)
    assert "450元" not in asked(desk, server, "临江市新建竹林每亩补助多少?")


def test_files_are_dropped_on_the_page(desk) -> None:
    page = desk.page
    page.evaluate(
        """text => {
            const carried = new DataTransfer();
            for (const name of ["拖一.txt", "拖二.txt"]) carried.items.add(new File([text], name));
            const drop = document.querySelector("#drop");
            for (const name of ["dragenter", "dragover", "drop"])
                drop.dispatchEvent(new DragEvent(name, { dataTransfer: carried, bubbles: true, cancelable: true }));
        }""",
        TEXT,
    )
    for name in ("拖一.txt", "拖二.txt"):
        row = page.locator("#pending li[data-state=ready]", has_text=name)
        row.get_by_role("button", name="删除").click(timeout=WAIT)
        page.get_by_role("dialog").get_by_role("button", name="删除").click()
        expect(row).to_have_count(0)


def test_a_file_of_200_mb_is_refused_before_it_is_sent(desk, tmp_path: Path) -> None:
    large = tmp_path / "大.pdf"
    with large.open("wb") as file:
        file.truncate(200 << 20)
    desk.page.set_input_files("#files", large)
    expect(desk.page.locator("#sending .why")).to_contain_text("200 MB,超过了 50 MB 的上限")
    assert not [url for url in desk.requests if "uploads?name" in url]


def test_markup_in_names_and_files_does_nothing(desk) -> None:
    page = desk.page
    hostile = TEXT.replace("茶园", "<img src=x onerror=document.title='hacked'>茶园")
    send_files(desk, ("<img src=x onerror=alert(1)>.txt", hostile.encode()))
    row = page.locator("#pending li", has_text="img src=x onerror=alert(1)")
    row.get_by_role("link", name="核对并收录").click(timeout=WAIT)
    expect(page.locator(".clauses")).to_contain_text("<img src=x")
    assert "hacked" not in page.title()
    page.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    page.wait_for_url("**/staff/")
    expect(row).to_have_count(0)
    assert desk.complaints == []


def test_an_evaluation_runs_with_progress_and_is_compared_with_another(desk, server) -> None:
    page = desk.page
    goto(desk, server, "/staff/evaluation")
    lines = "".join(json.dumps(row_to_object(one), ensure_ascii=False) + "\n" for one in ROWS)
    page.set_input_files("#set-file", {"name": "小题集.jsonl", "mimeType": "text/plain", "buffer": lines.encode()})
    expect(page.locator("#said")).to_contain_text("共 3 题")
    for number in (1, 2):
        page.get_by_role("button", name="用 小题集.jsonl 开始评测").click()
        expect(page.locator("#running, #history-title + * + *").first).to_be_visible(timeout=WAIT)
        page.reload()
        expect(page.get_by_role("link", name="查看结果")).to_have_count(number, timeout=WAIT)
    screenshot(desk, "staff-evaluation", full_page=True)
    page.get_by_role("button", name="比较").click()
    expect(page.get_by_role("heading", name="变坏的题(0)")).to_be_visible()
    screenshot(desk, "staff-compare", full_page=True)
    page.get_by_role("link", name=re.compile(r"^\d{8}-\d{6}")).last.click()
    expect(page.locator("main")).to_contain_text("共 3 题,答对 2 题")
    expect(page.locator(".case")).to_contain_text("8亿元")
    expect(page.locator(".plot svg").first).to_be_visible()
    screenshot(desk, "staff-run", full_page=True)
    page.get_by_role("link", name="完整报告").click()
    expect(page.get_by_role("heading", name="政策问答评测报告")).to_be_visible()
    assert desk.complaints == []
    assert desk.elsewhere() == []


def test_feedback_is_read_marked_and_made_a_question(desk, server, settings) -> None:
    answer = {"id": 'it\'s "7"/..', "status": "answered", "answer": "资助1亿元。"}
    FeedbackStore(settings).add(
        Feedback(verdict="dislike", reason="wrong_figure", note="<b>应为2亿元</b>", question="多少?", answer=answer)
    )
    page = desk.page
    goto(desk, server, "/staff/feedback?handled=no")
    expect(page.get_by_role("article")).to_contain_text("<b>应为2亿元</b>")
    screenshot(desk, "staff-feedback", full_page=True)
    page.get_by_role("button", name="加入题集").click()
    expect(page.locator("#said")).to_contain_text("反馈题目草稿")
    page.get_by_role("button", name="标为已处理").click()
    expect(page.get_by_role("article")).to_have_count(0)
    with page.expect_download() as download:
        goto(desk, server, "/staff/feedback")
        page.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")


PAGES = ("/staff/", "/staff/feedback", "/staff/evaluation")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
@pytest.mark.parametrize(("language", "scheme"), [("", "light"), ("/en", "dark")])
def test_every_page_fits_the_window_and_axe_finds_nothing_serious(server, width, height, language, scheme) -> None:
    with browsing(width=width, height=height, color_scheme=scheme) as visit:
        goto(visit, server, f"{language}/staff/login")
        found = {"login": findings(visit)}
        fill_login(visit)
        visit.page.wait_for_url("**/staff/")
        details = [f"/staff/uploads/{upload}" for upload in uploads_of(visit, server)]
        for path in (*PAGES, *details[:1], *runs_of(visit, server)):
            goto(visit, server, f"{language}{path}")
            found[path] = findings(visit)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path
            name = path.strip("/").replace("/", "-")
            screenshot(visit, f"{re.sub('[0-9a-f-]{12,}', '', name)}{language[1:]}-{scheme}-{width}", full_page=True)
        assert {name: rules for name, rules in found.items() if rules} == {}


def uploads_of(visit: Visit, server: Server) -> list[str]:
    """Ids of uploads that the page links to, indexed ones too."""
    html = visit.page.request.get(urljoin(server.address, "/staff/"), headers={"Accept": "text/html"}).text()
    return re.findall(r"/staff/uploads/([0-9a-f]{12})\"", html)


def runs_of(visit: Visit, server: Server) -> list[str]:
    """The latest run and a comparison, as far as there are any."""
    html = visit.page.request.get(urljoin(server.address, "/staff/evaluation"), headers={"Accept": "text/html"}).text()
    names = list(dict.fromkeys(re.findall(r"/staff/evaluation/runs/([\d-]+)\"", html)))
    compared = [f"/staff/evaluation/compare?before={names[-1]}&after={names[0]}"] if len(names) > 1 else []
    return [f"/staff/evaluation/runs/{name}" for name in names[:1]] + compared


def test_the_desk_is_worked_with_the_keyboard_alone(desk) -> None:
    page = desk.page
    page.locator("#files").focus()
    outline = page.evaluate("getComputedStyle(document.querySelector('#drop')).outlineStyle")
    assert outline == "solid"
    page.locator("[data-sure]").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_session_that_has_ended_leads_to_the_login_with_a_word_and_back(desk) -> None:
    desk.page.context.clear_cookies()
    desk.page.locator("[data-sure]").last.click()
    desk.page.get_by_role("dialog").get_by_role("button").last.click()
    desk.page.wait_for_url("**/staff/login?**")
    expect(desk.page.get_by_role("alert")).to_contain_text("登录已失效")
    fill_login(desk)
    desk.page.wait_for_url("**/staff/")


def test_five_wrong_passwords_lock_the_door_for_a_while(settings) -> None:
    with serving(settings, POLICYQA_STAFF=accounts_value(NAME)) as server, browsing() as visit:
        goto(visit, server, "/staff/login")
        for _ in range(5):
            fill_login(visit, "wrong password")
        expect(visit.page.get_by_role("alert")).to_have_text("登录失败已达 5 次,请 15 分钟后再试。")
        fill_login(visit)
        expect(visit.page.get_by_role("alert")).to_contain_text("分钟后再试")
