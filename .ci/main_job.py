"""The main job, end to end, as a user does it: build, ask on the command line, ask in the chat page.

Usage: python .ci/main_job.py WORK_FOLDER [--screenshot FILE]. Every step prints one line with its seconds; the
first step that fails ends the run with exit code 1. The part on originals runs where `../shared/policies`
exists, the chat page in Chromium where it is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

ROOT = Path(__file__).resolve().parents[1]
ORIGINALS = ROOT.parent / "shared" / "policies"
QUESTION = "国家级制造业创新中心能拿多少资助?"
FIGURE = "1亿元"
PATH = "2.5"
LABEL = "二、(五)"
# What the list must say of the four policies, by a fragment of the title.
LISTED: Mapping[str, Mapping[str, Any]] = {
    "制造业高质量发展的若干意见": {"doc_number": None, "expires_on": "2021-12-31"},
    "高能级产业集群": {
        "doc_number": "2022〕69",
        "issued_on": "2022-11-16",
        "effective_on": "2022-12-17",
        "period": [2022, 2025],
    },
    "特色小": {"doc_number": "2021〕25", "issued_on": "2021-04-25", "period": [2021, 2023]},
    "4286": {"doc_number": None, "issued_on": "2019-04-01", "period": [2019, 2022]},
}


class StepError(Exception):
    """A step of the main job did not give what it must."""


def require(condition: bool, message: str) -> None:
    """Raise `StepError(message)` unless `condition` holds."""
    if not condition:
        raise StepError(message)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print `name` with its seconds when the block is done."""
    started = time.perf_counter()
    yield
    click.echo(f"ok  {time.perf_counter() - started:6.1f} s  {name}")


