"""Noise that real policy files carry, as transformers of a clean plain text.

Every transformer is a pure function of the text and a `random.Random`. It changes how a policy is
written down, never what it says, so the parsed policy stays the same. `apply` composes them in the
order in which noise arises: characters, layout, surroundings of the text, file encoding.

Left alone on purpose, because a human reader could not undo it either: own-line headings, titles and
signatures are broken only at 24 characters or more (typesetters do not break them like prose), and a
wrapped paragraph never ends with a full last line (within three characters), nor breaks short after a
full stop.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from functools import cache

import opencc
from pypinyin import Style, pinyin

Noise = Callable[[str, random.Random], str]

_SENTENCE_ENDS = "。；：！？;:"
_DISPLAY_WIDTH = 24
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TITLE_WORDS = "办法|措施|政策|方案|意见|通知|规划|计划|条例|规定|决定|细则|指南|规程|公告"
_TITLE_END = re.compile(rf"(?:{_TITLE_WORDS})(?:[（(][^）)]*[）)])?$")
_REFERENCE = re.compile(r"第[一二三四五六七八九十百千]+[条章批]|[（(][一二三四五六七八九十]+[）)]项|\d{4}年|\d+\.\d+")
_DATE_LINE = re.compile(r"(?m)^(\d{4})年(\d{1,2})月(\d{1,2})日$")
_NUMERAL = "[一二三四五六七八九十百]+"
_HEADING = re.compile(rf"(?m)^((?:第{_NUMERAL}[条章节]|{_NUMERAL}、|[（(]{_NUMERAL}[）)]))([^\n]*)$")
_YI = str.maketrans({"，": "\ua3ac", "。": "\ua3ae", "；": "\ua3bb", "：": "\ua3ba"})
_FULL_WIDTH = {c: chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}


# --- characters -------------------------------------------------------------------------------


@cache
def _readings(char: str, style: Style) -> list[str]:
    return list(pinyin(char, style=style, heteronym=True)[0])


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def _glosses(text: str, rng: random.Random, *, style: Style, rate: float = 0.15) -> str:
    left, right = rng.choice(("()", "（）"))
    out = []
    for char in text:
        out.append(char)
        if _HAN.match(char) and rng.random() < rate:
            reading = rng.choice(_readings(char, style))
            if reading.isalpha() and not _HAN.search(reading):
                out.append(f"{left}{reading}{right}" * rng.choice((1, 1, 2)))
    return "".join(out)


def glosses(text: str, rng: random.Random) -> str:
    """Pinyin without tones after characters, sometimes twice: 各(ge)(ge)区."""
    return _glosses(text, rng, style=Style.NORMAL)


def glosses_with_tones(text: str, rng: random.Random) -> str:
    """Pinyin with tone marks after characters: 转（zhuǎn）型."""
    return _glosses(text, rng, style=Style.TONE)


def traditional(text: str, rng: random.Random) -> str:
    """Traditional characters."""
    return _converter("s2t").convert(text)


def traditional_tw(text: str, rng: random.Random) -> str:
    """Traditional characters in the forms usual in Taiwan."""
    return _converter("s2tw").convert(text)


def blanks(text: str, rng: random.Random) -> str:
    """Blanks between digits and characters, as text layers of PDF files have them: 16 个, 2025 年."""
    numbers = re.compile(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff])")
    return numbers.sub(lambda _: rng.choice(("", " ", " ", "  ")), text)


def blanks_after_stops(text: str, rng: random.Random) -> str:
    """A blank after full stops and around 〔〕 inside lines, left by wide punctuation of a PDF font."""
    return re.sub(r"([。；〔〕])(?=[^\n])", lambda m: m.group(1) + rng.choice(("", " ")), text)


def full_width(text: str, rng: random.Random) -> str:
    """Full-width digits and letters."""
    return "".join(_FULL_WIDTH.get(char, char) for char in text)


def half_width_punctuation(text: str, rng: random.Random) -> str:
    """Half-width brackets, commas, colons and semicolons, as re-typed web pages have."""
    return text.translate(str.maketrans("（），：；", "(),:;"))


def guillemets(text: str, rng: random.Random) -> str:
    """«» for 《》."""
    return text.replace("《", "«").replace("》", "»")


def yi_punctuation(text: str, rng: random.Random) -> str:
    """Letters of the Yi block for punctuation: GBK codes of the font taken for Unicode (U+A3AC for ，)."""
    return text.translate(_YI)


def zero_width(text: str, rng: random.Random) -> str:
    """Invisible characters between others."""
    invisible = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
    return "".join(char + (rng.choice(invisible) if rng.random() < 0.05 else "") for char in text)


def emphasis(text: str, rng: random.Random) -> str:
    """Markdown headings, bold run-in headings and bold amounts; the file is a Markdown file then."""

    def mark(match: re.Match[str]) -> str:
        ordinal, rest = match.groups()
        run_in, stop, after = rest.partition("。")
        if ordinal.endswith("条"):
            return f"**{ordinal}**{rest}" if rest[:1] in ("\u3000", " ", "【") else ordinal + rest
        if not stop and not rest.endswith(tuple(_SENTENCE_ENDS)) and len(rest) < 20:
            return f"{rng.choice(('## ', '### '))}{ordinal}{rest}"
        if not after:
            return ordinal + rest
        return rng.choice((f"**{ordinal}{run_in}。**{after}", f"{ordinal}**{run_in}。**{after}"))

    marked = _HEADING.sub(mark, text)
    return re.sub(r"(\d+万元)", lambda m: f"**{m.group(1)}**" if rng.random() < 0.5 else m.group(1), marked)


# --- layout -----------------------------------------------------------------------------------


def _cut(paragraph: str, width: int, first: int, rng: random.Random, *, at_references: bool) -> list[str]:
    """Lines of at most `width` characters, the first of at most `first`."""
    lines, rest, limit = [], paragraph, first
    while len(rest) > limit:
        end = limit
        if at_references:
            starts = [m.start() for m in _REFERENCE.finditer(rest, 1, limit + 8) if limit // 2 < m.start() <= limit]
            starts = [s for s in starts if rest[s - 1] not in _SENTENCE_ENDS]
            end = rng.choice(starts) if starts else limit
        lines.append(rest[:end])
        rest, limit = rest[end:], width
    return [*lines, rest]


def _wrap_paragraph(paragraph: str, width: int, rng: random.Random, *, at_references: bool) -> list[str]:
    """Break one paragraph so that only its last line is visibly short."""
    if not paragraph.rstrip().endswith(tuple(_SENTENCE_ENDS)):
        width = max(width, _DISPLAY_WIDTH)
    lines = [paragraph]
    for first in (width, width - 2, width - 3, width - 4, width - 5):
        lines = _cut(paragraph, width, first, rng, at_references=at_references)
        unclear = len(lines[-1]) >= width - 3 or (first < width and lines[0][-1] in _SENTENCE_ENDS)
        if not unclear:
            break
    return lines


def wrap_at(
    text: str, rng: random.Random, *, width: int, indent: str = "", between: str = "\n", at_references: bool = False
) -> str:
    """Hard wrap at `width` characters, inside words and numbers; `between` joins lines."""
    lines = [
        line
        for paragraph in text.split("\n")
        if paragraph.strip()
        for line in _wrap_paragraph(indent + paragraph, width, rng, at_references=at_references)
    ]
    return between.join(lines) + "\n"


def wrap(text: str, rng: random.Random) -> str:
    """Hard wrap at any width, paragraphs not set off."""
    return wrap_at(text, rng, width=rng.randint(8, 60))


def wrap_indented(text: str, rng: random.Random) -> str:
    """Hard wrap, every paragraph's first line indented by two wide blanks."""
    return wrap_at(text, rng, width=rng.randint(10, 60), indent="\u3000\u3000")


