"""A staff desk for tests: an application with the desk alone, an account, and a signed-in client."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.settings import Settings, get_settings
from web import api, staff
from web.protect import BodyLimit, SecurityHeaders
from web.service import AnswerService
from web.staff.accounts import Accounts, hashed

NAME, PASSWORD = "张三", "correct horse battery"
ADDRESS = "http://testserver"
HEADERS = {"Origin": ADDRESS, "Accept": "application/json"}
PAGE = {"Accept": "text/html"}

TEXT = """临江市茶业扶持办法
临政规〔2024〕3号
第一条 为支持茶业发展，制定本办法。
第二条 对新建茶园每亩补助300元。
第三条 本办法自2024年5月1日起施行，有效期至2027年4月30日。
临江市人民政府
2024年4月1日
"""


def accounts_value(*names: str) -> str:
    """The setting POLICYQA_STAFF with these accounts, all with `PASSWORD`."""
    made = Accounts({})
    for name in names:
        made = made.having(name, hashed(PASSWORD))
    return made.line.removeprefix("POLICYQA_STAFF='").removesuffix("'")


def settings_for(data_dir: Path, **values: Any) -> Settings:
    chosen = {"staff": accounts_value(NAME), **values}
    return Settings(data_dir=data_dir, model_cache=get_settings().models_dir, **chosen)


def application(settings: Settings) -> FastAPI:
    """The desk and the API, without the other pages."""
    app, service = FastAPI(), AnswerService(settings)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.include_router(api.router(service))
    staff.install(app, settings, service)
    return app


def client_of(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=ADDRESS, headers=HEADERS, follow_redirects=False)


def signed_in(app: FastAPI, name: str = NAME) -> TestClient:
    client = client_of(app)
    answer = client.post("/staff/login", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def upload(client: TestClient, name: str, content: bytes | str) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post("/staff/uploads", params={"name": name}, content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def settled(client: TestClient, upload_id: str, limit: float = 60.0) -> str:
    """The list of waiting files once nothing is being read."""
    until = time.monotonic() + limit
    while True:
        html = client.get("/staff/uploads").text
        if 'data-state="reading"' not in html or time.monotonic() > until:
            return html
        time.sleep(0.1)


def finished(client: TestClient, job: str, limit: float = 90.0) -> dict[str, Any]:
    until = time.monotonic() + limit
    while True:
        state = client.get(f"/staff/jobs/{job}").json()
        if state["state"] in ("done", "failed") or time.monotonic() > until:
            return state
        time.sleep(0.1)
