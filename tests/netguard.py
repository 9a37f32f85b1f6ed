"""Refuses and records every outbound connection of this process; loopback and unix sockets pass.

The guard is an audit hook (PEP 578): it sees connects and name look-ups of every Python library, whichever
way it reached the socket module, and cannot be taken out again. Child Python processes are guarded by
`tests/sitecustomize/`, which `environment` puts on their PYTHONPATH. A violation is raised where it happens and
also appended to the log file, because libraries swallow connection errors and report from threads.

Not seen: sockets opened by native code (Chromium, Rust, C++) and children started with `-I`, `-S` or without
the parent's environment. `.ci/run` therefore runs the suite in a network namespace without a way out as well.
"""

from __future__ import annotations

import ipaddress
import json
import os
import platform
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LOG_VARIABLE = "POLICYQA_NETGUARD_LOG"
"""Names the file to which every guarded process appends its violations, one JSON object a line."""

LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", platform.node().lower()})
_EXPECTED = threading.local()
_installed = False


class OutboundConnectionError(ConnectionRefusedError):
    """A test tried to leave the machine."""


def is_local_host(host: object) -> bool:
    """True for a missing host, a loopback or unspecified address, or this machine's own name."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name.rstrip(".").lower() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.split("%", 1)[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_local_address(address: object) -> bool:
    """True for a unix socket path, a netlink address, or an (host, port, …) tuple with a local host."""
    if not isinstance(address, tuple):
        return True
    return not isinstance(address[0], str | bytes) or is_local_host(address[0])


def _connect_target(args: tuple[Any, ...]) -> str | None:
    address = args[1]
    return None if is_local_address(address) else str(address)


def _name_target(args: tuple[Any, ...]) -> str | None:
    return None if is_local_host(args[0]) else str(args[0])


def _sockaddr_target(args: tuple[Any, ...]) -> str | None:
    return None if is_local_address(args[0]) else str(args[0])


_TARGETS: Mapping[str, Callable[[tuple[Any, ...]], str | None]] = {
    "socket.connect": _connect_target,
    "socket.sendto": _connect_target,
    "socket.sendmsg": _connect_target,
    "socket.getaddrinfo": _name_target,
    "socket.gethostbyname": _name_target,
    "socket.gethostbyaddr": _name_target,
    "socket.getnameinfo": _sockaddr_target,
}


def _hook(event: str, args: tuple[Any, ...]) -> None:
    target_of = _TARGETS.get(event)
    if target_of is None:
        return
    target = target_of(args)
    if target is None:
        return
    _record(event, target)
    raise OutboundConnectionError(111, f"outbound connection refused by the test guard: {event} {target}")


def _record(event: str, target: str) -> None:
    log = getattr(_EXPECTED, "log", None) or os.environ.get(LOG_VARIABLE)
    if not log:
        return
    stack = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_stack()[-8:-2]]
    entry = {
        "pid": os.getpid(),
        "command": sys.argv[:4],
        "test": os.environ.get("PYTEST_CURRENT_TEST"),
        "event": event,
        "target": target,
        "stack": stack,
    }
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def install() -> None:
    """Guard this process from here on; a second call changes nothing."""
    global _installed
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)


def environment(log: Path) -> dict[str, str]:
    """The variables under which this process's Python children are guarded and write to `log`."""
    folder = str(Path(__file__).resolve().parent / "sitecustomize")
    inherited = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != folder]
    return {LOG_VARIABLE: str(log), "PYTHONPATH": os.pathsep.join([folder, *inherited])}


def violations(log: Path) -> list[dict[str, Any]]:
    """The violations recorded in `log`, oldest first; empty where the file is missing."""
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def expected(log: Path) -> Iterator[None]:
    """Record this thread's violations in `log` instead of the session's log, for tests of the guard itself."""
    _EXPECTED.log = str(log)
    try:
        yield
    finally:
        del _EXPECTED.log
