"""Ask every question of a set, in parallel, so that a killed run can be taken up again.

Each answer is a line on the disk before it counts. In composed mode two runs of one set on one index write the same
bytes, whatever the number of threads, but for the files in `eval.runs.TIMED_FILES`.
"""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from eval.metrics.summary import Summary, summarise
from eval.rows import Row, load_rows, row_to_object
from eval.runs import (
    ANSWERS_FILE,
    CLAUSES_FILE,
    METRICS_FILE,
    ROWS_FILE,
    RUN_FILE,
    TIMES_FILE,
    ClauseText,
    Record,
    Run,
    append_line,
    in_row_order,
    read_info,
    read_records,
    read_run,
    whole_lines,
    write_json,
    write_lines,
    write_whole,
)
from eval.subject import Subject
from index.errors import PolicyQAError

logger = logging.getLogger(__name__)

WORKERS = 2
LIMIT_SECONDS = 60.0
_POLL_SECONDS = 0.05


class RunStoppedError(PolicyQAError):
    """The run was stopped before its end; what has been answered is kept."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    Attributes:
        workers: questions asked at the same time, 1 or more.
        limit_seconds: how long one question may take before it counts as failed.
        progress: whether to show a progress bar on stderr, where that is a terminal.
        stop: asked between two answers; once it says yes, no further question is asked.
    """

    workers: int = WORKERS
    limit_seconds: float = LIMIT_SECONDS
    progress: bool = False
    stop: Callable[[], bool] = _never

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"同时提问的数量应为 1 或更大,现在是 {self.workers}。")
        if self.limit_seconds <= 0:
            raise ValueError(f"每题时限应大于 0 秒,现在是 {self.limit_seconds:g}。")


DEFAULT_OPTIONS = Options()


def start(folder: Path, set_file: Path, subject: Subject, *, as_of: date) -> None:
    """Prepare `folder` for a run of `set_file`; rows without a day of their own are asked on `as_of`.

    Raises:
        ValueError: the set is wrong, or `folder` holds a run already.
    """
    rows = check_start(set_file, folder)
    versions = subject.versions()
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / ROWS_FILE, [row_to_object(row) for row in rows])
    digest = hashlib.sha256((folder / ROWS_FILE).read_bytes()).hexdigest()[:16]
    about = {"name": set_file.name, "rows": len(rows), "sha256": digest}
    write_json(folder / RUN_FILE, {"set": about, "as_of": as_of.isoformat(), **versions})


def check_start(set_file: Path, folder: Path | None) -> tuple[Row, ...]:
    """The rows of a set that may be run into `folder` (None: a fresh one).

    Raises:
        ValueError: the set is wrong, or `folder` holds a run already.
    """
    rows = load_rows(set_file)
    if folder is not None and (folder / RUN_FILE).exists():
        raise ValueError(f"“{folder}”里已经有一次运行;请换一个文件夹,或用 `--resume {folder}` 继续它。")
    return rows


def proceed(folder: Path, subject: Subject, options: Options = DEFAULT_OPTIONS) -> Run:
    """Ask what has not been asked yet, and complete the run in `folder`.

    Raises:
        ValueError: `folder` holds no run, is damaged, or was started with other versions.
        RunStoppedError: `options.stop` said so.
    """
    info = read_info(folder)
    _check_versions(info, subject.versions(), folder)
    rows = load_rows(folder / ROWS_FILE)
    day = date.fromisoformat(info["as_of"])
    _drop_torn_line(folder / ANSWERS_FILE)
    _drop_torn_line(folder / TIMES_FILE)
    done = {record.id for record in read_records(folder)}
    waiting = [row for row in rows if row.id not in done]
    with tqdm(
        total=len(rows), initial=len(done), desc="评测", unit="题", disable=None if options.progress else True
    ) as bar:
        for record, latency_ms in _Workers(subject, day, waiting, options).results():
            # The time first: an answer without a time would lose it, a time without an answer is asked again.
            append_line(folder / TIMES_FILE, {"id": record.id, "latency_ms": round(latency_ms, 1)})
            append_line(folder / ANSWERS_FILE, record)
            bar.update()
    if options.stop() and len(read_records(folder)) < len(rows):
        raise RunStoppedError("评测已停止。", "已回答的题目保留着,可以接着运行。")
    return _complete(folder, rows, subject)


def _check_versions(info: dict[str, Any], versions: dict[str, Any], folder: Path) -> None:
    names = {
        "settings": "设置",
        "embedding": "嵌入模型",
        "corpus": "收录的政策",
        "index": "索引",
        "prompts": "提示词",
        "code": "程序",
    }
    changed = [title for name, title in names.items() if info.get(name) != versions.get(name)]
    if changed:
        raise ValueError(f"“{folder}”的运行开始之后,{'、'.join(changed)}已经变化,不能接着运行,请重新开始一次。")


