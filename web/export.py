"""A conversation as a Markdown or Word file, with the full text of every clause that it cites."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from index.models import Clause, PolicyFacts
from index.store import IndexReader

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNSAFE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_LINE_START = re.compile(r"^(\d{0,9})([-+=.)])")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOTICE = "回答摘自收录的文件,申报以主管部门解释为准。"

T = TypeVar("T")


class Turn(BaseModel):
    """One question with its answer, as the page keeps it; without an answer where there was none."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=20_000)
    answer: dict[str, Any] | None = None
    message: str = Field(default="", max_length=2000)
    as_of: str = Field(default="", max_length=10)
    corpus_version: str = Field(default="", max_length=100)
    policy_ids: list[str] = []


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of the file; `style` is title, heading, question, text, quote, note or source."""

    style: str
    text: str


def response(title: str, turns: Sequence[Turn], form: Literal["md", "docx"], reader: IndexReader) -> Response:
    """The file as a download."""
    lines = list(document(title, turns, reader))
    content = markdown(lines).encode() if form == "md" else word(lines)
    media = "text/markdown; charset=utf-8" if form == "md" else _WORD
    name = f"{_UNSAFE_NAME.sub(' ', title).strip(' .')[:60] or '政策问答'}-{date.today().isoformat()}.{form}"
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(
        content, media_type=media, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"}
    )


def document(title: str, turns: Sequence[Turn], reader: IndexReader) -> Iterator[Line]:
    """The conversation, then the clauses with their full texts, each once."""
    yield Line("title", title)
    yield Line("note", f"导出时间:{datetime.now().astimezone():%Y-%m-%d %H:%M}")
    yield Line("note", f"政策库版本:{reader.manifest.corpus_version}。{_NOTICE}")
    cited: dict[tuple[str, str], None] = {}
    for number, turn in enumerate(turns, start=1):
        yield Line("heading", f"问题 {number}")
        yield Line("question", turn.question)
        if turn.answer is None:
            yield Line("note", turn.message or "没有回答。")
            continue
        yield from _answer_lines(turn, reader)
        cited |= dict.fromkeys(key for key, _ in _citations(turn))
    if cited:
        yield Line("heading", "条款全文")
        yield from (line for key in cited for line in _clause_lines(key, reader))


def _answer_lines(turn: Turn, reader: IndexReader) -> Iterator[Line]:
    answer = turn.answer or {}
    day = f"以 {turn.as_of} 为准" if turn.as_of else ""
    version = turn.corpus_version
    changed = f"当时的政策库版本:{version}" if version and version != reader.manifest.corpus_version else ""
    yield from (Line("text", line) for line in str(answer.get("answer", "")).split("\n") if line.strip())
    for made in _listed(answer, "calculations", dict):
        formula, result = str(made.get("formula", "")), str(made.get("result", ""))
        yield Line("text", f"计算:{formula}" if not result or result in formula else f"计算:{formula} = {result}")
    yield from (Line("note", f"注意:{one.get('message', '')}") for one in _listed(answer, "warnings", dict))
    yield from (Line("note", f"请补充:{asked}") for asked in _listed(answer, "ask_back", str))
    if notes := ";".join(filter(None, (day, changed))):
        yield Line("note", notes)
    for _, one in _citations(turn):
        stated = one.get("policy")
        policy: dict[str, Any] = stated if isinstance(stated, dict) else {}
        number = f"({policy['doc_number']})" if policy.get("doc_number") else ""
        yield Line(
            "source",
            f"{one.get('marker', '')} 《{policy.get('title', '')}》{number}"
            f"{one.get('label', '')}:{one.get('quote', '')}",
        )


def _listed(answer: dict[str, Any], name: str, kind: type[T]) -> list[T]:
    """What is of `kind` in a list out of what a browser sent."""
    found = answer.get(name)
    return [one for one in found if isinstance(one, kind)] if isinstance(found, list) else []


def _citations(turn: Turn) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """Citations with the policy and the clause path that they name."""
    objects = _listed(turn.answer or {}, "citations", dict)
    ids = [*turn.policy_ids, *[""] * len(objects)]
    return [((policy_id, str(one.get("path", ""))), one) for policy_id, one in zip(ids, objects, strict=False)]


def _clause_lines(key: tuple[str, str], reader: IndexReader) -> Iterator[Line]:
    policy_id, path = key
    facts = reader.facts().get(policy_id)
    clause = reader.clause(policy_id, path) if facts is not None else None
    if facts is None or clause is None:
        return
    yield Line("source", _place(facts, clause))
    yield from (Line("quote", line) for line in clause.written.split("\n") if line.strip())


def _place(facts: PolicyFacts, clause: Clause) -> str:
    number = f"({facts.doc_number})" if facts.doc_number else ""
    status = facts.status(date.today()).value
    return f"《{facts.title}》{number},{clause.label},今天的效力状态:{status}"


def markdown(lines: Sequence[Line]) -> str:
    """The lines as Markdown; marks in the words are escaped, so that they show as they are."""
    prefixes = {"title": "# ", "heading": "## ", "question": "**问:** ", "quote": "> ", "note": "*", "source": "- "}
    suffixes = {"note": "*"}
    written = ((line.style, _escaped(line.text)) for line in lines)
    shown = (f"{prefixes.get(style, '')}{text}{suffixes.get(style, '')}" for style, text in written if text)
    return "\n\n".join(shown) + "\n"


def _escaped(text: str) -> str:
    """`text` on one line, with a backslash before whatever Markdown takes for a mark."""
    flat = " ".join(_NOT_IN_XML.sub("", text).split())
    return _LINE_START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", flat))


def word(lines: Sequence[Line]) -> bytes:
    """The lines as a docx file."""
    from docx import Document
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    made = Document()
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "宋体", Pt(11)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    note = made.styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH)
    note.base_style, note.font.size, note.font.color.rgb = normal, Pt(9.5), RGBColor(0x59, 0x63, 0x70)
    styles = {"title": "Title", "heading": "Heading 1", "quote": "Intense Quote", "note": "Note", "source": "Note"}
    for line in lines:
        paragraph = made.add_paragraph(style=styles.get(line.style, "Normal"))
        run = paragraph.add_run(_NOT_IN_XML.sub("", line.text))
        run.bold = True if line.style == "question" else None
    for name in ("Title", "Heading 1", "Intense Quote"):
        fonts = made.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "黑体" if name != "Intense Quote" else "宋体")
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()
