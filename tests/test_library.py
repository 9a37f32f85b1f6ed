"""The library: its list with limits, one policy with its clauses, and what happens to wrong addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from library_case import Shelf, ShelfService, client, hostile, shelf
from lxml import html as parser

from index.models import Clause, Level, PolicyFacts, SourceSpan, Status
from web.cards import library_link
from web.library import router
from web.library.reading import contents, parts
from web.library.shelf import Wanted, listing, related, repealed_by
from web.library.timeline import span, timeline
from web.texts import load_texts

DAY = date(2025, 6, 1)
DIGEST = "推动制造业高质量发展的若干意见"
REGULATION = "临江市促进先进制造业高质量发展办法"


@pytest.fixture(scope="module")
def web() -> TestClient:
    return client(router(ShelfService(shelf())))


def page(web: TestClient, path: str = "/library", code: int = 200, **parameters: str) -> parser.HtmlElement:
    response = web.get(path, params=parameters)
    assert response.status_code == code, response.text[:300]
    return parser.fromstring(response.text)


def text(element: parser.HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


def titles(found: parser.HtmlElement) -> list[str]:
    return [text(one) for one in found.cssselect(".policy h2")]


# The list


def test_every_policy_is_listed_with_its_facts(web) -> None:
    found = page(web, as_of=DAY.isoformat())
    assert len(titles(found)) == len(shelf().policies())
    (card,) = [one for one in found.cssselect(".policy") if REGULATION in text(one)]
    said = ["临政规〔2024〕5号", "临江市人民政府", "市级", "施行 2024-05-01", "有效期至 2029-04-30", "原件", "27 条"]
    for words in (*said, "有效 · 至 2029-04-30"):
        assert words in text(card)
    assert f"共收录 {len(shelf().policies())} 份政策。" in text(found.cssselect(".count")[0])


def test_the_status_is_that_of_the_chosen_day(web) -> None:
    for day, badge in (("2020-06-01", "有效 · 至 2021-12-31"), ("2022-01-01", "已失效 · 2021-12-31")):
        (card,) = [one for one in page(web, as_of=day).cssselect(".policy") if DIGEST in text(one)]
        assert text(card.cssselect(".badge")[0]) == badge


def test_what_can_be_used_comes_first(web) -> None:
    ranks = [one.get("class").split()[-1] for one in page(web, as_of=DAY.isoformat()).cssselect(".policy .badge")]
    assert ranks == sorted(ranks, key=["good", "warn", "bad"].index)


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({"status": "DRAFT"}, {"青杉市数据要素市场培育办法（征求意见稿）"}),
        ({"level": "PROVINCE", "q": "绿色建材"}, {"云岭省绿色建材产业提升行动方案（2023—2025年）"}),
        ({"q": "望政办发〔2025〕6号"}, {"望湖区促进服务业提质增效若干政策（2025版）"}),
        ({"q": "首店 品牌", "status": "EXPIRED"}, {"望湖区促进服务业提质增效若干政策（2024版）"}),
        ({"q": "餐廚垃圾"}, {"丰桥市餐厨垃圾资源化利用规定"}),
        ({"q": "ＡＩ没有的词"}, set()),
        ({"status": "nonsense", "level": "nonsense", "q": "餐厨"}, {"丰桥市餐厨垃圾资源化利用规定"}),
    ],
)
def test_limits_leave_what_fits_all_of_them(web, limits, left) -> None:
    assert set(titles(page(web, as_of=DAY.isoformat(), **limits))) == left


def test_a_place_has_the_policies_of_the_places_within_it(web) -> None:
    regions = {policy.facts.region for policy in shelf().policies()}
    assert {"临江市", "临江市望湖区"} <= regions
    found = titles(page(web, region="临江市"))
    assert any("望湖区" in title for title in found)
    assert all("杭州" not in title for title in found)


def test_words_in_the_text_are_shown_with_their_clause(web) -> None:
    found = page(web, q="达摩院")
    (passage,) = found.cssselect(".passages li")
    assert text(passage).startswith("二、(五)")
    assert text(passage.cssselect("mark")[0]) == "达摩院"
    target = parse_qs(urlsplit(passage.cssselect("a")[0].get("href")).query)
    assert (target["clause"], target["quote"]) == (["2.5"], ["达摩院"])


def test_counts_say_what_a_further_choice_leaves() -> None:
    wanted = Wanted(DAY, status=Status.DRAFT)
    found = listing(shelf().policies(), wanted)
    assert len(found.entries) == found.statuses[Status.DRAFT] == 1
    assert sum(found.statuses.values()) == found.held
    assert found.levels == {Level.CITY: 1}


def test_nothing_found_is_said_in_words_with_a_way_back(web) -> None:
    (empty,) = page(web, q="不存在的词语").cssselect(".empty")
    assert "没有符合条件的政策" in text(empty)
    assert empty.cssselect("a")[0].get("href") == "/library"


def test_an_empty_library_says_what_to_do() -> None:
    (empty,) = page(client(router(ShelfService(Shelf([]))))).cssselect(".empty")
    assert "上传文件" in text(empty)


@pytest.mark.parametrize("day", ["2026-13-01", "昨天", "<b>1</b>", "99999-01-01"])
def test_a_day_that_is_none_is_told_beside_the_field_and_today_is_shown(web, day) -> None:
    found = page(web, as_of=day)
    (hint,) = found.cssselect("[role=alert]")
    assert day in text(hint)
    assert not hint.cssselect("b")
    assert found.cssselect("[name=as_of]")[0].get("value") == date.today().isoformat()


def test_filters_work_without_scripts_and_keep_one_another(web) -> None:
    found = page(web, q="企业", region="临江市", as_of=DAY.isoformat())
    form = found.cssselect("form")[0]
    assert form.get("method") == "get"
    kept = {name: value for name, value in form.form_values() if value}
    assert kept == {"q": "企业", "region": "临江市", "as_of": DAY.isoformat()}
    status = next(one for one in found.cssselect(".statuses a") if "status=" in one.get("href"))
    assert {"q", "region", "as_of", "status"} == set(parse_qs(urlsplit(status.get("href")).query))


def test_long_lists_are_divided_into_pages() -> None:
    first = shelf().policies()[0]
    many = [replace(first, id=f"p{at}", facts=replace(first.facts, title=f"第{at:02}号办法")) for at in range(45)]
    web = client(router(ShelfService(Shelf(many))))
    shown = [titles(page(web, page=number)) for number in ("1", "2", "99", "x")]
    assert [len(one) for one in shown] == [40, 5, 5, 40]
    assert len({*shown[0], *shown[1]}) == 45
    assert "第 2 页,共 2 页" in text(page(web, page="2").cssselect(".pages")[0])


# One policy


@pytest.mark.parametrize("policy", shelf().policies(), ids=lambda policy: policy.facts.title[:12])
def test_the_whole_text_is_shown_and_every_clause_can_be_linked(web, policy) -> None:
    found = page(web, policy=policy.id)
    shown = {one.get("data-path"): text(one) for one in found.cssselect(".clause")}
    for clause in policy.best.clauses:
        assert re.sub(r"\s+", "", clause.written) in re.sub(r"\s+", "", shown[clause.path])
        assert clause.label in shown[clause.path]
    anchors = [one.get("id") for one in found.cssselect("[id]")]
    assert len(anchors) == len(set(anchors))
    for link in found.cssselect(".contents a, .benefits a"):
        assert link.get("href").removeprefix("#") in anchors
    assert len(found.cssselect(".benefits tbody tr")) == len(policy.best.benefits)


def test_a_link_from_a_card_marks_the_clause_and_the_quote(web) -> None:
    policy = shelf().titled(DIGEST)
    quote = "国家级制造业“单项冠军”示范企业奖励200万元"
    response = web.get(library_link(policy.id, "3.9", load_texts("zh"), quote=quote, as_of=DAY))
    found = parser.fromstring(response.text)
    (target,) = found.cssselect("[data-target]")
    assert target.get("data-path") == "3.9"
    assert text(target.cssselect("mark")[0]) == quote
    assert "已定位到 三、(九)" in text(found.cssselect(".at")[0])
    assert DAY.isoformat() in text(found.cssselect(".policy-head")[0])


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    clause = next(one for one in shelf().titled(REGULATION).best.clauses if one.path == "5")
    cut = clause.written.index("\n")
    quote = clause.written[cut - 4 : cut + 5]
    (part,) = [one for one in parts([clause], target=clause.path, quote=quote) if one.marked]
    marked = [segment.text for row in part.paragraphs for segment in row if segment.marked]
    assert marked == quote.split("\n")


def test_a_quote_that_is_not_there_leaves_the_clause_marked_and_says_so(web) -> None:
    found = page(web, policy=shelf().titled(DIGEST).id, clause="3.9", quote="奖励两百块")
    assert found.cssselect("[data-target]")
    assert not found.cssselect("[data-target] mark")
    assert "只标出条款" in text(found.cssselect(".at")[0])


def test_a_number_that_stands_over_others_leads_to_its_heading(web) -> None:
    found = page(web, policy=shelf().titled("特色小镇").id, clause="3")
    (target,) = found.cssselect("[data-target]")
    assert text(target).startswith("三、提升产业集聚能力")


def test_chapters_stand_over_their_articles() -> None:
    found = parts(shelf().titled(REGULATION).best.clauses)
    headings = [part.heading for part in found if not part.label]
    assert headings == [
        "第一章 总则",
        "第二章 培育",
        "第一节 企业成长",
        "第二节 平台支撑",
        "第三章 管理",
        "第四章 附则",
    ]
    depths = {part.path: part.depth for part in found if part.label}
    assert depths["1"] < depths["3.1"]
    assert [entry.text for entry in contents(found)][:2] == ["第一章 总则", "第一条 为了推动先进制造业稳定增长，培育…"]


@pytest.mark.parametrize(
    ("written", "titled", "rows"),
    [
        ("总体要求\n坚持创新。\n第二段。", True, ["坚持创新。", "第二段。"]),
        ("总体要求坚持创新。", True, ["坚持创新。"]),
        ("总体要求。坚持创新。", False, ["总体要求。坚持创新。"]),
        ("总体要求", True, []),
    ],
)
def test_a_heading_without_a_full_stop_stands_on_a_line_of_its_own(written, titled, rows) -> None:
    clause = Clause("1", "一、", "总体要求", written, written, SourceSpan(0, len(written)))
    (part,) = parts([clause], target="1", quote="体要")
    assert [segment.text for segment in part.segments if segment.marked] == ["体要"]
    assert bool(part.title) is titled
    assert ["".join(segment.text for segment in row) for row in part.paragraphs] == rows


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (DIGEST, ["已经失效", "摘编本"]),
        ("征求意见稿", ["不能作为申报依据"]),
        ("储能产业", ["没有写明施行日期和有效期"]),
    ],
)
def test_what_must_be_known_of_a_policy_stands_on_top(web, title, words) -> None:
    found = page(web, policy=shelf().titled(title).id, as_of=DAY.isoformat())
    warnings = " ".join(text(one) for one in found.cssselect(".warning"))
    assert all(one in warnings for one in words)


def test_policies_of_the_same_name_for_other_years_lead_to_each_other(web) -> None:
    one, other = shelf().titled("（2024版）"), shelf().titled("（2025版）")
    for policy, that in ((one, other), (other, one)):
        (link,) = page(web, policy=policy.id).cssselect(".related a")
        assert parse_qs(urlsplit(link.get("href")).query)["policy"] == [that.id]
    assert related(shelf().titled(REGULATION), shelf().policies()) == ()


def test_a_policy_that_another_repeals_names_it() -> None:
    old = shelf().titled(REGULATION)
    new = shelf().titled("（2025版）")
    new = replace(new, facts=replace(new.facts, repeals=(old.facts.doc_number,)))
    assert repealed_by(old, [old, new]) == (new,)
    web = client(router(ShelfService(Shelf([old, new]))))
    assert any(new.facts.title in text(one) for one in page(web, policy=old.id).cssselect(".warning"))


def test_asking_about_a_policy_starts_with_it_chosen(web) -> None:
    policy = shelf().titled(REGULATION)
    hrefs = [one.get("href") for one in page(web, "/en/library", policy=policy.id).cssselect(".choices a")]
    assert f"/en/?policy={policy.id}" in hrefs


# Wrong addresses, no index, other languages


@pytest.mark.parametrize("path", ["/library", "/en/library"])
def test_an_unknown_policy_is_a_clear_page_with_the_list_a_click_away(web, path) -> None:
    for name in ("nope", "../../etc/passwd", "<script>alert(1)</script>", "x" * 3000):
        found = page(web, path, 404, policy=name)
        assert path in [one.get("href") for one in found.cssselect(".choices a")]
        assert "<script>alert" not in parser.tostring(found).decode()
    assert text(page(web, policy="nope", code=404).cssselect("h1")[0]) == "没有这份政策"


def test_an_unknown_clause_is_a_clear_page_with_the_policy_a_click_away(web) -> None:
    policy = shelf().titled(REGULATION)
    found = page(web, policy=policy.id, clause="99.1", code=404)
    assert "99.1" in text(found.cssselect("main")[0])
    (back,) = [one for one in found.cssselect(".choices a") if "policy=" in one.get("href")]
    assert web.get(back.get("href")).status_code == 200


def test_without_an_index_the_page_says_what_to_do() -> None:
    found = page(client(router(ShelfService(None))), code=503)
    assert "python -m index build" in text(found.cssselect("main")[0])


def test_the_language_switch_keeps_the_place(web) -> None:
    policy = shelf().titled(REGULATION)
    switch = page(web, policy=policy.id, clause="4").cssselect("a.language")[0].get("href")
    found = parser.fromstring(web.get(switch).text)
    assert found.get("lang") == "en"
    assert found.cssselect("[data-target]")[0].get("data-path") == "4"


def test_a_policy_that_means_harm_is_shown_as_text(tmp_path) -> None:
    bad = hostile(tmp_path)
    (policy,) = bad.policies()
    web = client(router(ShelfService(bad)))
    links = [library_link(policy.id, one.path, load_texts("zh"), quote=one.written[:60]) for one in policy.best.clauses]
    pages = [
        web.get("/library", params={"q": "<script>window"}),
        web.get("/library", params={"view": "timeline"}),
        *(web.get(link) for link in links),
    ]
    for response in pages:
        assert response.status_code == 200
        found = parser.fromstring(response.text)
        assert "window.hacked" in found.text_content()
        assert not [one for one in found.cssselect("script") if "hacked" in (one.text or "")]
        assert not found.cssselect("[onerror], img")
        assert not [one for one in found.cssselect("a") if "javascript" in one.get("href", "").split("?")[0]]


# Periods of validity


def facts(**values: object) -> PolicyFacts:
    return PolicyFacts("办法", **values)


@pytest.mark.parametrize(
    ("stated", "days"),
    [
        (facts(effective_on=date(2024, 1, 1), expires_on=date(2025, 12, 31)), (date(2024, 1, 1), date(2025, 12, 31))),
        (facts(issued_on=date(2024, 3, 1)), (date(2024, 3, 1), None)),
        (facts(period=(2021, 2023)), (date(2021, 1, 1), date(2023, 12, 31))),
        (facts(expires_on=date(2025, 1, 1), repealed_on=date(2024, 6, 1)), (None, date(2024, 6, 1))),
        (facts(), (None, None)),
    ],
)
def test_a_period_is_what_the_text_states(stated, days) -> None:
    assert span(stated) == days


def drawn(*stated: PolicyFacts, as_of: date):
    first = shelf().policies()[0]
    policies = [replace(first, id=f"p{at}", facts=one) for at, one in enumerate(stated)]
    return timeline(listing(policies, Wanted(as_of)).entries, as_of)


def test_bars_lie_where_their_days_are() -> None:
    picture = drawn(
        facts(effective_on=date(2024, 1, 1), expires_on=date(2024, 12, 31)),
        facts(effective_on=date(2025, 1, 1)),
        facts(),
        as_of=date(2026, 1, 1),
    )
    assert picture is not None
    closed, still, undated = picture.rows
    # Three years, 2024 to 2026, are 1096 days: 2025 begins after 366 of them, 2026 after 731.
    assert (closed.x, closed.width, closed.open_width) == (0.0, pytest.approx(33.3, abs=0.1), 0.0)
    assert (still.x, still.x + still.width) == (pytest.approx(33.39), pytest.approx(66.70))
    assert still.open_x + still.open_width == pytest.approx(100)
    assert not undated.dated
    assert picture.today == pytest.approx(66.70)
    assert [tick.year for tick in picture.ticks] == [2024, 2025, 2026]


def test_what_states_no_validity_is_drawn_as_open_throughout() -> None:
    picture = drawn(facts(issued_on=date(2020, 1, 1)), as_of=date(2024, 1, 1))
    assert picture is not None
    (row,) = picture.rows
    assert row.width == 0
    assert row.open_x == 0
    assert row.open_width == 100
    assert drawn(facts(), as_of=DAY) is None


def test_the_picture_has_the_same_in_words(web) -> None:
    found = page(web, view="timeline", as_of=DAY.isoformat())
    rows = [[text(cell) for cell in row.cssselect("td")] for row in found.cssselect(".timeline tbody tr")]
    assert len(rows) == len(found.cssselect(".timeline svg a")) == len(shelf().policies())
    assert [REGULATION, "2024-05-01", "2029-04-30", "有效 · 至 2029-04-30"] in rows
    assert any(row[2] == "未载明" for row in rows)
    assert found.cssselect("svg line.today")