def wrap_pdf(text: str, rng: random.Random) -> str:
    """Hard wrap with an empty line after every line, as text layers of PDF files have it."""
    return wrap_at(text, rng, width=rng.randint(18, 40), between="\n\n")


def wrap_before_references(text: str, rng: random.Random) -> str:
    """Hard wrap that starts lines with what looks like a heading: 第三条规定的, （一）项, 2025年, 1.5亿元."""
    return wrap_at(text, rng, width=rng.randint(12, 45), at_references=True)


def indent(text: str, rng: random.Random) -> str:
    """Paragraphs indented by wide blanks or spaces."""
    space = rng.choice(("\u3000\u3000", "    ", "\u00a0\u00a0", "\t"))
    return re.sub(r"(?m)^(?=.)", space, text)


def blank_lines(text: str, rng: random.Random) -> str:
    """Empty lines, some of them with blanks, between paragraphs."""
    return re.sub(r"\n(?=.)", lambda _: rng.choice(("\n", "\n\n", "\n \n\n", "\n\u3000\n")), text)


def one_line(text: str, rng: random.Random) -> str:
    """Everything on one line; in some reprints under the title as a line of its own."""
    joined = "".join(text.split("\n"))
    return rng.choice((joined, f"{title_of(text)}\n\n{joined}"))


