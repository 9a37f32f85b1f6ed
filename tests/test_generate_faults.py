"""A chat server that stalls, drips, breaks off, floods, refuses or talks rubbish: an answer or a failure, in time."""

from __future__ import annotations

import logging
import threading

import pytest
from chat_case import CLAUSES, FIRST, GOOD, KEY, REQUEST, SECOND, ask, failure, figures_of_the_cited_clauses, generator
from chat_server import Behaviour, Exchange, after, chunk, fails, in_turn, replies, says, serving, spells

from rag.generate import ChatGenerator, Code, GenerationFailed, Request

# Time


def test_a_server_that_stalls_before_the_first_token() -> None:
    behave = after([], lambda exchange: exchange.wait(20))
    assert failure(behave, chat_first_token_timeout=0.4).code is Code.NO_RESPONSE


def test_a_server_that_never_sends_a_head() -> None:
    assert failure(lambda exchange: exchange.wait(20), chat_first_token_timeout=0.4).code is Code.NO_RESPONSE


def test_chunks_without_text_do_not_count_as_a_first_token() -> None:
    empty = b'data: {"choices":[{"index":0,"delta":{"reasoning_content":"x"}}]}\n\n'
    behave = after([], lambda exchange: exchange.drip(empty, 0.05, 20))
    assert failure(behave, chat_first_token_timeout=0.4).code is Code.NO_RESPONSE


def test_a_server_that_stalls_in_the_middle() -> None:
    failed = failure(after([FIRST + "乙级"], lambda exchange: exchange.wait(20)), chat_first_token_timeout=0.5)
    assert (failed.code, failed.shown) == (Code.TIMEOUT, 1)


@pytest.mark.parametrize(
    "data", [b": keep-alive\n\n", b" ", b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n']
)
def test_a_server_that_drips_past_the_total_time_is_hung_up_on(data: bytes) -> None:
    with serving(after([], lambda exchange: exchange.drip(data, 0.05, 20))) as server:
        with pytest.raises(GenerationFailed) as caught:
            generator(server, chat_timeout=0.7).generate(REQUEST, figures_of_the_cited_clauses)
        assert server.hung_up.wait(5)
    assert caught.value.code in (Code.TIMEOUT, Code.NO_RESPONSE)


def test_a_caller_that_stops_listening_hangs_up() -> None:
    with serving(after([FIRST + "乙"], lambda exchange: exchange.drip(b": x\n\n", 0.05, 20))) as server:
        events = generator(server).stream(REQUEST, figures_of_the_cited_clauses)
        next(events)
        events.close()
        assert server.hung_up.wait(5)


# Broken streams


def test_of_a_stream_that_is_cut_off_the_last_sentence_is_dropped() -> None:
    result = ask(after([FIRST, "乙级工坊奖励3"], lambda exchange: None))
    assert (result.text, result.truncated) == (FIRST, True)


def test_a_stream_that_is_cut_off_before_the_direct_answer_is_complete() -> None:
    assert failure(after(["甲级工坊奖励8"], lambda exchange: None)).code is Code.EMPTY


def test_a_model_that_runs_out_of_length_loses_its_last_sentence() -> None:
    result = ask(says(FIRST, "乙级工坊奖励3", reason="length"))
    assert (result.text, result.truncated) == (FIRST, True)


@pytest.mark.parametrize("garbage", [b"\xff\xfe\x80\x81data\n\n", b"data: {broken\n\n", b"data: \xff\xfe\n\n"])
def test_garbage_after_a_checked_sentence_ends_the_answer_there(garbage: bytes) -> None:
    result = ask(after([FIRST, "乙级"], lambda exchange: exchange.raw(garbage)))
    assert (result.text, result.truncated) == (FIRST, True)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"\xff\xfe\x00\x80" * 100, "text/event-stream"),
        (b"data: {not json}\n\n", "text/event-stream"),
        (b"data: \xff\xff\n\n", "text/event-stream"),
        (b"data: 5\n\n", "text/event-stream"),
        (b'data: {"choices": "none"}\n\n', "text/event-stream"),
        (b"<html><body>502</body></html>", "text/html"),
        (b'{"choices":[{"message":{"role":"assistant","content":"\xe5\xa5\x96100"}}]}', "application/json"),
        (b"", "text/event-stream"),
        (b"data: [DONE]\n\n", "text/event-stream"),
    ],
)
def test_what_is_no_event_stream_is_no_answer(data: bytes, content_type: str) -> None:
    assert failure(replies(data, content_type)).code in (Code.BAD_RESPONSE, Code.EMPTY)


@pytest.mark.parametrize("pieces", [(), ("",), ("\n \n",), ("共两类:",)])
def test_an_answer_that_says_nothing(pieces: tuple[str, ...]) -> None:
    assert failure(says(*pieces)).code is Code.EMPTY


def test_a_call_of_a_tool_is_no_answer() -> None:
    call = {"index": 0, "id": "t", "type": "function", "function": {"name": "pay", "arguments": '{"万元": 80}'}}

    def behave(exchange: Exchange) -> None:
        exchange.head()
        exchange.event(chunk({"tool_calls": [call]}))
        exchange.end("tool_calls")

    assert failure(behave).code is Code.EMPTY


