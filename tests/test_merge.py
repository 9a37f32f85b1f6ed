"""Which editions are one policy, and what repeals do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from index.merge import merge
from index.models import Clause, Edition, EditionKind, PolicyFacts, SourceSpan, Status

MEASURES = PolicyFacts("临江市促进消费若干措施", "临政发〔2024〕3号", ("临江市人民政府",), issued_on=date(2024, 3, 1))


def _edition(facts: PolicyFacts, kind: EditionKind = EditionKind.ORIGINAL, name: str = "a.txt") -> Edition:
    clause = Clause("1", "一、", None, "支持消费。", "支持消费。", SourceSpan(0, 5))
    return Edition(name, name, kind, facts, (clause,))


def test_same_number_is_one_policy_whatever_the_title() -> None:
    notice = replace(MEASURES, title="临江市人民政府关于印发临江市促进消费若干措施的通知")
    [policy] = merge([_edition(notice, name="b"), _edition(MEASURES)])
    assert len(policy.editions) == 2


def test_same_title_without_a_number_is_one_policy_and_takes_the_number() -> None:
    digest = replace(MEASURES, doc_number=None, issued_on=None, region="临江市")
    [policy] = merge([_edition(MEASURES), _edition(digest, EditionKind.DIGEST, "d")])
    assert policy.best.kind is EditionKind.ORIGINAL
    assert (policy.facts.doc_number, policy.facts.region) == ("临政发〔2024〕3号", "临江市")


def test_brackets_blanks_and_width_do_not_tell_titles_apart() -> None:
    wide = replace(MEASURES, title="《临江市 促进消费若干措施》", doc_number=None)
    assert len(merge([_edition(MEASURES), _edition(wide, name="w")])) == 1


def test_same_name_for_other_years_or_other_days_is_another_policy() -> None:
    later = replace(MEASURES, doc_number=None, issued_on=date(2025, 3, 1))
    planned = replace(MEASURES, doc_number=None, period=(2025, 2026))
    found = merge([_edition(MEASURES), _edition(later, name="l"), _edition(planned, name="p")])
    assert len(found) == 3
    assert len({policy.id for policy in found}) == 3


def test_a_draft_is_not_the_policy_it_became() -> None:
    draft = replace(MEASURES, doc_number=None, draft=True)
    found = merge([_edition(MEASURES), _edition(draft, name="d")])
    assert sorted(policy.facts.status(date(2024, 6, 1)) for policy in found) == sorted([Status.DRAFT, Status.UNKNOWN])


def test_an_edition_may_join_two_groups() -> None:
    unnumbered = replace(MEASURES, doc_number=None)
    renamed = replace(MEASURES, title="另一名称的措施")
    assert len(merge([_edition(unnumbered, name="u"), _edition(renamed, name="r"), _edition(MEASURES)])) == 1


def test_best_edition_is_the_original_then_the_fuller_one_in_any_order() -> None:
    short = _edition(MEASURES, EditionKind.REPRINT, "s")
    long = replace(
        short, name="l", sha256="l", clauses=(replace(short.clauses[0], text="更长" * 9, written="更长" * 9),)
    )
    original = _edition(MEASURES, EditionKind.ORIGINAL, "o")
    for order in ([short, long, original], [original, long, short], [long, original, short]):
        [policy] = merge(order)
        assert [edition.name for edition in policy.editions] == ["o", "l", "s"]


def test_repealed_policy_expires_on_the_day_the_repeal_takes_effect() -> None:
    repeal = PolicyFacts(
        "关于废止部分文件的决定", "临政发〔2025〕1号", issued_on=date(2025, 1, 5), repeals=("临政发〔2024〕3号",)
    )
    found = {p.facts.doc_number: p for p in merge([_edition(MEASURES), _edition(repeal, name="r")])}
    old = found["临政发〔2024〕3号"].facts
    assert old.status(date(2025, 1, 4)) is not Status.EXPIRED
    assert old.status(date(2025, 1, 5)) is Status.EXPIRED


def test_a_successor_of_the_same_title_does_not_repeal_itself() -> None:
    new = replace(
        MEASURES,
        doc_number="临政发〔2025〕9号",
        issued_on=date(2025, 9, 1),
        repeals=(MEASURES.title, "临政发〔2024〕3号"),
    )
    found = {p.facts.doc_number: p.facts.repealed_on for p in merge([_edition(MEASURES), _edition(new, name="n")])}
    assert found == {"临政发〔2024〕3号": date(2025, 9, 1), "临政发〔2025〕9号": None}


def test_a_draft_repeals_nothing() -> None:
    draft = PolicyFacts("新措施(征求意见稿)", issued_on=date(2025, 9, 1), draft=True, repeals=("临政发〔2024〕3号",))
    assert all(p.facts.repealed_on is None for p in merge([_edition(MEASURES), _edition(draft, name="n")]))
