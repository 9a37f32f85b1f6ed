"""Lay questions on statutes, written for training, as a labelled collection over any corpus that has the articles.

`training/data/lay/questions.jsonl` names each article by its title and a fingerprint of its words, so that a corpus
with other numbers finds it, and one with other words does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bench.beir import read_objects
from rag.known import fingerprint

QUESTIONS = Path(__file__).parent / "data" / "lay" / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_lay` wrote.

    Attributes:
        questions: with at least one article of the corpus.
        missing: questions of which the corpus has none.
    """

    questions: int
    missing: int


def write_lay(corpus: Path, out: Path, *, beside: tuple[Path, Path] | None = None) -> Written:
    """Write `queries.jsonl` and `qrels.tsv` for a corpus in BEIR format into folder `out`.

    Args:
        beside: queries and labels of the same corpus to put in front of them.

    Raises:
        ValueError: a file is missing, or not in BEIR format.
    """
    marks: dict[str, list[str]] = {}
    for _, fields in read_objects(corpus):
        marks.setdefault(fingerprint(str(fields["text"])).hex(), []).append(str(fields["_id"]))
    before = tuple(path.read_text(encoding="utf-8").rstrip("\n") + "\n" for path in beside or ())
    lines: list[str] = []
    labels: list[str] = []
    missing = 0
    for number, (_, fields) in enumerate(read_objects(QUESTIONS)):
        own = [one for _, mark in fields["articles"] for one in marks.get(mark, ())]
        if not own:
            missing += 1
            continue
        name = f"lay-{number}"
        lines.append(json.dumps({"_id": name, "text": fields["question"]}, ensure_ascii=False) + "\n")
        labels += [f"{name}\t{one}\t1\n" for one in own]
    out.mkdir(parents=True, exist_ok=True)
    queries, known = before or ("", "query-id\tcorpus-id\tscore\n")
    (out / "queries.jsonl").write_text(queries + "".join(lines), encoding="utf-8")
    (out / "qrels.tsv").write_text(known + "".join(labels), encoding="utf-8")
    return Written(len(lines), missing)
