"""Questions whose answering clauses are known: a clause that answered a question like the new one is likelier to answer
it, too.

People ask about few clauses in many ways: of the articles that answer a lay question on statutes, three fifths answer
another one of a thousand such questions. Beside the words and the meaning of the clauses themselves, a question is
therefore compared with questions asked before (document expansion with queries, as search engines do with clicks). A
file holds no question, only its vector, and fingerprints of the clauses' words; a clause whose words have changed
since is no longer known. Made by `python -m training known`; figures in docs/decisions.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from index.errors import ModelError
from index.parse.numerals import CN_NUMERAL
from rag.found import ClauseKey

if TYPE_CHECKING:
    from index.embed import FloatMatrix, ModelIdentity
    from index.store import IndexReader

SHIPPED = Path(__file__).parent / "data" / "known.safetensors"
OFF = "none"
FORMAT = "known-1"

APART = 0.15
"""Cosine above the mean one from which a known question counts: all questions on one subject are somewhat alike."""
SHARE = 0.5
"""Weight of the cosine above that, beside fused scores of 0..1. Both chosen on questions on statutes and on policies
that the model was not trained on."""

_DIGEST = 8
_SCALE = 127
_LABEL = re.compile(rf"^第(?:\d+|{CN_NUMERAL})条(?:之{CN_NUMERAL})?")
_REMEDY = "请用 python -m training known 重新生成,或设 POLICYQA_KNOWN=none 不用。"

K = TypeVar("K", bound=Hashable)


def fingerprint(text: str) -> bytes:
    """Digest of a clause's words, whatever its number, blanks and punctuation."""
    words = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
    return hashlib.blake2b(_LABEL.sub("", words).encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


@dataclass(frozen=True, slots=True)
class KnownQuestions:
    """Questions and the clauses that answer them.

    Attributes:
        vectors: of the questions, (m, d), unit length.
        answers: fingerprints of the clauses that answer each, (m,).
    """

    vectors: FloatMatrix
    answers: tuple[frozenset[bytes], ...]

    @classmethod
    def none(cls) -> KnownQuestions:
        """No questions."""
        return cls(np.empty((0, 0), dtype=np.float32), ())

    def __add__(self, other: KnownQuestions) -> KnownQuestions:
        """The questions of both."""
        return KnownQuestions(np.concatenate([self.vectors, other.vectors]), (*self.answers, *other.answers))

    def among(self, clauses: Iterable[tuple[K, str]]) -> Known[K]:
        """Those that clauses here answer; `clauses` are keys with texts."""
        wanted = frozenset().union(*self.answers) if self.answers else frozenset()
        here: dict[bytes, list[K]] = {}
        for key, text in clauses if wanted else ():
            mark = fingerprint(text)
            if mark in wanted:
                here.setdefault(mark, []).append(key)
        found = [(at, tuple(key for mark in own for key in here.get(mark, ()))) for at, own in enumerate(self.answers)]
        rows = [at for at, keys in found if keys]
        return Known(self.vectors[rows], tuple(keys for _, keys in found if keys))


@dataclass(frozen=True, slots=True)
class Known(Generic[K]):
    """Known questions, and the clauses here that answer each; see `KnownQuestions.among`."""

    vectors: FloatMatrix
    keys: tuple[tuple[K, ...], ...]

    def preferences(
        self, vector: npt.ArrayLike | None, *, apart: float = APART, share: float = SHARE
    ) -> dict[K, float]:
        """What is added to the fused scores (0..1) of clauses that answer questions like the one with vector (d,).

        A clause gets what the likest of its questions gives; clauses that get nothing are left out.
        """
        if vector is None or not self.keys:
            return {}
        cosines = self.vectors @ np.asarray(vector, dtype=np.float32)
        added: dict[K, float] = {}
        gains = share * (cosines - cosines.mean() - apart)
        for at in np.flatnonzero(gains > 0):
            for key in self.keys[at]:
                added[key] = max(added.get(key, 0.0), float(gains[at]))
        return added


class KnownHere:
    """The known questions of whatever index is asked, bound to its clauses once a generation. Thread-safe."""

    def __init__(self, questions: KnownQuestions) -> None:
        self.questions = questions
        self._bound: tuple[str, Known[ClauseKey]] | None = None
        self._lock = threading.Lock()

    def of(self, reader: IndexReader) -> Known[ClauseKey]:
        """Those that clauses of the whole index `reader` answer."""
        bound = self._bound
        if bound is None or bound[0] != reader.name:
            with self._lock:
                if self._bound is None or self._bound[0] != reader.name:
                    self._bound = (reader.name, self.questions.among(_texts(reader)))
                bound = self._bound
        return bound[1]


def _texts(reader: IndexReader) -> Iterable[tuple[ClauseKey, str]]:
    for policy_id in reader.facts():
        for clause in reader.clauses(policy_id):
            yield (policy_id, clause.path), clause.text


def load_known(setting: str, identity: ModelIdentity) -> KnownQuestions | None:
    """The known questions that `POLICYQA_KNOWN` asks for; None for "none", or where there are none for this model.

    The shipped ones are used where the model has the adapter that they were embedded with. A file is used beside them.

    Raises:
        ModelError: the file that is named does not exist, is none, or was made with another model.
    """
    wanted = setting.strip()
    if wanted.lower() == OFF:
        return None
    shipped = None
    if SHIPPED.is_file() and _model_of(SHIPPED) == _model(identity):
        shipped = read_known(SHIPPED, identity)
    if not wanted:
        return shipped
    own = read_known(Path(wanted).expanduser(), identity)
    return shipped + own if shipped is not None else own


def read_known(path: Path, identity: ModelIdentity) -> KnownQuestions:
    """The known questions in file `path`; errors as in `load_known`."""
    if _model_of(path) != _model(identity):
        raise ModelError(f"已知问法文件“{path.name}”是用另一个嵌入模型或适配器生成的,不能用。", _REMEDY)
    return _opened(path, _questions)


def write_known(known: KnownQuestions, path: Path, *, identity: ModelIdentity, card: Mapping[str, Any]) -> None:
    """Write a file; `card` says where the questions come from."""
    from safetensors.numpy import save_file

    marks = [mark for own in known.answers for mark in sorted(own)]
    tensors: dict[str, npt.NDArray[Any]] = {
        "vectors": np.rint(known.vectors * _SCALE).astype(np.int8),
        "counts": np.array([len(own) for own in known.answers], dtype=np.int32),
        "answers": np.frombuffer(b"".join(marks), dtype=np.uint8).reshape(-1, _DIGEST),
    }
    about = {"format": FORMAT, "model": _model(identity), "card": json.dumps(card, ensure_ascii=False)}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata=about)


def _model(identity: ModelIdentity) -> str:
    return f"{identity.revision}+{identity.adapter or OFF}"


def _model_of(path: Path) -> str:
    return _opened(path, lambda _, metadata: metadata.get("model", ""))


def _questions(tensors: Callable[[str], npt.NDArray[Any]], _: Mapping[str, str]) -> KnownQuestions:
    vectors = tensors("vectors").astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    marks = [row.tobytes() for row in tensors("answers")]
    ends = np.cumsum(tensors("counts"))
    answers = tuple(frozenset(marks[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True))
    return KnownQuestions(vectors / np.maximum(lengths, 1e-6), answers)


T = TypeVar("T")


def _opened(path: Path, take: Callable[[Callable[[str], npt.NDArray[Any]], Mapping[str, str]], T]) -> T:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelError(f"找不到已知问法文件“{path}”。", _REMEDY)
    try:
        with safe_open(path, framework="numpy") as stored:
            metadata = stored.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ModelError(f"文件“{path.name}”不是已知问法文件。", _REMEDY)
            return take(stored.get_tensor, metadata)
    except (OSError, SafetensorError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"已知问法文件“{path.name}”无法读取({type(error).__name__})。", _REMEDY) from error