def pages(text: str, rng: random.Random) -> str:
    """Page numbers, form feeds and running headers between lines, and once inside a paragraph."""
    lines = _break_once(text.rstrip("\n").split("\n"), rng)
    size = rng.randint(4, 9)
    # No page ends inside a title: its years, （2023—2025年）, stay on the page of its words.
    starts = [i for i in range(0, len(lines), size) if i == 0 or not re.match(r"[（(][\d ]{4}", lines[i])]
    chunks = [lines[i:j] for i, j in zip(starts, [*starts[1:], len(lines)], strict=True)]
    number = rng.choice(("— {0} —", "- {0} -", "－{0}－", "第 {0} 页 共 {1} 页", "第{0}页", "{0}", "{0} / {1}"))
    header = rng.choice(("", "政策文件汇编", "内部资料　注意保存")) if len(chunks) > 2 else ""
    feed = rng.choice(("", "\f"))
    out = []
    for count, chunk in enumerate(chunks, start=1):
        top = feed if count > 1 else ""
        out += [top + header, *chunk] if header else [top + chunk[0], *chunk[1:]]
        out.append(number.format(count, len(chunks)))
    return "\n".join(out) + "\n"


def _break_once(lines: list[str], rng: random.Random) -> list[str]:
    """Split one long paragraph in two lines between two characters of a sentence."""
    places = [i for i, line in enumerate(lines) if len(line) > 60]
    if not places:
        return lines
    place = rng.choice(places)
    line = lines[place]
    inside = [i for i in range(25, len(line) - 15) if _HAN.match(line[i - 1]) and _HAN.match(line[i])]
    if not inside:
        return lines
    cut = rng.choice(inside)
    return [*lines[:place], line[:cut], line[cut:], *lines[place + 1 :]]


# --- surroundings -----------------------------------------------------------------------------


def title_of(text: str) -> str:
    """The title in front of a clean text: its lines up to one that ends as titles do, else the first line."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for count in range(1, min(4, len(lines)) + 1):
        if _TITLE_END.search(_converter("t2s").convert(lines[count - 1])):
            return "".join(lines[:count])
    return lines[0]


def lead(text: str, rng: random.Random) -> str:
    """A news lead, a repeated title or a page's navigation in front of the text."""
    title = title_of(text)
    place = re.match(r"[\u4e00-\u9fff]{1,3}?[省市区县]", title)
    issuer = f"{place.group()}有关部门" if place else "有关部门"
    quoted = f"《{title}》" if "《" not in title else f"“{title}”"
    styles = (
        f"财联社3月5日讯,{issuer}印发{quoted},提出一批支持举措。",
        f"财联社3月5日电，{issuer}日前印发{quoted}。",
        f"记者从{issuer}获悉，{quoted}已经公布，将从多个方面支持企业发展。",
        f"近日，{issuer}印发{quoted}，明确了扶持对象和标准。全文如下：",
        f"{title}。",
        title,
        "当前位置：首页 > 政务公开 > 政策文件",
        "来源：本站　　浏览次数：1024　　字号：[大 中 小]　　打印",
    )
    return "\n".join(rng.sample(styles, k=rng.choice((1, 1, 2)))) + "\n" + text


