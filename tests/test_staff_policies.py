"""Policies at the staff desk: files are shown, put right, indexed, replaced and taken out; hostile ones fail alone."""

from __future__ import annotations

import html
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from read_samples import make_docx, make_pdf, make_zip, page_lines
from staff_case import NAME, PAGE, TEXT, application, finished, settings_for, settled, signed_in, upload

from index.build import build, default_sources, project_sources
from index.corrections import corrections_path
from index.parts import Parts
from index.read import MAX_BYTES
from index.settings import Settings
from index.store import IndexBusyError
from web.staff.names import LONGEST, safe_name
from web.staff.uploads import Uploads, UploadState

LINES = TEXT.splitlines()
FACTS = {
    "title": "临江市茶业扶持办法",
    "doc_number": "临政规〔2024〕3号",
    "issuers": ["临江市人民政府"],
    "level": "市",
    "region": "临江市",
    "issued_on": "2024-04-01",
    "effective_on": "2024-05-01",
    "expires_on": "2027-04-30",
    "period": None,
    "draft": False,
    "edition": "original",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data")


@pytest.fixture
def quick(monkeypatch) -> None:
    """Files are read in this process: starting one for each takes seconds."""
    steps = Parts.installed()
    monkeypatch.setattr("web.staff.desk.parse_isolated", lambda path, **_: steps.parse(steps.read(path)))


@pytest.fixture
def client(settings, quick) -> TestClient:
    return signed_in(application(settings))


@pytest.fixture
def real_client(settings) -> TestClient:
    """A client of a desk that reads files apart, as it does in use."""
    return signed_in(application(settings))


def preview(client: TestClient, upload_id: str) -> str:
    settled(client, upload_id)
    answer = client.get(f"/staff/uploads/{upload_id}", headers=PAGE)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def indexed(client: TestClient, upload_id: str, *, replacing: str | None = None, **facts) -> dict:
    settled(client, upload_id)
    body = {"facts": {**FACTS, **facts}, "replacing": replacing}
    answer = client.post(f"/staff/uploads/{upload_id}/index", json=body)
    assert answer.status_code == 200, answer.text
    return finished(client, answer.json()["job"])


def asked(client: TestClient, question: str) -> dict:
    return client.post("/api/ask", json={"question": question, "as_of": "2026-01-01"}).json()


def titles(client: TestClient) -> list[str]:
    return [policy["title"] for policy in client.get("/api/policies").json()]


# The way of a file


def test_a_file_is_shown_before_it_is_indexed_and_answered_from_after(real_client) -> None:
    sent = upload(real_client, "茶业.docx", make_docx(LINES))
    page = preview(real_client, sent["id"])
    assert "临政规〔2024〕3号" in page
    assert "对新建茶园每亩补助300元" in page
    assert 'value="2027-04-30"' in page
    assert real_client.get("/api/policies").status_code == 503  # nothing is indexed yet
    done = indexed(real_client, sent["id"])
    assert (done["state"], done["problem"]) == ("done", "")
    answer = asked(real_client, "临江市新建茶园每亩补助多少?")
    assert "300元" in answer["answer"]
    assert answer["citations"][0]["policy"]["title"] == "临江市茶业扶持办法"


def test_a_running_answer_service_takes_up_a_new_file_without_restart(client) -> None:
    indexed(client, upload(client, "茶业.pdf", make_pdf([page_lines(LINES)]))["id"])
    assert asked(client, "蜂箱搬迁补助多少?")["status"] != "answered"
    text = TEXT.replace("茶业", "蜂业").replace("3号", "4号").replace("新建茶园每亩补助300元", "蜂箱搬迁每箱补助35元")
    indexed(client, upload(client, "蜂业.txt", text)["id"], title="临江市蜂业扶持办法", doc_number="临政规〔2024〕4号")
    assert "35元" in asked(client, "蜂箱搬迁补助多少?")["answer"]


def test_what_is_put_right_reaches_the_index_and_survives_a_rebuild(client, settings) -> None:
    sent = upload(client, "茶业.txt", TEXT)
    indexed(client, sent["id"], title="临江市茶产业扶持办法", expires_on="2025-06-30", issuers=["临江市农业局"])
    for _ in range(2):
        policy = client.get("/api/policies").json()[0]
        assert policy["title"] == "临江市茶产业扶持办法"
        assert policy["expires_on"] == "2025-06-30"
        assert policy["issuers"] == ["临江市农业局"]
        # As `python -m index build` does without an argument.
        build([source for source in project_sources(settings) if source == settings.uploads_dir], settings=settings)
    assert "expired" in {warning["code"] for warning in asked(client, "新建茶园每亩补助多少?")["warnings"]}
    assert settings.uploads_dir in default_sources(settings)
    # Only what differs from the file is kept.
    kept = corrections_path(settings.uploads_dir / sent["id"] / "茶业.txt").read_text(encoding="utf-8")
    assert "文号" not in kept
    assert "doc_number" not in kept


def test_corrections_are_shown_and_can_be_saved_before_indexing(client) -> None:
    sent = upload(client, "茶业.txt", TEXT)
    settled(client, sent["id"])
    answer = client.post(f"/staff/uploads/{sent['id']}/facts", json={"facts": {**FACTS, "region": "临江市青山区"}})
    assert answer.status_code == 200
    page = preview(client, sent["id"])
    assert 'value="临江市青山区"' in page
    assert page.count("已更正") == 1


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"title": " "}, "标题"),
        ({"issued_on": "2024-13-01"}, "印发日期"),
        ({"expires_on": "2020-01-01"}, "早于"),
        ({"level": "乡"}, "层级"),
        ({"period": [2027, 2024]}, "规划期"),
        ({"title": "", "level": "乡"}, "层级"),
    ],
)
def test_facts_that_cannot_be_are_refused_by_name(client, wrong, named) -> None:
    sent = upload(client, "茶业.txt", TEXT)
    settled(client, sent["id"])
    answer = client.post(f"/staff/uploads/{sent['id']}/index", json={"facts": {**FACTS, **wrong}})
    assert answer.status_code == 400
    assert named in answer.json()["error"]


