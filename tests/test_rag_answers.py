"""Answers over the shipped corpus and over the invented documents, with the bundled model."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
import rag_index
import rag_questions as questions

from index.build import add
from index.settings import Settings
from index.store import IndexHandle
from rag.answer import AnswerEngine
from rag.examples import example_questions
from rag.retrieve import PolicyRetriever
from rag.validity import chinese_date
from rag.verify import unsupported_figures

TODAY = date(2026, 11, 21)
MARKER = re.compile(r"\[\d+\]")
ITEM = re.compile(r"^(?:\d+\. |（\d+）|· )", re.MULTILINE)


@pytest.fixture(scope="module")
def shipped_dir(tmp_path_factory) -> Path:
    data_dir = tmp_path_factory.mktemp("shipped")
    rag_index.built(data_dir, rag_index.CORPUS)
    return data_dir


@pytest.fixture(scope="module")
def shipped(shipped_dir) -> AnswerEngine:
    return _engine(shipped_dir)


@pytest.fixture(scope="module")
def everything(shipped_dir, tmp_path_factory) -> AnswerEngine:
    """The shipped corpus and the invented documents in one index."""
    data_dir = tmp_path_factory.mktemp("everything")
    shutil.copytree(shipped_dir / "index", data_dir / "index")
    settings = rag_index.settings(data_dir)
    add(rag_index.INVENTED, settings=settings)
    return AnswerEngine.from_settings(settings)


def _engine(data_dir: Path) -> AnswerEngine:
    return AnswerEngine.from_settings(rag_index.settings(data_dir))


def _paths(answer) -> list[str]:
    return [citation.path for citation in answer.citations]


def _codes(answer) -> list[str]:
    return [warning.code for warning in answer.warnings]


# Answering and refusing: the labelled questions


def test_questions_on_the_shipped_corpus_cite_the_clause_that_answers(shipped) -> None:
    wrong = [
        question for question, path in questions.SHIPPED if path not in _paths(shipped.answer(question, as_of=TODAY))
    ]
    assert len(wrong) <= len(questions.SHIPPED) // 25, wrong


@pytest.mark.parametrize("labelled", ["INVENTED", "LATER"])
def test_questions_on_the_invented_documents_are_answered(everything, labelled: str) -> None:
    rows = getattr(questions, labelled)
    wrong = [question for question, words in rows if words not in everything.answer(question, as_of=TODAY).text]
    assert len(wrong) <= len(rows) // 10, wrong


@pytest.mark.parametrize("labelled", ["OFF_TOPIC", "LATER_OFF_TOPIC"])
def test_off_topic_questions_are_refused(shipped, labelled: str) -> None:
    rows = getattr(questions, labelled)
    answered = [question for question in rows if shipped.answer(question).status != "refused"]
    assert answered == []


def test_over_a_wider_index_off_topic_questions_get_at_most_the_nearest_clause(everything) -> None:
    rows = questions.OFF_TOPIC + questions.LATER_OFF_TOPIC
    statuses = [everything.answer(question).status for question in rows]
    # The index holds subjects near to some of these (就业, 房租, 失业保险).
    assert statuses.count("answered") <= 0.1 * len(rows)
    assert statuses.count("refused") >= 0.85 * len(rows)


def test_questions_about_other_places_are_refused_and_name_the_place(shipped) -> None:
    for question, place in questions.ELSEWHERE:
        answer = shipped.answer(question)
        assert answer.status == "refused", question
        assert f"没有{place}的规定" in answer.text
        assert answer.citations == ()


def test_a_question_about_two_places_says_which_one_is_missing(shipped) -> None:
    answer = shipped.answer("杭州和宁波的单项冠军各奖多少")
    assert answer.status == "partial"
    assert "没有收录宁波的规定" in answer.text
    assert "3.9" in _paths(answer)


def test_a_policy_of_the_city_holds_in_its_districts_and_not_in_those_of_other_cities(shipped) -> None:
    answer = shipped.answer("余杭区的单项冠军示范企业奖多少")
    assert answer.status == "answered"
    assert "200万元" in answer.text
    elsewhere = shipped.answer("鄞州区的单项冠军示范企业奖多少")
    assert elsewhere.status == "refused"
    assert "鄞州区" in elsewhere.text


@pytest.mark.parametrize(("said", "returned"), [("你好", "您好"), ("谢谢", "不客气")])
def test_a_greeting_is_returned_with_questions_that_can_be_asked(shipped, said: str, returned: str) -> None:
    answer = shipped.answer(said)
    assert answer.status == "refused"
    assert answer.text.startswith(returned)
    assert "可以问我" in answer.text


@pytest.mark.parametrize("question", ["怎么申请?", "能拿多少钱", "???"])
def test_a_question_without_a_subject_is_asked_for_one(shipped, question: str) -> None:
    answer = shipped.answer(question)
    assert answer.status == "refused"
    assert "请说明想问的事项" in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("首台套装备补助要交哪些材料", "没有写明申报材料"),
        ("绿色工厂什么时候截止申报", "没有写明申报时间"),
        ("单项冠军奖励找谁,联系电话多少", "没有写明联系方式"),
        ("政府质量奖奖励多少", "没有写明具体金额"),
    ],
)
def test_what_the_text_does_not_say_is_said_with_the_nearest_clause(shipped, question: str, words: str) -> None:
    answer = shipped.answer(question)
    assert answer.status == "partial"
    assert words in answer.text
    assert answer.citations


def test_example_questions_come_from_the_policies_and_are_answered(everything) -> None:
    examples = example_questions(everything.reader(), limit=8)
    assert len(set(examples)) == 8
    refused = [question for question in examples if everything.answer(question).status == "refused"]
    assert refused == []


# Grounding


def _all_answers(engine: AnswerEngine):
    rows = [question for question, _ in (*questions.SHIPPED, *questions.INVENTED, *questions.LATER)]
    return [(question, engine.answer(question, as_of=TODAY)) for question in rows]


def test_quotes_markers_and_figures_hold_in_every_answer(everything) -> None:
    policies = {facts.title: policy_id for policy_id, facts in everything.reader().facts().items()}
    for question, answer in _all_answers(everything):
        if answer.status == "refused":
            assert (answer.citations, MARKER.findall(answer.text)) == ((), [])
            continue
        assert MARKER.findall(answer.text), question
        assert set(MARKER.findall(answer.text)) == {citation.marker for citation in answer.citations}
        assert all(MARKER.search(line[-5:]) for line in answer.text.split("\n")), answer.text
        for citation in answer.citations:
            clauses = everything.reader().clauses(policies[citation.title])
            written = [clause.written for clause in clauses if clause.path == citation.path]
            assert any(citation.quote in text for text in written), citation
        sources = [citation.quote for citation in answer.citations]
        titles = [citation.title for citation in answer.citations]
        shown = [f"{made.formula} = {made.result}" for made in answer.calculations]
        shown += [chinese_date(TODAY), *(warning.message for warning in answer.warnings)]
        last_days = [everything.reader().facts()[policies[title]].expires_on for title in titles]
        shown += [chinese_date(day) for day in last_days if day is not None]
        text = ITEM.sub("", MARKER.sub("", answer.text))
        assert unsupported_figures(text, [*sources, *titles, *shown, question]) == (), answer.text


def test_the_level_asked_for_is_quoted_with_its_amount(shipped) -> None:
    answer = shipped.answer("国家级制造业创新中心能拿多少资助?", as_of=TODAY)
    assert "1亿元" in answer.text
    cited = answer.citations[0]
    assert (cited.path, cited.label) == ("2.5", "二、(五)")
    assert "1亿元" in cited.quote


def test_items_of_a_list_are_quoted_with_the_sentence_that_introduces_them(everything) -> None:
    answer = everything.answer("天使投资损失补偿比例")
    items = answer.text.split("\n")[1:3]
    assert items == ["1. 投资种子期企业的，按照损失额的50%补偿。[2]", "2. 投资初创期企业的，按照损失额的30%补偿。[3]"]
    assert answer.text.startswith("投资发生损失的，按照下列标准补偿：[1]")


def test_of_two_editions_the_one_in_force_answers(everything) -> None:
    answer = everything.answer("首店奖励多少", as_of=date(2025, 6, 1))
    assert "50万元" in answer.text
    assert "60万元" not in answer.text


def test_two_editions_that_are_asked_about_are_both_named(everything) -> None:
    answer = everything.answer("望湖区国内首店奖励，2024版和2025版各是多少", as_of=date(2025, 6, 1))
    named = {line[: line.index("）》") + 2]: line for line in answer.text.split("\n") if "）》" in line}
    assert any("2025版" in title and "50万元" in line for title, line in named.items()), answer.text
    assert any("2024版" in title and "60万元" in line for title, line in named.items()), answer.text


# Validity


def test_an_expired_policy_is_never_quoted_without_saying_so(shipped) -> None:
    answer = shipped.answer("国家级绿色工厂资助多少", as_of=TODAY)
    assert _codes(answer) == ["expired", "digest_edition"]
    assert "已经失效" in answer.warnings[0].message
    assert answer.text.endswith("该文件自印发之日起施行，有效期至2021年12月31日，已经失效。[2]")
    assert "tail" in _paths(answer)


def test_on_a_day_in_force_nothing_is_said_about_expiry(shipped) -> None:
    assert _codes(shipped.answer("国家级绿色工厂资助多少", as_of=date(2020, 3, 1))) == ["digest_edition"]


@pytest.mark.parametrize(
    ("question", "day", "code"),
    [
        ("特色小镇2023年税收目标", TODAY, "period_ended"),
        ("数据产品首次登记奖励", TODAY, "draft"),
        ("稳岗补贴申领条件", TODAY, "validity_unknown"),
        ("智能工厂奖励多少", date(2024, 4, 1), "not_yet_effective"),
        ("智能工厂奖励多少", date(2030, 1, 1), "expired"),
    ],
)
def test_the_state_of_a_policy_is_a_warning(everything, question: str, day: date, code: str) -> None:
    assert code in _codes(everything.answer(question, as_of=day))


# Look-up by number


@pytest.mark.parametrize(
    "number", ["杭政办函〔2022〕69号", "杭政办函[2022]69号", "杭政办函（2022）69号", "请问杭政办函〔2022〕 69 号"]
)
def test_a_document_number_is_found_with_any_brackets(shipped, number: str) -> None:
    answer = shipped.answer(f"{number}三、(二)讲了什么")
    assert _paths(answer)[0] == "3.2"
    assert answer.citations[0].doc_number == "杭政办函〔2022〕69号"


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("临政规〔2024〕5号第六条", "6"),
        ("临政规〔2024〕5号第6条", "6"),
        ("临政规〔2024〕5号第六条第二款第(一)项", "6.1"),
        ("临政规〔2024〕5号第三条第(三)项", "3.3"),
        ("临政规〔2024〕5号第七条第二款", "7.p2"),
        ("《杭州市促进特色小镇高质量发展实施方案》三（一）", "3.1"),
        ("《萧山区“4286”产业载体建设行动方案》四、(二)3.", "4.2.3"),
        ("制造业高质量发展的若干意见第(十六)条", "4.16"),
    ],
)
def test_a_clause_is_found_by_its_number(everything, question: str, path: str) -> None:
    answer = everything.answer(question)
    assert path in _paths(answer)[:2]
    assert answer.status == "answered"


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("临江办法第六条第二款", ["1. 列入省级重点技改名单。", "2. 项目建成后单位能耗下降10%以上。"]),
        (
            "北湖细则第三条",
            ["1. 投资种子期企业的，按照损失额的50%补偿。", "2. 投资初创期企业的，按照损失额的30%补偿。"],
        ),
        ("望政办发〔2025〕6号第二部分", ["3. 以旧换新活动中由商家垫付的优惠，据实结算。"]),
    ],
)
def test_a_clause_is_told_with_all_its_items_and_its_policy_may_be_called_by_place_and_kind(
    everything, question: str, lines: list[str]
) -> None:
    answer = everything.answer(question)
    told = [MARKER.sub("", line) for line in answer.text.split("\n")]
    assert answer.status == "answered"
    assert [line for line in told if line in lines] == lines


def test_a_clause_of_a_document_that_is_not_here_is_refused_for_the_document(everything) -> None:
    answer = everything.answer("《临江市战略性新兴产业发展条例》第六条是什么？")
    assert answer.status == "refused"
    assert "没有收录《临江市战略性新兴产业发展条例》" in answer.text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("梅岭企业技术中心怎么认定", "县（区）科学技术局初审"),
        ("北湖天使投资补偿要交哪些材料", "申请机构应当提交投资协议、付款凭证和损失证明。"),
        ("临江先进制造业扶持由哪个部门受理", "市经济和信息化部门负责受理申请"),
    ],
)
def test_how_to_apply_is_told_where_the_policy_says_it_once_for_all(everything, question: str, words: str) -> None:
    answer = everything.answer(question)
    assert answer.status == "answered"
    assert words in answer.text


@pytest.mark.parametrize(("said", "reply"), [("谢谢你啊，你真厉害", "不客气。"), ("你好", "您好，")])
def test_thanks_and_greetings_are_returned(shipped, said: str, reply: str) -> None:
    answer = shipped.answer(said)
    assert answer.status == "refused"
    assert answer.text.startswith(reply)


def test_what_is_offered_instead_is_about_the_place_that_was_named(everything) -> None:
    answer = everything.answer("玉潭县种一亩油菜补贴多少？")
    assert answer.status == "refused"
    first = answer.text.split("可以问我：")[1].split("”")[0]
    assert any(word in first for word in ("玉潭", "民宿", "乡村"))


def test_of_a_long_sentence_of_goals_the_one_asked_for_is_told_with_its_year(shipped) -> None:
    answer = shipped.answer("2025年产业平台产值目标是多少", as_of=TODAY)
    assert answer.text.startswith("力争到2025年，平台产值达到3万亿元")
    assert "创新动能" not in answer.text


def test_a_paragraph_is_quoted_alone(everything) -> None:
    quote = everything.answer("临政规〔2024〕5号第二条第二款").citations[0].quote
    assert quote.startswith("本办法所称先进制造业")
    assert "适用于" not in quote


def test_a_clause_that_does_not_exist_is_refused_by_name(everything) -> None:
    answer = everything.answer("临政规〔2024〕5号第九十九条")
    assert answer.status == "refused"
    assert "没有第九十九条" in answer.text


def test_a_number_that_is_only_cited_gives_the_clause_that_cites_it(shipped) -> None:
    answer = shipped.answer("杭政办函〔2017〕102号对技术改造怎么规定")
    assert answer.status == "partial"
    assert "没有收录杭政办函〔2017〕102号" in answer.text
    assert _paths(answer)[0] == "3.10"


def test_an_unknown_number_is_refused(shipped) -> None:
    answer = shipped.answer("甬政发〔2020〕1号的内容")
    assert answer.status == "refused"
    assert "甬政发〔2020〕1号" in answer.text


def test_a_clause_number_that_several_policies_have_is_asked_about(everything) -> None:
    answer = everything.answer("第三条怎么说")
    assert answer.status == "partial"
    assert "哪一份" in answer.ask_back[0]


def test_a_policy_named_alone_is_introduced(shipped) -> None:
    answer = shipped.answer("杭政办函〔2021〕25号是什么文件")
    assert _paths(answer)[0] == "0"


# Conversation


def test_a_follow_up_takes_its_subject_from_the_question_before(shipped) -> None:
    history = [("国家级制造业创新中心能拿多少资助?", "1亿元。")]
    answer = shipped.answer("那省级的呢?", history, as_of=TODAY)
    assert _paths(answer)[0] == "2.5"
    assert "1500万元" in answer.text
    assert _paths(shipped.answer("市级呢", [*history, ("那省级的呢?", "")], as_of=TODAY))[0] == "2.5"


def test_a_new_subject_is_not_mixed_with_the_one_before(shipped) -> None:
    answer = shipped.answer("那绿色园区呢?", [("国家级制造业创新中心能拿多少资助?", "")], as_of=TODAY)
    assert _paths(answer)[0] == "4.16"


def test_a_follow_up_to_a_question_about_another_place_is_refused_too(shipped) -> None:
    assert shipped.answer("那省级的呢?", [("宁波的单项冠军奖多少", "")]).status == "refused"


# Engine


def test_the_json_has_exactly_the_agreed_keys(shipped) -> None:
    made = shipped.answer("国家级绿色工厂资助多少").to_object()
    assert list(made) == [
        *("id", "status", "answer", "citations", "warnings", "calculations", "ask_back", "mode", "latency_ms"),
    ]
    assert set(made["citations"][0]) == {"marker", "policy", "path", "label", "quote"}
    assert set(made["citations"][0]["policy"]) == {"title", "doc_number"}
    assert set(made["warnings"][0]) == {"code", "message"}
    assert (made["mode"], made["calculations"], made["ask_back"]) == ("composed", [], [])


def test_two_threads_get_the_answers_that_one_gets(shipped) -> None:
    rows = [question for question, _ in questions.SHIPPED[:12]]
    alone = [shipped.answer(question).text for question in rows]
    together: dict[int, list[str]] = {}

    def ask(name: int) -> None:
        together[name] = [shipped.answer(question).text for question in rows]

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {0: alone, 1: alone}


def test_a_policy_added_while_the_engine_runs_is_answered_from(shipped_dir, tmp_path) -> None:
    shutil.copytree(shipped_dir / "index", tmp_path / "data" / "index")
    settings = rag_index.settings(tmp_path / "data")
    engine = AnswerEngine.from_settings(settings)
    question = "养蜂场搬迁补助多少"
    assert engine.answer(question).status == "refused"
    added = tmp_path / "养蜂.md"
    added.write_text(
        "# 杭州市养蜂业扶持办法\n\n第一条 对养蜂场搬迁给予补助,每箱补助35元。\n\n第二条 本办法自2026年1月1日起施行。\n",
        encoding="utf-8",
    )
    add([added], settings=settings)
    answer = engine.answer(question, as_of=TODAY)
    assert answer.status == "answered"
    assert "35元" in answer.text


def test_an_empty_and_an_over_long_question_are_refused_in_words(shipped) -> None:
    with pytest.raises(ValueError, match="问题是空的"):
        shipped.answer(" \n\u3000")
    with pytest.raises(ValueError, match="问题太长"):
        shipped.answer("问" * 5001)
    assert shipped.answer("国家级绿色工厂资助多少" + "。" * 4900).citations


def test_the_langchain_retriever_gives_clauses_with_their_evidence(shipped, shipped_dir) -> None:
    settings: Settings = rag_index.settings(shipped_dir)
    retriever = PolicyRetriever(handle=IndexHandle(settings), embeddings=shipped.embeddings, k=3)
    documents = retriever.invoke("国家级绿色工厂资助多少")
    assert len(documents) == 3
    assert documents[0].metadata["path"] == "4.16"
    assert documents[0].metadata["label"] == "四、(十六)"
    assert {"policy_id", "title", "score", "dense_rank", "bm25_rank"} <= set(documents[0].metadata)
    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)


def test_answering_loads_no_torch(shipped_dir) -> None:
    program = (
        "import sys; from rag.cli import main; code = main(['ask', '国家级绿色工厂资助多少']);"
        "sys.exit(code or ('torch' in sys.modules and 7))"
    )
    environment = {**os.environ, "POLICYQA_DATA_DIR": str(shipped_dir)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=rag_index.ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "200万元" in done.stdout
