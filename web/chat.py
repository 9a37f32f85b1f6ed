"""The chat page: a Gradio page around the conversation, which `static/chat.js` draws and `talk.py` answers."""

from __future__ import annotations

import json
from html import escape

import gradio as gr

from web.service import AnswerService
from web.shell import bar_html
from web.texts import Texts

FILES = ("chat.css", "chat.js")


def build_page(service: AnswerService, texts: Texts) -> gr.Blocks:
    """The page over `service` in the language of `texts`."""
    page = gr.Blocks(title=texts("shell.product"), analytics_enabled=False, fill_width=True)
    words = escape(json.dumps(texts.part("chat"), ensure_ascii=False))
    with page:
        gr.HTML(bar_html("chat", texts, note=" "), elem_id="head", apply_default_css=False, js_on_load=None)
        gr.HTML(
            f'<policy-chat lang="{texts.language}" data-texts="{words}"></policy-chat>',
            elem_id="talk",
            apply_default_css=False,
            js_on_load=None,
        )
    return page
