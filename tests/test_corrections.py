"""Facts put right by hand beside a source file: they win, are noticed when they change, and survive a rebuild."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rag_index
from index_fakes import CountingSteps

from index.build import Options, add, build, is_stale
from index.corrections import checked_facts, corrections_path, write_corrections
from index.errors import SourceFileError
from index.isolated import ReadingError, parse_isolated
from index.parse import corrected, parse
from index.parts import Parts
from index.previous import Previous
from index.read import discover, read_file
from index.settings import Settings

TEXT = """临江市茶业扶持办法
临政规〔2024〕3号
第一条 对新建茶园每亩补助300元。
第二条 本办法自2024年5月1日起施行，有效期至2027年4月30日。
临江市人民政府
2024年4月1日
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    path = folder / "茶业.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def options() -> Options:
    """The real reader and parser, with a stand-in for the embedding model."""
    return Options(parts=replace(Parts.installed(), load_embeddings=CountingSteps().parts().load_embeddings))


def facts(settings: Settings):
    previous = Previous.open(settings.index_dir)
    try:
        return [policy.facts for policy in previous.policies()]
    finally:
        previous.close()


def test_corrections_win_over_the_text(source: Path) -> None:
    write_corrections(
        source, {"title": "临江市茶产业扶持办法", "expires_on": date(2028, 4, 30), "issuers": ["临江市农业局"]}
    )
    found = parse(read_file(source)).facts
    assert (found.title, found.expires_on, found.issuers) == (
        "临江市茶产业扶持办法",
        date(2028, 4, 30),
        ("临江市农业局",),
    )
    assert found.doc_number == "临政规〔2024〕3号"


def test_an_empty_correction_takes_a_wrong_fact_away(source: Path) -> None:
    write_corrections(source, {"doc_number": None, "level": None, "issuers": (), "expires_on": None})
    found = parse(read_file(source)).facts
    assert (found.doc_number, found.level, found.issuers, found.expires_on) == (None, None, (), None)


def test_corrections_win_over_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\ntitle: 甲办法\nlevel: 市\n---\n# 甲办法\n第一条 奖励1万元。\n", encoding="utf-8")
    write_corrections(path, {"title": "乙办法", "edition": "reprint"})
    edition = parse(read_file(path))
    assert (edition.facts.title, edition.facts.level, edition.kind) == ("乙办法", "市", "reprint")


@pytest.mark.parametrize("name", sorted(path.name for path in rag_index.INVENTED))
@pytest.mark.parametrize(
    "values",
    [
        {"title": "另一个办法", "level": "省", "region": "云岭省", "period": [2024, 2026]},
        {"draft": True, "expires_on": None, "edition": "reprint"},
        {"draft": False, "issuers": []},
    ],
)
def test_correcting_what_was_parsed_is_the_same_as_parsing_with_corrections(tmp_path: Path, name, values) -> None:
    path = tmp_path / name
    path.write_bytes((rag_index.ROOT / "tests" / "documents" / name).read_bytes())
    before = parse(read_file(path))
    write_corrections(path, values)
    raw = read_file(path)
    assert corrected(before, raw.corrections, sha256=raw.sha256) == parse(raw)


def test_without_values_the_file_is_as_if_there_had_been_none(source: Path) -> None:
    before = read_file(source).sha256
    write_corrections(source, {"title": "乙"})
    assert read_file(source).sha256 != before
    write_corrections(source, {})
    assert not corrections_path(source).exists()
    assert read_file(source).sha256 == before


def test_corrections_are_no_source_file_of_their_own(source: Path) -> None:
    write_corrections(source, {"title": "乙"})
    assert discover([source.parent]) == [source]


