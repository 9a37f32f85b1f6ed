"""Work in the background of the server: one thing after the other, with its progress for the pages."""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from index.errors import PolicyQAError

logger = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "failed"]
FAILED = "程序出错,没有做完;详情见服务器日志。"
_KEPT = 200


@dataclass
class Job:
    """One piece of work.

    Attributes:
        by: name of the account that asked for it.
        step, done, total: where it is; `step` is empty before the first one.
        problem: Chinese sentence where it failed.
        result: what it came to, as JSON.
    """

    id: str
    by: str
    state: State = "waiting"
    step: str = ""
    done: int = 0
    total: int = 0
    problem: str = ""
    result: Any = None

    def tell(self, step: str, done: int, total: int) -> None:
        """Note the progress."""
        self.step, self.done, self.total = step, done, total

    def to_object(self) -> dict[str, Any]:
        """What the page is told."""
        names = ("id", "state", "step", "done", "total", "problem", "result")
        return {name: getattr(self, name) for name in names}


Task = Callable[[Job], Any]


class Attempt:
    """Whatever is raised inside becomes a sentence for the user; what is not meant for users is logged."""

    def __init__(self) -> None:
        self.problem = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if isinstance(error, PolicyQAError | ValueError):
            self.problem = "\n".join([*getattr(error, "details", ()), str(error)])
        elif isinstance(error, OSError):
            self.problem = f"无法读写数据文件夹({error.strerror})。请检查磁盘空间和权限。"
        else:
            logger.error("work in the background failed", exc_info=error)
            self.problem = FAILED
        return True


class Jobs:
    """A queue with `workers` threads, which end with the process."""

    def __init__(self, *, workers: int = 1) -> None:
        self._workers = workers
        self._waiting: queue.SimpleQueue[tuple[Job, Task]] = queue.SimpleQueue()
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._started = False

    def submit(self, by: str, task: Task) -> Job:
        """Queue `task`; what it returns is the job's result."""
        job = Job(secrets.token_hex(8), by)
        with self._lock:
            self._jobs[job.id] = job
            for old in [name for name, one in self._jobs.items() if one.state in ("done", "failed")][:-_KEPT]:
                del self._jobs[old]
            if not self._started:
                self._started = True
                for number in range(self._workers):
                    threading.Thread(target=self._work, name=f"staff-{number}", daemon=True).start()
        self._waiting.put((job, task))
        return job

    def get(self, job_id: str) -> Job | None:
        """The job of an id; None where it is unknown, as after a restart."""
        return self._jobs.get(job_id)

    def _work(self) -> None:
        while True:
            job, task = self._waiting.get()
            job.state = "running"
            with Attempt() as attempt:
                job.result = task(job)
            job.problem = attempt.problem
            job.state = "failed" if attempt.problem else "done"
