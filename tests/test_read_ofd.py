"""OFD: text by page, in the order of its place on the page."""

from __future__ import annotations

import pytest
from read_samples import POLICY_LINES, make_zip, save

from index.errors import SourceFileError
from index.read import read_file

OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def text_object(x: float, y: float, text: str, *, options: str = "", code: str = 'X="0" Y="4"') -> str:
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y} 150 6" Size="4" Font="2" {options}>'
        f"<ofd:TextCode {code}>{text}</ofd:TextCode></ofd:TextObject>"
    )


def make_ofd(pages: list[str], *, base: str = "Pages/Page_{}/Content.xml") -> bytes:
    """An OFD package whose pages hold the given objects."""
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="{base.format(n)}"/>' for n in range(len(pages)))
    members: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {OFD}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for number, objects in enumerate(pages):
        body = f'<ofd:Page {OFD}><ofd:Content><ofd:Layer ID="9">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
        members[f"Doc_0/Pages/Page_{number}/Content.xml"] = body
    return make_zip(members)


def page(texts) -> str:
    return "".join(text_object(20, 20 + 8 * row, text) for row, text in enumerate(texts))


@pytest.mark.parametrize("base", ["Pages/Page_{}/Content.xml", "/Doc_0/Pages/Page_{}/Content.xml"])
def test_pages_and_lines_are_read(tmp_path, base):
    data = make_ofd([page(POLICY_LINES[:9]), page(POLICY_LINES[9:])], base=base)
    document = read_file(save(tmp_path, "a.ofd", data))
    assert document.format == "ofd"
    assert document.text == "\n".join(POLICY_LINES[:9]) + "\n\f" + "\n".join(POLICY_LINES[9:])
    assert document.text[document.page_starts[1] :].startswith(POLICY_LINES[9])


def test_lines_follow_their_place_and_pieces_of_a_line_are_joined(tmp_path):
    spaced = 'X="0" Y="4" DeltaX="g 3 4"'
    objects = (
        text_object(20, 60, "二、附则")
        + text_object(36, 30.5, "20万元。", code=spaced)
        + text_object(20, 30, "给予奖励", code=spaced)
        + text_object(20, 20, "一、政策")
        + text_object(100, 20, "(试行)")
    )
    document = read_file(save(tmp_path, "a.ofd", make_ofd([objects])))
    assert document.text.split("\n") == ["一、政策 (试行)", "给予奖励20万元。", "二、附则"]


def test_scaled_nested_and_invisible_objects(tmp_path):
    objects = (
        f'<ofd:PageBlock ID="5">{text_object(20, 50, "下")}</ofd:PageBlock>'
        + text_object(20, 20, "上", options='CTM="0.3 0 0 0.3 0 0"', code='X="0" Y="10"')
        + text_object(20, 30, "隐", options='Visible="false"')
        + text_object(20, 40, "中", options='CTM="bad"')
    )
    assert read_file(save(tmp_path, "a.ofd", make_ofd([objects]))).text == "上\n中\n下"


def test_a_text_code_without_a_place_goes_on_from_the_one_before(tmp_path):
    codes = '<ofd:TextCode X="0" Y="4">第一行</ofd:TextCode><ofd:TextCode Y="12">第二行</ofd:TextCode>'
    objects = f'<ofd:TextObject ID="1" Boundary="20 20 90 20" Size="4">{codes}</ofd:TextObject>'
    assert read_file(save(tmp_path, "a.ofd", make_ofd([objects]))).text == "第一行\n第二行"


def test_an_ofd_without_text_or_with_missing_parts_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match=r"图\.ofd.*没有文字层.*PDF"):
        read_file(save(tmp_path, "图.ofd", make_ofd(["<ofd:ImageObject/>"])))
    with pytest.raises(SourceFileError, match=r"缺\.ofd.*不完整或已加密.*PDF"):
        read_file(save(tmp_path, "缺.ofd", make_ofd([page(POLICY_LINES)], base="Pages/None_{}/Content.xml")))
    with pytest.raises(SourceFileError, match=r"密\.ofd.*不完整或已加密"):
        read_file(save(tmp_path, "密.ofd", make_zip({"OFD.xml": b"\x8f\x01\x02 encrypted"})))