def imprint(text: str, rng: random.Random) -> str:
    """The imprint under an issued document: copies to, printing office and date (抄送, 印发)."""
    lines = ["抄送：市委各部门，市人大常委会办公室，市政协办公室，", "市法院，市检察院。"]
    dated = _DATE_LINE.search(text)
    if dated:
        signer = text[: dated.start()].rstrip("\n").rpartition("\n")[2]
        lines.append(f"{signer}　　　{dated.group()}印发")
    return text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"


def footer(text: str, rng: random.Random) -> str:
    """What a web page has under the text: upload notices, sharing, neighbours, reading lists."""
    blocks = (
        "本消息为网站用户上传并发布,如需删除,请发送邮件至service@site.example",
        "版权声明：本网站所载内容版权归原作者所有，未经许可不得转载。",
        "热门阅读\n2024年高新技术企业申报通知汇总\n一文读懂企业技术中心认定",
        "上一篇：关于做好企业用工监测工作的通知\n下一篇：关于举办创新创业大赛的公告",
        "分享到：微信 微博 QQ空间",
        "【打印本页】【关闭窗口】",
        "打印 关闭",
        "扫一扫在手机打开当前页",
        "获取政策资料\n立即获取",
        "责任编辑：王某",
        "网站地图 | 联系我们 | 主办单位：政府办公室　网站标识码：0000000000",
    )
    chosen = rng.sample(blocks, k=rng.randint(1, 4))
    return text.rstrip("\n") + rng.choice(("\n", "\n\n")) + "\n".join(chosen) + "\n"


# --- file -------------------------------------------------------------------------------------


def crlf(text: str, rng: random.Random) -> str:
    """Line ends of Windows files."""
    return text.replace("\n", "\r\n")


def bom(text: str, rng: random.Random) -> str:
    """A byte order mark that a decoder left in place."""
    return "\ufeff" + text


NOISES: dict[str, Noise] = {
    noise.__name__: noise
    for noise in (
        traditional,
        traditional_tw,
        glosses,
        glosses_with_tones,
        blanks,
        blanks_after_stops,
        full_width,
        half_width_punctuation,
        guillemets,
        yi_punctuation,
        emphasis,
        one_line,
        wrap,
        wrap_indented,
        wrap_pdf,
        wrap_before_references,
        pages,
        indent,
        blank_lines,
        imprint,
        lead,
        footer,
        zero_width,
        crlf,
        bom,
    )
}
"""Every noise by name, in the order in which `apply` composes them."""

_WRAPS = frozenset({"wrap", "wrap_indented", "wrap_pdf", "wrap_before_references"})
_GLOSSES = frozenset({"glosses", "glosses_with_tones"})
# Of each group one at most: a glossed page, a news lead or Markdown comes from the web and has no page furniture.
_ALTERNATIVES: tuple[frozenset[str], ...] = (
    frozenset({"traditional", "traditional_tw"}),
    _GLOSSES,
    frozenset({"half_width_punctuation", "yi_punctuation"}),
    *(frozenset({"one_line", other}) for other in ("emphasis", "pages", "imprint", "blank_lines", "indent", *_WRAPS)),
    *(frozenset({one, other}) for one in _WRAPS for other in _WRAPS if one < other),
    *(frozenset({wrapped, gloss}) for wrapped in _WRAPS for gloss in _GLOSSES),
    *(frozenset({wrapped, other}) for wrapped in _WRAPS for other in ("emphasis", "indent", "blank_lines")),
    *(frozenset({"emphasis", other}) for other in ("indent", "pages", "imprint")),
    *(frozenset({"lead", other}) for other in ("pages", "one_line")),
)


def compatible(names: Iterable[str]) -> bool:
    """Whether these noises occur in one file: one layout, one script, one kind of punctuation."""
    chosen = set(names)
    return not any(group <= chosen for group in _ALTERNATIVES)


def apply(text: str, names: Iterable[str], rng: random.Random) -> str:
    """`text` with the named noises, in the order of `NOISES`.

    Raises:
        KeyError: a name is not in `NOISES`.
    """
    chosen = set(names)
    unknown = chosen - NOISES.keys()
    if unknown:
        raise KeyError(f"unknown noises: {sorted(unknown)}")
    for name, noise in NOISES.items():
        if name in chosen:
            text = noise(text, rng)
    return text
