"""Training of the bundled encoder, and of a reranker from it, on the trainer of sentence-transformers.

Word embeddings, 82 % of the weights, are frozen: a few thousand questions cannot move 250,000 rows for the better.
There is no dropout (it keeps PyTorch from its fast attention on a CPU, and the runs are short). All epochs are laid
out as one data set in a drawn order, each with its own negatives and spellings, so that a run that was stopped goes
on at the same batch.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.offline import disable_telemetry
from training.rows import Row
from training.variants import passage_variant, question_variant

if TYPE_CHECKING:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainingArguments
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from torch import nn

logger = logging.getLogger(__name__)

SETTINGS_FILE = "settings.json"
FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings of a run; written beside its result.

    Attributes:
        negatives: hard negatives drawn for each row and epoch.
        tokens: passages and questions are cut there.
        varied: share of questions and of passages that are changed (see `training.variants`).
        per_question: rows of one question in one epoch, at most.
        checkpoints: kept on the way, for going on and for curves.
        layers: of the model that a reranker keeps; 0 trains the encoder.
    """

    epochs: int = 6
    batch: int = 32
    negatives: int = 2
    learning_rate: float = 1e-4
    warmup: float = 0.1
    temperature: float = 0.03
    tokens: int = 144
    varied: float = 0.15
    per_question: int = 4
    checkpoints: int = 6
    seed: int = 7
    layers: int = 0


RERANKER = Recipe(epochs=4, batch=12, negatives=7, learning_rate=1.5e-4, tokens=96, layers=4)
"""Settings of a reranker."""


@dataclass(frozen=True, slots=True)
class Epochs:
    """All epochs laid end to end: the row behind each example, its question and its passages, the right one first."""

    rows: tuple[Row, ...]
    questions: tuple[str, ...]
    passages: tuple[tuple[str, ...], ...]


def laid_out(rows: Sequence[Row], recipe: Recipe) -> Epochs:
    """Examples of every epoch in the order of training.

    Raises:
        ValueError: there is nothing to train on.
    """
    if not rows:
        raise ValueError("没有训练数据。")
    chance = random.Random(recipe.seed)
    pool = [row.positive for row in rows]
    kept: list[Row] = []
    questions: list[str] = []
    passages: list[tuple[str, ...]] = []
    for _ in range(recipe.epochs):
        for row in _epoch(rows, recipe, chance):
            kept.append(row)
            questions.append(question_variant(row.question, chance, share=recipe.varied))
            shown = (row.positive, *_negatives(row, pool, recipe.negatives, chance))
            bare = chance.random() < recipe.varied
            passages.append(tuple(passage_variant(text) if bare else text for text in shown))
    return Epochs(tuple(kept), tuple(questions), tuple(passages))


def _epoch(rows: Sequence[Row], recipe: Recipe, chance: random.Random) -> list[Row]:
    """The rows in a new order, at most so many of one question."""
    shuffled = chance.sample(list(rows), len(rows))
    seen: dict[str, int] = {}
    chosen = []
    for row in shuffled:
        seen[row.question] = seen.get(row.question, 0) + 1
        if seen[row.question] <= recipe.per_question:
            chosen.append(row)
    return chosen