# Output without end


def test_a_model_that_loops_is_stopped() -> None:
    behave = after([FIRST], lambda exchange: exchange.drip(chunk_of(SECOND), 0.001, 20))
    result = ask(behave)
    assert (result.text, result.truncated) == (FIRST + SECOND, True)


def test_a_sentence_without_end_is_stopped() -> None:
    result = ask(after([FIRST], lambda exchange: exchange.drip(chunk_of("奖励" * 50), 0.001, 20)))
    assert (result.text, result.truncated) == (FIRST, True)


def test_an_answer_without_end_is_stopped() -> None:
    sentences = "".join(f"甲级工坊奖励80万元,{'很' * (at % 7)}{chr(0x4E00 + at)}[1]。" for at in range(500))
    result = ask(says(FIRST, sentences))
    assert len(result.text) < 5000
    assert result.truncated


@pytest.mark.parametrize("piece", [" ", "[", "[1,", "<", "<think", "《", "1", "\n"])
def test_a_flood_in_one_piece_ends_the_answer(piece: str) -> None:
    assert failure(says(piece * (200_000 // len(piece)))).code in (Code.EMPTY, Code.UNVERIFIED)


def test_many_rejected_sentences_end_the_reading() -> None:
    wrong = "".join(f"第{at}类工坊奖励{at}亿元[1]。" for at in range(2, 3000))
    failed = failure(says(FIRST, wrong))
    assert failed.code is Code.UNVERIFIED
    assert len(failed.rejected) < 20


def chunk_of(text: str) -> bytes:
    return f'data: {{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}\n\n'.encode()


# Refusals and retries


@pytest.mark.parametrize("first", [fails(429, Retry_After="0"), fails(500), fails(503), lambda exchange: None])
def test_a_passing_fault_is_retried(first: Behaviour) -> None:
    with serving(in_turn(first, says(GOOD))) as server:
        result = generator(server).generate(REQUEST, figures_of_the_cited_clauses)
    assert result.text == GOOD
    assert len(server.requests) == 2


@pytest.mark.parametrize(("status", "code"), [(429, Code.RATE_LIMITED), (500, Code.SERVER_ERROR)])
def test_a_lasting_fault_is_retried_as_often_as_configured(status: int, code: Code) -> None:
    with serving(fails(status, Retry_After="0")) as server, pytest.raises(GenerationFailed) as caught:
        generator(server, chat_retries=1).generate(REQUEST, figures_of_the_cited_clauses)
    assert caught.value.code is code
    assert len(server.requests) == 2


def test_a_wait_beyond_the_total_time_is_not_waited_for() -> None:
    with serving(fails(429, Retry_After="3600")) as server, pytest.raises(GenerationFailed) as caught:
        generator(server, chat_timeout=4.0).generate(REQUEST, figures_of_the_cited_clauses)
    assert caught.value.code is Code.RATE_LIMITED
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, Code.BAD_REQUEST), (401, Code.UNAUTHORIZED), (403, Code.UNAUTHORIZED), (404, Code.NOT_FOUND)],
)
def test_a_lasting_refusal_is_not_retried(status: int, code: Code, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(fails(status, f"bad key {KEY}")) as server, pytest.raises(GenerationFailed) as caught:
        generator(server).generate(REQUEST, figures_of_the_cited_clauses)
    assert caught.value.code is code
    assert len(server.requests) == 1
    assert KEY not in caplog.text + str(caught.value) + caught.value.message


def test_a_context_that_is_too_long_is_named() -> None:
    assert failure(fails(400, "context_length_exceeded")).code is Code.TOO_LONG


def test_a_server_that_is_not_there() -> None:
    with serving(says(GOOD)) as server:
        url = server.url
    with pytest.raises(GenerationFailed) as caught:
        generator(url, chat_retries=1).generate(REQUEST, figures_of_the_cited_clauses)
    assert caught.value.code is Code.UNREACHABLE


def test_nothing_is_sent_again_once_text_has_come() -> None:
    with serving(after(["甲级"], lambda exchange: None)) as server, pytest.raises(GenerationFailed):
        generator(server).generate(REQUEST, figures_of_the_cited_clauses)
    assert len(server.requests) == 1


def test_requests_at_the_same_time_do_not_mix() -> None:
    texts: dict[int, str] = {}

    def behave(exchange: Exchange) -> None:
        asked = exchange.body["messages"][1]["content"]
        spells(FIRST if "问题甲" in asked else SECOND)(exchange)

    def run(at: int, made: ChatGenerator) -> None:
        request = Request("问题甲" if at % 2 else "问题乙", (), CLAUSES, REQUEST.as_of, (), "")
        texts[at] = made.generate(request, figures_of_the_cited_clauses).text

    with serving(behave) as server:
        made = generator(server)
        threads = [threading.Thread(target=run, args=(at, made)) for at in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == {at: FIRST if at % 2 else SECOND for at in range(6)}
