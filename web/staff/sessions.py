"""Sessions of signed-in staff, kept on the server; the browser has a random token and nothing else."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

COOKIE = "policyqa_staff"


@dataclass
class _Session:
    name: str
    seen: float


@dataclass
class Sessions:
    """Sessions in memory, so a restarted server asks everybody to sign in again. Thread-safe.

    Attributes:
        idle: seconds without a request after which a session ends.
        clock: seconds that only go forward.
    """

    idle: float
    clock: Callable[[], float] = time.monotonic
    _sessions: dict[str, _Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, name: str) -> str:
        """Begin a session of an account; gives its token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._drop_idle()
            self._sessions[_key(token)] = _Session(name, self.clock())
        return token

    def name(self, token: str) -> str | None:
        """The account of a token, whose session goes on; None where it has ended or never was."""
        with self._lock:
            self._drop_idle()
            session = self._sessions.get(_key(token))
            if session is None:
                return None
            session.seen = self.clock()
            return session.name

    def close(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(_key(token), None)

    def _drop_idle(self) -> None:
        now = self.clock()
        for key in [key for key, session in self._sessions.items() if now - session.seen > self.idle]:
            del self._sessions[key]


def _key(token: str) -> str:
    """What is kept of a token: looking up its hash tells nothing about it by the time it takes."""
    return hashlib.sha256(token.encode()).hexdigest()