def environment(data_dir: Path, model_cache: Path, **extra: str) -> dict[str, str]:
    """A user's environment with a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICYQA_") and name != "CI"}
    return {**kept, "POLICYQA_DATA_DIR": str(data_dir), "POLICYQA_MODEL_CACHE": str(model_cache), **extra}


def run(*arguments: str, env: Mapping[str, str]) -> str:
    """The stdout of `python ARGUMENTS`.

    Raises:
        StepError: the command did not exit with 0.
    """
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True)
    require(
        done.returncode == 0, f"`python {' '.join(arguments)}` exited {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return done.stdout


def ask(env: Mapping[str, str]) -> dict[str, Any]:
    """The citation of the expected clause in the answer to `QUESTION`."""
    answer = json.loads(run("-m", "rag", "ask", QUESTION, "--json", env=env))
    require(answer["status"] == "answered", f"status is {answer['status']}: {answer}")
    require(FIGURE in answer["answer"], f"{FIGURE} is missing: {answer}")
    cited = [citation for citation in answer["citations"] if citation["path"] == PATH]
    require(bool(cited), f"clause {PATH} is not cited: {answer}")
    require(cited[0]["label"] == LABEL, f"the label is {cited[0]['label']!r}")
    require(FIGURE in cited[0]["quote"], f"the quote lacks {FIGURE}: {cited[0]}")
    warned = {warning["code"] for warning in answer["warnings"]}
    require("expired" in warned, f"the policy expired in 2021, but the warnings are {warned}")
    return dict(cited[0])


def check_verbatim(quote: str, env: Mapping[str, str]) -> str:
    """The name of the original that contains `quote` as it stands, inside the span of the clause."""
    for path in sorted(ORIGINALS.iterdir()):
        text = path.read_bytes().decode("utf-8-sig", errors="ignore")
        if quote not in text:
            continue
        parsed = json.loads(run("-m", "index", "parse", str(path), "--json", env=env))
        spans = [clause["source"] for clause in parsed["clauses"] if clause["path"] == PATH]
        require(
            any(quote in text[span["start"] : span["end"]] for span in spans),
            f"the quote stands in {path.name}, but not within the span of clause {PATH}: {spans}",
        )
        return path.name
    raise StepError(f"no original contains the quote as it stands: {quote}")


def check_list(env: Mapping[str, str]) -> None:
    """Four policies, with the right numbers and dates."""
    listed = json.loads(run("-m", "index", "list", "--json", env=env))
    require(len(listed) == len(LISTED), f"{len(listed)} policies are listed: {[p.get('title') for p in listed]}")
    for fragment, expected in LISTED.items():
        found = [policy for policy in listed if fragment in policy["title"]]
        require(len(found) == 1, f"{len(found)} policies have {fragment} in the title")
        for key, value in expected.items():
            actual = found[0][key]
            same = value in (actual or "") if key == "doc_number" and value is not None else actual == value
            require(same, f"{fragment}: {key} is {actual!r}, not {value!r}")


def command_line(work: Path) -> None:
    """Build the shipped corpus, then the originals, and ask both."""
    shipped = environment(work / "shipped", work / "models")
    with step("first build of the shipped corpus, the model unpacked"):
        run("-m", "index", "build", env=shipped)
    with step(f"rag ask on the shipped corpus: {FIGURE}, clause {PATH}"):
        ask(shipped)
    if not ORIGINALS.is_dir():
        click.echo("--  the originals are not here: their part is left out")
        return
    originals = environment(work / "originals", work / "models")
    with step("build of the originals"):
        run("-m", "index", "build", str(ORIGINALS), env=originals)
    with step("rag ask on the originals: the quote is verbatim, within the clause's span"):
        check_verbatim(ask(originals)["quote"], originals)
    with step(f"index list on the originals: {len(LISTED)} policies with their numbers and dates"):
        check_list(originals)


@contextmanager
def serving(env: Mapping[str, str], log: Path) -> Iterator[tuple[str, float]]:
    """`make run`: the address of the page and the seconds until it was served."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    started = time.perf_counter()
    with log.open("w") as output:
        server = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=ROOT,
            env={**env, "POLICYQA_PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while not answers(address):
                alive = server.poll() is None and time.perf_counter() - started < 120
                require(alive, f"make run serves no page:\n{log.read_text()}")
                time.sleep(0.1)
            yield address, time.perf_counter() - started
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether a GET of `address` gives a page."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def chat(address: str, screenshot: Path | None) -> None:
    """Ask in headless Chromium and see the figure with its citation; the page may load nothing from elsewhere."""
    from playwright.sync_api import expect, sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="zh-CN")
        elsewhere: list[str] = []
        page.on("request", lambda r: elsewhere.append(r.url) if leaves_the_machine(r.url) else None)
        page.goto(address)
        box = page.locator("textarea").first
        box.fill(QUESTION)
        box.press("Enter")
        body = page.locator("body")
        expect(body).to_contain_text(FIGURE, timeout=60_000)
        expect(body).to_contain_text(LABEL, timeout=10_000)
        if screenshot is not None:
            page.wait_for_timeout(1500)  # the answer is still growing when the figure appears
            page.screenshot(path=screenshot)
        browser.close()
    require(not elsewhere, f"the page loads from elsewhere: {sorted(set(elsewhere))}")


def leaves_the_machine(url: str) -> bool:
    """Whether `url` is fetched from another host."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")


def chat_page(work: Path, screenshot: Path | None) -> None:
    """`make run` twice: the first builds, the second finds what is built and serves."""
    env = environment(work / "page", work / "models")
    with step("make run builds the index, serves the page and stops"), serving(env, work / "run-1.log"):
        pass
    with serving(env, work / "run-2.log") as (address, seconds):
        click.echo(f"ok  {seconds:6.1f} s  second make run until the page")
        if shutil.which("chromium") or shutil.which("chromium-browser"):
            with step(f"asked in Chromium: {FIGURE} with {LABEL}"):
                chat(address, screenshot)
        else:
            click.echo("--  Chromium is not installed: the chat page is not asked")


@click.command(help="端到端跑一遍主要功能。")
@click.argument("work", type=click.Path(path_type=Path))
@click.option("--screenshot", type=click.Path(path_type=Path), help="把问答网页的截图存到这个文件。")
def cli(work: Path, *, screenshot: Path | None) -> None:
    """Run the main job in the folder `work`, which is made if needed."""
    work.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    try:
        command_line(work)
        chat_page(work, screenshot)
    except StepError as error:
        click.echo(f"FAILED  {error}", err=True)
        sys.exit(1)
    click.echo(f"main job done in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    cli()
