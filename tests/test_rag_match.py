"""Profiles against policies: what fits, what is open, what it comes to, and the command that shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from index.models import Level, Policy, PolicyFacts
from index.parse import parse
from index.quantities import format_amount
from index.read import read_file
from index.store import IndexReader
from rag import cli
from rag.conditions import Truth
from rag.match import match, match_lines, match_object, prepare, totals
from rag.match.region import region_fits
from rag.profile import Profile

ROOT = Path(__file__).resolve().parents[1]
PROFILES = sorted((ROOT / "tests" / "profiles").glob("*.json"))
DAY = date(2025, 6, 1)


class Shelf:
    """Policies without an index: what matching needs of a reader."""

    def __init__(self, policies: list[Policy]) -> None:
        self._policies = policies

    def policies(self) -> list[Policy]:
        return self._policies


@cache
def shelf(*names: str) -> Shelf:
    folders = {"corpus": ROOT / "corpus", "documents": ROOT / "tests" / "documents"}
    paths = [
        path
        for name in names
        for path in (
            sorted(p for p in folders[name].iterdir() if p.suffix in (".txt", ".md"))
            if name in folders
            else [folders["documents"] / name]
        )
    ]
    editions = [parse(read_file(path)) for path in paths]
    return Shelf([Policy(f"p{at}", edition.facts, (edition,)) for at, edition in enumerate(editions)])


def profile(name: str) -> Profile:
    return Profile.from_file(ROOT / "tests" / "profiles" / f"{name}.json")


def titled(found, words: str):
    return next(one for one in found if words in one.beneficiary)


def test_the_package_is_called_as_the_function_too() -> None:
    found = rag.match(profile("small-private"), shelf("kunyang-ten-measures.txt"), as_of=DAY)
    assert found == match(profile("small-private"), shelf("kunyang-ten-measures.txt"), as_of=DAY)


def test_what_is_met_comes_first_and_what_has_ended_last() -> None:
    found = match(profile("city-manufacturing-group"), shelf("corpus"), as_of=date(2020, 6, 1))
    ranks = [(not one.in_force, [Truth.MEETS, Truth.UNKNOWN, Truth.FAILS].index(one.truth)) for one in found]
    assert ranks == sorted(ranks)
    assert found[0].truth is Truth.MEETS


def test_a_tier_received_before_leaves_the_difference() -> None:
    found = match(profile("city-manufacturing-group"), shelf("corpus"), as_of=date(2020, 6, 1))
    tier = titled(found, "达到500亿元")
    assert (tier.truth, tier.value, tier.formula) == (
        Truth.MEETS,
        Decimal(16_000_000),
        "2000万元 − 400万元 = 1600万元",
    )
    assert totals(found).value == Decimal(18_000_000)


def test_an_expired_policy_stays_in_the_list_and_out_of_the_sum() -> None:
    found = match(profile("city-manufacturing-group"), shelf("corpus"), as_of=date(2026, 6, 1))
    tier = titled(found, "达到500亿元")
    assert tier.truth is Truth.MEETS
    assert not tier.in_force
    assert "失效" in tier.warnings[0]
    assert totals(found).counted == ()


def test_a_policy_of_another_place_fails_with_the_reason() -> None:
    found = match(profile("other-city"), shelf("corpus"), as_of=date(2020, 6, 1))
    assert {one.truth for one in found} == {Truth.FAILS}
    assert all("宁波市" in one.notes[0] for one in found)


def test_a_profile_that_says_nothing_is_eligible_for_nothing() -> None:
    for name in ("corpus", "documents"):
        found = match(profile("says-nothing"), shelf(name), as_of=DAY)
        assert found
        assert all(one.truth is Truth.UNKNOWN and one.ask for one in found)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_whatever_is_met_rests_on_something_the_profile_says(path: Path) -> None:
    for name in ("corpus", "documents"):
        for one in match(Profile.from_file(path), shelf(name)):
            if one.truth is Truth.MEETS:
                assert one.checks
                assert all(c.finding.truth is Truth.MEETS for c in one.checks if c.finding.applies)
                assert any(c.path == one.path for c in one.checks)


@pytest.mark.parametrize(
    ("name", "document", "met"),
    [
        ("software-growth", "yuntai-subsidy.txt", {"首次突破5亿元", "前两年", "第三年"}),
        ("district-retail", "wanghu-growth-2025.txt", {"零售企业", "参展企业"}),
        ("small-private", "kunyang-ten-measures.txt", {"境外展会", "省级专精特新"}),
        ("advanced-manufacturer", "linjiang-manufacturing.txt", set()),
    ],
)
def test_the_benefits_a_reader_would_grant_are_found(name: str, document: str, met: set[str]) -> None:
    found = [one.beneficiary for one in match(profile(name), shelf(document)) if one.truth is Truth.MEETS]
    assert len(found) == len(met)
    assert all(any(words in beneficiary for beneficiary in found) for words in met)


def test_of_tiers_of_one_rule_the_highest_counts_once() -> None:
    firm = Profile.from_object(
        {
            "region": "云台市",
            "industry": ["软件企业"],
            "revenue": {"scope": "主营", "amount": "6亿"},
            "first_time": ["1亿元", "5亿元"],
        }
    )
    summed = totals(match(firm, shelf("yuntai-subsidy.txt"), as_of=DAY))
    assert summed.value == Decimal(1_500_000)
    assert any("只计最高一档" in note for note in summed.notes)


def test_sums_paid_for_each_of_something_are_not_added_up() -> None:
    summed = totals(match(profile("small-private"), shelf("kunyang-ten-measures.txt")))
    assert summed.value == Decimal(200_000)
    assert any("没有计入" in note for note in summed.notes)


def test_the_rule_for_several_policies_is_passed_on() -> None:
    found = match(profile("advanced-manufacturer"), shelf("linjiang-manufacturing.txt"))
    assert all(any("从高不重复" in note for note in one.stacking) for one in found)


def test_json_holds_every_condition_with_its_clause() -> None:
    found = match(profile("advanced-manufacturer"), shelf("linjiang-manufacturing.txt"))
    made = json.loads(json.dumps(match_object(found, as_of=DAY), ensure_ascii=False))
    assert set(made) == {"as_of", "total", "matches"}
    documented = (ROOT / "docs" / "matching.md").read_text(encoding="utf-8")
    for one in made["matches"]:
        assert all(f"`{key}`" in documented for key in one)
        assert all(f"`{key}`" in documented for condition in one["conditions"] for key in condition)


def test_the_table_names_the_policies_once_with_their_warnings() -> None:
    found = match(profile("city-manufacturing-group"), shelf("corpus"), as_of=date(2026, 6, 1))
    lines = list(match_lines(found, as_of=date(2026, 6, 1)))
    for title in {one.title for one in found}:
        assert sum(f"《{title}》" in line for line in lines) == 1
    assert any("已经失效" in line for line in lines)


# Places.


@pytest.mark.parametrize(
    ("level", "region", "mine", "fits"),
    [
        (Level.NATIONAL, None, "宁波市", True),
        (Level.PROVINCE, "浙江省", "宁波市", True),
        (Level.PROVINCE, "浙江省", "成都市", False),
        (Level.CITY, "杭州市", "杭州市萧山区", True),
        (Level.CITY, "杭州市", "宁波市", False),
        (Level.CITY, "杭州市", None, None),
        (Level.CITY, "杭州市", "萧山区", None),
        (Level.DISTRICT, "杭州市萧山区", "杭州市萧山区", True),
        (Level.DISTRICT, "杭州市萧山区", "杭州市余杭区", False),
        (Level.DISTRICT, "杭州市萧山区", "杭州市", None),
        (Level.CITY, None, "杭州市", None),
    ],
)
def test_where_a_policy_holds(level: Level, region: str | None, mine: str | None, fits: bool | None) -> None:
    assert region_fits(PolicyFacts("办法", level=level, region=region), mine) is fits


# Profiles.


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"reveneu": 1}, "不认识的字段 reveneu"),
        ({"titles": [{"name": "x", "lvl": "省级"}]}, "不认识的字段 titles.lvl(第 1 项)"),
        ({"titles": [{"level": "省级"}]}, "缺少字段 titles.name(第 1 项)"),
        ({"revenue": "很多"}, "字段 revenue.amount(第 1 项) 应为金额"),
        ({"revenue": "62"}, "revenue"),
        ({"employees": "三百"}, "字段 employees 应为人数"),
        ({"rd_share": 4.5}, "字段 rd_share 应为比例"),
        ({"established_on": "2018年"}, "字段 established_on 应为日期"),
        ({"first_time": ["一大笔"]}, "first_time"),
        ({"metrics": {"年货运量": "很多"}}, "“年货运量”应为一个带单位的数"),
        ([1], "JSON 对象"),
    ],
)
def test_a_wrong_field_is_named_with_the_form_that_is_accepted(value: object, words: str) -> None:
    with pytest.raises(ValueError, match="企业档案") as caught:
        Profile.from_object(value)
    assert words in str(caught.value)


@given(st.integers(10_000, 10**12))
def test_amounts_are_read_as_people_write_them(value: int) -> None:
    assert Profile.from_object({"revenue": format_amount(value)}).revenue[0].amount == value
    assert Profile.from_object({"revenue": value}).revenue[0].amount == value


def test_what_is_left_out_is_absent() -> None:
    situation = Profile.from_object({}).situation(DAY)
    assert (situation.measures, situation.held, situation.denied, situation.first_time) == ((), (), (), None)


def test_a_title_of_this_year_is_newly_certified() -> None:
    firm = Profile.from_object({"titles": [{"name": "绿色矿山", "level": "省级", "year": 2025}]})
    assert "新认定的省级绿色矿山" in firm.situation(DAY).held
    assert "新认定的省级绿色矿山" not in firm.situation(date(2026, 1, 1)).held


# The command.


@pytest.fixture
def opened(monkeypatch) -> None:
    monkeypatch.setattr(IndexReader, "open", classmethod(lambda cls, settings: shelf("kunyang-ten-measures.txt")))


def test_the_command_prints_a_table(opened, capsys) -> None:
    assert cli.main(["match", str(ROOT / "tests/profiles/small-private.json"), "--as-of", "2025-09-01"]) == 0
    out = capsys.readouterr().out
    assert "【可以申报】2 项" in out
    assert "确定可得的金额合计:20万元(1 项)" in out


def test_the_command_prints_json(opened, capsys) -> None:
    assert cli.main(["match", str(ROOT / "tests/profiles/small-private.json"), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["as_of"] == "2025-09-01"
    assert made["total"]["amount"] == 200_000


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "不是 JSON(第 1 行)"), ('{"x": 1}', "不认识的字段 x"), ('{"employees": -1}', "employees")],
)
def test_a_bad_profile_is_the_callers_mistake(opened, capsys, tmp_path, text: str, words: str) -> None:
    path = tmp_path / "企业.json"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["match", str(path)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_a_missing_profile_is_the_callers_mistake(opened, capsys, tmp_path) -> None:
    assert cli.main(["match", str(tmp_path / "none.json")]) == 2
    assert "不存在" in capsys.readouterr().err


def test_a_policy_is_read_once_for_all_enterprises_and_again_when_it_changes(monkeypatch):
    read = []
    original = prepare.conditions_of
    monkeypatch.setattr(
        prepare,
        "conditions_of",
        lambda benefit, *rest, **more: read.append(benefit) or original(benefit, *rest, **more),
    )
    fresh = Shelf(list(shelf("corpus").policies()))
    first = match(profile("city-manufacturing-group"), fresh, as_of=DAY)
    assert len(read) == len(first) > 0
    assert match(profile("city-manufacturing-group"), fresh, as_of=DAY) == first
    match(profile("small-private"), fresh, as_of=DAY)
    assert len(read) == len(first)
    changed = next(policy for policy in fresh.policies() if policy.best.benefits)
    fresh.policies()[fresh.policies().index(changed)] = replace(changed)
    match(profile("small-private"), fresh, as_of=DAY)
    assert len(read) == len(first) + sum(one.policy_id == changed.id for one in first)
