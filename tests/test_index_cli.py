"""`python -m index`: results on stdout, diagnostics on stderr, exit codes, JSON shapes, no tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from index_fakes import CountingSteps, parse, write_policy

from index.cli import main
from index.models import Benefit
from index.settings import get_settings

TITLE = "支持工业发展的意见"
PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path):
    write_policy(tmp_path / "s", "a.txt", TITLE, ["技术改造奖励500万元。"], "杭政函〔2018〕99号")
    write_policy(tmp_path / "s", "b.txt", "支持科技创新的办法", ["研发中心资助200万元。"])
    return tmp_path / "s"


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Run one command; gives (exit code, stdout, stderr)."""
    monkeypatch.setenv("POLICYQA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    steps = CountingSteps()

    def invoke(*words, parse_with=parse):
        get_settings.cache_clear()
        code = main([str(word) for word in words], parts=replace(steps.parts(), parse=parse_with))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    yield invoke
    get_settings.cache_clear()


def test_build_reports_on_stdout_and_warns_on_stderr(run, folder):
    code, out, err = run("build", folder)
    assert code == 0
    assert out.startswith("索引已更新:2 份政策")
    assert len(out.splitlines()) == 1
    assert "a.txt:没有日期。" in err


def test_build_if_stale_does_nothing_where_nothing_changed(run, folder):
    run("build", folder)
    assert run("build", "--if-stale", folder)[1] == "索引已是最新。\n"
    assert run("build", "--if-stale")[1] == "索引已是最新。\n", "without sources those of the index are meant"
    write_policy(folder, "c.txt", "第三份", ["奖励。"])
    assert run("build", "--if-stale")[1].startswith("索引已更新:3 份政策")


def test_skipped_files_are_told_and_make_the_exit_code_1(run, folder):
    (folder / "c.txt").write_text("损坏", encoding="utf-8")
    code, out, err = run("build", folder)
    assert code == 1
    assert out.startswith("索引已更新:2 份政策")
    assert "文件“c.txt”已损坏。请换一个文件。" in err
    assert "有 1 个文件未能收录" in err


def test_where_all_files_are_bad_each_is_told(run, folder, tmp_path):
    (tmp_path / "x.txt").write_text("损坏", encoding="utf-8")
    code, out, err = run("build", tmp_path / "x.txt")
    assert (code, out) == (1, "")
    assert "文件“x.txt”已损坏" in err
    assert "索引保持原样" in err


def test_add_then_remove_then_list(run, folder, tmp_path):
    run("build", folder)
    extra = write_policy(tmp_path / "more", "x.txt", "人才补贴细则", ["补贴3万元。"])
    assert run("add", extra)[0] == 0
    assert run("remove", "杭政函[2018]99号")[0] == 0
    code, out, err = run("list", "--json")
    assert (code, err) == (0, "")
    assert [policy["title"] for policy in json.loads(out)] == ["支持科技创新的办法", "人才补贴细则"]
    assert "人才补贴细则(无文号) 未载明 原件 1 条" in run("list")[1]


def test_list_json_has_every_field(run, folder):
    write_policy(folder, "a-digest.txt", TITLE, ["摘编:奖励500万元。", "更多。"], "杭政函〔2018〕99号")
    run("build", folder)
    (policy,) = [p for p in json.loads(run("list", "--json")[1]) if p["title"] == TITLE]
    assert policy.pop("id").startswith("p-")
    assert policy == {
        "title": TITLE,
        "doc_number": "杭政函〔2018〕99号",
        "issuers": [],
        "level": None,
        "region": None,
        "issued_on": None,
        "effective_on": None,
        "expires_on": None,
        "period": None,
        "status": "未载明",
        "edition": "original",
        "editions": [{"name": "a.txt", "kind": "original"}, {"name": "a-digest.txt", "kind": "digest"}],
        "clauses": 1,
    }


def test_status_tells_contents_and_staleness(run, folder):
    (folder / "c.txt").write_text("损坏", encoding="utf-8")
    run("build", folder)
    code, out, _ = run("status", "--json")
    state = json.loads(out)
    assert code == 0
    assert state["counts"] == {"policies": 2, "editions": 2, "clauses": 2, "benefits": 0, "chunks": 2}
    assert state["sources"] == [str(folder)]
    assert state["failed"] == [{"path": str(folder / "c.txt"), "error": "文件“c.txt”已损坏。请换一个文件。"}]
    assert state["stale"] is False
    assert state["embedding"]["dimension"] == 32
    write_policy(folder, "d.txt", "第四份", ["奖励。"])
    assert json.loads(run("status", "--json")[1])["stale"] is True
    assert "来源有变化" in run("status")[1]


def with_benefits(raw):
    benefit = Benefit(
        path="1",
        beneficiary="企业",
        kind="奖励",
        quote="奖励500万元",
        amount=5000000.0,
        rate=0.15,
        cap=1500000.5,
        threshold={"metric": "营收", "op": ">=", "value": 100},
    )
    return replace(parse(raw), benefits=(benefit,))


def test_parse_json_has_every_field_and_needs_no_index(run, folder):
    code, out, err = run("parse", folder / "a.txt", "--json", parse_with=with_benefits)
    assert (code, err) == (0, "")
    assert "技术改造" in out, "Chinese stays readable"
    text = (folder / "a.txt").read_text(encoding="utf-8")
    start = text.index("技术改造")
    assert json.loads(out) == {
        "title": TITLE,
        "doc_number": "杭政函〔2018〕99号",
        "issuers": [],
        "level": None,
        "region": None,
        "issued_on": None,
        "effective_on": None,
        "expires_on": None,
        "period": None,
        "clauses": [
            {
                "path": "1",
                "label": "第1条",
                "heading": "第一章 总则",
                "text": "技术改造奖励500万元。",
                "source": {"start": start, "end": len(text), "page": None},
            }
        ],
        "benefits": [
            {
                "path": "1",
                "beneficiary": "企业",
                "condition": None,
                "kind": "奖励",
                "amount": 5000000,
                "rate": 0.15,
                "base": None,
                "cap": 1500000.5,
                "threshold": {"metric": "营收", "op": ">=", "value": 100},
                "period": None,
                "quote": "奖励500万元",
            }
        ],
        "warnings": ["没有日期。"],
    }
    assert '"amount": 5000000,' in out


def test_parse_prints_a_tree_for_people(run, folder):
    code, out, err = run("parse", folder / "a.txt")
    assert code == 0
    assert out.splitlines()[:2] == [TITLE, "  文号:杭政函〔2018〕99号"]
    assert "  [1] 第1条 技术改造奖励500万元。" in out.splitlines()
    assert err == "a.txt:没有日期。\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "没有给出命令"),
        (("frobnicate",), "没有命令 frobnicate"),
        (("build", "--frobnicate"), "没有选项 --frobnicate"),
        (("add",), "缺少参数 FILE"),
        (("remove",), "缺少参数 POLICY"),
        (("build", "/nowhere/at/all"), "不存在"),
        (("add", "/nowhere/at/all.txt"), "不存在"),
        (("parse", "/nowhere/at/all.txt"), "不存在"),
        (("parse", "."), "不是文件"),
    ],
)
def test_a_callers_mistake_is_one_chinese_line_and_exit_code_2(run, words, told):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert told in err
    assert err.startswith("错误:")
    assert len(err.splitlines()) == 1


