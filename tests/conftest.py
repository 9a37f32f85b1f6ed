"""What every test runs under: own data folder, no way out to the network, telemetry off, one shared model cache."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import netguard
import pytest
from hypothesis import HealthCheck, settings

from index.offline import HUB_OFFLINE, TELEMETRY_OFF, disable_telemetry

PROJECT_ROOT = Path(__file__).resolve().parents[1]
SESSION_ROOT = pytest.StashKey[Path]()
VIOLATION_LOG = pytest.StashKey[Path]()
# How the controller tells its pytest-xdist workers where the session's folder is.
ROOT_VARIABLE = "POLICYQA_TEST_ROOT"
# What a caller may say to the tests themselves; all other settings of the product are removed.
TEST_VARIABLES = (ROOT_VARIABLE, "POLICYQA_TEST_KILLS", "POLICYQA_SCREENSHOT_DIR")


def _isolated_environment(folder: Path) -> dict[str, str]:
    return {
        **TELEMETRY_OFF,
        **HUB_OFFLINE,
        **netguard.environment(folder / "violations.jsonl"),
        "POLICYQA_DATA_DIR": str(folder / "data"),
        # Unpacking the model takes seconds, so all sessions share one; a lock file orders the first writers.
        "POLICYQA_MODEL_CACHE": os.environ.get("POLICYQA_MODEL_CACHE", str(PROJECT_ROOT / "var" / "models")),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
    }


def pytest_configure(config: pytest.Config) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER") if hasattr(config, "workerinput") else None
    if worker is None:
        config.stash[SESSION_ROOT] = Path(tempfile.mkdtemp(prefix="policyqa-tests-"))
        os.environ[ROOT_VARIABLE] = str(config.stash[SESSION_ROOT])
    folder = Path(os.environ[ROOT_VARIABLE]) / (worker or "main")
    folder.mkdir()
    environment = _isolated_environment(folder)
    for name in [name for name in os.environ if name.startswith("POLICYQA_") and name not in TEST_VARIABLES]:
        del os.environ[name]
    os.environ.update(environment)
    config.stash[VIOLATION_LOG] = folder / "violations.jsonl"
    netguard.install()
    disable_telemetry()
    # Two workers share two cores with a language model: wall-clock deadlines of single examples mean nothing.
    settings.register_profile(
        "policyqa",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
        derandomize="CI" in os.environ,  # a change is judged on the same examples each time
    )
    settings.load_profile("policyqa")


def pytest_unconfigure(config: pytest.Config) -> None:
    root = config.stash.get(SESSION_ROOT, None)
    if root is not None:
        shutil.rmtree(root, ignore_errors=True)
        os.environ.pop(ROOT_VARIABLE, None)


def _session_violations(config: pytest.Config) -> list[str]:
    logs = sorted(config.stash[SESSION_ROOT].glob("*/violations.jsonl"))
    return [str(violation) for log in logs for violation in netguard.violations(log)]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if SESSION_ROOT in session.config.stash and _session_violations(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    violations = _session_violations(config) if SESSION_ROOT in config.stash else []
    if violations:
        terminalreporter.section("outbound connections that were refused", red=True)
        for violation in violations:
            terminalreporter.line(violation)


@pytest.fixture(autouse=True)
def _no_outbound_connection(pytestconfig: pytest.Config) -> Iterator[None]:
    log = pytestconfig.stash[VIOLATION_LOG]
    before = len(netguard.violations(log))
    yield
    after = netguard.violations(log)[before:]
    if after:
        pytest.fail(f"outbound connections during the test: {after}", pytrace=False)


@pytest.fixture(scope="session")
def project_root() -> Path:
    return PROJECT_ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of originals beside the checkout; tests that need it are skipped where it is absent."""
    folder = PROJECT_ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of originals, ../shared, is not here")
    return folder
