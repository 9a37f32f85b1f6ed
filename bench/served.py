"""What the benchmarks of the page share: the application in a process of its own, and the questions it is asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from index.settings import PROJECT_ROOT, Settings

QUESTION_SET = PROJECT_ROOT / "eval" / "sets" / "shipped.jsonl"
_ADDRESS = re.compile(r"http://[\w.:]+/")


@dataclass(frozen=True, slots=True)
class Served:
    """A running application.

    Attributes:
        address: of the chat page, "" where it ended before it was served.
        pid: of its process.
        start_seconds: until it was served.
    """

    address: str
    pid: int
    start_seconds: float

    def resident_mb(self) -> float:
        """Resident memory in MB."""
        import psutil

        return round(psutil.Process(self.pid).memory_info().rss / 1e6, 1)


@contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """`python app.py` over the index of `settings`, on a free port of loopback."""
    environment = {
        **os.environ,
        "POLICYQA_DATA_DIR": str(settings.data_dir),
        "POLICYQA_MODEL_CACHE": str(settings.models_dir),
        "POLICYQA_PORT": "0",
    }
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=PROJECT_ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            said = next((found[0] for line in process.stderr if (found := _ADDRESS.search(line))), "")
            seconds = round(time.perf_counter() - started, 2)
            # What it goes on to say is read, or it would wait for a full pipe.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield Served(said, process.pid, seconds)
        finally:
            process.terminate()


def questions(limit: int | None = None) -> list[str]:
    """Questions of the shipped evaluation set that need no conversation; `limit` of them, from all parts of it."""
    rows = [json.loads(line) for line in QUESTION_SET.read_text(encoding="utf-8").splitlines()]
    found = [row["question"] for row in rows if not row.get("history")]
    return found if limit is None else [found[at * len(found) // limit] for at in range(min(limit, len(found)))]
