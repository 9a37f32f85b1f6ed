"""A served application and a headless Chromium for browser tests, with their fixtures; skips without Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from index.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SCREENSHOTS = "POLICYQA_SCREENSHOT_DIR"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name resolves: what a page asks of another host fails as it does in an office without a way out.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
START_LIMIT = 60.0
ANSWER_LIMIT = 60_000
"""Milliseconds that an answer may take on a busy machine."""
_ADDRESS = re.compile(r"http://[\w.:]+/")
_SERIOUS = ("serious", "critical")
_shared: list[Browser] = []


@dataclass
class Server:
    """A running application: its address, the seconds until it was served, and what it wrote to stderr."""

    address: str
    seconds: float
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        """The port it listens on."""
        port = urlsplit(self.address).port
        assert port is not None
        return port

    def resident_mb(self) -> float:
        """Resident memory of the process in MB."""
        import psutil

        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    def kill(self) -> None:
        """End it at once, as a crash does; answers under way break off."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)


@contextmanager
def serving(settings: Settings, *, port: int = 0, **extra: str) -> Iterator[Server]:
    """`python app.py` over the index of `settings`.

    Args:
        settings: data folder and model cache.
        port: where; 0 takes a free one.
        extra: more variables of the environment, by their whole names.
    """
    environment = {
        **os.environ,
        "POLICYQA_DATA_DIR": str(settings.data_dir),
        "POLICYQA_MODEL_CACHE": str(settings.models_dir),
        "POLICYQA_PORT": str(port),
        **extra,
    }
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    log: list[str] = []
    found = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            log.append(line.rstrip())
            if _ADDRESS.search(line):
                found.set()
        found.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        found.wait(START_LIMIT)
        address = next((match[0] for line in log if (match := _ADDRESS.search(line))), None)
        assert address is not None, f"the page is not served: {log}"
        yield Server(address, time.perf_counter() - started, process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)
        reader.join(timeout=5)


@dataclass
class Visit:
    """A page with what it asked for and what it complained of; pages that it opens count, too."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def elsewhere(self) -> list[str]:
        """Requests that left the machine."""
        return [url for url in self.requests if _leaves_the_machine(url)]


def _leaves_the_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium that every `browsing` inside shares; a module that opens many pages saves its starts."""
    if _shared:
        yield _shared[-1]
        return
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        _shared.append(browser)
        try:
            yield browser
        finally:
            _shared.pop()
            browser.close()


@contextmanager
def browsing(*, width: int = 1366, height: int = 768, locale: str = "en-US", **options: Any) -> Iterator[Visit]:
    """A fresh profile in a Chromium without a window; two of them, one inside the other, are two people.

    Args:
        width: of the window, in pixels.
        height: of the window, in pixels.
        locale: the browser's language.
        options: more of `playwright.Browser.new_context`.
    """
    with chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        context.set_default_timeout(20_000)
        visit = Visit(context.new_page())
        context.on("request", lambda request: visit.requests.append(request.url))
        context.on("weberror", lambda error: visit.complaints.append(str(error.error)))
        context.on("console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None)
        try:
            yield visit
        finally:
            context.close()


# Fixtures; a module takes those it wants by name: `server = browser.server`.


@pytest.fixture(scope="module", autouse=True)
def one_chromium() -> Iterator[None]:
    """One Chromium for all tests of the module that takes this."""
    with chromium():
        yield


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[Server]:
    """The application over the index of the module's own `settings`."""
    with serving(settings) as running:
        yield running


@pytest.fixture
def wide(server: Server) -> Iterator[Visit]:
    """The chat, open in a window of the usual size."""
    with browsing() as visit:
        open_page(visit, server)
        yield visit


def open_page(visit: Visit, server: Server, path: str = "") -> None:
    """Open the chat and wait until it can be used and shows what the index holds, or what is wrong."""
    visit.page.goto(urljoin(server.address, path))
    visit.page.locator("#question textarea").wait_for()
    visit.page.wait_for_function(
        "() => document.querySelector('#head .bar .note')?.textContent.trim()"
        " || document.querySelector('policy-chat .problem:not([hidden])')",
    )


def ask(visit: Visit, question: str) -> None:
    """Type a question, send it, and wait for its answer."""
    send(visit, question)
    answered(visit)


def send(visit: Visit, question: str) -> None:
    """Type a question and send it once the page takes one."""
    visit.page.locator("#question .send").wait_for()
    box = visit.page.locator("#question textarea")
    box.fill(question)
    box.press("Enter")


def answered(visit: Visit) -> None:
    """Wait until no answer is under way."""
    visit.page.wait_for_function(
        "() => document.querySelector('#question .stop').hidden"
        " && !document.querySelector('#chat [data-state=pending]')",
        timeout=ANSWER_LIMIT,
    )


def exported(visit: Visit, kind: str) -> tuple[str, bytes]:
    """Name and content of the file that the conversation is exported to, by the words of its button."""
    visit.page.locator("#export summary").click()
    with visit.page.expect_download() as loading:
        visit.page.locator("#export").get_by_role("button", name=kind).click()
    return loading.value.suggested_filename, Path(loading.value.path()).read_bytes()


def settled(visit: Visit, selector: str) -> None:
    """Wait until an element neither moves nor changes its size, as after smooth scrolling."""
    visit.page.locator(selector).first.element_handle().wait_for_element_state("stable")


def findings(visit: Visit) -> dict[str, list[str]]:
    """What axe finds serious or critical: rule to the elements it concerns."""
    report = Axe().run(visit.page, options={"resultTypes": ["violations"]}).response
    return {
        f"{found['id']} ({found['impact']})": [json.dumps(node["target"]) for node in found["nodes"]]
        for found in report["violations"]
        if found["impact"] in _SERIOUS
    }


def screenshot(visit: Visit, name: str, *, full_page: bool = False) -> None:
    """Save a picture where POLICYQA_SCREENSHOT_DIR says; without it none is made."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)
