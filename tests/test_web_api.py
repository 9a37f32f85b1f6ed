"""The API: the same answers as the command line, errors in Chinese as JSON, limits, health, documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import rag_index
from answer_case import AMOUNT, EXPIRED, OFF_TOPIC, POLICIES
from fastapi.testclient import TestClient

from index.errors import PolicyQAError
from index.settings import Settings
from rag.cli import main as rag_command
from web.protect import BODY_LIMIT
from web.server import create_app

CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")
FOLLOW_UP = "那省级的呢?"
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    folder = tmp_path_factory.mktemp("api")
    sources = [folder / f"{name}.md" for name in POLICIES]
    for source, text in zip(sources, POLICIES.values(), strict=True):
        source.write_text(text, encoding="utf-8")
    return rag_index.built(folder / "data", sources)


@pytest.fixture(scope="module")
def client(settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as running:
        yield running


@pytest.fixture
def without_index(tmp_path, settings) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(data_dir=tmp_path, model_cache=settings.models_dir))) as running:
        yield running


def comparable(answer: dict) -> dict:
    """An answer without what differs from one time to the next."""
    return {name: value for name, value in answer.items() if name not in ("id", "latency_ms")}


def events(text: str) -> list[tuple[str, dict]]:
    """Name and value of every server-sent event."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def told(response) -> str:
    """The message of an error, which is Chinese and the only thing in the answer."""
    found = response.json()
    assert list(found) == ["error"]
    assert CHINESE.search(found["error"])
    return str(found["error"])


# Answers


@pytest.mark.parametrize("question", [AMOUNT, EXPIRED, OFF_TOPIC])
def test_the_api_answers_as_the_command_line_does(question: str, client, settings, monkeypatch, capsys) -> None:
    monkeypatch.setattr("rag.cli.checked_settings", lambda: settings)
    assert rag_command(["ask", question, "--as-of", "2026-03-01", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    answered = client.post("/api/ask", json={"question": question, "as_of": "2026-03-01"})
    assert answered.status_code == 200
    assert list(answered.json()) == list(printed)
    assert comparable(answered.json()) == comparable(printed)


def test_the_stream_ends_with_the_same_answer(client) -> None:
    asked = {"question": AMOUNT, "as_of": "2026-03-01"}
    streamed = client.post("/api/ask", json=asked, headers=EVENTS)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.headers["cache-control"] == "no-store"
    *_, (name, last) = events(streamed.text)
    assert name == "answer"
    assert comparable(last) == comparable(client.post("/api/ask", json=asked).json())


def test_what_was_said_before_and_the_day_are_taken_into_account(client) -> None:
    history = [[AMOUNT, "奖励80万元。[1]"]]
    assert "30万元" in client.post("/api/ask", json={"question": FOLLOW_UP, "history": history}).json()["answer"]
    then = client.post("/api/ask", json={"question": EXPIRED, "as_of": "2020-01-01"}).json()
    assert "expired" not in [one["code"] for one in then["warnings"]]


def test_an_answer_can_be_limited_to_policies_and_to_what_is_in_force(client) -> None:
    listed = client.get("/api/policies").json()
    bridge = next(one["id"] for one in listed if "古桥" in one["title"])
    limited = client.post("/api/ask", json={"question": AMOUNT, "policies": [bridge]}).json()
    assert "80万元" not in limited["answer"]
    assert {one["policy"]["title"] for one in limited["citations"]} <= {"临江市古桥修缮补助办法"}
    held = client.post("/api/ask", json={"question": EXPIRED, "in_force_only": True, "as_of": "2026-03-01"}).json()
    assert "45万元" not in held["answer"]


# Mistakes of the caller


@pytest.mark.parametrize("question", ["", "   \n", "问" * 5001])
def test_a_question_that_cannot_be_asked_is_400(question: str, client) -> None:
    refused = client.post("/api/ask", json={"question": question})
    assert refused.status_code == 400
    told(refused)
    (event,) = events(client.post("/api/ask", json={"question": question}, headers=EVENTS).text)
    assert event == ("error", {"message": refused.json()["error"]})


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({}, "question"),
        ({"question": None}, "question"),
        ({"question": AMOUNT, "as_of": "2026-13-01"}, "as_of"),
        ({"question": AMOUNT, "as_of": "明天"}, "as_of"),
        ({"question": AMOUNT, "history": [["只有问题"]]}, "history"),
        ({"question": AMOUNT, "policies": "全部"}, "policies"),
        ({"question": AMOUNT, "qestion": "x"}, "qestion"),
        ({"question": AMOUNT, "history": [["问", "答"]] * 201}, "history"),
    ],
)
def test_a_wrong_field_is_422_and_named(sent: dict, place: str, client) -> None:
    refused = client.post("/api/ask", json=sent)
    assert refused.status_code == 422
    assert place in told(refused)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"question": "\xff"}', b'"text"'])