def _negatives(row: Row, pool: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """`count` of the row's negatives, filled up with passages of other rows."""
    drawn = chance.sample(row.negatives, min(count, len(row.negatives)))
    while len(drawn) < count:
        other = chance.choice(pool)
        if other != row.positive and other not in row.also:
            drawn.append(other)
        elif len(set(pool)) <= 1 + len(row.also):
            drawn.append(row.positive)
    return drawn


def tune(rows: Sequence[Row], recipe: Recipe, *, base: Path, out: Path) -> Path:
    """Train the model in folder `base`; returns the folder of the tuned one, `out`/final.

    A recipe with `layers` makes a reranker of it, one without trains the encoder. A run that was stopped goes on from
    its last checkpoint in `out`; a finished one returns at once.

    Raises:
        ValueError: `out` holds a run with other settings.
    """
    final = out / FINAL
    check_settings(out, recipe, [row.question for row in rows])
    if final.is_dir():
        return final
    model = trainable(base, recipe)
    from training.loss import PackedContrastiveLoss, PackedListwiseLoss

    epochs = laid_out(rows, recipe)
    loss: nn.Module
    if recipe.layers:
        model = scoring(model, recipe.layers)
        loss = PackedListwiseLoss(model, tokens=recipe.tokens)
    else:
        loss = PackedContrastiveLoss(model, epochs.rows, epochs.passages, temperature=recipe.temperature)
    passages = ["positive", *(f"negative_{at}" for at in range(1, recipe.negatives + 1))]
    train(model, loss, columns(epochs.questions, epochs.passages, passages), recipe, out=out)
    return final


def trainable(base: Path, recipe: Recipe) -> SentenceTransformer:
    """The model in folder `base`, seeded, without dropout, its word embeddings frozen."""
    disable_telemetry()
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    # The trainer tells the loss; what the libraries say beside that is of no use here.
    said: Any = transformers.utils.logging
    said.set_verbosity_error()
    torch.manual_seed(recipe.seed)
    model = SentenceTransformer(
        str(base),
        device="cpu",
        config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    )
    model.max_seq_length = recipe.tokens
    model[0].auto_model.get_input_embeddings().weight.requires_grad_(False)
    return model


def train(
    model: SentenceTransformer, loss: nn.Module, examples: Mapping[str, Any], recipe: Recipe, *, out: Path
) -> None:
    """Train on `examples` (see `columns`) in their order, from the last checkpoint in `out`; save the model there."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer

    steps = max(1, len(examples["label"]) // recipe.batch)
    passages = [name for name in examples if name not in ("anchor", "label")]
    trainer = SentenceTransformerTrainer(
        model=model,
        args=_arguments(recipe, out, steps=steps, passages=passages),
        train_dataset=Dataset.from_dict(dict(examples)),
        loss=loss,
    )
    trainer.train(resume_from_checkpoint=_last_checkpoint(out))
    _finish(model, out)


def scoring(model: SentenceTransformer, layers: int) -> SentenceTransformer:
    """A reranker: the first `layers` layers of `model`, and two dense layers that make a score of the mean token."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense

    network = model[0].auto_model
    network.encoder.layer = network.encoder.layer[:layers]
    network.config.num_hidden_layers = layers
    width = int(network.config.hidden_size)
    inner = Dense(width, width, activation_function=torch.nn.Tanh())
    outer = Dense(width, 1, activation_function=torch.nn.Identity())
    torch.nn.init.eye_(inner.linear.weight)
    torch.nn.init.normal_(outer.linear.weight, std=0.02)
    for one in (inner, outer):
        torch.nn.init.zeros_(one.linear.bias)
    scorer = SentenceTransformer(modules=[model[0], model[1], inner, outer], device="cpu")
    scorer.max_seq_length = model.max_seq_length
    return scorer


def checkpoints(out: Path) -> list[Path]:
    """Folders of the checkpoints that a run left, first one first; those that a kill left unfinished are not told."""
    found = [path for path in out.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
    return sorted(found, key=lambda path: int(path.name.rpartition("-")[2]))


def _last_checkpoint(out: Path) -> str | None:
    found = checkpoints(out)
    return str(found[-1]) if found else None


def check_settings(out: Path, recipe: Recipe, questions: Sequence[str]) -> None:
    """Write the settings of a run, or make sure that they are those of the run that is there."""
    out.mkdir(parents=True, exist_ok=True)
    settings = {**asdict(recipe), "rows": len(questions), "questions": len(set(questions))}
    path = out / SETTINGS_FILE
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != settings:
        raise ValueError(f"文件夹 {out} 里是另一组设置的训练,请换一个 --out,或删除该文件夹。")
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def columns(questions: Sequence[str], passages: Sequence[Sequence[str]], names: Sequence[str]) -> dict[str, Any]:
    """A data set: the question, as many passages as there are `names`, and the number of the example as its label."""
    shown = {name: list(texts) for name, texts in zip(names, zip(*passages, strict=True), strict=True)}
    return {"anchor": list(questions), **shown, "label": list(range(len(questions)))}


def in_order(dataset: Dataset, **options: object) -> DefaultBatchSampler:
    """Batches in the order of the data set, which is drawn already; of the module, so that it can be saved by name."""
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from torch.utils.data import SequentialSampler

    sampler: DefaultBatchSampler = DefaultBatchSampler(SequentialSampler(dataset), **options)
    return sampler


def _arguments(
    recipe: Recipe, out: Path, *, steps: int, passages: Sequence[str]
) -> SentenceTransformerTrainingArguments:
    from sentence_transformers import SentenceTransformerTrainingArguments

    return SentenceTransformerTrainingArguments(
        output_dir=str(out),
        num_train_epochs=1,
        per_device_train_batch_size=recipe.batch,
        dataloader_drop_last=steps > 1,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=max(1, round(steps * recipe.warmup)),
        weight_decay=0.01,
        max_grad_norm=1.0,
        bf16=pays_in_bfloat16(),
        use_cpu=True,
        batch_sampler=in_order,
        prompts={"anchor": "query: ", **dict.fromkeys(passages, "passage: ")},
        logging_steps=10,
        save_strategy="steps",
        save_steps=max(1, steps // recipe.checkpoints),
        save_total_limit=recipe.checkpoints + 1,
        report_to="none",
        seed=recipe.seed,
        disable_tqdm=None,
    )


def pays_in_bfloat16() -> bool:
    """Whether this processor multiplies faster in bfloat16 than in float32.

    Asked by trying, a few milliseconds: of those without instructions for it some are as fast, and some fifty times
    slower, so that a run of half an hour would take days.
    """
    import torch

    took = {}
    for kind in (torch.float32, torch.bfloat16):
        one, other = torch.ones(256, 384, dtype=kind), torch.ones(384, 384, dtype=kind)
        one @ other
        start = time.perf_counter()
        for _ in range(3):
            one @ other
        took[kind] = time.perf_counter() - start
    return took[torch.bfloat16] < took[torch.float32]


def _finish(model: SentenceTransformer, out: Path) -> None:
    """Save the tuned model as a whole or not at all."""
    model.save(str(out / f".{FINAL}"))
    (out / f".{FINAL}").replace(out / FINAL)
    logger.info("训练完成:%s", out / FINAL)
