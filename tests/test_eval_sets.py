"""Question sets: the shipped ones are right, and mistakes are found and named by line."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.check import check_file
from eval.metrics.text import plain
from eval.policies import KnownPolicy, known_policies, named_by, read_policies
from eval.rows import CATEGORIES, STATUSES, WARNING_CODES, Row, load_rows, save_rows, title_matches
from index.errors import SourceFileError
from index.models import PolicyFacts

ROOT = Path(__file__).resolve().parents[1]
SETS = ROOT / "eval" / "sets"
SHIPPED, HELD_OUT, MIXED, MADE = (SETS / f"{name}.jsonl" for name in ("shipped", "shipped-heldout", "mixed", "made"))
SCOPE, SCOPE_MADE = (SETS / f"{name}.jsonl" for name in ("scope", "scope-made"))
MEASURES = "推动制造业高质量发展的若干意见"


@pytest.fixture(scope="module")
def corpus() -> tuple[KnownPolicy, ...]:
    return known_policies(read_policies([ROOT / "corpus"]))


@pytest.fixture(scope="module")
def documents() -> tuple[KnownPolicy, ...]:
    return known_policies(read_policies([ROOT / "tests" / "documents"]))


def right_row(**changes):
    return {
        "id": "a",
        "category": "amount",
        "question": "国家级绿色工厂补多少?",
        "history": [],
        "as_of": "2026-11-21",
        "status": "answered",
        "facts": [["200万元"]],
        "forbid": [],
        "clauses": [[MEASURES, "4.16"]],
        "warn": ["expired"],
    } | changes


def written(folder: Path, *rows: object) -> Path:
    path = folder / "set.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# --- what ships


@pytest.mark.parametrize("path", [SHIPPED, HELD_OUT, MIXED, SCOPE], ids=lambda path: path.stem)
def test_the_shipped_sets_have_no_mistake(path, corpus):
    assert [str(problem) for problem in check_file(path, clauses=corpus)] == []


@pytest.mark.parametrize("path", [MADE, SCOPE_MADE], ids=lambda path: path.stem)
def test_the_sets_over_made_documents_have_no_mistake(path, documents):
    assert [str(problem) for problem in check_file(path, clauses=documents)] == []


@pytest.mark.parametrize("name", ["unseen", "blind", "third", "fourth", "fifth"])
def test_a_set_over_documents_of_its_own_has_no_mistake(name):
    clauses = known_policies(read_policies([ROOT / "tests" / name]))
    assert [str(problem) for problem in check_file(SETS / f"{name}.jsonl", clauses=clauses)] == []


def test_the_shipped_sets_are_large_enough_in_every_category():
    development, held_out = load_rows(SHIPPED), load_rows(HELD_OUT)
    counts = Counter(row.category for row in (*development, *held_out))
    assert len(development) >= 210
    assert len(held_out) >= 50
    assert len(load_rows(MADE)) >= 60
    assert set(counts) == set(CATEGORIES)
    assert all(count >= (10 if category == "injection" else 20) for category, count in counts.items())


def test_held_out_questions_are_no_development_questions():
    development = {(plain(row.question), row.history, row.as_of) for row in load_rows(SHIPPED)}
    held_out = {(plain(row.question), row.history, row.as_of) for row in load_rows(HELD_OUT)}
    assert not development & held_out
    assert not {row.id for row in load_rows(SHIPPED)} & {row.id for row in load_rows(HELD_OUT)}


def test_every_row_that_ships_states_its_day():
    rows = [row for path in (SHIPPED, HELD_OUT, MADE) for row in load_rows(path)]
    assert all(row.as_of is not None for row in rows)
    assert len({row.as_of for row in rows}) > 10


# --- mistakes


def test_a_right_row_has_no_mistake(tmp_path, corpus):
    assert check_file(written(tmp_path, right_row()), clauses=corpus) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category": "amounts"}, "category 是“amounts”"),
        ({"status": "ok"}, "status 是“ok”"),
        ({"warn": ["expired", "too_late"]}, "warn 是“too_late”"),
        ({"as_of": "2026/11/21"}, "as_of 是“2026/11/21”"),
        ({"as_of": "2026-02-30"}, "as_of 是“2026-02-30”"),
        ({"answer": "200万元"}, "不认识的字段 answer"),
        ({"question": "  "}, "question 缺失、为空"),
        ({"question": 5}, "question 缺失、为空或不是文字"),
        ({"question": "长" * 5001}, "太长"),
        ({"facts": ["200万元"]}, "facts 应为列表的列表"),
        ({"facts": [[]]}, "facts 应为列表的列表"),
        ({"facts": [["200万元", " "]]}, "facts 的每一组"),
        ({"forbid": "400万元"}, "forbid 应为文字的列表"),
        ({"clauses": [[MEASURES]]}, "clauses 的每一项"),
        ({"clauses": [[MEASURES, 4.16]]}, "clauses 的每一项"),
        ({"history": [["问"]]}, "history 的每一项"),
        ({"facts": []}, "却没有 facts"),
        ({"clauses": []}, "却没有 clauses"),
        ({"status": "refused", "clauses": [], "warn": []}, "不应有 facts"),
        ({"category": "silent"}, "silent 的题 status 应为 partial"),
        ({"category": "refuse"}, "refuse 的题 status 应为 refused"),
        ({"category": "follow-up"}, "要有 history"),
        ({"category": "calculation", "facts": [["同比例"]]}, "要有计算结果的数字"),
        ({"forbid": ["二百万元"]}, "“二百万元”也出现在 facts 的“200万元”里"),
        ({"clauses": [["没有这份文件", "1"]]}, "不是任何一份已知文件的标题"),
        ({"clauses": [["实施方案", "1"]]}, "对应不止一份文件"),
        ({"clauses": [[MEASURES, "4.17"]]}, "没有条款 4.17;相近的路径有 4、4.13、4.14、4.15、4.16"),
        ({"facts": [["250万元"]]}, "数字 250万元 不在引用的条款和问题里"),
        ({"facts": [["200万元", "200元"]]}, "数字 200元 不在"),
        ({"clauses": [[MEASURES, "5.19"]]}, "数字 200万元 不在引用的条款和问题里"),
        ({"as_of": "2021-12-31"}, "warn 里的 expired 与文件在 2021-12-31 的效力不符"),
        ({"warn": ["period_ended", "expired"]}, "warn 里的 period_ended"),
        ({"warn": []}, "要求 warn 里有 expired"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_mistake_is_named_with_its_line(tmp_path, corpus, changes, words):
    good = right_row(id="good", question="国家级绿色工厂的资助是多少?")
    problems = check_file(written(tmp_path, good, "", right_row(**changes)), clauses=corpus)
    assert [problem.line for problem in problems] == [3] * len(problems)
    assert any(words in problem.message for problem in problems), [str(problem) for problem in problems]


def test_an_id_and_a_question_that_stand_twice_are_named_with_the_first_line(tmp_path):
    same_id = right_row(question="另一个问题?")
    same_question = right_row(id="b", question="国家级 綠色工廠补多少?")
    problems = check_file(written(tmp_path, right_row(), same_id, same_question))
    assert [str(problem) for problem in problems] == [
        "第 2 行(a):编号与第 1 行重复。",
        "第 3 行(b):题目与第 1 行重复。",
    ]


def test_the_same_question_may_be_asked_on_another_day(tmp_path, corpus):
    before = right_row(id="b", as_of="2020-01-01", warn=[])
    assert check_file(written(tmp_path, right_row(), before), clauses=corpus) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": [["二百万元", "2,000,000元"]]},
        {"facts": [["450万元"]], "question": "国家级绿色工厂能拿450万元吗?"},
        {"category": "calculation", "facts": [["600万元"]]},
        {"category": "validity", "facts": [["2021年12月31日"]], "clauses": []},
        {"status": "partial", "facts": [], "clauses": [[MEASURES, "4.16"]], "warn": []},
    ],
    ids=["by value", "in the question", "calculated", "from the policy's dates", "partial"],
)
def test_figures_that_are_founded_are_no_mistake(tmp_path, corpus, changes):
    assert check_file(written(tmp_path, right_row(**changes)), clauses=corpus) == []


def test_an_answer_given_before_founds_no_figure(tmp_path, corpus):
    row = right_row(category="follow-up", history=[["绿色工厂奖多少", "奖励4000万元"]], facts=[["4000万元"]])
    assert ["4000万元" in problem.message for problem in check_file(written(tmp_path, row), clauses=corpus)] == [True]


def test_without_policies_only_the_form_is_checked(tmp_path):
    assert check_file(written(tmp_path, right_row(clauses=[["没有这份文件", "99"]], warn=[]))) == []


def test_a_line_that_is_no_json_does_not_hide_the_next_mistake(tmp_path):
    problems = check_file(written(tmp_path, "{", "[1]", right_row(status="ok")))
    assert [problem.line for problem in problems] == [1, 2, 3]
    assert "不是 JSON" in problems[0].message


def test_a_set_without_questions_is_a_mistake(tmp_path):
    assert [str(problem) for problem in check_file(written(tmp_path, "", " "))] == ["文件:评测集里没有题目。"]


# --- loading


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", r"“set\.jsonl”第 1 行:不是 JSON"),
        (json.dumps({"id": "a", "category": "amount", "question": "问"}), r"“set\.jsonl”第 1 行:status 缺失"),
        ("\n\n" + json.dumps(right_row(category="x")), r"“set\.jsonl”第 3 行:category 是“x”"),
        (json.dumps(right_row()) + "\n" + json.dumps(right_row()), r"“set\.jsonl”第 2 行:编号 a 重复"),
        ("", "没有题目"),
    ],
)
def test_loading_names_file_line_and_mistake(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        load_rows(written(tmp_path, content))


def test_loading_names_a_missing_file_a_folder_and_another_encoding(tmp_path):
    with pytest.raises(ValueError, match="不存在"):
        load_rows(tmp_path / "no.jsonl")
    with pytest.raises(ValueError, match="是文件夹"):
        load_rows(tmp_path)
    (tmp_path / "gb.jsonl").write_bytes(json.dumps(right_row(), ensure_ascii=False).encode("gb18030"))
    with pytest.raises(ValueError, match="不是 UTF-8"):
        load_rows(tmp_path / "gb.jsonl")


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "bom.jsonl"
    path.write_text(json.dumps(right_row()), encoding="utf-8-sig")
    assert load_rows(path)[0].id == "a"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
ROWS = st.builds(
    Row,
    id=TEXT,
    category=st.sampled_from(CATEGORIES),
    question=TEXT,
    status=st.sampled_from(STATUSES),
    history=PAIRS,
    as_of=st.none() | st.dates(min_value=date(1949, 10, 1), max_value=date(2100, 1, 1)),
    facts=st.lists(st.lists(TEXT, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    forbid=st.lists(TEXT, max_size=3).map(tuple),
    clauses=PAIRS,
    warn=st.lists(st.sampled_from(WARNING_CODES), max_size=3, unique=True).map(tuple),
)


@given(rows=st.lists(ROWS, min_size=1, max_size=4, unique_by=lambda row: row.id).map(tuple))
def test_rows_are_the_same_after_saving_and_loading(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "set.jsonl"
    save_rows(rows, path)
    assert load_rows(path) == rows


# --- titles


def test_a_title_fragment_is_found_whatever_its_width_blanks_dashes_and_characters():
    title = "杭州市促进特色小镇高质量发展实施方案（2021—2023年）"
    assert title_matches("特色小鎮 高质量发展实施方案(2021-2023年)", title)
    assert not title_matches("特色小镇高质量发展实施方案(2022-2023年)", title)


def test_a_whole_title_wins_over_longer_ones_that_contain_it():
    known = tuple(KnownPolicy(PolicyFacts(title=title), ()) for title in ("扶持办法", "扶持办法实施细则"))
    assert [policy.facts.title for policy in named_by("扶持办法", known)] == ["扶持办法"]
    assert len(named_by("扶持", known)) == 2


def test_a_file_that_cannot_be_read_is_left_out_of_a_folder_but_refused_by_name(tmp_path):
    (tmp_path / "a.txt").write_text("青石市促进办法\n一、奖励\n示范企业奖励50万元。\n", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(bytes(range(256)))
    assert [policy.facts.title for policy in read_policies([tmp_path])] == ["青石市促进办法"]
    with pytest.raises(SourceFileError, match=r"b\.bin"):
        read_policies([tmp_path / "b.bin"])
