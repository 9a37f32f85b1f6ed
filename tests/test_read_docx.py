"""Word documents: order, list numbers, tracked changes, text boxes, tables."""

from __future__ import annotations

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from read_samples import POLICY_LINES, make_docx, rewrite_zip, save_docx

from index.read.docx_text import read_docx
from index.read.ordinals import format_ordinal

W = nsdecls("w")
WORD_2010 = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def text_of(document) -> str:
    return read_docx(save_docx(document), "a.docx").text


def level(index, number_format, pattern, extra="") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>{extra}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def document_with_lists(levels: str, lists: str = '<w:num w:numId="71"><w:abstractNumId w:val="70"/></w:num>'):
    """A document whose numbering part holds abstract list 70 and the given lists."""
    document = Document()
    root = document.part.numbering_part.element
    definition = parse_xml(f'<w:abstractNum {W} w:abstractNumId="70">{levels}</w:abstractNum>')
    first = root.find("{*}num")
    root.insert(list(root).index(first) if first is not None else len(root), definition)
    for item in parse_xml(f"<w:x {W}>{lists}</w:x>"):
        root.append(item)
    return document


def add(document, text, *, level=None, number_id=71):
    paragraph = document.add_paragraph(text)
    if level is not None:
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="{number_id}"/></w:numPr>')
        )
    return paragraph


def add_raw(document, xml: str) -> None:
    document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))


CHINESE_OUTLINE = (
    level(0, "chineseCountingThousand", "%1、")
    + level(1, "chineseCounting", "（%2）")
    + level(2, "decimal", "%3.")
    + level(3, "decimalEnclosedCircle", "%4")
)


def test_plain_paragraphs_are_lines():
    assert read_docx(make_docx(POLICY_LINES), "a.docx").text == "\n".join(POLICY_LINES)


def test_chinese_outline_numbers_are_rendered_and_restart_below_each_part():
    document = document_with_lists(CHINESE_OUTLINE)
    for depth, text in [(0, "总体要求"), (0, "支持政策"), (1, "首次上规"), (2, "省级"), (2, "市级"), (1, "技术改造")]:
        add(document, text, level=depth)
    add(document, "不编号的一段")
    for depth, text in [(0, "附则"), (1, "施行"), (2, "解释"), (3, "说明")]:
        add(document, text, level=depth)
    assert text_of(document).split("\n") == [
        "一、总体要求", "二、支持政策", "（一）首次上规", "1.省级", "2.市级", "（二）技术改造", "不编号的一段",
        "三、附则", "（一）施行", "1.解释", "① 说明",
    ]  # fmt: skip


def test_articles_run_on_through_chapters_when_the_level_does_not_restart():
    document = document_with_lists(
        level(0, "chineseCountingThousand", "第%1章")
        + level(1, "chineseCountingThousand", "第%2条", '<w:lvlRestart w:val="0"/>')
    )
    for depth, text in [(0, "总则"), (1, "甲"), (1, "乙"), (0, "附则"), (1, "丙")]:
        add(document, text, level=depth)
    assert text_of(document).split("\n") == ["第一章 总则", "第一条 甲", "第二条 乙", "第二章 附则", "第三条 丙"]


def test_patterns_of_several_levels_and_legal_numbering():
    document = document_with_lists(
        level(0, "chineseCounting", "%1、")
        + level(1, "decimal", "%1.%2", "<w:isLgl/>")
        + level(2, "decimal", "%1.%2.%3")
    )
    for depth, text in [(0, "甲"), (1, "乙"), (2, "丙"), (1, "丁")]:
        add(document, text, level=depth)
    assert text_of(document).split("\n") == ["一、甲", "1.1 乙", "一.1.1 丙", "1.2 丁"]


