"""Which files under the given sources are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from read_samples import save

from index.read import discover


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")


def test_files_of_a_folder_are_found_at_any_depth_and_sorted(tmp_path):
    fill(tmp_path, "b.txt", "a.md", "市/2024/甲.pdf", "市/乙.docx", "旧.doc")
    assert discover([tmp_path]) == sorted(
        tmp_path / name for name in ["a.md", "b.txt", "市/2024/甲.pdf", "市/乙.docx", "旧.doc"]
    )


def test_hidden_lock_and_readme_files_are_skipped(tmp_path):
    fill(tmp_path, "a.txt", ".gitkeep", "~$a.docx", "README.md", "readme.txt", "Thumbs.db", ".git/b.txt", "desktop.ini")
    assert discover([tmp_path]) == [tmp_path / "a.txt"]


def test_companion_folders_of_saved_pages_are_skipped_and_others_kept(tmp_path):
    fill(tmp_path, "页.html", "页_files/a.png", "文.htm", "文.files/b.js", "其他_files/c.txt")
    assert [path.name for path in discover([tmp_path])] == ["c.txt", "文.htm", "页.html"]


def test_named_files_are_taken_as_they_are_and_only_once(tmp_path):
    fill(tmp_path, "README.md", "a.txt")
    assert discover([tmp_path / "README.md", tmp_path, tmp_path / "a.txt"]) == [
        tmp_path / "README.md",
        tmp_path / "a.txt",
    ]


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"无此文件夹.*不存在"):
        discover([tmp_path, tmp_path / "无此文件夹"])


def test_broken_links_are_skipped_and_an_empty_folder_gives_nothing(tmp_path):
    (tmp_path / "断.txt").symlink_to(tmp_path / "无")
    (tmp_path / "空").mkdir()
    assert discover([tmp_path]) == []
    save(tmp_path, "a.txt", "x")
    assert discover([tmp_path]) == [tmp_path / "a.txt"]
