"""How long an answer takes, part by part, and what the chat page costs: `python -m bench.answer [--rounds N]`.

Measured over an index of the shipped corpus in a folder of its own:

- warm answers: median and 95th percentile of the whole and of its parts (understand, embed, search, compose, verify);
  the questions are those of the shipped evaluation set, every round in another order, after one round to warm up;
- the baseline `bm25_only`: the best chunk of a BM25 search, without dense search, judging or sentences;
- the chat page: seconds until it is served and resident memory after an answer, in a process of its own.

Prints JSON; `ratio` is against the baseline's median.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from unittest.mock import patch

from bench.served import QUESTION_SET, serving
from bench.times import summary
from index.settings import PROJECT_ROOT, Settings, get_settings
from rag.answer import AnswerEngine
from rag.answering import Answering
from rag.compose import compose
from rag.retrieve import regions_of, retrieve, searched
from rag.terms import presence
from rag.understand import understand
from rag.verify import verified

Figures = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

BASELINE = "bm25_only"
PARTS = ("understand", "embed", "search", "compose", "read", "verify")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.answer", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="how often every question is asked")
    # `python -m bench` has words of its own on the command line.
    options = parser.parse_args([] if arguments is None and not sys.argv[0].endswith("answer.py") else arguments)
    print(json.dumps(run(rounds=options.rounds), ensure_ascii=False, indent=2))
    return 0


def run(*, rounds: int) -> Figures:
    """All figures as one JSON object; times in ms unless the name says seconds."""
    from index.build import build

    with tempfile.TemporaryDirectory(prefix="policyqa-bench-") as scratch:
        settings = Settings(data_dir=Path(scratch), model_cache=get_settings().models_dir)
        build([PROJECT_ROOT / "corpus"], settings=settings)
        started = time.perf_counter()
        engine = AnswerEngine.from_settings(settings)
        questions = [json.loads(line)["question"] for line in QUESTION_SET.read_text(encoding="utf-8").splitlines()]
        engine.answer(questions[0])
        first = round(time.perf_counter() - started, 3)
        for question in questions:
            engine.answer(question)
        figures = warm_answers(engine, questions, rounds=rounds)
        return {
            "questions": len(questions),
            "rounds": rounds,
            "first_answer_seconds": first,
            "baseline": BASELINE,
            **figures,
            "page": page_figures(settings),
        }


def warm_answers(engine: AnswerEngine, questions: Sequence[str], *, rounds: int) -> Figures:
    """Times of whole answers, of their parts and of the baseline."""
    whole: list[float] = []
    base: list[float] = []
    parts: dict[str, list[float]] = {part: [] for part in PARTS}
    for question in list(questions) * rounds:
        _forget(engine)
        whole.append(_milliseconds(partial(engine.answer, question)))
        base.append(_milliseconds(partial(bm25_only, engine, question)))
        for part, took in _parts(engine, question).items():
            parts[part].append(took)
    baseline, answers = summary(base), summary(whole)
    answers["ratio"] = round(answers["median_ms"] / baseline["median_ms"], 2)
    return {"answer": answers, BASELINE: baseline, "parts": {part: summary(times) for part, times in parts.items()}}


def bm25_only(engine: AnswerEngine, question: str) -> str:
    """The named baseline: the text of the best chunk of a BM25 search."""
    reader = engine.reader()
    hits = reader.bm25_search(question, 1)
    return reader.chunk(hits[0].chunk_id).text if hits else ""


def _parts(engine: AnswerEngine, question: str) -> dict[str, float]:
    """Milliseconds of each step of one answer."""
    reader = engine.reader()
    lens = engine.lens(reader)
    marks = [time.perf_counter()]
    understood = understand(question, lexicon=lens.lexicon)
    marks.append(time.perf_counter())
    vector = engine.embeddings.embed_question(searched(understood, regions_of(reader)))
    marks.append(time.perf_counter())
    found = retrieve(reader, understood, vector)
    marks.append(time.perf_counter())
    checked: list[float] = []
    seen: list[float] = []
    _forget(engine)
    # Clauses are read, and statements checked, while composing, and both are timed there.
    with (
        patch("rag.compose.checked.verified", _timed(verified, checked)),
        patch.object(Answering, "log_odds", _timed(Answering.log_odds, seen)),
    ):
        compose(reader, understood, found, lens, as_of=date.today())
    marks.append(time.perf_counter())
    took = {part: (after - before) * 1000 for part, (before, after) in zip(PARTS, pairwise(marks), strict=False)}
    within = {"read": sum(seen) * 1000, "verify": sum(checked) * 1000}
    return {**took, **within, "compose": took["compose"] - sum(within.values())}


def _forget(engine: AnswerEngine) -> None:
    """A question that was asked before is no faster for it."""
    presence.cache_clear()
    answering = engine.lens(engine.reader()).answering
    if answering is not None:
        answering.forget()


def _timed(function: Callable[P, R], seconds: list[float]) -> Callable[P, R]:
    """`function`, which adds how long each call takes to `seconds`."""

    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - started)

    return timed


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def page_figures(settings: Settings) -> Figures:
    """Start time and memory of the chat page, and which heavy modules it has loaded."""
    import psutil

    with serving(settings) as page:
        # The page warms up with an answer of its own; memory has settled after it.
        time.sleep(5)
        memory = page.resident_mb()
        libraries = {Path(mapped.path).name for mapped in psutil.Process(page.pid).memory_maps()}
    torch = any(name.startswith("libtorch") for name in libraries)
    return {
        "served": bool(page.address),
        "start_seconds": page.start_seconds,
        "rss_mb": round(memory),
        "torch_loaded": torch,
    }


if __name__ == "__main__":
    sys.exit(main())
