"""Entry point of `python -m index`."""

from __future__ import annotations

import sys

from index.cli import main
from index.offline import disable_telemetry

if __name__ == "__main__":
    disable_telemetry()
    sys.exit(main())
