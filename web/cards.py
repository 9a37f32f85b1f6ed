"""HTML of the cards in the panel of evidence (依据): one a citation, with what a reader checks it by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from html import escape
from urllib.parse import urlencode

from index.models import PolicyFacts, Status
from index.store import IndexReader
from rag.answer import Answer
from rag.citing import Citation
from rag.figures import MONEY, RATE, figures
from web.render import marker_html, place
from web.shell import PAGES
from web.texts import Texts

TONES = {
    Status.IN_FORCE: "good",
    Status.EXPIRED: "bad",
    Status.PERIOD_ENDED: "bad",
    Status.NOT_YET_EFFECTIVE: "warn",
    Status.UNKNOWN: "warn",
    Status.DRAFT: "warn",
}
_DOCUMENT_NUMBER = re.compile(r"[〔［\[(（【]\d{4}[〕］\])）】]第?\d+号")
"""杭政办函〔2017〕102号: names a document, measures nothing."""


def cards_html(answer: Answer, reader: IndexReader, texts: Texts) -> str:
    """Every citation of `answer` as a card; empty without citations.

    Facts and pages are those of `reader`; a policy that has left the index meanwhile is shown with what the citation
    itself says.
    """
    known = reader.facts()
    return "".join(_card(one, known.get(one.policy_id), reader, answer.as_of, texts) for one in answer.citations)


def _card(one: Citation, facts: PolicyFacts | None, reader: IndexReader, as_of: date, texts: Texts) -> str:
    badge = (
        f'<span class="badge {TONES[one.status]}" title="{escape(texts("chat.as_of_badge", day=as_of.isoformat()))}">'
        f"{escape(status_text(one.status, facts, texts))}</span>"
    )
    number = f'<span class="number">{escape(one.doc_number)}</span>' if one.doc_number else ""
    edition = escape(texts(f"chat.edition_{one.edition.value}"))
    number_shown = escape(one.marker.strip("[]"))
    return (
        f'<article class="card" data-card="{number_shown}" tabindex="-1">'
        f'<header>{marker_html(number_shown, texts)}<b class="label">{escape(place(one))}</b>{badge}</header>'
        f'<div class="title">{escape(one.title)}{number}<span class="edition">{edition}</span></div>'
        f"{_trail(one)}<blockquote>{highlighted(one.quote)}</blockquote>"
        f"{_facts_line(facts, texts)}{_foot(one, facts, reader, as_of, texts)}</article>"
    )


def _trail(one: Citation) -> str:
    headings = [*one.trail, *([one.heading] if one.heading and place(one) == one.label else [])]
    shown = "".join(f"<span>{escape(heading)}</span>" for heading in headings)
    return f'<div class="trail">{shown}</div>' if shown else ""


def _facts_line(facts: PolicyFacts | None, texts: Texts) -> str:
    """Issuers and the days it holds from and until."""
    if facts is None:
        return ""
    unknown = texts("chat.not_stated")
    entries = [
        (texts("chat.issuers"), "、".join(facts.issuers) or unknown),
        (texts("chat.effective"), iso(facts.effective_on or facts.issued_on) or unknown),
    ]
    if facts.period is not None and facts.expires_on is None:
        entries.append((texts("chat.period"), years_text(facts.period, texts)))
    else:
        entries.append((texts("chat.expires"), iso(facts.repealed_on or facts.expires_on) or unknown))
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{escape(a)}</dt><dd>{escape(b)}</dd></div>" for a, b in entries)
        + "</dl>"
    )


def _foot(one: Citation, facts: PolicyFacts | None, reader: IndexReader, as_of: date, texts: Texts) -> str:
    """The page in the source, where it has pages, and the way to the full text."""
    if facts is None:
        return ""
    clause = reader.clause(one.policy_id, one.path)
    page = clause.source.page if clause is not None else None
    shown = f"<span>{escape(texts('chat.page', page=page))}</span>" if page is not None else ""
    link = library_link(one.policy_id, one.path, texts, quote=one.quote, as_of=as_of)
    words = escape(texts("chat.full_text"))
    return f'<footer>{shown}<a href="{escape(link)}" target="_blank" rel="noopener">{words}</a></footer>'


def library_link(policy_id: str, path: str, texts: Texts, *, quote: str = "", as_of: date | None = None) -> str:
    """Address of a policy in the library with one clause in view; `quote` is marked there."""
    query = {"policy": policy_id, "clause": path}
    if as_of is not None and as_of != date.today():
        query["as_of"] = as_of.isoformat()
    if quote:
        query["quote"] = quote[:80]
    return f"{texts.path(PAGES['library'])}?{urlencode(query)}"


def status_text(status: Status, facts: PolicyFacts | None, texts: Texts) -> str:
    """The status with the day it turns on: 已失效 · 2021-12-31."""
    name = texts(f"chat.status_{status.name}")
    day = _turning_day(status, facts, texts) if facts is not None else None
    return f"{name} · {day}" if day else name


def _turning_day(status: Status, facts: PolicyFacts, texts: Texts) -> str | None:
    if status is Status.EXPIRED:
        return iso(facts.repealed_on or facts.expires_on)
    if status is Status.PERIOD_ENDED and facts.period is not None:
        return years_text(facts.period, texts)
    start = iso(facts.effective_on)
    if status is Status.NOT_YET_EFFECTIVE:
        start = start or iso(facts.issued_on)
        return texts("chat.since", day=start) if start else None
    if status is Status.IN_FORCE:
        until = iso(facts.expires_on)
        return texts("chat.until", day=until) if until else (texts("chat.since", day=start) if start else None)
    return None


def years_text(period: tuple[int, int], texts: Texts) -> str:
    """First and last year of a plan."""
    return texts("chat.years", first=period[0], last=period[1])


def iso(day: date | None) -> str | None:
    """A day as YYYY-MM-DD."""
    return day.isoformat() if day is not None else None


def highlighted(quote: str) -> str:
    """A quote with its figures marked."""
    parts: list[str] = []
    at = 0
    for start, end in _figure_spans(quote):
        parts += [escape(quote[at:start]), f"<mark>{escape(quote[start:end])}</mark>"]
        at = end
    return "".join([*parts, escape(quote[at:])]).replace("\n", "<br>")


def _figure_spans(quote: str) -> Iterable[tuple[int, int]]:
    numbers = [found.span() for found in _DOCUMENT_NUMBER.finditer(quote)]
    for figure in figures(quote):
        if any(start <= figure.start < end for start, end in numbers):
            continue
        # 八个, 三年: words rather than figures to the eye
        if figure.unit in (MONEY, RATE) or any(char.isdigit() for char in quote[figure.start : figure.end]):
            yield figure.start, figure.end
