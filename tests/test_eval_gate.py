"""The gate notices planted faults and names the step that fails; equal and better runs pass."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import DAY, FakeSubject, cite, given, refusal, row, run_of
from lxml import html
from rag_index import CORPUS, built

from eval import cli, runner
from eval.gate import judge, make_baseline, read_baseline, render, write_baseline
from eval.metrics.diagnose import Step
from eval.report.words import category_name
from eval.report.write import write_reports
from eval.rows import load_rows, save_rows
from eval.runs import TIMED_FILES, Cited, CitedPolicy, ClauseKey, Given, Run
from eval.subject import EngineSubject
from index import console
from index.models import Clause
from index.settings import Settings, get_settings
from index.store import Hit, IndexReader
from rag.answer import AnswerEngine
from rag.understand import Turn

SHIPPED = Path(__file__).parents[1] / "eval" / "sets" / "shipped.jsonl"
POLICY = "推动制造业高质量发展的若干意见"
SWAPPED = ("2.6", "3.9")
PATHS = (*SWAPPED, "4.14", "5.18")
"""Clauses with amounts and caps. The questions about them and some to be refused make a set that is quick to run."""


# A small set over the shipped corpus


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("gate"), CORPUS)


@pytest.fixture(scope="module")
def engine(indexed: Settings) -> AnswerEngine:
    return AnswerEngine.from_settings(indexed)


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = load_rows(SHIPPED)
    about = [one for one in rows if {path for _, path in one.clauses} & set(PATHS) and POLICY in one.clauses[0][0]]
    refused = [one for one in rows if one.category == "refuse"][:12]
    path = tmp_path_factory.mktemp("set") / "small.jsonl"
    save_rows((*about, *refused), path)
    return path


@pytest.fixture(scope="module")
def healthy(engine: AnswerEngine, indexed: Settings, small_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_with(EngineSubject(engine, indexed), small_set, tmp_path_factory.mktemp("healthy"))


def run_with(subject: EngineSubject, set_file: Path, folder: Path, **options: Any) -> Run:
    runner.start(folder, set_file, subject, as_of=DAY)
    return runner.proceed(folder, subject, runner.Options(**options))


# Faults, planted around the engine


class FaultyReader:
    """An index reader with one method replaced; everything else is the healthy reader's."""

    def __init__(self, reader: IndexReader, **replaced: Callable[..., Any]) -> None:
        self._reader = reader
        self._replaced = replaced

    def __getattr__(self, name: str) -> Any:
        return self._replaced.get(name) or getattr(self._reader, name)

    def __len__(self) -> int:
        return len(self._reader)


class FaultyEngine(AnswerEngine):
    """The engine over another reader."""

    def __init__(self, healthy: AnswerEngine, reader: FaultyReader) -> None:
        super().__init__(healthy.embeddings, healthy._handle)
        self._faulty = reader

    def reader(self) -> IndexReader:
        return self._faulty  # type: ignore[return-value]


class FaultySubject(EngineSubject):
    """The engine with its answers spoilt afterwards."""

    def __init__(
        self, engine: AnswerEngine, settings: Settings, spoil: Callable[[Given, tuple[ClauseKey, ...]], Given]
    ):
        super().__init__(engine, settings)
        self._spoil = spoil

    def answer(self, question: str, history: Sequence[Turn], as_of: date) -> tuple[Given, float]:
        answer, latency_ms = super().answer(question, history, as_of)
        return self._spoil(answer, self.rank(question, history)), latency_ms


def swap_two_clauses(engine: AnswerEngine, settings: Settings) -> EngineSubject:
    """Each of two clauses has the other's text."""
    reader = engine.reader()
    policy_id = next(key for key, facts in reader.facts().items() if POLICY in facts.title)
    one, other = (reader.clause(policy_id, path) for path in SWAPPED)
    assert one is not None
    assert other is not None
    texts = {one.path: other, other.path: one}

    def with_text(clause: Clause) -> Clause:
        source = texts.get(clause.path)
        return clause if source is None else replace(clause, text=source.text, written=source.written, heading=None)

    def clauses(of: str) -> tuple[Clause, ...]:
        found = reader.clauses(of)
        return tuple(map(with_text, found)) if of == policy_id else found

    def clause(of: str, path: str) -> Clause | None:
        return next((found for found in clauses(of) if found.path == path), None)

    return EngineSubject(FaultyEngine(engine, FaultyReader(reader, clauses=clauses, clause=clause)), settings)


