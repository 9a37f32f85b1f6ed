"""Parsing time against text length: `python -m bench parsing` prints one JSON object.

Each shape is parsed at an eighth of its length (the baseline) and in full; `growth` is the ratio of the two
times, 8 where time is linear in length and 64 where it is quadratic.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from index.models import RawDocument
from index.parse import parse

SHAPES: dict[str, Callable[[int], str]] = {
    "articles": lambda n: "某某办法\n" + "".join(f"第{i}条 企业应当依法办理事项。\n" for i in range(1, n // 16)),
    "references in one paragraph": lambda n: "某某办法\n一、总则\n" + "企业按照第三条1.2,(一)支持发展" * (n // 17),
    "list starts only": lambda n: "某某办法\n" + "(一)支持企业;" * (n // 8),
    "one line without a stop": lambda n: "企" * n,
    "one paragraph of sentences": lambda n: "某某办法\n一、总则\n" + "企业奖励100万元,支持发展。" * (n // 15),
}
LENGTH = 400_000


def _seconds(text: str) -> float:
    raw = RawDocument(name="bench.txt", format="txt", text=text, sha256="0" * 64)
    start = time.perf_counter()
    parse(raw)
    return time.perf_counter() - start


def measure() -> dict[str, dict[str, float]]:
    """Seconds for an eighth and for the full length, and their ratio, by shape."""
    _seconds("某某办法\n一、总则\n(一)支持企业。")  # libraries are loaded
    results = {}
    for name, shape in SHAPES.items():
        baseline, full = _seconds(shape(LENGTH // 8)), _seconds(shape(LENGTH))
        results[name] = {"eighth_s": round(baseline, 3), "full_s": round(full, 3), "growth": round(full / baseline, 1)}
    return results


def main() -> None:
    """Print the figures."""
    print(json.dumps({"characters": LENGTH, "baseline": "an eighth of the text", **measure()}, ensure_ascii=False))


if __name__ == "__main__":
    main()
