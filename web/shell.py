"""What all pages share: head, bar with navigation, look of Gradio pages, and the frame of server-rendered ones."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import jinja2
from markupsafe import Markup

from web.texts import HTML_LANGUAGES, LANGUAGES, Texts, load_texts

WEB = Path(__file__).parent
STATIC = WEB / "static"
FILES = "/web"
"""Where the files of `STATIC` are served; Gradio has `/static` and `/assets` for its own."""

PAGES = {"chat": "/", "match": "/match/", "library": "/library", "staff": "/staff/"}
"""Pages with a place in the bar, by name, with their paths (without language)."""

_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif")


@lru_cache(maxsize=32)
def asset(name: str) -> str:
    """Address of a file of `STATIC`; it changes with the content, so that no browser keeps an old one."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{FILES}/{name}?v={digest}"


def head_html(texts: Texts, *files: str) -> str:
    """Tags for the page's head: theme before the first paint, shared style, and the page's own files of `STATIC`."""
    language = HTML_LANGUAGES[texts.language]
    own = "".join(_tag(name) for name in files)
    # Gradio's own controls take their language from the browser.
    return (
        f"<script>window.POLICYQA_LANGUAGE = {json.dumps(language)};</script>"
        f'<script src="{asset("shell.js")}"></script>'
        f'<link rel="icon" href="{asset("icon.svg")}"><link rel="stylesheet" href="{asset("base.css")}">{own}'
    )


def _tag(name: str) -> str:
    if name.endswith(".css"):
        return f'<link rel="stylesheet" href="{asset(name)}">'
    return f'<script type="module" src="{asset(name)}"></script>'


def bar_html(active: str, texts: Texts, *, here: str | None = None, note: str = "") -> str:
    """The bar at the top: product, pages, language, theme.

    Args:
        active: name of the page in `PAGES`; another string marks none.
        texts: words of the language shown.
        here: path of this page without language, for the language switch; by default that of `active`.
        note: a short plain text beside the product's name.
    """
    other = load_texts(next(name for name in LANGUAGES if name != texts.language))
    links = "".join(
        f'<a href="{texts.path(path)}"{_current(name == active)}>{escape(texts(f"shell.{name}"))}</a>'
        for name, path in PAGES.items()
    )
    path = here or PAGES.get(active, "/")
    switch = (
        f'<a class="language" lang="{HTML_LANGUAGES[other.language]}" hreflang="{HTML_LANGUAGES[other.language]}"'
        f' href="{escape(other.path(path))}" title="{escape(texts("shell.other_language_label"))}">'
        f"{escape(texts('shell.other_language'))}</a>"
    )
    theme = (
        # Both words, of which the style shows one: what a script writes is gone when Gradio draws the bar anew.
        f'<button type="button" class="theme" title="{escape(texts("shell.theme"))}">'
        f'<span class="to-dark">{escape(texts("shell.to_dark"))}</span>'
        f'<span class="to-light">{escape(texts("shell.to_light"))}</span></button>'
    )
    name = escape(texts("shell.product"))
    said = f'<span class="note">{escape(note)}</span>' if note else ""
    # The staff desk is a page of its own with its own heading; the product is the heading of the chat alone.
    title = f"<h1>{name}</h1>" if active == "chat" else f'<a class="product" href="{texts.path("/")}">{name}</a>'
    return (
        f'<header class="bar"><a class="skip" href="#main">{escape(texts("shell.skip"))}</a>{title}{said}'
        f'<nav aria-label="{escape(texts("shell.navigation"))}">{links}</nav>'
        f'<div class="tools">{theme}{switch}</div></header>'
    )


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


def gradio_options(texts: Texts, *files: str) -> dict[str, Any]:
    """Arguments of `gradio.mount_gradio_app` that make a Gradio page look and behave as the others do."""
    theme = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=list(_FONTS), font_mono=["monospace"])
    return {
        "theme": theme,
        "head": head_html(texts, *files),
        "footer_links": [],
        "ssr_mode": False,
        "show_error": False,
        "run_history": False,
        "pwa": False,
    }


@lru_cache(maxsize=1)
def templates() -> jinja2.Environment:
    """Templates of server-rendered pages; everything that is not marked safe is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_html(
    template: str,
    active: str,
    texts: Texts,
    *,
    title: str,
    here: str | None = None,
    files: tuple[str, ...] = (),
    **values: object,
) -> str:
    """A server-rendered page: `template` (extends `page.html`) with `values`, head and bar."""
    return (
        templates()
        .get_template(template)
        .render(
            language=HTML_LANGUAGES[texts.language],
            title=f"{title} - {texts('shell.product')}",
            head=Markup(head_html(texts, *files)),
            bar=Markup(bar_html(active, texts, here=here)),
            texts=texts,
            **values,
        )
    )
