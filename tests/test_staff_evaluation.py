"""Evaluation and feedback at the staff desk: sets, runs with progress, results, comparison, judgements."""

from __future__ import annotations

import html
import io
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from eval_fakes import OTHER, TITLE, FakeSubject, cite, given, refusal, row
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from read_samples import make_zip
from staff_case import PAGE, application, settings_for, signed_in

from eval.form import write_workbook
from eval.rows import load_rows, row_to_object
from eval.runs import ANSWERS_FILE, whole_lines
from index.settings import Settings
from web.feedback import Feedback, FeedbackStore
from web.staff.runs import EvaluationDesk
from web.staff.sets import DRAFTS, QuestionSets

ROWS = (
    row("q1", question="甲?", facts=(("1亿元",),), clauses=((TITLE, "1"),)),
    row("q2", question="乙?", facts=(("300万元",),), clauses=((TITLE, "2"),)),
    row("q3", question="丙?", category="refuse", status="refused"),
)
SET = "".join(json.dumps(row_to_object(one), ensure_ascii=False) + "\n" for one in ROWS).encode()
RIGHT = {"甲?": given("资助1亿元[1]。", cite("1")), "乙?": given("最高300万元[1]。", cite("2")), "丙?": refusal()}


class Gate(FakeSubject):
    """A subject whose answers wait until the gate opens."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.open = threading.Event()

    def answer(self, question, history, as_of):
        found = super().answer(question, history, as_of)
        if question != "甲?":
            self.open.wait(30)
        return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data")


@pytest.fixture
def subject(monkeypatch) -> Gate:
    """What is evaluated in the place of the engine; a test changes its answers."""
    made = Gate(answers=RIGHT)
    made.open.set()
    monkeypatch.setattr(EvaluationDesk, "_subject", lambda self: made)
    return made


@pytest.fixture
def client(settings, subject) -> TestClient:
    made = signed_in(application(settings))
    answer = made.post("/staff/evaluation/sets", params={"name": "题集.jsonl"}, content=SET)
    assert answer.status_code == 200, answer.text
    return made


def started(client: TestClient) -> str:
    answer = client.post("/staff/evaluation/start", json={"set": "own/题集.jsonl"})
    assert answer.status_code == 200, answer.text
    return answer.json()["run"]


def ended(client: TestClient) -> None:
    until = time.monotonic() + 60
    while client.get("/staff/evaluation/current").json()["running"] and time.monotonic() < until:
        time.sleep(0.05)


def progressed(client: TestClient, done: int) -> dict:
    until = time.monotonic() + 30
    while (state := client.get("/staff/evaluation/current").json()).get("done", 0) < done and time.monotonic() < until:
        time.sleep(0.05)
    return state


def shown(client: TestClient, address: str) -> str:
    return html.unescape(client.get(address, headers=PAGE).text)


# Runs


def test_a_run_is_done_in_the_background_and_its_result_is_shown(client, subject) -> None:
    subject.answers = {**RIGHT, "乙?": given("最高500万元[1]。", cite("2"))}
    name = started(client)
    ended(client)
    page = shown(client, f"/staff/evaluation/runs/{name}")
    assert "共 3 题,答对 2 题,答对率 66.7%" in page
    assert "数字不对" in page
    assert "最高500万元" in page
    assert "<svg" in page
    assert "各类题目的答对率" in page
    report = client.get(f"/staff/evaluation/runs/{name}/report", headers=PAGE)
    assert "政策问答评测报告" in report.text
    listed = shown(client, "/staff/evaluation")
    assert "66.7%" in listed
    assert "张三" in listed


def test_the_progress_of_a_run_is_told_and_survives_another_visit(client, subject, settings) -> None:
    subject.open.clear()
    name = started(client)
    state = progressed(client, 1)
    assert (state["running"], state["done"], state["total"]) == (name, 1, 3)
    page = shown(client, "/staff/evaluation")
    assert "正在评测:题集.jsonl" in page
    assert 'value="1" max="3"' in page
    subject.open.set()
    ended(client)


def test_one_run_at_a_time(client, subject) -> None:
    subject.open.clear()
    started(client)
    answer = client.post("/staff/evaluation/start", json={"set": "own/题集.jsonl"})
    assert answer.status_code == 409
    assert "正在进行" in answer.json()["error"]
    subject.open.set()
    ended(client)
    started(client)
    ended(client)


def test_a_run_can_be_stopped_and_taken_up_again(client, subject, settings) -> None:
    subject.open.clear()
    name = started(client)
    progressed(client, 1)
    client.post("/staff/evaluation/stop")
    subject.open.set()
    ended(client)
    answered = len(whole_lines(settings.data_dir / "runs" / name / ANSWERS_FILE))
    assert 1 <= answered < 3
    assert "已停止" in shown(client, "/staff/evaluation")
    assert client.get(f"/staff/evaluation/runs/{name}", headers=PAGE).status_code == 404
    assert client.post(f"/staff/evaluation/runs/{name}/resume").status_code == 200
    ended(client)
    assert "答对 3 题" in shown(client, f"/staff/evaluation/runs/{name}")
    assert len(subject.asked) <= 4  # what was answered is not asked again


def test_a_run_that_a_stopped_server_left_is_told_and_can_be_taken_up_again(client, subject, settings) -> None:
    subject.open.clear()
    name = started(client)
    progressed(client, 1)
    again = signed_in(application(settings))  # another process would see the same files
    page = shown(again, "/staff/evaluation")
    assert "中断" in page
    assert "1 / 3 题" in page
    assert again.get("/staff/evaluation/current").json() == {"running": None}
    subject.open.set()
    ended(client)
    assert "中断" not in shown(again, "/staff/evaluation")
    assert f"/staff/evaluation/runs/{name}" in shown(again, "/staff/evaluation")


def test_a_run_that_fails_says_why(client, subject) -> None:
    name = started(client)
    ended(client)
    subject.code = "2"
    answer = client.post(f"/staff/evaluation/runs/{name}/resume")
    assert answer.status_code == 200
    ended(client)
    assert "程序已经变化" in shown(client, "/staff/evaluation")


def test_two_runs_are_compared_question_by_question(client, subject) -> None:
    before = started(client)
    ended(client)
    subject.answers = {**RIGHT, "甲?": refusal()}
    after = started(client)
    ended(client)
    page = shown(client, f"/staff/evaluation/compare?before={before}&after={after}")
    assert "答对的由 3 题变为 2 题:0 题变好,1 题变坏" in page
    assert "变坏的题(1)" in page
    assert "甲?" in page
    english = shown(client, f"/en/staff/evaluation/compare?before={before}&after={after}")
    assert "3 were right before and 2 after" in english


@pytest.mark.parametrize("name", ["...", "%2e%2e", "x", "20260101-000000"])
def test_a_run_that_is_not_there_is_told(client, name: str) -> None:
    assert client.get(f"/staff/evaluation/runs/{name}", headers=PAGE).status_code in (404, 307)
    assert client.get(f"/staff/evaluation/runs/{name}/report", headers=PAGE).status_code in (404, 307)
    assert client.get(f"/staff/evaluation/compare?before={name}&after={name}", headers=PAGE).status_code == 404


# Sets


def test_a_set_is_uploaded_as_a_workbook_and_comes_back_as_one(client, tmp_path) -> None:
    write_workbook(ROWS, tmp_path / "a.xlsx")
    data = (tmp_path / "a.xlsx").read_bytes()
    answer = client.post("/staff/evaluation/sets", params={"name": "表格.xlsx"}, content=data)
    assert "共 3 题" in answer.json()["message"]
    back = client.get("/staff/evaluation/sets/workbook", params={"set": "own/表格.jsonl"})
    cells = [cell.value for line in load_workbook(io.BytesIO(back.content)).worksheets[0].iter_rows() for cell in line]
    assert {"甲?", "乙?", "丙?"} <= set(cells)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "没有题目"),
        (b"{", "不是 JSON"),
        (b'{"id": "a"}', "category"),
        (b"\xff\xfe\x00", "UTF-8"),
        (make_zip({"xl/workbook.xml": b"\0" * (60 << 20)}), "压缩炸弹"),
        (b"PK\x03\x04broken", "损坏"),
        (make_zip({"a.txt": "x"}), "xlsx"),
    ],
)
def test_a_set_that_is_none_is_refused_in_words(client, settings, content: bytes, said: str) -> None:
    answer = client.post("/staff/evaluation/sets", params={"name": "../坏.xlsx"}, content=content)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert [path.name for path in (settings.data_dir / "question-sets").iterdir()] == ["题集.jsonl"]


def test_sets_that_fit_the_indexed_policies_are_told_from_others(tmp_path) -> None:
    sets = QuestionSets(tmp_path / "own", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    for name, title in (("fits", TITLE), ("not", OTHER)):
        rows = (row(clauses=((title, "1"),)), row("q9", category="refuse", status="refused"))
        text = "".join(json.dumps(row_to_object(one), ensure_ascii=False) + "\n" for one in rows)
        (tmp_path / "shipped" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    found = {one.name: one for one in sets.all([TITLE])}
    assert (found["fits.jsonl"].fits, found["fits.jsonl"].covered) == (True, 2)
    assert (found["not.jsonl"].fits, found["not.jsonl"].covered) == (False, 1)


@pytest.mark.parametrize("key", ["own/../x", "shipped/../../eval/cli.py", "x", "", "own/没有.jsonl"])
def test_a_set_is_named_by_its_key_alone(client, key: str) -> None:
    assert client.post("/staff/evaluation/start", json={"set": key}).status_code == 409
    assert client.post("/staff/evaluation/sets/delete", json={"set": key}).status_code == 400
    assert client.get("/staff/evaluation/sets/workbook", params={"set": key}).status_code == 400


def test_own_sets_can_be_deleted_and_shipped_ones_cannot(client, settings) -> None:
    assert client.post("/staff/evaluation/sets/delete", json={"set": "shipped/shipped.jsonl"}).status_code == 400
    assert client.post("/staff/evaluation/sets/delete", json={"set": "own/题集.jsonl"}).status_code == 200
    assert not list((settings.data_dir / "question-sets").glob("*.jsonl"))


# Feedback


def judgement(answer_id: str, verdict: str = "dislike", reason: str = "", **fields) -> Feedback:
    values = {
        "question": "国家级中心资助多少?",
        "answer": {
            "id": answer_id,
            "status": "answered",
            "answer": "资助1亿元[1]。",
            "citations": [{"marker": "[1]", "policy": {"title": TITLE}, "label": "一、", "quote": "资助1亿元"}],
            "warnings": [{"code": "expired", "message": "已经失效"}],
        },
        "as_of": "2026-01-01",
        "corpus_version": "v1",
    }
    return Feedback(verdict=verdict, reason=reason, **{**values, **fields})


@pytest.fixture
def store(settings) -> FeedbackStore:
    made = FeedbackStore(settings)
    made.add(judgement("a1", "like", question="好的问题"))
    made.add(judgement("a2", reason="wrong_figure", note="应为2亿元", question="数字的问题"))
    made.add(judgement("a3", reason="outdated", question="过期的问题"))
    return made


def test_feedback_is_listed_with_question_answer_citation_and_versions(client, store) -> None:
    page = shown(client, "/staff/feedback")
    for text in (
        "数字的问题",
        "应为2亿元",
        "资助1亿元[1]。",
        f"《{TITLE}》一、",
        "已经失效",
        "政策版本 v1",
        "2026-01-01",
    ):
        assert text in page
    assert "共 3 条反馈,筛选出 3 条;未处理 3 条" in page


def test_feedback_is_filtered_by_verdict_reason_and_state(client, store) -> None:
    assert "数字的问题" not in shown(client, "/staff/feedback?verdict=like")
    page = shown(client, "/staff/feedback?verdict=dislike&reason=outdated")
    assert "过期的问题" in page
    assert "数字的问题" not in page
    assert client.post("/staff/feedback/handled", json={"id": "a3", "handled": True}).status_code == 200
    assert "过期的问题" not in shown(client, "/staff/feedback?handled=no")
    assert "过期的问题" in shown(client, "/staff/feedback?handled=yes")
    assert client.post("/staff/feedback/handled", json={"id": "a3", "handled": False}).status_code == 200
    assert not any(noted.handled for noted in store.all())
    assert client.post("/staff/feedback/handled", json={"id": "none"}).status_code == 404
    assert "没有符合条件的反馈" in shown(client, "/staff/feedback?reason=other")


def test_without_feedback_the_page_says_how_it_comes(client) -> None:
    assert "还没有反馈" in shown(client, "/staff/feedback")


def test_hostile_feedback_is_shown_as_text_and_exported_without_formulas(client, settings) -> None:
    hostile = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>'
    answers = ({"id": "b1"}, {"id": "b2", "answer": 7, "citations": "x", "warnings": [3]}, {"id": "b'\"/../3"})
    for answer in answers:
        FeedbackStore(settings).add(
            judgement("x", note=hostile, question=hostile, answer=answer, history=[("\x07", "b")])
        )
    raw = client.get("/staff/feedback", headers=PAGE)
    assert raw.status_code == 200
    assert "<script>alert" not in raw.text
    for answer in answers:
        assert client.post("/staff/feedback/handled", json={"id": answer["id"]}).status_code == 200
    book = load_workbook(io.BytesIO(client.get("/staff/feedback/export").content))
    cells = [cell for line in book.worksheets[0].iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert hostile in [cell.value for cell in cells]


def test_what_is_filtered_is_what_is_exported(client, store) -> None:
    lines = client.get("/staff/feedback/export?format=jsonl&verdict=like").text.splitlines()
    assert [json.loads(line)["answer_id"] for line in lines] == ["a1"]
    book = load_workbook(io.BytesIO(client.get("/staff/feedback/export?verdict=dislike").content))
    assert book.worksheets[0].max_row == 3


def test_a_judgement_becomes_a_draft_of_a_question_once(client, store, settings) -> None:
    for _ in range(2):
        assert "草稿" in client.post("/staff/feedback/question", json={"id": "a2"}).json()["message"]
    rows = load_rows(settings.data_dir / "question-sets" / DRAFTS)
    assert [(one.question, one.status) for one in rows] == [("数字的问题", "answered")]
    assert DRAFTS in shown(client, "/staff/evaluation")


@pytest.mark.parametrize(
    ("verdict", "reason", "status", "expected"),
    [
        ("like", "", "refused", "refused"),
        ("like", "", "answered", "answered"),
        ("dislike", "refused", "refused", "answered"),
        ("dislike", "wrong_figure", "answered", "answered"),
    ],
)
def test_a_draft_expects_the_status_that_the_judgement_tells(
    settings, tmp_path, verdict: str, reason: str, status: str, expected: str
) -> None:
    store = FeedbackStore(settings)
    store.add(judgement("a1", verdict, reason, answer={"id": "a1", "status": status}))
    sets = QuestionSets(tmp_path / "sets")
    assert sets.draft(replace(store.all()[0]))
    assert [one.status for one in load_rows(tmp_path / "sets" / DRAFTS)] == [expected]


def test_many_judgements_are_shown_page_by_page(client, settings) -> None:
    store = FeedbackStore(settings)
    for number in range(51):
        store.add(judgement(f"n{number}", question=f"第{number}问。"))
    assert "第 1 / 2 页" in shown(client, "/staff/feedback")
    assert "第0问。" in shown(client, "/staff/feedback?page=1")
    assert client.get("/staff/feedback?page=-1", headers=PAGE).status_code == 200
