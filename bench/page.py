"""How fast the served page answers, for one person in Chromium and for many: `python -m bench page [--users N …]`.

Over an index of the shipped corpus, the application served by `app.py` on loopback:

- in Chromium, milliseconds from Enter until the first text of the answer is on the screen, and until it is whole;
- many users at once (`bench/page_users.py`, driven by locust on the same machine): errors, median and 95th percentile
  of every address, and the server's resident memory over the run;
- the baseline `one_user`: the same requests by one user alone, in the same run; `ratio` is of the 95th percentiles.

Without a language model. Prints JSON with the targets and whether they are met.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.served import Served, questions, serving
from bench.times import summary
from index.settings import PROJECT_ROOT, Settings, get_settings

Figures = dict[str, Any]

BASELINE = "one_user"
TARGETS = {"first_text_p95_ms": 300.0, "whole_answer_p95_ms": 1000.0, "users_p95_ms": 1500.0, "memory_growth": 1.05}
"""Upper bounds; `memory_growth` is the mean memory of the last third of the run over that of the first."""

_ASK = "/page/ask"
_BASELINE_SHARE, _BASELINE_LEAST = 4, 8.0
"""The baseline runs for this part of the time, and for these seconds at least: one user makes few requests."""
_SAMPLES = 12
_LONGEST_PAUSE = 10.0
_WARM_UP = "绿色工厂奖励多少?"
# Times are taken in the page: from the key's event to the frame after the change is drawn.
_WATCH = """() => {
    window.bench = {};
    const box = document.querySelector("#question textarea");
    box.addEventListener("keydown", event => {
        if (event.key === "Enter") window.bench = {sent: performance.now()};
    }, {capture: true});
    const drawn = name => requestAnimationFrame(() => setTimeout(() => window.bench[name] ??= performance.now()));
    new MutationObserver(() => {
        const reply = [...document.querySelectorAll("#chat .reply")].at(-1);
        if (!window.bench.sent || !reply) return;
        if (reply.querySelector(".answer p")) drawn("first");
        if (reply.dataset.state === "done") drawn("whole");
    }).observe(document.querySelector("#chat"), {childList: true, subtree: true, attributes: true});
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m bench page", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--users", type=int, default=30, help="users at once")
    parser.add_argument("--seconds", type=float, default=120, help="how long they ask")
    parser.add_argument("--questions", type=int, default=20, help="questions asked in Chromium, at least 2")
    options = parser.parse_args([] if arguments is None else arguments)
    figures = run(users=options.users, seconds=options.seconds, asked=options.questions)
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    return 0


def run(*, users: int, seconds: float, asked: int) -> Figures:
    """All figures as one JSON object; times in ms, memory in MB."""
    from index.build import build

    with tempfile.TemporaryDirectory(prefix="policyqa-bench-") as scratch:
        settings = Settings(data_dir=Path(scratch), model_cache=get_settings().models_dir)
        build([PROJECT_ROOT / "corpus"], settings=settings)
        loads = [os.getloadavg()[0]]
        with serving(settings) as page:
            browser = in_chromium(page, questions(asked))
            loads.append(os.getloadavg()[0])
            alone = load(page, users=1, seconds=max(_BASELINE_LEAST, seconds / _BASELINE_SHARE))
            with memory(page, seconds) as samples:
                together = load(page, users=users, seconds=seconds)
        loads.append(os.getloadavg()[0])
    figures = {
        "load_average": dict(zip(("before", "browser", "after"), (round(one, 2) for one in loads), strict=True)),
        "browser": browser,
        BASELINE: alone,
        "users": {"count": users, "seconds": seconds, **together, "ratio": _ratio(together, alone)},
        "memory": thirds(samples),
        "targets": TARGETS,
    }
    return {**figures, "met": met(figures)}


