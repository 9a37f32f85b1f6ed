"""What is said when nothing in the policies answers: why, and what can be asked instead."""

from __future__ import annotations

from collections.abc import Sequence

from index.store import IndexReader
from rag.examples import example_questions

_SHOWN_REGIONS = 3
_EXAMPLES = 2


def no_subject(reader: IndexReader) -> str:
    """The question has no word that names a subject."""
    return f"请说明想问的事项,例如认定名称、企业类型或文件名称。{_suggestion(reader)}"


def off_topic(reader: IndexReader) -> str:
    """Nothing relevant was found."""
    return f"收录的 {len(reader.facts())} 份政策里没有和这个问题相关的规定,不能回答。{_suggestion(reader)}"


def other_place(reader: IndexReader, places: Sequence[str]) -> str:
    """The question is about places that no policy is for."""
    names = "、".join(places)
    return (
        f"我只收录了{_regions(reader)}的 {len(reader.facts())} 份政策,没有{names}的规定,不能回答。{_suggestion(reader)}"
    )


def unknown_number(reader: IndexReader, numbers: Sequence[str]) -> str:
    """The question names document numbers that are not in the index, nor cited in it."""
    return f"没有收录文号为 {'、'.join(numbers)} 的文件,不能回答。{_suggestion(reader)}"


def unknown_clause(reader: IndexReader, clauses: Sequence[str], titles: Sequence[str]) -> str:
    """The question names clauses that the policies do not have."""
    where = "、".join(f"《{title}》" for title in titles) or "收录的文件"
    return f"{where}没有{'、'.join(clauses)},请核对条款编号。{_suggestion(reader)}"


def no_policies() -> str:
    """The index is empty."""
    return "索引里还没有政策文件。请把文件放进 policies/ 文件夹,然后运行 `python -m index build`。"


def _regions(reader: IndexReader) -> str:
    regions = list(dict.fromkeys(facts.region for facts in reader.facts().values() if facts.region))
    more = "等地" if len(regions) > _SHOWN_REGIONS else ""
    return "、".join(regions[:_SHOWN_REGIONS]) + more or "部分地区"


def _suggestion(reader: IndexReader) -> str:
    questions = example_questions(reader, limit=_EXAMPLES)
    return f"可以问我:{' '.join(questions)}" if questions else ""
