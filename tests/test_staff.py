"""The staff desk's door: login, lock-out, sessions, and that nothing behind it answers without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.routing import APIRoute
from staff_case import NAME, PAGE, PASSWORD, accounts_value, application, client_of, settings_for, signed_in

from index.settings import Settings
from web import cli
from web.staff.accounts import Accounts, hashed
from web.staff.guard import safe_next
from web.staff.lockout import FAILURES, LOCK_SECONDS, Lockout
from web.staff.sessions import COOKIE, Sessions
from web.texts import load_texts


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return application(settings_for(tmp_path_factory.mktemp("staff")))


def tried(client, name=NAME, password="wrong password"):
    return client.post("/staff/login", data={"name": name, "password": password})


# Accounts


def test_a_password_is_matched_by_its_hash_and_is_not_in_it() -> None:
    made = Accounts({}).having(NAME, hashed(PASSWORD))
    assert made.match(NAME, PASSWORD)
    assert not made.match(NAME, PASSWORD + "x")
    assert PASSWORD not in made.line


def test_an_unknown_name_is_verified_against_a_hash_as_a_known_one_is(monkeypatch) -> None:
    import argon2

    verified = []
    verify = argon2.PasswordHasher.verify
    monkeypatch.setattr(
        argon2.PasswordHasher, "verify", lambda self, *given: verified.append(given) or verify(self, *given)
    )
    made = Accounts({NAME: hashed(PASSWORD)})
    assert not made.match("没有这个人", PASSWORD)
    assert len(verified) == 1


def test_the_command_prints_a_line_that_settings_take_and_never_the_password(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("POLICYQA_STAFF", accounts_value("李四"))
    from index.settings import get_settings

    get_settings.cache_clear()
    try:
        done = CliRunner().invoke(cli.cli, ["password", NAME], input=f"{PASSWORD}\n{PASSWORD}\n")
    finally:
        get_settings.cache_clear()
    assert done.exit_code == 0
    assert PASSWORD not in done.output
    line = next(line for line in done.stdout.splitlines() if line.startswith("POLICYQA_STAFF="))
    env = tmp_path / ".env"
    env.write_text(line, encoding="utf-8")
    monkeypatch.delenv("POLICYQA_STAFF")
    accounts = Accounts.from_settings(Settings(_env_file=env))
    assert set(accounts.hashes) == {"李四", NAME}
    assert accounts.match(NAME, PASSWORD)


@pytest.mark.parametrize(("name", "password"), [(NAME, "short"), ("a b", PASSWORD), ("a:b", PASSWORD)])
def test_the_command_refuses_what_cannot_be_an_account(name: str, password: str, capsys, monkeypatch) -> None:
    monkeypatch.setattr("click.prompt", lambda *args, **options: password)
    assert cli.main(["password", name]) == 2
    assert "POLICYQA_STAFF" not in capsys.readouterr().out


@pytest.mark.parametrize("value", ["zhang", "zhang:secret", "zhang:$2b$12$abc", ":$argon2id$x"])
def test_a_setting_that_holds_no_hashes_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="POLICYQA_STAFF"):
        Settings(staff=value)


def test_without_accounts_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    client = client_of(application(settings_for(tmp_path, staff="")))
    html = client.get("/staff/login", headers=PAGE).text
    assert "python -m web password" in html
    assert "<input" not in html
    assert tried(client).status_code == 401


# Login and sessions


def test_a_login_opens_the_desk_and_a_logout_closes_it(app) -> None:
    client = signed_in(app)
    assert client.get("/staff/", headers=PAGE).status_code == 200
    token = client.cookies[COOKIE]
    assert client.post("/staff/logout").status_code == 303
    client.cookies.set(COOKIE, token)
    assert client.get("/staff/uploads").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(app) -> None:
    said = client_of(app).post("/staff/login", data={"name": NAME, "password": PASSWORD}).headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "secure" not in said


def test_over_https_the_cookie_is_secure(app) -> None:
    client = client_of(app)
    answer = client.post("https://testserver/staff/login", data={"name": NAME, "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_password_and_an_unknown_name_are_told_alike(tmp_path: Path) -> None:
    client = client_of(application(settings_for(tmp_path)))
    pages = []
    for name in (NAME, "没有这个人"):
        answer = tried(client, name)
        assert answer.status_code == 401
        pages.append(answer.text.replace(name, ""))
    assert pages[0] == pages[1]
    assert "账号或口令不对" in pages[0]


def test_a_name_of_markup_is_shown_as_text(tmp_path: Path) -> None:
    html = tried(client_of(application(settings_for(tmp_path))), '"><script>alert(1)</script>').text
    assert "<script>alert" not in html


def test_five_failures_lock_the_name_and_the_right_password_does_not_help(tmp_path: Path) -> None:
    client = client_of(application(settings_for(tmp_path)))
    codes = [tried(client).status_code for _ in range(FAILURES)]
    assert codes == [401] * (FAILURES - 1) + [429]
    answer = tried(client, password=PASSWORD)
    assert answer.status_code == 429
    assert "15 分钟" in answer.text


def test_failures_are_counted_by_address_too() -> None:
    clock = Clock()
    lockout = Lockout(clock)
    for number in range(FAILURES):
        lockout.attempt((f"name {number}", "address a"), lambda: False)
    assert lockout.attempt(("name new", "address a"), lambda: True) == (False, 15)
    assert lockout.attempt(("name new", "address b"), lambda: True) == (True, 0)


def test_a_lock_ends_after_its_time_and_says_what_is_left() -> None:
    clock = Clock()
    lockout = Lockout(clock)
    for _ in range(FAILURES):
        lockout.attempt(("name a",), lambda: False)
    clock.now += LOCK_SECONDS - 61
    assert lockout.attempt(("name a",), lambda: True) == (False, 2)
    clock.now += 62
    assert lockout.attempt(("name a",), lambda: True) == (True, 0)


def test_a_right_password_clears_the_count() -> None:
    lockout = Lockout(Clock())
    for _ in range(3):
        for _ in range(FAILURES - 1):
            lockout.attempt(("name a",), lambda: False)
        assert lockout.attempt(("name a",), lambda: True) == (True, 0)


def test_a_session_ends_when_nothing_is_done_and_goes_on_while_something_is() -> None:
    clock = Clock()
    sessions = Sessions(600, clock)
    token = sessions.open(NAME)
    for _ in range(3):
        clock.now += 599
        assert sessions.name(token) == NAME
    clock.now += 601
    assert sessions.name(token) is None
    assert sessions.name("made up") is None


def test_an_expired_session_leads_to_the_login_with_a_word_and_back(app) -> None:
    client = client_of(app)
    client.cookies.set(COOKIE, "gone")
    answer = client.get("/staff/feedback?verdict=dislike", headers=PAGE)
    assert answer.status_code == 303
    html = client.get(answer.headers["location"], headers=PAGE).text
    assert "登录已失效" in html
    target = re.search(r'name="next" value="([^"]+)"', html)
    assert target is not None
    login = client.post("/staff/login", data={"name": NAME, "password": PASSWORD, "next": target[1]})
    assert login.headers["location"] == "/staff/feedback?verdict=dislike"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/staff/",
        "//evil.example/staff/",
        "/\\evil.example/staff",
        "javascript:alert(1)",
        "/library",
        "/staff/login",
        "/staff/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_a_login_leads_nowhere_but_to_the_desk(address: str) -> None:
    assert safe_next(address, load_texts("zh")) == "/staff/"


# The guard


def all_routes(routes) -> Iterator[APIRoute]:
    """Every route, also of included routers, whose paths hold their prefix."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        yield from all_routes(getattr(getattr(route, "original_router", None), "routes", ()))