def drop_bm25(engine: AnswerEngine, settings: Settings) -> EngineSubject:
    """Words find nothing."""

    def nothing(text: str, k: int) -> list[Hit]:
        return []

    return EngineSubject(FaultyEngine(engine, FaultyReader(engine.reader(), bm25_search=nothing)), settings)


def cite_the_next_clause(engine: AnswerEngine, settings: Settings) -> EngineSubject:
    """Every citation is off by one."""
    reader = engine.reader()
    order = {
        (facts.title, clause.path): after
        for key, facts in reader.facts().items()
        for clause, after in zip(reader.clauses(key), [*reader.clauses(key)[1:], reader.clauses(key)[0]], strict=True)
    }

    def moved(cited: Cited) -> Cited:
        after = order[cited.policy.title, cited.path]
        return replace(cited, path=after.path, label=after.label)

    return FaultySubject(
        engine, settings, lambda answer, _: replace(answer, citations=tuple(map(moved, answer.citations)))
    )


def break_the_cap(engine: AnswerEngine, settings: Settings) -> EngineSubject:
    """最高300万元 becomes 最高3000万元, in the text and in what it claims to quote."""

    def broken(text: str) -> str:
        return re.sub(r"最高(\d+)万元", r"最高\g<1>0万元", text)

    def spoil(answer: Given, _: tuple[ClauseKey, ...]) -> Given:
        citations = tuple(replace(cited, quote=broken(cited.quote)) for cited in answer.citations)
        return replace(answer, answer=broken(answer.answer), citations=citations)

    return FaultySubject(engine, settings, spoil)


def disable_refusal(engine: AnswerEngine, settings: Settings) -> EngineSubject:
    """Where nothing answers, the best clause is passed off as an answer."""
    reader = engine.reader()

    def spoil(answer: Given, ranking: tuple[ClauseKey, ...]) -> Given:
        if answer.status != "refused":
            return answer
        key = ranking[0] if ranking else (next(iter(reader.facts())), "1")
        clause, facts = reader.clause(*key), reader.facts()[key[0]]
        assert clause is not None
        cited = Cited("[1]", CitedPolicy(facts.title, facts.doc_number), clause.path, clause.label, clause.written)
        return Given("answered", f"{clause.written}[1]", (cited,))

    return FaultySubject(engine, settings, spoil)


def remove_the_expiry_check(engine: AnswerEngine, settings: Settings) -> EngineSubject:
    """No policy is ever out of date."""

    def spoil(answer: Given, _: tuple[ClauseKey, ...]) -> Given:
        return replace(answer, warnings=tuple(w for w in answer.warnings if w.code not in ("expired", "period_ended")))

    return FaultySubject(engine, settings, spoil)


@pytest.mark.parametrize(
    ("plant", "metric", "stage", "steps"),
    [
        (swap_two_clauses, "citation_recall", "选用条款", {Step.NOT_CHOSEN, Step.WRONGLY_REFUSED}),
        (drop_bm25, "ndcg@10", "检索", set()),
        (cite_the_next_clause, "citation_recall", "选用条款", {Step.NOT_CHOSEN}),
        (break_the_cap, "facts", "数字和要点", {Step.WRONG_FIGURE}),
        (disable_refusal, "refusal_recall", "判断能不能答", {Step.SHOULD_REFUSE}),
        (remove_the_expiry_check, "warnings", "提示", {Step.WARNING_MISSING}),
    ],
)
def test_a_planted_fault_is_noticed_and_its_step_is_named(
    plant: Callable[[AnswerEngine, Settings], EngineSubject],
    metric: str,
    stage: str,
    steps: set[Step],
    engine: AnswerEngine,
    indexed: Settings,
    small_set: Path,
    healthy: Run,
    tmp_path: Path,
) -> None:
    run = run_with(plant(engine, indexed), small_set, tmp_path)
    assert [record.failed for record in run.records.values() if record.failed] == []
    judgement = judge(run, make_baseline(healthy))
    assert not judgement.passed
    held = next(one for one in judgement.held if one.metric.name == metric)
    assert held.fell
    assert held.worse
    text = render(judgement)
    assert "未通过" in text
    assert f"- {held.metric.title}({stage}):{len(held.worse)} 题变差:" in text
    # Every question that turned wrong is named with the step that failed, here and in the report.
    assert steps <= {case.step for case in judgement.lost}
    write_reports(tmp_path, run)
    page = html.document_fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    shown = {
        (article.get("data-step"), article.xpath(".//span[@class='muted']")[0].text.split()[1])
        for article in page.xpath("//article")
    }
    for case in judgement.lost:
        assert f"**{case.outcome.row.id}**({category_name(case.outcome.row.category)},{case.step})" in text
        assert (str(case.step), case.outcome.row.id) in shown


