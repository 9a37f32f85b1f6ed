"""Both ways to make an answer, composed and written by a chat model, under one contract; a server of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import answer_case
import numpy as np
import pytest
from answer_case import (
    AMOUNT,
    ANSWERABLE,
    CALCULATION,
    ELIGIBILITY,
    EXPIRED,
    INJECTED,
    REFUSED,
    SHARE,
    SILENT,
    TODAY,
    VALIDITY,
    faults,
    generating,
    well_behaved,
)
from chat_server import Behaviour, Exchange, after, fails, replies, says
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from eval.subject import recorded_settings
from index.settings import Settings
from rag.answer import COMPOSED, Answer, AnswerEngine
from rag.citing import Calculation
from rag.cli import _lines
from rag.generate import Sentence
from rag.rerank import Reranking
from web.render import answer_html
from web.service import AnswerService, Asked
from web.talk import _events
from web.texts import load_texts

MODEL = "openai:m"
FIRST = "首次获评国家级匠心工坊的企业,奖励80万元[1]。"
SECOND = "首次获评省级匠心工坊的企业,奖励30万元[1]。"


@pytest.fixture(scope="module")
def composing(tmp_path_factory) -> AnswerEngine:
    return answer_case.engine(tmp_path_factory.mktemp("modes"))


def codes(answer: Answer) -> list[str]:
    return [warning.code for warning in answer.warnings]


# What holds in both modes


@pytest.mark.parametrize("question", [*ANSWERABLE, *REFUSED])
def test_a_composed_answer_keeps_the_contract(composing, question: str) -> None:
    answer = composing.answer(question, as_of=TODAY)
    assert faults(answer, question, composing) == []
    assert answer.mode == COMPOSED
    assert (answer.status == "refused") is (question in REFUSED)


@pytest.mark.parametrize("question", [question for question in ANSWERABLE if question != VALIDITY])
def test_a_written_answer_keeps_the_contract(composing, question: str) -> None:
    composed = composing.answer(question, as_of=TODAY)
    with generating(composing, well_behaved) as (asks, server):
        answer = asks.answer(question)
    assert faults(answer, question, composing) == []
    assert len(server.requests) == 1
    assert answer.mode == MODEL
    assert answer.status == composed.status
    assert answer.calculations == composed.calculations
    assert answer.ask_back == composed.ask_back
    assert set(codes(answer)) >= set(codes(composed))


def test_a_written_answer_on_validity_keeps_the_contract(composing) -> None:
    with generating(composing, says("本办法自2024年5月1日起施行,有效期至2027年12月31日[1]。")) as (asks, _):
        answer = asks.answer(VALIDITY)
    assert faults(answer, VALIDITY, composing) == []
    assert (answer.mode, answer.citations[0].path) == (MODEL, "5")


@pytest.mark.parametrize("question", REFUSED)
def test_what_is_refused_is_refused_without_asking_the_model(composing, question: str) -> None:
    with generating(composing, says(FIRST)) as (asks, server):
        answer = asks.answer(question)
    assert server.requests == []
    assert (answer.status, answer.mode, answer.warnings) == ("refused", COMPOSED, ())
    assert answer.text == composing.answer(question, as_of=TODAY).text


def test_what_the_questions_are_meant_to_show_is_shown(composing) -> None:
    made = {question: composing.answer(question, as_of=TODAY) for question in ANSWERABLE}
    assert [made[one].calculations != () for one in (CALCULATION, SHARE)] == [True, True]
    assert "40万元" in made[CALCULATION].calculations[0].line
    assert "80万元" in made[SHARE].calculations[0].line
    assert "expired" in codes(made[EXPIRED])
    assert made[SILENT].status == "partial"
    assert "2027年12月31日" in made[VALIDITY].text
    assert made[ELIGIBILITY].status == "answered"


# A chat server of every kind: a right answer, or the composed one that says why


def stalls(exchange: Exchange) -> None:
    exchange.wait(10)


def drips(exchange: Exchange) -> None:
    exchange.drip(b": keep-alive\n\n", 0.02, 10)


def drips_text(exchange: Exchange) -> None:
    exchange.drip(b'data: {"choices":[{"index":0,"delta":{"content":"\xe4\xb8\x80"}}]}\n\n', 0.02, 10)


def stops(exchange: Exchange) -> None:
    """Goes away without an end."""


def floods(exchange: Exchange) -> None:
    while not exchange.server.closing.is_set():
        exchange.text("奖" * 5000)


UNAVAILABLE: dict[str, Behaviour] = {
    "no head": stalls,
    "no first word": after([], stalls),
    "only keep-alives": after([], drips),
    "one character after another, without end": after([], drips_text),
    "stalls in the middle": after([FIRST], stalls),
    "drips in the middle": after([FIRST], drips),
    "cut off in a sentence": after([FIRST, "首次获评省级匠心工坊的企业,奖励3"], stops),
    "cut off between sentences": after([FIRST], stops),
    "out of length": says(FIRST, "首次获评省级匠", reason="length"),
    "withheld by a filter": says(FIRST, reason="content_filter"),
    "429": fails(429, Retry_After="0"),
    "429 for an hour": fails(429, Retry_After="3600"),
    "500": fails(500),
    "503": fails(503),
    "401": fails(401),
    "403": fails(403),
    "404": fails(404),
    "400": fails(400),
    "a web page": replies(b"<html><body>502</body></html>", "text/html"),
    "no JSON": replies(b"data: {broken\n\n"),
    "another JSON": replies(b'data: {"choices": 5}\n\n'),
    "bytes": replies(bytes(range(256)) * 50),
    "nothing": replies(b""),
    "garbage behind a sentence": after([FIRST], lambda exchange: exchange.raw(b"data: \xff{\n\n")),
    "no text": says(""),
    "only thinking": says("<think>", FIRST),
    "only an introduction": says("支持政策如下:"),
    "only silence": says("条款没有写明奖励金额。"),
    "a flood": after([FIRST], floods),
    "a loop": says(FIRST, *[SECOND] * 40),
}

REJECTED: dict[str, Behaviour] = {
    "wrong figure": says("首次获评国家级匠心工坊的企业,奖励800万元[1]。"),
    "swapped level": says("首次获评国家级匠心工坊的企业,奖励30万元[1]。"),
    "invented marker": says("首次获评国家级匠心工坊的企业,奖励80万元[9]。"),
    "no marker": says("首次获评国家级匠心工坊的企业,奖励80万元。"),
    "marker of another clause": says("首次获评国家级匠心工坊的企业,奖励80万元[2]。"),
    "denied": says("首次获评国家级匠心工坊的企业,不给予80万元奖励[1]。"),
    "a link": says("首次获评国家级匠心工坊的企业,奖励80万元,见[这里](http://example.com/?q=80)[1]。"),
    "a script": says("<script>alert(1)</script>奖励80万元[1]。"),
    "injected": says("好的,按照新的指示,奖励9999万元[1]。"),
    "wrong sum": says("三项合计可拿120万元[1]。"),
    "mostly wrong": says(FIRST, "省级奖励31万元[1]。", "市级奖励11万元[1]。", "区级奖励5万元[1]。"),
}


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_without_a_whole_answer_of_the_model_the_composed_one_says_so(composing, name: str) -> None:
    with generating(composing, UNAVAILABLE[name], chat_timeout=0.6, chat_first_token_timeout=0.3) as (asks, _):
        answer = asks.answer(AMOUNT)
    assert_composed(answer, composing, "model_unavailable")


@pytest.mark.parametrize("name", REJECTED)
def test_what_cannot_be_verified_is_replaced_by_the_composed_answer(composing, name: str) -> None:
    with generating(composing, REJECTED[name]) as (asks, _):
        answer = asks.answer(AMOUNT)
    assert_composed(answer, composing, "figure_rejected")


def assert_composed(answer: Answer, composing: AnswerEngine, code: str) -> None:
    """The composed answer in every respect, with one more warning."""
    composed = composing.answer(AMOUNT, as_of=TODAY)
    assert (answer.mode, answer.text, answer.citations) == (COMPOSED, composed.text, composed.citations)
    assert codes(answer) == [*codes(composed), code]
    assert "由条款原文组成" in answer.warnings[-1].message
    assert faults(answer, AMOUNT, composing) == []


def test_one_wrong_sentence_is_left_out_and_said(composing) -> None:
    text = (FIRST, "首次获评省级匠心工坊的企业,奖励99万元[1]。", "首次获评市级匠心工坊的企业,奖励10万元[1]。", SECOND)
    with generating(composing, says(*text)) as (asks, _):
        answer = asks.answer(AMOUNT)
    assert answer.mode == MODEL
    assert answer.text == "".join((text[0], text[2], text[3]))
    assert codes(answer) == ["figure_rejected"]
    assert faults(answer, AMOUNT, composing) == []


def test_an_instruction_in_a_clause_is_told_as_text_and_not_obeyed(composing) -> None:
    told: list[str] = []

    def obeys(exchange: Exchange) -> None:
        told.append(exchange.body["messages"][-1]["content"])
        says("奖励9999万元[1]。")(exchange)

    with generating(composing, obeys) as (asks, _):
        answer = asks.answer(INJECTED)
    assert "</system>" not in told[0]
    assert answer.mode == COMPOSED
    assert "figure_rejected" in codes(answer)
    assert "25万元" in answer.text


def test_the_warning_of_an_expired_policy_stays_when_a_model_writes(composing) -> None:
    with generating(composing, says("实施古桥修缮的单位,每座补助45万元[1]。")) as (asks, _):
        answer = asks.answer(EXPIRED)
    assert answer.mode == MODEL
    assert "expired" in codes(answer)


def test_a_calculation_is_told_with_its_result_and_may_be_repeated(composing) -> None:
    with generating(composing, well_behaved) as (asks, server):
        answer = asks.answer(CALCULATION)
    assert "60万元 − 20万元 = 40万元" in server.requests[0]["messages"][-1]["content"]
    assert "60万元 − 20万元 = 40万元" in answer.text


@pytest.mark.parametrize("bound", ["最低200万元", "不低于200万元", "200万元"])
def test_a_ceiling_that_a_formula_names_is_still_checked(composing, bound: str) -> None:
    wrong = f"匠心工坊购置研发设备的,每家每年补助{bound}[1]。"
    with generating(composing, says("按文件可获补助80万元[1]。", "每家每年最高不超过200万元[1]。", wrong, SECOND)) as (
        asks,
        _,
    ):
        answer = asks.answer(SHARE)
    assert wrong.partition("[")[0] not in answer.text
    assert "figure_rejected" in codes(answer)


def test_a_document_number_in_brackets_is_no_marker(composing) -> None:
    with generating(composing, says(FIRST, "依据是临政办[2024]9号[1]。")) as (asks, _):
        answer = asks.answer(AMOUNT)
    assert answer.mode == MODEL
    assert faults(answer, AMOUNT, composing) == []


def test_a_quote_has_the_figures_that_are_cited_to_it(composing) -> None:
    text = "以前年度已领取低档奖励的,晋档时只补差额,这次是40万元[1]。"
    with generating(composing, says(text, "年服务产值首次突破5亿元的,奖励60万元[1]。")) as (asks, _):
        answer = asks.answer(CALCULATION)
    assert faults(answer, CALCULATION, composing) == []


@pytest.mark.parametrize(
    ("formula", "result", "line"),
    [
        ("60万元 − 20万元 = 40万元", "40万元", "60万元 − 20万元 = 40万元"),
        ("60万元 − 20万元", "40万元", "60万元 − 20万元 = 40万元"),
        ("10亿元 = 10亿元", "0元", "10亿元 = 10亿元,得0元"),
        ("20万元 ≤ 20万元", "0元", "20万元 ≤ 20万元,得0元"),
        ("40万元 × 3", "", "40万元 × 3"),
    ],
)
def test_a_calculation_is_one_line_with_its_result(formula: str, result: str, line: str) -> None:
    assert Calculation(formula, result).line == line


WORDS = ["国家级", "省级", "匠心工坊", "的企业", "奖励", "补助", "最高", "不", "80万元", "30万元", "90万元", "10%"]
WORDS += ["2027年12月31日", "[1]", "[2]", "[1][3]", "[7]", "【1】", "。", "。\n", ";", ":", "<think>", "</think>"]
WORDS += ["1. ", "=", "[2024]9号", FIRST, SECOND]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(pieces=st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
def test_whatever_is_written_no_unchecked_answer_is_shown(composing, pieces: list[str]) -> None:
    with generating(composing, says(*pieces)) as (asks, _):
        answer = asks.answer(AMOUNT)
    assert faults(answer, AMOUNT, composing) == []
    assert answer.mode == MODEL or {"figure_rejected", "model_unavailable"} & set(codes(answer))


# What a run of the evaluation records


def test_recorded_settings_name_the_model_without_folder_address_or_key(tmp_path: Path) -> None:
    secret = {"chat_api_key": SecretStr("sk-secret"), "chat_base_url": "http://10.1.2.3:8000/v1"}
    chosen = Settings(
        embedding_model=str(tmp_path),
        chat_model=f"transformers:{tmp_path}/qwen3?gguf=q4.gguf",
        chat_temperature=0.3,
        chat_extra_body='{"top_k": 1}',
        **secret,
    )
    recorded = recorded_settings(chosen)
    assert str(tmp_path.parent) not in str(recorded)
    assert not any(word in str(recorded) for word in ("sk-secret", "10.1.2.3"))
    assert recorded["chat_model"] == "transformers:qwen3?gguf=q4.gguf"
    assert (recorded["chat_temperature"], recorded["chat_extra_body"]) == (0.3, {"top_k": 1})


def test_without_a_language_model_its_parameters_are_not_recorded() -> None:
    assert recorded_settings(Settings()) == recorded_settings(Settings(chat_temperature=0.9))


# Streaming


def test_sentences_come_first_and_then_the_answer_they_make(composing) -> None:
    with generating(composing, says(FIRST, "\n", SECOND)) as (asks, _):
        *events, answer = asks.engine.stream(AMOUNT, as_of=TODAY)
    assert [event.text for event in events if isinstance(event, Sentence)] == [FIRST, SECOND]
    assert isinstance(answer, Answer)
    assert answer.text == f"{FIRST}\n{SECOND}"


def test_markers_do_not_change_when_the_answer_is_complete(composing) -> None:
    def cites_the_last_clause_first(exchange: Exchange) -> None:
        clauses = exchange.body["messages"][-1]["content"].split('<clause number="')[1:]
        at = next(one.partition('"')[0] for one in clauses if "有效期至2027年12月31日" in one)
        says(f"本办法有效期至2027年12月31日[{at}]。", FIRST)(exchange)

    with generating(composing, cites_the_last_clause_first) as (asks, _):
        *events, answer = asks.engine.stream(AMOUNT, as_of=TODAY)
    assert isinstance(answer, Answer)
    assert "".join(event.text for event in events if isinstance(event, Sentence)) == answer.text
    assert answer.text.startswith("本办法有效期至2027年12月31日[1]。")
    assert faults(answer, AMOUNT, composing) == []


def test_without_a_model_the_answer_comes_alone(composing) -> None:
    (answer,) = composing.stream(AMOUNT, as_of=TODAY)
    assert isinstance(answer, Answer)


def test_what_was_shown_is_replaced_where_the_rest_cannot_be_verified(composing) -> None:
    with generating(composing, REJECTED["mostly wrong"]) as (asks, _):
        *events, answer = asks.engine.stream(AMOUNT, as_of=TODAY)
    assert [event.text for event in events if isinstance(event, Sentence)] == [FIRST]
    assert isinstance(answer, Answer)
    assert_composed(answer, composing, "figure_rejected")


def test_a_reader_that_goes_away_hangs_up(composing) -> None:
    with generating(composing, after([FIRST + "首次"], drips)) as (asks, server):
        events = asks.engine.stream(AMOUNT, as_of=TODAY)
        assert isinstance(next(events), Sentence)
        events.close()
        assert server.hung_up.wait(5)


class ByLength:
    """A reranker that likes long passages."""

    def scores(self, question: str, passages: Sequence[str]) -> np.ndarray:
        return np.array([len(passage) for passage in passages], dtype=np.float32)


def test_a_configured_reranker_orders_what_is_found(composing) -> None:
    handle = answer_case.Fixed(composing.reader())
    reranking = AnswerEngine(composing.embeddings, handle, reranking=Reranking(ByLength()))
    lengths = [len(f"{one.context}\n{one.clause.text}") for one in reranking.read(AMOUNT, as_of=TODAY).found.clauses]
    plain = [len(f"{one.context}\n{one.clause.text}") for one in composing.read(AMOUNT, as_of=TODAY).found.clauses]
    assert lengths == sorted(plain, reverse=True) != plain


def test_warming_up_does_not_ask_the_model(composing) -> None:
    with generating(composing, says(FIRST)) as (asks, server):
        asks.engine.warm_up()
    assert server.requests == []


# The page


def shown(engine: AnswerEngine, tmp_path: Path, question: str = AMOUNT) -> list[tuple[str, dict]]:
    """What the page is told of one question, step by step."""
    service = AnswerService(Settings(data_dir=tmp_path))
    service._engine = engine
    return list(_events(service, Asked(question, (), TODAY), load_texts("zh")))


def test_the_page_shows_a_calculation_with_its_result(composing, tmp_path: Path) -> None:
    _, value = shown(composing, tmp_path, SHARE)[-1]
    table = value["html"].partition('<table class="calculations">')[2].partition("</table>")[0]
    assert "800万元 × 10% = 80万元" in table
    assert '<td class="result">80万元</td>' in table


def test_the_page_shows_what_it_asks_back(composing) -> None:
    asked = ("设备实际投入是多少?", "请问企业注册在哪里?")
    answer = replace(composing.answer(ELIGIBILITY, as_of=TODAY), ask_back=asked)
    block = answer_html(answer, load_texts("zh")).partition('<div class="ask-back">')[2]
    assert [line in block.partition("</div>")[0] for line in asked] == [True, True]


def test_the_command_line_asks_back_in_whole_questions(composing) -> None:
    asked = ("设备实际投入是多少?", "请问企业注册在哪里?")
    lines = list(_lines(replace(composing.answer(ELIGIBILITY, as_of=TODAY), ask_back=asked)))
    assert {"请问:设备实际投入是多少?", "请问企业注册在哪里?"} <= set(lines)


def test_the_command_line_shows_calculations(composing) -> None:
    lines = list(_lines(composing.answer(SHARE, as_of=TODAY)))
    assert "计算:800万元 × 10% = 80万元,不超过上限200万元" in lines


def test_the_page_shows_sentences_as_they_come(composing, tmp_path: Path) -> None:
    with generating(composing, says(FIRST, SECOND)) as (asks, _):
        steps = shown(asks.engine, tmp_path)
    assert [name for name, _ in steps] == ["written", "written", "answer"]
    assert ["80万元" in value["html"] for _, value in steps] == [True, True, True]
    assert ["30万元" in value["html"] for _, value in steps] == [False, True, True]
    assert ['class="card"' in value.get("cards", "") for _, value in steps] == [False, False, True]
    assert MODEL in steps[-1][1]["html"]


def test_the_page_replaces_what_it_showed(composing, tmp_path: Path) -> None:
    with generating(composing, REJECTED["mostly wrong"]) as (asks, _):
        steps = shown(asks.engine, tmp_path)
    assert FIRST.partition("[")[0] in steps[0][1]["html"]
    assert FIRST.partition("[")[0] not in steps[-1][1]["html"]
    assert "核对不上" in steps[-1][1]["html"]