def test_a_new_file_replaces_the_policy_it_is_a_version_of(client, settings) -> None:
    first = upload(client, "旧.txt", TEXT)
    indexed(client, first["id"])
    second = upload(client, "新.txt", TEXT.replace("300元", "500元"))
    page = preview(client, second["id"])
    assert "已收录文号或标题相同的政策" in page
    policy = client.get("/api/policies").json()[0]
    assert f'value="{policy["id"]}" checked' in page
    assert indexed(client, second["id"], replacing=policy["id"])["state"] == "done"
    assert [edition["name"] for edition in client.get("/api/policies").json()[0]["editions"]] == ["新.txt"]
    assert "500元" in asked(client, "新建茶园每亩补助多少?")["answer"]
    # The old file is set aside, so that no rebuild brings it back.
    assert [upload.name for upload in Uploads(settings.uploads_dir).indexed()] == ["新.txt"]
    assert list(settings.uploads_dir.glob(f".removed/{first['id']}-*/旧.txt"))


def test_a_policy_of_the_same_title_with_another_number_is_kept_unless_staff_say_otherwise(client) -> None:
    indexed(client, upload(client, "旧.txt", TEXT)["id"])
    page = preview(client, upload(client, "新.txt", TEXT.replace("3号", "8号"))["id"])
    assert "已收录文号或标题相同的政策" in page
    assert 'name="replacing" value="" checked' in page


def test_a_failed_indexing_leaves_the_file_waiting_with_the_reason(client, settings, monkeypatch) -> None:
    def busy(*args, **options):
        raise IndexBusyError("另一个进程正在更新索引。", "请等它结束后再试。")

    monkeypatch.setattr("web.staff.desk.add", busy)
    sent = upload(client, "茶业.txt", TEXT)
    done = indexed(client, sent["id"])
    assert (done["state"], done["problem"]) == ("failed", "另一个进程正在更新索引。请等它结束后再试。")
    shown = settled(client, sent["id"])
    assert "另一个进程正在更新索引" in shown
    assert 'data-state="ready"' in shown
    monkeypatch.undo()
    assert not (settings.uploads_dir / sent["id"]).exists()


def test_a_policy_is_taken_out_and_stays_out_after_a_rebuild(client, settings) -> None:
    indexed(client, upload(client, "茶业.txt", TEXT)["id"])
    other = TEXT.replace("茶业", "蜂业").replace("3号", "4号")
    indexed(client, upload(client, "蜂业.txt", other)["id"], title="临江市蜂业扶持办法", doc_number="临政规〔2024〕4号")
    policy = next(one for one in client.get("/api/policies").json() if "茶业" in one["title"])
    job = client.post(f"/staff/policies/{policy['id']}/remove").json()["job"]
    assert finished(client, job)["state"] == "done"
    assert titles(client) == ["临江市蜂业扶持办法"]
    build([settings.uploads_dir], settings=settings)
    assert titles(client) == ["临江市蜂业扶持办法"]