def test_a_body_that_is_no_object_is_422(body: bytes, client) -> None:
    refused = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422)
    told(refused)


def test_a_policy_that_is_not_on_file_is_told(client) -> None:
    refused = client.post("/api/ask", json={"question": AMOUNT, "policies": ["pnothing"]})
    assert refused.status_code == 400
    assert "政策" in told(refused)


def test_a_declared_body_over_the_limit_is_413(client) -> None:
    refused = client.post("/api/ask", json={"question": "问" * BODY_LIMIT})
    assert refused.status_code == 413
    assert "太大" in told(refused)


@pytest.mark.parametrize("path", ["/api/ask", "/page/ask", "/page/feedback", "/page/export"])
def test_a_body_that_grows_over_the_limit_as_it_is_read_is_413(path: str, client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(BODY_LIMIT // 1_000_000 + 1):
            yield b"x" * 1_000_000

    refused = client.post(path, content=pieces(), headers={"Content-Type": "application/json"})
    assert "content-length" not in refused.request.headers
    assert refused.status_code == 413
    assert "太大" in told(refused)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/ask", 404),
        ("GET", "/nothing/at/all", 404),
        ("GET", "/web/nothing.js", 404),
        ("POST", "/web/base.css", 405),
    ],
)
def test_an_address_or_method_that_does_not_exist_is_told_in_chinese(method: str, path: str, code: int, client) -> None:
    refused = client.request(method, path)
    assert refused.status_code == code
    told(refused)


@pytest.mark.parametrize(("path", "words"), [("/nothing", "没有这个页面"), ("/en/nothing", "There is no such page")])
def test_a_person_at_a_wrong_address_is_shown_a_page_with_the_way_back(path: str, words: str, client) -> None:
    shown = client.get(path, headers={"Accept": "text/html,*/*"})
    assert shown.status_code == 404
    assert words in shown.text
    assert 'href="/' in shown.text


# Failures of the program


def test_without_an_index_everything_says_what_to_do(without_index) -> None:
    for answered in (
        without_index.post("/api/ask", json={"question": AMOUNT}),
        without_index.get("/api/policies"),
        without_index.post("/page/export", json={"title": "t", "format": "md", "turns": [{"question": "q"}]}),
    ):
        assert answered.status_code == 503
        assert "python -m index build" in told(answered)
    (event,) = events(without_index.post("/api/ask", json={"question": AMOUNT}, headers=EVENTS).text)
    assert event[0] == "error"
    assert "python -m index build" in event[1]["message"]
    assert "python -m index build" in without_index.get("/page/start").json()["problem"]


def test_an_unforeseen_failure_is_told_without_its_details(settings, monkeypatch, caplog) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("web.service.AnswerService.stream", fail)
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        failed = running.post("/api/ask", json={"question": AMOUNT})
        broken_off = running.post("/api/ask", json={"question": AMOUNT}, headers=EVENTS)
    assert failed.status_code == 500
    assert "secret" not in told(failed)
    assert broken_off.text == ""
    assert "secret detail" in caplog.text


