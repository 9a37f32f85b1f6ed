"""The chat page: conversation on the left, the clauses it rests on at the right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from rag.batch import parse_day
from rag.understand import QUESTION_LIMIT
from web.render import Exchange, conversation_html, panel_html
from web.service import AnswerService

TITLE = "政策问答"
EXAMPLES = 4

Conversation = list[Exchange]
Shown = tuple[Conversation, str, Any, Any]
"""Conversation, its HTML, the panel's HTML, the text of the question box."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The page's components that events read or change."""

    conversation: gr.State
    head: gr.HTML
    chat: gr.HTML
    examples: list[gr.Button]
    box: gr.Textbox
    restart: gr.Button
    day: gr.DateTime
    panel: gr.HTML


def build_page(service: AnswerService) -> gr.Blocks:
    """The page over `service`."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        conversation = gr.State([])
        head = gr.HTML(_head_html(0, ""), elem_id="head")
        with gr.Row(elem_id="columns", equal_height=False):
            with gr.Column(scale=7, min_width=320, elem_id="conversation"):
                chat, examples, box, restart = _conversation_column()
            with gr.Column(scale=5, min_width=320, elem_id="evidence"):
                day, panel = _evidence_column()
        _connect(service, page, _Parts(conversation, head, chat, examples, box, restart, day, panel))
    return page


def _conversation_column() -> tuple[gr.HTML, list[gr.Button], gr.Textbox, gr.Button]:
    chat = gr.HTML(conversation_html([]), elem_id="chat")
    with gr.Row(elem_id="examples"):
        examples = [gr.Button("", visible=False, size="sm", elem_classes="example") for _ in range(EXAMPLES)]
    with gr.Row(elem_id="ask", equal_height=True):
        box = gr.Textbox(
            label="问题",
            show_label=False,
            placeholder="输入问题,按回车提问",
            lines=1,
            max_lines=4,
            max_length=2 * QUESTION_LIMIT,
            submit_btn="提问",
            container=False,
            scale=8,
            elem_id="question",
        )
        restart = gr.Button("新对话", size="sm", scale=0, min_width=84, elem_id="restart")
    return chat, examples, box, restart


def _evidence_column() -> tuple[gr.DateTime, gr.HTML]:
    with gr.Row(elem_id="evidence-head"):
        gr.HTML("<h2>依据</h2>")
        day = gr.DateTime(
            include_time=False, type="string", label="以哪一天为准(不填为今天)", elem_id="as-of", min_width=160
        )
    return day, gr.HTML(panel_html([]), elem_id="panel")


def _connect(service: AnswerService, page: gr.Blocks, parts: _Parts) -> None:
    """What happens on the page's events; none of them is offered as an API."""
    event: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    shown = [parts.conversation, parts.chat, parts.panel, parts.box]
    ask = partial(_ask, service)
    page.load(partial(_load, service), outputs=[parts.head, *parts.examples], **event)
    parts.box.submit(ask, [parts.box, parts.conversation, parts.day], shown, concurrency_limit=4, **event)
    for example in parts.examples:
        example.click(ask, [example, parts.conversation, parts.day], shown, concurrency_limit=4, **event)
    parts.restart.click(_restart, outputs=shown, **event)


def _load(service: AnswerService) -> list[Any]:
    """Head and example buttons, when a page is opened."""
    holdings = service.holdings(examples=EXAMPLES)
    texts = [*holdings.examples, *[""] * EXAMPLES][:EXAMPLES]
    buttons = [gr.update(value=text, visible=bool(text)) for text in texts]
    return [_head_html(holdings.policies, holdings.problem), *buttons]


def _ask(service: AnswerService, question: str, conversation: Conversation, day: str | None) -> Iterator[Shown]:
    """The question at once, then what is written of its answer, then the answer with the cards."""
    if not question.strip():
        yield conversation, conversation_html(conversation), gr.skip(), ""
        return
    yield conversation, conversation_html([*conversation, Exchange(question)]), gr.skip(), ""
    for exchange in _exchanges(service, question, conversation, day):
        grown = [*conversation, exchange]
        # What is still written is not kept: a person who asks on meanwhile has no half answer in the conversation.
        kept = conversation if exchange.written else grown
        yield kept, conversation_html(grown), panel_html(grown), gr.skip()


def _exchanges(
    service: AnswerService, question: str, conversation: Conversation, day: str | None
) -> Iterator[Exchange]:
    try:
        as_of = _day(day)
    except ValueError as error:
        yield Exchange(question, message=str(error))
        return
    yield from service.ask(question, conversation, as_of)


def _day(day: str | None) -> date | None:
    # Gradio's control gives the day with a time behind it.
    return parse_day(day.strip().partition(" ")[0]) if day and day.strip() else None


def _restart() -> Shown:
    return [], conversation_html([]), panel_html([]), ""


def _head_html(policies: int, problem: str) -> str:
    held = f"<span>收录 {policies} 份政策</span>" if policies else ""
    banner = f'<div class="problem" role="alert">{escape(problem)}</div>' if problem else ""
    return f'<div class="bar"><h1>{TITLE}</h1>{held}</div>{banner}'
