"""A fictional policy, a request about it, and a generator that asks a test's server."""

from __future__ import annotations

from datetime import date

import pytest
from chat_server import Behaviour, ChatServer, serving
from pydantic import SecretStr

from index.models import Clause, PolicyFacts, SourceSpan
from index.quantities import quantities
from index.settings import Settings
from rag.generate import ChatGenerator, Generated, GenerationFailed, NumberedClause, Request
from rag.generate.text import markers, without_markers

KEY = "sk-very-secret-1234567890"
FIRST = "对首次获评的甲级工坊,一次性奖励80万元[1]。"
SECOND = "乙级工坊奖励30万元[1]。"
LAST = "本办法有效期至2027年12月31日[2]。"
GOOD = FIRST + SECOND + LAST


def numbered(number: int, text: str) -> NumberedClause:
    facts = PolicyFacts("临江市匠心工坊扶持办法", "临政办〔2024〕9号", expires_on=date(2027, 12, 31))
    clause = Clause(str(number), f"第{number}条", None, text, text, SourceSpan(0, len(text)))
    return NumberedClause(number, "p", facts, clause)


CLAUSES = (
    numbered(1, "对首次获评的甲级、乙级工坊,分别给予80万元、30万元一次性奖励。"),
    numbered(2, "本办法自2024年5月1日起施行,有效期至2027年12月31日。"),
)
REQUEST = Request("甲级工坊奖多少?我们去年营收999万元。", (), CLAUSES, date(2026, 3, 1), (), f"{FIRST}")


def figures_of_the_cited_clauses(sentence: str, request: Request) -> str | None:
    cited = [one.clause.text for one in request.clauses if one.number in markers(sentence)]
    known = {quantity.key for text in cited for quantity in quantities(text)}
    stated = {quantity.key for quantity in quantities(without_markers(sentence))}
    return None if stated <= known else "数字与条款不符"


def generator(server: ChatServer | str, **options: object) -> ChatGenerator:
    url = server if isinstance(server, str) else server.url
    values = {"chat_timeout": 5.0, "chat_first_token_timeout": 4.0, "chat_api_key": SecretStr(KEY)} | options
    settings = Settings(chat_model="openai:m", chat_base_url=url, **values)
    made = ChatGenerator.from_settings(settings)
    assert made is not None
    return made


def ask(behaviour: Behaviour, request: Request = REQUEST, **options: object) -> Generated:
    with serving(behaviour) as server:
        return generator(server, **options).generate(request, figures_of_the_cited_clauses)


def failure(behaviour: Behaviour, request: Request = REQUEST, **options: object) -> GenerationFailed:
    with pytest.raises(GenerationFailed) as caught:
        ask(behaviour, request, **options)
    return caught.value
