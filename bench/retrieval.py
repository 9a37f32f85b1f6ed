"""Retrieval on labelled questions: `python -m bench retrieval --corpus F --queries F --qrels F [--json]`.

Methods, over the same pieces of text that the product makes of clauses: `bm25` (words and bigrams; the baseline),
`dense` (the configured embedding model, exact search), `rrf` (plain reciprocal rank fusion, k = 60), `fused` (the
product's fusion), `without_known` (the same without known questions, where documents answer any of them),
`fused_fitted` (the sum alone, its weight chosen on the other four fifths of the questions), and `reranked` where there
is a reranker for so many pieces. Metrics by `ranx`; intervals are 95 % percentile bootstraps
over questions. Vectors are kept by content under `--cache`, so that a run that was stopped goes on.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from bench.beir import Collection, Document, read_collection
from bench.naming import Naming, measure_naming
from bench.vectors import VectorCache
from index.chunk import TITLE_LIMIT, split_text
from index.console import checked_settings, run
from index.store.lexical import LexicalIndex
from index.store.vectors import VectorIndex
from rag.fuse import DEPTH, dense_weight, fuse, large, reciprocal_ranks
from rag.known import KnownQuestions, load_known
from rag.norms import preferences
from rag.rerank import Reranking, load_reranker

if TYPE_CHECKING:
    from index.embed import FloatMatrix, PolicyEmbeddings

BASELINE = "bm25"
PARTS = ("bm25", "dense")
METRICS = ("recall@5", "recall@10", "recall@100", "mrr@10", "ndcg@10")
MAIN_METRIC = "recall@10"
WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
"""Weights that `fused_fitted` chooses from."""
FOLDS = 5
RESAMPLES = 2000
SEED = 11
KEPT = 100
"""Documents of a ranking that are measured."""

Ranking = dict[int, float]
"""Rows of documents with their scores, best first."""
Values = npt.NDArray[np.float64]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is searched: texts, and the row of the document that each is a piece of."""

    texts: tuple[str, ...]
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """The two searches of one question, reduced to documents."""

    dense: Ranking
    lexical: Ranking


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; without arguments, as one of all benchmarks, there is nothing to measure."""
    if arguments is None:
        click.echo("retrieval 需要 --corpus、--queries 和 --qrels,这次跳过。", err=True)
        return 0
    return run(command, list(arguments), program="python -m bench retrieval")


@click.command(help="在带标注的检索题集(BEIR 格式)上比较检索方法。")
@click.option("--corpus", type=click.Path(path_type=Path), help="语料,.jsonl 或 .jsonl.gz")
@click.option("--queries", type=click.Path(path_type=Path), help="问题,.jsonl")
@click.option("--qrels", type=click.Path(path_type=Path), help="相关标注,.tsv")
@click.option("--limit", type=click.IntRange(min=1), help="只用前几个问题")
@click.option("--cache", type=click.Path(path_type=Path), help="向量缓存文件夹,默认在数据文件夹的 bench/ 下")
@click.option("--reranker", default=None, help="重排模型,默认用 POLICYQA_RERANKER")
@click.option("--known", default=None, help="已知问法,默认用 POLICYQA_KNOWN")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
def command(
    *,
    corpus: Path | None,
    queries: Path | None,
    qrels: Path | None,
    limit: int | None,
    cache: Path | None,
    reranker: str | None,
    known: str | None,
    as_json: bool,
) -> int:
    """Measure, and print a table or JSON."""
    from index.embed import load_embeddings

    if corpus is None or queries is None or qrels is None:
        raise ValueError("请用 --corpus、--queries 和 --qrels 给出语料、问题和相关标注三个文件。")
    collection = read_collection(corpus, queries, qrels, limit=limit)
    settings = checked_settings()
    chosen = load_reranker(reranker if reranker is not None else settings.reranker, settings.models_dir)
    embeddings = load_embeddings(settings)
    asked_before = load_known(known if known is not None else settings.known, embeddings.identity)
    kept = cache or settings.data_dir / "bench"
    figures = measure(collection, embeddings, cache=kept, reranking=chosen, known=asked_before)
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else table(figures))
    return 0


def measure(
    collection: Collection,
    embeddings: PolicyEmbeddings,
    *,
    cache: Path,
    reranking: Reranking | None = None,
    known: KnownQuestions | None = None,
) -> Figures:
    """All figures, as one JSON object."""
    pieces = pieces_of(collection.documents)
    vectors, questions = embedded(pieces, collection.questions, embeddings, cache)
    found, times = search_all(pieces, vectors, collection.questions, questions)
    number = len(pieces.texts)
    adapter = embeddings.identity.adapter
    weights = [dense_weight(adapter, one.dense, one.lexical, pieces=number) for one in found]
    prior = preferences(titles_of(collection)) if large(adapter, pieces=number) else {}
    answered = (known or KnownQuestions.none()).among((row, one.text) for row, one in enumerate(collection.documents))
    asked_before = [answered.preferences(vector) for vector in questions]
    rankings: dict[str, list[Ranking]] = {
        "bm25": [one.lexical for one in found],
        "dense": [one.dense for one in found],
        "rrf": [reciprocal_ranks(one.dense, one.lexical) for one in found],
        "fused": [
            fuse(one.dense, one.lexical, weight=own, prior=prior, known=gains)
            for one, own, gains in zip(found, weights, asked_before, strict=True)
        ],
        "fused_fitted": fitted(found, collection.relevant),
    }
    if answered.keys:
        rankings["without_known"] = [
            fuse(one.dense, one.lexical, weight=own, prior=prior) for one, own in zip(found, weights, strict=True)
        ]
    if reranking is not None and number > reranking.least:
        rankings["reranked"], times["rerank"] = _reranked(reranking, collection, rankings["fused"], number)
    scores = {name: evaluated(lists, collection.relevant) for name, lists in rankings.items()}
    naming = measure_naming(collection.documents)
    return {
        "documents": len(collection.documents),
        "pieces": len(pieces.texts),
        "questions": len(collection.questions),
        "relevant_not_in_corpus": collection.absent,
        "model": embeddings.identity.name,
        "adapter": adapter,
        "baseline": BASELINE,
        "main_metric": MAIN_METRIC,
        "known_questions": len(answered.keys),
        "dense_weight": round(float(np.mean(weights)), 3),
        "methods": {name: _figures(values, scores) for name, values in scores.items()},
        "milliseconds": times,
        "naming_an_article": _naming_figures(naming),
    }


def titles_of(collection: Collection) -> dict[int, str]:
    """Title of each document by its row."""
    return {row: document.title for row, document in enumerate(collection.documents)}


def pieces_of(documents: Sequence[Document]) -> Pieces:
    """Pieces as the product cuts them, each with its document's title in front."""
    texts, owners = [], []
    for row, document in enumerate(documents):
        title = document.title[:TITLE_LIMIT]
        for start, end in split_text(document.text) or [(0, 0)]:
            texts.append(f"{title}\n{document.text[start:end].strip()}".strip())
            owners.append(row)
    return Pieces(tuple(texts), tuple(owners))


