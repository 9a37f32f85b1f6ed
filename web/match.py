"""The page that matches an enterprise's profile with the benefits of all policies (政策匹配)."""

from __future__ import annotations

import gradio as gr

from web.service import AnswerService
from web.shell import bar_html
from web.texts import Texts


def build_page(service: AnswerService, texts: Texts) -> gr.Blocks:
    """The page over `service` in the language of `texts`."""
    page = gr.Blocks(title=texts("shell.match"), analytics_enabled=False, fill_width=True)
    with page:
        gr.HTML(bar_html("match", texts), elem_id="head", apply_default_css=False, js_on_load=None)
    return page
