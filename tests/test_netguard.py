"""The guard that keeps the test suite off the network, and the switches that keep the product off it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import netguard
import pytest

from index.offline import HUB_OFFLINE, TELEMETRY_OFF

# TEST-NET-1 (RFC 5737): reserved for documentation, never routed.
OUTSIDE = ("192.0.2.1", 80)
OUTSIDE_NAME = "policy.example.invalid"


def _connect_tcp() -> None:
    with socket.socket() as client:
        client.connect(OUTSIDE)


def _connect_ex() -> None:
    with socket.socket() as client:
        client.connect_ex(OUTSIDE)


def _send_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", OUTSIDE)


def _resolve() -> None:
    socket.getaddrinfo(OUTSIDE_NAME, 443)


def _resolve_old_style() -> None:
    socket.gethostbyname(OUTSIDE_NAME)


def _urllib() -> None:
    urllib.request.urlopen(f"http://{OUTSIDE_NAME}/", timeout=5)


def _asyncio() -> None:
    asyncio.run(asyncio.open_connection(*OUTSIDE))


@pytest.mark.parametrize(
    "attempt", [_connect_tcp, _connect_ex, _send_udp, _resolve, _resolve_old_style, _urllib, _asyncio]
)
def test_every_way_out_of_this_process_is_refused_and_recorded(attempt, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with netguard.expected(log), pytest.raises(OSError, match="refused by the test guard"):
        attempt()
    assert OUTSIDE[0] in str(netguard.violations(log)) or OUTSIDE_NAME in str(netguard.violations(log))


def test_a_violation_that_the_program_swallows_is_still_recorded(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"

    def swallow() -> None:
        with netguard.expected(log):
            try:
                _connect_tcp()
            except OSError:
                return

    thread = threading.Thread(target=swallow)
    thread.start()
    thread.join()
    assert [entry["event"] for entry in netguard.violations(log)] == ["socket.connect"]


def test_a_child_process_is_refused_and_recorded(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    code = f"import socket\ntry: socket.create_connection({OUTSIDE!r})\nexcept OSError as error: print(error)"
    child = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, netguard.LOG_VARIABLE: str(log)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "refused by the test guard" in child.stdout
    assert [entry["target"] for entry in netguard.violations(log)] == [str(OUTSIDE[0])]


def test_a_test_that_leaves_the_machine_fails_its_session(tmp_path: Path) -> None:
    """Runs a session of its own whose only test swallows the refused connection."""
    (tmp_path / "test_leak.py").write_text(
        "import socket\n\ndef test_leak():\n    try:\n"
        f"        socket.create_connection({OUTSIDE!r})\n    except OSError:\n        pass\n"
    )
    root = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(root), str(root / "tests"), os.environ["PYTHONPATH"]])
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
    assert "outbound connections during the test" in run.stdout


@pytest.mark.parametrize(
    "address",
    [("127.0.0.1", 1), ("127.8.8.8", 1), ("localhost", 1), ("::1", 1, 0, 0), ("0.0.0.0", 1), "/run/x.sock", b"\0x"],
)
def test_local_addresses_pass(address: object) -> None:
    assert netguard.is_local_address(address)


@pytest.mark.parametrize(
    "address", [("10.0.0.1", 1), ("fe80::1%eth0", 1, 0, 2), ("localhost.example.com", 1), ("1270.0.0.1", 1)]
)
def test_other_addresses_do_not_pass(address: object) -> None:
    assert not netguard.is_local_address(address)


def test_a_loopback_server_is_reachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        connection, _ = server.accept()
        with connection:
            client.sendall(b"policy")
            assert connection.recv(6) == b"policy"


def _child_environment(**extra: str) -> dict[str, str]:
    """The inherited environment without the switches, as a user's shell has it."""
    switched = {*TELEMETRY_OFF, *HUB_OFFLINE, "CI"}
    return {**{name: value for name, value in os.environ.items() if name not in switched}, **extra}


def _run(code: str, *, root: Path, env: dict[str, str]) -> str:
    child = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    return child.stdout.strip()


def test_the_product_switches_telemetry_off_but_leaves_what_the_user_set(project_root: Path) -> None:
    code = (
        "import os\nfrom index.offline import *\ndisable_telemetry()\n"
        "print(os.environ['GRADIO_ANALYTICS_ENABLED'], os.environ['HF_HUB_OFFLINE'], "
        "os.environ['TRANSFORMERS_OFFLINE'], os.environ['DO_NOT_TRACK'])"
    )
    assert _run(code, root=project_root, env=_child_environment()) == "False 1 1 1"
    assert _run(code, root=project_root, env=_child_environment(HF_HUB_OFFLINE="0")) == "False 0 0 1"


def test_the_libraries_obey_the_switches(project_root: Path) -> None:
    code = (
        "from index.offline import disable_telemetry\ndisable_telemetry()\n"
        "import huggingface_hub.constants as hub\nfrom gradio.analytics import analytics_enabled\n"
        "from langsmith.utils import tracing_is_enabled\n"
        "print(hub.HF_HUB_DISABLE_TELEMETRY, hub.is_offline_mode(), analytics_enabled(), bool(tracing_is_enabled()))"
    )
    env = _child_environment()
    assert _run(code, root=project_root, env=env) == "True True False False"


def test_converting_a_model_with_openvino_reports_nothing(project_root: Path, tmp_path: Path) -> None:
    """Without the switch, `convert_model` looks up an analytics host and writes an id into the home folder."""
    code = (
        "from index.offline import disable_telemetry\ndisable_telemetry()\n"
        "import openvino, torch, time\n"
        "openvino.convert_model(torch.nn.Linear(2, 2), example_input=torch.zeros(1, 2))\n"
        "time.sleep(1)\n"  # reports are sent from a thread
    )
    log = tmp_path / "log.jsonl"
    _run(code, root=project_root, env=_child_environment(HOME=str(tmp_path), **{netguard.LOG_VARIABLE: str(log)}))
    assert netguard.violations(log) == []
    assert list(tmp_path.iterdir()) == []
