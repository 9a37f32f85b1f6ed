"""How long an evaluation run takes, and whether a killed and resumed run gives the same: `python -m bench.evaluation`.

Measured over the shipped set and corpus, in composed mode, with an index of its own:

- `whole`: `python -m eval run` as staff call it, model loading and reports included, for each number of workers;
- `resumed`: the same run killed with SIGKILL half-way, taken up with `--resume`; `same` says whether every file that
  holds no time has the same bytes as in the whole run.

Prints JSON. Exit code 1 where a run takes longer than `--limit` seconds, or the resumed run differs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.cli import SHIPPED_SET
from eval.rows import load_rows
from eval.runs import ANSWERS_FILE, TIMED_FILES, read_run, whole_lines
from index.settings import PROJECT_ROOT, get_settings

Figures = dict[str, Any]

LIMIT_SECONDS = 60.0
WORKERS = (1, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluation", description=__doc__.splitlines()[0])
    parser.add_argument("--set", type=Path, default=SHIPPED_SET, dest="set_file", help="question set")
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="seconds a run may take")
    # `python -m bench` hands its own words to no benchmark.
    options = parser.parse_args([] if arguments is None else arguments)
    with tempfile.TemporaryDirectory(prefix="policyqa-bench-") as scratch:
        figures = measure(Path(scratch), options.set_file)
    figures["limit_seconds"] = options.limit
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    slowest = max(figures["whole"][name]["seconds"] for name in figures["whole"])
    return 0 if slowest < options.limit and figures["resumed"]["same"] else 1


def measure(scratch: Path, set_file: Path) -> Figures:
    """All figures, as one JSON object."""
    environment = {
        **os.environ,
        "POLICYQA_DATA_DIR": str(scratch / "data"),
        # The model cache stays the machine's own.
        "POLICYQA_MODEL_CACHE": str(get_settings().models_dir),
    }
    _run(["index", "build", str(PROJECT_ROOT / "corpus")], environment)
    rows = len(load_rows(set_file))
    whole = {str(workers): _whole(scratch / f"whole-{workers}", set_file, workers, environment) for workers in WORKERS}
    resumed = _resumed(scratch / "killed", set_file, rows, environment)
    resumed["same"] = _contents(scratch / "killed") == _contents(scratch / f"whole-{WORKERS[0]}")
    return {"rows": rows, "cores": os.cpu_count(), "whole": whole, "resumed": resumed}


def _whole(folder: Path, set_file: Path, workers: int, environment: Mapping[str, str]) -> Figures:
    started = time.perf_counter()
    _run(["eval", "run", "--set", str(set_file), "--out", str(folder), "--workers", str(workers)], environment)
    seconds = time.perf_counter() - started
    times = sorted(read_run(folder).times.values())
    return {
        "seconds": round(seconds, 2),
        "median_ms": times[len(times) // 2],
        "slowest_ms": times[-1],
    }


def _resumed(folder: Path, set_file: Path, rows: int, environment: Mapping[str, str]) -> Figures:
    """Kill a run when half of the questions are answered, and take it up again."""
    words = [sys.executable, "-m", "eval", "run", "--set", str(set_file), "--out", str(folder)]
    child = subprocess.Popen(words, cwd=PROJECT_ROOT, env=dict(environment), stdout=subprocess.DEVNULL)
    while len(whole_lines(folder / ANSWERS_FILE)) < rows // 2 and child.poll() is None:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    answered = len(whole_lines(folder / ANSWERS_FILE))
    if answered >= rows:
        raise RuntimeError("the run was over before it could be killed")
    started = time.perf_counter()
    _run(["eval", "run", "--resume", str(folder)], environment)
    return {"answered_when_killed": answered, "seconds_to_finish": round(time.perf_counter() - started, 2)}


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in TIMED_FILES}


def _run(words: Sequence[str], environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stderr}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
