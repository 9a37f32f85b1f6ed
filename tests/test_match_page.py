"""政策匹配: fields as they are typed, answers that settle what is open, the result as a page and as a workbook."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from library_case import Shelf, ShelfService, client, hostile, shelf
from lxml import html as parser
from match_case import DAY, GROUP, ZH, found, profile

from index.models import Status
from index.quantities import Kind
from rag.conditions import Condition, ConditionKind, Finding, Truth
from rag.match import match, totals
from rag.profile import Profile
from web.match import router
from web.match.answers import Effect, Figure, FigureError, question_of, with_effects
from web.match.example import example
from web.match.form import FormError, MatchForm
from web.match.result import GROUPS, Group, result

PROFILES = sorted((Path(__file__).parent / "profiles").glob("*.json"))


@pytest.fixture(scope="module")
def web() -> TestClient:
    return client(router(ShelfService(shelf())))


def wrong(**fields: object) -> dict[str, str]:
    with pytest.raises(FormError) as caught:
        profile(**fields)
    return caught.value.fields


def shown(web: TestClient, **fields: object) -> parser.HtmlElement:
    response = web.post("/page/match", json=fields)
    assert response.status_code == 200, response.text[:300]
    return parser.fromstring(f"<main>{response.json()['html']}</main>")


def text(element: parser.HtmlElement) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


# What is typed


def test_fields_become_the_profile_that_a_file_would_be() -> None:
    typed = profile(
        name=" 某企业 ", region="杭州市", industry="软件企业、小微企业,制造业", established_on="2018-05-01",
        employees="320人", rd_share="4.5%", rd_amount="2800万元", first_time="50亿元、100亿",
        revenue=[{"scope": "主营", "amount": "6.2亿", "previous": "4.1亿元"}, {}],
        investments=[{"kind": "技术改造", "amount": "3000万元", "equipment_software": "1200万"}],
        titles=[{"name": "绿色工厂", "level": "省级", "year": "2025"}],
        received=[{"title": "绿色工厂", "amount": "50万元"}],
    )  # fmt: skip
    assert typed == Profile.from_object(
        {
            "name": "某企业", "region": "杭州市", "industry": ["软件企业", "小微企业", "制造业"],
            "established_on": "2018-05-01", "employees": 320,
            "rd_share": "4.5%", "rd_amount": "2800万元", "first_time": ["50亿元", "100亿"],
            "revenue": [{"scope": "主营", "amount": "6.2亿", "previous": "4.1亿元"}],
            "investments": [{"kind": "技术改造", "amount": "3000万元", "equipment_software": "1200万"}],
            "titles": [{"name": "绿色工厂", "level": "省级", "year": 2025}],
            "received": [{"title": "绿色工厂", "amount": "50万元"}],
        }
    )  # fmt: skip


def test_nothing_typed_is_nothing_known() -> None:
    assert profile(revenue=[{}], titles=[{}], investments=[{}], received=[{}]) == Profile()


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"revenue": [{}, {"amount": "62"}]}, {"revenue.1.amount"}),
        ({"revenue": [{"amount": "六亿左右", "previous": "x"}]}, {"revenue.0.amount", "revenue.0.previous"}),
        ({"rd_share": "45", "employees": "三百", "established_on": "去年", "as_of": "2026-02-30"},
         {"rd_share", "employees", "established_on", "as_of"}),
        ({"titles": [{"level": "省级"}, {"name": "绿色工厂", "year": "今年"}]}, {"titles.0.name", "titles.1.year"}),
        ({"investments": [{"amount": "3000万元"}]}, {"investments.0.kind"}),
        ({"first_time": "50亿元、很多"}, {"first_time"}),
        ({"output": "-5亿元"}, {"output"}),
        ({"established_on": "2030-01-01", "as_of": "2025-06-01"}, {"established_on"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_by_field(fields, names) -> None:
    messages = wrong(**fields)
    assert set(messages) == names
    assert all(re.search("[\u4e00-\u9fff]", message) and message.endswith("。") for message in messages.values())


def test_messages_come_in_the_language_of_the_page(web) -> None:
    response = web.post("/page/match", json={"language": "en", "rd_amount": "12"})
    assert response.status_code == 422
    assert response.json()["fields"]["rd_amount"].startswith("Write an amount")


@given(
    st.dictionaries(
        st.sampled_from(
            ["region", "industry", "employees", "output", "rd_share", "first_time", "as_of", "established_on"]
        ),
        st.text(max_size=30),
    ),
    st.lists(st.fixed_dictionaries({"scope": st.text(max_size=8), "amount": st.text(max_size=12)}), max_size=3),
)
def test_whatever_is_typed_is_read_or_told_by_field(fields, revenue) -> None:
    form = MatchForm.model_validate({**fields, "revenue": revenue})
    with suppress(FormError):
        form.profile(ZH)
        form.day()


# Answers


@pytest.mark.parametrize(
    ("kind", "unit", "typed", "kept"),
    [
        (Kind.AMOUNT, "元", "6.2亿", "6.2亿元"),
        (Kind.RATE, "", "45%", "45%"),
        (Kind.COUNT, "家", "52", "52家"),
        (Kind.COUNT, "家", "52家", "52家"),
        (Kind.COUNT, "年", "30个月", "30个月"),
    ],
)
def test_a_figure_is_taken_in_the_unit_that_was_asked_for(kind, unit, typed, kept) -> None:
    figure = Figure(metric="数", value=typed, kind=kind, unit=unit)
    assert with_effects(Profile(), [Effect(figures=[figure])]).metrics == {"数": kept}


@pytest.mark.parametrize(
    ("kind", "unit", "typed"),
    [
        (Kind.AMOUNT, "元", "62"), (Kind.AMOUNT, "元", "5家"), (Kind.RATE, "", "45"), (Kind.COUNT, "家", "52吨"),
        (Kind.COUNT, "家", "很多"), (Kind.COUNT, "家", ""), (Kind.RATE, "", "3%到5%"),
    ],
)  # fmt: skip
def test_a_figure_of_something_else_is_refused_with_an_example(kind, unit, typed) -> None:
    figure = Figure(metric="数", value=typed, kind=kind, unit=unit)
    with pytest.raises(FigureError) as caught:
        with_effects(Profile(), [Effect(), Effect(figures=[figure])])
    assert caught.value.position == 1
    assert re.search(r"\d", caught.value.hint)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_answer_that_is_offered_changes_the_condition_it_is_offered_for(path) -> None:
    """Pressed one after the other, on every open condition of every profile."""
    person = Profile.from_file(path)
    day = person.as_of or DAY
    before = {row.key: row for row in result(person, shelf(), day).rows()}
    offers = {
        question.text: (row.key, at, choice.effect)
        for row in before.values()
        for at, check in enumerate(row.checks)
        if (question := check.question) is not None
        for choice in question.choices[:1]
    }
    assert offers or path.stem == "other-city"
    for key, at, effect in list(offers.values())[:25]:
        after = {row.key: row for row in result(with_effects(person, [effect]), shelf(), day).rows()}[key]
        earlier = before[key].checks[at].check
        same = [one.check for one in after.checks if one.check.condition == earlier.condition]
        assert not same or same[0].finding != earlier.finding


def test_hardly_a_condition_is_left_without_a_question() -> None:
    rows = [row for row in result(Profile(), shelf(), DAY).rows() if row.match.truth is Truth.UNKNOWN]
    checks = [check for row in rows for check in row.checks if check.check.finding.truth is Truth.UNKNOWN]
    silent = [check for check in checks if check.question is None]
    assert len(checks) > 300
    assert len(silent) / len(checks) < 0.02


AMOUNTS = st.sampled_from(["", "1元", "6.2亿", "3000万元", "520亿", "0元", "99999亿元", "1.005万元"])


@settings(max_examples=12)
@given(
    st.fixed_dictionaries(
        {
            "region": st.sampled_from(["", "临江市", "云台市", "杭州市萧山区", "横川县", "望湖区"]),
            "industry": st.sampled_from(["", "软件企业", "制造业企业、小微企业", "零售企业"]),
            "employees": st.sampled_from(["", "0", "12", "99999999"]),
            "established_on": st.sampled_from(["", "1990-01-01", "2025-05-31"]),
            "rd_share": st.sampled_from(["", "0%", "4.5%", "100%"]),
            "rd_amount": AMOUNTS,
            "output": AMOUNTS,
            "first_time": AMOUNTS,
            "revenue": st.lists(
                st.fixed_dictionaries({"scope": st.sampled_from(["", "主营"]), "amount": AMOUNTS}), max_size=2
            ),
            "investments": st.lists(st.just({"kind": "技术改造", "equipment_software": "600万元"}), max_size=1),
        }
    )
)
def test_whatever_is_filled_in_there_is_a_page_and_a_workbook(fields) -> None:
    web = client(router(ShelfService(shelf())))
    assert shown(web, **fields, as_of="2025-06-01").cssselect(".total")
    assert web.post("/page/match/xlsx", json={**fields, "as_of": "2025-06-01"}).status_code == 200


def test_a_condition_too_long_to_be_answered_is_not_asked() -> None:
    name = "具有很长说明的企业" * 200
    long = Condition(name, "1", ConditionKind.OTHER, f"是否符合“{name}”?", name)
    unknown = Finding(Truth.UNKNOWN, "没有说明")
    assert question_of(long, unknown, Profile(), DAY) is None
    short = Condition("备案", "1", ConditionKind.OTHER, "是否符合“备案”?", "备案")
    assert question_of(short, unknown, Profile(), DAY) is not None


def test_a_figure_said_under_another_name_is_offered_as_the_answer() -> None:
    here = found(region="云台市", industry="软件企业", revenue=[{"amount": "6.2亿"}], as_of="2025-06-01")
    offered = [
        choice for row in here.rows() for check in row.checks if check.question for choice in check.question.choices
        if choice.literal and "6.2亿元" in choice.label
    ]  # fmt: skip
    assert offered
    assert offered[0].effect.figures[0].metric == "年度主营业务收入"


def test_a_question_answered_with_unsure_is_not_put_first_again() -> None:
    form = MatchForm.model_validate({"region": "临江市", "as_of": "2025-06-01"})
    first = result(form.profile(ZH), shelf(), form.day()).first
    again = result(form.profile(ZH), shelf(), form.day(), skipped=[first[0].question.text]).first
    assert first[0].question.text not in [one.question.text for one in again]
    assert first[1].question.text in [one.question.text for one in again]


def test_answers_lead_from_open_to_met_and_to_a_sum(web) -> None:
    fields = {"region": "云台市", "industry": "软件企业", "revenue": [{"amount": "6.2亿"}], "as_of": "2025-06-01"}
    answers: list[dict] = []
    for _ in range(6):
        groups = {group.name: group.rows for group in found(**fields, answers=answers).groups}
        if groups["meets"]:
            break
        check = next(one for one in groups["open"][0].checks if one.question and one.question.choices)
        choice = check.question.choices[0]
        answers.append({"question": check.question.text, "said": choice.label, **choice.effect.model_dump(mode="json")})
    assert groups["meets"][0].match.value == Decimal(1_500_000)
    assert "150万元" in text(shown(web, **fields, answers=answers).cssselect(".total strong")[0])


# The result


def test_the_page_has_what_matching_finds(web) -> None:
    page = shown(web, **GROUP)
    plain = match(profile(**GROUP), shelf(), as_of=date(2020, 6, 1))
    met = [one for one in plain if one.truth is Truth.MEETS and one.in_force]
    rows = page.cssselect(".group.meets tbody tr")
    assert [text(row.cssselect(".who b")[0]) for row in rows] == [one.beneficiary for one in met]
    first = rows[0]
    assert "2000万元 − 400万元 = 1600万元" in text(first.cssselect(".sum")[0])
    assert "✓" in text(first)
    assert "进档的，奖励差额" in text(first)
    assert "有效 · 至 2021-12-31" in text(first)
    link = first.cssselect(".from a")[0].get("href")
    assert "clause=3.7" in link
    assert "as_of=2020-06-01" in link
    total = totals(plain)
    assert f"({len(total.counted)} 项)" in text(page.cssselect(".total")[0])


def test_every_benefit_is_in_one_group() -> None:
    for path in PROFILES:
        person = Profile.from_file(path)
        here = result(person, shelf(), person.as_of or DAY)
        assert sum(len(group.rows) for group in here.groups) == here.held == len(match(person, shelf()))
        assert tuple(group.name for group in here.groups) == GROUPS
        assert len({row.key for row in here.rows()}) == here.held


def test_a_long_group_is_cut_on_the_page_and_whole_in_the_workbook() -> None:
    rows = tuple(found(region="临江市").rows()) * 3
    assert len(rows) > 200
    assert len(Group("quiet", rows).shown) == 200
    assert sum(Group("quiet", rows).places.values()) == len(rows)


def test_only_what_states_that_it_holds_is_left_on_request(web) -> None:
    everything, limited = (
        found(region="横川县", as_of="2025-06-01"),
        found(region="横川县", as_of="2025-06-01", in_force_only=True),
    )
    assert {row.match.status for row in limited.rows()} == {Status.IN_FORCE}
    assert limited.left_out == everything.held - sum(1 for _ in limited.rows())
    assert str(limited.left_out) in text(shown(web, region="横川县", as_of="2025-06-01", in_force_only=True))


def test_a_policy_that_may_not_hold_here_asks_for_the_place(web) -> None:
    page = shown(web, industry="软件企业", as_of="2025-06-01")
    assert page.cssselect("[data-go=region]")


def test_without_an_index_the_message_says_what_to_do() -> None:
    web = client(router(ShelfService(None)))
    for response in (
        web.post("/page/match", json={}),
        web.post("/page/match/xlsx", json={}),
        web.get("/page/match/example"),
    ):
        assert response.status_code == 503
        assert "python -m index build" in response.json()["error"]
    assert "python -m index build" in web.get("/page/match/start").json()["problem"]


def test_without_benefits_the_page_says_so() -> None:
    web = client(router(ShelfService(Shelf([]))))
    assert "没有可以匹配的内容" in text(shown(web))
    assert web.get("/page/match/example").json() == {}


def test_the_example_is_something_that_can_be_matched(web) -> None:
    fields = web.get("/page/match/example").json()
    assert found(**fields).groups
    for day in (date(2020, 6, 1), date(2026, 6, 1)):
        made = example([shelf().titled("推动制造业高质量发展的若干意见")], day)
        assert made.get("as_of") == (None if day.year == 2020 else "2021-12-31")
        assert found(**{"as_of": day.isoformat(), **made}).groups[0].rows


@pytest.mark.parametrize(
    "body",
    [{"unknown": 1}, {"name": "长" * 201}, {"answers": [{"question": "q"}]}, {"revenue": [{}] * 31}, {"name": 5}],
)
def test_what_the_page_never_sends_is_refused(web, body) -> None:
    assert web.post("/page/match", json=body).status_code == 422


def test_a_policy_that_means_harm_is_shown_as_text(tmp_path) -> None:
    bad = hostile(tmp_path)
    web = client(router(ShelfService(bad)))
    page = shown(web, region="临江市", as_of="2025-06-01", answers=[{"question": "<img src=x>", "said": "<b>1</b>"}])
    assert len(page.cssselect("tbody tr")) >= 2
    assert "<script>" in page.text_content()
    assert not page.cssselect("script, img, [onerror]")
    assert not [one for one in page.cssselect("a") if not one.get("href").startswith("/library?")]
    for element in page.cssselect("[data-effect], [data-figure]"):
        json.loads(element.get("data-effect") or element.get("data-figure"))
