"""Scans and pictures through OCR, without a network."""

from __future__ import annotations

import difflib
import io

import pytest
from PIL import Image
from read_samples import POLICY_LINES, draw_page, make_pdf, page_lines, save, squeezed

from index.errors import MissingExtraError, SourceFileError
from index.read import ocr, read_file

needs_ocr = pytest.mark.skipif(not ocr.is_available(), reason=f"no OCR: {ocr.INSTALL_COMMAND}")
WIDTH_VARIANTS = str.maketrans(",:;()", "，：；（）")


def encode(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def agreement(read: str, expected: str) -> float:
    """Share of the expected characters found in order; full-width and ASCII punctuation count as the same."""
    left, right = (squeezed(text).translate(WIDTH_VARIANTS) for text in (read, expected))
    blocks = difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(right)


@needs_ocr
@pytest.mark.slow
def test_a_picture_of_a_page_is_read_line_by_line(tmp_path):
    document = read_file(save(tmp_path, "页.png", encode(draw_page(POLICY_LINES), "PNG")))
    assert document.format == "image"
    assert document.page_starts == (0,)
    assert agreement(document.text, "".join(POLICY_LINES)) > 0.95
    assert len(document.text.split("\n")) == len(POLICY_LINES)
    assert "扫描件识别" in document.warnings[0]


@needs_ocr
@pytest.mark.slow
def test_a_pdf_of_pictures_is_read_page_by_page(tmp_path):
    first, second = (draw_page(lines) for lines in (POLICY_LINES[:8], POLICY_LINES[8:]))
    pdf = encode(first, "PDF", save_all=True, append_images=[second], resolution=150)
    document = read_file(save(tmp_path, "扫描.pdf", pdf))
    assert agreement(document.text, "".join(POLICY_LINES)) > 0.95
    assert agreement(document.text[document.page_starts[1] :], "".join(POLICY_LINES[8:])) > 0.95
    assert squeezed(POLICY_LINES[0]) not in squeezed(document.text[document.page_starts[1] :])
    assert "扫描件识别" in document.warnings[0]


@needs_ocr
@pytest.mark.slow
def test_transparent_and_turned_pictures_and_tiff_pages_are_read(tmp_path):
    page = draw_page(POLICY_LINES[4:8], height=500)
    letters = Image.merge(
        "RGBA", (*Image.new("RGB", page.size).split(), Image.eval(page.convert("L"), lambda v: 255 - v))
    )
    assert agreement(read_file(save(tmp_path, "a.png", encode(letters, "PNG"))).text, "".join(POLICY_LINES[4:8])) > 0.95
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encode(page.rotate(90, expand=True), "JPEG", exif=exif, quality=92)
    assert agreement(read_file(save(tmp_path, "a.jpg", turned)).text, "".join(POLICY_LINES[4:8])) > 0.95
    tiff = encode(page, "TIFF", save_all=True, append_images=[page])
    assert len(read_file(save(tmp_path, "a.tif", tiff)).page_starts) == 2


@needs_ocr
@pytest.mark.slow
def test_a_blank_picture_says_what_to_do(tmp_path):
    with pytest.raises(SourceFileError, match=r"白\.png.*没有识别出文字.*300 dpi"):
        read_file(save(tmp_path, "白.png", encode(Image.new("L", (600, 800), 255), "PNG")))


def test_a_picture_without_the_extra_names_the_install_command(tmp_path, monkeypatch):
    monkeypatch.setattr(ocr, "is_available", lambda: False)
    with pytest.raises(MissingExtraError, match=r"图\.png.*pip install -r requirements-ocr\.txt"):
        read_file(save(tmp_path, "图.png", encode(Image.new("L", (60, 80), 255), "PNG")))


def test_a_pdf_with_a_text_layer_is_never_recognised(tmp_path, monkeypatch):
    monkeypatch.setattr(ocr, "recognize", lambda image: pytest.fail("OCR was called"))
    assert POLICY_LINES[7] in read_file(save(tmp_path, "a.pdf", make_pdf([page_lines(POLICY_LINES)]))).text
