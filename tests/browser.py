"""A served chat page and a headless Chromium for browser tests; skips where Chromium is not installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

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
)
START_LIMIT = 60.0
SUBMIT_TRIES = 30
_ADDRESS = re.compile(r"http://[\w.:]+/")


@dataclass
class Server:
    """A running chat page: its address, the seconds until it was served, and what it wrote to stderr."""

    address: str
    seconds: float
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    def resident_mb(self) -> float:
        """Resident memory of the process in MB."""
        import psutil

        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """`python app.py` on a free port over the index of `settings`."""
    environment = {
        **os.environ,
        "POLICYQA_DATA_DIR": str(settings.data_dir),
        "POLICYQA_MODEL_CACHE": str(settings.models_dir),
        "POLICYQA_PORT": "0",
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
    """A page with what it asked for and what it complained of."""

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
def browsing(*, width: int = 1366, height: int = 768, locale: str = "en-US") -> Iterator[Visit]:
    """A fresh Chromium without a window, with its own profile."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("Chromium is not installed")
    profile = tempfile.mkdtemp(prefix="policyqa-browser-")
    try:
        with sync_playwright() as playwright:
            context: BrowserContext = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=executable,
                args=list(ARGUMENTS),
                viewport={"width": width, "height": height},
                locale=locale,
            )
            visit = Visit(context.new_page())
            visit.page.on("request", lambda request: visit.requests.append(request.url))
            visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
            visit.page.on("console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None)
            try:
                yield visit
            finally:
                context.close()
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def open_page(visit: Visit, server: Server) -> None:
    """Open the chat and wait until it can be used and shows what the index holds."""
    visit.page.goto(server.address)
    visit.page.locator("#question textarea").wait_for()
    visit.page.locator("#head .bar span, #head .problem").first.wait_for()


def ask(visit: Visit, question: str) -> None:
    """Type a question, send it, and wait for its answer."""
    before = visit.page.locator("#chat .reply").count()
    box = visit.page.locator("#question textarea")
    box.fill(question)
    for _ in range(SUBMIT_TRIES):
        # The page takes no question while it is busy with one, and an answer is shown just before it is done.
        box.press("Enter")
        with suppress(PlaywrightTimeout):
            visit.page.wait_for_function("!document.querySelector('#question textarea').value", timeout=1_000)
            break
    visit.page.wait_for_function(
        "count => document.querySelectorAll('#chat .reply').length > count"
        " && !document.querySelector('#chat .pending')",
        arg=before,
        timeout=60_000,
    )


def screenshot(visit: Visit, name: str, *, full_page: bool = False) -> None:
    """Save a picture where POLICYQA_SCREENSHOT_DIR says; without it none is made."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        visit.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)
