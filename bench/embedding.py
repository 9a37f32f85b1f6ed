"""Embedding speed and memory: OpenVINO against sentence-transformers on PyTorch, same model, same texts.

Each engine runs in a process of its own. Query latency is that of one question at a time after a warm-up, in ms;
passages are embedded all together, in texts per second (the median of the rounds); loading is from the call to the
finished model, libraries included; memory is the peak of the resident set of the process, in MB.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from index.offline import disable_telemetry
from index.settings import PROJECT_ROOT, Settings, get_settings

ENGINES = ("openvino", "sentence-transformers")
"""The project's default, and the named baseline."""

QUERY_ROUNDS = 60
PASSAGES = 200
PASSAGE_ROUNDS = 3
MEGABYTE = 1 << 20

QUESTIONS = (
    "首次上规的企业奖励多少钱?",
    "我们被认定为国家级制造业单项冠军,能拿多少奖励",
    "技术改造项目的补助比例和上限是多少",
    "这份政策的有效期到什么时候?",
    "申报省级企业技术中心需要满足哪些条件,由哪个部门负责受理",
)


def main() -> None:
    """Run the engines and print one JSON object on stdout."""
    load_average = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    # Unpacking and converting happen once for a machine; they are timed apart, and only where they happen.
    first = _once(get_settings())
    results = {engine: _measure_in_child(engine) for engine in ENGINES}
    ours, baseline = (results[engine] for engine in ENGINES)
    report = {
        "texts": {"questions": len(QUESTIONS), "passages": PASSAGES},
        # Above a few tenths, other work shares the CPUs and the figures mean little.
        "machine": {"cpus": os.cpu_count(), "load_average_before": load_average},
        "unpack_and_convert_s": first,
        "engines": results,
        "ratios": ratios(ours, baseline),
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))


def ratios(ours: Mapping[str, float], baseline: Mapping[str, float]) -> dict[str, float]:
    """How many times better `ours` is; above 1 is better for every measure."""
    found = {name: ours[name] / baseline[name] for name in ("passages_per_s",)}
    lower_is_better = ("query_ms_median", "query_ms_p95", "load_s", "peak_rss_mb")
    found |= {name: baseline[name] / ours[name] for name in lower_is_better}
    return {name: round(value, 2) for name, value in found.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def passages() -> list[str]:
    """Texts of the length of clauses: the paragraphs of the project's corpus, repeated to the number wanted."""
    paragraphs = [
        line.strip()
        for path in sorted((PROJECT_ROOT / "corpus").glob("*.md"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if len(line.strip()) > 20
    ]
    found = paragraphs or [f"{question}符合条件的企业可以向主管部门提出申请。" for question in QUESTIONS]
    return [found[at % len(found)] for at in range(PASSAGES)]


def _once(settings: Settings) -> float | None:
    """Seconds of the first load on this machine; None where the converted model is there already."""
    from index.embed import load_embeddings
    from index.embed.graph import GRAPH_FOLDER

    done = any(settings.models_dir.glob(f"*/{GRAPH_FOLDER}"))
    started = time.perf_counter()
    load_embeddings(settings)
    return None if done else round(time.perf_counter() - started, 2)


def _measure_in_child(engine: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.embedding", "--engine", engine],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure(engine: str) -> dict[str, float]:
    """All figures of one engine, in this process."""
    started = time.perf_counter()
    ask, embed = _open(engine)
    load = time.perf_counter() - started
    ask(QUESTIONS[0])
    latencies = [_seconds(partial(ask, QUESTIONS[at % len(QUESTIONS)])) for at in range(QUERY_ROUNDS)]
    texts = passages()
    rounds = [_seconds(partial(embed, texts)) for _ in range(PASSAGE_ROUNDS)]
    return {
        "query_ms_median": round(median(latencies) * 1000, 2),
        "query_ms_p95": round(percentile(latencies, 0.95) * 1000, 2),
        "passages_per_s": round(len(texts) / median(rounds), 1),
        "load_s": round(load, 2),
        "peak_rss_mb": round(_peak_rss() / MEGABYTE, 0),
    }


def _open(engine: str) -> tuple[Callable[[str], Any], Callable[[list[str]], Any]]:
    """The functions that embed one question and many passages."""
    if engine == "openvino":
        from index.embed import load_embeddings

        embeddings = load_embeddings(get_settings().model_copy(update={"embedding_engine": "openvino"}))
        return embeddings.embed_question, embeddings.embed_passages
    from sentence_transformers import SentenceTransformer

    from index.embed.source import find_model

    model = SentenceTransformer(str(find_model(get_settings()).folder), device="cpu", local_files_only=True)
    return (
        lambda text: model.encode_query(text, show_progress_bar=False),
        lambda texts: model.encode_document(texts, show_progress_bar=False),
    )


def _seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _peak_rss() -> int:
    """Peak of the resident set of this process, in bytes."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import psutil

    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    disable_telemetry()
    if sys.argv[1:2] == ["--engine"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        main()
