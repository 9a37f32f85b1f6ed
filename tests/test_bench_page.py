"""The benchmark of the served page: its figures against hand-worked ones, and a short run of the whole."""

from __future__ import annotations

import pytest

from bench import page
from bench.served import QUESTION_SET, questions
from bench.times import summary


def entry(name: str, times: dict[str, int], failures: int = 0) -> dict[str, object]:
    """One address as locust reports it: times in ms with how often each was taken."""
    return {"name": name, "response_times": times, "num_failures": failures, "num_requests": sum(times.values())}


def test_percentiles_are_those_of_the_times_taken_one_by_one() -> None:
    assert summary([float(time) for time in range(1, 102)]) == {"median_ms": 51.0, "p95_ms": 96.0}
    assert summary([7.0, 7.0]) == {"median_ms": 7.0, "p95_ms": 7.0}


def test_requests_are_summed_up_over_addresses_and_errors_counted() -> None:
    found = page.loaded([entry("/page/ask", {"10": 19, "200": 1}, failures=1), entry("/", {"30": 1}), entry("/x", {})])
    assert (found["requests"], found["errors"], found["median_ms"]) == (21, 1, 10.0)
    assert found["paths"]["/"] == {"requests": 1, "median_ms": 30.0, "p95_ms": 30.0}
    assert set(found["paths"]) == {"/page/ask", "/"}


def test_a_run_without_requests_is_no_result() -> None:
    with pytest.raises(ValueError, match="--seconds"):
        page.loaded([])


def test_memory_is_compared_by_thirds() -> None:
    grown = page.thirds([100.0, 102.0, 500.0, 7.0, 150.0, 153.0])
    assert (grown["first_third_mb"], grown["last_third_mb"], grown["growth"]) == (101.0, 151.5, 1.5)
    assert page.thirds([50.0])["growth"] == 1.0
    assert page.thirds([])["growth"] is None


def test_every_target_is_judged_and_an_error_is_one() -> None:
    times = {"median_ms": 1.0, "p95_ms": 300.0}
    figures = {
        "browser": {"first_text": times, "whole_answer": {**times, "p95_ms": 1000.1}},
        "users": {"p95_ms": 1500.0, "errors": 1},
        "memory": {"growth": 1.06},
    }
    assert page.met(figures) == {
        "first_text_p95_ms": True,
        "whole_answer_p95_ms": False,
        "users_p95_ms": True,
        "memory_growth": False,
        "no_errors": False,
    }


def test_questions_are_taken_from_all_parts_of_the_set() -> None:
    everything = questions()
    some = questions(20)
    assert len(some) == len(set(some)) == 20
    assert [everything.index(one) for one in some] == sorted(everything.index(one) for one in some)
    assert everything.index(some[-1]) > len(everything) * 0.9
    assert len(everything) <= len(QUESTION_SET.read_text(encoding="utf-8").splitlines())


@pytest.mark.browser
@pytest.mark.slow
def test_a_short_run_measures_everything_without_an_error() -> None:
    figures = page.run(users=3, seconds=4, asked=2)
    assert figures["browser"]["questions"] == 2
    assert 0 < figures["browser"]["first_text"]["median_ms"] <= figures["browser"]["whole_answer"]["p95_ms"]
    assert figures["users"]["errors"] == figures["one_user"]["errors"] == 0
    assert "/page/ask" in figures["users"]["paths"]
    assert len(figures["memory"]["samples_mb"]) > 3
    assert figures["met"]["no_errors"]
