"""Judgements on answers: kept across processes, replaced by a later one, and told in Chinese where they cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from index.settings import Settings
from web.feedback import FILE, Feedback, FeedbackError, FeedbackStore
from web.server import create_app

NASTY = '\'); DROP TABLE feedback;--<script>=HYPERLINK("x")\x00'
WRITER = """
import sys
from pathlib import Path
from index.settings import Settings
from web.feedback import Feedback, FeedbackStore
store, name = FeedbackStore(Settings(data_dir=Path(sys.argv[1]))), sys.argv[2]
for at in range(40):
    store.add(Feedback(verdict="like", question="问", answer={"id": f"{name}-{at}"}))
"""


def judged(answer_id: str = "a1", **changes: Any) -> Feedback:
    return Feedback.model_validate({"verdict": "like", "question": "奖多少?", "answer": {"id": answer_id}, **changes})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def store(settings: Settings) -> FeedbackStore:
    return FeedbackStore(settings)


@pytest.fixture
def client(settings: Settings) -> TestClient:
    return TestClient(create_app(settings))


def test_a_judgement_is_kept_whole(store: FeedbackStore) -> None:
    answer = {"id": "a1", "answer": "奖励80万元。[1]", "citations": [{"marker": "[1]"}]}
    history = [["甲", "乙"], ["丙", "丁"]]
    given_in = judged(
        verdict="dislike", reason="missing", note=f" {NASTY} ", answer=answer, history=history,
        as_of="2026-03-01", corpus_version="v1",
    )  # fmt: skip
    store.add(given_in)
    (noted,) = store.all()
    assert (noted.answer_id, noted.verdict, noted.reason, noted.note) == ("a1", "dislike", "missing", NASTY)
    assert (noted.question, noted.answer, noted.history) == ("奖多少?", answer, (("甲", "乙"), ("丙", "丁")))
    assert (noted.as_of, noted.corpus_version, noted.handled) == ("2026-03-01", "v1", False)
    assert timedelta(0) <= datetime.now(UTC) - noted.at < timedelta(minutes=1)


def test_nothing_is_kept_before_the_first_judgement(store: FeedbackStore, settings: Settings) -> None:
    assert store.all() == []
    assert not (settings.data_dir / FILE).exists()


def test_a_later_judgement_on_the_same_answer_replaces_the_earlier(store: FeedbackStore) -> None:
    store.add(judged("a1", verdict="like"))
    store.handle("a1")
    store.add(judged("a1", verdict="dislike", reason="wrong_figure"))
    (noted,) = store.all()
    assert (noted.verdict, noted.reason, noted.handled) == ("dislike", "wrong_figure", False)


def test_the_latest_comes_first_and_kinds_can_be_told_apart(store: FeedbackStore) -> None:
    for name, verdict in (("a", "like"), ("b", "dislike"), ("c", "like")):
        store.add(judged(name, verdict=verdict))
    assert [one.answer_id for one in store.all()] == ["c", "b", "a"]
    assert [one.answer_id for one in store.all(verdict="like")] == ["c", "a"]
    assert [one.answer_id for one in store.all(verdict="dislike")] == ["b"]


def test_a_judgement_is_marked_as_dealt_with(store: FeedbackStore) -> None:
    store.add(judged("a"))
    assert store.handle("a")
    assert store.all()[0].handled
    assert store.handle("a", handled=False)
    assert not store.all()[0].handled
    assert not store.handle("none")


def test_two_processes_write_at_once_and_nothing_is_lost(store: FeedbackStore, settings: Settings) -> None:
    command = [sys.executable, "-c", WRITER, str(settings.data_dir)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    assert {one.answer_id for one in store.all()} == {f"{name}-{at}" for name in "ab" for at in range(40)}


@given(st.text(max_size=100), st.text(max_size=40))
def test_any_note_and_question_come_back_as_they_were(tmp_path_factory, note: str, question: str) -> None:
    store = FeedbackStore(Settings(data_dir=tmp_path_factory.mktemp("notes")))
    store.add(judged(note=note, question=question or "问"))
    assert (store.all()[0].note, store.all()[0].question) == (note.strip(), question or "问")


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "maybe"},
        {"reason": "because"},
        {"note": "长" * 2001},
        {"question": ""},
        {"answer": {}},
        {"answer": {"id": 7}},
        {"answer": {"id": ""}},
        {"answer": {"id": "x" * 65}},
        {"answer": {"id": "x", "answer": "长" * 400_001}},
        {"history": [["只有问题"]]},
        {"history": [["问", "答"]] * 201},
        {"other": 1},
    ],
)
def test_what_is_no_judgement_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        judged(**changes)


def test_a_broken_file_is_told_with_what_to_do(store: FeedbackStore, settings: Settings) -> None:
    (settings.data_dir / FILE).write_bytes(b"no database" * 100)
    for use in (store.all, lambda: store.add(judged()), lambda: store.handle("a")):
        with pytest.raises(FeedbackError) as caught:
            use()
        assert f"反馈文件“{FILE}”无法读写" in str(caught.value)
        assert "磁盘空间和权限" in str(caught.value)


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    with pytest.raises(FeedbackError, match="无法读写"):
        FeedbackStore(Settings(data_dir=tmp_path / "data")).add(judged())


# Over the web


def sent(**changes: object) -> dict[str, object]:
    return json.loads(judged(**changes).model_dump_json())  # type: ignore[no-any-return]


def test_the_page_has_its_judgement_kept(client: TestClient, store: FeedbackStore) -> None:
    assert client.post("/page/feedback", json=sent(note=NASTY)).status_code == 201
    assert [one.note for one in store.all()] == [NASTY]


def test_a_broken_file_is_503_with_the_words_for_the_page(client: TestClient, settings: Settings) -> None:
    (settings.data_dir / FILE).write_bytes(b"no database" * 100)
    refused = client.post("/page/feedback", json=sent())
    assert refused.status_code == 503
    assert "磁盘空间和权限" in refused.json()["error"]


def test_a_wrong_judgement_is_422_in_chinese(client: TestClient, store: FeedbackStore) -> None:
    refused = client.post("/page/feedback", json={**sent(), "verdict": "maybe"})
    assert refused.status_code == 422
    assert "verdict" in refused.json()["error"]
    assert store.all() == []


def test_judgements_cannot_be_read_by_the_public(client: TestClient, store: FeedbackStore) -> None:
    store.add(judged(note="秘密"))
    for path in ("/page/feedback", "/staff/feedback", "/api/feedback", f"/web/{FILE}", f"/{FILE}"):
        assert "秘密" not in client.get(path).text
