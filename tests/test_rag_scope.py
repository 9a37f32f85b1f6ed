"""Answers that may rest on some policies only: retrieval, lists, refusals and examples keep within them."""

from __future__ import annotations

from datetime import date

import answer_case
import pytest
from answer_case import AMOUNT, ANSWERABLE, ELIGIBILITY, EXPIRED, INJECTED, OFF_TOPIC, TODAY

from index.models import PolicyId, Status
from index.store import IndexReader
from rag.answer import Answer, AnswerEngine
from rag.retrieve import retrieve, searched
from rag.scope import EVERYTHING, Scope
from rag.understand import understand

WORKSHOP, BRIDGE, LANTERNS = "临江市匠心工坊扶持办法", "临江市古桥修缮补助办法", "临江市灯会承办奖励办法"
LIST = "临江市有哪些奖励和补助政策?"


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> AnswerEngine:
    return answer_case.engine(tmp_path_factory.mktemp("scope"))


@pytest.fixture(scope="module")
def reader(engine) -> IndexReader:
    return engine.reader()


def key(reader: IndexReader, title: str) -> PolicyId:
    return next(policy_id for policy_id, facts in reader.facts().items() if facts.title == title)


def only(reader: IndexReader, *titles: str) -> Scope:
    return Scope(policies=frozenset(key(reader, title) for title in titles))


def told(engine: AnswerEngine, question: str, scope: Scope, day: date = TODAY) -> Answer:
    return engine.answer(question, as_of=day, scope=scope)


def cited(answer: Answer) -> set[str]:
    return {citation.title for citation in answer.citations}


# Chosen policies


@pytest.mark.parametrize("question", [*ANSWERABLE, LIST, "第一条是什么?", "奖励多少?"])
@pytest.mark.parametrize("title", [WORKSHOP, BRIDGE, LANTERNS])
def test_nothing_but_the_chosen_policy_is_cited_or_named(question: str, title: str, engine, reader) -> None:
    answer = told(engine, question, only(reader, title))
    assert cited(answer) <= {title}
    shown = answer.text + "".join((*answer.ask_back, *(one.message for one in answer.warnings)))
    assert [other for other in {WORKSHOP, BRIDGE, LANTERNS} - {title} if other in shown and other not in question] == []


def test_the_figures_of_a_policy_that_was_not_chosen_are_not_told(engine, reader) -> None:
    assert "80万元" in told(engine, AMOUNT, only(reader, WORKSHOP)).text
    assert "80万元" not in told(engine, AMOUNT, only(reader, BRIDGE, LANTERNS)).text
    assert "25万元" in told(engine, INJECTED, only(reader, LANTERNS)).text


def test_what_is_in_scope_is_answered_as_without_a_limit(engine, reader) -> None:
    for question in (AMOUNT, ELIGIBILITY):
        free, limited = told(engine, question, EVERYTHING), told(engine, question, only(reader, WORKSHOP))
        assert (limited.text, limited.ask_back) == (free.text, free.ask_back)
        assert cited(limited) == cited(free)


def test_search_finds_clauses_of_the_chosen_policies_alone(engine, reader) -> None:
    view = only(reader, BRIDGE).of(reader, TODAY)
    for question in (AMOUNT, EXPIRED, f"《{WORKSHOP}》第三条怎么规定?", "临政办〔2024〕9号说了什么?"):
        asked = understand(question, lexicon=engine.lens(view).lexicon)
        found = retrieve(view, asked, engine.embeddings.embed_question(searched(asked)))
        assert {item.policy_id for item in found.clauses} <= {key(reader, BRIDGE)}


def test_a_list_of_policies_holds_the_chosen_ones(engine, reader) -> None:
    answer = told(engine, LIST, only(reader, WORKSHOP, LANTERNS))
    assert BRIDGE not in answer.text
    assert cited(answer) <= {WORKSHOP, LANTERNS}


def test_a_refusal_offers_questions_on_the_chosen_policies(engine, reader) -> None:
    answer = told(engine, OFF_TOPIC, only(reader, BRIDGE))
    assert answer.status == "refused"
    assert not answer.citations
    assert "工坊" not in answer.text
    assert "灯会" not in answer.text


def test_the_view_holds_the_chosen_policies_alone(reader) -> None:
    view = only(reader, BRIDGE).of(reader, TODAY)
    assert [facts.title for facts in view.facts().values()] == [BRIDGE]
    assert [policy.facts.title for policy in view.policies()] == [BRIDGE]
    assert len(reader.facts()) == 3


def test_a_limit_of_one_question_does_not_hold_for_the_next(engine, reader) -> None:
    told(engine, AMOUNT, only(reader, BRIDGE))
    assert "80万元" in told(engine, AMOUNT, EVERYTHING).text


# What is in force


def test_what_has_expired_is_left_out_on_the_day_asked_for(engine) -> None:
    in_force = Scope(in_force=True)
    assert "45万元" not in told(engine, EXPIRED, in_force).text
    assert "45万元" in told(engine, EXPIRED, in_force, date(2021, 1, 1)).text
    assert "80万元" in told(engine, AMOUNT, in_force).text
    assert "80万元" not in told(engine, AMOUNT, in_force, date(2021, 1, 1)).text


@pytest.mark.parametrize("day", [date(2018, 1, 1), date(2020, 1, 1), date(2024, 6, 1), TODAY, date(2029, 12, 31)])
def test_the_view_holds_what_is_in_force_that_day(day: date, reader) -> None:
    expected = {
        name for name, facts in reader.facts().items() if facts.status(day) in (Status.IN_FORCE, Status.UNKNOWN)
    }
    if expected:
        assert set(Scope(in_force=True).of(reader, day).facts()) == expected
    else:
        with pytest.raises(ValueError, match=day.isoformat()):
            Scope(in_force=True).of(reader, day)


def test_both_limits_hold_together(engine, reader) -> None:
    both = Scope(only(reader, BRIDGE, WORKSHOP).policies, in_force=True)
    assert set(both.of(reader, TODAY).facts()) == {key(reader, WORKSHOP)}


# Nothing in scope


def test_policies_that_have_left_the_index_are_told(engine) -> None:
    with pytest.raises(ValueError, match="已经不在政策库里"):
        told(engine, AMOUNT, Scope(policies=frozenset({"pgone"})))


def test_policies_of_which_none_is_in_force_are_told_with_the_day(engine, reader) -> None:
    with pytest.raises(ValueError, match=r"2026-03-01 这一天.*取消“只看现行有效”"):
        told(engine, AMOUNT, Scope(only(reader, BRIDGE).policies, in_force=True))


def test_one_that_is_left_of_several_is_enough(engine, reader) -> None:
    scope = Scope(policies=frozenset({"pgone", key(reader, WORKSHOP)}))
    assert "80万元" in told(engine, AMOUNT, scope).text
