"""The report shows every failing case beside what was expected, loads nothing, and runs nothing that it was given."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from eval_fakes import OTHER, TITLE, VERSIONS, cite, given, refusal, row, run_of
from hypothesis import given as forall
from hypothesis import strategies as st
from lxml import html

from eval.compare import Verdict, compare, render, verdict_of
from eval.metrics.bootstrap import Estimate
from eval.metrics.summary import summarise
from eval.report import charts
from eval.report.cards import card, mark
from eval.report.markdown import escape, render_markdown
from eval.report.page import render_html
from eval.report.write import write_reports
from eval.runs import Record, Run

CLAUSE = (("示例产业", "1"),)
EVIL = "<script>alert('坏')</script><img src=x onerror=alert(1)>\"'&"


def mixed_run() -> Run:
    """Six questions: right, wrong figure, not cited, falsely refused, should have been refused, failed."""
    asked = [
        row("right", facts=(("1亿元",),), clauses=CLAUSE),
        row("figure", question="省级中心资助多少?", facts=(("1500万元",),), forbid=("1亿元",), clauses=CLAUSE),
        row("uncited", category="target", question="园区几个?", clauses=(("园区建设", "1"),), warn=("period_ended",)),
        row("refused", question="中心补不补?", clauses=CLAUSE, history=(("国家级的呢", "资助1亿元"),)),
        row("foreign", category="refuse", status="refused", question="宁波呢?"),
        row("broken", question="坏了?", clauses=CLAUSE),
    ]
    said = [
        given("资助1亿元[1]。", cite("1")),
        given("资助1亿元[1]。", cite("1", "国家级中心资助1亿元")),
        given("按投入资助15%[1]。", cite("2"), cite("tail", marker="[2]")),
        refusal(),
        given("宁波也有。", cite("1")),
        None,
    ]
    return run_of(*zip(asked, said, strict=True))


def page_of(run: Run) -> html.HtmlElement:
    return html.document_fromstring(render_html(run, summarise(run)))


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


# The page


def test_the_page_begins_with_the_result_and_its_interval() -> None:
    headline = text_of(page_of(mixed_run()).xpath("//header")[0])
    assert "共 6 题,答对 1 题,答对率 16.7%(95% 置信区间 " in headline


def test_every_failing_case_is_shown_with_its_step_and_no_other() -> None:
    cases = page_of(mixed_run()).xpath("//article")
    steps = [case.get("data-step") for case in cases]
    assert steps == ["数字不对", "检索到但没有引用", "误拒", "应拒未拒", "运行出错"]
    questions = [text_of(case.xpath(".//div[@class='question']")[0]) for case in cases]
    assert questions == ["省级中心资助多少?", "园区几个?", "中心补不补?", "宁波呢?", "坏了?"]


def test_a_case_shows_expected_and_given_and_both_clauses() -> None:
    figure, uncited, refused, _, broken = (text_of(case) for case in page_of(mixed_run()).xpath("//article"))
    assert "✗ 1500万元(没有说到)" in figure
    assert "✗ 1亿元(出现了)" in figure
    assert "资助1亿元[1]。" in figure
    assert f"《{OTHER}》一、 没有引用,检索排第 1" in uncited
    assert "到2022年建成园区8个。" in uncited
    assert f"[1] 《{TITLE}》二、 别的文件的条款" in uncited
    assert "按项目投入资助15%,最高300万元。" in uncited
    assert "✗ 规划期已满(没有提示)" in uncited
    assert "前面问:国家级的呢" in refused
    assert "没有引用条款。" in refused
    assert "ValueError:出错" in broken


def test_the_quote_is_marked_in_the_cited_clause_and_the_facts_in_the_expected_one() -> None:
    case = page_of(mixed_run()).xpath("//article")[0]
    expected, cited = case.xpath(".//div[@class='pair'][2]/div")
    assert [text_of(mark) for mark in expected.xpath(".//mark")] == ["1500万元"]
    assert [text_of(mark) for mark in cited.xpath(".//mark")] == ["国家级中心资助1亿元"]


def test_a_run_without_failures_says_so() -> None:
    run = run_of((row("a"), given("是。")))
    assert "全部答对。" in text_of(page_of(run))
    assert "全部答对。" in render_markdown(run, summarise(run))


def test_nothing_is_loaded_from_elsewhere() -> None:
    source = render_html(mixed_run(), summarise(mixed_run()))
    page = html.document_fromstring(source)
    assert page.xpath("//link | //img | //iframe | //script[@src] | //object | //embed") == []
    assert [href for href in page.xpath("//@href") if not href.startswith("#")] == []
    assert not re.search(r"url\(|@import|https?:", source)


def evil_run() -> Run:
    """Every text that comes from outside tries to become markup."""
    asked = row(
        EVIL,
        question=EVIL,
        history=((EVIL, EVIL),),
        facts=((EVIL + "1",),),
        forbid=(EVIL,),
        clauses=((EVIL, "1"), ("示例产业", "1")),
        warn=("expired",),
    )
    answer = given(f"{EVIL}[1]", cite("1", EVIL), calculations=((EVIL, EVIL),), warn=(EVIL,))
    run = run_of((asked, answer), (row("b", question=EVIL), None), name=EVIL)
    info = {**run.info, "set": {"name": EVIL, "rows": 2, "sha256": EVIL}, "commit": EVIL}
    records = {**run.records, "b": Record("b", None, EVIL)}
    return Run(EVIL, info, run.rows, records, run.times, run.clauses)


def test_text_of_questions_answers_and_policies_stays_text() -> None:
    plain, evil = page_of(mixed_run()), page_of(evil_run())
    assert len(evil.xpath("//script")) == len(plain.xpath("//script")) == 1
    assert evil.xpath("//img") == []
    assert [name for name in evil.xpath("//@*") if "alert" in name and "<" in name] == []
    assert EVIL in text_of(evil)


def test_markdown_of_hostile_text_is_no_markup() -> None:
    text = render_markdown(evil_run(), summarise(evil_run()))
    assert "<script" not in text
    assert "<img" not in text
    assert escape("a|b\nc *d* [e](f) `g` <h>") == r"a\|b c \*d\* \[e\](f) \`g\` &lt;h>"


def test_tables_keep_their_columns_whatever_the_text() -> None:
    text = render_markdown(evil_run(), summarise(evil_run()))
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_the_markdown_names_each_failing_case_with_what_is_wrong() -> None:
    text = render_markdown(mixed_run(), summarise(mixed_run()))
    assert "- **figure**(金额,数字不对):省级中心资助多少?\n  - 没有说到:1500万元\n  - 出现了:1亿元" in text
    assert "没有引用:园区建设 的 1(检索排第 1)" in text
    assert "状态应为拒答,实际回答" in text
    assert "| 答对率 | 16.7% |" in text


def test_an_unfinished_run_says_how_much_was_asked() -> None:
    run = mixed_run()
    part = Run(run.name, run.info, run.rows, {"right": run.records["right"]}, {}, run.clauses)
    assert "运行没有完成:6 题中只问了 1 题。" in text_of(page_of(part))


def test_a_clause_that_the_index_does_not_have_is_pointed_out() -> None:
    of = row(clauses=(("示例产业", "99"),))
    run = run_of((of, refusal()))
    shown = card(summarise(run).failing[0], run)
    assert shown.expected_clauses[0].note == "收录的文件里没有这一条,请核对题目。"


def test_a_quote_that_is_not_in_the_clause_is_pointed_out() -> None:
    run = run_of((row(clauses=CLAUSE, facts=(("1亿元",),)), given("资助2亿元[1]。", cite("1", "资助2亿元"))))
    assert card(summarise(run).failing[0], run).cited_clauses[0].note == "应引用的条款;引文与条款原文不一致"


def test_reports_are_written_into_the_folder(tmp_path: Path) -> None:
    write_reports(tmp_path, mixed_run())
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# 政策问答评测报告")


# Pieces


@forall(
    st.text(alphabet="资助1亿元万5。,", max_size=40), st.lists(st.text(alphabet="资助1亿元万5", max_size=4), max_size=4)
)
def test_marking_keeps_every_character(text: str, phrases: list[str]) -> None:
    segments = mark(text, phrases)
    assert "".join(piece for piece, _ in segments) == text
    marked = "\n".join(piece for piece, on in segments if on)
    for phrase in phrases:
        assert not phrase or phrase not in text or marked


def test_a_figure_is_marked_by_value() -> None:
    assert [piece for piece, on in mark("奖励1亿元,另奖2亿元", ["10000万元"]) if on] == ["1亿元"]


ESTIMATE = Estimate(0.8, 0.7, 0.9, 20)


@pytest.mark.parametrize(
    "svg",
    [
        charts.bars([charts.Bar("<b>&\"'", ESTIMATE)], title="<图>"),
        charts.bars([], title="空"),
        charts.interval_strip(ESTIMATE, lower_is_better=True),
        charts.curve([(1, ESTIMATE)], title="一点"),
        charts.curve([(k, ESTIMATE) for k in range(1, 11)], title="曲线"),
        charts.histogram([0.0], [("中", 0.0)], title="一题"),
        charts.histogram([5.0] * 99 + [60_000.0], [("中", 5.0), ("最长", 60_000.0)], title="有一题很慢"),
    ],
)
def test_plots_are_well_formed_and_stay_inside_their_frame(svg: str) -> None:
    frame = ElementTree.fromstring(svg)
    width, height = float(frame.get("width")), float(frame.get("height"))
    for element in frame.iter():
        for name, limit in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(element.get(name, 0)) <= limit, (element.tag, element.attrib)
    assert "nan" not in svg


def test_one_slow_question_does_not_press_the_others_into_one_bin() -> None:
    times = [float(value) for value in range(10, 60)] * 4
    bins = ElementTree.fromstring(charts.histogram([*times, 60_000.0], [], title="用时")).findall("rect")
    assert sum(float(one.get("height")) > 0 for one in bins) > 8


# Comparing two runs


def answered_run(right: str, name: str = "run", **fields: object) -> Run:
    """A run of as many questions as `right` has characters; "1" is answered correctly."""
    pairs = [
        (row(f"q{at}", question=f"问题{at}", facts=(("1亿元",),), **fields), given("1亿元" if one == "1" else "2亿元"))
        for at, one in enumerate(right)
    ]
    return run_of(*pairs, name=name)


def test_a_comparison_lists_what_got_better_and_what_got_worse() -> None:
    found = compare(answered_run("1100"), answered_run("1010"))
    assert [after.outcome.row.id for _, after in found.better] == ["q2"]
    assert [after.outcome.row.id for _, after in found.worse] == ["q1"]
    text = render(found, before="甲", after="乙")
    assert "答对的由 2 题变为 2 题:1 题变好,1 题变坏" in text
    assert "可能只是波动" in text
    assert "- **q1**(金额):问题1\n  - 答对 → 数字不对" in text


def test_a_large_change_is_told_from_noise() -> None:
    worse = compare(answered_run("1" * 40), answered_run("0" * 12 + "1" * 28))
    assert {change.metric.name: change.verdict for change in worse.changes}["correct"] is Verdict.WORSE
    assert "不像是偶然波动" in render(worse, before="甲", after="乙")
    noise = compare(answered_run("1" * 40), answered_run("00" + "1" * 38))
    assert {change.metric.name: change.verdict for change in noise.changes}["correct"] is Verdict.NOISE


def test_equal_runs_have_not_changed() -> None:
    found = compare(answered_run("110"), answered_run("110"))
    assert {change.verdict for change in found.changes} == {Verdict.SAME}
    assert "没有变化" in render(found, before="甲", after="乙")


def test_only_the_same_questions_are_compared() -> None:
    found = compare(answered_run("111"), answered_run("11"))
    assert found.only_before == ("q2",)
    assert len(found.pairs) == 2
    edited = compare(answered_run("11"), run_of(*answered_pairs(("q0", "问题0"), ("q1", "改过的问题"))))
    assert (edited.only_before, edited.only_after) == (("q1",), ("q1",))
    with pytest.raises(ValueError, match="没有相同的题目"):
        compare(answered_run("1"), run_of(*answered_pairs(("other", "别的"))))


def answered_pairs(*asked: tuple[str, str]) -> list:
    return [(row(name, question=question, facts=(("1亿元",),)), given("1亿元")) for name, question in asked]


def test_a_comparison_names_the_versions_that_differ() -> None:
    after = answered_run("11")
    info = {**after.info, "corpus": "c2", "embedding": {**VERSIONS["embedding"], "revision": "2"}}
    found = compare(answered_run("11"), Run("after", info, after.rows, after.records, after.times, after.clauses))
    assert found.versions == ("嵌入模型", "收录的政策")


@pytest.mark.parametrize(
    ("difference", "p", "lower", "verdict"),
    [
        (0.1, 0.01, False, Verdict.BETTER),
        (-0.1, 0.01, False, Verdict.WORSE),
        (0.1, 0.01, True, Verdict.WORSE),
        (-0.1, 0.01, True, Verdict.BETTER),
        (-0.1, 0.2, False, Verdict.NOISE),
    ],
)
def test_what_a_difference_means(difference: float, p: float, lower: bool, verdict: Verdict) -> None:
    assert verdict_of(difference, p, lower_is_better=lower) is verdict


# In a browser


@pytest.mark.browser
def test_the_filters_work_and_the_page_makes_no_request(tmp_path: Path) -> None:
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    write_reports(tmp_path, mixed_run())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 420, "height": 800})
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url) if "://" in request.url[5:] else None)
        page.goto((tmp_path / "report.html").as_uri())
        page.select_option("#step", label="误拒")
        assert page.locator("article:visible").count() == 1
        assert page.locator("#shown").inner_text() == "显示 1 题"
        # On a telephone nothing is wider than the screen.
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
        browser.close()
    assert problems == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_report_fits_every_window_and_axe_finds_nothing_serious(tmp_path: Path, width: int, scheme: str) -> None:
    from browser import browsing, findings

    write_reports(tmp_path, mixed_run())
    with browsing(width=width, height=800, color_scheme=scheme, locale="zh-CN") as visit:
        visit.page.goto((tmp_path / "report.html").as_uri())
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.locator(".narrow svg").is_visible() == (width < 600)
        assert visit.page.locator(".wide svg").is_visible() == (width >= 600)
        assert findings(visit) == {}


@pytest.mark.parametrize(("p", "shown"), [(0.0, "p < 0.001"), (0.0004, "p < 0.001"), (0.0234, "p = 0.023")])
def test_a_small_p_value_is_not_written_as_zero(p: float, shown: str) -> None:
    from eval.compare import chance

    assert chance(p) == shown
