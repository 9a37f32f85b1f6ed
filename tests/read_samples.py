"""Makes small real files of the formats that the reader takes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

POLICY_LINES = (
    "云岭市人民政府关于支持制造业高质量发展的若干意见",
    "云政发〔2024〕12号",
    "各区、县(市)人民政府,市政府各部门、各直属单位:",
    "为加快推进新型工业化,结合本市实际,制定本意见。",
    "一、总体要求",
    "坚持以企业为主体,到2027年,全市规上工业增加值突破5000亿元。",
    "二、支持企业做大做强",
    "(一)对首次上规的企业,给予一次性奖励20万元。",
    "(二)对国家级单项冠军企业,给予300万元奖励。",
    "1.省级的减半。",
    "2.不重复享受。",
    "(三)支持技术改造。按实际投入的15%给予补助,最高不超过500万元。",
    "三、附则",
    "本意见自2024年5月1日起施行,有效期至2027年12月31日。",
    "云岭市人民政府",
    "2024年4月1日",
)

Line = tuple[float, float, str]
"""x and y from the lower left corner in points, and the text."""

A4 = (595, 842)


def squeezed(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def save(folder: Path, name: str, data: bytes | str) -> Path:
    """Write `data` (text as UTF-8) and return the path."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def page_lines(texts: Sequence[str], *, x: float = 60, top: float = 780, leading: float = 24) -> list[Line]:
    """Lines set one below the other."""
    return [(x, top - leading * row, text) for row, text in enumerate(texts)]


def make_pdf(pages: Sequence[Sequence[Line]], *, size: int = 12, encrypted: bool = False) -> bytes:
    """A PDF whose lines are drawn in the given order with a standard Chinese font (UniGB-UCS2-H)."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>",
    ]
    kids = []
    for lines in pages:
        content = b"".join(
            f"BT /F1 {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n".encode() for x, y, text in lines
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        resources = b"/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] %s /Contents %d 0 R >>"
            % (*A4, resources, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _assemble(objects, encrypted=encrypted)


def _assemble(objects: list[bytes], *, encrypted: bool) -> bytes:
    trailer = b"/Root 1 0 R"
    if encrypted:
        # Keys that fit no password: a reader can only ask for one.
        secret = b"41" * 32
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (secret, secret))
        trailer += b" /Encrypt %d 0 R /ID [<00> <00>]" % len(objects)
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def make_zip(members: dict[str, str | bytes]) -> bytes:
    """A compressed zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def rewrite_zip(data: bytes, replaced: dict[str, bytes]) -> bytes:
    """A copy of an archive with some members replaced or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members: dict[str, str | bytes] = {item.filename: archive.read(item) for item in archive.infolist()}
    return make_zip(members | replaced)


def make_docx(texts: Sequence[str]) -> bytes:
    """A Word document of plain paragraphs."""
    from docx import Document

    document = Document()
    for text in texts:
        document.add_paragraph(text)
    return save_docx(document)


def save_docx(document: object) -> bytes:
    """The bytes of a python-docx document."""
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def chinese_font(size: int):
    """A Noto CJK font in simplified Chinese; the test is skipped where Debian's fonts-noto-cjk is not installed."""
    from PIL import ImageFont

    found = sorted(Path("/usr/share/fonts/opentype/noto").glob("NotoSansCJK-Regular.ttc"))
    if not found:
        pytest.skip("no Noto CJK font: apt-get install fonts-noto-cjk")
    return ImageFont.truetype(str(found[0]), size, index=2)


def draw_page(texts: Sequence[str], *, size: int = 34, width: int = 1240, height: int = 1754):
    """A white page (A4 at 150 dpi) with lines of black text, as a Pillow image."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    font = chinese_font(size)
    for row, text in enumerate(texts):
        draw.text((80, 100 + row * size * 2), text, font=font, fill="black")
    return image