def test_the_same_system_passes_its_own_baseline(
    engine: AnswerEngine, indexed: Settings, small_set: Path, healthy: Run, tmp_path: Path
) -> None:
    again = run_with(EngineSubject(engine, indexed), small_set, tmp_path / "again", workers=3)
    judgement = judge(again, make_baseline(healthy))
    assert judgement.passed
    assert judgement.lost == ()
    assert {one.difference.value for one in judgement.held} == {0.0}


def test_two_runs_of_the_real_engine_write_the_same_bytes(
    engine: AnswerEngine, indexed: Settings, small_set: Path, tmp_path: Path
) -> None:
    for name, workers in (("one", 1), ("three", 3)):
        run_with(EngineSubject(engine, indexed), small_set, tmp_path / name, workers=workers)
    files = sorted(path.name for path in (tmp_path / "one").iterdir() if path.name not in TIMED_FILES)
    assert len(files) == 5
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "three" / name).read_bytes()


def test_the_versions_say_what_was_run_and_no_path_of_the_machine(engine: AnswerEngine, indexed: Settings) -> None:
    versions = EngineSubject(engine, indexed).versions()
    assert versions["corpus"] == engine.reader().manifest.corpus_version
    assert versions["embedding"]["name"] == "multilingual-e5-small"
    assert len(versions["policies"]) == len(CORPUS)
    assert all(versions[name] for name in ("settings", "index", "prompts", "code"))
    assert str(indexed.data_dir) not in json.dumps(versions)


# The baseline and the verdict


def scored_run(right: str, **fields: Any) -> Run:
    """A run of as many questions as `right` has characters; "1" is answered correctly."""
    pairs = [
        (row(f"q{at}", question=f"问题{at}", facts=(("1亿元",),), **fields), given("1亿元" if one == "1" else "2亿元"))
        for at, one in enumerate(right)
    ]
    return run_of(*pairs)


def test_a_fall_beyond_the_interval_fails_and_a_smaller_one_passes() -> None:
    baseline = make_baseline(scored_run("1" * 40))
    large, small = judge(scored_run("0" * 6 + "1" * 34), baseline), judge(scored_run("00" + "1" * 38), baseline)
    assert (large.passed, small.passed) == (False, True)
    assert [case.outcome.row.id for case in small.lost] == ["q0", "q1"]
    assert "略低,在波动范围内" in render(small)
    assert "低于基线" in render(large)


def test_getting_better_passes() -> None:
    judgement = judge(scored_run("1" * 20), make_baseline(scored_run("0" * 10 + "1" * 10)))
    assert judgement.passed
    assert judgement.gained == 10
    assert "高于基线" in render(judgement)


def test_more_false_refusals_fail_although_the_number_rises() -> None:
    rows = [row(f"q{at}", question=str(at)) for at in range(20)]
    before = run_of(*((one, given("是。")) for one in rows))
    after = run_of(*((one, refusal() if at < 8 else given("是。")) for at, one in enumerate(rows)))
    judgement = judge(after, make_baseline(before))
    assert "false_refusal" in [one.metric.name for one in judgement.held if one.fell]
    assert "高于基线,变坏" in render(judgement)


def test_the_baseline_survives_its_file_and_has_one_question_a_line(tmp_path: Path) -> None:
    baseline = make_baseline(scored_run("1101"))
    write_baseline(baseline, tmp_path / "baseline.json")
    assert read_baseline(tmp_path / "baseline.json") == baseline
    text = (tmp_path / "baseline.json").read_text(encoding="utf-8")
    assert [line.split(":")[0].strip() for line in text.splitlines() if '"row"' in line] == [
        f'"q{at}"' for at in range(4)
    ]