def embedded(
    pieces: Pieces, questions: Sequence[str], embeddings: PolicyEmbeddings, cache: Path
) -> tuple[FloatMatrix, FloatMatrix]:
    """Vectors of pieces (n, d) and of questions (q, d)."""

    def ask(texts: Sequence[str]) -> FloatMatrix:
        return np.stack([embeddings.embed_question(text) for text in texts])

    results = []
    for prompt, texts, embed in (("query", questions, ask), ("passage", pieces.texts, embeddings.embed_passages)):
        stored = VectorCache.from_folder(cache, embeddings, prompt=prompt)
        with tqdm(total=len(set(texts)), desc=f"embed {prompt}", disable=None) as bar:
            results.append(stored.vectors(texts, embed, progress=bar.update))
    return results[1], results[0]


def search_all(
    pieces: Pieces, vectors: FloatMatrix, questions: Sequence[str], question_vectors: FloatMatrix
) -> tuple[list[Searched], dict[str, float]]:
    """Both searches for every question, and the median milliseconds of each step for one question."""
    lexical = LexicalIndex.from_texts(tqdm(pieces.texts, desc="bm25 index", disable=None))
    dense = VectorIndex.from_matrix(vectors)
    found, times = [], []
    for text, vector in zip(tqdm(questions, desc="search", disable=None), question_vectors, strict=True):
        marks = [time.perf_counter()]
        near = by_document(dense.search(vector, DEPTH), pieces.owners)
        marks.append(time.perf_counter())
        words = by_document(lexical.search(text, DEPTH), pieces.owners)
        marks.append(time.perf_counter())
        fuse(near, words)
        marks.append(time.perf_counter())
        found.append(Searched(near, words))
        times.append(np.diff(marks))
    medians = np.median(times, axis=0) * 1000
    return found, {name: round(float(ms), 2) for name, ms in zip(("dense", "bm25", "fusion"), medians, strict=True)}


def by_document(hits: Sequence[tuple[int, float]], owners: Sequence[int]) -> Ranking:
    """Score of each document's best piece, in the order of the hits."""
    best: Ranking = {}
    for piece, score in hits:
        best.setdefault(owners[piece], score)
    return best


def fitted(found: Sequence[Searched], relevant: Sequence[Mapping[int, int]]) -> list[Ranking]:
    """The product's fusion, each fifth of the questions with the weight that is best on the other four."""
    lists = {weight: [fuse(one.dense, one.lexical, weight=weight) for one in found] for weight in WEIGHTS}
    recalls = {
        weight: np.array([recall(ranking, wanted, 10) for ranking, wanted in zip(one, relevant, strict=True)])
        for weight, one in lists.items()
    }
    folds = folds_of(len(found))
    chosen = {}
    for fold in range(FOLDS):
        others = folds != fold
        chosen[fold] = max(WEIGHTS, key=lambda weight: recalls[weight][others].mean() if others.any() else 0.0)
    return [lists[chosen[int(fold)]][at] for at, fold in enumerate(folds)]


