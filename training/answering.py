"""Training of the model that reads a clause with the question (`rag.answering`), on labelled questions about policies.

An example is a question with its likeliest clauses in the learned order (`rag.rank`). Its loss has two parts. Listwise,
over the learned order's scores with the model's added: the clauses that answer against the others, so that the model
learns what that order misses. And, for each of the likeliest by itself, whether it answers, for which a question that
no clause answers counts as much as one that is answered.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from eval.rows import STATUSES, Row, load_rows
from rag.answering import SPEAKS, Answering, logit, ordered, passage, probability, raised
from rag.compose.draft import ANSWERED, PARTIAL, REFUSED
from rag.judge import JUDGED, calibration, judge
from rag.rank import asked_of, rank_features, rank_weights
from training.labelled import Asked
from training.loss import encoded, joined, token_lists
from training.rank import is_expected
from training.tune import FINAL, Recipe, check_settings, columns, train, trainable
from training.variants import question_variant

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_EVERYDAY = Path(__file__).parent / "data" / "everyday.txt"
SHOWN = 8
"""Clauses of a question that are learned from."""
JUDGED_ALONE = 5
"""Likeliest clauses that are learned from by themselves, too."""
ALONE = 0.5
"""Weight of the second part of the loss."""
WRONG = 0.35
"""Weight of a clause that does not answer, beside the one that does."""
NEAREST = {PARTIAL: 3.0, REFUSED: 1.0}
"""Weight of the likeliest clause of a question that none answers: one on the subject, and one on something else."""
OTHERS = 80
"""Questions about other folders' documents that are asked over each folder, whose documents do not answer them."""
EVERYDAY = 60
"""Everyday questions that are asked over each folder (`training/data/everyday.txt`)."""
HELD_EVERY = 5
DOUBTED = 0.02
"""Share of the answered questions whose answer may pass for the nearest clause."""
RECIPE = Recipe(epochs=3, batch=8, learning_rate=6e-5, varied=0.1, tokens=160, layers=4, checkpoints=3)


@dataclass(frozen=True, slots=True)
class Example:
    """One question.

    Attributes:
        passages: likeliest clauses, the likeliest first.
        scores: of the learned order.
        judged: log odds that each is about what was asked, by `rag.judge`.
        right: which of them answer.
        status: that the answer should have.
    """

    question: str
    passages: tuple[str, ...]
    scores: tuple[float, ...]
    judged: tuple[float, ...]
    right: tuple[bool, ...]
    status: str

    @property
    def answered(self) -> bool:
        """Whether any clause answers."""
        return self.status == ANSWERED


def example_of(asked: Asked) -> Example | None:
    """A labelled question; None where it is answered by a clause that was not found."""
    items = asked.items[:JUDGED]
    question = asked.read.question
    answered = asked.row.status == ANSWERED
    scores = rank_weights().scores(rank_features(items, question, asked.subject, asked.read.lens.scale))
    scale, placed = asked.read.lens.scale, bool(asked.read.found.places)
    relevance = judge(items, question, asked.subject, scale, placed=placed)
    expected = [answered and is_expected(item, asked.row.clauses) for item in items]
    if answered and not any(expected):
        return None
    order = sorted(range(len(items)), key=lambda at: -scores[at])
    kept = order[:SHOWN]
    if answered and not any(expected[at] for at in kept):
        kept[-1] = next(at for at in order if expected[at])
    best = scores[order[0]]
    text = asked_of(question, items)
    return Example(
        text,
        tuple(passage(items[at], text) for at in kept),
        tuple(scores[at] - best for at in kept),
        tuple(logit(relevance[at].relevance) for at in kept),
        tuple(expected[at] for at in kept),
        asked.row.status,
    )


def others(own: Path, sets: Sequence[Path], *, seed: int) -> list[Row]:
    """Questions that the documents behind the set `own` do not answer.

    Those about the documents of the other sets, and everyday ones, which share words with any policy (世界杯冠军是谁).
    """
    chance = random.Random(f"{seed} {own.parent.name}")
    found = [row for path in sets if path != own for row in load_rows(path) if row.status == ANSWERED]
    drawn = [replace(row, status=REFUSED, clauses=()) for row in chance.sample(found, min(OTHERS, len(found)))]
    return [*drawn, *chance.sample(everyday(), EVERYDAY)]