def in_chromium(page: Served, asked: Sequence[str]) -> Figures:
    """Milliseconds until the first text and the whole answer, over `asked`; the first question of all apart."""
    from playwright.sync_api import sync_playwright

    first: list[float] = []
    whole: list[float] = []
    with sync_playwright() as playwright:
        executable = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_page(viewport={"width": 1366, "height": 768})
        window.goto(page.address)
        box = window.locator("#question textarea")
        box.wait_for()
        window.evaluate(_WATCH)
        for question in [_WARM_UP, *asked]:
            window.locator("#restart").click()
            box.fill(question)
            box.press("Enter")
            window.wait_for_function("window.bench.whole && document.querySelector('#question .stop').hidden")
            times = window.evaluate("window.bench")
            first.append(times["first"] - times["sent"])
            whole.append(times["whole"] - times["sent"])
        browser.close()
    return {
        "questions": len(asked),
        "first_question_ms": round(whole[0], 1),
        "first_text": summary(first[1:]),
        "whole_answer": summary(whole[1:]),
    }


def load(page: Served, *, users: int, seconds: float) -> Figures:
    """Requests, errors, median and 95th percentile of all requests and of each address."""
    command = [
        *(
            sys.executable,
            "-m",
            "locust",
            "--headless",
            "--json",
            "--skip-log",
            "--reset-stats",
            "--stop-timeout",
            "10",
        ),
        *("-f", str(PROJECT_ROOT / "bench" / "page_users.py"), "-H", page.address.rstrip("/")),
        *("-u", str(users), "-r", str(users), "-t", f"{max(1, round(seconds))}s"),
    ]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, env=_environment())
    # The exit code is 1 where a request failed: the errors are counted below.
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise RuntimeError(f"locust 没有给出结果:{done.stderr[-1000:]}")
    return loaded(json.loads(done.stdout))


def _environment() -> dict[str, str]:
    """With the project importable: locust runs the file of users as a script."""
    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def loaded(entries: Sequence[Figures]) -> Figures:
    """Locust's own figures in short; its times are whole ms below 100, and are rounded to two digits above.

    Raises:
        ValueError: there was no request at all.
    """
    by_path = {entry["name"]: _times(entry) for entry in entries}
    everything = [time for times in by_path.values() for time in times]
    if len(everything) < 2:
        raise ValueError("没有足够的请求,请把 --seconds 设长一些。")
    # Twice over, a single time has quantiles, too; those of several stay the same.
    return {
        "requests": len(everything),
        "errors": sum(entry["num_failures"] for entry in entries),
        **summary(everything),
        "paths": {path: {"requests": len(times), **summary(times * 2)} for path, times in by_path.items() if times},
    }


def _times(entry: Figures) -> list[float]:
    """Every response time of one address, out of locust's counts."""
    return [float(time) for time, count in entry["response_times"].items() for _ in range(count)]


@contextmanager
def memory(page: Served, seconds: float) -> Iterator[list[float]]:
    """Resident memory of the server in MB, taken at regular times until the block ends."""
    samples: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(min(_LONGEST_PAUSE, seconds / _SAMPLES)):
            samples.append(page.resident_mb())

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def thirds(samples: Sequence[float]) -> Figures:
    """Memory over the run: the means of the first and of the last third, and their ratio."""
    third = max(1, len(samples) // 3)
    if not samples:
        return {"samples_mb": [], "growth": None}
    first, last = sum(samples[:third]) / third, sum(samples[-third:]) / third
    return {
        "samples_mb": list(samples),
        "first_third_mb": round(first, 1),
        "last_third_mb": round(last, 1),
        "growth": round(last / first, 3),
    }


def _ratio(together: Figures, alone: Figures) -> float:
    """How many times longer an answer takes among many, by the 95th percentile."""
    paths = together["paths"], alone["paths"]
    many, one = (found.get(_ASK, {}).get("p95_ms", 0.0) for found in paths)
    return round(many / one, 2) if one else 0.0


def met(figures: Figures) -> dict[str, bool]:
    """Whether each target is met; `no_errors` is one, too."""
    growth = figures["memory"]["growth"]
    measured = {
        "first_text_p95_ms": figures["browser"]["first_text"]["p95_ms"],
        "whole_answer_p95_ms": figures["browser"]["whole_answer"]["p95_ms"],
        "users_p95_ms": figures["users"]["p95_ms"],
        "memory_growth": growth if growth is not None else float("inf"),
    }
    return {
        **{name: measured[name] <= bound for name, bound in TARGETS.items()},
        "no_errors": not figures["users"]["errors"],
    }


if __name__ == "__main__":
    start = time.perf_counter()
    code = main(sys.argv[1:])
    print(f"{time.perf_counter() - start:.1f} s", file=sys.stderr)
    sys.exit(code)
