"""The page itself: a Gradio page around the form, which `static/match.js` reads and `routes.py` answers."""

from __future__ import annotations

import json

import gradio as gr

from web.match.form import LEVELS, LIMIT
from web.service import AnswerService
from web.shell import bar_html, templates
from web.texts import Texts

FILES = ("match.css", "match.js")


def build_page(service: AnswerService, texts: Texts) -> gr.Blocks:
    """The page over `service` in the language of `texts`."""
    page = gr.Blocks(title=texts("shell.match"), analytics_enabled=False, fill_width=True)
    words = json.dumps(texts.part("match"), ensure_ascii=False)
    form = templates().get_template("match.html").render(texts=texts, words=words, levels=LEVELS, limit=LIMIT)
    with page:
        gr.HTML(bar_html("match", texts), elem_id="head", apply_default_css=False, js_on_load=None)
        gr.HTML(form, elem_id="match", apply_default_css=False, js_on_load=None)
    return page