def recall(ranking: Mapping[int, float], wanted: Mapping[int, int], depth: int) -> float:
    """Share of the relevant documents among the first `depth`."""
    return len(set(list(ranking)[:depth]) & set(wanted)) / len(wanted)


def evaluated(rankings: Sequence[Ranking], relevant: Sequence[Mapping[int, int]]) -> dict[str, Values]:
    """Value of every metric for every question (q,), by ranx.

    Raises:
        ValueError: its recall is not that of `recall`.
    """
    import numba
    from ranx import Qrels, Run, evaluate

    # Its parallel loops over typed dictionaries gave wrong values (recall .17 for .92) once on a busy machine.
    numba.set_num_threads(1)

    qrels = {str(at): {str(row): grade for row, grade in wanted.items()} for at, wanted in enumerate(relevant)}
    # ranx sorts by score: ranks stand for the scores, so that ties keep their order.
    lists = {
        str(at): {str(row): 1.0 / rank for rank, row in enumerate(list(ranking)[:KEPT], start=1)} or {"none": 0.0}
        for at, ranking in enumerate(rankings)
    }
    values = evaluate(Qrels(qrels), Run(lists), list(METRICS), return_mean=False)
    # ranx orders questions by their ids as texts.
    order = np.argsort(np.argsort([str(at) for at in range(len(rankings))]))
    ordered = {name: np.asarray(values[name], dtype=np.float64)[order] for name in METRICS}
    own = [recall(ranking, wanted, 10) for ranking, wanted in zip(rankings, relevant, strict=True)]
    if not np.allclose(ordered[MAIN_METRIC], own):
        raise ValueError("指标库算出的 recall@10 与核对的不一致,这次的结果不可用,请重新运行。")
    return ordered


def _figures(values: Mapping[str, Values], scores: Mapping[str, Mapping[str, Values]]) -> Figures:
    """Means of one method, intervals of its recall and of its gain over both parts, and its recall on each fifth."""
    main = values[MAIN_METRIC]
    base = float(scores[BASELINE][MAIN_METRIC].mean())
    folds = folds_of(len(main))
    return {
        **{name: round(float(values[name].mean()), 4) for name in METRICS},
        "recall@10_interval": interval(main),
        "recall@10_gain_interval": {part: interval(main - scores[part][MAIN_METRIC]) for part in PARTS},
        "recall@10_by_fold": [round(float(main[folds == fold].mean()), 4) for fold in range(FOLDS) if fold in folds],
        "ratio": round(float(main.mean()) / base, 3) if base else None,
    }


def folds_of(questions: int) -> npt.NDArray[np.int64]:
    """The fifth (0..4) that each question belongs to, the same for the same number of questions."""
    return np.asarray(np.random.default_rng(SEED).permutation(questions) % FOLDS, dtype=np.int64)


def interval(values: Values) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean, over questions."""
    chance = np.random.default_rng(SEED)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def _reranked(
    reranking: Reranking, collection: Collection, rankings: Sequence[Ranking], pieces: int
) -> tuple[list[Ranking], float]:
    """The first documents of rankings in the reranker's order where that pays, and its median milliseconds there."""
    orders: list[Ranking] = []
    times = []
    for question, ranking in zip(tqdm(collection.questions, desc="rerank", disable=None), rankings, strict=True):
        rows = list(ranking)
        head = rows[: reranking.depth]
        if not reranking.pays([collection.documents[row].title for row in head], pieces=pieces):
            orders.append(ranking)
            continue
        passages = [f"{collection.documents[row].title}\n{collection.documents[row].text}" for row in head]
        started = time.perf_counter()
        order = reranking.order(question, passages, [ranking[row] for row in head])
        times.append(time.perf_counter() - started)
        ranked = [*(head[at] for at in order), *rows[len(head) :]]
        orders.append({row: 1.0 / rank for rank, row in enumerate(ranked, start=1)})
    return orders, round(float(np.median(times)) * 1000, 2) if times else 0.0


def _naming_figures(naming: Naming | None) -> Figures | None:
    if naming is None:
        return None
    failed = list(naming.failed[:KEPT])
    return {"n": naming.asked, "found_first": naming.found_first, "failed": failed}


def table(figures: Figures) -> str:
    """The figures as a Markdown table."""
    heads = ["方法", *METRICS, "recall@10 的 95% 区间", f"与 {figures['baseline']} 之比"]
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join(['---'] * len(heads))} |"]
    for name, found in figures["methods"].items():
        low, high = found["recall@10_interval"]
        cells = [name, *(f"{found[metric]:.4f}" for metric in METRICS), f"{low:.4f}–{high:.4f}", str(found["ratio"])]
        lines.append(f"| {' | '.join(cells)} |")
    lines.append(f"\n{figures['documents']} 篇文档({figures['pieces']} 段),{figures['questions']} 个问题。")
    naming = figures["naming_an_article"]
    if naming is not None:
        lines.append(f"点名条款(某法第几条):{naming['n']} 个问题,排在第一位 {naming['found_first']} 个。")
    return "\n".join(lines)
