"""A build that is killed at any moment leaves an index that loads and serves one whole version."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import index_fakes
import numpy as np
import pytest

from index.build import Options, build
from index.settings import Settings
from index.store import IndexHandle, IndexReader

KILLS = int(os.environ.get("POLICYQA_TEST_KILLS", "10"))
TESTS = Path(__file__).parent
QUESTION = np.full(index_fakes.DIMENSION, index_fakes.DIMENSION**-0.5, dtype=np.float32)


def served_version(reader: IndexReader) -> str:
    """The one version all parts of a snapshot agree on."""
    hits = reader.bm25_search("奖励 万元", 50) + reader.dense_search(QUESTION, 50)
    assert len(hits) == 100
    texts = [reader.chunk(hit.chunk_id).text for hit in hits]
    policy = reader.policies()[0]
    texts += [clause.text for clause in reader.clauses(policy.id)]
    versions = {match[1] for text in texts if (match := re.search(r"第 (\d+) 版", text))}
    assert len(versions) == 1, versions
    return versions.pop()


def ask_until(stopping: threading.Event, settings: Settings) -> tuple[set[str], int]:
    """Ask without pause; the versions that were served and the number of questions."""
    handle = IndexHandle(settings)
    versions: set[str] = set()
    asked = 0
    while not stopping.is_set():
        versions.add(served_version(handle.current()))
        asked += 1
        stopping.wait(0.005)
    return versions, asked


def kill_one_build(settings: Settings, folder: Path, first: int, delay: float) -> None:
    command = [sys.executable, str(TESTS / "index_fakes.py"), str(settings.data_dir), str(folder), str(first)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline(), "the child must finish a first build"
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_builds_leave_a_serving_index_and_no_lasting_strays(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    folder = tmp_path / "sources"
    clauses = [f"第 0 版的规定之 {clause},奖励{clause}万元。" for clause in range(40)]
    for policy in range(3):
        index_fakes.write_policy(folder, f"{policy}.txt", f"办法{policy}", clauses)
    options = Options(parts=index_fakes.CountingSteps().parts())
    build([folder], settings=settings, options=options)
    stopping = threading.Event()
    chance = random.Random(20261122)
    strays = 0
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask_until, stopping, settings)
        try:
            for kill in range(KILLS):
                kill_one_build(settings, folder, 1 + kill * 1000, chance.uniform(0, 0.2))
                served_version(IndexReader.open(settings))
                strays += len(list(settings.index_dir.glob("gen-*"))) - 2
        finally:
            stopping.set()
        versions, asked = asking.result()
    assert asked > KILLS
    assert len(versions) > 1, "the handle must follow the builds"
    build([folder], settings=settings, options=options)
    assert len(list(settings.index_dir.glob("gen-*"))) == 2, f"{strays} stray folders were seen after the kills"
    served_version(IndexReader.open(settings))


def test_a_first_build_that_was_killed_leaves_no_index_and_is_cleaned_up(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    stray = settings.index_dir / "gen-20260101T000000-0123abcd"
    stray.mkdir(parents=True)
    (stray / "store.sqlite").write_bytes(b"half a file")
    folder = tmp_path / "sources"
    index_fakes.write_policy(folder, "a.txt", "办法", ["奖励1万元。"])
    build([folder], settings=settings, options=Options(parts=index_fakes.CountingSteps().parts()))
    assert not stray.exists()
    assert len(IndexReader.open(settings)) == 1