def everyday(*, held: bool = False) -> list[Row]:
    """Everyday questions, which no policy answers: four fifths of them, or the rest, `held` for measuring."""
    lines = [line for line in _EVERYDAY.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [
        Row(f"everyday-{at}", "refuse", line, REFUSED)
        for at, line in enumerate(lines)
        if (at % HELD_EVERY == 0) == held
    ]


class PackedAnsweringLoss(nn.Module):
    """The loss over `examples`; labels are positions in them. Columns: the question, then its passages, "" for none."""

    def __init__(self, model: SentenceTransformer, examples: Sequence[Example], *, tokens: int) -> None:
        """`tokens` is the length that a pair is cut to."""
        super().__init__()
        self.model = model
        self._examples = examples
        self._tokens = tokens

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Mean loss of a batch of b questions; `labels` (b,)."""
        questions, *passages = (list(token_lists(features)) for features in sentence_features)
        examples = [self._examples[at] for at in labels.tolist()]
        pairs = [
            joined(question, passages[at][row], self._tokens)
            for row, (question, example) in enumerate(zip(questions, examples, strict=True))
            for at in range(len(example.passages))
        ]
        scores = torch.split(encoded(self.model, pairs)[:, 0].float(), [len(one.passages) for one in examples])
        return torch.stack([self._of(one, own) for one, own in zip(examples, scores, strict=True)]).mean()

    @staticmethod
    def _of(example: Example, scores: Tensor) -> Tensor:
        right = torch.tensor(example.right)
        loss = torch.zeros(())
        if right.any() and not right.all():
            together = torch.tensor(example.scores) + scores
            loss = torch.logsumexp(together, 0) - torch.logsumexp(together[right], 0)
        alone = slice(JUDGED_ALONE)
        weights = torch.where(right, torch.tensor(1.0), torch.tensor(WRONG if example.answered else 1.0))[alone]
        if not example.answered:
            weights[0] = NEAREST[example.status]
        each = nn.functional.binary_cross_entropy_with_logits(scores[alone], right[alone].float(), reduction="none")
        return loss + ALONE * (weights * each).sum()


def tune(examples: Sequence[Example], recipe: Recipe, *, base: Path, out: Path) -> Path:
    """Train the reranker in folder `base` further; returns `out`/final. A run that was stopped goes on.

    Raises:
        ValueError: there are no examples, or `out` holds a run with other settings.
    """
    if not examples:
        raise ValueError("没有训练数据。")
    check_settings(out, recipe, [one.question for one in examples])
    if (out / FINAL).is_dir():
        return out / FINAL
    model = trainable(base, recipe)
    shown = laid_out(examples, recipe)
    loss = PackedAnsweringLoss(model, shown, tokens=recipe.tokens)
    texts = [(*one.passages, *[""] * (SHOWN - len(one.passages))) for one in shown]
    names = [f"passage_{at}" for at in range(SHOWN)]
    train(model, loss, columns([one.question for one in shown], texts, names), recipe, out=out)
    return out / FINAL


def laid_out(examples: Sequence[Example], recipe: Recipe) -> list[Example]:
    """Every epoch's examples in the order of training, some questions in another spelling."""
    chance = random.Random(recipe.seed)
    shown = []
    for _ in range(recipe.epochs):
        for one in chance.sample(list(examples), len(examples)):
            question = question_variant(one.question, chance, share=recipe.varied)
            shown.append(replace(one, question=question))
    return shown


@dataclass(frozen=True, slots=True)
class Reading:
    """An example with the log odds of its likeliest clauses, by their position, as `rag.answering` reads them."""

    example: Example
    odds: Mapping[int, float]

    @property
    def first(self) -> int:
        """Position of the likeliest clause after reading."""
        return int(np.argmax(ordered(self.example.scores, self.odds)))


def readings(examples: Sequence[Example], answering: Answering) -> list[Reading]:
    """The examples as the program reads them."""
    return [Reading(one, answering.read_texts(one.question, one.passages, one.scores)) for one in examples]


def measure(found: Sequence[Reading]) -> Mapping[str, Any]:
    """What reading is worth.

    Returns:
        `first`: share of answered questions whose likeliest clause answers, by the learned order and with the clauses
        read; `silent`, `foreign`: areas under the curve of telling the questions that no clause answers, on the
        subject and on something else, from the answered ones, by the log odds of the likeliest clause.
    """
    from sklearn.metrics import roc_auc_score

    answered = [one for one in found if one.example.answered and not all(one.example.right)]
    before = [one.example.right[int(np.argmax(one.example.scores))] for one in answered]
    after = [one.example.right[one.first] for one in answered]

    def area(status: str) -> float | None:
        of = [one for one in found if one.example.status in (ANSWERED, status)]
        labels = [one.example.answered for one in of]
        if all(labels) or not any(labels):
            return None
        return round(float(roc_auc_score(labels, [one.odds[one.first] for one in of])), 4)

    return {
        "questions": len(found),
        "first": {"order": round(float(np.mean(before)), 4), "read": round(float(np.mean(after)), 4)},
        "silent": area(PARTIAL),
        "foreign": area(REFUSED),
    }


def calibrated(found: Sequence[Reading]) -> dict[str, Any]:
    """`rag/data/answering.json`: where an answer becomes the nearest clause, from questions that the model was not
    trained on, and what reading changes in refusing them.
    """
    told = np.array([one.odds[one.first] for one in found if one.example.answered])
    least = round(float(np.quantile(told, DOUBTED)), 4)
    silent = [one.odds[one.first] < least for one in found if one.example.status == PARTIAL]
    return {
        "doubtful": least,
        "silent_doubted": round(float(np.mean(silent)), 4),
        "refused": {status: _refused([one for one in found if one.example.status == status]) for status in STATUSES},
    }


def _refused(found: Sequence[Reading]) -> dict[str, float]:
    """Shares of questions that are refused, by the judge alone and with the clauses read."""
    least = logit(calibration().refuse_below)
    judged = [max(one.example.judged) < least for one in found]
    read = [
        all(
            logit(raised(probability(value), one.odds.get(at, SPEAKS))) < least
            for at, value in enumerate(one.example.judged)
        )
        for one in found
    ]
    return {
        "questions": len(found),
        "judged": round(float(np.mean(judged)), 4),
        "read": round(float(np.mean(read)), 4),
    }