def test_removing_an_unknown_policy_lists_the_known_ones(run, folder):
    run("build", folder)
    code, out, err = run("remove", "没有这份")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert TITLE in err


@pytest.mark.parametrize("words", [("status",), ("list", "--json"), ("remove", "办法")])
def test_without_an_index_the_exit_code_is_1_and_the_command_is_named(run, words):
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert err == "错误:还没有建立索引。请先运行 `python -m index build`。\n"


def test_a_bad_setting_is_named(run, monkeypatch):
    monkeypatch.setenv("POLICYQA_PORT", "many")
    code, out, err = run("status")
    assert (code, out) == (2, "")
    assert "POLICYQA_PORT" in err
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written_is_named(run, folder, tmp_path):
    (tmp_path / "data").mkdir(mode=0o500)
    code, _, err = run("build", folder)
    assert code == 1
    assert "权限" in err


def test_a_data_folder_that_is_a_file_is_named(run, folder, tmp_path):
    (tmp_path / "data").write_text("", encoding="utf-8")
    code, _, err = run("build", folder)
    assert code == 1
    assert str(tmp_path / "data") in err


def test_the_module_can_be_run(tmp_path):
    command = [sys.executable, "-m", "index", "status"]
    environment = {**os.environ, "POLICYQA_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "错误:还没有建立索引。请先运行 `python -m index build`。\n"


def test_help_lists_every_command(run):
    code, out, _ = run("--help")
    assert code == 0
    assert all(command in out for command in ("build", "add", "remove", "status", "list", "parse"))
