"""Questions of evaluation sets as a labelled collection: the clauses of their policies among other documents.

Retrieval over a large library of policies is measured on it, and the gate of the fusion is fitted on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.beir import read_objects
from eval.metrics.outcome import ANSWERED
from eval.rows import Row, load_rows
from index.models import Policy, PolicyId
from training.folds import SEED
from training.pairs import Library


def write_collection(pairs: Mapping[Path, Sequence[Path]], others: Path, out: Path, *, extra: int) -> tuple[int, int]:
    """Write corpus.jsonl, queries.jsonl and qrels.tsv into `out`; returns the numbers of documents and questions.

    Args:
        pairs: folders of policies, each with the sets that ask about them.
        others: a corpus in BEIR format, of which `extra` documents are drawn.
        out: folder to write to.
        extra: number of documents drawn.
    """
    documents: list[dict[str, str]] = []
    queries: list[dict[str, str]] = []
    judged: list[tuple[str, str]] = []
    for folder, sets in pairs.items():
        library = Library.from_files([folder])
        documents += [
            {"_id": f"{policy}#{clause.path}", "title": about.facts.title, "text": clause.text}
            for policy, about in library.policies.items()
            for clause in about.best.clauses
        ]
        for row in (row for path in sets for row in load_rows(path)):
            found = list(dict.fromkeys(_expected(row, library.policies)))
            if found:
                queries.append({"_id": row.id, "text": row.question})
                judged += [(row.id, document) for document in found]
    rows = [fields for _, fields in read_objects(others)]
    drawn = np.random.default_rng(SEED).permutation(len(rows))[:extra]
    documents += [{key: str(rows[at].get(key) or "") for key in ("_id", "title", "text")} for at in drawn.tolist()]
    out.mkdir(parents=True, exist_ok=True)
    for name, written in (("corpus.jsonl", documents), ("queries.jsonl", queries)):
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in written)
        (out / name).write_text(lines, encoding="utf-8")
    lines = "".join(f"{query}\t{document}\t1\n" for query, document in judged)
    (out / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{lines}", encoding="utf-8")
    return len(documents), len(queries)


def _expected(row: Row, policies: Mapping[PolicyId, Policy]) -> Iterator[str]:
    """Documents that a question without history expects to be cited."""
    if row.status != ANSWERED or row.history:
        return
    for title, path in row.clauses:
        for policy, about in policies.items():
            named = title in about.facts.title or about.facts.title in title
            if named and any(clause.path == path for clause in about.best.clauses):
                yield f"{policy}#{path}"
