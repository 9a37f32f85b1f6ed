"""Policies that a question calls by no more than their place and the kind of document they are."""

from __future__ import annotations

from datetime import date

import pytest

from index.models import PolicyFacts
from rag.kinds import beside, by_place_and_kind, edition_meant, told

FACTS = {
    "elder": PolicyFacts(title="溪陵县养老服务补助实施细则", region="溪陵县"),
    "ip23": PolicyFacts(
        title="瑞丰高新区知识产权资助管理办法（2023年修订）", region="瑞丰高新区", effective_on=date(2023, 5, 1)
    ),
    "ip26": PolicyFacts(
        title="瑞丰高新区知识产权资助管理办法（2026年修订）", region="瑞丰高新区", effective_on=date(2026, 1, 1)
    ),
    "trial": PolicyFacts(title="栖鹭区文旅扶持办法（试行）", region="栖鹭区", effective_on=date(2022, 7, 10)),
    "final": PolicyFacts(title="栖鹭区文旅扶持办法", region="栖鹭区", effective_on=date(2025, 7, 1)),
}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("溪陵细则", {"elder"}),
        ("溪陵县的实施细则", {"elder"}),
        ("瑞丰2023年办法", {"ip23"}),
        ("瑞丰办法", {"ip23", "ip26"}),
        ("栖鹭区试行办法", {"trial"}),
        ("溪陵县养老院细则", set()),
        ("宁波办法", set()),
        ("细则", set()),
    ],
)
def test_a_place_and_a_kind_of_document_name_a_policy_and_any_other_word_does_not(
    words: str, expected: set[str]
) -> None:
    assert set(by_place_and_kind(words, FACTS)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("栖鹭的新办法从哪天施行", ("final",)),
        ("老办法还能用吗", ("trial",)),
        ("试行办法还能用吗", ("trial",)),
        ("办法还能用吗", ("trial", "final")),
        ("创新办法", ("trial", "final")),
    ],
)
def test_old_new_and_trial_tell_editions_of_one_policy_apart(words: str, expected: tuple[str, ...]) -> None:
    assert edition_meant(words, beside(["final"], FACTS)) == expected


def test_policies_of_different_families_are_no_editions_of_one_another() -> None:
    assert edition_meant("新办法", FACTS) == tuple(FACTS)
    assert told("2026年的办法", {key: FACTS[key] for key in ("ip23", "ip26")}) == ("ip26",)
