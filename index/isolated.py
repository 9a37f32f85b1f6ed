"""Parse one file in a process of its own: what a hostile or broken file does to a reader ends with that process.

`python -m index.isolated FILE [--uncorrected]` prints the edition as JSON, or on failure `{"problem", "remedy"}` with
exit code 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from index.errors import PolicyQAError, SourceFileError
from index.models import Edition
from index.settings import PROJECT_ROOT
from index.store.codec import from_json, to_json

TIME_LIMIT = 300.0
"""Seconds; the recognition of a scanned document takes some for every page."""

MEMORY_LIMIT = 8 << 30
"""Bytes of address space, which is several times what is really used."""


UNCORRECTED = "--uncorrected"


def parse_isolated(path: Path, *, corrected: bool = True, time_limit: float = TIME_LIMIT) -> Edition:
    """The edition of one file, as `index.parse` gives it, with or without the corrections beside it.

    Raises:
        ReadingError: it cannot be read.
        SourceFileError: reading it takes too long or too much memory, or crashes.
    """
    command = [sys.executable, "-m", "index.isolated", str(path.absolute()), *([] if corrected else [UNCORRECTED])]
    try:
        done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, timeout=time_limit, check=False)
    except subprocess.TimeoutExpired:
        raise SourceFileError(path.name, f"读了 {time_limit:.0f} 秒还没有读完", "请拆分文件后再试。") from None
    if done.returncode == 0:
        return from_json(Edition, done.stdout)
    try:
        said = json.loads(done.stdout)
        raise ReadingError(str(said["problem"]), str(said["remedy"]))
    except (ValueError, KeyError, TypeError):
        raise SourceFileError(
            path.name, "读取时程序出错,文件可能已损坏", "请用 WPS/Word 打开后另存一份,再试。"
        ) from None


class ReadingError(PolicyQAError):
    """The file cannot be read, in the words of the process that tried."""


def main(path: Path, *, corrected: bool = True) -> int:
    """Parse `path` within the limits; returns the exit code."""
    from index.parts import Parts

    _limit_memory()
    steps = Parts.installed()
    try:
        raw = steps.read(path)
        printed = to_json(steps.parse(raw if corrected else replace(raw, corrections={})))
    except PolicyQAError as error:
        printed = json.dumps({"problem": error.problem, "remedy": error.remedy}, ensure_ascii=False)
        sys.stdout.buffer.write(printed.encode("utf-8", "replace"))
        return 1
    sys.stdout.buffer.write(printed.encode())
    return 0


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


if __name__ == "__main__":
    from index.offline import disable_telemetry

    disable_telemetry()
    sys.exit(main(Path(sys.argv[1]), corrected=UNCORRECTED not in sys.argv))
