"""HTML of answers and citation cards. Everything that comes from a question or a policy is escaped here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

from index.models import EditionKind, PolicyFacts, PolicyId, Status
from rag.answer import COMPOSED, Answer
from rag.citing import Calculation, Citation
from rag.figures import MONEY, RATE, figures

EDITION_NAMES = {EditionKind.ORIGINAL: "原件", EditionKind.REPRINT: "转载", EditionKind.DIGEST: "摘编"}
_TONES = {
    Status.IN_FORCE: "good",
    Status.EXPIRED: "bad",
    Status.PERIOD_ENDED: "bad",
    Status.NOT_YET_EFFECTIVE: "warn",
    Status.UNKNOWN: "warn",
    Status.DRAFT: "warn",
}
_MARKER = re.compile(r"\[\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of the conversation.

    Attributes:
        answer: None where `message` says why there is none, or while it is being found.
        written: what a language model has written of the answer up to here; the answer replaces it.
        facts: of the policies cited, by id, as they were when the answer was given.
    """

    question: str
    answer: Answer | None = None
    message: str = ""
    written: str = ""
    facts: Mapping[PolicyId, PolicyFacts] = field(default_factory=dict)


def conversation_html(exchanges: Sequence[Exchange]) -> str:
    """The conversation, oldest first; a welcome before the first question."""
    if not exchanges:
        return '<div class="welcome"><b>想了解哪项政策?</b><span>答案摘自收录的文件,每句话注明出处。</span></div>'
    turns = "".join(
        f'<div class="turn asked" aria-label="问题">{_lines(exchange.question)}</div>'
        f'<div class="turn reply" aria-label="回答">{_reply_html(exchange)}</div>'
        for exchange in exchanges
    )
    return f'<div class="log" role="log" aria-live="polite">{turns}</div>'


def _reply_html(exchange: Exchange) -> str:
    if exchange.answer is not None:
        return answer_html(exchange.answer)
    if exchange.message:
        return f'<div class="notice">{_lines(exchange.message)}</div>'
    if exchange.written:
        return f'<div class="answer">{_paragraphs(exchange.written)}</div><div class="pending">正在逐句核对…</div>'
    return '<div class="pending">正在查找条款…</div>'


def answer_html(answer: Answer) -> str:
    """An answer with its markers, calculations, warnings, questions back and the list of its sources."""
    warnings = "".join(f'<li class="{escape(one.code)}">{escape(one.message)}</li>' for one in answer.warnings)
    asked = "".join(f"<li>{escape(question)}</li>" for question in answer.ask_back)
    parts = [f'<div class="answer {escape(answer.status)}">{_paragraphs(answer.text)}']
    parts += [_calculations(answer.calculations)] if answer.calculations else []
    parts += [f'<ul class="warnings">{warnings}</ul>'] if warnings else []
    parts += [f'<div class="ask-back"><b>请补充</b><ul>{asked}</ul></div>'] if asked else []
    parts += [f'<ul class="sources">{_sources(answer)}</ul>'] if answer.citations else []
    if answer.mode != COMPOSED:
        parts.append(f'<div class="mode">由语言模型 {escape(answer.mode)} 根据条款写成,逐句核对后显示</div>')
    return "".join([*parts, "</div>"])


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_with_markers(line)}</p>" for line in text.split("\n") if line)


def _calculations(calculations: Sequence[Calculation]) -> str:
    """A table of formulas and results."""
    rows = "".join(
        f'<tr><th scope="row">{"计算" if number == 0 else ""}</th><td>{escape(made.formula)}</td>'
        f'<td class="result">{escape(made.result)}</td></tr>'
        for number, made in enumerate(calculations)
    )
    return f'<table class="calculations"><tbody>{rows}</tbody></table>'


def _sources(answer: Answer) -> str:
    """The policies cited with their clauses, one policy a line."""
    by_policy: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_policy.setdefault(citation.policy_id, []).append(citation)
    lines = []
    for cited in by_policy.values():
        places = "".join(f"<span>{_marker(one.marker)}{escape(_place(one))}</span>" for one in cited)
        lines.append(f'<li title="{escape(cited[0].title)}">《{escape(_short(cited[0].title))}》{places}</li>')
    return "".join(lines)


