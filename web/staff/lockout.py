"""Failed logins are counted by name and by address; too many of them lock both out for a while."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

FAILURES = 5
"""Failed tries after which a name or an address is locked."""

LOCK_SECONDS = 15 * 60
_KEPT = 10_000


@dataclass
class _Tries:
    """Failures of one name or address; `last` is a monotonic time in seconds."""

    count: int
    last: float


@dataclass
class Lockout:
    """Counts of failures, kept in memory. Thread-safe; tries are made one at a time, so that none escapes the count.

    Attributes:
        clock: seconds that only go forward.
    """

    clock: Callable[[], float] = time.monotonic
    _tries: dict[str, _Tries] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self, keys: Iterable[str], check: Callable[[], bool]) -> tuple[bool, int]:
        """Make a try that counts for `keys`.

        Returns:
            Whether it was right, and the minutes that are left of a lock, 0 without one. Under a lock `check` is not
            called.
        """
        keys = tuple(keys)
        with self._lock:
            left = self._minutes_left(keys)
            if left:
                return False, left
            if check():
                for key in keys:
                    self._tries.pop(key, None)
                return True, 0
            for key in keys:
                self._count(key)
            return False, self._minutes_left(keys)

    def _minutes_left(self, keys: Iterable[str]) -> int:
        now = self.clock()
        left = 0.0
        for key in keys:
            tries = self._tries.get(key)
            if tries is not None and now - tries.last >= LOCK_SECONDS:
                del self._tries[key]
            elif tries is not None and tries.count >= FAILURES:
                left = max(left, LOCK_SECONDS - (now - tries.last))
        return math.ceil(left / 60)

    def _count(self, key: str) -> None:
        now = self.clock()
        before = self._tries.pop(key, None)
        # Put last: the oldest are dropped where a flood of names would fill the memory.
        self._tries[key] = _Tries((before.count if before else 0) + 1, now)
        while len(self._tries) > _KEPT:
            del self._tries[next(iter(self._tries))]