def test_a_level_used_without_its_parent_shows_the_parents_start():
    document = document_with_lists(level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2"))
    add(document, "乙", level=1)
    assert text_of(document) == "1.1 乙"


def test_a_list_with_a_start_override_restarts_and_others_go_on():
    document = document_with_lists(
        level(0, "decimal", "%1."),
        '<w:num w:numId="71"><w:abstractNumId w:val="70"/></w:num>'
        '<w:num w:numId="72"><w:abstractNumId w:val="70"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
        '<w:num w:numId="73"><w:abstractNumId w:val="70"/></w:num>',
    )
    for number_id in (71, 71, 72, 72, 73):
        add(document, "项", level=0, number_id=number_id)
    assert text_of(document).split("\n") == ["1.项", "2.项", "5.项", "6.项", "7.项"]


def test_an_override_of_the_whole_level_changes_its_format():
    document = document_with_lists(
        level(0, "decimal", "%1."),
        '<w:num w:numId="71"><w:abstractNumId w:val="70"/><w:lvlOverride w:ilvl="0">'
        + level(0, "ideographTraditional", "%1、")
        + "</w:lvlOverride></w:num>",
    )
    add(document, "项", level=0)
    add(document, "项", level=0)
    assert text_of(document).split("\n") == ["甲、项", "乙、项"]


def test_numbers_set_by_a_paragraph_style_and_its_base_are_rendered():
    document = document_with_lists(
        level(0, "chineseCounting", "%1、") + level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="Item"/>')
    )
    numbered = '<w:pPr><w:numPr>{}<w:numId w:val="71"/></w:numPr></w:pPr>'
    based = '<w:basedOn w:val="Part"/>'
    for name, body in {
        "Part": numbered.format(""),
        "Part2": based,
        "Item": based + numbered.format('<w:ilvl w:val="1"/>'),
    }.items():
        style = f'<w:style {W} w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>{body}</w:style>'
        document.styles.element.append(parse_xml(style))
    document.add_paragraph("总则", style="Part")
    document.add_paragraph("附则", style="Part2")
    document.add_paragraph("施行", style="Item")
    unnumbered = document.add_paragraph("落款", style="Part")
    unnumbered._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {W}><w:numId w:val="0"/></w:numPr>'))
    assert text_of(document).split("\n") == ["一、总则", "二、附则", "（一）施行", "落款"]


def test_an_empty_list_paragraph_counts_and_bullets_show_nothing():
    document = document_with_lists(level(0, "decimal", "%1.") + level(1, "bullet", "\uf06c"))
    for depth, text in [(0, "甲"), (0, ""), (1, "点"), (0, "丙")]:
        add(document, text, level=depth)
    assert text_of(document).split("\n") == ["1.甲", "", "点", "3.丙"]


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (10, "chineseCounting", "十"), (21, "chineseCountingThousand", "二十一"), (105, "chineseCounting", "一百零五"),
        (1001, "chineseCountingThousand", "一千零一"), (12, "ideographDigital", "一二"),
        (10, "taiwaneseDigital", "一〇"),
        (3, "chineseLegalSimplified", "叁"), (12, "decimalFullWidth", "１２"), (3, "ideographTraditional", "丙"),
        (2, "ideographZodiac", "丑"), (20, "decimalEnclosedCircle", "⑳"), (21, "decimalEnclosedCircle", "21"),
        (3, "decimalEnclosedParen", "⑶"), (2, "ideographEnclosedCircle", "㊁"), (7, "decimalZero", "07"),
        (14, "upperRoman", "XIV"), (1994, "lowerRoman", "mcmxciv"), (2, "upperLetter", "B"), (28, "lowerLetter", "bb"),
        (5, "somethingElse", "5"), (5, "bullet", ""), (5, "none", ""), (0, "decimal", "0"), (0, "upperLetter", "0"),
    ],
)  # fmt: skip
def test_number_formats(value, number_format, expected):
    assert format_ordinal(value, number_format) == expected


def test_tables_stand_where_they_are_in_the_text():
    document = Document()
    document.add_paragraph("标准如下:")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ["级别", "金额", "国家级", "1亿元"], strict=True
    ):
        cell.text = text
    table.rows[1].cells[1].add_paragraph("(含配套)")
    document.add_paragraph("以上为上限。")
    assert text_of(document) == "标准如下:\n级别\t金额\n国家级\t1亿元 (含配套)\n以上为上限。"


