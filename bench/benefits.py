"""What reading benefits costs beside parsing: `python -m bench benefits` prints one JSON object.

The baseline is the parsing of the same documents, in the same run; `ratio` is how many times as long the benefits take.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from tqdm import tqdm

from index.benefits import extract
from index.parse import parse
from index.read import read_file

CORPUS = Path(__file__).parents[1] / "corpus"
ROUNDS = 5


def measure(folder: Path = CORPUS) -> dict[str, float]:
    """Milliseconds for 6,000 characters, the least of `ROUNDS`, and the ratio."""
    raw = [read_file(path) for path in sorted(folder.iterdir()) if path.suffix in (".md", ".txt")]
    editions = [parse(one) for one in raw]
    size = sum(len(clause.text) for one in editions for clause in one.clauses)
    parsing, reading = [], []
    for _ in tqdm(range(ROUNDS), desc="benefits", disable=None):
        start = time.process_time()
        for one in raw:
            parse(one)
        middle = time.process_time()
        for edition in editions:
            extract(edition.clauses, edition.facts)
        parsing.append(middle - start)
        reading.append(time.process_time() - middle)
    scale = 6000 / size * 1000
    return {
        "characters": size,
        "parse_ms": round(min(parsing) * scale, 2),
        "benefits_ms": round(min(reading) * scale, 2),
        "ratio": round(min(reading) / min(parsing), 2),
    }


def main() -> None:
    """Print the figures."""
    print(json.dumps({"baseline": "parsing", **measure()}, ensure_ascii=False))


if __name__ == "__main__":
    main()
