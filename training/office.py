"""An adapter for an office: trained on its own questions and policies, from the adapter in use.

One fifth of the questions is kept apart and measured before and after, so that the office sees what it gained. The
result is one file for `POLICYQA_ADAPTER`, which replaces the shipped adapter and contains what that had learned.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import load_embeddings
from index.embed.source import find_model
from index.embed.unpack import ensure_bundled
from index.settings import Settings
from training.measure import Measured, measured
from training.mine import Mined, rows_with_negatives
from training.pack import mean_change, pack, read_weights, write_adapter
from training.pairs import Library, Pair
from training.questions import made_questions
from training.tune import Recipe, tune

if TYPE_CHECKING:
    from training.rows import Row

LEAST = 20
"""Fewest questions: with fewer, neither the training nor the measurement says anything."""
HELD = 5
"""One question of so many is kept for the measurement."""
MADE = 100
"""Questions made by program that are mixed in, so that the model keeps to the office's texts as a whole."""
RECIPE = Recipe(epochs=4, batch=16, negatives=2, learning_rate=5e-5, tokens=192, checkpoints=2)
NAME = "office"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training gave; times in seconds."""

    adapter: Path
    trained_on: int
    before: Measured
    after: Measured
    seconds: float


def train(
    pairs: Sequence[Pair], library: Library, *, settings: Settings, out: Path, recipe: Recipe = RECIPE
) -> Outcome:
    """Train, measure and write `out`/adapter.safetensors; a run that was stopped goes on.

    Raises:
        ValueError: there are too few questions, or `out` holds a training with other settings.
    """
    if len({pair.question for pair in pairs}) < LEAST:
        raise ValueError(
            f"至少要有 {LEAST} 个不同的问题,现在有 {len({pair.question for pair in pairs})} 个;100 个以上效果才可靠。"
        )
    started = time.monotonic()
    training, held = split(pairs)
    texts = [passage.text for passage in library.passages]
    questions, right = [pair.question for pair in held], [pair.right for pair in held]
    embeddings = load_embeddings(settings)
    before = measured(embeddings, questions, texts, right)
    rows = training_rows(training, library, settings)
    tuned = tune(rows, recipe, base=find_model(settings).folder, out=out)
    adapter = out / "adapter.safetensors"
    plain = ensure_bundled(settings.models_dir)
    packed = pack(mean_change(read_weights(plain.folder), [read_weights(tuned)]))
    card = {"questions": len(pairs), "held_out": len(held), "rows": len(rows), "explained": round(packed.explained, 4)}
    write_adapter(packed, adapter, name=NAME, base=plain.revision, card=card)
    after = measured(load_embeddings(settings.model_copy(update={"adapter": str(adapter)})), questions, texts, right)
    return Outcome(adapter, len(training), before, after, time.monotonic() - started)


def split(pairs: Sequence[Pair], *, seed: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on and pairs to measure on; a question is on one side only."""
    questions = sorted({pair.question for pair in pairs})
    random.Random(seed).shuffle(questions)
    held = set(questions[: max(1, len(questions) // HELD)])
    return [pair for pair in pairs if pair.question not in held], [pair for pair in pairs if pair.question in held]


def training_rows(pairs: Sequence[Pair], library: Library, settings: Settings) -> list[Row]:
    """Rows with hard negatives from the office's policies: its questions, and some made from its clauses."""
    texts = [passage.text for passage in library.passages]
    titles = [f"{passage.title}{passage.path}" for passage in library.passages]
    embeddings = load_embeddings(settings)
    mined = Mined.from_passages(titles, texts, embeddings.embed_passages(texts))
    asked = [(pair.question, pair.right) for pair in pairs]
    asked += [(question, (at,)) for at, question in made_questions(texts, seed=0, limit=MADE)]
    questions = [question for question, _ in asked]
    vectors = np.stack([embeddings.embed_question(text) for text in questions])
    relevant = [dict.fromkeys(right, 1) for _, right in asked]
    return list(rows_with_negatives(mined, questions, vectors, relevant))
