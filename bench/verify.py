"""How many wrong answers the check catches, and how many right ones it rejects: `python -m bench.verify --json`.

Right answers are quotes, paraphrases of structured benefits, and answers written by hand, over the shipped corpus
and the invented policies; wrong ones are made of them by `bench.verify_attacks`. The rules were tuned on one half of
the policies (`tuned`); `held_out` is the other half. Also measured: the time to check an answer of five sentences.

Exit code 1 where less than 99% of the wrong answers are caught or more than 1% of the right ones are rejected.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.verify_answers import Right, documents, right_answers
from bench.verify_attacks import Wrong, attacks
from rag.verify import Source, check_text

Figures = dict[str, Any]

CAUGHT, REJECTED = 0.99, 0.01
LIMIT = 8000
_SHOWN = 400


def passes(text: str, sources: Sequence[Source], question: str, derived: Sequence[str]) -> bool:
    """Whether an answer passes the check whole."""
    return check_text(text, sources, question=question, calculations=derived).ok


def measure(
    names: Sequence[str], *, limit: int | None = None, seed: int = 7
) -> tuple[Figures, list[Right], list[Wrong]]:
    """Shares caught and rejected over the policies `names`, with the right answers rejected and wrong ones missed.

    Args:
        limit: number of wrong answers, drawn with `seed`; all where it is None.
    """
    right = right_answers(names)
    rejected = [one for one in right if not passes(one.text, one.sources, one.question, one.derived)]
    refused = set(map(id, rejected))
    made = _wrong_answers([one for one in right if id(one) not in refused], right, limit, random.Random(seed))
    missed = [w for w in made if passes(w.text, w.sources, w.question, w.right.derived)]
    total, escaped = Counter(w.kind for w in made), Counter(w.kind for w in missed)
    figures = {
        "right": len(right),
        "rejected": len(rejected),
        "rejected_share": round(len(rejected) / len(right), 4),
        "rejected_by_origin": dict(Counter(one.made for one in rejected)),
        "right_by_origin": dict(Counter(one.made for one in right)),
        "wrong": len(made),
        "caught_share": round(1 - len(missed) / len(made), 4),
        "caught_by_kind": {
            kind: {"made": total[kind], "caught": round(1 - escaped[kind] / total[kind], 4)} for kind in sorted(total)
        },
    }
    return figures, rejected, missed


def _wrong_answers(bases: list[Right], pool: Sequence[Right], limit: int | None, chance: random.Random) -> list[Wrong]:
    """Wrong answers made of `bases`; with a limit, of so many of them as give twice the number, then drawn."""
    if limit is None:
        return [wrong for one in bases for wrong in attacks(one, pool)]
    chance.shuffle(bases)
    made: list[Wrong] = []
    for one in bases:
        if len(made) >= 2 * limit:
            break
        made += attacks(one, pool)
    return chance.sample(made, min(limit, len(made)))


def speed(right: Sequence[Right]) -> Figures:
    """Milliseconds to check an answer of five sentences: the median and the slowest of a hundred."""
    times = []
    for at in range(0, min(len(right) - 5, 500), 5):
        group = right[at : at + 5]
        text = "\n".join(one.text.replace("[1]", f"[{n}]") for n, one in enumerate(group, start=1))
        sources = [_renumbered(one, n) for n, one in enumerate(group, start=1)]
        started = time.perf_counter()
        check_text(text, sources)
        times.append((time.perf_counter() - started) * 1000)
    return {"median_ms": round(statistics.median(times), 2), "slowest_ms": round(max(times), 2)}


def _renumbered(right: Right, marker: int) -> Source:
    return replace(right.sources[0], marker=marker)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.verify", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print figures only, as JSON")
    parser.add_argument("--limit", type=int, default=LIMIT, help="wrong answers drawn a half; 0 takes all")
    parser.add_argument("--part", choices=("tuned", "held_out"), help="one half only")
    # `python -m bench` hands its own words to no benchmark.
    options = parser.parse_args([] if arguments is None else arguments)
    halves = dict(zip(("tuned", "held_out"), documents(), strict=True))
    results: Figures = {}
    good = True
    for name, names in halves.items():
        if options.part in (None, name):
            results[name], rejected, missed = measure(names, limit=options.limit or None)
            good = good and results[name]["caught_share"] >= CAUGHT and results[name]["rejected_share"] <= REJECTED
            if arguments is not None and not options.json:
                _show(rejected, missed)
    results["speed"] = speed([one for one in right_answers(halves["tuned"]) if one.made == "template"])
    print(json.dumps(results, ensure_ascii=False, indent=2))
    return 0 if good else 1


def _show(rejected: Sequence[Right], missed: Sequence[Wrong]) -> None:
    """What went wrong, on stderr."""
    for one in rejected[:_SHOWN]:
        problems = check_text(one.text, one.sources, question=one.question, calculations=one.derived).problems
        print(f"rejected {one.made} {one.document} {one.text}\n    {problems[0].message}", file=sys.stderr)
    for wrong in missed[:_SHOWN]:
        print(f"missed {wrong.kind} {wrong.right.document} {wrong.text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
