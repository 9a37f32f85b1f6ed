"""Evaluation runs from the desk: one at a time, in the background, each in its folder under the data folder."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from eval import runner
from eval.metrics.summary import Summary, summarise
from eval.report.write import write_reports
from eval.runs import ANSWERS_FILE, HTML_FILE, METRICS_FILE, RUN_FILE, Run, read_info, read_run, whole_lines, write_json
from eval.subject import EngineSubject
from index.errors import PolicyQAError
from index.settings import Settings
from web.service import AnswerService
from web.staff.work import Attempt

logger = logging.getLogger(__name__)

STATE_FILE = "desk.json"
_NAME = re.compile(r"[\w][\w.-]{0,79}")
_WORKERS = 1
"""Questions at a time: the chat goes on answering beside it."""

_CHANGED = "评测期间收录的政策有变化,前后的题目用的不是同一批政策,结果不宜用来比较。"

Phase = Literal["running", "done", "stopped", "failed", "broken"]


@dataclass(frozen=True, slots=True)
class RunState:
    """How far a run is.

    Attributes:
        phase: "broken" is one that was running when the server stopped; it can be taken up again.
        done, total: questions.
        correct: share of right answers with its interval, of a complete run.
    """

    name: str
    set_name: str
    phase: Phase
    done: int
    total: int
    by: str = ""
    at: str = ""
    problem: str = ""
    correct: Mapping[str, float] | None = None

    @property
    def percent(self) -> int:
        """Share that is done, in percent."""
        return 100 * self.done // self.total if self.total else 0


@dataclass
class _Live:
    """The run that is under way in this process."""

    name: str
    stop: threading.Event


class RunBusyError(PolicyQAError):
    """Another run is under way."""


class EvaluationDesk:
    """The runs of one data folder."""

    def __init__(self, settings: Settings, service: AnswerService) -> None:
        self.folder = settings.data_dir / "runs"
        self._settings = settings
        self._service = service
        self._lock = threading.Lock()
        self._live: _Live | None = None

    def start(self, set_file: Path, by: str) -> str:
        """Start a run of a set in the background; gives its name.

        Raises:
            RunBusyError: another one is under way.
            ValueError: the set is wrong.
            PolicyQAError: model or index cannot be used.
        """
        with self._lock:
            self._check_free()
            folder = self._fresh_folder()
            runner.check_start(set_file, None)
            subject = self._subject()
            runner.start(folder, set_file, subject, as_of=date.today())
            self._begin(folder, subject, by)
        return folder.name

    def resume(self, name: str, by: str) -> None:
        """Go on with a run that was stopped.

        Raises:
            RunBusyError: another one is under way.
            ValueError: there is no such run.
            PolicyQAError: model or index cannot be used.
        """
        with self._lock:
            self._check_free()
            folder = self._folder(name)
            self._begin(folder, self._subject(), by)

    def stop(self) -> None:
        """Ask the run under way to stop after the question it is at."""
        live = self._live
        if live is not None:
            live.stop.set()

    def current(self) -> RunState | None:
        """The run under way."""
        live = self._live
        return self.state(live.name) if live is not None else None

    def history(self) -> list[RunState]:
        """Every run, the latest first; folders that hold none are left out."""
        names = sorted((path.parent.name for path in self.folder.glob(f"*/{RUN_FILE}")), reverse=True)
        return [state for name in names if (state := self.state(name)) is not None]

    def state(self, name: str) -> RunState | None:
        """How far the run of a name is; None where there is none, or it cannot be read."""
        try:
            folder = self._folder(name)
            info = read_info(folder)
            about = info["set"]
            by, at, problem = (str(_said(folder).get(key, "")) for key in ("by", "at", "problem"))
            done = len(whole_lines(folder / ANSWERS_FILE))
            state = RunState(name, str(about["name"]), "broken", done, int(about["rows"]), by, at, problem)
        except (OSError, ValueError, KeyError, TypeError):
            logger.info("no run that can be read in %s", name)
            return None
        live = self._live
        if live is not None and live.name == name:
            return replace(state, phase="running", problem="")
        correct = _correct(folder)
        if correct is not None:
            return replace(state, phase="done", correct=correct)
        if state.problem:
            return replace(state, phase="failed")
        return replace(state, phase="stopped") if _said(folder).get("stopped") else state

    def result(self, name: str) -> tuple[Run, Summary]:
        """A complete run with its figures.

        Raises:
            ValueError: there is no such run, or it is not complete.
        """
        folder = self._folder(name)
        if not (folder / METRICS_FILE).is_file():
            raise ValueError("这次评测没有做完,还没有结果。")
        return _result(folder, (folder / METRICS_FILE).stat().st_mtime_ns)

    def report(self, name: str) -> Path | None:
        """The report of a run as one page; None where there is none."""
        path = self._folder(name) / HTML_FILE
        return path if path.is_file() else None

    def _subject(self) -> EngineSubject:
        engine = self._service.engine()
        engine.warm_up()
        return EngineSubject(engine, self._settings)

    def _check_free(self) -> None:
        if self._live is not None:
            raise RunBusyError("已有一次评测正在进行。", "请等它做完,或先停止它。")

    def _begin(self, folder: Path, subject: EngineSubject, by: str) -> None:
        live = _Live(folder.name, threading.Event())
        note = {"by": by, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        write_json(folder / STATE_FILE, note)
        self._live = live
        arguments = (folder, subject, live, note)
        threading.Thread(target=self._run, args=arguments, name="staff-evaluation", daemon=True).start()

    def _run(self, folder: Path, subject: EngineSubject, live: _Live, note: dict[str, str]) -> None:
        stopped, problem = False, ""
        try:
            with Attempt() as attempt:
                try:
                    options = runner.Options(workers=_WORKERS, stop=live.stop.is_set)
                    write_reports(folder, runner.proceed(folder, subject, options))
                    if subject.versions()["corpus"] != read_info(folder)["corpus"]:
                        problem = _CHANGED
                except runner.RunStoppedError:
                    stopped = True
            with Attempt():
                write_json(folder / STATE_FILE, {**note, "problem": attempt.problem or problem, "stopped": stopped})
        finally:
            self._live = None

    def _fresh_folder(self) -> Path:
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        names = [stamp, *(f"{stamp}-{number}" for number in range(2, 100))]
        return next(self.folder / name for name in names if not (self.folder / name).exists())

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or not (self.folder / name / RUN_FILE).is_file():
            raise ValueError("没有这次评测,它可能已被删除。")
        return self.folder / name


def _said(folder: Path) -> dict[str, Any]:
    """What the desk has noted of a run; nothing for runs of the command line."""
    try:
        value = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _correct(folder: Path) -> Mapping[str, float] | None:
    try:
        found = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))["overall"]["correct"]
        return {name: float(found[name]) for name in ("value", "low", "high")}
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=8)
def _result(folder: Path, changed_at: int) -> tuple[Run, Summary]:
    """Figures take a second to work out; `changed_at` (ns) makes a changed run another one."""
    run = read_run(folder)
    return run, summarise(run)
