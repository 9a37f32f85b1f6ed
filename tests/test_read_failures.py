"""Files that cannot be read: each is refused with one Chinese sentence that names it and says what to do."""

from __future__ import annotations

import ast
import inspect
import io
import os
import struct
import subprocess
import sys
import zlib

import pytest
from read_samples import POLICY_LINES, make_docx, make_pdf, make_zip, page_lines, rewrite_zip, save

import index.read
from index.errors import PolicyQAError, SourceFileError
from index.read import SUPPORTED_SUFFIXES, read_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT = "\n".join(POLICY_LINES)


def ole(stream: str) -> bytes:
    """The beginning of an OLE compound file with one directory entry."""
    return OLE + b"\x00" * 504 + stream.encode("utf-16-le") + b"\x00" * 500


def png(width: int = 40, height: int = 40) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((width, height), 90).save(out, "PNG")
    return out.getvalue()


PDF = make_pdf([page_lines(POLICY_LINES)])
DOCX = make_docx(POLICY_LINES)

REFUSED = {
    "空.txt": (b"", "空文件.*重新下载"),
    "空白.txt": ("　\n \n\t\n".encode(), "没有文字"),
    "旧.doc": (ole("WordDocument"), "旧版 Word.*另存为 docx"),
    "旧.docx": (ole("WordDocument"), "旧版 Word.*另存为 docx"),
    "文字.wps": (ole("WordDocument"), "WPS 文字.*另存为 docx"),
    "表.xls": (ole("Workbook"), "旧版 Excel.*docx"),
    "片.ppt": (ole("PowerPoint Document"), "旧版 PowerPoint.*docx"),
    "锁.docx": (ole("EncryptedPackage"), "有打开密码.*去掉密码"),
    "锁.pdf": (make_pdf([page_lines(POLICY_LINES)], encrypted=True), "有打开密码.*去掉密码"),
    "半.pdf": (PDF[: len(PDF) // 2], "不完整.*重新下载"),
    "头.pdf": (b"%PDF-1.7\n%%EOF\n", "损坏.*重新下载"),
    "半.docx": (DOCX[: len(DOCX) // 2], "损坏或没有下载完整.*重新下载"),
    "半.png": (png()[:700], "损坏或没有下载完整.*重新下载"),
    "头.jpg": (b"\xff\xd8\xff\xe0" + b"\x00" * 200, "损坏.*重新"),
    "表.xlsx": (make_zip({"xl/workbook.xml": "<x/>"}), "Excel.*docx"),
    "包.zip": (make_zip({"政策.txt": "内容"}), "ZIP 压缩包.*解压"),
    "包.docx": (make_zip({"政策.txt": "内容"}), "ZIP 压缩包.*解压"),
    "包.rar": (b"Rar!\x1a\x07\x01\x00" + b"\x00" * 50, "RAR 压缩包.*解压"),
    "包.7z": (b"7z\xbc\xaf\x27\x1c" + b"\x00" * 50, "7z 压缩包.*解压"),
    "程序.exe": (b"MZ\x90\x00" + b"\x00" * 60, "可执行程序"),
    "程序.pdf": (b"MZ\x90\x00" + b"\x00" * 60, "可执行程序"),
    "富.rtf": (b"{\\rtf1\\ansi x}", "RTF.*另存为 docx"),
    "平.xml": (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>', "Word XML.*docx"),
    "页.mht": (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n", "mht.*docx"),
    "码.pdf": (b"\x00\x01\x02\xfe\xff" * 300, "不是文本文件"),
    "数.csv": (b"a,b\n1,2\n", "格式.*csv.*不支持.*转换"),
    "空.html": (b"<html><body><script>load()</script></body></html>", "没有文字.*复制正文"),
    "深.html": (b"<html><body>" + b"<div>" * 4000 + b"x", "嵌套太深"),
    "码.html": (b"<html>" + b"\x00\x01\x02\xfe\xff" * 300, "编码无法识别"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_unreadable_file_is_refused_with_its_name_and_a_remedy(tmp_path, name):
    data, expected = REFUSED[name]
    with pytest.raises(SourceFileError, match=expected) as caught:
        read_file(save(tmp_path, name, data))
    assert caught.value.name == name
    assert name in caught.value.problem or f"“{name}”" in str(caught.value)
    assert caught.value.remedy.endswith("。")


@pytest.mark.parametrize("whole", [PDF, DOCX, png(200, 200)], ids=["pdf", "docx", "png"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.97])
def test_a_file_cut_off_anywhere_is_never_read_in_part(tmp_path, whole, part):
    with pytest.raises(SourceFileError):
        read_file(save(tmp_path, "半个文件.bin", whole[: int(len(whole) * part)]))


def test_a_huge_file_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "巨.txt"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)
    with pytest.raises(SourceFileError, match=r"太大.*300 MB.*50 MB"):
        read_file(path)


def test_the_size_limit_is_an_option(tmp_path):
    path = save(tmp_path, "a.txt", TEXT)
    assert read_file(path, max_bytes=len(TEXT.encode())).text == TEXT
    with pytest.raises(SourceFileError, match="太大"):
        read_file(path, max_bytes=len(TEXT.encode()) - 1)


def test_a_folder_a_missing_file_and_a_pipe_are_refused(tmp_path):
    with pytest.raises(SourceFileError, match="是文件夹"):
        read_file(tmp_path)
    with pytest.raises(SourceFileError, match=r"无\.txt.*不存在"):
        read_file(tmp_path / "无.txt")
    os.mkfifo(tmp_path / "管.txt")
    with pytest.raises(SourceFileError, match="不是普通文件"):
        read_file(tmp_path / "管.txt")


def test_a_file_without_read_permission_is_refused(tmp_path):
    path = save(tmp_path, "密.txt", TEXT)
    path.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        with pytest.raises(SourceFileError, match=r"密\.txt.*无法打开.*权限"):
            read_file(path)
    finally:
        os.seteuid(user)


def test_a_docx_that_unpacks_to_gigabytes_is_refused(tmp_path):
    bomb = rewrite_zip(DOCX, {"word/document.xml": b"\x00" * (64 * 2**20)})
    assert len(bomb) < 200_000
    with pytest.raises(SourceFileError, match="压缩炸弹"):
        read_file(save(tmp_path, "炸弹.docx", bomb))


def test_a_docx_that_lies_about_its_size_is_refused(tmp_path):
    honest = rewrite_zip(DOCX, {"word/media/a.bin": b"\x00" * (64 * 2**20)})
    declared = struct.pack("<L", 64 * 2**20)
    lying = honest.replace(declared, struct.pack("<L", 100))
    assert lying != honest
    with pytest.raises(SourceFileError, match=r"压缩炸弹|损坏"):
        read_file(save(tmp_path, "谎报.docx", lying))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_docx_with_xml_entities_is_refused(tmp_path, encoding):
    secret = save(tmp_path, "secret.txt", "机密")
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY x SYSTEM "{secret}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&x;&a;</w:t></w:r></w:p></w:body></w:document>"
    )
    data = rewrite_zip(DOCX, {"word/document.xml": xml.encode(encoding)})
    with pytest.raises(SourceFileError, match="实体声明"):
        read_file(save(tmp_path, "实体.docx", data))


def test_html_never_reads_external_entities(tmp_path):
    secret = save(tmp_path, "secret.txt", "机密内容")
    page = (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><html><body><p>第一条 &x; 依法办理。</p></body></html>'
    )
    assert "机密内容" not in read_file(save(tmp_path, "a.html", page)).text


def test_a_docx_part_with_a_wrong_checksum_is_refused(tmp_path):
    position = DOCX.index(b"word/document.xml") + 60
    damaged = DOCX[:position] + bytes(byte ^ 0xFF for byte in DOCX[position : position + 20]) + DOCX[position + 20 :]
    with pytest.raises(SourceFileError, match="损坏"):
        read_file(save(tmp_path, "坏.docx", damaged))


def test_a_zip_with_a_password_is_refused(tmp_path):
    data = bytearray(DOCX)
    # Bit 0 of the general purpose flag, 8 bytes into every entry of the central directory.
    start = 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        data[start + 8] |= 1
        start += 4
    with pytest.raises(SourceFileError, match="有打开密码"):
        read_file(save(tmp_path, "锁.docx", bytes(data)))


def test_a_picture_of_billions_of_pixels_is_refused(tmp_path):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    header = struct.pack(">LLBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 100))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(SourceFileError, match="图片太大"):
        read_file(save(tmp_path, "大.png", data))


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("其实是docx.pdf", DOCX, "docx"),
        ("其实是pdf.txt", PDF, "pdf"),
        ("其实是pdf.docx", PDF, "pdf"),
        ("其实是网页.txt", f"<!DOCTYPE html><html><body><p>{TEXT}</p></body></html>".encode(), "html"),
        ("其实是网页.doc", f"<html xmlns:o='x'><body><p>{TEXT}</p></body></html>".encode("gb18030"), "html"),
        ("其实是文本.pdf", TEXT.encode(), "txt"),
        ("其实是文本.doc", TEXT.encode("gb18030"), "txt"),
        ("没有扩展名", TEXT.encode(), "txt"),
        ("没有扩展名的docx", DOCX, "docx"),
    ],
)
def test_a_wrong_suffix_is_read_by_content_with_a_warning(tmp_path, name, data, kind):
    document = read_file(save(tmp_path, name, data))
    assert document.format == kind
    assert any(f"“{name}”" in warning and kind in warning for warning in document.warnings)
    assert "(二)对国家级单项冠军企业,给予300万元奖励。" in document.text


def test_an_upper_case_suffix_is_no_reason_for_a_warning(tmp_path):
    assert read_file(save(tmp_path, "A.PDF", PDF)).warnings == ()


def test_nothing_heavy_is_imported_with_the_package():
    heavy = "{'docx', 'pypdfium2', 'pdfplumber', 'lxml', 'PIL', 'numpy', 'rapidocr', 'openvino', 'yaml', 'cn2an'}"
    code = f"import sys, index.read; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(run.stdout) == []


def test_the_public_names_are_documented():
    assert set(index.read.__all__) == {"MAX_BYTES", "SUPPORTED_SUFFIXES", "discover", "read_file"}
    assert inspect.getdoc(read_file)
    assert issubclass(SourceFileError, PolicyQAError)
    assert {".txt", ".md", ".html", ".docx", ".pdf", ".png", ".jpg", ".tif", ".ofd"} <= SUPPORTED_SUFFIXES
