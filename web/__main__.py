"""Entry point of `python -m web`."""

from __future__ import annotations

import sys

from index.offline import disable_telemetry
from web.cli import main

if __name__ == "__main__":
    disable_telemetry()
    sys.exit(main())
