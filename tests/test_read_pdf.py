"""PDF with a text layer: pages, lines, reading order."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_samples import POLICY_LINES, make_pdf, page_lines, save, squeezed

from index.errors import MissingExtraError, SourceFileError
from index.read import ocr, read_file
from index.read.layout import Box, join_rows, reading_order
from index.read.pdf import read_pdf, repair_characters


def test_lines_are_kept_and_pages_located():
    first, second = POLICY_LINES[:9], POLICY_LINES[9:]
    document = read_pdf(make_pdf([page_lines(first), page_lines(second)]), "a.pdf")
    assert document.text == "\n".join(first) + "\n\f" + "\n".join(second)
    assert [document.text[start:].split("\n")[0] for start in document.page_starts] == [first[0], second[0]]
    assert document.warnings == ()


def test_full_width_digits_stay_in_their_sentence(shared_dir):
    path = next((shared_dir / "documents" / "pdf").glob("*.pdf"))
    document = read_file(path)
    assert len(document.page_starts) == 8
    assert document.page_starts[0] == 0
    assert document.text.count("\f") == 7
    # Whatever stands between the digits, they stand before their unit and not on a line of their own.
    assert [
        line for line in document.text.split("\n") if line and all("０" <= char <= "９" for char in squeezed(line))
    ] == []


def test_a_footer_and_a_title_that_are_drawn_first_are_put_in_their_place():
    footer = (280, 40, "— 1 —")
    title = (60, 800, POLICY_LINES[0])
    body = page_lines(POLICY_LINES[1:], top=770)
    text = read_pdf(make_pdf([[footer, *body, title]]), "a.pdf").text
    assert text.split("\n") == [*POLICY_LINES, "— 1 —"]


def test_two_columns_are_read_one_after_the_other():
    left = page_lines([f"左栏第{n}行。" for n in range(1, 9)], x=50)
    right = page_lines([f"右栏第{n}行。" for n in range(1, 9)], x=330, top=770)
    text = read_pdf(make_pdf([[*left, *right]]), "a.pdf").text
    assert text.split("\n") == [line[2] for line in (*left, *right)]


def test_two_spreads_of_a_row_stay_on_one_line():
    text = read_pdf(
        make_pdf([[(60, 700, "国家级"), (300, 700, "1亿元"), (60, 670, "省级"), (300, 670, "1500万元")]]), "a.pdf"
    ).text
    assert [line.split() for line in text.split("\n")] == [["国家级", "1亿元"], ["省级", "1500万元"]]


def test_an_empty_page_has_a_place_and_no_warning():
    document = read_pdf(make_pdf([page_lines(POLICY_LINES), [], page_lines(["附件"])]), "a.pdf")
    assert len(document.page_starts) == 3
    assert document.text[document.page_starts[2] :] == "附件"
    assert document.warnings == ()


def image_pdf(pages: int = 1) -> bytes:
    from PIL import Image

    page = Image.effect_noise((200, 280), 80).convert("RGB")
    out = io.BytesIO()
    page.save(out, "PDF", save_all=True, append_images=[page] * (pages - 1))
    return out.getvalue()


def test_a_scan_without_the_ocr_extra_names_the_install_command(tmp_path, monkeypatch):
    monkeypatch.setattr(ocr, "is_available", lambda: False)
    with pytest.raises(MissingExtraError, match=r"扫描\.pdf.*pip install -r requirements-ocr\.txt"):
        read_file(save(tmp_path, "扫描.pdf", image_pdf(2)))


def test_a_scanned_page_among_others_is_reported_without_the_extra(monkeypatch):
    monkeypatch.setattr(ocr, "is_available", lambda: False)
    monkeypatch.setattr("index.read.pdf._has_large_picture", lambda page: True)
    document = read_pdf(make_pdf([page_lines(POLICY_LINES), page_lines(["— 2 —"])]), "混合.pdf")
    assert POLICY_LINES[-1] in document.text
    assert "“混合.pdf”第 2 页没有可用的文字层" in document.warnings[0]


def test_a_text_layer_of_private_characters_counts_as_none(monkeypatch):
    monkeypatch.setattr(ocr, "is_available", lambda: False)
    monkeypatch.setattr("index.read.pdf._characters", lambda page: [("\ue123", None)] * 50)
    with pytest.raises(MissingExtraError):
        read_pdf(make_pdf([page_lines(POLICY_LINES)]), "a.pdf")


def test_a_file_of_too_many_pages_is_refused(monkeypatch):
    monkeypatch.setattr("index.read.pdf.MAX_PAGES", 2)
    with pytest.raises(SourceFileError, match=r"3 页.*拆成"):
        read_pdf(make_pdf([page_lines(["页"])] * 3), "a.pdf")


def test_junk_after_the_end_and_before_the_start_is_tolerated():
    pdf = make_pdf([page_lines(POLICY_LINES)])
    assert POLICY_LINES[7] in read_pdf(pdf + b"\n<!-- served in 3 ms -->\r\n" + b"\x00" * 5000, "a.pdf").text


def test_radicals_and_halves_of_characters_are_repaired():
    assert (
        repair_characters("⼀、⻓期⽀持⺠营企业⾦额 \ud840\udc0b\ufffe\x00 ") == "一、长期支持民营企业金额 \U0002000b-"
    )
    assert repair_characters("一、市(州) ꎬ１８—４０ 岁") == "一、市(州) ꎬ１８—４０ 岁"


def test_a_hundred_pages_take_seconds():
    data = make_pdf([page_lines(POLICY_LINES)] * 100)
    start = time.perf_counter()
    assert len(read_pdf(data, "a.pdf").page_starts) == 100
    assert time.perf_counter() - start < 10


boxes = st.builds(
    lambda x, y, w, h: Box("字", x, y, x + w, y + h),
    st.integers(0, 100), st.integers(0, 100), st.integers(1, 50), st.integers(1, 20),
)  # fmt: skip


@given(st.lists(boxes, max_size=12))
def test_reading_order_is_a_permutation_in_which_no_line_comes_before_one_above_it(lines):
    order = reading_order(lines)
    assert sorted(order) == list(range(len(lines)))
    for position, index in enumerate(order):
        for later in order[position + 1 :]:
            upper, lower = lines[later], lines[index]
            overlap = min(upper.x1, lower.x1) > max(upper.x0, lower.x0)
            assert not (overlap and upper.y1 <= lower.y0)


@given(st.lists(boxes, max_size=12))
def test_joining_rows_keeps_every_box(pieces):
    assert "".join(join_rows(pieces)).count("字") == len(pieces)


def test_rows_run_from_left_to_right_with_a_blank_in_wide_gaps():
    row = [
        Box("万元", 22, 1, 40, 11),
        Box("奖励", 0, 0, 20, 10),
        Box("上限", 80, 0, 100, 10),
        Box("下一行", 0, 20, 30, 30),
    ]
    assert join_rows(row) == ["奖励万元 上限", "下一行"]