def test_a_correction_reaches_the_index_and_survives_a_rebuild(source: Path, tmp_path: Path, options: Options) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    build([source.parent], settings=settings, options=options)
    assert not is_stale(settings, [source.parent], parts=options.parts)
    write_corrections(source, {"effective_on": date(2024, 6, 1)})
    assert is_stale(settings, [source.parent], parts=options.parts)
    for _ in range(2):
        build([source.parent], settings=settings, options=options)
        assert [one.effective_on for one in facts(settings)] == [date(2024, 6, 1)]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"title": ""}, "标题"),
        ({"title": None}, "标题"),
        ({"title": "字" * 301}, "标题"),
        ({"issued_on": "2024-02-30"}, "印发日期"),
        ({"issued_on": "0001-01-01"}, "印发日期"),
        ({"issued_on": 7}, "印发日期"),
        ({"level": "乡"}, "层级"),
        ({"period": [2025, 2021]}, "规划期"),
        ({"period": 2025}, "规划期"),
        ({"issuers": "临江市"}, "发文机关"),
        ({"draft": "false"}, "征求意见稿"),
        ({"edition": "copy"}, "版本"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_by_its_chinese_name(values, named) -> None:
    with pytest.raises(ValueError, match=named):
        checked_facts(values)


@pytest.mark.parametrize("content", ["level: 乡\n", "- 1\n", "title: [\n", "issued_on: 2024-02-30\n", "\x00\x01"])
def test_a_broken_corrections_file_is_an_error_that_names_it(source: Path, content: str) -> None:
    corrections_path(source).write_text(content, encoding="utf-8")
    with pytest.raises(SourceFileError, match=r"茶业.txt.facts.yaml"):
        read_file(source)


def test_front_matter_of_the_wrong_form_skips_the_file_and_not_the_build(
    source: Path, tmp_path: Path, options: Options
) -> None:
    (source.parent / "b.md").write_text("---\nlevel: 乡\n---\n第一条 奖励1万元。\n", encoding="utf-8")
    report = build([source.parent], settings=Settings(data_dir=tmp_path / "data"), options=options)
    assert report.manifest.counts.policies == 1
    assert [str(failure) for failure in report.failures if "b.md" in str(failure) and "层级" in str(failure)]


def test_a_file_comes_in_the_place_of_a_policy_in_one_step(source: Path, tmp_path: Path, options: Options) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    build([source.parent], settings=settings, options=options)
    other = tmp_path / "new.txt"
    other.write_text(TEXT.replace("300元", "500元"), encoding="utf-8")
    report = add([other], settings=settings, replacing="临政规〔2024〕3号", options=options)
    assert [Path(record.path).name for record in report.manifest.files] == ["new.txt"]
    assert [Path(record.path).name for record in report.manifest.removed] == ["茶业.txt"]
    # The replaced file stays out where edits are kept.
    report = build([source.parent], settings=settings, keep_edits=True, options=options)
    assert [Path(record.path).name for record in report.manifest.files] == ["new.txt"]


def test_replacing_a_policy_that_is_not_there_changes_nothing(source: Path, tmp_path: Path, options: Options) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    before = build([source.parent], settings=settings, options=options).manifest
    with pytest.raises(ValueError, match="没有"):
        add([source], settings=settings, replacing="没有这样的政策", options=options)
    assert Previous.open(settings.index_dir).manifest == before


def test_progress_is_told_by_step(source: Path, tmp_path: Path, options: Options) -> None:
    told: list[tuple[str, int, int]] = []
    watched = replace(options, on_progress=lambda *step: told.append(step))
    build([source.parent], settings=Settings(data_dir=tmp_path / "data"), options=watched)
    assert ("读取文件", 0, 1) in told
    assert ("读取文件", 1, 1) in told
    assert told[-1][0] == "计算向量"
    assert told[-1][1] == told[-1][2] > 0


def test_a_file_is_parsed_in_a_process_of_its_own(source: Path) -> None:
    assert parse_isolated(source) == parse(read_file(source))


def test_what_cannot_be_read_comes_back_in_the_readers_words(tmp_path: Path) -> None:
    empty = tmp_path / "空.pdf"
    empty.write_bytes(b"")
    with pytest.raises(ReadingError, match="空文件"):
        parse_isolated(empty)


def test_a_reader_that_crashes_is_told_and_takes_nothing_with_it(source: Path, monkeypatch) -> None:
    monkeypatch.setattr("index.isolated.sys.executable", "false")
    with pytest.raises(SourceFileError, match="读取时程序出错"):
        parse_isolated(source)


def test_a_reading_that_takes_too_long_is_given_up(source: Path) -> None:
    with pytest.raises(SourceFileError, match="还没有读完"):
        parse_isolated(source, time_limit=0.01)
