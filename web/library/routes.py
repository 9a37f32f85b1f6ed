"""Addresses of the library: the list with its limits, and one policy with its clauses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from index.errors import PolicyQAError
from index.models import Level, Policy, PolicyFacts, Status
from index.store import IndexReader
from rag.match.amount import rule_words
from rag.validity import warnings_for
from web.cards import TONES, iso, status_text, years_text
from web.library.reading import contents, parts
from web.library.shelf import PAGE_SIZE, TEXT_LIMIT, Wanted, listing, related, repealed_by
from web.library.timeline import timeline
from web.service import AnswerService
from web.shell import PAGES, page_html
from web.texts import LANGUAGES, Texts, load_texts

FILES = ("library.css", "library.js")
_PICTURE = "timeline"
_LONGEST = 400
"""Characters of a parameter that are looked at."""

E = TypeVar("E", Status, Level)
Parameter = Annotated[str, Query()]


def router(service: AnswerService) -> APIRouter:
    """The pages over `service`, in every language."""
    routes = APIRouter(include_in_schema=False)
    for language in LANGUAGES:
        texts = load_texts(language)
        routes.add_api_route(texts.path(PAGES["library"]), _page(service, texts), response_class=HTMLResponse)
    return routes


def _page(service: AnswerService, texts: Texts) -> Callable[..., HTMLResponse]:
    def library(  # one parameter a field of the form
        policy: Parameter = "",
        clause: Parameter = "",
        quote: Parameter = "",
        as_of: Parameter = "",
        status: Parameter = "",
        level: Parameter = "",
        region: Parameter = "",
        q: Parameter = "",
        page: Parameter = "",
        view: Parameter = "",
    ) -> HTMLResponse:
        try:
            reader = service.reader()
        except PolicyQAError as error:
            return _notice(texts, 503, texts("library.no_index"), str(error), home=True)
        day = _day(as_of)
        if policy:
            return _policy_page(reader, policy, clause, quote[:_LONGEST], day or date.today(), texts)
        wanted = Wanted(
            day or date.today(), _member(Status, status), _member(Level, level), region[:_LONGEST], q[:TEXT_LIMIT]
        )
        number = int(page) if page.isdecimal() and len(page) < 6 else 1
        problem = as_of.strip()[:_LONGEST] if day is None else ""
        return _list_page(reader, wanted, texts, number, problem=problem, as_picture=view == _PICTURE)

    return library


def _day(text: str) -> date | None:
    """The day an address names; today where it names none; None where it is no day."""
    if not text.strip():
        return date.today()
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _member(kind: type[E], name: str) -> E | None:
    return kind.__members__.get(name)


def _list_page(
    reader: IndexReader, wanted: Wanted, texts: Texts, number: int, *, problem: str, as_picture: bool
) -> HTMLResponse:
    found = listing(reader.policies(), wanted)
    pages = max(1, -(-len(found.entries) // PAGE_SIZE))
    number = min(max(number, 1), pages)
    shown = found.entries[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]

    chosen = {**_parameters(wanted), "view": _PICTURE if as_picture else ""}

    def to(**changes: object) -> str:
        return address(texts, {**chosen, **changes})

    html = page_html(
        "library.html",
        "library",
        texts,
        title=texts("shell.library"),
        here=address(None, {**chosen, "page": number if number > 1 else ""}),
        files=FILES,
        wanted=wanted,
        found=found,
        shown=shown,
        number=number,
        pages=pages,
        problem=problem,
        as_picture=as_picture,
        picture=timeline(shown, wanted.as_of) if as_picture else None,
        tones=TONES,
        to=to,
        today=date.today(),
        policy_address=lambda policy_id, **more: address(texts, {"policy": policy_id, **_as_of(wanted.as_of), **more}),
        status_words=lambda entry: status_text(entry.status, entry.facts, texts),
        dates=lambda facts: dates(facts, texts),
    )
    return HTMLResponse(html)


def _policy_page(reader: IndexReader, policy_id: str, path: str, quote: str, as_of: date, texts: Texts) -> HTMLResponse:
    if policy_id not in reader.facts():
        return _notice(texts, 404, texts("library.no_policy"), texts("library.no_policy_hint"))
    policy = reader.policy(policy_id)
    found = parts(policy.best.clauses, target=path, quote=quote)
    target = next((part for part in found if part.marked), None)
    if path and target is None:
        hint = texts("library.no_clause_hint", title=policy.facts.title, path=path[:40])
        back = address(texts, {"policy": policy_id, **_as_of(as_of)})
        return _notice(texts, 404, texts("library.no_clause"), hint, back=back)
    everything = reader.policies()
    labels = {part.path: (part.anchor, part.label) for part in reversed(found) if part.label}
    html = page_html(
        "library_policy.html",
        "library",
        texts,
        title=policy.facts.title,
        here=address(None, {"policy": policy_id, "clause": path, "quote": quote, **_as_of(as_of)}),
        files=FILES,
        policy=policy,
        facts=policy.facts,
        status=policy.facts.status(as_of),
        status_words=lambda one: status_text(one.facts.status(as_of), one.facts, texts),
        tones=TONES,
        as_of=as_of,
        today=date.today(),
        warnings=[warning.message for warning in warnings_for((policy,), as_of)],
        remarks=policy.best.warnings,
        entries=facts_table(policy, texts),
        parts=found,
        contents=contents(found),
        target=target,
        has_quote=any(segment.marked for part in found for segment in part.segments),
        quote=quote,
        benefits=[(one, rule_words(one), *labels.get(one.path, ("", one.path))) for one in policy.best.benefits],
        related=related(policy, everything),
        repealed_by=repealed_by(policy, everything),
        list_address=address(texts, _as_of(as_of)),
        policy_address=lambda other, **more: address(texts, {"policy": other, **_as_of(as_of), **more}),
        ask_address=f"{texts.path(PAGES['chat'])}?{urlencode({'policy': policy_id})}",
    )
    return HTMLResponse(html)


def _notice(texts: Texts, code: int, heading: str, hint: str, *, back: str = "", home: bool = False) -> HTMLResponse:
    html = page_html(
        "library_notice.html",
        "library",
        texts,
        title=heading,
        files=FILES,
        heading=heading,
        hint=hint,
        back=back,
        list_address="" if home else address(texts, {}),
    )
    return HTMLResponse(html, code)


def address(texts: Texts | None, parameters: dict[str, object]) -> str:
    """Address of the library with the parameters that are not empty; without language where `texts` is None."""
    path = texts.path(PAGES["library"]) if texts is not None else PAGES["library"]
    query = urlencode({name: str(value) for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path


def _parameters(wanted: Wanted) -> dict[str, object]:
    return {
        "q": wanted.text,
        "status": wanted.status.name if wanted.status else "",
        "level": wanted.level.name if wanted.level else "",
        "region": wanted.region,
        **_as_of(wanted.as_of),
    }


def _as_of(day: date) -> dict[str, object]:
    return {"as_of": day.isoformat()} if day != date.today() else {}


def dates(facts: PolicyFacts, texts: Texts) -> list[tuple[str, str]]:
    """From when and until when a policy holds, as names and values."""
    unknown = texts("chat.not_stated")
    if facts.effective_on or not facts.issued_on:
        start = (texts("chat.effective"), iso(facts.effective_on) or unknown)
    else:
        start = (texts("library.issued"), iso(facts.issued_on) or unknown)
    if facts.repealed_on is not None:
        return [start, (texts("library.repealed"), iso(facts.repealed_on) or unknown)]
    if facts.period is not None and facts.expires_on is None:
        return [start, (texts("chat.period"), years_text(facts.period, texts))]
    return [start, (texts("chat.expires"), iso(facts.expires_on) or unknown)]


def facts_table(policy: Policy, texts: Texts) -> list[tuple[str, str]]:
    """Everything a policy says of itself, as names and values; what it does not say is said to be so."""
    facts = policy.facts
    unknown = texts("chat.not_stated")
    editions = "、".join(
        f"{texts(f'chat.edition_{edition.kind.value}')}({edition.name})" for edition in policy.editions
    )
    issued = [(texts("library.issued"), iso(facts.issued_on) or unknown)] if facts.effective_on else []
    return [
        (texts("library.number"), facts.doc_number or unknown),
        (texts("chat.issuers"), "、".join(facts.issuers) or unknown),
        (texts("library.level"), texts(f"library.level_{facts.level.name}") if facts.level else unknown),
        (texts("library.region"), facts.region or unknown),
        *issued,
        *dates(facts, texts),
        (texts("library.editions"), editions),
    ]