def test_a_question_that_was_edited_or_is_new_is_not_compared() -> None:
    baseline = make_baseline(scored_run("111"))
    judgement = judge(scored_run("0000", category="target"), make_baseline(scored_run("1", category="target")))
    assert judgement.compared == 1
    assert judgement.changed == ("q1", "q2", "q3")
    assert "没有参加比较:q1、q2、q3" in render(judgement)
    with pytest.raises(ValueError, match="没有相同的题目"):
        judge(scored_run("111", category="target"), baseline)


def test_another_corpus_is_pointed_out() -> None:
    run = scored_run("11")
    other = Run(run.name, {**run.info, "corpus": "c2"}, run.rows, run.records, run.times, run.clauses)
    assert "收录的政策与记录基线时不同" in render(judge(other, make_baseline(run)))


def test_an_unfinished_run_is_no_baseline_and_passes_no_gate() -> None:
    run = scored_run("11")
    part = Run(run.name, run.info, run.rows, {"q0": run.records["q0"]}, run.times, run.clauses)
    for use in (make_baseline, lambda given_run: judge(given_run, make_baseline(run))):
        with pytest.raises(ValueError, match="没有完成"):
            use(part)


@pytest.mark.parametrize("content", [None, b"{}", b"[1", b'{"set": 1}'])
def test_a_missing_or_damaged_baseline_says_what_to_do(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="gate --update"):
        read_baseline(path)


# The command


@pytest.fixture
def gate_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options of a gate over twenty questions and a baseline that is not there yet."""
    settings = Settings(data_dir=tmp_path / "data", model_cache=get_settings().models_dir)
    monkeypatch.setattr(console, "get_settings", lambda: settings)
    rows = tuple(
        row(f"q{at}", question=f"问题{at}", facts=(("1亿元",),), clauses=(("示例产业", "1"),)) for at in range(20)
    )
    save_rows(rows, tmp_path / "set.jsonl")
    return ["--set", str(tmp_path / "set.jsonl"), "--baseline", str(tmp_path / "baseline.json")]


def subject_right(count: int) -> FakeSubject:
    right, wrong = given("资助1亿元[1]。", cite("1")), given("资助2亿元[1]。", cite("1"))
    return FakeSubject({f"问题{at}": right if at < count else wrong for at in range(20)})


def test_the_gate_exits_with_0_when_passed_and_1_when_not(
    gate_files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["gate", *gate_files], subject=subject_right(20)) == 2
    assert "还没有基线" in capsys.readouterr().err
    assert cli.main(["gate", "--update", *gate_files], subject=subject_right(20)) == 0
    assert "请复核改动后提交" in capsys.readouterr().out
    assert cli.main(["gate", *gate_files], subject=subject_right(20)) == 0
    assert "通过:没有指标" in capsys.readouterr().out
    assert cli.main(["gate", *gate_files], subject=subject_right(12)) == 1
    printed = capsys.readouterr()
    assert "未通过:答对率" in printed.out
    assert "- **q19**(金额,数字不对):问题19" in printed.out
    assert Path(printed.err.strip().removeprefix("报告:")).is_file()


def test_the_gate_takes_a_run_that_is_there(
    gate_files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_file, baseline = gate_files[1], gate_files[2:]
    for name, right in (("good", 20), ("bad", 5)):
        assert cli.main(["run", "--set", set_file, "--out", str(tmp_path / name)], subject=subject_right(right)) == 0
    assert cli.main(["gate", "--update", str(tmp_path / "good"), *baseline]) == 0
    assert cli.main(["gate", str(tmp_path / "good"), *baseline]) == 0
    assert cli.main(["gate", str(tmp_path / "bad"), *baseline]) == 1
    capsys.readouterr()
    assert cli.main(["gate", str(tmp_path / "bad"), *gate_files]) == 2
    assert "不能再给 --set" in capsys.readouterr().err
    assert cli.main(["compare", str(tmp_path / "good"), str(tmp_path / "bad")]) == 0
    assert "答对的由 20 题变为 5 题" in capsys.readouterr().out


def test_the_recorded_baseline_is_of_the_shipped_set(small_set: Path) -> None:
    baseline = read_baseline(cli.BASELINE_FILE)
    names = {one.id for one in load_rows(SHIPPED)}
    assert baseline.set == SHIPPED.name
    assert set(baseline.rows) == names
