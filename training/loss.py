"""Losses over all texts of a batch, computed without padding to the longest one.

Contrastive, for the encoder: every question is set against all passages of its batch (van den Oord et al.,
"Representation learning with contrastive predictive coding", 2018); passages known to be right for a question are left
out of its denominator.
Listwise, for the reranker: the right passage of each question against its own wrong ones, each read together with it.
Texts are sorted by length and run in small groups: on a CPU the time goes with the tokens, padding included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from training.rows import Row

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TOKENS_PER_GROUP = 2048
TEMPERATURE = 0.03


class PackedContrastiveLoss(nn.Module):
    """A loss for the sentence-transformers trainer; labels are positions in `rows`.

    The columns of the data set are question, positive and the negatives named by `columns`.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        rows: Sequence[Row],
        columns: Sequence[Sequence[str]],
        *,
        temperature: float = TEMPERATURE,
    ) -> None:
        """`columns` holds the passages of each row as the data set shows them, the positive first."""
        super().__init__()
        self.model = model
        self._right = [
            frozenset((row.positive, *row.also, *shown[:1])) for row, shown in zip(rows, columns, strict=True)
        ]
        self._shown = columns
        self._temperature = temperature

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Mean loss of a batch of b rows; `labels` (b,)."""
        texts = [ids for features in sentence_features for ids in token_lists(features)]
        vectors = nn.functional.normalize(encoded(self.model, texts).float(), dim=1)
        size = len(labels)
        rows = labels.tolist()
        # Autocast would round cosines to bfloat16, which has three digits; the temperature multiplies the error.
        with torch.autocast("cpu", enabled=False):
            scores = vectors[:size] @ vectors[size:].T / self._temperature
            scores = scores.masked_fill(self._known(rows), float("-inf"))
            return nn.functional.cross_entropy(scores, torch.arange(size))

    def _known(self, rows: Sequence[int]) -> Tensor:
        """Mask (b, passages): right for the question, but not the one to be found."""
        width = len(self._shown[rows[0]])
        shown = [self._shown[row][column] for column in range(width) for row in rows]
        known = [
            [text in self._right[row] and at != own for at, text in enumerate(shown)] for own, row in enumerate(rows)
        ]
        return torch.tensor(known)


class PackedListwiseLoss(nn.Module):
    """A loss for the sentence-transformers trainer over a model that scores pairs; columns as above, labels unused."""

    def __init__(self, model: SentenceTransformer, *, tokens: int) -> None:
        """`tokens` is the length that a pair is cut to."""
        super().__init__()
        self.model = model
        self._tokens = tokens

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor) -> Tensor:
        """Mean loss of a batch of b rows, whose first passage is the right one."""
        questions, *passages = (list(token_lists(features)) for features in sentence_features)
        pairs = [
            joined(one, other, self._tokens)
            for column in passages
            for one, other in zip(questions, column, strict=True)
        ]
        scores = encoded(self.model, pairs).float().view(len(passages), len(questions)).T
        return nn.functional.cross_entropy(scores, torch.zeros(len(questions), dtype=torch.long))


def joined(question: Tensor, passage: Tensor, tokens: int) -> Tensor:
    """Tokens of a pair, `<s> question </s></s> passage </s>`, from those of both with their marks; the passage is cut
    where the pair is longer than `tokens`, the question at two fifths of them.
    """
    limit = tokens * 2 // 5
    end = question[-1:]
    head = torch.cat([question[:-1][: limit - 1], end, end])
    tail = passage[1:]
    room = tokens - len(head)
    return torch.cat([head, tail if len(tail) <= room else torch.cat([tail[: room - 1], end])])


def encoded(model: nn.Module, texts: Sequence[Tensor]) -> Tensor:
    """Sentence embeddings (n, d) of token lists, in their order; scores (n, 1) from a model that gives those."""
    found: list[Tensor] = []
    places: list[int] = []
    for group in groups([len(ids) for ids in texts]):
        padded = nn.utils.rnn.pad_sequence([texts[at] for at in group], batch_first=True, padding_value=1)
        mask = nn.utils.rnn.pad_sequence([torch.ones_like(texts[at]) for at in group], batch_first=True)
        found.append(model({"input_ids": padded, "attention_mask": mask})["sentence_embedding"])
        places += group
    return torch.cat(found)[torch.argsort(torch.tensor(places))]


def groups(lengths: Sequence[int], limit: int = TOKENS_PER_GROUP) -> Iterator[list[int]]:
    """Positions of `lengths`, short ones first, in groups of at most `limit` tokens with their padding."""
    group: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[at] > limit:
            yield group
            group = []
        group.append(at)
    if group:
        yield group


def token_lists(features: dict[str, Tensor]) -> Iterator[Tensor]:
    """The tokens of each text of a column, without padding."""
    for ids, mask in zip(features["input_ids"], features["attention_mask"], strict=True):
        yield ids[mask.bool()]