# Policies and health


def test_policies_are_listed_with_their_status_on_a_day(client) -> None:
    listed = {one["title"]: one for one in client.get("/api/policies", params={"as_of": "2026-03-01"}).json()}
    assert set(listed) == {"临江市匠心工坊扶持办法", "临江市古桥修缮补助办法", "临江市灯会承办奖励办法"}
    bridge = listed["临江市古桥修缮补助办法"]
    assert (bridge["doc_number"], bridge["expires_on"]) == ("临文规〔2019〕3号", "2022-05-31")
    before = {one["title"]: one for one in client.get("/api/policies", params={"as_of": "2020-03-01"}).json()}
    assert before["临江市古桥修缮补助办法"]["status"] != bridge["status"]
    assert client.get("/api/policies", params={"as_of": "x"}).status_code == 422


def test_health_names_what_serves(client) -> None:
    client.post("/api/ask", json={"question": AMOUNT})
    state = client.get("/healthz")
    assert state.status_code == 200
    assert state.json()["status"] == "ok"
    assert state.json()["policies"] == len(POLICIES)
    assert state.json()["index"].startswith("gen-")
    assert state.headers["cache-control"] == "no-store"


def test_health_is_503_while_the_model_is_loaded_and_without_an_index(settings, without_index, monkeypatch) -> None:
    monkeypatch.setattr("web.service.AnswerService.warm_up", lambda _: None)
    with TestClient(create_app(settings)) as running:
        starting = running.get("/healthz")
    assert (starting.status_code, starting.json()["status"]) == (503, "starting")
    away = without_index.get("/healthz")
    assert (away.status_code, away.json()["status"]) == (503, "unavailable")
    assert "python -m index build" in away.json()["problem"]


def test_health_tells_of_a_model_that_cannot_be_loaded(settings, monkeypatch) -> None:
    def fail(_: Settings) -> None:
        raise PolicyQAError("模型无法装入。", "请检查模型文件夹。")

    monkeypatch.setattr("rag.answer.AnswerEngine.from_settings", fail)
    with TestClient(create_app(settings)) as running:
        refused = running.post("/api/ask", json={"question": AMOUNT})
        assert refused.status_code == 503
        assert "请检查模型文件夹" in told(refused)
        assert running.get("/healthz").status_code == 503


# Documentation


def test_the_documentation_describes_the_public_routes_alone(client) -> None:
    described = client.get("/api/openapi.json").json()
    assert set(described["paths"]) == {"/api/ask", "/api/policies", "/healthz"}
    assert set(described["components"]["schemas"]["AskRequest"]["properties"]) == {
        "question",
        "history",
        "as_of",
        "in_force_only",
        "policies",
    }


def test_the_documentation_page_needs_no_other_host(client) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    addresses = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)""", page.text)
    assert len(addresses) >= 4
    assert [address for address in addresses if not address.startswith("/")] == []
    assert [address for address in addresses if client.get(address).status_code != 200] == []


@pytest.mark.parametrize("name", ["redoc.standalone.js", "../api.py", "..%2f..%2fapi.py", ""])
def test_no_other_file_is_served_beside_the_documentation(name: str, client) -> None:
    assert client.get(f"/api/docs/{name}", follow_redirects=False).status_code in (307, 404)


def test_every_answer_carries_the_security_headers(client) -> None:
    for path in ("/", "/en/", "/api/policies", "/library", "/web/base.css", "/api/nothing"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_the_language_model_of_a_page_is_not_asked_by_another_site(client) -> None:
    """No answer allows another origin to read it."""
    answered = client.post("/api/ask", json={"question": OFF_TOPIC}, headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answered.headers


def test_the_files_of_the_pages_are_the_ones_on_disk(client, project_root: Path) -> None:
    for name in ("chat.js", "chat.css", "dom.js"):
        served = client.get(f"/web/{name}")
        assert served.content == (project_root / "web" / "static" / name).read_bytes()
        assert served.headers["cache-control"] == "no-cache"
