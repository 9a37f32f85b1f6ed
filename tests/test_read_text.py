"""Plain text and Markdown: encodings, newlines, front matter."""

from __future__ import annotations

import codecs
import contextlib
import datetime
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_samples import POLICY_LINES, save

from index.errors import SourceFileError
from index.read import read_file
from index.read.encoding import UndecodableError, decode, normalize_newlines

POLICY = "\n".join(POLICY_LINES) + "\n"
TRADITIONAL = (
    "杭州市人民政府辦公廳關於加快推進數字經濟發展的實施意見\n"
    "一、對首次認定的國家級企業,給予一次性獎勵300萬元。\n二、本意見自發布之日起施行。\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_simplified_text_is_read_in_every_encoding_in_use(tmp_path, encoding):
    document = read_file(save(tmp_path, "a.txt", POLICY.encode(encoding)))
    assert document.text == POLICY
    assert document.format == "txt"
    assert document.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "gb18030"])
def test_traditional_text_is_read_from_big5_and_gb18030(tmp_path, encoding):
    assert read_file(save(tmp_path, "a.txt", TRADITIONAL.encode(encoding))).text == TRADITIONAL


def test_utf16_with_byte_order_mark_of_big_endian_is_read(tmp_path):
    data = codecs.BOM_UTF16_BE + POLICY.encode("utf-16-be")
    assert read_file(save(tmp_path, "a.txt", data)).text == POLICY


def test_real_policies_survive_gb18030(shared_dir):
    for path in sorted((shared_dir / "policies").glob("*.txt")):
        text = path.read_text("utf-8")
        assert decode(text.encode("gb18030")).text == text


def test_short_gb18030_text_is_recognised(tmp_path):
    assert read_file(save(tmp_path, "a.txt", "第一条 奖励20万元。".encode("gb18030"))).text == "第一条 奖励20万元。"


def test_one_broken_byte_is_replaced_and_reported(tmp_path):
    data = (POLICY * 3).encode() + b"\xe5\x8c"
    document = read_file(save(tmp_path, "a.txt", data))
    assert document.text == POLICY * 3 + "\ufffd"
    assert "1 处字符损坏" in document.warnings[0]


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 40, hashlib.sha512(b"noise").digest() * 100, b"\x00" * 5000, b"\xff\xfe" + b"\x01\x00" * 500],
    ids=["all-bytes", "noise", "zeros", "utf-16-controls"],
)
def test_binary_data_is_no_text(tmp_path, data):
    with pytest.raises(SourceFileError, match=r"junk\.txt.*不是文本文件.*UTF-8"):
        read_file(save(tmp_path, "junk.txt", data))


@given(st.binary(min_size=64, max_size=400))
def test_decoding_never_fails_in_another_way(data):
    with contextlib.suppress(UndecodableError):
        assert isinstance(decode(data).text, str)


@given(st.text(alphabet="一二三条奖励万元企业,。\r\n 1a", max_size=60))
def test_newlines_are_those_of_universal_newlines_mode(text):
    expected = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8").read()
    assert normalize_newlines(text) == expected


def test_text_keeps_form_feeds_tabs_and_blanks(tmp_path):
    text = "  第一条\t奖励 20 万元。\n\n\f第二条 依法处理。"
    assert read_file(save(tmp_path, "a.txt", text)).text == text


def test_hash_is_of_the_bytes_on_disk(tmp_path):
    data = codecs.BOM_UTF8 + "第一条\r\n".encode()
    document = read_file(save(tmp_path, "a.txt", data))
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert document.text == "第一条\n"


def test_front_matter_is_metadata_and_stays_in_the_text(tmp_path):
    source = "---\ntitle: 若干意见\nissued_on: 2024-04-01\nissuers: [云岭市人民政府]\n---\n\n一、总体要求\n"
    document = read_file(save(tmp_path, "a.md", source.replace("\n", "\r\n")))
    assert document.text == source
    assert document.text[document.body_start :] == "\n一、总体要求\n"
    assert document.metadata == {
        "title": "若干意见",
        "issued_on": datetime.date(2024, 4, 1),
        "issuers": ["云岭市人民政府"],
    }


def test_markdown_without_front_matter_is_read_whole(tmp_path):
    document = read_file(save(tmp_path, "a.md", "# 条例\n\n---\n\n第一条 为了……\n"))
    assert (document.format, document.body_start, document.metadata) == ("md", 0, {})


def test_empty_front_matter_is_allowed(tmp_path):
    document = read_file(save(tmp_path, "a.md", "---\n---\n第一条\n"))
    assert (document.metadata, document.text[document.body_start :]) == ({}, "第一条\n")


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: 意见\nnote: a: b\n", 3),
        ("title: [意见\nnote: b\n", 3),
        ("title: 意见\nissued_on: 2025-02-30\n", 3),
        ("title: 意见\n\tnote: b\n", 3),
        ("就一句话\n", 2),
        ("- 甲\n- 乙\n", 2),
        ("1: 甲\n", 2),
        ("title: " + "[" * 3000 + "\n", 2),
    ],
)
def test_broken_front_matter_is_an_error_that_names_the_line(tmp_path, front, line):
    with pytest.raises(SourceFileError, match=f"a.md.*第 {line} 行"):
        read_file(save(tmp_path, "a.md", f"---\n{front}---\n正文\n"))


def test_front_matter_that_does_not_end_is_an_error(tmp_path):
    with pytest.raises(SourceFileError, match=r"第 1 行.*没有对应的结束行"):
        read_file(save(tmp_path, "a.md", "---\ntitle: 意见\n第一条\n"))


def test_front_matter_builds_no_python_objects(tmp_path):
    with pytest.raises(SourceFileError, match="第 2 行"):
        read_file(save(tmp_path, "a.md", "---\nx: !!python/object/apply:os.getcwd []\n---\n正文\n"))


def test_front_matter_without_a_body_has_no_text(tmp_path):
    with pytest.raises(SourceFileError, match="没有文字"):
        read_file(save(tmp_path, "a.md", "---\ntitle: 意见\n---\n\n"))