def routes_below_staff(app) -> list[tuple[str, str]]:
    """Method and path of every route of the desk, with something in the place of parameters."""
    return [
        (method, re.sub(r"\{[^}]+\}", "0123456789ab", route.path))
        for route in all_routes(app.routes)
        if "/staff" in route.path
        for method in route.methods
    ]


def test_every_route_of_the_desk_refuses_without_a_session(app) -> None:
    client = client_of(app)
    found = routes_below_staff(app)
    assert len(found) > 20
    for method, path in found:
        answer = client.request(method, path, content=b"{}")
        if path.endswith("/login"):
            assert answer.status_code in (200, 401, 429), (method, path)
        else:
            assert answer.status_code == 401, (method, path)
            assert "工作台" not in answer.text


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/anything", "/staff/../staff/x", "//staff/", "/STAFF/", "/en/staff/x"]
)
def test_whatever_lies_below_the_desk_is_refused_without_a_session(app, path: str) -> None:
    answer = client_of(app).request("GET", f"http://testserver{path}")
    assert answer.status_code == 401


def test_a_whole_application_has_the_guard_before_its_gradio_pages(tmp_path: Path) -> None:
    from web.server import create_app

    app = create_app(settings_for(tmp_path))
    client = client_of(app)
    for path in ("/staff/gradio_api/queue/join", "/staff/gradio_api/file=/etc/passwd", "/staff/config"):
        assert client.get(path).status_code == 401
    # What is refused has the headers of all answers.
    assert "Content-Security-Policy" in client.get("/staff/").headers
    assert client.get("/staff/login", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "", "Referer": "https://evil.example/testserver"},
        {"Origin": ""},
        {"Origin": "http://testserver.evil.example"},
    ],
)
def test_a_change_from_another_site_is_refused_even_with_a_session(app, headers) -> None:
    client = signed_in(app)
    for method, path in routes_below_staff(app):
        if method == "POST":
            assert client.post(path, headers=headers, content=b"{}").status_code == 403, path


def test_a_referer_of_this_site_is_enough(app) -> None:
    client = signed_in(app)
    headers = {"Origin": "", "Referer": "http://testserver/staff/"}
    assert client.post("/staff/uploads/0123456789ab/discard", headers=headers).status_code == 200


def test_pages_are_not_kept_by_browsers(app) -> None:
    client = signed_in(app)
    assert client.get("/staff/", headers=PAGE).headers["cache-control"] == "no-store"


def test_both_languages_have_the_same_words() -> None:
    zh, en = load_texts("zh").part("staff"), load_texts("en").part("staff")
    assert list(zh) == list(en)
    places = re.compile(r"\{(\w+)\}")
    assert {name for name in zh if set(places.findall(zh[name])) != set(places.findall(en[name]))} == set()


def test_the_desk_is_there_in_english(app) -> None:
    client = signed_in(app)
    html = client.get("/en/staff/", headers=PAGE).text
    assert "Policy files" in html
    assert "政策文件" not in html
