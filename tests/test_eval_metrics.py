"""Every metric against an example worked by hand, and the rankings against ranx on random runs."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys

import pytest
from eval_fakes import OTHER, TITLE, cite, given, outcome, refusal, row, run_of
from hypothesis import given as forall
from hypothesis import strategies as st

from eval.metrics.bootstrap import mcnemar, mean_interval, paired_difference, randomisation_test
from eval.metrics.catalogue import BY_NAME, METRICS, score
from eval.metrics.diagnose import EXPLANATIONS, Step, failed_step
from eval.metrics.outcome import Outcome
from eval.metrics.ranking import ndcg_at, recall_at, reciprocal_rank
from eval.metrics.summary import latency_of, summarise
from eval.metrics.text import canonical, says


def measured(name: str, of: Outcome) -> float | None:
    return BY_NAME[name].measure(of)


# Words and figures


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("给予1亿元资助", "10000万元"),
        ("给予100,000,000元", "1亿元"),
        ("一百万元", "100万元"),
        ("不超过30%", "不超过百分之三十"),
        ("资助 1500 万元[1]", "1500万元"),
        ("有效期至2021年12月31日", "2021-12-31"),
        ("5688家", "5688"),
        ("20、30万元", "20万元"),
        ("國家級中心", "国家级中心"),
        ("按省级资助额度给予**同比例资助**", "同比例资助"),
    ],
)
def test_equal_values_and_words_are_found_however_they_are_written(text: str, spelling: str) -> None:
    assert says(text, spelling)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("1100万元", "100万元"),
        ("15万元", "1.5万元"),
        ("奖励100万元 50万元", "10050万元"),
        ("没有100", "100万元"),
        ("15%", "15万元"),
        ("见第一条[15]", "15"),
    ],
)
def test_a_figure_inside_another_one_or_of_another_unit_is_not_found(text: str, spelling: str) -> None:
    assert not says(text, spelling)


@forall(st.text(alphabet="资助1一百万亿元%。,2 3\n[]()至年", max_size=30))
def test_every_text_says_itself(text: str) -> None:
    assert says(text, text) == bool(canonical(text))


@forall(st.integers(1, 10**6), st.integers(1, 10**6))
def test_two_amounts_are_the_same_only_if_they_are_equal(one: int, other: int) -> None:
    assert says(f"资助{one * 10_000}元", f"{other}万元") == (one == other)


# What an answer is measured by


def test_facts_are_the_share_of_groups_with_one_spelling_read_anywhere() -> None:
    expected = row(facts=(("1亿元", "10000万元"), ("2021年12月31日",), ("300万元",), ("1600万元",)))
    answer = given(
        "资助100000000元[1]。", cite("1"), warn=("2021年12月31日失效",), calculations=(("20-4", "1600万元"),)
    )
    assert measured("facts", outcome(expected, answer)) == 3 / 4
    assert measured("facts", outcome(row(), answer)) is None


def test_a_forbidden_figure_counts_in_the_answer_and_its_calculation_but_not_in_a_warning() -> None:
    expected = row(forbid=("1500万元", "仍然有效"))
    assert measured("clean", outcome(expected, given("资助1亿元。", warn=("请确认是否仍然有效",)))) == 1
    assert measured("clean", outcome(expected, given("资助15,000,000元。"))) == 0
    assert measured("clean", outcome(expected, given("见算式。", calculations=(("3000 ÷ 2", "1500万元"),)))) == 0
    assert measured("clean", outcome(row(), given("资助1500万元。"))) is None


def test_citation_recall_is_the_share_of_required_clauses_that_are_cited() -> None:
    expected = row(clauses=(("示例产业", "1"), ("示例产业", "2")))
    assert measured("citation_recall", outcome(expected, given("。", cite("1")))) == 0.5
    assert measured("citation_recall", outcome(expected, given("。", cite("1"), cite("2")))) == 1
    # The same path in another policy is another clause.
    assert (
        measured("citation_recall", outcome(row(clauses=(("示例产业", "1"),)), given("。", cite("1", title=OTHER))))
        == 0
    )


def test_of_a_partial_answer_one_of_the_nearest_clauses_is_enough() -> None:
    expected = row(status="partial", clauses=(("示例产业", "1"), ("示例产业", "2")))
    ranking = (("p2", "1"), ("p1", "2"))
    found = outcome(expected, given("。", cite("2"), status="partial"), ranking)
    assert measured("citation_recall", found) == 1
    assert found.correct
    assert [measured(name, found) for name in ("recall@1", "recall@3", "mrr")] == [0, 1, 0.5]


def test_citation_precision_leaves_out_the_validity_statement_of_a_right_policy() -> None:
    expected = row(clauses=(("示例产业", "1"),))
    assert measured("citation_precision", outcome(expected, given("。", cite("1"), cite("tail")))) == 1
    assert measured("citation_precision", outcome(expected, given("。", cite("1"), cite("2"), cite("tail")))) == 0.5
    # Of another policy, or where it is what was asked, it counts.
    wrong = given("。", cite("tail"), cite("1", title=OTHER))
    assert measured("citation_precision", outcome(row(clauses=(("园区建设", "1"),)), wrong)) == 0.5
    assert measured("citation_precision", outcome(row(clauses=(("示例产业", "tail"),)), given("。", cite("tail")))) == 1
    assert measured("citation_precision", outcome(expected, refusal())) is None


def test_warnings_are_the_share_of_the_expected_codes() -> None:
    expected = row(warn=("expired", "digest_edition"))
    assert measured("warnings", outcome(expected, given("。", warn=("expired", "draft")))) == 0.5
    assert measured("warnings", outcome(row(), given("。", warn=("expired",)))) is None


def test_a_calculation_is_right_when_its_result_is_an_expected_fact() -> None:
    expected = row(category="calculation", facts=(("1600万元",),))
    shown = given("应奖1600万元。", calculations=(("2000万元 − 400万元", "16,000,000元"),))
    assert measured("calculation", outcome(expected, shown)) == 1
    assert measured("calculation", outcome(expected, given("应奖1600万元。"))) == 0
    assert measured("calculation", outcome(expected, given("。", calculations=(("2000 − 300", "1700万元"),)))) == 0
    assert measured("calculation", outcome(row(), shown)) is None


def test_refusals_by_hand() -> None:
    # Expected refusals: a (refused), b (answered). Expected answers: c, d (answered), e (refused).
    refuse = [row(name, category="refuse", status="refused", question=name) for name in "ab"]
    answer = [row(name, question=name) for name in "cde"]
    said = [refusal(), given("是。"), given("是。"), given("是。"), refusal()]
    found = summarise(run_of(*zip([*refuse, *answer], said, strict=True))).overall
    assert found["refusal_recall"].value == 1 / 2
    assert found["refusal_precision"].value == 1 / 2
    assert found["false_refusal"].value == pytest.approx(1 / 3)
    assert found["status"].value == 3 / 5


def test_every_figure_must_stand_in_a_quote_a_calculation_a_title_or_the_question() -> None:
    asked = row(question="投入2000万元能补多少?")
    assert measured("supported", outcome(asked, given("投入2000万元,补15%,最高300万元[1]。", cite("2")))) == 1
    assert measured("supported", outcome(asked, given("补15%,最高500万元[1]。", cite("2")))) == 0
    # A sum that was asked in Chinese numerals stands in the formula as digits.
    worked = given("按1.5亿元计算,应奖励300万元[1]。", cite("2"), calculations=[("1.5亿元 × 2% = 300万元", "300万元")])
    assert measured("supported", outcome(row(question="併購額一億五千萬,獎多少"), worked)) == 1
    spelt = row(question="一共采购四百八十万,够不够")
    assert measured("supported", outcome(spelt, given("480万元不够[1]。", cite("2")))) == 1
    assert measured("supported", outcome(spelt, given("490万元不够[1]。", cite("2")))) == 0
    # The numbers of a list and of markers are no figures.
    assert measured("supported", outcome(asked, given("1. 补15%[1];\n2. 最高300万元[7]。", cite("2")))) == 1
    assert measured("supported", outcome(asked, refusal("共9999份。"))) is None


def test_a_quote_must_stand_in_the_clause_that_the_citation_names() -> None:
    assert measured("verbatim", outcome(row(), given("。", cite("2", "最高300万元")))) == 1
    assert measured("verbatim", outcome(row(), given("。", cite("2", "最高\n300万元")))) == 1
    assert measured("verbatim", outcome(row(), given("。", cite("1", "最高300万元")))) == 0
    assert measured("verbatim", outcome(row(), given("。", cite("2", "最高500万元")))) == 0


def test_a_failed_question_is_wrong_everywhere_it_could_have_been_right() -> None:
    expected = row(facts=(("1亿元",),), clauses=(("示例产业", "1"),), warn=("expired",))
    scores = score(outcome(expected, None))
    for name in ("correct", "status", "facts", "citation_recall", "warnings", "recall@10", "mrr", "ndcg@10"):
        assert scores[name] == 0, name


@pytest.mark.parametrize(
    "spoilt",
    [
        {"status": "partial"},
        {"facts": (("2亿元",),)},
        {"forbid": ("1亿元",)},
        {"clauses": (("示例产业", "2"),)},
        {"warn": ("period_ended",)},
    ],
)
def test_one_mistake_is_enough_for_a_wrong_answer(spoilt: dict) -> None:
    right = {"facts": (("1亿元",),), "forbid": ("1500万元",), "clauses": (("示例产业", "1"),), "warn": ("expired",)}
    answer = given("资助1亿元[1]。", cite("1"), warn=("expired",))
    assert outcome(row(**right), answer).correct
    assert not outcome(row(**{**right, **spoilt}), answer).correct


# Rankings


def test_rankings_by_hand() -> None:
    ranking, relevant = ("a", "b", "c", "d", "e"), {"b", "e", "x"}
    assert recall_at(1, ranking, relevant) == 0
    assert recall_at(2, ranking, relevant) == 1 / 3
    assert recall_at(10, ranking, relevant) == 2 / 3
    assert reciprocal_rank(ranking, relevant) == 1 / 2
    assert reciprocal_rank(ranking, {"x"}) == 0
    # Gains at ranks 2 and 5 against the best: ranks 1, 2 and 3.
    best = 1 + 1 / math.log2(3) + 1 / 2
    assert ndcg_at(10, ranking, relevant) == pytest.approx((1 / math.log2(3) + 1 / math.log2(6)) / best)
    assert ndcg_at(3, ranking, relevant) == pytest.approx((1 / math.log2(3)) / best)


def test_rankings_want_something_relevant_and_a_cutoff() -> None:
    with pytest.raises(ValueError, match="relevant"):
        recall_at(3, ("a",), ())
    with pytest.raises(ValueError, match="k must be"):
        ndcg_at(0, ("a",), ("a",))


_RANX = """
import json, sys
from ranx import Qrels, Run, evaluate
qrels, run = json.load(sys.stdin)
scores = evaluate(Qrels(qrels), Run(run), ["recall@3", "recall@10", "mrr", "ndcg@10"], return_mean=False)
json.dump({name: list(map(float, values)) for name, values in scores.items()}, sys.stdout)
"""


def test_rankings_agree_with_ranx_on_random_runs() -> None:
    chance = random.Random(5)
    rankings = [chance.sample("abcdefghijklmnopqrstuvwxyz", 20) for _ in range(60)]
    relevant = [chance.sample("abcdefghijklmnopqrstuvwxyz", chance.randint(1, 6)) for _ in rankings]
    names = [f"{query:02}" for query in range(len(rankings))]  # ranx answers in sorted order
    qrels = {name: dict.fromkeys(items, 1) for name, items in zip(names, relevant, strict=True)}
    scores = [{item: 20.0 - at for at, item in enumerate(ranking)} for ranking in rankings]
    # A process of its own: compiling ranx's metrics takes 20 seconds, and numba reads the switch at import only.
    answer = subprocess.run(
        [sys.executable, "-c", _RANX],
        input=json.dumps([qrels, dict(zip(names, scores, strict=True))]),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(answer.stdout)
    pairs = list(zip(rankings, relevant, strict=True))
    assert [recall_at(3, *pair) for pair in pairs] == pytest.approx(theirs["recall@3"])
    assert [recall_at(10, *pair) for pair in pairs] == pytest.approx(theirs["recall@10"])
    assert [reciprocal_rank(*pair) for pair in pairs] == pytest.approx(theirs["mrr"])
    assert [ndcg_at(10, *pair) for pair in pairs] == pytest.approx(theirs["ndcg@10"])


def test_retrieval_is_measured_by_policy_and_path() -> None:
    expected = row(clauses=(("示例产业", "1"), ("示例产业", "2")))
    found = outcome(expected, given("。"), (("p2", "1"), ("p1", "1"), ("p1", "tail"), ("p1", "2")))
    assert [measured(f"recall@{k}", found) for k in (1, 3, 5)] == [0, 0.5, 1]
    assert measured("mrr", found) == 0.5
    gains = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert measured("ndcg@10", found) == pytest.approx(gains)
    assert measured("recall@1", outcome(row(), given("。"))) is None


# Intervals and tests


def test_an_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few, many = mean_interval([1, 0, 1, 1] * 5), mean_interval([1, 0, 1, 1] * 50)
    assert few is not None
    assert many is not None
    assert few.value == many.value == 0.75
    assert few.low < many.low < 0.75 < many.high < few.high
    # The normal approximation: 1.96 · sqrt(.75 · .25 / 200) = .060
    assert many.high - 0.75 == pytest.approx(0.060, abs=0.006)


def test_questions_a_metric_does_not_apply_to_are_left_out() -> None:
    assert mean_interval([None, 1.0, None, 0.0]) == mean_interval([1.0, 0.0])
    assert mean_interval([None]) is None


def test_equal_scores_get_the_exact_binomial_limit() -> None:
    full, empty = mean_interval([1.0] * 40), mean_interval([0.0] * 40)
    assert full is not None
    assert empty is not None
    # Clopper-Pearson for 40 of 40: .025 ** (1 / 40) = .9119
    assert (full.low, full.high) == (pytest.approx(0.9119, abs=1e-4), 1.0)
    assert (empty.low, empty.high) == (0.0, pytest.approx(0.0881, abs=1e-4))


def test_intervals_are_the_same_every_time() -> None:
    scores = [0.0, 0.5, 1.0, 1.0, 0.25] * 7
    assert mean_interval(scores) == mean_interval(list(scores))


def test_a_paired_difference_cancels_what_is_hard_in_both_runs() -> None:
    before, after = [1.0, 0.0] * 50, [1.0, 0.0] * 44 + [0.0, 0.0] * 6
    found = paired_difference(before, after)
    assert found is not None
    assert found.value == pytest.approx(-0.06)
    assert found.high < 0
    alone = mean_interval(before)
    assert alone is not None
    # The interval of one run is far too wide to show it.
    assert alone.low < 0.44


def test_a_paired_difference_takes_scores_that_one_run_lacks() -> None:
    found = paired_difference([1.0, None, 1.0, None], [0.0, 1.0, None, None])
    assert found is not None
    assert (found.value, found.n) == (-0.5, 3)
    assert paired_difference([None], [1.0]) is None
    with pytest.raises(ValueError, match="paired"):
        paired_difference([1.0], [])


@pytest.mark.parametrize(
    ("worse", "better", "p"),
    [(0, 0, 1.0), (6, 0, 2 / 64), (0, 6, 2 / 64), (1, 1, 1.0), (8, 2, 2 * (1 + 10 + 45) / 1024), (3, 3, 1.0)],
)
def test_mcnemar_by_hand(worse: int, better: int, p: float) -> None:
    before = [True] * worse + [False] * better + [True, False]
    after = [False] * worse + [True] * better + [True, False]
    assert mcnemar(before, after) == pytest.approx(p)


def test_the_randomisation_test_comes_near_the_exact_one() -> None:
    before, after = [1.0] * 8 + [0.0] * 2 + [1.0] * 20, [0.0] * 8 + [1.0] * 2 + [1.0] * 20
    exact = mcnemar([score == 1 for score in before], [score == 1 for score in after])
    assert randomisation_test(before, after) == pytest.approx(exact, abs=0.02)
    assert randomisation_test([1.0] * 9, [1.0] * 9) == 1
    assert randomisation_test([None], [1.0]) == 1


# The failed step

ONE = (("示例产业", "1"),)
RANKED = (("p1", "1"), ("p1", "2"))


@pytest.mark.parametrize(
    ("expected", "answer", "ranking", "step"),
    [
        (row(clauses=ONE), None, RANKED, Step.ERROR),
        (row(status="refused"), given("资助1亿元。", cite("1")), RANKED, Step.SHOULD_REFUSE),
        (row(clauses=ONE), given("。", cite("2")), (("p1", "2"),), Step.NOT_RETRIEVED),
        (row(clauses=ONE), refusal(), (("p1", "2"),), Step.NOT_RETRIEVED),
        (row(clauses=ONE), refusal(), RANKED, Step.WRONGLY_REFUSED),
        (row(clauses=ONE), given("。", cite("2")), RANKED, Step.NOT_CHOSEN),
        (row(clauses=ONE, facts=(("1亿元",),)), given("资助2亿元。", cite("1")), RANKED, Step.WRONG_FIGURE),
        (row(clauses=ONE, forbid=("1500万元",)), given("1500万元。", cite("1")), RANKED, Step.WRONG_FIGURE),
        (row(clauses=ONE, facts=(("同比例",),)), given("资助。", cite("1")), RANKED, Step.MISSING_POINT),
        (row(clauses=ONE, forbid=("肯定能拿",)), given("肯定能拿。", cite("1")), RANKED, Step.FORBIDDEN),
        (row(clauses=ONE), given("。", cite("1"), status="partial"), RANKED, Step.CLAIMS_SILENCE),
        (row(clauses=ONE, status="partial"), given("。", cite("1")), RANKED, Step.CLAIMS_ANSWER),
        (row(clauses=ONE, status="partial"), given("。", cite("2")), RANKED, Step.CLAIMS_ANSWER),
        (row(clauses=ONE, warn=("expired",)), given("。", cite("1")), RANKED, Step.WARNING_MISSING),
        (row(clauses=ONE), given("。", cite("1")), RANKED, None),
        (row(status="refused"), refusal(), (), None),
    ],
)
def test_the_first_step_that_failed_is_named(expected, answer, ranking, step) -> None:
    assert failed_step(outcome(expected, answer, ranking)) == step


def test_every_step_and_metric_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Step)
    assert all(metric.title and metric.meaning for metric in METRICS)
    assert len({metric.name for metric in METRICS}) == len(METRICS)


# The summary


def test_a_summary_by_hand() -> None:
    right = row("a", facts=(("1亿元",),), clauses=ONE)
    wrong = row("b", category="target", facts=(("8个",), ("9个",)), clauses=(("园区建设", "1"),))
    refused = row("c", category="refuse", status="refused")
    run = run_of(
        (right, given("资助1亿元[1]。", cite("1"))),
        (wrong, given("建成8个[1]。", cite("1", title=OTHER))),
        (refused, given("是。", cite("1"))),
    )
    found = summarise(run)
    assert found.overall["correct"].value == pytest.approx(1 / 3)
    assert found.overall["facts"].value == 0.75
    assert list(found.by_category) == ["amount", "target", "refuse"]
    assert found.by_category["target"]["facts"].value == 0.5
    assert found.confusion == {("answered", "answered"): 2, ("refused", "answered"): 1}
    assert found.steps == {Step.WRONG_FIGURE: 1, Step.SHOULD_REFUSE: 1}
    assert [case.outcome.row.id for case in found.failing] == ["b", "c"]
    assert TITLE in found.cases[0].outcome.titles.values()


def test_latency_by_hand() -> None:
    found = latency_of([float(value) for value in range(1, 101)])
    assert (found.n, found.mean, found.longest) == (100, 50.5, 100.0)
    assert found.percentiles == {50: 50.0, 90: 90.0, 95: 95.0, 99: 99.0}
    assert latency_of([7.0]).percentiles[99] == 7.0
    with pytest.raises(ValueError, match="time"):
        latency_of([])