def panel_html(exchanges: Sequence[Exchange]) -> str:
    """The cards of the last answer, and those of the earlier ones folded below it, newest first."""
    if not exchanges:
        return '<div class="empty">提问后,这里显示答案依据的条款:出自哪份文件、哪一条,原文怎么写。</div>'
    earlier = "".join(
        f"<details><summary>{escape(_short(exchange.question))}</summary>{_cards(exchange)}</details>"
        for exchange in reversed(exchanges[:-1])
        if exchange.answer is not None and exchange.answer.citations
    )
    folded = f'<h3 class="earlier">前面的回答</h3>{earlier}' if earlier else ""
    return _cards(exchanges[-1]) + folded


def _cards(exchange: Exchange) -> str:
    answer = exchange.answer
    if exchange.written:
        return '<div class="empty">回答写完以后,这里显示它依据的条款。</div>'
    if answer is None or not answer.citations:
        return '<div class="empty">这个回答没有引用条款。</div>'
    cards = (_card(citation, exchange.facts.get(citation.policy_id), answer.as_of) for citation in answer.citations)
    return "".join(cards)


def _card(citation: Citation, facts: PolicyFacts | None, as_of: date) -> str:
    number = f'<span class="number">{escape(citation.doc_number)}</span>' if citation.doc_number else ""
    headings = [
        *citation.trail,
        *([citation.heading] if citation.heading and _place(citation) == citation.label else []),
    ]
    trail = "".join(f"<span>{escape(heading)}</span>" for heading in headings)
    place = f'<div class="trail">{trail}</div>' if trail else ""
    tone = _TONES[citation.status]
    status = escape(_status_text(citation.status, facts))
    edition = escape(EDITION_NAMES[citation.edition])
    return (
        f'<article class="card"><header>{_marker(citation.marker)}<b class="label">{escape(_place(citation))}</b>'
        f'<span class="badge {tone}" title="以{as_of.isoformat()}为准">{status}</span></header>'
        f'<div class="title">{escape(citation.title)}{number}<span class="edition">{edition}</span></div>{place}'
        f"<blockquote>{_highlighted(citation.quote)}</blockquote></article>"
    )


def _place(citation: Citation) -> str:
    """The label; one that is only an ordinal (三、) with the heading behind it."""
    return f"{citation.label}{citation.heading or ''}" if citation.label.endswith("、") else citation.label


def _status_text(status: Status, facts: PolicyFacts | None) -> str:
    """The status with the date it turns on: 已失效 · 2021-12-31."""
    if facts is None:
        return status.value
    day: str | None = None
    if status is Status.EXPIRED:
        day = _iso(facts.repealed_on or facts.expires_on)
    elif status is Status.PERIOD_ENDED and facts.period is not None:
        day = f"{facts.period[0]}—{facts.period[1]}年"
    elif status is Status.NOT_YET_EFFECTIVE:
        start = _iso(facts.effective_on or facts.issued_on)
        day = f"{start} 起" if start else None
    elif status is Status.IN_FORCE:
        until = _iso(facts.expires_on)
        since = _iso(facts.effective_on)
        day = f"至 {until}" if until else (f"{since} 起" if since else None)
    return f"{status.value} · {day}" if day else status.value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _highlighted(quote: str) -> str:
    """A quote with its figures marked."""
    parts: list[str] = []
    at = 0
    for figure in figures(quote):
        written = quote[figure.start : figure.end]
        if figure.unit not in (MONEY, RATE) and not any(char.isdigit() for char in written):
            continue  # 八个, 三年: words rather than figures to the eye
        parts += [escape(quote[at : figure.start]), f"<mark>{escape(written)}</mark>"]
        at = figure.end
    return "".join([*parts, escape(quote[at:])]).replace("\n", "<br>")


def _with_markers(line: str) -> str:
    return _MARKER.sub(lambda match: _marker(match[0]), escape(line))


def _marker(marker: str) -> str:
    return f'<sup class="marker">{escape(marker)}</sup>'


def _lines(text: str) -> str:
    return escape(text).replace("\r", "").replace("\n", "<br>")


def _short(title: str, limit: int = 28) -> str:
    return title if len(title) <= limit else f"{title[: limit - 1]}…"
