"""Web pages: the whole text of the policy, the site around it left out, lines where a browser breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_samples import POLICY_LINES, save, squeezed

from index.errors import SourceFileError
from index.read import read_file
from index.read.html import read_html

NAVIGATION = (
    "<ul>"
    + "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ["首页", "要闻", "政务公开", "互动"])
    + "</ul>"
)
RELATED = (
    "<div><h3>相关链接</h3><ul>"
    + "".join(
        f'<li><a href="/{n}">云岭市人民政府关于第{n}批项目的公告</a> <i>2025-0{n}-11</i></li>' for n in range(1, 8)
    )
    + "</ul></div>"
)
FOOTER = '<div class="footer"><a href="#">网站地图</a> | <a href="#">联系我们</a><p>云ICP备05000001号</p></div>'
FRAME = ("要闻", "相关链接", "批项目的公告", "ICP备")


def paragraphs(texts=POLICY_LINES) -> str:
    return "".join(f'<p style="text-indent:2em">&nbsp;&nbsp;{text}</p>\n' for text in texts)


def read(source: str | bytes) -> str:
    data = source.encode() if isinstance(source, str) else source
    return read_html(data, "a.html").text


BODIES = {
    "paragraphs": paragraphs(),
    "line breaks": "<div>" + "<br>\n".join(f"　　{text}" for text in POLICY_LINES) + "</div>",
    "layout table": f'<table><tr><td width="200">{RELATED}</td><td><b>'
    + "</b><br>".join((POLICY_LINES[0], "<br>".join(POLICY_LINES[1:])))
    + "</td></tr></table>",
    "divs and spans": "".join(f"<div><span>{text[:3]}</span><span>{text[3:]}</span></div>" for text in POLICY_LINES),
    "list": f"<h2>{POLICY_LINES[0]}</h2><ol>" + "".join(f"<li>{text}</li>" for text in POLICY_LINES[1:]) + "</ol>",
    "every line a link": "".join(
        f'<p><a href="/{n}">第{n}款</a> <a href="/x">{text}</a></p>' for n, text in enumerate(POLICY_LINES)
    ),
    "sections in two blocks": f"<div>{paragraphs(POLICY_LINES[:6])}</div><div>{paragraphs(POLICY_LINES[6:])}</div>",
    "one cell for each line": "<table>" + "".join(f"<tr><td>{text}</td></tr>" for text in POLICY_LINES) + "</table>",
    "form around all": f'<form id="aspnetForm">{paragraphs()}</form>',
    "preformatted": "<pre>" + "\n".join(POLICY_LINES) + "</pre>",
    "unclosed tags": "<p>" + "<p>".join(f"<font>{text}" for text in POLICY_LINES) + "</font>" * 3,
    "title in a header": f"<article><header><h1>{POLICY_LINES[0]}</h1></header>{paragraphs()}</article>",
}


@pytest.mark.parametrize("layout", BODIES)
def test_every_line_is_kept_and_the_site_is_left_out(layout):
    page = f'<html><body><div class="head">{NAVIGATION}</div>{BODIES[layout]}{RELATED}{FOOTER}</body></html>'
    text = read(page)
    assert [line for line in POLICY_LINES if line not in text] == []
    assert [noise for noise in FRAME if noise in text] == []


@pytest.mark.parametrize(
    "name", ["comment-content", "footer", "sidebar", "related-article", "share", "nav", "hot", "toolbar"]
)
def test_a_block_named_like_the_frame_keeps_its_clauses(name):
    inner = f'{paragraphs(POLICY_LINES[:6])}<div class="{name}">{paragraphs(POLICY_LINES[6:12])}</div>'
    text = read(f"<html><body>{NAVIGATION}{inner}{paragraphs(POLICY_LINES[12:])}{FOOTER}</body></html>")
    assert [line for line in POLICY_LINES if line not in text] == []


@pytest.mark.parametrize("line", ["（一）奖励20万元", "(一)奖励20万元", "1．奖励20万元", "第八条 奖励", "四、奖励"])
def test_a_short_clause_keeps_its_block_in_full_width_and_ascii_writing(line):
    assert line in read(f'<html><body>{paragraphs()}<div class="footer"><p>{line}</p></div></body></html>')


def test_a_sentence_ended_by_a_full_width_semicolon_keeps_its_block():
    line = "对首次认定的国家级企业给予一次性奖励；"
    assert line in read(f'<html><body>{paragraphs()}<div class="footer"><p>{line}</p></div></body></html>')


def test_a_named_frame_without_clauses_is_left_out():
    frame = '<div class="comments"><p>写得不错</p></div><aside>扫码关注</aside><footer>主办:云岭市政府</footer>'
    text = read(f"<html><body>{paragraphs()}{frame}</body></html>")
    assert all(noise not in text for noise in ("写得不错", "扫码关注", "主办"))


def test_a_breadcrumb_is_left_out_and_a_list_of_attachments_is_kept():
    trail = '<div>当前位置:<a href="/">首页</a> &gt; <a href="/zc">政策文件</a></div>'
    files = "<ul>" + "".join(f'<li><a href="{n}.doc">附件{n}:申报条件</a></li>' for n in (1, 2, 3)) + "</ul>"
    text = read(f"<html><body>{trail}{paragraphs()}{files}</body></html>")
    assert "当前位置" not in text
    assert "附件3:申报条件" in text


def test_a_line_that_cites_laws_as_links_is_kept():
    laws = "、".join(f'<a href="/{n}">《{n}法》</a>' for n in "甲乙丙丁")
    assert "《丁法》" in read(f"<html><body><p>根据{laws}</p>{paragraphs()}</body></html>")


def test_table_rows_are_lines_and_cells_are_separated_by_tabs():
    table = (
        "<table><thead><tr><th>级别</th><th>金额</th></tr></thead><tbody>"
        "<tr><td><p>国家级</p></td><td>\n <p>1亿元</p>\n</td></tr><tr><td>省级</td><td>1500<br>万元</td></tr>"
        "</tbody></table>"
    )
    assert read(f"<html><body><p>标准:</p>{table}<p>完。</p></body></html>") == (
        "标准:\n级别\t金额\n国家级\t1亿元\n省级\t1500 万元\n完。"
    )


def test_scripts_styles_comments_and_hidden_text_are_left_out():
    page = (
        "<html><head><title>标题甲</title><style>p{}</style></head><body><script>var a='丢弃'</script>"
        "<!-- 注释 --><p>第一条 留下。</p><div style='color:red; display : none'>藏一</div><p hidden>藏二</p>"
        "<noscript>请启用脚本</noscript><textarea>草稿</textarea><p>各<ruby>區<rt>qu</rt></ruby>留下。</p></body></html>"
    )
    assert read(page) == "第一条 留下。\n各區留下。"


def test_a_page_that_is_hidden_until_a_script_shows_it_is_read():
    assert read('<html><body style="visibility:hidden"><p>第一条 给予奖励。</p></body></html>') == "第一条 给予奖励。"


def test_word_markup_is_read_as_plain_text():
    item = (
        "<p class=MsoListParagraph><![if !supportLists]><span style='mso-list:Ignore'>一、<span style='font:7.0pt "
        '"Times New Roman"\'>&nbsp;&nbsp; </span></span><![endif]><span\nlang=EN-US>2025<o:p></o:p></span>年\n奖励</p>'
    )
    page = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if gte mso 9]><xml><w:View>垃圾</w:View>'
        f"</xml><![endif]--><style>p.MsoNormal{{mso-a:b}}</style></head><body><div>{item}</div></body></html>"
    )
    assert read(page) == "一、 2025年奖励"


def test_source_line_breaks_join_chinese_and_separate_words():
    assert read("<p>各区人民\n    政府,AI\nchina 2025\n年</p>") == "各区人民政府,AI china 2025 年"


def test_numbers_of_an_ordered_list_are_shown_unless_the_items_carry_their_own():
    assert read("<ol start=3><li>甲企业</li><li>乙企业</li></ol>") == "3. 甲企业\n4. 乙企业"
    assert read("<ol><li>(一)甲企业</li><li>乙企业</li></ol>") == "(一)甲企业\n乙企业"
    assert read("<ol><li>（一）甲企业</li></ol>") == "（一）甲企业"
    assert read("<ol style='list-style:none'><li>甲企业</li></ol>") == "甲企业"
    assert read("<ol type=A><li>甲企业</li><li value=4>丁企业</li></ol>") == "A. 甲企业\nD. 丁企业"


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-8", "utf-8"),
        ("big5", "big5"),
        ("utf-8", "gb18030"),
        ("", "gb18030"),
    ],
)
def test_charset_is_taken_from_the_page_and_corrected_when_it_is_wrong(declared, actual):
    body = "<p>第一條 本辦法由市人民政府負責解釋,自發布之日起施行。</p>" if actual == "big5" else paragraphs()
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
    page = f"<html><head>{meta}</head><body>{body}</body></html>"
    text = read(page.encode(actual))
    assert ("解釋" if actual == "big5" else POLICY_LINES[11]) in text


def test_characters_outside_gb2312_survive_a_gb2312_label():
    page = '<html><meta charset="gb2312"><body><p>朱镕基、洺河、㑇、喆等字,第一条规定的奖励为20万元。</p></body></html>'
    assert "洺河、㑇、喆" in read(page.encode("gb18030"))


@pytest.mark.parametrize("depth", [300, 1500])
def test_deeply_nested_tags_lose_nothing(depth):
    assert (
        read("<html><body>" + "<font>" * depth + "<p>第一条 奖励。</p>" + "</font>" * depth + "<p>末。</p>")
        == "第一条 奖励。\n末。"
    )


def test_a_fragment_and_a_very_long_text_are_read():
    assert read("第一条<br/>第二条") == "第一条\n第二条"
    assert len(read("<p>" + "各区人民政府。" * 1_600_000 + "</p>")) == 11_200_000


def test_a_page_without_text_says_what_to_do(tmp_path):
    with pytest.raises(SourceFileError, match=r"空\.html.*没有文字.*复制正文"):
        read_file(save(tmp_path, "空.html", "<html><body><img src='http://example.invalid/a.png'></body></html>"))


@given(st.lists(st.text(alphabet="一二三奖励企业万元,。《》1a ", min_size=1, max_size=30), min_size=1, max_size=8))
def test_no_character_of_a_page_without_links_is_lost(texts):
    page = "<html><body>" + "".join(f"<div><p>{text}</p></div>" for text in texts) + "</body></html>"
    if squeezed("".join(texts)):
        assert squeezed(read(page)) == squeezed("".join(texts))