def test_taking_out_what_is_not_there_is_told(client) -> None:
    indexed(client, upload(client, "茶业.txt", TEXT)["id"])
    done = finished(client, client.post("/staff/policies/pnothing/remove").json()["job"])
    assert done["state"] == "failed"
    assert "没有找到政策" in done["problem"]


def test_an_indexed_file_can_be_corrected_again(client) -> None:
    sent = upload(client, "茶业.txt", TEXT)
    indexed(client, sent["id"])
    indexed(client, sent["id"], title="临江市茶产业扶持办法")
    assert titles(client) == ["临江市茶产业扶持办法"]
    indexed(client, sent["id"])
    assert titles(client) == ["临江市茶业扶持办法"]


def test_two_people_index_at_once_and_both_files_are_there(settings, quick) -> None:
    app = application(settings)
    clients = [signed_in(app), signed_in(app)]
    sent = []
    for number, one in enumerate(clients):
        text = TEXT.replace("茶业", f"茶业第{'一二'[number]}期").replace("3号", f"{number + 3}号")
        sent.append((one, upload(one, "同名.txt", text), number))
    jobs = []
    for one, file, number in sent:
        settled(one, file["id"])
        facts = {
            **FACTS,
            "title": f"临江市茶业第{'一二'[number]}期扶持办法",
            "doc_number": f"临政规〔2024〕{number + 3}号",
        }
        jobs.append((one, one.post(f"/staff/uploads/{file['id']}/index", json={"facts": facts}).json()["job"]))
    assert [finished(one, job)["state"] for one, job in jobs] == ["done", "done"]
    assert len(titles(clients[0])) == 2


def test_a_file_that_is_not_indexed_can_be_thrown_away_and_an_indexed_one_cannot(client) -> None:
    sent = upload(client, "茶业.txt", TEXT)
    settled(client, sent["id"])
    assert client.post(f"/staff/uploads/{sent['id']}/discard").status_code == 200
    assert client.get(f"/staff/uploads/{sent['id']}", headers=PAGE).status_code == 404
    other = upload(client, "茶业.txt", TEXT)
    indexed(client, other["id"])
    assert client.post(f"/staff/uploads/{other['id']}/discard").status_code == 409


# A stopped server


def test_uploads_that_a_stopped_server_left_on_the_way_are_taken_up_again(settings, quick) -> None:
    client = signed_in(application(settings))
    half, reading, moved = (upload(client, f"{name}.txt", TEXT) for name in ("半", "读", "移"))
    settled(client, moved["id"])
    uploads = Uploads(settings.uploads_dir)
    about = settings.uploads_dir / ".pending" / half["id"] / ".upload.json"
    about.unlink()
    uploads.update(uploads.get(reading["id"]), state=UploadState.READING)
    uploads.to_index(uploads.get(moved["id"]))

    again = signed_in(application(settings))
    again.get("/staff/", headers=PAGE)
    shown = settled(again, reading["id"])
    assert half["id"] not in shown
    assert shown.count('data-state="ready"') == 2
    assert "在收录这个文件时停止了" in shown
    assert not (settings.uploads_dir / moved["id"]).exists()


def test_a_job_of_an_earlier_server_is_told_as_such(client) -> None:
    answer = client.get("/staff/jobs/0123456789abcdef")
    assert answer.status_code == 404
    assert "重新启动过" in answer.json()["error"]


# Hostile files


@pytest.mark.parametrize(
    "said",
    [
        "../../x.docx",
        "..\\..\\x.docx",
        "C:\\Windows\\x",
        "/etc/passwd",
        "a\x00b\r\nc.txt",
        "x\u202etxt.exe",
        "字" * 300 + ".docx",
        ".",
        "..",
        "",
        ".htaccess",
        "README.md",
        "~$lock.docx",
        "a" * 400,
        "\udcff.txt",
    ],
)
def test_a_name_becomes_a_plain_name_in_one_folder(said: str, tmp_path: Path) -> None:
    name = safe_name(said)
    assert 0 < len(name.encode()) <= LONGEST
    assert Path(name).name == name
    assert name.isprintable()
    assert not name.startswith((".", "~$"))
    assert not name.lower().startswith("readme")
    (tmp_path / name).write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("字" * 300 + ".docx").endswith(".docx")


def test_a_path_in_a_name_leads_nowhere(client, settings) -> None:
    sent = upload(client, "../../../outside.txt", TEXT)
    assert sent["name"] == "outside.txt"
    assert [path.parent.name for path in settings.data_dir.parent.rglob("outside.txt")] == [sent["id"]]


