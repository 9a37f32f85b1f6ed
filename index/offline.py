"""Switches off what the libraries would send home, and keeps the model hub out of the way.

`disable_telemetry` is called by every entry point (`python -m index`, `python -m rag`, `app.py` …) before it
imports a heavy library, because most libraries read these variables once, at import.

What each switch is for:

- gradio: GRADIO_ANALYTICS_ENABLED (launch events and the version check).
- huggingface_hub, transformers: HF_HUB_DISABLE_TELEMETRY, and the offline switches, without which a model in
  a local folder can still make the hub be asked for its metadata.
- langchain / langsmith: the tracing variables, old and current names.
- openvino: `openvino.convert_model` reports through the package `openvino_telemetry`, which sends unless a
  consent file in the user's home says no or the process looks like a CI job; there is no variable for it.
  OpenVINO falls back to its own empty stub where that package cannot be imported, so it is masked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType

TELEMETRY_OFF: Mapping[str, str] = MappingProxyType(
    {
        "DO_NOT_TRACK": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "LANGCHAIN_TRACING_V2": "false",
        "LANGSMITH_TRACING": "false",
    }
)
"""Variables that stop a library from reporting usage."""

HUB_OFFLINE: Mapping[str, str] = MappingProxyType({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"})
"""Variables that make the model hub fail at once instead of after time-outs."""

_OPENVINO_TELEMETRY = "openvino_telemetry"


def disable_telemetry() -> None:
    """Set the switches for this process and its children; a variable that is already set is left as it is.

    Call it before torch, transformers, gradio, langchain or openvino is imported. A person who wants a model
    from the hub sets HF_HUB_OFFLINE=0 for the first build.
    """
    for name, value in TELEMETRY_OFF.items():
        os.environ.setdefault(name, value)
    # One switch for both: the second one would keep transformers off line after HF_HUB_OFFLINE=0.
    if "HF_HUB_OFFLINE" in os.environ:
        os.environ.setdefault("TRANSFORMERS_OFFLINE", os.environ["HF_HUB_OFFLINE"])
    for name, value in HUB_OFFLINE.items():
        os.environ.setdefault(name, value)
    # None in sys.modules makes `import openvino_telemetry` raise ImportError.
    sys.modules.setdefault(_OPENVINO_TELEMETRY, None)  # type: ignore[arg-type]