def test_a_table_of_one_column_keeps_its_paragraphs():
    document = Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "一、总则"
    cell.add_paragraph("二、附则")
    assert text_of(document) == "一、总则\n二、附则"


def test_deletions_are_left_out_and_insertions_kept():
    document = Document()
    add_raw(
        document,
        f"<w:p {W}><w:r><w:t>奖励</w:t></w:r><w:del><w:r><w:delText>20</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>30</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom>"
        "<w:moveTo><w:r><w:t>万元</w:t></w:r></w:moveTo></w:p>",
    )
    add_raw(document, f"<w:p {W}><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半句,</w:t></w:r></w:p>")
    add_raw(document, f"<w:p {W}><w:r><w:t>后半句。</w:t></w:r></w:p>")
    assert text_of(document) == "奖励30万元\n前半句,后半句。"


def test_deleted_table_rows_and_paragraphs_do_not_count():
    document = document_with_lists(level(0, "decimal", "%1."))
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="71"/></w:numPr>'
    add(document, "甲", level=0)
    add_raw(
        document,
        f"<w:p {W}><w:pPr>{number}<w:rPr><w:del/></w:rPr></w:pPr>"
        "<w:del><w:r><w:delText>乙</w:delText></w:r></w:del></w:p>",
    )
    add(document, "丙", level=0)
    row = "<w:tr>{}<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    add_raw(document, f"<w:tbl {W}>{row.format('<w:trPr><w:del/></w:trPr>', '删')}{row.format('', '留')}</w:tbl>")
    assert text_of(document) == "1.甲\n2.丙\n留"


def test_text_boxes_are_read_once_and_do_not_cut_the_sentence():
    document = Document()
    box = "<w:txbxContent><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    add_raw(
        document,
        f"<w:p {W} {WORD_2010}><w:r><w:t>第一条 为了</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        "<w:r><w:t>发展。</w:t></w:r></w:p>",
    )
    assert text_of(document) == "第一条 为了发展。\n框内文字"


def test_hyperlinks_fields_controls_and_breaks_are_read():
    document = Document()
    link = '<w:hyperlink w:anchor="x"><w:r><w:t>《办法》</w:t></w:r></w:hyperlink>'
    add_raw(document, f"<w:p {W}><w:r><w:t>见</w:t></w:r>{link}</w:p>")
    field = '<w:fldSimple w:instr="DATE"><w:r><w:t>2025年</w:t></w:r></w:fldSimple>'
    add_raw(document, f"<w:p {W}>{field}<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>")
    control = "<w:p><w:r><w:t>控件</w:t><w:tab/><w:t>内</w:t></w:r></w:p>"
    add_raw(document, f"<w:sdt {W}><w:sdtContent>{control}</w:sdtContent></w:sdt>")
    add_raw(document, f"<w:p {W}><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:noBreakHyphen/><w:t>丙</w:t></w:r></w:p>")
    assert text_of(document) == "见《办法》\n2025年\n控件\t内\n甲\n乙-丙"


def test_hidden_text_readings_and_notes_are_left_out():
    document = Document()
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>各</w:t></w:r>'
    ruby = "<w:ruby><w:rt><w:r><w:t>qu</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>區</w:t></w:r></w:rubyBase></w:ruby>"
    note = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    add_raw(document, f"<w:p {W}>{hidden}{shown}<w:r>{ruby}</w:r>{note}</w:p>")
    assert text_of(document) == "各區"


def test_headers_and_footers_are_left_out():
    document = Document()
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.sections[0].footer.paragraphs[0].text = "— 1 —"
    document.add_paragraph("正文")
    assert text_of(document) == "正文"


def test_a_document_without_a_numbering_part_is_read():
    document = document_with_lists(CHINESE_OUTLINE)
    add(document, "总则", level=0)
    with_part = save_docx(document)
    relations = _member(with_part, "word/_rels/document.xml.rels").replace(
        b"relationships/numbering", b"relationships/other"
    )
    assert read_docx(rewrite_zip(with_part, {"word/_rels/document.xml.rels": relations}), "a.docx").text == "总则"


def _member(data: bytes, name: str) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)
