"""Does a clause answer the question? A small cross-encoder reads both together.

Searching compares texts that were embedded apart: a clause on the same subject looks as near as the one that answers.
The model (`index/embed/data/answering.safetensors`, four layers) was trained on labelled questions about policies, a
fifth of which no clause answers, to tell two things (see docs/training.md): which of the likeliest clauses answers, and
whether any does. It reads few clauses, those between which `rag.rank` is undecided, since each takes some three
milliseconds.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from index.embed import scorer
from rag.found import RetrievedClause
from rag.rerank import BundledReranker, Reranker
from rag.terms import read_words

SHIPPED = Path(scorer.__file__).parent / "data" / "answering.safetensors"
NAME = "policy-answering"
OFF = "none"

READ = 4
"""Most clauses of a question that are read."""
LIKELY = 2.0
"""How far behind the likeliest clause, as a logarithm, another one may be and still be read."""
CLOSE = 1.0
"""How far behind another one may be and still be put first by reading."""
SHARE = 1.0
"""Weight of the log odds beside those of the learned order, which they were trained on top of."""
SPEAKS = -3.5
"""Log odds from which on reading speaks for a clause's being about what was asked."""
FARTHEST = -4.0
"""Log odds by `rag.judge` under which a clause shares nothing with the question, and reading alone is not believed:
it takes 红烧肉怎么做 for a question on how an industry is to be improved."""
QUESTION = 60
"""Characters of a question that are read."""
WINDOW = 150
"""Characters of a clause that are read: with title and question some 160 tokens, what the model was trained on."""
SHORT = 110
"""Characters read of clauses that the judge is sure of; what is read decides between them then, and not on refusing."""
_SENTENCE = re.compile(r"[^。；;\n]*[。；;\n]|[^。；;\n]+")
_KEPT = 128
"""Pairs of question and clause whose log odds are kept: an answer comes back to the same ones."""


class Answering:
    """Log odds that clauses answer a question. Thread-safe."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()

    @classmethod
    def shipped(cls, models_dir: Path, setting: str = "") -> Answering | None:
        """The bundled model, loaded with the first question; None where `setting` is "none" or there is no file."""
        if setting.strip().lower() == OFF or not SHIPPED.is_file():
            return None
        return cls(BundledReranker(models_dir, SHIPPED))

    def log_odds(self, question: str, texts: Sequence[str], shorter: Sequence[str] | None = None) -> list[float]:
        """Log odds that each text (see `passage`) answers `question`; `SPEAKS`, which says nothing, for unknown.

        Of a long question, the end is read: people tell their story first. Where `shorter` is given, those are read in
        place of `texts`, and known as what these say.
        """
        question = question[-QUESTION:]
        words = dict(zip(texts, shorter or texts, strict=True))
        with self._lock:
            told = {text: self._known[question, text] for text in texts if (question, text) in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in told]
        read = self._reranker.scores(question, [words[text] for text in new]) if new else ()
        told |= {text: float(odds) if math.isfinite(odds) else SPEAKS for text, odds in zip(new, read, strict=True)}
        with self._lock:
            for text in texts:
                self._known[question, text] = told[text]
                self._known.move_to_end((question, text))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return [told[text] for text in texts]

    def forget(self) -> None:
        """Read everything anew: for measuring."""
        with self._lock:
            self._known.clear()

    def read(
        self, question: str, items: Sequence[RetrievedClause], scores: Sequence[float], *, sure: bool = False
    ) -> dict[int, float]:
        """Log odds of the likeliest candidates, by their position.

        Args:
            question: what is asked.
            items: candidates.
            scores: theirs in a learned order, as logarithms; higher is likelier.
            sure: whether one of them is about the question in any case, so that less of each is read.
        """
        chosen = likeliest(scores)
        texts = [passage(items[at], question) for at in chosen]
        shorter = [passage(items[at], question, SHORT) for at in chosen] if sure else None
        return dict(zip(chosen, self.log_odds(question, texts, shorter), strict=True))

    def read_texts(self, question: str, texts: Sequence[str], scores: Sequence[float]) -> dict[int, float]:
        """See `read`, of clauses as `passage` gives them."""
        chosen = likeliest(scores)
        return dict(zip(chosen, self.log_odds(question, [texts[at] for at in chosen]), strict=True))


def likeliest(scores: Sequence[float]) -> list[int]:
    """Positions of the candidates that are read, the likeliest first."""
    best = max(scores, default=0.0)
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    return [at for at in order[:READ] if scores[at] >= best - LIKELY]


def ordered(scores: Sequence[float], odds: Mapping[int, float]) -> list[float]:
    """`scores` of a learned order with the log odds of those that are close added; the others stay behind."""
    best = max(scores, default=0.0)
    close = {at: value for at, value in odds.items() if scores[at] >= best - CLOSE}
    least = min(close.values(), default=0.0)
    return [score + SHARE * (close.get(at, least) - least) for at, score in enumerate(scores)]


def raised(judged: float, odds: float) -> float:
    """The probability (0..1) that a clause is about what was asked, by `rag.judge`, raised by what reading says.

    Log odds under `SPEAKS` leave it as it is: they are low on the subject, too, where the text does not say what is
    asked, and for everyday questions they are seldom higher.
    """
    known = logit(judged)
    return judged if known < FARTHEST else probability(known + max(0.0, odds - SPEAKS))


@lru_cache(maxsize=1)
def doubtful() -> float:
    """Log odds under which what is told is the nearest clause only; fitted by `python -m training answering`."""
    return float(json.loads(read_words("answering.json"))["doubtful"])


def passage(item: RetrievedClause, question: str, limit: int = WINDOW) -> str:
    """A clause as it is read: behind its title and headings; of a long one, the part nearest to `question`."""
    return told(item, window(item.clause.text, question, limit))


def told(item: RetrievedClause, words: str) -> str:
    """Words of a clause as they are read: behind its title and headings."""
    return f"{item.context}\n{words}"


def window(text: str, question: str, limit: int = WINDOW) -> str:
    """The part of a text, whole sentences of at most about `limit` characters, that shares most with a question.

    The sentence with the most pairs of characters in common, rare ones counting more, and its neighbours.
    """
    if len(text) <= limit:
        return text
    sentences = _SENTENCE.findall(text)
    asked = _pairs(question)
    own = [_pairs(sentence) & asked for sentence in sentences]
    spread = Counter(pair for pairs in own for pair in pairs)
    worth = [sum(1 / spread[pair] for pair in pairs) for pairs in own]
    first = last = max(range(len(sentences)), key=lambda at: worth[at])
    while True:
        size = sum(map(len, sentences[first : last + 1]))
        right = last + 1 < len(sentences) and size + len(sentences[last + 1]) <= limit
        left = first > 0 and size + len(sentences[first - 1]) <= limit
        if not right and not left:
            return "".join(sentences[first : last + 1])
        if right and (not left or worth[last + 1] >= worth[first - 1]):
            last += 1
        else:
            first -= 1


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def probability(odds: float) -> float:
    """Log odds as a probability (0..1)."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, odds))))


def logit(share: float) -> float:
    """A probability (0..1) as log odds, at most 14 either way."""
    inner = min(1 - 1e-6, max(1e-6, share))
    return math.log(inner / (1 - inner))
