"""Guards a child Python process of the test suite; found through PYTHONPATH at interpreter start."""

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("netguard", Path(__file__).resolve().parents[1] / "netguard.py")
if _spec is not None and _spec.loader is not None:
    _netguard = importlib.util.module_from_spec(_spec)
    # Under its own name, so that a pytest-xdist worker that imports it gets this guard and not a second one.
    sys.modules["netguard"] = _netguard
    _spec.loader.exec_module(_netguard)
    _netguard.install()
