"""How long building takes, and what it costs: `python -m bench.build [--scale N] [--kills N] [FOLDER …]`.

Measured, each in its own process so that peak memory is its own:

- first build, an unchanged build, a build after one file changed, removing a policy;
- parsing every file of the folders, without index or model;
- with `--scale N`, the store alone on N synthetic chunks: build and query time and memory;
- with `--kills N`, N builds killed with SIGKILL, and whether the index loaded after each.

Prints JSON; `ratio` is against the first build. Folders default to corpus/ and policies/.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.settings import PROJECT_ROOT, Settings, get_settings

if TYPE_CHECKING:
    from index.store import IndexReader

Figures = dict[str, Any]

BASELINE = "first_build"
_QUERIES = 200
_DIMENSION = 384
_MEGABYTE = 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark, or one step of it in a child process."""
    parser = argparse.ArgumentParser(prog="python -m bench.build", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, help="folders and files to build from")
    parser.add_argument("--scale", type=int, default=0, help="number of synthetic chunks for the store alone")
    parser.add_argument("--kills", type=int, default=0, help="number of builds to kill")
    parser.add_argument("--step", choices=sorted(_STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    folders = options.folders or [PROJECT_ROOT / "corpus", PROJECT_ROOT / "policies"]
    if options.step is not None:
        figures = _STEPS[options.step](_settings(options.data), folders, options.scale)
        print(json.dumps({**figures, "peak_rss_mb": _peak_rss()}))
        return 0
    print(json.dumps(run(folders, scale=options.scale, kills=options.kills), ensure_ascii=False, indent=2))
    return 0


def run(folders: Sequence[Path], *, scale: int = 0, kills: int = 0) -> Figures:
    """All steps in their order, as one JSON object."""
    with tempfile.TemporaryDirectory(prefix="policyqa-bench-") as scratch:
        data = Path(scratch)
        steps: dict[str, Figures] = {}
        # The model is unpacked once a machine, not once a build: it is no part of the first build.
        _step("prepare_model", data, folders, scale)
        names = ["parse", BASELINE, "unchanged_build", "changed_build", "staleness_check", "open_and_query"]
        for name in [*names, *(["scale_build", "scale_query"] if scale else [])]:
            steps[name] = _step(name, data, folders, scale)
        if kills:
            steps["kill_test"] = kill_test(kills)
    base = steps[BASELINE]["seconds"]
    for figures in steps.values():
        if "seconds" in figures:
            figures["ratio"] = round(figures["seconds"] / base, 4)
    return {"baseline": BASELINE, "folders": [str(folder) for folder in folders], "steps": steps}


def _step(name: str, data: Path, folders: Sequence[Path], scale: int) -> Figures:
    command = [sys.executable, "-m", "bench.build", "--step", name, "--data", str(data), "--scale", str(scale)]
    words = [*command, *(str(folder.absolute()) for folder in folders)]
    done = subprocess.run(words, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"step {name} failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _settings(data: Path) -> Settings:
    # The model cache stays the machine's own.
    return Settings(data_dir=data, model_cache=get_settings().models_dir)


def _peak_rss() -> int:
    """Highest resident memory of this process in MB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) // _MEGABYTE


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return round(time.perf_counter() - started, 4), result


def _prepare_model(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    from index.embed import load_embeddings

    seconds, _ = _timed(lambda: load_embeddings(settings))
    return {"seconds": seconds}


def _parse(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    from index.errors import PolicyQAError
    from index.parts import Parts

    parts = Parts.installed()
    files = parts.discover(folders)
    clauses = failed = 0
    started = time.perf_counter()
    for path in files:
        try:
            clauses += len(parts.parse(parts.read(path)).clauses)
        except PolicyQAError:
            failed += 1
    seconds = round(time.perf_counter() - started, 4)
    per_file = round(seconds / max(1, len(files)), 4)
    return {"seconds": seconds, "files": len(files), "failed": failed, "clauses": clauses, "seconds_a_file": per_file}


def _build(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    from index.build import build

    seconds, report = _timed(lambda: build(folders, settings=settings))
    counts = report.manifest.counts
    return {
        "seconds": seconds,
        "policies": counts.policies,
        "clauses": counts.clauses,
        "chunks": counts.chunks,
        "read": len(report.read),
        "failed": len(report.failures),
        "embedded": report.embedded,
    }


def _changed_build(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    """A build with one more file of one clause."""
    extra = settings.data_dir / "changed" / "补充.md"
    extra.parent.mkdir(exist_ok=True)
    extra.write_text("# 关于补充说明的通知\n\n第一条 对首次上规企业给予一次性奖励20万元。\n", encoding="utf-8")
    return _build(settings, [*folders, extra], scale)


def _staleness(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    from index.build import is_stale

    seconds, stale = _timed(lambda: is_stale(settings, folders))
    return {"seconds": seconds, "stale": stale}


def _open_and_query(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    from index.store import IndexReader

    seconds, reader = _timed(lambda: IndexReader.open(settings))
    texts = [chunk.text[-40:] for chunk in reader.chunks()[:_QUERIES]]
    return {"seconds": seconds, "chunks": len(reader), **_query_times(reader, texts)}


def _query_times(reader: IndexReader, texts: Sequence[str]) -> Figures:
    import numpy as np

    vectors = np.random.default_rng(7).standard_normal((len(texts), reader.manifest.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    reader.bm25_search(texts[0], 50)  # The first call loads the dictionary.
    words, _ = _timed(lambda: [reader.bm25_search(text, 50) for text in texts])
    dense, _ = _timed(lambda: [reader.dense_search(vector, 50) for vector in vectors])
    hits = reader.dense_search(vectors[0], 50)
    chunks, _ = _timed(lambda: [reader.chunk(hit.chunk_id) for hit in hits])
    return {
        "bm25_ms": round(words / len(texts) * 1000, 3),
        "dense_ms": round(dense / len(texts) * 1000, 3),
        "chunk_lookup_ms": round(chunks / len(hits) * 1000, 3),
    }


def _scale_build(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    from bench.synthetic import synthetic_contents
    from index.store.generation import writer_lock
    from index.store.writer import write_generation

    contents = synthetic_contents(scale, dimension=_DIMENSION)
    root = settings.data_dir / "scale" / "index"
    with writer_lock(root):
        seconds, manifest = _timed(lambda: write_generation(root, contents, previous=None))
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    return {"seconds": seconds, "chunks": manifest.counts.chunks, "disk_mb": size // _MEGABYTE}


def _scale_query(settings: Settings, folders: Sequence[Path], scale: int) -> Figures:
    scaled = Settings(data_dir=settings.data_dir / "scale", embedding_model="synthetic")
    return _open_and_query(scaled, folders, scale)


def kill_test(kills: int) -> Figures:
    """Run the crash test of the suite with this many kills; it fails on the first index that does not serve."""
    command = [sys.executable, "-m", "pytest", "tests/test_build_crash.py", "-q"]
    environment = {**os.environ, "POLICYQA_TEST_KILLS": str(kills)}
    seconds, done = _timed(lambda: subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True))
    if done.returncode != 0:
        raise RuntimeError(f"kill test failed:\n{done.stdout.decode()}")
    return {"kills": kills, "failures": 0, "wall_clock_seconds": seconds}


_STEPS: dict[str, Callable[[Settings, Sequence[Path], int], Figures]] = {
    "prepare_model": _prepare_model,
    "parse": _parse,
    BASELINE: _build,
    "unchanged_build": _build,
    "changed_build": _changed_build,
    "staleness_check": _staleness,
    "open_and_query": _open_and_query,
    "scale_build": _scale_build,
    "scale_query": _scale_query,
}


if __name__ == "__main__":
    sys.exit(main())
