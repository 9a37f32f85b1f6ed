"""HTML of an answer. Everything that comes from a question, a model or a policy is escaped here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from rag.answer import COMPOSED, Answer
from rag.citing import Calculation, Citation
from rag.replies import YES, choices, measured, statement
from web.texts import Texts

_REPLY = "{reply}"
"""Stands in a statement for what the person types; the page fills it in."""

_MARKER = re.compile(r"\[(\d{1,3})\]")


def answer_html(answer: Answer, texts: Texts) -> str:
    """An answer with its markers, calculations, warnings, questions back and the list of its sources."""
    warnings = "".join(f'<li class="{escape(one.code)}">{escape(one.message)}</li>' for one in answer.warnings)
    parts = [f'<div class="answer {escape(answer.status)}">{paragraphs_html(answer.text, texts)}']
    parts += [_calculations(answer.calculations, texts)] if answer.calculations else []
    parts += [f'<ul class="warnings">{warnings}</ul>'] if warnings else []
    parts += [_questions_back(answer.ask_back, answer.offered, texts)] if answer.ask_back else []
    parts += [f'<ul class="sources">{_sources(answer, texts)}</ul>'] if answer.citations else []
    if answer.mode != COMPOSED:
        parts.append(f'<div class="mode">{escape(texts("chat.written_by", model=answer.mode))}</div>')
    return "".join([*parts, "</div>"])


def paragraphs_html(text: str, texts: Texts) -> str:
    """Paragraphs of an answer's text; markers become buttons."""
    return "".join(f"<p>{_with_markers(line, texts)}</p>" for line in text.split("\n") if line)


def _calculations(calculations: Sequence[Calculation], texts: Texts) -> str:
    """A table of formulas and results."""
    cells = (_formula_and_result(made) for made in calculations)
    rows = "".join(f'<tr><td>{escape(a)}</td><td class="result">{escape(b)}</td></tr>' for a, b in cells)
    caption = f"<caption>{escape(texts('chat.calculation'))}</caption>"
    return f'<table class="calculations">{caption}<tbody>{rows}</tbody></table>'


def _formula_and_result(made: Calculation) -> tuple[str, str]:
    """The two columns; a result that the formula ends with stands in the second alone."""
    if not made.result or not made.formula.endswith(made.result):
        return made.formula, made.result
    before = made.formula.removesuffix(made.result).rstrip()
    return (before[:-1].rstrip(), f"= {made.result}") if before.endswith("=") else (before, made.result)


def _questions_back(questions: Sequence[str], offered: Mapping[str, Sequence[str]], texts: Texts) -> str:
    """Questions to the enterprise, each with its answers as buttons; one without takes its answer in words."""
    items = "".join(f"<li>{escape(one)}{_replies(one, offered.get(one, ()), texts)}</li>" for one in questions)
    return f'<div class="ask-back"><b>{escape(texts("chat.ask_back"))}</b><ul>{items}</ul></div>'


def _replies(question: str, options: Sequence[str], texts: Texts) -> str:
    """Buttons for the options, or a field for a figure; each knows the statement that it stands for."""
    label = escape(texts("chat.reply_label", question=question))
    stated = [(option, statement(question, option)) for option in options or choices(question)]
    if not any(fact for _, fact in stated):
        return _field(statement(question, _REPLY), label, texts)
    other = measured(question)
    if other:
        # A plain 不是 would leave the figure open: it is asked for at once.
        stated = [(option, fact) for option, fact in stated if option in YES]
    buttons = "".join(
        f'<button type="button" class="button reply-option" data-statement="{escape(fact)}">{escape(option)}</button>'
        for option, fact in stated
        if fact
    )
    group = f'<span class="options" role="group" aria-label="{label}">{buttons}</span>'
    return group + (_field(f"{other}{_REPLY}", label, texts, texts("chat.reply_instead")) if other else "")


def _field(fact: str, label: str, texts: Texts, lead: str = "") -> str:
    """A field for a figure; `fact` is what it states, `lead` a word before it."""
    before = f"<span>{escape(lead)}</span>" if lead else ""
    return (
        f'<form class="options" data-statement="{escape(fact)}">{before}'
        f'<input type="text" maxlength="60" required aria-label="{label}"'
        f' placeholder="{escape(texts("chat.reply_hint"))}">'
        f'<button type="submit" class="button">{escape(texts("chat.reply_send"))}</button></form>'
    )


def _sources(answer: Answer, texts: Texts) -> str:
    """The policies cited with their clauses, one policy a line."""
    by_policy: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_policy.setdefault(citation.policy_id, []).append(citation)
    lines = []
    for cited in by_policy.values():
        places = "".join(f"<span>{_with_markers(one.marker, texts)}{escape(place(one))}</span>" for one in cited)
        lines.append(f'<li title="{escape(cited[0].title)}">《{escape(shortened(cited[0].title))}》{places}</li>')
    return "".join(lines)


def place(citation: Citation) -> str:
    """The label; one that is only an ordinal (三、) with the heading behind it."""
    return f"{citation.label}{citation.heading or ''}" if citation.label.endswith("、") else citation.label


def _with_markers(line: str, texts: Texts) -> str:
    return _MARKER.sub(lambda match: marker_html(match[1], texts), escape(line))


def marker_html(number: str, texts: Texts) -> str:
    """A marker that can be pressed; `number` are digits."""
    label = escape(texts("chat.marker", number=number))
    return (
        f'<sup><button type="button" class="marker" data-card="{number}" aria-label="{label}">[{number}]</button></sup>'
    )


def shortened(title: str, limit: int = 28) -> str:
    """`title`, cut with an ellipsis where it is longer than `limit`."""
    return title if len(title) <= limit else f"{title[: limit - 1]}…"