@pytest.mark.parametrize("upload_id", ["..", "../.pending", "%2e%2e", "x" * 12, "0123456789AB"])
def test_an_upload_is_named_by_its_id_alone(client, upload_id: str) -> None:
    assert client.get(f"/staff/uploads/{upload_id}", headers=PAGE).status_code in (307, 404)
    assert client.post(f"/staff/uploads/{upload_id}/index", json={"facts": FACTS}).status_code in (400, 404, 405)


def test_an_upload_over_the_limit_is_refused_before_it_is_read(client, settings) -> None:
    for declared in (MAX_BYTES + 1, 200 << 20):
        answer = client.post(
            "/staff/uploads", params={"name": "大.pdf"}, content=b"x", headers={"content-length": str(declared)}
        )
        assert answer.status_code == 413
        assert "太大" in answer.json()["error"]
    assert not list(settings.uploads_dir.rglob("大.pdf"))


def test_an_upload_that_hides_its_size_is_cut_off_at_the_limit(client, settings) -> None:
    answer = client.post(
        "/staff/uploads", params={"name": "大.pdf"}, content=(b"x" * (1 << 20) for _ in range((MAX_BYTES >> 20) + 2))
    )
    assert answer.status_code == 413
    assert not [path for path in settings.uploads_dir.rglob("*") if path.is_file()]


def bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"\0" * (300 << 20))
    return out.getvalue()


def test_hostile_and_broken_files_are_told_in_chinese_and_the_others_are_not_lost(real_client) -> None:
    files = {
        "炸弹.docx": (bomb(), "压缩炸弹"),
        "空.docx": (b"", "空文件"),
        "加密.pdf": (make_pdf([page_lines(LINES)], encrypted=True), "密码"),
        "程序.exe": (b"MZ\x90\x00" + b"\x00" * 64, "可执行程序"),
        "表.docx": (make_zip({"xl/workbook.xml": "<x/>"}), "Excel"),
        "坏.docx": (make_docx(LINES)[:9000], "损坏"),
        "实体.docx": (make_zip({"word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "实体"),
        "坏.md": (b"---\nlevel: nowhere\n---\n# x\n", "层级"),
    }
    sent = {name: upload(real_client, name, content)["id"] for name, (content, _) in files.items()}
    good = upload(real_client, "好.txt", TEXT)["id"]
    shown = settled(real_client, good)
    assert shown.count('data-state="failed"') == len(files)
    assert shown.count('data-state="ready"') == 1
    for name, (_, said) in files.items():
        assert said in preview(real_client, sent[name]), name
    assert indexed(real_client, good)["state"] == "done"


def test_a_wrong_suffix_is_read_by_content_with_a_warning(client) -> None:
    page = preview(client, upload(client, "茶业.pdf", make_docx(LINES))["id"])
    assert "内容其实是 docx" in page
    assert "对新建茶园每亩补助300元" in page


def test_markup_in_a_file_is_shown_as_text(client) -> None:
    hostile = TEXT.replace("茶园", "<script>alert(1)</script><img src=x onerror=alert(2)>茶园")
    sent = upload(client, "<img src=x onerror=alert(3)>.txt", hostile)
    settled(client, sent["id"])
    for address in (f"/staff/uploads/{sent['id']}", "/staff/"):
        raw = client.get(address, headers=PAGE).text
        assert "<script>alert" not in raw
        assert "<img" not in raw
    indexed(client, sent["id"], title='茶业办法"><script>alert(4)</script>')
    raw = client.get("/staff/", headers=PAGE).text
    assert "<script>alert" not in raw
    assert not re.search(r"data-sure=\"[^\"]*<", raw)


def test_a_web_page_with_scripts_gives_its_text_alone(client) -> None:
    body = "".join(f"<p>{line}</p>" for line in LINES)
    data = f"<html><body><script>alert('执行')</script>{body}<a href='javascript:alert(1)'>x</a></body></html>"
    page = preview(client, upload(client, "网页.html", data)["id"])
    assert "对新建茶园每亩补助300元" in page
    assert "alert('执行')" not in page
    assert "javascript:" not in page


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"facts": 1}', b'{"facts": {"title": {"a": 1}}}'])
def test_a_change_with_nonsense_is_refused_in_words(client, content: bytes) -> None:
    sent = upload(client, "茶业.txt", TEXT)
    settled(client, sent["id"])
    answer = client.post(f"/staff/uploads/{sent['id']}/index", content=content)
    assert answer.status_code == 400
    assert re.search("[一-龥]", answer.json()["error"])


def test_uploads_carry_the_name_of_who_sent_them(client) -> None:
    shown = settled(client, upload(client, "茶业.txt", TEXT)["id"])
    assert f"{NAME} 上传" in shown