def _drop_torn_line(path: Path) -> None:
    """Take away a last line that a kill has cut short, so that the next one begins at a line start."""
    if path.is_file() and not path.read_bytes().endswith(b"\n"):
        write_whole(path, b"".join(line + b"\n" for line in whole_lines(path)))


def _complete(folder: Path, rows: Sequence[Row], subject: Subject) -> Run:
    """Put the answers in the order of the questions, and keep the clauses that they and the set name."""
    records = {record.id: record for record in read_records(folder)}
    ordered = in_row_order(rows, records)
    write_lines(folder / ANSWERS_FILE, ordered)
    write_json(folder / CLAUSES_FILE, _named_clauses(rows, ordered, subject))
    run = read_run(folder)
    write_json(folder / METRICS_FILE, metrics_object(summarise(run)))
    return run


def _named_clauses(rows: Sequence[Row], records: Sequence[Record], subject: Subject) -> tuple[ClauseText, ...]:
    wanted = {clause for row in rows for clause in row.clauses}
    answers = [record.answer for record in records if record.answer is not None]
    wanted |= {(cited.policy.title, cited.path) for answer in answers for cited in answer.citations}
    return subject.clauses(wanted)


def metrics_object(summary: Summary) -> dict[str, Any]:
    """`metrics.json`: no times, so equal for equal answers."""
    return {
        "rows": len(summary.cases),
        "overall": dict(summary.overall),
        "by_category": {category: dict(found) for category, found in summary.by_category.items()},
        "failed_steps": {step.name.lower(): count for step, count in summary.steps.items()},
        "failing": [case.outcome.row.id for case in summary.failing],
    }


class _Attempt:
    """Whatever asking a question raises is its result, recorded with the reason."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.reason: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        logger.info("question %s failed", self._row.id, exc_info=error)
        self.reason = f"{type(error).__name__}:{' '.join(str(error).split())}"
        return True


Result = tuple[Record, float]


class _Workers:
    """Threads that take questions from one list.

    A thread cannot be stopped from outside. One that is over its time is left to itself as a daemon, its question
    counts as failed, and another thread takes its place.
    """

    def __init__(self, subject: Subject, day: date, rows: Sequence[Row], options: Options) -> None:
        self._subject = subject
        self._day = day
        self._options = options
        self._waiting = deque(rows)
        self._left = {row.id for row in rows}
        self._lock = threading.Lock()
        self._running: dict[int, tuple[Row, float]] = {}
        self._retired: set[int] = set()
        self._started = 0
        self._done: queue.SimpleQueue[Result] = queue.SimpleQueue()

    def results(self) -> Iterator[Result]:
        """Records with their milliseconds, as they come."""
        for _ in range(min(self._options.workers, len(self._waiting))):
            self._start_thread()
        try:
            while self._left and not self._options.stop():
                for result in [*self._finished(), *self._overdue()]:
                    self._left.discard(result[0].id)
                    yield result
        finally:
            with self._lock:
                self._waiting.clear()

    def _start_thread(self) -> None:
        self._started += 1
        threading.Thread(target=self._work, args=(self._started,), name=f"eval-{self._started}", daemon=True).start()

    def _finished(self) -> list[Result]:
        try:
            return [self._done.get(timeout=_POLL_SECONDS)]
        except queue.Empty:
            return []

    def _overdue(self) -> list[Result]:
        limit = self._options.limit_seconds
        now = time.monotonic()
        with self._lock:
            late = {worker: row for worker, (row, since) in self._running.items() if now - since > limit}
            for worker in late:
                del self._running[worker]
            self._retired |= set(late)
        for _ in late:
            self._start_thread()
        return [(Record(row.id, None, f"超过每题 {limit:g} 秒的时限。"), limit * 1000) for row in late.values()]

    def _work(self, worker: int) -> None:
        while (row := self._next(worker)) is not None:
            result = self._ask(row)
            with self._lock:
                gone = worker in self._retired
                self._running.pop(worker, None)
                # Under the lock: a thread is given up, or its answer counts, never both.
                if not gone:
                    self._done.put(result)
            if gone:
                return

    def _next(self, worker: int) -> Row | None:
        with self._lock:
            if not self._waiting:
                return None
            row = self._waiting.popleft()
            self._running[worker] = (row, time.monotonic())
            return row

    def _ask(self, row: Row) -> Result:
        started = time.perf_counter()
        with _Attempt(row) as attempt:
            given, latency_ms = self._subject.answer(row.question, row.history, row.as_of or self._day)
            return Record(row.id, given, None, self._subject.rank(row.question, row.history)), latency_ms
        return Record(row.id, None, attempt.reason), (time.perf_counter() - started) * 1000
